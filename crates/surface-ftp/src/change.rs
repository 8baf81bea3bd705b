//! DELE, RMD, MKD, RNFR and RNTO (RFC 959 §4.1.3). Nothing goes with all that is in it: a folder has to be empty to be removed.

use crate::tree;
use passerelle_core::{Obstacle, Replacing, Result, Session};
use passerelle_model::NodeRef;
use passerelle_wire_ftp::{Reply, TreePath, quoted};

/// Removes a file.
pub(crate) async fn delete(session: &Session, path: &TreePath) -> Result<Reply> {
    let done = session.remove_file(&tree::changed(session, path)?).await?;
    Ok(done.map_or_else(refused, |()| Reply::new(250, "It is gone")))
}

/// Removes an empty folder.
pub(crate) async fn remove_folder(session: &Session, path: &TreePath) -> Result<Reply> {
    let done = session.remove_folder(&tree::changed(session, path)?).await?;
    Ok(done.map_or_else(refused, |()| Reply::new(250, "It is gone")))
}

/// Makes a folder.
pub(crate) async fn make_folder(session: &Session, path: &TreePath) -> Result<Reply> {
    let done = session.make_folder(&tree::changed(session, path)?).await?;
    Ok(done.map_or_else(refused, |()| Reply::new(257, &format!("{} is made", quoted(&path.to_string())))))
}

/// Whether something can be renamed; its place.
pub(crate) async fn rename_from(session: &Session, path: &TreePath) -> Result<NodeRef> {
    let node = tree::changed(session, path)?;
    session.may_move(&node).await?;
    Ok(node)
}

/// Moves it. A file takes the place of a file; a folder's place is taken by nothing.
pub(crate) async fn rename_to(session: &Session, from: &NodeRef, path: &TreePath) -> Result<Reply> {
    let done = session.move_node(from, &tree::changed(session, path)?, Replacing::Files).await?;
    Ok(done.map_or_else(refused, |()| Reply::new(250, "It is there")))
}

/// Why it was not done, in FTP's words.
fn refused(obstacle: Obstacle) -> Reply {
    let (code, text) = match obstacle {
        Obstacle::IsFolder => (550, "That is a folder: use RMD"),
        Obstacle::IsFile => (550, "That is a file: use DELE"),
        Obstacle::NotEmpty => (550, "The folder is not empty"),
        Obstacle::Taken => (550, "The name is taken"),
        Obstacle::Within => (553, "It cannot go there"),
        Obstacle::OtherStore => (553, "That is another file store: copy it and delete it here"),
    };
    Reply::new(code, text)
}
