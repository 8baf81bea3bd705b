//! Faults, with codes that stay. Negative ones are those of the "Specification for Fault Code Interoperability"
//! (xmlrpc-epi, 2001); positive ones are ours, close to HTTP's.

use dxr::Fault;
use passerelle_core::Error;

/// Why a call gets a fault.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// No call in it.
    NotXml(&'static str),
    /// No such method.
    NoMethod,
    /// Wrong parameters.
    Params(String),
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
            Self::Failed(error) => (code(error), words(error)),
        };
        Fault::new(code, text)
    }
}

/// The whole table from our errors to codes.
const fn code(error: &Error) -> i32 {
    match error {
        Error::Invalid { .. } => 400,
        Error::Unauthenticated => 401,
        Error::Forbidden => 403,
        Error::NotFound | Error::NoParent => 404,
        Error::Conflict => 409,
        Error::Locked => 423,
        Error::Internal { .. } => 500,
        Error::Unsupported { .. } => 501,
        Error::Unavailable { .. } => 503,
        Error::OverQuota => 507,
    }
}

/// The words for a client: never what a back-end said.
fn words(error: &Error) -> String {
    match error {
        Error::Unavailable { .. } => "a back-end cannot be reached, try again later".to_owned(),
        Error::Internal { .. } => "an internal fault, it has been logged".to_owned(),
        Error::NotFound
        | Error::Forbidden
        | Error::Unauthenticated
        | Error::Conflict
        | Error::NoParent
        | Error::Locked
        | Error::OverQuota
        | Error::Invalid { .. }
        | Error::Unsupported { .. } => error.to_string(),
    }
}
