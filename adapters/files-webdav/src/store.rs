//! The store: each method of the port, on what the other modules do.

use crate::{
    health, list,
    place::Place,
    read, room,
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
use passerelle_fetch::dav::{Link, Server, method};
use passerelle_model::{Account, NodeRef};
use std::sync::Arc;

/// Files on one server.
pub(crate) struct WebdavFiles {
    server: Arc<Server>,
    http: reqwest::Client,
}

impl WebdavFiles {
    pub(crate) fn build(block: &Block) -> Result<Arc<dyn FileStore>, ConfigFault> {
        let (server, http) = Server::read(block)?;
        Ok(Arc::new(Self { server: Arc::new(server), http }))
    }

    /// The way to a permit's target.
    async fn reach<R: Right>(&self, at: &Permit<NodeRef, R>) -> Result<(Link, Place)> {
        let place = Place::of(&self.server, at.target())?;
        Ok((Link::of(&self.server, &self.http, at.own_account(), at.delegation()).await?, place))
    }

    /// The same for what touches two places: they are one identity's.
    async fn reach_both<A: Right, B: Right>(
        &self,
        from: &Permit<NodeRef, A>,
        to: &Permit<NodeRef, B>,
        existing: Existing<'_>,
    ) -> Result<(Link, Place, Place, Taken)> {
        if self.server.service.is_none() && from.target().owner != to.target().owner {
            return Err(Error::between_stores());
        }
        let taken = match existing {
            Existing::Keep => Taken::Refuse,
            Existing::Replace(replaced) if replaced.target() == to.target() => Taken::Replace,
            Existing::Replace(_) => return Err(Error::internal("replacing", "a permit for another place")),
        };
        let (link, from) = self.reach(from).await?;
        Ok((link, from, Place::of(&self.server, to.target())?, taken))
    }
}

impl Health for WebdavFiles {
    fn name(&self) -> &str {
        &self.server.name
    }
    fn examine(&self) -> Legs<'_> {
        Box::pin(health::examine(&self.server, &self.http))
    }
}

impl FileStore for WebdavFiles {
    fn whereabouts(&self, owner: &Account) -> Option<String> {
        Some(format!("{}{}", self.server.origin, self.server.root(owner)))
    }

    fn stat<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Node> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            place.look(&link).await?.node(&place.name)
        })
    }

    fn list<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, NodeStream> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            list::list(link, &place).await
        })
    }

    fn open<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, Box<dyn FileContent>> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            Ok(Box::new(read::open(link, &place).await?) as _)
        })
    }

    fn create<'a>(&'a self, at: &'a Permit<NodeRef, Add>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            Ok(Box::new(upload::begin(link, place, Purpose::New, length).await?) as _)
        })
    }

    fn replace<'a>(&'a self, at: &'a Permit<NodeRef, Edit>, length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            Ok(Box::new(upload::begin(link, place, Purpose::Replace, length).await?) as _)
        })
    }

    fn make_folder<'a>(&'a self, at: &'a Permit<NodeRef, Add>) -> Fut<'a, Node> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            let place = place.below_root()?;
            let (above, there) = futures::join!(place.check_above(&link), place.there(&link));
            above?;
            if there?.is_some() {
                return Err(Error::Conflict);
            }
            match link.act("making a folder", link.request(method("MKCOL")?, &format!("{}/", place.path))?).await {
                Ok(_) => place.look(&link).await?.node(&place.name),
                // RFC 4918 §9.3.1: 405 for a name that is taken; some servers forbid everything so.
                Err(Error::Forbidden) if place.there(&link).await?.is_some() => Err(Error::Conflict),
                Err(error) => Err(error),
            }
        })
    }

    fn remove<'a>(&'a self, at: &'a Permit<NodeRef, Remove>, when: &'a Precondition) -> Fut<'a, ()> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            tree::remove(&link, place, when).await
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
            tree::rename(&link, from, to, taken).await
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
            if deep && from.target().path.is_root() {
                // The server would copy what lies hidden at the root of a tree too: uploads in parts.
                return Err(Error::between_stores());
            }
            let (link, from, to, taken) = self.reach_both(from, to, existing).await?;
            tree::copy(&link, from, to, taken, deep).await
        })
    }

    fn as_quota(&self) -> Option<&dyn Quota> {
        Some(self)
    }
}

impl Quota for WebdavFiles {
    /// What the server says of the folder to the account that asks (RFC 4331).
    ///
    /// # Errors
    /// `Unsupported` where the server says nothing of it.
    fn space<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Space> {
        Box::pin(async move {
            let (link, place) = self.reach(at).await?;
            room::told(&link, &place).await?.ok_or(Error::Unsupported { what: "quota" })
        })
    }
}
