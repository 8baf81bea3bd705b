//! Handles on calendars and address books.

use crate::{
    Actor, Allows, Authorized, Error, Lookup, Manage, Read, Resource, Result, Right, SeenCollection, Span,
    listings::Listing,
    ports::{
        Collection, CollectionItem, ComponentKind, ListedItem, MOST_ITEMS, Telling,
        state::{Property, PropertyChange},
    },
};
use bytes::Bytes;
use passerelle_model::{CollectionFamily, CollectionRef, ItemName, Timestamp};
use std::{borrow::Cow, sync::Arc};

/// Most answers that a store may take to tell what is in a collection; one that says it has more for ever is listed instead.
const MOST_TURNS: usize = 100;

/// What of an item's octets is told to whoever is not its owner: all, less, or nothing of what nobody can read.
pub type Discreet = fn(&[u8]) -> Option<Cow<'_, [u8]>>;

impl<R: Allows<Lookup>> Authorized<CollectionRef, R> {
    /// What is known of it.
    ///
    /// # Errors
    /// `NotFound`, `Unavailable`.
    pub async fn look(&self, tell: Telling) -> Result<SeenCollection> {
        let collection = self.port.look(&self.permit.narrow(), tell).await?;
        Ok(SeenCollection::new(&self.house, self.target().clone(), collection, self.held))
    }

    /// Whether a calendar holds components of a kind (RFC 4791 §5.2.3).
    ///
    /// # Errors
    /// `NotFound`, `Unavailable`.
    pub async fn holds(&self, kind: ComponentKind) -> Result<bool> {
        let known = &self.house.held_kinds;
        let kinds = match known.get(self.target()) {
            Some(kinds) => kinds,
            None => {
                let kinds = self.look(Telling::Facts).await?.collection.facts.components.map(Arc::from);
                known.keep(self.target(), kinds.clone());
                kinds
            }
        };
        Ok(kinds.is_none_or(|kinds| kinds.contains(&kind)))
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
        match self.listing().await {
            // Its store tells no changes.
            Err(Error::Unsupported { .. }) => self.port.items(&self.permit.narrow()).await,
            told => Ok(told?.items()),
        }
    }

    /// Those of its items that may be in a time: all but what is known to be in another. What is known of is what was read lately.
    ///
    /// # Errors
    /// As [`Self::items`].
    pub async fn items_within(&self, time: Span) -> Result<Vec<ListedItem>> {
        let items = self.items().await?;
        Ok(self.house.spans.within(self.target(), items, time))
    }

    /// What is in it now: what was known, and what its store says has changed since.
    async fn listing(&self) -> Result<Arc<Listing>> {
        let store = self.port.as_changing().ok_or(Error::Unsupported { what: "telling changes" })?;
        let (at, permit) = (self.target(), self.permit.narrow());
        let mut known = self.house.listings.get(at);
        for _ in 0..MOST_TURNS {
            let Some(since) = store.since(&permit, known.as_ref().map(|known| known.state())).await? else {
                // That state is too old.
                known = None;
                continue;
            };
            let more = since.more;
            let listing = Arc::new(known.as_deref().cloned().unwrap_or_default().after(since));
            if listing.len() > MOST_ITEMS {
                return Err(Error::TooLarge { most: u64::try_from(MOST_ITEMS).unwrap_or(u64::MAX) });
            }
            if !more {
                self.house.listings.keep(at, Arc::clone(&listing));
                return Ok(listing);
            }
            known = Some(listing);
        }
        Err(Error::Unsupported { what: "telling changes within reason" })
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
        let mut read = self.read(&missing).await?;
        self.note_spans(&missing, &read).await?;
        let mut read = read.drain(..);
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

    /// Notes when items are that were read, beside what else the process does: a rule may take long to be followed.
    async fn note_spans(&self, names: &[ItemName], read: &[Option<CollectionItem>]) -> Result<()> {
        let fresh = names.iter().zip(read).filter_map(|(name, item)| Some((name.clone(), item.clone()?)));
        let fresh: Vec<(ItemName, CollectionItem)> = fresh.collect();
        if fresh.is_empty() || self.target().family != CollectionFamily::Calendars {
            return Ok(());
        }
        let (spans, span_of, at) = (self.house.spans.clone(), self.house.span_of, self.target().clone());
        let noted = tokio::task::spawn_blocking(move || {
            spans.note(&at, fresh.iter().map(|(name, item)| (name.as_str(), item)), span_of);
        });
        noted.await.map_err(|error| Error::internal("looking into a calendar", error))
    }
}

impl<R: Right> Authorized<CollectionRef, R> {
    /// Whether everything in it is told: to its owner, and to a job in the owner's name. Whoever has it by a grant, of whatever rights, sees of private events of a calendar
    /// when they are, and not what.
    pub fn tells_all(&self) -> bool {
        let CollectionRef { owner, family, .. } = self.target();
        match self.permit.actor() {
            Actor::System(_) => true,
            actor => *family != CollectionFamily::Calendars || actor.account() == Some(owner),
        }
    }

    /// An item as it is told here, `discreet` saying what is left where not everything is. `None` for what is not told at all.
    pub fn told(&self, item: CollectionItem, discreet: Discreet) -> Option<CollectionItem> {
        if self.tells_all() {
            return Some(item);
        }
        let CollectionItem { etag, content, is_too_large } = item;
        // What nobody has looked into may be private.
        if is_too_large {
            return None;
        }
        let content = match discreet(&content)? {
            Cow::Borrowed(_) => content,
            Cow::Owned(less) => Bytes::from(less),
        };
        Some(CollectionItem { etag, content, is_too_large })
    }

    /// Whether there is more in an item than is told here: whoever writes another in its place would take away what they do not know.
    pub fn hides(&self, content: &[u8], discreet: Discreet) -> bool {
        !self.tells_all() && !matches!(discreet(content), Some(Cow::Borrowed(_)))
    }
}

impl<R: Allows<Manage>> Authorized<CollectionRef, R> {
    /// Changes what its store has no room for: all steps or none.
    ///
    /// # Errors
    /// `OverQuota` when they become too many.
    pub async fn patch_properties(&self, changes: &[PropertyChange]) -> Result<()> {
        self.house.state.patch_properties(&Resource::target(self.target()), changes).await
    }
}
