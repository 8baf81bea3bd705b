//! Parts without their transfer encoding (RFC 2045 §6), piece by piece, and texts of every charset as UTF-8.

use base64::{
    Engine,
    alphabet::STANDARD,
    engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig},
};
use encoding_rs::Encoding;

/// Base64 that may lack its padding, and whose last bits may be anything: what mail programs write is read.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Takes a transfer encoding away.
#[derive(Debug)]
pub(crate) enum Decoder {
    /// There is none: 7bit, 8bit, binary.
    Plain,
    /// What does not yet make three octets.
    Base64(Vec<u8>),
    /// What is left of an `=` and what follows it, or of spaces that may be at the end of a line.
    Quoted(Vec<u8>),
    /// An encoding that nobody knows: the octets as they are (RFC 2045 §6.4).
    Unknown,
}

impl Decoder {
    pub(crate) fn of(encoding: Option<&str>) -> Self {
        match encoding.map(|it| it.trim().to_ascii_lowercase()).as_deref() {
            None | Some("" | "7bit" | "8bit" | "binary") => Self::Plain,
            Some("base64") => Self::Base64(Vec::new()),
            Some("quoted-printable") => Self::Quoted(Vec::new()),
            Some(_) => Self::Unknown,
        }
    }

    /// What a piece comes to.
    pub(crate) fn push(&mut self, piece: &[u8]) -> Vec<u8> {
        match self {
            Self::Plain | Self::Unknown => piece.to_vec(),
            Self::Base64(left) => {
                let is_one = |octet: &&u8| octet.is_ascii_alphanumeric() || matches!(octet, b'+' | b'/');
                left.extend(piece.iter().filter(is_one));
                let whole = left.len().saturating_sub(left.len() % 4);
                let rest = left.split_off(whole);
                let decoded = LENIENT.decode(&*left).unwrap_or_default();
                *left = rest;
                decoded
            }
            Self::Quoted(left) => {
                left.extend_from_slice(piece);
                let mut decoded = Vec::with_capacity(left.len());
                let used = quoted(left, false, &mut decoded);
                left.drain(..used);
                decoded
            }
        }
    }

    /// What is left at the end.
    pub(crate) fn end(self) -> Vec<u8> {
        match self {
            Self::Plain | Self::Unknown => Vec::new(),
            Self::Base64(left) => LENIENT.decode(&left).unwrap_or_default(),
            Self::Quoted(left) => {
                let mut decoded = Vec::new();
                quoted(&left, true, &mut decoded);
                decoded
            }
        }
    }
}

/// Decodes quoted-printable (RFC 2045 §6.7), as far as it can be told without what follows. How many octets were used.
fn quoted(octets: &[u8], is_end: bool, decoded: &mut Vec<u8>) -> usize {
    let mut at = 0;
    while let Some(octet) = octets.get(at) {
        let rest = octets.get(at..).unwrap_or_default();
        match (octet, rest) {
            (b'=', [_, b'\r', b'\n', ..]) => at = at.saturating_add(3),
            (b'=', [_, b'\n', ..]) => at = at.saturating_add(2),
            (b'=', [_, high, low, ..]) => match (digit(*high), digit(*low)) {
                (Some(high), Some(low)) => {
                    decoded.push(high << 4 | low);
                    at = at.saturating_add(3);
                }
                // What is no code stands for itself.
                _ => {
                    decoded.push(b'=');
                    at = at.saturating_add(1);
                }
            },
            (b'=', _) if !is_end => return at,
            (b'=', [_]) => at = at.saturating_add(1),
            (b' ' | b'\t', _) => {
                let blanks = rest.iter().take_while(|it| matches!(it, b' ' | b'\t')).count();
                match rest.get(blanks..).unwrap_or_default() {
                    // RFC 2045 §6.7 (3): blanks at the end of a line came in on the way.
                    [b'\n', ..] | [b'\r', b'\n', ..] => {}
                    [] | [b'\r'] if !is_end => return at,
                    [] => {}
                    _ => decoded.extend(rest.iter().take(blanks)),
                }
                at = at.saturating_add(blanks);
            }
            _ => {
                decoded.push(*octet);
                at = at.saturating_add(1);
            }
        }
    }
    at
}

fn digit(octet: u8) -> Option<u8> {
    char::from(octet).to_digit(16).and_then(|it| u8::try_from(it).ok())
}

/// Octets of a charset as text, with LF for CRLF (RFC 8621 §4.1.4), and whether something in them could not be read.
pub(crate) fn charset_text(octets: &[u8], charset: Option<&str>) -> (String, bool) {
    let known = match charset.map(str::trim) {
        // US-ASCII is what a part has that says nothing: UTF-8 reads it, and what was said wrongly, too.
        None | Some("") => Some(encoding_rs::UTF_8),
        Some(name) if name.eq_ignore_ascii_case("us-ascii") => Some(encoding_rs::UTF_8),
        Some(name) => Encoding::for_label(name.as_bytes()),
    };
    let (text, _, wrong) = known.unwrap_or(encoding_rs::UTF_8).decode(octets);
    if wrong && charset.is_none_or(|it| it.trim().is_empty() || it.trim().eq_ignore_ascii_case("us-ascii")) {
        let (text, _, _) = encoding_rs::WINDOWS_1252.decode(octets);
        return (text.replace("\r\n", "\n"), true);
    }
    (text.replace("\r\n", "\n"), wrong || known.is_none())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn decoded(encoding: &str, octets: &[u8], cut: usize) -> Vec<u8> {
        let mut decoder = Decoder::of(Some(encoding));
        let mut all = Vec::new();
        for piece in octets.chunks(cut.max(1)) {
            all.extend(decoder.push(piece));
        }
        all.extend(decoder.end());
        all
    }

    #[test]
    fn encodings() {
        for cut in 1..9 {
            assert_eq!(decoded("BASE64", b"w6l0\r\nw6k=\r\n", cut), "été".as_bytes(), "{cut}");
            assert_eq!(decoded("base64", b"w6l0w6k", cut), "été".as_bytes(), "{cut}");
            assert_eq!(
                decoded("quoted-printable", b"a=3Db  \r\nc=\r\nd=\ne=zz =C3=A9 =", cut),
                "a=b\r\ncde=zz é ".as_bytes(),
                "{cut}"
            );
            assert_eq!(decoded("x-uuencode", b"as it is", cut), b"as it is");
        }
    }

    #[test]
    fn charsets() {
        assert_eq!(charset_text("é\r\n".as_bytes(), None), ("é\n".to_owned(), false));
        assert_eq!(charset_text(b"\xe9", Some("ISO-8859-1")), ("é".to_owned(), false));
        assert_eq!(charset_text(b"\xe9", Some("us-ascii")), ("é".to_owned(), true));
        assert_eq!(charset_text(b"a\xff", Some("utf-8")), ("a\u{fffd}".to_owned(), true));
        assert_eq!(charset_text(b"a", Some("x-nothing")), ("a".to_owned(), true));
    }

    proptest! {
        #[test]
        fn a_cut_makes_no_difference(octets in "[ =\\t\\r\\nA-Fa-f0-9+/é]{0,60}", cut in 1_usize..20) {
            for encoding in ["base64", "quoted-printable", "8bit"] {
                prop_assert_eq!(decoded(encoding, octets.as_bytes(), cut), decoded(encoding, octets.as_bytes(), 1000));
            }
        }
    }
}
