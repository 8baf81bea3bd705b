//! Handles on identities: sending mail under a name.

use crate::{
    Allows, Authorized, Error, Result, SendAs, Session,
    authorized::scanning::{Then, Verdict, Watch},
    marking::HeldMessage,
    permit::Permit,
    ports::{Abilities, Begun, Envelope, Mark, MtaReply, Recipient, ScanFacts, ScanOf, Transaction},
};
use passerelle_model::IdentityRef;
use std::{fmt, net::IpAddr, sync::Arc};
use tokio::time::Instant;

/// What came of announcing a sender to the MTA.
#[derive(Debug)]
pub enum Opening {
    /// A message can follow, and this is what the MTA said.
    Open(Box<Sending>, MtaReply),
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
    /// How many were named.
    named: u32,
    /// What the client says of its size, in octets.
    size: Option<u64>,
    watch: Watch,
    /// The message, while it waits for its marks.
    held: Option<HeldMessage>,
}

/// What becomes of a recipient that was named.
#[derive(Debug)]
pub enum Named {
    /// The MTA was asked, and said this.
    Asked(MtaReply),
    /// The message has as many as one may have (RFC 5321 §4.5.3.1.10).
    TooMany,
    /// The sender has had as many in an hour as one may have.
    TooOften,
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
    /// The MTA was lost before the message's end. Nothing is delivered.
    Lost(Error),
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

    /// Announces the sender to the MTA of its institution. Counts as a message of whoever is signed on.
    ///
    /// # Errors
    /// `TooMany` when they have sent as many in an hour as they may; `Unavailable` when the MTA cannot be reached; `Unsupported` when it lacks what the envelope asks for.
    pub async fn begin(&self, envelope: &Envelope) -> Result<Opening> {
        let (actor, house) = (self.permit.actor_shared(), Arc::clone(&self.house));
        let session = Session { actor, house, web: None };
        let most = session.institution()?.sending.messages_per_hour;
        let counted = self.house.sent.message(session.principal()?.account(), most, Instant::now());
        counted.map_err(|seconds| Error::TooMany { seconds })?;
        let permit = self.permit.narrow();
        let begun = self.port.begin(&permit, envelope).await?;
        Ok(match begun {
            Begun::Refused(reply) => Opening::Refused(reply),
            Begun::Open(transaction, reply) => {
                let sending = Sending {
                    transaction,
                    session,
                    permit,
                    client: envelope.client.address,
                    recipients: Vec::new(),
                    named: 0,
                    size: envelope.size,
                    watch: Watch::default(),
                    held: None,
                };
                Opening::Open(Box::new(sending), reply)
            }
        })
    }
}

impl Sending {
    /// Names recipients, and what becomes of each, in their order. Counts as recipients of whoever is signed on.
    ///
    /// # Errors
    /// `Unavailable` when the MTA is lost; nothing was delivered.
    pub async fn recipients(&mut self, some: &[Recipient]) -> Result<Vec<Named>> {
        let mut refused = Vec::with_capacity(some.len());
        for _ in some {
            refused.push(self.count()?);
        }
        let asked: Vec<Recipient> =
            some.iter().zip(&refused).filter(|(_, refused)| refused.is_none()).map(|(one, _)| one.clone()).collect();
        let replies = if asked.is_empty() { Vec::new() } else { self.transaction.recipients(&asked).await? };
        let taken = asked.iter().zip(&replies).filter(|(_, reply)| reply.is_positive());
        self.recipients.extend(taken.map(|(one, _)| one.address.clone()));
        let mut replies = replies.into_iter();
        let silent = || Error::internal("naming recipients", "the MTA's answers are too few");
        let answer = |refused: Option<Named>| match refused {
            Some(refused) => Ok(refused),
            None => replies.next().map(Named::Asked).ok_or_else(silent),
        };
        refused.into_iter().map(answer).collect()
    }

    /// Counts one more recipient, and says why it is too many.
    fn count(&mut self) -> Result<Option<Named>> {
        let rules = &self.session.institution()?.sending;
        if self.named >= rules.recipients {
            return Ok(Some(Named::TooMany));
        }
        let sender = self.session.principal()?.account();
        if !self.session.house.sent.recipient(sender, rules.recipients_per_hour, Instant::now()) {
            return Ok(Some(Named::TooOften));
        }
        self.named = self.named.saturating_add(1);
        Ok(None)
    }

    /// Asks the MTA to take the message: 354 is yes, and the scanners of the institution begin to look.
    ///
    /// # Errors
    /// As [`Self::recipients`].
    pub async fn content(&mut self) -> Result<MtaReply> {
        let reply = self.transaction.content().await?;
        if reply.code == 354 {
            let facts = ScanFacts { recipients: std::mem::take(&mut self.recipients), client: Some(self.client) };
            let house = Arc::clone(&self.session.house);
            let tenant = house.tenant(&self.permit.target().owner.institution)?;
            let scanners = tenant.scanners.iter().map(|it| (it, it.duty.then()));
            self.watch = Watch::begin(scanners, ScanOf::Sent(&self.permit), &facts).await;
            if self.watch.marks() {
                let sender = self.session.principal().map_or(&self.permit.target().owner, |person| person.account());
                let (limits, budget) = (house.marking, Arc::clone(&house.budget));
                self.held = Some(HeldMessage::new(sender.clone(), limits, budget));
                if self.size.is_some_and(|size| size > limits.message) {
                    self.let_go().await?;
                }
            }
        }
        Ok(reply)
    }

    /// The names of fields, in lower case, that only the institution's scanners may put into this message.
    pub fn reserved_fields(&self) -> Vec<String> {
        self.watch.reserved().iter().map(|name| name.to_ascii_lowercase()).collect()
    }

    /// Sends octets of the message, whose lines end with CRLF. A reply is the MTA's last word: it takes no more.
    ///
    /// # Errors
    /// As [`Self::recipients`]; `Invalid` for a CR or LF by itself.
    pub async fn write(&mut self, piece: &[u8]) -> Result<Option<MtaReply>> {
        self.watch.write(piece).await;
        if let Some(held) = &mut self.held {
            if held.hold(piece) {
                return Ok(None);
            }
            if let Some(reply) = self.let_go().await? {
                return Ok(Some(reply));
            }
        }
        self.transaction.write(piece).await
    }

    /// There is no room to hold the message for its marks: it goes on as it comes, and what is found has the other consequence
    /// that the institution chose.
    async fn let_go(&mut self) -> Result<Option<MtaReply>> {
        let tenant = self.session.house.tenant(&self.permit.target().owner.institution)?;
        let then = if tenant.facts.scanning.beyond_memory { Then::Nothing } else { Then::Refuse };
        self.watch.instead_of_marks(then);
        let Some(held) = self.held.take() else { return Ok(None) };
        for piece in held.pieces() {
            if let Some(reply) = self.transaction.write(piece).await? {
                return Ok(Some(reply));
            }
        }
        Ok(None)
    }

    /// Ends the message and waits for what the MTA says of it. Before its last octets leave, the session must hold still and
    /// every scanner must have said its word.
    ///
    /// # Errors
    /// Why the MTA has not answered.
    pub async fn commit(self) -> Result<Delivered, Undelivered> {
        let Self { mut transaction, session, permit, watch, held, .. } = self;
        let (marks, mut unscanned) = match watch.verdict().await {
            Verdict::Found { scanner, what } => return Err(Undelivered::Found { scanner, what }),
            Verdict::Later => return Err(Undelivered::Later),
            Verdict::Passes { marks, unscanned } => (marks, unscanned),
        };
        let tenant = session.house.tenant(&permit.target().owner.institution).map_err(Undelivered::Withdrawn)?;
        if !tenant.facts.sending.without_scanner
            && let Some(error) = unscanned.pop()
        {
            return Err(Undelivered::Unscanned(error));
        }
        session.check_in_force().map_err(Undelivered::Withdrawn)?;
        if let Some(held) = held {
            let fields: String = marks.iter().map(Mark::to_line).collect();
            let pieces = held.pieces().iter().map(Vec::as_slice);
            for piece in std::iter::once(fields.as_bytes()).chain(pieces).filter(|piece| !piece.is_empty()) {
                if let Some(reply) = transaction.write(piece).await.map_err(Undelivered::Lost)? {
                    return Ok(Delivered { reply, unscanned });
                }
            }
            // To hand it over took its time.
            session.check_in_force().map_err(Undelivered::Withdrawn)?;
        }
        let reply = transaction.commit().await.map_err(Undelivered::Silent)?;
        Ok(Delivered { reply, unscanned })
    }
}
