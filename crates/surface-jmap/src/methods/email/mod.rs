//! `Email` (RFC 8621 §4).

pub(crate) mod changed;
pub(crate) mod changes;
mod create;
mod filter;
pub(crate) mod get;
pub(crate) mod import;
mod properties;
pub(crate) mod put;
pub(crate) mod query;
pub(crate) mod query_changes;
pub(crate) mod roots;
pub(crate) mod set;
mod values;

pub(crate) use filter::moment;

/// What messages can be sorted by (RFC 8621 §4.4.2).
pub(crate) const SORTS: [&str; 7] = ["receivedAt", "sentAt", "size", "from", "to", "subject", "hasKeyword"];
