//! A `[scanners.<name>]` table of kind `rspamd`.

use passerelle_core::config::{Block, ConfigFault, SecretSource};
use passerelle_model::Secret;
use serde::Deserialize;
use std::{fmt, time::Duration};

/// A worker, understood.
pub(crate) struct Worker {
    pub(crate) name: String,
    pub(crate) address: String,
    /// What it asks for, when it does not know us by our address.
    pub(crate) password: Option<Secret>,
    /// For each step; the verdict is one.
    pub(crate) deadline: Duration,
}

impl fmt::Debug for Worker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Worker({})", self.name)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    address: String,
    password: Option<SecretSource>,
    #[serde(default = "thirty_seconds")]
    timeout_ms: u64,
}

const fn thirty_seconds() -> u64 {
    30_000
}

impl Worker {
    pub(crate) fn read(block: &Block) -> Result<Self, ConfigFault> {
        let table: Table = block.parse()?;
        if !table.address.contains(':') || table.address.contains(|it: char| it.is_control() || it == ' ') {
            return Err(block.fault("address has no port", "write host:port of the normal worker"));
        }
        if !(100..=600_000).contains(&table.timeout_ms) {
            return Err(block.fault(format!("timeout_ms is {}", table.timeout_ms), "write 100 to 600000"));
        }
        let password = table.password.as_ref().map(|source| block.secret(source)).transpose()?;
        Ok(Self {
            name: format!("{} (rspamd {})", block.name(), table.address),
            address: table.address,
            password,
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
    fn each_fault_says_what_to_do() {
        for (text, word) in [("address = 'here'", "host:port"), ("address = 'a:1'\ntimeout_ms = 1", "timeout_ms")] {
            let fault = Worker::read(&Block::from_text("x", Path::new("x.toml"), text)).unwrap_err();
            assert!(fault.to_string().contains(word), "{text}: {fault}");
        }
    }

    #[test]
    fn the_password_is_not_printed() {
        let dir = tempfile::tempdir().unwrap();
        std::fs::write(dir.path().join("secret"), "hunter2").unwrap();
        let text = "address = 'a:1'\npassword = { file = 'secret' }";
        let worker = Worker::read(&Block::from_text("x", &dir.path().join("x.toml"), text)).unwrap();
        assert!(!format!("{worker:?}").contains("hunter2"));
    }
}
