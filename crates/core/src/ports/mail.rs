//! The port to a mail store, and its power to relay.

use super::{Fut, Health, Legs};
use crate::{Permit, rights::Read};
use passerelle_model::{AccountRef, MailboxRef};
use std::net::IpAddr;
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

/// A store of mail. Typed operations for surfaces that do not speak the store's own protocol.
pub trait MailStore: Health {
    /// Counts of a mailbox (RFC 9051 §6.3.11).
    fn status<'a>(&'a self, at: &'a Permit<MailboxRef, Read>) -> Fut<'a, MailboxStatus>;

    /// Tries to open somebody's mail as the gateway would, for `doctor`; without the person's own password.
    fn examine_as<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Legs<'a>;

    /// The power to hand a client through to the store.
    fn as_relay(&self) -> Option<&dyn MailRelay> {
        None
    }
}

/// Counts of a mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailboxStatus {
    /// Messages in all.
    pub messages: u32,
    /// Messages without `\Seen`.
    pub unseen: u32,
}

/// An authenticated raw IMAP stream, for the proxy's fast path.
pub trait MailRelay: Send + Sync {
    /// Connects to the owner's store and logs in as the owner.
    ///
    /// # Errors
    /// `Unavailable` when the store is down, does not answer within its deadline, or refuses the log-in that the
    /// settings say must work; `Unauthenticated` when it refuses the person's own password.
    fn connect<'a>(&'a self, at: &'a Permit<AccountRef, Read>, client: &'a ClientFacts) -> Fut<'a, RelayConnection>;
}

/// What the store is told about the client (ID, RFC 2971, as trusted proxies use it).
#[derive(Debug, Clone, Copy)]
pub struct ClientFacts {
    /// Where the client is.
    pub address: IpAddr,
    /// Its port.
    pub port: u16,
}

/// A store connection past log-in, at rest: no answer is outstanding.
#[derive(Debug)]
pub struct RelayConnection {
    /// The stream.
    pub stream: StoreStream,
    /// What the store announced after log-in, without the word CAPABILITY.
    pub capabilities: String,
    /// Octets of the store that came after the log-in's answer and belong to the client.
    pub early: Vec<u8>,
}

/// The two kinds of stream to a store. Named, so that a relay can wait for readability without holding a buffer.
#[derive(Debug)]
pub enum StoreStream {
    /// In clear, inside the campus.
    Plain(TcpStream),
    /// TLS.
    Tls(Box<TlsStream<TcpStream>>),
}
