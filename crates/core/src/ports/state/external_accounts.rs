//! Mail accounts that people have elsewhere.

use crate::ports::{ExternalFault, ExternalServer, Fut};
use passerelle_model::{Account, ExternalId, Timestamp};
use std::fmt;

/// Longest list of folders that is kept of one account, sealed, in octets.
pub const LONGEST_FOLDERS: usize = 512 * 1024;

/// A mail account that somebody has elsewhere.
#[derive(Clone, PartialEq, Eq)]
pub struct ExternalAccount {
    /// Which.
    pub id: ExternalId,
    /// Whose.
    pub owner: Account,
    /// What its owner calls it; one of a name for each owner.
    pub label: String,
    /// Where it is.
    pub server: ExternalServer,
    /// Its password, sealed by the gate and bound to all of the above but the label.
    pub sealed: String,
    /// When it was added.
    pub made: Timestamp,
    /// Why the last try to reach it failed, and when; `None` when it did not.
    pub fault: Option<(ExternalFault, Timestamp)>,
    /// Its folders when they were last listed whole, sealed likewise, and when that was.
    pub folders: Option<(String, Timestamp)>,
    /// Of a POP3 account: which UIDs its messages have, sealed likewise.
    pub uids: Option<String>,
}

// What was sealed is as much a secret as its keys let it be.
impl fmt::Debug for ExternalAccount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExternalAccount").field("id", &self.id).field("owner", &self.owner).finish_non_exhaustive()
    }
}

/// What a whole list of folders leaves behind.
#[derive(Debug, Clone, Copy)]
pub struct FoldersNoted<'a> {
    /// The list, sealed.
    pub sealed: &'a str,
    /// When it was read.
    pub listed: Timestamp,
}

/// The external accounts.
pub trait ExternalAccounts: Send + Sync {
    /// Adds one.
    ///
    /// # Errors
    /// `Conflict` when its owner has one of this label.
    fn add_external<'a>(&'a self, row: &'a ExternalAccount) -> Fut<'a, ()>;
    /// One of an owner's.
    fn external<'a>(&'a self, owner: &'a Account, id: &'a ExternalId) -> Fut<'a, Option<ExternalAccount>>;
    /// An owner's, by their labels.
    fn externals_of<'a>(&'a self, owner: &'a Account) -> Fut<'a, Vec<ExternalAccount>>;
    /// Removes one; whether it was there. Watchers hear of it as of a change of its owner's grants.
    fn remove_external<'a>(&'a self, owner: &'a Account, id: &'a ExternalId) -> Fut<'a, bool>;
    /// Notes that it was reached, or why not and when. What is not there is not noted.
    fn note_external_fault<'a>(
        &'a self,
        owner: &'a Account,
        id: &'a ExternalId,
        fault: Option<(ExternalFault, Timestamp)>,
    ) -> Fut<'a, ()>;
    /// Keeps what folders it has.
    fn note_external_folders<'a>(
        &'a self,
        owner: &'a Account,
        id: &'a ExternalId,
        folders: Option<FoldersNoted<'a>>,
    ) -> Fut<'a, ()>;
    /// Puts another sealed password in the place of `from`; `false` when it is not that any more. The fault is taken away.
    fn reseal_external<'a>(
        &'a self,
        owner: &'a Account,
        id: &'a ExternalId,
        from: &'a str,
        to: &'a str,
    ) -> Fut<'a, bool>;
    /// Puts another index of UIDs in the place of `from`; `false` when it is not that any more.
    fn note_external_uids<'a>(
        &'a self,
        owner: &'a Account,
        id: &'a ExternalId,
        from: Option<&'a str>,
        to: &'a str,
    ) -> Fut<'a, bool>;
    /// Everybody's, in order of their ids, from behind one; at most `limit`.
    fn externals_after<'a>(&'a self, id: &'a str, limit: usize) -> Fut<'a, Vec<ExternalAccount>>;
}
