//! Which kinds of components calendars hold, in memory alone: a calendar is made with them, and every write into it is held to them.

use crate::ports::ComponentKind;
use moka::sync::Cache;
use passerelle_model::CollectionRef;
use std::{fmt, sync::Arc, time::Duration};

/// Most calendars that are kept.
const MOST: u64 = 10_000;
/// How long one is believed: another node may have made it anew with other kinds, or somebody may have edited its file.
const AGE: Duration = Duration::from_secs(60);

/// The kinds; `None` for a calendar that holds all.
pub(crate) type Kinds = Option<Arc<[ComponentKind]>>;

/// What is known of calendars.
#[derive(Clone)]
pub(crate) struct HeldKinds(Cache<CollectionRef, Kinds>);

impl Default for HeldKinds {
    fn default() -> Self {
        Self(Cache::builder().max_capacity(MOST).time_to_live(AGE).build())
    }
}

impl fmt::Debug for HeldKinds {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HeldKinds").finish_non_exhaustive()
    }
}

impl HeldKinds {
    pub(crate) fn get(&self, at: &CollectionRef) -> Option<Kinds> {
        self.0.get(at)
    }

    pub(crate) fn keep(&self, at: &CollectionRef, kinds: Kinds) {
        self.0.insert(at.clone(), kinds);
    }

    pub(crate) fn forget(&self, at: &CollectionRef) {
        self.0.invalidate(at);
    }
}
