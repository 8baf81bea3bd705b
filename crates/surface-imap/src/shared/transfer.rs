//! COPY and MOVE with a shared mailbox on either side (RFC 9051 §6.4.7, §6.4.8).
//!
//! Within one owner's store the store does it. Between two, each message is poured from one into the other by a single
//! APPEND of several messages (RFC 3502), which a store does as a whole or not at all: a copy that breaks leaves nothing.
//! MOVE removes what was copied once the goal's store has said OK.

use super::{
    Appending, Side,
    access::{lost, told},
    ask::{Answer, Wire},
    command::{Command, line_of, list_of_atoms},
    foreign::Foreign,
    selected::refused,
    side::fault_of,
    simple::is_date,
};
use crate::{
    relay::{End, Relay, With},
    screened::judged_words,
};
use passerelle_core::{Add, Error, Manage, Screening};
use passerelle_model::Rights;
use passerelle_wire_imap::{
    Boundary, Placed, Stopped, Word, is_plain_command, is_sequence_set, quoted, sifted, sifted_answer, words,
};
use std::{io, net::IpAddr, time::Duration};
use tokio::time::timeout;

/// Most messages of one copy between stores.
const MOST: usize = 10_000;

/// Largest message that is taken from a server elsewhere, in octets: it may announce whatever it likes.
const LARGEST_FROM_ELSEWHERE: u64 = 256 * 1024 * 1024;

/// How long a server elsewhere may take for each answer of a copy, and for each message beside its octets: it may drip.
const STEP: Duration = Duration::from_secs(60);
/// Fewest octets of a message that pass from or to such a server in a second.
const SLOWEST: u64 = 16 * 1024;

/// Where messages go.
enum Goal {
    /// One of the client's own.
    Own(Foreign<Manage>),
    Foreign(Foreign<Add>),
}

impl Goal {
    /// The look of scanners at a message that is to be put there, where they look.
    async fn screen(&self, client: IpAddr) -> Result<Option<Screening>, Error> {
        match self {
            Self::Own(own) => match own.screened() {
                Some(handle) => handle.screen(Some(client)).await.map(Some),
                None => Ok(None),
            },
            Self::Foreign(foreign) => match foreign.screened() {
                Some(handle) => handle.screen(Some(client)).await.map(Some),
                None => Ok(None),
            },
        }
    }
}

/// A message that is to be copied.
struct Message {
    uid: u32,
    /// Its flags as APPEND takes them, without what may not be set.
    flags: Vec<u8>,
    /// When it was received, quoted.
    date: Vec<u8>,
}

/// What has become of a copy.
enum Outcome {
    /// A store refused: what it said.
    Refused(Vec<u8>),
    /// UIDVALIDITY and UIDs at the goal, where the store tells them (RFC 4315 §3).
    Copied(Option<(Vec<u8>, Vec<u8>)>),
}

impl Relay {
    /// COPY and MOVE.
    pub(crate) async fn transfer(&mut self, command: &Command) -> Result<(), End> {
        if command.arguments().len() != 2 || !is_sequence_set(command.text(0)) {
            self.say(command.tag(), b"BAD A set and a mailbox are meant");
            return Ok(());
        }
        let broken = self.side.as_ref().filter(|side| side.selected.is_some()).and_then(|side| side.broken);
        if let Some(fault) = broken {
            // Nothing can be read from there, and what still comes answers something else.
            self.say(command.tag(), told(&Error::of_external(fault)).as_bytes());
            return Ok(());
        }
        let goal = match self.goal(command).await {
            Ok(goal) => goal,
            Err(error) => {
                self.say(command.tag(), told(&error).as_bytes());
                return Ok(());
            }
        };
        if let (Goal::Foreign(goal), Some(side)) = (&goal, &self.side)
            && side.selected.is_some()
            && side.home == goal.home()
            && side.broken.is_none()
            // A store copies flags along, which only those may set who may change.
            && goal.rights().contains(Rights::EDIT.union(Rights::REMOVE))
        {
            let Some(name) = side.name(goal.name()) else {
                self.say(command.tag(), told(&Error::NotFound).as_bytes());
                return Ok(());
            };
            let line = line_of(&[command.tag(), command.verb().as_bytes(), command.text(0), &name]);
            let text = [&line[..], b"\r\n"].concat();
            if !is_plain_command(&text) {
                self.say(command.tag(), b"BAD This is not taken in a shared mailbox");
                return Ok(());
            }
            self.turn_to(With::Side);
            self.pipes.let_pass(Stopped { text, ..command.stopped.clone() })?;
            return Ok(());
        }
        self.between(command, goal).await
    }

    /// Whether it may be done, and where to.
    async fn goal(&mut self, command: &Command) -> Result<Goal, Error> {
        let is_move = command.verb().ends_with("MOVE");
        if self.is_shared() {
            let held = self.held().await?;
            if is_move && !held.contains(Rights::REMOVE) {
                return Err(Error::Forbidden);
            }
        } else if is_move {
            // A program that only reads may not take anything out of its own mailboxes either.
            self.own_mailbox(b"INBOX").await?;
        }
        if self.is_foreign(command.text(1)) {
            return Ok(Goal::Foreign(self.open_named::<Add>(command.text(1)).await?));
        }
        self.own_mailbox(command.text(1)).await.map(|own| Goal::Own(Foreign::Shared(own)))
    }

    /// Between two stores.
    async fn between(&mut self, command: &Command, goal: Goal) -> Result<(), End> {
        let from_side = self.is_shared();
        // The goal's connection, where it is neither the own store nor the one that is read from.
        let mut apart: Option<Box<Side>> = None;
        let (name, rights, may_several) = match &goal {
            Goal::Own(_) => {
                let told = self.ask_own(b"c", b"CAPABILITY").await?;
                let mut name = Vec::new();
                quoted(command.text(1), &mut name);
                (name, Rights::ALL, told.untagged.iter().any(|response| has_word(response, "MULTIAPPEND")))
            }
            Goal::Foreign(handle) => {
                let reached = match from_side {
                    true => Side::open(handle, &self.facts).await.map(|side| apart = Some(Box::new(side))),
                    false => self.reach(handle).await.map(drop),
                };
                let side = apart.as_deref_mut().or(self.side.as_deref_mut());
                let reached = match (reached, side) {
                    (Ok(()), Some(side)) => side.enable(self.enabled).await.map(|()| side),
                    (Err(error), _) => Err(error),
                    (Ok(()), None) => Err(Error::NotFound),
                };
                let named = reached.and_then(|side| {
                    let name = side.name(handle.name()).ok_or(Error::NotFound)?;
                    Ok((name, handle.rights(), side.takes_several))
                });
                match named {
                    Ok(named) => named,
                    Err(error) => {
                        self.say(command.tag(), told(&error).as_bytes());
                        return Ok(());
                    }
                }
            }
        };
        let is_external = self.side.as_ref().is_some_and(|side| side.home.is_external());
        // What scanners look at goes by a connection of its own, which can be dropped.
        let mut screened = match &goal {
            Goal::Own(own) if own.screened().is_some() => {
                match Appending::open(own, &self.facts, self.enabled, Some(command.text(1))).await {
                    Ok(Appending { stream, early, .. }) => Some((stream, early)),
                    Err(error) => {
                        self.say(command.tag(), told(&error).as_bytes());
                        return Ok(());
                    }
                }
            }
            Goal::Own(_) | Goal::Foreign(_) => None,
        };
        let mut own_early = Vec::new();
        let own = Wire { stream: &mut self.own, early: &mut own_early };
        let side = self.side.as_deref_mut().map(Side::wire);
        let apart_wire = apart.as_deref_mut().map(Side::wire);
        let screened_wire = screened.as_mut().map(|(stream, early)| Wire { stream, early });
        let apart_wire = apart_wire.or(screened_wire);
        let (source, into) = match (from_side, side, apart_wire) {
            (true, Some(side), Some(apart)) => (side, apart),
            (true, Some(side), None) => (side, own),
            (false, Some(side), _) => (own, side),
            (_, None, _) => return Err(End { reason: "side", words: "The mail store does not answer" }),
        };
        let is_elsewhere = from_side && is_external;
        let to_elsewhere = matches!(&goal, Goal::Foreign(goal) if goal.home().is_external());
        let client = self.facts.address;
        let mut carrying = Carrying {
            source,
            into,
            goal: &goal,
            client,
            unfit: false,
            is_elsewhere,
            has_stranger: is_elsewhere || to_elsewhere,
            has_begun: false,
            aside: Vec::new(),
        };
        let outcome = carrying.run(command, &name, rights, may_several).await;
        let Carrying { has_begun, aside, unfit, .. } = carrying;
        if let (Err(error), true, false, Some(side)) = (&outcome, is_elsewhere, has_begun, &mut self.side) {
            // The goal's store has heard nothing yet.
            let fault = fault_of(error);
            side.broken = Some(fault);
            self.say(command.tag(), told(&Error::of_external(fault)).as_bytes());
            return Ok(());
        }
        // What stood between the octets of a message that broke cannot be made sense of: both connections end.
        let said = match outcome {
            Err(_) if to_elsewhere => return Err(End { reason: "external", words: "The server elsewhere is gone" }),
            outcome => outcome.map_err(lost)?,
        };
        let other = apart.map(|apart| apart.stream).or(screened.map(|(stream, _)| stream));
        match other {
            // Of a message that is not to be there the store has not seen the end, and will not.
            Some(stream) if unfit => drop(stream),
            Some(stream) => super::ask::log_out(stream).await,
            None if unfit => self.side = None,
            None => {}
        }
        if !own_early.is_empty() {
            self.pipes.pass_down(&own_early);
        }
        self.own_used = tokio::time::Instant::now();
        self.pipes.say(&aside);
        self.pipes.say(&said);
        Ok(())
    }
}

/// Two stores, and a copy between them.
struct Carrying<'a> {
    source: Wire<'a>,
    into: Wire<'a>,
    goal: &'a Goal,
    client: IpAddr,
    /// A scanner said no: the goal's connection stands in the middle of a message.
    unfit: bool,
    /// The source is a server that nobody here answers for.
    is_elsewhere: bool,
    /// The source is, or the goal.
    has_stranger: bool,
    /// The goal's store has heard of it.
    has_begun: bool,
    /// What the source's store said of itself meanwhile, which is for the client.
    aside: Vec<u8>,
}

impl Carrying<'_> {
    /// The copy, and for MOVE the removal: what the client hears at its end.
    async fn run(&mut self, command: &Command, goal: &[u8], rights: Rights, may_several: bool) -> io::Result<Vec<u8>> {
        let say = |text: &[u8]| [command.tag(), b" ", text, b"\r\n"].concat();
        let verb: &[u8] = if command.verb().starts_with("UID ") { b"UID FETCH " } else { b"FETCH " };
        let asked = [verb, command.text(0), b" (UID FLAGS INTERNALDATE)"].concat();
        let found = self.ask(&asked).await?;
        if !found.is_ok() {
            let said = if self.is_elsewhere { sifted_answer(&found.tagged) } else { found.tagged };
            return Ok([command.tag(), b" ", &said].concat());
        }
        let mut messages = Vec::new();
        for response in found.untagged {
            match message(&response, rights)? {
                Some(message) => messages.push(message),
                None => self.put_aside(&[response]),
            }
        }
        messages.sort_by_key(|message| message.uid);
        messages.dedup_by_key(|message| message.uid);
        if messages.is_empty() {
            return Ok(say(b"OK nothing to do"));
        }
        if messages.len() > MOST || messages.len() > 1 && !may_several {
            return Ok(say(b"NO [LIMIT] Too many messages at once between two stores"));
        }
        let uids = set(messages.iter().map(|message| message.uid));
        let copied = match self.copy(&messages, goal).await? {
            Outcome::Copied(copied) => copied,
            Outcome::Refused(said) => {
                if self.unfit {
                    return Ok(say(&said));
                }
                // The goal is another's mailbox or may be: its store's words are not for everybody.
                return Ok(say(told(&refused(&said)).as_bytes()));
            }
        };
        let code = copied.map(|(validity, there)| {
            [b"[COPYUID ", &validity[..], b" ", uids.as_bytes(), b" ", &there, b"] "].concat()
        });
        let code = code.unwrap_or_default();
        if !command.verb().ends_with("MOVE") {
            return Ok(say(&[b"OK ", &code[..], b"copied"].concat()));
        }
        let mut said = if code.is_empty() { Vec::new() } else { [b"* OK ", &code[..], b"copied\r\n"].concat() };
        let marked = format!("UID STORE {uids} +FLAGS.SILENT (\\Deleted)");
        let marked = self.ask(marked.as_bytes()).await?;
        let removed = self.ask(format!("UID EXPUNGE {uids}").as_bytes()).await?;
        let are_gone = marked.is_ok() && removed.is_ok();
        let told: Vec<Vec<u8>> =
            marked.untagged.into_iter().filter(|it| !is_fetch(it)).chain(removed.untagged).collect();
        said.extend_from_slice(&if self.is_elsewhere { sifted(&told) } else { told.concat() });
        // A store may say OK to a mailbox that was opened to be read, and remove nothing.
        let left = self.ask(format!("UID SEARCH UID {uids}").as_bytes()).await?;
        let is_left =
            |it: &Vec<u8>| words(it).is_some_and(|it| it.get(1).is_some_and(|it| it.word.is("SEARCH")) && it.len() > 2);
        let end: &[u8] = match are_gone && left.is_ok() && !left.untagged.iter().any(is_left) {
            true => b"OK moved",
            false => b"NO They were copied, and could not all be removed here",
        };
        said.extend_from_slice(&say(end));
        Ok(said)
    }

    async fn ask(&mut self, command: &[u8]) -> io::Result<Answer> {
        in_time(patience(self.is_elsewhere, 0), self.source.ask(b"w", command)).await
    }

    /// What the source's store said of itself is for the client.
    fn put_aside(&mut self, responses: &[Vec<u8>]) {
        let said = if self.is_elsewhere { sifted(responses) } else { responses.concat() };
        self.aside.extend_from_slice(&said);
    }

    /// Copies them all or none.
    async fn copy(&mut self, messages: &[Message], goal: &[u8]) -> io::Result<Outcome> {
        self.has_begun = true;
        self.into.send(&[b"w APPEND ", goal].concat()).await?;
        let has_stranger = self.has_stranger;
        let most = |length| patience(has_stranger, length);
        for message in messages {
            let uid = message.uid;
            self.source.send(format!("x UID FETCH {uid} BODY.PEEK[]\r\n").as_bytes()).await?;
            let length = in_time(most(0), self.body()).await?;
            if let Err(said) = in_time(most(length), self.copy_one(message, length)).await? {
                return Ok(Outcome::Refused(said));
            }
        }
        self.into.send(b"\r\n").await?;
        let answer = in_time(most(0), self.into.answer(b"w")).await?;
        if !answer.is_ok() {
            return Ok(Outcome::Refused(answer.tagged));
        }
        Ok(Outcome::Copied(appended(&answer.tagged)))
    }

    /// Copies one, whose first octet comes next; what it is refused with.
    async fn copy_one(&mut self, message: &Message, length: u64) -> io::Result<Result<(), Vec<u8>>> {
        let Message { flags, date, .. } = message;
        let head = [b" (", &flags[..], b") ", date, format!(" {{{length}}}\r\n").as_bytes()].concat();
        self.into.send(&head).await?;
        let verdict = loop {
            let (line, _) = self.into.line().await?;
            if !line.starts_with(b"* ") {
                break line;
            }
        };
        if !verdict.starts_with(b"+") {
            // Refused: the message that is on its way has nowhere to go.
            self.skip(length).await?;
            let said = verdict.strip_prefix(b"w ").unwrap_or(&verdict).to_vec();
            return Ok(Err(said));
        }
        let screening = match self.goal.screen(self.client).await {
            Ok(screening) => screening,
            Err(error) => {
                self.skip(length).await?;
                self.unfit = true;
                return Ok(Err(told(&error).as_bytes().to_vec()));
            }
        };
        match screening {
            None => self.source.pour(&mut self.into, length).await?,
            Some(screening) => {
                if let Err(words) = self.pour_screened(screening, length).await? {
                    self.rest_of_body().await?;
                    self.unfit = true;
                    return Ok(Err(words.into_bytes()));
                }
            }
        }
        self.rest_of_body().await?;
        Ok(Ok(()))
    }

    /// A message to the scanners too; its last octets wait for their verdict, and the words of a bad one come back.
    async fn pour_screened(&mut self, mut screening: Screening, length: u64) -> io::Result<Result<(), String>> {
        let (mut left, mut held) = (length, Vec::new());
        while left > 0 {
            let piece = self.source.some(left).await?;
            left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(left));
            screening.write(&piece).await;
            self.into.send(&std::mem::replace(&mut held, piece)).await?;
        }
        match judged_words(screening).await {
            Ok(()) => self.into.send(&held).await.map(Ok),
            Err(words) => Ok(Err(words)),
        }
    }

    /// Up to a message's first octet: how long it is.
    async fn body(&mut self) -> io::Result<u64> {
        loop {
            let (line, boundary) = self.source.line().await?;
            if line.starts_with(b"x ") {
                // Gone meanwhile: by another program, or by its owner.
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a message is gone"));
            }
            if boundary == Boundary::Message {
                self.put_aside(&[line]);
            } else if let Some(length) = literal(&line) {
                if self.is_elsewhere && length > LARGEST_FROM_ELSEWHERE {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "a message without end"));
                }
                return Ok(length);
            }
        }
    }

    async fn rest_of_body(&mut self) -> io::Result<()> {
        // What stands behind the literal: `)`, or more items.
        let rest = self.source.response().await?;
        if !rest.ends_with(b")\r\n") {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "a message with a strange end"));
        }
        let answer = self.source.answer(b"x").await?;
        self.put_aside(&answer.untagged);
        Ok(())
    }

    /// Reads a message that nobody takes.
    async fn skip(&mut self, length: u64) -> io::Result<()> {
        self.source.skip(length).await?;
        self.rest_of_body().await
    }
}

/// How long may be waited for a step with a message of so many octets, or none, in which a server elsewhere has a part. Of
/// stores of the house each wait has its own deadline.
fn patience(has_stranger: bool, length: u64) -> Option<Duration> {
    has_stranger.then(|| STEP.saturating_add(Duration::from_secs(length.div_ceil(SLOWEST))))
}

async fn in_time<T>(most: Option<Duration>, work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match most {
        Some(most) => timeout(most, work).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?,
        None => work.await,
    }
}

fn is_fetch(response: &[u8]) -> bool {
    words(response).is_some_and(|words| words.get(2).is_some_and(|placed| placed.word.is("FETCH")))
}

fn has_word(response: &[u8], wanted: &str) -> bool {
    words(response).is_some_and(|words| words.iter().any(|placed| placed.word.is(wanted)))
}

/// `* 12 FETCH (UID 5 FLAGS (\Seen) INTERNALDATE "...")`; `None` for another response. What it says becomes part of a
/// command: anything but flags and a date is an error, whoever says it.
fn message(response: &[u8], rights: Rights) -> io::Result<Option<Message>> {
    let odd = || io::Error::new(io::ErrorKind::InvalidData, "a message with strange flags or dates");
    let told = words(response).ok_or_else(odd)?;
    let Some((uid, flags, date)) = told_of(&told) else { return Ok(None) };
    if flags.iter().any(|flag| flag.list().is_some()) {
        return Err(odd());
    }
    let may = |flag: &&Word| match flag {
        flag if flag.is("\\Recent") => false,
        flag if flag.is("\\Deleted") => rights.contains(Rights::REMOVE.union(Rights::EDIT)),
        _ => rights.contains(Rights::EDIT),
    };
    let flags = Word::List(flags.iter().filter(may).cloned().collect());
    let flags = list_of_atoms(&flags).filter(|_| is_date(&date)).ok_or_else(odd)?;
    let flags = flags.strip_prefix(b"(").and_then(|rest| rest.strip_suffix(b")")).unwrap_or_default().to_vec();
    Ok(Some(Message { uid, flags, date: [b"\"", &date[..], b"\""].concat() }))
}

fn told_of(told: &[Placed]) -> Option<(u32, Vec<Word>, Vec<u8>)> {
    told.get(2)?.word.is("FETCH").then_some(())?;
    let items = told.get(3)?.word.list()?;
    let value = |name: &str| items.get(items.iter().position(|word| word.is(name))?.checked_add(1)?);
    let uid = std::str::from_utf8(value("UID")?.text()?).ok()?.parse().ok()?;
    Some((uid, value("FLAGS")?.list()?.to_vec(), value("INTERNALDATE")?.text()?.to_vec()))
}

/// The length that a line announces at its end: `{42}`.
fn literal(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"\r\n").or_else(|| line.strip_suffix(b"\n"))?.strip_suffix(b"}")?;
    let open = line.iter().rposition(|octet| *octet == b'{')?;
    std::str::from_utf8(line.get(open.checked_add(1)?..)?).ok()?.parse().ok()
}

/// `OK [APPENDUID 1 5:7] done` (RFC 4315 §3).
fn appended(tagged: &[u8]) -> Option<(Vec<u8>, Vec<u8>)> {
    let text = std::str::from_utf8(tagged).ok()?;
    let (code, _) = text.split_once("[APPENDUID ")?.1.split_once(']')?;
    let (validity, uids) = code.split_once(' ')?;
    let is_number = !validity.is_empty() && validity.bytes().all(|octet| octet.is_ascii_digit());
    (is_number && is_sequence_set(uids.as_bytes())).then_some(())?;
    Some((validity.as_bytes().to_vec(), uids.as_bytes().to_vec()))
}

/// Ascending numbers as a set: `1:3,7`.
fn set(numbers: impl Iterator<Item = u32>) -> String {
    let mut ranges: Vec<(u32, u32)> = Vec::new();
    for number in numbers {
        match ranges.last_mut() {
            Some((_, last)) if last.checked_add(1) == Some(number) => *last = number,
            _ => ranges.push((number, number)),
        }
    }
    let text = |(first, last): (u32, u32)| if first == last { first.to_string() } else { format!("{first}:{last}") };
    ranges.into_iter().map(text).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_core::ports::ExternalFault;

    /// A server that says an octet every 29 s keeps to the deadline of each wait, and is not waited for without end.
    #[tokio::test]
    async fn what_drips_comes_to_an_end() {
        let seconds = |length| patience(true, length).unwrap().as_secs();
        assert_eq!((seconds(0), seconds(1 << 20), seconds(LARGEST_FROM_ELSEWHERE)), (60, 124, 60 + 16 * 1024));
        assert_eq!(patience(false, 1), None);
        let drips = async {
            loop {
                tokio::task::yield_now().await;
            }
        };
        let ended: io::Result<()> = in_time(Some(Duration::from_millis(20)), drips).await;
        assert_eq!(fault_of(&ended.unwrap_err()), ExternalFault::Slow);
        assert!(in_time(None, async { Ok(()) }).await.is_ok());
    }

    #[test]
    fn what_is_read_of_stores() {
        assert_eq!(set([1, 2, 3, 7, 9, 10].into_iter()), "1:3,7,9:10");
        assert_eq!(literal(b"* 1 FETCH (BODY[] {42}\r\n"), Some(42));
        assert_eq!(literal(b"* 1 FETCH (BODY[] NIL)\r\n"), None);
        assert_eq!(appended(b"OK [APPENDUID 12 5:7] done\r\n"), Some((b"12".to_vec(), b"5:7".to_vec())));
        assert_eq!(appended(b"OK done\r\n"), None);
        let told =
            b"* 3 FETCH (UID 9 FLAGS (\\Seen \\Recent \\Deleted x) INTERNALDATE \"24-Nov-2026 10:00:00 +0100\")\r\n";
        for (rights, flags) in [(Rights::ADD, ""), (Rights::EDIT, "\\Seen x"), (Rights::ALL, "\\Seen \\Deleted x")] {
            let message = message(told, rights).unwrap().unwrap();
            assert_eq!((message.uid, message.flags.as_slice()), (9, flags.as_bytes()));
        }
        assert!(message(b"* 3 EXISTS\r\n", Rights::ALL).unwrap().is_none());
        // What a store says becomes part of what another is told.
        for odd in [
            "FLAGS (\"x) {3+}\") INTERNALDATE \"24-Nov-2026 10:00:00 +0100\"",
            "FLAGS ((a)) INTERNALDATE \"24-Nov-2026 10:00:00 +0100\"",
            "FLAGS () INTERNALDATE \"today\"",
            "FLAGS () INTERNALDATE {4}\r\na\r\nb",
        ] {
            assert!(message(format!("* 3 FETCH (UID 9 {odd})\r\n").as_bytes(), Rights::ALL).is_err(), "{odd}");
        }
        assert_eq!(appended(b"OK [APPENDUID 12 5\r\n* BYE] x\r\n"), None);
    }
}
