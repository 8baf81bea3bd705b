//! Handles on calendars and address books: what changes them.
//!
//! Where items are files in their owner's tree, a write is in turn with whoever writes to that file by another way, the institution's
//! scanners see it first, and what hung on a file of its name does not hang on the next.

use super::{guard::Guard, node::Room, scanning::FileWatch};
use crate::{
    Add, Allows, Authorized, Edit, Error, Manage, Remove, Resource, Result, Right,
    permit::Permit,
    ports::{CollectionFacts, ETag, KeptAsFiles, Precondition, ScanOf},
    rights::Lookup,
};
use bytes::Bytes;
use passerelle_model::{CollectionRef, ItemName, NodeRef};
use std::sync::Arc;

impl<R: Allows<Add>> Authorized<CollectionRef, R> {
    /// Puts a new item in. Its tag is `None` where the store keeps other octets than it was given, or cannot say.
    ///
    /// # Errors
    /// `Conflict` when the name is taken, `Invalid` when the store does not take it or a scanner found something in it.
    pub async fn add(&self, name: &ItemName, content: &Bytes) -> Result<Option<ETag>> {
        let permit: Permit<_, Add> = self.permit.narrow();
        let Some(files) = self.port.as_files() else {
            return self.noting(self.port.add(&permit, name, content).await);
        };
        let place = files.place(&permit.narrow(), Some(name)).await?;
        self.screen(ScanOf::Added(&permit.kept_at(place.clone())), &place, content).await?;
        let (port, name, content) = (Arc::clone(&self.port), name.clone(), content.clone());
        let guard = Guard::at(&self.house, Resource::target(&place));
        let target = guard.target().clone();
        let done = guard
            .run(move |house| async move {
                let tag = port.add(&permit, &name, &content).await?;
                house.state.made(&target).await?;
                Ok(tag)
            })
            .await;
        self.noting(done)
    }
}

impl<R: Allows<Edit>> Authorized<CollectionRef, R> {
    /// Replaces an item; its new tag as by [`Self::add`].
    ///
    /// # Errors
    /// `NotFound` when it is gone, `Conflict` when the condition does not hold, `Invalid` as for [`Self::add`].
    pub async fn replace(&self, name: &ItemName, content: &Bytes, when: &Precondition) -> Result<Option<ETag>> {
        let permit: Permit<_, Edit> = self.permit.narrow();
        let Some(files) = self.port.as_files() else {
            return self.noting(self.port.replace(&permit, name, content, when).await);
        };
        let place = files.place(&permit.narrow(), Some(name)).await?;
        self.screen(ScanOf::Replaced(&permit.kept_at(place.clone())), &place, content).await?;
        let (port, name, content, when) = (Arc::clone(&self.port), name.clone(), content.clone(), when.clone());
        let write = move |_| async move { port.replace(&permit, &name, &content, &when).await };
        self.noting(Guard::at(&self.house, Resource::target(&place)).run(write).await)
    }
}

impl<R: Allows<Remove>> Authorized<CollectionRef, R> {
    /// Removes an item.
    ///
    /// # Errors
    /// `NotFound`, `Conflict` when the condition does not hold.
    pub async fn remove(&self, name: &ItemName, when: &Precondition) -> Result<()> {
        let permit: Permit<_, Remove> = self.permit.narrow();
        let Some(files) = self.port.as_files() else {
            return self.noting(self.port.remove(&permit, name, when).await);
        };
        let guard = self.guard(files, &permit.narrow(), Some(name)).await?;
        let (port, name, when, target) = (Arc::clone(&self.port), name.clone(), when.clone(), guard.target().clone());
        let done = guard
            .run(move |house| async move {
                port.remove(&permit, &name, &when).await?;
                house.state.gone(&target).await
            })
            .await;
        self.noting(done)
    }
}

impl<R: Allows<Manage>> Authorized<CollectionRef, R> {
    /// Makes it at the store. What hung on an earlier one of its name does not hang on this.
    ///
    /// # Errors
    /// `Conflict` when the name is taken, `Forbidden` for one that only a calendar from elsewhere has.
    pub async fn make(&self, facts: &CollectionFacts) -> Result<()> {
        if self.target().elsewhere().is_some() {
            return Err(Error::Forbidden);
        }
        let permit: Permit<_, Manage> = self.permit.narrow();
        match self.port.as_files() {
            None => self.port.make(&permit, facts).await?,
            Some(files) => {
                let guard = self.guard(files, &permit.narrow(), None).await?;
                let (port, facts, folder) = (Arc::clone(&self.port), facts.clone(), guard.target().clone());
                let make = move |house: Arc<crate::house::House>| async move {
                    port.make(&permit, &facts).await?;
                    house.state.made(&folder).await
                };
                guard.run(make).await?;
            }
        }
        self.house.held_kinds.forget(self.target());
        self.house.news.tell(self.target());
        self.house.state.gone(&Resource::target(self.target())).await
    }

    /// Changes what is said of it.
    ///
    /// # Errors
    /// `NotFound`; `Unsupported` for what the store cannot keep.
    pub async fn change(&self, facts: &CollectionFacts) -> Result<()> {
        let permit: Permit<_, Manage> = self.permit.narrow();
        let Some(files) = self.port.as_files() else {
            return self.noting(self.port.change(&permit, facts).await);
        };
        let guard = self.guard(files, &permit.narrow(), None).await?;
        let (port, facts) = (Arc::clone(&self.port), facts.clone());
        self.noting(guard.run(move |_| async move { port.change(&permit, &facts).await }).await)
    }

    /// Removes it with all that is in it, and what hangs on it.
    ///
    /// # Errors
    /// `NotFound`; `Unavailable` when State cannot be written: then grants hang at a name that nothing has.
    pub async fn delete(&self) -> Result<()> {
        let permit: Permit<_, Manage> = self.permit.narrow();
        match self.port.as_files() {
            None => self.port.delete(&permit).await?,
            Some(files) => {
                let guard = self.guard(files, &permit.narrow(), None).await?;
                let (port, folder) = (Arc::clone(&self.port), guard.target().clone());
                let delete = move |house: Arc<crate::house::House>| async move {
                    port.delete(&permit).await?;
                    house.state.gone(&folder).await
                };
                guard.run(delete).await?;
            }
        }
        self.house.held_kinds.forget(self.target());
        self.house.news.tell(self.target());
        self.house.state.gone(&Resource::target(self.target())).await
    }
}

impl<R: Right> Authorized<CollectionRef, R> {
    /// Whoever listens looks again at what was done.
    fn noting<T>(&self, done: Result<T>) -> Result<T> {
        if done.is_ok() {
            self.house.news.tell(self.target());
        }
        done
    }

    /// The turn at an item's file, or without a name at the collection's folder.
    async fn guard(
        &self,
        files: &dyn KeptAsFiles,
        at: &Permit<CollectionRef, Lookup>,
        name: Option<&ItemName>,
    ) -> Result<Guard> {
        Ok(Guard::at(&self.house, Resource::target(&files.place(at, name).await?)))
    }

    /// What every file of the institution is held to before it is written, whichever way it comes.
    async fn screen(&self, of: ScanOf<'_>, place: &NodeRef, content: &Bytes) -> Result<()> {
        Room::for_upload(&self.house, place, u64::try_from(content.len()).ok())?;
        let tenant = self.house.tenant(&place.owner.institution)?;
        match FileWatch::begin(tenant, of).await {
            None => Ok(()),
            Some(mut watch) => {
                watch.write(content).await;
                watch.verdict().await
            }
        }
    }
}
