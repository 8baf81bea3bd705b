//! `SieveScript` (RFC 9661).

pub(crate) mod get;
pub(crate) mod query;
pub(crate) mod set;
pub(crate) mod validate;
