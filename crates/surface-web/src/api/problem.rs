//! What goes wrong, as a problem document (RFC 9457): `kind` for the program, `title` and `detail` for the person.

use super::json;
use crate::{NAME, face::Face};
use http::{HeaderValue, StatusCode, header};
use passerelle_core::{
    Error, ExternalRefused, Fault, FeedRefused,
    ports::{ExternalFault, FeedFault},
};
use passerelle_net::http::Response;
use passerelle_observe::{BackendFault, InternalFault, emit};
use serde_json::json;

/// Why a call is refused.
#[derive(Debug)]
pub(super) enum Refused {
    /// The gate or a back-end refuses it.
    Gate(Error),
    /// A server elsewhere does not let us in.
    External(ExternalFault),
    /// A calendar elsewhere cannot be had.
    Feed(FeedFault),
    /// The body is not JSON by its type (RFC 9110 §15.5.16).
    OtherKind,
    /// The body is not what this address takes.
    Unread,
    /// Nobody is meant by the name that was given.
    Nobody,
    /// Who administers signed on too long ago; where to do so again.
    Stale(String),
}

impl Refused {
    /// The refusal in one word, for the trail.
    pub(super) const fn word(&self) -> &'static str {
        match self {
            Self::Gate(error) => error.word(),
            Self::External(_) => "external",
            Self::Feed(_) => "feed",
            Self::OtherKind | Self::Unread | Self::Nobody => "invalid",
            Self::Stale(_) => "forbidden",
        }
    }
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Gate(error)
    }
}

impl From<ExternalRefused> for Refused {
    fn from(refused: ExternalRefused) -> Self {
        match refused {
            ExternalRefused::Server(fault) => Self::External(fault),
            ExternalRefused::Gate(error) => Self::Gate(error),
        }
    }
}

impl From<FeedRefused> for Refused {
    fn from(refused: FeedRefused) -> Self {
        match refused {
            FeedRefused::Feed(fault) => Self::Feed(fault),
            FeedRefused::Gate(error) => Self::Gate(error),
        }
    }
}

/// The whole table: status and kind. `problem-` and the kind is the message.
fn told(refused: &Refused) -> (StatusCode, &'static str) {
    match refused {
        Refused::Gate(error) => match error {
            Error::NotFound => (StatusCode::NOT_FOUND, "not-found"),
            Error::Forbidden => (StatusCode::FORBIDDEN, "forbidden"),
            Error::Unauthenticated => (StatusCode::UNAUTHORIZED, "signed-out"),
            Error::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "too-many"),
            Error::Conflict => (StatusCode::CONFLICT, "conflict"),
            Error::NoParent => (StatusCode::CONFLICT, "no-parent"),
            Error::Locked => (StatusCode::LOCKED, "locked"),
            Error::OverQuota => (StatusCode::INSUFFICIENT_STORAGE, "full"),
            Error::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too-large"),
            Error::Invalid { .. } => (StatusCode::BAD_REQUEST, "invalid"),
            Error::Unsupported { .. } => (StatusCode::NOT_IMPLEMENTED, "unsupported"),
            Error::Unavailable { .. } => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            Error::Unsettled { .. } => (StatusCode::SERVICE_UNAVAILABLE, "unsettled"),
            Error::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "internal"),
        },
        Refused::External(_) => (StatusCode::UNPROCESSABLE_ENTITY, "external"),
        Refused::Feed(_) => (StatusCode::UNPROCESSABLE_ENTITY, "feed"),
        Refused::OtherKind => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "other-kind"),
        Refused::Unread => (StatusCode::BAD_REQUEST, "unread"),
        Refused::Nobody => (StatusCode::UNPROCESSABLE_ENTITY, "nobody"),
        Refused::Stale(_) => (StatusCode::FORBIDDEN, "stale"),
    }
}

/// What an error is called, in the language of who called.
pub(super) fn title(face: &Face, error: &Error) -> String {
    face.say(&format!("problem-{}", told(&Refused::Gate(error.clone())).1))
}

/// Logs an error that is not the client's.
pub(super) fn log(error: &Error, request: &str) {
    match error.fault() {
        Fault::Client => {}
        Fault::Backend => emit(BackendFault { surface: NAME, chain: &error.chain(), request }),
        Fault::Gateway => emit(InternalFault { surface: NAME, chain: &error.chain(), request }),
    }
}

/// The document, in the language of who called. Whose fault it is stands in the log under the request's id.
pub(super) fn response(face: &Face, id: &str, refused: &Refused) -> Response {
    let (status, kind) = told(refused);
    let mut document = json!({
        "type": "about:blank",
        "status": status.as_u16(),
        "kind": kind,
        "title": face.say(&format!("problem-{kind}")),
    });
    let detail = match refused {
        Refused::External(fault) => Some(face.say(&format!("external-fault-{fault}"))),
        Refused::Feed(fault) => Some(super::elsewhere::said(face, fault)),
        Refused::Gate(Error::Invalid { what }) => Some(what.clone()),
        Refused::Gate(_) | Refused::OtherKind | Refused::Unread | Refused::Nobody | Refused::Stale(_) => None,
    };
    if let (Some(members), Some(detail)) = (document.as_object_mut(), detail) {
        members.insert("detail".to_owned(), json!(detail));
    }
    if let (Refused::Stale(next), Some(members)) = (refused, document.as_object_mut()) {
        members.insert("next".to_owned(), json!(next));
    }
    if let Refused::Gate(error) = refused {
        log(error, id);
        if let (Fault::Backend | Fault::Gateway, Some(members)) = (error.fault(), document.as_object_mut()) {
            members.insert("request".to_owned(), json!(id));
        }
    }
    let mut response = json(status, &document);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    if let Refused::Gate(Error::TooMany { seconds }) = refused {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(*seconds));
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{LANGUAGES, say};

    #[test]
    fn every_problem_has_its_words() {
        let gate = [
            Error::NotFound,
            Error::Forbidden,
            Error::Unauthenticated,
            Error::TooMany { seconds: 1 },
            Error::Conflict,
            Error::NoParent,
            Error::Locked,
            Error::OverQuota,
            Error::TooLarge { most: 1 },
            Error::invalid("x"),
            Error::Unsupported { what: "x" },
            Error::unavailable("x", "x", "x"),
            Error::unsettled("x", "x", "x"),
            Error::internal("x", "x"),
        ];
        let others = [
            Refused::External(ExternalFault::Name),
            Refused::Feed(FeedFault::Name),
            Refused::OtherKind,
            Refused::Unread,
            Refused::Nobody,
            Refused::Stale(String::new()),
        ];
        for refused in gate.into_iter().map(Refused::Gate).chain(others) {
            let key = format!("problem-{}", told(&refused).1);
            for (language, _) in LANGUAGES {
                assert_ne!(say(language, &key, &[]), key, "{language}");
            }
        }
    }
}
