//! Listings, batch by batch. While one batch is sent the next ones are read, on more than one thread, because asking the
//! kernel about ten thousand names takes longer than all the rest. No thread waits for a slow client.

use crate::{
    fault::fault,
    meta::{self, Stat},
    place::{is_own, raw, shown},
    remove,
    share::{Share, Span},
    watch::{Keeping, Listed, Listing},
};
use futures::stream;
use passerelle_core::{
    Error, Result,
    ports::{Node, NodeStream, TRANSFER},
};
use passerelle_model::NodeRef;
use rustix::{
    fd::{AsFd, OwnedFd},
    fs::{Dir, DirEntry, FileType, OFlags},
    io::Errno,
};
use std::{
    collections::VecDeque,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{SystemTime, UNIX_EPOCH},
};
use tokio::task::JoinHandle;

/// Most nodes in a batch.
const BATCH: usize = 256;
/// How many batches are under way at once; with the one that is sent, what a listing holds.
const AHEAD: usize = 3;
/// How old a temporary file must be for a listing to sweep it, in seconds: no upload is silent for so long.
const STALE: i64 = 24 * 3600;
const DOING: &str = "listing a folder";

/// A folder that is read.
struct Walk {
    share: Arc<Share>,
    /// To ask about names.
    folder: OwnedFd,
    /// The names that were not taken yet; whoever takes the last of them, takes the place with them.
    names: Mutex<Option<Dir>>,
}

/// Some nodes; `None` when there were no more names.
type Batch = Result<Option<Vec<Node>>>;

/// A listing that was begun.
enum Begun {
    /// All of it is in memory.
    Known(Listing),
    /// It is read, and maybe kept.
    Walk(Arc<Walk>, Option<Keeping>),
}

/// Opens a folder and begins to read it, unless what is in it is known.
pub(crate) async fn list(share: &Arc<Share>, node: &NodeRef) -> Result<NodeStream> {
    let node = node.clone();
    let (walk, keeping) = match share.run(DOING, Span::Call, move |share| open(share, &node)).await? {
        Begun::Known(listing) => return Ok(in_batches(listing)),
        Begun::Walk(walk, keeping) => (walk, keeping),
    };
    let mut under_way = VecDeque::with_capacity(AHEAD);
    for _ in 0..AHEAD {
        under_way.push_back(begin(&walk));
    }
    Ok(Box::pin(stream::unfold(Some((walk, under_way, keeping)), |state| async move {
        let (walk, mut under_way, mut keeping) = state?;
        while let Some(next) = under_way.pop_front() {
            match next.await.unwrap_or_else(|error| Err(Error::internal(DOING, error))) {
                Ok(Some(nodes)) => {
                    under_way.push_back(begin(&walk));
                    if let Some(keeping) = &mut keeping {
                        keeping.take(&nodes);
                    }
                    return Some((Ok(nodes), Some((walk, under_way, keeping))));
                }
                // The others that are under way may still bring what they took before.
                Ok(None) => {}
                Err(error) => return Some((Err(error), None)),
            }
        }
        if let Some(keeping) = keeping {
            // What came of it matters to nobody who waits.
            let end = move |_: &Arc<Share>| {
                keeping.end();
                Ok(())
            };
            let _ = walk.share.run(DOING, Span::Call, end).await;
        }
        None
    })))
}

fn in_batches(listing: Listing) -> NodeStream {
    Box::pin(stream::unfold(listing, |mut listing| async move {
        let some = listing.next(BATCH);
        (!some.is_empty()).then_some((Ok(some), listing))
    }))
}

fn open(share: &Arc<Share>, node: &NodeRef) -> Result<Begun> {
    let told = |errno| fault(&share.name, DOING, errno);
    let folder = match share.open(node, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW, DOING) {
        Err(Error::NotFound) => return Err(absent_or_file(share, node)),
        opened => opened?,
    };
    let keeping = match share.watch.ask(share, &folder) {
        Listed::Known(listing) => return Ok(Begun::Known(listing)),
        Listed::Read(keeping) => keeping,
    };
    let names = Dir::new(folder.try_clone().map_err(|_| told(Errno::MFILE))?).map_err(told)?;
    let walk = Walk { share: Arc::clone(share), folder, names: Mutex::new(Some(names)) };
    Ok(Begun::Walk(Arc::new(walk), keeping))
}

/// `ENOTDIR` reads as absent everywhere else; who lists a file is told that it is one.
fn absent_or_file(share: &Share, node: &NodeRef) -> Error {
    match share.stat(node) {
        Ok(_) => Error::invalid("not a folder"),
        Err(error) => error,
    }
}

fn begin(walk: &Arc<Walk>) -> JoinHandle<Batch> {
    let walk = Arc::clone(walk);
    tokio::spawn(async move {
        let share = Arc::clone(&walk.share);
        share.run(DOING, Span::Call, move |_| walk.batch()).await
    })
}

impl Walk {
    fn batch(&self) -> Batch {
        let entries = self.take()?;
        if entries.is_empty() {
            return Ok(None);
        }
        let told = |errno| fault(&self.share.name, DOING, errno);
        let mut names = Vec::with_capacity(entries.len());
        for entry in &entries {
            let name = entry.file_name().to_bytes();
            if is_own(name) {
                sweep(&self.share, &self.folder, name);
                continue;
            }
            names.extend(shown(name));
        }
        let paths: Vec<&Path> = names.iter().map(Path::new).collect();
        let found = self.share.hands.stat(self.folder.as_fd(), &paths).map_err(told)?;
        if found.len() != names.len() {
            return Err(Error::internal(DOING, "not every name was looked at"));
        }
        let mut nodes = Vec::with_capacity(names.len());
        for (name, stat) in names.into_iter().zip(found) {
            match stat {
                Ok(stat) => nodes.extend(meta::node(name, &stat)),
                // Gone between the two calls.
                Err(Errno::NOENT) => {}
                Err(other) => return Err(told(other)),
            }
        }
        Ok(Some(nodes))
    }

    /// The next names; none at the end.
    fn take(&self) -> Result<Vec<DirEntry>> {
        let mut names = self.names.lock().unwrap_or_else(PoisonError::into_inner);
        let mut entries = Vec::with_capacity(BATCH);
        while let Some(folder) = names.as_mut()
            && entries.len() < BATCH
        {
            match folder.next() {
                None => *names = None,
                Some(Ok(entry)) => {
                    let name = entry.file_name().to_bytes();
                    let kind = entry.file_type();
                    let seen = matches!(kind, FileType::RegularFile | FileType::Directory | FileType::Unknown);
                    if seen && name != b"." && name != b".." {
                        entries.push(entry);
                    }
                }
                // Whatever it is (ENOENT when the folder was removed meanwhile): the listing is not whole.
                Some(Err(errno)) => {
                    return Err(Error::unavailable(&self.share.name, DOING, std::io::Error::from(errno)));
                }
            }
        }
        Ok(entries)
    }
}

/// Removes a temporary file that a crash left, or the parts of an upload that was given up.
fn sweep(share: &Arc<Share>, folder: &OwnedFd, name: &[u8]) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let old = |stat: &Stat| stat.modified.seconds.saturating_add(STALE) < i64::try_from(now).unwrap_or(i64::MAX);
    if share.named(folder, raw(name)).is_ok_and(|stat| old(&stat) && meta::kind(&stat).is_some())
        && let Err(errno) = removed(share, folder, name)
        && errno != Errno::ISDIR
    {
        tracing::debug!(%errno, "a stale temporary file could not be removed");
    }
}

/// Folders of ours are the parts of uploads, and nothing else that may go.
fn removed(share: &Arc<Share>, folder: &OwnedFd, name: &[u8]) -> rustix::io::Result<()> {
    if name.starts_with(TRANSFER.as_bytes()) {
        remove::whole(share, folder, raw(name))
    } else {
        share.hands.unlink(folder.as_fd(), raw(name))
    }
}
