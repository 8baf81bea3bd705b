//! What the server answers, in the gate's words.

use crate::{link::Link, settings::Settings};
use passerelle_core::Error;
use russh_sftp::{client::error::Error as Sftp, protocol::StatusCode};

/// `ST_RDONLY` among the flags of a file system (OpenSSH `PROTOCOL` §4.4).
const READ_ONLY: u64 = 1;

/// The error of an act on something.
pub(crate) fn fault(settings: &Settings, doing: &str, error: Sftp) -> Error {
    match error {
        Sftp::Status(status) => match status.status_code {
            StatusCode::NoSuchFile => Error::NotFound,
            StatusCode::PermissionDenied => Error::Forbidden,
            StatusCode::OpUnsupported => Error::Unsupported { what: "an operation that the SFTP server does not know" },
            StatusCode::Ok
            | StatusCode::Eof
            | StatusCode::Failure
            | StatusCode::BadMessage
            | StatusCode::NoConnection
            | StatusCode::ConnectionLost => Error::unavailable(&settings.name, doing, Sftp::Status(status)),
        },
        Sftp::IO(_) | Sftp::Timeout | Sftp::Limited(_) | Sftp::UnexpectedPacket | Sftp::UnexpectedBehavior(_) => {
            Error::unavailable(&settings.name, doing, error)
        }
    }
}

/// The error of a write. Version 3 has one word for a full disk, a file system for reading and all else: the file system is
/// asked which it is.
pub(crate) async fn write_fault(settings: &Settings, link: &Link, path: &str, doing: &str, error: Sftp) -> Error {
    let is_failure = matches!(&error, Sftp::Status(status) if status.status_code == StatusCode::Failure);
    if is_failure && link.powers.statvfs {
        let folder = path.rsplit_once('/').map_or(".", |(folder, _)| folder);
        if let Ok(system) = link.sftp.statvfs(folder).await {
            if system.flags & READ_ONLY != 0 {
                return Error::Forbidden;
            }
            if system.blocks_avail == 0 || (system.inodes > 0 && system.inodes_avail == 0) {
                return Error::OverQuota;
            }
        }
    }
    fault(settings, doing, error)
}
