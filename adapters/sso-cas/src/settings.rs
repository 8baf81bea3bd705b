//! The `[realm.<id>.sso.cas]` table.

use aws_lc_rs::rsa::{Pkcs1PrivateDecryptingKey, PrivateDecryptingKey};
use base64::{Engine, engine::general_purpose::STANDARD};
use passerelle_core::config::{Block, ConfigFault, Network, SecretSource};
use passerelle_fetch::{Client, Url};
use passerelle_model::Secret;
use serde::Deserialize;
use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

/// Which version of the protocol the server is asked by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// `/validate`: a login and nothing else.
    One,
    /// `/serviceValidate`: no attributes, as specified.
    Two,
    /// `/p3/serviceValidate`.
    Three,
}

/// How a proxy-granting ticket comes.
pub(crate) enum Proxy {
    /// Not at all.
    Off,
    /// By a call of the server to us, at this origin, or at the one that the browser sees.
    Callback(Option<String>),
    /// In the answer, encrypted to our key (CAS 5 and later).
    Attribute(Pkcs1PrivateDecryptingKey),
}

/// Checked settings.
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) label: BTreeMap<String, String>,
    pub(crate) url: Url,
    pub(crate) version: Version,
    /// The attribute that has the login; the user whom CAS names, when there is none.
    pub(crate) subject: Option<String>,
    pub(crate) proxy: Proxy,
    /// Where the server's own calls come from; where its name leads, when the settings say nothing.
    pub(crate) calls_from: Vec<Network>,
    pub(crate) client: Client,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Settings({})", self.name)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    url: String,
    #[serde(default)]
    label: BTreeMap<String, String>,
    ca: Option<PathBuf>,
    #[serde(default = "three")]
    protocol: u8,
    subject: Option<String>,
    #[serde(default)]
    proxy: ProxyWord,
    callback: Option<String>,
    key: Option<SecretSource>,
    #[serde(default)]
    calls_from: Vec<Network>,
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
}

#[derive(Default, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum ProxyWord {
    #[default]
    Off,
    Callback,
    Attribute,
}

const fn three() -> u8 {
    3
}
const fn ten_seconds() -> u64 {
    10_000
}

impl Settings {
    pub(crate) fn read(block: &Block) -> Result<Self, ConfigFault> {
        let table: Table = block.parse()?;
        let remedy = "write the address of the CAS server, such as https://cas.univ.fr/cas";
        let mut url = Url::parse(&table.url).map_err(|error| block.fault(format!("url: {error}"), remedy))?;
        if !matches!(url.scheme(), "https" | "http") || url.host().is_none() || url.query().is_some() {
            return Err(block.fault("url is no address of a server", remedy));
        }
        let path = url.path().trim_end_matches('/').to_owned();
        url.set_path(&path);
        let version = match table.protocol {
            1 => Version::One,
            2 => Version::Two,
            3 => Version::Three,
            other => return Err(block.fault(format!("protocol {other} is none"), "write 1, 2 or 3")),
        };
        if table.proxy != ProxyWord::Off && version == Version::One {
            return Err(block.fault("CAS 1 has no proxy tickets", "leave proxy out, or write protocol = 3"));
        }
        if let Some(subject) = table.subject.as_ref().filter(|_| version != Version::Three) {
            return Err(block.fault(
                format!("subject {subject}: CAS before 3 gives no attributes"),
                "leave subject out, or write protocol = 3",
            ));
        }
        Ok(Self {
            name: format!("{} ({})", block.name(), table.url),
            label: table.label,
            url,
            version,
            subject: table.subject,
            proxy: proxy(block, table.proxy, table.callback, table.key.as_ref())?,
            calls_from: table.calls_from,
            client: Client::new(block, table.ca.as_deref(), Duration::from_millis(table.timeout_ms))?,
        })
    }
}

fn proxy(
    block: &Block,
    word: ProxyWord,
    callback: Option<String>,
    key: Option<&SecretSource>,
) -> Result<Proxy, ConfigFault> {
    match (word, callback, key) {
        (ProxyWord::Off, None, None) => Ok(Proxy::Off),
        (ProxyWord::Callback, callback, None) => {
            let usable =
                |origin: &str| Url::parse(origin).is_ok_and(|url| url.scheme() == "https" && url.path() == "/");
            match callback {
                Some(origin) if !usable(&origin) => Err(block.fault(
                    format!("callback {origin} is no https origin"),
                    "write scheme, host and port as the CAS server reaches this gateway",
                )),
                callback => Ok(Proxy::Callback(callback.map(|origin| origin.trim_end_matches('/').to_owned()))),
            }
        }
        (ProxyWord::Attribute, None, Some(key)) => Ok(Proxy::Attribute(private_key(block, &block.secret(key)?)?)),
        (ProxyWord::Attribute, _, None) => {
            Err(block.fault("proxy = \"attribute\" without key", "name the RSA key whose public half the server has"))
        }
        (ProxyWord::Off | ProxyWord::Attribute, Some(_), _) | (ProxyWord::Off | ProxyWord::Callback, _, Some(_)) => {
            Err(block.fault("callback or key does not go with proxy", "remove what is not used"))
        }
    }
}

/// An RSA key as PKCS #8 in PEM.
fn private_key(block: &Block, pem: &Secret) -> Result<Pkcs1PrivateDecryptingKey, ConfigFault> {
    let remedy = "give an RSA key in PKCS #8: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048";
    let wrong = || block.fault("key is no RSA key in PKCS #8", remedy);
    let text = pem.expose_str().ok_or_else(wrong)?;
    let (_, rest) = text.split_once("-----BEGIN PRIVATE KEY-----").ok_or_else(wrong)?;
    let (inside, _) = rest.split_once("-----END PRIVATE KEY-----").ok_or_else(wrong)?;
    let inside: String = inside.split_whitespace().collect();
    let der = Secret::new(STANDARD.decode(inside).map_err(|_| wrong())?);
    let key = PrivateDecryptingKey::from_pkcs8(der.expose()).map_err(|_| wrong())?;
    Pkcs1PrivateDecryptingKey::new(key).map_err(|_| wrong())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use std::path::Path;

    #[track_caller]
    fn check(text: &str, said: &str) {
        let fault = Settings::read(&Block::from_text("garonne.sso.cas", Path::new("passerelle.toml"), text));
        assert!(fault.unwrap_err().to_string().contains(said), "{text}");
    }

    #[test]
    fn what_cannot_be_is_said() {
        check("url = \"cas.univ.fr\"", "https://cas.univ.fr/cas");
        check("url = \"ldap://cas.univ.fr/\"", "no address");
        check("url = \"https://a/cas\"\nprotocol = 4", "1, 2 or 3");
        check("url = \"https://a/cas\"\nprotocol = 1\nproxy = \"callback\"", "no proxy tickets");
        check("url = \"https://a/cas\"\nprotocol = 2\nsubject = \"uid\"", "no attributes");
        check("url = \"https://a/cas\"\nproxy = \"callback\"\ncallback = \"http://a\"", "https origin");
        check("url = \"https://a/cas\"\nproxy = \"attribute\"", "without key");
        check("url = \"https://a/cas\"\ncallback = \"https://a\"", "not used");
        check("url = \"https://a/cas\"\nca = \"nowhere.pem\"", "nowhere.pem");
        check("url = \"https://a/cas\"\ncalls_from = [\"x\"]", "10.0.0.0/8");
    }
}
