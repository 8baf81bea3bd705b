//! Ids of events and tasks: an item's, or one of an instance of it, which is made of its recurrence id and needs no more to be found again.

use crate::id::{CollectionId, ItemId, WhichItem};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use passerelle_model::ItemName;
use passerelle_wire_ical::Local;
use std::fmt;

/// Longest name of an item that an instance's id holds whole, in octets.
const LONGEST_NAME: usize = 170;

/// Which event or task.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct EventId {
    pub(crate) item: ItemId,
    /// Of an instance, its recurrence id: the time on the wall where its series is.
    pub(crate) instance: Option<Local>,
}

impl EventId {
    pub(crate) fn of(collection: CollectionId, name: &ItemName, instance: Option<Local>) -> Self {
        Self { item: ItemId::of(collection, name), instance }
    }

    /// `O` and, in base64, the recurrence id in seconds, the item's kind, its collection and its name.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        if let Some(item) = ItemId::parse(text) {
            return Some(Self { item, instance: None });
        }
        let octets = BASE64.decode(text.strip_prefix('O')?).ok()?;
        let (seconds, rest) = octets.split_first_chunk()?;
        let (kind, rest) = rest.split_first()?;
        let item = ItemId::parse(&format!("{}{}", char::from(*kind), BASE64.encode(rest)))?;
        Some(Self { item, instance: Some(Local::of(i64::from_be_bytes(*seconds))) })
    }
}

impl fmt::Display for EventId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(instance) = self.instance else { return self.item.fmt(f) };
        let item = match &self.item.which {
            WhichItem::Named(name) if name.as_str().len() > LONGEST_NAME => ItemId::long(self.item.collection, name),
            WhichItem::Named(_) | WhichItem::Long(_) => self.item.clone(),
        };
        let text = item.to_string();
        let (kind, rest) = text.split_at_checked(1).unwrap_or_default();
        let rest = BASE64.decode(rest).unwrap_or_default();
        let octets = [&instance.seconds().to_be_bytes(), kind.as_bytes(), rest.as_slice()].concat();
        write!(f, "O{}", BASE64.encode(octets))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ids_are_read_as_they_were_written(name in "[^\\p{Cc}/]{1,255}", seconds in -60_000_000_000_i64..250_000_000_000) {
            let Ok(name) = ItemName::parse(&name) else { return Ok(()) };
            let collection = CollectionId::of("a");
            for instance in [None, Some(Local::of(seconds))] {
                let id = EventId::of(collection, &name, instance);
                let text = id.to_string();
                prop_assert!(text.len() <= 255);
                let read = EventId::parse(&text).unwrap();
                prop_assert_eq!(read.instance, instance);
                prop_assert_eq!(read.item.collection, collection);
                prop_assert_eq!(read.to_string(), text);
            }
        }

        #[test]
        fn nothing_panics(text in "[OIJ]?.{0,60}") {
            let _ = EventId::parse(&text);
        }
    }
}
