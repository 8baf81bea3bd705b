//! What is in a collection already, by what it is known by.

use passerelle_core::{
    Allows, Authorized, Error, Read, Result,
    ports::{CollectionItem, ETag, MOST_READ},
};
use passerelle_model::{CollectionRef, ItemName};
use passerelle_wire_exchange::{Entry, Family};
use passerelle_wire_ical::discreet;
use std::collections::{HashMap, HashSet};

/// An item that is there.
#[derive(Clone, Debug)]
pub(crate) struct There {
    pub(crate) uid: String,
    pub(crate) name: ItemName,
    /// `None` where the store cannot say.
    pub(crate) etag: Option<ETag>,
    /// A digest of what it says.
    pub(crate) said: u64,
    /// Whether there is more in it than is told to whoever asks.
    pub(crate) hides: bool,
}

/// All of them.
#[derive(Debug, Default)]
pub(crate) struct Index {
    items: Vec<There>,
    by_uid: HashMap<String, usize>,
    by_known: HashMap<String, usize>,
    names: HashSet<ItemName>,
}

impl Index {
    /// Looks through a collection. What nobody can read is like nothing.
    pub(crate) async fn of<R: Allows<Read>>(handle: &Authorized<CollectionRef, R>, family: Family) -> Result<Self> {
        let mut index = Self::default();
        let listed = handle.items().await?;
        index.names = listed.iter().map(|item| item.name.clone()).collect();
        for some in listed.chunks(MOST_READ) {
            let contents = handle.contents(some).await?;
            let tells_all = handle.tells_all();
            let read = tokio::task::spawn_blocking(move || {
                contents.into_iter().filter_map(|item| read(family, tells_all, item)).collect::<Vec<_>>()
            });
            for (entry, there) in read.await.map_err(|error| Error::internal("looking into a collection", error))? {
                index.put(&entry, there);
            }
        }
        Ok(index)
    }

    /// The item that an entry is known for.
    pub(crate) fn find(&self, entry: &Entry) -> Option<&There> {
        let by_uid = self.by_uid.get(&entry.uid);
        let by_known = || entry.known_by.iter().find_map(|it| self.by_known.get(it));
        by_uid.or_else(by_known).and_then(|at| self.items.get(*at))
    }

    pub(crate) fn has_uid(&self, uid: &str) -> bool {
        self.by_uid.contains_key(uid)
    }

    pub(crate) fn has_name(&self, name: &ItemName) -> bool {
        self.names.contains(name)
    }

    /// An item that is there from now on, or is another one.
    pub(crate) fn put(&mut self, entry: &Entry, there: There) {
        let at =
            match self.by_uid.get(&there.uid).filter(|at| self.items.get(**at).is_some_and(|it| it.name == there.name))
            {
                Some(at) => *at,
                None => self.items.len(),
            };
        self.by_uid.entry(there.uid.clone()).or_insert(at);
        for known in &entry.known_by {
            self.by_known.entry(known.clone()).or_insert(at);
        }
        self.names.insert(there.name.clone());
        match self.items.get_mut(at) {
            Some(item) => *item = there,
            None => self.items.push(there),
        }
    }

    /// The tag of an item, when it is known.
    pub(crate) fn tag(&mut self, uid: &str, etag: Option<ETag>) {
        if let Some(item) = self.by_uid.get(uid).and_then(|at| self.items.get_mut(*at)) {
            item.etag = etag;
        }
    }
}

fn read(family: Family, tells_all: bool, (name, item): (ItemName, CollectionItem)) -> Option<(Entry, There)> {
    let mut entry = Entry::of_stored(family, &item.content)?;
    let hides = !tells_all && !matches!(discreet(&item.content), Some(std::borrow::Cow::Borrowed(_)));
    let there = There { uid: entry.uid.clone(), name, etag: Some(item.etag.clone()), said: entry.said(), hides };
    entry.octets = Vec::new();
    Some((entry, there))
}
