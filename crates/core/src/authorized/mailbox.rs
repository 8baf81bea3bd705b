//! Handles on mailboxes.

use crate::{
    Allows, Authorized, Read, Result,
    ports::{Latest, MailboxStatus},
};
use passerelle_model::MailboxRef;

impl<R: Allows<Read>> Authorized<MailboxRef, R> {
    /// The mailbox's counts.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot say: a count that cannot be had is never 0 (invariant 13).
    pub async fn status(&self) -> Result<MailboxStatus> {
        self.port.status(&self.permit.narrow()).await
    }

    /// The counts, the last headers, the room.
    ///
    /// # Errors
    /// As [`Self::status`].
    pub async fn latest(&self, count: u32) -> Result<Latest> {
        self.port.latest(&self.permit.narrow(), count).await
    }
}
