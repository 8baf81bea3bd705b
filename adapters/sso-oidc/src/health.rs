//! Examining an OpenID provider: its metadata, its keys, its clock.

use crate::{discovery::Discovery, settings::Settings};
use passerelle_core::{
    Result,
    ports::{Leg, Verdict},
};
use passerelle_fetch::Url;
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

/// Whether the provider sends a browser back to our address: asked without a prompt it does so at once, signed on or not
/// (Core §3.1.2.6), but for an address that the client has not registered (§3.1.2.1).
pub(crate) async fn examine_redirect(settings: &Settings, authorization: Result<Url>, redirect: &str) -> Leg {
    let asked = match authorization {
        Ok(url) => settings.client.get(url, "asking to come back").await,
        Err(error) => Err(error),
    };
    let verdict = match asked {
        Ok(fetched) if fetched.location.as_deref().is_some_and(|to| to.starts_with(redirect)) => {
            Verdict::Works(format!("{redirect} is registered"))
        }
        Ok(fetched) => fails(
            format!("the provider answers {} and sends no browser back to {redirect}", fetched.status),
            "register this address as a redirect URI of the client, with the host and port that browsers use; or correct client_id",
        ),
        Err(error) => fails(error.chain(), "let the gateway reach the provider's authorization_endpoint"),
    };
    Leg { name: "redirect", verdict }
}

fn fails(what: String, remedy: &'static str) -> Verdict {
    Verdict::Fails { what, remedy }
}
