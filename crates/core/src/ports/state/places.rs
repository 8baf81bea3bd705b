//! What hangs on a place, and what becomes of it when the place changes: grants, links, dead properties and locks, here
//! and on all below.

use crate::ports::Fut;
use passerelle_model::Target;

/// What becomes of grants and links when their place moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharing {
    /// They go along.
    Carried,
    /// They end: in another owner's tree they would be a way in that the new owner never gave.
    Ended,
}

/// Changes of places. Each is one transaction: after a crash either all of it has happened or nothing.
pub trait Places: Send + Sync {
    /// Something new was made here. What hung on an earlier thing of this name must not hang on it; a lock stays, for its
    /// holder is who writes here (RFC 4918 §7.3).
    fn made<'a>(&'a self, target: &'a Target) -> Fut<'a, ()>;

    /// What was here is gone, with all that hung on it, locks too (RFC 4918 §9.6.1).
    fn gone<'a>(&'a self, target: &'a Target) -> Fut<'a, ()>;

    /// What was at `from` is at `to` now. Properties go along, `sharing` says whether grants and links do, and locks end
    /// (RFC 4918 §7.5). What hung on `to` before is gone. Nothing happens where both are one.
    ///
    /// # Errors
    /// `Invalid` when one lies below the other.
    fn moved<'a>(&'a self, from: &'a Target, to: &'a Target, sharing: Sharing) -> Fut<'a, ()>;

    /// What is at `from` is at `to` as well, with all below when `deep`. Properties are copied; grants, links and locks
    /// are not. What hung on `to` before is gone. Nothing happens where both are one.
    ///
    /// # Errors
    /// `Invalid` when `from` lies below `to`.
    fn copied<'a>(&'a self, from: &'a Target, to: &'a Target, deep: bool) -> Fut<'a, ()>;
}
