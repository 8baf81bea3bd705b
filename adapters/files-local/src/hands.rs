//! The handful of system calls whose outcome depends on who makes them. Everything else works on what these have opened.
//! One implementation acts as the service's own account; a helper process that acts as the owner would be a second one.

use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{AtFlags, CWD, Mode, OFlags, RenameFlags, ResolveFlags},
    io::{Errno, Result},
};
use std::{fmt, path::Path};

/// What a rename does when the new name is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// Fail with `EEXIST`.
    Refuse,
    /// Take its place.
    Replace,
}

/// Whoever makes the calls.
pub(crate) trait Hands: fmt::Debug + Send + Sync {
    /// Opens below a folder. `how` says how names are resolved.
    fn open(&self, at: BorrowedFd<'_>, path: &Path, flags: OFlags, mode: Mode, how: ResolveFlags) -> Result<OwnedFd>;
    /// Makes a folder.
    fn make_folder(&self, at: BorrowedFd<'_>, name: &Path, mode: Mode) -> Result<()>;
    /// Gives a name to a file that has none yet.
    fn link(&self, file: BorrowedFd<'_>, at: BorrowedFd<'_>, name: &str) -> Result<()>;
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
    fn open(&self, at: BorrowedFd<'_>, path: &Path, flags: OFlags, mode: Mode, how: ResolveFlags) -> Result<OwnedFd> {
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        rustix::io::retry_on_intr(|| rustix::fs::openat2(at, path, flags | OFlags::CLOEXEC, mode, how))
    }

    fn make_folder(&self, at: BorrowedFd<'_>, name: &Path, mode: Mode) -> Result<()> {
        rustix::fs::mkdirat(at, name, mode)
    }

    fn link(&self, file: BorrowedFd<'_>, at: BorrowedFd<'_>, name: &str) -> Result<()> {
        // By its number in /proc, because the direct way needs a capability.
        let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&file));
        rustix::fs::linkat(CWD, path.as_str(), at, name, AtFlags::SYMLINK_FOLLOW)
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
