//! Items of collections that were read lately, in memory alone: a query looks into all of a calendar, and needs to fetch only what
//! is new in it. Whoever asks has been let in, and a listing has said which tag each item has now; another's octets are never met.

use crate::ports::{CollectionItem, ETag};
use bytes::Bytes;
use moka::sync::Cache;
use passerelle_model::{CollectionRef, ItemName};
use std::{fmt, time::Duration};

/// Most octets that are kept.
const MOST_OCTETS: u64 = 64 * 1024 * 1024;
/// What a kept item takes beside its content, about.
const EACH: usize = 256;
/// An item that nobody asks for is forgotten.
const IDLE: Duration = Duration::from_secs(3600);

type Key = (CollectionRef, ItemName);

/// The items.
#[derive(Clone)]
pub(crate) struct Items(Cache<Key, (ETag, Bytes)>);

impl Default for Items {
    fn default() -> Self {
        let weight = |_: &Key, (_, content): &(ETag, Bytes)| {
            u32::try_from(content.len().saturating_add(EACH)).unwrap_or(u32::MAX)
        };
        Self(Cache::builder().max_capacity(MOST_OCTETS).weigher(weight).time_to_idle(IDLE).build())
    }
}

impl fmt::Debug for Items {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Items({})", self.0.entry_count())
    }
}

impl Items {
    /// The item as it is with this tag, if it is kept.
    pub(crate) fn get(&self, at: &CollectionRef, name: &ItemName, etag: &ETag) -> Option<CollectionItem> {
        let (kept, content) = self.0.get(&(at.clone(), name.clone()))?;
        (kept == *etag).then(|| CollectionItem::whole(kept, content))
    }

    /// Keeps an item that can be told.
    pub(crate) fn keep(&self, at: &CollectionRef, name: &ItemName, item: &CollectionItem) {
        if item.is_too_large {
            return;
        }
        self.0.insert((at.clone(), name.clone()), (item.etag.clone(), item.content.clone()));
    }
}
