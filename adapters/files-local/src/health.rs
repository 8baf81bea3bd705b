//! Examining a share.

use crate::share::Share;
use passerelle_core::ports::{Leg, Verdict};
use rustix::fs::{Access, AtFlags, CWD};
use std::{sync::Arc, time::Duration};
use tokio::time::timeout;

/// How long a share may take to say that it is there. Shorter than any deadline of a user's request.
const DEADLINE: Duration = Duration::from_secs(5);

/// Looks at the part of the path that all owners have in common.
pub(crate) async fn examine(share: &Arc<Share>) -> Vec<Leg> {
    let (shared, base) = (Arc::clone(share), share.settings.path.base().to_path_buf());
    let looked = tokio::task::spawn_blocking(move || look(&shared));
    let verdict = match timeout(DEADLINE, looked).await {
        Ok(Ok(verdict)) => verdict,
        Ok(Err(error)) => fails(format!("look at {}: {error}", base.display()), "report this"),
        Err(_) => fails(format!("{} did not answer within 5 s", base.display()), "see whether the file server is up"),
    };
    vec![Leg { name: "share", verdict }]
}

fn look(share: &Share) -> Verdict {
    let base = share.settings.path.base();
    let told = |doing: &str, errno| format!("{doing} {}: {errno}", base.display());
    let room = match rustix::fs::statvfs(base) {
        Ok(room) => room,
        Err(errno) => return fails(told("look at", errno), "mount the share, or correct `path`"),
    };
    if let Err(errno) = std::fs::read_dir(base) {
        return fails(format!("open {}: {errno}", base.display()), "let the service's account into the folder");
    }
    // Homes below can be writable where their common folder is not; only who makes homes needs that.
    if share.settings.create
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

fn fails(what: String, remedy: &str) -> Verdict {
    Verdict::Fails { what, remedy: remedy.to_owned() }
}
