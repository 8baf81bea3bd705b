//! `shareWith` (RFC 9670 §4.3): the grants of the gate on something, in the words that a type of JMAP has for rights.

use crate::{error::SetError, methods::principal};
use passerelle_core::{Authorized, Manage, Result as CoreResult, Session, Shareable};
use passerelle_model::{Grant, Grantee, Rights};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What each of a type's rights is here. Those that are the same here are given together; those that are none nobody is given.
pub(crate) type Words = &'static [(&'static str, Option<Rights>)];

/// Rights as a client reads them.
pub(crate) fn told(words: Words, held: Rights) -> Map<String, Value> {
    words.iter().map(|(name, right)| ((*name).to_owned(), json!(right.is_some_and(|it| held.contains(it))))).collect()
}

/// Rights as a client says them.
fn read(words: Words, said: &Map<String, Value>) -> Result<Rights, SetError> {
    let wrong = |why: &str| SetError::properties(&["shareWith"], why);
    let mut held = Rights::NONE;
    for (name, value) in said {
        let wanted = value.as_bool().ok_or_else(|| wrong("a right is true or false"))?;
        let (_, known) =
            words.iter().find(|(known, _)| known == name).ok_or_else(|| wrong("there is no such right"))?;
        match (known, wanted) {
            (Some(right), true) => held = held.union(*right),
            (None, true) => return Err(wrong(&format!("nobody is given {name} here"))),
            (Some(_) | None, false) => {}
        }
    }
    // What goes together cannot be given apart: who may rename, may all else.
    let meant = told(words, held);
    let is_so = meant.iter().all(|(name, value)| said.get(name).and_then(Value::as_bool).unwrap_or(false) == *value);
    if is_so { Ok(held) } else { Err(wrong(&format!("these rights go together here: {}", Value::Object(meant)))) }
}

/// A change of who has what.
#[derive(Debug, Clone, Default)]
pub(crate) struct Change {
    /// These and nobody else.
    all: Option<Map<String, Value>>,
    /// Of single ones: all rights, or none.
    each: BTreeMap<String, Value>,
    /// Single rights of single ones.
    rights: BTreeMap<String, Map<String, Value>>,
}

impl Change {
    /// Takes what a patch says of it (RFC 8620 §5.3); `false` for what is of something else.
    pub(crate) fn take(&mut self, path: &str, value: &Value) -> Result<bool, SetError> {
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

    pub(crate) fn is_none(&self) -> bool {
        self.all.is_none() && self.each.is_empty() && self.rights.is_empty()
    }

    /// Who is to have what, where these have something now; whoever is to have nothing has no rights.
    fn wanted(&self, words: Words, had: &BTreeMap<Grantee, Rights>) -> Result<BTreeMap<Grantee, Rights>, SetError> {
        let meant = |id: &String| {
            let nobody = || SetError::properties(&["shareWith"], "there is no such principal");
            principal::meant(id).ok_or_else(nobody)
        };
        let rights = |value: &Value| match value {
            Value::Null => Ok(Rights::NONE),
            value => read(words, value.as_object().ok_or_else(|| SetError::new("invalidPatch"))?),
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
            let mut said = told(words, *before);
            said.extend(changes.iter().map(|(name, value)| (name.clone(), value.clone())));
            wanted.insert(to, read(words, &said)?);
        }
        Ok(wanted)
    }

    /// What it comes to for something, before anything is done with that: whom it means, which rights, and that they may have them.
    /// `is_own` says that it is of whoever asks.
    pub(crate) async fn resolve<T: Shareable>(
        &self,
        session: &Session,
        words: Words,
        handle: &Authorized<T, Manage>,
        is_own: bool,
    ) -> Result<Wanted, SetError> {
        if self.is_none() {
            return Ok(Wanted::default());
        }
        let had: BTreeMap<Grantee, Grant> =
            handle.own_grants().await?.into_iter().map(|it| (it.grant.to.clone(), it.grant)).collect();
        let rights = had.iter().map(|(to, grant)| (to.clone(), grant.rights)).collect();
        let mut steps = Vec::new();
        for (to, rights) in self.wanted(words, &rights)? {
            let before = had.get(&to);
            // Who has it already keeps it, also once the directory does not know them any more.
            if before.is_some_and(|it| it.rights == rights) {
                continue;
            }
            if !rights.is_empty() && is_own {
                principal::check_may_have(session, &to).await?;
            }
            steps.push(Grant { rights, until: before.and_then(|it| it.until), to });
        }
        Ok(Wanted { steps, had: had.into_values().collect() })
    }
}

/// Who is to have what on something, and who has what before.
#[derive(Debug, Clone, Default)]
pub(crate) struct Wanted {
    /// One by one; no rights take a grant back.
    steps: Vec<Grant>,
    had: Vec<Grant>,
}

/// What was not put in force, and whether anything was.
#[derive(Debug)]
pub(crate) struct Stopped {
    pub(crate) why: SetError,
    /// `shareWith` as it is now, where anything of the whole may have changed.
    pub(crate) now: Option<Value>,
}

impl Wanted {
    /// Whether there is nothing to be done.
    pub(crate) fn is_none(&self) -> bool {
        self.steps.is_empty()
    }

    /// Puts it in force. `is_begun` says that something else has been changed already by the same patch.
    pub(crate) async fn apply<T: Shareable>(
        self,
        words: Words,
        handle: CoreResult<Authorized<T, Manage>>,
        is_begun: bool,
    ) -> Result<(), Stopped> {
        let mut held: BTreeMap<Grantee, Rights> = self.had.into_iter().map(|it| (it.to, it.rights)).collect();
        let mut is_begun = is_begun;
        // One handle for all: who takes their own rights away may do so together with the rest.
        let outcome = match &handle {
            Ok(handle) => put_in_force(handle, self.steps, &mut held, &mut is_begun).await,
            Err(error) => Err(error.clone()),
        };
        let Err(error) = outcome else { return Ok(()) };
        let why = SetError::from(error).partly();
        if !is_begun {
            return Err(Stopped { why, now: None });
        }
        // Where nobody can say it, it is told as it was left.
        let there = match &handle {
            Ok(handle) => handle.own_grants().await.ok(),
            Err(_) => None,
        };
        let now = match there {
            Some(grants) => shown(words, grants.iter().map(|it| (&it.grant.to, it.grant.rights))),
            None => shown(words, held.iter().map(|(to, rights)| (to, *rights))),
        };
        Err(Stopped { why, now: Some(now) })
    }
}

async fn put_in_force<T: Shareable>(
    handle: &Authorized<T, Manage>,
    steps: Vec<Grant>,
    held: &mut BTreeMap<Grantee, Rights>,
    is_begun: &mut bool,
) -> CoreResult<()> {
    for grant in steps {
        if grant.rights.is_empty() {
            handle.unshare(&grant.to).await?;
        } else {
            handle.share(&grant).await?;
        }
        *is_begun = true;
        held.insert(grant.to, grant.rights);
    }
    Ok(())
}

/// Who has which rights, as a client reads it; null for nobody.
pub(crate) fn shown<'a>(words: Words, held: impl Iterator<Item = (&'a Grantee, Rights)>) -> Value {
    let held = held.filter(|(_, rights)| !rights.is_empty());
    let all: Map<String, Value> =
        held.filter_map(|(to, rights)| Some((principal::id_of(to)?, Value::Object(told(words, rights))))).collect();
    if all.is_empty() { Value::Null } else { Value::Object(all) }
}
