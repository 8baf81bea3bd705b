//! Calendar objects as they lie in their collections, read for a call.

use super::id::EventId;
use super::{FAMILY, What};
use crate::{
    collections::name_of,
    desk::Desk,
    id::{CollectionId, ItemId},
};
use passerelle_core::{
    Authorized, Error, Read, Result,
    ports::{CollectionItem, ListedItem, MOST_READ, Telling},
};
use passerelle_model::{CollectionRef, ItemName, Rights};
use passerelle_wire_ical::{Zone, discreet};
use passerelle_wire_jscalendar::Entry;
use std::collections::BTreeMap;

/// An object, as far as whoever asks is told of it.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) collection: CollectionId,
    /// The collection's name in addresses.
    pub(crate) calendar: String,
    pub(crate) name: ItemName,
    pub(crate) item: CollectionItem,
    /// Whether there is more in it than is told here.
    pub(crate) hides: bool,
}

impl Stored {
    /// Whether it is an event, a task, or a note.
    pub(super) fn is(&self, what: What) -> bool {
        is(&self.item.content, what)
    }
}

fn is(content: &[u8], what: What) -> bool {
    matches!(Entry::read(content, Zone::utc()), Ok(Some(entry)) if entry.kind() == what.kind())
}

/// A handle on a calendar whose items may be read; `None` where there is none such.
pub(crate) async fn readable(desk: &mut Desk<'_>, id: CollectionId) -> Result<Option<Authorized<CollectionRef, Read>>> {
    let calendars = desk.collections(FAMILY, Telling::Facts).await?;
    let Some(seen) = calendars.get(id).filter(|seen| seen.rights.contains(Rights::READ)) else { return Ok(None) };
    match desk.collection::<Read>(FAMILY, seen.at.name()).await {
        Ok(handle) => Ok(Some(handle)),
        Err(Error::NotFound | Error::Forbidden) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether all of these items are events, tasks, or notes.
pub(super) async fn all_are(
    handle: &Authorized<CollectionRef, Read>,
    what: What,
    items: &[ListedItem],
) -> Result<bool> {
    for some in items.chunks(MOST_READ) {
        if handle.contents(some).await?.iter().any(|(_, item)| !is(&item.content, what)) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The objects of these ids, by id; what is not there, or may not be read, is not among them.
pub(crate) async fn stored(desk: &mut Desk<'_>, ids: &[EventId]) -> Result<BTreeMap<String, Stored>> {
    let mut by_calendar: BTreeMap<CollectionId, Vec<&ItemId>> = BTreeMap::new();
    for id in ids {
        let wanted = by_calendar.entry(id.item.collection).or_default();
        if !wanted.contains(&&id.item) {
            wanted.push(&id.item);
        }
    }
    let mut all = BTreeMap::new();
    for (collection, items) in by_calendar {
        let Some(handle) = readable(desk, collection).await? else { continue };
        let mut named = Vec::new();
        for item in items {
            if let Some(name) = name_of(&handle, &item.which).await? {
                named.push((item.to_string(), name));
            }
        }
        for some in named.chunks(MOST_READ) {
            let names: Vec<ItemName> = some.iter().map(|(_, name)| name.clone()).collect();
            for ((id, name), item) in some.iter().zip(handle.read(&names).await?) {
                let Some(item) = item else { continue };
                all.extend(told(&handle, collection, name.clone(), item).map(|it| (id.clone(), it)));
            }
        }
    }
    Ok(all)
}

/// An item as it is told.
pub(crate) fn told(
    handle: &Authorized<CollectionRef, Read>,
    collection: CollectionId,
    name: ItemName,
    item: CollectionItem,
) -> Option<Stored> {
    let hides = handle.hides(&item.content, discreet);
    let item = handle.told(item, discreet)?;
    Some(Stored { collection, calendar: handle.target().name().to_owned(), name, item, hides })
}
