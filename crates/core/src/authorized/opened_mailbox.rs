//! A mailbox that is kept open for its reader. What changes it, or another, takes a fresh handle that carries the right for
//! that, so that a right which is withdrawn meanwhile ends there.

use crate::{
    Add, Allows, Authorized, Edit, Error, Permit, Read, Remove, Result,
    house::House,
    ports::{
        Changed, Content, Copied, FlagChange, Found, Items, LastingNames, Listed, MailboxFacts, MailboxState,
        OpenMailbox, Query, Search, Summaries, Wanted,
    },
    seal::Purpose,
};
use passerelle_model::MailboxRef;
use std::{fmt, sync::Arc};

/// A mailbox that is kept open on a store connection of its own.
pub struct OpenedMailbox {
    pub(super) permit: Permit<MailboxRef, Read>,
    pub(super) open: Box<dyn OpenMailbox>,
    pub(super) house: Arc<House>,
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

    /// What a search finds.
    ///
    /// # Errors
    /// As [`crate::ports::Messages::find`].
    pub async fn find(&mut self, query: &Query) -> Result<Found> {
        query.search.check()?;
        self.open.find(&self.permit, query).await
    }

    /// What a search finds, as threads.
    ///
    /// # Errors
    /// As [`crate::ports::Messages::threads`].
    pub async fn threads(&mut self, search: &Search) -> Result<Vec<Vec<u32>>> {
        search.check()?;
        self.open.threads(&self.permit, search).await
    }

    /// What is to be seen of these messages.
    ///
    /// # Errors
    /// As [`crate::ports::Messages::show`].
    pub async fn show<'a>(&'a mut self, uids: &'a [u32], items: &'a Items) -> Result<Summaries<'a>> {
        self.open.show(&self.permit, uids, items).await
    }

    /// How the mailbox is now, as a text of at most 120 characters that any node understands later.
    ///
    /// # Errors
    /// As [`crate::ports::Messages::state`].
    pub async fn state(&mut self) -> Result<String> {
        let state = self.open.state(&self.permit).await?;
        Ok(self.state_text(state))
    }

    /// What has changed since a state that [`Self::state`] gave, with the text of the new one.
    ///
    /// # Errors
    /// As [`crate::ports::Messages::changes`]; `Invalid` for what is no state of this mailbox that was given out here.
    pub async fn changes(&mut self, since: &str) -> Result<(Changed, Option<String>)> {
        let since = self.known_state(since).ok_or_else(|| Error::invalid("this is no state of this mailbox"))?;
        let changed = self.open.changes(&self.permit, &since).await?;
        let text = match &changed {
            Changed::Told(changes) => Some(self.state_text(changes.state)),
            Changed::CannotTell => None,
        };
        Ok((changed, text))
    }

    /// The same since a state whose facts the caller keeps, as [`Self::facts`] and listings tell them.
    ///
    /// # Errors
    /// As [`crate::ports::Messages::changes`].
    pub async fn changes_since(&mut self, since: &MailboxState) -> Result<Changed> {
        self.open.changes(&self.permit, since).await
    }

    /// `<state>.<MAC>`: the MAC is over the mailbox too, so that one mailbox's state is none of another's.
    fn state_text(&self, state: MailboxState) -> String {
        let text = state.to_text();
        let mac = self.house.sealer.mac(Purpose::MailboxState, self.house.state.epoch(), &self.facts_of(&text));
        format!("{text}.{mac}")
    }

    fn known_state(&self, text: &str) -> Option<MailboxState> {
        let (text, mac) = text.rsplit_once('.')?;
        let (sealer, epoch) = (&self.house.sealer, self.house.state.epoch());
        let holds = sealer.mac_holds(Purpose::MailboxState, epoch, &self.facts_of(text), mac);
        MailboxState::from_text(text).filter(|_| holds)
    }

    fn facts_of(&self, text: &str) -> Vec<u8> {
        let MailboxRef { owner, name } = self.permit.target();
        [owner.institution.as_str(), owner.id.as_str(), name, text].join("\0").into_bytes()
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

    /// Copies messages into another mailbox of the same owner.
    ///
    /// # Errors
    /// As [`OpenMailbox::copy`].
    pub async fn copy<R: Allows<Add>>(&mut self, to: &Authorized<MailboxRef, R>, uids: &[u32]) -> Result<Copied> {
        self.check_has_neighbour(to.target())?;
        self.open.copy(&self.permit, &to.permit.narrow(), uids).await
    }

    /// Moves messages into another mailbox of the same owner.
    ///
    /// # Errors
    /// As [`OpenMailbox::relocate`]; `Forbidden` for a handle on something else.
    pub async fn relocate<R: Allows<Remove>, S: Allows<Add>>(
        &mut self,
        with: &Authorized<MailboxRef, R>,
        to: &Authorized<MailboxRef, S>,
        uids: &[u32],
    ) -> Result<Copied> {
        self.check_is(with.target())?;
        self.check_has_neighbour(to.target())?;
        self.open.relocate(&with.permit.narrow(), &to.permit.narrow(), uids).await
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

impl OpenedMailbox {
    /// Another owner's mailbox lies on another connection, or another store.
    fn check_has_neighbour(&self, target: &MailboxRef) -> Result<()> {
        if target.owner == self.permit.target().owner {
            return Ok(());
        }
        Err(Error::invalid("the other mailbox is not the same owner's"))
    }
}

impl fmt::Debug for OpenedMailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OpenedMailbox({:?})", self.permit)
    }
}
