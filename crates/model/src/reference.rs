//! References to things that can be opened through the gate. A reference is a name: holding one gives no right.

use crate::{Account, ExternalId, InstitutionId, MountId, Target};
use std::fmt;

/// What kind of thing a grant hangs on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ResourceKind {
    /// An account as a whole: its mail relay, its profile.
    Account,
    /// A mailbox.
    Mailbox,
    /// A file or a folder.
    Node,
    /// A calendar, or a list of tasks or notes.
    Calendar,
    /// An address book.
    AddressBook,
    /// An institution: its people, its administration.
    Institution,
}

impl ResourceKind {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Account, Self::Mailbox, Self::Node, Self::Calendar, Self::AddressBook, Self::Institution];

    /// The word that State and interfaces use.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Account => "account",
            Self::Mailbox => "mailbox",
            Self::Node => "file",
            Self::Calendar => "calendar",
            Self::AddressBook => "addressbook",
            Self::Institution => "institution",
        }
    }

    /// The kind by its word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

/// An account as a whole.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AccountRef(pub Account);

/// The institution: its directory and its administration.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InstitutionRef(pub InstitutionId);

/// A mailbox of an owner, by its name with `/` between levels.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MailboxRef {
    /// Whose mail store.
    pub owner: Account,
    /// The mailbox; `INBOX` is the one that every owner has (RFC 9051 §5.1).
    pub name: String,
}

/// A mail account that somebody has elsewhere, with all that is in it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct ExternalRef {
    /// Whose.
    pub owner: Account,
    /// Which.
    pub id: ExternalId,
}

/// What reaches an account's calendars from outside (RFC 6638): something is put in, or asked is when there is time. What is in them is
/// not told by it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct InboxRef(pub Account);

/// A name that an account sends mail under.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IdentityRef {
    /// Whose name it is.
    pub owner: Account,
    /// The address, or `None` for reports of the account's own programs, which nobody answers (RFC 5321 §4.5.5).
    pub address: Option<String>,
}

/// Why a text is no mailbox's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidMailbox;

impl fmt::Display for InvalidMailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a mailbox has names of levels without control characters, joined by /, of 1000 octets in all")
    }
}
impl std::error::Error for InvalidMailbox {}

impl MailboxRef {
    /// Longest name, in octets. Stores differ; Dovecot takes 4096 in all and 255 a level.
    pub const LONGEST: usize = 1000;

    /// An owner's mailbox by the names of its levels, joined by `/`. `INBOX` is one in whatever case (RFC 9051 §5.1).
    ///
    /// # Errors
    /// [`InvalidMailbox`] for what is empty or too long, and for empty levels and control characters.
    pub fn parse(owner: Account, name: &str) -> Result<Self, InvalidMailbox> {
        let is_level = |level: &str| !level.is_empty() && !level.contains(char::is_control);
        if name.len() > Self::LONGEST || !name.split('/').all(is_level) {
            return Err(InvalidMailbox);
        }
        let (first, rest) = name.split_at(name.find('/').unwrap_or(name.len()));
        let first = if first.eq_ignore_ascii_case("INBOX") { "INBOX" } else { first };
        Ok(Self { owner, name: format!("{first}{rest}") })
    }

    /// All of the owner's mailboxes: what a grant can hang on, and nothing can be read from.
    pub const fn all_of(owner: Account) -> Self {
        Self { owner, name: String::new() }
    }

    /// What State hangs on this mailbox.
    pub fn target(&self) -> Target {
        Target {
            institution: self.owner.institution.clone(),
            owner: Some(self.owner.id.clone()),
            kind: ResourceKind::Mailbox,
            tree: String::new(),
            path: self.name.clone(),
        }
    }
}

/// A file or folder of an owner.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct NodeRef {
    /// Whose files.
    pub owner: Account,
    /// Which of the owner's trees.
    pub mount: MountId,
    /// The place in it.
    pub path: NodePath,
}

impl NodeRef {
    /// The folder that holds it; `None` at the root of the tree.
    pub fn parent(&self) -> Option<Self> {
        Some(Self { path: self.path.parent()?, ..self.clone() })
    }

    /// What State hangs on this node.
    pub fn target(&self) -> Target {
        Target {
            institution: self.owner.institution.clone(),
            owner: Some(self.owner.id.clone()),
            kind: ResourceKind::Node,
            tree: self.mount.as_str().to_owned(),
            path: self.path.as_str().to_owned(),
        }
    }
}

/// A place in a file tree: names joined by `/`, never absolute, never with `.` or `..`. The root is empty.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct NodePath(String);

/// Why a text is no path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidPath;

impl fmt::Display for InvalidPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a path is names of 1 to 255 octets without control characters, 4096 octets and 128 levels in all")
    }
}
impl std::error::Error for InvalidPath {}

impl NodePath {
    /// Longest path, in octets (`PATH_MAX` of Linux).
    pub const LONGEST: usize = 4096;
    /// Longest name, in octets (`NAME_MAX` of Linux).
    pub const LONGEST_NAME: usize = 255;
    /// Most levels.
    pub const DEEPEST: usize = 128;

    /// The root of a tree.
    pub const fn root() -> Self {
        Self(String::new())
    }

    /// Parses names joined by `/`. One leading and one trailing `/` are let pass.
    ///
    /// # Errors
    /// [`InvalidPath`] for `.`, `..`, empty names, control characters, and what is too long or too deep.
    pub fn parse(text: &str) -> Result<Self, InvalidPath> {
        let text = text.strip_prefix('/').unwrap_or(text);
        let text = text.strip_suffix('/').unwrap_or(text);
        if text.is_empty() {
            return Ok(Self::root());
        }
        if text.len() > Self::LONGEST || text.split('/').count() > Self::DEEPEST || !text.split('/').all(is_name) {
            return Err(InvalidPath);
        }
        Ok(Self(text.to_owned()))
    }

    /// The child of this name.
    ///
    /// # Errors
    /// [`InvalidPath`] when it is no name.
    pub fn join(&self, name: &str) -> Result<Self, InvalidPath> {
        if !is_name(name) {
            return Err(InvalidPath);
        }
        if self.is_root() { Self::parse(name) } else { Self::parse(&format!("{}/{name}", self.0)) }
    }

    /// What lies at this path below `self`.
    ///
    /// # Errors
    /// [`InvalidPath`] when together they are too long or too deep.
    pub fn join_path(&self, below: &Self) -> Result<Self, InvalidPath> {
        Self::parse(&format!("{}/{}", self.0, below.0))
    }

    /// The path's text; empty for the root.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether this is the root of the tree.
    pub fn is_root(&self) -> bool {
        self.0.is_empty()
    }

    /// The last name; `None` for the root.
    pub fn name(&self) -> Option<&str> {
        self.0.rsplit('/').next().filter(|name| !name.is_empty())
    }

    /// The folder above; `None` for the root.
    pub fn parent(&self) -> Option<Self> {
        if self.is_root() {
            return None;
        }
        Some(Self(self.0.rsplit_once('/').map_or("", |(above, _)| above).to_owned()))
    }

    /// Whether this is `other` or lies below it.
    pub fn is_within(&self, other: &Self) -> bool {
        other.is_root()
            || self.0.strip_prefix(other.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= NodePath::LONGEST_NAME
        && name != "."
        && name != ".."
        && !name.contains(|c: char| c.is_control() || c == '/')
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    #[test]
    fn there_is_no_way_up() {
        for bad in ["..", "a/../b", "a//b", "a/./b", "a/\0", "//a", "a/b//"] {
            assert_eq!(NodePath::parse(bad), Err(InvalidPath), "{bad}");
        }
        assert!(NodePath::parse(&"a/".repeat(200)).is_err());
        assert!(NodePath::root().join("a/b").is_err());
    }

    #[test]
    fn mailboxes() {
        let account = Account {
            institution: InstitutionId::parse("garonne").unwrap(),
            id: crate::AccountId::parse("u1").unwrap(),
        };
        let name = |text: &str| MailboxRef::parse(account.clone(), text).map(|mailbox| mailbox.name);
        assert_eq!(name("inbox/Élèves 2").unwrap(), "INBOX/Élèves 2");
        assert_eq!(name("inboxes").unwrap(), "inboxes");
        for bad in ["", "/a", "a/", "a//b", "a\r\nb", &"a".repeat(1001)] {
            assert_eq!(name(bad), Err(InvalidMailbox), "{bad}");
        }
    }

    #[test]
    fn parts_and_places() {
        let path = NodePath::parse("/a/b/c/").unwrap();
        assert_eq!(path.as_str(), "a/b/c");
        assert_eq!(path.name(), Some("c"));
        assert_eq!(path.parent().unwrap().as_str(), "a/b");
        assert!(path.is_within(&NodePath::parse("a/b").unwrap()));
        assert!(!path.is_within(&NodePath::parse("a/bc").unwrap()));
        assert!(!NodePath::parse("ab").unwrap().is_within(&NodePath::parse("a").unwrap()));
        assert!(path.is_within(&NodePath::root()));
        assert_eq!(NodePath::root().parent(), None);
    }
}
