//! Requests to servers that people name, or that strangers name to them: to public addresses only, and to each that a redirect
//! names likewise.

use crate::address::Dialled;
use bytes::{Bytes, BytesMut};
use passerelle_core::{
    Error, Result,
    config::{Block, ConfigFault, trust},
};
use reqwest::{
    dns::{Addrs, Name, Resolve, Resolving},
    header::{ACCEPT, HeaderValue, LOCATION},
    redirect::Policy,
};
use std::{fmt, io, path::Path, sync::Arc, time::Duration};
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
    /// Largest answer, in octets.
    pub largest: usize,
    /// For everything together, from the first name to the last octet.
    pub deadline: Duration,
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

impl Resolve for PublicNames {
    fn resolve(&self, name: Name) -> Resolving {
        let dialled = self.0.clone();
        Box::pin(async move {
            let host = name.as_str();
            let here = host.trim_end_matches('.').to_ascii_lowercase().ends_with(".localhost");
            let found = tokio::net::lookup_host((if here { "localhost" } else { host }, 0)).await?;
            let taken: Vec<_> = found.filter(|address| dialled.takes(address.ip())).collect();
            if taken.is_empty() {
                return Err(io::Error::from(io::ErrorKind::PermissionDenied).into());
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
        timeout(self.bounds.deadline, self.follow(url)).await.map_err(|_slow| Error::NotFound)?
    }

    async fn follow(&self, mut url: Url) -> Result<Bytes> {
        for _ in 0..=MOST_REDIRECTS {
            if !self.takes(&url) {
                return Err(Error::NotFound);
            }
            let request = self.inner.get(url.clone()).header(ACCEPT, self.accept.clone());
            let mut response = request.send().await.map_err(|_lost| Error::NotFound)?;
            if response.status().is_redirection() {
                let to = response.headers().get(LOCATION).and_then(|value| value.to_str().ok());
                url = to.and_then(|to| url.join(to).ok()).ok_or(Error::NotFound)?;
                continue;
            }
            if response.status() != http::StatusCode::OK {
                return Err(Error::NotFound);
            }
            let mut body = BytesMut::new();
            while let Some(piece) = response.chunk().await.map_err(|_lost| Error::NotFound)? {
                if body.len().saturating_add(piece.len()) > self.bounds.largest {
                    return Err(Error::NotFound);
                }
                body.extend_from_slice(&piece);
            }
            return Ok(body.freeze());
        }
        Err(Error::NotFound)
    }

    /// Whether an address may be asked at all. A name's own addresses are looked at where it is resolved.
    fn takes(&self, url: &Url) -> bool {
        let is_open = matches!(url.scheme(), "http" | "https") && url.username().is_empty() && url.password().is_none();
        let has_port = url.port_or_known_default().is_some_and(|port| self.bounds.ports.contains(&port));
        let may_be_dialled = match url.host() {
            Some(Host::Domain(_)) => true,
            Some(Host::Ipv4(address)) => self.bounds.dialled.takes(address.into()),
            Some(Host::Ipv6(address)) => self.bounds.dialled.takes(address.into()),
            None => false,
        };
        is_open && has_port && may_be_dialled
    }
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
