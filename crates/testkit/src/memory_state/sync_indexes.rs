//! Indexes of folders in memory.

use super::{MemoryState, check_room, ready};
use passerelle_core::ports::{
    Fut,
    state::{SyncIndex, SyncIndexes},
};
use passerelle_model::Target;

impl SyncIndexes for MemoryState {
    fn sync_index<'a>(&'a self, folder: &'a Target) -> Fut<'a, Option<SyncIndex>> {
        ready(Ok(self.tables().sync_indexes.get(folder).cloned()))
    }

    fn put_sync_index<'a>(&'a self, folder: &'a Target, from: Option<u64>, index: &'a SyncIndex) -> Fut<'a, bool> {
        let mut tables = self.tables();
        if let Err(full) = check_room(tables.sync_indexes.len()) {
            return ready(Err(full));
        }
        let is_same = tables.sync_indexes.get(folder).map(|known| known.version) == from;
        if is_same {
            tables.sync_indexes.insert(folder.clone(), index.clone());
        }
        ready(Ok(is_same))
    }
}
