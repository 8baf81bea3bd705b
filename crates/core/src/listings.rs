//! Names and tags of what is in collections whose stores tell changes, in memory alone: who asks for all of a calendar again has the store tell
//! what is new in it, and not everything.

use crate::ports::{ETag, ListedItem, Since};
use moka::sync::Cache;
use passerelle_model::{CollectionRef, ItemName};
use std::{collections::BTreeMap, fmt, sync::Arc, time::Duration};

/// Most items that are kept, those of all collections together.
const MOST_ITEMS: u64 = 500_000;
/// A listing that nobody asks for is forgotten.
const IDLE: Duration = Duration::from_secs(3600);

/// What is in a collection at a state of its store's own.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Listing {
    state: String,
    items: BTreeMap<ItemName, ETag>,
}

impl Listing {
    /// The state, as the store takes it.
    pub(crate) fn state(&self) -> &str {
        &self.state
    }

    /// The listing after what has changed since.
    pub(crate) fn after(mut self, since: Since) -> Self {
        for name in &since.gone {
            self.items.remove(name);
        }
        self.items.extend(since.changed.into_iter().map(|item| (item.name, item.etag)));
        self.state = since.state;
        self
    }

    /// Its items.
    pub(crate) fn items(&self) -> Vec<ListedItem> {
        self.items.iter().map(|(name, etag)| ListedItem { name: name.clone(), etag: etag.clone() }).collect()
    }

    /// How many it has.
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }
}

/// The listings.
#[derive(Clone)]
pub(crate) struct Listings(Cache<CollectionRef, Arc<Listing>>);

impl Default for Listings {
    fn default() -> Self {
        let weight = |_: &CollectionRef, listing: &Arc<Listing>| {
            u32::try_from(listing.len().saturating_add(8)).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(MOST_ITEMS).weigher(weight).time_to_idle(IDLE).build())
    }
}

impl fmt::Debug for Listings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Listings({})", self.0.entry_count())
    }
}

impl Listings {
    /// What was last known of a collection.
    pub(crate) fn get(&self, at: &CollectionRef) -> Option<Arc<Listing>> {
        self.0.get(at)
    }

    /// Keeps what is known now.
    pub(crate) fn keep(&self, at: &CollectionRef, listing: Arc<Listing>) {
        self.0.insert(at.clone(), listing);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    fn item(name: &str, etag: &str) -> ListedItem {
        ListedItem { name: ItemName::parse(name).unwrap(), etag: ETag::new(etag) }
    }

    #[test]
    fn what_changed_is_known_and_what_is_gone_is_not() {
        let since = |changed: &[(&str, &str)], gone: &[&str], state: &str| Since {
            changed: changed.iter().map(|(name, etag)| item(name, etag)).collect(),
            gone: gone.iter().map(|name| ItemName::parse(name).unwrap()).collect(),
            state: state.to_owned(),
            more: false,
        };
        let first = Listing::default().after(since(&[("a", "1"), ("b", "1"), ("c", "1")], &[], "s1"));
        let then = first.after(since(&[("a", "2"), ("d", "1")], &["b", "never"], "s2"));
        assert_eq!(then.items(), [item("a", "2"), item("c", "1"), item("d", "1")]);
        assert_eq!(then.state(), "s2");
    }
}
