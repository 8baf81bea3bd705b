//! Files in which people carry calendars and contacts from one program to another: whole calendars (RFC 5545, and vCalendar 1.0
//! of telephones), vCards of every version, LDIF of address books, and tables as Thunderbird, Outlook and Google write them.
//!
//! - [`Reading::of`] recognises a file by its content and tells what is in it, one after the other: an [`Entry`] that can be
//!   stored as it is, or what is [`Wrong`] on which line. One that is wrong takes no other with it.
//! - [`Calendar`] writes many objects as one, each time zone once; [`cards`] writes cards one after the other; [`table`] writes
//!   them as rows that no spreadsheet takes for a formula.
//!
//! Octets in, values out: no I/O, each size bounded by a named constant, no panic on input, no clock and no chance: an entry that
//! has no UID gets one of its content, so that the same file is the same entries the next time.

mod blocks;
mod calendar;
mod card;
mod dates;
mod headings;
mod ldif;
mod names;
mod old_calendar;
mod old_card;
mod person;
mod reading;
mod rows;
mod table;
mod written;

pub use reading::{Family, Format, LARGEST_FILE, MOST_ENTRIES, Reading};
pub use table::{Table, table};
pub use written::{Calendar, cards};

/// What can be stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The line of the file that it begins at, from 1.
    pub line: usize,
    /// Its UID.
    pub uid: String,
    /// What people call it; empty where it has no name.
    pub title: String,
    /// By what else it is known for the same: the name of a contact with an address or a number of theirs.
    pub known_by: Vec<String>,
    /// An iCalendar object or a vCard.
    pub octets: Vec<u8>,
}

/// What is wrong with an entry, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// The line of the file, from 1.
    pub line: usize,
    /// What is wrong there, for people. It may name a property or a column, never tell what is in it.
    pub what: String,
}

impl Wrong {
    pub(crate) fn at(line: usize, what: impl Into<String>) -> Self {
        Self { line, what: what.into() }
    }
}

impl std::fmt::Display for Wrong {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

impl std::error::Error for Wrong {}

impl Entry {
    /// What a stored item is known by: of octets that can be read.
    pub fn of_stored(family: Family, octets: &[u8]) -> Option<Self> {
        match family {
            Family::Calendars => calendar::stored(octets),
            Family::Contacts => card::stored(octets),
        }
    }

    /// The same under another UID, which is drawn from what it is and from a number: for one that is kept beside its like.
    #[must_use]
    pub fn renamed(&self, family: Family, number: usize) -> Self {
        self.under(family, &names::uid(&[self.uid.as_bytes(), &self.octets, number.to_string().as_bytes()]))
    }

    /// The same under a UID that is told.
    #[must_use]
    pub fn under(&self, family: Family, uid: &str) -> Self {
        let depth = match family {
            Family::Calendars => 2,
            Family::Contacts => 1,
        };
        let octets = blocks::with_uid(&self.octets, depth, uid);
        Self { uid: uid.to_owned(), octets, ..self.clone() }
    }

    /// A digest of what it says, whatever the order of its lines, their folds, and when and by which program it was written.
    pub fn said(&self) -> u64 {
        names::digest(&blocks::lines_said(&self.octets))
    }

    /// A name to store it under, with this ending: its UID where that is one that every store takes.
    pub fn name(&self, ending: &str) -> String {
        names::name(&self.uid, ending)
    }
}
