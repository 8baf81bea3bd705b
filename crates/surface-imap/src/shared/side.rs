//! A connection to the store of somebody who shares, logged in as that owner. One at a time for each client; it serves this
//! client only, and one owner only.

use super::{
    Enabled,
    ask::{Answer, Wire},
    names::wire,
};
use passerelle_core::{
    Allows, Authorized, Error, GrantChanges, Lookup, Result,
    ports::{ClientFacts, RelayConnection, StoreStream},
};
use passerelle_model::{Account, MailboxRef};
use passerelle_wire_imap::{Word, decoded, quoted, words};
use std::{io, time::Duration};
use tokio::time::Instant;

/// How long a connection without a selected mailbox waits for the next command that needs it.
const UNUSED: Duration = Duration::from_secs(30);
/// How often a selected mailbox is opened anew while nothing is said: groups change, grants end.
const LOOKED_AT: Duration = Duration::from_secs(60);

/// The connection.
pub(crate) struct Side {
    pub(crate) owner: Account,
    pub(crate) stream: StoreStream,
    early: Vec<u8>,
    /// Where the owner's store shows what is not the owner's: prefixes of its other namespaces.
    foreign: Vec<String>,
    enabled: Enabled,
    /// Whether one APPEND may bring several messages (RFC 3502).
    pub(crate) takes_several: bool,
    /// Whether it takes literals that do not wait (RFC 7888).
    pub(crate) takes_literals_unasked: bool,
    pub(crate) used: Instant,
    pub(crate) selected: Option<Selected>,
}

/// The mailbox that is selected there.
pub(crate) struct Selected {
    pub(crate) mailbox: MailboxRef,
    /// Whether it was opened so that it can be changed.
    pub(crate) writable: bool,
    pub(crate) changes: GrantChanges,
}

impl Selected {
    /// What the owner grants has changed.
    pub(crate) async fn changed(&mut self) {
        self.changes.next().await;
    }
}

impl Side {
    /// Connects, and learns how the store names things.
    pub(crate) async fn open<R: Allows<Lookup>>(
        handle: &Authorized<MailboxRef, R>,
        client: &ClientFacts,
    ) -> Result<Self> {
        let RelayConnection { stream, early, capabilities } = handle.reach(client).await?;
        let has = |wanted: &str| capabilities.split(' ').any(|word| word.eq_ignore_ascii_case(wanted));
        let mut side = Self {
            owner: handle.target().owner.clone(),
            stream,
            early,
            foreign: Vec::new(),
            enabled: Enabled::default(),
            takes_several: has("MULTIAPPEND"),
            takes_literals_unasked: has("LITERAL+"),
            used: Instant::now(),
            selected: None,
        };
        let told = side.ask(if has("NAMESPACE") { b"NAMESPACE" } else { b"LIST \"\" \"\"" }).await?;
        for response in &told.untagged {
            side.learn(response)?;
        }
        Ok(side)
    }

    /// `* NAMESPACE (("" "/")) NIL (("shared/" "/"))` (RFC 2342 §5), or `* LIST () "/" ""`.
    fn learn(&mut self, response: &[u8]) -> Result<()> {
        let all: Vec<Word> =
            words(response).unwrap_or_default().into_iter().map(|placed| placed.word).skip(1).collect();
        let kind = |wanted| all.first().is_some_and(|word| word.is(wanted));
        let own = if kind("NAMESPACE") {
            all.get(1).and_then(|own| own.list()?.first()?.list()).map(|own| (own.first(), own.get(1)))
        } else if kind("LIST") {
            Some((all.get(3), all.get(2)))
        } else {
            return Ok(());
        };
        let is = |word: Option<&Word>, wanted: &[u8]| word.and_then(Word::text) == Some(wanted);
        // Grants hang on levels. Where INBOX is above everything, one on INBOX would be one on everything.
        if !own.is_some_and(|(prefix, delimiter)| is(prefix, b"") && is(delimiter, b"/")) {
            return Err(Error::Unsupported { what: "mailboxes of a store with a prefix, or without / between levels" });
        }
        if kind("NAMESPACE") {
            for space in all.iter().skip(2).filter_map(Word::list).flatten() {
                let prefix = space.list().and_then(|space| space.first()?.text()).unwrap_or_default();
                if let Some(prefix) = decoded(prefix).filter(|prefix| !prefix.is_empty()) {
                    self.foreign.push(prefix);
                }
            }
        }
        Ok(())
    }

    /// The connection, for a conversation of several steps.
    pub(crate) fn wire(&mut self) -> Wire<'_> {
        self.used = Instant::now();
        Wire { stream: &mut self.stream, early: &mut self.early }
    }

    /// Asks the store.
    pub(crate) async fn ask(&mut self, command: &[u8]) -> Result<Answer> {
        let failed =
            |error: io::Error| Error::unavailable("the owner's mail store", "asking for a shared mailbox", error);
        self.wire().ask(b"p", command).await.map_err(failed)
    }

    /// Enables what the client has enabled; what the store does not know is told to it in vain, but for names in UTF-8.
    pub(crate) async fn enable(&mut self, enabled: Enabled) -> Result<()> {
        if self.enabled == enabled || enabled == Enabled::default() {
            return Ok(());
        }
        let told = self.ask(format!("ENABLE {}", enabled.words()).as_bytes()).await?;
        let mut on = Enabled::default();
        on.note_response(&told);
        if on.is_utf8() != enabled.is_utf8() {
            return Err(Error::Unsupported { what: "names in UTF-8 at this store" });
        }
        self.enabled = enabled;
        Ok(())
    }

    /// The mailbox as the store has it, as a string; `None` for what is not the owner's own.
    pub(crate) fn name(&self, mailbox: &str) -> Option<Vec<u8>> {
        if self.is_foreign(mailbox) {
            return None;
        }
        let mut out = Vec::new();
        quoted(&wire(mailbox, self.enabled.is_utf8()), &mut out);
        Some(out)
    }

    /// The mailbox behind a name of the store's; `None` for what is not the owner's own or cannot be told.
    pub(crate) fn mailbox(&self, name: &[u8]) -> Option<String> {
        let name = if self.enabled.is_utf8() { String::from_utf8(name.to_vec()).ok()? } else { decoded(name)? };
        let mailbox = MailboxRef::parse(self.owner.clone(), &name).ok()?;
        (!self.is_foreign(&name)).then_some(mailbox.name)
    }

    fn is_foreign(&self, name: &str) -> bool {
        let is_root = |prefix: &String| prefix.strip_suffix('/').is_some_and(|root| root == name);
        self.foreign.iter().any(|prefix| name.starts_with(prefix) || is_root(prefix))
    }

    /// What the store said unasked since its last answer.
    pub(crate) fn take_early(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.early)
    }

    /// When it has to be looked at again.
    pub(crate) fn next_look(&self) -> Instant {
        let wait = if self.selected.is_some() { LOOKED_AT } else { UNUSED };
        self.used.checked_add(wait).unwrap_or(self.used)
    }
}
