//! What the store answers, in the gate's words.

use passerelle_core::Error;
use reqwest::StatusCode;

/// The error of an answer that is no success. S3 tells more by its code than by the status; an answer to HEAD has none.
pub(crate) fn told_fault(store: &str, doing: &str, status: StatusCode, code: &str) -> Error {
    let away = |what: &str| Error::unavailable(store, doing, what.to_owned());
    match (code, status) {
        ("NoSuchBucket", _) => away("the bucket is not there"),
        ("NoSuchUpload", _) => away("the upload was aborted by somebody"),
        ("InvalidAccessKeyId" | "SignatureDoesNotMatch", _) => away("access_key or secret_key is wrong"),
        (
            "PermanentRedirect"
            | "TemporaryRedirect"
            | "AuthorizationHeaderMalformed"
            | "IllegalLocationConstraintException",
            _,
        ) => away("the bucket is in another region, or at another endpoint"),
        ("XAmzContentSHA256Mismatch" | "BadDigest", _) => away("what arrived is not what was sent"),
        ("RequestTimeTooSkewed", _) => away("the gateway's clock and the store's are too far apart"),
        ("QuotaExceeded" | "InsufficientCapacity", _) | (_, StatusCode::INSUFFICIENT_STORAGE) => Error::OverQuota,
        ("KeyTooLongError" | "InvalidObjectName", _) => Error::invalid(TOO_LONG),
        ("EntityTooLarge", _) | (_, StatusCode::PAYLOAD_TOO_LARGE) => Error::invalid("larger than the store takes"),
        ("AccessDenied", _) | (_, StatusCode::FORBIDDEN) => Error::Forbidden,
        (_, StatusCode::NOT_FOUND) => Error::NotFound,
        // A write that meets another one is told 409 by Amazon.
        (_, StatusCode::PRECONDITION_FAILED) | ("ConditionalRequestConflict", _) => Error::Conflict,
        (code, status) => away(&format!("the store answered {status} {}", word(code))),
    }
}

/// Why a place cannot be.
pub(crate) const TOO_LONG: &str = "the name, with all that it lies in, is longer than the 1,024 octets of a key";

/// What is fit for the log of what a server says.
fn word(code: &str) -> &str {
    if code.len() <= 64 && code.bytes().all(|octet| octet.is_ascii_alphanumeric()) { code } else { "" }
}

/// The error of a request that got no answer.
pub(crate) fn lost(store: &str, doing: &str, error: reqwest::Error) -> Error {
    Error::unavailable(store, doing, chain(&error.without_url()))
}

/// The error with its causes: reqwest's own words say little.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_in_its_words() {
        let told = |status: StatusCode, code: &str| told_fault("store", "reading", status, code).chain();
        for (status, code, words) in [
            (StatusCode::MOVED_PERMANENTLY, "PermanentRedirect", "another region"),
            (StatusCode::TEMPORARY_REDIRECT, "TemporaryRedirect", "another region"),
            (StatusCode::NOT_FOUND, "NoSuchBucket", "bucket is not there"),
            (StatusCode::NOT_FOUND, "NoSuchKey", "not found"),
            (StatusCode::FORBIDDEN, "SignatureDoesNotMatch", "secret_key is wrong"),
            (StatusCode::FORBIDDEN, "RequestTimeTooSkewed", "clock"),
            (StatusCode::FORBIDDEN, "AccessDenied", "not permitted"),
            (StatusCode::BAD_REQUEST, "XAmzContentSHA256Mismatch", "not what was sent"),
            (StatusCode::CONFLICT, "ConditionalRequestConflict", "condition"),
            (StatusCode::SERVICE_UNAVAILABLE, "SlowDown", "SlowDown"),
            (StatusCode::BAD_GATEWAY, "<b>\r\nx", "502 Bad Gateway"),
        ] {
            let told = told(status, code);
            assert!(told.contains(words) && !told.contains('\n'), "{told}");
        }
    }
}
