//! Mail accounts that people have elsewhere, over IMAP (RFC 9051, RFC 3501) that the gateway dials itself.
//!
//! The servers are named by people and run by strangers. So addresses and ports are held against the settings, on the very
//! address that is dialled; TLS with a good certificate is demanded; and of what the server says only the shape counts:
//! every line is bounded, every wait ends, and nothing of it is kept or logged.

mod address;
mod connect;
mod login;
mod settings;
mod tries;

use passerelle_core::{
    ExternalMailFactory, Lookup, Permit,
    config::{Block, ConfigFault},
    ports::{ExternalFault, ExternalFut, ExternalMail, ExternalServer, RelayConnection},
};
use passerelle_model::{ExternalRef, Secret};
use settings::Settings;
use std::sync::Arc;
use tokio::time::timeout;
use tries::Tries;

/// How the settings name this adapter.
pub const FACTORY: ExternalMailFactory = ExternalMailFactory { kind: "direct", build };

fn build(block: &Block) -> Result<Arc<dyn ExternalMail>, ConfigFault> {
    Ok(Arc::new(Direct { settings: Settings::read(block)?, tries: Tries::default() }))
}

/// Dials by itself.
struct Direct {
    settings: Settings,
    tries: Tries,
}

impl ExternalMail for Direct {
    fn takes_clear(&self) -> bool {
        self.settings.clear
    }

    fn reach<'a>(
        &'a self,
        at: &'a Permit<ExternalRef, Lookup>,
        server: &'a ExternalServer,
        password: &'a Secret,
    ) -> ExternalFut<'a, RelayConnection> {
        Box::pin(async move {
            let owner = &at.target().owner;
            let counted = self.tries.begin(owner)?;
            let reached = timeout(self.settings.deadline, self.steps(server, password)).await;
            let reached = reached.unwrap_or(Err(ExternalFault::Slow));
            counted.end(reached.as_ref().map(drop).map_err(|fault| *fault));
            reached
        })
    }
}

impl Direct {
    async fn steps(&self, server: &ExternalServer, password: &Secret) -> Result<RelayConnection, ExternalFault> {
        let greeted = connect::connect(&self.settings, server).await?;
        login::log_in(greeted, server, password).await
    }
}
