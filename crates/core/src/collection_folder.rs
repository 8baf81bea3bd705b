//! The folder of an owner's tree that collections of a family lie in: the only way from a permit on a collection to permits on
//! files, which leads nowhere but there.

use crate::{
    Error, Mount, Result, Right,
    permit::Permit,
    ports::FileStore,
    rights::{Allows, Lookup, Read},
};
use passerelle_model::{Account, CollectionRef, NodePath, NodeRef};
use std::fmt;

/// A folder of each owner's tree that their collections of one family lie in.
#[derive(Clone)]
pub struct CollectionFolder {
    tree: Mount,
    folder: NodePath,
}

impl fmt::Debug for CollectionFolder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CollectionFolder({}/{})", self.tree.id, self.folder.as_str())
    }
}

impl CollectionFolder {
    /// The folder at this path of the trees of a mount, which is not their root; `None` for the root.
    pub fn new(tree: Mount, folder: NodePath) -> Option<Self> {
        (!folder.is_root()).then_some(Self { tree, folder })
    }

    /// The store of the trees.
    pub fn store(&self) -> &dyn FileStore {
        self.tree.store.as_ref()
    }

    /// Its path in each tree.
    pub fn path(&self) -> &NodePath {
        &self.folder
    }

    /// A place in it by the names on the way down.
    ///
    /// # Errors
    /// `Unsupported` for what is no path, or too long for one.
    pub fn place(&self, owner: &Account, below: &[&str]) -> Result<NodeRef> {
        let no_path = |_| Error::Unsupported { what: "keeping a file under such a name" };
        let mut path = self.folder.as_str().to_owned();
        for name in below {
            // A name is one step down, whatever is in it; a path would let an empty one pass at its end.
            if name.is_empty() || name.contains('/') {
                return Err(Error::Unsupported { what: "keeping a file under such a name" });
            }
            path.push('/');
            path.push_str(name);
        }
        let path = NodePath::parse(&path).map_err(no_path)?;
        Ok(NodeRef { owner: owner.clone(), mount: self.tree.id.clone(), path })
    }

    /// What somebody may do to a collection they may do to a place that it is kept in.
    ///
    /// # Errors
    /// As [`Self::place`].
    pub fn permit<R: Allows<Same>, Same: Right>(
        &self,
        at: &Permit<CollectionRef, R>,
        below: &[&str],
    ) -> Result<Permit<NodeRef, Same>> {
        Ok(at.kept_at(self.place(&at.target().owner, below)?))
    }

    /// For what is told of a collection to whoever may know that it is there: what is said of it, and the names in its folder.
    ///
    /// # Errors
    /// As [`Self::place`].
    pub fn facts<R: Allows<Lookup>>(
        &self,
        at: &Permit<CollectionRef, R>,
        below: &[&str],
    ) -> Result<Permit<NodeRef, Read>> {
        Ok(at.kept_at(self.place(&at.target().owner, below)?))
    }

    /// The folders on the way down to it, from the top, and itself: to make what of them is missing.
    pub fn levels<R: Allows<Same>, Same: Right>(&self, at: &Permit<CollectionRef, R>) -> Vec<Permit<NodeRef, Same>> {
        let mut levels = vec![self.folder.clone()];
        while let Some(above) = levels.last().and_then(NodePath::parent).filter(|above| !above.is_root()) {
            levels.push(above);
        }
        let owner = &at.target().owner;
        let permit = |path| at.kept_at(NodeRef { owner: owner.clone(), mount: self.tree.id.clone(), path });
        levels.into_iter().rev().map(permit).collect()
    }
}
