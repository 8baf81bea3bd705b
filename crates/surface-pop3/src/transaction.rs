//! The TRANSACTION state (RFC 1939 §5): numbers, messages and marks. Nothing here changes the mailbox.

use crate::{
    authorization::{record, wrong_answer},
    capability::capabilities,
    client::{Came, Client},
    login::LoggedIn,
    maildrop::Maildrop,
    refusal::{At, refusal},
    retrieve::{self, Cut, Sent},
    update,
};
use passerelle_core::{OpenedMailbox, Remove, Session, Tie};
use passerelle_model::MailboxRef;
use passerelle_net::AccountSlot;
use passerelle_observe::{MaildropClosed, Withdrawn, emit};
use passerelle_wire_pop3::Command;
use std::{fmt::Write as _, io};

/// Most lines that are no command before the connection is closed.
const MOST_GARBAGE: u32 = 20;
/// A listing goes out in parts of about this size, in octets.
const PART: usize = 8 * 1024;

/// A client with its maildrop.
pub(crate) struct Transaction {
    client: Client,
    session: Session,
    tie: Tie,
    mailbox: MailboxRef,
    opened: OpenedMailbox,
    maildrop: Maildrop,
    counts: Counts,
    _slot: AccountSlot,
}

#[derive(Default)]
struct Counts {
    retrieved: u32,
    removed: u32,
    octets: u64,
    garbage: u32,
}

/// How a session ends.
#[derive(Clone, Copy)]
struct Ending {
    reason: &'static str,
    /// Whether an answer was under way, which must look cut.
    cut: bool,
}

const fn ended(reason: &'static str) -> Ending {
    Ending { reason, cut: false }
}

impl Transaction {
    pub(crate) fn new(client: Client, logged_in: LoggedIn) -> Self {
        let LoggedIn { session, tie, mailbox, opened, maildrop, slot } = logged_in;
        Self { client, session, tie, mailbox, opened, maildrop, counts: Counts::default(), _slot: slot }
    }

    /// Runs to the end, whatever brings it.
    pub(crate) async fn run(mut self) {
        let withdrawn = self.tie.clone().withdrawn();
        let ending = tokio::select! {
            biased;
            () = withdrawn => {
                emit(Withdrawn { surface: crate::NAME });
                // POP3 has no word that nobody asked for: the connection just ends, wherever it is.
                Ending { reason: "withdrawn", cut: true }
            }
            served = self.serve() => served.unwrap_or_else(|error| {
                tracing::debug!(surface = crate::NAME, %error, "a client broke off");
                Ending { reason: "client", cut: true }
            }),
        };
        let Counts { retrieved, removed, octets, .. } = self.counts;
        if ending.cut {
            self.client.cut().await;
        } else {
            self.client.end().await;
            self.opened.close().await;
        }
        emit(MaildropClosed { reason: ending.reason, retrieved, removed, octets });
    }

    async fn serve(&mut self) -> io::Result<Ending> {
        loop {
            let line = match self.client.line().await? {
                Came::Line(line) => line,
                Came::Gone => return Ok(ended("client")),
                Came::TooLong => {
                    self.client.say("-ERR A line is shorter than 12 KiB\r\n").await?;
                    return Ok(ended("garbage"));
                }
                // RFC 1939 §3: without a word, and without the UPDATE state.
                Came::Silent => return Ok(ended("idle")),
                Came::Drained => return Ok(ended("drain")),
            };
            match Command::parse(&line) {
                Ok(command) => {
                    if let Some(ending) = self.command(command).await? {
                        return Ok(ending);
                    }
                }
                Err(wrong) => {
                    self.counts.garbage = self.counts.garbage.saturating_add(1);
                    self.client.say(wrong_answer(wrong)).await?;
                    if self.counts.garbage >= MOST_GARBAGE {
                        return Ok(ended("garbage"));
                    }
                }
            }
        }
    }

    async fn command(&mut self, command: Command) -> io::Result<Option<Ending>> {
        match command {
            Command::Capa => self.client.say(&capabilities(&self.client, true, &[])).await?,
            Command::Noop => self.client.say("+OK\r\n").await?,
            Command::Stat => {
                let (messages, octets) = self.maildrop.stat();
                self.client.say(&format!("+OK {messages} {octets}\r\n")).await?;
            }
            Command::List(number) => self.list(number, |_, message| message.listed.size.to_string()).await?,
            Command::Uidl(number) => self.list(number, Maildrop::unique_id).await?,
            Command::Retr(number) => return self.retrieve(number, None).await,
            Command::Top(number, lines) => return self.retrieve(number, Some(lines)).await,
            Command::Dele(number) => self.delete(number).await?,
            Command::Rset => {
                self.maildrop.reset();
                self.client.say("+OK No message is marked\r\n").await?;
            }
            Command::Quit => return self.quit().await.map(Some),
            Command::User(_) | Command::Pass(_) | Command::Apop | Command::Auth { .. } | Command::Stls => {
                self.client.say("-ERR You are logged in\r\n").await?;
            }
        }
        Ok(None)
    }

    /// LIST and UIDL: what is told of one message, or of all that are not marked.
    async fn list(
        &mut self,
        number: Option<u32>,
        told: fn(&Maildrop, &crate::maildrop::Message) -> String,
    ) -> io::Result<()> {
        let Self { client, maildrop, .. } = self;
        if let Some(number) = number {
            return match maildrop.message(number) {
                Ok(message) => client.say(&format!("+OK {number} {}\r\n", told(maildrop, message))).await,
                Err(missing) => client.say(missing.answer()).await,
            };
        }
        let mut part = format!("+OK {} messages\r\n", maildrop.stat().0);
        for (number, message) in maildrop.numbered() {
            // Writing to a String cannot fail.
            let _ = write!(part, "{number} {}\r\n", told(maildrop, message));
            if part.len() >= PART {
                client.say(&part).await?;
                part.clear();
            }
        }
        part.push_str(".\r\n");
        client.say(&part).await
    }

    async fn retrieve(&mut self, number: u32, lines: Option<u32>) -> io::Result<Option<Ending>> {
        let listed = match self.maildrop.message(number) {
            Ok(message) => &message.listed,
            Err(missing) => {
                self.client.say(missing.answer()).await?;
                return Ok(None);
            }
        };
        let sent = match lines {
            None => retrieve::whole(&mut self.client, &mut self.opened, listed.uid, listed.size).await,
            Some(lines) => retrieve::top(&mut self.client, &mut self.opened, listed.uid, lines).await,
        };
        match sent {
            Sent::Whole(octets) => {
                self.counts.retrieved = self.counts.retrieved.saturating_add(u32::from(lines.is_none()));
                self.counts.octets = self.counts.octets.saturating_add(octets);
                Ok(None)
            }
            Sent::Refused(error) => {
                record(&error);
                self.client.say(&format!("{}\r\n", refusal(&error, At::Message))).await?;
                Ok(None)
            }
            Sent::Cut(Cut::Store(error)) => {
                record(&error);
                Ok(Some(Ending { reason: "store", cut: true }))
            }
            Sent::Cut(Cut::Client(error)) => Err(error),
        }
    }

    /// Marks a message. Whether its owner may remove it is asked now, so that nobody learns it at QUIT only.
    async fn delete(&mut self, number: u32) -> io::Result<()> {
        let answer = match self.session.open::<_, Remove>(self.mailbox.clone()).await {
            Ok(_) if !self.opened.facts().removes => {
                "-ERR [SYS/PERM] This mail store cannot remove single messages\r\n".to_owned()
            }
            Ok(_) => match self.maildrop.delete(number) {
                Ok(()) => "+OK It goes at QUIT\r\n".to_owned(),
                Err(missing) => missing.answer().to_owned(),
            },
            Err(error) => {
                record(&error);
                format!("{}\r\n", refusal(&error, At::Message))
            }
        };
        self.client.say(&answer).await
    }

    async fn quit(&mut self) -> io::Result<Ending> {
        // Answers that wait are not held back while the store works.
        self.client.flush().await?;
        let uids = self.maildrop.deleted();
        match update::update(&self.session, &self.mailbox, &mut self.opened, &uids).await {
            Ok(()) => {
                self.counts.removed = u32::try_from(uids.len()).unwrap_or(u32::MAX);
                self.client.say("+OK Goodbye\r\n").await?;
                Ok(ended("quit"))
            }
            Err(error) => {
                record(&error);
                self.client.say(&format!("{}\r\n", refusal(&error, At::Update))).await?;
                Ok(ended("failed"))
            }
        }
    }
}
