//! What can go wrong, in words every surface translates by one table of its own.

use std::{error::Error as StdError, fmt, sync::Arc};

/// A cause from below, kept for the log and never sent to a client.
pub type Cause = Box<dyn StdError + Send + Sync>;

/// What a surface may learn. Each surface owns one exhaustive table from this to its status codes.
/// One error may be the answer to many who asked together.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Error {
    /// Absent, or present and none of the caller's business: the two must answer alike.
    #[error("not found")]
    NotFound,
    /// The caller may see it, and may not do this to it.
    #[error("not permitted")]
    Forbidden,
    /// Credentials missing, wrong or withdrawn.
    #[error("not authenticated")]
    Unauthenticated,
    /// Too often in too short a time.
    #[error("too often: try again in {seconds} s")]
    TooMany {
        /// How long to wait.
        seconds: u64,
    },
    /// A stated condition does not hold, or what must not be there is there.
    #[error("the condition does not hold")]
    Conflict,
    /// What should hold the thing is missing or is no folder.
    #[error("there is no folder to put it in")]
    NoParent,
    /// Another client holds a lock.
    #[error("locked")]
    Locked,
    /// The store is full or the owner's quota is used up.
    #[error("no space left")]
    OverQuota,
    /// The file is larger than its institution takes.
    #[error("larger than {most} octets")]
    TooLarge {
        /// The most, in octets.
        most: u64,
    },
    /// The caller sent something that cannot be.
    #[error("invalid: {what}")]
    Invalid {
        /// What is wrong, in words that may be shown; never contains a secret.
        what: String,
    },
    /// The back-end lacks the feature: a fact, not a failure.
    #[error("not supported by this store: {what}")]
    Unsupported {
        /// What was asked for.
        what: &'static str,
    },
    /// A back-end is down, slow or talks nonsense; retrying later may help.
    #[error("{backend}: {doing}")]
    Unavailable {
        /// The back-end as the settings name it.
        backend: String,
        /// What was attempted.
        doing: String,
        /// Why it failed.
        #[source]
        cause: Arc<dyn StdError + Send + Sync>,
    },
    /// A back-end was told to do something and was gone before it answered: whether it was done nobody knows. Never to be
    /// answered as if it had not been, because whoever tries again may have it twice.
    #[error("{backend}: {doing}: the outcome is not known")]
    Unsettled {
        /// The back-end as the settings name it.
        backend: String,
        /// What was attempted.
        doing: String,
        /// Why no answer came.
        #[source]
        cause: Arc<dyn StdError + Send + Sync>,
    },
    /// Our own fault.
    #[error("internal fault while {doing}")]
    Internal {
        /// What was attempted.
        doing: String,
        /// Why it failed.
        #[source]
        cause: Arc<dyn StdError + Send + Sync>,
    },
}

/// The gate's result.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What [`Error::between_stores`] says.
const BETWEEN_STORES: &str = "moving or copying between stores";

impl Error {
    /// What is to be moved or copied does not stay where one store can do that by itself: in another store, another owner's tree
    /// that only its owner may open, or on another file system. Nothing was touched; it can be read and written instead.
    pub const fn between_stores() -> Self {
        Self::Unsupported { what: BETWEEN_STORES }
    }

    /// Whether it is [`Self::between_stores`], and not something else that a store cannot do: that is never tried another way.
    pub fn is_between_stores(&self) -> bool {
        matches!(self, Self::Unsupported { what } if *what == BETWEEN_STORES)
    }

    /// A back-end failed at something.
    pub fn unavailable(backend: impl fmt::Display, doing: impl fmt::Display, cause: impl Into<Cause>) -> Self {
        Self::Unavailable { backend: backend.to_string(), doing: doing.to_string(), cause: cause.into().into() }
    }

    /// A back-end was gone before it said what became of something.
    pub fn unsettled(backend: impl fmt::Display, doing: impl fmt::Display, cause: impl Into<Cause>) -> Self {
        Self::Unsettled { backend: backend.to_string(), doing: doing.to_string(), cause: cause.into().into() }
    }

    /// The caller's input cannot be.
    pub fn invalid(what: impl fmt::Display) -> Self {
        Self::Invalid { what: what.to_string() }
    }

    /// Our own fault.
    pub fn internal(doing: impl fmt::Display, cause: impl Into<Cause>) -> Self {
        Self::Internal { doing: doing.to_string(), cause: cause.into().into() }
    }

    /// Whose fault it is, for the log.
    pub const fn fault(&self) -> Fault {
        match self {
            Self::NotFound
            | Self::Forbidden
            | Self::Unauthenticated
            | Self::TooMany { .. }
            | Self::Conflict
            | Self::NoParent
            | Self::Locked
            | Self::TooLarge { .. }
            | Self::Invalid { .. } => Fault::Client,
            Self::OverQuota | Self::Unsupported { .. } | Self::Unavailable { .. } | Self::Unsettled { .. } => {
                Fault::Backend
            }
            Self::Internal { .. } => Fault::Gateway,
        }
    }

    /// The error in one word, for the trail.
    pub const fn word(&self) -> &'static str {
        match self {
            Self::NotFound => "not found",
            Self::Forbidden => "forbidden",
            Self::Unauthenticated => "unauthenticated",
            Self::TooMany { .. } => "too many",
            Self::Conflict => "conflict",
            Self::NoParent => "no parent",
            Self::Locked => "locked",
            Self::OverQuota => "full",
            Self::TooLarge { .. } => "too large",
            Self::Invalid { .. } => "invalid",
            Self::Unsupported { .. } => "unsupported",
            Self::Unavailable { .. } => "unavailable",
            Self::Unsettled { .. } => "unsettled",
            Self::Internal { .. } => "internal",
        }
    }

    /// The error with all its causes, one line, for the log.
    pub fn chain(&self) -> String {
        let mut text = self.to_string();
        let mut cause = self.source();
        while let Some(error) = cause {
            text.push_str(": ");
            text.push_str(&error.to_string());
            cause = error.source();
        }
        text
    }
}

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The client asked for something it cannot have.
    Client,
    /// A store or directory behind us.
    Backend,
    /// Us.
    Gateway,
}
