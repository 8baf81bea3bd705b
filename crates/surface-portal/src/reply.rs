//! Answers with the headers that each of them carries.

use crate::asker::Place;
use http::{HeaderName, HeaderValue, StatusCode, header};
use passerelle_net::http::{Response, body_of, empty};
use serde_json::Value;

/// What every answer carries: it is one person's, and shown nowhere as a page of ours but where the institution lets it.
pub(crate) fn strict(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::CACHE_CONTROL, "private, no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    let policy =
        HeaderValue::from_static("default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'");
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(policy);
    // Who may read it across origins is said by name.
    let own = HeaderValue::from_static("same-origin");
    if !headers.contains_key(header::ACCESS_CONTROL_ALLOW_ORIGIN) {
        headers.insert(HeaderName::from_static("cross-origin-resource-policy"), own);
    }
    response
}

/// A JSON document (RFC 8259).
pub(crate) fn json(status: StatusCode, body: &Value, place: &Place) -> Response {
    let mut response = typed("application/json", body.to_string(), place);
    *response.status_mut() = status;
    response
}

/// A document of a media type.
pub(crate) fn typed(media_type: &'static str, body: String, place: &Place) -> Response {
    let mut response = http::Response::new(body_of(body));
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    headers.insert(header::CONTENT_LANGUAGE, HeaderValue::from_static(place.language));
    headers.insert(header::VARY, HeaderValue::from_static("Accept-Language, Authorization, Cookie"));
    response
}

/// RFC 9110 §15.4.4.
pub(crate) fn see_other(address: &str) -> Response {
    let mut response = http::Response::new(empty());
    *response.status_mut() = StatusCode::SEE_OTHER;
    let address = HeaderValue::from_str(address).unwrap_or(HeaderValue::from_static("/"));
    response.headers_mut().insert(header::LOCATION, address);
    response
}

/// A line of text, for what no person sees.
pub(crate) fn plain(status: StatusCode, text: &'static str) -> Response {
    let mut response = http::Response::new(body_of(text));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
