//! The whole of FTP's vocabulary for our errors, in one place (RFC 959 §4.2, RFC 1123 §4.1.2.11).

use crate::NAME;
use passerelle_core::{Error, Fault};
use passerelle_observe::{BackendFault, InternalFault, emit};
use passerelle_wire_ftp::Reply;

/// Where something failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// Logging in.
    LogIn,
    /// With a file or a folder.
    File,
}

/// The reply to an error. What is hidden and what is missing have the same words.
pub(crate) fn refusal(error: &Error, at: At) -> Reply {
    let (code, text) = match (error, at) {
        (Error::Unauthenticated | Error::NotFound, At::LogIn) => (530, "Login or password is wrong"),
        (Error::Forbidden, At::LogIn) => (530, "Your account belongs to no institution here"),
        (Error::Unsupported { .. }, At::LogIn) => (530, "There are no files for this account here"),
        (Error::OverQuota, At::LogIn) => (530, "Too many connections"),
        (Error::TooMany { .. }, _) => (530, "Too many wrong passwords, wait and try again"),
        (Error::Unauthenticated, At::File) => (530, "Log in again"),
        (Error::NotFound, At::File) => (550, "There is no such file or folder"),
        (Error::Forbidden, At::File) => (550, "You may not do that here"),
        (Error::NoParent, _) => (550, "There is no folder to put it in"),
        (Error::Unsupported { .. }, At::File) => (550, "This file store cannot do that"),
        (Error::Conflict, _) => (450, "It was changed meanwhile"),
        (Error::Locked, _) => (450, "Somebody else works on it"),
        // RFC 959 §4.2: exceeded storage allocation.
        (Error::OverQuota, At::File) => (552, "There is no room left"),
        (Error::TooLarge { .. }, _) => (552, "It is larger than is taken here"),
        (Error::Invalid { .. }, _) => (550, "That cannot be done with it"),
        (Error::Unavailable { .. }, _) => (451, "The file store cannot be reached, try again later"),
        (Error::Unsettled { .. }, _) => (451, "The file store failed, look whether it was done"),
        (Error::Internal { .. }, _) => (451, "An internal fault, it has been logged"),
    };
    Reply::new(code, text)
}

/// Says in the log whose fault it is.
pub(crate) fn record(error: &Error) {
    match error.fault() {
        Fault::Client => {}
        Fault::Backend => emit(BackendFault { surface: NAME, chain: &error.chain(), request: "" }),
        Fault::Gateway => emit(InternalFault { surface: NAME, chain: &error.chain(), request: "" }),
    }
}
