//! `EmailSubmission` (RFC 8621 §7): a message is handed to the MTA while the answer is waited for, and what the MTA says is in that
//! answer. Nothing is queued and nothing remembered, so that there is nothing to get afterwards.

mod envelope;
mod send;
pub(crate) mod set;
