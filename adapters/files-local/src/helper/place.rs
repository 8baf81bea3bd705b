//! Where the helper acts: below the folders that root named.

use super::roots::Roots;
use crate::{
    hands::{Hands, Own},
    place::{BENEATH, FOLDER},
    wire::Declined,
};
use passerelle_core::{Error, Result};
use passerelle_model::PosixIds;
use rustix::{
    fd::{AsFd, BorrowedFd, OwnedFd},
    fs::{AtFlags, CWD, Mode, ResolveFlags, StatxFlags},
    io::Errno,
};
use std::path::{Component, Path, PathBuf};

/// Most folders between a home and what is done in it: as deep as a path can be.
const MOST_LEVELS: usize = 2048;

/// Why something is not done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum No {
    /// The system says so.
    Failed(Errno),
    /// We do.
    Declined(Declined),
}

impl From<Errno> for No {
    fn from(errno: Errno) -> Self {
        Self::Failed(errno)
    }
}

/// A folder that root named.
#[derive(Debug)]
pub(super) struct Served {
    pub(super) folder: PathBuf,
    /// Who makes missing homes right in it.
    pub(super) roots: Option<Roots>,
}

impl Served {
    pub(super) fn new(folder: PathBuf, create: bool) -> Result<Self> {
        if parts(&folder).is_none_or(|parts| parts.as_os_str().is_empty()) {
            let what = format!("--below {}: name a folder from the root on, and not the root itself", folder.display());
            return Err(Error::invalid(what));
        }
        let roots = if create { Some(Roots::begin(&folder)?) } else { None };
        Ok(Self { folder, roots })
    }
}

/// A path from the root on without detours, without its first sign.
fn parts(path: &Path) -> Option<&Path> {
    let rest = path.strip_prefix("/").ok()?;
    rest.components().all(|part| matches!(part, Component::Normal(_))).then_some(rest)
}

/// The tree of a connection.
#[derive(Debug)]
pub(super) struct Tree<'s> {
    served: &'s Served,
    /// From the folder to the root of the tree.
    rest: PathBuf,
}

/// What tells two folders apart. The mount is part of it: a copy of the mount, which anybody can make in a name space of
/// their own, is another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Identity {
    device: (u32, u32),
    inode: u64,
    mount: u64,
}

impl<'s> Tree<'s> {
    /// The tree at a root, if that is below a folder that is served: the deepest such.
    pub(super) fn find(served: &'s [Served], root: &Path) -> Option<Self> {
        parts(root)?;
        let below = served.iter().filter_map(|served| Some((served, root.strip_prefix(&served.folder).ok()?)));
        let (served, rest) = below.min_by_key(|(_, rest)| rest.components().count())?;
        // Compared as it was understood, not as it was written.
        Some(Self { served, rest: rest.components().collect() })
    }

    /// Opens the root, through no link below the folder that is served.
    pub(super) fn root(&self) -> rustix::io::Result<OwnedFd> {
        let folder = Own.open(CWD, &self.served.folder, FOLDER, Mode::empty(), ResolveFlags::empty())?;
        Own.open(folder.as_fd(), &self.rest, FOLDER, Mode::empty(), BENEATH)
    }

    /// Opens the root, made before if it is missing and somebody may.
    pub(super) fn root_made(&self, ids: &PosixIds) -> rustix::io::Result<OwnedFd> {
        match (self.root(), &self.served.roots) {
            (Err(Errno::NOENT), Some(roots)) => {
                let mut parts = self.rest.components();
                let (Some(Component::Normal(name)), None) = (parts.next(), parts.next()) else {
                    return Err(Errno::NOENT);
                };
                roots.make(name, ids)?;
                self.root()
            }
            (opened, _) => opened,
        }
    }

    /// Whether a folder that somebody handed over lies below the one that is served, or is it: followed upwards as far as
    /// there. The person must be able to search each folder on the way, as for every path.
    pub(super) fn check(&self, folder: BorrowedFd<'_>) -> std::result::Result<(), No> {
        const UP: ResolveFlags = ResolveFlags::NO_SYMLINKS.union(ResolveFlags::NO_MAGICLINKS);
        let goal = identity(CWD, &self.served.folder, AtFlags::empty())?;
        let mut here = identity(folder, Path::new(""), AtFlags::EMPTY_PATH)?;
        let mut above: Option<OwnedFd> = None;
        for _ in 0..MOST_LEVELS {
            if here == goal {
                return Ok(());
            }
            let from = above.as_ref().map_or(folder, AsFd::as_fd);
            let next = match Own.open(from, Path::new(".."), FOLDER, Mode::empty(), UP) {
                Err(Errno::NOTDIR) => return Err(No::Declined(Declined::Place)),
                opened => opened?,
            };
            let there = identity(&next, Path::new(""), AtFlags::EMPTY_PATH)?;
            if there == here {
                break;
            }
            (here, above) = (there, Some(next));
        }
        Err(No::Declined(Declined::Place))
    }
}

fn identity(at: impl AsFd, path: &Path, flags: AtFlags) -> rustix::io::Result<Identity> {
    let wanted = StatxFlags::INO | StatxFlags::MNT_ID;
    let found = rustix::fs::statx(at, path, flags, wanted)?;
    if found.stx_mask & wanted.bits() != wanted.bits() {
        // Before Linux 5.8.
        return Err(Errno::NOSYS);
    }
    let device = (found.stx_dev_major, found.stx_dev_minor);
    Ok(Identity { device, inode: found.stx_ino, mount: found.stx_mnt_id })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_below_or_it_is_none() {
        let served: Vec<Served> = ["/srv/homes", "/srv/homes/staff", "/srv/x/"]
            .iter()
            .map(|it| Served::new(it.into(), false).unwrap())
            .collect();
        let found = |root: &str| {
            let tree = Tree::find(&served, Path::new(root))?;
            Some((tree.served.folder.display().to_string(), tree.rest.display().to_string()))
        };
        let is = |folder: &str, rest: &str| Some((folder.to_owned(), rest.to_owned()));
        assert_eq!(found("/srv/homes/u1"), is("/srv/homes", "u1"));
        assert_eq!(found("/srv//homes/./u1/files/"), is("/srv/homes", "u1/files"));
        assert_eq!(found("/srv/homes/staff/u1"), is("/srv/homes/staff", "u1"), "the deepest");
        assert_eq!(found("/srv/x/u1"), is("/srv/x/", "u1"));
        for outside in [
            "",
            "/",
            "/srv",
            "/srv/homesick/u1",
            "srv/homes/u1",
            "/etc",
            "/srv/homes/../../etc",
            "/srv/homes/u1/..",
            "../srv",
        ] {
            assert_eq!(found(outside), None, "{outside}");
        }
    }

    #[test]
    fn a_folder_to_serve_is_named_from_the_root_on() {
        for text in ["", "/", "//", "homes", "/srv/../homes", "./srv"] {
            assert!(Served::new(text.into(), false).is_err(), "{text}");
        }
    }
}
