//! Items: many read at once, one written.

use crate::{
    folder::{self, Gathered, Place},
    names,
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use passerelle_core::{
    Add, Allows, CollectionFolder, Edit, Error, Lookup, Permit, Read, Remove, Result,
    ports::{CollectionItem, ETag, LARGEST_ITEM, NodeKind, Precondition, Upload},
};
use passerelle_model::{CollectionRef, ItemName};
use std::collections::HashMap;

/// How many files are read at once.
const AT_ONCE: usize = 8;

/// Reads some, in their order; `None` for what is not there.
pub(crate) async fn read(
    at: &Permit<CollectionRef, Read>,
    files: &CollectionFolder,
    place: &Place,
    names: &[ItemName],
) -> Result<Vec<Option<CollectionItem>>> {
    let family = at.target().family;
    let kept = names.iter().map(|name| names::file_of(family, name.as_str())).collect();
    let mut found = all(at, files, place, kept).await?;
    // What is not where its name says may lie there under another: one listing tells of all.
    let is_sought = |(name, item): (&ItemName, &Option<_>)| {
        let is_plain = names::file_of(family, name.as_str()).is_some_and(|file| file == name.as_str());
        item.is_none() && !is_plain
    };
    if names.iter().zip(&found).any(is_sought) {
        let by_name: HashMap<ItemName, String> =
            folder::items(at, files, place).await?.into_iter().map(|(name, node)| (name, node.name)).collect();
        let elsewhere = |(name, item): (&ItemName, &Option<_>)| by_name.get(name).filter(|_| item.is_none()).cloned();
        let others = names.iter().zip(&found).map(elsewhere).collect();
        for (item, other) in found.iter_mut().zip(all(at, files, place, others).await?) {
            *item = item.take().or(other);
        }
    } else if found.iter().all(Option::is_none) {
        // Where nothing is there it may be the collection that is not.
        check_there(at, files, place).await?;
    }
    Ok(found)
}

/// The items in these files, in their order; `None` for no file, and for one that is not there.
async fn all(
    at: &Permit<CollectionRef, Read>,
    files: &CollectionFolder,
    place: &Place,
    of: Vec<Option<String>>,
) -> Result<Vec<Option<CollectionItem>>> {
    let one = |file: Option<String>| async move {
        let Some(file) = file else { return Ok(None) };
        match folder::gather(files.store(), &files.permit(at, &[&place.folder, &file])?, LARGEST_ITEM).await {
            Ok(Gathered::Whole { etag, content }) => Ok(Some(CollectionItem::whole(etag, content))),
            Ok(Gathered::TooLarge { etag }) => Ok(Some(CollectionItem::too_large(etag))),
            Err(Error::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    };
    stream::iter(of).map(one).buffered(AT_ONCE).try_collect().await
}

/// Refuses where the collection is not there.
pub(crate) async fn check_there<R: Allows<Lookup>>(
    at: &Permit<CollectionRef, R>,
    files: &CollectionFolder,
    place: &Place,
) -> Result<()> {
    let permit: Permit<_, Lookup> = files.permit(at, &[&place.folder])?;
    match files.store().stat(&permit).await?.kind {
        NodeKind::Folder => Ok(()),
        NodeKind::File => Err(Error::NotFound),
    }
}

/// Puts a new one in.
pub(crate) async fn add(
    at: &Permit<CollectionRef, Add>,
    files: &CollectionFolder,
    place: &Place,
    name: &ItemName,
    content: &Bytes,
) -> Result<Option<ETag>> {
    let file = folder::file_of(at, files, place, name).await?;
    let permit = files.permit(at, &[&place.folder, &file])?;
    let upload = files.store().create(&permit, length(content)).await.map_err(no_collection)?;
    written(upload, content, &Precondition::Absent).await
}

/// Replaces one.
pub(crate) async fn replace(
    at: &Permit<CollectionRef, Edit>,
    files: &CollectionFolder,
    place: &Place,
    name: &ItemName,
    content: &Bytes,
    when: &Precondition,
) -> Result<Option<ETag>> {
    let file = folder::file_of(at, files, place, name).await.map_err(|error| missing(error, when))?;
    let permit = files.permit(at, &[&place.folder, &file])?;
    let upload = files.store().replace(&permit, length(content)).await.map_err(|error| missing(error, when))?;
    written(upload, content, when).await.map_err(|error| missing(error, when))
}

/// Removes one.
pub(crate) async fn remove(
    at: &Permit<CollectionRef, Remove>,
    files: &CollectionFolder,
    place: &Place,
    name: &ItemName,
    when: &Precondition,
) -> Result<()> {
    let file = folder::file_of(at, files, place, name).await.map_err(|error| missing(error, when))?;
    let permit = files.permit(at, &[&place.folder, &file])?;
    files.store().remove(&permit, when).await.map_err(|error| missing(error, when))
}

async fn written(mut upload: Box<dyn Upload>, content: &Bytes, when: &Precondition) -> Result<Option<ETag>> {
    upload.write(content.clone()).await?;
    Ok(Some(upload.commit(when).await?.etag))
}

fn length(content: &Bytes) -> Option<u64> {
    u64::try_from(content.len()).ok()
}

/// What is not there fails a condition that asks for it (RFC 9110 §13.1.1).
fn missing(error: Error, when: &Precondition) -> Error {
    match error {
        Error::NotFound if !when.holds(None) => Error::Conflict,
        other => other,
    }
}

/// Without its folder a collection is not there.
fn no_collection(error: Error) -> Error {
    match error {
        Error::NoParent => Error::NotFound,
        other => other,
    }
}
