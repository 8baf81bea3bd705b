//! The octets of a message: as they come behind DATA, as they come in chunks, and as they go out to a server.
//!
//! One form everywhere: lines that end with CRLF, and no CR or LF by itself (RFC 5321 §2.3.8). What takes a bare LF for the
//! end of a line, or leaves one in for the next server to take, lets a message be smuggled in another.

use memchr::memchr2;
use std::fmt;

/// A CR or LF by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Impure;

impl fmt::Display for Impure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a CR or LF by itself")
    }
}
impl std::error::Error for Impure {}

/// Takes the dots off that a client put before lines, and finds the end: CRLF, a dot, CRLF (RFC 5321 §4.5.2).
#[derive(Debug, Clone, Default)]
pub struct Content {
    at: At,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum At {
    /// The beginning of a line.
    #[default]
    Start,
    /// A dot was the first of its line.
    Dot,
    /// A dot was all of its line, and CR came.
    DotReturn,
    /// In a line.
    Text,
    /// CR came.
    Return,
}

/// What a step has come to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decoded {
    /// All was taken, and more is to come.
    More,
    /// The end; so many octets were taken.
    End(usize),
    /// A CR or LF by itself. Where the message ends can no longer be said.
    Impure,
}

impl Content {
    /// Takes octets; what they are of the message is added to `out`.
    pub fn take(&mut self, input: &[u8], out: &mut Vec<u8>) -> Decoded {
        let mut rest = input;
        while let Some((octet, behind)) = rest.split_first() {
            self.at = match (self.at, octet) {
                (At::Start, b'.') => At::Dot,
                (At::Dot, b'\r') => At::DotReturn,
                (At::DotReturn, b'\n') => {
                    self.at = At::Start;
                    return Decoded::End(input.len().saturating_sub(behind.len()));
                }
                (At::Return, b'\n') => {
                    out.extend_from_slice(b"\r\n");
                    At::Start
                }
                (At::DotReturn | At::Return, _) | (_, b'\n') => return Decoded::Impure,
                (At::Start | At::Text, b'\r') => At::Return,
                (At::Start | At::Dot | At::Text, _) => {
                    let run = memchr2(b'\r', b'\n', rest).unwrap_or(rest.len());
                    let (text, behind) = rest.split_at_checked(run).unwrap_or((rest, &[]));
                    out.extend_from_slice(text);
                    self.at = At::Text;
                    rest = behind;
                    continue;
                }
            };
            rest = behind;
        }
        Decoded::More
    }
}

/// Watches octets that come in chunks, where their number says where they end.
#[derive(Debug, Clone, Copy, Default)]
pub struct Purity {
    returned: bool,
}

impl Purity {
    /// Looks at the next octets.
    ///
    /// # Errors
    /// [`Impure`] when there is a CR or LF by itself.
    pub fn look(&mut self, input: &[u8]) -> Result<(), Impure> {
        let mut rest = input;
        if self.returned && !rest.is_empty() {
            rest = rest.strip_prefix(b"\n").ok_or(Impure)?;
            self.returned = false;
        }
        while let Some(at) = memchr2(b'\r', b'\n', rest) {
            match rest.get(at..).unwrap_or_default() {
                [b'\r', b'\n', behind @ ..] => rest = behind,
                [b'\r'] => {
                    self.returned = true;
                    return Ok(());
                }
                _ => return Err(Impure),
            }
        }
        Ok(())
    }

    /// Whether the message can end here.
    ///
    /// # Errors
    /// [`Impure`] when a CR was the last that came.
    pub fn end(self) -> Result<(), Impure> {
        if self.returned { Err(Impure) } else { Ok(()) }
    }
}

/// Puts dots before lines that begin with one, for DATA. Lets nothing impure pass.
#[derive(Debug, Clone, Default)]
pub struct Stuffer {
    purity: Purity,
    inside: bool,
}

impl Stuffer {
    /// Takes octets of a message; what goes out for them is added to `out`.
    ///
    /// # Errors
    /// [`Impure`]; then what was added must not be sent.
    pub fn take(&mut self, input: &[u8], out: &mut Vec<u8>) -> Result<(), Impure> {
        self.purity.look(input)?;
        for line in input.split_inclusive(|octet| *octet == b'\n') {
            if !self.inside && line.first() == Some(&b'.') {
                out.push(b'.');
            }
            out.extend_from_slice(line);
            self.inside = line.last() != Some(&b'\n');
        }
        Ok(())
    }

    /// The end, with the end of the last line where that is missing.
    ///
    /// # Errors
    /// [`Impure`] when a CR was the last that came.
    pub fn end(&mut self, out: &mut Vec<u8>) -> Result<(), Impure> {
        self.purity.end()?;
        if self.inside {
            out.extend_from_slice(b"\r\n");
        }
        out.extend_from_slice(b".\r\n");
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    fn decode(pieces: &[&[u8]]) -> (Decoded, Vec<u8>) {
        let (mut content, mut out) = (Content::default(), Vec::new());
        let mut last = Decoded::More;
        for piece in pieces {
            last = content.take(piece, &mut out);
            if last != Decoded::More {
                break;
            }
        }
        (last, out)
    }

    #[test]
    fn the_end_is_one_thing_only() {
        assert_eq!(decode(&[b"a\r\n.\r\nQUIT\r\n"]), (Decoded::End(6), b"a\r\n".to_vec()));
        assert_eq!(decode(&[b".\r\n"]), (Decoded::End(3), Vec::new()));
        assert_eq!(decode(&[b"a\r\n..b\r\n.c\r\n.\r\n"]).1, b"a\r\n.b\r\nc\r\n");
        // A dot within a line, and a line of two dots, end nothing.
        assert_eq!(decode(&[b"a.\r\n..\r\n"]), (Decoded::More, b"a.\r\n.\r\n".to_vec()));
        for smuggled in [
            &b"a\n.\nMAIL"[..],
            b"a\n.\r\nMAIL",
            b"a\r\n.\nMAIL",
            b"a\r.\rMAIL",
            b"a\r.\r\nMAIL",
            b"a\r\n.\rMAIL",
            b"a\r\r\n.\r\nMAIL",
            b"a\r\n.\r\r\nMAIL",
            b"a\0\n.\r\nMAIL",
            b"\n",
            b"\rx",
        ] {
            assert_eq!(decode(&[smuggled]).0, Decoded::Impure, "{smuggled:?}");
        }
    }

    proptest! {
        /// Pure content comes out as it went in, whatever the pieces.
        #[test]
        fn there_and_back(
            lines in prop::collection::vec("[.a\t]{0,5}", 0..8), cuts in prop::collection::vec(1..7_usize, 1..20)
        ) {
            let message: Vec<u8> = lines.iter().flat_map(|line| [line.as_bytes(), b"\r\n"].concat()).collect();
            let (mut stuffer, mut wire) = (Stuffer::default(), Vec::new());
            let mut cut = cuts.iter().cycle();
            let mut rest = message.as_slice();
            while !rest.is_empty() {
                let (piece, behind) = rest.split_at((*cut.next().unwrap()).min(rest.len()));
                stuffer.take(piece, &mut wire).unwrap();
                rest = behind;
            }
            stuffer.end(&mut wire).unwrap();
            let (mut content, mut out) = (Content::default(), Vec::new());
            let mut rest = wire.as_slice();
            let mut ended = false;
            while !rest.is_empty() {
                let (piece, behind) = rest.split_at((*cut.next().unwrap()).min(rest.len()));
                match content.take(piece, &mut out) {
                    Decoded::More => {}
                    Decoded::End(taken) => {
                        prop_assert_eq!(taken, piece.len());
                        prop_assert!(behind.is_empty(), "the end came early");
                        ended = true;
                    }
                    Decoded::Impure => prop_assert!(false, "it is pure"),
                }
                rest = behind;
            }
            prop_assert!(ended);
            prop_assert_eq!(out, message);
        }

        /// However it is cut, the same is pure and the same is not, and nothing impure is ever let out.
        #[test]
        fn nothing_impure_passes(octets in "[.\r\na]{0,12}", cut in 0..12_usize) {
            let octets = octets.as_bytes();
            let bare = {
                let text = String::from_utf8_lossy(octets).replace("\r\n", "");
                text.contains(['\r', '\n'])
            };
            let (one, other) = octets.split_at(cut.min(octets.len()));
            let mut purity = Purity::default();
            let seen = purity.look(one).and_then(|()| purity.look(other)).and_then(|()| purity.end());
            prop_assert_eq!(seen.is_err(), bare);
            let (mut stuffer, mut out) = (Stuffer::default(), Vec::new());
            let sent = stuffer.take(one, &mut out).and_then(|()| stuffer.take(other, &mut out));
            prop_assert_eq!(sent.and_then(|()| stuffer.end(&mut out)).is_err(), bare);
            let (decoded, out) = decode(&[one, other]);
            if decoded != Decoded::Impure {
                let text = String::from_utf8_lossy(&out).replace("\r\n", "");
                prop_assert!(!text.contains(['\r', '\n']));
            }
        }
    }
}
