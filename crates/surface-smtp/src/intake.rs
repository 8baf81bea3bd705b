//! A message on its way through: its header is gathered and judged, its body passes as it comes.
//!
//! What is refused under way is refused for good: the connection to the MTA is dropped at once, before the message's end, and
//! what the client still sends goes nowhere.

use crate::{
    auth::tell,
    header::Trace,
    mail::told,
    refusal::{of_message, of_silence, of_undelivered},
};
use passerelle_core::{Error, Sending, Undelivered};
use passerelle_observe::{MessageSubmitted, emit};
use passerelle_wire_smtp::{Gathered, Gatherer, Reply};

/// What a message has come to so far.
pub(crate) struct Intake {
    stage: Stage,
    octets: u64,
    largest: Option<u64>,
}

enum Stage {
    Header(Gatherer),
    Body,
    Refused(Reply),
}

impl Intake {
    pub(crate) fn new(largest: Option<u64>) -> Self {
        Self { stage: Stage::Header(Gatherer::default()), octets: 0, largest }
    }

    /// One that was refused before it came.
    pub(crate) fn refused(reply: Reply) -> Self {
        Self { stage: Stage::Refused(reply), octets: 0, largest: None }
    }

    /// Why it was refused, if it was.
    pub(crate) fn refusal(&self) -> Option<&Reply> {
        match &self.stage {
            Stage::Refused(reply) => Some(reply),
            Stage::Header(_) | Stage::Body => None,
        }
    }

    /// What came of it, in octets.
    pub(crate) fn octets(&self) -> u64 {
        self.octets
    }

    /// Refuses it, and lets the MTA go.
    pub(crate) fn refuse(&mut self, sending: &mut Option<Sending>, reply: Reply) {
        drop(sending.take());
        self.stage = Stage::Refused(reply);
    }

    /// Takes octets of the message, whose lines end with CRLF.
    pub(crate) async fn take(&mut self, sending: &mut Option<Sending>, piece: &[u8], trace: &Trace<'_>) {
        self.octets = self.octets.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        if let (Some(most), None) = (self.largest, self.refusal())
            && self.octets > most
        {
            return self.refuse(sending, of_message(&Error::TooLarge { most }));
        }
        match &mut self.stage {
            Stage::Refused(_) => {}
            Stage::Body => self.pass(sending, piece).await,
            Stage::Header(gatherer) => match gatherer.take(piece) {
                Gathered::More => {}
                Gathered::TooLarge => {
                    self.refuse(sending, Reply::new(552, "5.3.4 The header is larger than 256 KiB"));
                }
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
            Err(reply) => self.refuse(sending, reply),
        }
    }

    async fn pass(&mut self, sending: &mut Option<Sending>, piece: &[u8]) {
        let Some(mta) = sending else { return };
        match mta.write(piece).await {
            Ok(None) => {}
            Ok(Some(reply)) => self.refuse(sending, told(reply)),
            Err(error) => {
                tell(&error);
                self.refuse(sending, of_message(&error));
            }
        }
    }

    /// The message has ended: the answer is the MTA's, or ours for what was refused.
    pub(crate) async fn end(mut self, mut sending: Option<Sending>, recipients: u32, trace: &Trace<'_>) -> Reply {
        if let Stage::Header(gatherer) = &mut self.stage {
            // No body: all that came is header.
            let header = std::mem::take(gatherer).end();
            self.header(&mut sending, &header, trace).await;
        }
        let (mut reply, mut silent) = (self.refusal().cloned(), false);
        if let (Some(mta), None) = (sending.take(), &reply) {
            let outcome = mta.commit().await;
            silent = matches!(outcome, Err(Undelivered::Silent(_)));
            reply = Some(match outcome {
                Ok(delivered) => {
                    delivered.unscanned.iter().for_each(tell);
                    told(delivered.reply)
                }
                Err(undelivered) => of_undelivered(&undelivered),
            });
        }
        let reply = reply.unwrap_or_else(of_silence);
        let result = match reply.code {
            _ if silent => "unknown",
            200..=299 => "accepted",
            400..=499 => "deferred",
            _ => "refused",
        };
        let institution = &trace.from.owner.institution;
        emit(MessageSubmitted { institution, result, id: &trace.passage.id, recipients, octets: self.octets });
        reply
    }
}
