//! The `[submission]` table of an institution.

use passerelle_core::config::{Block, ConfigFault, SecretSource, trust};
use passerelle_model::Secret;
use rustls_pki_types::ServerName;
use serde::Deserialize;
use std::{fmt, ops::RangeInclusive, path::PathBuf, time::Duration};
use tokio_rustls::TlsConnector;

/// What deadlines may be, in milliseconds.
const TIMEOUTS: RangeInclusive<u64> = 100..=3_600_000;

/// How the MTA is spoken to.
#[derive(Clone)]
pub(crate) enum Security {
    /// In clear, inside the campus.
    Clear,
    /// In clear until STARTTLS (RFC 3207), and not at all without.
    Starttls(TlsConnector),
    /// TLS from the first octet (RFC 8314 §3.3).
    Implicit(TlsConnector),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TlsMode {
    None,
    Starttls,
    Implicit,
}

/// An MTA, understood.
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) server_name: ServerName<'static>,
    pub(crate) security: Security,
    /// How the gateway logs in; `None` where the MTA knows it by its address.
    pub(crate) login: Option<Service>,
    /// What the gateway calls itself; `None` is its own address (RFC 5321 §4.1.3).
    pub(crate) helo: Option<String>,
    /// Whether the MTA's log is told where the client is.
    pub(crate) forward_client: bool,
    /// For each answer but the last, and for the way there as a whole.
    pub(crate) deadline: Duration,
    /// For the answer to the message.
    pub(crate) final_deadline: Duration,
}

/// The gateway's own log-in.
#[derive(Clone)]
pub(crate) struct Service {
    pub(crate) user: String,
    pub(crate) password: Secret,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Server({} at {})", self.name, self.address)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    address: String,
    tls: TlsMode,
    ca: Option<PathBuf>,
    server_name: Option<String>,
    login: Option<LoginTable>,
    helo: Option<String>,
    #[serde(default)]
    forward_client: bool,
    #[serde(default = "thirty_seconds")]
    timeout_ms: u64,
    #[serde(default = "ten_minutes")]
    final_timeout_ms: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct LoginTable {
    user: String,
    password: SecretSource,
}

const fn thirty_seconds() -> u64 {
    30_000
}
/// RFC 5321 §4.5.3.2.6: an answer that is not waited for is a message sent twice.
const fn ten_minutes() -> u64 {
    600_000
}

impl Server {
    pub(crate) fn read(block: &Block) -> Result<Self, ConfigFault> {
        let table: Table = block.parse()?;
        let host = table.address.rsplit_once(':').map(|(host, _)| host.trim_matches(['[', ']']));
        let host = host.ok_or_else(|| block.fault("address has no port", "write host:port"))?;
        let server_name = ServerName::try_from(table.server_name.as_deref().unwrap_or(host).to_owned())
            .map_err(|error| block.fault(error, "give the name in the MTA's certificate as server_name"))?;
        let login = match table.login {
            None => None,
            Some(LoginTable { user, password }) => {
                if user.is_empty() || user.contains(char::is_control) {
                    return Err(block.fault("login.user is no login", "write the account that the MTA knows"));
                }
                Some(Service { user, password: block.secret(&password)? })
            }
        };
        let is_name =
            |text: &String| !text.is_empty() && text.len() <= 255 && text.bytes().all(|it| it.is_ascii_graphic());
        if table.helo.as_ref().is_some_and(|helo| !is_name(helo)) {
            return Err(block.fault("helo is no host name", "write the gateway's own name, or leave it out"));
        }
        let deadline = |key: &str, millis: u64| {
            if TIMEOUTS.contains(&millis) {
                return Ok(Duration::from_millis(millis));
            }
            let remedy = format!("write {} to {}", TIMEOUTS.start(), TIMEOUTS.end());
            Err(block.fault(format!("{key} is {millis}"), remedy))
        };
        Ok(Self {
            name: format!("{} (smtp {})", block.name(), table.address),
            address: table.address,
            server_name,
            security: security(block, table.ca, table.tls)?,
            login,
            helo: table.helo,
            forward_client: table.forward_client,
            deadline: deadline("timeout_ms", table.timeout_ms)?,
            final_deadline: deadline("final_timeout_ms", table.final_timeout_ms)?,
        })
    }
}

fn security(block: &Block, ca: Option<PathBuf>, tls: TlsMode) -> Result<Security, ConfigFault> {
    let connector = || {
        let config = trust(ca.map(|ca| block.resolve(&ca)).as_deref());
        let wrong = |what| block.fault(format!("ca: {what}"), "name the PEM file of the MTA's CA");
        config.map(TlsConnector::from).map_err(wrong)
    };
    Ok(match tls {
        TlsMode::None => Security::Clear,
        TlsMode::Starttls => Security::Starttls(connector()?),
        TlsMode::Implicit => Security::Implicit(connector()?),
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::path::Path;

    fn read(text: &str) -> Result<Server, ConfigFault> {
        Server::read(&Block::from_text("garonne.submission", Path::new("institution.toml"), text))
    }

    #[test]
    fn each_fault_names_its_key() {
        for (text, word) in [
            ("address = '127.0.0.1'\ntls = 'none'", "host:port"),
            ("address = '127.0.0.1:25'\ntls = 'maybe'", "tls"),
            ("address = '127.0.0.1:25'\ntls = 'implicit'\nca = 'nowhere.pem'", "nowhere.pem"),
            ("address = '127.0.0.1:25'\ntls = 'none'\nhelo = 'a b'", "helo"),
            ("address = '127.0.0.1:25'\ntls = 'none'\ntimeout_ms = 1", "timeout_ms"),
            ("address = '127.0.0.1:25'\ntls = 'none'\nfinal_timeout_ms = 0", "final_timeout_ms"),
            ("address = '127.0.0.1:25'\ntls = 'none'\nlogin = { user = '', password = { env = 'X' } }", "login.user"),
            ("address = '127.0.0.1:25'\ntls = 'none'\nqueue = 'here'", "queue"),
        ] {
            let fault = read(text).unwrap_err();
            assert!(fault.to_string().contains(word), "{text}: {fault}");
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("mta"), "hunter2").unwrap();
        let text = "address = '127.0.0.1:25'\ntls = 'none'\nlogin = { user = 'gateway', password = { file = 'mta' } }";
        let server = Server::read(&Block::from_text("x", &dir.path().join("institution.toml"), text)).unwrap();
        assert!(!format!("{server:?}").contains("hunter2"));
        assert_eq!(server.final_deadline, Duration::from_secs(600));
    }
}
