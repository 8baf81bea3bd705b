//! The store: each method of the port, on what the other modules do.

use crate::{
    connection::Identity,
    copy, health,
    lease::{Lease, Pool},
    list,
    place::Place,
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
use std::sync::Arc;

/// One server, and the connections to it.
pub(crate) struct Share {
    pub(crate) settings: Settings,
    pub(crate) pool: Pool,
}

impl Share {
    /// The service account, if there is one.
    pub(crate) fn service(&self) -> Option<Identity> {
        let (user, password) = self.settings.service.as_ref()?;
        Some(Identity { user: user.clone(), password: password.clone() })
    }
}

/// Files on it.
pub(crate) struct FtpFiles(Arc<Share>);

impl FtpFiles {
    pub(crate) fn build(block: &Block) -> Result<Arc<dyn FileStore>, ConfigFault> {
        let settings = Settings::read(block)?;
        Ok(Arc::new(Self(Arc::new(Share { pool: Pool::new(&settings), settings }))))
    }

    /// A connection of so many that are needed at once, and the path of a permit's target.
    async fn reach<R: Right>(&self, at: &Permit<NodeRef, R>, most: u32) -> Result<(Lease, Place)> {
        let place = Place::of(&self.0.settings, at.target())?;
        Ok((Lease::of(&self.0, at, most).await?, place))
    }

    /// The same for what touches two places: they are one identity's.
    async fn reach_both<A: Right, B: Right>(
        &self,
        from: &Permit<NodeRef, A>,
        to: &Permit<NodeRef, B>,
        existing: Existing<'_>,
        most: u32,
    ) -> Result<(Lease, Place, Place, Taken)> {
        if self.0.settings.service.is_none() && from.target().owner != to.target().owner {
            return Err(Error::between_stores());
        }
        let taken = match existing {
            Existing::Keep => Taken::Refuse,
            Existing::Replace(replaced) if replaced.target() == to.target() => Taken::Replace,
            Existing::Replace(_) => return Err(Error::internal("replacing", "a permit for another place")),
        };
        let to = Place::of(&self.0.settings, to.target())?;
        let (lease, from) = self.reach(from, most).await?;
        Ok((lease, from, to, taken))
    }
}

impl Health for FtpFiles {
    fn name(&self) -> &str {
        &self.0.settings.name
    }
    fn examine(&self) -> Legs<'_> {
        Box::pin(health::examine(&self.0))
    }
}

impl FileStore for FtpFiles {
    fn whereabouts(&self, owner: &Account) -> Option<String> {
        let settings = &self.0.settings;
        Some(format!("ftp://{}:{}/{}", settings.host, settings.port, settings.root(owner)))
    }

    fn stat<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Node> {
        Box::pin(async move {
            let (mut lease, place) = self.reach(at, 1).await?;
            Ok(place.look(&mut lease).await?.node(&place.name))
        })
    }

    fn list<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, NodeStream> {
        Box::pin(async move {
            let (lease, place) = self.reach(at, 1).await?;
            list::list(lease, &place).await
        })
    }

    fn open<'a>(&'a self, at: &'a Permit<NodeRef, Read>) -> Fut<'a, Box<dyn FileContent>> {
        Box::pin(async move {
            let (lease, place) = self.reach(at, read::MOST_AT_ONCE).await?;
            Ok(Box::new(read::open(lease, &place).await?) as _)
        })
    }

    /// The length is nothing that a command could tell the server (`ALLO` is a no-op nearly everywhere).
    fn create<'a>(&'a self, at: &'a Permit<NodeRef, Add>, _length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        Box::pin(async move {
            let (lease, place) = self.reach(at, 1).await?;
            Ok(Box::new(upload::begin(lease, place, Purpose::New).await?) as _)
        })
    }

    fn replace<'a>(&'a self, at: &'a Permit<NodeRef, Edit>, _length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        Box::pin(async move {
            let (lease, place) = self.reach(at, 1).await?;
            Ok(Box::new(upload::begin(lease, place, Purpose::Replace).await?) as _)
        })
    }

    fn make_folder<'a>(&'a self, at: &'a Permit<NodeRef, Add>) -> Fut<'a, Node> {
        Box::pin(async move {
            let doing = "making a folder";
            let (mut lease, place) = self.reach(at, 1).await?;
            let place = place.below_root()?;
            place.check_above(&mut lease).await?;
            if place.there(&mut lease).await?.is_some() {
                return Err(Error::Conflict);
            }
            let made = lease.run(async |it| it.ftp.mkdir(place.path.as_str()).await).await;
            made.map_err(|refusal| refusal.fault(&self.0.settings, doing))?;
            Ok(place.look(&mut lease).await?.node(&place.name))
        })
    }

    fn remove<'a>(&'a self, at: &'a Permit<NodeRef, Remove>, when: &'a Precondition) -> Fut<'a, ()> {
        Box::pin(async move {
            let (lease, place) = self.reach(at, tree::MOST_AT_ONCE).await?;
            tree::remove(lease, place, when).await
        })
    }

    fn rename<'a>(
        &'a self,
        from: &'a Permit<NodeRef, Remove>,
        to: &'a Permit<NodeRef, Add>,
        existing: Existing<'a>,
    ) -> Fut<'a, ()> {
        Box::pin(async move {
            let (lease, from, to, taken) = self.reach_both(from, to, existing, tree::MOST_AT_ONCE).await?;
            tree::rename(lease, from, to, taken).await
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
            let (lease, from, to, taken) = self.reach_both(from, to, existing, copy::MOST_AT_ONCE).await?;
            copy::copy(lease, from, to, taken, deep).await
        })
    }
}
