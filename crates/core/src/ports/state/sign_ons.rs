//! What a sign-on leaves behind where any node must find it: for seconds or minutes, and its tokens for as long as it lasts.

use crate::ports::Fut;
use passerelle_model::Timestamp;

/// Tokens of a sign-on, sealed under a key that is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedTokens {
    /// What is sealed; at most 24 KiB.
    pub sealed: String,
    /// Counts up with each change.
    pub version: u64,
}

/// Things used once, things handed over, and tokens. Names are hashes or random: nobody needs to read them.
pub trait SignOns: Send + Sync {
    /// Claims something that works once, such as an assertion: `true` for the first who claims it, on all nodes. It is
    /// remembered until `until`.
    fn claim<'a>(&'a self, id: &'a [u8; 32], until: Timestamp, now: Timestamp) -> Fut<'a, bool>;

    /// Leaves sealed octets, at most 4 KiB, for whoever comes with the name.
    fn hand_over<'a>(&'a self, name: &'a [u8; 32], sealed: &'a str, until: Timestamp) -> Fut<'a, ()>;

    /// Takes them, once; `None` when there are none, or no longer.
    fn take_over<'a>(&'a self, name: &'a [u8; 32], now: Timestamp) -> Fut<'a, Option<String>>;

    /// Keeps the tokens of a new session until it ends by itself.
    ///
    /// # Errors
    /// `Invalid` for more than 24 KiB.
    fn keep_tokens<'a>(&'a self, session: &'a [u8; 16], sealed: &'a str, until: Timestamp) -> Fut<'a, ()>;

    /// A session's tokens.
    fn tokens<'a>(&'a self, session: &'a [u8; 16], now: Timestamp) -> Fut<'a, Option<SealedTokens>>;

    /// Replaces them, if they are still of the version before; `false` when somebody was quicker, or they are gone.
    fn replace_tokens<'a>(&'a self, session: &'a [u8; 16], new: &'a SealedTokens) -> Fut<'a, bool>;

    /// Forgets them.
    fn drop_tokens<'a>(&'a self, session: &'a [u8; 16]) -> Fut<'a, ()>;
}
