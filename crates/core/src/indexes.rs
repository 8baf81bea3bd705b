//! Indexes of folders and collections as State has them, opened, in memory alone: of ten thousand members they take longer to open than to
//! hold against what is there. What is kept counts only for the row that it was read from.

use crate::{
    folder_index::{FolderIndex, LEAST_MEMBER},
    ports::state::SyncIndex,
};
use moka::sync::Cache;
use passerelle_model::Target;
use std::{
    fmt,
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Duration,
};

/// Most octets that are kept, about.
const MOST_OCTETS: u64 = 64 * 1024 * 1024;
/// What a member takes beside its name, about.
const EACH: usize = LEAST_MEMBER + 62;
/// An index that nobody asks for is forgotten.
const IDLE: Duration = Duration::from_secs(3600);

/// The indexes.
#[derive(Clone)]
pub(crate) struct Indexes {
    hash: RandomState,
    kept: Cache<Target, (u64, Arc<FolderIndex>)>,
}

impl Default for Indexes {
    fn default() -> Self {
        let weight = |_: &Target, (_, index): &(u64, Arc<FolderIndex>)| {
            u32::try_from(index.octets().saturating_add(index.len().saturating_mul(EACH))).unwrap_or(u32::MAX)
        };
        let kept = Cache::builder().max_capacity(MOST_OCTETS).weigher(weight).time_to_idle(IDLE).build();
        Self { hash: RandomState::new(), kept }
    }
}

impl fmt::Debug for Indexes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Indexes({})", self.kept.entry_count())
    }
}

impl Indexes {
    /// What is kept of this very row.
    pub(crate) fn get(&self, folder: &Target, row: &SyncIndex) -> Option<Arc<FolderIndex>> {
        let (of, index) = self.kept.get(folder)?;
        (of == self.hash.hash_one(&row.sealed)).then_some(index)
    }

    /// Keeps what a row says.
    pub(crate) fn keep(&self, folder: &Target, row: &SyncIndex, index: Arc<FolderIndex>) {
        self.kept.insert(folder.clone(), (self.hash.hash_one(&row.sealed), index));
    }
}
