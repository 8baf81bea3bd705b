//! That somebody's calendars or address books were changed through this node: whoever listens looks again. What other nodes and other
//! programs do is not in it: stores of collections tell nothing by themselves.

use crate::Session;
use passerelle_model::{Account, CollectionFamily, CollectionRef};
use std::future::pending;
use tokio::sync::broadcast::{Receiver, Sender, channel, error::RecvError};

/// Most news that somebody who listens is behind with; beyond it they look once for all of them.
const MOST_UNHEARD: usize = 256;

/// Where news are told.
#[derive(Debug, Clone)]
pub(crate) struct News(Sender<(Account, CollectionFamily)>);

impl Default for News {
    fn default() -> Self {
        Self(channel(MOST_UNHEARD).0)
    }
}

impl News {
    /// Something of the collection has changed. Where nobody listens nothing is kept.
    pub(crate) fn tell(&self, at: &CollectionRef) {
        drop(self.0.send((at.owner.clone(), at.family)));
    }
}

/// Somebody who listens.
#[derive(Debug)]
pub struct CollectionNews(Receiver<(Account, CollectionFamily)>);

impl CollectionNews {
    /// Waits until an owner's collections may have changed, and says of which families: of all, where so much has happened that nobody knows.
    /// Nothing is lost where this is left in the middle.
    pub async fn of(&mut self, owner: &Account) -> Vec<CollectionFamily> {
        loop {
            match self.0.recv().await {
                Ok((changed, _)) if changed != *owner => {}
                Ok((_, family)) => return vec![family],
                Err(RecvError::Lagged(_)) => return CollectionFamily::ALL.to_vec(),
                Err(RecvError::Closed) => pending().await,
            }
        }
    }
}

impl Session {
    /// Listens, from now on. Whose news are asked for decides the listener: nothing but that there are some is told.
    pub fn collection_news(&self) -> CollectionNews {
        CollectionNews(self.house.news.0.subscribe())
    }
}
