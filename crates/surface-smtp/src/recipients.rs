//! RCPT: each recipient is the MTA's to take or to refuse. Those that a client named together are asked together.

use crate::{
    conversation::{Ended, Talk},
    mail::told,
    transaction::State,
};
use passerelle_core::{Named, ports::Recipient};
use passerelle_wire_smtp::{Address, Command, Line, RecipientParameters, Reply, line};
use std::io;

/// Most recipients that the MTA is asked for at once.
const MOST_AT_ONCE: usize = 100;

/// What is answered for one recipient.
enum Answer {
    Ours(Reply),
    /// What the MTA says of the next one that it was asked for.
    Mtas,
}

impl Talk {
    pub(crate) async fn recipients(
        &mut self,
        address: Address,
        parameters: RecipientParameters,
    ) -> io::Result<Option<Ended>> {
        let mut named = vec![(address, parameters)];
        // What has come already: nothing is waited for.
        while named.len() < MOST_AT_ONCE
            && let Line::Whole(text, taken) = line(&self.incoming)
            && let Ok(Command::Recipient(address, parameters)) = Command::parse(text)
        {
            named.push((address, parameters));
            self.incoming.drain(..taken);
        }
        let mut asked = Vec::new();
        let answers: Vec<Answer> =
            named.into_iter().map(|(address, said)| self.judge(&address, said, &mut asked)).collect();
        let mut replies = Vec::new().into_iter();
        if !asked.is_empty()
            && let State::Open(transaction) = &mut self.state
        {
            let outcome = match &mut transaction.sending {
                Some(sending) => sending.recipients(&asked).await,
                None => Ok(Vec::new()),
            };
            match outcome {
                Ok(said) => {
                    let said: Vec<Reply> = said.into_iter().map(of_named).collect();
                    let taken = said.iter().filter(|reply| reply.is_positive()).count();
                    let taken = u32::try_from(taken).unwrap_or(u32::MAX);
                    transaction.accepted = transaction.accepted.saturating_add(taken);
                    replies = said.into_iter();
                }
                Err(error) => {
                    let lost = self.state.lose(&error);
                    replies = vec![lost; asked.len()].into_iter();
                }
            }
        }
        for answer in answers {
            match answer {
                Answer::Ours(reply) => self.reply(&reply),
                Answer::Mtas => {
                    let silence = || Reply::new(451, "4.4.2 The mail server said nothing of this one");
                    let reply = replies.next().unwrap_or_else(silence);
                    self.reply(&reply);
                }
            }
        }
        Ok(None)
    }

    /// What is refused here, and what the MTA is to be asked.
    fn judge(&mut self, address: &Address, said: RecipientParameters, asked: &mut Vec<Recipient>) -> Answer {
        let refused = |code, text: &str| Answer::Ours(Reply::new(code, text));
        let transaction = match &mut self.state {
            State::Open(transaction) if transaction.chunks.is_none() => transaction,
            State::Open(_) => return refused(503, "5.5.1 The message has begun"),
            State::Idle => return refused(503, "5.5.1 Name a sender first"),
            State::Lost(reply) => return Answer::Ours(reply.clone()),
        };
        if !transaction.utf8 && !address.is_ascii() {
            return refused(553, "5.6.7 The address needs SMTPUTF8");
        }
        let notify = said.notify.map(|notify| notify.to_string());
        asked.push(Recipient { address: address.as_str().to_owned(), notify, original: said.original });
        Answer::Mtas
    }
}

/// What is answered for a recipient that was named.
fn of_named(named: Named) -> Reply {
    match named {
        Named::Asked(reply) => told(reply),
        // RFC 5321 §4.5.3.1.10
        Named::TooMany => Reply::new(452, "4.5.3 Too many recipients, send the message to the others by itself"),
        Named::TooOften => Reply::new(450, "4.7.1 Too many recipients in an hour, wait and try again"),
    }
}
