//! What a server says (RFC 1939 §3), for whoever asks it: a status, and lines up to a dot of their own. Strict: an answer that
//! could be read in two ways is none, since a message inside of it is written by strangers.

/// Longest unique-id that is taken, in octets. RFC 1939 §7 has 70; Dovecot's can be longer.
const LONGEST_UNIQUE_ID: usize = 255;

/// Whether a status line says `+OK`; `None` when it says neither (`-ERR`).
pub fn is_ok(line: &[u8]) -> Option<bool> {
    let word = line.split(|octet| *octet == b' ').next().unwrap_or_default();
    match word {
        b"+OK" => Some(true),
        b"-ERR" => Some(false),
        _ => None,
    }
}

/// The code of a refusal: `-ERR [IN-USE] words` (RFC 2449 §8), without its brackets, in capitals.
pub fn refusal_code(line: &[u8]) -> Option<String> {
    let rest = line.strip_prefix(b"-ERR [")?;
    let code = rest.get(..rest.iter().position(|octet| *octet == b']')?)?;
    std::str::from_utf8(code).ok().map(str::to_ascii_uppercase)
}

/// `scan-listing = message-number SP size` (RFC 1939 §5, LIST); what stands behind is for others.
pub fn scan_listing(line: &[u8]) -> Option<(u32, u64)> {
    let mut words = line.split(|octet| *octet == b' ');
    Some((number(words.next()?)?, number(words.next()?)?))
}

/// `unique-id listing = message-number SP unique-id` (RFC 1939 §7, UIDL).
pub fn unique_id_listing(line: &[u8]) -> Option<(u32, &[u8])> {
    let (first, id) = line.split_at_checked(line.iter().position(|octet| *octet == b' ')?)?;
    let id = id.get(1..)?;
    let is_id = !id.is_empty() && id.len() <= LONGEST_UNIQUE_ID && id.iter().all(|octet| matches!(octet, b' '..=b'~'));
    is_id.then_some((number(first)?, id))
}

fn number<T: std::str::FromStr>(digits: &[u8]) -> Option<T> {
    let is_number = digits.first().is_some_and(u8::is_ascii_digit);
    is_number.then(|| std::str::from_utf8(digits).ok()?.parse().ok())?
}

/// Takes the stuffing of a multi-line response away. A line ends with CRLF; a bare LF is a part of its line, so that only the
/// dot that the server itself put there ends it.
#[derive(Debug, Clone, Default)]
pub struct Unstuffing {
    place: At,
    is_done: bool,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum At {
    /// The beginning of a line.
    #[default]
    Start,
    /// Behind a dot that began a line.
    Dot,
    /// Behind that and a CR.
    DotCr,
    Text,
    Cr,
}

impl Unstuffing {
    /// Whether the end has come.
    pub const fn is_done(&self) -> bool {
        self.is_done
    }

    /// Takes octets up to the end at most, and writes the message's; how many were taken.
    pub fn take(&mut self, octets: &[u8], out: &mut Vec<u8>) -> usize {
        let mut taken = 0_usize;
        for octet in octets {
            if self.is_done {
                break;
            }
            taken = taken.saturating_add(1);
            self.step(*octet, out);
        }
        taken
    }

    fn step(&mut self, octet: u8, out: &mut Vec<u8>) {
        self.place = match (self.place, octet) {
            (At::Start, b'.') => At::Dot,
            (At::Dot, b'\r') => At::DotCr,
            (At::DotCr, b'\n') => {
                self.is_done = true;
                return;
            }
            (At::DotCr, _) => {
                // The dot was stuffing before a line that begins with CR.
                out.push(b'\r');
                out.push(octet);
                if octet == b'\r' { At::Cr } else { At::Text }
            }
            (At::Cr, b'\n') => {
                out.push(octet);
                At::Start
            }
            (At::Start | At::Dot | At::Text | At::Cr, _) => {
                out.push(octet);
                if octet == b'\r' { At::Cr } else { At::Text }
            }
        };
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;
    use crate::Stuffing;
    use proptest::prelude::*;

    #[test]
    fn statuses_and_listings() {
        for (line, expected) in [
            ("+OK ready", Some(true)),
            ("+OK", Some(true)),
            ("-ERR no", Some(false)),
            ("+OKAY", None),
            ("* OK IMAP", None),
            ("", None),
        ] {
            assert_eq!(is_ok(line.as_bytes()), expected, "{line}");
        }
        assert_eq!(refusal_code(b"-ERR [in-use] locked").as_deref(), Some("IN-USE"));
        assert_eq!(refusal_code(b"-ERR [broken"), None);
        assert_eq!(scan_listing(b"1 120"), Some((1, 120)));
        assert_eq!(scan_listing(b"1 120 more"), Some((1, 120)));
        for odd in ["1", "x 1", "1 -1", "1 99999999999999999999999", "+1 2", ""] {
            assert_eq!(scan_listing(odd.as_bytes()), None, "{odd}");
        }
        assert_eq!(unique_id_listing(b"2 QhdPYR:00WBw1Ph7x7"), Some((2, &b"QhdPYR:00WBw1Ph7x7"[..])));
        let long = format!("1 {}", "a".repeat(256));
        for odd in ["2", "2 ", "2 \x07", long.as_str()] {
            assert_eq!(unique_id_listing(odd.as_bytes()), None, "{odd}");
        }
    }

    #[track_caller]
    fn check(sent: &str, expected: &str, rest: &str) {
        for size in [1, 2, 3, 100] {
            let (mut unstuffing, mut out, mut taken) = (Unstuffing::default(), Vec::new(), 0);
            for piece in sent.as_bytes().chunks(size) {
                taken += unstuffing.take(piece, &mut out);
            }
            assert!(unstuffing.is_done());
            assert_eq!((std::str::from_utf8(&out).unwrap(), &sent[taken..]), (expected, rest), "{sent:?} by {size}");
        }
    }

    #[test]
    fn only_a_dot_of_its_own_ends() {
        check(".\r\n+OK", "", "+OK");
        check("a\r\n.\r\n", "a\r\n", "");
        check("a\n.\n\r\n.\r\n", "a\n.\n\r\n", "");
        check("..\r\n...\r\n.\r\n", ".\r\n..\r\n", "");
        check(".\r.\r\n.\r\n", "\r.\r\n", "");
        check("a\r\r\n.\r\n", "a\r\r\n", "");
    }

    proptest! {
        #[test]
        fn what_is_stuffed_comes_back(lines in proptest::collection::vec("[a.\r]{0,6}", 0..12), size in 1_usize..9) {
            let message: String = lines.iter().map(|line| format!("{}\r\n", line.trim_end_matches('\r'))).collect();
            let (mut stuffing, mut sent) = (Stuffing::default(), Vec::new());
            stuffing.pass(message.as_bytes(), &mut sent);
            stuffing.finish(&mut sent);
            let (mut unstuffing, mut out) = (Unstuffing::default(), Vec::new());
            for piece in sent.chunks(size) {
                prop_assert_eq!(unstuffing.take(piece, &mut out), piece.len());
            }
            prop_assert!(unstuffing.is_done());
            prop_assert_eq!(out, message.into_bytes());
        }

        #[test]
        fn nothing_makes_it_panic(octets in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = (is_ok(&octets), refusal_code(&octets), scan_listing(&octets), unique_id_listing(&octets));
            let mut out = Vec::new();
            let taken = Unstuffing::default().take(&octets, &mut out);
            prop_assert!(taken <= octets.len() && out.len() <= octets.len());
        }
    }
}
