//! What is in large folders of a disk of this machine, in memory, for as long as the kernel tells what changes in them (inotify(7)): who
//! lists ten thousand names again has the few looked at that somebody has touched since.
//!
//! The kernel queues a change before the call that makes it returns, whoever made it, and the queue is read before each answer: what was
//! written by anybody, here or behind the gateway's back, is in the next listing. It does not tell what is written through a mapping of
//! memory, or by another name of a file (a hard link elsewhere); so nothing is believed for longer than [`AGE`]. Folders in a folder are
//! looked at each time: of what is made in them the one above hears nothing.
//!
//! Only disks of this machine are watched: of what others do on a server nothing is told.

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
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
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
/// Most folders that are remembered, and most nodes of all of them: some 60 MiB.
const MOST_FOLDERS: usize = 1_000;
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
    /// How often one was begun to be read.
    turns: u64,
}

struct Folder {
    asked: Instant,
    seen: Option<Seen>,
}

/// A folder that is watched.
struct Seen {
    number: i32,
    turn: u64,
    since: Instant,
    /// Names of which something was told since it was read.
    changed: HashSet<Vec<u8>>,
    /// What was read; nothing until it is whole.
    nodes: Option<HashMap<String, Node>>,
}

/// How a listing is to be answered.
pub(crate) enum Listed {
    /// By this, which is all.
    Known(Vec<Node>),
    /// By reading, and what is read may be worth keeping.
    Read(Option<Keeping>),
}

/// A listing that is kept when it is whole.
pub(crate) struct Keeping {
    watch: Watch,
    place: Place,
    turn: u64,
    nodes: HashMap<String, Node>,
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
        if let Some(nodes) = known.seen.as_mut().and_then(|seen| seen.nodes(share, folder, now)) {
            return Listed::Known(nodes);
        }
        // By its number in /proc: what was opened is watched, wherever its name leads by now.
        let path = format!("/proc/self/fd/{}", folder.as_raw_fd());
        let Ok(number) = inotify::add_watch(&watched.inotify, path.as_str(), TOLD) else {
            watched.forget(&mut folders, place);
            return Listed::Read(None);
        };
        folders.turns = folders.turns.wrapping_add(1);
        let turn = folders.turns;
        folders.places.insert(number, place);
        let seen = Seen { number, turn, since: now, changed: HashSet::new(), nodes: None };
        folders.known.insert(place, Folder { asked: now, seen: Some(seen) });
        Listed::Read(Some(Keeping { watch: self.clone(), place, turn, nodes: HashMap::new() }))
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

impl Keeping {
    /// Takes some of what is read.
    pub(crate) fn take(&mut self, nodes: &[Node]) {
        self.nodes.extend(nodes.iter().map(|node| (node.name.clone(), node.clone())));
    }

    /// Keeps it, now that it is whole.
    pub(crate) fn end(self) {
        let Some(watched) = self.watch.watched() else { return };
        let mut folders = watched.up_to_date(Instant::now());
        let inner = self.nodes.values().filter(|node| node.kind == NodeKind::Folder).count();
        if self.nodes.len() > MOST_NODES || inner > MOST_CHANGED {
            watched.forget(&mut folders, self.place);
            return;
        }
        watched.make_room(&mut folders, self.place, self.nodes.len());
        let seen = folders.known.get_mut(&self.place).and_then(|known| known.seen.as_mut());
        if let Some(seen) = seen.filter(|seen| seen.turn == self.turn) {
            seen.nodes = Some(self.nodes);
        }
    }
}

impl Seen {
    /// What is in the folder now, if that is known after a look at what has changed.
    fn nodes(&mut self, share: &Share, folder: &OwnedFd, now: Instant) -> Option<Vec<Node>> {
        if now.duration_since(self.since) > AGE || self.changed.len() > MOST_CHANGED {
            return None;
        }
        let nodes = self.nodes.as_mut()?;
        let inner = nodes.values().filter(|node| node.kind == NodeKind::Folder).map(|node| node.name.clone());
        let told = self.changed.iter().filter(|name| !is_own(name)).filter_map(|name| shown(name)).map(str::to_owned);
        let names: HashSet<String> = inner.chain(told).collect();
        let names: Vec<String> = names.into_iter().collect();
        let paths: Vec<&Path> = names.iter().map(|name| raw(name.as_bytes())).collect();
        let found = share.hands.stat(folder.as_fd(), &paths).ok().filter(|found| found.len() == names.len())?;
        for (name, stat) in names.into_iter().zip(found) {
            match stat.map(|stat: Stat| meta::node(&name, &stat)) {
                Ok(Some(node)) => nodes.insert(name, node),
                Ok(None) | Err(Errno::NOENT) => nodes.remove(&name),
                Err(_) => return None,
            };
        }
        self.changed.clear();
        Some(nodes.values().cloned().collect())
    }
}

impl Watched {
    /// The folders, after everything that the kernel has to tell.
    fn up_to_date(&self, now: Instant) -> MutexGuard<'_, Folders> {
        let mut folders = self.folders.lock().unwrap_or_else(PoisonError::into_inner);
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
                        let seen = folders.known.get_mut(&place).and_then(|known| known.seen.as_mut());
                        if let Some(seen) = seen.filter(|seen| seen.changed.len() <= MOST_CHANGED) {
                            seen.changed.insert(name.to_bytes().to_vec());
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
        let kept = |known: &Folder| known.seen.as_ref().and_then(|seen| seen.nodes.as_ref()).map_or(0, HashMap::len);
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
