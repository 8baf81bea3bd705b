//! The power of an open mailbox to find messages: searching, sorting, threads (RFC 9051 §6.4.4, RFC 5256), and what lists show of
//! them. JMAP's `Email/query`, `Thread/get` and `Email/get` stand on it (RFC 8621 §3, §4).

use super::{Changed, Flag, Fut, Items, MailboxState, Summaries};
use crate::{Permit, rights::Read};
use passerelle_model::{MailboxRef, Timestamp};
use std::{fmt, num::NonZeroU32};

/// Most conditions of one search, those in others counted.
pub const MOST_CONDITIONS: usize = 200;
/// Deepest conditions in conditions.
pub const DEEPEST_CONDITION: usize = 16;
/// Longest text that is searched for, in octets.
pub const LONGEST_SOUGHT: usize = 1000;
/// Most messages that are sorted or threaded here, where the store does not.
pub const MOST_SORTED_HERE: usize = 50_000;
/// Most messages of one look at them.
pub const MOST_SHOWN: usize = 10_000;

/// Finding messages in a mailbox that is open, and seeing what is to be seen of them. Nothing is marked by looking.
pub trait Messages: Send {
    /// The messages that a search finds, in order. What the store cannot search is refused, never guessed.
    ///
    /// # Errors
    /// `Invalid` beyond the bounds above; `Unsupported` for what this store does not search or sort; `TooLarge` where too many
    /// would have to be sorted here.
    fn find<'a>(&'a mut self, at: &'a Permit<MailboxRef, Read>, query: &'a Query) -> Fut<'a, Found>;

    /// What a search finds as threads: each a list of messages in the order of the conversation. By the store's THREAD, else
    /// by its THREADID, else by References, In-Reply-To and subjects.
    ///
    /// # Errors
    /// As [`Self::find`].
    fn threads<'a>(&'a mut self, at: &'a Permit<MailboxRef, Read>, search: &'a Search) -> Fut<'a, Vec<Vec<u32>>>;

    /// What is asked for of these messages, one after the other as the store sends them, in the store's order. Messages that
    /// are gone are passed over.
    ///
    /// # Errors
    /// `TooLarge` beyond [`MOST_SHOWN`]; `Unsupported` for an item that the store does not have.
    fn show<'a>(
        &'a mut self,
        at: &'a Permit<MailboxRef, Read>,
        uids: &'a [u32],
        items: &'a Items,
    ) -> Fut<'a, Summaries<'a>>;

    /// How the mailbox is now, to be compared with later.
    ///
    /// # Errors
    /// `TooLarge` where the store does not count changes and has more messages than are listed.
    fn state<'a>(&'a mut self, at: &'a Permit<MailboxRef, Read>) -> Fut<'a, MailboxState>;

    /// What has changed since a state. A message is told as removed only after the store has said all of it (invariant 13).
    ///
    /// # Errors
    /// As [`Self::state`].
    fn changes<'a>(&'a mut self, at: &'a Permit<MailboxRef, Read>, since: &'a MailboxState) -> Fut<'a, Changed>;
}

/// A search, as a tree.
#[derive(Clone, PartialEq, Eq)]
pub enum Search {
    /// Every message.
    Everything,
    /// What all of these find; every message where there are none.
    And(Vec<Search>),
    /// What any of these finds; no message where there are none.
    Or(Vec<Search>),
    /// What this does not find.
    Not(Box<Search>),
    /// Messages with this flag.
    Has(Flag),
    /// Messages of at least so many octets.
    AtLeast(u64),
    /// Messages of fewer octets.
    Below(u64),
    /// Received at this moment or later, to the second.
    Since(Timestamp),
    /// Received before this moment, to the second.
    Before(Timestamp),
    /// A text in a field or in the message, as the store compares them (RFC 9051 §6.4.4: without regard to case).
    Text(Place, String),
    /// Messages with this header field.
    HasHeader(HeaderName),
    /// These messages.
    Uids(Vec<u32>),
    /// Messages with smaller UIDs than this: those that were there when it was the next one.
    UidsBelow(u32),
}

// What people look for in their mail is not for logs.
impl fmt::Debug for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Search(..)")
    }
}

/// Where a text is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// The authors.
    From,
    /// To whom it is addressed.
    To,
    /// Who has a copy.
    Cc,
    /// Who has a blind copy.
    Bcc,
    /// The subject.
    Subject,
    /// The body without its header.
    Body,
    /// The whole message.
    Anywhere,
    /// A header field.
    Header(HeaderName),
}

/// The name of a header field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeaderName(String);

impl HeaderName {
    /// `field-name = 1*ftext` (RFC 5322 §2.2), of at most 76 octets, and of those that IMAP takes as an atom.
    pub fn parse(name: &str) -> Option<Self> {
        let is_plain = |c: char| c.is_ascii_graphic() && !":(){%*\"\\]".contains(c);
        (!name.is_empty() && name.len() <= 76 && name.chars().all(is_plain)).then(|| Self(name.to_owned()))
    }

    /// As it was given.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What is looked for, in which order, and which part of the result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// What to find.
    pub search: Search,
    /// The order, the first key first; by UID where nothing is said.
    pub sort: Vec<SortKey>,
    /// Only this part of the result.
    pub window: Option<Window>,
}

/// A key of the order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SortKey {
    /// By what.
    pub by: SortBy,
    /// Which way.
    pub direction: Direction,
}

/// Which way an order goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// The smallest, the earliest first.
    Ascending,
    /// The largest, the latest first.
    Descending,
}

/// By what messages are ordered (RFC 5256 §3, RFC 5957).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SortBy {
    /// When it was received.
    Received,
    /// The date in its header; when it was received, where that says none.
    Sent,
    /// The first author's name, or address.
    From,
    /// The first addressee's name, or address.
    To,
    /// The subject without `Re:` and the like.
    Subject,
    /// Its size.
    Size,
    /// Whether it has this flag: those without come first.
    Has(Flag),
}

/// A part of a result.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// How many are left out before it.
    pub skip: u32,
    /// How many at most.
    pub most: NonZeroU32,
}

/// What a query has found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// The messages of the window, in order.
    pub uids: Vec<u32>,
    /// How many there are without the window.
    pub total: u32,
}

impl Search {
    /// Whether it is within the bounds, and nothing in it is a text that no store can be asked for.
    ///
    /// # Errors
    /// `Invalid`.
    pub fn check(&self) -> crate::Result<()> {
        let mut left = MOST_CONDITIONS;
        self.check_within(&mut left, DEEPEST_CONDITION)
    }

    fn check_within(&self, left: &mut usize, depth: usize) -> crate::Result<()> {
        let many = || crate::Error::invalid("the search has too many conditions");
        *left = left.checked_sub(1).ok_or_else(many)?;
        let depth = depth.checked_sub(1).ok_or_else(many)?;
        match self {
            Self::And(all) | Self::Or(all) => all.iter().try_for_each(|it| it.check_within(left, depth)),
            Self::Not(one) => one.check_within(left, depth),
            Self::Text(_, text) if text.len() > LONGEST_SOUGHT || text.contains(['\0', '\r', '\n']) => {
                Err(crate::Error::invalid("this text cannot be searched for"))
            }
            Self::Everything
            | Self::Has(_)
            | Self::AtLeast(_)
            | Self::Below(_)
            | Self::Since(_)
            | Self::Before(_)
            | Self::Text(..)
            | Self::HasHeader(_)
            | Self::Uids(_)
            | Self::UidsBelow(_) => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bounds() {
        let text = |text: &str| Search::Text(Place::Subject, text.to_owned());
        assert!(
            text("été").check().is_ok() && text("a\r\nb").check().is_err() && text(&"x".repeat(1001)).check().is_err()
        );
        let deep = (0..20).fold(Search::Everything, |inner, _| Search::Not(Box::new(inner)));
        assert!(deep.check().is_err());
        assert!(Search::And(vec![Search::Everything; 199]).check().is_ok());
        assert!(Search::And(vec![Search::Everything; 200]).check().is_err());
        assert!(!format!("{:?}", text("secret")).contains("secret"));
    }

    #[test]
    fn header_names() {
        assert!(HeaderName::parse("List-Id").is_some());
        for bad in ["", "a b", "a:", "é", "a)", "a\r", &"x".repeat(77)] {
            assert!(HeaderName::parse(bad).is_none(), "{bad}");
        }
    }
}
