//! Which leg fails, in a word for programs and a sentence for people. The words stay: docs/PORTALS.md lists them.

use crate::{asker::Place, reply, words};
use http::{HeaderValue, StatusCode, header};
use passerelle_core::{Error, Failing, FailingLeg};
use passerelle_net::http::Response;
use serde_json::{Value, json};

/// A leg in a word.
pub(crate) const fn leg(leg: FailingLeg) -> &'static str {
    match leg {
        FailingLeg::Mail => "mail",
        FailingLeg::Files => "files",
        FailingLeg::Directory => "directory",
        FailingLeg::SignOn => "sign-on",
        FailingLeg::Gateway => "gateway",
    }
}

/// The whole table from our errors to words and, for what is refused as a whole, statuses.
const fn word(error: &Error) -> (&'static str, StatusCode) {
    match error {
        Error::Unauthenticated => ("refused", StatusCode::UNAUTHORIZED),
        Error::Forbidden => ("unknown", StatusCode::FORBIDDEN),
        Error::NotFound | Error::NoParent => ("missing", StatusCode::NOT_FOUND),
        Error::Invalid { .. } => ("invalid", StatusCode::BAD_REQUEST),
        Error::Unsupported { .. } => ("unsupported", StatusCode::NOT_IMPLEMENTED),
        Error::Unavailable { .. } | Error::Unsettled { .. } => ("unavailable", StatusCode::SERVICE_UNAVAILABLE),
        Error::Internal { .. } => ("internal", StatusCode::INTERNAL_SERVER_ERROR),
        Error::TooMany { .. } => ("too-often", StatusCode::TOO_MANY_REQUESTS),
        Error::Conflict | Error::Locked | Error::OverQuota | Error::TooLarge { .. } => {
            ("failed", StatusCode::SERVICE_UNAVAILABLE)
        }
    }
}

/// The word of an error.
pub(crate) const fn code(error: &Error) -> &'static str {
    word(error).0
}

/// What people are told of a leg that fails: never what a back-end said.
pub(crate) fn text(failing: &Failing, language: &str) -> String {
    let (leg, code) = (leg(failing.leg), code(&failing.error));
    let found = |key: String| words::found(language, &key);
    let found = found(format!("cause-{leg}-{code}")).or_else(|| found(format!("cause-{code}")));
    found.unwrap_or_else(|| words::say(language, "cause-failed", &[]))
}

/// `errorCause`: a list, or null when everything answered.
pub(crate) fn causes<'f>(failing: impl IntoIterator<Item = &'f Failing>, language: &str) -> Value {
    let list: Vec<Value> = failing
        .into_iter()
        .map(|one| json!({"leg": leg(one.leg), "code": code(&one.error), "text": text(one, language)}))
        .collect();
    if list.is_empty() { Value::Null } else { Value::Array(list) }
}

/// The status of a refusal.
pub(crate) fn status(failing: &Failing) -> StatusCode {
    word(&failing.error).1
}

/// What is refused as a whole: nobody asks, or nobody can say who.
pub(crate) fn refused(failing: &Failing, place: &Place) -> Response {
    let response = reply::json(status(failing), &json!({"errorCause": causes([failing], place.language)}), place);
    challenged(response, failing)
}

/// Says how to ask (RFC 6750 §3).
pub(crate) fn challenged(mut response: Response, failing: &Failing) -> Response {
    if matches!(failing.error.as_ref(), Error::Unauthenticated) {
        let how = HeaderValue::from_static("Bearer realm=\"portal\", error=\"invalid_token\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, how);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn every_cause_has_words_in_each_language_and_tells_nothing_of_the_inside() {
        let errors = || {
            [
                Error::Unauthenticated,
                Error::Forbidden,
                Error::NotFound,
                Error::invalid("hunter2"),
                Error::Unsupported { what: "hunter2" },
                Error::unavailable("ldap://inside", "binding", "hunter2"),
                Error::internal("x", "hunter2"),
                Error::Locked,
            ]
        };
        let legs =
            [FailingLeg::Mail, FailingLeg::Files, FailingLeg::Directory, FailingLeg::SignOn, FailingLeg::Gateway];
        for (at, error) in legs.into_iter().flat_map(|leg| errors().map(|error| (leg, error))) {
            let failing = Failing { leg: at, error: Arc::new(error) };
            let told = words::LANGUAGES.map(|(language, _)| text(&failing, language));
            assert!(told.iter().all(|text| text.contains(' ') && !text.starts_with("cause")), "{failing:?}: {told:?}");
            let different: std::collections::HashSet<&String> = told.iter().collect();
            assert_eq!(different.len(), told.len(), "{failing:?}: {told:?}");
            let json = causes([&failing], "en").to_string();
            assert!(!json.contains("inside") && !json.contains("hunter2"), "{json}");
        }
        assert_eq!(causes([], "en"), Value::Null);
    }
}
