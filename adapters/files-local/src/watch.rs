//! What is in large folders of a disk of this machine, in memory, for as long as the kernel tells what changes in them (inotify(7)): who
//! lists ten thousand names again has the few looked at that somebody has touched since.
//!
//! The kernel queues a change before the call that makes it returns, whoever made it, and the queue is read before each answer: what was
//! written by anybody, here or behind the gateway's back, is in the next listing. It does not tell what is written through a mapping of
//! memory, or by another name of a file (a hard link); so nothing is believed for longer than [`AGE`]. Folders in a folder are
//! looked at each time: of what is made in them the one above hears nothing.
//!
//! Only disks of this machine are watched: of what others do on a server nothing is told.
//!
//! **What is held.** A node once, whoever lists it: listings that are under way have their own rows of pointers, and see what was there when
//! they were begun. Of several who read a folder that is not known, the last keeps it.

use crate::{
    meta::{self, Stat},
    place::{is_own, raw, shown},
    share::Share,
};
use passerelle_core::ports::{Node, NodeKind};
use rustix::{
    fd::{AsFd, AsRawFd, OwnedFd},
    fs::inotify::{self, CreateFlags, ReadFlags, Reader, WatchFlags},
    io::Errno,
};
use std::{
    collections::{HashMap, HashSet},
    fmt,
    mem::MaybeUninit,
    path::Path,
    sync::{
        Arc, Mutex, MutexGuard, OnceLock, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

/// How long a listing is believed that the kernel says nothing against.
const AGE: Duration = Duration::from_secs(60);
/// A folder that nobody lists is forgotten.
const IDLE: Duration = Duration::from_secs(600);
/// A folder whose own size is smaller has so few names that asking for all of them costs little.
const LEAST_SIZE: u64 = 8_192;
/// Most names that are looked at anew; where more have changed the folder is read.
const MOST_CHANGED: usize = 512;
/// Most folders that are remembered, most nodes of one, and of all of them: some 60 MiB.
const MOST_FOLDERS: usize = 1_000;
const MOST_IN_ONE: usize = 50_000;
const MOST_NODES: usize = 300_000;
/// What is read of the queue at once.
const QUEUED: usize = 32 * 1024;

/// Everything by which a listing can become another.
const TOLD: WatchFlags = WatchFlags::CREATE
    .union(WatchFlags::DELETE)
    .union(WatchFlags::MODIFY)
    .union(WatchFlags::ATTRIB)
    .union(WatchFlags::MOVED_FROM)
    .union(WatchFlags::MOVED_TO)
    .union(WatchFlags::ONLYDIR);

/// A folder, whatever it is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Place {
    device: u64,
    inode: u64,
}

/// What is in a folder, in the order of names.
type Nodes = Arc<Vec<Arc<Node>>>;

/// Names of which something was told, each with the number of the last time.
type Names = HashMap<Vec<u8>, u64>;

/// The folders that are watched.
#[derive(Clone, Default)]
pub(crate) struct Watch(Arc<OnceLock<Option<Watched>>>);

struct Watched {
    inotify: OwnedFd,
    folders: Mutex<Folders>,
}

#[derive(Default)]
struct Folders {
    known: HashMap<Place, Folder>,
    /// By the number that the kernel tells their changes under.
    places: HashMap<i32, Place>,
    /// How often something was told.
    told: u64,
}

struct Folder {
    asked: Instant,
    seen: Option<Seen>,
}

/// A folder that is watched.
struct Seen {
    number: i32,
    /// Which reading of it this is; until it is no more the last.
    reading: Arc<AtomicBool>,
    since: Instant,
    /// What was told since it was read and was not looked at.
    changed: Names,
    /// What was read; nothing until it is whole.
    nodes: Option<Nodes>,
}

impl Drop for Seen {
    fn drop(&mut self) {
        self.reading.store(false, Ordering::Relaxed);
    }
}

/// How a listing is to be answered.
pub(crate) enum Listed {
    /// By this, which is all.
    Known(Listing),
    /// By reading, and what is read may be worth keeping.
    Read(Option<Keeping>),
}

/// What is in a folder now.
pub(crate) struct Listing {
    nodes: Nodes,
    /// How many of them were told.
    told: usize,
    /// Those that were looked at just now, and what is there.
    looked_at: HashMap<String, Option<Node>>,
}

/// A listing that is kept when it is whole.
pub(crate) struct Keeping {
    watch: Watch,
    place: Place,
    reading: Arc<AtomicBool>,
    nodes: Vec<Arc<Node>>,
}

/// What is known of a folder.
struct Snapshot {
    reading: Arc<AtomicBool>,
    nodes: Nodes,
    changed: Names,
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watch")
    }
}

impl Watch {
    /// How a folder that was opened is to be listed. One that is asked for again is watched.
    pub(crate) fn ask(&self, share: &Share, folder: &OwnedFd) -> Listed {
        let Ok(stat) = meta::known(folder) else { return Listed::Read(None) };
        if !share.is_local(stat.device) || stat.size < LEAST_SIZE {
            return Listed::Read(None);
        }
        let Some(watched) = self.watched() else { return Listed::Read(None) };
        let (place, now) = (Place { device: stat.device, inode: stat.inode }, Instant::now());
        let mut folders = watched.up_to_date(now);
        let Some(known) = folders.known.get_mut(&place) else {
            if folders.known.len() < MOST_FOLDERS {
                folders.known.insert(place, Folder { asked: now, seen: None });
            }
            return Listed::Read(None);
        };
        known.asked = now;
        if let Some(snapshot) = known.seen.as_ref().and_then(|seen| seen.snapshot(now)) {
            // The kernel is asked while others have their turn.
            drop(folders);
            if let Some(listing) = snapshot.look(share, folder) {
                watched.learn(place, &snapshot, &listing);
                return Listed::Known(listing);
            }
            folders = watched.up_to_date(now);
        }
        // By its number in /proc: what was opened is watched, wherever its name leads by now.
        let path = format!("/proc/self/fd/{}", folder.as_raw_fd());
        let Ok(number) = inotify::add_watch(&watched.inotify, path.as_str(), TOLD) else {
            watched.forget(&mut folders, place);
            return Listed::Read(None);
        };
        folders.places.insert(number, place);
        let reading = Arc::new(AtomicBool::new(true));
        let seen = Seen { number, reading: Arc::clone(&reading), since: now, changed: Names::new(), nodes: None };
        folders.known.insert(place, Folder { asked: now, seen: Some(seen) });
        Listed::Read(Some(Keeping { watch: self.clone(), place, reading, nodes: Vec::new() }))
    }

    /// Nothing where the kernel has no more of them to give.
    fn watched(&self) -> Option<&Watched> {
        let begin = || {
            let inotify = inotify::init(CreateFlags::NONBLOCK | CreateFlags::CLOEXEC);
            let inotify = inotify.inspect_err(|errno| tracing::debug!(%errno, "folders cannot be watched"));
            Some(Watched { inotify: inotify.ok()?, folders: Mutex::default() })
        };
        self.0.get_or_init(begin).as_ref()
    }
}

impl Listing {
    /// The next nodes, so many at most; none at the end.
    pub(crate) fn next(&mut self, most: usize) -> Vec<Node> {
        let mut some = Vec::new();
        while let Some(node) = self.nodes.get(self.told).filter(|_| some.len() < most) {
            self.told = self.told.saturating_add(1);
            if !self.looked_at.contains_key(&node.name) {
                some.push(node.as_ref().clone());
            }
        }
        if some.is_empty() {
            some.extend(std::mem::take(&mut self.looked_at).into_values().flatten());
        }
        some
    }
}

impl Keeping {
    /// Takes some of what is read.
    pub(crate) fn take(&mut self, nodes: &[Node]) {
        if self.nodes.len().saturating_add(nodes.len()) > MOST_IN_ONE {
            self.reading.store(false, Ordering::Relaxed);
        }
        if self.reading.load(Ordering::Relaxed) {
            self.nodes.extend(nodes.iter().cloned().map(Arc::new));
        } else {
            self.nodes = Vec::new();
        }
    }

    /// Keeps it, now that it is whole.
    pub(crate) fn end(mut self) {
        let Some(watched) = self.watch.watched() else { return };
        let inner = self.nodes.iter().filter(|node| node.kind == NodeKind::Folder).count();
        self.nodes.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        // A name that was read twice because it came and went is told to have changed.
        self.nodes.dedup_by(|a, b| a.name == b.name);
        let mut folders = watched.up_to_date(Instant::now());
        if !self.reading.load(Ordering::Relaxed) {
            return;
        }
        if inner > MOST_CHANGED {
            watched.forget(&mut folders, self.place);
            return;
        }
        watched.make_room(&mut folders, self.place, self.nodes.len());
        let seen = folders.known.get_mut(&self.place).and_then(|known| known.seen.as_mut());
        if let Some(seen) = seen.filter(|seen| Arc::ptr_eq(&seen.reading, &self.reading)) {
            seen.nodes = Some(Arc::new(self.nodes));
        }
    }
}

impl Seen {
    /// What is known, if that is believed.
    fn snapshot(&self, now: Instant) -> Option<Snapshot> {
        let is_believed = now.saturating_duration_since(self.since) <= AGE && self.changed.len() <= MOST_CHANGED;
        let nodes = self.nodes.as_ref().filter(|_| is_believed)?;
        Some(Snapshot { reading: Arc::clone(&self.reading), nodes: Arc::clone(nodes), changed: self.changed.clone() })
    }
}

impl Snapshot {
    /// What is in the folder now, after a look at what has changed and at the folders in it.
    fn look(&self, share: &Share, folder: &OwnedFd) -> Option<Listing> {
        let inner = self.nodes.iter().filter(|node| node.kind == NodeKind::Folder).map(|node| node.name.as_str());
        let told = self.changed.keys().filter(|name| !is_own(name)).filter_map(|name| shown(name));
        let names: Vec<&str> = inner.chain(told).collect::<HashSet<_>>().into_iter().collect();
        let paths: Vec<&Path> = names.iter().map(|name| raw(name.as_bytes())).collect();
        let found = share.hands.stat(folder.as_fd(), &paths).ok().filter(|found| found.len() == names.len())?;
        let mut looked_at = HashMap::with_capacity(names.len());
        for (name, stat) in names.into_iter().zip(found) {
            let node = match stat.map(|stat: Stat| meta::node(name, &stat)) {
                Ok(node) => node,
                Err(Errno::NOENT) => None,
                Err(_) => return None,
            };
            looked_at.insert(name.to_owned(), node);
        }
        Some(Listing { nodes: Arc::clone(&self.nodes), told: 0, looked_at })
    }
}

impl Watched {
    /// The folders, after everything that the kernel has to tell.
    fn up_to_date(&self, now: Instant) -> MutexGuard<'_, Folders> {
        let mut folders = self.folders();
        let mut queued = [MaybeUninit::uninit(); QUEUED];
        let mut reader = Reader::new(&self.inotify, &mut queued);
        loop {
            match reader.next() {
                Ok(event) if event.events().contains(ReadFlags::QUEUE_OVERFLOW) => self.forget_all(&mut folders),
                Ok(event) => {
                    let Some(place) = folders.places.get(&event.wd()).copied() else { continue };
                    if event.events().intersects(ReadFlags::IGNORED | ReadFlags::UNMOUNT) {
                        self.forget(&mut folders, place);
                    } else if let Some(name) = event.file_name() {
                        folders.told = folders.told.wrapping_add(1);
                        let told = folders.told;
                        let seen = folders.known.get_mut(&place).and_then(|known| known.seen.as_mut());
                        if let Some(seen) = seen.filter(|seen| seen.changed.len() <= MOST_CHANGED) {
                            seen.changed.insert(name.to_bytes().to_vec(), told);
                        }
                    }
                }
                Err(Errno::INTR) => {}
                Err(Errno::AGAIN) => break,
                Err(errno) => {
                    tracing::warn!(%errno, "what changes in folders is not told");
                    self.forget_all(&mut folders);
                    break;
                }
            }
        }
        let idle = folders.known.iter().filter(|(_, known)| now.saturating_duration_since(known.asked) > IDLE);
        for place in idle.map(|(place, _)| *place).collect::<Vec<_>>() {
            self.forget(&mut folders, place);
        }
        folders
    }

    fn folders(&self) -> MutexGuard<'_, Folders> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps what was looked at, but for what something was told of meanwhile.
    fn learn(&self, place: Place, snapshot: &Snapshot, listing: &Listing) {
        if snapshot.changed.is_empty() {
            return;
        }
        let mut folders = self.folders();
        let seen = folders.known.get_mut(&place).and_then(|known| known.seen.as_mut());
        let Some(seen) = seen.filter(|seen| Arc::ptr_eq(&seen.reading, &snapshot.reading)) else { return };
        let Some(nodes) = seen.nodes.as_mut().map(Arc::make_mut) else { return };
        for (name, told) in &snapshot.changed {
            if seen.changed.get(name) != Some(told) {
                continue;
            }
            seen.changed.remove(name);
            let Some((name, found)) = shown(name).and_then(|name| listing.looked_at.get_key_value(name)) else {
                continue;
            };
            match (nodes.binary_search_by(|node| node.name.cmp(name)), found) {
                (Ok(at), Some(node)) => {
                    if let Some(known) = nodes.get_mut(at) {
                        *known = Arc::new(node.clone());
                    }
                }
                (Ok(at), None) => drop(nodes.remove(at)),
                (Err(at), Some(node)) => nodes.insert(at, Arc::new(node.clone())),
                (Err(_), None) => {}
            }
        }
    }

    fn forget_all(&self, folders: &mut Folders) {
        for place in folders.known.keys().copied().collect::<Vec<_>>() {
            self.forget(folders, place);
        }
    }

    fn forget(&self, folders: &mut Folders, place: Place) {
        let Some(seen) = folders.known.remove(&place).and_then(|known| known.seen) else { return };
        folders.places.remove(&seen.number);
        // A folder that is gone is not watched any more.
        let _ = inotify::remove_watch(&self.inotify, seen.number);
    }

    /// Forgets those that were not asked for the longest, until so many nodes more may be kept.
    fn make_room(&self, folders: &mut Folders, place: Place, nodes: usize) {
        let kept = |known: &Folder| known.seen.as_ref().and_then(|seen| seen.nodes.as_ref()).map_or(0, |it| it.len());
        while nodes.saturating_add(folders.known.values().map(kept).sum()) > MOST_NODES {
            let others = folders.known.iter().filter(|(other, known)| **other != place && kept(known) > 0);
            let Some(oldest) = others.min_by_key(|(_, known)| known.asked).map(|(place, _)| *place) else { return };
            self.forget(folders, oldest);
        }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
#[path = "watch_tests.rs"]
mod tests;
