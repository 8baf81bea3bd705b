//! Becoming somebody, for good.

use passerelle_model::PosixIds;
use rustix::{
    fs::{Gid, Uid},
    io::{Errno, Result},
    thread::{CapabilitySet, CapabilitySets},
};

/// Makes this thread act as a person, and takes from it every way back.
///
/// The effective ids are the person's, and with them those that file systems look at (credentials(7)). The real and the
/// saved user id are the gateway's account: not root, so that no power is left to be raised again, and not the person's, who
/// could otherwise end this process by a signal from a shell (kill(2) compares with the real and saved ids).
///
/// # Errors
/// When any of it did not happen. The thread must end then: it may be half of somebody.
pub(super) fn become_person(ids: &PosixIds, gateway: Uid) -> Result<()> {
    const NONE: CapabilitySets = CapabilitySets {
        effective: CapabilitySet::empty(),
        permitted: CapabilitySet::empty(),
        inheritable: CapabilitySet::empty(),
    };
    let (uid, gid) = (Uid::from_raw(ids.uid), Gid::from_raw(ids.gid));
    let groups: Vec<Gid> = ids.groups.iter().map(|group| Gid::from_raw(*group)).collect();
    // These calls change this thread only (the C library's would change all of them).
    rustix::thread::set_thread_groups(&groups)?;
    rustix::thread::set_thread_res_gid(gid, gid, gid)?;
    rustix::thread::set_thread_res_uid(gateway, uid, gateway)?;
    // Leaving root has cleared them; said again, because it is what everything hangs on.
    rustix::thread::set_capabilities(None, NONE)?;
    let is_person = rustix::process::geteuid() == uid
        && rustix::process::getegid() == gid
        && rustix::process::getuid() == gateway
        && rustix::thread::capabilities(None)? == NONE
        && rustix::thread::set_thread_res_uid(None, Uid::ROOT, None) == Err(Errno::PERM);
    if is_person { Ok(()) } else { Err(Errno::PERM) }
}
