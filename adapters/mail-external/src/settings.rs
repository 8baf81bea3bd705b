//! The `[external_mail]` table of an institution.

use passerelle_core::config::{Block, ConfigFault, Network, trust};
use passerelle_fetch::Dialled;
use serde::Deserialize;
use std::{path::PathBuf, time::Duration};
use tokio_rustls::TlsConnector;

/// The table, understood.
pub(crate) struct Settings {
    pub(crate) dialled: Dialled,
    pub(crate) ports: Vec<u16>,
    /// Whether a password may go without TLS.
    pub(crate) clear: bool,
    pub(crate) tls: TlsConnector,
    /// For everything from the name to the end of log-in.
    pub(crate) deadline: Duration,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    #[serde(default = "mail_ports")]
    ports: Vec<u16>,
    #[serde(default)]
    allow_networks: Vec<Network>,
    #[serde(default)]
    refuse_networks: Vec<Network>,
    #[serde(default)]
    clear: bool,
    ca: Option<PathBuf>,
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
}

fn mail_ports() -> Vec<u16> {
    vec![993, 143, 995, 110]
}
const fn ten_seconds() -> u64 {
    10_000
}

impl Settings {
    pub(crate) fn read(block: &Block) -> Result<Self, ConfigFault> {
        let table: Table = block.parse()?;
        if table.ports.is_empty() {
            return Err(block.fault("ports: no server can be dialled", "list ports, or take the table away"));
        }
        let config = trust(table.ca.map(|ca| block.resolve(&ca)).as_deref())
            .map_err(|what| block.fault(format!("ca: {what}"), "name a PEM file with the authorities to trust"))?;
        Ok(Self {
            dialled: Dialled { allowed: table.allow_networks, refused: table.refuse_networks },
            ports: table.ports,
            clear: table.clear,
            tls: TlsConnector::from(config),
            deadline: Duration::from_millis(table.timeout_ms),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::path::Path;

    #[test]
    fn faults_say_what_to_do() {
        let read = |text: &str| {
            Settings::read(&Block::from_text("x.external_mail", Path::new("institution.toml"), text)).map(drop)
        };
        for (text, expected) in [
            ("ports = []", "ports"),
            ("allow_networks = [\"campus\"]", "campus"),
            ("ca = \"nowhere.pem\"", "nowhere.pem"),
            ("port = 993", "port"),
        ] {
            let fault = read(text).unwrap_err();
            assert!(fault.to_string().contains(expected), "{fault}");
        }
    }
}
