//! Handles on calendars and address books.

use super::grantee::check_grantee;
use crate::{
    Allows, Authorized, Lookup, Manage, Read, Resource, Result, SeenCollection,
    ports::{
        Collection, CollectionItem, ListedItem, Telling,
        state::{Granted, Property, PropertyChange},
    },
};
use passerelle_model::{CollectionRef, Grant, Grantee, ItemName, Timestamp};

impl<R: Allows<Lookup>> Authorized<CollectionRef, R> {
    /// What is known of it.
    ///
    /// # Errors
    /// `NotFound`, `Unavailable`.
    pub async fn look(&self, tell: Telling) -> Result<SeenCollection> {
        let collection = self.port.look(&self.permit.narrow(), tell).await?;
        Ok(SeenCollection::new(&self.house, self.target().clone(), collection, self.held))
    }

    /// What time it is.
    pub fn now(&self) -> Timestamp {
        (self.house.clock)()
    }

    /// The properties that clients hung on it and that its store has no room for.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn properties(&self) -> Result<Vec<Property>> {
        self.house.state.properties(&Resource::target(self.target())).await
    }
}

impl<R: Allows<Read>> Authorized<CollectionRef, R> {
    /// All collections of the owner, where this is [`CollectionRef::all_of`].
    ///
    /// # Errors
    /// `TooLarge`, `Unavailable`: all or none.
    pub async fn collections(&self, tell: Telling) -> Result<Vec<SeenCollection>> {
        let CollectionRef { owner, family, .. } = self.target();
        let seen = |collection: Collection| {
            let at = CollectionRef::parse(owner.clone(), *family, &collection.name).ok()?;
            Some(SeenCollection::new(&self.house, at, collection, self.held))
        };
        Ok(self.port.collections(&self.permit.narrow(), tell).await?.into_iter().filter_map(seen).collect())
    }

    /// All its items, by name and tag.
    ///
    /// # Errors
    /// `NotFound`, `TooLarge`, `Unavailable`: all or none.
    pub async fn items(&self) -> Result<Vec<ListedItem>> {
        self.port.items(&self.permit.narrow()).await
    }

    /// Reads some items, at most [`crate::ports::MOST_READ`], in their order; `None` for what is not there.
    ///
    /// # Errors
    /// `NotFound` when the collection is not there, `Unavailable`.
    pub async fn read(&self, names: &[ItemName]) -> Result<Vec<Option<CollectionItem>>> {
        self.port.read(&self.permit.narrow(), names).await
    }

    /// The content of listed items, at most [`crate::ports::MOST_READ`]: what is kept in memory with the listed tag, and what has to
    /// be fetched. What has gone since the listing is left out, what has changed is told as it is now.
    ///
    /// # Errors
    /// As [`Self::read`].
    pub async fn contents(&self, listed: &[ListedItem]) -> Result<Vec<(ItemName, CollectionItem)>> {
        let (at, kept) = (self.target(), &self.house.items);
        let known: Vec<Option<CollectionItem>> =
            listed.iter().map(|item| kept.get(at, &item.name, &item.etag)).collect();
        let is_missing = |(item, known): (&ListedItem, &Option<_>)| known.is_none().then(|| item.name.clone());
        let missing: Vec<ItemName> = listed.iter().zip(&known).filter_map(is_missing).collect();
        let mut read = self.read(&missing).await?.into_iter();
        let content = |(item, known): (&ListedItem, Option<CollectionItem>)| {
            let content = known.or_else(|| {
                let fresh = read.next().flatten()?;
                kept.keep(at, &item.name, &fresh);
                Some(fresh)
            });
            Some((item.name.clone(), content?))
        };
        Ok(listed.iter().zip(known).filter_map(content).collect())
    }
}

impl<R: Allows<Manage>> Authorized<CollectionRef, R> {
    /// The grants on it, and on all of its owner's.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn grants(&self) -> Result<Vec<Granted>> {
        self.house.state.grants_at(&Resource::target(self.target())).await
    }

    /// Gives somebody rights on it.
    ///
    /// # Errors
    /// `Forbidden` when the grantee belongs to an institution that this one does not share with, `Invalid` when it is not
    /// there.
    pub async fn share(&self, grant: &Grant) -> Result<()> {
        let target = Resource::target(self.target());
        check_grantee(&self.house, self.permit.actor_shared(), &target, &grant.to).await?;
        self.house.state.set_grant(&target, grant).await
    }

    /// Takes a grant back, at once; `false` when there was none.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written.
    pub async fn unshare(&self, to: &Grantee) -> Result<bool> {
        self.house.state.remove_grant(&Resource::target(self.target()), to).await
    }

    /// Changes what its store has no room for: all steps or none.
    ///
    /// # Errors
    /// `OverQuota` when they become too many.
    pub async fn patch_properties(&self, changes: &[PropertyChange]) -> Result<()> {
        self.house.state.patch_properties(&Resource::target(self.target()), changes).await
    }
}
