//! Requests to servers that people name, or that strangers name to them: to public addresses only, and to each that a redirect
//! names likewise.

use crate::address::Dialled;
use bytes::{Bytes, BytesMut};
use http::StatusCode;
use passerelle_core::{
    Error, Result,
    config::{Block, ConfigFault, trust},
};
use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    header::{
        ACCEPT, AUTHORIZATION, ETAG, HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH,
        LAST_MODIFIED, LOCATION,
    },
    redirect::Policy,
};
use std::{error::Error as StdError, fmt, io, path::Path, sync::Arc, time::Duration};
use tokio::time::timeout;
use url::{Host, Url};

/// Most redirects that are followed.
const MOST_REDIRECTS: usize = 3;

/// What may be asked for, and how much of it.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// The addresses that may be dialled.
    pub dialled: Dialled,
    /// The ports that may be.
    pub ports: Vec<u16>,
    /// The only hosts that may be asked, in small letters; empty for any.
    pub hosts: Vec<String>,
    /// Whether a server may be asked without TLS.
    pub clear: bool,
    /// Largest answer, in octets.
    pub largest: usize,
    /// For everything together, from the first name to the last octet.
    pub deadline: Duration,
}

/// A question that is asked again and again.
#[derive(Default)]
pub struct Asked {
    /// The whole value of `Authorization`, for the origin that is asked first and for no other.
    pub authorization: Option<HeaderValue>,
    /// By what the last answer is known (RFC 9110 §8.8).
    pub validators: Validators,
}

impl fmt::Debug for Asked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Asked")
    }
}

/// By what an answer is known when it is asked for again, as its server wrote it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Validators {
    /// `ETag`
    pub etag: Option<HeaderValue>,
    /// `Last-Modified`
    pub modified: Option<HeaderValue>,
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answered {
    /// It is as it was (RFC 9110 §15.4.5).
    Same,
    /// All of it.
    Whole(Bytes, Validators),
}

/// Why there is no answer. Nothing that the server said is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenFault {
    /// The address, or one that a redirect named, is none that may be asked.
    Address,
    /// There is no such host.
    Name,
    /// Nobody answers there, or it hung up.
    Unreachable,
    /// It did not answer in time.
    Slow,
    /// Its certificate is not good for its name.
    Certificate,
    /// It answered with this status.
    Status(StatusCode),
    /// The answer is larger than may be.
    TooLarge,
}

/// A client of anybody's server. It sends no cookie, no referrer, and the same few fields for everybody.
#[derive(Clone)]
pub struct OpenClient {
    inner: reqwest::Client,
    bounds: Bounds,
    accept: HeaderValue,
}

impl fmt::Debug for OpenClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OpenClient")
    }
}

/// Names, of whose addresses only those are known that may be dialled: what is checked is the very address that is connected to.
struct PublicNames(Dialled);

/// Why a name leads nowhere.
#[derive(Debug)]
enum Unresolved {
    /// Nobody knows it.
    Unknown,
    /// None of its addresses may be dialled.
    Kept,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Unknown => "there is no such host",
            Self::Kept => "the host has no address that may be dialled",
        })
    }
}
impl StdError for Unresolved {}

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        let dialled = self.0.clone();
        Box::pin(async move {
            let host = name.as_str();
            let here = host.trim_end_matches('.').to_ascii_lowercase().ends_with(".localhost");
            let found = tokio::net::lookup_host((if here { "localhost" } else { host }, 0)).await;
            let taken: Vec<_> =
                found.map_err(|_| Unresolved::Unknown)?.filter(|address| dialled.takes(address.ip())).collect();
            if taken.is_empty() {
                return Err(Unresolved::Kept.into());
            }
            Ok(Box::new(taken.into_iter()) as Addrs)
        })
    }
}

impl OpenClient {
    /// A client that asks for these types, and trusts the authorities of a PEM file, or those of the system.
    ///
    /// # Errors
    /// A fault of the block when the file is none.
    pub fn new(
        block: &Block,
        ca: Option<&Path>,
        agent: &'static str,
        accept: &'static str,
        bounds: Bounds,
    ) -> Result<Self, ConfigFault> {
        let path = ca.map(|ca| block.resolve(ca));
        let told = |what| block.fault(format!("ca: {what}"), "name a PEM file with the authorities to trust");
        let tls = trust(path.as_deref()).map_err(told)?;
        let inner = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.as_ref().clone())
            .redirect(Policy::none())
            .referer(false)
            .no_proxy()
            .dns_resolver(Arc::new(PublicNames(bounds.dialled.clone())))
            .connect_timeout(bounds.deadline)
            .timeout(bounds.deadline)
            // Nothing is left open to a server that somebody else named.
            .pool_max_idle_per_host(0)
            .user_agent(agent)
            .build()
            .map_err(|error| block.fault(error, "report this"))?;
        Ok(Self { inner, bounds, accept: HeaderValue::from_static(accept) })
    }

    /// GETs an address.
    ///
    /// # Errors
    /// `NotFound` for whatever is not had whole, in time and within bounds.
    pub async fn get(&self, address: &str) -> Result<Bytes> {
        let url = Url::parse(address).map_err(|_none| Error::NotFound)?;
        match self.ask(url, &Asked::default()).await {
            Ok(Answered::Whole(octets, _)) => Ok(octets),
            Ok(Answered::Same) | Err(_) => Err(Error::NotFound),
        }
    }

    /// GETs an address unless what it has is known already.
    ///
    /// # Errors
    /// Why it is not had whole, in time and within bounds.
    pub async fn ask(&self, url: Url, asked: &Asked) -> Result<Answered, OpenFault> {
        timeout(self.bounds.deadline, self.follow(url, asked)).await.map_err(|_slow| OpenFault::Slow)?
    }

    async fn follow(&self, mut url: Url, asked: &Asked) -> Result<Answered, OpenFault> {
        let first = url.origin();
        for _ in 0..=MOST_REDIRECTS {
            if !self.takes(&url) {
                return Err(OpenFault::Address);
            }
            let own = asked.authorization.clone().filter(|_| url.origin() == first);
            let headers = [
                (AUTHORIZATION, own),
                (IF_NONE_MATCH, asked.validators.etag.clone()),
                (IF_MODIFIED_SINCE, asked.validators.modified.clone()),
            ];
            let headers: HeaderMap = headers.into_iter().filter_map(|(name, value)| Some((name, value?))).collect();
            let request = self.inner.get(url.clone()).header(ACCEPT, self.accept.clone()).headers(headers);
            let mut response = request.send().await.map_err(|error| fault_of(&error))?;
            let status = response.status();
            if status == StatusCode::NOT_MODIFIED && asked.validators != Validators::default() {
                return Ok(Answered::Same);
            }
            if status.is_redirection() {
                let to = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
                url = to.and_then(|to| url.join(to).ok()).ok_or(OpenFault::Status(status))?;
                continue;
            }
            if status != StatusCode::OK {
                return Err(OpenFault::Status(status));
            }
            let told = |name: HeaderName| response.headers().get(name).cloned();
            let validators = Validators { etag: told(ETAG), modified: told(LAST_MODIFIED) };
            let mut body = BytesMut::new();
            while let Some(piece) = response.chunk().await.map_err(|error| fault_of(&error))? {
                if body.len().saturating_add(piece.len()) > self.bounds.largest {
                    return Err(OpenFault::TooLarge);
                }
                body.extend_from_slice(&piece);
            }
            return Ok(Answered::Whole(body.freeze(), validators));
        }
        Err(OpenFault::Address)
    }

    /// Whether an address may be asked at all. A name's own addresses are looked at where it is resolved.
    fn takes(&self, url: &Url) -> bool {
        let has_scheme = url.scheme() == "https" || (url.scheme() == "http" && self.bounds.clear);
        let is_open = has_scheme && url.username().is_empty() && url.password().is_none();
        let hosts = &self.bounds.hosts;
        let is_named = hosts.is_empty() || url.host_str().is_some_and(|host| hosts.iter().any(|named| named == host));
        let has_port = url.port_or_known_default().is_some_and(|port| self.bounds.ports.contains(&port));
        let may_be_dialled = match url.host() {
            Some(Host::Domain(_)) => true,
            Some(Host::Ipv4(address)) => self.bounds.dialled.takes(address.into()),
            Some(Host::Ipv6(address)) => self.bounds.dialled.takes(address.into()),
            None => false,
        };
        is_open && is_named && has_port && may_be_dialled
    }
}

/// What became of a request.
fn fault_of(error: &reqwest::Error) -> OpenFault {
    if error.is_timeout() {
        return OpenFault::Slow;
    }
    let mut causes = error.source();
    while let Some(cause) = causes {
        match cause.downcast_ref::<Unresolved>() {
            Some(Unresolved::Unknown) => return OpenFault::Name,
            Some(Unresolved::Kept) => return OpenFault::Address,
            None => {}
        }
        let inner = cause.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        if let Some(rustls::Error::InvalidCertificate(_)) = inner.and_then(|inner| inner.downcast_ref()) {
            return OpenFault::Certificate;
        }
        causes = cause.source();
    }
    OpenFault::Unreachable
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[tokio::test]
    async fn what_is_never_asked() {
        let block = Block::from_text("x", Path::new("x.toml"), "");
        let bounds = Bounds {
            dialled: Dialled::default(),
            ports: vec![80, 443],
            hosts: Vec::new(),
            clear: true,
            largest: 1000,
            deadline: Duration::from_secs(2),
        };
        let client = OpenClient::new(&block, None, "test", "image/png", bounds).unwrap();
        for address in [
            "",
            "file:///etc/passwd",
            "ftp://9.9.9.9/",
            "http://user@9.9.9.9/",
            "http://9.9.9.9:25/",
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://[::1]/",
            "http://[::ffff:127.0.0.1]/",
            "http://169.254.169.254/latest/meta-data",
            "http://10.0.0.1/",
        ] {
            assert!(!Url::parse(address).is_ok_and(|url| client.takes(&url)), "{address}");
        }
        // A name is known when it is resolved.
        assert!(matches!(client.get("http://localhost/").await, Err(Error::NotFound)));
        assert!(client.takes(&Url::parse("https://www.example.org/a.png").unwrap()));
    }
}
