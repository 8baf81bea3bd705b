//! Finding files by their names: a walk through folders, breadth first, which tells what it finds as it finds it, and at its end
//! whether it has seen everything.
//!
//! Each folder is opened through the gate before it is listed, and each hit before it is told: what the person may not look up is
//! neither shown nor counted, and a right that is withdrawn ends at the next folder. Contents are not looked into.

use crate::{
    Error, Lookup, Read, Result, Session,
    link::root_of,
    name_match::Words,
    ports::{Node, NodeKind},
};
use futures::{StreamExt, future::BoxFuture, stream::FuturesUnordered};
use passerelle_model::{Account, InstitutionId, MountId, NodeRef};
use std::{
    collections::{HashSet, VecDeque},
    fmt,
    sync::Arc,
    time::Duration,
};
use tokio::time::{Instant, timeout, timeout_at};

/// Most folders that a search looks into.
pub const MOST_FOLDERS_SEARCHED: usize = 5_000;
/// Most entries that a search looks at.
pub const MOST_ENTRIES_SEARCHED: usize = 250_000;
/// Most hits.
pub const MOST_NAMES_FOUND: usize = 200;
/// How long a search takes at most.
pub const LONGEST_SEARCH: Duration = Duration::from_secs(10);
/// Most trees and shared places that a search begins with.
const MOST_ROOTS_SEARCHED: usize = 1_000;
/// Most trees that are told to have been out of reach.
const MOST_AWAY_TOLD: usize = 5;
/// Folders that one search lists at a time.
const AT_ONCE: usize = 4;
/// How long one folder may take. A store that is slower is not asked again by this search, so that it leaves time for others.
const SLOWEST_FOLDER: Duration = Duration::from_secs(4);

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NameHit {
    /// Where.
    pub at: NodeRef,
    /// What it is.
    pub node: Node,
}

/// Why a search has not seen everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SearchStop {
    /// It found as much as one search tells.
    Hits,
    /// There are more folders, or entries, than one search looks at.
    Size,
    /// It took too long.
    Time,
    /// A store could not say what is in one of the folders; the others were looked into. [`NameSearch::away`] says whose.
    Unavailable,
}

/// A store, as far as a search tells one from another: an institution's homes, or one of its spaces.
type Store = (InstitutionId, MountId);

/// A search under way.
pub struct NameSearch<'s> {
    session: &'s Session,
    words: Arc<Words>,
    /// Folders that are not looked into yet, the highest first.
    waiting: VecDeque<(NodeRef, Origin)>,
    /// Folders that were met; what is shared within something shared is looked into once.
    met: HashSet<NodeRef>,
    under_way: FuturesUnordered<BoxFuture<'s, Result<Walked>>>,
    ready: VecDeque<NameHit>,
    told: HashSet<NodeRef>,
    entries: usize,
    ends: Instant,
    stopped: Option<SearchStop>,
    /// Stores that were too slow.
    slow: HashSet<Store>,
    /// Whose trees were out of reach, the first of them.
    away: Vec<Account>,
}

/// Where a folder comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// The search begins with it: it was in no listing, and may be a file.
    Root,
    /// It was listed, and its name was looked at there.
    Listing,
}

/// What one folder has.
struct Walked {
    hits: Vec<NameHit>,
    folders: Vec<NodeRef>,
    entries: usize,
    trouble: Option<Trouble>,
}

/// Why a folder was not looked through.
struct Trouble {
    folder: NodeRef,
    is_slow: bool,
}

impl Session {
    /// Everything that this person may look through: their own files, the spaces, and what others share with them.
    ///
    /// # Errors
    /// `Forbidden` for a link; `Unavailable` when State or the directory cannot say what is shared.
    pub async fn searched_roots(&self) -> Result<Vec<NodeRef>> {
        let own = self.home_of(self.principal()?.account());
        let (spaces, shared) = (self.spaces().await?, self.shared_with_me().await?);
        let spaces = spaces.iter().filter_map(|space| self.home_of(space));
        let shared = shared.iter().filter_map(|granted| root_of(&granted.target));
        Ok(own.into_iter().chain(spaces).chain(shared).collect())
    }

    /// Begins to look for names with all of these words in them, in folders and below. Neither case nor accents count. Names that
    /// begin with a dot are left out unless a word does.
    ///
    /// # Errors
    /// `Invalid` when there is no word, or too much of them.
    pub fn search_names(&self, mut roots: Vec<NodeRef>, words: &str) -> Result<NameSearch<'_>> {
        let words = Words::parse(words).ok_or(Error::invalid("nothing to look for, or too much"))?;
        // Somebody with whom everybody shares has as many roots as there are people.
        let stopped = (roots.len() > MOST_ROOTS_SEARCHED).then_some(SearchStop::Size);
        roots.truncate(MOST_ROOTS_SEARCHED);
        Ok(NameSearch {
            session: self,
            words: Arc::new(words),
            met: roots.iter().cloned().collect(),
            under_way: FuturesUnordered::new(),
            ready: VecDeque::new(),
            waiting: roots.into_iter().map(|root| (root, Origin::Root)).collect(),
            told: HashSet::new(),
            entries: 0,
            ends: Instant::now() + LONGEST_SEARCH,
            stopped,
            slow: HashSet::new(),
            away: Vec::new(),
        })
    }
}

impl NameSearch<'_> {
    /// The next hit; `None` at the end, of which [`Self::stopped`] tells.
    ///
    /// # Errors
    /// `Unauthenticated` when the session was withdrawn meanwhile.
    pub async fn next(&mut self) -> Result<Option<NameHit>> {
        loop {
            if let Some(hit) = self.ready.pop_front() {
                if self.told.len() >= MOST_NAMES_FOUND {
                    return Ok(self.stop(SearchStop::Hits));
                }
                if self.told.insert(hit.at.clone()) {
                    return Ok(Some(hit));
                }
                continue;
            }
            while self.under_way.len() < AT_ONCE
                && let Some((folder, origin)) = self.waiting.pop_front()
            {
                if self.slow.contains(&store_of(&folder)) {
                    self.is_away(&folder);
                    continue;
                }
                self.under_way.push(Box::pin(walk(self.session, folder, origin, Arc::clone(&self.words))));
            }
            let Ok(walked) = timeout_at(self.ends, self.under_way.next()).await else {
                return Ok(self.stop(SearchStop::Time));
            };
            let Some(walked) = walked.transpose()? else { return Ok(None) };
            self.ready.extend(walked.hits);
            if let Some(Trouble { folder, is_slow }) = walked.trouble {
                self.is_away(&folder);
                if is_slow {
                    self.slow.insert(store_of(&folder));
                }
            }
            self.entries = self.entries.saturating_add(walked.entries);
            if self.entries > MOST_ENTRIES_SEARCHED {
                self.end(SearchStop::Size);
            }
            for folder in walked.folders {
                if self.met.len() >= MOST_FOLDERS_SEARCHED {
                    self.stopped = self.stopped.or(Some(SearchStop::Size));
                } else if self.met.insert(folder.clone()) {
                    self.waiting.push_back((folder, Origin::Listing));
                }
            }
        }
    }

    /// Why not everything was looked at, once the end has come; `None` when everything was.
    pub fn stopped(&self) -> Option<SearchStop> {
        self.stopped
    }

    /// Whose trees, or parts of them, could not be looked into because their store was out of reach or too slow: the first of
    /// them.
    pub fn away(&self) -> &[Account] {
        &self.away
    }

    fn is_away(&mut self, folder: &NodeRef) {
        self.stopped = self.stopped.or(Some(SearchStop::Unavailable));
        if self.away.len() < MOST_AWAY_TOLD && !self.away.contains(&folder.owner) {
            self.away.push(folder.owner.clone());
        }
    }

    /// Looks into no further folder.
    fn end(&mut self, why: SearchStop) {
        self.stopped = Some(why);
        self.waiting.clear();
        self.under_way.clear();
    }

    fn stop(&mut self, why: SearchStop) -> Option<NameHit> {
        self.end(why);
        self.ready.clear();
        None
    }
}

impl fmt::Debug for NameSearch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NameSearch")
            .field("told", &self.told.len())
            .field("stopped", &self.stopped)
            .finish_non_exhaustive()
    }
}

fn store_of(folder: &NodeRef) -> Store {
    (folder.owner.institution.clone(), folder.mount.clone())
}

/// Looks into one folder. One that is gone, or is not the person's to read, has nothing in it.
async fn walk(session: &Session, folder: NodeRef, origin: Origin, words: Arc<Words>) -> Result<Walked> {
    let mut walked = Walked { hits: Vec::new(), folders: Vec::new(), entries: 0, trouble: None };
    let listed = timeout(SLOWEST_FOLDER, listed(session, &folder, origin, &words, &mut walked)).await;
    let is_slow = match listed {
        Ok(Ok(()) | Err(Error::NotFound | Error::Forbidden | Error::NoParent)) => return Ok(walked),
        // A file took its place; from a folder, that is a store's refusal.
        Ok(Err(Error::Invalid { .. })) if is_file(session, &folder).await => return Ok(walked),
        Ok(Err(error @ Error::Unauthenticated)) => return Err(error),
        Ok(Err(_)) => false,
        Err(_) => true,
    };
    // What is told of this folder so far is true; that it is not all is said.
    Ok(Walked { trouble: Some(Trouble { folder, is_slow }), ..walked })
}

async fn is_file(session: &Session, node: &NodeRef) -> bool {
    let stat = async { session.open::<_, Lookup>(node.clone()).await?.stat().await };
    matches!(timeout(SLOWEST_FOLDER, stat).await, Ok(Ok(node)) if node.kind == NodeKind::File)
}

async fn listed(session: &Session, folder: &NodeRef, origin: Origin, words: &Words, walked: &mut Walked) -> Result<()> {
    if origin == Origin::Root
        && let Some(name) = folder.path.name()
    {
        let node = session.open::<_, Lookup>(folder.clone()).await?.stat().await?;
        let is_file = node.kind == NodeKind::File;
        if words.are_in(name) {
            walked.hits.push(NameHit { at: folder.clone(), node });
        }
        if is_file {
            return Ok(());
        }
    }
    let opened = session.open::<_, Read>(folder.clone()).await?;
    let mut batches = opened.list().await?;
    while let Some(batch) = batches.next().await {
        for node in batch? {
            walked.entries = walked.entries.saturating_add(1);
            if walked.entries > MOST_ENTRIES_SEARCHED {
                return Ok(());
            }
            // What no path can be is not reached by one.
            let Ok(path) = folder.path.join(&node.name) else { continue };
            if node.name.starts_with('.') && !words.look_at_hidden() {
                continue;
            }
            let at = NodeRef { path, ..folder.clone() };
            if node.kind == NodeKind::Folder && walked.folders.len() < MOST_FOLDERS_SEARCHED {
                walked.folders.push(at.clone());
            }
            if walked.hits.len() <= MOST_NAMES_FOUND
                && words.are_in(&node.name)
                && session.open::<_, Lookup>(at.clone()).await.is_ok()
            {
                walked.hits.push(NameHit { at, node });
            }
        }
    }
    Ok(())
}
