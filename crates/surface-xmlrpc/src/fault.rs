//! Faults, with codes that stay. Negative ones are those of the "Specification for Fault Code Interoperability"
//! (xmlrpc-epi, 2001); positive ones are ours, close to HTTP's.

use dxr::Fault;
use passerelle_core::Error;

/// Every code, and what it means: for the reference.
pub(crate) const CODES: &[(i32, &str)] = &[
    (-32_700, "what came is no call: no XML, no UTF-8, nested too deep, or with a document type"),
    (-32_602, "a parameter is missing, unknown or of the wrong type; the text names it"),
    (-32_601, "there is no such method"),
    (400, "a value cannot be: the gateway or the directory's schema or policy does not take it; the text says which"),
    (401, "the session was withdrawn meanwhile"),
    (403, "the caller may see it, and may not do this; or a program's client is not made for this method"),
    (404, "it is not there, or is none of the caller's business: the two answer alike"),
    (409, "it is there already, or a condition does not hold"),
    (410, "the call with this key was made, and its secret was shown then: remove what it made, and make another"),
    (422, "the key came with another call before"),
    (423, "the key's call is under way, or nobody knows what came of it: look before you use another key"),
    (429, "too many calls; the text says how long to wait"),
    (500, "a fault of the gateway's own; it was logged"),
    (501, "this institution's directory or stores cannot do it: only read, or without settings for it"),
    (503, "a back-end is down or slow: try again later; look first whether it was done"),
    (507, "there is no room for one more"),
];

/// Why a call gets a fault.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// No call in it.
    NotXml(&'static str),
    /// No such method.
    NoMethod,
    /// Wrong parameters.
    Params(String),
    /// Too many calls: seconds to wait.
    TooMany(u64),
    /// The idempotency key came with another call.
    OtherCall,
    /// The call of the key is under way, or was cut off.
    UnderWay,
    /// The call of the key was made, and what it made was shown then.
    ShownBefore,
    /// The fault that the first call of the key got.
    Before(Fault),
    /// The gate or a back-end said no.
    Failed(Error),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

impl From<dxr::Error> for Refusal {
    fn from(error: dxr::Error) -> Self {
        Self::Params(error.to_string())
    }
}

impl Refusal {
    /// The fault to send.
    pub(crate) fn fault(&self) -> Fault {
        let (code, text) = match self {
            Self::NotXml(what) => (-32_700, (*what).to_owned()),
            Self::NoMethod => (-32_601, "there is no such method: ask system.listMethods".to_owned()),
            Self::Params(what) => (-32_602, what.clone()),
            Self::TooMany(seconds) => (429, format!("too many calls: wait {seconds} s")),
            Self::OtherCall => (422, "the idempotency key came with another call before".to_owned()),
            Self::UnderWay => {
                (423, "the call of this key is under way, or was cut off: look whether it was done".to_owned())
            }
            Self::ShownBefore => (410, "the call of this key was made, and what it made was shown then".to_owned()),
            Self::Before(fault) => return fault.clone(),
            Self::Failed(error) => return fault_of(error),
        };
        Fault::new(code, text)
    }

    /// The outcome in a word, for the trail.
    pub(crate) const fn word(&self) -> &'static str {
        match self {
            Self::NotXml(_) | Self::NoMethod | Self::Params(_) => "invalid",
            Self::TooMany(_) => "too many",
            Self::OtherCall | Self::UnderWay | Self::ShownBefore | Self::Before(_) => "repeated",
            Self::Failed(error) => error.word(),
        }
    }

    /// Whether a repetition would be refused alike, so that the refusal is the call's answer; or whether it may go better.
    pub(crate) const fn is_final(&self) -> bool {
        match self {
            Self::Failed(error) => match error {
                Error::NotFound | Error::Forbidden | Error::Conflict | Error::Invalid { .. } => true,
                Error::Unauthenticated
                | Error::TooMany { .. }
                | Error::NoParent
                | Error::Locked
                | Error::OverQuota
                | Error::TooLarge { .. }
                | Error::Unsupported { .. }
                | Error::Unavailable { .. }
                | Error::Unsettled { .. }
                | Error::Internal { .. } => false,
            },
            Self::NotXml(_)
            | Self::NoMethod
            | Self::Params(_)
            | Self::TooMany(_)
            | Self::OtherCall
            | Self::UnderWay
            | Self::ShownBefore
            | Self::Before(_) => false,
        }
    }
}

/// The fault for what the gate or a back-end said.
pub(crate) fn fault_of(error: &Error) -> Fault {
    Fault::new(code(error), words(error))
}

/// The whole table from our errors to codes.
const fn code(error: &Error) -> i32 {
    match error {
        Error::Invalid { .. } | Error::TooLarge { .. } => 400,
        Error::Unauthenticated => 401,
        Error::Forbidden => 403,
        Error::NotFound | Error::NoParent => 404,
        Error::Conflict => 409,
        Error::Locked => 423,
        Error::TooMany { .. } => 429,
        Error::Internal { .. } => 500,
        Error::Unsupported { .. } => 501,
        Error::Unavailable { .. } | Error::Unsettled { .. } => 503,
        Error::OverQuota => 507,
    }
}

/// The words for a client: never what a back-end said.
fn words(error: &Error) -> String {
    match error {
        Error::Unavailable { .. } => "a back-end cannot be reached, try again later".to_owned(),
        Error::Unsettled { .. } => "a back-end is gone, and nobody knows whether it was done".to_owned(),
        Error::Internal { .. } => "an internal fault, it has been logged".to_owned(),
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
        | Error::Unsupported { .. } => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_is_in_the_table_and_none_twice() {
        let errors = [
            Error::invalid("x"),
            Error::Unauthenticated,
            Error::TooMany { seconds: 1 },
            Error::Forbidden,
            Error::NotFound,
            Error::NoParent,
            Error::Conflict,
            Error::Locked,
            Error::internal("x", "y"),
            Error::Unsupported { what: "x" },
            Error::unavailable("x", "y", "z"),
            Error::OverQuota,
            Error::TooLarge { most: 1 },
        ];
        let others = [
            Refusal::NotXml("x"),
            Refusal::NoMethod,
            Refusal::Params(String::new()),
            Refusal::TooMany(1),
            Refusal::OtherCall,
            Refusal::UnderWay,
            Refusal::ShownBefore,
        ];
        let mut met = std::collections::BTreeSet::new();
        for refusal in errors.into_iter().map(Refusal::Failed).chain(others) {
            let code = refusal.fault().code();
            assert!(CODES.iter().any(|(known, _)| *known == code), "{code}");
            met.insert(code);
        }
        assert_eq!(met.len(), CODES.len());
        let secret = Refusal::Failed(Error::unavailable("ldap://inside", "binding", "hunter2")).fault();
        assert!(!secret.string().contains("inside") && !secret.string().contains("hunter2"));
    }
}
