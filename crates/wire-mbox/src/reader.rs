//! A file's messages, one event after the other.

use crate::{
    Marks,
    date::from_asctime,
    marks::{FIELDS, UNENDED, claim, field},
};
use std::fmt;

/// Longest line that is looked at whole, in octets; of a longer one it is known that it is neither a separator nor a field of
/// the mailbox's.
const LONGEST_LINE: usize = 8 * 1024;

/// How lines that look like separators were kept apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quoting {
    /// `>From ` was `From `, `>>From ` was `>From ` and so on.
    #[default]
    Rd,
    /// `>From ` was `From `, and nothing else was changed.
    O,
    /// Nothing was changed.
    Nothing,
}

/// What stands in a file.
#[derive(Debug, PartialEq, Eq)]
pub enum Event {
    /// A message begins.
    Begins {
        /// When it was received, in seconds since 1970, where the separator says so.
        received: Option<i64>,
    },
    /// Octets of it. Lines end with CRLF.
    Octets(Vec<u8>),
    /// Its header has ended.
    BodyBegins {
        /// How many octets of the file are its body, as its `Content-Length` claims. Whoever can look there and finds that a
        /// [boundary follows](boundary_follows) may [trust](Reader::trust) it.
        claimed: Option<u64>,
    },
    /// It has ended; what was marked on it.
    Ends(Marks),
}

/// What is read does not begin as an mbox does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotMbox;

impl fmt::Display for NotMbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("does not begin with a line `From sender date`")
    }
}
impl std::error::Error for NotMbox {}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Before the first message.
    Before,
    /// In a header: whether its first fields are the mailbox's, so that those further down are the message's own.
    Header(Leading),
    Body,
    /// In a body of which so many octets of the file are left.
    Exact(u64),
    /// Behind such a body, up to the next separator.
    Behind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Leading {
    /// Nothing was read yet.
    Unknown,
    /// They are, up to this one of them; each comes once and in its order, and the last ends them.
    Now(usize),
    /// They were.
    Over,
    /// They are not: the mailbox's fields stand anywhere.
    Not,
}

/// Reads a file.
#[derive(Debug)]
pub struct Reader {
    quoting: Quoting,
    state: State,
    marks: Marks,
    claimed: Option<u64>,
    /// The last field is the mailbox's own: so are the lines that go on with it.
    in_field: Option<&'static str>,
    /// An empty line, which is the message's unless a separator follows.
    blank: bool,
    /// The line so far is longer than what is looked at.
    inside: bool,
    /// The message does not end with a line's end.
    unended: bool,
    /// A line's end that is kept back, because it may be the file's.
    kept_end: bool,
}

impl Reader {
    /// From a file's beginning, or from a separator's.
    pub fn new(quoting: Quoting) -> Self {
        Self {
            quoting,
            state: State::Before,
            marks: Marks::default(),
            claimed: None,
            in_field: None,
            blank: true,
            inside: false,
            unended: false,
            kept_end: false,
        }
    }

    /// The body has exactly so many octets in the file. To be said right behind [`Event::BodyBegins`].
    pub fn trust(&mut self, length: u64) {
        self.state = State::Exact(length);
    }

    /// Whether a message is being read.
    fn is_in_message(&self) -> bool {
        self.state != State::Before
    }

    /// Takes octets up to the next event: how many, and the event. With `whole`, no more octets follow these. Nothing taken
    /// and no event means that more octets are needed, or with `whole` that all is read.
    ///
    /// # Errors
    /// [`NotMbox`] for what is none.
    pub fn step(&mut self, octets: &[u8], whole: bool) -> Result<(usize, Option<Event>), NotMbox> {
        if octets.is_empty() {
            return Ok((0, (whole && self.is_in_message()).then(|| self.ends())));
        }
        if let State::Exact(left) = self.state {
            return Ok(self.exact(octets, left, whole));
        }
        let seen = octets.get(..octets.len().min(LONGEST_LINE)).unwrap_or(octets);
        let (line, ended) = match seen.iter().position(|octet| *octet == b'\n') {
            Some(end) => (octets.get(..=end).unwrap_or(octets), true),
            None if whole && seen.len() == octets.len() => (seen, false),
            // A line whose beginning is known goes on as it comes, but for a CR that may belong to its end.
            None if seen.len() == LONGEST_LINE || self.inside => (seen.strip_suffix(b"\r").unwrap_or(seen), false),
            None => return Ok((0, None)),
        };
        if line.is_empty() {
            return Ok((0, None));
        }
        let was_inside = std::mem::replace(&mut self.inside, !ended);
        if was_inside {
            let is_message = self.in_field.is_none();
            return Ok((line.len(), if is_message { self.said(with_crlf(line)) } else { None }));
        }
        self.line(line)
    }

    fn line(&mut self, line: &[u8]) -> Result<(usize, Option<Event>), NotMbox> {
        let is_empty = line.trim_ascii_end().is_empty() && line.iter().all(|octet| matches!(octet, b'\r' | b'\n'));
        if self.blank
            && let Some(received) = separator(line, self.state == State::Before)
        {
            if self.is_in_message() {
                // The empty line before it was the file's. The separator is read again as the next one's beginning.
                self.inside = false;
                let event = self.ends();
                self.state = State::Before;
                self.blank = true;
                return Ok((0, Some(event)));
            }
            *self = Self { state: State::Header(Leading::Unknown), blank: false, ..Self::new(self.quoting) };
            return Ok((line.len(), Some(Event::Begins { received })));
        }
        match self.state {
            State::Before if is_empty => Ok((line.len(), None)),
            State::Before => Err(NotMbox),
            // Empty lines behind a body of known length.
            State::Behind => Ok((line.len(), None)),
            State::Header(leading) => Ok(self.header(line, is_empty, leading)),
            State::Body | State::Exact(_) => {
                let mut out = if self.blank { b"\r\n".to_vec() } else { Vec::new() };
                self.blank = is_empty;
                if !is_empty {
                    out.extend_from_slice(&with_crlf(self.unquoted(line)));
                }
                Ok((line.len(), self.said(out)))
            }
        }
    }

    /// Octets of the message; where it ends in a line, without a line's end that may be the last.
    fn said(&mut self, mut octets: Vec<u8>) -> Option<Event> {
        if self.unended && !octets.is_empty() {
            if std::mem::take(&mut self.kept_end) {
                octets.splice(..0, *b"\r\n");
            }
            if octets.ends_with(b"\r\n") {
                octets.truncate(octets.len().saturating_sub(2));
                self.kept_end = true;
            }
        }
        (!octets.is_empty()).then_some(Event::Octets(octets))
    }

    fn header(&mut self, line: &[u8], is_empty: bool, leading: Leading) -> (usize, Option<Event>) {
        if is_empty {
            self.state = State::Body;
            // It may be the file's, if nothing but a header is there.
            self.blank = true;
            return (line.len(), Some(Event::BodyBegins { claimed: self.claimed }));
        }
        let goes_on = matches!(line.first(), Some(b' ' | b'\t'));
        let own = if goes_on { self.in_field.map(|name| (name, line.trim_ascii())) } else { field(line) };
        let place = own.and_then(|(name, _)| FIELDS.iter().position(|field| *field == name));
        let leading = match (leading, place) {
            (Leading::Unknown, Some(0)) => Leading::Now(0),
            (Leading::Unknown, _) => Leading::Not,
            (Leading::Now(last), Some(place)) if place > last => Leading::Now(place),
            (Leading::Now(_), _) => Leading::Over,
            (same, _) => same,
        };
        self.in_field = None;
        let is_last = leading == Leading::Now(FIELDS.len().saturating_sub(1));
        self.state = State::Header(if is_last { Leading::Over } else { leading });
        if let (Some((name, said)), Leading::Now(_) | Leading::Not) = (own, leading) {
            self.in_field = (leading == Leading::Not).then_some(name);
            self.unended |= name == UNENDED;
            self.marks.note(name, said);
            return (line.len(), None);
        }
        if leading == Leading::Not {
            // What was written here is quoted, and a length in it is the message's own.
            self.claimed = claim(line).or(self.claimed);
        }
        let text = with_crlf(self.unquoted(line));
        (line.len(), self.said(text))
    }

    fn exact(&mut self, octets: &[u8], left: u64, whole: bool) -> (usize, Option<Event>) {
        let mut out = Vec::new();
        if std::mem::take(&mut self.blank) {
            // What was held behind the header is the message's own.
            out.extend_from_slice(b"\r\n");
        }
        let most = usize::try_from(left).unwrap_or(LONGEST_LINE).min(LONGEST_LINE).min(octets.len());
        let mut here = octets.get(..most).unwrap_or(octets);
        let is_last = whole && here.len() == octets.len() || u64::try_from(here.len()) == Ok(left);
        if !is_last && here.last() == Some(&b'\r') {
            // A line's end is not taken apart.
            here = here.get(..here.len().saturating_sub(1)).unwrap_or(here);
            if here.is_empty() {
                self.blank = !out.is_empty();
                return (0, None);
            }
        }
        out.extend_from_slice(&with_crlf(here));
        let left = left.saturating_sub(u64::try_from(here.len()).unwrap_or(left));
        if left == 0 {
            (self.state, self.blank, self.inside) = (State::Behind, true, false);
        } else {
            self.state = State::Exact(left);
        }
        (here.len(), self.said(out))
    }

    fn ends(&mut self) -> Event {
        self.state = State::Before;
        self.kept_end = false;
        Event::Ends(std::mem::take(&mut self.marks))
    }

    fn unquoted<'l>(&self, line: &'l [u8]) -> &'l [u8] {
        let quotes = line.iter().take_while(|octet| **octet == b'>').count();
        let is_from = line.get(quotes..).is_some_and(|rest| rest.starts_with(b"From "));
        let quoted = match self.quoting {
            Quoting::Rd => is_from && quotes > 0,
            Quoting::O => is_from && quotes == 1,
            Quoting::Nothing => false,
        };
        if quoted { line.get(1..).unwrap_or(line) } else { line }
    }
}

/// Whether a body can have ended where these octets begin, as far as they go: the end of the file, or a separator, behind line
/// ends at most.
pub fn boundary_follows(octets: &[u8], whole: bool) -> bool {
    let ends = octets.iter().take_while(|octet| matches!(octet, b'\r' | b'\n')).count();
    let rest = octets.get(ends..).unwrap_or_default();
    if rest.is_empty() {
        return whole;
    }
    let line = rest.split_inclusive(|octet| *octet == b'\n').next().unwrap_or(rest);
    separator(line, false).is_some()
}

/// `From sender date`: when it was received. A first line needs no date; everywhere else a line without one is prose.
fn separator(line: &[u8], is_first: bool) -> Option<Option<i64>> {
    let rest = line.strip_prefix(b"From ")?;
    let text = String::from_utf8_lossy(rest);
    let text = text.trim_end();
    // The sender may have spaces in quotes; the date is what can be read as one at the end.
    let starts = text.match_indices(' ').map(|(at, _)| at).chain([0]).filter(|_| text.len() < 1024);
    let mut dates = starts.filter_map(|at| from_asctime(text.get(at..)?));
    match dates.next() {
        Some(received) => Some(Some(received)),
        None if is_first && !text.is_empty() => Some(None),
        None => None,
    }
}

/// The same with CRLF at its lines' ends.
fn with_crlf(octets: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(octets.len().saturating_add(2));
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(text) => {
                out.extend_from_slice(text.strip_suffix(b"\r").unwrap_or(text));
                out.extend_from_slice(b"\r\n");
            }
            None => out.extend_from_slice(line),
        }
    }
    out
}

#[cfg(test)]
#[path = "reader_tests.rs"]
mod tests;
