//! The port, on files.

use crate::{
    facts,
    folder::{self, Place},
    health, items, settings,
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use passerelle_core::{
    Add, CollectionFolder, Edit, Error, Lookup, Manage, Mount, Permit, Read, Remove, Result,
    config::{Block, ConfigFault},
    ports::{
        Collection, CollectionFacts, CollectionItem, CollectionStore, ETag, Fut, Health, KeptAsFiles, Legs, ListedItem,
        Precondition, Telling,
    },
};
use passerelle_model::{CollectionFamily, CollectionRef, ItemName, NodePath, NodeRef};
use std::sync::Arc;

/// How many collections are looked at at once.
const AT_ONCE: usize = 8;

/// Collections of one family in a folder of each owner's tree.
#[derive(Debug)]
pub(crate) struct FileCollections {
    name: String,
    files: CollectionFolder,
}

impl FileCollections {
    pub(crate) fn build(
        block: &Block,
        family: CollectionFamily,
        mounts: &[Mount],
    ) -> Result<Arc<dyn CollectionStore>, ConfigFault> {
        let files = settings::read(block, family, mounts)?;
        let name = format!("{} ({} of {})", block.name(), files.path().as_str(), files.store().name());
        Ok(Arc::new(Self { name, files }))
    }

    async fn make(&self, at: &Permit<CollectionRef, Manage>, said: &CollectionFacts) -> Result<()> {
        for level in self.files.levels::<_, Add>(at) {
            match self.files.store().make_folder(&level).await {
                Ok(_) | Err(Error::Conflict) => {}
                Err(error) => return Err(error),
            }
        }
        let place = folder::place_of(at, &self.files).await?;
        let folder: Permit<_, Add> = self.files.permit(at, &[&place.folder])?;
        self.files.store().make_folder(&folder).await?;
        // A folder alone is a collection too: whoever is stopped here has one of which nothing is said.
        facts::write_first(at, &self.files, &place, said).await
    }
}

impl Health for FileCollections {
    fn name(&self) -> &str {
        &self.name
    }

    fn examine(&self) -> Legs<'_> {
        Box::pin(health::examine(&self.files))
    }
}

impl CollectionStore for FileCollections {
    fn collections<'a>(&'a self, of: &'a Permit<CollectionRef, Read>, tell: Telling) -> Fut<'a, Vec<Collection>> {
        Box::pin(async move {
            let at = &of.narrow();
            let one = |place: Place| async move {
                match facts::collection(at, &self.files, &place, tell).await {
                    Ok(collection) => Ok(Some(collection)),
                    // Gone since the listing.
                    Err(Error::NotFound) => Ok(None),
                    Err(error) => Err(error),
                }
            };
            let places = folder::collections(of, &self.files).await?;
            let looked = stream::iter(places).map(one).buffered(AT_ONCE);
            looked.try_filter_map(|found| async move { Ok(found) }).try_collect().await
        })
    }

    fn look<'a>(&'a self, at: &'a Permit<CollectionRef, Lookup>, tell: Telling) -> Fut<'a, Collection> {
        Box::pin(async move {
            let place = folder::place_of(at, &self.files).await?;
            items::check_there(at, &self.files, &place).await?;
            facts::collection(at, &self.files, &place, tell).await
        })
    }

    fn make<'a>(&'a self, at: &'a Permit<CollectionRef, Manage>, facts: &'a CollectionFacts) -> Fut<'a, ()> {
        Box::pin(self.make(at, facts))
    }

    fn change<'a>(&'a self, at: &'a Permit<CollectionRef, Manage>, facts: &'a CollectionFacts) -> Fut<'a, ()> {
        Box::pin(async move {
            let place = folder::place_of(at, &self.files).await?;
            items::check_there(at, &self.files, &place).await?;
            facts::change(at, &self.files, &place, facts).await
        })
    }

    fn delete<'a>(&'a self, at: &'a Permit<CollectionRef, Manage>) -> Fut<'a, ()> {
        Box::pin(async move {
            let place = folder::place_of(at, &self.files).await?;
            items::check_there(at, &self.files, &place).await?;
            let permit: Permit<_, Remove> = self.files.permit(at, &[&place.folder])?;
            self.files.store().remove(&permit, &Precondition::None).await
        })
    }

    fn items<'a>(&'a self, at: &'a Permit<CollectionRef, Read>) -> Fut<'a, Vec<ListedItem>> {
        Box::pin(async move {
            let place = folder::place_of(at, &self.files).await?;
            let found = folder::items(at, &self.files, &place).await?;
            Ok(found.into_iter().map(|(name, node)| ListedItem { name, etag: node.etag }).collect())
        })
    }

    fn read<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Read>,
        names: &'a [ItemName],
    ) -> Fut<'a, Vec<Option<CollectionItem>>> {
        Box::pin(async move {
            let place = folder::place_of(at, &self.files).await?;
            items::read(at, &self.files, &place, names).await
        })
    }

    fn add<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Add>,
        name: &'a ItemName,
        content: &'a Bytes,
    ) -> Fut<'a, Option<ETag>> {
        Box::pin(async move {
            let place = folder::place_of(at, &self.files).await?;
            items::add(at, &self.files, &place, name, content).await
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
            let place = folder::place_of(at, &self.files).await?;
            items::replace(at, &self.files, &place, name, content, when).await
        })
    }

    fn remove<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Remove>,
        name: &'a ItemName,
        when: &'a Precondition,
    ) -> Fut<'a, ()> {
        Box::pin(async move {
            let place = folder::place_of(at, &self.files).await?;
            items::remove(at, &self.files, &place, name, when).await
        })
    }

    fn as_files(&self) -> Option<&dyn KeptAsFiles> {
        Some(self)
    }
}

impl KeptAsFiles for FileCollections {
    fn folder(&self) -> &NodePath {
        self.files.path()
    }

    fn acts_as_owner(&self) -> bool {
        self.files.store().acts_as_owner()
    }

    fn place<'a>(&'a self, at: &'a Permit<CollectionRef, Lookup>, name: Option<&'a ItemName>) -> Fut<'a, NodeRef> {
        Box::pin(async move {
            let place = folder::place_of(at, &self.files).await?;
            let owner = &at.target().owner;
            match name {
                None => self.files.place(owner, &[&place.folder]),
                Some(name) => {
                    let file = folder::file_of(at, &self.files, &place, name).await?;
                    self.files.place(owner, &[&place.folder, &file])
                }
            }
        })
    }
}
