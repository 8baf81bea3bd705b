//! The port to pictures that lie on servers of anybody's, which messages show.

use super::{Fut, Health};
use crate::{Permit, rights::Read};
use bytes::Bytes;
use passerelle_model::AccountRef;

/// Longest address of a picture, in octets.
pub const LONGEST_ADDRESS: usize = 4096;

/// A way to pictures elsewhere. Who wrote the message learns that somebody of the institution looked, and not who, from where, nor with what.
pub trait RemoteImages: Health {
    /// Fetches a picture for somebody.
    ///
    /// # Errors
    /// `NotFound` for whatever cannot be had, whatever the reason: people name the servers, and must not learn what the gateway can reach.
    fn fetch<'a>(&'a self, at: &'a Permit<AccountRef, Read>, address: &'a str) -> Fut<'a, RemoteImage>;
}

/// A picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteImage {
    /// What it is, by its first octets: never what could run.
    pub media_type: &'static str,
    /// All of it.
    pub octets: Bytes,
}
