//! Copying between stores: octet by octet through the gateway, each node opened through the gate on both sides.
//!
//! Not one step: what stood at the destination goes first, and a copy that fails midway leaves what it has written.

use super::transfer::Destination;
use crate::{call::Call, error::Answer};
use futures::StreamExt;
use passerelle_core::{
    Add, Authorized, Error, Read, Result,
    ports::{ByteRange, Node, NodeKind, Precondition},
};
use passerelle_model::NodeRef;

/// Most nodes that one request copies between stores.
const MOST_NODES: usize = 1_000_000;

/// Copies a file, or a folder with what is in it when `deep`.
pub(super) async fn copy(call: &Call, from: &NodeRef, seen: &Node, to: Destination, deep: bool) -> Answer<()> {
    if let Some(replaced) = &to.replaced {
        replaced.remove(&Precondition::None).await?;
    }
    let mut left = MOST_NODES;
    // Folders that exist at the destination and whose content does not yet.
    let mut folders = Vec::new();
    let source = call.session.open::<NodeRef, Read>(from.clone()).await?;
    if one(&source, &to.add, seen).await? {
        folders.push((source, to.node));
    }
    while let Some((source, copy)) = folders.pop().filter(|_| deep) {
        let mut listing = source.list().await?;
        while let Some(batch) = listing.next().await {
            for node in batch? {
                left = left.checked_sub(1).ok_or_else(|| Error::invalid("more than can be copied at once"))?;
                let join = |to: &NodeRef| -> Result<NodeRef> {
                    Ok(NodeRef { path: to.path.join(&node.name).map_err(Error::invalid)?, ..to.clone() })
                };
                let (from, to) = (join(source.target())?, join(&copy)?);
                let from = call.session.open::<NodeRef, Read>(from).await?;
                let add = call.session.open::<NodeRef, Add>(to.clone()).await?;
                if one(&from, &add, &node).await? {
                    folders.push((from, to));
                }
            }
        }
    }
    Ok(())
}

/// Copies one node; `true` for a folder, whose content is to follow.
async fn one(from: &Authorized<NodeRef, Read>, to: &Authorized<NodeRef, Add>, node: &Node) -> Result<bool> {
    if node.kind == NodeKind::Folder {
        to.make_folder().await?;
        return Ok(true);
    }
    let content = from.open().await?;
    let mut upload = to.create(Some(content.node().size)).await?;
    let mut octets = content.stream(ByteRange::Full);
    while let Some(piece) = octets.next().await {
        upload.write(piece?).await?;
    }
    upload.commit(&Precondition::None).await?;
    Ok(false)
}
