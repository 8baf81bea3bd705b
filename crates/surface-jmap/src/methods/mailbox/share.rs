//! With whom a mailbox is shared (RFC 9670 §4.3, in the names of draft-ietf-jmap-mail-sharing): the grants of the gate on it, the same
//! that SETACL writes. What is granted on a mailbox holds for those below it, and is told there alone.

use crate::{
    desk::Desk,
    methods::sharing::{Managed, Place, Table, shown},
};
use passerelle_core::{Authorized, Manage, Result as CoreResult};
use passerelle_model::{Grantee, MailboxRef, Rights};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// What each of JMAP's rights on a mailbox is here. Nobody sends in the name of one.
pub(super) const TABLE: Table = Table {
    rights: &[
        ("mayReadItems", Rights::READ),
        ("mayAddItems", Rights::ADD),
        ("mayRemoveItems", Rights::REMOVE),
        ("maySetSeen", Rights::EDIT),
        ("maySetKeywords", Rights::EDIT),
        ("mayCreateChild", Rights::MANAGE),
        ("mayRename", Rights::MANAGE),
        ("mayDelete", Rights::MANAGE),
        ("mayShare", Rights::MANAGE),
    ],
    never: Some("maySubmit"),
};

/// `shareWith` of several mailboxes, by name: the grants on a part of the tree are read at once.
pub(super) async fn shares_with(desk: &mut Desk<'_>, names: &[&str]) -> CoreResult<BTreeMap<String, Value>> {
    let mut granted = Vec::new();
    match names {
        [] => {}
        [name] => {
            return Ok(BTreeMap::from([(
                (*name).to_owned(),
                Place::Mailbox((*name).to_owned()).share_with(desk, TABLE).await?,
            )]));
        }
        names => match managed(desk, ALL).await? {
            Some(all) => granted = all.grants_below().await?,
            // Who manages a part has to be let into each such part.
            None => {
                for name in uppermost(names) {
                    if let Some(handle) = managed(desk, name).await? {
                        granted.extend(handle.grants_below().await?);
                        granted.extend(Managed::Mailbox(handle).on().await?);
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
        .map(|name| ((*name).to_owned(), shown(by_name.remove(name).unwrap_or_default().into_iter(), TABLE)));
    Ok(told.collect())
}

/// The name of all of an owner's mailboxes together.
const ALL: &str = "";

/// A handle for who manages it.
async fn managed(desk: &mut Desk<'_>, name: &str) -> CoreResult<Option<Authorized<MailboxRef, Manage>>> {
    Ok(match Place::Mailbox(name.to_owned()).managed(desk).await? {
        Some(Managed::Mailbox(handle)) => Some(handle),
        Some(Managed::Collection(_)) | None => None,
    })
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
