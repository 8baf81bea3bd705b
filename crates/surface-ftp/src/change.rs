//! DELE, RMD, MKD, RNFR and RNTO (RFC 959 §4.1.3). Nothing goes with all that is in it: a folder has to be empty to be removed.

use crate::tree;
use futures::StreamExt;
use passerelle_core::{
    Add, Error, Read, Remove, Result, Session,
    ports::{Node, NodeKind, Precondition},
};
use passerelle_model::NodeRef;
use passerelle_wire_ftp::{Reply, TreePath, quoted};

/// What stands there now and nothing else.
fn as_seen(seen: &Node) -> Precondition {
    Precondition::Matches(vec![seen.etag.as_str().to_owned()])
}

/// Removes a file.
pub(crate) async fn delete(session: &Session, path: &TreePath) -> Result<Reply> {
    let node = tree::changed(session, path)?;
    let seen = tree::there(session, &node).await?.ok_or(Error::NotFound)?;
    let handle = tree::open::<Remove>(session, &node).await?;
    if seen.kind == NodeKind::Folder {
        return Ok(Reply::new(550, "That is a folder: use RMD"));
    }
    // A folder that takes the name meanwhile would go with all that is in it.
    handle.remove(&as_seen(&seen)).await?;
    Ok(Reply::new(250, "It is gone"))
}

/// Removes an empty folder.
pub(crate) async fn remove_folder(session: &Session, path: &TreePath) -> Result<Reply> {
    let node = tree::changed(session, path)?;
    let seen = tree::there(session, &node).await?.ok_or(Error::NotFound)?;
    let handle = tree::open::<Remove>(session, &node).await?;
    if node.path.is_root() {
        return Err(Error::Forbidden);
    }
    if seen.kind == NodeKind::File {
        return Ok(Reply::new(550, "That is a file: use DELE"));
    }
    let mut listing = tree::open::<Read>(session, &node).await?.list().await?;
    while let Some(batch) = listing.next().await {
        if !batch?.is_empty() {
            return Ok(Reply::new(550, "The folder is not empty"));
        }
    }
    // What is put into it meanwhile changes its tag.
    handle.remove(&as_seen(&seen)).await?;
    Ok(Reply::new(250, "It is gone"))
}

/// Makes a folder.
pub(crate) async fn make_folder(session: &Session, path: &TreePath) -> Result<Reply> {
    let node = tree::changed(session, path)?;
    if tree::there(session, &node).await?.is_some() {
        return Ok(Reply::new(550, "The name is taken"));
    }
    match tree::open::<Add>(session, &node).await?.make_folder().await {
        Ok(_) => Ok(Reply::new(257, &format!("{} is made", quoted(&path.to_string())))),
        Err(Error::Conflict) => Ok(Reply::new(550, "The name is taken")),
        Err(error) => Err(error),
    }
}

/// Whether something can be renamed; its place.
pub(crate) async fn rename_from(session: &Session, path: &TreePath) -> Result<NodeRef> {
    let node = tree::changed(session, path)?;
    tree::there(session, &node).await?.ok_or(Error::NotFound)?;
    // Who moves something away could take a copy as well.
    tree::open::<Read>(session, &node).await?;
    tree::open::<Remove>(session, &node).await?;
    if node.path.is_root() { Err(Error::Forbidden) } else { Ok(node) }
}

/// Moves it. A file takes the place of a file; a folder's place is taken by nothing.
pub(crate) async fn rename_to(session: &Session, from: &NodeRef, path: &TreePath) -> Result<Reply> {
    let to = tree::changed(session, path)?;
    let seen = tree::there(session, from).await?.ok_or(Error::NotFound)?;
    let there = tree::there(session, &to).await?;
    let add = tree::open::<Add>(session, &to).await?;
    let same_tree = from.owner == to.owner && from.mount == to.mount;
    if to.path.is_root() || same_tree && (to.path.is_within(&from.path) || from.path.is_within(&to.path)) {
        return Ok(Reply::new(553, "It cannot go there"));
    }
    let replaced = match there {
        None => None,
        Some(there) if there.kind == NodeKind::File && seen.kind == NodeKind::File => {
            Some(tree::open::<Remove>(session, &to).await?)
        }
        Some(_) => return Ok(Reply::new(553, "The name is taken")),
    };
    tree::open::<Read>(session, from).await?;
    let source = tree::open::<Remove>(session, from).await?;
    match source.move_to(&add, replaced.as_ref()).await {
        Ok(()) => Ok(Reply::new(250, "It is there")),
        Err(Error::Unsupported { .. }) => Ok(Reply::new(553, "That is another file store: copy it and delete it here")),
        Err(Error::Conflict) => Ok(Reply::new(553, "The name is taken")),
        Err(error) => Err(error),
    }
}
