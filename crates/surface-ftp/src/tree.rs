//! From a path to what is there: `/` has one's own tree and those of which something is shared; `/<account>/...` is a place in
//! one of them.

use passerelle_core::{Authorized, Error, Lookup, Result, Session, ports::Node};
use passerelle_model::NodeRef;
use passerelle_wire_ftp::TreePath;
use std::collections::BTreeSet;

/// What is at a path.
pub(crate) enum Seen {
    /// `/`.
    Top,
    /// A folder that is not the person's to see, with the names in it that lead on.
    Passage(NodeRef, BTreeSet<String>),
    /// A file or folder.
    Node(Authorized<NodeRef, Lookup>, Node),
}

/// The node of a path; `None` for `/`.
///
/// # Errors
/// `NotFound` for what no account's files can have.
pub(crate) fn node_at(session: &Session, path: &TreePath) -> Result<Option<NodeRef>> {
    let Some((account, rest)) = path.names().split_first() else { return Ok(None) };
    session.place(account, &rest.join("/")).map(Some)
}

/// The node of a path that is to be changed: `/` is nobody's to change.
pub(crate) fn changed(session: &Session, path: &TreePath) -> Result<NodeRef> {
    node_at(session, path)?.ok_or(Error::Forbidden)
}

/// What is at a path.
pub(crate) async fn look(session: &Session, path: &TreePath) -> Result<Seen> {
    let Some(node) = node_at(session, path)? else { return Ok(Seen::Top) };
    Ok(match session.see(&node).await? {
        passerelle_core::Seen::Passage(names) => Seen::Passage(node, names),
        passerelle_core::Seen::Node(handle, found) => Seen::Node(handle, found),
    })
}
