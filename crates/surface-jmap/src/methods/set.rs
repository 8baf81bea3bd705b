//! What every `/set` has in common (RFC 8620 §5.3).

use crate::{
    desk::Desk,
    error::{MethodError, SetError},
    limits::MOST_SET,
    methods::arguments::Common,
};
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// The arguments.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Set {
    pub(crate) account_id: String,
    #[serde(default)]
    pub(crate) if_in_state: Option<String>,
    #[serde(default)]
    pub(crate) create: Option<Map<String, Value>>,
    #[serde(default)]
    pub(crate) update: Option<Map<String, Value>>,
    #[serde(default)]
    pub(crate) destroy: Option<Vec<String>>,
}

impl Common for Set {
    const NAMES: &'static [&'static str] = &["accountId", "ifInState", "create", "update", "destroy"];
}

impl Set {
    /// Whether it is within bounds, and of this state.
    pub(crate) fn check(&self, state: &str) -> Result<(), MethodError> {
        let counts = [
            self.create.as_ref().map_or(0, Map::len),
            self.update.as_ref().map_or(0, Map::len),
            self.destroy.as_ref().map_or(0, Vec::len),
        ];
        if counts.into_iter().fold(0, usize::saturating_add) > MOST_SET {
            return Err(MethodError::new("requestTooLarge"));
        }
        if self.if_in_state.as_deref().is_some_and(|wanted| wanted != state) {
            return Err(MethodError::new("stateMismatch"));
        }
        Ok(())
    }
}

/// The arguments of a `/copy` (RFC 8620 §5.4).
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Copying {
    pub(crate) from_account_id: String,
    #[serde(default)]
    if_from_in_state: Option<String>,
    pub(crate) account_id: String,
    #[serde(default)]
    if_in_state: Option<String>,
    pub(crate) create: Map<String, Value>,
    #[serde(default)]
    on_success_destroy_original: bool,
    #[serde(default)]
    destroy_from_if_in_state: Option<String>,
}

impl Copying {
    /// Whether it is within bounds.
    pub(crate) fn check_count(&self) -> Result<(), MethodError> {
        if self.create.len() > MOST_SET { Err(MethodError::new("requestTooLarge")) } else { Ok(()) }
    }

    /// Whether both accounts are in the states that were meant.
    pub(crate) fn check(&self, from_state: &str, state: &str) -> Result<(), MethodError> {
        let is_other = |wanted: &Option<String>, state: &str| wanted.as_deref().is_some_and(|wanted| wanted != state);
        if is_other(&self.if_in_state, state) || is_other(&self.if_from_in_state, from_state) {
            return Err(MethodError::new("stateMismatch"));
        }
        Ok(())
    }

    /// The arguments of the `/set` that follows and destroys the originals, where that is asked for.
    pub(crate) fn destroying(&self, originals: &[String]) -> Option<Map<String, Value>> {
        let destroy = json!({
            "accountId": self.from_account_id, "ifInState": self.destroy_from_if_in_state, "destroy": originals,
        });
        let is_wanted = self.on_success_destroy_original && !originals.is_empty();
        destroy.as_object().filter(|_| is_wanted).cloned()
    }
}

/// What became of each object.
#[derive(Debug, Default)]
pub(crate) struct Done {
    created: Map<String, Value>,
    updated: Map<String, Value>,
    destroyed: Vec<String>,
    not_created: Map<String, Value>,
    not_updated: Map<String, Value>,
    not_destroyed: Map<String, Value>,
}

impl Done {
    /// One was made, and has this id.
    pub(crate) fn created(&mut self, desk: &mut Desk<'_>, name: &str, id: String, value: Value) {
        desk.created.insert(name.to_owned(), id);
        self.created.insert(name.to_owned(), value);
    }

    pub(crate) fn not_created(&mut self, desk: &Desk<'_>, name: &str, error: &SetError) {
        self.not_created.insert(name.to_owned(), error.value(desk.request));
    }

    /// Whether all that was asked for was done.
    pub(crate) fn is_whole(&self) -> bool {
        [&self.not_created, &self.not_updated, &self.not_destroyed].into_iter().all(Map::is_empty)
    }

    /// One was changed; what else of it changed that the client does not know.
    pub(crate) fn updated(&mut self, id: String, more: Value) {
        self.updated.insert(id, more);
    }

    pub(crate) fn not_updated(&mut self, desk: &Desk<'_>, id: &str, error: &SetError) {
        self.not_updated.insert(id.to_owned(), error.value(desk.request));
    }

    pub(crate) fn destroyed(&mut self, id: String) {
        self.destroyed.push(id);
    }

    pub(crate) fn not_destroyed(&mut self, desk: &Desk<'_>, id: &str, error: &SetError) {
        self.not_destroyed.insert(id.to_owned(), error.value(desk.request));
    }

    /// The answer where nothing but making was asked for: of an import.
    pub(crate) fn made(self, account: &str, old_state: &str, new_state: &str) -> Value {
        let mut answer = self.answer(account, old_state, new_state);
        if let Some(answer) = answer.as_object_mut() {
            answer.retain(|name, _| !matches!(&**name, "updated" | "destroyed" | "notUpdated" | "notDestroyed"));
        }
        answer
    }

    /// The same of copies (RFC 8620 §5.4).
    pub(crate) fn copied(self, from: &str, account: &str, old_state: &str, new_state: &str) -> Value {
        let mut answer = self.made(account, old_state, new_state);
        if let Some(answer) = answer.as_object_mut() {
            answer.insert("fromAccountId".to_owned(), json!(from));
        }
        answer
    }

    /// The answer.
    pub(crate) fn answer(self, account: &str, old_state: &str, new_state: &str) -> Value {
        let Self { created, updated, destroyed, not_created, not_updated, not_destroyed } = self;
        let some = |map: Map<String, Value>| (!map.is_empty()).then_some(map);
        json!({
            "accountId": account,
            "oldState": old_state,
            "newState": new_state,
            "created": some(created),
            "updated": some(updated),
            "destroyed": (!destroyed.is_empty()).then_some(destroyed),
            "notCreated": some(not_created),
            "notUpdated": some(not_updated),
            "notDestroyed": some(not_destroyed),
        })
    }
}
