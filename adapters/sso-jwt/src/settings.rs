//! The `[realm.<id>.sso.jwt]` table.

use jsonwebtoken::{Algorithm, DecodingKey};
use passerelle_core::config::{Block, ConfigFault};
use serde::Deserialize;
use std::{
    fmt,
    path::{Path, PathBuf},
};

/// Most keys: the one in use, and those that run in and out.
const MOST_KEYS: usize = 8;
/// Largest key file, in octets.
const LARGEST_KEY: u64 = 64 * 1024;

/// Checked settings.
pub(crate) struct Settings {
    pub(crate) name: String,
    /// Who signs, as tokens say it (RFC 7519 §4.1.1).
    pub(crate) issuer: String,
    /// What tokens call us (§4.1.3).
    pub(crate) audience: String,
    /// The claim with the login.
    pub(crate) subject: String,
    pub(crate) algorithms: Vec<Algorithm>,
    pub(crate) keys: Vec<Key>,
}

/// A public key, and which algorithms it is for.
pub(crate) struct Key {
    pub(crate) family: Family,
    pub(crate) key: DecodingKey,
}

/// What kind of key verifies an algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Family {
    Rsa,
    Ec,
    Ed,
    /// One secret for who signs and who checks, and what is not known: never taken.
    Unknown,
}

impl Family {
    pub(crate) const fn of(algorithm: Algorithm) -> Self {
        match algorithm {
            Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512 => Self::Rsa,
            Algorithm::ES256 | Algorithm::ES384 => Self::Ec,
            Algorithm::EdDSA => Self::Ed,
            // And whatever a later version of the library knows: not taken until it is listed here.
            _ => Self::Unknown,
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({})", self.name)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    issuer: String,
    audience: String,
    keys: Vec<PathBuf>,
    #[serde(default = "subject")]
    subject: String,
    #[serde(default = "algorithms")]
    algorithms: Vec<Algorithm>,
}

fn subject() -> String {
    "sub".to_owned()
}
fn algorithms() -> Vec<Algorithm> {
    vec![Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA]
}

impl Settings {
    pub(crate) fn read(block: &Block) -> Result<Self, ConfigFault> {
        let table: Table = block.parse()?;
        if table.issuer.is_empty() || table.audience.is_empty() || table.subject.is_empty() {
            let remedy = "write issuer = \"https://ent.univ.fr\" and audience = \"https://office.univ.fr\"";
            return Err(block.fault("issuer, audience or subject is empty", remedy));
        }
        if table.algorithms.is_empty()
            || table.algorithms.iter().any(|algorithm| Family::of(*algorithm) == Family::Unknown)
        {
            let what = "algorithms: only those with a public key prove who signed";
            return Err(block.fault(what, "list some of RS256, PS256, ES256, ES384, EdDSA"));
        }
        if table.keys.is_empty() || table.keys.len() > MOST_KEYS {
            return Err(
                block.fault(format!("keys has 1 to {MOST_KEYS} files"), "name the portal's public keys, in PEM")
            );
        }
        let keys = table.keys.iter().map(|path| key(block, path)).collect::<Result<Vec<_>, _>>()?;
        let unused = |key: &&Key| !table.algorithms.iter().any(|algorithm| Family::of(*algorithm) == key.family);
        if let Some(key) = keys.iter().find(unused) {
            let what = format!("a key of the kind {:?} goes with none of the algorithms", key.family);
            return Err(block.fault(what, "list the algorithm that the portal signs with"));
        }
        Ok(Self {
            name: format!("{} ({})", block.name(), table.issuer),
            issuer: table.issuer,
            audience: table.audience,
            subject: table.subject,
            algorithms: table.algorithms,
            keys,
        })
    }
}

fn key(block: &Block, path: &Path) -> Result<Key, ConfigFault> {
    let full = block.resolve(path);
    let wrong = |what: String| {
        let remedy = "write the portal's public key as PEM: openssl pkey -in portal.key -pubout -out portal.pem";
        block.fault(format!("keys: {}: {what}", full.display()), remedy)
    };
    let length = std::fs::metadata(&full).map_err(|error| wrong(error.to_string()))?.len();
    if length > LARGEST_KEY {
        return Err(wrong("is larger than 64 KiB".to_owned()));
    }
    let pem = std::fs::read(&full).map_err(|error| wrong(error.to_string()))?;
    if pem.windows(11).any(|eleven| eleven == b"PRIVATE KEY") {
        return Err(wrong("is a private key, which only the portal should have".to_owned()));
    }
    let read = [
        (Family::Rsa, DecodingKey::from_rsa_pem(&pem)),
        (Family::Ec, DecodingKey::from_ec_pem(&pem)),
        (Family::Ed, DecodingKey::from_ed_pem(&pem)),
    ];
    let mut read = read.into_iter().filter_map(|(family, key)| Some(Key { family, key: key.ok()? }));
    read.next().ok_or_else(|| wrong("is no public key of RSA, of an elliptic curve or of Ed25519".to_owned()))
}
