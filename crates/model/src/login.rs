//! What a person types as login.

use std::fmt;

/// Longest login, in octets: a local part of 64 and a domain of 255 (RFC 5321 §4.5.3.1), and the `@`.
const LONGEST: usize = 320;

/// A login as typed: `u00001` or `u00001@a.test`. A claim that nobody has checked.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Login {
    local: String,
    domain: Option<String>,
}

/// Why a text cannot be a login. The text itself is not kept: people type passwords there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidLogin;

impl fmt::Display for InvalidLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a login is 1 to 320 octets of UTF-8 without control characters")
    }
}
impl std::error::Error for InvalidLogin {}

impl Login {
    /// Splits at the last `@`.
    ///
    /// # Errors
    /// [`InvalidLogin`] when empty, too long, not UTF-8, or with a control character (NUL would end it early in a back-end).
    pub fn parse(typed: &[u8]) -> Result<Self, InvalidLogin> {
        let text = std::str::from_utf8(typed).map_err(|_| InvalidLogin)?;
        if text.is_empty() || text.len() > LONGEST || text.contains(char::is_control) {
            return Err(InvalidLogin);
        }
        let (local, domain) = match text.rsplit_once('@') {
            Some(("", _) | (_, "")) => return Err(InvalidLogin),
            Some((local, domain)) => (local, Some(domain.to_ascii_lowercase())),
            None => (text, None),
        };
        Ok(Self { local: local.to_owned(), domain })
    }

    /// What stands before the `@`.
    pub fn local(&self) -> &str {
        &self.local
    }

    /// The mail domain, in lower case, where one was typed.
    pub fn domain(&self) -> Option<&str> {
        self.domain.as_deref()
    }

    /// The whole address, where a domain was typed.
    pub fn address(&self) -> Option<String> {
        self.domain.as_ref().map(|domain| format!("{}@{domain}", self.local))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn splits_at_the_last_at() {
        let login = Login::parse(b"user.1@A.Test").unwrap();
        assert_eq!((login.local(), login.domain()), ("user.1", Some("a.test")));
        assert_eq!(Login::parse(b"u00001").unwrap().domain(), None);
    }

    #[test]
    fn refuses_what_a_back_end_could_misread() {
        for bad in [&b""[..], b"a\0b", b"a\r\nb", b"@a.test", b"a@", b"\xff\xfe", b"\xc0\x80"] {
            assert_eq!(Login::parse(bad), Err(InvalidLogin));
        }
        assert_eq!(Login::parse(&[b'a'; 321]), Err(InvalidLogin));
    }
}
