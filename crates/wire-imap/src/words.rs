//! The words of a command or a response: atoms, strings, literals and lists in parentheses.
//!
//! `astring = 1*ASTRING-CHAR / string`, `string = quoted / literal` (RFC 9051 §9). Looser than the grammar where nothing hangs
//! on it: whatever stands between two spaces is a word. What has no end, of quotes or of parentheses, is no words at all.

use std::ops::Range;

/// Deepest lists.
const DEEPEST: usize = 16;

/// A word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Word {
    /// An atom, or whatever else has neither quotes nor parentheses.
    Atom(Vec<u8>),
    /// A quoted string or a literal, without what marks it.
    Text(Vec<u8>),
    /// `( ... )`
    List(Vec<Word>),
}

/// A word with its place in the octets that were read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// The word.
    pub word: Word,
    /// Where it stands, with its quotes or its literal's announcement.
    pub place: Range<usize>,
}

impl Word {
    /// What it says, where it is no list.
    pub fn text(&self) -> Option<&[u8]> {
        match self {
            Self::Atom(text) | Self::Text(text) => Some(text),
            Self::List(_) => None,
        }
    }

    /// What is in it, where it is a list.
    pub fn list(&self) -> Option<&[Self]> {
        match self {
            Self::List(words) => Some(words),
            Self::Atom(_) | Self::Text(_) => None,
        }
    }

    /// Whether it is this atom, without regard to case.
    pub fn is(&self, atom: &str) -> bool {
        matches!(self, Self::Atom(text) if text.eq_ignore_ascii_case(atom.as_bytes()))
    }

    /// Writes it as it may stand in a response: what was a string is one again.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Atom(text) => out.extend_from_slice(text),
            Self::Text(text) => string(text, out),
            Self::List(words) => {
                out.push(b'(');
                for (number, word) in words.iter().enumerate() {
                    if number > 0 {
                        out.push(b' ');
                    }
                    word.write(out);
                }
                out.push(b')');
            }
        }
    }
}

/// Writes a string: quoted where that is possible, else as a literal that waits for nobody.
pub fn string(text: &[u8], out: &mut Vec<u8>) {
    if text.iter().any(|octet| matches!(octet, 0 | b'\r' | b'\n') || !octet.is_ascii()) {
        out.extend_from_slice(format!("{{{}}}\r\n", text.len()).as_bytes());
        out.extend_from_slice(text);
        return;
    }
    quoted(text, out);
}

/// Writes a quoted string; CR, LF and NUL cannot be in it.
pub fn quoted(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    for octet in text {
        if matches!(octet, b'"' | b'\\') {
            out.push(b'\\');
        }
        out.push(*octet);
    }
    out.push(b'"');
}

/// The words of a line with the literals in it; a literal that has not come is left out. `None` for quotes or parentheses
/// without end, and lists that are too deep.
pub fn words(octets: &[u8]) -> Option<Vec<Placed>> {
    Reader { octets, at: 0, brackets: true }.list(None, 0)
}

/// The words of a command: here brackets hold nothing together, as a server reads tag, verb, names and flags.
pub fn command_words(octets: &[u8]) -> Option<Vec<Placed>> {
    Reader { octets, at: 0, brackets: false }.list(None, 0)
}

/// `tag SP verb [SP ...] CRLF` in printable ASCII without any literal, whose first words every server reads alike; with UID the
/// second word is part of the verb (RFC 9051 §9).
pub fn is_plain_command(line: &[u8]) -> bool {
    let Some(text) = line.strip_suffix(b"\r\n") else { return false };
    if !text.iter().all(|octet| matches!(octet, b' '..=b'~')) || has_brace(text) {
        return false;
    }
    let mut words = text.split(|octet| *octet == b' ');
    let is_tag_char = |octet: &u8| octet.is_ascii_alphanumeric() || matches!(octet, b'.' | b'-' | b'_' | b'$' | b'#');
    let is_tag = |tag: &[u8]| !tag.is_empty() && tag.iter().all(is_tag_char);
    let is_verb = |verb: &[u8]| !verb.is_empty() && verb.iter().all(u8::is_ascii_alphabetic);
    let tag = words.next().is_some_and(is_tag);
    let Some(verb) = words.next().filter(|verb| is_verb(verb)) else { return false };
    tag && (!verb.eq_ignore_ascii_case(b"UID") || words.next().is_some_and(is_verb))
}

/// Whether a brace stands outside of quotes, where a server might see a literal.
fn has_brace(text: &[u8]) -> bool {
    let (mut quoted, mut escaped) = (false, false);
    for octet in text {
        match octet {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            b'{' | b'}' if !quoted => return true,
            _ => {}
        }
    }
    quoted
}

/// `sequence-set` (RFC 9051 §9), or `$` for a saved search.
pub fn is_sequence_set(text: &[u8]) -> bool {
    let is_part = |part: &[u8]| !part.is_empty() && part.iter().all(|octet| octet.is_ascii_digit() || *octet == b'*');
    text == b"$" || text.split(|octet| matches!(octet, b',' | b':')).all(is_part)
}

struct Reader<'a> {
    octets: &'a [u8],
    at: usize,
    /// Whether what stands in brackets is one word.
    brackets: bool,
}

impl Reader<'_> {
    fn peek(&self) -> Option<u8> {
        self.octets.get(self.at).copied()
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn list(&mut self, closes: Option<u8>, depth: usize) -> Option<Vec<Placed>> {
        let mut all = Vec::new();
        loop {
            let from = self.at;
            let word = match self.peek() {
                None if closes.is_none() => return Some(all),
                Some(octet) if Some(octet) == closes => {
                    self.step();
                    return Some(all);
                }
                Some(b' ' | b'\r' | b'\n') => {
                    self.step();
                    continue;
                }
                Some(b'(') if depth < DEEPEST => {
                    self.step();
                    let inside = self.list(Some(b')'), depth.saturating_add(1))?;
                    Word::List(inside.into_iter().map(|placed| placed.word).collect())
                }
                None | Some(b'(' | b')') => return None,
                Some(b'"') => Word::Text(self.quoted()?),
                Some(b'{' | b'~') => match self.literal() {
                    Some(Some(text)) => Word::Text(text),
                    Some(None) => continue,
                    None => Word::Atom(self.atom()),
                },
                Some(_) => Word::Atom(self.atom()),
            };
            all.push(Placed { word, place: from..self.at });
        }
    }

    fn atom(&mut self) -> Vec<u8> {
        let (from, mut brackets) = (self.at, 0_usize);
        while let Some(octet) = self.peek() {
            match octet {
                b'[' if self.brackets => brackets = brackets.saturating_add(1),
                b']' => brackets = brackets.saturating_sub(1),
                b'\r' | b'\n' => break,
                // `BODY[HEADER.FIELDS (TO)]` and `[COPYUID 1 2 3]` are one word each.
                b' ' | b'(' | b')' | b'"' if brackets == 0 => break,
                _ => {}
            }
            self.step();
        }
        self.octets.get(from..self.at).unwrap_or_default().to_vec()
    }

    fn quoted(&mut self) -> Option<Vec<u8>> {
        let mut text = Vec::new();
        loop {
            self.step();
            match self.peek()? {
                b'"' => break,
                b'\r' | b'\n' => return None,
                b'\\' => {
                    self.step();
                    text.push(self.peek()?);
                }
                octet => text.push(octet),
            }
        }
        self.step();
        Some(text)
    }

    /// A literal at this place; `None` when it is none, `Some(None)` when its octets have not come.
    #[allow(clippy::option_option, reason = "no literal, and a literal that has not come, are two things")]
    fn literal(&mut self) -> Option<Option<Vec<u8>>> {
        let rest = self.octets.get(self.at..)?;
        let head = rest.strip_prefix(b"~").unwrap_or(rest);
        let mark = rest.len().saturating_sub(head.len());
        let end = head.iter().position(|octet| *octet == b'\n')?;
        let line = head.get(..end)?;
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let number = line.strip_prefix(b"{")?.strip_suffix(b"}")?;
        let number = number.strip_suffix(b"+").unwrap_or(number);
        let length: usize = std::str::from_utf8(number).ok()?.parse().ok()?;
        let from = mark.saturating_add(end).saturating_add(1);
        let text = rest.get(from..from.saturating_add(length)).map(<[u8]>::to_vec);
        let taken = from.saturating_add(text.as_ref().map_or(0, Vec::len));
        self.at = self.at.saturating_add(taken);
        if text.is_none() {
            self.at = self.octets.len();
        }
        Some(text)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn printed(octets: &[u8]) -> Option<String> {
        let mut out = Vec::new();
        for placed in words(octets)? {
            placed.word.write(&mut out);
            out.push(b'|');
        }
        Some(String::from_utf8(out).unwrap())
    }

    #[track_caller]
    fn check(octets: &str, expected: Option<&str>) {
        assert_eq!(printed(octets.as_bytes()).as_deref(), expected, "{octets}");
    }

    #[test]
    fn commands_and_responses() {
        check("a SELECT INBOX\r\n", Some("a|SELECT|INBOX|"));
        check(
            "a LIST (SUBSCRIBED) \"\" (\"a b\" %) RETURN (STATUS (UNSEEN))\r\n",
            Some("a|LIST|(SUBSCRIBED)|\"\"|(\"a b\" %)|RETURN|(STATUS (UNSEEN))|"),
        );
        check("a SELECT {4}\r\na\"b\\\r\n", Some("a|SELECT|\"a\\\"b\\\\\"|"));
        check("a SELECT {4+}\r\nab", Some("a|SELECT|"));
        check("a APPEND x (\\Seen) {9}\r\n", Some("a|APPEND|x|(\\Seen)|"));
        check("a FETCH 1 (BODY[HEADER.FIELDS (TO)])\r\n", Some("a|FETCH|1|(BODY[HEADER.FIELDS (TO)])|"));
        check("* OK [COPYUID 1 2 3] done\r\n", Some("*|OK|[COPYUID 1 2 3]|done|"));
        check("* LIST () NIL \"x\"\r\n", Some("*|LIST|()|NIL|\"x\"|"));
        check("a SELECT {x}\r\n", Some("a|SELECT|{x}|"));
    }

    #[test]
    fn what_has_no_end() {
        for open in ["a (", "a )", "a \"x", "a \"x\r\n\"", &"(".repeat(40)] {
            check(open, None);
        }
    }

    #[test]
    fn places() {
        let line = b"a COPY 1:3 \"x y\"\r\n";
        let last = words(line).unwrap().pop().unwrap();
        assert_eq!(&line[last.place], b"\"x y\"");
    }

    #[test]
    fn commands_that_every_server_reads_alike() {
        for plain in ["a1 NOOP\r\n", "a uid FETCH 1 (BODY[TEXT])\r\n", "a SEARCH SUBJECT \"{3}\"\r\n"] {
            assert!(is_plain_command(plain.as_bytes()), "{plain}");
        }
        for odd in [
            "a NOOP\n",
            "a  NOOP\r\n",
            "a[ DELETE x ] NOOP\r\n",
            "a SELECT\"x\"\r\n",
            "a NOOP {3+}\r\n",
            "a UID\r\n",
            "a UID  FETCH 1 FLAGS\r\n",
            "a X-Y\r\n",
            "a SEARCH SUBJECT x{3+}\r\n",
            "a SEARCH \"x\r\n",
            "a NOOP \u{e9}\r\n",
            "+ NOOP\r\n",
            " NOOP\r\n",
            "a NOOP\r\nb\r\n",
            "a SEARCH ~{3}\r\n",
            "\"a\" NOOP\r\n",
        ] {
            assert!(!is_plain_command(odd.as_bytes()), "{odd}");
        }
        for set in ["1", "1:*", "1,3:5", "$", "*"] {
            assert!(is_sequence_set(set.as_bytes()), "{set}");
        }
        for odd in ["", "1 ALL", "1,", "a", "1\r\n", "$1", ":"] {
            assert!(!is_sequence_set(odd.as_bytes()), "{odd}");
        }
        let flags = command_words(b"a STORE 1 FLAGS (x[ \\Deleted ])\r\n").unwrap();
        assert!(flags[4].word.list().unwrap().iter().any(|word| word.is("\\Deleted")));
    }

    proptest! {
        #[test]
        fn a_string_is_read_as_it_was_written(text in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut written = Vec::new();
            string(&text, &mut written);
            let read = words(&written).unwrap();
            prop_assert_eq!(read.len(), 1);
            prop_assert_eq!(read[0].word.text().unwrap(), text.as_slice());
        }

        #[test]
        fn nothing_panics(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = words(&octets);
        }
    }
}
