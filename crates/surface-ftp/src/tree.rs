//! From a path to what is there: `/` has one's own tree and those of which something is shared; `/<account>/...` is a place in
//! one of them. Folders above a shared one that lead to it are there, with the names that lead on and no others.

use passerelle_core::{Authorized, Error, Lookup, Result, Right, Session, ports::Node};
use passerelle_model::{Account, NodePath, NodeRef};
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
    let home = session.account_named(account).and_then(|account| session.home_of(&account)).ok_or(Error::NotFound)?;
    let path = NodePath::parse(&rest.join("/")).map_err(|_| Error::NotFound)?;
    Ok(Some(NodeRef { path, ..home }))
}

/// The node of a path that is to be changed: `/` is nobody's to change.
pub(crate) fn changed(session: &Session, path: &TreePath) -> Result<NodeRef> {
    node_at(session, path)?.ok_or(Error::Forbidden)
}

/// What is at a path.
pub(crate) async fn look(session: &Session, path: &TreePath) -> Result<Seen> {
    let Some(node) = node_at(session, path)? else { return Ok(Seen::Top) };
    match session.open::<NodeRef, Lookup>(node.clone()).await {
        Err(Error::NotFound) => {
            let names = passage(session, &node).await?;
            if names.is_empty() { Err(Error::NotFound) } else { Ok(Seen::Passage(node, names)) }
        }
        opened => {
            let handle = opened?;
            let found = handle.stat().await?;
            Ok(Seen::Node(handle, found))
        }
    }
}

/// Opens a node. What is seen in passing only is there and may not be touched.
pub(crate) async fn open<R: Right>(session: &Session, node: &NodeRef) -> Result<Authorized<NodeRef, R>> {
    match session.open::<NodeRef, R>(node.clone()).await {
        Err(Error::NotFound) if !passage(session, node).await?.is_empty() => Err(Error::Forbidden),
        opened => opened,
    }
}

/// What is at a place that may be looked up; `None` when nothing is.
pub(crate) async fn there(session: &Session, node: &NodeRef) -> Result<Option<Node>> {
    match open::<Lookup>(session, node).await?.stat().await {
        Ok(found) => Ok(Some(found)),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn passage(session: &Session, node: &NodeRef) -> Result<BTreeSet<String>> {
    if session.actor().account() == Some(&node.owner) {
        return Ok(BTreeSet::new());
    }
    session.passage(node).await
}

/// Whose trees `/` has: one's own, and those of whoever shared something.
pub(crate) async fn owners(session: &Session) -> Result<Vec<Account>> {
    let me = session.principal()?.account().clone();
    let mut owners = BTreeSet::new();
    for granted in session.shared_with_me().await? {
        let (institution, owner) = (granted.target.institution, granted.target.owner);
        owners.extend(owner.map(|id| Account { institution, id }));
    }
    owners.remove(&me);
    let all = std::iter::once(me).chain(owners);
    Ok(all.filter(|owner| session.home_of(owner).is_some()).collect())
}
