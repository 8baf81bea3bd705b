//! What was withdrawn, and how every node hears of it.

use crate::ports::Fut;
use passerelle_model::{Account, InstitutionId, Timestamp};
use std::pin::Pin;

/// Something that holds no more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Revocation {
    /// One web session, by its id.
    Session {
        /// The id, as it is in the sealed token.
        id: [u8; 16],
        /// When the session would have ended anyway; the row is swept then.
        expires: Timestamp,
    },
    /// Everything of an account that began before this moment, or at it.
    Account {
        /// Whose.
        account: Account,
        /// What began up to then ends.
        before: Timestamp,
        /// When nothing that old can be valid any more; the row is swept then.
        expires: Timestamp,
    },
}

/// What a watcher hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StateEvent {
    /// Something was withdrawn.
    Revoked(Revocation),
    /// Grants of an owner changed.
    GrantsChanged(Account),
    /// Settings of an institution were changed at run time.
    SettingsChanged(InstitutionId),
    /// Everything was replaced, by a restore: whatever is remembered of State may be otherwise.
    Replaced,
    /// The connection to State was lost: until `Restored` nothing is known of what others withdrew.
    Lost,
    /// It is back; what was withdrawn meanwhile has been sent before this.
    Restored,
}

/// A stream of events, from all nodes.
pub type Watch = Pin<Box<dyn futures::Stream<Item = StateEvent> + Send>>;

/// The list of what was withdrawn.
pub trait Revocations: Send + Sync {
    /// Withdraws. Every node hears of it by `watch`.
    fn revoke<'a>(&'a self, revocation: &'a Revocation) -> Fut<'a, ()>;
    /// What is in force at `now`.
    fn revoked(&self, now: Timestamp) -> Fut<'_, Vec<Revocation>>;
    /// Events from now on, of this node too. PostgreSQL notifies; SQLite looks for changes every 500 ms.
    fn watch(&self) -> Fut<'_, Watch>;
    /// Sweeps what has expired: revocations, grants a day after their end, locks, leases.
    fn sweep(&self, now: Timestamp) -> Fut<'_, u64>;
}
