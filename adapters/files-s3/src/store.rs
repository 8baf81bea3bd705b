//! The store: each method of the port, on what the other modules do.

use crate::{
    client::Link,
    health, list,
    objects::clear_below,
    place::{Found, Place, mark},
    read,
    settings::Settings,
    tree::{self, Taken},
    upload::{self, Purpose},
};
use passerelle_core::{
    Add, Edit, Error, Lookup, Permit, Read, Remove, Result, Right,
    config::{Block, ConfigFault},
    ports::{Existing, FileContent, FileStore, Fut, Health, Legs, Node, NodeStream, Precondition, Upload},
};
use passerelle_model::{Account, NodeRef};
use std::{collections::BTreeSet, sync::Arc};

/// Files in one bucket.
pub(crate) struct S3Files {
    link: Link,
}

impl S3Files {
    pub(crate) fn build(block: &Block) -> Result<Arc<dyn FileStore>, ConfigFault> {
        let (settings, http) = Settings::read(block)?;
        Ok(Arc::new(Self { link: Link::new(Arc::new(settings), http) }))
    }

    /// The place of a permit's target.
    fn place<R: Right>(&self, at: &Permit<NodeRef, R>) -> Place {
        Place::of(&self.link.settings, at.target())
    }
}

fn taken(to: &Permit<NodeRef, Add>, existing: Existing<'_>) -> Result<Taken> {
    match existing {
        Existing::Keep => Ok(Taken::Refuse),
        Existing::Replace(replaced) if replaced.target() == to.target() => Ok(Taken::Replace),
        Existing::Replace(_) => Err(Error::internal("replacing", "a permit for another place")),
    }
}

impl Health for S3Files {
    fn name(&self) -> &str {
        self.link.name()
    }
    fn examine(&self) -> Legs<'_> {
        Box::pin(health::examine(&self.link))
    }
}

impl FileStore for S3Files {
    fn whereabouts(&self, owner: &Account) -> Option<String> {
        Some(format!("{}{}", self.link.settings.base, self.link.settings.root(owner)))
    }

    fn stat<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Node> {
        Box::pin(async move {
            let place = self.place(at);
            place.look(&self.link).await.map(|found| found.node(&place.name))
        })
    }

    fn list<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, NodeStream> {
        Box::pin(async move { list::list(self.link.clone(), &self.place(at)).await })
    }

    fn open<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, Box<dyn FileContent>> {
        Box::pin(async move { Ok(Box::new(read::open(self.link.clone(), &self.place(at)).await?) as _) })
    }

    fn create<'a>(&'a self, at: &'a Permit<NodeRef, Add>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        Box::pin(async move {
            let writing = upload::begin(self.link.clone(), self.place(at), Purpose::New, length).await?;
            Ok(Box::new(writing) as _)
        })
    }

    fn replace<'a>(&'a self, at: &'a Permit<NodeRef, Edit>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        Box::pin(async move {
            let writing = upload::begin(self.link.clone(), self.place(at), Purpose::Replace, length).await?;
            Ok(Box::new(writing) as _)
        })
    }

    fn make_folder<'a>(&'a self, at: &'a Permit<NodeRef, Add>) -> Fut<'a, Node> {
        Box::pin(async move {
            let place = self.place(at).below_root()?;
            let (above, there) = futures::join!(place.check_above(&self.link), place.there(&self.link));
            above?;
            if there?.is_some() {
                return Err(Error::Conflict);
            }
            if place.is_transfer() {
                // What is left of one that went is no part of this one.
                clear_below(&self.link, &place.folder(), &BTreeSet::new()).await?;
            }
            mark(&self.link, &place.folder()).await?;
            let found: Found = place.look(&self.link).await?;
            Ok(found.node(&place.name))
        })
    }

    fn remove<'a>(&'a self, at: &'a Permit<NodeRef, Remove>, when: &'a Precondition) -> Fut<'a, ()> {
        Box::pin(tree::remove(&self.link, self.place(at), when))
    }

    fn rename<'a>(
        &'a self,
        from: &'a Permit<NodeRef, Remove>,
        to: &'a Permit<NodeRef, Add>,
        existing: Existing<'a>,
    ) -> Fut<'a, ()> {
        Box::pin(async move { tree::rename(&self.link, self.place(from), self.place(to), taken(to, existing)?).await })
    }

    fn copy<'a>(
        &'a self,
        from: &'a Permit<NodeRef, Read>,
        to: &'a Permit<NodeRef, Add>,
        existing: Existing<'a>,
        deep: bool,
    ) -> Fut<'a, ()> {
        Box::pin(
            async move { tree::copy(&self.link, self.place(from), self.place(to), taken(to, existing)?, deep).await },
        )
    }
}
