//! A mailbox that is kept open on a store connection of its own (RFC 9051 §6.3.2, §6.3.3): one command at a time, each
//! answer within the store's deadline, no answer in memory whole but small ones.

mod change;
mod list;
mod marked;
mod read;

use crate::{
    connect::is_ok,
    imap::{Imap, Who},
    login::code,
    settings::Store,
};
use passerelle_core::{
    Edit, Error, Permit, Read, Remove, Result,
    ports::{ClientFacts, Content, FlagChange, Fut, LastingNames, Listed, MailboxFacts, Marked, OpenMailbox, Wanted},
};
use passerelle_model::MailboxRef;
use std::{future::Future, pin::Pin, sync::Arc};

/// How the mailbox is open at the store.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// EXAMINE.
    Looking,
    /// SELECT.
    Changing,
}

/// A mailbox on its connection.
pub(crate) struct OpenedImap {
    imap: Imap,
    /// The mailbox's name as a quoted string.
    mailbox: String,
    mode: Mode,
    facts: MailboxFacts,
}

/// Connects, logs in as the owner, and examines the mailbox.
pub(crate) async fn open(
    store: &Arc<Store>,
    at: &Permit<MailboxRef, Read>,
    client: Option<&ClientFacts>,
) -> Result<Box<dyn OpenMailbox>> {
    let who = Who { owner: &at.target().owner, actor: at.actor(), delegation: at.delegation() };
    let mut imap = Imap::of(store, who, client).await?;
    let mailbox = imap.name(&at.target().name).await?;
    let removes = imap.has("UIDPLUS") || imap.has("IMAP4REV2");
    let facts = MailboxFacts { uid_validity: 0, exists: 0, removes };
    let mut opened = OpenedImap { imap, mailbox, mode: Mode::Looking, facts };
    opened.enter(Mode::Looking).await?;
    Ok(Box::new(opened))
}

impl OpenMailbox for OpenedImap {
    fn facts(&self) -> &MailboxFacts {
        &self.facts
    }

    fn list<'a>(&'a mut self, _at: &'a Permit<MailboxRef, Read>, names: LastingNames) -> Fut<'a, Vec<Listed>> {
        Box::pin(list::list(self, names))
    }

    fn read<'a>(&'a mut self, _at: &'a Permit<MailboxRef, Read>, what: &'a Wanted) -> Fut<'a, Content<'a>> {
        Box::pin(read::read(self, what))
    }

    fn marked<'a>(&'a mut self, _at: &'a Permit<MailboxRef, Read>, uids: &'a [u32]) -> Fut<'a, Vec<Marked>> {
        Box::pin(marked::marked(self, uids))
    }

    fn flag<'a>(
        &'a mut self,
        _at: &'a Permit<MailboxRef, Edit>,
        uids: &'a [u32],
        change: &'a FlagChange,
    ) -> Fut<'a, ()> {
        Box::pin(change::flag(self, uids, change))
    }

    fn remove<'a>(&'a mut self, _at: &'a Permit<MailboxRef, Remove>, uids: &'a [u32]) -> Fut<'a, ()> {
        Box::pin(change::remove(self, uids))
    }

    fn close(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(self.imap.leave())
    }
}

impl OpenedImap {
    /// Opens the mailbox anew, to look or to change.
    async fn enter(&mut self, mode: Mode) -> Result<()> {
        let verb = match mode {
            Mode::Looking => "EXAMINE",
            Mode::Changing => "SELECT",
        };
        let (mut exists, mut uid_validity) = (None, None);
        let number = |line: &str, before: &str, behind: &str| {
            line.strip_prefix(before)?.split_once(behind).map(|(number, _)| number)?.parse::<u32>().ok()
        };
        let command = format!("{verb} {}", self.mailbox);
        let words = self
            .imap
            .converse(&command, |response| {
                let line = String::from_utf8_lossy(response);
                exists = number(&line, "* ", " EXISTS").or(exists);
                uid_validity = number(&line, "* OK [UIDVALIDITY ", "]").or(uid_validity);
                Ok(())
            })
            .await?;
        if !is_ok(&words, "") {
            return Err(self.imap.not_there("opening a mailbox", &words));
        }
        let (Some(exists), Some(uid_validity)) = (exists, uid_validity) else {
            return Err(self.imap.failed(verb, "the store says no EXISTS or no UIDVALIDITY"));
        };
        if self.facts.uid_validity != 0 && self.facts.uid_validity != uid_validity {
            // RFC 9051 §2.3.1.1: every UID that we know is another message's, or nobody's.
            return Err(Error::Conflict);
        }
        if mode == Mode::Changing && code(&words, "READ-ONLY").is_some() {
            return Err(Error::Forbidden);
        }
        self.facts = MailboxFacts { uid_validity, exists, ..self.facts };
        self.mode = mode;
        Ok(())
    }
}
