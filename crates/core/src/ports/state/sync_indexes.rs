//! Indexes of folders for clients that synchronise by differences: which members a folder had when somebody last looked.
//! They can be rebuilt: lost, each client lists the folder whole once.

use crate::ports::Fut;
use passerelle_model::{Target, Timestamp};

/// The index of one folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncIndex {
    /// Counts the changes of this row.
    pub version: u64,
    /// The members and when each changed, sealed by the gate: names of files are nobody's to read here.
    pub sealed: String,
    /// When it is swept, unless somebody synchronises before.
    pub ends: Timestamp,
}

/// The indexes.
pub trait SyncIndexes: Send + Sync {
    /// The index of a folder.
    fn sync_index<'a>(&'a self, folder: &'a Target) -> Fut<'a, Option<SyncIndex>>;

    /// Puts an index in the place of the one of version `from`, or where there was none; `false`, and nothing is changed, when
    /// another has come there meanwhile.
    fn put_sync_index<'a>(&'a self, folder: &'a Target, from: Option<u64>, index: &'a SyncIndex) -> Fut<'a, bool>;
}
