//! BDAT: the message comes in chunks of a length that is told (RFC 3030). To the MTA it goes by DATA, whatever that takes.

use crate::{
    conversation::{Ended, Talk},
    data::MOST_DISCARDED,
    refusal::of_outcome,
    transaction::{State, Transaction},
};
use passerelle_core::Sending;
use passerelle_submission::{Intake, Refusal, Trace};
use passerelle_wire_smtp::{Purity, Reply};
use std::io;

impl Talk {
    pub(crate) async fn chunk(&mut self, size: u64, last: bool) -> io::Result<Option<Ended>> {
        // RFC 3030 §2: the octets follow at once and are read, whatever becomes of them.
        if size > MOST_DISCARDED {
            self.reply(&Reply::new(552, "5.3.4 The chunk is larger than is taken here"));
            return Ok(Some(Ended::Closed));
        }
        let mut transaction = match std::mem::replace(&mut self.state, State::Idle) {
            State::Open(transaction) if transaction.accepted > 0 => transaction,
            State::Open(transaction) => {
                self.state = State::Open(transaction);
                return self.pass_over(size, &Reply::new(554, "5.5.1 There is no recipient")).await;
            }
            State::Lost(reply) => {
                self.state = State::Lost(reply.clone());
                return self.pass_over(size, &reply).await;
            }
            State::Idle => return self.pass_over(size, &Reply::new(503, "5.5.1 Name a sender first")).await,
        };
        if transaction.chunks.is_none() {
            match begin(&mut transaction).await {
                Ok(intake) => transaction.chunks = Some((intake, Purity::default())),
                Err(error) => {
                    let reply = self.state.lose(&error);
                    return self.pass_over(size, &reply).await;
                }
            }
        }
        self.take_chunk(transaction, size, last).await
    }

    async fn take_chunk(
        &mut self,
        mut transaction: Box<Transaction>,
        size: u64,
        last: bool,
    ) -> io::Result<Option<Ended>> {
        let Some((mut intake, mut purity)) = transaction.chunks.take() else { return Ok(None) };
        let passage = self.passage()?;
        // Kept apart from the conversation while that reads.
        let Some(signed) = self.signed.take() else { return self.answer(530, "5.7.0 Log in first") };
        self.receiving = true;
        let Transaction { sending, from, utf8, accepted, .. } = &mut *transaction;
        let (session, rules) = (&signed.session, &signed.rules);
        let trace = Trace { session, rules, from, utf8: *utf8, passage: &passage };
        if let Some(ended) = self.read_chunk(&mut intake, &mut purity, sending, size, &trace).await? {
            return Ok(Some(ended));
        }
        let reply = if last && purity.end().is_err() && !intake.is_refused() {
            intake.refuse(sending, Refusal::Impure);
            of_outcome(intake.end(None, *accepted, &trace).await)
        } else if last || intake.is_refused() {
            of_outcome(intake.end(sending.take(), *accepted, &trace).await)
        } else {
            transaction.chunks = Some((intake, purity));
            self.state = State::Open(transaction);
            Reply::new(250, format!("2.0.0 {size} octets are on their way"))
        };
        (self.signed, self.receiving) = (Some(signed), false);
        self.reply(&reply);
        Ok(None)
    }

    async fn read_chunk(
        &mut self,
        intake: &mut Intake,
        purity: &mut Purity,
        sending: &mut Option<Sending>,
        size: u64,
        trace: &Trace<'_>,
    ) -> io::Result<Option<Ended>> {
        let mut left = size;
        while left > 0 {
            if self.incoming.is_empty()
                && let Some(ended) = self.some().await?
            {
                return Ok(Some(ended));
            }
            let piece = self.piece(&mut left);
            if !intake.is_refused() && purity.look(&piece).is_err() {
                intake.refuse(sending, Refusal::Impure);
            }
            intake.take(sending, &piece, trace).await;
        }
        Ok(None)
    }

    /// Reads a chunk of what is refused.
    async fn pass_over(&mut self, size: u64, reply: &Reply) -> io::Result<Option<Ended>> {
        let mut left = size;
        while left > 0 {
            if self.incoming.is_empty()
                && let Some(ended) = self.some().await?
            {
                return Ok(Some(ended));
            }
            self.piece(&mut left);
        }
        self.reply(reply);
        Ok(None)
    }

    /// What has come of so many octets that are left.
    fn piece(&mut self, left: &mut u64) -> Vec<u8> {
        let most = usize::try_from(*left).unwrap_or(usize::MAX).min(self.incoming.len());
        *left = left.saturating_sub(u64::try_from(most).unwrap_or(u64::MAX));
        self.incoming.drain(..most).collect()
    }
}

/// Asks the MTA to take the message; what it says against it is the answer to every chunk.
async fn begin(transaction: &mut Transaction) -> passerelle_core::Result<Intake> {
    let Some(sending) = &mut transaction.sending else { return Ok(Intake::refused(Refusal::Impure)) };
    let reply = sending.content().await?;
    if reply.code == 354 {
        return Ok(Intake::new(transaction.largest));
    }
    drop(transaction.sending.take());
    Ok(Intake::refused(Refusal::Mta(reply)))
}
