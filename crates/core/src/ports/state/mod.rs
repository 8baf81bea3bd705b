//! The State port: what Passerelle itself keeps, and nothing of anybody's data (`docs/STATE.md` lists it table by table).
//!
//! Cut into small traits by what is kept. One adapter implements all of them; only the gate calls them.

mod audit;
mod calls;
mod cards;
mod clients;
mod credentials;
mod external_accounts;
mod gateway_groups;
mod grants;
mod leases;
mod links;
mod locks;
mod overlay;
mod places;
mod preferences;
mod properties;
mod renames;
mod revocations;
mod sign_ons;
mod sync_indexes;
mod tallies;

pub use audit::{AUDIT_KEPT, AuditLine, AuditQuery, AuditTrail, LONGEST_CHANGE};
pub use calls::{CALL_KEPT, CallKey, Calls, Claim, LONGEST_ANSWER};
pub use cards::{Card, CardText, Cards, SIGN_IN_NOTED_EVERY};
pub use clients::{ApiClient, ApiClients, ApiProof, CLIENT_NOTED_EVERY};
pub use credentials::{AppPassword, AppPasswordId, AppPasswords, Scope};
pub use external_accounts::{ExternalAccount, ExternalAccounts, FoldersNoted, LONGEST_FOLDERS};
pub use gateway_groups::{GatewayGroup, GatewayGroups, MOST_GATEWAY_GROUPS, MOST_GATEWAY_MEMBERS, MOST_JOINED};
pub use grants::{Granted, Grants};
pub use leases::{LeaseToken, Leases};
pub use links::{Link, LinkPassword, Links};
pub use locks::{Lock, LockDepth, LockRequest, LockScope, LockToken, Locks};
pub use overlay::{MOST_CHANGES_KEPT, Overlay, OverlayChange, OverlayValue};
pub use places::{Places, Sharing};
pub use preferences::Preferences;
pub use properties::{Properties, Property, PropertyChange, PropertyName};
pub use renames::Renames;
pub use revocations::{Revocation, Revocations, StateEvent, Watch};
pub use sign_ons::{SealedTokens, SignOns};
pub use sync_indexes::{SyncIndex, SyncIndexes};
pub use tallies::{TALLIES_KEPT, Tallies, Tally};

use super::{Fut, Health};

/// Everything that administration keeps beside the directory.
pub trait Administration: Renames + AuditTrail + Calls + ApiClients + Cards + GatewayGroups {}
impl<T: Renames + AuditTrail + Calls + ApiClients + Cards + GatewayGroups> Administration for T {}

/// Everything that Passerelle keeps.
pub trait State:
    Grants
    + Links
    + AppPasswords
    + ExternalAccounts
    + Revocations
    + SignOns
    + Locks
    + Leases
    + Properties
    + Places
    + Preferences
    + Overlay
    + SyncIndexes
    + Tallies
    + Administration
    + Health
{
    /// 16 random octets, made with the database. Mixed into each session seal and link, so that a new or restored
    /// database brings nothing back to life that was withdrawn since.
    fn epoch(&self) -> [u8; 16];

    /// Everything as open JSON, one value a line, for `state backup`. Deterministic: the same state gives the same octets.
    fn dump(&self) -> Fut<'_, Vec<String>>;

    /// Replaces everything by a dump and makes a new epoch.
    fn restore<'a>(&'a self, lines: &'a [String]) -> Fut<'a, ()>;
}
