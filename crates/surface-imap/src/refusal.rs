//! The whole of IMAP's vocabulary for our errors, in one place (RFC 9051 §7.1, RFC 5530).

use passerelle_core::Error;

/// The response code and text for an error at log-in.
pub(crate) const fn refusal(error: &Error) -> &'static str {
    match error {
        Error::Unauthenticated | Error::NotFound => "NO [AUTHENTICATIONFAILED] Login or password is wrong",
        Error::Forbidden => "NO [AUTHORIZATIONFAILED] Your account belongs to no institution here",
        Error::TooMany { .. } => "NO [LIMIT] Too many wrong passwords, wait and try again",
        Error::Unavailable { .. } | Error::Unsettled { .. } => {
            "NO [UNAVAILABLE] The service cannot be reached, try again later"
        }
        Error::Unsupported { .. } => "NO [CANNOT] There is no mail for this account here",
        Error::OverQuota => "NO [LIMIT] Too many connections",
        Error::Conflict | Error::Locked => "NO [INUSE] Try again later",
        Error::NoParent | Error::TooLarge { .. } | Error::Invalid { .. } => {
            "NO [CANNOT] This login cannot be used for mail"
        }
        Error::Internal { .. } => "NO [SERVERBUG] An internal fault, it has been logged",
    }
}
