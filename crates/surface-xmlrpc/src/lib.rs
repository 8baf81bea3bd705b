//! XML-RPC (xmlrpc.com's specification of 1999) at `/xmlrpc`, for portals and administrators' programs: who somebody is,
//! and who may do what. Every call but introspection needs an administrator of the caller's own institution.

mod envelope;
mod fault;
mod methods;
mod values;

use envelope::{LARGEST_CALL, parse};
use fault::Refusal;
use http::{HeaderValue, Method, StatusCode, header};
use passerelle_core::{Door, Errand, Error, Fault as Whose, Session};
use passerelle_net::http::{
    CookieWrites, Exchange, HttpSurface, Response, Unread, body_of, challenge, empty, read_whole,
};
use passerelle_observe::{BackendFault, InternalFault, emit};
use std::{future::Future, pin::Pin, sync::Arc};

const NAME: &str = "xmlrpc";
const PATH: &str = "/xmlrpc";

/// The XML-RPC surface.
pub fn surface(door: Door) -> Arc<dyn HttpSurface> {
    Arc::new(XmlRpc { door })
}

struct XmlRpc {
    door: Door,
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
        let session = match exchange.session(&self.door, Errand::Administration, CookieWrites::SameOrigin).await {
            Ok(session) => session,
            Err(error) => return self.refuse_caller(&exchange, &error),
        };
        let id = Arc::clone(&exchange.id);
        match read_whole(exchange.body, LARGEST_CALL).await {
            Ok(body) => answer(&session, &body, &id).await,
            Err(Unread::TooLarge) => bare(StatusCode::PAYLOAD_TOO_LARGE),
            Err(Unread::Gone) => bare(StatusCode::BAD_REQUEST),
        }
    }

    fn refuse_caller(&self, exchange: &Exchange, error: &Error) -> Response {
        if matches!(error, Error::Unauthenticated) {
            let institution = self.door.institution_at(exchange.host());
            return challenge(institution.as_ref().map_or("Passerelle", |it| it.name_in("en")));
        }
        log(error, &exchange.id);
        bare(match error {
            Error::Forbidden => StatusCode::FORBIDDEN,
            Error::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
            Error::Unauthenticated
            | Error::NotFound
            | Error::Conflict
            | Error::NoParent
            | Error::Locked
            | Error::OverQuota
            | Error::Invalid { .. }
            | Error::Unsupported { .. }
            | Error::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
        })
    }
}

fn is_xml(exchange: &Exchange) -> bool {
    let kind = exchange.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("text/xml") || kind.eq_ignore_ascii_case("application/xml")
}

async fn answer(session: &Session, body: &[u8], request: &str) -> Response {
    let outcome = match parse(body) {
        Ok(call) => methods::dispatch(session, &call.name, call.params).await,
        Err(refusal) => Err(refusal),
    };
    if let Err(Refusal::Failed(error)) = &outcome {
        log(error, request);
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
            log(&Error::internal("writing an answer", error), request);
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
