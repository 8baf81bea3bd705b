//! Mail accounts that people have elsewhere, over IMAP (RFC 9051, RFC 3501) and POP3 (RFC 1939) that the gateway dials itself.
//!
//! The servers are named by people and run by strangers. So addresses and ports are held against the settings, on the very
//! address that is dialled; TLS with a good certificate is demanded; and of what the server says only the shape counts:
//! every line is bounded, every wait ends, and nothing of it is kept or logged.

mod connect;
mod login;
mod maildrop;
mod settings;
mod tries;

use passerelle_core::{
    ExternalMailFactory, Lookup, Permit,
    config::{Block, ConfigFault},
    ports::{
        ExternalFault, ExternalFut, ExternalMail, ExternalProtocol, ExternalServer, MaildropUids, RelayConnection,
    },
};
use passerelle_model::{ExternalRef, Secret};
use settings::Settings;
use std::sync::Arc;
use tokio::{sync::Semaphore, time::timeout};
use tries::Tries;

/// Most messages of POP3 accounts in memory at one moment, each of 16 MiB at most.
const MOST_HELD_AT_ONCE: usize = 8;

/// How the settings name this adapter.
pub const FACTORY: ExternalMailFactory = ExternalMailFactory { kind: "direct", build };

fn build(block: &Block) -> Result<Arc<dyn ExternalMail>, ConfigFault> {
    Ok(Arc::new(Direct {
        settings: Arc::new(Settings::read(block)?),
        tries: Tries::default(),
        room: Arc::new(Semaphore::new(MOST_HELD_AT_ONCE)),
    }))
}

/// Dials by itself.
struct Direct {
    settings: Arc<Settings>,
    tries: Tries,
    /// For messages of POP3 accounts that are taken apart.
    room: Arc<Semaphore>,
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
        uids: Arc<dyn MaildropUids>,
    ) -> ExternalFut<'a, RelayConnection> {
        Box::pin(async move {
            let owner = &at.target().owner;
            let counted = self.tries.begin(owner)?;
            let reached = timeout(self.settings.deadline, self.steps(server, password, uids)).await;
            let reached = reached.unwrap_or(Err(ExternalFault::Slow));
            counted.end(reached.as_ref().map(drop).map_err(|fault| *fault));
            reached
        })
    }
}

impl Direct {
    async fn steps(
        &self,
        server: &ExternalServer,
        password: &Secret,
        uids: Arc<dyn MaildropUids>,
    ) -> Result<RelayConnection, ExternalFault> {
        match server.protocol() {
            ExternalProtocol::Imap => {
                let greeted = connect::connect(&self.settings, server).await?;
                login::log_in(greeted, server, password).await
            }
            ExternalProtocol::Pop3 => {
                let place = maildrop::Place {
                    settings: Arc::clone(&self.settings),
                    server: server.clone(),
                    password: Secret::new(password.expose().to_vec()),
                    uids,
                    room: Arc::clone(&self.room),
                };
                maildrop::reach(place).await
            }
        }
    }
}
