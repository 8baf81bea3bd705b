//! A mailbox that is kept open on a store connection of its own (RFC 9051 §6.3.2, §6.3.3): one command at a time, each
//! answer within the store's deadline, no answer in memory whole but small ones.

mod catch_up;
mod change;
mod changes;
mod copy;
mod criteria;
mod find;
mod list;
mod read;
mod show;
mod threads;

use crate::{
    connect::is_ok,
    imap::{Examined, Imap, Who},
    login::code,
    settings::Store,
};
use passerelle_core::{
    Add, Edit, Error, Permit, Read, Remove, Result,
    ports::{
        Changed, ClientFacts, Content, Copied, FlagChange, Found, Fut, Items, LastingNames, Listed, MailboxFacts,
        MailboxState, Messages, OpenMailbox, Query, Search, Summaries, Wanted,
    },
};
use passerelle_model::MailboxRef;
use std::{
    future::{Future, ready},
    io,
    pin::Pin,
    sync::Arc,
};

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
    /// Whether the store tells what was removed since a state (QRESYNC).
    resyncs: bool,
}

/// Connects, logs in as the owner, and examines the mailbox.
pub(crate) async fn open(
    store: &Arc<Store>,
    at: &Permit<MailboxRef, Read>,
    client: Option<&ClientFacts>,
) -> Result<Box<dyn OpenMailbox>> {
    let who = Who::of(at, &at.target().owner);
    let mut imap = Imap::of_mailbox(store, who, &at.target().name, client).await?;
    let mailbox = imap.name(&at.target().name).await?;
    if let Some(kept) = imap.open.take().filter(|it| it.mailbox == mailbox) {
        let mut opened =
            OpenedImap { imap, mailbox: kept.mailbox, mode: Mode::Looking, facts: kept.facts, resyncs: true };
        match opened.catch_up(None, |_| Ok(())).await {
            Ok(true) => return Ok(Box::new(opened)),
            Ok(false) => {}
            // The store has lost it since it was looked at.
            Err(_) => opened.imap = opened.imap.anew(who).await?,
        }
        opened.facts.uid_validity = 0;
        opened.enter(Mode::Looking, None).await?;
        return Ok(Box::new(opened));
    }
    let removes = imap.has("UIDPLUS") || imap.has("IMAP4REV2");
    let facts = MailboxFacts { uid_validity: 0, exists: 0, uid_next: 0, highest_modseq: None, removes };
    // RFC 5161 §3.1: before a mailbox is open, and RFC 7162 §3.2.5 before it can be asked what was removed.
    let resyncs = imap.has("QRESYNC") && imap.has("ENABLE");
    let mut opened = OpenedImap { imap, mailbox, mode: Mode::Looking, facts, resyncs };
    opened.enter(Mode::Looking, None).await?;
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

    fn copy<'a>(
        &'a mut self,
        _at: &'a Permit<MailboxRef, Read>,
        to: &'a Permit<MailboxRef, Add>,
        uids: &'a [u32],
    ) -> Fut<'a, Copied> {
        Box::pin(copy::copy(self, &to.target().name, uids))
    }

    fn relocate<'a>(
        &'a mut self,
        _at: &'a Permit<MailboxRef, Remove>,
        to: &'a Permit<MailboxRef, Add>,
        uids: &'a [u32],
    ) -> Fut<'a, Copied> {
        Box::pin(copy::relocate(self, &to.target().name, uids))
    }

    fn close(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let Self { mut imap, mailbox, mode, facts, resyncs } = *self;
        if resyncs && mode == Mode::Looking {
            imap.open = Some(Examined { mailbox, facts });
        }
        Box::pin(imap.leave())
    }
}

impl Messages for OpenedImap {
    fn find<'a>(&'a mut self, _at: &'a Permit<MailboxRef, Read>, query: &'a Query) -> Fut<'a, Found> {
        Box::pin(find::find(&mut self.imap, query))
    }

    fn threads<'a>(&'a mut self, _at: &'a Permit<MailboxRef, Read>, search: &'a Search) -> Fut<'a, Vec<Vec<u32>>> {
        Box::pin(threads::threads(&mut self.imap, search))
    }

    fn show<'a>(
        &'a mut self,
        _at: &'a Permit<MailboxRef, Read>,
        uids: &'a [u32],
        items: &'a Items,
    ) -> Fut<'a, Summaries<'a>> {
        Box::pin(ready(show::show(&mut self.imap, uids, items)))
    }

    fn state<'a>(&'a mut self, _at: &'a Permit<MailboxRef, Read>) -> Fut<'a, MailboxState> {
        Box::pin(changes::state(self))
    }

    fn changes<'a>(&'a mut self, _at: &'a Permit<MailboxRef, Read>, since: &'a MailboxState) -> Fut<'a, Changed> {
        Box::pin(changes::changes(self, since))
    }
}

impl OpenedImap {
    /// Opens the mailbox anew, to look or to change.
    async fn enter(&mut self, mode: Mode, since: Option<(u32, u64)>) -> Result<()> {
        self.enter_and(mode, since, |_| Ok(())).await
    }

    /// The same; `since` a UIDVALIDITY and a count of changes the store tells what has changed (RFC 7162 §3.2.5), which is
    /// handed over.
    async fn enter_and(
        &mut self,
        mode: Mode,
        since: Option<(u32, u64)>,
        mut each: impl FnMut(&[u8]) -> io::Result<()>,
    ) -> Result<()> {
        let verb = match mode {
            Mode::Looking => "EXAMINE",
            Mode::Changing => "SELECT",
        };
        let counts = self.resyncs || self.imap.has("CONDSTORE");
        let with = match since {
            Some((uid_validity, modseq)) => format!(" (QRESYNC ({uid_validity} {modseq}))"),
            None if counts => " (CONDSTORE)".to_owned(),
            None => String::new(),
        };
        let mut commands = vec![format!("{verb} {}{with}", self.mailbox)];
        if self.resyncs && !self.imap.enabled {
            commands.insert(0, "ENABLE QRESYNC".to_owned());
        }
        let (mut exists, mut uid_validity, mut uid_next, mut modseq) = (None, None, None, None);
        let number = |line: &str, before: &str, behind: &str| {
            line.strip_prefix(before)?.split_once(behind).map(|(number, _)| number)?.parse::<u64>().ok()
        };
        let small = |number: u64| u32::try_from(number).ok();
        self.imap.selected = true;
        let answers = self
            .imap
            .converse_all(&commands, |_, response| {
                if response.starts_with(b"* OK [") || response.ends_with(b" EXISTS\r\n") {
                    let line = String::from_utf8_lossy(response);
                    exists = number(&line, "* ", " EXISTS").and_then(small).or(exists);
                    uid_validity = number(&line, "* OK [UIDVALIDITY ", "]").and_then(small).or(uid_validity);
                    uid_next = number(&line, "* OK [UIDNEXT ", "]").and_then(small).or(uid_next);
                    modseq = number(&line, "* OK [HIGHESTMODSEQ ", "]").or(modseq);
                }
                each(response)
            })
            .await?;
        self.imap.enabled |= self.resyncs;
        let words = answers.last().map(String::as_str).unwrap_or_default();
        if !is_ok(words, "") {
            return Err(self.imap.not_there("opening a mailbox", words));
        }
        let (Some(exists), Some(uid_validity)) = (exists, uid_validity) else {
            return Err(self.imap.failed(verb, "the store says no EXISTS or no UIDVALIDITY"));
        };
        if self.facts.uid_validity != 0 && self.facts.uid_validity != uid_validity {
            // RFC 9051 §2.3.1.1: every UID that we know is another message's, or nobody's.
            return Err(Error::Conflict);
        }
        if mode == Mode::Changing && code(words, "READ-ONLY").is_some() {
            return Err(Error::Forbidden);
        }
        let (uid_next, highest_modseq) = (uid_next.unwrap_or(0), modseq.filter(|it| *it > 0 && counts));
        self.facts = MailboxFacts { uid_validity, exists, uid_next, highest_modseq, ..self.facts };
        self.mode = mode;
        Ok(())
    }
}
