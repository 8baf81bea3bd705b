//! References to calendars and address books, and the names of what is in them.

use crate::{Account, NodePath, ResourceKind, Target, reference::is_name};
use std::fmt;

/// What kind of collections there are. Tasks and notes lie in calendars (RFC 4791 §4.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CollectionFamily {
    /// Calendars, lists of tasks, lists of notes.
    Calendars,
    /// Address books.
    Contacts,
}

impl CollectionFamily {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Calendars, Self::Contacts];

    /// What grants on one hang on.
    pub const fn kind(self) -> ResourceKind {
        match self {
            Self::Calendars => ResourceKind::Calendar,
            Self::Contacts => ResourceKind::AddressBook,
        }
    }

    /// The word of settings and paths.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Calendars => "calendars",
            Self::Contacts => "contacts",
        }
    }
}

/// A calendar or an address book of an owner, by the name that it has in addresses.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct CollectionRef {
    /// Whose it is.
    pub owner: Account,
    /// What it holds.
    pub family: CollectionFamily,
    /// Its name; empty for all that the owner has of the family.
    name: String,
}

/// Where a calendar comes from that lies in no store of the institution's: it is read elsewhere and written nowhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Elsewhere {
    /// Somebody follows an address.
    Subscription,
    /// The institution publishes it for a group.
    Timetable,
}

impl Elsewhere {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Subscription, Self::Timetable];

    /// What the names of such calendars begin with. No program gives a calendar such a name by itself.
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Subscription => "subscribed.",
            Self::Timetable => "timetable.",
        }
    }
}

/// Why a text is no name of a collection, or of something in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct InvalidItemName;

impl fmt::Display for InvalidItemName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name is 1 to 255 octets without / and control characters, and neither . nor ..")
    }
}
impl std::error::Error for InvalidItemName {}

impl CollectionRef {
    /// An owner's collection of this name.
    ///
    /// # Errors
    /// [`InvalidItemName`] for what no segment of a path can be.
    pub fn parse(owner: Account, family: CollectionFamily, name: &str) -> Result<Self, InvalidItemName> {
        let ItemName(name) = ItemName::parse(name)?;
        Ok(Self { owner, family, name })
    }

    /// All of the owner's collections of a family: what a grant can hang on, and what a list is asked of.
    pub const fn all_of(owner: Account, family: CollectionFamily) -> Self {
        Self { owner, family, name: String::new() }
    }

    /// Its name; empty for all of the owner's.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether it stands for all of the owner's.
    pub const fn is_all(&self) -> bool {
        self.name.is_empty()
    }

    /// Where it comes from, where it is a calendar from elsewhere. Its name alone says so.
    pub fn elsewhere(&self) -> Option<Elsewhere> {
        let is_calendar = self.family == CollectionFamily::Calendars;
        Elsewhere::ALL.into_iter().find(|kind| is_calendar && self.name.starts_with(kind.prefix()))
    }

    /// What State hangs on it.
    pub fn target(&self) -> Target {
        Target {
            institution: self.owner.institution.clone(),
            owner: Some(self.owner.id.clone()),
            kind: self.family.kind(),
            tree: String::new(),
            path: self.name.clone(),
        }
    }
}

/// The name of an item within its collection: `meeting.ics`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ItemName(String);

impl ItemName {
    /// Longest name, in octets.
    pub const LONGEST: usize = NodePath::LONGEST_NAME;

    /// A name, which is one segment of a path.
    ///
    /// # Errors
    /// [`InvalidItemName`].
    pub fn parse(name: &str) -> Result<Self, InvalidItemName> {
        if is_name(name) { Ok(Self(name.to_owned())) } else { Err(InvalidItemName) }
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::{AccountId, InstitutionId};

    #[test]
    fn names_are_one_segment() {
        let owner =
            Account { institution: InstitutionId::parse("garonne").unwrap(), id: AccountId::parse("u1").unwrap() };
        for bad in ["", ".", "..", "a/b", "a\0", &"a".repeat(256)] {
            assert_eq!(ItemName::parse(bad), Err(InvalidItemName), "{bad}");
            assert_eq!(CollectionRef::parse(owner.clone(), CollectionFamily::Calendars, bad), Err(InvalidItemName));
        }
        let one = CollectionRef::parse(owner.clone(), CollectionFamily::Contacts, "Été 2").unwrap();
        assert_eq!((one.target().kind.as_str(), one.target().path.as_str()), ("addressbook", "Été 2"));
        assert!(CollectionRef::all_of(owner, CollectionFamily::Calendars).target().path.is_empty() && !one.is_all());
    }
}
