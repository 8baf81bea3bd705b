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
    /// Whether every APPEND stops before its message.
    appends: bool,
    /// Longest literal, in octets.
    largest: Option<u64>,
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

    /// From now on a command with a longer literal stops before it, and one whose further literals are longer ends the relay.
    pub fn limit(&mut self, largest: u64) {
        self.largest = Some(largest);
    }

    /// Whether from now on whatever puts a message somewhere stops before it, whichever mailbox it names.
    pub fn stop_appends(&mut self, stops: bool) {
        self.appends = stops;
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

    /// Whether a literal is announced that nobody wants to read.
    fn is_too_large(&self, boundary: Boundary) -> bool {
        matches!(boundary, Boundary::Waits | Boundary::Follows)
            && self.framer.literal_left().zip(self.largest).is_some_and(|(left, largest)| left > largest)
    }

    /// Whether the command in `head` stops here; `None` when more of it has to be seen.
    fn stops_here(&self, word: &[u8], second: &[u8], boundary: Boundary) -> Result<Option<bool>, Untraceable> {
        if self.is_too_large(boundary) && !self.idling {
            return Ok(Some(true));
        }
        let is = |name: &&[u8]| word.eq_ignore_ascii_case(name);
        let by_uid = word.eq_ignore_ascii_case(b"UID");
        let names = NAMING.iter().any(is) || by_uid && NAMING.iter().any(|name| second.eq_ignore_ascii_case(name));
        let wanted = match self.stops {
            Stops::Naming(_) if self.appends && puts_message(word, second) => Some(None),
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
            _ if self.is_too_large(boundary) => return Err(Untraceable),
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

/// Whether a command puts a message somewhere: APPEND, and REPLACE (RFC 8508).
fn puts_message(verb: &[u8], second: &[u8]) -> bool {
    verb.eq_ignore_ascii_case(b"APPEND") || [verb, second].iter().any(|word| word.eq_ignore_ascii_case(b"REPLACE"))
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
#[path = "commands_tests.rs"]
mod tests;
