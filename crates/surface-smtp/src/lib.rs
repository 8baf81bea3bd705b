//! Submission of mail (RFC 6409 over RFC 5321): a person logs in, and what they send streams to their institution's MTA while
//! it comes in. The answer to a message is the MTA's own, so that nothing is ever queued here, and nothing lost.
//!
//! A line ends with CRLF and with nothing else, in commands and in messages. Who a message is from is decided by the gate,
//! for the envelope and for the authors that its header names.

mod announce;
mod auth;
mod chunk;
mod conversation;
mod data;
mod mail;
mod recipients;
mod refusal;
mod transaction;

use passerelle_core::Door;
use passerelle_net::{AccountSlots, Connection, Network, StreamSurface};
use std::{future::Future, pin::Pin, sync::Arc};

/// The surface's name, for logs and metrics.
const NAME: &str = "submission";

/// The surface.
pub fn surface(door: Door, network: Network) -> Arc<dyn StreamSurface> {
    Arc::new(Smtp { door, network, accounts: AccountSlots::default() })
}

/// What every connection shares.
#[derive(Clone, Debug)]
struct Smtp {
    door: Door,
    network: Network,
    accounts: AccountSlots,
}

impl StreamSurface for Smtp {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serve(&self, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let shared = self.clone();
        Box::pin(conversation::converse(shared, connection))
    }
}
