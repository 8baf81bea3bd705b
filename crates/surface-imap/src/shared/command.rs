//! A stopped command, read.

use passerelle_wire_imap::{Boundary, Placed, Stopped, Word, words};

/// A command with its words.
pub(crate) struct Command {
    pub(crate) stopped: Stopped,
    words: Vec<Placed>,
}

impl Command {
    /// Reads it; the command back, when it cannot be read.
    pub(crate) fn read(stopped: Stopped) -> Result<Self, Stopped> {
        match words(&stopped.text) {
            Some(words) if words.len() >= 2 => Ok(Self { stopped, words }),
            _ => Err(stopped),
        }
    }

    /// The tag.
    pub(crate) fn tag(&self) -> &[u8] {
        self.words.first().and_then(|placed| placed.word.text()).unwrap_or(b"*")
    }

    /// The verb in capitals, with a second word where the first is UID.
    pub(crate) fn verb(&self) -> String {
        let word = |at: usize| {
            let text = self.words.get(at).and_then(|placed| placed.word.text()).unwrap_or_default();
            String::from_utf8_lossy(text).to_ascii_uppercase()
        };
        match word(1) {
            first if first == "UID" => format!("UID {}", word(2)),
            first => first,
        }
    }

    /// What follows the verb.
    pub(crate) fn arguments(&self) -> &[Placed] {
        let skipped = if self.verb().starts_with("UID ") { 3 } else { 2 };
        self.words.get(skipped..).unwrap_or_default()
    }

    /// An argument's text; empty where there is none.
    pub(crate) fn text(&self, at: usize) -> &[u8] {
        self.arguments().get(at).and_then(|placed| placed.word.text()).unwrap_or_default()
    }

    /// Whether it goes on with a literal that has not been looked at.
    pub(crate) fn goes_on(&self) -> bool {
        self.stopped.boundary != Boundary::Message
    }

    /// The line without its tag and its end, with one argument in other words.
    pub(crate) fn with(&self, at: usize, name: &[u8]) -> Vec<u8> {
        let (from, to) = (self.words.get(1), self.arguments().get(at));
        let from = from.map_or(0, |placed| placed.place.start);
        let Some(place) = to.map(|placed| placed.place.clone()) else { return Vec::new() };
        let text = &self.stopped.text;
        let before = text.get(from..place.start).unwrap_or_default();
        let behind = text.get(place.end..).unwrap_or_default();
        let behind = behind.strip_suffix(b"\n").unwrap_or(behind);
        let behind = behind.strip_suffix(b"\r").unwrap_or(behind);
        [before, name, behind].concat()
    }

    /// The whole command with one argument in other words.
    pub(crate) fn renamed(&self, at: usize, name: &[u8]) -> Stopped {
        let text = [self.tag(), b" ", &self.with(at, name), b"\r\n"].concat();
        Stopped { text, boundary: self.stopped.boundary, is_part: false }
    }

    /// The line without its tag and its end.
    pub(crate) fn line(&self) -> Vec<u8> {
        let from = self.words.get(1).map_or(0, |placed| placed.place.start);
        let text = self.stopped.text.get(from..).unwrap_or_default();
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        text.strip_suffix(b"\r").unwrap_or(text).to_vec()
    }

    /// The same without its tag and its end.
    pub(crate) fn line_again(&self) -> Vec<u8> {
        let again = self.in_one_line().text;
        let from = self.tag().len().saturating_add(1);
        again.get(from..).unwrap_or_default().trim_ascii_end().to_vec()
    }

    /// Its words again, in one line: literals that were gathered become strings.
    pub(crate) fn in_one_line(&self) -> Stopped {
        let has_literal = self.stopped.text.iter().filter(|octet| **octet == b'\n').count() > 1;
        if !has_literal || self.goes_on() {
            return self.stopped.clone();
        }
        let mut text = Vec::new();
        for placed in &self.words {
            if !text.is_empty() {
                text.push(b' ');
            }
            match &placed.word {
                // A literal that cannot be quoted waits for nobody (RFC 7888).
                Word::Text(octets)
                    if octets.iter().any(|octet| matches!(octet, 0 | b'\r' | b'\n') || !octet.is_ascii()) =>
                {
                    text.extend_from_slice(format!("{{{}+}}\r\n", octets.len()).as_bytes());
                    text.extend_from_slice(octets);
                }
                word => word.write(&mut text),
            }
        }
        text.extend_from_slice(b"\r\n");
        Stopped { text, boundary: Boundary::Message, is_part: false }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn read(text: &str) -> Command {
        Command::read(Stopped { text: text.as_bytes().to_vec(), boundary: Boundary::Message, is_part: false })
            .ok()
            .unwrap()
    }

    #[test]
    fn parts() {
        let command = read("a1 uid copy 1:3 \"Other users/u1/x\"\r\n");
        assert_eq!((command.tag(), command.verb().as_str()), (&b"a1"[..], "UID COPY"));
        assert_eq!(command.text(1), b"Other users/u1/x");
        assert_eq!(command.renamed(1, b"\"y\"").text, b"a1 uid copy 1:3 \"y\"\r\n");
        assert_eq!(command.line(), b"uid copy 1:3 \"Other users/u1/x\"");
        assert_eq!(read("a SELECT {3}\r\nx y (CONDSTORE)\r\n").in_one_line().text, b"a SELECT \"x y\" (CONDSTORE)\r\n");
        assert!(
            Command::read(Stopped { text: b"a (\r\n".to_vec(), boundary: Boundary::Message, is_part: false }).is_err()
        );
        assert!(
            Command::read(Stopped { text: b"a\r\n".to_vec(), boundary: Boundary::Message, is_part: false }).is_err()
        );
    }
}
