//! Handles on mailboxes.

use crate::{Allows, Authorized, Read, Result, ports::MailboxStatus};
use passerelle_model::MailboxRef;

impl<R: Allows<Read>> Authorized<MailboxRef, R> {
    /// The mailbox's counts.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot say: a count that cannot be had is never 0 (invariant 13).
    pub async fn status(&self) -> Result<MailboxStatus> {
        self.port.status(&self.permit.narrow()).await
    }
}
