//! Handles on mailboxes. Beside the store they keep State true: grants follow a mailbox that is renamed through the gateway.

use crate::{
    Actor, Add, Allows, Authorized, Error, Lookup, Manage, OpenedMailbox, Read, Resource, Result, Tie,
    authorized::scanning::screened,
    ports::{
        Appended, ClientFacts, Flag, Latest, MailEvents, MailboxStatus, NewMessage, RelayConnection, SpecialUse,
        Subscription,
        state::{Granted, Sharing},
    },
};
use futures::{StreamExt, stream};
use passerelle_model::{MailboxRef, Rights};
use std::sync::Arc;

/// Most grants below a mailbox that are read; beyond it there is no answer rather than a short one.
const MOST_GRANTS_BELOW: usize = 10_000;

impl<R: Allows<Lookup>> Authorized<MailboxRef, R> {
    /// A raw stream to the owner's store, logged in as the owner. The surface lets nothing pass but what these
    /// [rights](Self::rights) allow on this mailbox.
    ///
    /// # Errors
    /// `Unavailable` when the store cannot be reached, `Unsupported` when it cannot be reached for another than its owner.
    pub async fn reach(&self, client: &ClientFacts) -> Result<RelayConnection> {
        let relay = self.port.as_relay().ok_or(Error::Unsupported { what: "IMAP" })?;
        relay.reach(&self.permit.narrow(), client).await
    }
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

    /// Watches the mailbox until the stream is dropped; ends with `Unauthenticated` when what it was opened for is withdrawn.
    ///
    /// # Errors
    /// As [`crate::ports::MailWatching::watch`]; `Unsupported` where the store has no such power.
    pub async fn watch(&self) -> Result<MailEvents> {
        let watching = self.port.as_watching().ok_or(Error::Unsupported { what: "watching a mailbox" })?;
        let events = watching.watch(&self.permit.narrow()).await?;
        Ok(until_withdrawn(events, self.permit.tie()))
    }

    /// Opens the mailbox and keeps it open, on a store connection of its own.
    ///
    /// # Errors
    /// `Unsupported` where the store has no such power, else as [`crate::ports::Mailboxes::open`].
    pub async fn keep_open(&self, client: Option<&ClientFacts>) -> Result<OpenedMailbox> {
        let mailboxes = self.port.as_mailboxes().ok_or(Error::Unsupported { what: "messages one by one" })?;
        let permit = self.permit.narrow();
        let open = mailboxes.open(&permit, client).await?;
        Ok(OpenedMailbox { permit, open, house: Arc::clone(&self.house) })
    }
}

impl<R: Allows<Add>> Authorized<MailboxRef, R> {
    /// Puts a message in. Flags that these [rights](Self::rights) do not let one change are left off, as RFC 4314 §4 has it. Where
    /// the owner's institution wants that, its scanners look first; not at what the operator brings.
    ///
    /// # Errors
    /// `Unsupported` where the store has no such power, else as [`crate::ports::Mailboxes::append`]; `Invalid` for what a
    /// scanner has found, `Unavailable` when it cannot say and must.
    pub async fn append(&self, mut message: NewMessage) -> Result<Appended> {
        message.flags.retain(|flag| may_set(self.held, flag));
        if self.is_screened() && !matches!(self.permit.actor(), Actor::System(_)) {
            message.octets = screened(message.octets, self.screen(None).await?);
        }
        let mailboxes = self.port.as_mailboxes().ok_or(Error::Unsupported { what: "putting messages in" })?;
        mailboxes.append(&self.permit.narrow(), message).await
    }
}

/// What happens, for as long as it may be told.
pub(super) fn until_withdrawn(events: MailEvents, tie: Option<&Arc<Tie>>) -> MailEvents {
    let Some(tie) = tie.map(|tie| Tie::clone(tie)) else { return events };
    let state = Some((events, Box::pin(tie.withdrawn())));
    Box::pin(stream::unfold(state, async |state| {
        let (mut events, mut withdrawn) = state?;
        tokio::select! {
            biased;
            () = &mut withdrawn => Some((Err(Error::Unauthenticated), None)),
            event = events.next() => match event? {
                Ok(event) => Some((Ok(event), Some((events, withdrawn)))),
                Err(error) => Some((Err(error), None)),
            },
        }
    }))
}

/// Whether who holds these rights may set this flag: `\Deleted` is the first step of removing, all else is editing.
fn may_set(held: Rights, flag: &Flag) -> bool {
    let needs = if flag.as_str() == "\\Deleted" { Rights::REMOVE } else { Rights::EDIT };
    held.contains(needs)
}

impl<R: Allows<Manage>> Authorized<MailboxRef, R> {
    /// The grants on the mailboxes below this one, by path: those of all of an owner's where this is [`MailboxRef::all_of`].
    ///
    /// # Errors
    /// `Unavailable` when State cannot say, or has more below than can be looked through.
    pub async fn grants_below(&self) -> Result<Vec<Granted>> {
        let below = self.house.state.grants_below(&Resource::target(self.target()), MOST_GRANTS_BELOW).await?;
        if below.len() >= MOST_GRANTS_BELOW {
            return Err(Error::unavailable("state", "reading grants", "more are below than can be looked through"));
        }
        Ok(below)
    }

    /// Makes this mailbox at the store.
    ///
    /// # Errors
    /// As [`crate::ports::MailboxTree::create`]; `Unsupported` where the store has no such power.
    pub async fn create(&self, use_for: Option<SpecialUse>) -> Result<()> {
        let tree = self.port.as_tree().ok_or(Error::Unsupported { what: "making mailboxes" })?;
        tree.create(&self.permit.narrow(), use_for).await
    }

    /// Gives it another name, and what hangs on it goes along.
    ///
    /// # Errors
    /// As [`crate::ports::MailboxTree::rename`]; `Unavailable` when State cannot be written: then grants hang at the old name.
    pub async fn rename<S: Allows<Manage>>(&self, to: &Authorized<MailboxRef, S>) -> Result<()> {
        let tree = self.port.as_tree().ok_or(Error::Unsupported { what: "renaming mailboxes" })?;
        if self.target().owner != to.target().owner {
            return Err(Error::invalid("a mailbox stays its owner's"));
        }
        tree.rename(&self.permit.narrow(), &to.permit.narrow()).await?;
        self.was_renamed(to).await
    }

    /// Deletes it with its messages, and the grants on it.
    ///
    /// # Errors
    /// As [`crate::ports::MailboxTree::delete`]; `Unavailable` when State cannot be written: then grants hang at a name that
    /// nothing has.
    pub async fn delete(&self) -> Result<()> {
        let tree = self.port.as_tree().ok_or(Error::Unsupported { what: "deleting mailboxes" })?;
        tree.delete(&self.permit.narrow()).await?;
        self.was_deleted().await
    }

    /// Puts it on its owner's list of subscribed mailboxes, or takes it off.
    ///
    /// # Errors
    /// As [`crate::ports::MailboxTree::subscribe`]; `Forbidden` for anybody but its owner, whose list it is.
    pub async fn subscribe(&self, to: Subscription) -> Result<()> {
        let tree = self.port.as_tree().ok_or(Error::Unsupported { what: "subscribing" })?;
        if self.permit.actor().account() != Some(&self.target().owner) {
            return Err(Error::Forbidden);
        }
        tree.subscribe(&self.permit.narrow(), to).await
    }

    /// The store has given it another name: what hangs on it goes along.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written; then it hangs at the old name.
    pub async fn was_renamed<S: Allows<Manage>>(&self, to: &Authorized<MailboxRef, S>) -> Result<()> {
        let (from, to) = (Resource::target(self.target()), Resource::target(to.target()));
        self.house.state.moved(&from, &to, Sharing::Carried).await
    }

    /// The store has deleted it. Mailboxes below may live on without it (RFC 9051 §6.3.5), and with them what hangs there.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written.
    pub async fn was_deleted(&self) -> Result<()> {
        let target = Resource::target(self.target());
        for granted in self.house.state.grants_at(&target).await? {
            if granted.target == target {
                self.house.state.remove_grant(&target, &granted.grant.to).await?;
            }
        }
        Ok(())
    }
}
