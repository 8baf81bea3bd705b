//! From when to when items of calendars are, in memory alone: who looks for what is in a month need not look into what is in another year.
//! Of an item there are hashes of its name and of the tag with which it was read, and two moments; no word of what is in it.

use crate::ports::{CollectionItem, ListedItem};
use moka::sync::Cache;
use passerelle_model::{CollectionFamily, CollectionRef, Timestamp};
use std::{
    collections::HashMap,
    fmt,
    hash::{BuildHasher, RandomState},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Most items that are kept, those of all calendars together: 40 octets each, about.
const MOST_ITEMS: u64 = 1_000_000;
/// What is kept of items that are gone, beside as much as there is in the calendar.
const MOST_GONE: usize = 1_000;
/// A calendar that nobody asks for is forgotten.
const IDLE: Duration = Duration::from_secs(3600);

/// From when to when an item of a calendar is, at most: both moments belong to it.
pub type Span = (Timestamp, Timestamp);

/// Which it is, by an item's octets; `None` for what may be in any time.
pub type SpanOf = fn(&[u8]) -> Option<Span>;

/// By an item's name.
type Calendar = HashMap<u64, Known>;

#[derive(Debug, Clone, Copy)]
struct Known {
    /// Of its tag.
    tag: u64,
    span: Option<Span>,
}

/// The spans.
#[derive(Clone)]
pub(crate) struct Spans {
    /// Another in each process, so that nobody can choose names that are taken for one another.
    hash: RandomState,
    calendars: Cache<CollectionRef, Arc<Mutex<Calendar>>>,
}

impl Default for Spans {
    fn default() -> Self {
        let weight = |_: &CollectionRef, calendar: &Arc<Mutex<Calendar>>| {
            let known = calendar.lock().unwrap_or_else(PoisonError::into_inner).len();
            u32::try_from(known.saturating_add(8)).unwrap_or(u32::MAX)
        };
        let calendars = Cache::builder().max_capacity(MOST_ITEMS).weigher(weight).time_to_idle(IDLE).build();
        Self { hash: RandomState::new(), calendars }
    }
}

impl fmt::Debug for Spans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Spans({})", self.calendars.entry_count())
    }
}

impl Spans {
    /// Notes items as they were read.
    pub(crate) fn note<'a>(
        &self,
        at: &CollectionRef,
        items: impl Iterator<Item = (&'a str, &'a CollectionItem)>,
        span_of: SpanOf,
    ) {
        if at.family != CollectionFamily::Calendars {
            return;
        }
        let read: Vec<_> = items
            .map(|(name, item)| {
                let span = if item.is_too_large { None } else { span_of(&item.content) };
                (self.hash.hash_one(name), Known { tag: self.hash.hash_one(&item.etag), span })
            })
            .collect();
        if read.is_empty() {
            return;
        }
        let calendar = self.calendars.get(at).unwrap_or_default();
        calendar.lock().unwrap_or_else(PoisonError::into_inner).extend(read);
        // Put in again, it is weighed again.
        self.calendars.insert(at.clone(), calendar);
    }

    /// Of what a calendar has now, all but what is known to be outside of a time.
    pub(crate) fn within(&self, at: &CollectionRef, items: Vec<ListedItem>, (start, end): Span) -> Vec<ListedItem> {
        let Some(calendar) = self.calendars.get(at) else { return items };
        let mut calendar = calendar.lock().unwrap_or_else(PoisonError::into_inner);
        if calendar.len() > items.len().saturating_mul(2).saturating_add(MOST_GONE) {
            calendar.clear();
        }
        let may_be = |item: &ListedItem| {
            let known = calendar.get(&self.hash.hash_one(item.name.as_str()));
            let known = known.filter(|known| known.tag == self.hash.hash_one(&item.etag));
            known.and_then(|known| known.span).is_none_or(|(first, last)| first <= end && start <= last)
        };
        items.into_iter().filter(may_be).collect()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use crate::ports::ETag;
    use bytes::Bytes;
    use passerelle_model::{Account, AccountId, InstitutionId, ItemName};

    fn at(family: CollectionFamily) -> CollectionRef {
        let owner =
            Account { institution: InstitutionId::parse("garonne").unwrap(), id: AccountId::parse("u00001").unwrap() };
        CollectionRef::parse(owner, family, "cours").unwrap()
    }

    /// The content is the two moments.
    fn span_of(content: &[u8]) -> Option<Span> {
        let (first, last) = std::str::from_utf8(content).ok()?.split_once(' ')?;
        Some((Timestamp(first.parse().ok()?), Timestamp(last.parse().ok()?)))
    }

    fn listed(items: &[(&str, &str)]) -> Vec<ListedItem> {
        let item =
            |(name, etag): &(&str, &str)| ListedItem { name: ItemName::parse(name).unwrap(), etag: ETag::new(etag) };
        items.iter().map(item).collect()
    }

    fn noted(family: CollectionFamily, items: &[(&str, &str, &'static str)]) -> Spans {
        let spans = Spans::default();
        for (name, etag, content) in items {
            let item = CollectionItem::whole(ETag::new(etag), Bytes::from_static(content.as_bytes()));
            spans.note(&at(family), std::iter::once((*name, &item)), span_of);
        }
        spans
    }

    fn names(spans: &Spans, items: &[(&str, &str)], span: (i64, i64)) -> Vec<String> {
        let within = (Timestamp(span.0), Timestamp(span.1));
        let found = spans.within(&at(CollectionFamily::Calendars), listed(items), within);
        found.iter().map(|item| item.name.as_str().to_owned()).collect()
    }

    #[test]
    fn what_is_elsewhere_is_left_out_and_what_is_not_known_is_not() {
        let spans = noted(
            CollectionFamily::Calendars,
            &[("a", "1", "10 20"), ("b", "1", "30 40"), ("c", "1", "no time"), ("d", "1", "30 40")],
        );
        let now = [("a", "1"), ("b", "1"), ("c", "1"), ("d", "2"), ("e", "1")];
        assert_eq!(names(&spans, &now, (20, 25)), ["a", "c", "d", "e"]);
        assert_eq!(names(&spans, &now, (21, 29)), ["c", "d", "e"]);
        assert_eq!(names(&spans, &now, (0, 100)), ["a", "b", "c", "d", "e"]);
    }

    #[test]
    fn what_has_gone_does_not_stay_for_ever() {
        let spans = Spans::default();
        let item = CollectionItem::whole(ETag::new("1"), Bytes::from_static(b"10 20"));
        let many: Vec<String> = (0..2_000).map(|number| number.to_string()).collect();
        let calendar = at(CollectionFamily::Calendars);
        spans.note(&calendar, many.iter().map(|name| (name.as_str(), &item)), span_of);
        assert!(names(&spans, &[("7", "1")], (30, 40)) == ["7"], "all is forgotten, and nothing is left out for it");
        assert_eq!(spans.calendars.get(&calendar).unwrap().lock().unwrap().len(), 0);
    }

    #[test]
    fn address_books_have_no_times() {
        let spans = noted(CollectionFamily::Contacts, &[("a", "1", "10 20")]);
        assert!(spans.calendars.get(&at(CollectionFamily::Contacts)).is_none());
    }
}
