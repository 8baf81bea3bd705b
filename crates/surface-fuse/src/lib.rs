//! A file system of the kernel (FUSE) over the files that people see, so that a program which publishes folders (Samba) publishes
//! them: `DIR/<account>/...`, as `/dav/files/<account>/...` by WebDAV.
//!
//! Each request is done as whom the kernel says asks, by the number that the operator's settings give to a person; who has none
//! sees nothing. The kernel keeps nothing of it: neither names nor attributes nor content, because what one person may see
//! another may not. What is written is there when the file is closed or synchronised, in one step (docs/decisions/0026-mount.md).

mod attributes;
mod directory;
mod errno;
mod filesystem;
mod handles;
mod inside;
mod nodes;
mod reading;
mod tree;
mod writing;

use filesystem::Shares;
use fuser::{Config, MountOption, SessionACL};
use passerelle_core::Mapped;
use std::{io, path::Path};
use tokio::runtime::Handle;

/// The surface's name, for logs and metrics.
const NAME: &str = "mount";

/// What the file system can do, for whoever must try all of it.
pub const fn operations() -> &'static [&'static str] {
    &["lookup", "list", "read", "create", "write", "append", "truncate", "mkdir", "unlink", "rmdir", "rename", "statfs"]
}

/// A file system that is mounted. Dropped, it is unmounted.
#[derive(Debug)]
pub struct Mounted(fuser::Session<Shares>);

/// Takes it away from another thread.
#[derive(Debug)]
pub struct Unmount(fuser::SessionUnmounter);

/// Mounts the shares of these people at a folder, for every account of the system. Work is done on this runtime.
///
/// # Errors
/// When the kernel or fusermount3 refuses: no `/dev/fuse`, no right to mount for others, no such folder.
pub fn mount(at: &Path, people: Mapped, runtime: Handle) -> io::Result<Mounted> {
    let mut config = Config::default();
    config.mount_options = vec![
        MountOption::FSName("passerelle".to_owned()),
        MountOption::NoSuid,
        MountOption::NoDev,
        MountOption::NoExec,
        MountOption::NoAtime,
    ];
    config.acl = SessionACL::All;
    fuser::Session::new(Shares::new(people, runtime), at, &config).map(Mounted)
}

impl Mounted {
    /// What takes it away.
    pub fn unmount(&mut self) -> Unmount {
        Unmount(self.0.unmount_callable())
    }

    /// Serves it until it is unmounted.
    ///
    /// # Errors
    /// When the kernel's device fails.
    pub fn serve(self) -> io::Result<()> {
        self.0.run()
    }
}

impl Unmount {
    /// Unmounts.
    ///
    /// # Errors
    /// When somebody works in it.
    pub fn now(&mut self) -> io::Result<()> {
        self.0.unmount()
    }
}
