//! Mail in memory: an INBOX for each account, for tests of surfaces and of the gate. Not a proof that anything works with a
//! real store.

use futures::stream;
use passerelle_core::{
    Edit, Error, Permit, Read, Remove,
    ports::{
        ClientFacts, Content, FlagChange, Fut, Health, LastingNames, Latest, Leg, Legs, Listed, ListedFlags, MailStore,
        MailboxFacts, MailboxStatus, Mailboxes, OpenMailbox, Section, Verdict, Wanted,
    },
};
use passerelle_model::{Account, AccountRef, MailboxRef};
use std::{
    collections::BTreeMap,
    fmt,
    future::{Future, ready},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
};

/// Messages by their UIDs.
type Messages = BTreeMap<u32, Vec<u8>>;

/// The INBOXes.
#[derive(Clone, Default)]
pub struct MemoryMail {
    inboxes: Arc<Mutex<BTreeMap<Account, Messages>>>,
}

impl fmt::Debug for MemoryMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryMail")
    }
}

impl MemoryMail {
    /// Puts a message into somebody's INBOX.
    pub fn deliver(&self, to: &Account, message: &str) {
        let mut inboxes = self.inboxes.lock().unwrap_or_else(PoisonError::into_inner);
        let inbox = inboxes.entry(to.clone()).or_default();
        let uid = inbox.keys().next_back().map_or(1, |last| last.saturating_add(1));
        inbox.insert(uid, message.as_bytes().to_vec());
    }

    /// What is in somebody's INBOX.
    pub fn inbox(&self, of: &Account) -> Vec<String> {
        let inboxes = self.inboxes.lock().unwrap_or_else(PoisonError::into_inner);
        let messages = inboxes.get(of).into_iter().flat_map(BTreeMap::values);
        messages.map(|message| String::from_utf8_lossy(message).into_owned()).collect()
    }

    fn messages(&self, at: &MailboxRef) -> Result<Messages, Error> {
        if at.name != "INBOX" {
            return Err(Error::NotFound);
        }
        let inboxes = self.inboxes.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(inboxes.get(&at.owner).cloned().unwrap_or_default())
    }
}

impl Health for MemoryMail {
    fn name(&self) -> &'static str {
        "memory"
    }
    fn examine(&self) -> Legs<'_> {
        Box::pin(ready(vec![Leg { name: "memory", verdict: Verdict::Works("always".to_owned()) }]))
    }
}

impl MailStore for MemoryMail {
    fn status<'a>(&'a self, at: &'a Permit<MailboxRef, Read>) -> Fut<'a, MailboxStatus> {
        let count = self.messages(at.target()).map(|it| u32::try_from(it.len()).unwrap_or(u32::MAX));
        Box::pin(ready(count.map(|messages| MailboxStatus { messages, unseen: messages })))
    }
    fn latest<'a>(&'a self, _at: &'a Permit<MailboxRef, Read>, _count: u32) -> Fut<'a, Latest> {
        Box::pin(ready(Err(Error::Unsupported { what: "headers in memory" })))
    }
    fn examine_as<'a>(&'a self, _at: &'a Permit<AccountRef, Read>) -> Legs<'a> {
        Box::pin(ready(Vec::new()))
    }
    fn as_mailboxes(&self) -> Option<&dyn Mailboxes> {
        Some(self)
    }
}

impl Mailboxes for MemoryMail {
    fn open<'a>(
        &'a self,
        at: &'a Permit<MailboxRef, Read>,
        _client: Option<&'a ClientFacts>,
    ) -> Fut<'a, Box<dyn OpenMailbox>> {
        let opened = self.messages(at.target()).map(|messages| {
            let exists = u32::try_from(messages.len()).unwrap_or(u32::MAX);
            let facts = MailboxFacts { uid_validity: 1, exists, removes: true };
            Box::new(Opened { mail: self.clone(), facts }) as Box<dyn OpenMailbox>
        });
        Box::pin(ready(opened))
    }
}

struct Opened {
    mail: MemoryMail,
    facts: MailboxFacts,
}

impl OpenMailbox for Opened {
    fn facts(&self) -> &MailboxFacts {
        &self.facts
    }

    fn list<'a>(&'a mut self, at: &'a Permit<MailboxRef, Read>, _names: LastingNames) -> Fut<'a, Vec<Listed>> {
        let listed = |(uid, message): (u32, Vec<u8>)| Listed {
            uid,
            size: u64::try_from(message.len()).unwrap_or(u64::MAX),
            flags: ListedFlags::default(),
            name: Some(format!("memory-{uid}").into()),
        };
        Box::pin(ready(self.mail.messages(at.target()).map(|it| it.into_iter().map(listed).collect())))
    }

    fn read<'a>(&'a mut self, at: &'a Permit<MailboxRef, Read>, what: &'a Wanted) -> Fut<'a, Content<'a>> {
        let found = self.mail.messages(at.target()).and_then(|mut it| it.remove(&what.uid).ok_or(Error::NotFound));
        let content = found.and_then(|message| {
            if what.section != Section::Message {
                return Err(Error::Unsupported { what: "parts in memory" });
            }
            let octets = message.into_iter();
            let octets: Vec<u8> = match what.octets {
                None => octets.collect(),
                Some((from, most)) => {
                    let number = |it: u32| usize::try_from(it).unwrap_or(usize::MAX);
                    octets.skip(number(from)).take(number(most.get())).collect()
                }
            };
            Ok(Box::pin(stream::iter([Ok(octets.into())])) as Content<'a>)
        });
        Box::pin(ready(content))
    }

    fn flag<'a>(
        &'a mut self,
        _at: &'a Permit<MailboxRef, Edit>,
        _uids: &'a [u32],
        _change: &'a FlagChange,
    ) -> Fut<'a, ()> {
        Box::pin(ready(Err(Error::Unsupported { what: "flags in memory" })))
    }

    fn remove<'a>(&'a mut self, at: &'a Permit<MailboxRef, Remove>, uids: &'a [u32]) -> Fut<'a, ()> {
        let mut inboxes = self.mail.inboxes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(inbox) = inboxes.get_mut(&at.target().owner) {
            inbox.retain(|uid, _| !uids.contains(uid));
        }
        Box::pin(ready(Ok(())))
    }

    fn close(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(ready(()))
    }
}
