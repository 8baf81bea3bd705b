//! The adapter's own settings.

use passerelle_core::config::{Block, ConfigFault, SecretSource, around_owner, not_around_owner, owner_path};
use passerelle_model::{Account, Secret};
use russh::keys::{HashAlg, PrivateKey, PublicKey, decode_secret_key};
use serde::Deserialize;
use std::{fmt, sync::Arc, time::Duration};

/// Checked settings.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) name: String,
    /// `host:port`
    pub(crate) address: String,
    /// The fingerprints of keys that the server may show, as `ssh-keygen -l` writes them.
    pub(crate) host_keys: Vec<String>,
    /// Where an owner's tree is on the server; relative to where the account begins unless it begins with a slash.
    path: String,
    /// Whether an owner's root folder is made when it is missing.
    pub(crate) create: bool,
    /// Whether a write is on the server's disk before it is acknowledged, where the server can.
    pub(crate) fsync: bool,
    /// The service account; each person's own without.
    pub(crate) service: Option<(String, Proof)>,
    pub(crate) timeout: Duration,
}

/// What an account proves itself with.
#[derive(Clone)]
pub(crate) enum Proof {
    Password(Secret),
    Key(Arc<PrivateKey>),
}

impl fmt::Debug for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Password(_) => "Password",
            Self::Key(_) => "Key",
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    server: String,
    host_keys: Vec<String>,
    path: String,
    #[serde(default)]
    create: bool,
    #[serde(default = "yes")]
    fsync: bool,
    user: Option<String>,
    password: Option<SecretSource>,
    key: Option<SecretSource>,
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
}

const fn yes() -> bool {
    true
}

const fn ten_seconds() -> u64 {
    10_000
}

impl Settings {
    pub(crate) fn read(block: &Block) -> Result<Self, ConfigFault> {
        let written: Written = block.parse()?;
        let service = match (written.user, &written.password, &written.key) {
            (Some(user), Some(password), None) => Some((user, Proof::Password(block.secret(password)?))),
            (Some(user), None, Some(key)) => Some((user, Proof::Key(private_key(block, &block.secret(key)?)?))),
            (None, None, None) => None,
            _ => {
                let what = "user belongs together with one of password and key";
                return Err(block.fault(what, "write user and one of them, or none of the three"));
            }
        };
        let Some(rest) = around_owner(block, &written.path) else {
            return Err(block.fault(not_around_owner(block), "write path = \"{login}\", in a space without it"));
        };
        if rest.split('/').any(|part| part == "..") {
            return Err(block.fault("path goes up", "write it from where the account begins, or from the root"));
        }
        if written.host_keys.is_empty() {
            let todo = "write the fingerprint that `ssh-keygen -lf` tells of the server's public key";
            return Err(block.fault("host_keys is empty: any server could take its place", todo));
        }
        let host_keys = written.host_keys.iter().map(|key| {
            fingerprint(key).ok_or_else(|| {
                let what = format!("host_keys: {key:?} is neither a public key nor a fingerprint");
                block.fault(what, "write it as ssh-ed25519 AAAA..., or as SHA256:...")
            })
        });
        let host_keys = host_keys.collect::<Result<_, _>>()?;
        let has_port = written.server.rsplit_once(':').is_some_and(|(_, port)| port.parse::<u16>().is_ok());
        let address = if has_port { written.server } else { format!("{}:22", written.server) };
        Ok(Self {
            name: format!("{} (sftp://{address})", block.name()),
            address,
            host_keys,
            path: written.path.trim_end_matches('/').to_owned(),
            create: written.create,
            fsync: written.fsync,
            service,
            timeout: Duration::from_millis(written.timeout_ms),
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

fn private_key(block: &Block, secret: &Secret) -> Result<Arc<PrivateKey>, ConfigFault> {
    let text = secret.expose_str().unwrap_or_default();
    // A secret is read without its last line end, which the format demands.
    let key = decode_secret_key(&format!("{}\n", text.trim_end()), None);
    let todo = "name a private key as ssh-keygen makes it, without a passphrase";
    key.map(Arc::new).map_err(|error| block.fault(format!("key: {error}"), todo))
}

/// `SHA256:` and the digest in Base64, of a key as `known_hosts` has it or of a fingerprint.
fn fingerprint(written: &str) -> Option<String> {
    if let Some(digest) = written.strip_prefix("SHA256:") {
        // 32 octets in Base64 without padding.
        let fits = digest.len() == 43 && digest.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '/'));
        return fits.then(|| written.to_owned());
    }
    let key = PublicKey::from_openssh(written.trim()).ok()?;
    Some(key.fingerprint(HashAlg::Sha256).to_string())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_model::{AccountId, InstitutionId};
    use std::path::Path;

    const KEY: &str = "SHA256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn read(text: &str) -> Result<Settings, ConfigFault> {
        Settings::read(&Block::from_text("garonne.files", Path::new("x.toml"), text))
    }

    #[test]
    fn where_trees_are() {
        let owner = Account {
            institution: InstitutionId::parse("garonne").unwrap(),
            id: AccountId::parse("{institution}").unwrap(),
        };
        let text = format!("server = \"sftp\"\nhost_keys = [{KEY:?}]\npath = \"/x/{{institution}}-{{login}}/\"\n");
        let settings = read(&text).unwrap();
        assert_eq!(settings.root(&owner), "/x/garonne-{institution}");
        assert_eq!(settings.address, "sftp:22");
    }

    #[test]
    fn keys_of_servers() {
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF5NxYh5zj9nXMUFXGmBL4M54vdCdxpCSvQ4tKYfuGry host";
        assert!(fingerprint(key).unwrap().starts_with("SHA256:"));
        assert_eq!(fingerprint(KEY).as_deref(), Some(KEY));
        for wrong in ["", "SHA256:x", "MD5:00", "ssh-ed25519 x"] {
            assert_eq!(fingerprint(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn faults() {
        let with = |keys: &str, more: &str| format!("server = \"sftp\"\nhost_keys = [{keys}]\n{more}");
        let key = format!("{KEY:?}");
        for (text, told) in [
            (with(&key, "path = \"all\"\n"), "{login}"),
            (with(&key, "path = \"../{login}\"\n"), "goes up"),
            (with("", "path = \"{login}\"\n"), "host_keys is empty"),
            (with("\"x\"", "path = \"{login}\"\n"), "neither"),
            (with(&key, "path = \"{login}\"\nuser = \"x\"\n"), "belongs together"),
            ("server = \"sftp\"\npath = \"{login}\"\n".to_owned(), "host_keys"),
        ] {
            let fault = read(&text).unwrap_err().to_string();
            assert!(fault.contains(told), "{fault}");
        }
    }
}
