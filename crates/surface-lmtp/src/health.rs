//! What `doctor` says of the store's LMTP server.

use crate::store::Store;
use passerelle_core::ports::{Leg, Verdict};

/// Reaches a store of mail as a delivery does, up to its greeting: a host and port, or the path of a socket.
pub async fn examine(address: &str) -> Vec<Leg> {
    let verdict = match Store::connect(address, "passerelle").await {
        Ok(store) => {
            let takes = if store.eight_bit { "takes 8BITMIME" } else { "takes no 8BITMIME" };
            Verdict::Works(format!("{address}, {takes}"))
        }
        Err(error) => Verdict::Fails {
            what: format!("{address}: {error}"),
            remedy: "start the store's LMTP server, or correct deliver.store",
        },
    };
    vec![Leg { name: "lmtp", verdict }]
}
