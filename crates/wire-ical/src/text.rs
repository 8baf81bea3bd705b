//! How a text is written in a value (RFC 5545 §3.3.11, RFC 6350 §3.4), in a parameter (RFC 6868), and in vCard 2.1
//! (quoted-printable and charsets).

use std::borrow::Cow;

/// A TEXT with its escapes undone. A backslash that begins no escape stays: older programs write paths so.
pub fn unescaped(value: &str) -> Cow<'_, str> {
    if memchr::memchr(b'\\', value.as_bytes()).is_none() {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len());
    let mut octets = value.chars();
    while let Some(one) = octets.next() {
        if one != '\\' {
            text.push(one);
            continue;
        }
        match octets.clone().next() {
            Some(escaped @ ('\\' | ';' | ',' | ':' | '"')) => text.push(escaped),
            Some('n' | 'N') => text.push('\n'),
            _ => {
                text.push('\\');
                continue;
            }
        }
        octets.next();
    }
    Cow::Owned(text)
}

/// A text as TEXT; the inverse of [`unescaped`]. CRLF and CR become `\n` too, since a value has no line ends.
pub fn escaped(text: &str) -> String {
    let mut value = String::with_capacity(text.len() + 8);
    let mut before = ' ';
    for one in text.chars() {
        match one {
            '\\' | ';' | ',' => value.extend(['\\', one]),
            '\n' if before == '\r' => {}
            '\n' | '\r' => value.push_str("\\n"),
            _ => value.push(one),
        }
        before = one;
    }
    value
}

/// The pieces of a value between separators (`,` of a list, `;` of a structure) that are not escaped, as they stand.
pub fn pieces(value: &str, separator: char) -> impl Iterator<Item = &str> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let from = rest?;
        let mut escaped = false;
        let ends = from.char_indices().find_map(|(at, one)| {
            let found = one == separator && !escaped;
            escaped = one == '\\' && !escaped;
            found.then_some(at)
        });
        let (one, after) = match ends {
            Some(at) => (from.get(..at)?, from.get(at + separator.len_utf8()..)),
            None => (from, None),
        };
        rest = after;
        Some(one)
    })
}

/// A parameter's value with the escapes of RFC 6868 §3 undone; a circumflex before anything else stays.
pub(crate) fn from_circumflex(value: &str) -> Cow<'_, str> {
    if memchr::memchr(b'^', value.as_bytes()).is_none() {
        return Cow::Borrowed(value);
    }
    let mut text = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('^') {
        text.push_str(before);
        let undone = [("n", '\n'), ("^", '^'), ("'", '"')]
            .into_iter()
            .find_map(|(mark, one)| Some((one, after.strip_prefix(mark)?)));
        match undone {
            Some((one, after)) => {
                text.push(one);
                rest = after;
            }
            None => {
                text.push('^');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    Cow::Owned(text)
}

/// A parameter's value as it is written: quoted where it must be, escaped by RFC 6868.
pub fn parameter_value(text: &str) -> String {
    let mut value = String::with_capacity(text.len() + 2);
    for one in text.chars() {
        match one {
            '^' => value.push_str("^^"),
            '"' => value.push_str("^'"),
            '\n' => value.push_str("^n"),
            '\r' => {}
            one if one.is_control() && one != '\t' => {}
            one => value.push(one),
        }
    }
    if value.contains([',', ';', ':']) { format!("\"{value}\"") } else { value }
}

/// The octets that quoted-printable stands for (RFC 2045 §6.7). What is no escape stays as it is.
pub(crate) fn from_quoted_printable(value: &str) -> Vec<u8> {
    let digit = |octet: Option<&u8>| octet.and_then(|octet| char::from(*octet).to_digit(16)).map(u8::try_from);
    let octets = value.as_bytes();
    let mut decoded = Vec::with_capacity(octets.len());
    let mut at = 0;
    while let Some(octet) = octets.get(at) {
        match (octet, digit(octets.get(at + 1)), digit(octets.get(at + 2))) {
            (b'=', Some(Ok(high)), Some(Ok(low))) => {
                decoded.push(high * 16 + low);
                at += 3;
            }
            _ => {
                decoded.push(*octet);
                at += 1;
            }
        }
    }
    decoded
}

/// Octets of a named charset as text; of none, or of an unknown one, they are read as UTF-8.
pub(crate) fn from_charset(octets: &[u8], charset: Option<&str>) -> String {
    let encoding = charset.and_then(|name| encoding_rs::Encoding::for_label(name.as_bytes()));
    match encoding {
        Some(encoding) => encoding.decode_without_bom_handling(octets).0.into_owned(),
        None => String::from_utf8_lossy(octets).into_owned(),
    }
}
