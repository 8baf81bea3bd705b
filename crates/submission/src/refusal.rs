//! Why a message is not sent. Each surface has its own words for it.

use passerelle_core::{Error, Undelivered, ports::MtaReply};

/// Why a message is not sent. Nothing of it is delivered, but for [`Undelivered::Silent`], where that is not known.
#[derive(Debug)]
pub enum Refusal {
    /// A line of its header is no header field (RFC 5322 §2.2).
    MalformedHeader,
    /// Its header is larger than [`passerelle_wire_smtp::LARGEST_HEADER`].
    LargeHeader,
    /// It has passed more servers than a message may (RFC 5321 §6.3).
    Circles,
    /// It does not say who it is from.
    NoAuthor,
    /// It says so twice (RFC 5322 §3.6).
    TwoAuthors,
    /// It says so in a way that can be read in two.
    UnreadAuthor,
    /// It says that it is from somebody as whom the sender may not send.
    ForbiddenAuthor,
    /// A CR or LF stands by itself (RFC 5322 §2.3).
    Impure,
    /// The gate refuses, or something cannot be reached.
    Failed(Error),
    /// The MTA refuses.
    Mta(MtaReply),
    /// It came to no answer of the MTA.
    Undelivered(Undelivered),
}

impl Refusal {
    /// What is counted: `refused` for good, `deferred` where another try may help, `unknown` where it may have been sent.
    #[must_use]
    pub fn result(&self) -> &'static str {
        match self {
            Self::MalformedHeader
            | Self::LargeHeader
            | Self::Circles
            | Self::NoAuthor
            | Self::TwoAuthors
            | Self::UnreadAuthor
            | Self::ForbiddenAuthor
            | Self::Impure
            | Self::Undelivered(Undelivered::Found { .. }) => "refused",
            Self::Undelivered(Undelivered::Silent(_)) => "unknown",
            Self::Undelivered(Undelivered::Later | Undelivered::Unscanned(_)) => "deferred",
            Self::Mta(reply) => of_code(reply.code),
            Self::Failed(error) | Self::Undelivered(Undelivered::Withdrawn(error) | Undelivered::Lost(error)) => {
                match error {
                    Error::TooMany { .. }
                    | Error::Conflict
                    | Error::Locked
                    | Error::OverQuota
                    | Error::Unavailable { .. }
                    | Error::Unsettled { .. }
                    | Error::Internal { .. } => "deferred",
                    Error::NotFound
                    | Error::NoParent
                    | Error::Forbidden
                    | Error::Unauthenticated
                    | Error::TooLarge { .. }
                    | Error::Invalid { .. }
                    | Error::Unsupported { .. } => "refused",
                }
            }
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Failed(error)
    }
}

/// What an MTA's answer to a message counts as (RFC 5321 §4.2.1).
pub(crate) fn of_code(code: u16) -> &'static str {
    match code {
        200..=299 => "accepted",
        400..=499 => "deferred",
        _ => "refused",
    }
}
