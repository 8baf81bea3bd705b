//! The adapter's own settings.

use crate::sign::Signer;
use passerelle_core::config::{Block, ConfigFault, SecretSource, around_owner, not_around_owner, owner_path, trust};
use passerelle_model::{Account, Secret};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::{path::PathBuf, time::Duration};
use url::{Host, Url};

/// Most connections that are kept while nobody uses them.
const MOST_IDLE: usize = 64;
/// How long such a connection is kept; radosgw keeps it for 65 seconds.
const KEPT: Duration = Duration::from_secs(30);
/// How old a transfer is at least that nobody will go on with.
const A_DAY: Duration = Duration::from_secs(24 * 3600);
/// What stands for itself in a key (RFC 3986 §2.3), and what joins its parts.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

/// Checked settings.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) name: String,
    /// Where the bucket is, with a slash at its end.
    pub(crate) base: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) bucket: String,
    region: String,
    /// What an owner's keys begin with, without a slash at either end.
    path: String,
    /// Whether an owner's root folder is made when it is missing.
    pub(crate) create: bool,
    access_key: String,
    secret_key: Secret,
    /// An upload that is not finished after so long never will be.
    pub(crate) abort_after: Duration,
    /// A transfer in which nothing was written for so long is over: no sooner than the gate has it.
    pub(crate) forsaken_after: Duration,
    pub(crate) timeout: Duration,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    endpoint: String,
    bucket: String,
    #[serde(default = "first_region")]
    region: String,
    #[serde(default)]
    style: Style,
    path: String,
    #[serde(default)]
    create: bool,
    access_key: String,
    secret_key: SecretSource,
    ca: Option<PathBuf>,
    #[serde(default = "a_day")]
    abort_after_hours: u32,
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
}

/// Where the bucket's name stands.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Style {
    /// `https://server/bucket/key`
    #[default]
    Path,
    /// `https://bucket.server/key`
    Host,
}

fn first_region() -> String {
    "us-east-1".to_owned()
}

const fn a_day() -> u32 {
    24
}

const fn ten_seconds() -> u64 {
    10_000
}

impl Settings {
    /// The settings, and the client that speaks to the store.
    pub(crate) fn read(block: &Block) -> Result<(Self, reqwest::Client), ConfigFault> {
        let written: Written = block.parse()?;
        let timeout = Duration::from_millis(written.timeout_ms);
        let sample = "write endpoint = \"https://s3.univ.example\"";
        let mut url =
            Url::parse(&written.endpoint).map_err(|error| block.fault(format!("endpoint: {error}"), sample))?;
        let is_bucket = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        if written.bucket.is_empty() || !written.bucket.chars().all(is_bucket) || written.bucket.starts_with('.') {
            return Err(block.fault("bucket is no name of one", "write it as the store knows it"));
        }
        let (Some(host), Some(port)) = (url.host().map(|host| host.to_owned()), url.port_or_known_default()) else {
            return Err(block.fault("endpoint names no server", sample));
        };
        let alone = url.username().is_empty() && url.password().is_none() && url.query().is_none();
        if !alone || url.fragment().is_some() || url.path() != "/" {
            return Err(block.fault("endpoint is scheme and server alone", sample));
        }
        let here = match &host {
            Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        };
        if url.scheme() != "https" && !(url.scheme() == "http" && here) {
            return Err(block.fault("people's files would travel in clear", "write https"));
        }
        let mut path = format!("/{}/", written.bucket);
        if let (Style::Host, Host::Domain(name)) = (written.style, &host) {
            let named = format!("{}.{name}", written.bucket);
            url.set_host(Some(&named))
                .map_err(|error| block.fault(format!("bucket: {error}"), "write style = \"path\""))?;
            "/".clone_into(&mut path);
        }
        let base = format!("{}{path}", url.origin().ascii_serialization());
        let trees = written.path.trim_matches('/').to_owned();
        let Some(rest) = around_owner(block, &trees) else {
            return Err(block.fault(not_around_owner(block), "write path = \"homes/{login}\""));
        };
        if trees.split('/').any(|part| matches!(part, "" | "." | "..")) || rest.contains(char::is_control) {
            return Err(block.fault("path has a part that no URL holds", "write path = \"homes/{login}\""));
        }
        // Both stand in a header between slashes and commas.
        let is_word = |text: &str| {
            !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_graphic() && !b"/,=;".contains(&octet))
        };
        if !is_word(&written.access_key) || !is_word(&written.region) {
            return Err(block.fault("access_key or region is no word", "copy it anew"));
        }
        let secret_key = block.secret(&written.secret_key)?;
        if secret_key.expose_str().is_none() {
            return Err(block.fault("secret_key is no text", "copy it anew"));
        }
        if written.abort_after_hours == 0 {
            return Err(block.fault("abort_after_hours = 0 would abort uploads that are under way", "write 24"));
        }
        let abort_after = Duration::from_secs(u64::from(written.abort_after_hours) * 3600);
        let http = client(block, written.ca, timeout)?;
        let settings = Self {
            name: format!("{} ({base})", block.name()),
            base,
            host: url.host_str().unwrap_or_default().to_owned(),
            port,
            bucket: written.bucket,
            region: written.region,
            path: trees,
            create: written.create,
            access_key: written.access_key,
            secret_key,
            abort_after,
            forsaken_after: abort_after.max(A_DAY),
            timeout,
        };
        Ok((settings, http))
    }

    pub(crate) fn signer(&self) -> Signer<'_> {
        Signer { access_key: &self.access_key, secret_key: &self.secret_key, region: &self.region }
    }

    /// What an owner's keys begin with, with its slash. Neither id can contain a separator or be `..` (they were parsed).
    pub(crate) fn root(&self, owner: &Account) -> String {
        format!("{}/", owner_path(&self.path, owner))
    }

    /// What all keys begin with.
    pub(crate) fn top(&self) -> &str {
        self.path.split('{').next().unwrap_or_default()
    }
}

/// A key as a URL has it.
pub(crate) fn encoded(key: &str) -> String {
    utf8_percent_encode(key, UNRESERVED).to_string()
}

fn client(block: &Block, ca: Option<PathBuf>, timeout: Duration) -> Result<reqwest::Client, ConfigFault> {
    let ca = ca.map(|path| block.resolve(&path));
    let told = |what| block.fault(format!("ca: {what}"), "name the PEM file of the server's CA");
    let tls = trust(ca.as_deref()).map_err(told)?;
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.as_ref().clone())
        // An answer from elsewhere is none, and what we sign stays here.
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        // An upload that breaks ends its connection, which must be nobody else's.
        .http1_only()
        .connect_timeout(timeout)
        .pool_max_idle_per_host(MOST_IDLE)
        .pool_idle_timeout(KEPT)
        .user_agent(concat!("passerelle/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(|error| block.fault(error, "report this"))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_model::{AccountId, InstitutionId};
    use std::path::Path;

    fn read(text: &str) -> Result<Settings, ConfigFault> {
        let secret = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(secret.path(), "wJalr").unwrap();
        let text = format!("{text}access_key = \"k\"\nsecret_key = {{ file = {:?} }}\n", secret.path());
        Settings::read(&Block::from_text("garonne.files", Path::new("x.toml"), &text)).map(|(settings, _)| settings)
    }

    #[test]
    fn nothing_that_lives_is_aborted() {
        let text = "endpoint = \"https://s3.univ.example\"\nbucket = \"homes\"\npath = \"{login}\"\n";
        assert!(read(&format!("{text}abort_after_hours = 0\n")).is_err());
        let hours =
            |settings: Settings| [settings.abort_after, settings.forsaken_after].map(|after| after.as_secs() / 3600);
        assert_eq!(hours(read(&format!("{text}abort_after_hours = 1\n")).unwrap()), [1, 24]);
        assert_eq!(hours(read(&format!("{text}abort_after_hours = 48\n")).unwrap()), [48, 48]);
    }

    #[test]
    fn where_trees_are() {
        let owner = Account {
            institution: InstitutionId::parse("garonne").unwrap(),
            id: AccountId::parse("{institution}").unwrap(),
        };
        let text =
            "endpoint = \"https://s3.univ.example\"\nbucket = \"homes\"\npath = \"/a b/{institution}-{login}/\"\n";
        let settings = read(text).unwrap();
        assert_eq!(settings.root(&owner), "a b/garonne-{institution}/");
        assert_eq!((settings.base.as_str(), settings.port), ("https://s3.univ.example/homes/", 443));
        assert_eq!(settings.top(), "a b/");
        let settings = read(&format!("{text}style = \"host\"\n")).unwrap();
        assert_eq!(settings.base, "https://homes.s3.univ.example/");
        assert!(!format!("{settings:?}").contains("wJalr"), "secrets never print");
    }

    #[test]
    fn faults() {
        let of = |endpoint: &str, bucket: &str, path: &str| {
            format!("endpoint = {endpoint:?}\nbucket = {bucket:?}\npath = {path:?}\n")
        };
        for (text, told) in [
            (of("https://x", "b", "all"), "{login}"),
            (of("http://x", "b", "{login}"), "in clear"),
            (of("https://a:b@x", "b", "{login}"), "alone"),
            (of("https://x/y", "b", "{login}"), "alone"),
            (of("https://x", "b/c", "{login}"), "no name of one"),
            (of("https://x", "b", "a/../{login}"), "no URL"),
            (of("https://x", "b", "{login}") + "region = \"a/b\"\n", "no word"),
            (of("https://x", "b", "{login}") + "usr = \"x\"\n", "unknown field"),
        ] {
            let fault = read(&text).unwrap_err().to_string();
            assert!(fault.contains(told), "{fault}");
        }
    }
}
