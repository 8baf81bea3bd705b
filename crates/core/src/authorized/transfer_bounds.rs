//! How much of uploads in parts may wait in a tree. Whoever may write one file of somebody's can put parts into that tree, so
//! the number of open uploads, their parts and their octets are bounded for each writer, and the uploads of a tree.
//!
//! What waits is counted on the share itself, so that any node knows it. Uploads are counted anew when one begins; octets at
//! most a minute ago, and what this node wrote since is added: several nodes together may let in what each takes in a minute.

use super::transfer::{MOST_PARTS, Transfer};
use crate::{
    Authorized, Error, Permit, Read, Remove, Result,
    house::House,
    ports::{Existing, FileStore, Fut, Node, NodeKind, Precondition, TRANSFERS, Upload},
};
use bytes::Bytes;
use futures::StreamExt;
use moka::sync::Cache;
use passerelle_model::{Account, NodePath, NodeRef};
use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// How long a count of octets is believed, in seconds.
const COUNTED: i64 = 60;
/// When whoever has too many uploads under way may try again, in seconds: one of them may be done by then.
const RETRY: u64 = 60;
/// How old an upload is that nobody came back for, in seconds.
const FORSAKEN: i64 = 24 * 60 * 60;
/// How often a tree is looked through for such, by listings of its root.
const SWEPT_EVERY: Duration = Duration::from_secs(60 * 60);
/// Writers and trees that are remembered; whoever is forgotten is counted anew.
const MOST_REMEMBERED: u64 = 10_000;
const IDLE: Duration = Duration::from_secs(10 * 60);

/// What waits, by writer and tree, as this node knows it; and when it last looked for what nobody came back for.
pub(crate) struct Waiting {
    tallies: Cache<String, Arc<Tally>>,
    swept: Cache<String, ()>,
}

impl Default for Waiting {
    fn default() -> Self {
        let remembered = || Cache::builder().max_capacity(MOST_REMEMBERED);
        Self {
            tallies: remembered().time_to_idle(IDLE).build(),
            swept: Cache::builder().max_capacity(MOST_REMEMBERED).time_to_live(SWEPT_EVERY).build(),
        }
    }
}

impl fmt::Debug for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waiting")
    }
}

/// What one writer has waiting in one tree.
#[derive(Default)]
pub(super) struct Tally {
    /// When it was counted; held by whoever counts or begins.
    counted: tokio::sync::Mutex<Option<i64>>,
    heaps: Mutex<Heaps>,
}

#[derive(Default)]
struct Heaps {
    of: HashMap<String, Heap>,
    /// Octets that are on their way.
    arriving: u64,
}

/// The parts of one upload.
#[derive(Default, Clone, Copy)]
struct Heap {
    parts: usize,
    octets: u64,
}

impl Tally {
    fn heaps(&self) -> std::sync::MutexGuard<'_, Heaps> {
        self.heaps.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes so much of what the writer may have waiting; `false` where that is more than there is.
    fn take(&self, octets: u64, most: Option<u64>) -> bool {
        let mut heaps = self.heaps();
        let kept = heaps.of.values().fold(heaps.arriving, |sum, heap| sum.saturating_add(heap.octets));
        if most.is_some_and(|most| kept.saturating_add(octets) > most) {
            return false;
        }
        heaps.arriving = heaps.arriving.saturating_add(octets);
        true
    }

    fn keep(&self, transfer: &str, octets: u64, replaced: Option<u64>) {
        let mut heaps = self.heaps();
        let heap = heaps.of.entry(transfer.to_owned()).or_default();
        heap.parts = heap.parts.saturating_add(usize::from(replaced.is_none()));
        heap.octets = heap.octets.saturating_add(octets).saturating_sub(replaced.unwrap_or_default());
    }
}

impl Transfer {
    /// Makes the folder of this upload, if the writer and the tree may have one more.
    pub(super) async fn make(&self) -> Result<()> {
        let limits = self.house.tenant(&self.owner().institution)?.facts.limits.clone();
        let tally = self.tally();
        // Whoever begins many at once is counted one after the other.
        let _turn = tally.counted.lock().await;
        let mut waiting = waiting(&self.house, &self.port, &self.permit, self.owner(), &self.place()).await?;
        if waiting.iter().any(|name| self.name() == name) {
            match self.port.stat(&self.permit.kept_at(self.folder.clone())).await {
                Ok(_) => return Err(Error::Conflict),
                // What a removal that broke off has left is listed, and is none.
                Err(Error::NotFound) => waiting.retain(|name| self.name() != name),
                Err(error) => return Err(error),
            }
        }
        let is_full = |count: usize, most: Option<u32>| {
            most.is_some_and(|most| usize::try_from(most).is_ok_and(|most| count >= most))
        };
        let own = waiting.iter().filter(|name| name.starts_with(self.writer())).count();
        let is_owner = self.permit.actor().account() == Some(self.owner());
        // What others leave there holds up nobody in their own tree.
        let of_tree = !is_owner && is_full(waiting.len(), limits.uploads_per_tree);
        if is_full(own, limits.uploads_per_writer) || of_tree {
            return Err(Error::TooMany { seconds: RETRY });
        }
        match self.port.make_folder(&self.permit.kept_at(self.folder.clone())).await {
            Err(Error::NoParent | Error::NotFound) => {}
            made => return made.map(drop),
        }
        match self.port.make_folder(&self.permit.kept_at(self.place())).await {
            Ok(_) | Err(Error::Conflict) => {}
            Err(error) => return Err(error),
        }
        self.port.make_folder(&self.permit.kept_at(self.folder.clone())).await.map(drop)
    }

    /// Lets a part be written, if the writer may have so much more waiting. `replaced` are the octets of the part that it takes
    /// the place of.
    pub(super) async fn hold(&self, length: Option<u64>, replaced: Option<u64>) -> Result<Hold> {
        let most = self.house.tenant(&self.owner().institution)?.facts.limits.largest_waiting();
        let tally = self.tally();
        self.count(&tally).await?;
        if replaced.is_none() && tally.heaps().of.get(self.name()).is_some_and(|heap| heap.parts >= MOST_PARTS) {
            return Err(Error::invalid("a transfer of too many parts"));
        }
        let octets = length.unwrap_or_default();
        if !tally.take(octets, most) {
            return Err(Error::OverQuota);
        }
        Ok(Hold { tally, transfer: self.name().to_owned(), octets, replaced, most })
    }

    /// Forgets what this upload has waiting.
    pub(super) fn let_go(&self) {
        self.tally().heaps().of.remove(self.name());
    }

    fn tally(&self) -> Arc<Tally> {
        self.house.waiting.tallies.get_with(key(&self.folder, self.writer()), Arc::default)
    }

    /// Counts what the writer has waiting, unless that was done a moment ago.
    async fn count(&self, tally: &Tally) -> Result<()> {
        let mut counted = tally.counted.lock().await;
        let now = (self.house.clock)().0;
        if counted.is_some_and(|at| now.saturating_sub(at) < COUNTED) {
            return Ok(());
        }
        let mut heaps = HashMap::new();
        for name in waiting(&self.house, &self.port, &self.permit, self.owner(), &self.place()).await? {
            if !name.starts_with(self.writer()) {
                continue;
            }
            let path = self.place().path.join(&name).map_err(Error::invalid)?;
            let heap = match heap(&self.port, &self.permit.kept_at(NodeRef { path, ..self.folder.clone() })).await {
                Ok(heap) => heap,
                // It was put together or given up meanwhile.
                Err(Error::NotFound) => continue,
                Err(error) => return Err(error),
            };
            heaps.insert(name, heap);
        }
        tally.heaps().of = heaps;
        *counted = Some(now);
        Ok(())
    }
}

async fn heap(port: &Arc<dyn FileStore>, at: &Permit<NodeRef, Read>) -> Result<Heap> {
    let (mut listing, mut heap) = (port.list(at).await?, Heap::default());
    while let Some(batch) = listing.next().await {
        for node in batch? {
            heap.parts = heap.parts.saturating_add(1);
            heap.octets = heap.octets.saturating_add(node.size);
        }
    }
    Ok(heap)
}

/// The uploads that wait in a tree, but for those that nobody came back for: these go.
async fn waiting<R: crate::Right>(
    house: &Arc<House>,
    port: &Arc<dyn FileStore>,
    permit: &Permit<NodeRef, R>,
    owner: &Account,
    place: &NodeRef,
) -> Result<Vec<String>> {
    let mut listing = match port.list(&permit.kept_at(place.clone())).await {
        Ok(listing) => listing,
        Err(Error::NotFound | Error::NoParent) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let (mut names, now) = (Vec::new(), (house.clock)().0);
    while let Some(batch) = listing.next().await {
        for node in batch?.into_iter().filter(|node| node.kind == NodeKind::Folder) {
            let since = now.saturating_sub(FORSAKEN);
            // Stores of objects, and some servers, do not say in a listing how old a folder is.
            let is_old = match node.modified.seconds {
                0 => !is_written_since(port, permit, place, &node.name, since).await?,
                told => told < since,
            };
            if is_old {
                forget(port, permit, owner, place, &node.name).await;
            } else {
                names.push(node.name);
            }
        }
    }
    Ok(names)
}

/// Whether an upload was begun, or got a part, since then (in seconds since 1970); so is one that is gone meanwhile.
async fn is_written_since<R: crate::Right>(
    port: &Arc<dyn FileStore>,
    permit: &Permit<NodeRef, R>,
    place: &NodeRef,
    name: &str,
    since: i64,
) -> Result<bool> {
    let path = place.path.join(name).map_err(Error::invalid)?;
    let at = NodeRef { path, ..place.clone() };
    let looked = async {
        if port.stat(&permit.kept_at(at.clone())).await?.modified.seconds >= since {
            return Ok(true);
        }
        let mut listing = port.list(&permit.kept_at(at)).await?;
        while let Some(batch) = listing.next().await {
            if batch?.iter().any(|node| node.modified.seconds >= since) {
                return Ok(true);
            }
        }
        Ok(false)
    };
    match looked.await {
        Err(Error::NotFound) => Ok(true),
        looked => looked,
    }
}

/// Removes an upload that nobody came back for. What stays is found again.
async fn forget<R: crate::Right>(
    port: &Arc<dyn FileStore>,
    permit: &Permit<NodeRef, R>,
    owner: &Account,
    place: &NodeRef,
    name: &str,
) {
    let moved = async {
        let path = place.path.join(name).map_err(Error::invalid)?;
        let aside = NodeRef { path: super::transfer::aside()?, ..place.clone() };
        let from = permit.kept_at(NodeRef { path, ..place.clone() });
        port.rename(&from, &permit.kept_at(aside.clone()), Existing::Keep).await?;
        Ok::<_, Error>(permit.kept_at::<_, Remove>(aside))
    };
    match moved.await {
        Ok(aside) => {
            let port = Arc::clone(port);
            tokio::spawn(async move {
                // What this leaves is found by a listing of the root.
                if let Err(error) = port.remove(&aside, &Precondition::None).await {
                    tracing::debug!(error = %error.chain(), "parts that nobody came back for stay for now");
                }
            });
        }
        Err(error) => {
            tracing::debug!(owner = %owner, error = %error.chain(), "an upload that nobody came back for stays for now");
        }
    }
}

/// Looks through a tree for uploads that nobody came back for, in the background and not often: called by listings of its root.
pub(super) fn sweep<R: crate::Allows<Read>>(root: &Authorized<NodeRef, R>) {
    if !root.target().path.is_root() {
        return;
    }
    let Ok(path) = NodePath::root().join(TRANSFERS) else { return };
    let place = NodeRef { path, ..root.target().clone() };
    if !root.house.waiting.swept.entry(key(&place, "")).or_insert(()).is_fresh() {
        return;
    }
    let (house, port, permit) = (Arc::clone(&root.house), Arc::clone(&root.port), root.permit.narrow::<Read>());
    tokio::spawn(async move {
        if let Err(error) = waiting(&house, &port, &permit, &permit.target().owner, &place).await {
            tracing::debug!(error = %error.chain(), "a tree was not looked through for uploads that nobody came back for");
        }
    });
}

fn key(at: &NodeRef, writer: &str) -> String {
    format!("{}/{}/{}/{writer}", at.owner.institution, at.owner.id, at.mount)
}

/// So much of what a writer may have waiting, until it is let go or kept.
pub(super) struct Hold {
    tally: Arc<Tally>,
    transfer: String,
    octets: u64,
    replaced: Option<u64>,
    most: Option<u64>,
}

impl Drop for Hold {
    fn drop(&mut self) {
        let mut heaps = self.tally.heaps();
        heaps.arriving = heaps.arriving.saturating_sub(self.octets);
    }
}

/// A part on its way, held to what its writer may have waiting.
pub(super) struct Arriving {
    pub(super) upload: Box<dyn Upload>,
    pub(super) hold: Hold,
    written: u64,
}

impl Arriving {
    pub(super) fn new(upload: Box<dyn Upload>, hold: Hold) -> Self {
        Self { upload, hold, written: 0 }
    }
}

impl Upload for Arriving {
    fn write<'a>(&'a mut self, piece: Bytes) -> Fut<'a, ()> {
        self.written = self.written.saturating_add(u64::try_from(piece.len()).unwrap_or(u64::MAX));
        // What was not announced is taken as it comes.
        let more = self.written.saturating_sub(self.hold.octets);
        if more > 0 && !self.hold.tally.take(more, self.hold.most) {
            return Box::pin(std::future::ready(Err(Error::OverQuota)));
        }
        self.hold.octets = self.hold.octets.saturating_add(more);
        self.upload.write(piece)
    }

    fn commit<'a>(self: Box<Self>, when: &'a Precondition) -> Fut<'a, Node>
    where
        Self: 'a,
    {
        Box::pin(async move {
            let Self { upload, hold, .. } = *self;
            let node = upload.commit(when).await?;
            hold.tally.keep(&hold.transfer, node.size, hold.replaced);
            Ok(node)
        })
    }
}
