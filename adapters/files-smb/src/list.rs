//! Listings, in the batches that the server sends.

use crate::{
    fault::fault,
    link::Link,
    meta,
    place::{OWN, Place},
    settings::Settings,
    tree,
};
use futures::stream;
use passerelle_core::{
    Error, Result,
    ports::{NodeStream, TRANSFER},
};
use smb2::{DirectoryEntry, DirectoryReader, ListOptions};
use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// An upload in parts that got none for so many seconds was given up.
const FORSAKEN: i64 = 24 * 3600;

/// What this folder holds. An error midway ends the stream.
pub(crate) async fn list(settings: &Arc<Settings>, link: &Arc<Link>, place: &Place) -> Result<NodeStream> {
    let (info, _) = place.look(settings, link).await?;
    if !info.is_directory {
        return Err(Error::invalid("this is no folder"));
    }
    let options = ListOptions::new().index_numbers(true);
    let opened = link.tree.open_directory_reader_with(link.connection(), &place.path, options).await;
    let reader = opened.map_err(|error| fault(&settings.name, "listing a folder", error))?;
    let state = (Some(reader), Arc::clone(settings));
    let (link, folder) = (Arc::clone(link), place.path.clone());
    Ok(Box::pin(stream::unfold(state, move |(reader, settings)| {
        let (link, folder) = (Arc::clone(&link), folder.clone());
        async move {
            let mut reader: DirectoryReader = reader?;
            match reader.next_batch().await {
                Ok(Some(batch)) => {
                    for entry in batch.iter().filter(|entry| is_forsaken(entry)) {
                        tree::clear_later(&settings, &link, format!("{folder}/{}", entry.name));
                    }
                    let nodes = batch.iter().filter(|entry| is_shown(entry)).map(meta::entry).collect();
                    Some((nodes, (Some(reader), settings)))
                }
                Ok(None) => None,
                Err(error) => Some((Err(fault(&settings.name, "listing a folder", error)), (None, settings))),
            }
        }
    })))
}

/// Whether it holds the parts of an upload that was given up.
fn is_forsaken(entry: &DirectoryEntry) -> bool {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
    let since = i64::try_from(now).unwrap_or(i64::MAX).saturating_sub(meta::time(entry.modified.0).seconds);
    entry.name.starts_with(TRANSFER) && entry.is_directory && since > FORSAKEN
}

/// Whether an entry is a person's file or folder.
pub(crate) fn is_shown(entry: &DirectoryEntry) -> bool {
    !matches!(entry.name.as_str(), "." | "..") && !entry.name.starts_with(OWN) && !entry.is_link()
}
