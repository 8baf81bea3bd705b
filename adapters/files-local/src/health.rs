//! Examining a share.

use crate::{lanes::Lanes, share::Share};
use passerelle_core::ports::{Leg, Verdict};
use rustix::{
    fs::{Access, AtFlags, CWD},
    io::Errno,
};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long a share may take to say that it is there. Shorter than any deadline of a user's request.
const DEADLINE: Duration = Duration::from_secs(5);

/// Asks the helper, if one acts, and looks at the part of the path that all owners have in common.
pub(crate) async fn examine(share: &Arc<Share>, helper: Option<&Arc<Lanes>>) -> Vec<Leg> {
    let mut legs = Vec::new();
    if let Some(helper) = helper {
        let (shared, helper) = (Arc::clone(share), Arc::clone(helper));
        let what = format!("the helper at {}", helper.socket().display());
        legs.push(Leg { name: "hands", verdict: within(&what, move || ask(&shared, &helper)).await });
    }
    let shared = Arc::clone(share);
    let what = share.settings.path.base().display().to_string();
    legs.push(Leg { name: "share", verdict: within(&what, move || look(&shared)).await });
    legs
}

async fn within(what: &str, look: impl FnOnce() -> Verdict + Send + 'static) -> Verdict {
    match timeout(DEADLINE, tokio::task::spawn_blocking(look)).await {
        Ok(Ok(verdict)) => verdict,
        Ok(Err(error)) => fails(format!("look at {what}: {error}"), "report this"),
        Err(_) => fails(format!("{what} did not answer within 5 s"), "see whether the file server is up"),
    }
}

fn ask(share: &Share, helper: &Lanes) -> Verdict {
    let (socket, base) = (helper.socket().display(), share.settings.path.base());
    let examined = match helper.examine() {
        Ok(examined) => examined,
        Err(error) => {
            let remedy = "start `passerelle hands` there as root, with --serve and this gateway's account";
            return fails(format!("ask the helper at {socket}: {error}"), remedy);
        }
    };
    let below: Vec<String> = examined.below.iter().map(|folder| folder.display().to_string()).collect();
    let below = below.join(", ");
    if !examined.below.iter().any(|folder| base.starts_with(folder) || folder.starts_with(base)) {
        let what = format!("the helper at {socket} acts below {below} only, {} is elsewhere", base.display());
        return fails(what, "start it with --below and that folder, or correct `path`");
    }
    if share.settings.create && !examined.makes_roots {
        let remedy = "start it with --create, or set create = false";
        return fails(format!("the helper at {socket} makes no missing homes"), remedy);
    }
    Verdict::Works(format!("{socket}, below {below}, for uidNumbers from {}", examined.lowest_uid))
}

fn look(share: &Share) -> Verdict {
    let base = share.settings.path.base();
    let told = |doing: &str, errno| format!("{doing} {}: {errno}", base.display());
    // Then what the service's account may do says nothing.
    let acts_as_owner = share.settings.helper.is_some();
    let room = match rustix::fs::statvfs(base) {
        Ok(room) => room,
        Err(Errno::ACCESS) if acts_as_owner => return Verdict::Works(format!("{}, owners only", base.display())),
        Err(errno) => return fails(told("look at", errno), "mount the share, or correct `path`"),
    };
    if !acts_as_owner && let Err(errno) = std::fs::read_dir(base) {
        return fails(format!("open {}: {errno}", base.display()), "let the service's account into the folder");
    }
    // Homes below can be writable where their common folder is not; only who makes homes needs that.
    if share.settings.create
        && !acts_as_owner
        && let Err(errno) = rustix::fs::accessat(CWD, base, Access::WRITE_OK, AtFlags::EACCESS)
    {
        return fails(told("write to", errno), "let the service's account write there, or set create = false");
    }
    if room.f_flag.contains(rustix::fs::StatVfsMountFlags::RDONLY) {
        return fails(format!("{} is mounted read-only", base.display()), "mount it writable");
    }
    let free = room.f_bavail.saturating_mul(room.f_frsize) / (1024 * 1024);
    Verdict::Works(format!("{}, {free} MiB free", base.display()))
}

fn fails(what: String, remedy: &'static str) -> Verdict {
    Verdict::Fails { what, remedy }
}
