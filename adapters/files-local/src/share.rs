//! What all operations of one store have in common: where its trees are, who makes the calls, and how long they may take.

use crate::{buffers::Buffers, hands::Hands, settings::Settings, watch::Watch};
use passerelle_core::{Error, Result};
use passerelle_model::Account;
use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};
use tokio::{sync::Semaphore, time::timeout};

/// Most system calls of one store at once; the next wait, at most as long as a call may take.
pub const MOST_CALLS: usize = 64;
/// Most copies and removals of trees at once, which take none of those places.
pub const MOST_TREES: usize = 16;
/// How long a call on a share may take before the share counts as unavailable.
const DEADLINE: Duration = Duration::from_secs(30);
/// The same for what touches a whole file or tree: a commit, a copy, a removal.
const LONG_DEADLINE: Duration = Duration::from_secs(600);

/// How long something may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Span {
    /// One look or a chunk.
    Call,
    /// The end of an upload, which may wait for the disk.
    Commit,
    /// A whole tree.
    Tree,
}

/// A store's common part, with somebody's hands.
#[derive(Debug)]
pub(crate) struct Share {
    /// As messages call it.
    pub(crate) name: Arc<str>,
    pub(crate) settings: Arc<Settings>,
    pub(crate) hands: Arc<dyn Hands>,
    pub(crate) buffers: Buffers,
    pub(crate) watch: Watch,
    calls: Arc<Semaphore>,
    trees: Arc<Semaphore>,
    /// The device, if any, of which it is known that it is a disk of this machine; 0 is none.
    local: Arc<AtomicU64>,
}

impl Share {
    pub(crate) fn with_hands(name: &str, settings: Settings, hands: Arc<dyn Hands>) -> Arc<Self> {
        Arc::new(Self {
            name: name.into(),
            settings: Arc::new(settings),
            hands,
            buffers: Buffers::default(),
            watch: Watch::default(),
            calls: Arc::new(Semaphore::new(MOST_CALLS)),
            trees: Arc::new(Semaphore::new(MOST_TREES)),
            local: Arc::default(),
        })
    }

    /// The same share, with the calls made by others.
    pub(crate) fn in_hands_of(&self, hands: Arc<dyn Hands>) -> Arc<Self> {
        Arc::new(Self {
            name: Arc::clone(&self.name),
            settings: Arc::clone(&self.settings),
            hands,
            buffers: self.buffers.clone(),
            watch: self.watch.clone(),
            calls: Arc::clone(&self.calls),
            trees: Arc::clone(&self.trees),
            local: Arc::clone(&self.local),
        })
    }

    /// Where an owner's tree is, by the settings.
    pub(crate) fn whereabouts(&self, owner: &Account) -> Option<String> {
        let root = self.settings.path.root(owner.institution.as_str(), owner.id.as_str());
        root.to_str().map(str::to_owned)
    }

    /// Runs system calls on a thread where they may wait.
    pub(crate) async fn run<T: Send + 'static>(
        self: &Arc<Self>,
        doing: &'static str,
        span: Span,
        work: impl FnOnce(&Arc<Self>) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let (places, deadline) = match span {
            Span::Call => (&self.calls, DEADLINE),
            Span::Commit => (&self.calls, LONG_DEADLINE),
            Span::Tree => (&self.trees, LONG_DEADLINE),
        };
        let late = |_| Error::unavailable(&self.name, doing, "the share did not answer in time");
        let calls = Arc::clone(places).acquire_owned();
        let call = timeout(deadline, calls).await.map_err(late)?;
        let call = call.map_err(|error| Error::internal(doing, error))?;
        let share = Arc::clone(self);
        let running = tokio::task::spawn_blocking(move || {
            let done = work(&share);
            drop(call);
            done
        });
        timeout(deadline, running).await.map_err(late)?.map_err(|error| Error::internal(doing, error))?
    }

    pub(crate) fn is_local(&self, device: u64) -> bool {
        device != 0 && self.local.load(Ordering::Relaxed) == device
    }

    pub(crate) fn learn_local(&self, device: u64) {
        self.local.store(device, Ordering::Relaxed);
    }
}
