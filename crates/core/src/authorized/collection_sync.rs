//! Handles on collections: what changed in one since a client last looked (RFC 6578).
//!
//! A store that can tell changes itself is asked, and its own state travels in the client's token, under the gate's MAC: nothing is
//! kept, and what it costs does not grow with the collection. Of any other the items are listed and held against an index in State,
//! which has names and hashes of tags, never a word of what is in them.

use super::sync_index::{TRIES, see, told};
use crate::{
    Allows, Authorized, Error, Read, Resource, Result,
    folder_index::{FolderIndex, tag_hash},
    house::House,
    ports::{ListedItem, NodeKind},
    seal::Purpose,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use passerelle_model::{CollectionRef, ItemName};
use std::sync::Arc;

/// Longest state of a store that travels in a token, in octets.
const LONGEST_STATE: usize = 1024;
/// What a token with a store's own state begins with; the other kind begins with a hexadecimal digit.
const OF_STORE: &str = "s.";

/// What changed in a collection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CollectionChanges {
    /// What is new or other, and what is gone.
    pub changes: Vec<ItemChange>,
    /// Up to where the client knows now.
    pub token: String,
    /// Whether there is more behind that.
    pub more: bool,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ItemChange {
    /// It is new, or other than it was.
    Changed(ListedItem),
    /// It is gone.
    Gone(ItemName),
}

impl<R: Allows<Read>> Authorized<CollectionRef, R> {
    /// What changed since a token was given out; everything without one. At most `limit` changes where the index tells them, the
    /// oldest first; what the store tells itself comes whole. `None` when the token is none of this collection's, or too old: then
    /// the client begins anew without.
    ///
    /// # Errors
    /// `NotFound`, `Unavailable`: nothing is told to be gone unless all is known. `OverQuota` for more than an index holds.
    pub async fn changes_since(&self, token: Option<&str>, limit: Option<usize>) -> Result<Option<CollectionChanges>> {
        let own = match token {
            Some(token) => self.state_in(token),
            None => None,
        };
        if token.is_none() || own.is_some() {
            match self.told_by_store(own.as_deref()).await {
                // What told states once and does no more knows none of them.
                Err(Error::Unsupported { .. }) if own.is_some() => return Ok(None),
                Err(Error::Unsupported { .. }) => {}
                told => return told,
            }
        }
        self.told_by_index(token, limit).await
    }

    async fn told_by_store(&self, state: Option<&str>) -> Result<Option<CollectionChanges>> {
        let store = self.port.as_changing().ok_or(Error::Unsupported { what: "telling changes" })?;
        let Some(since) = store.since(&self.permit.narrow(), state).await? else { return Ok(None) };
        if since.state.len() > LONGEST_STATE {
            return Err(Error::Unsupported { what: "telling changes by so long a state" });
        }
        let gone = since.gone.into_iter().map(ItemChange::Gone);
        let changes = since.changed.into_iter().map(ItemChange::Changed).chain(gone).collect();
        let token = token_of(&self.house, self.target(), &since.state);
        Ok(Some(CollectionChanges { changes, token, more: since.more }))
    }

    /// The store's state in a token of this collection.
    fn state_in(&self, token: &str) -> Option<String> {
        let (plain, mac) = token.rsplit_once('.')?;
        let (sealer, epoch) = (&self.house.sealer, self.house.state.epoch());
        let told = told(&Resource::target(self.target()), plain);
        if !sealer.mac_holds(Purpose::SyncToken, epoch, &told, mac) {
            return None;
        }
        String::from_utf8(URL_SAFE_NO_PAD.decode(plain.strip_prefix(OF_STORE)?).ok()?).ok()
    }

    async fn told_by_index(&self, token: Option<&str>, limit: Option<usize>) -> Result<Option<CollectionChanges>> {
        let target = Resource::target(self.target());
        for _ in 0..TRIES {
            let known = self.known_index(&target).await?;
            let since = match token {
                None => Some(0),
                Some(token) => known.index.as_ref().and_then(|index| self.read_token(&target, index, token)),
            };
            let Some(since) = since else { return Ok(None) };
            let mut index = known.to_be_held()?;
            let mut changes = self.held_against(&mut index, since, token.is_some()).await?;
            if self.keep(&target, &known, &mut index).await? {
                // A token of before what was forgotten would be too old as soon as it is given out.
                let least = changes.partition_point(|(at, _)| *at <= index.forgotten);
                let limit = limit.unwrap_or(usize::MAX).max(least);
                let more = changes.len() > limit;
                changes.truncate(limit);
                let last = changes.last().map_or(index.forgotten, |(at, _)| *at);
                let token = self.token(&target, index.generation, if more { last } else { index.last });
                let changes = changes.into_iter().map(|(_, change)| change).collect();
                return Ok(Some(CollectionChanges { changes, token, more }));
            }
        }
        Err(Error::unavailable("state", "keeping an index", "others change it faster than it can be looked at"))
    }

    /// What the items that there are change in the index, each with its number.
    async fn held_against(
        &self,
        index: &mut Arc<FolderIndex>,
        since: u64,
        gone_too: bool,
    ) -> Result<Vec<(u64, ItemChange)>> {
        let run_out = || Error::OverQuota;
        let items = self.items().await?;
        let seen: std::collections::HashSet<&str> = items.iter().map(|item| item.name.as_str()).collect();
        let missing: Vec<String> = index.there().filter(|name| !seen.contains(*name)).map(str::to_owned).collect();
        let mut changes = Vec::new();
        for item in &items {
            let changed = see(index, item.name.as_str(), NodeKind::File, tag_hash(&item.etag)).ok_or_else(run_out)?;
            if changed > since {
                changes.push((changed, ItemChange::Changed(item.clone())));
            }
        }
        for name in missing {
            Arc::make_mut(index).miss(&name).ok_or_else(run_out)?;
        }
        if gone_too {
            let gone = index.gone_since(since);
            changes.extend(gone.filter_map(|(at, name, _)| Some((at, ItemChange::Gone(ItemName::parse(name).ok()?)))));
        }
        changes.sort_by_key(|(at, _)| *at);
        Ok(changes)
    }
}

/// The token for a state of a store's own: `"s." state "." mac`, the state in base64.
pub(crate) fn token_of(house: &House, at: &CollectionRef, state: &str) -> String {
    let plain = format!("{OF_STORE}{}", URL_SAFE_NO_PAD.encode(state));
    let mac = house.sealer.mac(Purpose::SyncToken, house.state.epoch(), &told(&at.target(), &plain));
    format!("{plain}.{mac}")
}
