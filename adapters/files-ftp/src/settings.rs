//! The adapter's own settings.

use passerelle_core::config::{Block, ConfigFault, SecretSource, around_owner, not_around_owner, owner_path, trust};
use passerelle_model::{Account, Secret};
use rustls_pki_types::ServerName;
use serde::Deserialize;
use std::{net::IpAddr, path::PathBuf, time::Duration};
use tokio_rustls::TlsConnector;

/// Checked settings.
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// How TLS is spoken; in clear without.
    pub(crate) tls: Option<TlsConnector>,
    /// Where an owner's tree is on the server; relative to where the account begins unless it begins with a slash.
    path: String,
    /// Whether an owner's root folder is made when it is missing.
    pub(crate) create: bool,
    /// The service account; each person's own without.
    pub(crate) service: Option<(String, Secret)>,
    pub(crate) timeout: Duration,
    /// Most connections at once.
    pub(crate) connections: usize,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    server: String,
    #[serde(default)]
    tls: Tls,
    ca: Option<PathBuf>,
    path: String,
    #[serde(default)]
    create: bool,
    user: Option<String>,
    password: Option<SecretSource>,
    #[serde(default = "thirty_two")]
    connections: usize,
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
}

#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Tls {
    #[default]
    Explicit,
    Off,
}

const fn thirty_two() -> usize {
    32
}

const fn ten_seconds() -> u64 {
    10_000
}

impl Settings {
    pub(crate) fn read(block: &Block) -> Result<Self, ConfigFault> {
        let written: Written = block.parse()?;
        let service = match (written.user, &written.password) {
            (Some(user), Some(password)) => Some((user, block.secret(password)?)),
            (None, None) => None,
            _ => return Err(block.fault("user and password belong together", "write both, or neither")),
        };
        let Some(rest) = around_owner(block, &written.path) else {
            return Err(block.fault(not_around_owner(block), "write path = \"{login}\", in a space without it"));
        };
        if rest.split('/').any(|part| part == "..") {
            return Err(block.fault("path goes up", "write it from where the account begins, or from the root"));
        }
        if !(4..=1_000).contains(&written.connections) {
            return Err(block.fault("connections is from 4 to 1000", "a copy takes three"));
        }
        let (host, port) = match written.server.rsplit_once(':') {
            Some((host, port)) if port.parse::<u16>().is_ok() => (host.to_owned(), port.parse().unwrap_or(21)),
            _ => (written.server.clone(), 21),
        };
        let here = host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        let tls = match written.tls {
            Tls::Off if here => None,
            Tls::Off => return Err(block.fault("passwords would travel in clear", "leave out tls = \"off\"")),
            Tls::Explicit => {
                let ca = written.ca.map(|path| block.resolve(&path));
                let told = |what| block.fault(format!("ca: {what}"), "name the PEM file of the server's CA");
                if ServerName::try_from(host.clone()).is_err() {
                    return Err(block.fault("server is no name that a certificate could have", "correct server"));
                }
                Some(TlsConnector::from(trust(ca.as_deref()).map_err(told)?))
            }
        };
        Ok(Self {
            name: format!("{} (ftp://{host}:{port})", block.name()),
            host,
            port,
            tls,
            path: written.path.trim_end_matches('/').to_owned(),
            create: written.create,
            service,
            timeout: Duration::from_millis(written.timeout_ms),
            connections: written.connections,
        })
    }

    /// The folder that all trees are in.
    pub(crate) fn top(&self) -> String {
        let fixed = self.path.split('{').next().unwrap_or_default();
        match fixed.rsplit_once('/') {
            Some(("", _)) => "/".to_owned(),
            Some((folder, _)) => folder.to_owned(),
            None => ".".to_owned(),
        }
    }

    /// The root of an owner's tree.
    pub(crate) fn root(&self, owner: &Account) -> String {
        owner_path(&self.path, owner)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_model::{AccountId, InstitutionId};
    use std::path::Path;

    fn read(text: &str) -> Result<Settings, ConfigFault> {
        Settings::read(&Block::from_text("garonne.files", Path::new("x.toml"), text))
    }

    #[test]
    fn where_trees_are() {
        let owner = Account {
            institution: InstitutionId::parse("garonne").unwrap(),
            id: AccountId::parse("{institution}").unwrap(),
        };
        let settings = read("server = \"127.0.0.1\"\ntls = \"off\"\npath = \"/x/{institution}-{login}/\"\n").unwrap();
        assert_eq!(settings.root(&owner), "/x/garonne-{institution}");
        assert_eq!((settings.top().as_str(), settings.port), ("/x", 21));
    }

    #[test]
    fn faults() {
        for (text, told) in [
            ("server = \"ftp\"\npath = \"all\"\n", "{login}"),
            ("server = \"ftp\"\npath = \"../{login}\"\n", "goes up"),
            ("server = \"ftp\"\npath = \"{login}\"\ntls = \"off\"\n", "in clear"),
            ("server = \"ftp\"\npath = \"{login}\"\nuser = \"x\"\n", "belong together"),
            ("server = \"ftp\"\npath = \"{login}\"\nconnections = 1\n", "from 4"),
        ] {
            let fault = read(text).err().unwrap().to_string();
            assert!(fault.contains(told), "{fault}");
        }
    }
}
