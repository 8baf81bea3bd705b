//! Handles on identities: sending mail under a name.

use crate::{
    Allows, Authorized, Result, SendAs, Session,
    ports::{Abilities, Begun, Envelope, MtaReply, Recipient, Transaction},
};
use passerelle_model::IdentityRef;
use std::{fmt, sync::Arc};

/// What came of announcing a sender to the MTA.
#[derive(Debug)]
pub enum Opening {
    /// A message can follow, and this is what the MTA said.
    Open(Sending, MtaReply),
    /// The MTA refused.
    Refused(MtaReply),
}

/// A message on its way to the MTA. Dropped before [`Self::commit`], nothing of it is delivered.
pub struct Sending {
    transaction: Box<dyn Transaction>,
    session: Session,
}

impl fmt::Debug for Sending {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Sending")
    }
}

impl<R: Allows<SendAs>> Authorized<IdentityRef, R> {
    /// What the MTA can, within what the owner's institution lets.
    ///
    /// # Errors
    /// `Unavailable` when the MTA cannot be asked and never could.
    pub async fn abilities(&self) -> Result<Abilities> {
        let abilities = self.port.abilities().await?;
        Ok(self.house.tenant(&self.target().owner.institution)?.facts.sending.limit(abilities))
    }

    /// Announces the sender to the MTA of its institution.
    ///
    /// # Errors
    /// `Unavailable` when the MTA cannot be reached; `Unsupported` when it lacks what the envelope asks for.
    pub async fn begin(&self, envelope: &Envelope) -> Result<Opening> {
        let begun = self.port.begin(&self.permit.narrow(), envelope).await?;
        Ok(match begun {
            Begun::Refused(reply) => Opening::Refused(reply),
            Begun::Open(transaction, reply) => {
                let (actor, house) = (self.permit.actor_shared(), Arc::clone(&self.house));
                Opening::Open(Sending { transaction, session: Session { actor, house, web: None } }, reply)
            }
        })
    }
}

impl Sending {
    /// Names recipients, and what the MTA says of each, in their order.
    ///
    /// # Errors
    /// `Unavailable` when the MTA is lost; nothing was delivered.
    pub async fn recipients(&mut self, some: &[Recipient]) -> Result<Vec<MtaReply>> {
        self.transaction.recipients(some).await
    }

    /// Asks the MTA to take the message: 354 is yes.
    ///
    /// # Errors
    /// As [`Self::recipients`].
    pub async fn content(&mut self) -> Result<MtaReply> {
        self.transaction.content().await
    }

    /// Sends octets of the message, whose lines end with CRLF. A reply is the MTA's last word: it takes no more.
    ///
    /// # Errors
    /// As [`Self::recipients`]; `Invalid` for a CR or LF by itself.
    pub async fn write(&mut self, piece: &[u8]) -> Result<Option<MtaReply>> {
        self.transaction.write(piece).await
    }

    /// Whether the person may still send: asked last before the message becomes the MTA's.
    ///
    /// # Errors
    /// `Unauthenticated` when the session was withdrawn meanwhile; then nothing is delivered.
    pub fn check_in_force(&self) -> Result<()> {
        self.session.check_in_force()
    }

    /// Ends the message and waits for what the MTA says of it.
    ///
    /// # Errors
    /// `Unavailable` when it says nothing: what became of the message is not known then.
    pub async fn commit(self) -> Result<MtaReply> {
        self.transaction.commit().await
    }
}
