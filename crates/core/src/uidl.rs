//! The names that POP3 gives to messages (RFC 1939 §7, UIDL), in the words of the server that is replaced: clients that leave
//! mail on the server know what they have by them, and fetch everything again when they change.

use std::{fmt, fmt::Write as _};

/// Longest unique-id that is given out, in octets. RFC 1939 §7 lets 70 pass; Dovecot sends longer ones where `%g` makes them.
const LONGEST: usize = 200;
/// Longest format, in octets.
const LONGEST_FORMAT: usize = 60;

/// How unique-ids are made of a message's UID, its mailbox's UIDVALIDITY and its lasting name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UidlFormat {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Number {
        of: Number,
        width: usize,
        hex: bool,
    },
    /// `X-GUID` of the store: Dovecot's `%g`, and `%f` where it keeps Maildirs.
    Name,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Number {
    Uid,
    UidValidity,
}

impl Default for UidlFormat {
    /// Dovecot's own: `%08Xu%08Xv`.
    fn default() -> Self {
        let number = |of| Part::Number { of, width: 8, hex: true };
        Self { parts: vec![number(Number::Uid), number(Number::UidValidity)] }
    }
}

impl UidlFormat {
    /// Reads a format: one of the names that Cyrus has for them (`uidl_format`: `uidonly`, `cyrus`, `dovecot`, `courier`), or
    /// text with Dovecot's variables (`pop3_uidl_format`): `%u` UID, `%v` UIDVALIDITY, both also as `%08Xu` in lower-case
    /// hexadecimal with so many digits, `%g` and `%f` the lasting name, `%%`.
    ///
    /// # Errors
    /// What is wrong, in words: an unknown variable, a character that no unique-id may have, no variable that tells one
    /// message from another.
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = match text {
            "uidonly" => "%u",
            "cyrus" => "%v.%u",
            "dovecot" => "%08Xu%08Xv",
            "courier" => "%v-%u",
            other => other,
        };
        if text.len() > LONGEST_FORMAT {
            return Err(format!("a format has at most {LONGEST_FORMAT} octets"));
        }
        let mut parts = Vec::new();
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            if !c.is_ascii_graphic() {
                return Err(format!("{c:?} cannot be in a unique-id"));
            }
            if c != '%' {
                match parts.last_mut() {
                    Some(Part::Text(text)) => text.push(c),
                    _ => parts.push(Part::Text(c.to_string())),
                }
                continue;
            }
            let mut digits = String::new();
            while let Some(digit) = rest.next_if(char::is_ascii_digit) {
                digits.push(digit);
            }
            let hex = rest.next_if_eq(&'X').is_some();
            let plain = digits.is_empty() && !hex;
            // Without the zero Dovecot would cut the value short, and two messages would have one name.
            let width = match digits.strip_prefix('0') {
                Some(width) => width.parse::<usize>().ok().filter(|width| (1..=20).contains(width)),
                None => digits.is_empty().then_some(0),
            };
            let width = width.ok_or_else(|| format!("%{digits}: write a width as 08"))?;
            parts.push(match rest.next() {
                Some('u') => Part::Number { of: Number::Uid, width, hex },
                Some('v') => Part::Number { of: Number::UidValidity, width, hex },
                Some('g' | 'f') if plain => Part::Name,
                Some('%') if plain => Part::Text("%".to_owned()),
                Some(other) => return Err(format!("%{digits}{}{other} is not known", if hex { "X" } else { "" })),
                None => return Err("there is nothing behind %".to_owned()),
            });
        }
        let is_of_message = |part: &Part| matches!(part, Part::Name | Part::Number { of: Number::Uid, .. });
        if !parts.iter().any(is_of_message) {
            return Err("without %u or %g every message has the same name".to_owned());
        }
        Ok(Self { parts })
    }

    /// Whether the store must be asked for lasting names.
    pub fn wants_names(&self) -> bool {
        self.parts.contains(&Part::Name)
    }

    /// The unique-id of a message. A name that no unique-id can have (RFC 1939 §7: 0x21 to 0x7E) gives way to the default
    /// format, which is as lasting as the mailbox.
    pub fn unique_id(&self, uid: u32, uid_validity: u32, name: Option<&str>) -> String {
        let mut id = String::new();
        for part in &self.parts {
            // Writing to a String cannot fail.
            let _ = match part {
                Part::Text(text) => id.write_str(text),
                Part::Name => id.write_str(name.unwrap_or_default()),
                Part::Number { of, width, hex } => {
                    let (width, value) = (*width, if *of == Number::Uid { uid } else { uid_validity });
                    if *hex { write!(id, "{value:0width$x}") } else { write!(id, "{value:0width$}") }
                }
            };
        }
        let fits = !id.is_empty() && id.len() <= LONGEST && id.bytes().all(|octet| octet.is_ascii_graphic());
        let named = !self.wants_names() || name.is_some_and(|name| !name.is_empty());
        if fits && named { id } else { Self::default().unique_id(uid, uid_validity, None) }
    }
}

impl fmt::Display for UidlFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in &self.parts {
            match part {
                Part::Text(text) => f.write_str(&text.replace('%', "%%"))?,
                Part::Name => f.write_str("%g")?,
                Part::Number { of, width, hex } => {
                    let width = if *width > 0 { format!("0{width}") } else { String::new() };
                    let letter = if *of == Number::Uid { 'u' } else { 'v' };
                    write!(f, "%{width}{}{letter}", if *hex { "X" } else { "" })?;
                }
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[track_caller]
    fn check(format: &str, expected: &str) {
        let format = UidlFormat::parse(format).unwrap();
        assert_eq!(format.unique_id(10, 1_795_715_820, Some("17.M0P1.load,S=3")), expected, "{format}");
        assert_eq!(UidlFormat::parse(&format.to_string()).unwrap(), format);
    }

    #[test]
    fn formats() {
        check("%08Xu%08Xv", "0000000a6b0872ec");
        check("dovecot", "0000000a6b0872ec");
        check("cyrus", "1795715820.10");
        check("courier", "1795715820-10");
        check("uidonly", "10");
        check("UID%u-%v", "UID10-1795715820");
        check("%Xv%05u", "6b0872ec00010");
        check("%g", "17.M0P1.load,S=3");
        check("%f", "17.M0P1.load,S=3");
        check("%%%u", "%10");
        assert_eq!(UidlFormat::default(), UidlFormat::parse("%08Xu%08Xv").unwrap());
    }

    #[test]
    fn what_cannot_be() {
        for bad in ["", "%v", "x", "%u %v", "%", "%8u", "%z", "%0u", "%99999999u", "%Xg", "é%u", &"x%u".repeat(30)] {
            assert!(UidlFormat::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn odd_names_give_way() {
        let format = UidlFormat::parse("%g").unwrap();
        for odd in [None, Some(""), Some("a b"), Some("é"), Some("x".repeat(300).as_str())] {
            assert_eq!(format.unique_id(10, 1, odd), "0000000a00000001", "{odd:?}");
        }
    }
}
