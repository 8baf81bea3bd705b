//! `VacationResponse` (RFC 8621 §8): there is one, which is always there.

pub(crate) mod get;
pub(crate) mod set;

/// Its id.
const ID: &str = "singleton";
