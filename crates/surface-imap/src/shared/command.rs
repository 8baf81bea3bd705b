//! A stopped command, read.

use passerelle_wire_imap::{Boundary, Placed, Stopped, Word, command_words, is_plain_command, quoted};

/// A command with its words.
pub(crate) struct Command {
    pub(crate) stopped: Stopped,
    words: Vec<Placed>,
}

impl Command {
    /// Reads it; the command back, when it cannot be read.
    pub(crate) fn read(stopped: Stopped) -> Result<Self, Stopped> {
        match command_words(&stopped.text) {
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

    /// Whether its line is one that every server reads alike, without literals.
    pub(crate) fn is_plain(&self) -> bool {
        !self.goes_on() && is_plain_command(&self.stopped.text)
    }

    /// Whether its words can be said again in one line.
    pub(crate) fn is_sayable(&self) -> bool {
        fn is(word: &Word) -> bool {
            match word {
                Word::Atom(text) | Word::Text(text) => !text.iter().any(|octet| matches!(octet, 0 | b'\r' | b'\n')),
                Word::List(words) => words.iter().all(is),
            }
        }
        self.words.iter().all(|placed| is(&placed.word))
    }

    /// The verb and all that follows it in one line, literals as quoted strings: for the client's own store.
    pub(crate) fn line(&self) -> Vec<u8> {
        self.said(1)
    }

    /// The whole command in one line.
    pub(crate) fn in_one_line(&self) -> Stopped {
        let has_literal = self.stopped.text.iter().filter(|octet| **octet == b'\n').count() > 1;
        if !has_literal || self.goes_on() {
            return self.stopped.clone();
        }
        Stopped { text: [&self.said(0)[..], b"\r\n"].concat(), ..self.stopped.clone() }
    }

    fn said(&self, from: usize) -> Vec<u8> {
        let mut text = Vec::new();
        for placed in self.words.iter().skip(from) {
            if !text.is_empty() {
                text.push(b' ');
            }
            say(&placed.word, &mut text);
        }
        text
    }
}

/// A word as it may stand in a command: what was a string is quoted.
pub(crate) fn say(word: &Word, out: &mut Vec<u8>) {
    match word {
        Word::Atom(text) => out.extend_from_slice(text),
        Word::Text(text) => quoted(text, out),
        Word::List(words) => {
            out.push(b'(');
            for (number, word) in words.iter().enumerate() {
                if number > 0 {
                    out.push(b' ');
                }
                say(word, out);
            }
            out.push(b')');
        }
    }
}

/// A list of atoms, and lists of them, as it may go to another's store; `None` for anything else.
pub(crate) fn list_of_atoms(word: &Word) -> Option<Vec<u8>> {
    fn is(word: &Word) -> bool {
        match word {
            Word::Atom(text) => text.iter().all(|octet| matches!(octet, b'!'..=b'~') && !b"(){}\"".contains(octet)),
            Word::List(words) => words.iter().all(is),
            Word::Text(_) => false,
        }
    }
    word.list().filter(|words| words.iter().all(is))?;
    let mut out = Vec::new();
    say(word, &mut out);
    Some(out)
}

/// A line for another's store, made of parts that are known.
pub(crate) fn line_of(parts: &[&[u8]]) -> Vec<u8> {
    parts.iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(&b' ')
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
        assert_eq!(command.line(), b"uid copy 1:3 \"Other users/u1/x\"");
        assert!(command.is_plain() && !read("a NOOP {3+}\r\nabc\r\n").is_plain());
        assert!(!read("a GETACL {3+}\r\nx\r\n\r\n").is_sayable());
        assert_eq!(read("a SELECT {3}\r\nx y (CONDSTORE)\r\n").in_one_line().text, b"a SELECT \"x y\" (CONDSTORE)\r\n");
        assert!(
            Command::read(Stopped { text: b"a (\r\n".to_vec(), boundary: Boundary::Message, is_part: false }).is_err()
        );
        assert!(
            Command::read(Stopped { text: b"a\r\n".to_vec(), boundary: Boundary::Message, is_part: false }).is_err()
        );
    }
}
