//! DATA: the message comes up to a line with a dot alone (RFC 5321 §4.1.1.4).

use crate::{
    conversation::{Ended, Talk},
    mail::told,
    refusal::of_outcome,
    transaction::{State, Transaction},
};
use passerelle_core::Sending;
use passerelle_net::ClientStream;
use passerelle_submission::{Intake, Passage, Refusal, Trace, Way, fresh_id};
use passerelle_wire_smtp::{Content, Decoded};
use std::io;

/// Most octets that are read of a message which was refused, for the client to hear why at its end.
pub(crate) const MOST_DISCARDED: u64 = 256 * 1024 * 1024;

/// How reading a message has ended.
enum Read {
    Whole,
    Impure,
    /// There is too much of what was refused.
    Endless,
    /// The client is gone, or was silent for too long.
    Ended(Ended),
}

impl Talk {
    pub(crate) async fn data(&mut self) -> io::Result<Option<Ended>> {
        let mut transaction = match std::mem::replace(&mut self.state, State::Idle) {
            State::Open(transaction) => transaction,
            State::Lost(reply) => {
                self.reply(&reply);
                self.state = State::Lost(reply);
                return Ok(None);
            }
            State::Idle => return self.answer(503, "5.5.1 Name a sender first"),
        };
        if transaction.chunks.is_some() {
            return self.answer(503, "5.5.1 The message has begun in chunks");
        }
        if transaction.accepted == 0 {
            self.state = State::Open(transaction);
            return self.answer(554, "5.5.1 There is no recipient");
        }
        let Some(mut sending) = transaction.sending.take() else { return self.answer(503, "5.5.1 Begin again") };
        match sending.content().await {
            Ok(reply) if reply.code == 354 => self.say("354 End the message with a dot on a line by itself\r\n"),
            Ok(reply) => {
                self.reply(&told(reply));
                return Ok(None);
            }
            Err(error) => {
                let reply = self.state.lose(&error);
                self.state = State::Idle;
                self.reply(&reply);
                return Ok(None);
            }
        }
        self.message(*transaction, sending).await
    }

    async fn message(&mut self, transaction: Transaction, sending: Sending) -> io::Result<Option<Ended>> {
        let Transaction { from, utf8, largest, accepted, .. } = transaction;
        let (mut intake, mut sending) = (Intake::new(largest), Some(sending));
        let passage = self.passage()?;
        // Kept apart from the conversation while that reads.
        let Some(signed) = self.signed.take() else { return self.answer(530, "5.7.0 Log in first") };
        self.receiving = true;
        let (session, rules) = (&signed.session, &signed.rules);
        let trace = Trace { session, rules, from: &from, utf8, passage: &passage };
        let (outcome, ended) = match self.read_message(&mut intake, &mut sending, &trace).await? {
            Read::Ended(ended) => return Ok(Some(ended)),
            Read::Whole => (intake.end(sending, accepted, &trace).await, None),
            Read::Endless => (intake.end(sending, accepted, &trace).await, Some(Ended::Closed)),
            Read::Impure => {
                intake.refuse(&mut sending, Refusal::Impure);
                // Where the message ends is another thing to the client than to us: what follows is no command.
                (intake.end(sending, accepted, &trace).await, Some(Ended::Closed))
            }
        };
        (self.signed, self.receiving) = (Some(signed), false);
        self.reply(&of_outcome(outcome));
        Ok(ended)
    }

    /// Reads to the end of the message. Whoever is gone or silent before it leaves nothing: what is on its way to the MTA is
    /// dropped with its connection.
    async fn read_message(
        &mut self,
        intake: &mut Intake,
        sending: &mut Option<Sending>,
        trace: &Trace<'_>,
    ) -> io::Result<Read> {
        let (mut content, mut out) = (Content::default(), Vec::new());
        loop {
            if self.incoming.is_empty() {
                match self.some().await? {
                    None => {}
                    Some(ended) => return Ok(Read::Ended(ended)),
                }
            }
            out.clear();
            let decoded = content.take(&self.incoming, &mut out);
            match decoded {
                Decoded::Impure => return Ok(Read::Impure),
                Decoded::End(taken) => drop(self.incoming.drain(..taken)),
                Decoded::More => self.incoming.clear(),
            }
            intake.take(sending, &out, trace).await;
            if let Decoded::End(_) = decoded {
                return Ok(Read::Whole);
            }
            if intake.is_refused() && intake.octets() > MOST_DISCARDED {
                return Ok(Read::Endless);
            }
        }
    }

    /// How a message comes in here.
    pub(crate) fn passage(&self) -> io::Result<Passage> {
        let own = self.signed.as_ref().and_then(|signed| signed.session.institution().ok()?.hosts.first().cloned());
        Ok(Passage {
            // What the client asked for, or the sender's own.
            host: self.connection.host.clone().or(own).unwrap_or_else(|| self.host()),
            peer: self.connection.peer,
            way: Way::Smtp {
                hello: self.hello.as_ref().map_or_else(String::new, |hello| hello.name.clone()),
                tls: matches!(self.connection.stream, ClientStream::Tls(_)),
            },
            id: fresh_id().map_err(|error| io::Error::other(error.chain()))?,
        })
    }
}
