//! What a client may ask for at once (RFC 8620 §2, §3.6.1). The session tells these very numbers.

use passerelle_model::Account;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// Largest request, in octets.
pub(crate) const LARGEST_REQUEST: usize = 10_000_000;
/// Most method calls of a request.
pub(crate) const MOST_CALLS: usize = 32;
/// Most objects of a `/get`.
pub(crate) const MOST_GOT: usize = 1_000;
/// Most objects of a `/set`.
pub(crate) const MOST_SET: usize = 1_000;
/// Largest upload, in octets: as a message in base64 it is a third larger, within what stores take.
pub(crate) const LARGEST_UPLOAD: u64 = 100_000_000;
/// Most requests of a person at once, on each node.
pub(crate) const MOST_REQUESTS: u32 = 8;
/// Most downloads of a person at once, on each node.
pub(crate) const MOST_DOWNLOADS: u32 = 16;
/// Most windows of a person that listen at once, on each node.
pub(crate) const MOST_LISTENING: u32 = 32;
/// Most conversations of a person at once, on each node.
pub(crate) const MOST_SOCKETS: u32 = 16;
/// Most uploads of a person at once, on each node.
pub(crate) const MOST_UPLOADS: u32 = 4;

/// Most pictures from elsewhere that are fetched for a person at once, on each node.
pub(crate) const MOST_IMAGES: u32 = 8;

/// What a person does at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Doing {
    Requests,
    Uploads,
    Downloads,
    Listening,
    Sockets,
    Images,
}

impl Doing {
    const fn most(self) -> u32 {
        match self {
            Self::Requests => MOST_REQUESTS,
            Self::Uploads => MOST_UPLOADS,
            Self::Downloads => MOST_DOWNLOADS,
            Self::Listening => MOST_LISTENING,
            Self::Sockets => MOST_SOCKETS,
            Self::Images => MOST_IMAGES,
        }
    }

    /// The limit, as an error names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Requests => "maxConcurrentRequests",
            Self::Uploads => "maxConcurrentUpload",
            Self::Downloads => "maxConcurrentDownload",
            Self::Listening => "maxConcurrentEventSource",
            Self::Sockets => "maxConcurrentWebSocket",
            Self::Images => "maxConcurrentImage",
        }
    }
}

type Counts = Mutex<HashMap<(Account, Doing), u32>>;

/// Who does how much at this moment.
#[derive(Debug, Clone, Default)]
pub(crate) struct Crowd(Arc<Counts>);

impl Crowd {
    /// A place for one more; `None` where the person has all of theirs. It is free again when it is dropped.
    pub(crate) fn enter(&self, who: &Account, doing: Doing) -> Option<Place> {
        let key = (who.clone(), doing);
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(key.clone()).or_default();
        if *count >= doing.most() {
            return None;
        }
        *count = count.saturating_add(1);
        Some(Place { counts: Arc::clone(&self.0), key })
    }
}

/// A place that is taken.
#[derive(Debug)]
pub(crate) struct Place {
    counts: Arc<Counts>,
    key: (Account, Doing),
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = counts.get_mut(&self.key) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                counts.remove(&self.key);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_model::{AccountId, InstitutionId};

    #[test]
    fn a_person_has_so_many_places_and_another_has_theirs() {
        let account = |id: &str| Account {
            institution: InstitutionId::parse("garonne").unwrap(),
            id: AccountId::parse(id).unwrap(),
        };
        let (crowd, one, other) = (Crowd::default(), account("a"), account("b"));
        let mut places: Vec<_> = (0..MOST_UPLOADS).map(|_| crowd.enter(&one, Doing::Uploads).unwrap()).collect();
        assert!(crowd.enter(&one, Doing::Uploads).is_none());
        assert!(crowd.enter(&one, Doing::Requests).is_some() && crowd.enter(&other, Doing::Uploads).is_some());
        places.pop();
        assert!(crowd.enter(&one, Doing::Uploads).is_some());
        drop(places);
        assert!(crowd.0.lock().unwrap().is_empty());
    }
}
