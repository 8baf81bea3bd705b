//! Hands that act as the owner: each call is made by the helper process, on a thread that is the owner. What it opens is
//! handed back, and from there on octets pass as everywhere else.

use crate::{
    hands::{Fresh, Hands, Taken},
    lanes::{Lanes, Whose},
    meta::Stat,
    wire::{Answer, Garbled, MOST_NAMES, Name, Opening, Request},
};
use passerelle_core::ports::{FileTime, Space};
use rustix::{
    fd::{BorrowedFd, OwnedFd},
    fs::{Mode, OFlags, ResolveFlags},
    io::{Errno, Result},
};
use std::{os::unix::ffi::OsStrExt, path::Path, sync::Arc};

/// The hands of one owner.
#[derive(Debug)]
pub(crate) struct Owner {
    pub(crate) lanes: Arc<Lanes>,
    pub(crate) whose: Whose,
}

impl Owner {
    fn done(&self, request: &Request, descriptors: &[BorrowedFd<'_>]) -> Result<()> {
        match self.lanes.call(&self.whose, request, descriptors)? {
            (Answer::Done, None) => Ok(()),
            _ => Err(Errno::PROTO),
        }
    }

    fn opened(&self, request: &Request, descriptors: &[BorrowedFd<'_>]) -> Result<OwnedFd> {
        match self.lanes.call(&self.whose, request, descriptors)? {
            (Answer::Opened, Some(opened)) => Ok(opened),
            _ => Err(Errno::PROTO),
        }
    }

    fn some(&self, at: BorrowedFd<'_>, names: &[&Path]) -> Result<Vec<Result<Stat>>> {
        let request = Request::Stat(names.iter().map(|name| self::name(name)).collect::<Result<_>>()?);
        match self.lanes.call(&self.whose, &request, &[at])? {
            (Answer::Stats(stats), None) if stats.len() == names.len() => Ok(stats),
            _ => Err(Errno::PROTO),
        }
    }
}

impl Hands for Owner {
    fn root(&self, root: &Path, how: ResolveFlags) -> Result<OwnedFd> {
        self.check(root)?;
        if how.contains(ResolveFlags::CACHED) {
            return Err(Errno::AGAIN);
        }
        self.opened(&Request::Root { make: false }, &[])
    }

    fn make_root(&self, _base: &Path, root: &Path) -> Result<OwnedFd> {
        self.check(root)?;
        self.opened(&Request::Root { make: true }, &[])
    }

    fn stat(&self, at: BorrowedFd<'_>, names: &[&Path]) -> Result<Vec<Result<Stat>>> {
        let mut all = Vec::with_capacity(names.len());
        for some in names.chunks(MOST_NAMES) {
            all.extend(self.some(at, some)?);
        }
        Ok(all)
    }

    fn room(&self, place: BorrowedFd<'_>) -> Result<Space> {
        match self.lanes.call(&self.whose, &Request::Room, &[place])? {
            (Answer::Room(space), None) => Ok(space),
            _ => Err(Errno::PROTO),
        }
    }

    fn open(&self, at: BorrowedFd<'_>, path: &Path, flags: OFlags, mode: Mode, how: ResolveFlags) -> Result<OwnedFd> {
        if how.contains(ResolveFlags::CACHED) {
            return Err(Errno::AGAIN);
        }
        let same_device = how.contains(ResolveFlags::NO_XDEV);
        self.opened(&Request::Open(Opening { path: path.to_path_buf(), flags, mode, same_device }), &[at])
    }

    fn make_folder(&self, at: BorrowedFd<'_>, name: &Path, mode: Mode) -> Result<()> {
        self.done(&Request::MakeFolder { name: self::name(name)?, mode }, &[at])
    }

    fn link(&self, fresh: Fresh<'_>, name: &str) -> Result<()> {
        self.done(&Request::Link { name: self::name(Path::new(name))? }, &[fresh.folder, fresh.file])
    }

    fn stamp(&self, fresh: Fresh<'_>, at: FileTime) -> Result<()> {
        self.done(&Request::Stamp { own: own(fresh)?, at }, &[fresh.folder, fresh.file])
    }

    fn keep(&self, fresh: Fresh<'_>, old: &str) -> Result<()> {
        let old = self::name(Path::new(old))?;
        self.done(&Request::Keep { own: own(fresh)?, old }, &[fresh.folder, fresh.file])
    }

    fn rename(&self, from: BorrowedFd<'_>, old: &str, to: BorrowedFd<'_>, new: &str, taken: Taken) -> Result<()> {
        let (old, new) = (self::name(Path::new(old))?, self::name(Path::new(new))?);
        self.done(&Request::Rename { old, new, taken }, &[from, to])
    }

    fn unlink(&self, at: BorrowedFd<'_>, name: &Path) -> Result<()> {
        self.done(&Request::Unlink(self::name(name)?), &[at])
    }

    fn remove_folder(&self, at: BorrowedFd<'_>, name: &Path) -> Result<()> {
        self.done(&Request::RemoveFolder(self::name(name)?), &[at])
    }
}

impl Owner {
    /// These hands reach into one tree.
    fn check(&self, root: &Path) -> Result<()> {
        if *root == *self.whose.root { Ok(()) } else { Err(Errno::INVAL) }
    }
}

fn name(path: &Path) -> Result<Name> {
    let octets = path.as_os_str().as_bytes();
    Name::parse(octets).map_err(|Garbled| if octets.len() > 255 { Errno::NAMETOOLONG } else { Errno::INVAL })
}

fn own(fresh: Fresh<'_>) -> Result<Option<Name>> {
    fresh.name.map(|own| name(Path::new(own))).transpose()
}
