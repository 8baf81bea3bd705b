//! What went wrong with a server, and what an administrator should do.

use ldap3::{LdapError, LdapResult};
use rustls::CertificateError;
use std::{fmt, io};

/// The step of reaching a directory.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Dns,
    Tcp,
    Tls,
    Bind,
    Search,
    Write,
}

impl Step {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Dns => "dns",
            Self::Tcp => "tcp",
            Self::Tls => "tls",
            Self::Bind => "bind",
            Self::Search => "search",
            Self::Write => "write",
        }
    }
}

/// A server that could not be reached, or could not answer.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) step: Step,
    /// What was tried, on which server, and what came back. No secrets.
    pub(crate) what: String,
    pub(crate) remedy: &'static str,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}
impl std::error::Error for Failure {}

impl Failure {
    pub(crate) fn new(step: Step, server: &str, what: impl fmt::Display, remedy: &'static str) -> Self {
        Self { step, what: format!("{server}: {what}"), remedy }
    }

    /// No answer in time.
    pub(crate) fn late(step: Step, server: &str) -> Self {
        let (doing, remedy) = match step {
            Step::Dns => ("the name was not resolved in time", "check the resolver of this machine"),
            Step::Tcp => ("no connection in time", "check the address and that no firewall drops packets to it"),
            Step::Tls => ("no TLS handshake in time", "check that the port speaks what `urls` and `starttls` say"),
            Step::Bind => {
                ("no answer to a bind in time", "look at the directory's load and logs, or raise `timeout_ms`")
            }
            Step::Search => {
                ("no answer to a search in time", "look at the directory's load and indexes, or raise `timeout_ms`")
            }
            Step::Write => {
                ("no answer to a write in time", "look whether it was done, and at the directory's load and logs")
            }
        };
        Self::new(step, server, doing, remedy)
    }

    /// All servers failed: the first one's step, and what each of them said.
    pub(crate) fn of_all(failures: Vec<Self>) -> Self {
        let what = failures.iter().map(|failure| failure.what.as_str()).collect::<Vec<_>>().join("; ");
        let first = failures.into_iter().next();
        let (step, remedy) = first.map_or((Step::Tcp, ""), |first| (first.step, first.remedy));
        Self { step, what, remedy }
    }

    /// What a failed handshake means. `trust` says where the trusted authorities come from.
    pub(crate) fn handshake(server: &str, trust: &str, error: &LdapError) -> Self {
        let failure = |what: &dyn fmt::Display, remedy: &'static str| Self::new(Step::Tls, server, what, remedy);
        if let LdapError::LdapResult { result } = error {
            let what = format!("the server refuses StartTLS: {}", told(result));
            return failure(&what, "use ldaps://, or give the server a certificate");
        }
        match rustls_error(error) {
            Some(rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer)) => failure(
                &format_args!("the server's certificate is not of an authority in {trust}"),
                "put the certificate of the authority that signed the server's into the file that `ca` names",
            ),
            Some(rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => failure(
                &"the server's certificate is for another name",
                "write in `urls` a name that the certificate has",
            ),
            Some(rustls::Error::InvalidCertificate(
                CertificateError::Expired | CertificateError::ExpiredContext { .. },
            )) => failure(&"the server's certificate has expired", "renew the server's certificate"),
            Some(rustls::Error::InvalidMessage(_)) => {
                failure(&"the port does not speak TLS", "use the port of ldaps, or ldap:// with `starttls = true`")
            }
            Some(error) => failure(&error, "check the server's certificate and TLS settings"),
            None => failure(
                &error,
                "check that the port speaks TLS: ldaps:// has one of its own, ldap:// wants `starttls = true`",
            ),
        }
    }

    /// What a refused bind of the service account means.
    pub(crate) fn service_bind(server: &str, dn: &str, result: &LdapResult) -> Self {
        let remedy = match result.rc {
            // RFC 4511 §4.1.9: invalidCredentials, noSuchObject, invalidDNSyntax, inappropriateAuthentication.
            49 | 32 | 34 | 48 => "correct `bind_dn` or the secret that `bind_password` names",
            // strongerAuthRequired, confidentialityRequired.
            8 | 13 => "the server demands encryption: use ldaps:// or set `starttls = true`",
            _ => "look at the directory's log",
        };
        Self::new(Step::Bind, server, format_args!("bind as {dn}: {}", told(result)), remedy)
    }

    /// What a refused search means.
    pub(crate) fn search(server: &str, base: &str, result: &LdapResult) -> Self {
        let remedy = match result.rc {
            32 => "correct `base`, `people_base` or `groups_base`, and let `bind_dn` read there",
            10 => "the server refers to another one for this base: name that one in `urls`",
            4 | 11 => "raise the server's size limit for `bind_dn`, or let it page",
            3 => "raise the server's time limit for `bind_dn`, or index what the filters use",
            1 | 8 | 13 | 50 => "let `bind_dn` search there; the server may demand encryption or a bind",
            _ => "look at the directory's log",
        };
        Self::new(Step::Search, server, format_args!("search below {base}: {}", told(result)), remedy)
    }
}

/// A result in words: its name, its number, and what the server said.
pub(crate) fn told(result: &LdapResult) -> String {
    // The library's text is `rc=49 (invalidCredentials), dn: "", text: ""`.
    let text = result.to_string();
    let name = text.split_once('(').and_then(|(_, rest)| rest.split_once(')')).map_or("result", |(name, _)| name);
    match result.text.trim() {
        "" => format!("{name} ({})", result.rc),
        said => format!("{name} ({}), {said}", result.rc),
    }
}

fn rustls_error(error: &LdapError) -> Option<&rustls::Error> {
    match error {
        LdapError::Rustls { source } => Some(source),
        LdapError::Io { source } => source.get_ref()?.downcast_ref(),
        _ => None,
    }
}

/// Why a TCP connection failed, in words.
pub(crate) fn unconnected(server: &str, error: &io::Error) -> Failure {
    let remedy = match error.kind() {
        io::ErrorKind::ConnectionRefused => "start the directory, or correct the port in `urls`",
        _ => "check the address in `urls` and the way to it",
    };
    Failure::new(Step::Tcp, server, error, remedy)
}
