//! The `[mail]` table of an institution.

use crate::{kept::Kept, watch::MOST_WATCHES};
use passerelle_core::config::{Block, ConfigFault, SecretSource, trust};
use passerelle_model::Secret;
use rustls_pki_types::ServerName;
use serde::Deserialize;
use std::{
    fmt,
    num::NonZeroU16,
    path::PathBuf,
    sync::{Arc, OnceLock},
    time::Duration,
};
use tokio::sync::Semaphore;
use tokio_rustls::TlsConnector;

/// How the store is spoken to.
#[derive(Clone)]
pub(crate) enum Security {
    /// In clear, inside the campus.
    Clear,
    /// In clear until STARTTLS.
    Starttls(TlsConnector),
    /// TLS from the first octet (RFC 8314).
    Implicit(TlsConnector),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TlsMode {
    None,
    Starttls,
    Implicit,
}

/// How the gateway logs in for a person.
#[derive(Clone)]
pub(crate) enum AsUser {
    /// SASL PLAIN: authorization identity, master, master's password (RFC 4616 §2).
    Authzid { user: String, password: Secret },
    /// SASL PLAIN as `login<separator>master`.
    Separator { user: String, password: Secret, separator: char },
    /// The person's own password; impossible for who came by a cookie without one, or with an app password.
    OwnPassword,
}

/// The two mechanisms for tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum BearerMechanism {
    /// RFC 7628.
    Oauthbearer,
    /// Google's, which came before it.
    Xoauth2,
}

/// A store, understood.
pub(crate) struct Store {
    pub(crate) name: String,
    pub(crate) address: String,
    pub(crate) server_name: ServerName<'static>,
    pub(crate) security: Security,
    pub(crate) as_user: AsUser,
    /// The store's name at the CAS server, byte for byte as the store gives it there, when it takes proxy tickets.
    pub(crate) ticket_service: Option<String>,
    /// How the store takes tokens of a person's sign-on, when it does.
    pub(crate) bearer: Option<BearerMechanism>,
    pub(crate) forward_client: bool,
    pub(crate) deadline: Duration,
    /// What stands between the levels of names, once the store has said it.
    pub(crate) delimiter: OnceLock<Option<char>>,
    /// Connections that wait for the same person's next request.
    pub(crate) kept: Kept,
    /// Places for those who wait for what happens.
    pub(crate) watches: Arc<Semaphore>,
    /// Who may be logging in at one moment: a store that comes back is not run down by all who were waiting for it.
    pub(crate) entrance: Semaphore,
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Store({} at {})", self.name, self.address)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    address: String,
    tls: TlsMode,
    ca: Option<PathBuf>,
    server_name: Option<String>,
    #[serde(default)]
    master: Option<Master>,
    ticket_service: Option<String>,
    bearer: Option<BearerMechanism>,
    #[serde(default = "yes")]
    forward_client: bool,
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
    #[serde(default = "logins_at_once")]
    logins_at_once: NonZeroU16,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Master {
    user: String,
    password: SecretSource,
    separator: Option<char>,
}

const fn yes() -> bool {
    true
}
const fn ten_seconds() -> u64 {
    10_000
}

const fn logins_at_once() -> NonZeroU16 {
    NonZeroU16::MIN.saturating_add(63)
}

impl Store {
    pub(crate) fn read(block: &Block) -> Result<Self, ConfigFault> {
        let table: Table = block.parse()?;
        let host = table.address.rsplit_once(':').map(|(host, _)| host.trim_matches(['[', ']']));
        let host = host.ok_or_else(|| block.fault("address has no port", "write host:port"))?;
        let server_name = ServerName::try_from(table.server_name.as_deref().unwrap_or(host).to_owned())
            .map_err(|error| block.fault(error, "give the name in the store's certificate as server_name"))?;
        let as_user = match table.master {
            None => AsUser::OwnPassword,
            Some(Master { user, password, separator }) => {
                let password = block.secret(&password)?;
                match separator {
                    Some(separator) => AsUser::Separator { user, password, separator },
                    None => AsUser::Authzid { user, password },
                }
            }
        };
        Ok(Self {
            name: format!("{} (imap {})", block.name(), table.address),
            address: table.address,
            server_name,
            security: security(block, table.ca, table.tls)?,
            as_user,
            ticket_service: table.ticket_service,
            bearer: table.bearer,
            forward_client: table.forward_client,
            deadline: Duration::from_millis(table.timeout_ms),
            delimiter: OnceLock::new(),
            kept: Kept::default(),
            watches: Arc::new(Semaphore::new(MOST_WATCHES)),
            entrance: Semaphore::new(table.logins_at_once.get().into()),
        })
    }
}

fn security(block: &Block, ca: Option<PathBuf>, tls: TlsMode) -> Result<Security, ConfigFault> {
    let connector = || {
        let config = trust(ca.map(|ca| block.resolve(&ca)).as_deref());
        let wrong = |what| block.fault(format!("ca: {what}"), "name the PEM file of the store's CA");
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

    #[test]
    fn a_fault_says_what_to_do() {
        let block = |text| Block::from_text("garonne.mail", Path::new("institution.toml"), text);
        let fault = Store::read(&block("address = \"127.0.0.1\"\ntls = \"none\"")).unwrap_err();
        assert!(fault.to_string().contains("host:port"), "{fault}");
        let text = "address = \"127.0.0.1:993\"\ntls = \"implicit\"\nca = \"nowhere.pem\"";
        let fault = Store::read(&block(text)).unwrap_err();
        assert!(fault.to_string().contains("nowhere.pem"), "{fault}");
    }

    #[test]
    fn the_masters_password_is_not_printed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("master"), "gw-secret").unwrap();
        let text = "address = \"127.0.0.1:143\"\ntls = \"none\"\nmaster = { user = \"gateway\", password = { file = \"master\" } }";
        let store = Store::read(&Block::from_text("x", &dir.path().join("institution.toml"), text)).unwrap();
        assert!(!format!("{store:?}").contains("gw-secret"));
    }
}
