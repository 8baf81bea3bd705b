//! From a reference to something opened, never outside of the owner's tree.

use crate::{
    fault::{fault, parent_fault},
    meta::{self, Stat},
    share::Share,
};
use passerelle_core::{Error, Result, ports::beyond_transfer};
use passerelle_model::NodeRef;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{Mode, OFlags, ResolveFlags},
    io::Errno,
};
use std::{os::unix::ffi::OsStrExt, path::Path};

/// How names below a root are resolved: never above it, through no link.
pub(crate) const BENEATH: ResolveFlags =
    ResolveFlags::BENEATH.union(ResolveFlags::NO_SYMLINKS).union(ResolveFlags::NO_MAGICLINKS);
/// The short cut: what the kernel has in memory of this one device, or nothing.
const AT_HAND: ResolveFlags = BENEATH.union(ResolveFlags::NO_XDEV).union(ResolveFlags::CACHED);
/// To look at something or to name things in it, without opening it for reading.
pub(crate) const LOOK: OFlags = OFlags::PATH.union(OFlags::NOFOLLOW);
/// To name things in a folder.
pub(crate) const FOLDER: OFlags = OFlags::PATH.union(OFlags::DIRECTORY);
/// To read a file. A pipe in a user's folder must not make us wait for its other end.
pub(crate) const READ: OFlags = OFlags::NOFOLLOW.union(OFlags::NONBLOCK).union(OFlags::NOCTTY);

/// How the names of this adapter's own files begin; such a name is nobody else's.
pub(crate) const OWN: &str = ".~passerelle-";
/// File systems that live on this machine, by the kernel's magic number (statfs(2)): ext2 to ext4, XFS, Btrfs, tmpfs, F2FS, ZFS.
const LOCAL_KINDS: [u32; 6] = [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0xF2F5_2010, 0x2FC1_2FC1];

impl Share {
    /// Opens the root of the owner's tree.
    ///
    /// A missing root is a fault of the share and never an empty tree: a client would take it for everything removed.
    pub(crate) fn root(&self, node: &NodeRef) -> Result<OwnedFd> {
        let root = self.root_path(node);
        let doing = "opening an owner's folder";
        let opened = match self.hands.root(&root, ResolveFlags::empty()) {
            Err(Errno::NOENT) if self.settings.create => self.hands.make_root(self.settings.path.base(), &root),
            other => other,
        };
        let opened = opened.map_err(|errno| match errno {
            // The helper says ELOOP or EXDEV of a root that is reached through a link.
            Errno::NOENT | Errno::NOTDIR | Errno::ACCESS | Errno::LOOP | Errno::XDEV => {
                Error::unavailable(&self.name, doing, std::io::Error::from(errno))
            }
            other => fault(&self.name, doing, other),
        })?;
        self.learn(&opened);
        Ok(opened)
    }

    /// Opens something in the owner's tree.
    pub(crate) fn open(&self, node: &NodeRef, flags: OFlags, doing: &str) -> Result<OwnedFd> {
        check_visible(node)?;
        let root = self.root(node)?;
        let path = Path::new(node.path.as_str());
        self.hands
            .open(root.as_fd(), path, flags, Mode::empty(), BENEATH)
            .map_err(|errno| fault(&self.name, doing, errno))
    }

    /// Opens the folder that holds something, and says its name in it.
    pub(crate) fn open_parent<'n>(&self, node: &'n NodeRef, doing: &str) -> Result<(OwnedFd, &'n str)> {
        let (parent, name) = split(node)?;
        let root = self.root(node)?;
        let folder = self
            .hands
            .open(root.as_fd(), Path::new(parent), FOLDER, Mode::empty(), BENEATH)
            .map_err(|errno| parent_fault(&self.name, doing, errno))?;
        Ok((folder, name))
    }

    /// Opens something of which the kernel has every part of the way in memory, on a local disk. `None` when it has not:
    /// then the call may have to wait and belongs on another thread.
    pub(crate) fn open_at_hand(&self, node: &NodeRef, flags: OFlags) -> Option<Result<OwnedFd>> {
        if let Err(error) = check_visible(node) {
            return Some(Err(error));
        }
        let root = self.root_at_hand(node)?;
        let path = Path::new(node.path.as_str());
        match self.hands.open(root.as_fd(), path, flags, Mode::empty(), AT_HAND) {
            // EXDEV may be another device below, which is not local for sure.
            Err(Errno::AGAIN | Errno::XDEV | Errno::NOSYS | Errno::INVAL) => None,
            opened => Some(opened.map_err(|errno| fault(&self.name, "opening", errno))),
        }
    }

    /// The same for the folder that holds something.
    pub(crate) fn parent_at_hand<'n>(&self, node: &'n NodeRef) -> Option<Result<(OwnedFd, &'n str)>> {
        let (parent, name) = match split(node) {
            Ok(parts) => parts,
            Err(error) => return Some(Err(error)),
        };
        let root = self.root_at_hand(node)?;
        match self.hands.open(root.as_fd(), Path::new(parent), FOLDER, Mode::empty(), AT_HAND) {
            Err(Errno::AGAIN | Errno::XDEV | Errno::NOSYS | Errno::INVAL) => None,
            Ok(folder) => Some(Ok((folder, name))),
            Err(errno) => Some(Err(parent_fault(&self.name, "opening a folder", errno))),
        }
    }

    fn root_at_hand(&self, node: &NodeRef) -> Option<OwnedFd> {
        let root = self.root_path(node);
        let opened = self.hands.root(&root, ResolveFlags::CACHED).ok()?;
        let stat = meta::known(&opened).ok()?;
        self.is_local(stat.device).then_some(opened)
    }

    /// Where an owner's tree is.
    pub(crate) fn root_path(&self, node: &NodeRef) -> std::path::PathBuf {
        self.settings.path.root(node.owner.institution.as_str(), node.owner.id.as_str())
    }

    /// What stands under a name of a folder, links not followed.
    pub(crate) fn named(&self, folder: &OwnedFd, name: impl AsRef<Path>) -> rustix::io::Result<Stat> {
        let found = self.hands.stat(folder.as_fd(), &[name.as_ref()])?;
        found.into_iter().next().unwrap_or(Err(Errno::IO))
    }

    /// Finds out whether a device is a disk of this machine.
    fn learn(&self, root: &OwnedFd) {
        // With a helper there is no short cut that it would be good for.
        if self.settings.helper.is_some() {
            return;
        }
        let Ok(stat) = meta::opened(root) else { return };
        let device = stat.device;
        if self.is_local(device) {
            return;
        }
        if let Ok(kind) = rustix::fs::fstatfs(root)
            && LOCAL_KINDS.iter().any(|local| i64::from(*local) == kind.f_type)
        {
            self.learn_local(device);
        }
    }

    /// Brings what was changed in a folder to the disk, where the settings ask for it.
    pub(crate) fn sync_folder(&self, folder: &OwnedFd) -> Result<()> {
        if !self.settings.fsync {
            return Ok(());
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY;
        let synced = match self.hands.open(folder.as_fd(), Path::new("."), flags, Mode::empty(), BENEATH) {
            Ok(readable) => rustix::fs::fsync(&readable),
            // A folder that we may write and not read: its file system decides when.
            Err(Errno::ACCESS) => Ok(()),
            Err(other) => Err(other),
        };
        synced.map_err(|errno| fault(&self.name, "writing a folder to the disk", errno))
    }
}

/// A name of this adapter's own: never listed, never found.
pub(crate) fn is_own(name: &[u8]) -> bool {
    name.starts_with(OWN.as_bytes())
}

/// A name that can be shown.
pub(crate) fn shown(name: &[u8]) -> Option<&str> {
    let name = std::str::from_utf8(name).ok()?;
    (!name.contains(char::is_control)).then_some(name)
}

/// A name of a listing as a path.
pub(crate) fn raw(name: &[u8]) -> &Path {
    Path::new(std::ffi::OsStr::from_bytes(name))
}

fn check_visible(node: &NodeRef) -> Result<()> {
    let mut names = beyond_transfer(node.path.as_str()).split('/');
    if names.any(|name| is_own(name.as_bytes())) { Err(Error::NotFound) } else { Ok(()) }
}

/// Parent and last name; what is changed is never the root itself.
fn split(node: &NodeRef) -> Result<(&str, &str)> {
    let path = node.path.as_str();
    let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
    if name.is_empty() {
        return Err(Error::Forbidden);
    }
    check_visible(node).map_err(|_| Error::invalid("a name that the store keeps for itself"))?;
    Ok((parent, name))
}
