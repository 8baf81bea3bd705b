//! Listing a folder: whole when it is opened, or not at all. A listing that the store breaks off is an error and never a short
//! folder.

use crate::tree::{self, node_at};
use futures::StreamExt;
use passerelle_core::{Error, Lookup, Read, Result, Seen, Session, ports::NodeKind};
use passerelle_model::NodeRef;

/// Most entries of a folder.
const MOST: usize = 250_000;

/// What is in a folder, by name.
pub(crate) async fn list(session: &Session, path: &str) -> Result<Vec<(String, NodeKind)>> {
    if path.is_empty() {
        let trees = session.trees().await?;
        return Ok(trees.iter().map(|owner| (session.name_of(owner), NodeKind::Folder)).collect());
    }
    let node = node_at(session, path)?;
    let mut entries = Vec::new();
    match session.see(&node).await? {
        Seen::Passage(names) => {
            for name in names {
                let Ok(path) = node.path.join(&name) else { continue };
                let child = NodeRef { path, ..node.clone() };
                match session.open::<NodeRef, Lookup>(child).await {
                    Err(Error::NotFound) => entries.push((name, NodeKind::Folder)),
                    Err(error) => return Err(error),
                    Ok(handle) => match handle.stat().await {
                        // What was shared is gone; so it is not here.
                        Err(Error::NotFound) => {}
                        Err(error) => return Err(error),
                        Ok(node) => entries.push((name, node.kind)),
                    },
                }
            }
        }
        Seen::Node(..) => {
            let mut listing = session.open_seen::<Read>(&node).await?.list().await?;
            while let Some(batch) = listing.next().await {
                entries.extend(batch?.into_iter().map(|node| (node.name, node.kind)));
                if entries.len() > MOST {
                    return Err(Error::internal("listing a folder", "it has more than can be told"));
                }
            }
        }
    }
    Ok(entries)
}

/// Whether a folder can be listed at all.
pub(crate) async fn is_folder(session: &Session, path: &str) -> Result<bool> {
    Ok(tree::look(session, path).await?.kind == NodeKind::Folder)
}
