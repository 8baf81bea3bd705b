//! From what the kernel says of a file to a node.

use passerelle_core::ports::{ETag, FileTime, Node, NodeKind};
use rustix::{
    fd::AsFd,
    fs::{AtFlags, FileType, Statx, StatxFlags, StatxTimestamp},
    io::Result,
};
use std::fmt::Write;

/// What is known of a file: the part of `statx` that anything here asks for, whoever asked the kernel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stat {
    /// Kind and permissions, as the kernel has them.
    pub(crate) mode: u16,
    pub(crate) inode: u64,
    pub(crate) device: u64,
    /// Octets.
    pub(crate) size: u64,
    pub(crate) modified: FileTime,
    pub(crate) changed: FileTime,
    /// When it was made, where the file system keeps that.
    pub(crate) made: Option<FileTime>,
}

/// What is asked of the kernel.
const WANTED: StatxFlags = StatxFlags::BASIC_STATS.union(StatxFlags::BTIME);

/// What stands under a name of a folder, links not followed.
pub(crate) fn named(at: impl AsFd, name: impl rustix::path::Arg) -> Result<Stat> {
    rustix::fs::statx(at, name, AtFlags::SYMLINK_NOFOLLOW, WANTED).map(|found| stat(&found))
}

/// What was opened.
pub(crate) fn opened(file: impl AsFd) -> Result<Stat> {
    rustix::fs::statx(file, "", AtFlags::EMPTY_PATH, WANTED).map(|found| stat(&found))
}

/// What was opened, as far as the kernel knows without asking a server.
pub(crate) fn known(file: impl AsFd) -> Result<Stat> {
    rustix::fs::statx(file, "", AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC, WANTED).map(|found| stat(&found))
}

/// A file or a folder; `None` for links, sockets and devices, which are not there for anybody.
pub(crate) fn node(name: &str, stat: &Stat) -> Option<Node> {
    let kind = kind(stat)?;
    let size = if kind == NodeKind::File { stat.size } else { 0 };
    Some(Node { name: name.to_owned(), kind, size, modified: stat.modified, created: stat.made, etag: etag(stat) })
}

/// File or folder, if it is one of them.
pub(crate) fn kind(stat: &Stat) -> Option<NodeKind> {
    match FileType::from_raw_mode(u32::from(stat.mode)) {
        FileType::RegularFile => Some(NodeKind::File),
        FileType::Directory => Some(NodeKind::Folder),
        _ => None,
    }
}

fn stat(found: &Statx) -> Stat {
    Stat {
        mode: found.stx_mode,
        inode: found.stx_ino,
        device: (u64::from(found.stx_dev_major) << 32) | u64::from(found.stx_dev_minor),
        size: found.stx_size,
        modified: time(found.stx_mtime),
        changed: time(found.stx_ctime),
        made: (found.stx_mask & StatxFlags::BTIME.bits() != 0).then(|| time(found.stx_btime)),
    }
}

fn time(at: StatxTimestamp) -> FileTime {
    FileTime { seconds: at.tv_sec, nanos: at.tv_nsec }
}

fn etag(stat: &Stat) -> ETag {
    let mut facts = String::with_capacity(ETag::LONGEST);
    for (index, fact) in [stat.inode, stat.size, nanos(stat.modified), nanos(stat.changed)].iter().enumerate() {
        // Writing to a String cannot fail.
        let _ = if index == 0 { write!(facts, "{fact:x}") } else { write!(facts, "-{fact:x}") };
    }
    ETag::new(facts)
}

fn nanos(at: FileTime) -> u64 {
    at.seconds.cast_unsigned().wrapping_mul(1_000_000_000).wrapping_add(u64::from(at.nanos))
}
