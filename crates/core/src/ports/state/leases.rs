//! Short leases: what makes a conditional write atomic among nodes, and a refresh happen once.

use crate::ports::Fut;
use passerelle_model::Timestamp;

/// Proof of a lease held; needed to give it back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaseToken {
    /// What is leased.
    pub key: String,
    /// Who holds it: random for each lease.
    pub holder: [u8; 16],
}

/// The leases.
pub trait Leases: Send + Sync {
    /// Takes the lease if it is free or has run out, and prolongs it for who holds it; `false` when somebody else does.
    fn take_lease<'a>(&'a self, lease: &'a LeaseToken, until: Timestamp, now: Timestamp) -> Fut<'a, bool>;
    /// Gives it back; nothing happens when it is no longer ours.
    fn give_lease<'a>(&'a self, lease: &'a LeaseToken) -> Fut<'a, ()>;
}
