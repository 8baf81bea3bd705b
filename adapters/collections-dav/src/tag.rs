//! Entity tags: the server's own, spelled so that they can stand in a tag of ours, and back.

use passerelle_core::ports::ETag;
use std::fmt::Write;

/// What a tag begins with that is spelled in hexadecimal digits.
const SPELLED: &str = "x-";
/// Longest tag of a server that has a spelling, in octets.
const LONGEST: usize = (ETag::LONGEST - SPELLED.len()) / 2;

/// Our tag for the value of a `getetag`. `None` for what is none, is weak (equal tags would not mean equal octets), or is too long.
pub(crate) fn ours(value: &str) -> Option<ETag> {
    // Some servers leave the quotes out in properties.
    let opaque = value.trim();
    let opaque = opaque.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(opaque);
    if opaque.is_empty() || opaque.starts_with("W/") || opaque.contains('"') {
        return None;
    }
    let is_plain = opaque.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'-');
    if is_plain && opaque.len() <= ETag::LONGEST && !opaque.starts_with(SPELLED) {
        return Some(ETag::new(opaque));
    }
    (opaque.len() <= LONGEST).then(|| ETag::new(format_args!("{SPELLED}{}", digits(opaque))))
}

/// The server's tag, in quotes, for one of ours; `None` for what it never gave out.
pub(crate) fn theirs(tag: &str) -> Option<String> {
    match tag.strip_prefix(SPELLED) {
        Some(spelled) => Some(format!("\"{}\"", spelt(spelled)?)),
        None => Some(format!("\"{tag}\"")),
    }
}

fn digits(text: &str) -> String {
    text.bytes().fold(String::with_capacity(text.len() * 2), |mut digits, octet| {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{octet:02x}");
        digits
    })
}

fn spelt(digits: &str) -> Option<String> {
    let octet = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    let octets: Option<Vec<u8>> =
        digits.as_bytes().chunks(2).map(|pair| octet(pair).filter(|_| pair.len() == 2)).collect();
    String::from_utf8(octets?).ok()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn there_and_back() {
        for (value, spelled) in [
            ("\"0a1b-2\"", "0a1b-2"),
            ("0a1b", "0a1b"),
            ("\"a.b\"", "x-612e62"),
            ("\"a_b\"", "x-615f62"),
            ("\"x-61\"", "x-782d3631"),
        ] {
            let tag = ours(value).unwrap();
            assert_eq!(tag.as_str(), spelled);
            assert_eq!(theirs(tag.as_str()).unwrap().trim_matches('"'), value.trim_matches('"'));
        }
        for none in ["", "\"\"", "W/\"a\"", "\"a\"b\"", &"._".repeat(60)] {
            assert_eq!(ours(none), None, "{none}");
        }
        assert_eq!(theirs("x-6"), None);
    }
}
