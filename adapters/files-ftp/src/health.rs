//! Examining a server: whether it is there, how it is reached, who we are to it, where the trees begin.

use crate::{connection::Step, lease::Lease, place::look, store::Share};
use passerelle_core::{
    Error,
    ports::{Leg, Verdict},
};
use std::sync::Arc;
use tokio::{net::TcpStream, time::timeout};

pub(crate) async fn examine(share: &Arc<Share>) -> Vec<Leg> {
    let settings = &share.settings;
    let mut legs = Vec::new();
    let address = format!("{}:{}", settings.host, settings.port);
    let reached = match timeout(settings.timeout, TcpStream::connect(&address)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(slow) => Err(slow.to_string()),
    };
    if let Err(what) = reached {
        let what = format!("reach {address}: {what}");
        legs.push(Leg { name: "tcp", verdict: fails(what, "start the FTP server, or correct server") });
        return legs;
    }
    legs.push(Leg { name: "tcp", verdict: Verdict::Works(address) });
    let Some(who) = share.service() else { return legs };
    let user = who.user.clone();
    match Lease::take(share, who, 1).await {
        Err(error) => legs.push(refused(&error)),
        Ok(mut lease) => {
            legs.push(Leg { name: "account", verdict: Verdict::Works(user) });
            let top = settings.top();
            let verdict = match look(&mut lease, &top).await {
                Ok(_) => Verdict::Works(top),
                Err(error) => {
                    let what = format!("look at {top}: {}", error.chain());
                    fails(what, "correct path, and let the service's account into it")
                }
            };
            legs.push(Leg { name: "share", verdict });
        }
    }
    legs
}

/// Which step failed, and what to do.
fn refused(error: &Error) -> Leg {
    let is_at = |step: Step| matches!(error, Error::Unavailable { doing, .. } if doing == step.doing());
    let what = error.chain();
    if is_at(Step::Tls) {
        Leg {
            name: "tls",
            verdict: fails(what, "let the server offer AUTH TLS, with a certificate for this name of ca's"),
        }
    } else if is_at(Step::Login) {
        Leg { name: "account", verdict: fails(what, "correct user and password") }
    } else {
        Leg { name: "ftp", verdict: fails(what, "see whether this is an FTP server that knows MLST") }
    }
}

fn fails(what: String, remedy: &'static str) -> Verdict {
    Verdict::Fails { what, remedy }
}
