//! A POP3 account (RFC 1939) as the surface knows accounts: behind the stream that it holds, IMAP (RFC 9051, RFC 3501) is
//! spoken in this process, for one mailbox ([decision](../../../../docs/decisions/0020-external-pop3.md)).
//!
//! Only what is asked of such a folder is known here. A session with the server lasts while it is used, since most lock the
//! maildrop for as long; the next look is a new one. Nothing of a message outlives the command that asked for it but one that was
//! asked for in parts, in memory, for half a minute.

mod change;
mod fetch;
mod items;
mod mailbox;
mod pipe;
mod search;
mod session;
mod structure;
mod view;

use crate::settings::Settings;
use fetch::Held;
use passerelle_core::{
    Error,
    ports::{ExternalFault, ExternalServer, MaildropUids, Numbered, RelayConnection, StoreStream},
};
use passerelle_model::Secret;
use passerelle_wire_imap::{Word, words};
use pipe::Pipe;
use session::Pop;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::Semaphore,
    time::{Instant, sleep_until, timeout},
};
use view::Message;

/// What is announced.
const CAPABILITIES: &str = "IMAP4REV1 IDLE NAMESPACE UIDPLUS UNSELECT";
/// Octets on their way to the surface.
const PIPE: usize = 64 * 1024;
/// How long a session is kept that nobody uses.
const UNUSED: Duration = Duration::from_secs(30);
/// How old a look may be that SELECT and STATUS tell.
const FRESH: Duration = Duration::from_secs(10);
/// How often IDLE and NOOP look again: providers count log-ins.
const LOOKED_AT: Duration = Duration::from_secs(300);

/// Where a maildrop is, and what gets one there.
pub(crate) struct Place {
    pub(crate) settings: Arc<Settings>,
    pub(crate) server: ExternalServer,
    pub(crate) password: Secret,
    pub(crate) uids: Arc<dyn MaildropUids>,
    /// Room for messages in memory, of all connections.
    pub(crate) room: Arc<Semaphore>,
}

/// One connection's maildrop.
pub(crate) struct Maildrop {
    place: Place,
    pop: Option<Pop>,
    looked_at: Instant,
    numbered: Numbered,
    /// As of the last look.
    there: Vec<Message>,
    /// As the client knows it, when it has selected it, and whether it may change it.
    selected: Option<(Vec<Message>, bool)>,
    held: Option<Held>,
}

/// Why a command was not done.
pub(crate) enum Stop {
    /// In words, with a code perhaps.
    No(&'static str),
    /// It is none.
    Bad(&'static str),
    /// The server failed; the next command asks it anew.
    Fault,
    /// Nothing can be said any more that would be true.
    Gone,
}

impl From<ExternalFault> for Stop {
    // Which one it was is told by the next log-in, which meets it too.
    fn from(_: ExternalFault) -> Self {
        Self::Fault
    }
}

/// Logs in and numbers the messages; what speaks IMAP about them.
pub(crate) async fn reach(place: Place) -> Result<RelayConnection, ExternalFault> {
    let (pop, numbered, there) = look(&place).await?;
    let maildrop =
        Maildrop { place, pop: Some(pop), looked_at: Instant::now(), numbered, there, selected: None, held: None };
    let (near, far) = tokio::io::duplex(PIPE);
    tokio::spawn(maildrop.serve(Pipe { stream: far, early: Vec::new() }));
    let stream = StoreStream::Memory(near);
    Ok(RelayConnection { stream, capabilities: CAPABILITIES.to_owned(), early: Vec::new() })
}

async fn look(place: &Place) -> Result<(Pop, Numbered, Vec<Message>), ExternalFault> {
    let pop = Pop::open(&place.settings, &place.server, &place.password).await?;
    let names: Vec<Vec<u8>> = pop.messages.iter().map(|listed| listed.name.clone()).collect();
    let numbered = place.uids.number(&names).await.map_err(|error| match error {
        Error::OverQuota => ExternalFault::Unnumbered,
        // Ours, and passing; what is behind it was logged where it failed.
        _ => ExternalFault::Unreachable,
    })?;
    let there = view::looked(&pop.messages, &numbered);
    Ok((pop, numbered, there))
}

impl Maildrop {
    /// Answers commands until the surface lets go.
    async fn serve(mut self, mut pipe: Pipe) {
        while let Some(line) = self.next(&mut pipe).await {
            let Some(all) = words(&line) else { return };
            let all: Vec<Word> = all.into_iter().map(|placed| placed.word).collect();
            let [tag, verb, rest @ ..] = all.as_slice() else { return };
            let (tag, verb) = (tag.text().unwrap_or_default().to_vec(), text(verb).to_ascii_uppercase());
            let answer = match self.run(&mut pipe, &verb, rest).await {
                Ok(words) => format!(" OK {words}\r\n"),
                Err(Stop::No(words)) => format!(" NO {words}\r\n"),
                Err(Stop::Bad(words)) => format!(" BAD {words}\r\n"),
                Err(Stop::Fault) => {
                    self.pop = None;
                    " NO [UNAVAILABLE] The server does not answer\r\n".to_owned()
                }
                Err(Stop::Gone) => return,
            };
            let said = pipe.say(&[&tag, answer.as_bytes()].concat()).await;
            if said.is_err() || verb == "LOGOUT" {
                break;
            }
        }
        self.rest().await;
    }

    /// The next command; the session ends while none comes.
    async fn next(&mut self, pipe: &mut Pipe) -> Option<Vec<u8>> {
        loop {
            if let Some(mut line) = pipe.line() {
                // Others than a search bring what cannot be kept: they are answered, and no literal comes.
                let searches = line.to_ascii_uppercase().windows(8).any(|octets| octets == b" SEARCH ");
                if searches {
                    pipe.literals(&mut line).await.ok()?;
                }
                return Some(line);
            }
            match timeout(UNUSED, pipe.fill()).await {
                Ok(filled) => filled.ok()?,
                Err(_) => {
                    self.rest().await;
                    pipe.fill().await.ok()?;
                }
            }
        }
    }

    async fn run(&mut self, pipe: &mut Pipe, verb: &str, rest: &[Word]) -> Result<&'static str, Stop> {
        match verb {
            "CAPABILITY" => say(pipe, format!("* CAPABILITY {CAPABILITIES}\r\n")).await,
            "NAMESPACE" => say(pipe, "* NAMESPACE ((\"\" \"/\")) NIL NIL\r\n".to_owned()).await,
            "ENABLE" => say(pipe, "* ENABLED\r\n".to_owned()).await,
            "LOGOUT" => say(pipe, "* BYE done\r\n".to_owned()).await,
            "LIST" | "LSUB" => say(pipe, mailbox::listed(verb, rest)).await,
            "STATUS" => self.status(pipe, rest).await,
            "SELECT" | "EXAMINE" => self.select(pipe, verb, rest).await,
            "UNSELECT" => {
                self.selected = None;
                Ok("done")
            }
            "CLOSE" => {
                let done = self.expunge(None).await;
                self.selected = None;
                done.map(|_| "done")
            }
            "NOOP" | "CHECK" => {
                if self.selected.is_some() && self.looked_at.elapsed() >= LOOKED_AT {
                    self.look_again().await?;
                }
                self.tell(pipe).await
            }
            "IDLE" => self.idle(pipe).await,
            "UID" => match rest {
                [verb, rest @ ..] => self.about_messages(pipe, &text(verb).to_ascii_uppercase(), rest, true).await,
                [] => Err(Stop::Bad("A command is meant")),
            },
            "FETCH" | "STORE" | "SEARCH" | "EXPUNGE" => self.about_messages(pipe, verb, rest, false).await,
            _ => Err(Stop::No("[CANNOT] A maildrop has one folder, and takes nothing")),
        }
    }

    /// A session with the server; a new one when there is none.
    async fn need(&mut self) -> Result<(), Stop> {
        if self.pop.is_some() { Ok(()) } else { self.look_again().await }
    }

    /// Looks again, in a new session.
    async fn look_again(&mut self) -> Result<(), Stop> {
        // Most servers let one in at a time.
        self.quit().await;
        let (pop, numbered, there) = look(&self.place).await?;
        if numbered.validity != self.numbered.validity && self.selected.is_some() {
            return Err(Stop::Gone);
        }
        (self.pop, self.looked_at) = (Some(pop), Instant::now());
        (self.numbered, self.there) = (numbered, there);
        for message in self.selected.iter_mut().flat_map(|(view, _)| view) {
            let place = self.there.binary_search_by_key(&message.uid, |it| it.uid);
            // A number that no message has: it is gone, and the client will hear so.
            message.number = place.ok().and_then(|place| self.there.get(place)).map_or(0, |it| it.number);
        }
        Ok(())
    }

    /// Lets go of the server and of what is held.
    async fn rest(&mut self) {
        self.held = None;
        self.quit().await;
    }

    /// Ends the session, in which nothing was changed.
    async fn quit(&mut self) {
        if let Some(pop) = self.pop.take() {
            // Whether it says goodbye too changes nothing.
            let _ = timeout(Duration::from_secs(2), pop.quit()).await;
        }
    }

    /// Tells the client what has changed since it was told last.
    async fn tell(&mut self, pipe: &mut Pipe) -> Result<&'static str, Stop> {
        let Some((view, _)) = &mut self.selected else { return Ok("done") };
        let said = view::renewed(view, &self.there).concat();
        say(pipe, said).await
    }

    /// IDLE (RFC 2177): a new look every few minutes. A server that is away meanwhile is asked again at the next.
    async fn idle(&mut self, pipe: &mut Pipe) -> Result<&'static str, Stop> {
        say(pipe, "+ idling\r\n".to_owned()).await?;
        self.tell(pipe).await?;
        let mut next = Instant::now().checked_add(UNUSED).unwrap_or_else(Instant::now);
        let mut is_resting = false;
        loop {
            if let Some(line) = pipe.line() {
                return if line.trim_ascii().eq_ignore_ascii_case(b"DONE") { Ok("done") } else { Err(Stop::Gone) };
            }
            let passed = tokio::select! {
                filled = pipe.fill() => {
                    filled.map_err(|_| Stop::Gone)?;
                    false
                }
                () = sleep_until(next) => true,
            };
            if !passed {
                continue;
            }
            if is_resting {
                match self.look_again().await {
                    Ok(()) => {
                        self.tell(pipe).await?;
                    }
                    Err(Stop::Gone) => return Err(Stop::Gone),
                    Err(Stop::No(_) | Stop::Bad(_) | Stop::Fault) => {}
                }
            }
            self.rest().await;
            is_resting = true;
            next = Instant::now().checked_add(LOOKED_AT).unwrap_or_else(Instant::now);
        }
    }

    fn is_writable(&self) -> bool {
        self.selected.as_ref().is_some_and(|(_, writable)| *writable)
    }

    fn view(&self) -> &[Message] {
        self.selected.as_ref().map_or(&[], |(view, _)| view)
    }

    fn view_mut(&mut self) -> &mut [Message] {
        self.selected.as_mut().map_or(&mut [], |(view, _)| view)
    }

    /// A message that the client means, while it is there.
    fn message(&self, place: usize) -> Result<Message, Stop> {
        let message = self.view().get(place).copied().ok_or(Stop::Bad("There is no such message"))?;
        if message.number == 0 { Err(Stop::No("[EXPUNGEISSUED] It is gone")) } else { Ok(message) }
    }
}

async fn say(pipe: &mut Pipe, text: String) -> Result<&'static str, Stop> {
    pipe.say(text.as_bytes()).await.map(|()| "done").map_err(|_| Stop::Gone)
}

fn text(word: &Word) -> String {
    word.text().map(|text| String::from_utf8_lossy(text).into_owned()).unwrap_or_default()
}
