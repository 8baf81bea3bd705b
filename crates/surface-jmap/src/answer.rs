//! Who asks, and answers with the headers that each of them carries.

use crate::{
    error::{self, BadRequest},
    limits::Place,
};
use bytes::Bytes;
use futures::{StreamExt, stream};
use http::{HeaderName, HeaderValue, StatusCode, header};
use passerelle_core::{Door, Errand, Error, Result, Session};
use passerelle_net::http::{CookieWrites, Exchange, Response, body_of, challenge, empty, stream_of};
use serde_json::Value;

/// Octets of an answer that are handed on at once.
const PIECE: usize = 64 * 1024;

/// Who asks: by password or app password, else by the cookie of the office's own page.
pub(crate) async fn session(door: &Door, exchange: &Exchange) -> Result<Session> {
    exchange.session(door, Errand::Mail, CookieWrites::SameOrigin).await
}

/// What every answer carries: it is one person's, and shown nowhere as a page of ours.
pub(crate) fn strict(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "private, no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::CONTENT_SECURITY_POLICY, "sandbox; default-src 'none'; frame-ancestors 'none'"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// A JSON document (RFC 8259).
pub(crate) fn json(status: StatusCode, body: &Value) -> Response {
    let mut response = http::Response::new(body_of(body.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}

/// An answer whose person keeps a place until its last octet is sent: who does not read has no others meanwhile.
pub(crate) fn holding(place: Place, octets: Bytes) -> Response {
    let pieces = stream::unfold((octets, place), async |(mut octets, place)| {
        let piece = octets.split_to(octets.len().min(PIECE));
        (!piece.is_empty()).then_some((Ok(piece), (octets, place)))
    });
    http::Response::new(stream_of(pieces.boxed()))
}

/// Nothing but a status.
pub(crate) fn none(status: StatusCode) -> Response {
    let mut response = http::Response::new(empty());
    *response.status_mut() = status;
    response
}

/// Why a request as a whole is refused (RFC 8620 §3.6.1).
pub(crate) fn bad(why: &BadRequest) -> Response {
    let (status, problem) = why.problem();
    let mut response = json(status, &problem);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}

/// The answer to what the gate or a back-end refused, where no method stands between.
pub(crate) fn refused(error: &Error, request: &str) -> Response {
    error::note(Some(error), request);
    let status = match error {
        Error::Unauthenticated => return challenge("Passerelle"),
        Error::Invalid { .. } => StatusCode::BAD_REQUEST,
        Error::Forbidden => StatusCode::FORBIDDEN,
        Error::NotFound | Error::NoParent => StatusCode::NOT_FOUND,
        Error::Conflict => StatusCode::CONFLICT,
        Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Locked => StatusCode::LOCKED,
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
        Error::Unsupported { .. } => StatusCode::NOT_IMPLEMENTED,
        Error::Unavailable { .. } | Error::Unsettled { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Error::OverQuota => StatusCode::INSUFFICIENT_STORAGE,
    };
    let mut response = none(status);
    if let Error::TooMany { seconds } = error {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}
