//! ManageSieve (RFC 5804): a client logs in here, and its commands go on to the store of its own filter scripts.
//!
//! Every command is read whole by `wire-sieve` and sent on in one form only, so that store and gateway never understand two
//! different things; the octets of a script pass in pieces. Responses are followed, so that a goodbye stands between two of
//! them.

mod capability;
mod client;
mod login;
mod prelogin;
mod refusal;
mod relay;

use passerelle_core::Door;
use passerelle_net::{AccountSlots, Connection, Network, StreamSurface};
use std::{future::Future, pin::Pin, sync::Arc};

/// The surface's name, for logs and metrics.
const NAME: &str = "sieve";

/// The ManageSieve surface.
pub fn surface(door: Door, network: Network) -> Arc<dyn StreamSurface> {
    Arc::new(Sieve { door, network, accounts: AccountSlots::default() })
}

/// Every command that it knows, for whoever must try all of them.
pub const fn commands() -> &'static [&'static str] {
    passerelle_wire_sieve::verbs()
}

/// What every connection shares.
#[derive(Clone, Debug)]
struct Sieve {
    door: Door,
    network: Network,
    accounts: AccountSlots,
}

impl StreamSurface for Sieve {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serve(&self, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let shared = self.clone();
        Box::pin(async move {
            // What log-in needs, the password too, is let go before the relay begins.
            let begun = Box::pin(prelogin::converse(shared, connection)).await;
            if let Some(relay) = begun {
                relay.run().await;
            }
        })
    }
}
