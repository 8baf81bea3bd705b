//! Calendars and address books of an account, as JMAP names them: what every type that lies in collections has in common.
//!
//! An id is made of names, a state of the stores' own sync tokens (`CollectionChanges`): nothing is kept, and any node understands
//! both. What a store has forgotten is `cannotCalculateChanges`, never a guess.

mod changes;
mod state;

pub(crate) use changes::{containers_changes, items_changes};
pub(crate) use state::{ContainersState, ItemsState};

use crate::{
    desk::Desk,
    id::{CollectionId, ItemId, WhichItem},
    state::mark,
};
use passerelle_core::{
    Authorized, Error, Read, Result, Right, SeenCollection,
    ports::{ComponentKind, ListedItem, Telling},
};
use passerelle_model::{CollectionFamily, CollectionRef, ItemName, Rights};
use std::{collections::BTreeMap, sync::Arc};

/// The collections of a family that may hold what a type of JMAP's is about: events, tasks, notes; of address books all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shelf {
    pub(crate) family: CollectionFamily,
    pub(crate) kind: Option<ComponentKind>,
}

impl From<CollectionFamily> for Shelf {
    fn from(family: CollectionFamily) -> Self {
        Self { family, kind: None }
    }
}

impl Shelf {
    /// Whether a collection of the family is one of them. One that says nothing of what it holds holds everything (RFC 4791 §5.2.3).
    pub(crate) fn has(self, seen: &SeenCollection) -> bool {
        let held = seen.collection.facts.components.as_ref();
        self.kind.is_none_or(|kind| held.is_none_or(|held| held.contains(&kind)))
    }
}

/// The collections of one account and family.
#[derive(Debug)]
pub(crate) struct Collections {
    told: Telling,
    all: BTreeMap<CollectionId, SeenCollection>,
}

impl Collections {
    fn new(all: Vec<SeenCollection>, told: Telling) -> Self {
        Self { told, all: all.into_iter().map(|seen| (CollectionId::of(seen.at.name()), seen)).collect() }
    }

    pub(crate) fn get(&self, id: CollectionId) -> Option<&SeenCollection> {
        self.all.get(&id)
    }

    /// All of them, by id.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (CollectionId, &SeenCollection)> {
        self.all.iter().map(|(id, seen)| (*id, seen))
    }

    /// Those of a shelf whose items this person may read.
    pub(crate) fn readable(&self, shelf: impl Into<Shelf>) -> impl Iterator<Item = (CollectionId, &SeenCollection)> {
        let shelf = shelf.into();
        self.iter().filter(move |(_, seen)| shelf.has(seen) && seen.rights.contains(Rights::READ))
    }

    /// The state of the collections themselves, as far as they are of a shelf.
    pub(crate) fn state(&self, shelf: impl Into<Shelf>) -> ContainersState {
        let shelf = shelf.into();
        let what = |seen: &SeenCollection| mark(&format!("{:?} {:?}", seen.collection.facts, seen.rights));
        let all = self.iter().filter(|(_, seen)| shelf.has(seen));
        ContainersState(all.map(|(id, seen)| (id, what(seen))).collect())
    }
}

impl Desk<'_> {
    /// The account's collections of a family, as they were when this request first looked, or since [`Desk::look_again`]. Without
    /// states the store has less to look through.
    pub(crate) async fn collections(&mut self, family: CollectionFamily, tell: Telling) -> Result<Arc<Collections>> {
        let owner = self.owner()?;
        let key = (owner.clone(), family);
        if let Some(known) = self.collections.get(&key).filter(|it| tell == Telling::Facts || it.told == tell) {
            return Ok(Arc::clone(known));
        }
        let all = if self.is_own() {
            self.session.own_collections(family, tell).await?
        } else {
            self.session.collections_shared_by(&owner, family, tell).await?
        };
        let all = Arc::new(Collections::new(all, tell));
        self.collections.insert(key, Arc::clone(&all));
        Ok(all)
    }

    /// A handle on one of the account's collections.
    pub(crate) async fn collection<R: Right>(
        &mut self,
        family: CollectionFamily,
        name: &str,
    ) -> Result<Authorized<CollectionRef, R>> {
        let at = CollectionRef::parse(self.owner()?, family, name).map_err(|_| Error::NotFound)?;
        self.session.open::<_, R>(at).await
    }

    /// Up to where the items of all collections of a shelf are known now.
    pub(crate) async fn items_state(&mut self, shelf: impl Into<Shelf>) -> Result<ItemsState> {
        let shelf = shelf.into();
        let collections = self.collections(shelf.family, Telling::States).await?;
        let mut all = BTreeMap::new();
        for (id, seen) in collections.readable(shelf) {
            let token = match &seen.sync_token {
                Some(token) => Some(token.clone()),
                // The store tells none: the gate's own index does.
                None => {
                    let handle = self.collection::<Read>(shelf.family, seen.at.name()).await?;
                    unless_away(seen, handle.changes_since(None, None).await)?.flatten().map(|told| told.token)
                }
            };
            all.extend(token.map(|token| (id, token)));
        }
        Ok(ItemsState(all))
    }
}

/// What a collection answered; `None` for a calendar from elsewhere that cannot be had. It keeps nobody from their own: of it nothing is told,
/// neither that anything is there nor that it is gone.
pub(crate) fn unless_away<T>(seen: &SeenCollection, answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Err(error) if seen.at.elsewhere().is_some() && error.feed_fault().is_some() => Ok(None),
        answer => answer.map(Some),
    }
}

/// The name of an item in an open collection: a long one is looked for in the listing.
pub(crate) async fn name_of(handle: &Authorized<CollectionRef, Read>, which: &WhichItem) -> Result<Option<ItemName>> {
    if let WhichItem::Named(name) = which {
        return Ok(Some(name.clone()));
    }
    let collection = CollectionId::of(handle.target().name());
    let is_it = |item: &ListedItem| ItemId::long(collection, &item.name).which == *which;
    Ok(handle.items().await?.into_iter().find(is_it).map(|item| item.name))
}
