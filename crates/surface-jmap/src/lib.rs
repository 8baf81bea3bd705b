//! Mail by JMAP (RFC 8620, RFC 8621), over the stores that are there: nothing is kept between two requests.
//!
//! A request is a list of method calls, done in their order by one [`desk::Desk`], which opens what they name through the gate and
//! keeps a mailbox open for the next call of the same request. Ids and states are made of the store's own facts, so that any node
//! understands them ([`id`], [`state`]).

mod answer;
mod api;
mod blob;
mod call;
mod collections;
mod desk;
mod download;
mod error;
mod events;
mod hub;
mod id;
mod image;
mod invitations;
mod limits;
mod mail;
mod methods;
mod reference;
mod routes;
mod session;
mod shares;
mod sieve;
mod state;
mod upload;
mod websocket;

use http::{Method, StatusCode};
use hub::Hubs;
use limits::Crowd;
use passerelle_core::Door;
use passerelle_net::http::{Exchange, Found, HttpSurface, Response};
use routes::{Page, ROUTES};
use std::{fmt, future::Future, pin::Pin, sync::Arc};

pub use methods::method_names;
/// The addresses, for the tests that attack them.
pub fn addresses() -> impl Iterator<Item = String> {
    ROUTES.names()
}

/// The surface's name in logs and metrics.
pub(crate) const NAME: &str = "jmap";

/// The surface, for the gateway's registry.
pub fn surface(door: Door) -> Arc<dyn HttpSurface> {
    Arc::new(Jmap { door, crowd: Crowd::default(), hubs: Hubs::default() })
}

struct Jmap {
    door: Door,
    crowd: Crowd,
    hubs: Hubs,
}

impl fmt::Debug for Jmap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Jmap")
    }
}

impl HttpSurface for Jmap {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serves(&self, path: &str) -> bool {
        path == routes::WELL_KNOWN
            || path == "/jmap"
            || path.starts_with("/jmap/")
            || path.starts_with(invitations::BEGIN)
    }

    fn answer(&self, exchange: Exchange) -> Pin<Box<dyn Future<Output = Response> + Send + '_>> {
        Box::pin(async move { answer::strict(self.route(exchange).await) })
    }
}

impl Jmap {
    async fn route(&self, exchange: Exchange) -> Response {
        let page = match ROUTES.find(exchange.method(), exchange.uri().path()) {
            Found::Page(page) => page,
            Found::OtherMethod if *exchange.method() == Method::OPTIONS => return answer::none(StatusCode::NO_CONTENT),
            Found::OtherMethod => return answer::none(StatusCode::METHOD_NOT_ALLOWED),
            Found::Nowhere => return answer::none(StatusCode::NOT_FOUND),
        };
        if let Page::Invitations(errand) = page {
            return invitations::answer(&self.door, &self.crowd, exchange, errand).await;
        }
        let session = match answer::session(&self.door, &exchange).await {
            Ok(session) => session,
            Err(error) => return answer::refused(&error, &exchange.id),
        };
        match page {
            Page::Session => session::show(&session, &exchange).await,
            Page::Api => api::answer(&session, &self.crowd, exchange).await,
            Page::Upload => upload::take(&session, &self.crowd, exchange).await,
            Page::Socket => websocket::open(&session, &self.hubs, &self.crowd, exchange).await,
            Page::Events => events::follow(&session, &self.hubs, &self.crowd, &exchange).await,
            Page::Image => image::show(&session, &self.crowd, &exchange).await,
            Page::Download => download::send(&session, &self.crowd, &exchange).await,
            // The office's own, answered above with a session of its own.
            Page::Invitations(_) => answer::none(StatusCode::NOT_FOUND),
        }
    }
}
