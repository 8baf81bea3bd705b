//! IMAP (RFC 9051, RFC 3501): a client logs in here, and is then handed through to its own store.
//!
//! Before log-in every octet is parsed by `imap-codec`, within small bounds. After it, whole messages never stand in
//! memory: octets pass in bounded pieces, framed both ways so that no literal is taken for a command, and the store's own
//! extensions work because nothing is rewritten but what a relay cannot honour. What others share is met in a namespace of
//! its own ([`shared`]).

mod arriving;
mod capability;
mod codec;
mod login;
mod pipes;
mod prelogin;
mod refusal;
mod relay;
mod screened;
mod shared;

use passerelle_core::Door;
use passerelle_net::{AccountSlots, Connection, Network, StreamSurface};
use std::{future::Future, pin::Pin, sync::Arc};

/// The surface's name, for logs and metrics.
const NAME: &str = "imap";

/// The IMAP surface.
pub fn surface(door: Door, network: Network) -> Arc<dyn StreamSurface> {
    Arc::new(Imap { door: Arc::new(door), network, accounts: AccountSlots::default() })
}

/// What every connection shares.
#[derive(Clone, Debug)]
struct Imap {
    door: Arc<Door>,
    network: Network,
    accounts: AccountSlots,
}

impl StreamSurface for Imap {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serve(&self, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let shared = self.clone();
        Box::pin(async move {
            // Everything that log-in needs is freed before the relay begins: an idle client pays for its relay only.
            let begun = Box::pin(prelogin::converse(shared, connection)).await;
            if let Some(relay) = begun {
                relay.run().await;
            }
        })
    }
}
