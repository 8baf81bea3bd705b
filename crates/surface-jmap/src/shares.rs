//! Accounts of those who share mailboxes (RFC 8620 §1.6.2): beside the person's own there is one for each of them.

use crate::id;
use passerelle_core::{Result, Session};
use passerelle_model::{Account, Rights};
use std::collections::BTreeMap;

/// Most accounts of others that a session tells.
const MOST: usize = 100;

/// Who shares mailboxes with this person, and whether these may only be read.
pub(crate) async fn owners(session: &Session) -> Result<BTreeMap<Account, bool>> {
    let mut owners: BTreeMap<Account, bool> = BTreeMap::new();
    let own = session.name_of(session.principal()?.account());
    for granted in session.granted_mailboxes().await? {
        let Some(id) = granted.target.owner else { continue };
        let owner = Account { institution: granted.target.institution, id };
        // Whose name would be taken for another's is not told.
        let name = session.name_of(&owner);
        if name == own || owners.keys().any(|known| *known != owner && session.name_of(known) == name) {
            continue;
        }
        let writes = [Rights::ADD, Rights::EDIT, Rights::REMOVE];
        let only_reads = !writes.into_iter().any(|right| granted.grant.rights.contains(right));
        if owners.len() < MOST || owners.contains_key(&owner) {
            owners.entry(owner).and_modify(|known| *known &= only_reads).or_insert(only_reads);
        }
    }
    Ok(owners)
}

/// The owner of the account of this id, who shares something with this person.
pub(crate) async fn owner(session: &Session, account: &str) -> Result<Option<Account>> {
    let all = owners(session).await?;
    Ok(all.into_keys().find(|owner| id::of_account(&session.name_of(owner)) == account))
}
