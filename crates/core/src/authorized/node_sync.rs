//! Handles on folders: what changed in one since a client last looked (RFC 6578).
//!
//! Every look lists the folder whole and holds it against the index in State. The index is read before the listing begins and
//! put back only in the place of what was read: else an old listing could take for gone what another node has just seen come.

use super::sync_index::{TRIES, see};
use crate::{
    Allows, Authorized, Error, Lookup, Permit, Read, Resource, Result,
    folder_index::{FolderIndex, tag_hash},
    ports::{Node, NodeKind},
};
use futures::StreamExt;
use passerelle_model::{NodeRef, Target};
use std::{collections::HashSet, sync::Arc};

/// Most members looked for once more before they are taken for gone. A listing that is read while somebody renames over a name
/// can miss it on some file systems. Where more are missing, the first so many are looked for.
const MOST_LOOKED_FOR: usize = 256;

/// What changed in a folder.
#[derive(Debug)]
pub struct FolderChanges {
    /// What is new or other, and the names of what is gone, in the order of the changes.
    pub changes: Vec<FolderChange>,
    /// Up to where the client knows now.
    pub token: String,
    /// Whether there is more behind that.
    pub more: bool,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FolderChange {
    /// It is new, or other than it was.
    Changed(Node),
    /// What was called so is gone.
    Gone(String, NodeKind),
}

/// Since when changes are wanted.
#[derive(Debug, Clone, Copy)]
enum Since<'t> {
    Ever,
    Token(&'t str),
    Now,
}

impl<R: Allows<Read>> Authorized<NodeRef, R> {
    /// What changed in this folder since a token was given out; everything that is in it without one. At most `limit` changes,
    /// the oldest first. `None` when the token is none of this folder's, or too old: then the client begins anew without.
    ///
    /// # Errors
    /// As [`Self::list`]: nothing is told to be gone unless the listing came to its end. `OverQuota` for a folder with more
    /// than an index holds; `Unavailable` as well when others change it faster than it can be looked at.
    pub async fn changes_since(&self, token: Option<&str>, limit: Option<usize>) -> Result<Option<FolderChanges>> {
        self.changes(token.map_or(Since::Ever, Since::Token), limit).await
    }

    /// The token of this folder as it is now.
    ///
    /// # Errors
    /// As [`Self::changes_since`].
    pub async fn sync_token(&self) -> Result<String> {
        let now = self.changes(Since::Now, None).await?;
        Ok(now.map(|now| now.token).unwrap_or_default())
    }

    async fn changes(&self, since: Since<'_>, limit: Option<usize>) -> Result<Option<FolderChanges>> {
        let target = Resource::target(self.target());
        for _ in 0..TRIES {
            let known = self.known_index(&target).await?;
            let number = match since {
                Since::Ever => Some(0),
                Since::Now => Some(u64::MAX),
                Since::Token(token) => known.index.as_ref().and_then(|index| self.read_token(&target, index, token)),
            };
            let Some(number) = number else { return Ok(None) };
            let mut index = known.to_be_held()?;
            let changes = self.look(&mut index, number, matches!(since, Since::Token(_))).await?;
            if self.keep(&target, &known, &mut index).await? {
                return Ok(Some(self.cut(&target, &index, changes, limit)));
            }
        }
        Err(Error::unavailable("state", "keeping an index", "others change it faster than it can be looked at"))
    }

    /// Lists the folder into the index. What changed since a number, each with its own.
    async fn look(&self, index: &mut Arc<FolderIndex>, since: u64, gone_too: bool) -> Result<Vec<(u64, FolderChange)>> {
        let run_out = || Error::OverQuota;
        let mut changes = Vec::new();
        let mut seen: HashSet<String> = HashSet::new();
        let mut octets = 0_usize;
        let mut listing = self.list().await?;
        while let Some(batch) = listing.next().await {
            for node in batch? {
                // What no path can be is reached by none, and so is not told.
                if self.target().path.join(&node.name).is_err() {
                    continue;
                }
                octets = octets.saturating_add(node.name.len()).saturating_add(crate::folder_index::LEAST_MEMBER);
                if octets > crate::folder_index::LONGEST_INDEX {
                    return Err(Error::OverQuota);
                }
                let changed = see(index, &node.name, node.kind, tag_hash(&node.etag)).ok_or_else(run_out)?;
                seen.insert(node.name.clone());
                if changed > since {
                    changes.push((changed, FolderChange::Changed(node)));
                }
            }
        }
        let missing: Vec<String> = index.there().filter(|name| !seen.contains(*name)).map(str::to_owned).collect();
        let many = missing.len() > MOST_LOOKED_FOR;
        for (at, name) in missing.into_iter().enumerate() {
            if at < MOST_LOOKED_FOR && !self.is_gone(&name).await? {
                if many {
                    // Of so many nothing is believed when one of those looked for is there.
                    return Err(Error::unavailable("files", "listing", "a listing lacks what is there"));
                }
                continue;
            }
            Arc::make_mut(index).miss(&name).ok_or_else(run_out)?;
        }
        if gone_too {
            let gone = index.gone_since(since);
            changes.extend(gone.map(|(at, name, kind)| (at, FolderChange::Gone(name.to_owned(), kind))));
        }
        changes.sort_by_key(|(at, _)| *at);
        Ok(changes)
    }

    /// Whether a member is not there. What may be read as a whole may be looked up in part.
    async fn is_gone(&self, name: &str) -> Result<bool> {
        let Ok(path) = self.target().path.join(name) else { return Ok(true) };
        let member = NodeRef { path, ..self.target().clone() };
        let numbers = self.permit.owner_numbers().map(|numbers| numbers.as_ref().clone());
        let permit: Permit<NodeRef, Lookup> = Permit::mint(member, self.permit.actor_shared(), numbers);
        match self.port.stat(&permit).await {
            Ok(_) => Ok(false),
            Err(Error::NotFound) => Ok(true),
            Err(error) => Err(error),
        }
    }

    fn cut(
        &self,
        target: &Target,
        index: &FolderIndex,
        mut changes: Vec<(u64, FolderChange)>,
        limit: Option<usize>,
    ) -> FolderChanges {
        // A token of before what was forgotten would be too old as soon as it is given out.
        let least = changes.partition_point(|(at, _)| *at <= index.forgotten);
        let limit = limit.unwrap_or(usize::MAX).max(least);
        let more = changes.len() > limit;
        changes.truncate(limit);
        let up_to = if more { changes.last().map_or(index.forgotten, |(at, _)| *at) } else { index.last };
        let token = self.token(target, index.generation, up_to);
        FolderChanges { changes: changes.into_iter().map(|(_, change)| change).collect(), token, more }
    }
}
