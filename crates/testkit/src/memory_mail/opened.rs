//! A mailbox in memory that is kept open.

use super::{MemoryMail, kept::Kept};
use futures::stream;
use passerelle_core::{
    Add, Edit, Error, Permit, Read, Remove,
    ports::{
        Content, Copied, Flag, FlagChange, Fut, LastingNames, Listed, ListedFlags, MailEvent, MailboxFacts,
        OpenMailbox, Section, Wanted,
    },
};
use passerelle_model::MailboxRef;
use std::{
    future::{Future, ready},
    pin::Pin,
};

pub(super) struct Opened {
    pub(super) mail: MemoryMail,
    facts: MailboxFacts,
    /// A content was begun and is not known to have been read to its end.
    left: std::sync::Arc<std::sync::atomic::AtomicBool>,
}

impl Opened {
    pub(super) fn new(mail: MemoryMail, facts: MailboxFacts) -> Self {
        Self { mail, facts, left: std::sync::Arc::default() }
    }

    fn message(&self, at: &MailboxRef, uid: u32) -> Result<Kept, Error> {
        if self.left.load(std::sync::atomic::Ordering::Relaxed) {
            return Err(Error::unavailable("memory", "going on", "the last content was not read to its end"));
        }
        self.mail.lock().at(at)?.messages.get(&uid).cloned().ok_or(Error::NotFound)
    }
}

impl Opened {
    fn transfer(&self, at: &MailboxRef, to: &MailboxRef, uids: &[u32]) -> Result<Copied, Error> {
        let mut all = self.mail.lock();
        let messages = &all.at(at)?.messages;
        let found: Vec<(u32, Kept)> = uids.iter().filter_map(|uid| Some((*uid, messages.get(uid)?.clone()))).collect();
        let goal = all.at(to)?;
        let pairs = found.into_iter().map(|(uid, message)| (uid, goal.put(message))).collect();
        Ok(Copied { places: Some((goal.uid_validity, pairs)) })
    }
}

impl OpenMailbox for Opened {
    fn facts(&self) -> &MailboxFacts {
        &self.facts
    }

    fn list<'a>(&'a mut self, at: &'a Permit<MailboxRef, Read>, names: LastingNames) -> Fut<'a, Vec<Listed>> {
        let listed = |(uid, it): (&u32, &Kept)| Listed {
            uid: *uid,
            size: u64::try_from(it.octets.len()).unwrap_or(u64::MAX),
            flags: ListedFlags { seen: it.flags.contains("\\Seen"), deleted: it.flags.contains("\\Deleted") },
            name: (names == LastingNames::Told).then(|| format!("memory-{}", it.name).into()),
        };
        let mut all = self.mail.lock();
        Box::pin(ready(all.at(at.target()).map(|it| it.messages.iter().map(listed).collect())))
    }

    fn read<'a>(&'a mut self, at: &'a Permit<MailboxRef, Read>, what: &'a Wanted) -> Fut<'a, Content<'a>> {
        let content = self.message(at.target(), what.uid).and_then(|message| {
            let octets = section(message.octets, &what.section)?.into_iter();
            let octets: Vec<u8> = match what.octets {
                None => octets.collect(),
                Some((from, most)) => {
                    let number = |it: u32| usize::try_from(it).unwrap_or(usize::MAX);
                    octets.skip(number(from)).take(number(most.get())).collect()
                }
            };
            self.left.store(true, std::sync::atomic::Ordering::Relaxed);
            let left = std::sync::Arc::clone(&self.left);
            let mut whole = Some(octets);
            let pieces = stream::poll_fn(move |_| {
                let piece = whole.take();
                left.store(piece.is_some(), std::sync::atomic::Ordering::Relaxed);
                std::task::Poll::Ready(piece.map(|it| Ok(it.into())))
            });
            Ok(Box::pin(pieces) as Content<'a>)
        });
        Box::pin(ready(content))
    }

    fn flag<'a>(
        &'a mut self,
        at: &'a Permit<MailboxRef, Edit>,
        uids: &'a [u32],
        change: &'a FlagChange,
    ) -> Fut<'a, ()> {
        let mut all = self.mail.lock();
        let outcome = all.at(at.target()).map(|mailbox| {
            for uid in uids {
                let modseq = mailbox.count();
                let Some(message) = mailbox.messages.get_mut(uid) else { continue };
                message.modseq = modseq;
                match change {
                    FlagChange::Set(flags) => message.flags.extend(flags.iter().map(|it| it.as_str().to_owned())),
                    FlagChange::Clear(flags) => message.flags.retain(|it| !flags.iter().any(|flag| is(flag, it))),
                }
            }
        });
        all.tell(&at.target().owner, MailEvent::Mailbox(at.target().name.clone()));
        Box::pin(ready(outcome))
    }

    fn remove<'a>(&'a mut self, at: &'a Permit<MailboxRef, Remove>, uids: &'a [u32]) -> Fut<'a, ()> {
        let mut all = self.mail.lock();
        let outcome = all.at(at.target()).map(|mailbox| mailbox.remove(uids));
        all.tell(&at.target().owner, MailEvent::Mailbox(at.target().name.clone()));
        Box::pin(ready(outcome))
    }

    fn copy<'a>(
        &'a mut self,
        at: &'a Permit<MailboxRef, Read>,
        to: &'a Permit<MailboxRef, Add>,
        uids: &'a [u32],
    ) -> Fut<'a, Copied> {
        Box::pin(ready(self.transfer(at.target(), to.target(), uids)))
    }

    fn relocate<'a>(
        &'a mut self,
        at: &'a Permit<MailboxRef, Remove>,
        to: &'a Permit<MailboxRef, Add>,
        uids: &'a [u32],
    ) -> Fut<'a, Copied> {
        let copied = self.transfer(at.target(), to.target(), uids);
        if copied.is_ok() {
            let _ = self.mail.lock().at(at.target()).map(|mailbox| mailbox.remove(uids));
        }
        Box::pin(ready(copied))
    }

    fn close(self: Box<Self>) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        Box::pin(ready(()))
    }
}

fn is(flag: &Flag, text: &str) -> bool {
    flag.as_str().eq_ignore_ascii_case(text)
}

/// Header and text as RFC 9051 §6.4.5.1 divides them; there are no parts in memory.
fn section(octets: Vec<u8>, section: &Section) -> Result<Vec<u8>, Error> {
    let end = octets.windows(4).position(|four| four == b"\r\n\r\n").map_or(octets.len(), |at| at.saturating_add(4));
    match section {
        Section::Message => Ok(octets),
        Section::Header => Ok(octets.into_iter().take(end).collect()),
        Section::Text => Ok(octets.into_iter().skip(end).collect()),
        Section::Part(_) | Section::Mime(_) => Err(Error::Unsupported { what: "parts in memory" }),
    }
}
