//! The messages of SASL mechanisms that say everything at once: PLAIN (RFC 4616), OAUTHBEARER (RFC 7628) and XOAUTH2, which
//! Google documents. Octets in, what the client gave out, and back; base64 and the exchange are the protocol's.
//!
//! A message is as long as the protocol's longest line lets it be; nothing here copies it, and no input makes it panic. No
//! type of this crate prints what it holds.

mod bearer;
mod plain;

pub use bearer::{oauthbearer, xoauth2};
pub use plain::plain;

use std::fmt;

/// Longest token that is taken, in octets: OpenID providers put groups and roles into theirs.
pub const LONGEST_TOKEN: usize = 16 * 1024;

/// What a server says when it takes no such token, before the client's last response and the refusal (RFC 7628 §3.2.2).
pub const INVALID_TOKEN: &str = "{\"status\":\"invalid_token\",\"schemes\":\"bearer\"}";

/// A mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mechanism {
    /// A login and a password (RFC 4616).
    Plain,
    /// A bearer token of OAuth 2 (RFC 7628).
    Oauthbearer,
    /// The same in the form that was there before the RFC.
    Xoauth2,
}

/// What a message gives.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Given<'m> {
    /// Somebody's password.
    Password {
        /// Whose.
        login: &'m str,
        /// The password.
        password: &'m [u8],
    },
    /// A token.
    Token {
        /// Whose the client says it is; empty when it leaves that to the token.
        login: &'m str,
        /// The token: `b64token` (RFC 6750 §2.1), at most [`LONGEST_TOKEN`] octets.
        token: &'m str,
    },
}

impl Mechanism {
    /// By the name that a client said, in upper case or lower (RFC 4422 §3.1 has upper case only; clients differ).
    pub fn named(name: &str) -> Option<Self> {
        [Self::Plain, Self::Oauthbearer, Self::Xoauth2].into_iter().find(|it| it.name().eq_ignore_ascii_case(name))
    }

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Plain => "PLAIN",
            Self::Oauthbearer => "OAUTHBEARER",
            Self::Xoauth2 => "XOAUTH2",
        }
    }

    /// Whether it carries a token.
    pub const fn is_of_tokens(self) -> bool {
        match self {
            Self::Plain => false,
            Self::Oauthbearer | Self::Xoauth2 => true,
        }
    }

    /// Reads a client's message; `None` for what is none. Acting as somebody else than whose password it is, is none
    /// either.
    pub fn read(self, message: &[u8]) -> Option<Given<'_>> {
        match self {
            Self::Plain => plain::read(message),
            Self::Oauthbearer => bearer::read_oauthbearer(message),
            Self::Xoauth2 => bearer::read_xoauth2(message),
        }
    }
}

impl fmt::Debug for Given<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password { .. } => "Password(..)",
            Self::Token { .. } => "Token(..)",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn mechanisms() {
        for mechanism in [Mechanism::Plain, Mechanism::Oauthbearer, Mechanism::Xoauth2] {
            assert_eq!(Mechanism::named(&mechanism.name().to_lowercase()), Some(mechanism));
        }
        assert_eq!(Mechanism::named("PLAIN "), None);
        assert_eq!(Mechanism::named(""), None);
    }

    #[test]
    fn nothing_secret_is_printed() {
        let message = plain("", "u", b"hunter2");
        let printed = format!("{:?}", Mechanism::Plain.read(&message));
        assert!(printed.contains("Password(..)") && !printed.contains("hunter2"), "{printed}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(login in "[^\\x00-\\x1f\\x7f]{1,40}", token in "[A-Za-z0-9._~+/-]{1,200}={0,2}") {
            for (mechanism, write) in [(Mechanism::Oauthbearer, oauthbearer as fn(&_, &_) -> _), (Mechanism::Xoauth2, xoauth2)] {
                let message: Vec<u8> = write(&login, token.as_bytes());
                let given = mechanism.read(&message);
                // OAUTHBEARER writes a login with escapes, and only a login without them is one.
                if mechanism == Mechanism::Oauthbearer && login.contains([',', '=']) {
                    prop_assert_eq!(given, None);
                } else {
                    prop_assert_eq!(given, Some(Given::Token { login: &login, token: &token }));
                }
            }
            let message = plain("", &login, token.as_bytes());
            prop_assert_eq!(
                Mechanism::Plain.read(&message),
                Some(Given::Password { login: &login, password: token.as_bytes() })
            );
        }

        #[test]
        fn nothing_panics(octets in proptest::collection::vec(any::<u8>(), 0..200)) {
            for mechanism in [Mechanism::Plain, Mechanism::Oauthbearer, Mechanism::Xoauth2] {
                let _ = mechanism.read(&octets);
            }
        }
    }
}
