//! The whole of ManageSieve's vocabulary for our errors, in one place (RFC 5804 §1.3).

use passerelle_core::Error;

/// The response to an error at log-in.
pub(crate) const fn refusal(error: &Error) -> &'static str {
    match error {
        Error::Unauthenticated | Error::NotFound => "NO \"Login or password is wrong\"",
        Error::Forbidden => "NO \"This password only reads, or your account belongs to no institution here\"",
        Error::TooMany { .. } => "NO (TRYLATER) \"Too many wrong passwords, wait and try again\"",
        Error::Unavailable { .. } | Error::Unsettled { .. } => {
            "NO (TRYLATER) \"The service cannot be reached, try again later\""
        }
        Error::Unsupported { .. } => "NO \"There are no filters to change for this account here\"",
        Error::OverQuota => "NO (TRYLATER) \"Too many connections\"",
        Error::Conflict | Error::Locked => "NO (TRYLATER) \"Try again later\"",
        Error::NoParent | Error::TooLarge { .. } | Error::Invalid { .. } => {
            "NO \"This login cannot be used for filters\""
        }
        Error::Internal { .. } => "NO (TRYLATER) \"An internal fault, it has been logged\"",
    }
}
