//! XML-RPC (xmlrpc.com's specification of 1999) at `/xmlrpc`, for portals and administrators' programs: accounts and
//! groups, who may do what, and what was changed by whom. Every call but introspection needs an administrator of the
//! institution: a person who signs on by password or page, or an API client with its token (RFC 6750 §2.1).
//!
//! It must never let an app password administer, nor show a password in a log, a fault or the trail.

mod arguments;
mod caller;
mod envelope;
mod fault;
mod limits;
mod methods;
mod params;
mod reference;
mod values;

pub use reference::reference;

use caller::Caller;
use envelope::{LARGEST_CALL, parse};
use fault::Refusal;
use http::{HeaderValue, Method, StatusCode, header};
use passerelle_core::{CallRates, Door, Errand, Error, Fault as Whose, LONGEST_CALL_KEY, Result, Session};
use passerelle_model::Secret;
use passerelle_net::http::{
    CookieWrites, Exchange, HttpSurface, Response, SESSION_COOKIE, Unread, body_of, challenge, empty, read_whole,
};
use passerelle_observe::{BackendFault, InternalFault, LoginRefused, emit};
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, atomic::AtomicBool},
};

const NAME: &str = "xmlrpc";
const PATH: &str = "/xmlrpc";
/// The header of draft-ietf-httpapi-idempotency-key-header, for a call that is alone in its request.
const KEY_HEADER: &str = "idempotency-key";

/// The XML-RPC surface.
pub fn surface(door: Door) -> Arc<dyn HttpSurface> {
    Arc::new(XmlRpc { door, rates: Arc::default() })
}

struct XmlRpc {
    door: Door,
    rates: Arc<CallRates>,
}

impl HttpSurface for XmlRpc {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serves(&self, path: &str) -> bool {
        path == PATH || path == "/xmlrpc/"
    }

    fn answer(&self, exchange: Exchange) -> Pin<Box<dyn Future<Output = Response> + Send + '_>> {
        Box::pin(self.respond(exchange))
    }
}

impl XmlRpc {
    async fn respond(&self, exchange: Exchange) -> Response {
        if exchange.method() != Method::POST {
            let mut response = bare(StatusCode::METHOD_NOT_ALLOWED);
            response.headers_mut().insert(header::ALLOW, HeaderValue::from_static("POST"));
            return response;
        }
        // A form cannot send it, so no page of another site can make a browser call (and the specification demands it).
        if !is_xml(&exchange) {
            return bare(StatusCode::UNSUPPORTED_MEDIA_TYPE);
        }
        let session = match self.session(&exchange).await {
            Ok(session) => session,
            Err(error) => return self.refuse_caller(&exchange, &error),
        };
        let Ok(key) = key(&exchange) else { return bare(StatusCode::BAD_REQUEST) };
        let (from, request) = (exchange.peer.ip(), Arc::clone(&exchange.id));
        let (rates, unsecured) = (Arc::clone(&self.rates), AtomicBool::new(false));
        let caller = Caller { session, from, request, key, rates, unsecured };
        match read_whole(exchange.body, LARGEST_CALL).await {
            Ok(body) => {
                // What was begun goes on when the client goes away: what a call does is one thing with its line in the trail.
                let done = tokio::spawn(async move { answer(&caller, &body).await }).await;
                done.unwrap_or_else(|_panicked| bare(StatusCode::INTERNAL_SERVER_ERROR))
            }
            Err(Unread::TooLarge) => bare(StatusCode::PAYLOAD_TOO_LARGE),
            Err(Unread::Gone) => bare(StatusCode::BAD_REQUEST),
        }
    }

    /// Who sent it: an API client by its token or its certificate, else a person as everywhere.
    async fn session(&self, exchange: &Exchange) -> Result<Session> {
        let Some(token) = bearer(exchange) else {
            if let Some(certificate) = &exchange.certificate
                && !exchange.headers().contains_key(header::AUTHORIZATION)
                && exchange.cookie(SESSION_COOKIE).is_none()
            {
                let session = self.door.api_by_certificate(certificate).await;
                if matches!(session, Err(Error::Unauthenticated)) {
                    emit(LoginRefused { surface: NAME, address: exchange.peer.ip(), reason: "credentials" });
                }
                return session;
            }
            return exchange.session(&self.door, Errand::Administration, CookieWrites::SameOrigin).await;
        };
        let refused = |reason| emit(LoginRefused { surface: NAME, address: exchange.peer.ip(), reason });
        if !exchange.may_log_in {
            refused("clear");
            return Err(Error::Forbidden);
        }
        let session = self.door.api(&token).await;
        if matches!(session, Err(Error::Unauthenticated)) {
            refused("credentials");
        }
        session
    }

    fn refuse_caller(&self, exchange: &Exchange, error: &Error) -> Response {
        if matches!(error, Error::Unauthenticated) {
            let look = self.door.look_at(exchange.host());
            return challenge(look.as_ref().map_or("Passerelle", |it| it.name_in("en")));
        }
        if let Error::TooMany { seconds } = error {
            let mut response = bare(StatusCode::TOO_MANY_REQUESTS);
            response.headers_mut().insert(header::RETRY_AFTER, (*seconds).into());
            return response;
        }
        log(error, &exchange.id);
        bare(match error {
            Error::Forbidden => StatusCode::FORBIDDEN,
            Error::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            Error::Unauthenticated
            | Error::TooMany { .. }
            | Error::NotFound
            | Error::Conflict
            | Error::NoParent
            | Error::Locked
            | Error::OverQuota
            | Error::TooLarge { .. }
            | Error::Invalid { .. }
            | Error::Unsupported { .. }
            | Error::Unavailable { .. }
            | Error::Unsettled { .. } => StatusCode::SERVICE_UNAVAILABLE,
        })
    }
}

fn is_xml(exchange: &Exchange) -> bool {
    let kind = exchange.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("text/xml") || kind.eq_ignore_ascii_case("application/xml")
}

/// `Authorization: Bearer token` (RFC 6750 §2.1)
fn bearer(exchange: &Exchange) -> Option<Secret> {
    let (scheme, token) = exchange.headers().get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| Secret::new(token.trim()))
}

/// What the header says of the key; an error for what can be none.
fn key(exchange: &Exchange) -> Result<Option<String>, ()> {
    let Some(value) = exchange.headers().get(KEY_HEADER) else { return Ok(None) };
    // A structured field's string (RFC 9651 §3.3.3) stands in quotes; programs leave them out.
    let text = value.to_str().map_err(drop)?.trim().trim_matches('"');
    if text.is_empty() || text.len() > LONGEST_CALL_KEY { Err(()) } else { Ok(Some(text.to_owned())) }
}

async fn answer(caller: &Caller, body: &[u8]) -> Response {
    let outcome = match parse(body) {
        Ok(call) if call.name == methods::MULTICALL => methods::multi(caller, call.params).await,
        Ok(call) => methods::run(caller, &call.name, call.params, caller.key.as_deref()).await,
        Err(refusal) => Err(refusal),
    };
    caller.secure().await;
    if let Err(Refusal::Failed(error)) = &outcome {
        log(error, &caller.request);
    }
    let xml = match outcome {
        Ok(value) => dxr::MethodResponse { value }.to_xml(),
        Err(refusal) => dxr::FaultResponse { fault: refusal.fault() }.to_xml(),
    };
    match xml {
        Ok(xml) => {
            let mut response = http::Response::new(body_of(format!("<?xml version=\"1.0\" encoding=\"utf-8\"?>{xml}")));
            response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml; charset=utf-8"));
            response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
            response
        }
        Err(error) => {
            log(&Error::internal("writing an answer", error), &caller.request);
            bare(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

pub(crate) fn log(error: &Error, request: &str) {
    match error.fault() {
        Whose::Client => {}
        Whose::Backend => emit(BackendFault { surface: NAME, chain: &error.chain(), request }),
        Whose::Gateway => emit(InternalFault { surface: NAME, chain: &error.chain(), request }),
    }
}

fn bare(status: StatusCode) -> Response {
    let mut response = http::Response::new(empty());
    *response.status_mut() = status;
    response
}
