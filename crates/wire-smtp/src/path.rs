//! Addresses between angle brackets.

use std::fmt;

/// Longest local part, in octets (RFC 5321 §4.5.3.1.1).
pub const LONGEST_LOCAL: usize = 64;
/// Longest path, its brackets included, in octets (RFC 5321 §4.5.3.1.3). Longer ones than it says are in use.
pub const LONGEST_PATH: usize = 322;
const LONGEST_DOMAIN: usize = 255;

/// An address that can be sent to or from: `local@domain`, or for a recipient `postmaster` alone. As it was written, but
/// for quotes that nothing needs: `"ada"@a.test` is `ada@a.test`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Address(String);

/// Why a text is no address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidAddress;

impl fmt::Display for InvalidAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an address is local@domain, of at most 64 and 255 octets")
    }
}
impl std::error::Error for InvalidAddress {}

impl Address {
    /// `Mailbox = Local-part "@" ( Domain / address-literal )` (RFC 5321 §4.1.2), UTF-8 as in RFC 6531 §3.3.
    ///
    /// # Errors
    /// [`InvalidAddress`] for anything else; nothing that could end a line or a bracket is ever in one.
    pub fn parse(text: &str) -> Result<Self, InvalidAddress> {
        let (local, domain) = split(text).ok_or(InvalidAddress)?;
        let local = local_part(local).ok_or(InvalidAddress)?;
        if !is_domain(domain) {
            return Err(InvalidAddress);
        }
        Ok(Self(format!("{local}@{domain}")))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What stands behind the `@`.
    pub fn domain(&self) -> Option<&str> {
        self.0.rsplit_once('@').map(|(_, domain)| domain)
    }

    /// Whether it can be sent without SMTPUTF8 (RFC 6531 §3.3).
    pub fn is_ascii(&self) -> bool {
        self.0.is_ascii()
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Takes a path from the beginning of a command's arguments; the rest follows the bracket. `None` in it is `<>`.
///
/// `Path = "<" [ A-d-l ":" ] Mailbox ">"`; a route is passed over (RFC 5321 §4.1.1.3, appendix C).
pub(crate) fn path(input: &str) -> Result<(Option<Address>, &str), InvalidAddress> {
    let (inside, rest) = bracketed(input).ok_or(InvalidAddress)?;
    if inside.len() > LONGEST_PATH {
        return Err(InvalidAddress);
    }
    let mailbox = match inside.strip_prefix('@') {
        Some(route) => route.split_once(':').ok_or(InvalidAddress)?.1,
        None => inside,
    };
    if mailbox.is_empty() {
        return Ok((None, rest));
    }
    if mailbox.eq_ignore_ascii_case("postmaster") {
        return Ok((Some(Address("postmaster".to_owned())), rest));
    }
    Ok((Some(Address::parse(mailbox)?), rest))
}

/// What is between the brackets, which may hold a quoted string with a bracket in it, and what follows.
fn bracketed(input: &str) -> Option<(&str, &str)> {
    let inside = input.strip_prefix('<')?;
    let (mut quoted, mut escaped) = (false, false);
    for (at, letter) in inside.char_indices() {
        match letter {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            '>' if !quoted => {
                let rest = inside.get(at..)?.strip_prefix('>')?;
                return Some((inside.get(..at)?, rest));
            }
            _ => {}
        }
    }
    None
}

/// At the last `@`, which no domain has.
fn split(text: &str) -> Option<(&str, &str)> {
    text.rsplit_once('@').filter(|(local, domain)| !local.is_empty() && !domain.is_empty())
}

/// `Local-part = Dot-string / Quoted-string` (RFC 5321 §4.1.2)
fn local_part(text: &str) -> Option<String> {
    let local = match text.strip_prefix('"') {
        None => return (is_dot_string(text) && text.len() <= LONGEST_LOCAL).then(|| text.to_owned()),
        Some(rest) => unquoted(rest.strip_suffix('"')?)?,
    };
    if local.len() > LONGEST_LOCAL || text.len() > LONGEST_LOCAL.saturating_mul(2) {
        return None;
    }
    Some(if is_dot_string(&local) { local } else { text.to_owned() })
}

/// `QcontentSMTP = qtextSMTP / quoted-pairSMTP`
fn unquoted(inside: &str) -> Option<String> {
    let mut plain = String::new();
    let mut letters = inside.chars();
    while let Some(letter) = letters.next() {
        match letter {
            '\\' => plain.push(letters.next().filter(|it| matches!(it, ' '..='~'))?),
            '"' => return None,
            it if it.is_control() => return None,
            it => plain.push(it),
        }
    }
    Some(plain)
}

fn is_dot_string(text: &str) -> bool {
    let is_atext = |it: char| {
        it.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(it) || (!it.is_ascii() && !it.is_control())
    };
    text.split('.').all(|atom| !atom.is_empty() && atom.chars().all(is_atext))
}

fn is_domain(text: &str) -> bool {
    if text.len() > LONGEST_DOMAIN {
        return false;
    }
    if let Some(literal) = text.strip_prefix('[') {
        let fits = |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b':' | b'-');
        return literal.strip_suffix(']').is_some_and(|inside| !inside.is_empty() && inside.bytes().all(fits));
    }
    let fits = |it: char| it.is_ascii_alphanumeric() || it == '-' || it == '_' || (!it.is_ascii() && !it.is_control());
    text.split('.').all(|label| !label.is_empty() && label.chars().all(fits))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[track_caller]
    fn check(input: &str, expected: Option<(Option<&str>, &str)>) {
        let parsed = path(input).ok();
        let parsed = parsed.as_ref().map(|(address, rest)| (address.as_ref().map(Address::as_str), *rest));
        assert_eq!(parsed, expected, "{input}");
    }

    #[test]
    fn paths() {
        check("<ada@a.test>", Some((Some("ada@a.test"), "")));
        check("<ada@a.test> SIZE=1", Some((Some("ada@a.test"), " SIZE=1")));
        check("<>", Some((None, "")));
        check("<@relay.test,@other.test:ada@a.test>", Some((Some("ada@a.test"), "")));
        check("<\"ada\"@a.test>", Some((Some("ada@a.test"), "")));
        check("<\"a>b\"@a.test>", Some((Some("\"a>b\"@a.test"), "")));
        check("<\"a b\"@a.test>x", Some((Some("\"a b\"@a.test"), "x")));
        check("<PostMaster>", Some((Some("postmaster"), "")));
        check("<ada@[192.0.2.1]>", Some((Some("ada@[192.0.2.1]"), "")));
        check("<zoë@université.test>", Some((Some("zoë@université.test"), "")));
        for wrong in [
            "ada@a.test",
            "<ada@a.test",
            "<ada>",
            "<ada@>",
            "<@a.test>",
            "<a b@a.test>",
            "<a..b@a.test>",
            "<ada@a..test>",
            "<ada@a.test\0>",
            "<\"ada@a.test>",
            "<\"a\"b\"@a.test>",
            "<ada@[1.2.3.4>",
            "<ada@a.test >",
            "<a<b@a.test>",
            "<\"\u{1}\"@a.test>",
        ] {
            check(wrong, None);
        }
    }

    #[test]
    fn bounds() {
        let long = "x".repeat(LONGEST_LOCAL);
        assert!(Address::parse(&format!("{long}@a.test")).is_ok());
        assert!(Address::parse(&format!("x{long}@a.test")).is_err());
        let long = format!("{}.test", "x".repeat(250));
        assert!(Address::parse(&format!("ada@{long}")).is_ok());
        assert!(Address::parse(&format!("ada@x{long}")).is_err());
    }
}
