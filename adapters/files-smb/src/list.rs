//! Listings, in the batches that the server sends.

use crate::{
    fault::fault,
    link::Link,
    meta,
    place::{OWN, Place},
    settings::Settings,
};
use futures::stream;
use passerelle_core::{Error, Result, ports::NodeStream};
use smb2::{DirectoryEntry, DirectoryReader, ListOptions};
use std::sync::Arc;

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
    Ok(Box::pin(stream::unfold(state, |(reader, settings)| async move {
        let mut reader: DirectoryReader = reader?;
        match reader.next_batch().await {
            Ok(Some(batch)) => {
                let nodes = batch.iter().filter(|entry| is_shown(entry)).map(meta::entry).collect();
                Some((nodes, (Some(reader), settings)))
            }
            Ok(None) => None,
            Err(error) => Some((Err(fault(&settings.name, "listing a folder", error)), (None, settings))),
        }
    })))
}

/// Whether an entry is a person's file or folder.
pub(crate) fn is_shown(entry: &DirectoryEntry) -> bool {
    !matches!(entry.name.as_str(), "." | "..") && !entry.name.starts_with(OWN) && !entry.is_link()
}
