//! Names of mailboxes: modified UTF-7 (RFC 3501 §5.1.3), and the patterns of LIST.

/// Reads a name in modified UTF-7: `~peter/mail/&U,BTFw-`. `None` for what is none.
pub fn decoded(name: &[u8]) -> Option<String> {
    let mut text = String::new();
    let mut rest = std::str::from_utf8(name).ok()?;
    while let Some((before, shifted)) = rest.split_once('&') {
        text.push_str(before);
        let (inside, after) = shifted.split_once('-')?;
        match inside {
            "" => text.push('&'),
            inside => text.push_str(&utf16(inside)?),
        }
        rest = after;
    }
    text.push_str(rest);
    let is_plain = |c: char| !c.is_control();
    text.chars().all(is_plain).then_some(text)
}

/// Writes a name in modified UTF-7.
pub fn encoded(name: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut shifted: Vec<u16> = Vec::new();
    for c in name.chars() {
        if matches!(c, ' '..='~') {
            unshift(&mut shifted, &mut out);
            out.push(u8::try_from(c).unwrap_or(b'?'));
            if c == '&' {
                out.push(b'-');
            }
        } else {
            shifted.extend(c.encode_utf16(&mut [0; 2]).iter());
        }
    }
    unshift(&mut shifted, &mut out);
    out
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

fn unshift(shifted: &mut Vec<u16>, out: &mut Vec<u8>) {
    if shifted.is_empty() {
        return;
    }
    out.push(b'&');
    let (mut held, mut bits) = (0_u32, 0_u32);
    for unit in shifted.drain(..) {
        held = (held << 16) | u32::from(unit);
        bits = bits.saturating_add(16);
        while bits >= 6 {
            bits = bits.saturating_sub(6);
            out.push(letter(held >> bits));
            held &= (1 << bits) - 1;
        }
    }
    if bits > 0 {
        out.push(letter(held << 6_u32.saturating_sub(bits)));
    }
    out.push(b'-');
}

fn letter(bits: u32) -> u8 {
    usize::try_from(bits & 63).ok().and_then(|at| ALPHABET.get(at)).copied().unwrap_or(b'A')
}

fn utf16(inside: &str) -> Option<String> {
    let (mut held, mut bits, mut units) = (0_u32, 0_u32, Vec::new());
    for octet in inside.bytes() {
        let value = u32::try_from(ALPHABET.iter().position(|it| *it == octet)?).ok()?;
        held = (held << 6) | value;
        bits = bits.saturating_add(6);
        if bits >= 16 {
            bits = bits.saturating_sub(16);
            units.push(u16::try_from(held >> bits).ok()?);
            held &= (1 << bits) - 1;
        }
    }
    // What is left are zeros, fewer than a letter.
    (bits < 6 && held == 0).then_some(())?;
    String::from_utf16(&units).ok()
}

/// Whether a name fits a pattern of LIST: `*` is anything, `%` anything within a level (RFC 9051 §6.3.9).
pub fn matches(pattern: &str, name: &str, delimiter: char) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    // Where in the pattern one may be after each character of the name: never more than its length at once.
    let mut here = vec![false; pattern.len().saturating_add(1)];
    if let Some(first) = here.first_mut() {
        *first = true;
    }
    skip_wildcards(&pattern, &mut here);
    for c in name {
        let mut next = vec![false; here.len()];
        for (at, wanted) in pattern.iter().enumerate() {
            if !here.get(at).copied().unwrap_or_default() {
                continue;
            }
            let (stays, goes) = match wanted {
                '*' => (true, false),
                '%' => (c != delimiter, false),
                wanted => (false, *wanted == c),
            };
            if let (true, Some(place)) = (stays, next.get_mut(at)) {
                *place = true;
            }
            if let (true, Some(place)) = (goes, next.get_mut(at.saturating_add(1))) {
                *place = true;
            }
        }
        skip_wildcards(&pattern, &mut next);
        here = next;
    }
    here.last().copied().unwrap_or_default()
}

/// A wildcard may stand for nothing.
fn skip_wildcards(pattern: &[char], here: &mut [bool]) {
    for (at, wanted) in pattern.iter().enumerate() {
        if matches!(wanted, '*' | '%')
            && here.get(at).copied().unwrap_or_default()
            && let Some(next) = here.get_mut(at.saturating_add(1))
        {
            *next = true;
        }
    }
}

/// Whether anything at or below a name could fit a pattern: `Oth%` and `Other users/u1/*` could for `Other users`.
pub fn may_match(pattern: &str, root: &str) -> bool {
    let fixed = pattern.split(['*', '%']).next().unwrap_or_default();
    let agree = fixed.chars().zip(root.chars()).all(|(a, b)| a == b);
    agree && (fixed.len() >= root.len() || fixed.len() < pattern.len())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn modified_utf7() {
        for (text, name) in [
            ("INBOX", "INBOX"),
            ("Brouillons élèves", "Brouillons &AOk-l&AOg-ves"),
            ("R&D", "R&-D"),
            ("台北", "&U,BTFw-"),
            ("😀", "&2D3eAA-"),
        ] {
            assert_eq!(String::from_utf8(encoded(text)).unwrap(), name);
            assert_eq!(decoded(name.as_bytes()).unwrap(), text);
        }
        for bad in ["&", "&AOk", "&A-", "&AOkA-", "&2D0-", "&???-", "a\x01", "&AAE-"] {
            assert_eq!(decoded(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn patterns() {
        for (pattern, name, fits) in [
            ("*", "a/b", true),
            ("%", "a/b", false),
            ("%/%", "a/b", true),
            ("a/%", "a/b", true),
            ("a%", "a", true),
            ("a*b", "a/x/b", true),
            ("a%b", "a/b", false),
            ("", "a", false),
            ("*%*%*%*%*%*%*%*%b", &"a".repeat(200), false),
        ] {
            assert_eq!(matches(pattern, name, '/'), fits, "{pattern} {name}");
        }
        for (pattern, may) in [
            ("*", true),
            ("%", true),
            ("Oth%", true),
            ("Other users", true),
            ("Other users/u1/x", true),
            ("INBOX", false),
            ("Other", false),
        ] {
            assert_eq!(may_match(pattern, "Other users"), may, "{pattern}");
        }
    }

    proptest! {
        #[test]
        fn a_name_is_read_as_it_was_written(text in "[^\\p{Cc}]{0,30}") {
            prop_assert_eq!(decoded(&encoded(&text)), Some(text));
        }

        #[test]
        fn nothing_panics(octets in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = decoded(&octets);
        }
    }
}
