//! Handles on files and folders. Beside the store they keep State true: grants and properties follow a move made here,
//! and nothing that hung on a removed file hangs on the next of its name.

use super::{guard::Guard, scanning::FileWatch};
use crate::{
    Actor, Add, Allows, Authorized, Edit, Error, Lookup, Read, Remove, Resource, Result, Right,
    house::House,
    ports::{
        Existing, FileContent, Fut, Node, NodeStream, Precondition, ScanOf, Space, Upload,
        state::{Lock, LockDepth, LockScope, LockToken, Property, PropertyChange, Sharing},
    },
};
use bytes::Bytes;
use passerelle_model::{NodeRef, Timestamp};
use std::sync::Arc;

impl<R: Allows<Lookup>> Authorized<NodeRef, R> {
    /// What is here.
    ///
    /// # Errors
    /// `NotFound` when nothing is.
    pub async fn stat(&self) -> Result<Node> {
        self.port.stat(&self.permit.narrow()).await
    }

    /// How much room there is, where the store can tell.
    ///
    /// # Errors
    /// `Unsupported` where it cannot.
    pub async fn space(&self) -> Result<Space> {
        let quota = self.port.as_quota().ok_or(Error::Unsupported { what: "quota" })?;
        quota.space(&self.permit.narrow()).await
    }

    /// Refuses what has no room here, for whoever knows about how much will come and not exactly: an exact length is for
    /// [`Self::create`] and [`Self::replace`]. Where the store cannot tell, it will say so when it is full.
    ///
    /// # Errors
    /// `OverQuota`.
    pub async fn check_fits(&self, octets: u64) -> Result<()> {
        let Some(quota) = self.port.as_quota() else { return Ok(()) };
        // The place itself may not be there yet.
        let folder = self.target().parent().unwrap_or_else(|| self.target().clone());
        match quota.space(&self.permit.kept_at(folder)).await {
            Ok(space) if space.available < octets => Err(Error::OverQuota),
            Ok(_) | Err(Error::Unsupported { .. } | Error::NotFound) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// The dead properties.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn properties(&self) -> Result<Vec<Property>> {
        self.house.state.properties(&Resource::target(self.target())).await
    }

    /// The locks in force here, its own and those from above.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn locks(&self) -> Result<Vec<Lock>> {
        self.house.state.locks_on(&Resource::target(self.target()), (self.house.clock)()).await
    }

    /// The locks in force below.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn locks_below(&self) -> Result<Vec<Lock>> {
        self.house.state.locks_below(&Resource::target(self.target()), (self.house.clock)()).await
    }
}

impl<R: Allows<Read>> Authorized<NodeRef, R> {
    /// What is in this folder.
    ///
    /// # Errors
    /// `NotFound` when it is gone, `Invalid` when it is no folder; an error in the stream means the listing is not whole.
    pub async fn list(&self) -> Result<NodeStream> {
        super::transfer_bounds::sweep(self);
        self.port.list(&self.permit.narrow()).await
    }

    /// Opens the file. By a link that is for so many downloads, each is one, whatever is read of it.
    ///
    /// # Errors
    /// `NotFound` when it is gone, or a link is used up; `Invalid` when it is a folder.
    pub async fn open(&self) -> Result<Box<dyn FileContent>> {
        let content = self.port.open(&self.permit.narrow()).await?;
        if let Actor::Link(holder) = self.permit.actor()
            && holder.counted
            && !self.house.state.count_download(&holder.id).await?
        {
            return Err(Error::NotFound);
        }
        Ok(content)
    }

    /// The dead properties of everything in this folder, by path.
    ///
    /// # Errors
    /// `Unavailable` when State cannot say.
    pub async fn properties_inside(&self) -> Result<Vec<(String, Property)>> {
        self.house.state.properties_in(&Resource::target(self.target())).await
    }

    /// Copies it to where the other handle proves that something may be added.
    ///
    /// # Errors
    /// [`Error::between_stores`]: read and write instead. `Unsupported` otherwise: nothing is touched.
    pub async fn copy_to<A: Allows<Add>, D: Allows<Remove>>(
        &self,
        to: &Authorized<NodeRef, A>,
        replaced: Option<&Authorized<NodeRef, D>>,
        deep: bool,
    ) -> Result<()> {
        same_store(self, to)?;
        let (port, source, goal) = (Arc::clone(&self.port), self.permit.narrow(), to.permit.narrow());
        let replaced = replaced.map(|it| it.permit.narrow());
        let (from, to, guard) = (Resource::target(self.target()), Resource::target(to.target()), Guard::of(to));
        guard
            .run(move |house| async move {
                let existing = replaced.as_ref().map_or(Existing::Keep, Existing::Replace);
                port.copy(&source, &goal, existing, deep).await?;
                house.state.copied(&from, &to, deep).await
            })
            .await
    }
}

impl<R: Allows<Add>> Authorized<NodeRef, R> {
    /// Begins a new file here.
    ///
    /// # Errors
    /// `NoParent`, `Conflict`, `OverQuota`, `TooLarge`; and at the commit what [`Upload::commit`] says.
    pub async fn create(&self, length: Option<u64>) -> Result<Box<dyn Upload>> {
        let room = Room::for_upload(&self.house, self.target(), length)?;
        let permit = self.permit.narrow();
        let upload = self.port.create(&permit, length).await?;
        let tenant = self.house.tenant(&self.target().owner.institution)?;
        let watch = FileWatch::begin(tenant, ScanOf::Added(&permit)).await;
        Ok(Box::new(GuardedUpload { upload, guard: Guard::of(self), new: true, room, watch }))
    }

    /// Makes a folder here.
    ///
    /// # Errors
    /// `Conflict` when the name is taken, `NoParent` when there is no folder above.
    pub async fn make_folder(&self) -> Result<Node> {
        let (port, permit, target) = (Arc::clone(&self.port), self.permit.narrow(), Resource::target(self.target()));
        let made = move |house: Arc<House>| async move {
            let node = port.make_folder(&permit).await?;
            house.state.made(&target).await?;
            Ok(node)
        };
        Guard::of(self).run(made).await
    }
}

impl<R: Allows<Edit>> Authorized<NodeRef, R> {
    /// Begins to replace the file's content.
    ///
    /// # Errors
    /// `NotFound` when there is none, `TooLarge`; and at the commit what [`Upload::commit`] says.
    pub async fn replace(&self, length: Option<u64>) -> Result<Box<dyn Upload>> {
        let room = Room::for_upload(&self.house, self.target(), length)?;
        let permit = self.permit.narrow();
        let upload = self.port.replace(&permit, length).await?;
        let tenant = self.house.tenant(&self.target().owner.institution)?;
        let watch = FileWatch::begin(tenant, ScanOf::Replaced(&permit)).await;
        Ok(Box::new(GuardedUpload { upload, guard: Guard::of(self), new: false, room, watch }))
    }

    /// Changes dead properties: all steps or none.
    ///
    /// # Errors
    /// `OverQuota` when they become too many.
    pub async fn patch_properties(&self, changes: &[PropertyChange]) -> Result<()> {
        self.house.state.patch_properties(&Resource::target(self.target()), changes).await
    }
}

/// A lock to be taken. The token comes from outside, so that it can be tested.
#[derive(Debug, Clone)]
pub struct NewLock {
    /// Its token: an absolute URI.
    pub token: LockToken,
    /// How far down it reaches.
    pub depth: LockDepth,
    /// Exclusive or shared.
    pub scope: LockScope,
    /// What the client says of its owner.
    pub owner: String,
    /// When it ends by itself.
    pub expires: Timestamp,
}

/// Locks are taken by whoever may change or add; which of the two, the surface has asked by the right it opened with.
impl<R: Right> Authorized<NodeRef, R> {
    /// Takes a lock here, in the actor's name.
    ///
    /// # Errors
    /// `Locked` when another one is in the way; `Forbidden` for whoever may neither edit nor add here, and for a link.
    pub async fn lock(&self, new: NewLock) -> Result<Lock> {
        self.check_may_lock()?;
        let holder = self.permit.actor().account().ok_or(Error::Forbidden)?.clone();
        let NewLock { token, depth, scope, owner, expires } = new;
        let lock = Lock { token, target: Resource::target(self.target()), depth, scope, holder, owner, expires };
        self.house.state.lock(&lock, self.now()).await?;
        Ok(lock)
    }

    /// Prolongs a lock that reaches here; `None` when none of that token does.
    ///
    /// # Errors
    /// `Forbidden` for whoever neither holds it nor owns the file.
    pub async fn refresh_lock(&self, token: &str, expires: Timestamp) -> Result<Option<Lock>> {
        if !self.holds_lock(token).await? {
            return Ok(None);
        }
        self.house.state.refresh(token, expires, self.now()).await
    }

    /// Gives a lock back that reaches here; `false` when none of that token does.
    ///
    /// # Errors
    /// As [`Self::refresh_lock`].
    pub async fn unlock(&self, token: &str) -> Result<bool> {
        Ok(self.holds_lock(token).await? && self.house.state.unlock(token).await?)
    }

    /// Whether a lock of this token reaches here and is this actor's to handle.
    async fn holds_lock(&self, token: &str) -> Result<bool> {
        self.check_may_lock()?;
        let locks = self.house.state.locks_on(&Resource::target(self.target()), self.now()).await?;
        let Some(lock) = locks.into_iter().find(|lock| lock.token == token) else { return Ok(false) };
        let actor = self.permit.actor().account();
        if actor == Some(&lock.holder) || actor == Some(&self.target().owner) {
            Ok(true)
        } else {
            Err(Error::Forbidden)
        }
    }

    fn check_may_lock(&self) -> Result<()> {
        use passerelle_model::Rights;
        if self.held.contains(Rights::EDIT) || self.held.contains(Rights::ADD) { Ok(()) } else { Err(Error::Forbidden) }
    }

    /// The time by the gate's clock, for whoever sets an end.
    pub fn now(&self) -> Timestamp {
        (self.house.clock)()
    }
}

impl<R: Allows<Remove>> Authorized<NodeRef, R> {
    /// Removes it, with all that is in it.
    ///
    /// # Errors
    /// `Conflict` when the condition does not hold.
    pub async fn remove(&self, when: &Precondition) -> Result<()> {
        let (port, permit, target) = (Arc::clone(&self.port), self.permit.narrow(), Resource::target(self.target()));
        let when = when.clone();
        let removed = move |house: Arc<House>| async move {
            port.remove(&permit, &when).await?;
            house.state.gone(&target).await
        };
        Guard::of(self).run(removed).await
    }

    /// Moves it to where the other handle proves that something may be added.
    ///
    /// # Errors
    /// [`Error::between_stores`]: copy and remove instead. `Unsupported` otherwise: nothing is touched.
    pub async fn move_to<A: Allows<Add>, D: Allows<Remove>>(
        &self,
        to: &Authorized<NodeRef, A>,
        replaced: Option<&Authorized<NodeRef, D>>,
    ) -> Result<()> {
        same_store(self, to)?;
        let (port, source, goal) = (Arc::clone(&self.port), self.permit.narrow(), to.permit.narrow());
        let replaced = replaced.map(|it| it.permit.narrow());
        // In another owner's tree the old owner's grants would be a way in that the new owner never gave.
        let sharing = if self.target().owner == to.target().owner { Sharing::Carried } else { Sharing::Ended };
        let (from, to, guard) = (Resource::target(self.target()), Resource::target(to.target()), Guard::of(to));
        let guard = guard.with_source(from.clone());
        guard
            .run(move |house| async move {
                let existing = replaced.as_ref().map_or(Existing::Keep, Existing::Replace);
                port.rename(&source, &goal, existing).await?;
                house.state.moved(&from, &to, sharing).await
            })
            .await
    }
}

fn same_store<A: Right, B: Right>(from: &Authorized<NodeRef, A>, to: &Authorized<NodeRef, B>) -> Result<()> {
    if Arc::ptr_eq(&from.port, &to.port) { Ok(()) } else { Err(Error::between_stores()) }
}

/// A store's upload with the lease around its commit.
struct GuardedUpload {
    upload: Box<dyn Upload>,
    guard: Guard,
    new: bool,
    room: Room,
    /// Who looks into it; nothing of it is there before their word.
    watch: Option<FileWatch>,
}

/// How much of an upload its institution still takes.
pub(super) struct Room(Option<(u64, u64)>);

/// An upload that is counted and nothing else.
struct Counted {
    upload: Box<dyn Upload>,
    room: Room,
}

impl Room {
    /// The room for an upload that announces its length, or not.
    pub(super) fn for_upload(house: &House, target: &NodeRef, length: Option<u64>) -> Result<Self> {
        let most = house.tenant(&target.owner.institution)?.facts.limits.largest_upload();
        match (most, length) {
            (Some(most), Some(length)) if length > most => Err(Error::TooLarge { most }),
            (most, _) => Ok(Self(most.map(|most| (most, most)))),
        }
    }

    /// The upload, held to this room.
    pub(super) fn around(self, upload: Box<dyn Upload>) -> Box<dyn Upload> {
        Box::new(Counted { upload, room: self })
    }

    fn take(&mut self, octets: usize) -> Result<()> {
        let Some((most, left)) = &mut self.0 else { return Ok(()) };
        let taken = u64::try_from(octets).ok().and_then(|octets| left.checked_sub(octets));
        *left = taken.ok_or(Error::TooLarge { most: *most })?;
        Ok(())
    }
}

impl Upload for Counted {
    fn write<'a>(&'a mut self, piece: Bytes) -> Fut<'a, ()> {
        match self.room.take(piece.len()) {
            Ok(()) => self.upload.write(piece),
            Err(error) => Box::pin(std::future::ready(Err(error))),
        }
    }

    fn date(&mut self, seconds: i64) {
        self.upload.date(seconds);
    }

    fn commit<'a>(self: Box<Self>, when: &'a Precondition) -> Fut<'a, Node>
    where
        Self: 'a,
    {
        self.upload.commit(when)
    }
}

impl Upload for GuardedUpload {
    fn write<'a>(&'a mut self, piece: Bytes) -> Fut<'a, ()> {
        if let Err(error) = self.room.take(piece.len()) {
            return Box::pin(std::future::ready(Err(error)));
        }
        match &mut self.watch {
            None => self.upload.write(piece),
            Some(watch) => {
                let written = self.upload.write(piece.clone());
                Box::pin(async move { tokio::join!(watch.write(&piece), written).1 })
            }
        }
    }

    fn date(&mut self, seconds: i64) {
        self.upload.date(seconds);
    }

    fn commit<'a>(self: Box<Self>, when: &'a Precondition) -> Fut<'a, Node>
    where
        Self: 'a,
    {
        let Self { upload, guard, new, room: _, watch } = *self;
        let (when, target) = (when.clone(), guard.target().clone());
        let written = move |house: Arc<House>| async move {
            let node = upload.commit(&when).await?;
            if new {
                // What hung on a file of this name that was removed behind our back must not hang on the new one.
                house.state.made(&target).await?;
            }
            Ok(node)
        };
        Box::pin(async move {
            if let Some(watch) = watch {
                watch.verdict().await?;
            }
            guard.run(written).await
        })
    }
}
