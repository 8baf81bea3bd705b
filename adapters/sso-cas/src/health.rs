//! Examining a CAS server: whether it answers as one, and whether its clock is ours.

use crate::{
    response::{self, Said},
    settings::Settings,
};
use passerelle_core::ports::{Leg, Verdict};
use passerelle_fetch::Url;
use std::time::{Duration, SystemTime};

/// What is asked: a ticket that is none. A CAS server says so.
pub(crate) const PROBED: &str = "serviceValidate";
pub(crate) const PROBE: [(&str, &str); 2] = [("service", "https://passerelle.invalid/"), ("ticket", "ST-doctor")];
/// How far the clocks may be apart: tickets and assertions live for seconds to minutes.
const APART: Duration = Duration::from_secs(60);

pub(crate) async fn examine(settings: &Settings, probe: Url) -> Vec<Leg> {
    let mut legs = Vec::new();
    let fetched = match settings.client.get(probe, "asking").await {
        Ok(fetched) => fetched,
        Err(error) => {
            let what = format!("ask {}: {}", settings.url, error.chain());
            let remedy = if is_of_trust(&what) {
                "name the CA that signed the server's certificate as ca, and the server by the name in it"
            } else {
                "start the server, or correct url; the gateway must reach it"
            };
            legs.push(Leg { name: "answers", verdict: fails(what, remedy) });
            return legs;
        }
    };
    let verdict = match response::validation(&fetched.body) {
        Said::No(code) => Verdict::Works(format!("{} ({code} for a ticket that is none)", settings.url)),
        Said::Yes(_) | Said::Nonsense => fails(
            format!("{} answered {} and nothing that CAS says", settings.url, fetched.status),
            "correct url: the part before /login",
        ),
    };
    legs.push(Leg { name: "answers", verdict });
    if let Some(theirs) = fetched.date {
        let ours = SystemTime::now();
        let apart = ours.duration_since(theirs).or_else(|_| theirs.duration_since(ours)).unwrap_or_default();
        let verdict = if apart <= APART {
            Verdict::Works(format!("{} s apart", apart.as_secs()))
        } else {
            fails(format!("the server's clock and ours are {} s apart", apart.as_secs()), "run NTP on both machines")
        };
        legs.push(Leg { name: "clock", verdict });
    }
    legs
}

/// Whether the server sends a browser back to our address: with `gateway=true` it does so at once, signed on or not
/// (§2.1.1), but for a service that it does not know.
pub(crate) async fn examine_service(settings: &Settings, login: Url, service: &str) -> Leg {
    let verdict = match settings.client.get(login, "asking to come back").await {
        Ok(fetched) if fetched.location.as_deref().is_some_and(|to| to.starts_with(service)) => {
            Verdict::Works(format!("{service} is a service of the server"))
        }
        Ok(fetched) => fails(
            format!("the server answers {} and sends no browser back to {service}", fetched.status),
            "register this address as a service at the CAS server, with the host and port that browsers use",
        ),
        Err(error) => fails(error.chain(), "start the server, or correct url; the gateway must reach it"),
    };
    Leg { name: "service", verdict }
}

/// Whether anybody answers where the server is to bring proxy-granting tickets.
pub(crate) async fn examine_callback(settings: &Settings, callback: &str) -> Leg {
    let remedy = "start the gateway, and give callback an address at which the CAS server reaches it";
    let verdict = match Url::parse(callback) {
        Err(error) => fails(format!("{callback}: {error}"), remedy),
        Ok(url) => match settings.client.get(url, "calling back").await {
            Ok(fetched) if fetched.status.is_success() => Verdict::Works(callback.to_owned()),
            Ok(fetched) => fails(format!("{callback} answers {}", fetched.status), remedy),
            Err(error) if is_of_trust(&error.chain()) => {
                // Whom the server trusts is its own affair; that somebody answers is seen.
                Verdict::Works(format!("{callback} answers; the CAS server must trust its certificate"))
            }
            Err(error) => fails(format!("{callback}: {}", error.chain()), remedy),
        },
    };
    Leg { name: "callback", verdict }
}

fn is_of_trust(what: &str) -> bool {
    what.contains("certificate") || what.contains("UnknownIssuer")
}

fn fails(what: String, remedy: &'static str) -> Verdict {
    Verdict::Fails { what, remedy }
}
