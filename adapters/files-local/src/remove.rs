//! Removing, with all that is below. Links are removed, never followed; other file systems mounted below are left alone.

use crate::{
    fault::{demand, fault},
    meta,
    place::{BENEATH, raw},
    share::Share,
};
use passerelle_core::{
    Error, Result,
    ports::{NodeKind, Precondition},
};
use passerelle_model::NodeRef;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{Dir, Mode, OFlags, ResolveFlags},
    io::Errno,
};
use std::{path::Path, sync::Arc};

/// Deepest tree that is removed or copied; deeper ones were not made here.
pub(crate) const DEEPEST: usize = 256;
/// How often a folder is read again that others fill while it is emptied.
const TRIES: usize = 3;
const DOING: &str = "removing";

/// Removes what a user sees.
pub(crate) fn remove(share: &Arc<Share>, node: &NodeRef, when: &Precondition) -> Result<()> {
    let (folder, name) = match share.open_parent(node, DOING) {
        Err(Error::NoParent) => return Err(Error::NotFound),
        opened => opened?,
    };
    let told = |errno| fault(&share.name, DOING, errno);
    let stat = share.named(&folder, name).map_err(told)?;
    let present = meta::node(name, &stat).ok_or(Error::NotFound)?;
    demand(when, Some(&present))?;
    let removed = match present.kind {
        NodeKind::File => share.hands.unlink(folder.as_fd(), Path::new(name)),
        NodeKind::Folder => tree(share, &folder, Path::new(name), 0),
    };
    match removed {
        // Another device is mounted there, which has no place in a user's removal.
        Err(Errno::XDEV | Errno::BUSY) => return Err(Error::Forbidden),
        other => other.map_err(told)?,
    }
    share.sync_folder(&folder)
}

/// Removes whatever stands under a name.
pub(crate) fn whole(share: &Arc<Share>, folder: &OwnedFd, name: &Path) -> rustix::io::Result<()> {
    match share.hands.unlink(folder.as_fd(), name) {
        Err(Errno::ISDIR | Errno::PERM) => tree(share, folder, name, 0),
        done => done,
    }
}

fn tree(share: &Arc<Share>, above: &OwnedFd, name: &Path, depth: usize) -> rustix::io::Result<()> {
    if depth > DEEPEST {
        return Err(Errno::NAMETOOLONG);
    }
    for _ in 0..TRIES {
        empty(share, above, name, depth)?;
        match share.hands.remove_folder(above.as_fd(), name) {
            Err(Errno::NOTEMPTY | Errno::EXIST) => {}
            done => return done,
        }
    }
    Err(Errno::NOTEMPTY)
}

fn empty(share: &Arc<Share>, above: &OwnedFd, name: &Path, depth: usize) -> rustix::io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
    let opened = share.hands.open(above.as_fd(), name, flags, Mode::empty(), BENEATH | ResolveFlags::NO_XDEV)?;
    let inside = opened.try_clone().map_err(|_| Errno::MFILE)?;
    let entries = Dir::new(opened)?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name == b"." || name == b".." {
            continue;
        }
        let name = raw(name);
        match share.hands.unlink(inside.as_fd(), name) {
            // Linux says EISDIR, POSIX EPERM.
            Err(Errno::ISDIR | Errno::PERM) => tree(share, &inside, name, depth + 1)?,
            Ok(()) | Err(Errno::NOENT) => {}
            Err(other) => return Err(other),
        }
    }
    Ok(())
}
