//! Handles on identities: sending mail under a name.

use crate::{
    Allows, Authorized, Error, Result, SendAs, Session,
    permit::Permit,
    ports::{Abilities, Begun, Envelope, Finding, MtaReply, Recipient, Scan, ScanFacts, Transaction},
};
use futures::future::join_all;
use passerelle_model::IdentityRef;
use std::{fmt, net::IpAddr, sync::Arc};

/// What came of announcing a sender to the MTA.
#[derive(Debug)]
pub enum Opening {
    /// A message can follow, and this is what the MTA said.
    Open(Sending, MtaReply),
    /// The MTA refused.
    Refused(MtaReply),
}

/// A message on its way to the MTA, and to the scanners beside it. Dropped before [`Self::commit`], nothing of it is delivered.
pub struct Sending {
    transaction: Box<dyn Transaction>,
    session: Session,
    permit: Permit<IdentityRef, SendAs>,
    client: IpAddr,
    recipients: Vec<String>,
    scans: Vec<Watch>,
}

/// A scanner that looks at the message, or why it does not.
struct Watch {
    scanner: String,
    scan: Result<Box<dyn Scan>>,
}

/// A message that the MTA answered to.
#[derive(Debug)]
pub struct Delivered {
    /// What it said.
    pub reply: MtaReply,
    /// What went wrong with scanners that the institution does without.
    pub unscanned: Vec<Error>,
}

/// Why a message did not come to an answer of the MTA.
#[derive(Debug)]
pub enum Undelivered {
    /// The session was withdrawn meanwhile. Nothing is delivered.
    Withdrawn(Error),
    /// A scanner found something. Nothing is delivered.
    Found {
        /// The scanner, as the settings name it.
        scanner: String,
        /// What it found.
        what: String,
    },
    /// A scanner wants it to be tried again. Nothing is delivered.
    Later,
    /// A scanner cannot say, and the institution sends nothing without it. Nothing is delivered.
    Unscanned(Error),
    /// The MTA fell silent behind the end: what became of the message is not known.
    Silent(Error),
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
        let permit = self.permit.narrow();
        let begun = self.port.begin(&permit, envelope).await?;
        Ok(match begun {
            Begun::Refused(reply) => Opening::Refused(reply),
            Begun::Open(transaction, reply) => {
                let (actor, house) = (self.permit.actor_shared(), Arc::clone(&self.house));
                let session = Session { actor, house, web: None };
                let (client, recipients, scans) = (envelope.client.address, Vec::new(), Vec::new());
                Opening::Open(Sending { transaction, session, permit, client, recipients, scans }, reply)
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
        let replies = self.transaction.recipients(some).await?;
        let taken = some.iter().zip(&replies).filter(|(_, reply)| reply.is_positive());
        self.recipients.extend(taken.map(|(one, _)| one.address.clone()));
        Ok(replies)
    }

    /// Asks the MTA to take the message: 354 is yes, and the scanners of the institution begin to look.
    ///
    /// # Errors
    /// As [`Self::recipients`].
    pub async fn content(&mut self) -> Result<MtaReply> {
        let reply = self.transaction.content().await?;
        if reply.code == 354 {
            let facts = ScanFacts { recipients: std::mem::take(&mut self.recipients), client: self.client };
            let tenant = self.session.house.tenant(&self.permit.target().owner.institution)?;
            let (facts, permit) = (&facts, &self.permit);
            let begun = tenant.scanners.iter().map(|scanner| async move {
                Watch { scanner: scanner.name().to_owned(), scan: scanner.begin(permit, facts).await }
            });
            self.scans = join_all(begun).await;
        }
        Ok(reply)
    }

    /// Sends octets of the message, whose lines end with CRLF. A reply is the MTA's last word: it takes no more.
    ///
    /// # Errors
    /// As [`Self::recipients`]; `Invalid` for a CR or LF by itself.
    pub async fn write(&mut self, piece: &[u8]) -> Result<Option<MtaReply>> {
        for watch in &mut self.scans {
            if let Ok(scan) = &mut watch.scan
                && let Err(error) = scan.write(piece).await
            {
                watch.scan = Err(error);
            }
        }
        self.transaction.write(piece).await
    }

    /// Ends the message and waits for what the MTA says of it. Before its last octets leave, the session must hold still and
    /// every scanner must have said its word.
    ///
    /// # Errors
    /// Why the MTA has not answered.
    pub async fn commit(self) -> Result<Delivered, Undelivered> {
        let Self { transaction, session, permit, scans, .. } = self;
        let verdicts = join_all(scans.into_iter().map(|Watch { scanner, scan }| async move {
            let finding = match scan {
                Ok(scan) => scan.verdict().await,
                Err(error) => Err(error),
            };
            (scanner, finding)
        }));
        let mut unscanned = Vec::new();
        for (scanner, finding) in verdicts.await {
            match finding {
                Ok(Finding::Clean) => {}
                Ok(Finding::Bad { what }) => return Err(Undelivered::Found { scanner, what }),
                Ok(Finding::Later) => return Err(Undelivered::Later),
                Err(error) => unscanned.push(error),
            }
        }
        let tenant = session.house.tenant(&permit.target().owner.institution).map_err(Undelivered::Withdrawn)?;
        if !tenant.facts.sending.without_scanner
            && let Some(error) = unscanned.pop()
        {
            return Err(Undelivered::Unscanned(error));
        }
        session.check_in_force().map_err(Undelivered::Withdrawn)?;
        let reply = transaction.commit().await.map_err(Undelivered::Silent)?;
        Ok(Delivered { reply, unscanned })
    }
}
