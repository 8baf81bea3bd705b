//! What somebody sees of a tree of files: what is theirs, what is shared with them, and the folders that lead there. The same
//! for every surface whose tree has an account at its top.

use crate::{Authorized, Error, Lookup, Result, Right, Session, ports::Node};
use passerelle_model::{Account, NodePath, NodeRef};
use std::collections::BTreeSet;

/// What is at a place.
#[derive(Debug)]
pub enum Seen {
    /// A folder that is not the person's to see, with the names in it that lead on.
    Passage(BTreeSet<String>),
    /// A file or folder.
    Node(Authorized<NodeRef, Lookup>, Node),
}

impl Session {
    /// The place of an account's name and names below it, joined by `/`. Says nothing of whether anything is there.
    ///
    /// # Errors
    /// `NotFound` for what no account's files can have.
    pub fn place(&self, account: &str, path: &str) -> Result<NodeRef> {
        let home = self.account_named(account).and_then(|account| self.home_of(&account)).ok_or(Error::NotFound)?;
        let path = NodePath::parse(path).map_err(|_| Error::NotFound)?;
        Ok(NodeRef { path, ..home })
    }

    /// What is at a place.
    ///
    /// # Errors
    /// `NotFound` when nothing is, or nothing that is this person's business.
    pub async fn see(&self, node: &NodeRef) -> Result<Seen> {
        match self.open::<NodeRef, Lookup>(node.clone()).await {
            Err(Error::NotFound) => {
                let names = self.leading_on(node).await?;
                if names.is_empty() { Err(Error::NotFound) } else { Ok(Seen::Passage(names)) }
            }
            opened => {
                let handle = opened?;
                let found = handle.stat().await?;
                Ok(Seen::Node(handle, found))
            }
        }
    }

    /// Opens a place of a tree. What is seen in passing only is there and may not be touched.
    ///
    /// # Errors
    /// As [`Self::open`]; `Forbidden` for a folder that only leads on.
    pub async fn open_seen<R: Right>(&self, node: &NodeRef) -> Result<Authorized<NodeRef, R>> {
        match self.open::<NodeRef, R>(node.clone()).await {
            Err(Error::NotFound) if !self.leading_on(node).await?.is_empty() => Err(Error::Forbidden),
            opened => opened,
        }
    }

    /// What is at a place that may be looked up; `None` when nothing is.
    ///
    /// # Errors
    /// As [`Self::open_seen`].
    pub async fn look_at_node(&self, node: &NodeRef) -> Result<Option<Node>> {
        match self.open_seen::<Lookup>(node).await?.stat().await {
            Ok(found) => Ok(Some(found)),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Whose trees the person sees: their own, and those of whoever shared something.
    ///
    /// # Errors
    /// As [`Self::shared_with_me`].
    pub async fn trees(&self) -> Result<Vec<Account>> {
        let me = self.principal()?.account().clone();
        let mut owners = BTreeSet::new();
        for granted in self.shared_with_me().await? {
            let (institution, owner) = (granted.target.institution, granted.target.owner);
            owners.extend(owner.map(|id| Account { institution, id }));
        }
        owners.remove(&me);
        let all = std::iter::once(me).chain(owners);
        Ok(all.filter(|owner| self.home_of(owner).is_some()).collect())
    }

    async fn leading_on(&self, node: &NodeRef) -> Result<BTreeSet<String>> {
        if self.actor().account() == Some(&node.owner) {
            return Ok(BTreeSet::new());
        }
        self.passage(node).await
    }
}
