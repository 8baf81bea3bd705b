//! With whom a mailbox is shared (RFC 9670 §4.3, in the names of draft-ietf-jmap-mail-sharing): the grants of the gate on it, the same
//! that SETACL writes. What is granted on a mailbox holds for those below it, and is told there alone.

use crate::{
    desk::Desk,
    error::SetError,
    sharing::{Words, shown},
};
use passerelle_core::{Authorized, Error, Manage, Result as CoreResult};
use passerelle_model::{Grantee, MailboxRef, Rights};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(super) use crate::sharing::{Change, Stopped, Wanted};

/// What each of JMAP's rights is here. Nobody sends in the name of a mailbox.
const RIGHTS: Words = &[
    ("mayReadItems", Some(Rights::READ)),
    ("mayAddItems", Some(Rights::ADD)),
    ("mayRemoveItems", Some(Rights::REMOVE)),
    ("maySetSeen", Some(Rights::EDIT)),
    ("maySetKeywords", Some(Rights::EDIT)),
    ("mayCreateChild", Some(Rights::MANAGE)),
    ("mayRename", Some(Rights::MANAGE)),
    ("mayDelete", Some(Rights::MANAGE)),
    ("mayShare", Some(Rights::MANAGE)),
    ("maySubmit", None),
];

/// What a change comes to for a mailbox, before anything is done with that.
pub(super) async fn resolve(desk: &mut Desk<'_>, name: &str, change: &Change) -> Result<Wanted, SetError> {
    if change.is_none() {
        return Ok(Wanted::default());
    }
    let handle = desk.handle::<Manage>(name).await?;
    change.resolve(desk.session, RIGHTS, &handle, desk.is_own()).await
}

/// Puts it in force. `is_begun` says that the mailbox has been changed already by the same patch.
pub(super) async fn apply(desk: &mut Desk<'_>, name: &str, wanted: Wanted, is_begun: bool) -> Result<(), Stopped> {
    if wanted.is_none() {
        return Ok(());
    }
    let handle = desk.handle::<Manage>(name).await;
    wanted.apply(RIGHTS, handle, is_begun).await
}

/// `shareWith`: who has which rights on a mailbox; null for who does not manage it.
async fn share_with(desk: &mut Desk<'_>, name: &str) -> CoreResult<Value> {
    let Some(handle) = managed(desk, name).await? else { return Ok(Value::Null) };
    let grants = handle.own_grants().await?;
    Ok(shown(RIGHTS, grants.iter().map(|it| (&it.grant.to, it.grant.rights))))
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
                        granted.extend(handle.own_grants().await?);
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
    let told = names
        .iter()
        .map(|name| ((*name).to_owned(), shown(RIGHTS, by_name.remove(name).unwrap_or_default().into_iter())));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_tree_are_read_from_above() {
        assert_eq!(uppermost(&["a/b", "a", "a/b/c", "ab", "c/d"]), ["a", "ab", "c/d"]);
        assert_eq!(uppermost(&[]), Vec::<&str>::new());
    }
}
