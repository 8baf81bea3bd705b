//! The way to an institution's MTA over SMTP (RFC 5321): each message goes over a connection of its own, which is dropped
//! before the last dot when anything is amiss, so that nothing is queued here and nothing is delivered by half.
//!
//! The gateway is known to the MTA by its address or by a log-in of its own; who sends is the gate's word, in the permit.

mod abilities;
mod connect;
mod examine;
mod settings;
mod transaction;

use abilities::Known;
use passerelle_core::{
    Permit, SendAs, SubmissionFactory,
    config::{Block, ConfigFault},
    ports::{Abilities, Begun, Envelope, Fut, Health, Leg, Submission},
};
use passerelle_model::IdentityRef;
use settings::Server;
use std::{future::Future, pin::Pin, sync::Arc};

/// How the settings name this adapter.
pub const FACTORY: SubmissionFactory = SubmissionFactory { kind: "smtp", build };

fn build(block: &Block) -> Result<Arc<dyn Submission>, ConfigFault> {
    Ok(Arc::new(Mta { server: Server::read(block)?, known: Known::default() }))
}

/// One MTA.
struct Mta {
    server: Server,
    known: Known,
}

impl Submission for Mta {
    fn abilities(&self) -> Fut<'_, Abilities> {
        Box::pin(self.known.ask(&self.server))
    }

    fn begin<'a>(&'a self, from: &'a Permit<IdentityRef, SendAs>, envelope: &'a Envelope) -> Fut<'a, Begun> {
        Box::pin(async move {
            let mta = connect::connect(&self.server, Some(&envelope.client)).await?;
            self.known.note(mta.announced.abilities);
            transaction::begin(&self.server, mta, from.target(), envelope).await
        })
    }
}

impl Health for Mta {
    fn name(&self) -> &str {
        &self.server.name
    }

    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(examine::examine(&self.server))
    }
}
