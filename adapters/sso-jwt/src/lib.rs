//! A portal that signs its word: a JSON Web Token (RFC 7519) of a few minutes, with the login as its subject, which works once.
//!
//! Signatures are `jsonwebtoken`'s; what a token must say to be for us is here, after RFC 8725. It must never take an algorithm
//! that the settings do not list, a key that they do not name, or a symmetric one. No browser signs on by it.

mod settings;
mod verify;

use passerelle_core::{
    SsoFactory,
    config::{Block, ConfigFault},
    ports::{Fut, Health, Leg, PortalWord, SsoProvider, Verdict, Vouched, Vouching},
};
use settings::Settings;
use std::{future::Future, pin::Pin, sync::Arc};

/// How the gateway gets at this adapter.
pub const FACTORY: SsoFactory = SsoFactory { kind: KIND, build };

/// The word in the settings.
const KIND: &str = "jwt";

fn build(block: &Block) -> Result<Arc<dyn SsoProvider>, ConfigFault> {
    Ok(Arc::new(Jwt { settings: Settings::read(block)? }))
}

/// A portal whose keys the settings name.
#[derive(Debug)]
struct Jwt {
    settings: Settings,
}

impl SsoProvider for Jwt {
    fn kind(&self) -> &'static str {
        KIND
    }

    fn as_vouching(&self) -> Option<&dyn Vouching> {
        Some(self)
    }
}

impl Vouching for Jwt {
    fn vouch<'a>(&'a self, word: &'a PortalWord<'a>) -> Fut<'a, Vouched> {
        Box::pin(std::future::ready(verify::verify(&self.settings, word.credential, word.now)))
    }
}

impl Health for Jwt {
    fn name(&self) -> &str {
        &self.settings.name
    }

    /// There is nobody to ask: the portal asks us.
    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        let remark = format!("{} keys of {}", self.settings.keys.len(), self.settings.issuer);
        Box::pin(std::future::ready(vec![Leg { name: "settings", verdict: Verdict::Works(remark) }]))
    }
}
