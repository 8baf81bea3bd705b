//! Replies of a server: read from one, cleaned, and written to a client.

use std::fmt::Write;

/// Largest reply, in octets.
pub const LARGEST_REPLY: usize = 16 * 1024;
/// Longest text of one line that is passed on, in characters: with code and status below RFC 5321 §4.5.3.1.5's 512 octets.
const LONGEST_TEXT: usize = 480;

/// A reply: `Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF` (RFC 5321 §4.2)
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The code, 200 to 599.
    pub code: u16,
    /// The text of each line; at least one.
    pub lines: Vec<String>,
}

/// What stands at the beginning of what a server sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ParsedReply {
    /// A reply, and how many octets it took.
    Whole(Reply, usize),
    /// More is to come.
    Incomplete,
    /// No reply, or one without end.
    Wrong,
}

impl Reply {
    /// A reply of our own, of one line.
    pub fn new(code: u16, text: impl Into<String>) -> Self {
        Self { code, lines: vec![text.into()] }
    }

    /// Whether it says yes.
    pub fn is_positive(&self) -> bool {
        matches!(self.code, 200..=299)
    }

    /// The text on one line.
    pub fn text(&self) -> String {
        self.lines.join(" ")
    }

    /// Reads a reply. Control characters become `?`.
    pub fn parse(input: &[u8]) -> ParsedReply {
        let (mut lines, mut code, mut taken) = (Vec::new(), None, 0_usize);
        loop {
            let rest = input.get(taken..).unwrap_or_default();
            let Some(end) = memchr::memchr(b'\n', rest) else {
                let endless = input.len() >= LARGEST_REPLY;
                return if endless { ParsedReply::Wrong } else { ParsedReply::Incomplete };
            };
            taken = taken.saturating_add(end).saturating_add(1);
            let line = rest.get(..end).unwrap_or_default();
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let Some((number, more, text)) = reply_line(line) else { return ParsedReply::Wrong };
            if taken > LARGEST_REPLY || *code.get_or_insert(number) != number {
                return ParsedReply::Wrong;
            }
            lines.push(text);
            if !more {
                return ParsedReply::Whole(Self { code: number, lines }, taken);
            }
        }
    }

    /// As a client gets it: with an enhanced status (RFC 2034 §4), of ASCII, no line too long.
    pub fn to_client(&self) -> String {
        let class = self.code / 100;
        let mut out = String::new();
        for (index, line) in self.lines.iter().enumerate() {
            let separator = if index.saturating_add(1) == self.lines.len() { ' ' } else { '-' };
            let given = status(line, class);
            let text: String =
                line.chars().map(|it| if matches!(it, ' '..='~') { it } else { '?' }).take(LONGEST_TEXT).collect();
            // Codes of the conversation itself have none: 220, 221 and 354 of a client's own questions are ours.
            let _ = match given || !matches!(class, 2 | 4 | 5) {
                true => write!(out, "{}{separator}{text}\r\n", self.code),
                false => write!(out, "{}{separator}{class}.0.0 {text}\r\n", self.code),
            };
        }
        out
    }
}

/// Whether a text begins with an enhanced status of this class: `class "." subject "." detail` (RFC 3463 §2)
fn status(text: &str, class: u16) -> bool {
    let word = text.split(' ').next().unwrap_or_default();
    let mut parts = word.split('.');
    let is_number = |part: &str| (1..=3).contains(&part.len()) && part.bytes().all(|it| it.is_ascii_digit());
    let first = parts.next().is_some_and(|part| part.parse() == Ok(class));
    first && parts.next().is_some_and(is_number) && parts.next().is_some_and(is_number) && parts.next().is_none()
}

fn reply_line(line: &[u8]) -> Option<(u16, bool, String)> {
    let (code, rest) = line.split_at_checked(3)?;
    let code = std::str::from_utf8(code).ok().filter(|code| code.bytes().all(|it| it.is_ascii_digit()))?;
    let code: u16 = code.parse().ok().filter(|code| (200..=599).contains(code))?;
    let (more, text) = match rest {
        [] => (false, rest),
        [b' ', text @ ..] => (false, text),
        [b'-', text @ ..] => (true, text),
        _ => return None,
    };
    let text = String::from_utf8_lossy(text).chars().map(|it| if it.is_control() { '?' } else { it }).collect();
    Some((code, more, text))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn replies_of_one_line_and_of_several() {
        let ParsedReply::Whole(reply, taken) = Reply::parse(b"250-mx.test\r\n250-SIZE 10\r\n250 DSN\r\n354 go") else {
            unreachable!("it is whole");
        };
        assert_eq!(
            (reply.code, reply.lines.as_slice(), taken),
            (250, &["mx.test".into(), "SIZE 10".into(), "DSN".into()][..], 35)
        );
        assert_eq!(Reply::parse(b"250-mx.test\r\n"), ParsedReply::Incomplete);
        assert_eq!(Reply::parse(b"250"), ParsedReply::Incomplete);
        assert_eq!(Reply::parse(b"250\r\n"), ParsedReply::Whole(Reply::new(250, ""), 5));
        for wrong in
            [&b"25 x\r\n"[..], b"999 x\r\n", b"250x\r\n", b"250-a\r\n251 b\r\n", b"\r\n", b"HTTP/1.1 200 OK\r\n"]
        {
            assert_eq!(Reply::parse(wrong), ParsedReply::Wrong, "{wrong:?}");
        }
        assert_eq!(Reply::parse(&b"250-x\r\n".repeat(4096)), ParsedReply::Wrong);
    }

    #[test]
    fn a_client_gets_a_status_with_each_reply() {
        let told = |code, text: &str| Reply::new(code, text).to_client();
        assert_eq!(told(550, "5.1.1 no such user"), "550 5.1.1 no such user\r\n");
        assert_eq!(told(550, "no such user"), "550 5.0.0 no such user\r\n");
        // A status of another class is not one for this code.
        assert_eq!(told(250, "5.1.1 x"), "250 2.0.0 5.1.1 x\r\n");
        assert_eq!(told(354, "go on"), "354 go on\r\n");
        assert_eq!(told(450, "4.7.1.2 x\u{1b}[2J é"), "450 4.0.0 4.7.1.2 x?[2J ?\r\n");
        let two = Reply { code: 452, lines: vec!["4.3.1 full".into(), "4.3.1 later".into()] };
        assert_eq!(two.to_client(), "452-4.3.1 full\r\n452 4.3.1 later\r\n");
    }

    proptest! {
        #[test]
        fn whatever_a_server_says_is_clean(octets in prop::collection::vec(any::<u8>(), 0..300)) {
            let said = [b"550 ".as_slice(), &octets, b"\r\n"].concat();
            if let ParsedReply::Whole(reply, _) = Reply::parse(&said) {
                let told = reply.to_client();
                prop_assert!(told.split_inclusive("\r\n").all(|line| line.len() <= 512));
                prop_assert!(told.replace("\r\n", "").bytes().all(|it| matches!(it, b' '..=b'~')));
                // What a client reads of it is one reply of the same code.
                let again = Reply::parse(told.as_bytes());
                prop_assert!(matches!(again, ParsedReply::Whole(it, taken) if it.code == 550 && taken == told.len()));
            }
        }
    }
}
