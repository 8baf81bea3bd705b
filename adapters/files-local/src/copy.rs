//! Copying within a store: into a hidden place first, so that a copy is there whole or not at all.

use crate::{
    fault::{fault, parent_fault},
    hands::Taken,
    meta,
    place::{BENEATH, is_own, shown},
    remove::{self, DEEPEST},
    share::Share,
    temp::{FILE_MODE, FOLDER_MODE, own_name},
    upload::{look, put_in_place, stands},
};
use passerelle_core::{Error, Result, ports::NodeKind};
use passerelle_model::NodeRef;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{Dir, Mode, OFlags},
    io::Errno,
};
use std::{path::Path, sync::Arc};

/// Most octets asked of the kernel at once, so that a long copy can be interrupted by a signal.
const AT_ONCE: usize = 64 * 1024 * 1024;
/// Buffer for file systems that cannot copy by themselves.
const BY_HAND: usize = 256 * 1024;
const DOING: &str = "copying";

/// Copies a file or a folder; a folder's content when `deep`.
pub(crate) fn copy(share: &Arc<Share>, from: &NodeRef, to: &NodeRef, taken: Taken, deep: bool) -> Result<()> {
    let told = |errno| fault(&share.name, DOING, errno);
    let (source, name) = match share.open_parent(from, DOING) {
        Err(Error::NoParent) => return Err(Error::NotFound),
        opened => opened?,
    };
    let kind = meta::kind(&share.named(&source, name).map_err(told)?).ok_or(Error::NotFound)?;
    let inside = from.owner == to.owner && to.path.is_within(&from.path);
    if inside && (to.path == from.path || deep && kind == NodeKind::Folder) {
        return Err(Error::invalid("a folder cannot be copied into itself"));
    }
    let (folder, new) = share.open_parent(to, DOING).map_err(|error| match error {
        Error::NotFound => Error::NoParent,
        other => other,
    })?;
    if taken == Taken::Refuse && stands(share, &folder, new).map_err(told)?.is_some() {
        return Err(Error::Conflict);
    }
    let hidden = own_name().map_err(told)?;
    let copied = match kind {
        NodeKind::File => file(share, (&source, name), (&folder, &hidden)),
        NodeKind::Folder => tree(share, (&source, name), (&folder, &hidden), deep, 0),
    };
    let placed = copied.and_then(|()| put_in_place(share, (&folder, &hidden), (&folder, new), taken));
    if let Err(errno) = placed {
        if let Err(errno) = remove::whole(share, &folder, Path::new(&hidden)) {
            tracing::debug!(%errno, "what was left of a copy could not be removed");
        }
        return Err(parent_fault(&share.name, DOING, errno));
    }
    share.sync_folder(&folder)
}

fn file(share: &Share, from: (&OwnedFd, &str), to: (&OwnedFd, &str)) -> rustix::io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY;
    let source = share.hands.open(from.0.as_fd(), Path::new(from.1), flags, Mode::empty(), BENEATH)?;
    let flags = OFlags::CREATE | OFlags::EXCL | OFlags::WRONLY | OFlags::NOFOLLOW;
    let mode = Mode::from_raw_mode(FILE_MODE);
    let copy = share.hands.open(to.0.as_fd(), Path::new(to.1), flags, mode, BENEATH)?;
    octets(&source, &copy)?;
    if share.settings.fsync { rustix::fs::fsync(&copy) } else { Ok(()) }
}

fn tree(
    share: &Arc<Share>,
    from: (&OwnedFd, &str),
    to: (&OwnedFd, &str),
    deep: bool,
    depth: usize,
) -> rustix::io::Result<()> {
    if depth > DEEPEST {
        return Err(Errno::NAMETOOLONG);
    }
    share.hands.make_folder(to.0.as_fd(), Path::new(to.1), Mode::from_raw_mode(FOLDER_MODE))?;
    if !deep {
        return Ok(());
    }
    let copy = look(share, to.0, to.1)?;
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
    let source = share.hands.open(from.0.as_fd(), Path::new(from.1), flags, Mode::empty(), BENEATH)?;
    let entries = Dir::new(source.try_clone().map_err(|_| Errno::MFILE)?)?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        let Some(name) = shown(name).filter(|it| *it != "." && *it != ".." && !is_own(it.as_bytes())) else { continue };
        match meta::kind(&share.named(&source, name)?) {
            Some(NodeKind::File) => file(share, (&source, name), (&copy, name))?,
            Some(NodeKind::Folder) => tree(share, (&source, name), (&copy, name), deep, depth + 1)?,
            None => {}
        }
    }
    Ok(())
}

/// Copies all octets of a file, inside of the file system where it can.
pub(crate) fn octets(from: &OwnedFd, to: &OwnedFd) -> rustix::io::Result<()> {
    let (mut read, mut written) = (0_u64, 0_u64);
    loop {
        match rustix::fs::copy_file_range(from, Some(&mut read), to, Some(&mut written), AT_ONCE) {
            Ok(0) => return Ok(()),
            Ok(_) | Err(Errno::INTR) => {}
            Err(Errno::XDEV | Errno::INVAL | Errno::OPNOTSUPP | Errno::NOSYS) => return by_hand(from, to, read),
            Err(other) => return Err(other),
        }
    }
}

fn by_hand(from: &OwnedFd, to: &OwnedFd, mut at: u64) -> rustix::io::Result<()> {
    let mut buffer = vec![0; BY_HAND];
    loop {
        let length = rustix::io::retry_on_intr(|| rustix::io::pread(from, buffer.as_mut_slice(), at))?;
        let mut rest = buffer.get(..length).unwrap_or_default();
        if rest.is_empty() {
            return Ok(());
        }
        while !rest.is_empty() {
            let put = rustix::io::retry_on_intr(|| rustix::io::pwrite(to, rest, at))?;
            if put == 0 {
                return Err(Errno::IO);
            }
            rest = rest.get(put..).unwrap_or_default();
            at += u64::try_from(put).unwrap_or(u64::MAX);
        }
    }
}
