//! From what the kernel says of a file to a node.

use passerelle_core::ports::{ETag, FileTime, Node, NodeKind};
use rustix::{
    fd::AsFd,
    fs::{AtFlags, FileType, Statx, StatxFlags, StatxTimestamp},
    io::Result,
};
use std::fmt::Write;

/// What is asked of the kernel.
const WANTED: StatxFlags = StatxFlags::BASIC_STATS.union(StatxFlags::BTIME);

/// What stands under a name of a folder, links not followed.
pub(crate) fn named(at: impl AsFd, name: impl rustix::path::Arg) -> Result<Statx> {
    rustix::fs::statx(at, name, AtFlags::SYMLINK_NOFOLLOW, WANTED)
}

/// What was opened.
pub(crate) fn opened(file: impl AsFd) -> Result<Statx> {
    rustix::fs::statx(file, "", AtFlags::EMPTY_PATH, WANTED)
}

/// What was opened, as far as the kernel knows without asking a server.
pub(crate) fn known(file: impl AsFd) -> Result<Statx> {
    rustix::fs::statx(file, "", AtFlags::EMPTY_PATH | AtFlags::STATX_DONT_SYNC, WANTED)
}

/// A file or a folder; `None` for links, sockets and devices, which are not there for anybody.
pub(crate) fn node(name: &str, stat: &Statx) -> Option<Node> {
    let kind = kind(stat)?;
    let size = if kind == NodeKind::File { stat.stx_size } else { 0 };
    let created = (stat.stx_mask & StatxFlags::BTIME.bits() != 0).then(|| time(stat.stx_btime));
    Some(Node { name: name.to_owned(), kind, size, modified: time(stat.stx_mtime), created, etag: etag(stat) })
}

/// File or folder, if it is one of them.
pub(crate) fn kind(stat: &Statx) -> Option<NodeKind> {
    match FileType::from_raw_mode(u32::from(stat.stx_mode)) {
        FileType::RegularFile => Some(NodeKind::File),
        FileType::Directory => Some(NodeKind::Folder),
        _ => None,
    }
}

/// Which device it lies on.
pub(crate) fn device(stat: &Statx) -> u64 {
    (u64::from(stat.stx_dev_major) << 32) | u64::from(stat.stx_dev_minor)
}

fn time(at: StatxTimestamp) -> FileTime {
    FileTime { seconds: at.tv_sec, nanos: at.tv_nsec }
}

fn etag(stat: &Statx) -> ETag {
    let mut facts = String::with_capacity(ETag::LONGEST);
    for (index, fact) in [stat.stx_ino, stat.stx_size, nanos(stat.stx_mtime), nanos(stat.stx_ctime)].iter().enumerate()
    {
        // Writing to a String cannot fail.
        let _ = if index == 0 { write!(facts, "{fact:x}") } else { write!(facts, "-{fact:x}") };
    }
    ETag::new(facts)
}

fn nanos(at: StatxTimestamp) -> u64 {
    at.tv_sec.cast_unsigned().wrapping_mul(1_000_000_000).wrapping_add(u64::from(at.tv_nsec))
}
