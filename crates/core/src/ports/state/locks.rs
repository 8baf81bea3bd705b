//! WebDAV locks, seen by every node. They bind DAV clients only.

use crate::ports::Fut;
use passerelle_model::{Account, Target, Timestamp};

/// A lock token: an absolute URI (RFC 4918 §6.5).
pub type LockToken = String;

/// A lock in force.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lock {
    /// Its token.
    pub token: LockToken,
    /// The root of the lock.
    pub target: Target,
    /// How far down it reaches.
    pub depth: LockDepth,
    /// Exclusive or shared.
    pub scope: LockScope,
    /// Who holds it.
    pub holder: Account,
    /// What the client said of its owner: XML, at most 4 KiB (RFC 4918 §14.17).
    pub owner: String,
    /// When it ends by itself.
    pub expires: Timestamp,
}

/// How far down a lock reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockDepth {
    /// The target alone.
    Zero,
    /// The target and everything below.
    Infinity,
}

/// Exclusive or shared (RFC 4918 §6.2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockScope {
    /// One at a time.
    Exclusive,
    /// Beside other shared ones.
    Shared,
}

/// What a client asks for. The token comes from outside, so that it can be tested.
pub type LockRequest = Lock;

/// The locks.
pub trait Locks: Send + Sync {
    /// Takes a lock in one step.
    ///
    /// # Errors
    /// `Locked` when one that conflicts is in force at `now`: on the target, above it with infinite depth, or, for an
    /// infinite request, anywhere below it (RFC 4918 §6.1, §7.4).
    fn lock<'a>(&'a self, request: &'a LockRequest, now: Timestamp) -> Fut<'a, ()>;

    /// The locks in force on a target: its own and those above that reach it.
    fn locks_on<'a>(&'a self, target: &'a Target, now: Timestamp) -> Fut<'a, Vec<Lock>>;

    /// The locks in force anywhere below a target.
    fn locks_below<'a>(&'a self, target: &'a Target, now: Timestamp) -> Fut<'a, Vec<Lock>>;

    /// Prolongs; `None` when no such lock is in force.
    fn refresh<'a>(&'a self, token: &'a str, expires: Timestamp, now: Timestamp) -> Fut<'a, Option<Lock>>;

    /// Gives back; `false` when no such lock was held.
    fn unlock<'a>(&'a self, token: &'a str) -> Fut<'a, bool>;
}
