//! Where lines and literals end.
//!
//! `literal = "{" number64 ["+"] "}" CRLF *CHAR8` and `literal8 = "~{" number64 ["+"] "}" CRLF *OCTET` (RFC 9051 §9, RFC 7888). Both ends of
//! a conversation use the same form, so one framer serves both ways.

/// Follows one way of a conversation, in any pieces, and knows at each moment whether it is between two commands or
/// responses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Framer {
    state: State,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum State {
    /// Between two messages.
    #[default]
    Rest,
    /// In a line; what has been seen of a literal's announcement at its end.
    Line(Announcement),
    /// In a literal, with so many octets to come.
    Literal(u64),
}

/// How much of `{number[+]}CR` stands at the end of the line so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Announcement {
    None,
    /// `{` and digits.
    Number(u64, bool),
    /// `{number+`
    Plus(u64),
    /// The brace is closed; whether a plus stood before it.
    Closed(u64, bool),
    /// The CR was seen after it.
    Return(u64, bool),
}

/// What stands at the end of the octets that [`Framer::step`] took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Boundary {
    /// The middle of a line or literal.
    Inside,
    /// The end of a line that announces a literal which waits for a continuation: `{number}`.
    Waits,
    /// The end of a line whose literal follows at once: `{number+}`.
    Follows,
    /// The end of a literal: the line goes on.
    LiteralEnd,
    /// The end of a message.
    Message,
}

impl Framer {
    /// Between two messages.
    pub const fn new() -> Self {
        Self { state: State::Rest }
    }

    /// Octets of a literal that are still to come; `None` outside of one.
    pub const fn literal_left(&self) -> Option<u64> {
        match self.state {
            State::Literal(left) => Some(left),
            State::Rest | State::Line(_) => None,
        }
    }

    /// Whether nothing has begun that has not ended.
    pub fn at_rest(&self) -> bool {
        self.state == State::Rest
    }

    /// Whether what comes next is a literal's.
    pub fn in_literal(&self) -> bool {
        matches!(self.state, State::Literal(_))
    }

    /// Takes octets up to the next boundary: how many, and what is there. Takes all when there is none. Takes at least one
    /// octet when there is one.
    pub fn step(&mut self, octets: &[u8]) -> (usize, Boundary) {
        match self.state {
            State::Literal(left) => {
                let here = u64::try_from(octets.len()).unwrap_or(u64::MAX).min(left);
                let rest = left.saturating_sub(here);
                let taken = usize::try_from(here).unwrap_or(octets.len());
                if rest == 0 {
                    self.state = State::Line(Announcement::None);
                    (taken, Boundary::LiteralEnd)
                } else {
                    self.state = State::Literal(rest);
                    (taken, Boundary::Inside)
                }
            }
            State::Rest => self.line(Announcement::None, octets),
            State::Line(seen) => self.line(seen, octets),
        }
    }

    /// Takes all octets.
    pub fn skip(&mut self, mut octets: &[u8]) {
        while !octets.is_empty() {
            let (taken, _) = self.step(octets);
            octets = octets.get(taken.max(1)..).unwrap_or_default();
        }
    }

    fn line(&mut self, seen: Announcement, octets: &[u8]) -> (usize, Boundary) {
        let Some(end) = memchr::memchr(b'\n', octets) else {
            if !octets.is_empty() {
                self.state = State::Line(after(seen, octets));
            }
            return (octets.len(), Boundary::Inside);
        };
        let taken = end.saturating_add(1);
        match after(seen, octets.get(..end).unwrap_or_default()) {
            // A bare LF ends a line too, as it does for the servers behind; anything else would let the two disagree.
            Announcement::Return(length, plus) | Announcement::Closed(length, plus) => {
                // An empty literal has no octets to wait for.
                self.state = if length == 0 { State::Line(Announcement::None) } else { State::Literal(length) };
                (taken, if plus { Boundary::Follows } else { Boundary::Waits })
            }
            Announcement::None | Announcement::Number(..) | Announcement::Plus(_) => {
                self.state = State::Rest;
                (taken, Boundary::Message)
            }
        }
    }
}

/// How many octets the literal has that a line announces at its end; `None` when it announces none.
pub fn literal_length(line: &[u8]) -> Option<u64> {
    let line = line.strip_suffix(b"\n")?;
    match after(Announcement::None, line) {
        Announcement::Return(length, _) | Announcement::Closed(length, _) => Some(length),
        Announcement::None | Announcement::Number(..) | Announcement::Plus(_) => None,
    }
}

/// What stands at the end of a line when these octets, none of them LF, follow what was seen.
fn after(seen: Announcement, octets: &[u8]) -> Announcement {
    // Only the last brace can matter: everything before it is forgotten at once.
    let (seen, octets) = match memchr::memrchr(b'{', octets) {
        Some(brace) => (Announcement::Number(0, false), octets.get(brace.saturating_add(1)..).unwrap_or_default()),
        None => (seen, octets),
    };
    octets.iter().fold(seen, |seen, octet| match (seen, octet) {
        (Announcement::Number(number, _), digit @ b'0'..=b'9') => {
            let number = number.saturating_mul(10).saturating_add(u64::from(digit.saturating_sub(b'0')));
            Announcement::Number(number, true)
        }
        (Announcement::Number(number, true), b'+') => Announcement::Plus(number),
        (Announcement::Number(number, true), b'}') => Announcement::Closed(number, false),
        (Announcement::Plus(number), b'}') => Announcement::Closed(number, true),
        (Announcement::Closed(number, plus), b'\r') => Announcement::Return(number, plus),
        _ => Announcement::None,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    /// The messages of a conversation, split where the framer says.
    fn messages(mut octets: &[u8]) -> Vec<Vec<u8>> {
        let (mut framer, mut all, mut one) = (Framer::default(), Vec::new(), Vec::new());
        while !octets.is_empty() {
            let (taken, boundary) = framer.step(octets);
            one.extend(&octets[..taken]);
            octets = &octets[taken..];
            if boundary == Boundary::Message {
                all.push(std::mem::take(&mut one));
            }
        }
        if !one.is_empty() {
            all.push(one);
        }
        all
    }

    #[track_caller]
    fn check(octets: &[u8], expected: &[&[u8]]) {
        assert_eq!(messages(octets), expected);
    }

    #[test]
    fn lines_and_literals() {
        check(b"a NOOP\r\nb NOOP\r\n", &[b"a NOOP\r\n", b"b NOOP\r\n"]);
        check(
            b"a LOGIN {3}\r\na\r\n {2+}\r\nbc\r\nb NOOP\r\n",
            &[b"a LOGIN {3}\r\na\r\n {2+}\r\nbc\r\n", b"b NOOP\r\n"],
        );
        check(
            b"* 1 FETCH (BODY[] {12}\r\n* BYE\r\nb OK\r)\r\nb OK\r\n",
            &[b"* 1 FETCH (BODY[] {12}\r\n* BYE\r\nb OK\r)\r\n", b"b OK\r\n"],
        );
        check(b"a APPEND x ~{2}\r\n\n\n\r\n", &[b"a APPEND x ~{2}\r\n\n\n\r\n"]);
        check(b"a X {0}\r\n\r\nb\r\n", &[b"a X {0}\r\n\r\n", b"b\r\n"]);
    }

    #[test]
    fn what_only_looks_like_a_literal() {
        check(b"a X {}\r\nb\r\n", &[b"a X {}\r\n", b"b\r\n"]);
        check(b"a X {+}\r\nb\r\n", &[b"a X {+}\r\n", b"b\r\n"]);
        check(b"a X {3} \r\nb\r\n", &[b"a X {3} \r\n", b"b\r\n"]);
        check(b"a X 3}\r\nb\r\n", &[b"a X 3}\r\n", b"b\r\n"]);
        check(b"a X {{2}\r\nbc\r\n", &[b"a X {{2}\r\nbc\r\n"]);
    }

    #[test]
    fn a_number_too_large_never_ends() {
        let mut framer = Framer::default();
        framer.skip(b"a X {99999999999999999999999999}\r\n");
        framer.skip(&[b'\n'; 1000]);
        assert!(!framer.at_rest());
    }

    proptest! {
        /// However the octets arrive, the boundaries are the same.
        #[test]
        fn pieces_do_not_matter(octets in "[a{}+0-3 \r\n]{0,80}", cut in 0usize..80) {
            let octets = octets.as_bytes();
            let cut = cut.min(octets.len());
            let (mut whole, mut pieces) = (Framer::default(), Framer::default());
            whole.skip(octets);
            pieces.skip(&octets[..cut]);
            pieces.skip(&octets[cut..]);
            prop_assert_eq!(whole, pieces);
        }

        #[test]
        fn nothing_is_lost_and_nothing_panics(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert_eq!(messages(&octets).concat(), octets);
        }
    }
}
