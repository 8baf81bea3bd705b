//! What is at a place, as one person sees it.

use passerelle_core::{
    Error, Result, Seen, Session,
    ports::{Node, NodeKind},
};
use passerelle_model::{NodeRef, Rights};

/// What the kernel is told of a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) kind: NodeKind,
    pub(crate) size: u64,
    /// Seconds since 1970.
    pub(crate) modified: i64,
    pub(crate) writable: bool,
}

impl Shown {
    /// A folder of which there is nothing but its name.
    pub(crate) const PASSING: Self = Self { kind: NodeKind::Folder, size: 0, modified: 0, writable: false };

    pub(crate) fn of(node: &Node, rights: Rights) -> Self {
        let needed = if node.kind == NodeKind::Folder { Rights::ADD } else { Rights::EDIT };
        Self { kind: node.kind, size: node.size, modified: node.modified.seconds, writable: rights.contains(needed) }
    }
}

/// The node of a place.
///
/// # Errors
/// `Forbidden` for the top, which is nobody's; `NotFound` for what no account's files can have.
pub(crate) fn node_at(session: &Session, path: &str) -> Result<NodeRef> {
    let (account, rest) = path.split_once('/').unwrap_or((path, ""));
    if account.is_empty() { Err(Error::Forbidden) } else { session.place(account, rest) }
}

/// What is at a place.
pub(crate) async fn look(session: &Session, path: &str) -> Result<Shown> {
    if path.is_empty() {
        return Ok(Shown::PASSING);
    }
    Ok(match session.see(&node_at(session, path)?).await? {
        Seen::Passage(_) => Shown::PASSING,
        Seen::Node(handle, node) => Shown::of(&node, handle.rights()),
    })
}
