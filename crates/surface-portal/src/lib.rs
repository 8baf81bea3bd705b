//! What portals show of a person: counts, headers and room, as JSON, as an Atom feed (RFC 4287) and as a fragment of HTML.
//!
//! A portal's server changes a CAS proxy ticket or a signed token for a bearer of five minutes (RFC 6750) and asks with that; the
//! office's own page asks with its cookie. It must never take a password, show a count that nobody could tell as 0, or let what
//! it hands out open anything else.

mod asker;
mod causes;
mod counts;
mod date;
mod escape;
mod feed;
mod fragment;
mod open;
mod reply;
mod routes;
mod seen;
mod session;
mod words;

use asker::Place;
use http::{Method, StatusCode};
use passerelle_core::Door;
use passerelle_net::http::{Exchange, Found, HttpSurface, Response};
use routes::{Page, ROUTES};
use std::{future::Future, pin::Pin, sync::Arc};
use tokio::sync::Semaphore;

/// The addresses, for the tests that attack them.
pub fn addresses() -> impl Iterator<Item = String> {
    ROUTES.names()
}

const NAME: &str = "portal";
/// Most tickets and tokens that are checked at once: each ticket is a question to the sign-on server.
const MOST_EXCHANGES: usize = 64;

/// The portal's addresses.
pub fn surface(door: Door) -> Arc<dyn HttpSurface> {
    Arc::new(Portal { door, exchanges: Semaphore::new(MOST_EXCHANGES) })
}

struct Portal {
    door: Door,
    exchanges: Semaphore,
}

impl HttpSurface for Portal {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serves(&self, path: &str) -> bool {
        path == "/portal" || path.starts_with("/portal/")
    }

    fn answer(&self, exchange: Exchange) -> Pin<Box<dyn Future<Output = Response> + Send + '_>> {
        Box::pin(async move {
            let Some(place) = Place::of(&self.door, &exchange) else {
                return reply::strict(reply::plain(
                    StatusCode::MISDIRECTED_REQUEST,
                    "no institution is served at this host\n",
                ));
            };
            let response = self.route(exchange, &place).await;
            reply::strict(place.shared_with(response))
        })
    }
}

impl Portal {
    async fn route(&self, exchange: Exchange, place: &Place) -> Response {
        let path = exchange.uri().path();
        let found = ROUTES.find(exchange.method(), path);
        if *exchange.method() == Method::OPTIONS && found != Found::Nowhere {
            return place.preflight();
        }
        let page = match found {
            Found::Page(page) => page,
            Found::OtherMethod => {
                return reply::plain(StatusCode::METHOD_NOT_ALLOWED, "this address does not do that\n");
            }
            Found::Nowhere => return reply::plain(StatusCode::NOT_FOUND, "there is nothing here\n"),
        };
        match page {
            Page::Session => session::change(&self.door, &self.exchanges, exchange, place).await,
            Page::Open => open::open(&self.door, &exchange).await,
            Page::Counts => match asker::session(&self.door, &exchange).await {
                Ok(session) => counts::answer(&session, place).await,
                Err(failing) => causes::refused(&failing, place),
            },
            Page::Feed => match asker::session(&self.door, &exchange).await {
                Ok(session) => feed::answer(&session, place).await,
                Err(failing) => causes::refused(&failing, place),
            },
            Page::Fragment => match asker::session(&self.door, &exchange).await {
                Ok(session) => fragment::answer(&session, place).await,
                Err(failing) => fragment::refused(&failing, place),
            },
        }
    }
}
