//! The adapter's own settings.

use passerelle_core::config::{Block, ConfigFault, SecretSource, around_owner, not_around_owner, owner_path};
use passerelle_model::{Account, Secret};
use serde::Deserialize;
use std::time::Duration;

/// Checked settings.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) name: String,
    /// `host:port`
    pub(crate) address: String,
    pub(crate) share: String,
    /// Where an owner's tree is in the share; empty when the share itself is one.
    pub(crate) path: String,
    /// Whether an owner's root folder is made when it is missing.
    pub(crate) create: bool,
    pub(crate) domain: String,
    /// The service account; each person's own without.
    pub(crate) service: Option<(String, Secret)>,
    pub(crate) timeout: Duration,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    server: String,
    share: String,
    path: String,
    #[serde(default)]
    create: bool,
    #[serde(default)]
    domain: String,
    user: Option<String>,
    password: Option<SecretSource>,
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
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
        if rest.split('/').any(|part| part == "..") || written.path.contains('\\') {
            return Err(block.fault("path goes up, or has a backslash", "write it from the share's root, with slashes"));
        }
        if written.share.contains(['/', '\\']) || written.share.is_empty() {
            return Err(block.fault("share is one name", "write share = \"homes\", and the rest as path"));
        }
        let has_port = written.server.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let address = if has_port { written.server } else { format!("{}:445", written.server) };
        Ok(Self {
            name: format!("{} (//{address}/{})", block.name(), written.share),
            address,
            share: written.share,
            path: written.path.trim_matches('/').to_owned(),
            create: written.create,
            domain: written.domain,
            service,
            timeout: Duration::from_millis(written.timeout_ms),
        })
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
        let settings = read("server = \"smb\"\nshare = \"users\"\npath = \"/x/{institution}-{login}/y\"\n").unwrap();
        assert_eq!(settings.root(&owner), "x/garonne-{institution}/y");
        assert_eq!(settings.address, "smb:445");
    }

    #[test]
    fn faults() {
        for (text, told) in [
            ("share = \"users\"\npath = \"all\"\n", "{login}"),
            ("share = \"users\"\npath = \"../{login}\"\n", "goes up"),
            ("share = \"a/b\"\npath = \"{login}\"\n", "one name"),
            ("share = \"a\"\npath = \"{login}\"\nuser = \"x\"\n", "belong together"),
        ] {
            let fault = read(&format!("server = \"smb\"\n{text}")).unwrap_err().to_string();
            assert!(fault.contains(told), "{fault}");
        }
    }
}
