//! What the kernel is told of files and folders.

use crate::tree::Shown;
use fuser::{FileAttr, FileType, INodeNo};
use passerelle_core::ports::NodeKind;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What the kernel is told of a place: it is the asker's, with what the asker may do.
pub(crate) fn attr(ino: INodeNo, number: u32, shown: Shown) -> FileAttr {
    let seconds = Duration::from_secs(shown.modified.max(0).unsigned_abs());
    let time = UNIX_EPOCH.checked_add(seconds).unwrap_or(UNIX_EPOCH);
    let (kind, perm) = match (shown.kind, shown.writable) {
        (NodeKind::Folder, true) => (FileType::Directory, 0o700),
        (NodeKind::Folder, false) if ino == INodeNo::ROOT => (FileType::Directory, 0o555),
        (NodeKind::Folder, false) => (FileType::Directory, 0o500),
        (NodeKind::File, true) => (FileType::RegularFile, 0o600),
        (NodeKind::File, false) => (FileType::RegularFile, 0o400),
    };
    FileAttr {
        ino,
        size: shown.size,
        blocks: shown.size.div_ceil(512),
        atime: time,
        mtime: time,
        ctime: time,
        crtime: time,
        kind,
        perm,
        nlink: 1,
        uid: if ino == INodeNo::ROOT { 0 } else { number },
        gid: 0,
        rdev: 0,
        blksize: 4096,
        flags: 0,
    }
}

/// The time, in seconds since 1970: of what is written and not there yet.
pub(crate) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    i64::try_from(since).unwrap_or(i64::MAX)
}
