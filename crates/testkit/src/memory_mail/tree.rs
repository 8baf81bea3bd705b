//! The mailboxes in memory as a tree.

use super::{MemoryMail, kept::KeptMailbox};
use passerelle_core::{
    Error, Manage, Permit, Read,
    ports::{
        Fut, ListedMailbox, MailEvent, MailboxCounts, MailboxListing, MailboxPlace, MailboxTree, SpecialUse,
        Subscription,
    },
};
use passerelle_model::{AccountRef, MailboxRef};
use std::future::ready;

impl MailboxTree for MemoryMail {
    fn list<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Fut<'a, MailboxListing> {
        let mut all = self.lock();
        let mailboxes = all.of(&at.target().0);
        let listed = |(name, it): (&String, &KeptMailbox)| ListedMailbox {
            name: name.clone(),
            opens: true,
            has_children: mailboxes.keys().any(|other| is_below(other, name)),
            subscription: if it.subscribed { Subscription::Subscribed } else { Subscription::Unsubscribed },
            use_for: it.use_for,
            place: MailboxPlace::Own,
            counts: Some(MailboxCounts {
                messages: it.exists(),
                unseen: it.unseen(),
                uid_validity: it.uid_validity,
                uid_next: it.uid_next,
                highest_modseq: Some(it.modseq),
            }),
        };
        Box::pin(ready(Ok(MailboxListing { mailboxes: mailboxes.iter().map(listed).collect(), unnamable: 0 })))
    }

    fn create<'a>(&'a self, at: &'a Permit<MailboxRef, Manage>, use_for: Option<SpecialUse>) -> Fut<'a, ()> {
        let mut all = self.lock();
        let target = at.target();
        if target.name.contains(char::is_control) || target.name.is_empty() {
            return Box::pin(ready(Err(Error::invalid("no name"))));
        }
        all.validity = all.validity.saturating_add(1);
        let validity = all.validity;
        let mailboxes = all.of(&target.owner);
        if mailboxes.contains_key(&target.name) {
            return Box::pin(ready(Err(Error::Conflict)));
        }
        mailboxes.insert(target.name.clone(), KeptMailbox { use_for, ..KeptMailbox::new(validity) });
        all.tell(&target.owner, MailEvent::Mailboxes);
        Box::pin(ready(Ok(())))
    }

    fn rename<'a>(&'a self, from: &'a Permit<MailboxRef, Manage>, to: &'a Permit<MailboxRef, Manage>) -> Fut<'a, ()> {
        let mut all = self.lock();
        let (from, to) = (from.target(), to.target());
        let mailboxes = all.of(&from.owner);
        let outcome = if from.owner != to.owner || from.name == "INBOX" {
            Err(Error::invalid("this mailbox cannot have another name"))
        } else if !mailboxes.contains_key(&from.name) {
            Err(Error::NotFound)
        } else if mailboxes.contains_key(&to.name) {
            Err(Error::Conflict)
        } else {
            let moved: Vec<String> =
                mailboxes.keys().filter(|name| **name == from.name || is_below(name, &from.name)).cloned().collect();
            for name in moved {
                if let Some(mailbox) = mailboxes.remove(&name) {
                    let rest = name.strip_prefix(&from.name).unwrap_or_default();
                    mailboxes.insert(format!("{}{rest}", to.name), mailbox);
                }
            }
            Ok(())
        };
        all.tell(&from.owner, MailEvent::Mailboxes);
        Box::pin(ready(outcome))
    }

    fn delete<'a>(&'a self, at: &'a Permit<MailboxRef, Manage>) -> Fut<'a, ()> {
        let target = at.target();
        let outcome = if target.name == "INBOX" {
            Err(Error::invalid("INBOX cannot be deleted"))
        } else {
            let mut all = self.lock();
            let removed = all.of(&target.owner).remove(&target.name).map(drop).ok_or(Error::NotFound);
            all.tell(&target.owner, MailEvent::Mailboxes);
            removed
        };
        Box::pin(ready(outcome))
    }

    fn subscribe<'a>(&'a self, at: &'a Permit<MailboxRef, Manage>, to: Subscription) -> Fut<'a, ()> {
        let mut all = self.lock();
        let outcome = all.at(at.target()).map(|it| it.subscribed = to == Subscription::Subscribed);
        Box::pin(ready(outcome))
    }
}

fn is_below(name: &str, of: &str) -> bool {
    name.strip_prefix(of).is_some_and(|rest| rest.starts_with('/'))
}
