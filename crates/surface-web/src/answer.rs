//! Answers of `/api/...`: JSON, and the one table from our errors to it.

use crate::NAME;
use http::{HeaderValue, StatusCode, header};
use passerelle_core::{Error, Fault};
use passerelle_net::http::{Response, body_of};
use passerelle_observe::{BackendFault, InternalFault, emit};
use serde_json::{Value, json};

/// What was asked for.
pub(crate) fn json(content: &Value) -> Response {
    with_status(StatusCode::OK, content)
}

/// The whole table from our errors to answers: `{"error": {"kind": "...", "id": "..."}}`, where `id` is what the log has.
pub(crate) fn failed(id: &str, error: &Error) -> Response {
    match error.fault() {
        Fault::Client => {}
        Fault::Backend => emit(BackendFault { surface: NAME, chain: &error.chain(), request: id }),
        Fault::Gateway => emit(InternalFault { surface: NAME, chain: &error.chain(), request: id }),
    }
    let (status, kind) = match error {
        Error::NotFound | Error::NoParent => (StatusCode::NOT_FOUND, "notFound"),
        Error::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
        Error::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
        Error::Invalid { .. } => (StatusCode::BAD_REQUEST, "invalid"),
        Error::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "tooMany"),
        Error::Conflict => (StatusCode::CONFLICT, "conflict"),
        Error::Locked => (StatusCode::LOCKED, "locked"),
        Error::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "tooLarge"),
        Error::OverQuota => (StatusCode::INSUFFICIENT_STORAGE, "overQuota"),
        Error::Unsupported { .. } => (StatusCode::NOT_IMPLEMENTED, "unsupported"),
        Error::Unavailable { .. } | Error::Unsettled { .. } => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
        Error::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    };
    let mut told = json!({ "kind": kind, "id": id });
    if let (Error::Invalid { what }, Some(told)) = (error, told.as_object_mut()) {
        told.insert("what".to_owned(), json!(what));
    }
    with_status(status, &json!({ "error": told }))
}

fn with_status(status: StatusCode, content: &Value) -> Response {
    let mut response = http::Response::new(body_of(content.to_string()));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
