//! Changes of a tree for surfaces whose clients say whether they mean a file or a folder, and expect that a folder goes only when
//! it is empty. The port removes with all that is in it; so each change holds on the condition that what was seen is still there.

use crate::{
    Add, Error, Read, Remove, Result, Session,
    ports::{Node, NodeKind, Precondition},
};
use futures::StreamExt;
use passerelle_model::NodeRef;

/// What keeps a change from being made, where nothing has failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Obstacle {
    /// It is a folder.
    IsFolder,
    /// It is a file.
    IsFile,
    /// The folder has something in it.
    NotEmpty,
    /// Something has that name.
    Taken,
    /// A folder does not go into itself, nor into the place of one that holds it.
    Within,
    /// It lies in another file store: copy it, and remove it here.
    OtherStore,
}

/// Whether a rename may take a file's place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replacing {
    /// A file takes a file's place; nothing takes a folder's.
    Files,
    /// Nothing is replaced.
    Nothing,
}

/// A change that was made, or what kept it from being made.
pub type Changed = Result<Result<(), Obstacle>>;

/// What stands there now and nothing else.
fn as_seen(seen: &Node) -> Precondition {
    Precondition::Matches(vec![seen.etag.as_str().to_owned()])
}

impl Session {
    /// Removes a file. A folder that takes its name meanwhile does not go with it.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`; `Conflict` when it was changed meanwhile.
    pub async fn remove_file(&self, node: &NodeRef) -> Changed {
        let seen = self.look_at_node(node).await?.ok_or(Error::NotFound)?;
        let handle = self.open_seen::<Remove>(node).await?;
        if seen.kind == NodeKind::Folder {
            return Ok(Err(Obstacle::IsFolder));
        }
        handle.remove(&as_seen(&seen)).await.map(Ok)
    }

    /// Removes an empty folder. What is put into it meanwhile changes its tag, and nothing goes.
    ///
    /// # Errors
    /// As [`Self::remove_file`]; `Forbidden` for the top of a tree; what listing it fails with.
    pub async fn remove_folder(&self, node: &NodeRef) -> Changed {
        let seen = self.look_at_node(node).await?.ok_or(Error::NotFound)?;
        let handle = self.open_seen::<Remove>(node).await?;
        if node.path.is_root() {
            return Err(Error::Forbidden);
        }
        if seen.kind == NodeKind::File {
            return Ok(Err(Obstacle::IsFile));
        }
        let mut listing = self.open_seen::<Read>(node).await?.list().await?;
        while let Some(batch) = listing.next().await {
            if !batch?.is_empty() {
                return Ok(Err(Obstacle::NotEmpty));
            }
        }
        handle.remove(&as_seen(&seen)).await.map(Ok)
    }

    /// Makes a folder.
    ///
    /// # Errors
    /// `NotFound`, `Forbidden`, `NoParent`.
    pub async fn make_folder(&self, node: &NodeRef) -> Changed {
        if self.look_at_node(node).await?.is_some() {
            return Ok(Err(Obstacle::Taken));
        }
        match self.open_seen::<Add>(node).await?.make_folder().await {
            Ok(_) => Ok(Ok(())),
            Err(Error::Conflict) => Ok(Err(Obstacle::Taken)),
            Err(error) => Err(error),
        }
    }

    /// Whether something is there that may be moved away.
    ///
    /// # Errors
    /// `NotFound`; `Forbidden`, also for the top of a tree.
    pub async fn may_move(&self, node: &NodeRef) -> Result<Node> {
        let seen = self.look_at_node(node).await?.ok_or(Error::NotFound)?;
        // Who moves something away could take a copy as well.
        self.open_seen::<Read>(node).await?;
        self.open_seen::<Remove>(node).await?;
        if node.path.is_root() { Err(Error::Forbidden) } else { Ok(seen) }
    }

    /// Moves a file or a folder.
    ///
    /// # Errors
    /// As [`Self::may_move`], and what putting it there fails with.
    pub async fn move_node(&self, from: &NodeRef, to: &NodeRef, replacing: Replacing) -> Changed {
        let seen = self.may_move(from).await?;
        let there = self.look_at_node(to).await?;
        let add = self.open_seen::<Add>(to).await?;
        let same_tree = from.owner == to.owner && from.mount == to.mount;
        if to.path.is_root() || same_tree && (to.path.is_within(&from.path) || from.path.is_within(&to.path)) {
            return Ok(Err(Obstacle::Within));
        }
        let both_files = |there: &Node| there.kind == NodeKind::File && seen.kind == NodeKind::File;
        let replaced = match there {
            None => None,
            Some(there) if replacing == Replacing::Files && both_files(&there) => {
                Some(self.open_seen::<Remove>(to).await?)
            }
            Some(_) => return Ok(Err(Obstacle::Taken)),
        };
        let source = self.open_seen::<Remove>(from).await?;
        match source.move_to(&add, replaced.as_ref()).await {
            Ok(()) => Ok(Ok(())),
            Err(error) if error.is_between_stores() => Ok(Err(Obstacle::OtherStore)),
            Err(Error::Conflict) => Ok(Err(Obstacle::Taken)),
            Err(error) => Err(error),
        }
    }
}
