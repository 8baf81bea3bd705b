//! The store: each method of the port, on what the other modules do.

use crate::{
    copy,
    fault::fault,
    hands::Taken,
    health, list, meta,
    place::LOOK,
    read, remove,
    settings::Settings,
    share::{Share, Span},
    temp::FOLDER_MODE,
    upload::{self, Purpose, put_in_place},
};
use passerelle_core::{
    Add, Edit, Error, Lookup, Permit, Read, Remove, Result,
    config::{Block, ConfigFault},
    ports::{Existing, FileContent, FileStore, Fut, Health, Leg, Node, NodeStream, Precondition, Quota, Space, Upload},
};
use passerelle_model::{Account, NodeRef};
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::Mode,
    io::Errno,
};
use std::{future::Future, path::Path, pin::Pin, sync::Arc};

/// Files in a folder of this machine, or of a server that is mounted here.
#[derive(Debug)]
pub struct LocalFiles {
    share: Arc<Share>,
}

impl LocalFiles {
    /// Reads the settings `path`, `create`, `fsync`, `act_as`.
    ///
    /// # Errors
    /// A fault at the line that is wrong.
    pub fn build(block: &Block) -> Result<Arc<dyn FileStore>, ConfigFault> {
        let settings = Settings::read(block)?;
        Ok(Arc::new(Self::of(Share::new(block.name(), settings))))
    }

    pub(crate) fn of(share: Arc<Share>) -> Self {
        Self { share }
    }
}

impl Health for LocalFiles {
    fn name(&self) -> &str {
        &self.share.name
    }
    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(health::examine(&self.share))
    }
}

impl FileStore for LocalFiles {
    fn whereabouts(&self, owner: &Account) -> Option<String> {
        self.share.whereabouts(owner)
    }

    fn stat<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Node> {
        Box::pin(async move {
            let node = at.target();
            if let Some(opened) = self.share.open_at_hand(node, LOOK) {
                return self.share.stat_of(node, &opened?);
            }
            let node = node.clone();
            self.share.run("looking at a file", Span::Call, move |share| share.stat(&node)).await
        })
    }

    fn list<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, NodeStream> {
        Box::pin(list::list(&self.share, at.target()))
    }

    fn open<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, Box<dyn FileContent>> {
        Box::pin(async move { Ok(Box::new(read::open(&self.share, at.target()).await?) as _) })
    }

    fn create<'a>(&'a self, at: &'a Permit<NodeRef, Add>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        Box::pin(async move { Ok(Box::new(upload::begin(&self.share, at.target(), Purpose::New, length).await?) as _) })
    }

    fn replace<'a>(&'a self, at: &'a Permit<NodeRef, Edit>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        Box::pin(
            async move { Ok(Box::new(upload::begin(&self.share, at.target(), Purpose::Replace, length).await?) as _) },
        )
    }

    fn make_folder<'a>(&'a self, at: &'a Permit<NodeRef, Add>) -> Fut<'a, Node> {
        let node = at.target().clone();
        let doing = "making a folder";
        Box::pin(self.share.run(doing, Span::Call, move |share| {
            // The root of a tree is there already.
            if node.path.is_root() {
                return Err(Error::Conflict);
            }
            let (folder, name) = share.open_parent(&node, doing)?;
            let told = |errno| fault(&share.name, doing, errno);
            share.hands.make_folder(folder.as_fd(), Path::new(name), Mode::from_raw_mode(FOLDER_MODE)).map_err(told)?;
            share.sync_folder(&folder)?;
            let stat = meta::named(&folder, name).map_err(told)?;
            meta::node(name, &stat).ok_or(Error::NotFound)
        }))
    }

    fn remove<'a>(&'a self, at: &'a Permit<NodeRef, Remove>, when: &'a Precondition) -> Fut<'a, ()> {
        let (node, when) = (at.target().clone(), when.clone());
        Box::pin(self.share.run("removing", Span::Tree, move |share| remove::remove(share, &node, &when)))
    }

    fn rename<'a>(
        &'a self,
        from: &'a Permit<NodeRef, Remove>,
        to: &'a Permit<NodeRef, Add>,
        existing: Existing<'a>,
    ) -> Fut<'a, ()> {
        let (from, to) = (from.target().clone(), to.target().clone());
        let taken = taken(existing, &to);
        Box::pin(async move {
            let taken = taken?;
            self.share.run("moving", Span::Tree, move |share| rename(share, &from, &to, taken)).await
        })
    }

    fn copy<'a>(
        &'a self,
        from: &'a Permit<NodeRef, Read>,
        to: &'a Permit<NodeRef, Add>,
        existing: Existing<'a>,
        deep: bool,
    ) -> Fut<'a, ()> {
        let (from, to) = (from.target().clone(), to.target().clone());
        let taken = taken(existing, &to);
        Box::pin(async move {
            let taken = taken?;
            self.share.run("copying", Span::Tree, move |share| copy::copy(share, &from, &to, taken, deep)).await
        })
    }

    fn as_quota(&self) -> Option<&dyn Quota> {
        Some(self)
    }
}

impl Quota for LocalFiles {
    /// What the file system says to us. Where it keeps quotas for each project or folder, that is the owner's; else it is
    /// the whole file system's.
    fn space<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Space> {
        let node = at.target().clone();
        let doing = "asking for room";
        Box::pin(self.share.run(doing, Span::Call, move |share| {
            let place = share.open(&node, LOOK, doing)?;
            let room = rustix::fs::fstatvfs(&place).map_err(|errno| fault(&share.name, doing, errno))?;
            let octets = |blocks: u64| blocks.saturating_mul(room.f_frsize);
            let used = room.f_blocks.saturating_sub(room.f_bfree);
            Ok(Space { available: octets(room.f_bavail), used: octets(used) })
        }))
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
    meta::kind(&meta::named(&source, name).map_err(told)?).ok_or(Error::NotFound)?;
    let (folder, new) = share.open_parent(to, doing)?;
    match put_in_place(share, (&source, name), (&folder, new), taken) {
        // Another device is mounted somewhere in between.
        Err(Errno::XDEV) => return Err(Error::Unsupported { what: "moving between file systems" }),
        done => done.map_err(told)?,
    }
    share.sync_folder(&source)?;
    share.sync_folder(&folder)
}
