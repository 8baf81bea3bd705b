//! Mail in memory, for tests of surfaces and of the gate. Not a proof that anything works with a real store; it runs the same
//! contract as those.

mod kept;
mod looking;
mod opened;
mod tree;
mod watching;

use futures::StreamExt;
use kept::{Kept, KeptMailbox};
use opened::Opened;
use passerelle_core::{
    Add, Error, Permit, Read,
    ports::{
        Appended, ClientFacts, Fut, Health, Latest, Leg, Legs, MailEvent, MailStore, MailWatching, MailboxFacts,
        MailboxStatus, MailboxTree, Mailboxes, NewMessage, OpenMailbox, Verdict,
    },
};
use passerelle_model::{Account, AccountRef, MailboxRef, Timestamp};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    future::ready,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::broadcast;

/// Everybody's mail.
#[derive(Clone, Default)]
pub struct MemoryMail {
    all: Arc<Mutex<All>>,
}

#[derive(Default)]
struct All {
    mailboxes: BTreeMap<Account, BTreeMap<String, KeptMailbox>>,
    /// The last UIDVALIDITY that was given out.
    validity: u32,
    /// The last message's lasting name.
    name: u64,
    /// Tells who waits.
    events: Option<broadcast::Sender<(Account, MailEvent)>>,
}

impl fmt::Debug for MemoryMail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryMail")
    }
}

impl All {
    /// The mailboxes of an owner, who has INBOX always.
    fn of(&mut self, owner: &Account) -> &mut BTreeMap<String, KeptMailbox> {
        let validity = &mut self.validity;
        let mailboxes = self.mailboxes.entry(owner.clone()).or_default();
        mailboxes.entry("INBOX".to_owned()).or_insert_with(|| {
            *validity = validity.saturating_add(1);
            KeptMailbox::new(*validity)
        });
        mailboxes
    }

    fn at(&mut self, at: &MailboxRef) -> Result<&mut KeptMailbox, Error> {
        if at.name.contains(char::is_control) {
            return Err(Error::invalid("this mailbox name cannot be asked for"));
        }
        self.of(&at.owner).get_mut(&at.name).ok_or(Error::NotFound)
    }

    fn put(
        &mut self,
        at: &MailboxRef,
        octets: Vec<u8>,
        flags: BTreeSet<String>,
        received: Timestamp,
    ) -> Result<(u32, u32), Error> {
        self.name = self.name.saturating_add(1);
        let name = self.name;
        let mailbox = self.at(at)?;
        let uid = mailbox.put(Kept { octets, flags, received, modseq: 0, name });
        let place = (mailbox.uid_validity, uid);
        self.tell(&at.owner, MailEvent::Mailbox(at.name.clone()));
        Ok(place)
    }
}

impl MemoryMail {
    fn lock(&self) -> MutexGuard<'_, All> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Puts a message into somebody's INBOX.
    pub fn deliver(&self, to: &Account, message: &str) {
        let at = MailboxRef { owner: to.clone(), name: "INBOX".to_owned() };
        let mut all = self.lock();
        let received = Timestamp(1_795_424_400 + i64::try_from(all.name).unwrap_or_default());
        // INBOX is always there.
        let _ = all.put(&at, message.as_bytes().to_vec(), BTreeSet::new(), received);
    }

    /// What is in somebody's INBOX.
    pub fn inbox(&self, of: &Account) -> Vec<String> {
        let mut all = self.lock();
        let inbox = all.of(of).get("INBOX");
        let messages = inbox.into_iter().flat_map(|it| it.messages.values());
        messages.map(|message| String::from_utf8_lossy(&message.octets).into_owned()).collect()
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
        let mut all = self.lock();
        let counts = all.at(at.target()).map(|it| MailboxStatus { messages: it.exists(), unseen: it.unseen() });
        Box::pin(ready(counts))
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
    fn as_tree(&self) -> Option<&dyn MailboxTree> {
        Some(self)
    }
    fn as_watching(&self) -> Option<&dyn MailWatching> {
        Some(self)
    }
}

impl Mailboxes for MemoryMail {
    fn open<'a>(
        &'a self,
        at: &'a Permit<MailboxRef, Read>,
        _client: Option<&'a ClientFacts>,
    ) -> Fut<'a, Box<dyn OpenMailbox>> {
        let mut all = self.lock();
        let opened = all.at(at.target()).map(|mailbox| {
            let facts = MailboxFacts {
                uid_validity: mailbox.uid_validity,
                exists: mailbox.exists(),
                uid_next: mailbox.uid_next,
                highest_modseq: Some(mailbox.modseq),
                removes: true,
            };
            Box::new(Opened::new(self.clone(), facts)) as Box<dyn OpenMailbox>
        });
        Box::pin(ready(opened))
    }

    fn append<'a>(&'a self, at: &'a Permit<MailboxRef, Add>, mut message: NewMessage) -> Fut<'a, Appended> {
        Box::pin(async move {
            self.lock().at(at.target())?;
            let mut octets = Vec::new();
            while let Some(piece) = message.octets.next().await {
                octets.extend_from_slice(&piece?);
            }
            if u64::try_from(octets.len()).ok() != Some(message.size.get()) || octets.contains(&0) {
                return Err(Error::invalid("the message is not as it was said to be"));
            }
            let flags = message.flags.iter().map(|it| it.as_str().to_owned()).collect();
            let received = message.received.unwrap_or(Timestamp(1_795_424_400));
            Ok(Appended { place: Some(self.lock().put(at.target(), octets, flags, received)?) })
        })
    }
}
