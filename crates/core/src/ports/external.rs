//! The port to mail accounts that people have elsewhere: servers that nobody here answers for.

use super::{Fut, RelayConnection};
use crate::{Error, Lookup, Permit, Result};
use passerelle_model::{ExternalRef, Secret};
use std::{fmt, future::Future, pin::Pin, sync::Arc};

/// Longest host name, in octets (RFC 1035 §2.3.4).
const LONGEST_HOST: usize = 253;
/// Longest login at a server, in octets.
const LONGEST_LOGIN: usize = 256;

/// An answer of this port.
pub type ExternalFut<'a, T> = Pin<Box<dyn Future<Output = Result<T, ExternalFault>> + Send + 'a>>;

/// Reaches IMAP and POP3 servers anywhere, within what the settings let it dial.
pub trait ExternalMail: Send + Sync {
    /// Whether the settings let a password go without TLS.
    fn takes_clear(&self) -> bool;

    /// Connects to the server and logs in with this password. Behind the stream IMAP is spoken, whatever the server speaks.
    ///
    /// # Errors
    /// Why not. Nothing that the server said is in it.
    fn reach<'a>(
        &'a self,
        at: &'a Permit<ExternalRef, Lookup>,
        server: &'a ExternalServer,
        password: &'a Secret,
        uids: Arc<dyn MaildropUids>,
    ) -> ExternalFut<'a, RelayConnection>;
}

/// Where a POP3 account's messages get their UIDs: numbers that only grow, the same on every node (RFC 9051 §2.3.1.1).
pub trait MaildropUids: Send + Sync {
    /// The UIDs of a whole maildrop, by the unique-ids that its server gives (RFC 1939 §7), in its order. What is new is
    /// numbered behind everything else, what is not named any more is forgotten. At most [`MOST_IN_MAILDROP`] names.
    fn number<'a>(&'a self, names: &'a [Vec<u8>]) -> Fut<'a, Numbered>;
}

/// Most messages of a POP3 account.
pub const MOST_IN_MAILDROP: usize = 10_000;

/// A maildrop with its numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Numbered {
    /// Under which all of this holds.
    pub validity: u32,
    /// What the next message will have, or more.
    pub next: u32,
    /// A UID for each name, in the order of the names.
    pub uids: Vec<u32>,
}

/// What a server speaks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExternalProtocol {
    /// IMAP (RFC 9051, RFC 3501).
    #[default]
    Imap,
    /// POP3 (RFC 1939).
    Pop3,
}

impl ExternalProtocol {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Imap, Self::Pop3];

    /// The word that State and forms use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Imap => "imap",
            Self::Pop3 => "pop3",
        }
    }

    /// The one of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

/// How a server is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExternalTls {
    /// TLS from the first octet (RFC 8314).
    Implicit,
    /// In clear until STARTTLS.
    Starttls,
    /// In clear; only where the settings let it be.
    Clear,
}

impl ExternalTls {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Implicit, Self::Starttls, Self::Clear];

    /// The word that State and forms use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Implicit => "implicit",
            Self::Starttls => "starttls",
            Self::Clear => "clear",
        }
    }

    /// The one of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

/// An account's place: a server, and a name there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalServer {
    host: String,
    port: u16,
    tls: ExternalTls,
    login: String,
    protocol: ExternalProtocol,
}

impl ExternalServer {
    /// Checks what a person typed.
    ///
    /// # Errors
    /// `Invalid` for what is no host name or address, for port 0, and for a login that is empty, too long, or has control
    /// characters.
    pub fn parse(host: &str, port: u16, tls: ExternalTls, login: &str) -> Result<Self> {
        let host = host.trim().trim_end_matches('.').to_ascii_lowercase();
        let is_name = host.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_' | b':'));
        if host.is_empty() || host.len() > LONGEST_HOST || !is_name {
            return Err(Error::invalid("this is no name of a server"));
        }
        if port == 0 {
            return Err(Error::invalid("this is no port"));
        }
        let login = login.trim();
        if login.is_empty() || login.len() > LONGEST_LOGIN || login.contains(char::is_control) {
            return Err(Error::invalid("this is no login"));
        }
        Ok(Self { host, port, tls, login: login.to_owned(), protocol: ExternalProtocol::Imap })
    }

    /// The same place, where this is spoken; IMAP is when nothing else is said.
    #[must_use]
    pub fn speaking(self, protocol: ExternalProtocol) -> Self {
        Self { protocol, ..self }
    }

    /// What it speaks.
    pub const fn protocol(&self) -> ExternalProtocol {
        self.protocol
    }

    /// The server: a name in lower case, or an address without brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Its port.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// How it is spoken to.
    pub const fn tls(&self) -> ExternalTls {
        self.tls
    }

    /// The name there.
    pub fn login(&self) -> &str {
        &self.login
    }
}

/// Why a server elsewhere was not reached. Everything that may be told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExternalFault {
    /// Its address is none that may be dialled.
    Address,
    /// Its port is none that may be dialled.
    Port,
    /// There is no such host.
    Name,
    /// Nobody answers there, or it hung up.
    Unreachable,
    /// It did not answer in time.
    Slow,
    /// Its certificate is not good for its name.
    Certificate,
    /// It offers no protection that the settings demand.
    Unprotected,
    /// It does not take the login with this password.
    Password,
    /// It speaks nothing that can be followed.
    Nonsense,
    /// By POP3: it gives its messages no unique-ids (RFC 1939 §7), or has more of them than can be numbered.
    Unnumbered,
    /// Too many tries failed lately.
    TooOften,
    /// The password that was kept cannot be opened any more.
    Sealed,
}

impl ExternalFault {
    /// All of them.
    pub const ALL: [Self; 12] = [
        Self::Address,
        Self::Port,
        Self::Name,
        Self::Unreachable,
        Self::Slow,
        Self::Certificate,
        Self::Unprotected,
        Self::Password,
        Self::Nonsense,
        Self::Unnumbered,
        Self::TooOften,
        Self::Sealed,
    ];

    /// The word that State and pages use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Port => "port",
            Self::Name => "name",
            Self::Unreachable => "unreachable",
            Self::Slow => "slow",
            Self::Certificate => "certificate",
            Self::Unprotected => "unprotected",
            Self::Password => "password",
            Self::Nonsense => "nonsense",
            Self::Unnumbered => "unnumbered",
            Self::TooOften => "too-often",
            Self::Sealed => "sealed",
        }
    }

    /// The one of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }

    /// Whether only the owner can mend it, by another password: until then the server is left alone.
    pub const fn waits_for_owner(self) -> bool {
        matches!(self, Self::Password | Self::Sealed)
    }
}

impl fmt::Display for ExternalFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl std::error::Error for ExternalFault {}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn words_come_back() {
        for fault in ExternalFault::ALL {
            assert_eq!(ExternalFault::parse(fault.as_str()), Some(fault));
        }
        for protocol in ExternalProtocol::ALL {
            assert_eq!(ExternalProtocol::parse(protocol.as_str()), Some(protocol));
        }
        for tls in ExternalTls::ALL {
            assert_eq!(ExternalTls::parse(tls.as_str()), Some(tls));
        }
    }

    #[test]
    fn what_is_typed_is_checked() {
        let parse = |host: &str, login: &str| ExternalServer::parse(host, 993, ExternalTls::Implicit, login);
        assert_eq!(parse(" Mail.Example.ORG. ", " a b ").unwrap().host(), "mail.example.org");
        assert_eq!(parse("::1", "a").unwrap().host(), "::1");
        for (host, login) in [("", "a"), ("a b", "a"), ("a/b", "a"), ("é.fr", "a"), ("h", ""), ("h", "a\r\nb")] {
            assert!(parse(host, login).is_err(), "{host} {login:?}");
        }
        assert!(ExternalServer::parse("h", 0, ExternalTls::Clear, "a").is_err());
    }
}
