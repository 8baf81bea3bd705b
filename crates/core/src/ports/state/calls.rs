//! Calls that a client may repeat: the answer to the first one is the answer to all.

use crate::ports::Fut;
use passerelle_model::Timestamp;

/// How long an answer is kept, in seconds: a day.
pub const CALL_KEPT: i64 = 86_400;
/// Longest answer that is kept, in octets. A method that changes something answers with less.
pub const LONGEST_ANSWER: usize = 64 * 1024;

/// A call as it is told apart from others: SHA-256 of who called with which key.
pub type CallKey = [u8; 32];

/// What is known of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// Nothing: the call is to be made, and its answer kept.
    New,
    /// It was made.
    Known {
        /// SHA-256 of the call that the key came with first.
        call: [u8; 32],
        /// Its answer; `None` while it is under way, or when nobody knows what came of it.
        answer: Option<String>,
    },
}

/// The calls. What is written survives a power cut with the next [`secure`](super::AuditTrail::secure), before which nobody is
/// answered.
pub trait Calls: Send + Sync {
    /// Claims a key. Of two at once one gets [`Claim::New`].
    fn claim_call<'a>(&'a self, key: &'a CallKey, call: &'a [u8; 32], now: Timestamp) -> Fut<'a, Claim>;
    /// Keeps the answer of a call that was claimed.
    fn settle_call<'a>(&'a self, key: &'a CallKey, answer: &'a str) -> Fut<'a, ()>;
    /// Gives the key back: nothing was done, and the call may be made again.
    fn release_call<'a>(&'a self, key: &'a CallKey) -> Fut<'a, ()>;
}
