//! The whole of the kernel's vocabulary for our errors, in one place.

use crate::NAME;
use fuser::Errno;
use passerelle_core::{Error, Fault, Obstacle};
use passerelle_observe::{BackendFault, InternalFault, emit};

/// The number of an error. What is hidden and what is missing have the same; what cannot be reached is never missing.
pub(crate) fn errno(error: &Error) -> Errno {
    match error.fault() {
        Fault::Client => {}
        Fault::Backend => emit(BackendFault { surface: NAME, chain: &error.chain(), request: "" }),
        Fault::Gateway => emit(InternalFault { surface: NAME, chain: &error.chain(), request: "" }),
    }
    match error {
        Error::NotFound | Error::NoParent => Errno::ENOENT,
        Error::Forbidden | Error::Unauthenticated => Errno::EACCES,
        Error::TooMany { .. } => Errno::EAGAIN,
        Error::Conflict => Errno::ESTALE,
        Error::Locked => Errno::EBUSY,
        Error::OverQuota => Errno::ENOSPC,
        Error::TooLarge { .. } => Errno::EFBIG,
        Error::Invalid { .. } => Errno::EINVAL,
        Error::Unsupported { .. } => Errno::EOPNOTSUPP,
        Error::Unavailable { .. } | Error::Unsettled { .. } | Error::Internal { .. } => Errno::EIO,
    }
}

/// The number of what kept a change from being made.
pub(crate) const fn obstacle(obstacle: Obstacle) -> Errno {
    match obstacle {
        Obstacle::IsFolder => Errno::EISDIR,
        Obstacle::IsFile => Errno::ENOTDIR,
        Obstacle::NotEmpty => Errno::ENOTEMPTY,
        Obstacle::Taken => Errno::EEXIST,
        Obstacle::Within => Errno::EINVAL,
        // A program copies then, and removes what was there.
        Obstacle::OtherStore => Errno::EXDEV,
    }
}
