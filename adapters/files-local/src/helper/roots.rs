//! Making a missing home: the one thing that is done with root's powers, by a thread that does nothing else.
//!
//! It makes one folder right in a folder that root named, and gives it away while it is empty and nobody else has seen it.
//! What is there already is left alone. Each folder has a thread of its own, so that a share that hangs stops no other.

use crate::{
    hands::{Hands, Own, ROOT_MODE},
    place::FOLDER,
    temp::own_name,
};
use passerelle_core::{Error, Result};
use passerelle_model::PosixIds;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{AtFlags, CWD, Gid, Mode, OFlags, RenameFlags, ResolveFlags, Uid},
    io::Errno,
    thread::{CapabilitySet, CapabilitySets},
};
use std::{
    ffi::{OsStr, OsString},
    path::Path,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
};

/// Most homes that wait to be made.
const WAITING: usize = 64;

/// Who makes the homes of one folder.
#[derive(Debug)]
pub(super) struct Roots(SyncSender<Order>);

struct Order {
    name: OsString,
    uid: u32,
    gid: u32,
    made: SyncSender<rustix::io::Result<()>>,
}

impl Roots {
    /// Begins a thread that makes homes in a folder.
    pub(super) fn begin(folder: &Path) -> Result<Self> {
        let (orders, waiting) = sync_channel(WAITING);
        let folder = folder.to_path_buf();
        let thread = std::thread::Builder::new().name("homes".to_owned());
        let begun = thread.spawn(move || serve(&folder, &waiting));
        begun.map_err(|error| Error::internal("beginning a thread", error))?;
        Ok(Self(orders))
    }

    /// Has a home made; one that is there by now is fine.
    pub(super) fn make(&self, name: &OsStr, ids: &PosixIds) -> rustix::io::Result<()> {
        let (made, answer) = sync_channel(1);
        let order = Order { name: name.to_owned(), uid: ids.uid, gid: ids.gid, made };
        self.0.try_send(order).map_err(|_| Errno::AGAIN)?;
        answer.recv().map_err(|_| Errno::AGAIN)?
    }
}

fn serve(folder: &Path, orders: &Receiver<Order>) {
    let only = CapabilitySets {
        effective: CapabilitySet::CHOWN,
        permitted: CapabilitySet::CHOWN,
        inheritable: CapabilitySet::empty(),
    };
    if let Err(errno) = rustix::thread::set_capabilities(None, only) {
        return tracing::error!(%errno, "powers could not be given up: no home is made");
    }
    for order in orders {
        let made = make(folder, &order);
        if let Err(errno) = made {
            tracing::warn!(%errno, uid = order.uid, folder = %folder.display(), "a home could not be made");
        }
        // Whoever ordered it may have left.
        let _ = order.made.send(made);
    }
}

/// Under a hidden name first, so that a home is there as its owner's or not at all.
fn make(folder: &Path, order: &Order) -> rustix::io::Result<()> {
    let folder = Own.open(CWD, folder, FOLDER, Mode::empty(), ResolveFlags::empty())?;
    let hidden = own_name()?;
    Own.make_folder(folder.as_fd(), Path::new(&hidden), Mode::from_raw_mode(ROOT_MODE))?;
    let given = give(&folder, &hidden, order);
    if given.is_err() {
        let _ = Own.remove_folder(folder.as_fd(), Path::new(&hidden));
    }
    match given {
        Err(Errno::EXIST | Errno::NOTEMPTY) => Ok(()),
        done => done,
    }
}

fn give(folder: &OwnedFd, hidden: &str, order: &Order) -> rustix::io::Result<()> {
    let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW;
    let home = Own.open(folder.as_fd(), Path::new(hidden), flags, Mode::empty(), crate::place::BENEATH)?;
    // Where root is nobody (NFS), the folder was made as another, and cannot be given away.
    rustix::fs::fchown(&home, Some(Uid::from_raw(order.uid)), Some(Gid::from_raw(order.gid)))?;
    match rustix::fs::renameat_with(folder, hidden, folder, order.name.as_os_str(), RenameFlags::NOREPLACE) {
        // NFS has no such flag; a folder takes only an empty folder's place, and then nothing of it is lost.
        Err(Errno::INVAL | Errno::NOSYS) => {
            if rustix::fs::statat(folder, order.name.as_os_str(), AtFlags::SYMLINK_NOFOLLOW).is_ok() {
                return Err(Errno::EXIST);
            }
            rustix::fs::renameat(folder, hidden, folder, order.name.as_os_str())
        }
        done => done,
    }
}
