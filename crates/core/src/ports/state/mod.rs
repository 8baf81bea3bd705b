//! The State port: what Passerelle itself keeps, and nothing of anybody's data (`docs/STATE.md` lists it table by table).
//!
//! Cut into small traits by what is kept. One adapter implements all of them; only the gate calls them.

mod credentials;
mod grants;
mod leases;
mod links;
mod locks;
mod overlay;
mod places;
mod properties;
mod revocations;

pub use credentials::{AppPassword, AppPasswordId, AppPasswords, Scope};
pub use grants::{Granted, Grants};
pub use leases::{LeaseToken, Leases};
pub use links::{Link, Links};
pub use locks::{Lock, LockDepth, LockRequest, LockScope, LockToken, Locks};
pub use overlay::{Overlay, OverlayValue};
pub use places::{Places, Sharing};
pub use properties::{Properties, Property, PropertyChange, PropertyName};
pub use revocations::{Revocation, Revocations, StateEvent, Watch};

use super::{Fut, Health};

/// Everything that Passerelle keeps.
pub trait State:
    Grants + Links + AppPasswords + Revocations + Locks + Leases + Properties + Places + Overlay + Health
{
    /// 16 random octets, made with the database. Mixed into each session seal and link, so that a new or restored
    /// database brings nothing back to life that was withdrawn since.
    fn epoch(&self) -> [u8; 16];

    /// Everything as open JSON, one value a line, for `state backup`. Deterministic: the same state gives the same octets.
    fn dump(&self) -> Fut<'_, Vec<String>>;

    /// Replaces everything by a dump and makes a new epoch.
    fn restore<'a>(&'a self, lines: &'a [String]) -> Fut<'a, ()>;
}
