//! The store: each method of the port, on what the other modules do.

use crate::{
    fault::{fault, parent_fault},
    health,
    link::{Link, Links},
    list, meta,
    place::Place,
    read,
    settings::Settings,
    tree::{self, Taken},
    upload::{self, Purpose},
};
use passerelle_core::{
    Add, Edit, Error, Lookup, Permit, Read, Remove, Result, Right,
    config::{Block, ConfigFault},
    ports::{
        Existing, FileContent, FileStore, Fut, Health, Legs, Node, NodeStream, Precondition, Quota, Space, Upload,
    },
};
use passerelle_model::{Account, NodeRef};
use std::sync::Arc;

/// Files on one share.
pub(crate) struct SmbFiles {
    settings: Arc<Settings>,
    links: Links,
}

impl SmbFiles {
    pub(crate) fn build(block: &Block) -> Result<Arc<dyn FileStore>, ConfigFault> {
        Ok(Arc::new(Self { settings: Arc::new(Settings::read(block)?), links: Links::new() }))
    }

    /// The connection and the path of a permit's target.
    async fn reach<R: Right>(&self, at: &Permit<NodeRef, R>) -> Result<(Arc<Link>, Place)> {
        let place = Place::of(&self.settings, at.target())?;
        Ok((self.links.of(&self.settings, at).await?, place))
    }

    /// The same for what touches two places: they are one connection's.
    async fn reach_both<A: Right, B: Right>(
        &self,
        from: &Permit<NodeRef, A>,
        to: &Permit<NodeRef, B>,
        existing: Existing<'_>,
    ) -> Result<(Arc<Link>, Place, Place, Taken)> {
        if self.settings.service.is_none() && from.target().owner != to.target().owner {
            return Err(Error::between_stores());
        }
        let taken = match existing {
            Existing::Keep => Taken::Refuse,
            Existing::Replace(replaced) if replaced.target() == to.target() => Taken::Replace,
            Existing::Replace(_) => return Err(Error::internal("replacing", "a permit for another place")),
        };
        let (link, from) = self.reach(from).await?;
        Ok((link, from, Place::of(&self.settings, to.target())?, taken))
    }
}

impl Health for SmbFiles {
    fn name(&self) -> &str {
        &self.settings.name
    }
    fn examine(&self) -> Legs<'_> {
        Box::pin(health::examine(&self.settings, &self.links))
    }
}

impl FileStore for SmbFiles {
    fn whereabouts(&self, owner: &Account) -> Option<String> {
        let Settings { address, share, .. } = self.settings.as_ref();
        Some(format!("//{address}/{share}/{}", self.settings.root(owner)))
    }

    fn stat<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Node> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            let (info, identity) = place.look(&self.settings, &link).await?;
            meta::node(&place.name, &info, identity)
        })
    }

    fn list<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, NodeStream> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            list::list(&self.settings, &link, &place).await
        })
    }

    fn open<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, Box<dyn FileContent>> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            Ok(Box::new(read::open(&self.settings, &link, &place).await?) as _)
        })
    }

    fn create<'a>(&'a self, at: &'a Permit<NodeRef, Add>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            Ok(Box::new(upload::begin(&self.settings, &link, place, Purpose::New, length).await?) as _)
        })
    }

    fn replace<'a>(&'a self, at: &'a Permit<NodeRef, Edit>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            Ok(Box::new(upload::begin(&self.settings, &link, place, Purpose::Replace, length).await?) as _)
        })
    }

    fn make_folder<'a>(&'a self, at: &'a Permit<NodeRef, Add>) -> Fut<'a, Node> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            let place = place.below_root()?;
            place.check_root(&self.settings, &link).await?;
            match place.check_way(&self.settings, &link).await {
                Err(Error::NotFound) => return Err(Error::NoParent),
                other => other?,
            }
            let mut connection = link.connection();
            let made = link.tree.create_directory(&mut connection, &place.path).await;
            made.map_err(|error| parent_fault(&self.settings.name, "making a folder", error))?;
            let found = link.tree.stat_with_identity(&mut connection, &place.path).await;
            let (info, identity) = found.map_err(|error| fault(&self.settings.name, "making a folder", error))?;
            meta::node(&place.name, &info, identity)
        })
    }

    fn remove<'a>(&'a self, at: &'a Permit<NodeRef, Remove>, when: &'a Precondition) -> Fut<'a, ()> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            tree::remove(&self.settings, &link, place, when).await
        })
    }

    fn rename<'a>(
        &'a self,
        from: &'a Permit<NodeRef, Remove>,
        to: &'a Permit<NodeRef, Add>,
        existing: Existing<'a>,
    ) -> Fut<'a, ()> {
        Box::pin(async move {
            let (link, from, to, taken) = self.reach_both(from, to, existing).await?;
            tree::rename(&self.settings, &link, from, to, taken).await
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
            let (link, from, to, taken) = self.reach_both(from, to, existing).await?;
            tree::copy(&self.settings, &link, from, to, taken, deep).await
        })
    }

    fn as_quota(&self) -> Option<&dyn Quota> {
        Some(self)
    }
}

impl Quota for SmbFiles {
    /// What the server says to the account that asks; where it keeps quotas for people, a service account has its own.
    fn space<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Space> {
        Box::pin(async move {
            let (link, _) = self.reach(at).await?;
            let room = link.tree.fs_info(&mut link.connection()).await;
            let room = room.map_err(|error| fault(&self.settings.name, "asking for room", error))?;
            Ok(Space { available: room.free_bytes, used: room.total_bytes.saturating_sub(room.total_free_bytes) })
        })
    }
}
