//! What the server answers, in the gate's words.

use passerelle_core::Error;
use reqwest::StatusCode;

/// The error of a status that is no success.
pub fn status_fault(store: &str, doing: &str, own: bool, status: StatusCode) -> Error {
    match status {
        // What a person proved themselves with is no good there; of a service account it is the settings that are wrong.
        StatusCode::UNAUTHORIZED if own => Error::Unauthenticated,
        StatusCode::FORBIDDEN | StatusCode::METHOD_NOT_ALLOWED => Error::Forbidden,
        StatusCode::NOT_FOUND | StatusCode::GONE => Error::NotFound,
        // RFC 4918 §9.3.1, §9.7.1, §9.8.5, §9.9.4: the folder above is missing.
        StatusCode::CONFLICT => Error::NoParent,
        StatusCode::PRECONDITION_FAILED => Error::Conflict,
        StatusCode::LENGTH_REQUIRED => Error::Unsupported { what: "an upload whose length is not known" },
        StatusCode::LOCKED => Error::Locked,
        StatusCode::PAYLOAD_TOO_LARGE | StatusCode::INSUFFICIENT_STORAGE => Error::OverQuota,
        other => Error::unavailable(store, doing, format!("the server answered {other}")),
    }
}

/// The error of a request that got no answer.
pub fn lost(store: &str, doing: &str, error: reqwest::Error) -> Error {
    Error::unavailable(store, doing, chain(&error.without_url()))
}

/// The error with its causes: reqwest's own words say little.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
