//! What the client library tells, in the gate's words.

use passerelle_core::Error;
use smb2::ErrorKind;

/// The error of an act on something.
pub(crate) fn fault(store: &str, doing: &str, error: smb2::Error) -> Error {
    match error.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Error::NotFound,
        ErrorKind::AccessDenied => Error::Forbidden,
        ErrorKind::AlreadyExists => Error::Conflict,
        ErrorKind::SharingViolation => Error::Locked,
        ErrorKind::DiskFull => Error::OverQuota,
        ErrorKind::IsADirectory => Error::invalid("this is a folder"),
        ErrorKind::DfsReferral | ErrorKind::DfsTargetUnreachable | ErrorKind::DfsTargetNotAllowed => {
            Error::unavailable(store, doing, "the share leads to another server by DFS, which is not followed")
        }
        _ => Error::unavailable(store, doing, error),
    }
}

/// The same where what is missing is the folder above.
pub(crate) fn parent_fault(store: &str, doing: &str, error: smb2::Error) -> Error {
    match fault(store, doing, error) {
        Error::NotFound => Error::NoParent,
        other => other,
    }
}
