//! Files, calendars and address books by WebDAV, class 1, 2 and 3 (RFC 4918), below `/dav/`.
//!
//! `/dav/files/<account>/...` is the tree of an account: one's own whole, another's as far as it is shared. Folders above
//! a shared one that lead to it appear as read-only collections with only the names that lead on; everything else answers
//! exactly as what does not exist. `/dav/` and `/dav/files/` list what a person has; `/dav/principals/<account>/` says who
//! they are. Below `/dav/uploads/<account>/` a file is sent in parts. `/dav/calendars/<account>/` and `/dav/contacts/<account>/` are
//! calendars (CalDAV, RFC 4791) and address books (CardDAV, RFC 6352), own and shared; below `/dav/scheduling/<account>/` are the trays of
//! scheduling (RFC 6638). `/s/<token>/files/...` is what a share link leads to, for whoever holds it. Every method opens what it touches through the gate, with the right that it needs; nothing is decided here.

mod acl;
mod call;
mod checksum;
mod collections;
mod conditions;
mod date;
mod directory;
mod error;
mod guard;
mod if_header;
mod method;
mod part;
mod place;
mod prefer;
mod principal;
mod privilege;
mod props;
mod range;
mod trays;
mod xml;

use call::Call;
use error::{Answer, Refusal};
use http::{HeaderValue, Method, StatusCode, header::LOCATION};
use passerelle_core::{Door, Errand};
use passerelle_net::http::{CookieWrites, Exchange, HttpSurface, RequestBody, Response};
use std::{fmt, future::Future, pin::Pin, sync::Arc};

/// Where clients look first that know a host only (RFC 6764 §5).
const WELL_KNOWN: [&str; 2] = ["/.well-known/caldav", "/.well-known/carddav"];

/// The surface's name in logs and metrics.
pub(crate) const NAME: &str = "dav";

/// The surface, for the gateway's registry.
pub fn surface(door: Door) -> Arc<dyn HttpSurface> {
    Arc::new(Dav { door })
}

struct Dav {
    door: Door,
}

impl fmt::Debug for Dav {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dav")
    }
}

impl HttpSurface for Dav {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serves(&self, path: &str) -> bool {
        let below = |root| path.strip_prefix(root).is_some_and(|rest: &str| rest.is_empty() || rest.starts_with('/'));
        below("/dav") || place::linked(path).is_some() || WELL_KNOWN.contains(&path)
    }

    /// At `/`, where others have the page, Windows asks whether it is DAV that is spoken here.
    fn serves_by(&self, method: &Method, path: &str) -> bool {
        let looks = *method == Method::OPTIONS || method.as_str() == "PROPFIND";
        self.serves(path) || (path == "/" && looks)
    }

    fn answer(&self, exchange: Exchange) -> Pin<Box<dyn Future<Output = Response> + Send + '_>> {
        Box::pin(self.serve(exchange))
    }
}

impl Dav {
    async fn serve(&self, mut exchange: Exchange) -> Response {
        let host = exchange.host().map(str::to_owned);
        let id = Arc::clone(&exchange.id);
        let done = Box::pin(self.call(&mut exchange)).await;
        match done {
            Ok(response) => response,
            Err(refusal) => refusal.answer(&self.door, host.as_deref(), &id),
        }
    }

    async fn call(&self, exchange: &mut Exchange) -> Answer {
        // Where everything begins is no secret.
        if WELL_KNOWN.contains(&exchange.uri().path()) {
            let mut response = error::bare(StatusCode::MOVED_PERMANENTLY);
            response.headers_mut().insert(LOCATION, HeaderValue::from_static("/dav/"));
            return Ok(response);
        }
        // What the server can do neither, and clients ask before they log in.
        if exchange.method() == http::Method::OPTIONS {
            return Ok(method::options(self.door.has_calendars_at(exchange.host())));
        }
        let session = match place::linked(exchange.uri().path()) {
            Some((token, _)) => exchange.link_session(&self.door, token, None).await?,
            None => exchange.session(&self.door, Errand::Files, CookieWrites::SameOrigin).await?,
        };
        let call = Call::new(session, exchange)?;
        method::dispatch(call, &mut exchange.body).await
    }
}

/// What a method reads from.
pub(crate) type Body = RequestBody;

impl From<place::InvalidPath> for Refusal {
    fn from(_: place::InvalidPath) -> Self {
        Self::Status(http::StatusCode::BAD_REQUEST)
    }
}
