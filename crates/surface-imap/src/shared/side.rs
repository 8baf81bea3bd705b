//! A connection to another store than the client's own: that of somebody who shares, logged in as that owner, or a server
//! elsewhere. One at a time for each client; it serves this client only, and one owner or account only.

use super::{
    Enabled, Home,
    ask::{Answer, Wire},
    foreign::{Foreign, Place},
    names::wire,
    selected::refused,
};
use passerelle_core::{
    Allows, Error, GrantChanges, Lookup, Result,
    ports::{ClientFacts, ExternalFault, RelayConnection, StoreStream},
};
use passerelle_model::{Account, MailboxRef};
use passerelle_wire_imap::{Word, decoded, quoted, words};
use std::{io, time::Duration};
use tokio::time::{Instant, timeout};

/// How long a connection without a selected mailbox waits for the next command that needs it.
const UNUSED: Duration = Duration::from_secs(30);
/// How often a selected mailbox is opened anew while nothing is said: groups change, grants end.
const LOOKED_AT: Duration = Duration::from_secs(60);

/// How long a server elsewhere may take for a whole answer: it may drip.
pub(crate) const WHOLE_ANSWER: Duration = Duration::from_secs(60);
/// The same of a store of the institutions'.
pub(crate) const WHOLE_ANSWER_INSIDE: Duration = Duration::from_secs(300);

/// The connection.
pub(crate) struct Side {
    pub(crate) home: Home,
    /// Whose names of mailboxes are held to bounds: the owner, or the person.
    owner: Account,
    /// What stands between levels there, where that is another than `/`; NUL where there are no levels.
    delimiter: char,
    /// What became of it, when nothing more can be said over it.
    pub(crate) broken: Option<ExternalFault>,
    /// How many commands of ours were sent.
    asked: u32,
    /// Whether messages there have a number for each change (RFC 7162).
    pub(crate) knows_changes: bool,
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
    pub(crate) place: Place,
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
    pub(crate) async fn open<R: Allows<Lookup>>(handle: &Foreign<R>, client: &ClientFacts) -> Result<Self> {
        let RelayConnection { stream, early, capabilities } = handle.reach(client).await?;
        let has = |wanted: &str| capabilities.split(' ').any(|word| word.eq_ignore_ascii_case(wanted));
        let home = handle.home();
        let owner = match &home {
            Home::Owner(owner) => owner.clone(),
            Home::External(account) => account.owner.clone(),
        };
        let is_external = home.is_external();
        let mut side = Self {
            home,
            owner,
            delimiter: '/',
            broken: None,
            asked: 0,
            knows_changes: has("CONDSTORE") || has("QRESYNC"),
            stream,
            early,
            foreign: Vec::new(),
            enabled: Enabled::default(),
            takes_several: has("MULTIAPPEND"),
            takes_literals_unasked: has("LITERAL+"),
            used: Instant::now(),
            selected: None,
        };
        let asks_spaces = has("NAMESPACE") && !is_external;
        let told = side.ask(if asks_spaces { b"NAMESPACE" } else { b"LIST \"\" \"\"" }).await?;
        for response in &told.untagged {
            if is_external {
                side.learn_delimiter(response);
            } else {
                side.learn(response)?;
            }
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

    /// `* LIST (\Noselect) "." ""`: nothing of ours hangs on the names there, so levels may be told as they are.
    fn learn_delimiter(&mut self, response: &[u8]) {
        let told = words(response).unwrap_or_default();
        if told.get(1).is_some_and(|placed| placed.word.is("LIST"))
            && let Some(word) = told.get(3).map(|placed| &placed.word)
        {
            self.delimiter = match word.text() {
                Some([octet]) if octet.is_ascii_graphic() => char::from(*octet),
                _ => '\0',
            };
        }
    }

    /// The connection, for a conversation of several steps.
    pub(crate) fn wire(&mut self) -> Wire<'_> {
        self.used = Instant::now();
        Wire { stream: &mut self.stream, early: &mut self.early }
    }

    /// Asks the store. A connection whose answer did not come is of no more use: the next one would hear it.
    pub(crate) async fn ask(&mut self, command: &[u8]) -> Result<Answer> {
        if let Some(fault) = self.broken {
            return Err(self.lost(fault));
        }
        // Each has a tag of its own: what answers another is none of its answer.
        self.asked = self.asked.wrapping_add(1);
        let tag = format!("p{}", self.asked);
        let whole = if self.home.is_external() { WHOLE_ANSWER } else { WHOLE_ANSWER_INSIDE };
        let fault = match timeout(whole, self.wire().ask(tag.as_bytes(), command)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => fault_of(&error),
            Err(_) => ExternalFault::Slow,
        };
        self.broken = Some(fault);
        Err(self.lost(fault))
    }

    /// Asks the store to change something of which mailboxes there are.
    ///
    /// # Errors
    /// `Unsettled` when it is not known whether it was done.
    pub(crate) async fn change(&mut self, command: &[u8]) -> Result<Answer> {
        if let Some(fault) = self.broken {
            return Err(self.lost(fault));
        }
        let asked = self.ask(command).await;
        asked.map_err(|error| Error::unsettled("a mail store", "changing a mailbox of somebody else's", error))
    }

    /// What is said of a connection that is of no more use.
    fn lost(&self, fault: ExternalFault) -> Error {
        if self.home.is_external() {
            return Error::of_external(fault);
        }
        Error::unavailable("the owner's mail store", "asking for a shared mailbox", fault)
    }

    /// What the store's refusal of something with this mailbox means; `None` where it did it. One without a code says
    /// nothing of whether the mailbox is there: programs throw away what they have of a mailbox that is not, so it is
    /// looked for.
    pub(crate) async fn refusal(&mut self, answer: &Answer, name: &[u8]) -> Option<Error> {
        if answer.is_ok() {
            return None;
        }
        match refused(&answer.tagged) {
            // What a server elsewhere says of itself is not for the log.
            Error::Unavailable { .. } if self.home.is_external() => {
                Some(Error::of_external(ExternalFault::Unreachable))
            }
            Error::Invalid { .. } => {
                let told = self.ask(&[b"LIST \"\" ", name].concat()).await;
                let is_there = |response: &Vec<u8>| {
                    words(response).is_some_and(|words| words.get(1).is_some_and(|placed| placed.word.is("LIST")))
                };
                let is_gone = told.is_ok_and(|told| told.is_ok() && !told.untagged.iter().any(is_there));
                Some(if is_gone { Error::NotFound } else { Error::invalid("a mail store refuses it") })
            }
            error => Some(error),
        }
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

    /// The mailbox as the store has it, as a string; `None` for what is not the owner's own or cannot be there.
    pub(crate) fn name(&self, mailbox: &str) -> Option<Vec<u8>> {
        if self.is_foreign(mailbox) {
            return None;
        }
        let there = match self.delimiter {
            '/' => mailbox.to_owned(),
            '\0' if mailbox.contains('/') => return None,
            '\0' => mailbox.to_owned(),
            other if mailbox.contains(other) => return None,
            other => mailbox.replace('/', &other.to_string()),
        };
        let mut out = Vec::new();
        quoted(&wire(&there, self.enabled.is_utf8()), &mut out);
        Some(out)
    }

    /// The mailbox behind a name of the store's; `None` for what is not the owner's own or cannot be told.
    pub(crate) fn mailbox(&self, name: &[u8]) -> Option<String> {
        let name = if self.enabled.is_utf8() { String::from_utf8(name.to_vec()).ok()? } else { decoded(name)? };
        let name = match self.delimiter {
            '/' => name,
            _ if name.contains('/') => return None,
            other => name.replace(other, "/"),
        };
        let mailbox = MailboxRef::parse(self.owner.clone(), &name).ok()?;
        // Programs make folders of these names at home: none may lead out of them.
        let leads_away = self.home.is_external() && name.split('/').any(|level| matches!(level, "." | ".."));
        if leads_away {
            return None;
        }
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

/// What a broken conversation with a server elsewhere means.
pub(crate) fn fault_of(error: &io::Error) -> ExternalFault {
    match error.kind() {
        io::ErrorKind::TimedOut => ExternalFault::Slow,
        io::ErrorKind::InvalidData => ExternalFault::Nonsense,
        _ => ExternalFault::Unreachable,
    }
}
