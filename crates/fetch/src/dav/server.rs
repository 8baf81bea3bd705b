//! A server that speaks WebDAV, as the settings name it.

use passerelle_core::{
    config::{Block, ConfigFault, SecretSource, around_owner, not_around_owner, owner_path, trust},
    ports::{Leg, Verdict},
};
use passerelle_model::{Account, Secret};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use std::{path::PathBuf, time::Duration};
use tokio::{net::TcpStream, time::timeout};
use url::{Host, Url};

/// Most connections that are kept while nobody uses them.
const MOST_IDLE: usize = 64;
/// How long such a connection is kept: shorter than Apache's own 5 seconds would be, it saves most of them from being closed
/// under a request.
const KEPT: Duration = Duration::from_secs(4);
/// What stands for itself in a path (RFC 3986 §2.3).
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Where a server is, whose things are where on it, and who speaks to it.
#[derive(Debug)]
pub struct Server {
    /// What errors call it.
    pub name: String,
    /// `https://host:port`
    pub origin: String,
    /// Its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Where an owner's tree is on the server, in segments that are not encoded.
    path: Vec<String>,
    /// Whether an owner's root folder is made when it is missing.
    pub create: bool,
    /// The service account; each person's own without.
    pub service: Option<(String, Secret)>,
    /// Whether the token of a person's sign-on is used where there is one.
    pub bearer: bool,
    /// How long an answer may take to begin.
    pub timeout: Duration,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    url: String,
    #[serde(default)]
    create: bool,
    user: Option<String>,
    password: Option<SecretSource>,
    #[serde(default)]
    bearer: bool,
    ca: Option<PathBuf>,
    #[serde(default = "ten_seconds")]
    timeout_ms: u64,
}

const fn ten_seconds() -> u64 {
    10_000
}

impl Server {
    /// Reads the settings of a block, and makes the client that speaks to the server.
    ///
    /// # Errors
    /// What is wrong with them, where.
    pub fn read(block: &Block) -> Result<(Self, reqwest::Client), ConfigFault> {
        let written: Written = block.parse()?;
        let timeout = Duration::from_millis(written.timeout_ms);
        let service = match (written.user, &written.password) {
            (Some(user), Some(password)) if !user.contains(':') => Some((user, block.secret(password)?)),
            // RFC 7617 §2: the first colon ends the name.
            (Some(_), Some(_)) => return Err(block.fault("user must not have a colon", "correct user")),
            (None, None) => None,
            _ => return Err(block.fault("user and password belong together", "write both, or neither")),
        };
        if written.bearer && service.is_some() {
            let what = "bearer is for people's own tokens, and there is a service account";
            return Err(block.fault(what, "leave out bearer, or user and password"));
        }
        let (origin, host, port, path) =
            parse_url(block, &written.url).map_err(|(what, todo)| block.fault(what, todo))?;
        let http = client(block, written.ca, timeout)?;
        let name = format!("{} ({origin})", block.name());
        let (create, bearer) = (written.create, written.bearer);
        Ok((Self { name, origin, host, port, path, create, service, bearer, timeout }, http))
    }

    /// Whether it can be reached at all.
    pub async fn reach(&self) -> Leg {
        let address = format!("{}:{}", self.host, self.port);
        let verdict = match timeout(self.timeout, TcpStream::connect(&address)).await {
            Ok(Ok(_)) => Verdict::Works(address),
            Ok(Err(error)) => unreached(&address, &error),
            Err(slow) => unreached(&address, &slow),
        };
        Leg { name: "tcp", verdict }
    }

    /// The path of an owner's tree, encoded, without a slash at its end. Neither id can contain a separator or be `..` (they
    /// were parsed).
    pub fn root(&self, owner: &Account) -> String {
        self.path.iter().fold(String::new(), |path, part| format!("{path}/{}", encoded(&owner_path(part, owner))))
    }
}

impl Server {
    /// The path that all trees begin with.
    pub fn top(&self) -> String {
        let fixed = self.path.iter().take_while(|part| !part.contains('{'));
        let path: String = fixed.map(|part| format!("/{}", encoded(part))).collect();
        format!("{path}/")
    }
}

fn unreached(address: &str, error: &dyn std::fmt::Display) -> Verdict {
    Verdict::Fails { what: format!("reach {address}: {error}"), remedy: "start the web server, or correct url" }
}

/// A segment of a path as a URL has it.
pub fn encoded(segment: &str) -> String {
    utf8_percent_encode(segment, UNRESERVED).to_string()
}

type Origin = (String, String, u16, Vec<String>);

fn parse_url(block: &Block, written: &str) -> Result<Origin, (String, &'static str)> {
    let sample = "write url = \"https://files.univ.example/dav/{login}\"";
    let url = Url::parse(written).map_err(|error| (format!("url: {error}"), sample))?;
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err(("url names no server".to_owned(), sample));
    };
    if !url.username().is_empty() || url.password().is_some() || url.query().is_some() || url.fragment().is_some() {
        return Err(("url is scheme, server and path alone".to_owned(), "write user and password as keys"));
    }
    let here = match &host {
        Host::Domain(name) => *name == "localhost" || name.ends_with(".localhost"),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    };
    if url.scheme() != "https" && !(url.scheme() == "http" && here) {
        return Err(("passwords would travel in clear".to_owned(), "write https"));
    }
    // The parser has encoded what a URL cannot have, the braces among it.
    let decoded = |part: &str| percent_encoding::percent_decode_str(part).decode_utf8().map(|text| text.into_owned());
    let parts = url.path_segments().into_iter().flatten().filter(|part| !part.is_empty());
    let path: Vec<String> =
        parts.map(decoded).collect::<Result<_, _>>().map_err(|_| ("url is not UTF-8".to_owned(), sample))?;
    if around_owner(block, &path.join("\n")).is_none_or(|rest| rest.contains('/')) {
        return Err((not_around_owner(block).to_owned(), sample));
    }
    Ok((url.origin().ascii_serialization(), host.to_string(), port, path))
}

fn client(block: &Block, ca: Option<PathBuf>, timeout: Duration) -> Result<reqwest::Client, ConfigFault> {
    let ca = ca.map(|path| block.resolve(&path));
    let told = |what| block.fault(format!("ca: {what}"), "name the PEM file of the server's CA");
    let tls = trust(ca.as_deref()).map_err(told)?;
    reqwest::Client::builder()
        .tls_backend_preconfigured(tls.as_ref().clone())
        // An answer from elsewhere is none, and our credentials stay here.
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

    fn read(text: &str) -> Result<Server, ConfigFault> {
        Server::read(&Block::from_text("garonne.files", Path::new("x.toml"), text)).map(|(server, _)| server)
    }

    #[test]
    fn where_trees_are() {
        let owner = Account {
            institution: InstitutionId::parse("garonne").unwrap(),
            id: AccountId::parse("{institution}").unwrap(),
        };
        let settings = read("url = \"https://dav.univ.example/a b/{institution}-{login}/\"\n").unwrap();
        assert_eq!(settings.root(&owner), "/a%20b/garonne-%7Binstitution%7D");
        assert_eq!((settings.origin.as_str(), settings.port), ("https://dav.univ.example", 443));
        assert!(read("url = \"http://127.0.0.1:8080/{login}\"\n").is_ok());
    }

    #[test]
    fn faults() {
        for (text, told) in [
            ("url = \"https://x/all\"\n", "{login}"),
            ("url = \"http://x/{login}\"\n", "in clear"),
            ("url = \"https://a:b@x/{login}\"\n", "alone"),
            ("url = \"https://x/{login}\"\nuser = \"x\"\n", "belong together"),
            ("url = \"https://x/{login}\"\nusr = \"x\"\n", "unknown field"),
        ] {
            let fault = read(text).unwrap_err().to_string();
            assert!(fault.contains(told), "{fault}");
        }
    }
}
