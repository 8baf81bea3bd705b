//! Indexes of folders: of two that change one at once the second must look again.

use super::{Campus, NOW, file};
use passerelle_core::ports::state::{State, SyncIndex};
use std::sync::Arc;

/// An index is replaced by whoever has read the newest, and by nobody else.
pub async fn an_index_is_replaced_by_who_has_read_it(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let (folder, other) = (file(&a, "x"), file(&a, "x/y"));
    let index = |version: u64, sealed: &str| SyncIndex { version, sealed: sealed.to_owned(), ends: NOW.plus(60) };
    assert_eq!(state.sync_index(&folder).await.unwrap(), None);
    assert!(!state.put_sync_index(&folder, Some(1), &index(2, "none was read")).await.unwrap());
    assert!(state.put_sync_index(&folder, None, &index(1, "first")).await.unwrap());
    assert!(!state.put_sync_index(&folder, None, &index(1, "another first")).await.unwrap());
    assert!(!state.put_sync_index(&folder, Some(7), &index(8, "of another")).await.unwrap());
    assert_eq!(state.sync_index(&folder).await.unwrap(), Some(index(1, "first")));
    assert!(state.put_sync_index(&folder, Some(1), &index(2, "second")).await.unwrap());
    assert!(!state.put_sync_index(&folder, Some(1), &index(2, "too late")).await.unwrap());
    assert_eq!(state.sync_index(&folder).await.unwrap(), Some(index(2, "second")));
    assert_eq!(state.sync_index(&other).await.unwrap(), None);
}
