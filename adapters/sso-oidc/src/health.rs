//! Examining an OpenID provider: its metadata, its keys, its clock.

use crate::{discovery::Discovery, settings::Settings};
use passerelle_core::ports::{Leg, Verdict};
use std::time::{Duration, SystemTime};

/// How far the clocks may be apart: tokens live for minutes, with a minute's leeway.
const APART: Duration = Duration::from_secs(60);

pub(crate) async fn examine(settings: &Settings, discovery: &Discovery) -> Vec<Leg> {
    let mut legs = Vec::new();
    match discovery.metadata(settings).await {
        Ok(metadata) => legs.push(Leg { name: "metadata", verdict: Verdict::Works(metadata.issuer.clone()) }),
        Err(error) => {
            let what = error.chain();
            let remedy = if what.contains("certificate") || what.contains("UnknownIssuer") {
                "name the CA that signed the provider's certificate as ca"
            } else if what.contains("its issuer is") {
                "write issuer exactly as the provider says it"
            } else {
                "start the provider, or correct issuer; the gateway must reach it"
            };
            legs.push(Leg { name: "metadata", verdict: fails(what, remedy) });
            return legs;
        }
    }
    let verdict = match discovery.key(settings, Some("passerelle-doctor")).await {
        // That there is none of this name was to be expected; the set itself could be read.
        Ok(_) | Err(passerelle_core::Error::Unauthenticated) => Verdict::Works("could be read".to_owned()),
        Err(error) => fails(error.chain(), "let the gateway reach the provider's jwks_uri"),
    };
    legs.push(Leg { name: "keys", verdict });
    if let Ok(fetched) = settings.client.get(settings.discovery.clone(), "asking for the time").await
        && let Some(theirs) = fetched.date
    {
        let ours = SystemTime::now();
        let apart = ours.duration_since(theirs).or_else(|_| theirs.duration_since(ours)).unwrap_or_default();
        let verdict = if apart <= APART {
            Verdict::Works(format!("{} s apart", apart.as_secs()))
        } else {
            fails(format!("the provider's clock and ours are {} s apart", apart.as_secs()), "run NTP on both machines")
        };
        legs.push(Leg { name: "clock", verdict });
    }
    legs
}

fn fails(what: String, remedy: &str) -> Verdict {
    Verdict::Fails { what, remedy: remedy.to_owned() }
}
