//! The port to an institution's MTA: a message is handed over while it streams in, and the MTA's own answer is the answer.

use super::{ClientFacts, Fut, Health};
use crate::{Permit, rights::SendAs};
use passerelle_model::IdentityRef;
use std::fmt;

/// The way to an MTA. It queues nothing and keeps nothing: a message is the MTA's, or its sender still has it.
pub trait Submission: Health {
    /// What the MTA can, as it said lately.
    ///
    /// # Errors
    /// `Unavailable` when it cannot be asked and never could.
    fn abilities(&self) -> Fut<'_, Abilities>;

    /// Connects and announces the sender: the permit's address, and no other (RFC 5321 §4.1.1.2).
    ///
    /// # Errors
    /// `Unavailable` when the MTA is down, slow, or refuses the gateway itself; `Unsupported` when it lacks what the
    /// envelope asks for.
    fn begin<'a>(&'a self, from: &'a Permit<IdentityRef, SendAs>, envelope: &'a Envelope) -> Fut<'a, Begun>;
}

/// What came of announcing a sender.
pub enum Begun {
    /// A transaction, and what the MTA said.
    Open(Box<dyn Transaction>, MtaReply),
    /// The MTA refused the sender.
    Refused(MtaReply),
}

impl fmt::Debug for Begun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Open(_, reply) => write!(f, "Open({})", reply.code),
            Self::Refused(reply) => write!(f, "Refused({})", reply.code),
        }
    }
}

/// A transaction under way. Dropped before [`Self::commit`], it leaves nothing at the MTA: the connection ends before the
/// message does.
pub trait Transaction: Send {
    /// Names recipients, and what the MTA says of each, in their order.
    ///
    /// # Errors
    /// `Unavailable` when the MTA is lost; the transaction is of no more use then.
    fn recipients<'a>(&'a mut self, some: &'a [Recipient]) -> Fut<'a, Vec<MtaReply>>;

    /// Asks to send the message: 354 is yes.
    ///
    /// # Errors
    /// As [`Self::recipients`].
    fn content(&mut self) -> Fut<'_, MtaReply>;

    /// Sends octets of the message, whose lines end with CRLF. What the MTA said when it would not take any more is the
    /// answer to the message.
    ///
    /// # Errors
    /// As [`Self::recipients`]; `Invalid` for a CR or LF by itself, which never leaves.
    fn write<'a>(&'a mut self, piece: &'a [u8]) -> Fut<'a, Option<MtaReply>>;

    /// Ends the message, and waits for what the MTA says of it.
    ///
    /// # Errors
    /// `Unavailable` when it says nothing: whether the message was taken is not known then.
    fn commit<'a>(self: Box<Self>) -> Fut<'a, MtaReply>
    where
        Self: 'a;
}

/// What an MTA has announced (RFC 5321 §2.2).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Abilities {
    /// `SIZE` (RFC 1870): the largest message, in octets; `None` where it names none.
    pub size: Option<u64>,
    /// `8BITMIME` (RFC 6152).
    pub eight_bit: bool,
    /// `SMTPUTF8` (RFC 6531).
    pub utf8: bool,
    /// `DSN` (RFC 3461).
    pub reports: bool,
}

impl Abilities {
    /// What both can.
    #[must_use]
    pub fn both(self, other: Self) -> Self {
        Self {
            size: self.size.into_iter().chain(other.size).min(),
            eight_bit: self.eight_bit && other.eight_bit,
            utf8: self.utf8 && other.utf8,
            reports: self.reports && other.reports,
        }
    }
}

/// What a client said of a message beside its sender.
#[derive(Debug, Clone)]
pub struct Envelope {
    /// Its size, as far as the client knows, in octets.
    pub size: Option<u64>,
    /// Whether it has octets beyond ASCII in its body.
    pub eight_bit: bool,
    /// Whether it has addresses or header fields beyond ASCII.
    pub utf8: bool,
    /// How much of it comes back with a report.
    pub returned: Option<Returned>,
    /// What reports call it, as xtext (RFC 3461 §4.4).
    pub envelope_id: Option<String>,
    /// Who sends it, for an MTA that is told.
    pub client: ClientFacts,
}

impl Envelope {
    /// Whether anything of reports is asked for.
    pub fn wants_reports(&self) -> bool {
        self.returned.is_some() || self.envelope_id.is_some()
    }
}

/// How much of a message comes back with a report (RFC 3461 §4.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Returned {
    /// All of it.
    Full,
    /// Its header.
    Headers,
}

/// Who shall get a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipient {
    /// The address.
    pub address: String,
    /// When a report is wanted, as RFC 3461 §4.1 writes it: `NEVER`, or `SUCCESS`, `FAILURE`, `DELAY` with commas.
    pub notify: Option<String>,
    /// Whom it was first meant for, as RFC 3461 §4.2 writes it.
    pub original: Option<String>,
}

/// What an MTA said (RFC 5321 §4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MtaReply {
    /// The code, 200 to 599.
    pub code: u16,
    /// The text, line by line, without control characters.
    pub lines: Vec<String>,
}

impl MtaReply {
    /// Whether it says yes.
    pub const fn is_positive(&self) -> bool {
        self.code / 100 == 2
    }
}
