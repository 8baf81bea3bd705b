//! What a server that nobody here answers for may say to a client: about the selected mailbox, and nothing else.
//!
//! A client believes whatever arrives on its connection. A server elsewhere could tell it that its own mailboxes are gone,
//! change what it thinks it may do, answer commands that it was not asked, or write to its reader. So each response is held
//! until its kind is known; words for people and codes that mean more than the mailbox are taken away; and where a line could be
//! read in two ways, nothing more is read at all.

use crate::{Boundary, Framer, Verdict};

/// How much of a response is held until its kind is known, in octets.
const LONGEST_HEAD: usize = 128;
/// Longest line with a status in it (`OK`, `NO`, `BAD`), in octets: COPYUID names sets.
const LONGEST_STATUS: usize = 64 * 1024;
/// Longest response, without its literals, in octets: the numbers that a SEARCH finds in a large mailbox.
const LONGEST_LINE: usize = 4 * 1024 * 1024;
/// Longest literal, in octets (RFC 9051 §9 has 63 bits; no message is so long).
const LONGEST_LITERAL: u64 = 4 * 1024 * 1024 * 1024;

/// Codes that concern the selected mailbox or the command that is answered (RFC 9051 §7.1, RFC 7162 §3.1, RFC 5530 §3).
const CODES: [&str; 28] = [
    "ALREADYEXISTS",
    "APPENDUID",
    "BADCHARSET",
    "CANNOT",
    "CLIENTBUG",
    "CLOSED",
    "COPYUID",
    "EXPUNGEISSUED",
    "HASCHILDREN",
    "HIGHESTMODSEQ",
    "INUSE",
    "LIMIT",
    "MODIFIED",
    "NOMODSEQ",
    "NONEXISTENT",
    "NOPERM",
    "NOTSAVED",
    "OVERQUOTA",
    "PERMANENTFLAGS",
    "READ-ONLY",
    "READ-WRITE",
    "SERVERBUG",
    "TOOBIG",
    "TRYCREATE",
    "UIDNEXT",
    "UIDNOTSTICKY",
    "UIDVALIDITY",
    "UNSEEN",
];
/// Untagged responses about the selected mailbox, as a word of their own.
const WORDS: [&str; 6] = ["FLAGS", "SEARCH", "ESEARCH", "SORT", "THREAD", "VANISHED"];
/// The same behind a number.
const NUMBERED: [&str; 3] = ["EXISTS", "EXPUNGE", "RECENT"];
/// What stands in the place of the server's own words.
const TEXT: &[u8] = b"says the server elsewhere\r\n";

/// What stands in the place of what the server says when a command may go on.
const GO_ON: &[u8] = b"+ go on\r\n";

/// What may pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// What concerns the selected mailbox, and answers.
    Mailbox,
    /// Answers only: another mailbox is selected, in another store.
    Answers,
}

/// Sifts a server's octets.
#[derive(Debug)]
pub struct Sift {
    kept: Kept,
    framer: Framer,
    /// The head of a response whose kind is not known yet, or a line with a status.
    held: Vec<u8>,
    fate: Fate,
    /// The tag of the command that is under way.
    expected: Option<Vec<u8>>,
    /// Whether the server was asked for a `+`.
    awaits: bool,
    /// Octets of this response's lines.
    length: usize,
    /// Inside a quoted string, and behind a backslash there.
    quoted: (bool, bool),
    /// The last octet of a line was CR.
    returned: bool,
    answered: u64,
    is_broken: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    /// Not known yet.
    Open,
    /// A status: held whole, and said anew.
    Status,
    /// It passes as it is, with literals: a FETCH.
    Passes,
    /// It passes as it is, and is one line.
    Line,
    /// It lets a command go on: held whole, and said anew.
    GoOn,
    /// It goes nowhere.
    Dropped,
}

impl Sift {
    /// Nothing was said yet.
    pub const fn new(kept: Kept) -> Self {
        Self {
            kept,
            framer: Framer::new(),
            held: Vec::new(),
            fate: Fate::Open,
            expected: None,
            awaits: false,
            length: 0,
            quoted: (false, false),
            returned: false,
            answered: 0,
            is_broken: false,
        }
    }

    /// A command with this tag was sent: one answer to it passes.
    pub fn expect(&mut self, tag: &[u8]) {
        self.expected = Some(tag.to_vec());
    }

    /// The command that was sent cannot go on before the server says `+`.
    pub fn await_verdict(&mut self) {
        self.awaits = true;
    }

    /// Whether no response has begun that has not ended.
    pub fn at_rest(&self) -> bool {
        self.framer.at_rest()
    }

    /// Whether nothing of a response has passed that has not passed whole.
    pub fn may_cut(&self) -> bool {
        self.framer.at_rest() || !matches!(self.fate, Fate::Passes | Fate::Line)
    }

    /// Answers that have passed.
    pub const fn answered(&self) -> u64 {
        self.answered
    }

    /// Whether the server said what can be read in two ways, or without end: nothing more of it may be read.
    pub const fn is_broken(&self) -> bool {
        self.is_broken
    }

    /// Passes octets on to `out`. The verdict on a command that waits, when it is among them.
    pub fn pass(&mut self, mut octets: &[u8], out: &mut Vec<u8>) -> Option<Verdict> {
        let mut verdict = None;
        while !octets.is_empty() && !self.is_broken {
            let in_literal = self.framer.in_literal();
            let (taken, boundary) = self.framer.step(octets);
            let (here, rest) = octets.split_at_checked(taken.max(1)).unwrap_or((octets, &[]));
            octets = rest;
            if !in_literal && !self.follow(here, boundary) {
                self.is_broken = true;
                break;
            }
            match self.fate {
                // What stands behind an announcement a client may take for responses of its own.
                Fate::Line if boundary == Boundary::Waits => self.is_broken = true,
                Fate::Passes | Fate::Line => out.extend_from_slice(here),
                Fate::Dropped => {}
                Fate::Open | Fate::Status | Fate::GoOn => {
                    self.held.extend_from_slice(here);
                    verdict = self.judge(boundary, out).or(verdict);
                }
            }
            if boundary == Boundary::Message {
                self.fate = Fate::Open;
                self.length = 0;
            }
        }
        verdict
    }

    /// Follows a part of a line. `false` where the client could read it in another way than we do.
    fn follow(&mut self, here: &[u8], boundary: Boundary) -> bool {
        self.length = self.length.saturating_add(here.len());
        for octet in here {
            let (inside, escaped) = self.quoted;
            if self.returned != (*octet == b'\n') || *octet == 0 {
                return false;
            }
            self.returned = *octet == b'\r';
            self.quoted = match octet {
                b'"' if !escaped => (!inside, false),
                b'\\' if inside && !escaped => (true, true),
                _ => (inside, false),
            };
        }
        let ends = boundary != Boundary::Inside;
        let inside = self.quoted.0;
        if ends {
            self.quoted = (false, false);
        }
        // A quoted string ends on its line (RFC 9051 §4.3); `{3+}` is for clients.
        let is_odd = ends && inside && self.will_pass(here) || boundary == Boundary::Follows;
        let is_long = self.framer.literal_left().is_some_and(|left| left > LONGEST_LITERAL);
        !is_odd && !is_long && self.length <= LONGEST_LINE
    }

    fn judge(&mut self, boundary: Boundary, out: &mut Vec<u8>) -> Option<Verdict> {
        let is_open = boundary == Boundary::Inside;
        if self.fate == Fate::Open {
            if is_open && self.held.len() < LONGEST_HEAD {
                return None;
            }
            self.fate = self.kind(&self.held);
        }
        match self.fate {
            Fate::Line if boundary == Boundary::Waits => {
                self.is_broken = true;
                None
            }
            Fate::Passes | Fate::Line => {
                out.append(&mut self.held);
                None
            }
            Fate::Status | Fate::GoOn if is_open && self.held.len() <= LONGEST_STATUS => None,
            Fate::GoOn => {
                self.held.clear();
                if boundary != Boundary::Message {
                    self.is_broken = true;
                    return None;
                }
                out.extend_from_slice(GO_ON);
                self.awaits = false;
                Some(Verdict::GoOn)
            }
            Fate::Status => {
                let line = std::mem::take(&mut self.held);
                if boundary != Boundary::Message {
                    // A literal in words for people, or words without end.
                    self.is_broken = true;
                    return None;
                }
                let is_answer = !line.starts_with(b"*");
                if let Some(said) = status(&line, is_answer) {
                    out.extend_from_slice(&said);
                }
                if !is_answer {
                    return None;
                }
                self.expected = None;
                self.answered = self.answered.saturating_add(1);
                std::mem::take(&mut self.awaits).then_some(Verdict::Over)
            }
            Fate::Open | Fate::Dropped => {
                self.held.clear();
                None
            }
        }
    }

    /// Whether the line that ends here goes to the client as it is.
    fn will_pass(&self, here: &[u8]) -> bool {
        match self.fate {
            Fate::Passes | Fate::Line => true,
            Fate::Open => matches!(self.kind(&[&self.held, here].concat()), Fate::Passes | Fate::Line),
            Fate::Status | Fate::GoOn | Fate::Dropped => false,
        }
    }

    /// What becomes of a response that begins so.
    fn kind(&self, begun: &[u8]) -> Fate {
        if begun.starts_with(b"+") {
            return if self.awaits { Fate::GoOn } else { Fate::Dropped };
        }
        // No more than is always there when this is asked, so that pieces decide nothing.
        let begun = begun.get(..LONGEST_HEAD).unwrap_or(begun);
        let head = begun.split(|octet| matches!(octet, b'\r' | b'\n')).next().unwrap_or_default();
        let mut words = head.split(|octet| *octet == b' ');
        let (tag, first, second) = (words.next().unwrap_or_default(), words.next(), words.next());
        let is_list = words.next().is_some_and(|third| third.starts_with(b"("));
        if tag != b"*" {
            // Whatever it answers is none of what was asked.
            let is_expected = self.expected.as_deref() == Some(tag);
            return if is_expected && first.is_some_and(is_condition) { Fate::Status } else { Fate::Dropped };
        }
        let Some(first) = first else { return Fate::Dropped };
        if self.kept == Kept::Answers {
            return Fate::Dropped;
        }
        if is_condition(first) {
            return Fate::Status;
        }
        let is = |word: &[u8], all: &[&str]| all.iter().any(|it| word.eq_ignore_ascii_case(it.as_bytes()));
        let is_number = !first.is_empty() && first.len() <= 10 && first.iter().all(u8::is_ascii_digit);
        if is_number && second.is_some_and(|second| second.eq_ignore_ascii_case(b"FETCH")) {
            return if is_list { Fate::Passes } else { Fate::Dropped };
        }
        match is(first, &WORDS) || is_number && second.is_some_and(|second| is(second, &NUMBERED)) {
            true => Fate::Line,
            false => Fate::Dropped,
        }
    }
}

fn is_condition(word: &[u8]) -> bool {
    [b"OK".as_slice(), b"NO", b"BAD"].iter().any(|it| word.eq_ignore_ascii_case(it))
}

/// A status without the server's words: with its code, where that concerns the mailbox. An untagged one without such a code
/// says nothing.
fn status(line: &[u8], is_answer: bool) -> Option<Vec<u8>> {
    let text = line.strip_suffix(b"\r\n")?;
    let mut words = text.splitn(3, |octet| *octet == b' ');
    let (tag, condition, rest) = (words.next()?, words.next()?, words.next().unwrap_or_default());
    let code = rest.strip_prefix(b"[").and_then(code).unwrap_or_default();
    if code.is_empty() && !is_answer {
        return None;
    }
    let mut said = [tag, b" ", condition, b" "].concat();
    if !code.is_empty() {
        said.extend_from_slice(&[b"[", code, b"] "].concat());
    }
    said.extend_from_slice(TEXT);
    Some(said)
}

/// `resp-text-code` without its brackets, if it is one of ours: `PERMANENTFLAGS (\Seen)`, `UIDNEXT 5`.
fn code(rest: &[u8]) -> Option<&[u8]> {
    let code = rest.get(..rest.iter().position(|octet| *octet == b']')?)?;
    let name = code.split(|octet| *octet == b' ').next()?;
    let is_known = CODES.iter().any(|it| name.eq_ignore_ascii_case(it.as_bytes()));
    let is_plain = code.iter().all(|octet| matches!(octet, b' '..=b'~') && !b"\"{}[".contains(octet));
    (is_known && is_plain).then_some(code)
}

/// The responses of a server elsewhere that concern the selected mailbox, each whole, with statuses said anew.
pub fn sifted(responses: &[Vec<u8>]) -> Vec<u8> {
    let mut out = Vec::new();
    for response in responses {
        let (mut sift, mut said) = (Sift::new(Kept::Mailbox), Vec::new());
        sift.pass(response, &mut said);
        // What broke in its middle is not said in part.
        if !sift.is_broken() && sift.at_rest() {
            out.append(&mut said);
        }
    }
    out
}

/// An answer without its tag, as a server elsewhere gave it, without the server's words.
pub fn sifted_answer(tagged: &[u8]) -> Vec<u8> {
    let said = status(&[b"x ", tagged].concat(), true);
    said.and_then(|said| said.strip_prefix(b"x ").map(<[u8]>::to_vec)).unwrap_or_else(|| [b"NO ", TEXT].concat())
}

#[cfg(test)]
#[path = "sift_tests.rs"]
mod tests;
