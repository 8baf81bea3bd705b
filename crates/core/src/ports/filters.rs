//! The port to the scripts that sort a person's mail when it is delivered (Sieve, RFC 5228).

use super::{ClientFacts, Fut, Health, Legs, StoreStream};
use crate::{
    Permit,
    rights::{Edit, Read},
};
use passerelle_model::AccountRef;

/// A store of filter scripts.
pub trait Filters: Health {
    /// Tries to open somebody's scripts as the gateway would, for `doctor`; without the person's own password.
    fn examine_as<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Legs<'a>;

    /// The power to hand a client through.
    fn as_filter_relay(&self) -> Option<&dyn FilterRelay> {
        None
    }
}

/// An authenticated raw ManageSieve stream (RFC 5804).
pub trait FilterRelay: Send + Sync {
    /// Connects to the owner's scripts and logs in as the owner. Who may change scripts may forward and discard mail: it
    /// takes the right to edit.
    ///
    /// # Errors
    /// `Unavailable` when the store is down, does not answer within its deadline, or refuses the log-in that the settings
    /// say must work; `Unauthenticated` when it refuses the person's own password; `Unsupported` when only that would do
    /// and there is none.
    fn connect<'a>(&'a self, at: &'a Permit<AccountRef, Edit>, client: &'a ClientFacts) -> Fut<'a, FilterConnection>;
}

/// A connection past log-in, at rest: no response is outstanding.
#[derive(Debug)]
pub struct FilterConnection {
    /// The stream.
    pub stream: StoreStream,
    /// Octets of the store that came after the log-in's answer.
    pub early: Vec<u8>,
    /// How long the store may take for an answer.
    pub deadline: std::time::Duration,
    /// The store as the settings name it, for messages.
    pub name: String,
}
