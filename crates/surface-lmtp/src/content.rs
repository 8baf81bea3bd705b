//! The octets of a message as they pass: where they end, and what they are without the dots of the wire.

/// The end of a message behind the end of its last line (RFC 5321 §4.1.1.4).
const END: &[u8] = b"\r\n.\r\n";

/// Finds the end in octets that come in pieces.
#[derive(Debug)]
pub(crate) struct Finder {
    /// The last octets that came. A message begins at the beginning of a line.
    tail: Vec<u8>,
}

/// What a piece comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    /// All of it is of the message, and more is to come.
    More,
    /// So many octets are of it, its end included.
    End(usize),
    /// There is LF without CR, which some take for the end of a line (RFC 5321 §2.3.8): another message may hide behind it.
    Bare,
}

impl Default for Finder {
    fn default() -> Self {
        Self { tail: b"\r\n".to_vec() }
    }
}

impl Finder {
    pub(crate) fn take(&mut self, piece: &[u8]) -> Found {
        let before = self.tail.len();
        self.tail.extend_from_slice(piece);
        let end = memchr::memmem::find(&self.tail, END).map(|at| at.saturating_add(END.len()));
        let looked = self.tail.get(..end.unwrap_or(self.tail.len())).unwrap_or_default();
        let is_bare = |at: usize| at.checked_sub(1).and_then(|at| looked.get(at)) != Some(&b'\r');
        if memchr::memchr_iter(b'\n', looked).filter(|at| *at >= before).any(is_bare) {
            return Found::Bare;
        }
        if let Some(end) = end {
            return Found::End(end.saturating_sub(before));
        }
        let kept = self.tail.len().saturating_sub(END.len());
        self.tail.drain(..kept);
        Found::More
    }
}

/// A message without its end and the dots before lines.
pub(crate) fn plain(octets: &[u8]) -> Vec<u8> {
    let octets = octets.strip_suffix(b".\r\n").unwrap_or(octets);
    let mut all = Vec::with_capacity(octets.len());
    for line in octets.split_inclusive(|octet| *octet == b'\n') {
        all.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
    }
    all
}

#[cfg(test)]
mod tests {
    #![allow(clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    #[test]
    fn a_message_ends_at_its_dot_in_whatever_pieces() {
        let whole = b"Subject: x\r\n\r\n..a\r\nb.\r\n.\r\nMAIL FROM:<>\r\n";
        let length = whole.len() - b"MAIL FROM:<>\r\n".len();
        for cut in 1..whole.len() {
            let (mut finder, mut taken) = (Finder::default(), 0);
            for piece in whole.chunks(cut) {
                match finder.take(piece) {
                    Found::More => taken += piece.len(),
                    Found::End(some) => {
                        taken += some;
                        break;
                    }
                    Found::Bare => unreachable!("there is none"),
                }
            }
            assert_eq!(taken, length, "{cut}");
        }
        assert_eq!(Finder::default().take(b".\r\n"), Found::End(3));
        assert_eq!(plain(&whole[..length]), b"Subject: x\r\n\r\n.a\r\nb.\r\n");
        assert_eq!(plain(b".\r\n"), b"");
    }

    #[test]
    fn another_message_hides_behind_no_bare_line() {
        for hidden in [&b"a\n.\nMAIL"[..], b"a\r\n.\nMAIL", b"\n.\r\nMAIL", b"a\n\r\n.\r\n"] {
            for cut in 1..hidden.len() {
                let mut finder = Finder::default();
                // Nothing is read behind it.
                let found = hidden.chunks(cut).map(|piece| finder.take(piece)).find(|found| *found != Found::More);
                assert_eq!(found, Some(Found::Bare), "{hidden:?} {cut}");
            }
        }
        // CR alone is what mail has that was made by old programs; it hides nothing.
        assert_eq!(Finder::default().take(b"a\rb\r\n.\r\n"), Found::End(8));
    }
}
