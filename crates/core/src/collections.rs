//! The calendars and address books that a person has: their own, and what others share with them.

use crate::{
    Error, Result, Session, Tool,
    authorized::token_of,
    door,
    house::House,
    numbers,
    permit::Permit,
    ports::{Collection, Telling, state::Granted},
    rights::{Lookup, Read},
    shared::owner_of,
};
use passerelle_model::{Account, CollectionFamily, CollectionRef, Rights};
use std::{collections::BTreeMap, sync::Arc};

/// A collection as somebody sees it.
#[derive(Debug, Clone)]
pub struct SeenCollection {
    /// Which it is.
    pub at: CollectionRef,
    /// What is known of it.
    pub collection: Collection,
    /// What they may do with it.
    pub rights: Rights,
    /// Up to where a client knows its items that asks now, where it was asked for and the store can tell.
    pub sync_token: Option<String>,
}

impl SeenCollection {
    pub(crate) fn new(house: &House, at: CollectionRef, collection: Collection, rights: Rights) -> Self {
        // It is read where it lies: nobody has more of it, whatever they have of its owner.
        let rights = if at.elsewhere().is_some() { rights.both(Rights::READ) } else { rights };
        let sync_token = collection.state.as_ref().map(|state| token_of(house, &at, state));
        Self { at, collection, rights, sync_token }
    }
}

impl Session {
    /// Whether an institution's people have collections of a family at all.
    pub fn has_collections(&self, owner: &Account, family: CollectionFamily) -> bool {
        self.check_has(Some(Tool::of(family))).is_ok()
            && self.house.tenant(&owner.institution).is_ok_and(|tenant| tenant.collections(family).is_some())
    }

    /// The person's own collections of a family; none where their institution has no store for them.
    ///
    /// # Errors
    /// `Unavailable`: all or none.
    pub async fn own_collections(&self, family: CollectionFamily, tell: Telling) -> Result<Vec<SeenCollection>> {
        let me = &self.principal()?.account;
        if !self.has_collections(me, family) {
            return Ok(Vec::new());
        }
        let all = self.open::<CollectionRef, Read>(CollectionRef::all_of(me.clone(), family)).await?;
        all.collections(tell).await
    }

    /// The collections of a family that others share with this person, of owners who are there.
    ///
    /// # Errors
    /// `Unavailable` when State, a directory or one of the stores cannot say: a list cut short would look like rights withdrawn.
    pub async fn shared_collections(&self, family: CollectionFamily, tell: Telling) -> Result<Vec<SeenCollection>> {
        let mut by_owner: BTreeMap<Account, Vec<Granted>> = BTreeMap::new();
        for granted in self.shared(family.kind(), Tool::of(family)).await? {
            if let Some(owner) = owner_of(&granted) {
                by_owner.entry(owner).or_default().push(granted);
            }
        }
        let mut all = Vec::new();
        for (owner, granted) in by_owner {
            if self.has_collections(&owner, family) && door::find_any(&self.house, &owner).await?.is_some() {
                all.extend(self.shared_by(&owner, family, &granted, tell).await?);
            }
        }
        Ok(all)
    }

    /// The collections of a family that one owner shares with this person.
    ///
    /// # Errors
    /// `NotFound` where nothing of that owner's is shared with them; `Unavailable` as for [`Self::shared_collections`].
    pub async fn collections_shared_by(
        &self,
        owner: &Account,
        family: CollectionFamily,
        tell: Telling,
    ) -> Result<Vec<SeenCollection>> {
        let mut granted = self.shared(family.kind(), Tool::of(family)).await?;
        granted.retain(|it| owner_of(it).as_ref() == Some(owner));
        let is_there = !granted.is_empty() && self.has_collections(owner, family);
        if !is_there || door::find_any(&self.house, owner).await?.is_none() {
            return Err(Error::NotFound);
        }
        self.shared_by(owner, family, &granted, tell).await
    }

    /// What one owner shares. It is looked up for the gate itself: what of it is told is decided here, one by one.
    async fn shared_by(
        &self,
        owner: &Account,
        family: CollectionFamily,
        granted: &[Granted],
        tell: Telling,
    ) -> Result<Vec<SeenCollection>> {
        self.check_in_force()?;
        let store = self.house.collections(&owner.institution, family)?.ok_or(Error::NotFound)?;
        let all = CollectionRef::all_of(owner.clone(), family);
        let numbers = numbers::of_owner(&self.house, &self.actor, &all, store.as_ref()).await?;
        let found = if granted.iter().any(|it| it.target.path.is_empty()) {
            store.collections(&Permit::<_, Read>::mint(all, Arc::clone(&self.actor), numbers), tell).await?
        } else {
            let mut names: Vec<&str> = granted.iter().map(|it| it.target.path.as_str()).collect();
            names.sort_unstable();
            names.dedup();
            let mut found = Vec::with_capacity(names.len());
            for name in names {
                let Ok(at) = CollectionRef::parse(owner.clone(), family, name) else { continue };
                let permit = Permit::<_, Lookup>::mint(at, Arc::clone(&self.actor), numbers.clone());
                match store.look(&permit, tell).await {
                    Ok(collection) => found.push(collection),
                    // What was shared is gone.
                    Err(Error::NotFound) => {}
                    Err(error) => return Err(error),
                }
            }
            found
        };
        let seen = |collection: Collection| {
            let at = CollectionRef::parse(owner.clone(), family, &collection.name).ok()?;
            // Who shares all of their calendars does not share what others publish for them.
            at.elsewhere().is_none().then_some(())?;
            let reaches = |path: &str| path.is_empty() || path == collection.name;
            let rights = self.rights_by(owner, granted, reaches)?;
            Some(SeenCollection::new(&self.house, at, collection, rights))
        };
        Ok(found.into_iter().filter_map(seen).collect())
    }
}
