//! Mail in an IMAP store: the relay's way in, and the few typed operations that surfaces need today.
//!
//! The gateway reaches the store as the person with a master log-in (SASL PLAIN with an authorization identity, or
//! `login*master`), or with the person's own password. A login that contains the master's separator never reaches the store.

mod append;
mod connect;
mod envelope;
mod examine;
mod header;
mod imap;
mod kept;
mod latest;
mod login;
mod mailbox;
mod settings;
mod status;
mod tree;
mod watch;

use passerelle_core::{
    Add, Error, Lookup, MailFactory, Manage, Permit, Read,
    config::{Block, ConfigFault},
    ports::{
        Appended, ClientFacts, Fut, Health, Latest, Leg, Legs, MailEvents, MailRelay, MailStore, MailWatching,
        MailboxListing, MailboxStatus, MailboxTree, Mailboxes, NewMessage, OpenMailbox, RelayConnection, SpecialUse,
        Subscription, Verdict,
    },
};
use passerelle_model::{AccountRef, MailboxRef};
use settings::Store;
use std::{future::Future, pin::Pin, sync::Arc};

/// How the settings name this adapter.
pub const FACTORY: MailFactory = MailFactory { kind: "imap", build };

fn build(block: &Block) -> Result<Arc<dyn MailStore>, ConfigFault> {
    Ok(Arc::new(ImapStore { store: Arc::new(Store::read(block)?) }))
}

/// One IMAP store.
struct ImapStore {
    store: Arc<Store>,
}

impl MailStore for ImapStore {
    fn status<'a>(&'a self, at: &'a Permit<MailboxRef, Read>) -> Fut<'a, MailboxStatus> {
        Box::pin(status::status(&self.store, at))
    }

    fn latest<'a>(&'a self, at: &'a Permit<MailboxRef, Read>, count: u32) -> Fut<'a, Latest> {
        Box::pin(latest::latest(&self.store, at, count))
    }

    fn examine_as<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Legs<'a> {
        Box::pin(examine::examine(&self.store, at))
    }

    fn as_relay(&self) -> Option<&dyn MailRelay> {
        Some(self)
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

impl Mailboxes for ImapStore {
    fn open<'a>(
        &'a self,
        at: &'a Permit<MailboxRef, Read>,
        client: Option<&'a ClientFacts>,
    ) -> Fut<'a, Box<dyn OpenMailbox>> {
        Box::pin(mailbox::open(&self.store, at, client))
    }

    fn append<'a>(&'a self, at: &'a Permit<MailboxRef, Add>, message: NewMessage) -> Fut<'a, Appended> {
        Box::pin(append::append(&self.store, at, message))
    }
}

impl MailboxTree for ImapStore {
    fn list<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Fut<'a, MailboxListing> {
        Box::pin(tree::list(&self.store, at))
    }

    fn create<'a>(&'a self, at: &'a Permit<MailboxRef, Manage>, use_for: Option<SpecialUse>) -> Fut<'a, ()> {
        Box::pin(tree::create(&self.store, at, use_for))
    }

    fn rename<'a>(&'a self, from: &'a Permit<MailboxRef, Manage>, to: &'a Permit<MailboxRef, Manage>) -> Fut<'a, ()> {
        Box::pin(tree::rename(&self.store, from, to))
    }

    fn delete<'a>(&'a self, at: &'a Permit<MailboxRef, Manage>) -> Fut<'a, ()> {
        Box::pin(tree::delete(&self.store, at))
    }

    fn subscribe<'a>(&'a self, at: &'a Permit<MailboxRef, Manage>, to: Subscription) -> Fut<'a, ()> {
        Box::pin(tree::subscribe(&self.store, at, to))
    }
}

impl MailWatching for ImapStore {
    fn watch_all<'a>(&'a self, at: &'a Permit<AccountRef, Read>) -> Fut<'a, MailEvents> {
        Box::pin(watch::watch_all(&self.store, at))
    }

    fn watch<'a>(&'a self, at: &'a Permit<MailboxRef, Read>) -> Fut<'a, MailEvents> {
        Box::pin(watch::watch(&self.store, at))
    }
}

impl MailRelay for ImapStore {
    fn connect<'a>(&'a self, at: &'a Permit<AccountRef, Read>, client: &'a ClientFacts) -> Fut<'a, RelayConnection> {
        Box::pin(login::log_in(&self.store, &at.target().0, at.actor(), at.delegation(), Some(client)))
    }

    fn reach<'a>(&'a self, at: &'a Permit<MailboxRef, Lookup>, client: &'a ClientFacts) -> Fut<'a, RelayConnection> {
        Box::pin(login::log_in(&self.store, &at.target().owner, at.actor(), at.delegation(), Some(client)))
    }
}

impl Health for ImapStore {
    fn name(&self) -> &str {
        &self.store.name
    }

    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(async move {
            match connect::connect(&self.store).await {
                Ok(greeted) => {
                    let what = format!("{} says {}", self.store.address, greeted.greeting);
                    vec![Leg { name: "imap", verdict: Verdict::Works(what) }]
                }
                Err(error) => {
                    let name = match &error {
                        Error::Unavailable { doing, .. } if doing.starts_with("TLS") => "tls",
                        _ => "tcp",
                    };
                    let remedy = match name {
                        "tls" => "check tls, server_name and ca of this mail store against its certificate",
                        _ => "start the mail store, or correct its address",
                    };
                    vec![Leg { name, verdict: Verdict::Fails { what: error.chain(), remedy } }]
                }
            }
        })
    }
}
