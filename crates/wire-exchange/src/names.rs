//! UIDs of what has none, and names to store things under.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// Longest UID that is a name.
const LONGEST: usize = 128;

/// A UID drawn from what something is (RFC 9562 §5.8).
pub(crate) fn uid(of: &[&[u8]]) -> String {
    let mut digest = Sha256::new();
    for part in of {
        digest.update(part.len().to_be_bytes());
        digest.update(part);
    }
    let mut text = String::with_capacity(36);
    for (at, octet) in digest.finalize().iter().take(16).enumerate() {
        let octet = match at {
            6 => octet & 0x0f | 0x80,
            8 => octet & 0x3f | 0x80,
            _ => *octet,
        };
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push('-');
        }
        let _ = write!(text, "{octet:02x}");
    }
    text
}

/// A digest of lines.
pub(crate) fn digest(lines: &[Vec<u8>]) -> u64 {
    let mut digest = Sha256::new();
    for line in lines {
        digest.update(line.len().to_be_bytes());
        digest.update(line);
    }
    digest.finalize().iter().take(8).fold(0, |all, octet| all << 8 | u64::from(*octet))
}

/// The name for a UID.
pub(crate) fn name(uid: &str, ending: &str) -> String {
    let is_plain = |octet: u8| octet.is_ascii_alphanumeric() || matches!(octet, b'-' | b'_' | b'@' | b'.');
    let plain = uid.len() <= LONGEST && !uid.starts_with('.') && !uid.is_empty() && uid.bytes().all(is_plain);
    if plain { format!("{uid}{ending}") } else { format!("{}{ending}", self::uid(&[uid.as_bytes()])) }
}
