//! The port to what happens in mailboxes (RFC 2177, RFC 5465): that something has changed, not what. Whoever hears it asks for
//! the changes, through the gate again.

use super::Fut;
use crate::{Permit, Result, rights::Read};
use futures::Stream;
use passerelle_model::{AccountRef, MailboxRef};
use std::pin::Pin;

/// The power of a mail store to tell when something changes, on a connection for each who waits.
pub trait MailWatching: Send + Sync {
    /// Watches all of an owner's mailboxes.
    ///
    /// # Errors
    /// `Unsupported` where the store has no NOTIFY; `OverQuota` where too many wait already; `Unavailable`.
    fn watch_all<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Fut<'a, MailEvents>;

    /// Watches one mailbox.
    ///
    /// # Errors
    /// `NotFound`; `Unsupported` where the store has no IDLE; `OverQuota` where too many wait already; `Unavailable`.
    fn watch<'a>(&'a self, at: &'a Permit<MailboxRef, Read>) -> Fut<'a, MailEvents>;
}

/// What happens, until the stream is dropped. An error ends it: then something may have happened that was not told.
pub type MailEvents = Pin<Box<dyn Stream<Item = Result<MailEvent>> + Send>>;

/// Something that has happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MailEvent {
    /// Messages or flags of this mailbox.
    Mailbox(String),
    /// The mailboxes themselves, or their subscriptions; or more than the store could tell one by one.
    Mailboxes,
}
