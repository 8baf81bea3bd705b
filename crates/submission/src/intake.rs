//! A message on its way through: its header is gathered and judged, its body passes as it comes.
//!
//! What is refused under way is refused for good: the connection to the MTA is dropped at once, before the message's end, and
//! what the client still sends goes nowhere.

use crate::{Refusal, Trace, refusal::of_code};
use passerelle_core::{Delivered, Error, Sending};
use passerelle_observe::{MessageSubmitted, emit};
use passerelle_wire_smtp::{Gathered, Gatherer};

/// What a message has come to so far.
#[derive(Debug)]
pub struct Intake {
    stage: Stage,
    octets: u64,
    largest: Option<u64>,
}

#[derive(Debug)]
enum Stage {
    Header(Gatherer),
    Body,
    Refused(Refusal),
}

impl Intake {
    /// A message that is to come, of at most so many octets.
    #[must_use]
    pub fn new(largest: Option<u64>) -> Self {
        Self { stage: Stage::Header(Gatherer::default()), octets: 0, largest }
    }

    /// One that was refused before it came.
    #[must_use]
    pub fn refused(refusal: Refusal) -> Self {
        Self { stage: Stage::Refused(refusal), octets: 0, largest: None }
    }

    /// Whether it was refused already.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        matches!(self.stage, Stage::Refused(_))
    }

    /// What came of it, in octets.
    #[must_use]
    pub fn octets(&self) -> u64 {
        self.octets
    }

    /// Refuses it, and lets the MTA go.
    pub fn refuse(&mut self, sending: &mut Option<Sending>, refusal: Refusal) {
        drop(sending.take());
        self.stage = Stage::Refused(refusal);
    }

    /// Takes octets of the message, whose lines end with CRLF.
    pub async fn take(&mut self, sending: &mut Option<Sending>, piece: &[u8], trace: &Trace<'_>) {
        self.octets = self.octets.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if let (Some(most), false) = (self.largest, self.is_refused())
            && self.octets > most
        {
            return self.refuse(sending, Error::TooLarge { most }.into());
        }
        match &mut self.stage {
            Stage::Refused(_) => {}
            Stage::Body => self.pass(sending, piece).await,
            Stage::Header(gatherer) => match gatherer.take(piece) {
                Gathered::More => {}
                Gathered::TooLarge => self.refuse(sending, Refusal::LargeHeader),
                Gathered::Whole { header, rest } => {
                    self.header(sending, &header, trace).await;
                    if matches!(self.stage, Stage::Body) {
                        self.pass(sending, &rest).await;
                    }
                }
            },
        }
    }

    async fn header(&mut self, sending: &mut Option<Sending>, header: &[u8], trace: &Trace<'_>) {
        let reserved = sending.as_ref().map(Sending::reserved_fields).unwrap_or_default();
        match trace.prepare(header, &reserved).await {
            Ok(header) => {
                self.stage = Stage::Body;
                self.pass(sending, &header).await;
            }
            Err(refusal) => self.refuse(sending, refusal),
        }
    }

    async fn pass(&mut self, sending: &mut Option<Sending>, piece: &[u8]) {
        let Some(mta) = sending else { return };
        match mta.write(piece).await {
            Ok(None) => {}
            Ok(Some(reply)) => self.refuse(sending, Refusal::Mta(reply)),
            Err(error) => self.refuse(sending, error.into()),
        }
    }

    /// The message has ended, and the MTA says what it says, for so many recipients that it took.
    ///
    /// # Errors
    /// Why it is not sent.
    pub async fn end(
        mut self,
        mut sending: Option<Sending>,
        recipients: u32,
        trace: &Trace<'_>,
    ) -> Result<Delivered, Refusal> {
        if let Stage::Header(gatherer) = &mut self.stage {
            // No body: all that came is header.
            let header = std::mem::take(gatherer).end();
            self.header(&mut sending, &header, trace).await;
        }
        let outcome = match (self.stage, sending) {
            (Stage::Refused(refusal), _) => Err(refusal),
            (Stage::Header(_) | Stage::Body, Some(mta)) => match mta.commit().await {
                Ok(delivered) if delivered.reply.is_positive() => Ok(delivered),
                Ok(delivered) => Err(Refusal::Mta(delivered.reply)),
                Err(undelivered) => Err(Refusal::Undelivered(undelivered)),
            },
            (Stage::Header(_) | Stage::Body, None) => {
                Err(Error::internal("ending a message", "there is no MTA for it").into())
            }
        };
        let result = outcome.as_ref().map_or_else(Refusal::result, |delivered| of_code(delivered.reply.code));
        let institution = &trace.from.owner.institution;
        emit(MessageSubmitted { institution, result, id: &trace.passage.id, recipients, octets: self.octets });
        outcome
    }
}
