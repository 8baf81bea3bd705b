//! With whom a mailbox is shared (RFC 9670 §4.3, in the names of draft-ietf-jmap-mail-sharing): the grants of the gate on it, the same
//! that SETACL writes. What is granted on a mailbox holds for those below it, and is told there alone.

use crate::{desk::Desk, error::SetError, methods::principal};
use passerelle_core::{Authorized, Error, Manage, Result as CoreResult, ports::state::Granted};
use passerelle_model::{Grant, Grantee, MailboxRef, Rights};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What each of JMAP's rights is here. Those that are the same here are given together.
const RIGHTS: [(&str, Rights); 9] = [
    ("mayReadItems", Rights::READ),
    ("mayAddItems", Rights::ADD),
    ("mayRemoveItems", Rights::REMOVE),
    ("maySetSeen", Rights::EDIT),
    ("maySetKeywords", Rights::EDIT),
    ("mayCreateChild", Rights::MANAGE),
    ("mayRename", Rights::MANAGE),
    ("mayDelete", Rights::MANAGE),
    ("mayShare", Rights::MANAGE),
];
/// The one that nobody is given with a mailbox.
const SUBMIT: &str = "maySubmit";

/// Rights as a client reads them.
fn told(held: Rights) -> Map<String, Value> {
    let all = RIGHTS.iter().map(|(name, right)| ((*name).to_owned(), json!(held.contains(*right))));
    all.chain(std::iter::once((SUBMIT.to_owned(), json!(false)))).collect()
}

/// Rights as a client says them.
fn read(said: &Map<String, Value>) -> Result<Rights, SetError> {
    let wrong = |why: &str| SetError::properties(&["shareWith"], why);
    let mut held = Rights::NONE;
    for (name, value) in said {
        let wanted = value.as_bool().ok_or_else(|| wrong("a right is true or false"))?;
        let known = RIGHTS.iter().find(|(known, _)| known == name);
        match (known, wanted) {
            (Some((_, right)), true) => held = held.union(*right),
            (None, true) if name == SUBMIT => return Err(wrong("nobody sends in the name of a mailbox")),
            (None, _) if name != SUBMIT => return Err(wrong("there is no such right")),
            (Some(_) | None, _) => {}
        }
    }
    // What goes together cannot be given apart: who may rename, may all else.
    let meant = told(held);
    let is_so = meant.iter().all(|(name, value)| said.get(name).and_then(Value::as_bool).unwrap_or(false) == *value);
    if is_so { Ok(held) } else { Err(wrong(&format!("these rights go together here: {}", Value::Object(meant)))) }
}

/// A change of who has what.
#[derive(Debug, Clone, Default)]
pub(super) struct Change {
    /// These and nobody else.
    all: Option<Map<String, Value>>,
    /// Of single ones: all rights, or none.
    each: BTreeMap<String, Value>,
    /// Single rights of single ones.
    rights: BTreeMap<String, Map<String, Value>>,
}

impl Change {
    /// Takes what a patch says of it (RFC 8620 §5.3); `false` for what is of something else.
    pub(super) fn take(&mut self, path: &str, value: &Value) -> Result<bool, SetError> {
        let mut words = path.split('/');
        if words.next() != Some("shareWith") {
            return Ok(false);
        }
        match (words.next(), words.next(), words.next()) {
            (None, ..) => {
                let all = if value.is_null() { Some(Map::new()) } else { value.as_object().cloned() };
                self.all = Some(all.ok_or_else(|| SetError::new("invalidPatch"))?);
            }
            (Some(who), None, _) => drop(self.each.insert(who.to_owned(), value.clone())),
            (Some(who), Some(right), None) => {
                self.rights.entry(who.to_owned()).or_default().insert(right.to_owned(), value.clone());
            }
            (Some(_), Some(_), Some(_)) => return Err(SetError::new("invalidPatch")),
        }
        Ok(true)
    }

    fn is_none(&self) -> bool {
        self.all.is_none() && self.each.is_empty() && self.rights.is_empty()
    }

    /// Who is to have what, where these have something now; whoever is to have nothing has no rights.
    fn wanted(&self, had: &BTreeMap<Grantee, Rights>) -> Result<BTreeMap<Grantee, Rights>, SetError> {
        let meant = |id: &String| {
            let nobody = || SetError::properties(&["shareWith"], "there is no such principal");
            principal::meant(id).ok_or_else(nobody)
        };
        let rights = |value: &Value| match value {
            Value::Null => Ok(Rights::NONE),
            value => read(value.as_object().ok_or_else(|| SetError::new("invalidPatch"))?),
        };
        if self.all.is_some() && !(self.each.is_empty() && self.rights.is_empty()) {
            return Err(SetError::new("invalidPatch"));
        }
        let mut wanted = BTreeMap::new();
        if let Some(all) = &self.all {
            // Whoever reaches it by a link was told to nobody here.
            let others = had.keys().filter(|to| principal::id_of(to).is_some());
            wanted.extend(others.map(|to| (to.clone(), Rights::NONE)));
            for (id, value) in all {
                wanted.insert(meant(id)?, rights(value)?);
            }
        }
        for (id, value) in &self.each {
            wanted.insert(meant(id)?, rights(value)?);
        }
        for (id, changes) in &self.rights {
            let to = meant(id)?;
            let Some(before) = had.get(&to).filter(|_| !wanted.contains_key(&to)) else {
                return Err(SetError::new("invalidPatch"));
            };
            let mut said = told(*before);
            said.extend(changes.iter().map(|(name, value)| (name.clone(), value.clone())));
            wanted.insert(to, read(&said)?);
        }
        Ok(wanted)
    }

    /// Puts it in force.
    pub(super) async fn apply(&self, desk: &mut Desk<'_>, name: &str) -> Result<(), SetError> {
        if self.is_none() {
            return Ok(());
        }
        let handle = desk.handle::<Manage>(name).await?;
        let grants = on(&handle).await?;
        let had = grants.iter().map(|it| (it.grant.to.clone(), it.grant.rights)).collect();
        let wanted = self.wanted(&had)?;
        for (to, rights) in wanted {
            let until = grants.iter().find(|it| it.grant.to == to).and_then(|it| it.grant.until);
            let outcome = if rights.is_empty() {
                handle.unshare(&to).await.map(drop)
            } else {
                handle.share(&Grant { to, rights, until }).await
            };
            outcome.map_err(SetError::from).map_err(SetError::partly)?;
        }
        Ok(())
    }
}

/// The grants on a mailbox itself.
async fn on(handle: &Authorized<MailboxRef, Manage>) -> CoreResult<Vec<Granted>> {
    let target = handle.target().target();
    let mut grants = handle.grants().await?;
    grants.retain(|it| it.target == target);
    Ok(grants)
}

/// `shareWith`: who has which rights on a mailbox; null for who does not manage it.
pub(super) async fn share_with(desk: &mut Desk<'_>, name: &str) -> CoreResult<Value> {
    let handle = match desk.handle::<Manage>(name).await {
        Ok(handle) => handle,
        Err(Error::Forbidden | Error::NotFound) => return Ok(Value::Null),
        Err(error) => return Err(error),
    };
    let grants = on(&handle).await?;
    let all: Map<String, Value> = grants
        .iter()
        .filter_map(|it| Some((principal::id_of(&it.grant.to)?, Value::Object(told(it.grant.rights)))))
        .collect();
    Ok(if all.is_empty() { Value::Null } else { Value::Object(all) })
}
