//! The whole of POP3's vocabulary for our errors, in one place: response codes of RFC 2449 §8 and RFC 3206 §4.

use passerelle_core::Error;

/// Where something failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum At {
    /// Logging in.
    LogIn,
    /// With a message of the maildrop.
    Message,
    /// Removing messages at QUIT.
    Update,
}

/// The response to an error, without its line end.
pub(crate) const fn refusal(error: &Error, at: At) -> &'static str {
    match (error, at) {
        (Error::Unauthenticated, _) | (Error::NotFound, At::LogIn) => "-ERR [AUTH] Login or password is wrong",
        (Error::NotFound, At::Message) => "-ERR That message is gone",
        (Error::Forbidden, At::LogIn) => "-ERR [AUTH] Your account belongs to no institution here",
        (Error::Forbidden, At::Message) => "-ERR [SYS/PERM] You may only read here",
        (Error::NotFound | Error::Forbidden, At::Update) => {
            "-ERR [SYS/PERM] The mail store lets nobody remove messages, they are still there"
        }
        // RFC 2449 §8.1.1: the password was not looked at, and is not to be asked for again.
        (Error::TooMany { .. }, _) => "-ERR [LOGIN-DELAY] Too many wrong passwords, wait and try again",
        (Error::OverQuota, At::LogIn) => "-ERR [IN-USE] Too many connections",
        (Error::Conflict | Error::Locked, At::LogIn) => "-ERR [IN-USE] Try again later",
        (Error::Unavailable { .. } | Error::Unsettled { .. }, At::Update) => {
            "-ERR [SYS/TEMP] The mail store failed, some or all of the messages were not removed"
        }
        (Error::Unavailable { .. } | Error::Unsettled { .. }, _) => {
            "-ERR [SYS/TEMP] The mail store cannot be reached, try again later"
        }
        (Error::Unsupported { .. }, At::LogIn) => "-ERR [SYS/PERM] There is no mail for this account here",
        (Error::Unsupported { .. }, _) => "-ERR [SYS/PERM] This mail store cannot do that",
        (Error::Conflict, _) => "-ERR [SYS/TEMP] The mailbox was replaced meanwhile, nothing was removed",
        (Error::Locked | Error::OverQuota, _) => "-ERR [SYS/TEMP] Try again later",
        (Error::TooLarge { .. }, _) => "-ERR [SYS/PERM] There are too many messages for POP3",
        (Error::NoParent | Error::Invalid { .. }, _) => "-ERR [SYS/PERM] This login cannot be used for mail",
        (Error::Internal { .. }, _) => "-ERR [SYS/TEMP] An internal fault, it has been logged",
    }
}
