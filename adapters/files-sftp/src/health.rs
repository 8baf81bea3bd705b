//! Examining a server: whether it is there, whose key it shows, who we are to it, where the trees begin.

use crate::{identity, link::Step, store::Share};
use passerelle_core::{
    Error,
    ports::{Leg, Verdict},
};
use tokio::{net::TcpStream, time::timeout};

pub(crate) async fn examine(share: &Share) -> Vec<Leg> {
    let settings = &share.settings;
    let mut legs = Vec::new();
    let reached = match timeout(settings.timeout, TcpStream::connect(&settings.address)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(slow) => Err(slow.to_string()),
    };
    if let Err(what) = reached {
        let what = format!("reach {}: {what}", settings.address);
        legs.push(Leg { name: "tcp", verdict: fails(what, "start the SSH server, or correct server") });
        return legs;
    }
    legs.push(Leg { name: "tcp", verdict: Verdict::Works(settings.address.clone()) });
    let Some(service) = identity::service(settings) else { return legs };
    match share.links.of(settings, &service).await {
        Err(error) => legs.push(refused(&error)),
        Ok(link) => {
            let lacks = link.powers.lacks();
            let what =
                if lacks.is_empty() { service.user.to_owned() } else { format!("{}; without {lacks}", service.user) };
            legs.push(Leg { name: "account", verdict: Verdict::Works(what) });
            let top = settings.top();
            let verdict = match link.sftp.stat(top.as_str()).await {
                Ok(_) => Verdict::Works(top),
                Err(error) => {
                    fails(format!("look at {top}: {error}"), "correct path, and let the service's account into it")
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
    if is_at(Step::HostKey) {
        let remedy = "ask the server's administrator whether it is theirs, and write it into host_keys";
        Leg { name: "host key", verdict: fails(what, remedy) }
    } else if is_at(Step::Login) {
        Leg { name: "account", verdict: fails(what, "correct user, and key or password") }
    } else {
        Leg { name: "ssh", verdict: fails(what, "see whether this is an SSH server that offers SFTP") }
    }
}

fn fails(what: String, remedy: &'static str) -> Verdict {
    Verdict::Fails { what, remedy }
}
