//! A mailbox that is kept open on a store connection of its own (RFC 9051 §6.3.2, §6.3.3): one command at a time, each
//! answer within the store's deadline, no answer in memory whole but small ones.

mod change;
mod fetch;
mod list;
mod read;

use crate::{
    connect::{Wire, is_ok},
    login::{code, log_in},
    settings::Store,
    status::quoted,
};
use passerelle_core::{
    Cause, Error, Permit, Result,
    ports::{ClientFacts, Content, FlagChange, Fut, LastingNames, Listed, MailboxFacts, OpenMailbox, Wanted},
};
use passerelle_core::{Edit, Read, Remove};
use passerelle_model::MailboxRef;
use std::{future::Future, io, pin::Pin, sync::Arc};
use tokio::time::timeout;

/// Longest response that is read whole, in octets: flags and a name of a message, never its content.
const LONGEST_RESPONSE: usize = 64 * 1024;

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
    store: Arc<Store>,
    wire: Wire,
    /// The mailbox's name as a quoted string.
    mailbox: String,
    mode: Mode,
    facts: MailboxFacts,
    has_object_ids: bool,
    /// The last command's number.
    tag: u32,
    /// Whether the last command was answered to its end, so that another may be sent.
    at_rest: bool,
}

/// Connects, logs in as the owner, and examines the mailbox.
pub(crate) async fn open(
    store: &Arc<Store>,
    at: &Permit<MailboxRef, Read>,
    client: Option<&ClientFacts>,
) -> Result<Box<dyn OpenMailbox>> {
    let mailbox = quoted(&at.target().name)?;
    let relay = log_in(store, &at.target().owner, at.actor(), at.delegation(), client).await?;
    let has = |name: &str| relay.capabilities.split(' ').any(|word| word.eq_ignore_ascii_case(name));
    let mut opened = OpenedImap {
        has_object_ids: has("OBJECTID"),
        facts: MailboxFacts { uid_validity: 0, exists: 0, removes: has("UIDPLUS") || has("IMAP4rev2") },
        store: Arc::clone(store),
        wire: Wire { stream: relay.stream, early: relay.early },
        mailbox,
        mode: Mode::Looking,
        tag: 0,
        at_rest: true,
    };
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

    fn close(mut self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(async move {
            if self.at_rest {
                // The connection is ours alone and the answers are in: whether the goodbye arrives changes nothing.
                let _ = timeout(self.store.deadline, self.wire.send(b"q LOGOUT\r\n")).await;
            }
        })
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
            .converse(&command, |response| {
                let line = String::from_utf8_lossy(response);
                exists = number(&line, "* ", " EXISTS").or(exists);
                uid_validity = number(&line, "* OK [UIDVALIDITY ", "]").or(uid_validity);
                Ok(())
            })
            .await?;
        if !is_ok(&words, "") {
            return Err(self.not_opened(&words));
        }
        let (Some(exists), Some(uid_validity)) = (exists, uid_validity) else {
            return Err(self.failed(verb, "the store says no EXISTS or no UIDVALIDITY"));
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

    /// What a refusal of EXAMINE or SELECT is. A mailbox that the store hides and one that is not there are alike.
    fn not_opened(&self, words: &str) -> Error {
        let passing = ["UNAVAILABLE", "INUSE", "SERVERBUG", "CONTACTADMIN", "LIMIT"];
        if words.starts_with(" NO") && !passing.iter().any(|it| code(words, it).is_some()) {
            return Error::NotFound;
        }
        self.failed("opening a mailbox", format!("the store answered{words}"))
    }

    /// What a refusal of a command in an open mailbox is.
    fn refused(&self, doing: &'static str, words: &str) -> Error {
        // RFC 5530 §3: the store's own rights stand behind ours as a second lock.
        if code(words, "NOPERM").is_some() {
            return Error::Forbidden;
        }
        self.failed(doing, format!("the store answered{words}"))
    }

    fn failed(&self, doing: &'static str, cause: impl Into<Cause>) -> Error {
        Error::unavailable(&self.store.name, doing, cause)
    }

    /// Sends a command; its tag. Until its answer is in, the connection is not at rest.
    async fn begin(&mut self, command: &str) -> Result<String> {
        if !self.at_rest {
            return Err(self.failed("going on", "the store's last answer was not read to its end"));
        }
        self.at_rest = false;
        self.tag = self.tag.wrapping_add(1);
        let tag = format!("p{}", self.tag);
        let line = format!("{tag} {command}\r\n");
        match timeout(self.store.deadline, self.wire.send(line.as_bytes())).await {
            Ok(sent) => sent.map_err(|error| self.failed("asking the store", error))?,
            Err(slow) => return Err(self.failed("asking the store", slow)),
        }
        Ok(tag)
    }

    /// Sends a command and hands each untagged response over as it comes. What the store says behind the tag, as ` OK ...`;
    /// a store that says BYE is gone.
    async fn converse(&mut self, command: &str, mut each: impl FnMut(&[u8]) -> io::Result<()>) -> Result<String> {
        let tag = self.begin(command).await?;
        loop {
            let response = match timeout(self.store.deadline, self.wire.response(LONGEST_RESPONSE)).await {
                Ok(came) => came.map_err(|error| self.failed("reading an answer", error))?,
                Err(slow) => return Err(self.failed("reading an answer", slow)),
            };
            if let Some(words) = tagged(&response, &tag) {
                self.at_rest = true;
                return Ok(words);
            }
            if response.starts_with(b"* BYE") {
                return Err(self.failed("reading an answer", String::from_utf8_lossy(&response).trim_end().to_owned()));
            }
            each(&response).map_err(|error| self.failed("reading an answer", error))?;
        }
    }
}

/// What stands behind the tag, with the space before it.
fn tagged(response: &[u8], tag: &str) -> Option<String> {
    let words = response.strip_prefix(tag.as_bytes())?;
    words.starts_with(b" ").then(|| String::from_utf8_lossy(words).trim_end().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags() {
        assert_eq!(tagged(b"p1 OK done\r\n", "p1").as_deref(), Some(" OK done"));
        assert_eq!(tagged(b"p12 OK done\r\n", "p1"), None);
        assert_eq!(tagged(b"* OK done\r\n", "p1"), None);
        assert!(is_ok(" OK done", "") && !is_ok(" NO [NOPERM] no", ""));
    }
}
