//! Where a mail transaction stands (RFC 5321 §3.3).

use crate::{auth::tell, refusal::of_message};
use passerelle_core::{Error, Sending};
use passerelle_model::IdentityRef;
use passerelle_submission::Intake;
use passerelle_wire_smtp::{Purity, Reply};

/// Between messages, or in one.
pub(crate) enum State {
    /// No sender was named.
    Idle,
    /// A sender was named.
    Open(Box<Transaction>),
    /// The MTA was lost under way: what belongs to the message is refused until another one begins.
    Lost(Reply),
}

/// A message under way.
pub(crate) struct Transaction {
    /// The way to the MTA; gone when the message was refused.
    pub(crate) sending: Option<Sending>,
    pub(crate) from: IdentityRef,
    /// Addresses and header fields beyond ASCII were announced.
    pub(crate) utf8: bool,
    /// Largest message, in octets.
    pub(crate) largest: Option<u64>,
    /// Recipients that the MTA took.
    pub(crate) accepted: u32,
    /// What came of the message in chunks.
    pub(crate) chunks: Option<(Intake, Purity)>,
}

impl State {
    pub(crate) fn is_idle(&self) -> bool {
        matches!(self, Self::Idle)
    }

    /// The MTA is gone, or cannot do what was asked for; the reply to whatever asked it.
    pub(crate) fn lose(&mut self, error: &Error) -> Reply {
        tell(error);
        let reply = of_message(error);
        *self = Self::Lost(reply.clone());
        reply
    }
}
