//! Listings, in the batches that the server sends.

use crate::{
    fault::fault,
    link::Link,
    meta,
    place::{OWN, Place, UNFINISHED},
    store::Share,
    tree, write,
};
use futures::stream;
use passerelle_core::{
    Error, Result,
    ports::{Node, NodeKind, NodeStream, TRANSFER},
};
use russh_sftp::{
    client::error::Error as Sftp,
    protocol::{File, StatusCode},
};
use std::{
    sync::Arc,
    time::{SystemTime, UNIX_EPOCH},
};

/// What is not finished after so many seconds never will be: whoever wrote it is gone.
const FORSAKEN: u64 = 24 * 3600;
const DOING: &str = "listing a folder";

/// What this folder holds. An error midway ends the stream.
pub(crate) async fn list(share: &Arc<Share>, link: &Arc<Link>, place: &Place) -> Result<NodeStream> {
    let found = place.look(&share.settings, link).await?;
    if meta::kind(&found) != Some(NodeKind::Folder) {
        return Err(Error::invalid("this is no folder"));
    }
    let folder = Folder::open(share, link, &place.path).await?;
    Ok(Box::pin(stream::unfold(Some(folder), |folder| async move {
        let mut folder = folder?;
        match folder.next().await {
            Ok(Some(entries)) => {
                let nodes = entries.iter().filter_map(|entry| folder.shown(entry)).collect();
                Some((Ok(nodes), Some(folder)))
            }
            Ok(None) => None,
            Err(error) => Some((Err(error), None)),
        }
    })))
}

/// An opened folder.
pub(crate) struct Folder {
    share: Arc<Share>,
    path: String,
    open: write::Open,
}

impl Folder {
    pub(crate) async fn open(share: &Arc<Share>, link: &Arc<Link>, path: &str) -> Result<Self> {
        let open = write::Open::folder(link, path).await.map_err(|error| fault(&share.settings, DOING, error))?;
        Ok(Self { share: Arc::clone(share), path: path.to_owned(), open })
    }

    /// The next entries; `None` after the last ones.
    pub(crate) async fn next(&mut self) -> Result<Option<Vec<File>>> {
        match self.open.link.sftp.readdir(self.open.handle()).await {
            Ok(mut name) => {
                name.files.retain(|entry| !matches!(entry.filename.as_str(), "." | ".."));
                // What is acted on below is in the folder; and a listing that leaves something out is none.
                let is_told = |entry: &File| {
                    !entry.filename.is_empty() && !entry.filename.contains('/') && entry.attrs.permissions.is_some()
                };
                if !name.files.iter().all(is_told) {
                    let what = "an entry without its kind, or with a name that cannot be one in this folder";
                    return Err(Error::unavailable(&self.share.settings.name, DOING, what));
                }
                Ok(Some(name.files))
            }
            Err(Sftp::Status(status)) if status.status_code == StatusCode::Eof => Ok(None),
            // A folder that goes while it is listed is no empty one.
            Err(error) => match fault(&self.share.settings, DOING, error) {
                Error::NotFound => Err(Error::unavailable(&self.share.settings.name, DOING, "it went meanwhile")),
                other => Err(other),
            },
        }
    }

    /// An entry as a person sees it. A name that is not UTF-8 cannot be asked for, and is not shown, nor are control characters.
    fn shown(&self, entry: &File) -> Option<Node> {
        let name = entry.filename.as_str();
        if name.starts_with(OWN) {
            self.forsaken(entry);
            return None;
        }
        if name.contains(char::REPLACEMENT_CHARACTER) || name.contains(char::is_control) {
            return None;
        }
        meta::node(name, &entry.attrs)
    }

    /// Removes what a gateway left that was ended in the middle of an upload.
    fn forsaken(&self, entry: &File) {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let since = now.saturating_sub(entry.attrs.mtime.unwrap_or(u32::MAX).into());
        if since <= FORSAKEN {
            return;
        }
        let kind = meta::kind(&entry.attrs);
        if entry.filename.starts_with(TRANSFER) && kind == Some(NodeKind::Folder) {
            tree::clear_later(&self.share, &self.open.link, format!("{}/{}", self.path, entry.filename));
        } else if entry.filename.starts_with(UNFINISHED) && kind == Some(NodeKind::File) {
            write::remove_later(&self.share, &self.open.link, format!("{}/{}", self.path, entry.filename));
        }
    }
}
