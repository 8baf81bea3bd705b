//! FTP (RFC 959) with TLS (RFC 4217) over the files that a person sees: `/<account>/...`, as `/dav/files/<account>/...` by WebDAV.
//!
//! One's own tree is there whole, another's as far as it is shared; what is hidden answers as what is missing. An upload is
//! there in one step, and only after its end was seen: TLS says it by close_notify; in clear, where a cut looks like an end,
//! the control connection has to live on. The gateway opens no connection to an address that a client names, and goes through
//! the gate anew at each command. Why no crate serves: docs/decisions/0022-own-ftp-server.md.

mod ask;
mod authorization;
mod change;
mod channel;
mod client;
mod data;
mod listing;
mod refusal;
mod retrieve;
mod store;
mod transaction;
mod transfer;
mod tree;

use passerelle_core::Door;
use passerelle_net::{AccountSlots, Connection, Network, StreamSurface};
use std::{future::Future, pin::Pin, sync::Arc};

/// The surface's name, for logs and metrics.
const NAME: &str = "ftp";

/// The FTP surface.
pub fn surface(door: Door, network: Network) -> Arc<dyn StreamSurface> {
    Arc::new(Ftp { door, network, accounts: AccountSlots::default() })
}

/// Every command that it knows, for whoever must try all of them.
pub const fn commands() -> &'static [&'static str] {
    passerelle_wire_ftp::commands()
}

/// What every connection shares.
#[derive(Clone, Debug)]
struct Ftp {
    door: Door,
    network: Network,
    accounts: AccountSlots,
}

impl StreamSurface for Ftp {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serve(&self, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let shared = self.clone();
        Box::pin(async move {
            // What log-in needs is let go before the transaction begins.
            let begun = Box::pin(authorization::converse(shared, connection)).await;
            if let Some(transaction) = begun {
                transaction.run().await;
            }
        })
    }
}
