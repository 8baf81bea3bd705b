//! Accounts of those who share something (RFC 8620 §1.6.2): beside the person's own there is one for each of them, with what of
//! theirs is shared.

use crate::id;
use passerelle_core::{Result, Session};
use passerelle_model::{Account, CollectionFamily, ResourceKind, Rights};
use std::collections::BTreeMap;

/// Most accounts of others that a session tells.
const MOST: usize = 100;

/// A kind of data that an account has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kept {
    Mail,
    Collections(CollectionFamily),
}

impl Kept {
    /// What a grant on such a thing opens; `None` for what is in no account of JMAP.
    fn granted(kind: ResourceKind) -> Option<Self> {
        match kind {
            ResourceKind::Mailbox => Some(Self::Mail),
            ResourceKind::Calendar => Some(Self::Collections(CollectionFamily::Calendars)),
            ResourceKind::AddressBook => Some(Self::Collections(CollectionFamily::Contacts)),
            ResourceKind::Account | ResourceKind::Node | ResourceKind::Institution => None,
        }
    }
}

/// What somebody shares with this person, and whether it may only be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shared(BTreeMap<Kept, bool>);

impl Shared {
    pub(crate) fn has(&self, kept: Kept) -> bool {
        self.0.contains_key(&kept)
    }

    /// Whether nothing of it may be changed.
    pub(crate) fn only_reads(&self) -> bool {
        self.0.values().all(|only_reads| *only_reads)
    }

    fn add(&mut self, kept: Kept, only_reads: bool) {
        self.0.entry(kept).and_modify(|known| *known &= only_reads).or_insert(only_reads);
    }
}

/// Who shares something with this person, and what.
pub(crate) async fn owners(session: &Session) -> Result<BTreeMap<Account, Shared>> {
    let mut owners: BTreeMap<Account, Shared> = BTreeMap::new();
    let own = session.name_of(session.principal()?.account());
    for granted in session.granted_data().await? {
        let Some((id, kept)) = granted.target.owner.zip(Kept::granted(granted.target.kind)) else { continue };
        let owner = Account { institution: granted.target.institution, id };
        if let Kept::Collections(family) = kept
            && !session.has_collections(&owner, family)
        {
            continue;
        }
        // Whose name would be taken for another's is not told.
        let name = session.name_of(&owner);
        if name == own || owners.keys().any(|known| *known != owner && session.name_of(known) == name) {
            continue;
        }
        let writes = [Rights::ADD, Rights::EDIT, Rights::REMOVE];
        let only_reads = !writes.into_iter().any(|right| granted.grant.rights.contains(right));
        if owners.len() < MOST || owners.contains_key(&owner) {
            owners.entry(owner).or_default().add(kept, only_reads);
        }
    }
    Ok(owners)
}

/// The owner of the account of this id, who shares something with this person, and what.
pub(crate) async fn owner(session: &Session, account: &str) -> Result<Option<(Account, Shared)>> {
    let all = owners(session).await?;
    Ok(all.into_iter().find(|(owner, _)| id::of_account(&session.name_of(owner)) == account))
}
