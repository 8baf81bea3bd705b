//! The port to calendars that others publish as iCalendar at an address: read again and again, and never written.

use super::{CollectionItem, ETag, Health, ListedItem, Since};
use crate::{
    Error, Permit,
    rights::{Lookup, Read},
};
use aws_lc_rs::digest;
use passerelle_model::{CollectionRef, GroupId, ItemName, Secret, Timestamp};
use std::{collections::BTreeMap, fmt, future::Future, pin::Pin, sync::Arc};

/// Longest address, in octets.
pub const LONGEST_FEED_ADDRESS: usize = 2_048;

/// An answer of this port.
pub type FeedFut<'a, T> = Pin<Box<dyn Future<Output = Result<T, FeedFault>> + Send + 'a>>;

/// Reads calendars at addresses, within what the settings let it ask, and keeps them in memory for a while.
pub trait Feeds: Health {
    /// An address as somebody typed it, where it may be asked.
    ///
    /// # Errors
    /// [`FeedFault::Address`].
    fn address(&self, typed: &str) -> Result<FeedAddress, FeedFault>;

    /// Whether people may follow addresses of their own choice.
    fn takes_subscriptions(&self) -> bool;

    /// Where the timetable of a group is, where the institution publishes any.
    fn timetable(&self, group: &GroupId) -> Option<FeedAddress>;

    /// By what state the calendar at an address is known now.
    ///
    /// # Errors
    /// Why it cannot be had, when what was had last is too old to be told.
    fn state<'a>(&'a self, at: &'a Permit<CollectionRef, Lookup>, address: &'a FeedAddress) -> FeedFut<'a, String>;

    /// The calendar at an address.
    ///
    /// # Errors
    /// As [`Self::state`].
    fn read<'a>(&'a self, at: &'a Permit<CollectionRef, Read>, address: &'a FeedAddress) -> FeedFut<'a, FeedRead>;

    /// What changed since a state; everything without one. `None` for a state that is not known here, or no more.
    ///
    /// # Errors
    /// As [`Self::state`].
    fn since<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Read>,
        address: &'a FeedAddress,
        state: Option<&'a str>,
    ) -> FeedFut<'a, Option<Since>>;
}

/// Where a calendar is. It may hold what only its owner may know, in its path as well: it never prints.
#[derive(Clone)]
pub struct FeedAddress {
    host: String,
    whole: Secret,
}

impl FeedAddress {
    /// What an adapter has understood and checked.
    pub fn new(host: &str, whole: impl Into<String>) -> Self {
        Self { host: host.to_owned(), whole: Secret::new(whole.into()) }
    }

    /// The server, for people.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// All of it.
    pub const fn whole(&self) -> &Secret {
        &self.whole
    }
}

impl fmt::Debug for FeedAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "FeedAddress({})", self.host)
    }
}

/// A calendar as it was read: one item for each UID, with its exceptions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feed {
    items: BTreeMap<ItemName, CollectionItem>,
    state: String,
    /// What it calls itself.
    pub name: Option<String>,
    /// What of it could not be read, for whoever follows it: a few lines at most.
    pub left_out: Vec<String>,
}

impl Feed {
    /// A calendar of these items. Its state is a digest of them: equal calendars have one state on every node.
    pub fn new(items: BTreeMap<ItemName, CollectionItem>, name: Option<String>, left_out: Vec<String>) -> Self {
        let mut whole = digest::Context::new(&digest::SHA256);
        for (item, CollectionItem { etag, .. }) in &items {
            whole.update(format!("{}\0{}\0", item.as_str(), etag.as_str()).as_bytes());
        }
        let state = crate::seal::hex(whole.finish().as_ref().get(..16).unwrap_or_default());
        Self { items, state, name, left_out }
    }

    /// By what it is known.
    pub fn state(&self) -> &str {
        &self.state
    }

    /// An item.
    pub fn item(&self, name: &ItemName) -> Option<&CollectionItem> {
        self.items.get(name)
    }

    /// All of them, by name and tag.
    pub fn listed(&self) -> Vec<ListedItem> {
        let listed =
            |(name, item): (&ItemName, &CollectionItem)| ListedItem { name: name.clone(), etag: item.etag.clone() };
        self.items.iter().map(listed).collect()
    }

    /// Their names and tags, as [`Self::since`] compares them.
    pub fn tags(&self) -> BTreeMap<ItemName, ETag> {
        self.items.iter().map(|(name, item)| (name.clone(), item.etag.clone())).collect()
    }

    /// How many items it has.
    pub fn count(&self) -> usize {
        self.items.len()
    }

    /// That nothing is other than it is.
    pub fn unchanged(&self) -> Since {
        Since { changed: Vec::new(), gone: Vec::new(), state: self.state.clone(), more: false }
    }

    /// How many octets it holds.
    pub fn size(&self) -> usize {
        self.items.iter().map(|(name, item)| name.as_str().len().saturating_add(item.content.len())).sum()
    }

    /// What is other than it was when it had these tags.
    pub fn since(&self, before: &BTreeMap<ItemName, ETag>) -> Since {
        let mut changed = self.listed();
        changed.retain(|item| before.get(&item.name) != Some(&item.etag));
        let gone = before.keys().filter(|name| !self.items.contains_key(*name)).cloned().collect();
        Since { changed, gone, state: self.state.clone(), more: false }
    }
}

/// A calendar, and how it was had.
#[derive(Debug, Clone)]
pub struct FeedRead {
    /// It.
    pub feed: Arc<Feed>,
    /// When its server said last that it is so.
    pub read: Timestamp,
    /// Why it cannot be had since.
    pub away: Option<FeedFault>,
}

/// Why a calendar elsewhere cannot be had. Everything that may be told of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FeedFault {
    /// Its address is none that may be asked.
    Address,
    /// There is no such host.
    Name,
    /// Nobody answers there, or it hung up.
    Unreachable,
    /// It did not answer in time.
    Slow,
    /// Its certificate is not good for its name.
    Certificate,
    /// It wants to know who asks, and does not take what the address says.
    Refused,
    /// There is nothing at that address.
    Missing,
    /// It answered with something else than a calendar or the reason why not.
    Failing,
    /// It is larger than may be, or has more in it.
    TooLarge,
    /// What is there is no calendar.
    NoCalendar,
    /// It is a calendar that cannot be read, and where.
    Broken(String),
    /// The address that was kept cannot be opened any more.
    Sealed,
}

impl FeedFault {
    /// The word that pages use.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Address => "address",
            Self::Name => "name",
            Self::Unreachable => "unreachable",
            Self::Slow => "slow",
            Self::Certificate => "certificate",
            Self::Refused => "refused",
            Self::Missing => "missing",
            Self::Failing => "failing",
            Self::TooLarge => "too-large",
            Self::NoCalendar => "no-calendar",
            Self::Broken(_) => "broken",
            Self::Sealed => "sealed",
        }
    }

    /// One of each.
    pub fn all() -> [Self; 12] {
        [
            Self::Address,
            Self::Name,
            Self::Unreachable,
            Self::Slow,
            Self::Certificate,
            Self::Refused,
            Self::Missing,
            Self::Failing,
            Self::TooLarge,
            Self::NoCalendar,
            Self::Broken(String::new()),
            Self::Sealed,
        ]
    }
}

impl fmt::Display for FeedFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
impl std::error::Error for FeedFault {}

impl From<FeedFault> for Error {
    /// It is nobody's fault here, and never an empty calendar.
    fn from(fault: FeedFault) -> Self {
        Self::unavailable("a calendar elsewhere", "reading it", fault)
    }
}

impl Error {
    /// What is wrong with a calendar elsewhere, where this is about one.
    pub fn feed_fault(&self) -> Option<&FeedFault> {
        match self {
            Self::Unavailable { cause, .. } => cause.downcast_ref::<FeedFault>(),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use bytes::Bytes;

    fn feed(all: &[(&str, &str)]) -> Feed {
        let item = |(name, tag): &(&str, &str)| {
            (ItemName::parse(name).unwrap(), CollectionItem::whole(ETag::new(*tag), Bytes::from_static(b"x")))
        };
        Feed::new(all.iter().map(item).collect(), None, Vec::new())
    }

    #[test]
    fn what_changed_is_told() {
        let (before, after) =
            (feed(&[("a", "1"), ("b", "1"), ("c", "1")]), feed(&[("a", "1"), ("b", "2"), ("d", "1")]));
        let since = after.since(&before.tags());
        let changed: Vec<&str> = since.changed.iter().map(|item| item.name.as_str()).collect();
        let gone: Vec<&str> = since.gone.iter().map(ItemName::as_str).collect();
        assert_eq!((changed, gone, since.state.as_str()), (vec!["b", "d"], vec!["c"], after.state()));
        assert_ne!(before.state(), after.state());
        assert_eq!(before.state(), feed(&[("c", "1"), ("b", "1"), ("a", "1")]).state());
    }

    #[test]
    fn an_address_never_prints() {
        let address = FeedAddress::new("cal.example", "https://me:secret@cal.example/private-secret/basic.ics");
        assert!(!format!("{address:?}").contains("secret"));
        let error = Error::from(FeedFault::Broken("line 3: a line".to_owned()));
        assert_eq!(error.feed_fault().map(FeedFault::as_str), Some("broken"));
    }
}
