//! What a system call's error means to whoever asked.

use crate::lanes::{DECLINED, GONE};
use passerelle_core::{Error, ports::Node};
use rustix::io::Errno;

/// An attempt that failed: at what, and how.
pub(crate) fn fault(share: &str, doing: &str, errno: Errno) -> Error {
    match errno {
        GONE => Error::unavailable(share, doing, "the helper that acts as owners does not answer; ask `doctor`"),
        DECLINED => Error::unavailable(share, doing, "the helper that acts as owners declines; its own log says why"),
        // `openat2` says ELOOP for a link that it must not follow and EXDEV for a way out: not there.
        Errno::NOENT | Errno::NOTDIR | Errno::LOOP | Errno::XDEV => Error::NotFound,
        Errno::ACCESS | Errno::PERM | Errno::ROFS => Error::Forbidden,
        Errno::EXIST | Errno::NOTEMPTY => Error::Conflict,
        Errno::NAMETOOLONG | Errno::INVAL | Errno::ILSEQ => Error::invalid("the store cannot have this name"),
        Errno::NOSPC | Errno::DQUOT | Errno::FBIG => Error::OverQuota,
        Errno::ISDIR => Error::invalid("a folder"),
        other => Error::unavailable(share, doing, std::io::Error::from(other)),
    }
}

/// The same for the folder that something new is to be put into.
pub(crate) fn parent_fault(share: &str, doing: &str, errno: Errno) -> Error {
    match fault(share, doing, errno) {
        Error::NotFound => Error::NoParent,
        other => other,
    }
}

/// Whether a condition holds, or `Conflict`.
pub(crate) fn demand(when: &passerelle_core::ports::Precondition, now: Option<&Node>) -> Result<(), Error> {
    if when.holds(now) { Ok(()) } else { Err(Error::Conflict) }
}
