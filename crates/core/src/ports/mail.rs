//! The port to a mail store, and its power to relay.

use super::{Fut, Health, Legs, MailWatching, MailboxTree, Mailboxes};
use crate::{
    Permit,
    rights::{Lookup, Read},
};
use passerelle_model::{AccountRef, MailboxRef, Timestamp};
use std::{fmt, net::IpAddr};
use tokio::{
    io::{AsyncRead, AsyncWrite, DuplexStream},
    net::TcpStream,
};
use tokio_rustls::client::TlsStream;

/// A store of mail. Typed operations for surfaces that do not speak the store's own protocol.
pub trait MailStore: Health {
    /// Counts of a mailbox (RFC 9051 §6.3.11).
    fn status<'a>(&'a self, at: &'a Permit<MailboxRef, Read>) -> Fut<'a, MailboxStatus>;

    /// The counts, the last `count` headers, and how much room there is: one look at a mailbox, which changes nothing in it.
    fn latest<'a>(&'a self, at: &'a Permit<MailboxRef, Read>, count: u32) -> Fut<'a, Latest>;

    /// Tries to open somebody's mail as the gateway would, for `doctor`; without the person's own password.
    fn examine_as<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Legs<'a>;

    /// The power to hand a client through to the store.
    fn as_relay(&self) -> Option<&dyn MailRelay> {
        None
    }

    /// The power to keep a mailbox open.
    fn as_mailboxes(&self) -> Option<&dyn Mailboxes> {
        None
    }

    /// The power to tell and change which mailboxes there are.
    fn as_tree(&self) -> Option<&dyn MailboxTree> {
        None
    }

    /// The power to tell when something changes.
    fn as_watching(&self) -> Option<&dyn MailWatching> {
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

/// What one look at a mailbox shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Latest {
    /// Its counts.
    pub status: MailboxStatus,
    /// With the messages' UIDs it names them for good (RFC 9051 §2.3.1.1).
    pub uid_validity: u32,
    /// The last headers, the newest first.
    pub headers: Vec<MailHeader>,
    /// How many of the last messages the store told in a way that cannot be read; they are not among the headers.
    pub unreadable: u32,
    /// The room for all of the owner's mail; `None` where the store sets no limit or does not say.
    pub room: Option<MailRoom>,
}

/// What a list shows of a message, decoded (RFC 2047) and cut where it is long.
#[derive(Clone, PartialEq, Eq)]
pub struct MailHeader {
    /// Its UID.
    pub uid: u32,
    /// The author's name; empty when there is none.
    pub from_name: String,
    /// The author's address; empty when there is none.
    pub from_address: String,
    /// The subject; empty when there is none.
    pub subject: String,
    /// When the store received it.
    pub received: Timestamp,
    /// Whether it has not been read.
    pub unseen: bool,
}

// What is in people's mail is not for logs.
impl fmt::Debug for MailHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MailHeader({})", self.uid)
    }
}

/// Room for mail, in octets (RFC 9208 §5.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailRoom {
    /// Used.
    pub used: u64,
    /// In all.
    pub limit: u64,
}

/// An authenticated raw IMAP stream, for the proxy's fast path.
pub trait MailRelay: Send + Sync {
    /// Connects to the owner's store and logs in as the owner.
    ///
    /// # Errors
    /// `Unavailable` when the store is down, does not answer within its deadline, or refuses the log-in that the
    /// settings say must work; `Unauthenticated` when it refuses the person's own password.
    fn connect<'a>(&'a self, at: &'a Permit<AccountRef, Read>, client: &'a ClientFacts) -> Fut<'a, RelayConnection>;

    /// Connects to the store of a mailbox's owner and logs in as the owner, by a way that needs nothing of the owner's. The
    /// stream opens everything of the owner's: whoever asked lets nothing pass but what was decided on.
    ///
    /// # Errors
    /// As [`Self::connect`]; `Unsupported` when the store is reached with people's own passwords only.
    fn reach<'a>(&'a self, at: &'a Permit<MailboxRef, Lookup>, client: &'a ClientFacts) -> Fut<'a, RelayConnection>;
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

/// The kinds of stream to a store. Named, so that a relay can wait for readability without holding a buffer.
#[derive(Debug)]
pub enum StoreStream {
    /// In clear, inside the campus.
    Plain(TcpStream),
    /// TLS.
    Tls(Box<TlsStream<TcpStream>>),
    /// To what speaks for the store within this process.
    Memory(DuplexStream),
}

/// What can be read from and written to.
pub trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

impl StoreStream {
    /// The stream, whichever kind it is, for whoever reads and writes it in steps.
    pub fn duplex(&mut self) -> &mut dyn Duplex {
        match self {
            Self::Plain(stream) => stream,
            Self::Tls(stream) => stream,
            Self::Memory(stream) => stream,
        }
    }
}
