//! The store: each method of the port, on what the other modules do.

use crate::{
    fault::{fault, write_fault},
    health, identity,
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

/// One server, and the connections to it.
pub(crate) struct Share {
    pub(crate) settings: Settings,
    pub(crate) links: Links,
}

/// Files on it.
pub(crate) struct SftpFiles(Arc<Share>);

impl SftpFiles {
    pub(crate) fn build(block: &Block) -> Result<Arc<dyn FileStore>, ConfigFault> {
        Ok(Arc::new(Self(Arc::new(Share { settings: Settings::read(block)?, links: Links::new() }))))
    }

    /// The connection and the path of a permit's target.
    async fn reach<R: Right>(&self, at: &Permit<NodeRef, R>) -> Result<(Arc<Link>, Place)> {
        let Share { settings, links } = self.0.as_ref();
        let place = Place::of(settings, at.target())?;
        Ok((links.of(settings, &identity::of(settings, at)?).await?, place))
    }

    /// The same for what touches two places: they are one connection's.
    async fn reach_both<A: Right, B: Right>(
        &self,
        from: &Permit<NodeRef, A>,
        to: &Permit<NodeRef, B>,
        existing: Existing<'_>,
    ) -> Result<(Arc<Link>, Place, Place, Taken)> {
        if self.0.settings.service.is_none() && from.target().owner != to.target().owner {
            return Err(Error::between_stores());
        }
        let taken = match existing {
            Existing::Keep => Taken::Refuse,
            Existing::Replace(replaced) if replaced.target() == to.target() => Taken::Replace,
            Existing::Replace(_) => return Err(Error::internal("replacing", "a permit for another place")),
        };
        let (link, from) = self.reach(from).await?;
        Ok((link, from, Place::of(&self.0.settings, to.target())?, taken))
    }
}

impl Health for SftpFiles {
    fn name(&self) -> &str {
        &self.0.settings.name
    }
    fn examine(&self) -> Legs<'_> {
        Box::pin(health::examine(&self.0))
    }
}

impl FileStore for SftpFiles {
    fn whereabouts(&self, owner: &Account) -> Option<String> {
        let settings = &self.0.settings;
        Some(format!("sftp://{}/{}", settings.address, settings.root(owner)))
    }

    fn stat<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Node> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            let found = place.look(&self.0.settings, &link).await?;
            meta::node(&place.name, &found).ok_or(Error::NotFound)
        })
    }

    fn list<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, NodeStream> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            list::list(&self.0, &link, &place).await
        })
    }

    fn open<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, Box<dyn FileContent>> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            Ok(Box::new(read::open(&self.0, &link, &place).await?) as _)
        })
    }

    fn create<'a>(&'a self, at: &'a Permit<NodeRef, Add>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            Ok(Box::new(upload::begin(&self.0, &link, place, Purpose::New, length).await?) as _)
        })
    }

    fn replace<'a>(&'a self, at: &'a Permit<NodeRef, Edit>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            Ok(Box::new(upload::begin(&self.0, &link, place, Purpose::Replace, length).await?) as _)
        })
    }

    fn make_folder<'a>(&'a self, at: &'a Permit<NodeRef, Add>) -> Fut<'a, Node> {
        Box::pin(async move {
            let settings = &self.0.settings;
            let (link, place) = self.reach(at).await?;
            let place = place.below_root()?;
            let (above, there) = futures::join!(place.check_above(settings, &link), place.there(settings, &link));
            above?;
            if there?.is_some() {
                return Err(Error::Conflict);
            }
            if let Err(error) = link.sftp.mkdir(place.path.as_str(), meta::none()).await {
                let error = write_fault(settings, &link, &place.path, "making a folder", error).await;
                // Somebody else may have been faster, which version 3 has no word for.
                let lost = matches!(error, Error::Unavailable { .. }) && place.there(settings, &link).await?.is_some();
                return Err(if lost { Error::Conflict } else { error });
            }
            let found = place.look(settings, &link).await?;
            meta::node(&place.name, &found).ok_or(Error::NotFound)
        })
    }

    fn remove<'a>(&'a self, at: &'a Permit<NodeRef, Remove>, when: &'a Precondition) -> Fut<'a, ()> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            tree::remove(&self.0, &link, place, when).await
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
            tree::rename(&self.0, &link, from, to, taken).await
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
            tree::copy(&self.0, &link, from, to, taken, deep).await
        })
    }

    fn as_quota(&self) -> Option<&dyn Quota> {
        Some(self)
    }
}

impl Quota for SftpFiles {
    /// What the file system of the tree has left for those who are not root (`statvfs@openssh.com`).
    ///
    /// # Errors
    /// `Unsupported` where the server does not tell.
    fn space<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Space> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            if !link.powers.statvfs {
                return Err(Error::Unsupported { what: "quota" });
            }
            let room = link.sftp.statvfs(place.path.as_str()).await;
            let room = room.map_err(|error| fault(&self.0.settings, "asking for room", error))?;
            let octets = |blocks: u64| blocks.saturating_mul(room.fragment_size);
            let used = room.blocks.saturating_sub(room.blocks_free);
            Ok(Space { available: octets(room.blocks_avail), used: octets(used) })
        })
    }
}
