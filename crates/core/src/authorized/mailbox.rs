//! Handles on mailboxes.

use crate::{
    Allows, Authorized, Edit, Error, Permit, Read, Remove, Result,
    ports::{
        ClientFacts, Content, FlagChange, LastingNames, Latest, Listed, MailboxFacts, MailboxStatus, OpenMailbox,
        Wanted,
    },
};
use passerelle_model::MailboxRef;
use std::fmt;

/// A mailbox that is kept open for its reader. What changes it takes a fresh handle that carries the right for that, so
/// that a right which is withdrawn meanwhile ends there.
pub struct OpenedMailbox {
    permit: Permit<MailboxRef, Read>,
    open: Box<dyn OpenMailbox>,
}

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

    /// Opens the mailbox and keeps it open, on a store connection of its own.
    ///
    /// # Errors
    /// `Unsupported` where the store has no such power, else as [`crate::ports::Mailboxes::open`].
    pub async fn keep_open(&self, client: Option<&ClientFacts>) -> Result<OpenedMailbox> {
        let mailboxes = self.port.as_mailboxes().ok_or(Error::Unsupported { what: "messages one by one" })?;
        let permit = self.permit.narrow();
        let open = mailboxes.open(&permit, client).await?;
        Ok(OpenedMailbox { permit, open })
    }
}

impl OpenedMailbox {
    /// What the store said when it was opened.
    pub fn facts(&self) -> &MailboxFacts {
        self.open.facts()
    }

    /// Every message.
    ///
    /// # Errors
    /// As [`OpenMailbox::list`].
    pub async fn list(&mut self, names: LastingNames) -> Result<Vec<Listed>> {
        self.open.list(&self.permit, names).await
    }

    /// A message, or a part of it.
    ///
    /// # Errors
    /// As [`OpenMailbox::read`].
    pub async fn read<'a>(&'a mut self, what: &'a Wanted) -> Result<Content<'a>> {
        self.open.read(&self.permit, what).await
    }

    /// Changes flags.
    ///
    /// # Errors
    /// As [`OpenMailbox::flag`]; `Forbidden` for a handle on something else.
    pub async fn flag<R: Allows<Edit>>(
        &mut self,
        with: &Authorized<MailboxRef, R>,
        uids: &[u32],
        change: &FlagChange,
    ) -> Result<()> {
        self.check_is(with.target())?;
        self.open.flag(&with.permit.narrow(), uids, change).await
    }

    /// Removes messages.
    ///
    /// # Errors
    /// As [`OpenMailbox::remove`]; `Forbidden` for a handle on something else.
    pub async fn remove<R: Allows<Remove>>(&mut self, with: &Authorized<MailboxRef, R>, uids: &[u32]) -> Result<()> {
        self.check_is(with.target())?;
        self.open.remove(&with.permit.narrow(), uids).await
    }

    /// Says goodbye to the store.
    pub async fn close(self) {
        self.open.close().await;
    }

    /// A handle on another mailbox is no right to this one.
    fn check_is(&self, target: &MailboxRef) -> Result<()> {
        if target == self.permit.target() { Ok(()) } else { Err(Error::Forbidden) }
    }
}

impl fmt::Debug for OpenedMailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenedMailbox({:?})", self.permit)
    }
}
