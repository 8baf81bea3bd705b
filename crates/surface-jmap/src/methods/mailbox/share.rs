//! With whom a mailbox is shared (RFC 9670 §4.3, in the names of draft-ietf-jmap-mail-sharing): the grants of the gate on it, the same
//! that SETACL writes. What is granted on a mailbox holds for those below it, and is told there alone.

use crate::{desk::Desk, error::SetError, methods::principal};
use passerelle_core::{Authorized, Error, Manage, Result as CoreResult, ports::state::Granted};
use passerelle_model::{Grant, Grantee, MailboxRef, Rights};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

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

    /// What it comes to for a mailbox, before anything is done with that: whom it means, which rights, and that they may have them.
    pub(super) async fn resolve(&self, desk: &mut Desk<'_>, name: &str) -> Result<Wanted, SetError> {
        if self.is_none() {
            return Ok(Wanted::default());
        }
        let handle = desk.handle::<Manage>(name).await?;
        let had: BTreeMap<Grantee, Grant> =
            on(&handle).await?.into_iter().map(|it| (it.grant.to.clone(), it.grant)).collect();
        let rights = had.iter().map(|(to, grant)| (to.clone(), grant.rights)).collect();
        let mut steps = Vec::new();
        for (to, rights) in self.wanted(&rights)? {
            let before = had.get(&to);
            // Who has it already keeps it, also once the directory does not know them any more.
            if before.is_some_and(|it| it.rights == rights) {
                continue;
            }
            if !rights.is_empty() && desk.is_own() {
                principal::check_may_have(desk.session, &to).await?;
            }
            steps.push(Grant { rights, until: before.and_then(|it| it.until), to });
        }
        Ok(Wanted { steps, had: had.into_values().collect() })
    }
}

/// Who is to have what on a mailbox, and who has what before.
#[derive(Debug, Clone, Default)]
pub(super) struct Wanted {
    /// One by one; no rights take a grant back.
    steps: Vec<Grant>,
    had: Vec<Grant>,
}

/// What was not put in force, and whether anything was.
#[derive(Debug)]
pub(super) struct Stopped {
    pub(super) why: SetError,
    /// `shareWith` as it is now, where anything of the mailbox may have changed.
    pub(super) now: Option<Value>,
}

impl Wanted {
    /// Puts it in force. `is_begun` says that the mailbox has been changed already by the same patch.
    pub(super) async fn apply(self, desk: &mut Desk<'_>, name: &str, is_begun: bool) -> Result<(), Stopped> {
        if self.steps.is_empty() {
            return Ok(());
        }
        let mut held: BTreeMap<Grantee, Rights> = self.had.into_iter().map(|it| (it.to, it.rights)).collect();
        let mut is_begun = is_begun;
        // One handle for all: who takes their own rights away may do so together with the rest.
        let outcome = match desk.handle::<Manage>(name).await {
            Ok(handle) => put_in_force(&handle, self.steps, &mut held, &mut is_begun).await,
            Err(error) => Err(error),
        };
        let Err(error) = outcome else { return Ok(()) };
        let why = SetError::from(error).partly();
        if !is_begun {
            return Err(Stopped { why, now: None });
        }
        // Where nobody can say it, it is told as it was left.
        let now = match share_with(desk, name).await {
            Ok(now) => now,
            Err(_) => shown(held.iter().map(|(to, rights)| (to, *rights))),
        };
        Err(Stopped { why, now: Some(now) })
    }
}

async fn put_in_force(
    handle: &Authorized<MailboxRef, Manage>,
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

/// The grants on a mailbox itself.
async fn on(handle: &Authorized<MailboxRef, Manage>) -> CoreResult<Vec<Granted>> {
    let target = handle.target().target();
    let mut grants = handle.grants().await?;
    grants.retain(|it| it.target == target);
    Ok(grants)
}

/// `shareWith`: who has which rights on a mailbox; null for who does not manage it.
async fn share_with(desk: &mut Desk<'_>, name: &str) -> CoreResult<Value> {
    let Some(handle) = managed(desk, name).await? else { return Ok(Value::Null) };
    let grants = on(&handle).await?;
    Ok(shown(grants.iter().map(|it| (&it.grant.to, it.grant.rights))))
}

/// The same of several mailboxes, by name: the grants on a part of the tree are read at once.
pub(super) async fn shares_with(desk: &mut Desk<'_>, names: &[&str]) -> CoreResult<BTreeMap<String, Value>> {
    let mut granted = Vec::new();
    match names {
        [] => {}
        [name] => return Ok(BTreeMap::from([((*name).to_owned(), share_with(desk, name).await?)])),
        names => match managed(desk, ALL).await? {
            Some(all) => granted = all.grants_below().await?,
            // Who manages a part has to be let into each such part.
            None => {
                for name in uppermost(names) {
                    if let Some(handle) = managed(desk, name).await? {
                        granted.extend(on(&handle).await?);
                        granted.extend(handle.grants_below().await?);
                    }
                }
            }
        },
    }
    let mut by_name: BTreeMap<&str, Vec<(&Grantee, Rights)>> = BTreeMap::new();
    for it in &granted {
        by_name.entry(&it.target.path).or_default().push((&it.grant.to, it.grant.rights));
    }
    let told =
        names.iter().map(|name| ((*name).to_owned(), shown(by_name.remove(name).unwrap_or_default().into_iter())));
    Ok(told.collect())
}

/// The name of all of an owner's mailboxes together.
const ALL: &str = "";

/// A handle for who manages it.
async fn managed(desk: &mut Desk<'_>, name: &str) -> CoreResult<Option<Authorized<MailboxRef, Manage>>> {
    match desk.handle::<Manage>(name).await {
        Ok(handle) => Ok(Some(handle)),
        Err(Error::Forbidden | Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Those of the names that lie below no other of them.
fn uppermost<'a>(names: &[&'a str]) -> Vec<&'a str> {
    let all: BTreeSet<&str> = names.iter().copied().collect();
    let is_below =
        |name: &str| name.match_indices('/').any(|(end, _)| name.get(..end).is_some_and(|it| all.contains(it)));
    all.iter().copied().filter(|name| !is_below(name)).collect()
}

/// Who has which rights, as a client reads it; null for nobody.
fn shown<'a>(held: impl Iterator<Item = (&'a Grantee, Rights)>) -> Value {
    let held = held.filter(|(_, rights)| !rights.is_empty());
    let all: Map<String, Value> =
        held.filter_map(|(to, rights)| Some((principal::id_of(to)?, Value::Object(told(rights))))).collect();
    if all.is_empty() { Value::Null } else { Value::Object(all) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_tree_are_read_from_above() {
        assert_eq!(uppermost(&["a/b", "a", "a/b/c", "ab", "c/d"]), ["a", "ab", "c/d"]);
        assert_eq!(uppermost(&[]), Vec::<&str>::new());
    }
}
