//! What a logged-in client may not say through a relay: commands that would change what the connection is, and anything
//! that would let the relay and the store disagree on where a command ends.

use crate::{Boundary, Framer};
use std::fmt;

/// Stands in for a refused verb. The store knows no such command and answers BAD, in its turn, which is what the client
/// must hear; answering it ourselves could overtake the store.
pub const REFUSED_VERB: &[u8] = b"XREFUSED";

/// Longest tag and verb, in octets, with what stands between them.
const LONGEST_HEAD: usize = 64;

/// Verbs that never reach the store: compression would blind the relay, and the others would make the connection
/// somebody else's (RFC 4978, RFC 8437, RFC 9051 §6.2).
const REFUSED: &[&[u8]] = &[b"COMPRESS", b"UNAUTHENTICATE", b"PROXYAUTH", b"STARTTLS", b"AUTHENTICATE", b"LOGIN"];

/// Verbs that may carry a literal without waiting (RFC 7888). A store that does not know a verb may drop its line and
/// take the literal for commands; behind any other verb such a literal ends the relay.
const WITH_LITERALS: &[&[u8]] = &[
    b"APPEND",
    b"COPY",
    b"CREATE",
    b"DELETE",
    b"DELETEACL",
    b"EXAMINE",
    b"FETCH",
    b"GETACL",
    b"GETMETADATA",
    b"GETQUOTA",
    b"GETQUOTAROOT",
    b"ID",
    b"LIST",
    b"LISTRIGHTS",
    b"LSUB",
    b"MOVE",
    b"MYRIGHTS",
    b"NOTIFY",
    b"RENAME",
    b"SEARCH",
    b"SELECT",
    b"SETACL",
    b"SETMETADATA",
    b"SETQUOTA",
    b"SORT",
    b"STATUS",
    b"STORE",
    b"SUBSCRIBE",
    b"THREAD",
    b"UID",
    b"UNSUBSCRIBE",
];

/// Verbs of a client that may only read. It selects by EXAMINE, in which a store changes nothing, not even `\Seen`
/// (RFC 9051 §6.3.3).
const READING: &[&[u8]] = &[
    b"CAPABILITY",
    b"CHECK",
    b"CLOSE",
    b"ENABLE",
    b"ESEARCH",
    b"EXAMINE",
    b"FETCH",
    b"GETACL",
    b"GETMETADATA",
    b"GETQUOTA",
    b"GETQUOTAROOT",
    b"ID",
    b"IDLE",
    b"LIST",
    b"LISTRIGHTS",
    b"LOGOUT",
    b"LSUB",
    b"MYRIGHTS",
    b"NAMESPACE",
    b"NOOP",
    b"NOTIFY",
    b"SEARCH",
    b"SORT",
    b"STATUS",
    b"THREAD",
    b"UNSELECT",
    b"XLIST",
];
/// What such a client may do by UID.
const READING_BY_UID: &[&[u8]] = &[b"FETCH", b"SEARCH", b"SORT", b"THREAD"];

/// Verbs that name a mailbox somewhere in their line.
const NAMING: &[&[u8]] = &[
    b"APPEND",
    b"COPY",
    b"CREATE",
    b"EXAMINE",
    b"GETMETADATA",
    b"GETQUOTAROOT",
    b"MOVE",
    b"NOTIFY",
    b"SELECT",
    b"SETMETADATA",
    b"STATUS",
    b"SUBSCRIBE",
    b"UNSUBSCRIBE",
];
/// Verbs whose answer, or whose consequences, are never the store's alone.
const OURS_TOO: &[&[u8]] = &[
    b"DELETE",
    b"DELETEACL",
    b"ENABLE",
    b"GETACL",
    b"LIST",
    b"LISTRIGHTS",
    b"LSUB",
    b"MYRIGHTS",
    b"NAMESPACE",
    b"RENAME",
    b"SETACL",
    b"XLIST",
];
/// Longest line, with the literals gathered in it, that is held to be looked at, in octets.
const LONGEST_LINE: usize = 64 * 1024;

/// Which commands stop before they pass.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Stops {
    /// None.
    #[default]
    Never,
    /// Those whose answer is not the store's alone, and those that name a mailbox whose name has one of these texts in it.
    Naming(&'static [&'static str]),
    /// Every one, but the line that ends an IDLE.
    Always,
}

/// A command that was stopped: its line, or as much of it as stands before a literal that was not gathered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stopped {
    /// The octets, with the line's end.
    pub text: Vec<u8>,
    /// What stands at their end: the command's, or a literal's announcement.
    pub boundary: Boundary,
    /// Whether this is a part behind a literal of a command whose beginning has passed.
    pub is_part: bool,
}

/// Passes a client's octets on, with refused verbs replaced.
#[derive(Debug, Default)]
pub struct CommandGate {
    /// Which commands stop.
    stops: Stops,
    /// A command that was stopped, in `head`: what stands at its end.
    stopped: Option<Boundary>,
    /// It is only a part of one.
    is_part: bool,
    /// A command that is being looked at goes on with its literal.
    gathering: bool,
    /// A command that was refused is still coming.
    swallowing: bool,
    /// What stands behind and between the literals of the command that is passing is to be looked at too.
    between: bool,
    /// Whether nothing may pass that changes anything.
    only_reads: bool,
    framer: Framer,
    /// Tag and verb of a command that has just begun, until they are known.
    head: Vec<u8>,
    /// The tag of the command that is passing.
    tag: Vec<u8>,
    /// What its verb is; `None` until that is known.
    verb: Option<Verb>,
    /// Whether the store has to speak before anything more may pass.
    awaiting: bool,
    /// The store has let an IDLE begin: the next line is its end, not a command.
    idling: bool,
    ended: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verb {
    Idle,
    WithLiterals,
    Other,
}

/// What was seen while octets passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// How many octets were taken; the rest has to wait for the store's verdict.
    pub taken: usize,
    /// How many CAPABILITY commands: their answers have to be filtered.
    pub capabilities: u32,
}

/// The client says what cannot be followed without guessing; the relay has to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Untraceable;

impl fmt::Display for Untraceable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a tag without end, or a literal behind a verb that takes none")
    }
}
impl std::error::Error for Untraceable {}

impl CommandGate {
    /// From now on nothing passes that changes anything, and SELECT passes as EXAMINE.
    pub fn let_read_only(&mut self) {
        self.only_reads = true;
    }

    /// From now on these commands stop.
    pub fn stop(&mut self, stops: Stops) {
        self.stops = stops;
    }

    /// Whether no command has begun that has not ended.
    pub fn at_rest(&self) -> bool {
        self.framer.at_rest() && self.head.is_empty() && !self.swallowing
    }

    /// Whether an IDLE has begun and not ended.
    pub fn is_idling(&self) -> bool {
        self.idling
    }

    /// Whether a command was stopped. Nothing more is taken until it is [taken](Self::take_stopped).
    pub fn has_stopped(&self) -> bool {
        self.stopped.is_some()
    }

    /// The command that was stopped. If it ends there, it is over for this gate; otherwise one of [`Self::let_pass`],
    /// [`Self::gather`] and [`Self::refuse`] says what becomes of the rest.
    pub fn take_stopped(&mut self) -> Option<Stopped> {
        let boundary = self.stopped.take()?;
        self.gathering = false;
        let is_part = std::mem::take(&mut self.is_part);
        Some(Stopped { text: std::mem::take(&mut self.head), boundary, is_part })
    }

    /// Lets a command pass that was stopped, as it is or with other words in its line.
    ///
    /// # Errors
    /// [`Untraceable`] as [`Self::pass`].
    pub fn let_pass(&mut self, command: Stopped, out: &mut Vec<u8>) -> Result<Seen, Untraceable> {
        let mut seen = Seen::default();
        self.head = command.text;
        let stops = std::mem::take(&mut self.stops);
        let passed = self.judge(command.boundary, out, &mut seen).and_then(|()| self.bound(command.boundary));
        self.stops = stops;
        passed.map(|()| seen)
    }

    /// Looks at what follows the literals of the command that was just let pass: whatever is more than its end stops.
    pub fn look_between(&mut self) {
        self.between = true;
    }

    /// Lets what has stopped between two literals pass.
    ///
    /// # Errors
    /// [`Untraceable`] as [`Self::pass`].
    pub fn go_on(&mut self, part: &Stopped, out: &mut Vec<u8>) -> Result<(), Untraceable> {
        out.extend_from_slice(&part.text);
        self.bound(part.boundary)
    }

    /// Goes on holding a command that was stopped before a literal: the literal is part of what has to be looked at. It
    /// stops again at its end, or before the next literal.
    pub fn gather(&mut self, command: Stopped) {
        self.head = command.text;
        self.gathering = true;
    }

    /// Swallows what is still to come of a command that was stopped. A literal that waits will not come.
    pub fn refuse(&mut self, boundary: Boundary) {
        self.between = false;
        match boundary {
            Boundary::Follows => self.swallowing = true,
            Boundary::Waits | Boundary::Message | Boundary::Inside | Boundary::LiteralEnd => {
                self.framer = Framer::default();
            }
        }
    }

    /// The tag of a command that waits for `+` or for its own answer (RFC 9051 §7.6); until [`Self::verdict`] is told,
    /// nothing more passes. Whether a literal is one, or the next command, is the store's to say.
    pub fn awaits(&self) -> Option<&[u8]> {
        self.awaiting.then_some(self.tag.as_slice())
    }

    /// The store has spoken: `go_on` for `+`, otherwise the command was answered and its literal will not come.
    pub fn verdict(&mut self, go_on: bool) {
        self.awaiting = false;
        if go_on {
            self.idling = self.verb == Some(Verb::Idle);
        } else {
            self.between = false;
            self.framer = Framer::default();
            self.ended = self.ended.saturating_add(1);
        }
    }

    /// How many commands have ended, and so have an answer to come: whole ones, each IDLE with the line that ends it, and
    /// those whose literal the store did not want.
    pub fn ended(&self) -> u64 {
        self.ended
    }

    /// Passes octets on to `out`, up to where the store has to speak.
    ///
    /// # Errors
    /// [`Untraceable`] when the relay can follow no longer.
    pub fn pass(&mut self, octets: &[u8], out: &mut Vec<u8>) -> Result<Seen, Untraceable> {
        let mut seen = Seen::default();
        while let Some(rest) = octets.get(seen.taken..).filter(|rest| !rest.is_empty() && !self.awaiting) {
            if self.stopped.is_some() {
                break;
            }
            if self.framer.at_rest() {
                self.verb = None;
            }
            let in_literal = self.framer.in_literal();
            let (taken, boundary) = self.framer.step(rest);
            let here = rest.get(..taken.max(1)).unwrap_or(rest);
            seen.taken = seen.taken.saturating_add(here.len());
            if self.between && !in_literal {
                if !self.passes_between(here, boundary, out)? {
                    continue;
                }
                self.bound(boundary)?;
                continue;
            }
            if self.swallowing {
                self.swallow(boundary);
                continue;
            }
            if self.verb.is_some() {
                out.extend_from_slice(here);
            } else {
                self.head.extend_from_slice(here);
                self.judge(boundary, out, &mut seen)?;
                if self.stopped.is_some() {
                    continue;
                }
            }
            self.bound(boundary)?;
        }
        Ok(seen)
    }

    /// Whether what follows a literal may pass by itself: the command's end and nothing else.
    fn passes_between(&mut self, here: &[u8], boundary: Boundary, out: &mut Vec<u8>) -> Result<bool, Untraceable> {
        self.head.extend_from_slice(here);
        if boundary == Boundary::Inside {
            return if self.head.len() > LONGEST_LINE { Err(Untraceable) } else { Ok(false) };
        }
        if boundary == Boundary::Message {
            self.between = false;
        }
        if self.head.trim_ascii().is_empty() && boundary == Boundary::Message {
            out.append(&mut self.head);
            return Ok(true);
        }
        self.stopped = Some(boundary);
        self.is_part = true;
        Ok(false)
    }

    /// The rest of a refused command, up to its end or to a literal that would have to wait.
    fn swallow(&mut self, boundary: Boundary) {
        match boundary {
            Boundary::Message => self.swallowing = false,
            Boundary::Waits => {
                self.framer = Framer::default();
                self.swallowing = false;
            }
            Boundary::Inside | Boundary::Follows | Boundary::LiteralEnd => {}
        }
    }

    /// Whether the command in `head` stops here; `None` when more of it has to be seen.
    fn stops_here(&self, word: &[u8], second: &[u8], boundary: Boundary) -> Result<Option<bool>, Untraceable> {
        let is = |name: &&[u8]| word.eq_ignore_ascii_case(name);
        let by_uid = word.eq_ignore_ascii_case(b"UID");
        let names = NAMING.iter().any(is) || by_uid && NAMING.iter().any(|name| second.eq_ignore_ascii_case(name));
        let wanted = match self.stops {
            Stops::Never => None,
            Stops::Always => Some(None),
            Stops::Naming(_) if OURS_TOO.iter().any(is) => Some(None),
            Stops::Naming(texts) if names => Some(Some(texts)),
            Stops::Naming(_) => None,
        };
        let (Some(wanted), false) = (wanted, self.idling) else { return Ok(Some(false)) };
        if matches!(boundary, Boundary::Inside | Boundary::LiteralEnd) {
            return match (self.head.len() > LONGEST_LINE, wanted) {
                (false, _) => Ok(None),
                // What is one's own store's to judge may be longer than we care to look at.
                (true, Some(_)) => Ok(Some(false)),
                (true, None) => Err(Untraceable),
            };
        }
        let Some(texts) = wanted else { return Ok(Some(true)) };
        if texts.iter().any(|text| memchr::memmem::find(&self.head, text.as_bytes()).is_some()) {
            return Ok(Some(true));
        }
        // The name itself may be a literal; APPEND's message is none of its name.
        let is_name = match word.eq_ignore_ascii_case(b"APPEND") {
            true => crate::words(&self.head).is_some_and(|words| words.len() < 3),
            false => true,
        };
        Ok(Some(matches!(boundary, Boundary::Waits | Boundary::Follows) && is_name))
    }

    /// What a boundary means for what may follow.
    fn bound(&mut self, boundary: Boundary) -> Result<(), Untraceable> {
        match (boundary, self.verb) {
            // The line that ends an IDLE has no literal: whether the store takes one from a line that is wrong is its own affair.
            (Boundary::Waits | Boundary::Follows, _) if self.idling => return Err(Untraceable),
            (Boundary::Waits, _) | (Boundary::Message, Some(Verb::Idle)) => self.awaiting = true,
            // Behind a fault in its line a store may take such a literal for commands, which nobody would have looked at.
            (Boundary::Follows, Some(Verb::WithLiterals)) if !self.only_reads => {}
            (Boundary::Follows, _) => return Err(Untraceable),
            (Boundary::Message, _) => {
                self.idling = false;
                self.ended = self.ended.saturating_add(1);
            }
            (Boundary::Inside | Boundary::LiteralEnd, _) => {}
        }
        Ok(())
    }

    /// Lets the head go once its verb is known, and it need not stop.
    fn judge(&mut self, boundary: Boundary, out: &mut Vec<u8>, seen: &mut Seen) -> Result<(), Untraceable> {
        let ended = boundary != Boundary::Inside;
        if self.gathering {
            return match boundary {
                _ if self.head.len() > LONGEST_LINE => Err(Untraceable),
                Boundary::Inside | Boundary::LiteralEnd => Ok(()),
                Boundary::Waits | Boundary::Follows | Boundary::Message => {
                    self.stopped = Some(boundary);
                    Ok(())
                }
            };
        }
        let Some((tag, verb)) = verb_of(&self.head, ended) else {
            return if self.head.len() > LONGEST_HEAD { Err(Untraceable) } else { Ok(()) };
        };
        let word = self.head.get(verb.clone()).unwrap_or_default();
        let is = |name: &&[u8]| word.eq_ignore_ascii_case(name);
        let by_uid = (self.only_reads || self.stops != Stops::Never) && word.eq_ignore_ascii_case(b"UID");
        let second = match verb_of(self.head.get(verb.start..).unwrap_or_default(), ended) {
            Some((_, second)) if by_uid => second,
            None if by_uid => {
                return if self.head.len() > LONGEST_HEAD { Err(Untraceable) } else { Ok(()) };
            }
            _ => 0..0,
        };
        let second = self.head.get(verb.start..).and_then(|rest| rest.get(second)).unwrap_or_default();
        match self.stops_here(word, second, boundary)? {
            Some(false) => {}
            Some(true) => {
                self.stopped = Some(boundary);
                return Ok(());
            }
            None => return Ok(()),
        }
        let replaced: Option<&[u8]> = match word {
            _ if REFUSED.iter().any(is) => Some(REFUSED_VERB),
            // The line that ends an IDLE is no command.
            _ if !self.only_reads || self.idling => None,
            word if word.eq_ignore_ascii_case(b"SELECT") => Some(b"EXAMINE"),
            _ if self.only_reads && by_uid && READING_BY_UID.iter().any(|name| second.eq_ignore_ascii_case(name)) => {
                None
            }
            _ if READING.iter().any(is) => None,
            _ => Some(REFUSED_VERB),
        };
        if is(&b"CAPABILITY".as_slice()) {
            seen.capabilities = seen.capabilities.saturating_add(1);
        }
        self.verb = Some(match word {
            // What stands in the line that ends an IDLE is no command, whatever it looks like (RFC 9051 §6.3.13).
            _ if self.idling => Verb::Other,
            // The store will not know the verb that stands in for it, and might take a literal for commands.
            _ if replaced == Some(REFUSED_VERB) => Verb::Other,
            word if word.eq_ignore_ascii_case(b"IDLE") => Verb::Idle,
            _ if WITH_LITERALS.iter().any(is) => Verb::WithLiterals,
            _ => Verb::Other,
        });
        self.tag = self.head.get(tag).unwrap_or_default().to_vec();
        if let Some(other) = replaced {
            out.extend_from_slice(self.head.get(..verb.start).unwrap_or_default());
            out.extend_from_slice(other);
            out.extend_from_slice(self.head.get(verb.end..).unwrap_or_default());
        } else {
            out.extend_from_slice(&self.head);
        }
        // The buffer is given back: an idle relay holds nothing.
        self.head = Vec::new();
        Ok(())
    }
}

type Part = std::ops::Range<usize>;

/// Where tag and verb stand in `tag SP verb`; `None` when more octets are needed to know. `whole` says that the line has
/// ended.
fn verb_of(head: &[u8], whole: bool) -> Option<(Part, Part)> {
    let is_end = |octet: &u8| matches!(octet, b' ' | b'\r' | b'\n');
    let length = head.len();
    // Several spaces are no IMAP, but a store might take them; so they are passed over here too.
    let tag_end = head.iter().position(is_end).or(whole.then_some(length))?;
    let gap = head.get(tag_end..).unwrap_or_default().iter().position(|octet| *octet != b' ');
    let start = match gap {
        Some(gap) => tag_end.saturating_add(gap),
        None if whole => length,
        None => return None,
    };
    let word = head.get(start..).unwrap_or_default();
    let end = match word.iter().position(is_end) {
        Some(end) => start.saturating_add(end),
        None if whole => length,
        None => return None,
    };
    Some((0..tag_end, start..end))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    /// Passes octets in pieces, with a store that lets every literal come.
    fn pass_in(octets: &[u8], size: usize) -> Result<(Vec<u8>, u32), Untraceable> {
        let (mut gate, mut out, mut capabilities) = (CommandGate::default(), Vec::new(), 0);
        for mut piece in octets.chunks(size.max(1)) {
            while !piece.is_empty() {
                let seen = gate.pass(piece, &mut out)?;
                capabilities += seen.capabilities;
                piece = &piece[seen.taken..];
                if gate.awaits().is_some() {
                    gate.verdict(true);
                }
            }
        }
        Ok((out, capabilities))
    }

    #[track_caller]
    fn check(octets: &[u8], expected: &[u8]) {
        for size in [octets.len(), 1, 3] {
            let (out, _) = pass_in(octets, size).unwrap();
            assert_eq!(String::from_utf8_lossy(&out), String::from_utf8_lossy(expected), "in pieces of {size}");
        }
    }

    #[test]
    fn ordinary_commands_pass() {
        check(b"a SELECT INBOX\r\nb IDLE\r\nDONE\r\n", b"a SELECT INBOX\r\nb IDLE\r\nDONE\r\n");
        check(
            b"a APPEND INBOX {12+}\r\nx COMPRESS y\r\nb NOOP\r\n",
            b"a APPEND INBOX {12+}\r\nx COMPRESS y\r\nb NOOP\r\n",
        );
    }

    #[test]
    fn refused_verbs_are_replaced() {
        check(b"a COMPRESS DEFLATE\r\n", b"a XREFUSED DEFLATE\r\n");
        check(b"a compress DEFLATE\r\nb NOOP\r\n", b"a XREFUSED DEFLATE\r\nb NOOP\r\n");
        check(b"a  UNAUTHENTICATE\r\n", b"a  XREFUSED\r\n");
        check(b"a UNAUTHENTICATE\n", b"a XREFUSED\n");
    }

    #[test]
    fn a_client_that_only_reads_changes_nothing() {
        for (said, passed) in [
            ("a SELECT INBOX", "a EXAMINE INBOX"),
            ("a select INBOX", "a EXAMINE INBOX"),
            ("a FETCH 1 BODY[]", "a FETCH 1 BODY[]"),
            ("a UID FETCH 1 BODY[]", "a UID FETCH 1 BODY[]"),
            ("a uid search ALL", "a uid search ALL"),
            ("a UID STORE 1 +FLAGS (x)", "a XREFUSED STORE 1 +FLAGS (x)"),
            ("a UID  COPY 1 x", "a XREFUSED  COPY 1 x"),
            ("a UID EXPUNGE 1", "a XREFUSED EXPUNGE 1"),
            ("a UID", "a XREFUSED"),
            ("a STORE 1 FLAGS ()", "a XREFUSED 1 FLAGS ()"),
            ("a EXPUNGE", "a XREFUSED"),
            ("a COPY 1 x", "a XREFUSED 1 x"),
            ("a MOVE 1 x", "a XREFUSED 1 x"),
            ("a CREATE x", "a XREFUSED x"),
            ("a SETACL x y lr", "a XREFUSED x y lr"),
            ("a SUBSCRIBE x", "a XREFUSED x"),
            ("a X-NEW-VERB", "a XREFUSED"),
            ("a COMPRESS DEFLATE", "a XREFUSED DEFLATE"),
            ("a LOGOUT", "a LOGOUT"),
        ] {
            for size in [said.len() + 2, 1, 3] {
                let (mut gate, mut out) = (CommandGate::default(), Vec::new());
                gate.let_read_only();
                for piece in format!("{said}\r\n").as_bytes().chunks(size) {
                    gate.pass(piece, &mut out).unwrap();
                }
                assert_eq!(String::from_utf8(out).unwrap(), format!("{passed}\r\n"), "in pieces of {size}");
            }
        }
        let (mut gate, mut out) = (CommandGate::default(), Vec::new());
        gate.let_read_only();
        gate.pass(b"a IDLE\r\n", &mut out).unwrap();
        gate.verdict(true);
        gate.pass(b"DONE\r\nb STORE 1 FLAGS ()\r\n", &mut out).unwrap();
        assert_eq!(out, b"a IDLE\r\nDONE\r\nb XREFUSED 1 FLAGS ()\r\n");
        let smuggled = b"c APPEND INBOX {21+}\r\nd STORE 1 FLAGS (x)\r\n\r\n";
        assert_eq!(gate.pass(smuggled, &mut Vec::new()), Err(Untraceable));
    }

    #[test]
    fn a_literal_that_the_store_refuses_hides_no_command() {
        let (mut gate, mut out) = (CommandGate::default(), Vec::new());
        let all = b"a APPEND x {999999}\r\nb COMPRESS DEFLATE\r\n";
        let seen = gate.pass(all, &mut out).unwrap();
        assert_eq!((seen.taken, gate.awaits()), (21, Some(&b"a"[..])), "what follows waits for the store");
        gate.verdict(false);
        gate.pass(&all[seen.taken..], &mut out).unwrap();
        assert!(out.ends_with(b"b XREFUSED DEFLATE\r\n"));
    }

    #[test]
    fn idle_waits_for_its_plus() {
        let (mut gate, mut out) = (CommandGate::default(), Vec::new());
        let seen = gate.pass(b"i IDLE\r\na APPEND x {5}\r\n", &mut out).unwrap();
        assert_eq!((seen.taken, out.as_slice()), (8, &b"i IDLE\r\n"[..]));
    }

    #[test]
    fn commands_are_counted_when_they_can_be_answered() {
        let (mut gate, mut out) = (CommandGate::default(), Vec::new());
        let mut check = |gate: &mut CommandGate, octets: &[u8], ended: u64, at_rest: bool| {
            gate.pass(octets, &mut out).unwrap();
            assert_eq!((gate.ended(), gate.at_rest()), (ended, at_rest), "{}", String::from_utf8_lossy(octets));
        };
        check(&mut gate, b"a NOOP\r\nb NO", 1, false);
        check(&mut gate, b"OP\r\nc LIST \"\" {1+}\r\nx", 2, false);
        check(&mut gate, b"\r\n", 3, true);
        // A literal that the store does not want ends its command, one that it takes does not.
        check(&mut gate, b"d APPEND x {3}\r\n", 3, false);
        gate.verdict(false);
        check(&mut gate, b"e APPEND x {3}\r\n", 4, false);
        gate.verdict(true);
        check(&mut gate, b"abc\r\n", 5, true);
        // An IDLE is over with the line behind it, even one that looks like another.
        for end in [&b"DONE\r\n"[..], b"f IDLE\r\n"] {
            let before = gate.ended();
            check(&mut gate, b"f IDLE\r\n", before, true);
            gate.verdict(true);
            check(&mut gate, end, before + 1, true);
            assert_eq!(gate.awaits(), None);
        }
        check(&mut gate, b"g IDLE\r\n", 7, true);
        gate.verdict(false);
        assert_eq!(gate.ended(), 8, "a store that knows no IDLE has answered");
        check(&mut gate, b"h IDLE\r\n", 8, true);
        gate.verdict(true);
        assert_eq!(gate.pass(b"DONE {3}\r\n", &mut Vec::new()), Err(Untraceable));
    }

    #[test]
    fn what_cannot_be_followed_ends_the_relay() {
        for bad in [&b"a LOGIN {1+}\r\nx {1+}\r\ny\r\n"[..], b"a FOO {30+}\r\n", b"DONE {3+}\r\n", &[b'a'; 200]] {
            for size in [bad.len(), 1, 65] {
                assert_eq!(pass_in(bad, size).unwrap_err(), Untraceable);
            }
        }
        let long = [&[b'a'; 65][..], b" COMPRESS DEFLATE\r\n"].concat();
        // In one piece the verb can be seen, and is refused; in two it cannot, and nothing passes.
        assert!(pass_in(&long, 200).unwrap().0.ends_with(b" XREFUSED DEFLATE\r\n"));
        assert_eq!(pass_in(&long, 65).unwrap_err(), Untraceable);
    }

    /// What a gate that stops has let pass and what it has stopped, in pieces of this size; every command that stops is
    /// taken, and refused if it goes on.
    fn stopping(octets: &[u8], size: usize, stops: Stops) -> (String, Vec<String>) {
        let (mut gate, mut out, mut stopped) = (CommandGate::default(), Vec::new(), Vec::new());
        gate.stop(stops);
        for mut piece in octets.chunks(size) {
            while !piece.is_empty() {
                let seen = gate.pass(piece, &mut out).unwrap();
                piece = &piece[seen.taken..];
                if gate.awaits().is_some() {
                    gate.verdict(true);
                }
                if let Some(command) = gate.take_stopped() {
                    stopped.push(String::from_utf8(command.text).unwrap());
                    gate.refuse(command.boundary);
                }
            }
        }
        assert!(gate.at_rest());
        (String::from_utf8(out).unwrap(), stopped)
    }

    #[test]
    fn what_concerns_us_stops() {
        let said = "a SELECT INBOX\r\nb SELECT \"Ours/x\"\r\nc uid copy 1 Ours/y\r\nd UID FETCH 1 (Ours/)\r\n\
            e LIST \"\" *\r\nf APPEND Ours/z {3+}\r\nxyz\r\ng APPEND z {5+}\r\nOurs/\r\nh SELECT {3+}\r\nabc\r\n\
            i IDLE\r\nDONE Ours/\r\n";
        let passed = "a SELECT INBOX\r\nd UID FETCH 1 (Ours/)\r\ng APPEND z {5+}\r\nOurs/\r\ni IDLE\r\nDONE Ours/\r\n";
        for size in [said.len(), 1, 3] {
            let (out, stopped) = stopping(said.as_bytes(), size, Stops::Naming(&["Ours/"]));
            assert_eq!(out, passed, "in pieces of {size}");
            assert_eq!(
                stopped,
                [
                    "b SELECT \"Ours/x\"\r\n",
                    "c uid copy 1 Ours/y\r\n",
                    "e LIST \"\" *\r\n",
                    "f APPEND Ours/z {3+}\r\n",
                    "h SELECT {3+}\r\n"
                ]
            );
            let (out, stopped) = stopping(b"a NOOP\r\nb X\r\n", size.min(9), Stops::Always);
            assert_eq!((out.as_str(), stopped.len()), ("", 2));
        }
    }

    #[test]
    fn what_stands_between_literals_stops() {
        for size in [100, 1, 2] {
            let (mut gate, mut out, mut stopped) = (CommandGate::default(), Vec::new(), Vec::new());
            gate.stop(Stops::Always);
            let all =
                b"a APPEND x {2+}\r\nab (\\Seen) {3+}\r\n\r\nc CATENATE (URL y)\r\nb APPEND x {1+}\r\nz\r\nc NOOP\r\n";
            for mut piece in all.chunks(size) {
                while !piece.is_empty() {
                    let seen = gate.pass(piece, &mut out).unwrap();
                    piece = &piece[seen.taken..];
                    let Some(part) = gate.take_stopped() else { continue };
                    stopped.push(String::from_utf8(part.text.clone()).unwrap());
                    if part.is_part {
                        gate.go_on(&part, &mut out).unwrap();
                    } else {
                        gate.let_pass(part, &mut out).unwrap();
                        gate.look_between();
                    }
                }
            }
            assert_eq!(out, all);
            let expected = [
                "a APPEND x {2+}\r\n",
                " (\\Seen) {3+}\r\n",
                " CATENATE (URL y)\r\n",
                "b APPEND x {1+}\r\n",
                "c NOOP\r\n",
            ];
            assert_eq!(stopped, expected, "in pieces of {size}");
            assert_eq!(gate.ended(), 3);
        }
    }

    #[test]
    fn a_stopped_command_goes_on_as_it_is_told() {
        let (mut gate, mut out) = (CommandGate::default(), Vec::new());
        gate.stop(Stops::Always);
        let all = b"a SELECT {3}\r\nx y (z)\r\nb NOOP\r\n";
        let mut taken = gate.pass(all, &mut out).unwrap().taken;
        let command = gate.take_stopped().unwrap();
        assert_eq!(command.boundary, Boundary::Waits);
        gate.gather(command);
        taken += gate.pass(&all[taken..], &mut out).unwrap().taken;
        let mut command = gate.take_stopped().unwrap();
        assert_eq!(command.text, b"a SELECT {3}\r\nx y (z)\r\n");
        command.text = b"a SELECT other\r\n".to_vec();
        gate.let_pass(command, &mut out).unwrap();
        assert_eq!((out.as_slice(), gate.ended()), (&b"a SELECT other\r\n"[..], 1));
        gate.pass(&all[taken..], &mut out).unwrap();
        assert_eq!(gate.take_stopped().unwrap().text, b"b NOOP\r\n");
        // A literal that waits for the store waits as ever.
        gate.stop(Stops::Naming(&["x"]));
        let seen = gate.pass(b"c APPEND x {2}\r\nab\r\n", &mut out).unwrap();
        assert_eq!(seen.taken, 16);
        let command = gate.take_stopped().unwrap();
        gate.let_pass(command, &mut out).unwrap();
        assert_eq!(gate.awaits(), Some(&b"c"[..]));
    }

    #[test]
    fn capability_is_seen() {
        assert_eq!(pass_in(b"a CAPABILITY\r\nb capability\r\nc NOOP CAPABILITY\r\n", 7).unwrap().1, 2);
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(octets in "[ab{}+0-2 \r\nCOMPRES]{0,50}", size in 1usize..50) {
            let octets = octets.as_bytes();
            prop_assert_eq!(pass_in(octets, size).map(|it| it.0), pass_in(octets, 1).map(|it| it.0));
        }
    }
}
