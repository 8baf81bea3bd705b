//! What came: read whole, because a provider's answer fits into memory, within the port's bound.

use passerelle_core::{
    Error, Result,
    ports::{Headers, LARGEST_CALL, Parameters},
};
use passerelle_net::http::{Exchange, read_whole};
use std::net::IpAddr;

/// Most parameters of an address or a form.
const MOST_PARAMETERS: usize = 100;

/// A request, read.
#[derive(Debug)]
pub(crate) struct Read {
    head: http::request::Parts,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) body: Vec<u8>,
    pub(crate) origin: String,
    pub(crate) host: String,
    pub(crate) peer: IpAddr,
}

/// Reads the body, and what the gate asks of a request.
pub(crate) async fn read(exchange: Exchange) -> Result<Read> {
    let nameless = || Error::invalid("the request names no host");
    let (host, origin) = (exchange.host().ok_or_else(nameless)?.to_owned(), exchange.origin().ok_or_else(nameless)?);
    let Exchange { head, body, peer, .. } = exchange;
    let body = read_whole(body, LARGEST_CALL).await.map_err(|_| Error::invalid("the body is too large or broken"))?;
    Ok(Read {
        path: head.uri.path().to_owned(),
        query: head.uri.query().unwrap_or_default().to_owned(),
        body: body.to_vec(),
        origin,
        host,
        peer: peer.ip(),
        head,
    })
}

impl Read {
    /// The fields of a form, when it is one.
    pub(crate) fn form(&self) -> Parameters {
        let kind = self.single("content-type").unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if kind.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
            parameters(&self.body)
        } else {
            Parameters::default()
        }
    }

    /// A cookie's value.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        passerelle_net::http::cookie(&self.head.headers, name).map(str::to_owned)
    }
}

impl Headers for Read {
    fn single(&self, name: &str) -> Option<&str> {
        let mut values = self.head.headers.get_all(name).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => value.to_str().ok(),
            _ => None,
        }
    }
}

/// Decodes a query or a form (WHATWG URL §5).
pub(crate) fn parameters(octets: &[u8]) -> Parameters {
    let pairs = form_urlencoded::parse(octets).take(MOST_PARAMETERS);
    Parameters::new(pairs.map(|(name, value)| (name.into_owned(), value.into_owned())))
}
