//! What a sign-on leaves behind for seconds or minutes, where any node must find it.

use crate::ports::Fut;
use passerelle_model::Timestamp;

/// Things used once, and things handed over. Their names are hashes: nobody needs to read them.
pub trait SignOns: Send + Sync {
    /// Claims something that works once, such as an assertion: `true` for the first who claims it, on all nodes. It is
    /// remembered until `until`.
    fn claim<'a>(&'a self, id: &'a [u8; 32], until: Timestamp, now: Timestamp) -> Fut<'a, bool>;

    /// Leaves sealed octets, at most 4 KiB, for whoever comes with the name.
    fn hand_over<'a>(&'a self, name: &'a [u8; 32], sealed: &'a str, until: Timestamp) -> Fut<'a, ()>;

    /// Takes them, once; `None` when there are none, or no longer.
    fn take_over<'a>(&'a self, name: &'a [u8; 32], now: Timestamp) -> Fut<'a, Option<String>>;
}
