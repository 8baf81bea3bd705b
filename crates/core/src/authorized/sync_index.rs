//! The index of a folder's or a collection's members, and tokens that say up to where a client knows them.

use crate::{
    Authorized, Error, Resource, Result, Right,
    folder_index::{FolderIndex, TagHash},
    ports::{NodeKind, state::SyncIndex},
    seal::{self, Purpose},
};
use passerelle_model::{Target, Timestamp};
use std::sync::Arc;

/// How often a look is begun anew because another node was quicker.
pub(super) const TRIES: usize = 5;
/// How long an index is kept that nobody asks for, in seconds: 60 days; and how late its end is moved on, in seconds: a day.
const KEPT: i64 = 60 * 86_400;
const MOVED_ON_AFTER: i64 = 86_400;

/// An index as State has it.
pub(super) struct Known {
    row: Option<SyncIndex>,
    /// What the row says; nothing where there is none, or nobody can open it any more.
    pub(super) index: Option<Arc<FolderIndex>>,
}

impl Known {
    /// It, to be held against what there is; a new one where there is none.
    pub(super) fn to_be_held(&self) -> Result<Arc<FolderIndex>> {
        match &self.index {
            Some(index) => Ok(Arc::clone(index)),
            None => Ok(Arc::new(FolderIndex::new(seal::random()?))),
        }
    }
}

impl<T: Resource, R: Right> Authorized<T, R> {
    /// The index as State has it now.
    pub(super) async fn known_index(&self, target: &Target) -> Result<Known> {
        let Some(row) = self.house.state.sync_index(target).await? else { return Ok(Known { row: None, index: None }) };
        let indexes = &self.house.indexes;
        let index = indexes.get(target, &row).or_else(|| {
            let opened = self.house.sealer.open_bound(Purpose::SyncIndex, &facts(target), &row.sealed).ok()?;
            let index = Arc::new(FolderIndex::read(&opened)?);
            indexes.keep(target, &row, Arc::clone(&index));
            Some(index)
        });
        Ok(Known { row: Some(row), index })
    }

    /// Puts the index in the place of the one that was read; `false` when that is another by now.
    pub(super) async fn keep(&self, target: &Target, known: &Known, index: &mut Arc<FolderIndex>) -> Result<bool> {
        let (now, row) = ((self.house.clock)(), known.row.as_ref());
        let is_same = known.index.as_ref().is_some_and(|known| Arc::ptr_eq(known, index) || known == index);
        let is_young = |row: &SyncIndex| row.ends > Timestamp(now.0.saturating_add(KEPT - MOVED_ON_AFTER));
        if is_same && row.is_some_and(is_young) {
            return Ok(true);
        }
        Arc::make_mut(index).forget();
        let written = index.written().ok_or(Error::OverQuota)?;
        let sealed = self.house.sealer.seal_bound(Purpose::SyncIndex, &facts(target), &written)?;
        let from = row.map(|row| row.version);
        let next = SyncIndex { version: from.unwrap_or(0).saturating_add(1), sealed, ends: now.plus(KEPT) };
        let is_put = self.house.state.put_sync_index(target, from, &next).await?;
        if is_put {
            self.house.indexes.keep(target, &next, Arc::clone(index));
        }
        Ok(is_put)
    }

    /// `generation "-" number "-" mac`, the first two in hexadecimal digits.
    pub(super) fn token(&self, target: &Target, generation: [u8; 8], up_to: u64) -> String {
        let plain = format!("{:016x}-{up_to:x}", u64::from_be_bytes(generation));
        let mac = self.house.sealer.mac(Purpose::SyncToken, self.house.state.epoch(), &told(target, &plain));
        format!("{plain}-{mac}")
    }

    /// The number that a token of this folder stands for, when all changes since are known.
    pub(super) fn read_token(&self, target: &Target, index: &FolderIndex, token: &str) -> Option<u64> {
        let (generation, rest) = token.split_once('-')?;
        let (up_to, mac) = rest.split_once('-')?;
        let plain = format!("{generation}-{up_to}");
        let (sealer, epoch) = (&self.house.sealer, self.house.state.epoch());
        if !sealer.mac_holds(Purpose::SyncToken, epoch, &told(target, &plain), mac) {
            return None;
        }
        let is_its = u64::from_str_radix(generation, 16).ok()? == u64::from_be_bytes(index.generation);
        let up_to = u64::from_str_radix(up_to, 16).ok()?;
        (is_its && index.knows(up_to)).then_some(up_to)
    }
}

/// Notes a member that is there, as [`FolderIndex::see`] does. An index in which nothing has changed is not copied.
pub(super) fn see(index: &mut Arc<FolderIndex>, name: &str, kind: NodeKind, tag: TagHash) -> Option<u64> {
    index.unchanged(name, kind, tag).or_else(|| Arc::make_mut(index).see(name, kind, tag))
}

/// What binds an index to its folder.
fn facts(target: &Target) -> Vec<u8> {
    let owner = target.owner.as_ref().map(ToString::to_string).unwrap_or_default();
    let parts = [target.institution.as_str(), &owner, target.kind.as_str(), &target.tree, &target.path];
    // No part has a NUL.
    parts.join("\0").into_bytes()
}

pub(super) fn told(target: &Target, plain: &str) -> Vec<u8> {
    [&facts(target)[..], b"\0", plain.as_bytes()].concat()
}
