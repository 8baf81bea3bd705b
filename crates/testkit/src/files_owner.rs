//! The owner of a tree, signed on in front of a file store: what the checks of file stores do everything as.

#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a check that cannot go on ends the test")]

use crate::{
    house::{HouseBuilder, TestHouse, node},
    memory_state::MemoryState,
};
use bytes::Bytes;
use futures::TryStreamExt;
use passerelle_core::{
    Add, Authorized, Edit, Errand, Lookup, Read, Remove, Result, Right, Session,
    ports::{ByteRange, FileStore, Node, Precondition},
};
use passerelle_model::NodeRef;
use std::{collections::BTreeSet, sync::Arc};

/// Who it is.
pub const OWNER: &str = "u00001@a.test";

/// The owner of an empty tree, signed on.
#[derive(Debug)]
pub struct Owner {
    /// The house that the store is in.
    pub house: TestHouse,
    /// The owner's session.
    pub session: Session,
}

impl Owner {
    /// Signs the owner on in front of a store.
    pub async fn of(store: Arc<dyn FileStore>) -> Self {
        let house = HouseBuilder::new(Arc::new(MemoryState::new())).files("garonne", store).open().await.unwrap();
        let session = house.login(OWNER, Errand::Files).await.unwrap();
        Self { house, session }
    }

    /// Opens a place.
    pub async fn open<R: Right>(&self, path: &str) -> Authorized<NodeRef, R> {
        self.session.open(node(OWNER, path)).await.unwrap()
    }

    /// What is at a place.
    ///
    /// # Errors
    /// As the store says.
    pub async fn stat(&self, path: &str) -> Result<Node> {
        self.open::<Lookup>(path).await.stat().await
    }

    /// The names in a folder.
    pub async fn names(&self, path: &str) -> BTreeSet<String> {
        let listing = self.open::<Read>(path).await.list().await.unwrap();
        let nodes: Vec<Vec<Node>> = listing.try_collect().await.unwrap();
        nodes.into_iter().flatten().map(|node| node.name).collect()
    }

    /// A part of a file.
    pub async fn read(&self, path: &str, range: ByteRange) -> Vec<u8> {
        let content = self.open::<Read>(path).await.open().await.unwrap();
        let pieces: Vec<Bytes> = content.stream(range).try_collect().await.unwrap();
        pieces.concat()
    }

    /// A whole file, as text.
    pub async fn text(&self, path: &str) -> String {
        String::from_utf8(self.read(path, ByteRange::Full).await).unwrap()
    }

    /// Makes a file.
    ///
    /// # Errors
    /// As the store says.
    pub async fn create(&self, path: &str, content: &[u8]) -> Result<Node> {
        let mut upload = self.open::<Add>(path).await.create(Some(content.len().try_into().unwrap())).await?;
        upload.write(Bytes::copy_from_slice(content)).await?;
        upload.commit(&Precondition::None).await
    }

    /// Replaces a file.
    ///
    /// # Errors
    /// As the store says.
    pub async fn replace(&self, path: &str, content: &[u8], when: &Precondition) -> Result<Node> {
        let mut upload = self.open::<Edit>(path).await.replace(None).await?;
        upload.write(Bytes::copy_from_slice(content)).await?;
        upload.commit(when).await
    }

    /// Makes a folder.
    ///
    /// # Errors
    /// As the store says.
    pub async fn folder(&self, path: &str) -> Result<Node> {
        self.open::<Add>(path).await.make_folder().await
    }

    /// Removes what is at a place.
    ///
    /// # Errors
    /// As the store says.
    pub async fn remove(&self, path: &str, when: &Precondition) -> Result<()> {
        self.open::<Remove>(path).await.remove(when).await
    }

    /// Moves.
    ///
    /// # Errors
    /// As the store says.
    pub async fn rename(&self, from: &str, to: &str, replace: bool) -> Result<()> {
        let replaced = if replace { Some(self.open::<Remove>(to).await) } else { None };
        self.open::<Remove>(from).await.move_to(&self.open::<Add>(to).await, replaced.as_ref()).await
    }

    /// Copies.
    ///
    /// # Errors
    /// As the store says.
    pub async fn copy(&self, from: &str, to: &str, replace: bool, deep: bool) -> Result<()> {
        let replaced = if replace { Some(self.open::<Remove>(to).await) } else { None };
        self.open::<Read>(from).await.copy_to(&self.open::<Add>(to).await, replaced.as_ref(), deep).await
    }
}
