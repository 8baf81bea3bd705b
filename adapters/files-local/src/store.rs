//! The store: each method of the port, on what the other modules do.

use crate::{
    copy,
    fault::fault,
    hands::{Own, Taken},
    health,
    lanes::{Lanes, Whose},
    list, meta,
    owner::Owner,
    place::LOOK,
    read, remove,
    settings::Settings,
    share::{Share, Span},
    temp::FOLDER_MODE,
    upload::{self, Purpose, put_in_place},
};
use passerelle_core::{
    Add, Edit, Error, Lookup, Permit, Read, Remove, Result, Right,
    config::{Block, ConfigFault},
    ports::{
        Existing, FileContent, FileStore, Fut, Health, Leg, Node, NodeKind, NodeStream, Precondition, Quota, Space,
        Upload,
    },
};
use passerelle_model::{Account, NodeRef};
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::Mode,
    io::Errno,
};
use std::{future::Future, path::Path, pin::Pin, sync::Arc};

const MAKING: &str = "making a folder";

/// Files in a folder of this machine, or of a server that is mounted here.
#[derive(Debug)]
pub struct LocalFiles {
    share: Arc<Share>,
    /// The helper that acts as the owners; without it the share's own hands act.
    helper: Option<Arc<Lanes>>,
}

impl LocalFiles {
    /// Reads the settings `path`, `create`, `fsync`, `act_as`, `hands`.
    ///
    /// # Errors
    /// A fault at the line that is wrong.
    pub fn build(block: &Block) -> Result<Arc<dyn FileStore>, ConfigFault> {
        let settings = Settings::read(block)?;
        Ok(Arc::new(Self::of(Share::with_hands(block.name(), settings, Arc::new(Own)))))
    }

    pub(crate) fn of(share: Arc<Share>) -> Self {
        let helper = share.settings.helper.as_deref().map(|socket| Arc::new(Lanes::new(socket)));
        Self { share, helper }
    }

    /// The share in the hands of whoever makes the calls on this owner's tree.
    fn share_of<R: Right>(&self, at: &Permit<NodeRef, R>) -> Result<Arc<Share>> {
        let Some(lanes) = &self.helper else { return Ok(Arc::clone(&self.share)) };
        let ids =
            at.owner_numbers().ok_or_else(|| Error::internal("acting as an owner", "a permit without numbers"))?;
        let whose = Whose { ids: Arc::clone(ids), root: self.share.root_path(at.target()).into() };
        Ok(self.share.in_hands_of(Arc::new(Owner { lanes: Arc::clone(lanes), whose })))
    }

    /// The same for what touches two places. No helper's thread is two people: between owners it is read and written.
    fn share_of_both<A: Right, B: Right>(
        &self,
        from: &Permit<NodeRef, A>,
        to: &Permit<NodeRef, B>,
    ) -> Result<Arc<Share>> {
        if self.helper.is_some() && from.target().owner != to.target().owner {
            return Err(Error::between_stores());
        }
        self.share_of(to)
    }
}

impl Health for LocalFiles {
    fn name(&self) -> &str {
        &self.share.name
    }
    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(health::examine(&self.share, self.helper.as_ref()))
    }
}

impl FileStore for LocalFiles {
    fn whereabouts(&self, owner: &Account) -> Option<String> {
        self.share.whereabouts(owner)
    }

    fn stat<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Node> {
        Box::pin(async move {
            let (share, node) = (self.share_of(at)?, at.target());
            if let Some(opened) = share.open_at_hand(node, LOOK) {
                return share.stat_of(node, &opened?);
            }
            let node = node.clone();
            share.run("looking at a file", Span::Call, move |share| share.stat(&node)).await
        })
    }

    fn list<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, NodeStream> {
        Box::pin(async move { list::list(&self.share_of(at)?, at.target()).await })
    }

    fn open<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, Box<dyn FileContent>> {
        Box::pin(async move { Ok(Box::new(read::open(&self.share_of(at)?, at.target()).await?) as _) })
    }

    fn create<'a>(&'a self, at: &'a Permit<NodeRef, Add>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        Box::pin(async move {
            let share = self.share_of(at)?;
            Ok(Box::new(upload::begin(&share, at.target(), Purpose::New, length).await?) as _)
        })
    }

    fn replace<'a>(&'a self, at: &'a Permit<NodeRef, Edit>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        Box::pin(async move {
            let share = self.share_of(at)?;
            Ok(Box::new(upload::begin(&share, at.target(), Purpose::Replace, length).await?) as _)
        })
    }

    fn make_folder<'a>(&'a self, at: &'a Permit<NodeRef, Add>) -> Fut<'a, Node> {
        Box::pin(async move {
            let node = at.target().clone();
            self.share_of(at)?.run(MAKING, Span::Call, move |share| make_folder(share, &node)).await
        })
    }

    fn remove<'a>(&'a self, at: &'a Permit<NodeRef, Remove>, when: &'a Precondition) -> Fut<'a, ()> {
        Box::pin(async move {
            let (node, when) = (at.target().clone(), when.clone());
            self.share_of(at)?.run("removing", Span::Tree, move |share| remove::remove(share, &node, &when)).await
        })
    }

    fn rename<'a>(
        &'a self,
        from: &'a Permit<NodeRef, Remove>,
        to: &'a Permit<NodeRef, Add>,
        existing: Existing<'a>,
    ) -> Fut<'a, ()> {
        Box::pin(async move {
            let (share, taken) = (self.share_of_both(from, to)?, taken(existing, to.target())?);
            let (from, to) = (from.target().clone(), to.target().clone());
            share.run("moving", Span::Tree, move |share| rename(share, &from, &to, taken)).await
        })
    }

    fn copy<'a>(
        &'a self,
        from: &'a Permit<NodeRef, Read>,
        to: &'a Permit<NodeRef, Add>,
        existing: Existing<'a>,
        deep: bool,
    ) -> Fut<'a, ()> {
        Box::pin(async move {
            let (share, taken) = (self.share_of_both(from, to)?, taken(existing, to.target())?);
            let (from, to) = (from.target().clone(), to.target().clone());
            share.run("copying", Span::Tree, move |share| copy::copy(share, &from, &to, taken, deep)).await
        })
    }

    fn acts_as_owner(&self) -> bool {
        self.helper.is_some()
    }

    fn as_quota(&self) -> Option<&dyn Quota> {
        Some(self)
    }
}

impl Quota for LocalFiles {
    /// What the file system says to us. Where it keeps quotas for each project or folder, that is the owner's; else it is
    /// the whole file system's.
    fn space<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Space> {
        let doing = "asking for room";
        Box::pin(async move {
            let node = at.target().clone();
            let room = move |share: &Arc<Share>| {
                let told = |errno| fault(&share.name, doing, errno);
                let opened = share.open(&node, LOOK, doing)?;
                let is_folder = meta::kind(&meta::opened(&opened).map_err(told)?) == Some(NodeKind::Folder);
                let folder = if is_folder { opened } else { share.open_parent(&node, doing)?.0 };
                share.hands.room(folder.as_fd()).map_err(told)
            };
            self.share_of(at)?.run(doing, Span::Call, room).await
        })
    }
}

impl Share {
    /// What is at a place.
    pub(crate) fn stat(&self, node: &NodeRef) -> Result<Node> {
        let opened = self.open(node, LOOK, "looking at a file")?;
        self.stat_of(node, &opened)
    }

    fn stat_of(&self, node: &NodeRef, opened: &OwnedFd) -> Result<Node> {
        let stat = meta::opened(opened).map_err(|errno| fault(&self.name, "looking at a file", errno))?;
        meta::node(node.path.name().unwrap_or_default(), &stat).ok_or(Error::NotFound)
    }
}

/// The permit to replace must be for the very place that is replaced.
fn taken(existing: Existing<'_>, to: &NodeRef) -> Result<Taken> {
    match existing {
        Existing::Keep => Ok(Taken::Refuse),
        Existing::Replace(permit) if permit.target() == to => Ok(Taken::Replace),
        Existing::Replace(_) => Err(Error::internal("replacing", "the permit is for another place")),
    }
}

fn make_folder(share: &Arc<Share>, node: &NodeRef) -> Result<Node> {
    // The root of a tree is there already.
    if node.path.is_root() {
        return Err(Error::Conflict);
    }
    let (folder, name) = share.open_parent(node, MAKING)?;
    let told = |errno| fault(&share.name, MAKING, errno);
    share.hands.make_folder(folder.as_fd(), Path::new(name), Mode::from_raw_mode(FOLDER_MODE)).map_err(told)?;
    share.sync_folder(&folder)?;
    let stat = share.named(&folder, name).map_err(told)?;
    meta::node(name, &stat).ok_or(Error::NotFound)
}

fn rename(share: &Arc<Share>, from: &NodeRef, to: &NodeRef, taken: Taken) -> Result<()> {
    let doing = "moving";
    let told = |errno| fault(&share.name, doing, errno);
    if from.owner == to.owner && to.path.is_within(&from.path) {
        return Err(Error::invalid("nothing can be moved into itself"));
    }
    let (source, name) = match share.open_parent(from, doing) {
        Err(Error::NoParent) => return Err(Error::NotFound),
        opened => opened?,
    };
    meta::kind(&share.named(&source, name).map_err(told)?).ok_or(Error::NotFound)?;
    let (folder, new) = share.open_parent(to, doing)?;
    match put_in_place(share, (&source, name), (&folder, new), taken) {
        // Another device is mounted somewhere in between.
        Err(Errno::XDEV) => return Err(Error::between_stores()),
        done => done.map_err(told)?,
    }
    share.sync_folder(&source)?;
    share.sync_folder(&folder)
}
