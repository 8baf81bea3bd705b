//! What the MTA can, as it said lately: clients are told before anything is sent, and must not wait for it each time.

use crate::{connect, settings::Server};
use passerelle_core::{Error, Result, ports::Abilities};
use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// For how long what it said is believed.
const BELIEVED: Duration = Duration::from_secs(300);
/// For how long one that cannot be reached is not asked again.
const RESTS: Duration = Duration::from_secs(10);

/// What is known.
#[derive(Default)]
pub(crate) struct Known {
    said: Mutex<Said>,
    /// Held by whoever asks, so that many clients at once are one question.
    turn: tokio::sync::Mutex<()>,
}

#[derive(Default, Clone, Copy)]
struct Said {
    abilities: Option<Abilities>,
    again: Option<Instant>,
}

impl Known {
    fn said(&self) -> Said {
        *self.said.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn keep(&self, abilities: Option<Abilities>, lasts: Duration) {
        let again = Instant::now().checked_add(lasts);
        *self.said.lock().unwrap_or_else(PoisonError::into_inner) = Said { abilities, again };
    }

    /// It was spoken with for a message.
    pub(crate) fn note(&self, abilities: Abilities) {
        self.keep(Some(abilities), BELIEVED);
    }

    /// What it said lately, or says now. One that is away is as it was when it was last there.
    pub(crate) async fn ask(&self, server: &Server) -> Result<Abilities> {
        let fresh = |said: Said| said.again.filter(|again| Instant::now() < *again).map(|_| said.abilities);
        let away = || Error::unavailable(&server.name, "asking what it can", "it could not be reached lately");
        if let Some(known) = fresh(self.said()) {
            return known.ok_or_else(away);
        }
        let _turn = self.turn.lock().await;
        if let Some(known) = fresh(self.said()) {
            return known.ok_or_else(away);
        }
        match connect::connect(server, None).await {
            Ok(mut mta) => {
                self.note(mta.announced.abilities);
                // Whether the goodbye arrives changes nothing.
                let _ = mta.wire.send(b"QUIT\r\n").await;
                Ok(mta.announced.abilities)
            }
            Err(error) => {
                let before = self.said().abilities;
                self.keep(before, RESTS);
                before.ok_or(error)
            }
        }
    }
}
