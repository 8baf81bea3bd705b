//! The handful of system calls whose outcome depends on who makes them. Everything else works on what these have opened.
//! [`Own`] makes them as the service's own account; [`crate::owner`] has them made as the owner, by another process.

use crate::{
    keep,
    meta::{self, Stat},
    place::FOLDER,
};
use passerelle_core::ports::{FileTime, Space};
use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{AtFlags, CWD, Mode, OFlags, RenameFlags, ResolveFlags, Timespec, Timestamps},
    io::{Errno, Result},
};
use std::{fmt, path::Path};

/// Mode of an owner's root folder.
pub(crate) const ROOT_MODE: u32 = 0o700;

/// What a rename does when the new name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Fail with `EEXIST`.
    Refuse,
    /// Take its place.
    Replace,
}

/// A file under way, in the folder where it will have its name.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fresh<'a> {
    pub(crate) folder: BorrowedFd<'a>,
    pub(crate) file: BorrowedFd<'a>,
    /// The hidden name that it has until then, where the file system cannot do without.
    pub(crate) name: Option<&'a str>,
}

/// Whoever makes the calls.
pub(crate) trait Hands: fmt::Debug + Send + Sync {
    /// Opens the root of an owner's tree, to name things in it.
    fn root(&self, root: &Path, how: ResolveFlags) -> Result<OwnedFd>;
    /// Makes the root that is missing, with what is between it and `base`, the part that all owners have in common.
    fn make_root(&self, base: &Path, root: &Path) -> Result<OwnedFd>;
    /// What stands under each of these names, in their order; links are not followed.
    fn stat(&self, at: BorrowedFd<'_>, names: &[&Path]) -> Result<Vec<Result<Stat>>>;
    /// How much room there is.
    fn room(&self, place: BorrowedFd<'_>) -> Result<Space>;
    /// Opens below a folder. `how` says how names are resolved; what must wait for another process is never in memory
    /// (`EAGAIN`).
    fn open(&self, at: BorrowedFd<'_>, path: &Path, flags: OFlags, mode: Mode, how: ResolveFlags) -> Result<OwnedFd>;
    /// Makes a folder.
    fn make_folder(&self, at: BorrowedFd<'_>, name: &Path, mode: Mode) -> Result<()>;
    /// Gives a name to a file that has none yet.
    fn link(&self, fresh: Fresh<'_>, name: &str) -> Result<()>;
    /// Says when a file was changed.
    fn stamp(&self, fresh: Fresh<'_>, at: FileTime) -> Result<()>;
    /// Gives a file what belongs to the old one of this name: owner, group, attributes with the ACL, mode. An error means
    /// that it could not all be given.
    fn keep(&self, fresh: Fresh<'_>, old: &str) -> Result<()>;
    /// Renames.
    fn rename(&self, from: BorrowedFd<'_>, old: &str, to: BorrowedFd<'_>, new: &str, taken: Taken) -> Result<()>;
    /// Removes a name of a file, or of anything that is no folder.
    fn unlink(&self, at: BorrowedFd<'_>, name: &Path) -> Result<()>;
    /// Removes an empty folder.
    fn remove_folder(&self, at: BorrowedFd<'_>, name: &Path) -> Result<()>;
}

/// The service's own account.
#[derive(Debug)]
pub(crate) struct Own;

impl Hands for Own {
    fn root(&self, root: &Path, how: ResolveFlags) -> Result<OwnedFd> {
        self.open(CWD, root, FOLDER, Mode::empty(), how)
    }

    fn make_root(&self, base: &Path, root: &Path) -> Result<OwnedFd> {
        let mut folder = self.root(base, ResolveFlags::empty())?;
        for part in root.strip_prefix(base).unwrap_or(Path::new("")).components() {
            let name = Path::new(part.as_os_str());
            match self.make_folder(folder.as_fd(), name, Mode::from_raw_mode(ROOT_MODE)) {
                Ok(()) | Err(Errno::EXIST) => {}
                Err(other) => return Err(other),
            }
            folder = self.open(folder.as_fd(), name, FOLDER, Mode::empty(), ResolveFlags::empty())?;
        }
        Ok(folder)
    }

    fn stat(&self, at: BorrowedFd<'_>, names: &[&Path]) -> Result<Vec<Result<Stat>>> {
        Ok(names.iter().map(|name| meta::named(at, *name)).collect())
    }

    fn room(&self, place: BorrowedFd<'_>) -> Result<Space> {
        let room = rustix::fs::fstatvfs(place)?;
        let octets = |blocks: u64| blocks.saturating_mul(room.f_frsize);
        let used = room.f_blocks.saturating_sub(room.f_bfree);
        Ok(Space { available: octets(room.f_bavail), used: octets(used) })
    }

    fn open(&self, at: BorrowedFd<'_>, path: &Path, flags: OFlags, mode: Mode, how: ResolveFlags) -> Result<OwnedFd> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        rustix::io::retry_on_intr(|| rustix::fs::openat2(at, path, flags | OFlags::CLOEXEC, mode, how))
    }

    fn make_folder(&self, at: BorrowedFd<'_>, name: &Path, mode: Mode) -> Result<()> {
        rustix::fs::mkdirat(at, name, mode)
    }

    fn link(&self, fresh: Fresh<'_>, name: &str) -> Result<()> {
        // By its number in /proc, because the direct way needs a capability.
        let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&fresh.file));
        rustix::fs::linkat(CWD, path.as_str(), fresh.folder, name, AtFlags::SYMLINK_FOLLOW)
    }

    fn stamp(&self, fresh: Fresh<'_>, at: FileTime) -> Result<()> {
        let at = Timespec { tv_sec: at.seconds, tv_nsec: at.nanos.into() };
        rustix::fs::futimens(fresh.file, &Timestamps { last_access: at, last_modification: at })
    }

    fn keep(&self, fresh: Fresh<'_>, old: &str) -> Result<()> {
        keep::keep(fresh.folder, old, fresh.file)
    }

    fn rename(&self, from: BorrowedFd<'_>, old: &str, to: BorrowedFd<'_>, new: &str, taken: Taken) -> Result<()> {
        match taken {
            Taken::Replace => rustix::fs::renameat(from, old, to, new),
            Taken::Refuse => match rustix::fs::renameat_with(from, old, to, new, RenameFlags::NOREPLACE) {
                // NFS has no such flag.
                Err(Errno::INVAL | Errno::NOSYS) => rename_without_flag(from, old, to, new),
                done => done,
            },
        }
    }

    fn unlink(&self, at: BorrowedFd<'_>, name: &Path) -> Result<()> {
        rustix::fs::unlinkat(at.as_fd(), name, AtFlags::empty())
    }

    fn remove_folder(&self, at: BorrowedFd<'_>, name: &Path) -> Result<()> {
        rustix::fs::unlinkat(at.as_fd(), name, AtFlags::REMOVEDIR)
    }
}

/// Renames unless the new name is taken, where the system has no call for it. A hard link is as good for a file; a folder
/// can only be looked for first, which leaves a moment for others.
pub(crate) fn rename_without_flag(from: BorrowedFd<'_>, old: &str, to: BorrowedFd<'_>, new: &str) -> Result<()> {
    match rustix::fs::linkat(from, old, to, new, AtFlags::empty()) {
        Ok(()) => rustix::fs::unlinkat(from, old, AtFlags::empty()),
        // A folder has one name only.
        Err(Errno::PERM) => match rustix::fs::statat(to, new, AtFlags::SYMLINK_NOFOLLOW) {
            Ok(_) => Err(Errno::EXIST),
            Err(Errno::NOENT) => rustix::fs::renameat(from, old, to, new),
            Err(other) => Err(other),
        },
        Err(other) => Err(other),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]
#[path = "hands_tests.rs"]
mod tests;
