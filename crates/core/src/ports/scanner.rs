//! The port to what looks into messages: for viruses, for spam.

use super::{Fut, Health};
use crate::{Permit, rights::SendAs};
use passerelle_model::IdentityRef;
use std::net::IpAddr;

/// A scanner. It keeps nothing of what it is shown.
pub trait Scanner: Health {
    /// Begins to look at a message of this sender.
    ///
    /// # Errors
    /// `Unavailable` when it is down or slow.
    fn begin<'a>(&'a self, of: &'a Permit<IdentityRef, SendAs>, facts: &'a ScanFacts) -> Fut<'a, Box<dyn Scan>>;
}

/// A message that is being looked at. Dropped, it is forgotten.
pub trait Scan: Send {
    /// Shows octets of it.
    ///
    /// # Errors
    /// `Unavailable` when the scanner is lost.
    fn write<'a>(&'a mut self, piece: &'a [u8]) -> Fut<'a, ()>;

    /// The message has been shown whole: what was found.
    ///
    /// # Errors
    /// `Unavailable` when the scanner says nothing, or nothing that can be understood; that is never "clean".
    fn verdict<'a>(self: Box<Self>) -> Fut<'a, Finding>
    where
        Self: 'a;
}

/// What a scanner may ask beside the message.
#[derive(Debug, Clone)]
pub struct ScanFacts {
    /// The recipients that the MTA took.
    pub recipients: Vec<String>,
    /// Where the client is.
    pub client: IpAddr,
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finding {
    /// Nothing that would keep the message from being sent.
    Clean,
    /// It must not be sent; the scanner's name for why, in printable characters.
    Bad {
        /// The name: of a virus, or `spam`.
        what: String,
    },
    /// Not now: the scanner wants it to be tried again.
    Later,
}
