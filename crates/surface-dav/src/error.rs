//! Refusals, and the one table from the gate's errors to WebDAV's words.

use crate::xml::Writer;
use http::{
    HeaderValue, StatusCode,
    header::{ALLOW, CACHE_CONTROL, CONTENT_RANGE, CONTENT_TYPE, RETRY_AFTER},
};
use passerelle_core::{Door, Error};
use passerelle_net::http::{Response, body_of, challenge, empty};
use passerelle_observe::{BackendFault, ExternalFailed, InternalFault, emit};

/// When a client may ask again after a back-end failed, in seconds.
const RETRY: &str = "30";

/// Why a request is not done.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The gate says so.
    Gate(Error),
    /// The protocol says so.
    Status(StatusCode),
    /// The protocol says so, and names the condition that was violated (RFC 4918 §16).
    Condition(StatusCode, &'static str),
    /// CalDAV says so, by a condition of its own (RFC 4791 §1.3).
    Calendar(&'static str),
    /// CardDAV says so, by a condition of its own (RFC 6352 §6.3).
    Contacts(&'static str),
    /// A privilege is missing on what may be known to be there (RFC 3744 §7.1.1 `need-privileges`).
    Needs {
        /// On what.
        href: String,
        /// Which, as the name of its element.
        privilege: &'static str,
    },
    /// Locks are in the way whose tokens were not submitted; these are their roots (RFC 4918 §16 `lock-token-submitted`).
    Locked(Vec<String>),
    /// A lock cannot be had because of others; these are their roots (RFC 4918 §16 `no-conflicting-lock`).
    Conflicting(Vec<String>),
    /// No part of the file is asked for; it has so many octets (RFC 9110 §15.5.17).
    Range(u64),
    /// Not for what is here (RFC 9110 §15.5.6).
    Method,
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Gate(error)
    }
}

impl From<StatusCode> for Refusal {
    fn from(status: StatusCode) -> Self {
        Self::Status(status)
    }
}

/// The result of a method.
pub(crate) type Answer<T = Response> = Result<T, Refusal>;

/// The table. A new error of the gate must be given its word here.
pub(crate) const fn status(error: &Error) -> StatusCode {
    match error {
        Error::NotFound => StatusCode::NOT_FOUND,
        Error::Forbidden => StatusCode::FORBIDDEN,
        Error::Unauthenticated => StatusCode::UNAUTHORIZED,
        Error::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
        Error::Conflict => StatusCode::PRECONDITION_FAILED,
        // RFC 4918 §9.3.1, §9.7.1, §9.8.5: no collection to put it in.
        Error::NoParent => StatusCode::CONFLICT,
        Error::Locked => StatusCode::LOCKED,
        // RFC 4918 §11.5; RFC 4331 §5.
        Error::OverQuota => StatusCode::INSUFFICIENT_STORAGE,
        // RFC 9110 §15.5.14.
        Error::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
        Error::Invalid { .. } => StatusCode::BAD_REQUEST,
        Error::Unsupported { .. } => StatusCode::NOT_IMPLEMENTED,
        Error::Unavailable { .. } | Error::Unsettled { .. } => StatusCode::SERVICE_UNAVAILABLE,
        Error::Internal { .. } => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

impl Refusal {
    /// The answer. `request` is the id that log and client see.
    pub(crate) fn answer(self, door: &Door, host: Option<&str>, request: &str) -> Response {
        match self {
            Self::Gate(Error::Unauthenticated) => {
                let look = door.look_at(host);
                challenge(look.as_ref().map_or("Passerelle", |it| it.name_in("en")))
            }
            Self::Gate(error) => {
                note(&error, request);
                let mut response = bare(status(&error));
                match error {
                    Error::Unavailable { .. } => {
                        response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY));
                    }
                    Error::TooMany { seconds } => {
                        response.headers_mut().insert(RETRY_AFTER, seconds.into());
                    }
                    _ => {}
                }
                response
            }
            Self::Status(status) => bare(status),
            Self::Condition(status, name) => {
                let mut xml = Writer::error();
                xml.raw("<D:").raw(name).raw("/>");
                with_xml(status, xml.end_error())
            }
            // RFC 6638 §5.2.1
            Self::Calendar(name @ "valid-scheduling-message") => {
                of_namespace(StatusCode::BAD_REQUEST, crate::xml::CALDAV, name)
            }
            Self::Calendar(name) => of_namespace(StatusCode::FORBIDDEN, crate::xml::CALDAV, name),
            Self::Contacts(name) => of_namespace(StatusCode::FORBIDDEN, crate::xml::CARDDAV, name),
            Self::Needs { href, privilege } => {
                let mut xml = Writer::error();
                xml.raw("<D:need-privileges><D:resource><D:href>").raw(&href).raw("</D:href><D:privilege><");
                xml.raw(privilege).raw("/></D:privilege></D:resource></D:need-privileges>");
                with_xml(StatusCode::FORBIDDEN, xml.end_error())
            }
            Self::Locked(roots) => with_xml(StatusCode::LOCKED, roots_in("lock-token-submitted", &roots)),
            Self::Conflicting(roots) => with_xml(StatusCode::LOCKED, roots_in("no-conflicting-lock", &roots)),
            Self::Range(size) => {
                let mut response = bare(StatusCode::RANGE_NOT_SATISFIABLE);
                if let Ok(value) = HeaderValue::from_str(&format!("bytes */{size}")) {
                    response.headers_mut().insert(CONTENT_RANGE, value);
                }
                response
            }
            Self::Method => {
                let mut response = bare(StatusCode::METHOD_NOT_ALLOWED);
                response.headers_mut().insert(ALLOW, HeaderValue::from_static(crate::method::ALLOWED));
                response
            }
        }
    }
}

/// Says in the log what is not the client's own doing.
pub(crate) fn note(error: &Error, request: &str) {
    let surface = crate::NAME;
    // A server elsewhere is no back-end of ours.
    if let Some(fault) = error.feed_fault() {
        return emit(ExternalFailed { surface, fault: fault.as_str() });
    }
    match error {
        Error::Unavailable { .. } | Error::Unsettled { .. } => {
            emit(BackendFault { surface, chain: &error.chain(), request });
        }
        Error::Internal { .. } => emit(InternalFault { surface, chain: &error.chain(), request }),
        Error::NotFound
        | Error::Forbidden
        | Error::Unauthenticated
        | Error::TooMany { .. }
        | Error::Conflict
        | Error::NoParent
        | Error::Locked
        | Error::OverQuota
        | Error::TooLarge { .. }
        | Error::Invalid { .. }
        | Error::Unsupported { .. } => {}
    }
}

/// An answer without a body.
pub(crate) fn bare(status: StatusCode) -> Response {
    let mut response = http::Response::new(empty());
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    response
}

/// An answer with an XML body.
pub(crate) fn with_xml(status: StatusCode, xml: Vec<u8>) -> Response {
    let mut response = bare(status);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(crate::xml::MEDIA_TYPE));
    *response.body_mut() = body_of(xml);
    response
}

/// A condition that does not hold, of one of the protocols on top.
fn of_namespace(status: StatusCode, namespace: &str, name: &str) -> Response {
    let mut xml = Writer::error();
    xml.raw("<C:").raw(name).raw(" xmlns:C=\"").raw(namespace).raw("\"/>");
    with_xml(status, xml.end_error())
}

fn roots_in(name: &str, roots: &[String]) -> Vec<u8> {
    let mut xml = Writer::error();
    xml.raw("<D:").raw(name).raw(">");
    for root in roots {
        xml.raw("<D:href>").raw(root).raw("</D:href>");
    }
    xml.raw("</D:").raw(name).raw(">");
    xml.end_error()
}
