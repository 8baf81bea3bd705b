//! Lines of a client, whatever the pieces that they come in: what POP3 and FTP have in common. No socket; a line is bounded by
//! what its protocol says, and no input makes it panic.

/// Octets that came and were not taken yet: at most one line, shorter than so many octets, and what one read brought behind it.
#[derive(Debug, Default)]
pub struct Lines<const LONGEST: usize> {
    waiting: Vec<u8>,
    from: usize,
}

/// What is there.
#[derive(Debug, PartialEq, Eq)]
pub enum Line {
    /// A line without its end; a bare LF ends one too.
    Whole(Vec<u8>),
    /// Not yet: more has to come.
    Incomplete,
    /// Longer than there may be. Nothing sensible can follow.
    TooLong,
}

impl<const LONGEST: usize> Lines<LONGEST> {
    /// Takes what came.
    pub fn push(&mut self, octets: &[u8]) {
        self.waiting.drain(..self.from);
        self.from = 0;
        self.waiting.extend_from_slice(octets);
    }

    /// The next line.
    pub fn next_line(&mut self) -> Line {
        let rest = self.waiting.get(self.from..).unwrap_or_default();
        let Some(end) = memchr::memchr(b'\n', rest) else {
            if rest.len() >= LONGEST {
                return Line::TooLong;
            }
            if rest.is_empty() {
                // An idle connection holds no buffer.
                self.clear();
            }
            return Line::Incomplete;
        };
        if end >= LONGEST {
            return Line::TooLong;
        }
        let line = rest.get(..end).unwrap_or_default();
        let line = line.strip_suffix(b"\r").unwrap_or(line).to_vec();
        self.from = self.from.saturating_add(end).saturating_add(1);
        Line::Whole(line)
    }

    /// Whether nothing waits, not even half a line.
    pub fn is_empty(&self) -> bool {
        self.waiting.len() == self.from
    }

    /// Forgets what waits: what came in clear before TLS begins is nobody's word (RFC 2595 §4, RFC 4217 §4).
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    const LONGEST: usize = 8 * 1024;

    #[test]
    fn too_long() {
        let mut lines = Lines::<LONGEST>::default();
        lines.push(&vec![b'a'; LONGEST - 1]);
        assert_eq!(lines.next_line(), Line::Incomplete);
        lines.push(b"a");
        assert_eq!(lines.next_line(), Line::TooLong);
        let mut lines = Lines::<LONGEST>::default();
        lines.push(&[&vec![b'a'; LONGEST][..], b"\n"].concat());
        assert_eq!(lines.next_line(), Line::TooLong);
    }

    proptest! {
        #[test]
        fn pieces_do_not_matter(words in proptest::collection::vec("[a-z \r]{0,20}", 0..20), size in 1_usize..30) {
            let text: String = words.iter().map(|word| format!("{word}\r\n")).collect();
            let mut lines = Lines::<LONGEST>::default();
            let mut found = Vec::new();
            for piece in text.as_bytes().chunks(size) {
                lines.push(piece);
                while let Line::Whole(line) = lines.next_line() {
                    found.push(line);
                }
            }
            let expected: Vec<Vec<u8>> = words.iter().map(|word| word.clone().into_bytes()).collect();
            prop_assert_eq!(found, expected);
            prop_assert!(lines.is_empty());
        }
    }
}
