//! Why a write is not done.

use passerelle_core::{Error, Right};
use passerelle_model::Rights;
use passerelle_wire_itip::Refused;

/// Why a write is not done: nothing of it is stored, and nobody was told anything.
#[derive(Debug)]
pub enum Refusal {
    /// The gate or a store says so.
    Gate(Error),
    /// A right is missing on a calendar that may be known to be there.
    Needs(Rights),
    /// What is written breaks a rule of scheduling: the precondition of CalDAV.
    Condition(&'static str),
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Gate(error)
    }
}

impl From<Refused> for Refusal {
    fn from(refused: Refused) -> Self {
        // What is said of messages only is never said of a write.
        Self::Condition(refused.element().unwrap_or("valid-calendar-data"))
    }
}

impl Refusal {
    /// What opening for a right came to.
    pub(crate) fn of_open<R: Right>(error: Error) -> Self {
        match error {
            Error::Forbidden => Self::Needs(R::NEEDS),
            other => Self::Gate(other),
        }
    }
}
