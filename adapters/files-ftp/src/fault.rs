//! What the server answers, in the gate's words.

use crate::settings::Settings;
use passerelle_core::Error;
use suppaftp::FtpError;

/// Why something was not done.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// The server said so, with this code (RFC 959 §4.2).
    Reply { code: u32, words: String },
    /// The connection is of no more use.
    Broken(String),
}

impl From<FtpError> for Refusal {
    fn from(error: FtpError) -> Self {
        match error {
            FtpError::UnexpectedResponse(response) => {
                Self::Reply { code: response.status.code(), words: response.as_string().unwrap_or_default() }
            }
            FtpError::ConnectionError(_)
            | FtpError::SecureError(_)
            | FtpError::BadResponse
            | FtpError::InvalidAddress(_)
            | FtpError::DataConnectionAlreadyOpen => Self::Broken(error.to_string()),
        }
    }
}

impl Refusal {
    /// The error of an act on something that is there. 550 is all that a server says of what may not be.
    pub(crate) fn fault(self, settings: &Settings, doing: &str) -> Error {
        match self {
            Self::Reply { code: 550 | 553, .. } => Error::Forbidden,
            Self::Reply { code: 452 | 552, .. } => Error::OverQuota,
            Self::Reply { code: 500 | 502 | 504, .. } => {
                Error::Unsupported { what: "a command that the FTP server does not know" }
            }
            Self::Reply { words, .. } => Error::unavailable(&settings.name, doing, words.trim().to_owned()),
            Self::Broken(what) => Error::unavailable(&settings.name, doing, what),
        }
    }

    /// The same of a look: 550 says that nothing is there, and 501 that nothing could be.
    pub(crate) fn look_fault(self, settings: &Settings, doing: &str) -> Error {
        match self {
            Self::Reply { code: 501 | 550 | 553, .. } => Error::NotFound,
            other => other.fault(settings, doing),
        }
    }
}
