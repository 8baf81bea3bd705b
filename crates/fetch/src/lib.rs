//! HTTP requests that adapters make: to sign-on servers, and to whatever else speaks HTTP behind us.
//!
//! Every answer is bounded in size and time, no redirect is followed (an answer from elsewhere is none), no proxy of the
//! environment is used, and certificates are checked against the authority that the settings name. Addresses may hold
//! tickets, so they are never part of an error.

mod address;
pub mod dav;
mod open;

use bytes::{Bytes, BytesMut};
use passerelle_core::{
    Error, Result,
    config::{Block, ConfigFault, trust},
};
use reqwest::{
    RequestBuilder,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use std::{
    fmt,
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

pub use address::Dialled;
pub use http::HeaderValue;
pub use http::StatusCode;
pub use open::{Answered, Asked, Bounds, OpenClient, OpenFault, Validators};
pub use url::Url;

/// Largest answer, in octets: the metadata of a large federation is fetched by other means.
pub const LARGEST_ANSWER: usize = 1024 * 1024;
/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);

/// A client of one server.
#[derive(Clone)]
pub struct Client {
    name: String,
    inner: reqwest::Client,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Client({})", self.name)
    }
}

/// Names as the system knows them; those below `localhost` are this machine whether it knows that or not (RFC 6761 §6.3).
struct Names;

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let host = name.as_str();
            let here = host.trim_end_matches('.').to_ascii_lowercase().ends_with(".localhost");
            let found = tokio::net::lookup_host((if here { "localhost" } else { host }, 0)).await?;
            Ok(Box::new(found.collect::<Vec<_>>().into_iter()) as Addrs)
        })
    }
}

/// An answer, read whole.
#[derive(Debug, Clone)]
pub struct Fetched {
    /// Its status.
    pub status: StatusCode,
    /// The server's clock, as its `Date` says.
    pub date: Option<SystemTime>,
    /// Where it leads, as its `Location` says (RFC 9110 §10.2.2).
    pub location: Option<String>,
    /// Its body.
    pub body: Bytes,
}

impl Client {
    /// A client that trusts the authorities of a PEM file, or those of the system, and waits so long for an answer.
    ///
    /// # Errors
    /// A fault of the block when the file is none.
    pub fn new(block: &Block, ca: Option<&Path>, deadline: Duration) -> Result<Self, ConfigFault> {
        let path = ca.map(|ca| block.resolve(ca));
        let told = |what| block.fault(format!("ca: {what}"), "name the PEM file of the server's CA");
        let tls = trust(path.as_deref()).map_err(told)?;
        let inner = reqwest::Client::builder()
            .tls_backend_preconfigured(tls.as_ref().clone())
            .redirect(Policy::none())
            .no_proxy()
            .dns_resolver(Arc::new(Names))
            .connect_timeout(CONNECT)
            .timeout(deadline)
            .user_agent(concat!("passerelle/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| block.fault(error, "report this"))?;
        Ok(Self { name: block.name().to_owned(), inner })
    }

    /// GETs an address.
    ///
    /// # Errors
    /// `Unavailable` when there is no whole answer in time, whatever its status.
    pub async fn get(&self, url: Url, doing: &str) -> Result<Fetched> {
        self.send(self.inner.get(url), doing).await
    }

    /// POSTs a form. `authorization` is the whole value of that header.
    ///
    /// # Errors
    /// `Unavailable` when there is no whole answer in time, whatever its status.
    pub async fn post(
        &self,
        url: Url,
        form: &[(&str, &str)],
        authorization: Option<&str>,
        doing: &str,
    ) -> Result<Fetched> {
        let request = self.inner.post(url).form(form);
        let request = match authorization {
            Some(value) => request.header(http::header::AUTHORIZATION, value),
            None => request,
        };
        self.send(request, doing).await
    }

    async fn send(&self, request: RequestBuilder, doing: &str) -> Result<Fetched> {
        let failed = |error: reqwest::Error| Error::unavailable(&self.name, doing, error.without_url());
        let mut response = request.send().await.map_err(failed)?;
        let status = response.status();
        let date = response.headers().get(http::header::DATE).and_then(|value| value.to_str().ok());
        let location = response.headers().get(http::header::LOCATION).and_then(|value| value.to_str().ok());
        let location = location.map(str::to_owned);
        let date = date.and_then(|date| httpdate::parse_http_date(date).ok());
        let mut body = BytesMut::new();
        while let Some(piece) = response.chunk().await.map_err(failed)? {
            if body.len().saturating_add(piece.len()) > LARGEST_ANSWER {
                return Err(Error::unavailable(&self.name, doing, "the answer is larger than 1 MiB"));
            }
            body.extend_from_slice(&piece);
        }
        Ok(Fetched { status, date, location, body: body.freeze() })
    }
}
