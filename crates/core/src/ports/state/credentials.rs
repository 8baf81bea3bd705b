//! App passwords: what clients that cannot do single sign-on use.

use crate::ports::Fut;
use passerelle_model::{Account, Rights, Timestamp};

/// The public half: 8 characters of base32 in lower case (RFC 4648 §6).
pub type AppPasswordId = String;

/// A row. The password itself is shown once and never kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppPassword {
    /// The public half.
    pub id: AppPasswordId,
    /// Whose it is.
    pub account: Account,
    /// SHA-256 of the 120 random bits' text. They need no slow hash: nobody can guess them.
    pub hash: [u8; 32],
    /// What the person calls it.
    pub name: String,
    /// What it opens.
    pub scope: Scope,
    /// When it was made.
    pub made: Timestamp,
    /// When it ends.
    pub until: Option<Timestamp>,
    /// Last use, to the hour.
    pub last_used: Option<Timestamp>,
}

/// What an app password opens: what kind of things, and whether to change them or to read only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Everything a client can do.
    All,
    /// Mail only.
    Mail,
    /// Files only.
    Files,
    /// Everything, to read.
    AllReading,
    /// Mail only, to read.
    MailReading,
    /// Files only, to read.
    FilesReading,
}

impl Scope {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::All, Self::Mail, Self::Files, Self::AllReading, Self::MailReading, Self::FilesReading];

    /// The word that State and pages use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Mail => "mail",
            Self::Files => "files",
            Self::AllReading => "all-reading",
            Self::MailReading => "mail-reading",
            Self::FilesReading => "files-reading",
        }
    }

    /// The scope by its word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == word)
    }

    /// Whether mail is in it.
    pub const fn opens_mail(self) -> bool {
        matches!(self, Self::All | Self::Mail | Self::AllReading | Self::MailReading)
    }

    /// Whether files are in it.
    pub const fn opens_files(self) -> bool {
        matches!(self, Self::All | Self::Files | Self::AllReading | Self::FilesReading)
    }

    /// What may be done with what it opens, at most.
    pub const fn ceiling(self) -> Rights {
        match self {
            Self::All | Self::Mail | Self::Files => Rights::ALL,
            Self::AllReading | Self::MailReading | Self::FilesReading => Rights::READ,
        }
    }
}

/// The rows.
pub trait AppPasswords: Send + Sync {
    /// Keeps a new one.
    ///
    /// # Errors
    /// `Conflict` when the id is taken.
    fn add_app_password<'a>(&'a self, row: &'a AppPassword) -> Fut<'a, ()>;
    /// The row of an id.
    fn app_password<'a>(&'a self, id: &'a str) -> Fut<'a, Option<AppPassword>>;
    /// All of an account's, the newest first.
    fn app_passwords_of<'a>(&'a self, account: &'a Account) -> Fut<'a, Vec<AppPassword>>;
    /// Notes a use. Writes only when the last noted one is an hour old.
    fn app_password_used<'a>(&'a self, id: &'a str, now: Timestamp) -> Fut<'a, ()>;
    /// Withdraws one of an account's; `false` when it has none of that id.
    fn remove_app_password<'a>(&'a self, account: &'a Account, id: &'a str) -> Fut<'a, bool>;
}
