//! The addresses of the sign-on providers, `/<kind>/<realm>/<step>`: browsers that go to a provider and come back, and the
//! providers' own servers.
//!
//! `/<kind>/<realm>/login?next=/page` begins; every other step is the provider's. This surface carries what came to the gate
//! and what follows to the browser, and knows no protocol.

mod arrival;
mod choice;
mod reply;

use http::{Method, StatusCode};
use passerelle_core::{Arrival, Door, Error, Look, Outcome, Result, ports::Prompt};
use passerelle_net::http::{Exchange, HttpSurface, Response, frame_ancestors, own_page};
use passerelle_observe::{LoginAccepted, LoginRefused, emit};
use passerelle_words::language_of;
use reply::Asked;
use std::{future::Future, pin::Pin, sync::Arc};

const NAME: &str = "sso";
/// The kinds of provider that there are addresses for.
pub const KINDS: [&str; 4] = ["cas", "saml", "oidc", "header"];
/// The step that begins a sign-on.
const BEGIN: &str = "login";

/// The sign-on addresses.
pub fn surface(door: Door) -> Arc<dyn HttpSurface> {
    Arc::new(Sso { door })
}

struct Sso {
    door: Door,
}

impl HttpSurface for Sso {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serves(&self, path: &str) -> bool {
        place(path).is_some()
    }

    fn answer(&self, exchange: Exchange) -> Pin<Box<dyn Future<Output = Response> + Send + '_>> {
        Box::pin(async move {
            let (id, peer) = (Arc::clone(&exchange.id), exchange.peer.ip());
            let is_browser = accepts_pages(&exchange);
            let look = self.door.look_at(exchange.host());
            let offered = look.as_ref().map_or(&[][..], |look| &look.branding().languages);
            let asked = Asked {
                path: exchange.uri().path().to_owned(),
                next: choice::next(exchange.uri().query().unwrap_or_default()),
                language: language_of(&exchange, offered),
                framed: exchange.is_framed(),
            };
            let ancestors = frame_ancestors(look.as_ref().map_or(&[][..], Look::portals));
            let outcome = self.follow(exchange).await;
            match &outcome {
                Ok(Outcome::In { session, .. }) => {
                    if let Ok(institution) = session.institution() {
                        emit(LoginAccepted { institution: &institution.id, surface: NAME, address: peer });
                    }
                }
                Err(Error::Unauthenticated) => {
                    emit(LoginRefused { surface: NAME, address: peer, reason: "credentials" });
                }
                Ok(Outcome::Stray { .. }) => {
                    emit(LoginRefused { surface: NAME, address: peer, reason: "institution" });
                }
                Err(Error::Forbidden) => emit(LoginRefused { surface: NAME, address: peer, reason: "unknown" }),
                Ok(_) | Err(_) => {}
            }
            let response = match outcome.and_then(|outcome| reply::to(outcome, &asked)) {
                Ok(response) => response,
                Err(error) => reply::failed(&error, &id, is_browser),
            };
            reply::strict(response, &ancestors)
        })
    }
}

impl Sso {
    async fn follow(&self, exchange: Exchange) -> Result<Outcome> {
        let is_post = match *exchange.method() {
            Method::GET => false,
            Method::POST => true,
            _ => return Err(Error::Unsupported { what: "this method" }),
        };
        // A sign-on in clear would hand the session to whoever listens.
        if !exchange.secure && !exchange.may_log_in {
            return Err(Error::Forbidden);
        }
        let read = arrival::read(exchange).await?;
        let (kind, realm, step) = place(&read.path).ok_or(Error::NotFound)?;
        let cookie = |name: &str| read.cookie(name);
        let arrival = Arrival {
            origin: &read.origin,
            host: &read.host,
            kind,
            realm,
            step,
            is_post,
            query: arrival::parameters(read.query.as_bytes()),
            raw_query: &read.query,
            form: read.form(),
            body: &read.body,
            headers: &read,
            peer: read.peer,
            cookie: &cookie,
        };
        if step != BEGIN {
            return self.door.sign_on(&arrival).await;
        }
        if is_post {
            return Err(Error::NotFound);
        }
        let prompt = match (arrival.query.single("gateway"), arrival.query.single("renew")) {
            (Some("true" | "1"), _) => Prompt::Never,
            (_, Some("true" | "1")) => Prompt::Always,
            _ => Prompt::AsNeeded,
        };
        let next = own_page(arrival.query.single("next").unwrap_or_default());
        self.door.begin_sign_on(&arrival, prompt, next).await
    }
}

/// Whether somebody looks at the answer, and not a provider's server.
fn accepts_pages(exchange: &Exchange) -> bool {
    let accepted = exchange.headers().get(http::header::ACCEPT).and_then(|value| value.to_str().ok());
    accepted.is_some_and(|accepted| accepted.contains("text/html"))
}

/// `/cas/garonne/callback`: kind, realm, step.
fn place(path: &str) -> Option<(&str, &str, &str)> {
    let (kind, rest) = path.strip_prefix('/')?.split_once('/')?;
    let (realm, step) = rest.split_once('/')?;
    KINDS.contains(&kind).then_some((kind, realm, step))
}

/// The whole table from our errors to statuses.
fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound | Error::NoParent => StatusCode::NOT_FOUND,
        Error::Forbidden | Error::Unauthenticated => StatusCode::FORBIDDEN,
        Error::Invalid { .. } => StatusCode::BAD_REQUEST,
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Conflict | Error::Locked => StatusCode::CONFLICT,
        Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Error::OverQuota => StatusCode::INSUFFICIENT_STORAGE,
        Error::Unsupported { .. } => StatusCode::METHOD_NOT_ALLOWED,
        Error::Unavailable { .. } | Error::Unsettled { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}
