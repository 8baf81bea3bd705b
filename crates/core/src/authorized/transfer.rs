//! Uploads in parts: what a client sends piece by piece, perhaps to several nodes, is kept on the share of whoever owns its
//! destination until it is put together there. Nothing of it is on the gateway.
//!
//! The parts lie in one folder in [`TRANSFERS`], right below the root of the owner's tree, whose name is made from who uploads and
//! what they call it: nobody can name somebody else's, whatever they may do in that tree. How much may wait there is bounded
//! (`transfer_bounds`). What is put together goes through [`Authorized::create`] and [`Authorized::replace`] like every other
//! file, before the eyes of the scanners too.

use super::{Authorized, guard::give, node::Room, transfer_bounds::Arriving};
use crate::{
    Add, Allows, Edit, Error, Lookup, Permit, Result, Right,
    house::House,
    ports::{
        Existing, FileContent, FileStore, Node, NodeKind, Precondition, Space, TRANSFER, TRANSFERS, Upload,
        state::LeaseToken,
    },
    seal,
};
use futures::StreamExt;
use passerelle_model::{Account, NodePath, NodeRef};
use std::{fmt, sync::Arc, time::Duration};
use tokio::task::JoinHandle;

/// Most parts of one transfer.
pub(super) const MOST_PARTS: usize = 10_000;
/// How long the lease on putting together lasts, in seconds, and how often it is prolonged: a node that dies in the middle
/// keeps the next one away for so long.
const LEASE: i64 = 30;
const PROLONGED: Duration = Duration::from_secs(10);

/// The parts of a file that is not whole yet.
pub struct Transfer {
    /// The permit for the destination that led here: it says who acts, and in whose tree.
    pub(super) permit: Permit<NodeRef, Lookup>,
    pub(super) port: Arc<dyn FileStore>,
    pub(super) house: Arc<House>,
    pub(super) folder: NodeRef,
    /// How the names of all of this writer's folders begin.
    writer: String,
}

impl fmt::Debug for Transfer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Transfer({:?})", self.permit)
    }
}

/// One part.
#[derive(Debug, Clone)]
pub struct Part {
    /// What the client calls it.
    pub name: String,
    /// The file that it is; its name is [`Self::name`].
    pub node: Node,
}

/// The right to put a transfer together, which one has at a time. Ends when dropped.
pub struct Assembly {
    prolonging: JoinHandle<()>,
    house: Arc<House>,
    lease: Option<LeaseToken>,
}

impl fmt::Debug for Assembly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Assembly")
    }
}

impl<R: Allows<Add>> Authorized<NodeRef, R> {
    /// The transfer by which a new file comes here. `name` is the client's own word for it.
    ///
    /// # Errors
    /// `Forbidden` for whoever came by a link: a transfer is a person's.
    pub fn transfer_of_new(&self, name: &str) -> Result<Transfer> {
        Transfer::towards(self, self.permit.narrow::<Add>().narrow(), name)
    }
}

impl<R: Allows<Edit>> Authorized<NodeRef, R> {
    /// The transfer by which this file gets another content.
    ///
    /// # Errors
    /// As [`Self::transfer_of_new`].
    pub fn transfer_of_content(&self, name: &str) -> Result<Transfer> {
        Transfer::towards(self, self.permit.narrow::<Edit>().narrow(), name)
    }
}

impl Transfer {
    fn towards<R: Right>(handle: &Authorized<NodeRef, R>, permit: Permit<NodeRef, Lookup>, name: &str) -> Result<Self> {
        let person = permit.actor().account().ok_or(Error::Forbidden)?;
        let writer = writer(person);
        let named = format!("{writer}{}", short_hex(&seal::sha256(name.as_bytes())));
        let path = NodePath::root().join(TRANSFERS).and_then(|within| within.join(&named)).map_err(Error::invalid)?;
        let folder = NodeRef { path, ..handle.target().clone() };
        let (port, house) = (Arc::clone(&handle.port), Arc::clone(&handle.house));
        Ok(Self { permit, port, house, folder, writer })
    }

    /// The name of its folder.
    pub(super) fn name(&self) -> &str {
        self.folder.path.name().unwrap_or_default()
    }

    /// How the names of all of this writer's folders begin.
    pub(super) fn writer(&self) -> &str {
        &self.writer
    }

    /// Where the folders of all transfers are.
    pub(super) fn place(&self) -> NodeRef {
        self.folder.parent().unwrap_or_else(|| self.folder.clone())
    }

    /// In whose tree the parts lie.
    pub fn owner(&self) -> &Account {
        &self.folder.owner
    }

    /// The room where the parts lie, if the store can tell.
    ///
    /// # Errors
    /// `Unavailable`.
    pub async fn room(&self) -> Result<Option<Space>> {
        let Some(quota) = self.port.as_quota() else { return Ok(None) };
        let root = self.permit.kept_at(NodeRef { path: NodePath::root(), ..self.folder.clone() });
        match quota.space(&root).await {
            Ok(space) => Ok(Some(space)),
            Err(Error::Unsupported { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Begins.
    ///
    /// # Errors
    /// `Conflict` when it was begun before; `TooMany` when the writer, or others in this tree, have as many under way as may be.
    pub async fn begin(&self) -> Result<()> {
        self.make().await
    }

    /// When a part was last written or taken back, or when it was begun.
    ///
    /// # Errors
    /// `NotFound` when it was not begun.
    pub async fn stat(&self) -> Result<Node> {
        self.port.stat(&self.permit.kept_at(self.folder.clone())).await
    }

    /// The whole parts that are there, in no particular order.
    ///
    /// # Errors
    /// `NotFound` when it was not begun; `Invalid` beyond 10,000 of them.
    pub async fn parts(&self) -> Result<Vec<Part>> {
        let mut listing = self.port.list(&self.permit.kept_at(self.folder.clone())).await?;
        let mut parts = Vec::new();
        while let Some(batch) = listing.next().await {
            let files = batch?.into_iter().filter(|node| node.kind == NodeKind::File);
            parts.extend(files.map(|node| Part { name: node.name.clone(), node }));
            if parts.len() > MOST_PARTS {
                return Err(Error::invalid("a transfer of too many parts"));
            }
        }
        Ok(parts)
    }

    /// Begins to write a part. A part of this name that was there stays until the new one is whole.
    ///
    /// # Errors
    /// `NotFound` when the transfer was not begun; `OverQuota` when there is no room, or the writer has as much waiting as may
    /// be; `TooLarge`; `Invalid` beyond 10,000 parts; and at the commit `Conflict` when the same part came another way meanwhile.
    pub async fn write(&self, name: &str, length: Option<u64>) -> Result<Box<dyn Upload>> {
        let room = Room::for_upload(&self.house, &self.folder, length)?;
        let replaced = match self.port.stat(&self.at(name)?).await {
            Ok(node) => Some(node.size),
            Err(Error::NotFound) => None,
            Err(error) => return Err(error),
        };
        let hold = self.hold(length, replaced).await?;
        let begun = match replaced {
            Some(_) => self.port.replace(&self.at(name)?, length).await,
            None => self.port.create(&self.at(name)?, length).await,
        };
        let upload = begun.map_err(|error| if matches!(error, Error::NoParent) { Error::NotFound } else { error })?;
        Ok(room.around(Box::new(Arriving::new(upload, hold))))
    }

    /// Opens a part.
    ///
    /// # Errors
    /// `NotFound` when it is not there.
    pub async fn open(&self, name: &str) -> Result<Box<dyn FileContent>> {
        self.port.open(&self.at(name)?).await
    }

    /// Removes all parts; what is written at this moment has no place any more. They go out of reach in one step first: a removal
    /// that breaks off must leave nothing that could be put together as if it were whole.
    ///
    /// # Errors
    /// `NotFound` when it was not begun.
    pub async fn remove(&self) -> Result<()> {
        let gone = NodeRef { path: aside()?, ..self.folder.clone() };
        let (from, to) = (self.permit.kept_at(self.folder.clone()), self.permit.kept_at(gone.clone()));
        self.port.rename(&from, &to, Existing::Keep).await?;
        self.let_go();
        self.port.remove(&self.permit.kept_at(gone), &Precondition::None).await
    }

    /// Takes the right to put it together.
    ///
    /// # Errors
    /// `Locked` while somebody else does.
    pub async fn assembly(&self) -> Result<Assembly> {
        let NodeRef { owner, mount, path } = &self.folder;
        let key = format!("transfer {}/{}/{mount}/{}", owner.institution, owner.id, path.as_str());
        let lease = LeaseToken { key, holder: seal::random()? };
        let now = (self.house.clock)();
        if !self.house.state.take_lease(&lease, now.plus(LEASE), now).await? {
            return Err(Error::Locked);
        }
        let (house, held) = (Arc::clone(&self.house), lease.clone());
        let prolonging = tokio::spawn(async move {
            loop {
                tokio::time::sleep(PROLONGED).await;
                let now = (house.clock)();
                // Without the lease two may write the same content; the commit decides, as between any two writers.
                if let Err(error) = house.state.take_lease(&held, now.plus(LEASE), now).await {
                    tracing::warn!(error = %error.chain(), "a lease could not be prolonged");
                }
            }
        });
        Ok(Assembly { prolonging, house: Arc::clone(&self.house), lease: Some(lease) })
    }

    fn at<R: Right>(&self, name: &str) -> Result<Permit<NodeRef, R>> {
        let path = self.folder.path.join(name).map_err(Error::invalid)?;
        Ok(self.permit.kept_at(NodeRef { path, ..self.folder.clone() }))
    }
}

impl Assembly {
    /// Gives the right back, so that whoever is answered now finds it free.
    pub async fn end(mut self) {
        self.prolonging.abort();
        if let Some(lease) = self.lease.take() {
            give(&self.house, &lease).await;
        }
    }
}

/// What is broken off gives it back a moment later.
impl Drop for Assembly {
    fn drop(&mut self) {
        self.prolonging.abort();
        // Off a runtime the process is going down: the lease runs out by itself.
        let (Some(lease), Ok(runtime)) = (self.lease.take(), tokio::runtime::Handle::try_current()) else { return };
        let house = Arc::clone(&self.house);
        runtime.spawn(async move { give(&house, &lease).await });
    }
}

/// How the names of a person's folders begin: the same on every node, and nobody else's.
fn writer(person: &Account) -> String {
    short_hex(&seal::sha256(format!("{}\n{}", person.institution, person.id).as_bytes())) + "-"
}

/// A place for what is being removed.
pub(super) fn aside() -> Result<NodePath> {
    NodePath::root().join(&format!("{TRANSFER}{}", seal::random_hex::<16>()?)).map_err(Error::invalid)
}

/// The first 16 octets, in hexadecimal digits.
fn short_hex(octets: &[u8; 32]) -> String {
    seal::hex(octets.get(..16).unwrap_or(octets))
}
