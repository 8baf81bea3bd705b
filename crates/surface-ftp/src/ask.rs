//! What is there: CWD, SIZE, MDTM, MLST (RFC 959 §4.1.1, RFC 3659 §3, §4, §7).

use crate::{
    listing::{entry, folder},
    tree::{self, Seen},
};
use passerelle_core::{Error, Result, Session, ports::NodeKind};
use passerelle_wire_ftp::{Facts, Moment, Reply, TreePath};

/// Whether one can stand there.
pub(crate) async fn is_folder(session: &Session, path: &TreePath) -> Result<bool> {
    Ok(match tree::look(session, path).await? {
        Seen::Top | Seen::Passage(..) => true,
        Seen::Node(_, node) => node.kind == NodeKind::Folder,
    })
}

/// A file's octets.
pub(crate) async fn size(session: &Session, path: &TreePath) -> Result<Reply> {
    Ok(match tree::look(session, path).await? {
        Seen::Node(_, node) if node.kind == NodeKind::File => Reply::new(213, &node.size.to_string()),
        Seen::Node(..) | Seen::Top | Seen::Passage(..) => Reply::new(550, "That is a folder"),
    })
}

/// When a file was changed.
pub(crate) async fn modified(session: &Session, path: &TreePath) -> Result<Reply> {
    Ok(match tree::look(session, path).await? {
        Seen::Node(_, node) if node.kind == NodeKind::File => {
            Reply::new(213, &Moment::new(node.modified.seconds).time_val())
        }
        Seen::Node(..) | Seen::Top | Seen::Passage(..) => Reply::new(550, "That is a folder"),
    })
}

/// The facts of one file or folder, with its whole path (RFC 3659 §7.3).
pub(crate) async fn facts(session: &Session, path: &TreePath, facts: Facts) -> Result<Reply> {
    let name = path.to_string();
    let line = match tree::look(session, path).await? {
        Seen::Top | Seen::Passage(..) => facts.line(&folder(&name)),
        Seen::Node(handle, node) => facts.line(&entry(&name, &node, handle.rights())),
    };
    Ok(Reply::lines(250, "There is", [line], "End"))
}

/// A place that is to be found as a folder.
pub(crate) async fn stand(session: &Session, path: &TreePath) -> Result<Reply> {
    match is_folder(session, path).await {
        Ok(true) => Ok(Reply::new(250, "You are there")),
        Ok(false) => Ok(Reply::new(550, "That is a file")),
        Err(Error::Forbidden) => Err(Error::NotFound),
        Err(error) => Err(error),
    }
}
