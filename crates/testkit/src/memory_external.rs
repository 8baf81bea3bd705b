//! Mail servers elsewhere that nobody answers at: for tests of what comes before.

use passerelle_core::{
    Lookup, Permit,
    ports::{ExternalFault, ExternalFut, ExternalMail, ExternalServer, RelayConnection},
};
use passerelle_model::{ExternalRef, Secret};

/// Reaches nothing: a wrong password is told for a login `wrong`, everything else is unreachable.
#[derive(Debug, Default)]
pub struct NothingElsewhere;

impl ExternalMail for NothingElsewhere {
    fn takes_clear(&self) -> bool {
        false
    }

    fn reach<'a>(
        &'a self,
        _at: &'a Permit<ExternalRef, Lookup>,
        server: &'a ExternalServer,
        _password: &'a Secret,
        _uids: std::sync::Arc<dyn passerelle_core::ports::MaildropUids>,
    ) -> ExternalFut<'a, RelayConnection> {
        let fault = if server.login() == "wrong" { ExternalFault::Password } else { ExternalFault::Unreachable };
        Box::pin(std::future::ready(Err(fault)))
    }
}
