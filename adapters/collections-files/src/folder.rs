//! Folders and files of an owner's tree: which is whose, what lies in them, what is in one.

use crate::names;
use bytes::{Bytes, BytesMut};
use futures::TryStreamExt;
use passerelle_core::{
    Allows, CollectionFolder, Error, Lookup, Permit, Read, Result,
    ports::{ByteRange, ETag, FileStore, MOST_COLLECTIONS, MOST_ITEMS, Node},
    seal,
};
use passerelle_model::{CollectionRef, ItemName, NodeRef};

/// A collection's place.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    /// The collection's name.
    pub(crate) name: String,
    /// Its folder's.
    pub(crate) folder: String,
}

/// Nodes in one folder beyond which it is not listed: items, and as many that are none.
const MOST_NODES: usize = 2 * MOST_ITEMS;

/// What lies in a folder: all or an error.
pub(crate) async fn list(store: &dyn FileStore, at: &Permit<NodeRef, Read>) -> Result<Vec<Node>> {
    let mut listing = store.list(at).await?;
    let mut all = Vec::new();
    while let Some(more) = listing.try_next().await? {
        all.extend(more);
        if all.len() > MOST_NODES {
            return Err(Error::TooLarge { most: u64::try_from(MOST_NODES).unwrap_or(u64::MAX) });
        }
    }
    Ok(all)
}

/// An owner's collections; none where the folder of them is not there.
pub(crate) async fn collections<R: Allows<Lookup>>(
    at: &Permit<CollectionRef, R>,
    files: &CollectionFolder,
) -> Result<Vec<Place>> {
    let nodes = match list(files.store(), &files.facts(at, &[])?).await {
        Ok(nodes) => nodes,
        // Who never had any has no folder yet.
        Err(Error::NotFound) => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let found = names::collections(nodes);
    if found.len() > MOST_COLLECTIONS {
        return Err(Error::TooLarge { most: u64::try_from(MOST_COLLECTIONS).unwrap_or(u64::MAX) });
    }
    Ok(found.into_iter().map(|(name, node)| Place { name: name.as_str().to_owned(), folder: node.name }).collect())
}

/// Where a collection is, or would be: under the name that its own is kept under, unless somebody made a folder of that very name.
pub(crate) async fn place_of<R: Allows<Lookup>>(
    at: &Permit<CollectionRef, R>,
    files: &CollectionFolder,
) -> Result<Place> {
    let name = at.target().name();
    let kept = Place { name: name.to_owned(), folder: names::kept(name) };
    if kept.folder == name || is_there(&files.permit(at, &[&kept.folder])?, files).await? {
        return Ok(kept);
    }
    let found = collections(at, files).await?.into_iter().find(|place| place.name == name);
    Ok(found.unwrap_or(kept))
}

/// The file that an item is in, or would be. A listing is asked only where the name is not one that every store takes, and nothing
/// is kept under it.
pub(crate) async fn file_of<R: Allows<Lookup>>(
    at: &Permit<CollectionRef, R>,
    files: &CollectionFolder,
    place: &Place,
    name: &ItemName,
) -> Result<String> {
    let family = at.target().family;
    let kept = names::file_of(family, name.as_str());
    if let Some(kept) = &kept
        && (kept == name.as_str() || is_there(&files.permit(at, &[&place.folder, kept])?, files).await?)
    {
        return Ok(kept.clone());
    }
    let found = items(at, files, place).await?.into_iter().find(|(item, _)| item == name);
    let file = found.map(|(_, node)| node.name);
    file.or(kept).ok_or(Error::Unsupported { what: "keeping a file under so long a name" })
}

/// The items of a collection, each with its file.
pub(crate) async fn items<R: Allows<Lookup>>(
    at: &Permit<CollectionRef, R>,
    files: &CollectionFolder,
    place: &Place,
) -> Result<Vec<(ItemName, Node)>> {
    let nodes = list(files.store(), &files.facts(at, &[&place.folder])?).await.map_err(no_folder)?;
    let found = names::items(at.target().family, nodes);
    if found.len() > MOST_ITEMS {
        return Err(Error::TooLarge { most: u64::try_from(MOST_ITEMS).unwrap_or(u64::MAX) });
    }
    Ok(found)
}

/// A text that changes with whatever changes in a collection: what is said of it, what it is called, each item.
pub(crate) async fn version(
    at: &Permit<CollectionRef, Lookup>,
    files: &CollectionFolder,
    place: &Place,
) -> Result<String> {
    let mut nodes = list(files.store(), &files.facts(at, &[&place.folder])?).await.map_err(no_folder)?;
    nodes.sort_unstable_by(|a, b| a.name.cmp(&b.name));
    // No name and no tag has a NUL.
    let told: Vec<String> = nodes.iter().map(|node| format!("{}\0{}\0", node.name, node.etag.as_str())).collect();
    let hash = seal::hex(&seal::sha256(told.concat().as_bytes()));
    Ok(hash.chars().take(32).collect())
}

/// A collection is a folder: a file of its name is none.
fn no_folder(error: Error) -> Error {
    match error {
        Error::Invalid { .. } => Error::NotFound,
        other => other,
    }
}

async fn is_there(at: &Permit<NodeRef, Lookup>, files: &CollectionFolder) -> Result<bool> {
    match files.store().stat(at).await {
        Ok(_) => Ok(true),
        Err(Error::NotFound) => Ok(false),
        Err(error) => Err(error),
    }
}

/// A file that was read.
pub(crate) enum Gathered {
    Whole { etag: ETag, content: Bytes },
    TooLarge { etag: ETag },
}

/// Reads a file that is expected to be small.
pub(crate) async fn gather(store: &dyn FileStore, at: &Permit<NodeRef, Read>, most: usize) -> Result<Gathered> {
    let file = store.open(at).await.map_err(no_folder)?;
    let (etag, size) = (file.node().etag.clone(), file.node().size);
    if usize::try_from(size).map_or(true, |size| size > most) {
        return Ok(Gathered::TooLarge { etag });
    }
    let mut content = BytesMut::with_capacity(usize::try_from(size).unwrap_or_default());
    let mut stream = file.stream(ByteRange::Full);
    while let Some(piece) = stream.try_next().await? {
        if content.len().saturating_add(piece.len()) > most {
            // It grows while it is read.
            return Ok(Gathered::TooLarge { etag });
        }
        content.extend_from_slice(&piece);
    }
    Ok(Gathered::Whole { etag, content: content.freeze() })
}
