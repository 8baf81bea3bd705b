//! POP3 (RFC 1939) over the owner's INBOX: AUTHORIZATION, TRANSACTION and UPDATE, each in a file of its own.
//!
//! A maildrop is a listing taken at log-in. Messages stream from the store; nothing is removed before QUIT, and a connection
//! that is lost removes nothing (RFC 1939 §6). What POP3 asks for and IMAP cannot give is the exclusive lock (RFC 1939 §4):
//! two sessions may have one maildrop, and a message that the other one removed is then no more there.

mod authorization;
mod capability;
mod client;
mod login;
mod maildrop;
mod refusal;
mod retrieve;
mod transaction;
mod update;

use passerelle_core::Door;
use passerelle_net::{AccountSlots, Connection, Network, StreamSurface};
use std::{future::Future, pin::Pin, sync::Arc};

/// The surface's name, for logs and metrics.
const NAME: &str = "pop3";

/// The POP3 surface.
pub fn surface(door: Door, network: Network) -> Arc<dyn StreamSurface> {
    Arc::new(Pop3 { door, network, accounts: AccountSlots::default() })
}

/// Every command that it knows, for whoever must try all of them.
pub const fn commands() -> &'static [&'static str] {
    passerelle_wire_pop3::commands()
}

/// What every connection shares.
#[derive(Clone, Debug)]
struct Pop3 {
    door: Door,
    network: Network,
    accounts: AccountSlots,
}

impl StreamSurface for Pop3 {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serve(&self, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let shared = self.clone();
        Box::pin(async move {
            // What log-in needs, the password too, is let go before the transaction begins.
            let begun = Box::pin(authorization::converse(shared, connection)).await;
            if let Some(transaction) = begun {
                transaction.run().await;
            }
        })
    }
}
