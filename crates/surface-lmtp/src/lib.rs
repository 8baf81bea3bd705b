//! Delivery of mail (LMTP, RFC 2033) between an institution's MTA and its store: a hop that passes each message on as it is, and lets
//! calendars have what of it is for them (iMIP, RFC 6047).
//!
//! Nothing is queued. What the store says of a recipient is what the MTA hears, in the store's own words; whatever becomes of a
//! calendar changes nothing of that. A store that is away is a temporary failure, so that the MTA keeps the message.

mod calendar;
mod content;
mod conversation;
mod health;
mod proof;
mod store;

pub use health::examine;

use passerelle_core::Door;
use passerelle_net::{Connection, Network, StreamSurface};
use std::{future::Future, pin::Pin, sync::Arc};
use tokio::sync::Semaphore;

/// The surface's name, for logs and metrics.
const NAME: &str = "lmtp";
/// Most messages that are kept in memory at once, for calendars to look into.
const MOST_KEPT: usize = 16;

/// The surface.
pub fn surface(door: Door, _network: Network) -> Arc<dyn StreamSurface> {
    Arc::new(Lmtp { door, kept: Arc::new(Semaphore::new(MOST_KEPT)) })
}

/// What every connection shares.
#[derive(Clone, Debug)]
struct Lmtp {
    door: Door,
    /// Places for messages that are kept until they are delivered.
    kept: Arc<Semaphore>,
}

impl StreamSurface for Lmtp {
    fn name(&self) -> &'static str {
        NAME
    }

    fn serve(&self, connection: Connection) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let shared = self.clone();
        Box::pin(conversation::converse(shared, connection))
    }
}
