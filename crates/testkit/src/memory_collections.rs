//! Calendars or address books in memory, for tests of the gate and of surfaces.

use bytes::Bytes;
use passerelle_core::{
    Add, Edit, Error, Lookup, Manage, Permit, Read, Remove, Result,
    ports::{
        Collection, CollectionFacts, CollectionItem, CollectionStore, ETag, Fut, Health, Legs, ListedItem,
        Precondition, Telling,
    },
};
use passerelle_model::{Account, CollectionRef, ItemName};
use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

#[derive(Debug, Default)]
struct Kept {
    facts: CollectionFacts,
    items: BTreeMap<ItemName, (ETag, Bytes)>,
}

/// A store of one family.
#[derive(Debug, Default)]
pub struct MemoryCollections {
    kept: Mutex<BTreeMap<(Account, String), Kept>>,
    writes: Mutex<u64>,
}

impl MemoryCollections {
    /// An empty one.
    pub fn new() -> Self {
        Self::default()
    }

    fn with<T>(&self, at: &CollectionRef, act: impl FnOnce(&mut Kept) -> Result<T>) -> Result<T> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        act(kept.get_mut(&(at.owner.clone(), at.name().to_owned())).ok_or(Error::NotFound)?)
    }

    fn write(&self, kept: &mut Kept, name: &ItemName, content: &Bytes) -> ETag {
        let mut writes = self.writes.lock().unwrap_or_else(PoisonError::into_inner);
        *writes = writes.saturating_add(1);
        let etag = ETag::new(*writes);
        kept.items.insert(name.clone(), (etag.clone(), content.clone()));
        etag
    }
}

fn holds(when: &Precondition, now: &ETag) -> bool {
    match when {
        Precondition::None | Precondition::Exists => true,
        Precondition::Absent => false,
        Precondition::Matches(tags) => tags.iter().any(|tag| tag == now.as_str()),
        Precondition::Differs(tags) => !tags.iter().any(|tag| tag == now.as_str()),
    }
}

/// Why nothing is done to what is not there.
fn missing(when: &Precondition) -> Error {
    if when.holds(None) { Error::NotFound } else { Error::Conflict }
}

impl Health for MemoryCollections {
    fn name(&self) -> &str {
        "collections in memory"
    }

    fn examine(&self) -> Legs<'_> {
        Box::pin(async { Vec::new() })
    }
}

impl CollectionStore for MemoryCollections {
    fn collections<'a>(&'a self, of: &'a Permit<CollectionRef, Read>, _: Telling) -> Fut<'a, Vec<Collection>> {
        Box::pin(async move {
            let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let theirs = kept.iter().filter(|((owner, _), _)| *owner == of.target().owner);
            Ok(theirs
                .map(|((_, name), it)| Collection {
                    name: name.clone(),
                    facts: it.facts.clone(),
                    version: None,
                    state: None,
                })
                .collect())
        })
    }

    fn look<'a>(&'a self, at: &'a Permit<CollectionRef, Lookup>, _: Telling) -> Fut<'a, Collection> {
        Box::pin(async move {
            let name = at.target().name().to_owned();
            self.with(at.target(), |kept| {
                Ok(Collection { name, facts: kept.facts.clone(), version: None, state: None })
            })
        })
    }

    fn make<'a>(&'a self, at: &'a Permit<CollectionRef, Manage>, facts: &'a CollectionFacts) -> Fut<'a, ()> {
        Box::pin(async move {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let key = (at.target().owner.clone(), at.target().name().to_owned());
            if kept.contains_key(&key) {
                return Err(Error::Conflict);
            }
            kept.insert(key, Kept { facts: facts.clone(), items: BTreeMap::new() });
            Ok(())
        })
    }

    fn change<'a>(&'a self, at: &'a Permit<CollectionRef, Manage>, facts: &'a CollectionFacts) -> Fut<'a, ()> {
        Box::pin(async move {
            self.with(at.target(), |kept| {
                let CollectionFacts {
                    display_name,
                    description,
                    colour,
                    order,
                    time_zone,
                    components: _,
                    is_transparent,
                } = facts.clone();
                let known = &mut kept.facts;
                for (place, value) in [
                    (&mut known.display_name, display_name),
                    (&mut known.description, description),
                    (&mut known.colour, colour),
                    (&mut known.order, order),
                    (&mut known.time_zone, time_zone),
                ] {
                    if let Some(value) = value {
                        *place = Some(value).filter(|value| !value.is_empty());
                    }
                }
                known.is_transparent = is_transparent.or(known.is_transparent);
                Ok(())
            })
        })
    }

    fn delete<'a>(&'a self, at: &'a Permit<CollectionRef, Manage>) -> Fut<'a, ()> {
        Box::pin(async move {
            let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
            let key = (at.target().owner.clone(), at.target().name().to_owned());
            kept.remove(&key).map(drop).ok_or(Error::NotFound)
        })
    }

    fn items<'a>(&'a self, at: &'a Permit<CollectionRef, Read>) -> Fut<'a, Vec<ListedItem>> {
        Box::pin(async move {
            self.with(at.target(), |kept| {
                let one = |(name, (etag, _)): (&ItemName, &(ETag, Bytes))| ListedItem {
                    name: name.clone(),
                    etag: etag.clone(),
                };
                Ok(kept.items.iter().map(one).collect())
            })
        })
    }

    fn read<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Read>,
        names: &'a [ItemName],
    ) -> Fut<'a, Vec<Option<CollectionItem>>> {
        Box::pin(async move {
            self.with(at.target(), |kept| {
                let one = |(etag, content): &(ETag, Bytes)| CollectionItem::whole(etag.clone(), content.clone());
                Ok(names.iter().map(|name| kept.items.get(name).map(one)).collect())
            })
        })
    }

    fn add<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Add>,
        name: &'a ItemName,
        content: &'a Bytes,
    ) -> Fut<'a, Option<ETag>> {
        Box::pin(async move {
            self.with(at.target(), |kept| match kept.items.contains_key(name) {
                true => Err(Error::Conflict),
                false => Ok(Some(self.write(kept, name, content))),
            })
        })
    }

    fn replace<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Edit>,
        name: &'a ItemName,
        content: &'a Bytes,
        when: &'a Precondition,
    ) -> Fut<'a, Option<ETag>> {
        Box::pin(async move {
            self.with(at.target(), |kept| {
                let (etag, _) = kept.items.get(name).ok_or_else(|| missing(when))?;
                if holds(when, etag) { Ok(Some(self.write(kept, name, content))) } else { Err(Error::Conflict) }
            })
        })
    }

    fn remove<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Remove>,
        name: &'a ItemName,
        when: &'a Precondition,
    ) -> Fut<'a, ()> {
        Box::pin(async move {
            self.with(at.target(), |kept| {
                let (etag, _) = kept.items.get(name).ok_or_else(|| missing(when))?;
                if !holds(when, etag) {
                    return Err(Error::Conflict);
                }
                kept.items.remove(name);
                Ok(())
            })
        })
    }
}
