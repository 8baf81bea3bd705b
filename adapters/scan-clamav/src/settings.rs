//! A `[scanners.<name>]` table of kind `clamd`.

use passerelle_core::config::{Block, ConfigFault};
use serde::Deserialize;
use std::{path::PathBuf, time::Duration};

/// A clamd, understood.
pub(crate) struct Clamd {
    pub(crate) name: String,
    pub(crate) address: Address,
    /// For each step; the verdict is one.
    pub(crate) deadline: Duration,
}

/// Where it listens.
pub(crate) enum Address {
    Tcp(String),
    Unix(PathBuf),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    address: String,
    #[serde(default = "thirty_seconds")]
    timeout_ms: u64,
}

const fn thirty_seconds() -> u64 {
    30_000
}

impl Clamd {
    pub(crate) fn read(block: &Block) -> Result<Self, ConfigFault> {
        let table: Table = block.parse()?;
        let address = match table.address.strip_prefix("unix:") {
            Some(path) => Address::Unix(block.resolve(path.as_ref())),
            None if table.address.contains(':') => Address::Tcp(table.address.clone()),
            None => return Err(block.fault("address has no port", "write host:port, or unix:/path/of/the/socket")),
        };
        if !(100..=600_000).contains(&table.timeout_ms) {
            return Err(block.fault(format!("timeout_ms is {}", table.timeout_ms), "write 100 to 600000"));
        }
        Ok(Self {
            name: format!("{} (clamd {})", block.name(), table.address),
            address,
            deadline: Duration::from_millis(table.timeout_ms),
        })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;
    use std::path::Path;

    #[test]
    fn each_fault_says_what_to_do() {
        for (text, word) in
            [("address = 'here'", "host:port"), ("address = 'a:1'\ntimeout_ms = 1", "timeout_ms"), ("a = 1", "a")]
        {
            let fault = Clamd::read(&Block::from_text("x", Path::new("x.toml"), text)).err().unwrap();
            assert!(fault.to_string().contains(word), "{text}: {fault}");
        }
    }
}
