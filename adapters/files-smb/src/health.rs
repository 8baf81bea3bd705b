//! Examining a share: the server, the account, the share.

use crate::{
    link::{Links, Step},
    settings::Settings,
};
use passerelle_core::{
    Error,
    ports::{Leg, Verdict},
};
use tokio::{net::TcpStream, time::timeout};

pub(crate) async fn examine(settings: &Settings, links: &Links) -> Vec<Leg> {
    let mut legs = Vec::new();
    let reached = match timeout(settings.timeout, TcpStream::connect(&settings.address)).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(slow) => Err(slow.to_string()),
    };
    if let Err(what) = reached {
        let what = format!("reach {}: {what}", settings.address);
        legs.push(Leg { name: "tcp", verdict: fails(what, "start the file server, or correct server") });
        return legs;
    }
    legs.push(Leg { name: "tcp", verdict: Verdict::Works(settings.address.clone()) });
    let verdict = match links.service(settings).await {
        None => return legs,
        Some(Ok(link)) => match link.tree.fs_info(&mut link.connection()).await {
            Ok(room) => {
                let free = room.free_bytes / (1024 * 1024);
                Leg { name: "share", verdict: Verdict::Works(format!("{}, {free} MiB free", settings.share)) }
            }
            Err(error) => {
                let what = format!("look at {}: {error}", settings.share);
                Leg { name: "share", verdict: fails(what, "let the service's account read the share") }
            }
        },
        Some(Err(error)) => refused(&error),
    };
    legs.push(verdict);
    legs
}

/// Which step failed, and what to do.
fn refused(error: &Error) -> Leg {
    let is_at = |step: Step| matches!(error, Error::Unavailable { doing, .. } if doing == step.doing());
    let what = error.chain();
    if is_at(Step::Login) {
        let remedy = "correct user, password and domain; a server that demands encryption (smb encrypt = required) refuses \
                      every account of this client";
        Leg { name: "account", verdict: fails(what, remedy) }
    } else if is_at(Step::Share) {
        let remedy = "correct share, and let the account into it (valid users); a share that demands encryption refuses \
                      every account of this client";
        Leg { name: "share", verdict: fails(what, remedy) }
    } else {
        Leg { name: "smb", verdict: fails(what, "see whether this is an SMB server that speaks version 2 or 3") }
    }
}

fn fails(what: String, remedy: &'static str) -> Verdict {
    Verdict::Fails { what, remedy }
}
