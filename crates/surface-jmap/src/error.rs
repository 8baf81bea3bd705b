//! What goes wrong, in JMAP's words: of a request (RFC 8620 §3.6.1), of a method (§3.6.2), of one object of a `/set` (§5.3).

use crate::{NAME, limits::Doing};
use http::StatusCode;
use passerelle_core::Error;
use passerelle_observe::{BackendFault, ExternalFailed, InternalFault, emit};
use serde_json::{Map, Value, json};

/// Why a request as a whole is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum BadRequest {
    UnknownCapability(String),
    NotJson(String),
    NotRequest(String),
    /// A limit, by the name that the session gives it.
    Limit(&'static str),
}

impl BadRequest {
    pub(crate) fn crowded(doing: Doing) -> Self {
        Self::Limit(doing.name())
    }

    /// The problem document (RFC 7807) and its status.
    pub(crate) fn problem(&self) -> (StatusCode, Value) {
        let (word, status, detail) = match self {
            Self::UnknownCapability(which) => {
                ("unknownCapability", StatusCode::BAD_REQUEST, format!("the capability {which} is not known here"))
            }
            Self::NotJson(why) => ("notJSON", StatusCode::BAD_REQUEST, why.clone()),
            Self::NotRequest(why) => ("notRequest", StatusCode::BAD_REQUEST, why.clone()),
            Self::Limit(which) => {
                let status = if which.starts_with("maxConcurrent") {
                    StatusCode::TOO_MANY_REQUESTS
                } else {
                    StatusCode::BAD_REQUEST
                };
                ("limit", status, format!("more than {which} allows"))
            }
        };
        let mut problem = json!({
            "type": format!("urn:ietf:params:jmap:error:{word}"), "status": status.as_u16(), "detail": detail,
        });
        if let (Self::Limit(which), Some(problem)) = (self, problem.as_object_mut()) {
            problem.insert("limit".to_owned(), json!(which));
        }
        (status, problem)
    }
}

/// Why a method call gets an error for its answer.
#[derive(Debug, Clone)]
pub(crate) struct MethodError {
    /// The word.
    kind: &'static str,
    /// For whoever writes a client.
    description: Option<String>,
    /// What happened, for the log.
    cause: Option<Error>,
}

impl MethodError {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self { kind, description: None, cause: None }
    }

    pub(crate) fn saying(kind: &'static str, description: impl Into<String>) -> Self {
        Self { kind, description: Some(description.into()), cause: None }
    }

    pub(crate) fn invalid(description: impl Into<String>) -> Self {
        Self::saying("invalidArguments", description)
    }

    /// The same of the account that is copied from (RFC 8620 §5.4).
    pub(crate) fn of_the_other(self) -> Self {
        match self.kind {
            "accountNotFound" => Self::new("fromAccountNotFound"),
            "accountNotSupportedByMethod" => Self::new("fromAccountNotSupportedByMethod"),
            _ => self,
        }
    }

    /// The arguments of the `error` response to a request of this id.
    pub(crate) fn arguments(&self, request: &str) -> Value {
        note(self.cause.as_ref(), request);
        let mut all = Map::new();
        all.insert("type".to_owned(), json!(self.kind));
        if let Some(description) = &self.description {
            all.insert("description".to_owned(), json!(description));
        }
        Value::Object(all)
    }
}

/// The whole table from our errors to errors of a method.
impl From<Error> for MethodError {
    fn from(error: Error) -> Self {
        let cause = Some(error.clone());
        let said = match error {
            // That there is no such account is known before anything of it is asked for.
            Error::NotFound => Self::saying("serverUnavailable", "something has gone meanwhile, ask again"),
            Error::Forbidden => Self::new("forbidden"),
            Error::Unauthenticated => Self::saying("forbidden", "the session has ended"),
            Error::TooMany { seconds } => Self::saying("serverUnavailable", format!("wait {seconds} s")),
            Error::Conflict => Self::new("stateMismatch"),
            Error::NoParent => Self::invalid("there is nothing to put it in"),
            Error::Locked => Self::saying("serverUnavailable", "it is locked"),
            Error::OverQuota => Self::saying("serverFail", "the store is full, or busy with too many at once"),
            Error::TooLarge { .. } => Self::new("requestTooLarge"),
            Error::Invalid { what } => Self::invalid(what),
            Error::Unsupported { what } => Self::saying("serverFail", format!("this store cannot do it: {what}")),
            Error::Unavailable { .. } => {
                Self::saying("serverUnavailable", "the store cannot be reached, try again later")
            }
            Error::Unsettled { .. } => {
                Self::saying("serverPartialFail", "the store is gone, and nobody knows whether it was done")
            }
            Error::Internal { .. } => Self::saying("serverFail", "an internal fault, it has been logged"),
        };
        Self { cause, ..said }
    }
}

/// Why one object of a `/set` was not made, changed or destroyed.
#[derive(Debug, Clone)]
pub(crate) struct SetError {
    kind: &'static str,
    description: Option<String>,
    properties: Vec<String>,
    /// What else RFC 8621 has a client told: its name and value.
    more: Option<(&'static str, Value)>,
    /// What happened, for the log.
    cause: Option<Box<Error>>,
}

impl SetError {
    pub(crate) fn new(kind: &'static str) -> Self {
        Self { kind, description: None, properties: Vec::new(), more: None, cause: None }
    }

    /// There is one already, with this id (RFC 8620 §5.4).
    pub(crate) fn exists(id: &str) -> Self {
        Self::new("alreadyExists").with("existingId", json!(id))
    }

    pub(crate) fn saying(kind: &'static str, description: impl Into<String>) -> Self {
        Self { description: Some(description.into()), ..Self::new(kind) }
    }

    /// These properties cannot have these values.
    pub(crate) fn properties(names: &[&str], description: impl Into<String>) -> Self {
        let properties = names.iter().map(|name| (*name).to_owned()).collect();
        Self { properties, ..Self::saying("invalidProperties", description) }
    }

    /// Blobs that are not there (RFC 8621 §4.6).
    pub(crate) fn blobs_not_found(missing: &[String]) -> Self {
        Self::new("blobNotFound").with("notFound", json!(missing))
    }

    /// The same with something else that a client is told.
    pub(crate) fn with(self, name: &'static str, value: Value) -> Self {
        Self { more: Some((name, value)), ..self }
    }

    /// The same of what was begun: where it is not known how far it went, that is told.
    pub(crate) fn partly(self) -> Self {
        let is_lost = matches!(self.cause.as_deref(), Some(Error::Unavailable { .. } | Error::Unsettled { .. }));
        if !is_lost {
            return self;
        }
        let cause = self.cause;
        Self {
            cause,
            ..Self::saying("serverPartialFail", "the store is gone: a part of it may be done, ask for changes")
        }
    }

    /// What an operator has to know of it goes to the log, where the client is told another way.
    pub(crate) fn note(&self, request: &str) {
        note(self.cause.as_deref(), request);
    }

    /// As it is told in the answer to a request of this id.
    pub(crate) fn value(&self, request: &str) -> Value {
        self.note(request);
        let mut all = Map::new();
        all.insert("type".to_owned(), json!(self.kind));
        if let Some(description) = &self.description {
            all.insert("description".to_owned(), json!(description));
        }
        if !self.properties.is_empty() {
            all.insert("properties".to_owned(), json!(self.properties));
        }
        if let Some((name, value)) = &self.more {
            all.insert((*name).to_owned(), value.clone());
        }
        Value::Object(all)
    }
}

/// The whole table from our errors to errors of an object.
impl From<Error> for SetError {
    fn from(error: Error) -> Self {
        let cause = Some(Box::new(error.clone()));
        let said = match error {
            Error::NotFound => Self::new("notFound"),
            Error::Forbidden => Self::new("forbidden"),
            Error::Unauthenticated => Self::saying("forbidden", "the session has ended"),
            Error::TooMany { seconds } => Self::saying("rateLimit", format!("wait {seconds} s")),
            Error::Conflict => Self::saying("invalidProperties", "it is there already, or has changed meanwhile"),
            Error::NoParent => Self::saying("invalidProperties", "there is nothing to put it in"),
            Error::Locked => Self::saying("forbidden", "it is locked"),
            Error::OverQuota => Self::new("overQuota"),
            Error::TooLarge { .. } => Self::new("tooLarge"),
            Error::Invalid { what } => Self::saying("invalidProperties", what),
            Error::Unsupported { what } => Self::saying("forbidden", format!("this store cannot do it: {what}")),
            Error::Unavailable { .. } => {
                Self::saying("serverUnavailable", "the store cannot be reached, try again later")
            }
            Error::Unsettled { .. } => {
                Self::saying("serverPartialFail", "the store is gone, and nobody knows whether it was done")
            }
            Error::Internal { .. } => Self::saying("serverFail", "an internal fault, it has been logged"),
        };
        Self { cause, ..said }
    }
}

/// What an operator has to know of goes to the log with its causes; the client hears none of them.
pub(crate) fn note(cause: Option<&Error>, request: &str) {
    let Some(error) = cause else { return };
    // A server elsewhere is no back-end of ours.
    if let Some(fault) = error.feed_fault() {
        return emit(ExternalFailed { surface: NAME, fault: fault.as_str() });
    }
    match error {
        Error::Unavailable { .. } | Error::Unsettled { .. } => {
            emit(BackendFault { surface: NAME, chain: &error.chain(), request });
        }
        Error::Internal { .. } => emit(InternalFault { surface: NAME, chain: &error.chain(), request }),
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
