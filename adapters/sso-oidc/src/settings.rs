//! The `[realm.<id>.sso.oidc]` table.

use jsonwebtoken::Algorithm;
use passerelle_core::config::{Block, ConfigFault, SecretSource};
use passerelle_fetch::{Client, Url};
use passerelle_model::Secret;
use serde::Deserialize;
use std::{collections::BTreeMap, fmt, path::PathBuf, time::Duration};

/// How the gateway proves to the provider that it is the client (Core §9).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ClientAuth {
    /// `client_secret_basic`
    #[default]
    ClientSecretBasic,
    /// `client_secret_post`
    ClientSecretPost,
}

/// Checked settings.
pub(crate) struct Settings {
    pub(crate) name: String,
    pub(crate) label: BTreeMap<String, String>,
    /// As the provider writes it, octet by octet: tokens name it (Core §3.1.3.7).
    pub(crate) issuer: String,
    pub(crate) discovery: Url,
    pub(crate) client_id: String,
    pub(crate) client_secret: Secret,
    pub(crate) client_auth: ClientAuth,
    pub(crate) scopes: String,
    /// The claim with the login.
    pub(crate) subject: String,
    pub(crate) algorithms: Vec<Algorithm>,
    /// Whether back-ends are shown the access token.
    pub(crate) tokens: bool,
    /// For whom the access token is asked for (RFC 8707).
    pub(crate) resource: Option<String>,
    /// Whom a token must be made out to that a program brings; without it none is taken.
    pub(crate) programs_audience: Option<String>,
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
    issuer: String,
    client_id: String,
    client_secret: SecretSource,
    #[serde(default)]
    client_auth: ClientAuth,
    #[serde(default = "scopes")]
    scopes: Vec<String>,
    #[serde(default = "subject")]
    subject: String,
    #[serde(default = "algorithms")]
    algorithms: Vec<Algorithm>,
    #[serde(default)]
    tokens: bool,
    resource: Option<String>,
    programs_audience: Option<String>,
    ca: Option<PathBuf>,
    #[serde(default)]
    label: BTreeMap<String, String>,
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
}

fn scopes() -> Vec<String> {
    ["openid", "profile", "email"].map(str::to_owned).into()
}
fn subject() -> String {
    "sub".to_owned()
}
fn algorithms() -> Vec<Algorithm> {
    vec![Algorithm::RS256, Algorithm::PS256, Algorithm::ES256, Algorithm::EdDSA]
}
const fn ten_seconds() -> u64 {
    10_000
}

impl Settings {
    pub(crate) fn read(block: &Block) -> Result<Self, ConfigFault> {
        let table: Table = block.parse()?;
        let remedy = "write the issuer as the provider does, such as https://idp.univ.fr/realms/univ";
        let url = Url::parse(&table.issuer).map_err(|error| block.fault(format!("issuer: {error}"), remedy))?;
        if !matches!(url.scheme(), "https" | "http") || url.host().is_none() || url.query().is_some() {
            return Err(block.fault("issuer is no address", remedy));
        }
        if table.algorithms.is_empty() || table.algorithms.iter().any(|algorithm| symmetric(*algorithm)) {
            let what = "algorithms: only those with a public key prove who signed";
            return Err(block.fault(what, "list some of RS256, PS256, ES256, ES384, EdDSA"));
        }
        if !table.scopes.iter().any(|scope| scope == "openid") {
            return Err(block.fault("scopes has no openid", "without it there is no identity token"));
        }
        // Whoever is given an identity token for us could show it as the person's access token.
        if table.programs_audience.as_ref().is_some_and(|audience| audience.is_empty() || *audience == table.client_id)
        {
            let what = "programs_audience: identity tokens are made out to the client_id, so it must be another name";
            return Err(block.fault(what, "write the audience that the provider gives to access tokens for mail"));
        }
        // Discovery 1.0 §4: behind the issuer's path.
        let discovery = format!("{}/.well-known/openid-configuration", table.issuer.trim_end_matches('/'));
        let discovery = Url::parse(&discovery).map_err(|error| block.fault(error, remedy))?;
        Ok(Self {
            name: format!("{} ({})", block.name(), table.issuer),
            label: table.label,
            discovery,
            client_secret: block.secret(&table.client_secret)?,
            client_auth: table.client_auth,
            client_id: table.client_id,
            scopes: table.scopes.join(" "),
            subject: table.subject,
            algorithms: table.algorithms,
            tokens: table.tokens,
            resource: table.resource,
            programs_audience: table.programs_audience,
            client: Client::new(block, table.ca.as_deref(), Duration::from_millis(table.timeout_ms))?,
            issuer: table.issuer,
        })
    }
}

const fn symmetric(algorithm: Algorithm) -> bool {
    matches!(algorithm, Algorithm::HS256 | Algorithm::HS384 | Algorithm::HS512)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn what_cannot_be_is_said() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("secret"), "hunter2").unwrap();
        let read = |text: &str| {
            let whole = format!("client_id = \"gw\"\nclient_secret = {{ file = \"secret\" }}\n{text}");
            Settings::read(&Block::from_text("x.sso.oidc", &folder.path().join("passerelle.toml"), &whole))
        };
        for (text, said) in [
            ("issuer = \"idp.univ.fr\"", "https://idp.univ.fr/realms/univ"),
            ("issuer = \"https://a\"\nalgorithms = [\"HS256\"]", "public key"),
            ("issuer = \"https://a\"\nalgorithms = []", "public key"),
            ("issuer = \"https://a\"\nscopes = [\"email\"]", "openid"),
            ("issuer = \"https://a\"\nscope = \"email\"", "scope"),
            ("issuer = \"https://a\"\nprograms_audience = \"gw\"", "programs_audience"),
            ("issuer = \"https://a\"\nprograms_audience = \"\"", "programs_audience"),
        ] {
            assert!(read(text).unwrap_err().to_string().contains(said), "{text}");
        }
        let settings = read("issuer = \"http://127.0.0.1:1/realms/x/\"").unwrap();
        assert_eq!(settings.discovery.as_str(), "http://127.0.0.1:1/realms/x/.well-known/openid-configuration");
        assert!(!format!("{settings:?}").contains("hunter2"));
    }
}
