//! `Thread` (RFC 8621 §3).

pub(crate) mod changes;
pub(crate) mod get;
