//! Whether locks and the `If` header let a request through (RFC 4918 §7, §10.4).

use crate::{
    call::Call,
    error::{Answer, Refusal},
    if_header::{Condition, State},
    props::SYNC_TOKEN,
};
use http::StatusCode;
use passerelle_core::{
    Allows, Authorized, Error, Lookup, Read,
    ports::{Node, NodeKind, state::Lock},
};
use passerelle_model::{NodeRef, Rights};
use std::collections::{HashMap, hash_map::Entry};

/// How a request touches a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Touch {
    /// Its content or properties change.
    Itself,
    /// It comes into being or goes, with all below; so its folder's list of members changes too (RFC 4918 §7.4).
    Whole,
}

/// Most folders of one request whose sync tokens are looked up: each is listed whole.
const MOST_SYNCED: usize = 4;

/// What one resource of the `If` header is like.
struct Facts {
    tokens: Vec<String>,
    tag: Option<String>,
}

/// Judges the `If` header. `seen` is what is at the request's own place.
///
/// # Errors
/// 412 when no list holds.
pub(crate) async fn judge_if(call: &Call, seen: Option<&Node>) -> Answer<()> {
    let Some(header) = &call.conditions.lists else { return Ok(()) };
    let mut known: HashMap<Option<&str>, Facts> = HashMap::new();
    let mut looked = 0_usize;
    let of_sync =
        |condition: &Condition| matches!(&condition.state, State::Token(token) if token.starts_with(SYNC_TOKEN));
    for (resource, list) in &header.lists {
        let resource = resource.as_deref();
        let facts = match known.entry(resource) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(place) => {
                let asks_sync =
                    header.lists.iter().any(|(of, list)| of.as_deref() == resource && list.iter().any(of_sync));
                looked = looked.saturating_add(usize::from(asks_sync));
                if looked > MOST_SYNCED {
                    return Err(StatusCode::PRECONDITION_FAILED.into());
                }
                place.insert(facts(call, resource, seen, asks_sync).await?)
            }
        };
        let holds = |state: &State| match state {
            State::Token(token) => facts.tokens.iter().any(|held| held == token),
            State::Tag(tag) => facts.tag.as_ref() == Some(tag),
        };
        if list.iter().all(|condition| holds(&condition.state) != condition.not) {
            return Ok(());
        }
    }
    Err(StatusCode::PRECONDITION_FAILED.into())
}

/// What is not there, or none of the person's business, has neither lock nor tag.
async fn facts(call: &Call, resource: Option<&str>, seen: Option<&Node>, asks_sync: bool) -> Answer<Facts> {
    let nothing = Facts { tokens: Vec::new(), tag: None };
    let place = match resource {
        None => None,
        Some(reference) => match call.place_of(reference) {
            Ok(place) if place == call.place => None,
            Ok(place) => Some(place),
            Err(_) => return Ok(nothing),
        },
    };
    let Some(node) = place.as_ref().unwrap_or(&call.place).node(&call.session) else { return Ok(nothing) };
    let handle = match call.session.open::<NodeRef, Lookup>(node).await {
        Err(Error::NotFound) => return Ok(nothing),
        opened => opened?,
    };
    let there = match place {
        None => seen.cloned(),
        Some(_) => match handle.stat().await {
            Err(Error::NotFound) => None,
            looked => Some(looked?),
        },
    };
    let mut tokens: Vec<String> = handle.locks().await?.into_iter().map(|lock| lock.token).collect();
    if asks_sync
        && there.as_ref().is_some_and(|node| node.kind == NodeKind::Folder)
        && handle.rights().contains(Rights::READ)
    {
        // RFC 6578 §5: a sync token is a state token as well.
        let folder = call.session.open::<NodeRef, Read>(handle.target().clone()).await?;
        tokens.push(format!("{SYNC_TOKEN}{}", folder.sync_token().await?));
    }
    Ok(Facts { tokens, tag: there.map(|node| format!("\"{}\"", node.etag.as_str())) })
}

/// Checks that every lock in the way of a change was named by its holder.
///
/// # Errors
/// 423 with the roots of those that were not.
pub(crate) async fn check_locks(call: &Call, node: &NodeRef, touch: Touch) -> Answer<()> {
    let Some(handle) = seen(call, node.clone()).await? else { return Ok(()) };
    let mut in_the_way = unnamed(call, handle.locks().await?);
    if touch == Touch::Whole {
        for group in by_root(handle.locks_below().await?) {
            in_the_way.extend(unnamed(call, group));
        }
        // A folder that is not the person's to see cannot be asked; it can be locked by its owner only.
        if let Some(parent) = node.parent()
            && let Some(parent) = seen(call, parent).await?
        {
            in_the_way.extend(unnamed(call, parent.locks().await?));
        }
    }
    if in_the_way.is_empty() {
        return Ok(());
    }
    let mut roots: Vec<String> = in_the_way.iter().map(|lock| root_of(call, node, lock)).collect();
    roots.sort();
    roots.dedup();
    Err(Refusal::Locked(roots))
}

/// A handle to ask for locks with, on what may be looked up.
async fn seen(call: &Call, node: NodeRef) -> Answer<Option<Authorized<NodeRef, Lookup>>> {
    match call.session.open::<NodeRef, Lookup>(node).await {
        Err(Error::NotFound) => Ok(None),
        opened => Ok(Some(opened?)),
    }
}

/// Locks on one place, unless the person named one of them as theirs: of shared locks one's own is enough.
fn unnamed(call: &Call, locks: Vec<Lock>) -> Vec<Lock> {
    let named = |lock: &Lock| {
        let tokens = call.conditions.lists.iter().flat_map(|header| header.tokens());
        Some(&lock.holder) == call.me() && tokens.into_iter().any(|token| token == lock.token)
    };
    if locks.iter().any(named) { Vec::new() } else { locks }
}

fn by_root(locks: Vec<Lock>) -> Vec<Vec<Lock>> {
    let mut groups: HashMap<String, Vec<Lock>> = HashMap::new();
    for lock in locks {
        groups.entry(lock.target.path.clone()).or_default().push(lock);
    }
    groups.into_values().collect()
}

/// The URL of a lock's root. Locks that reach a node lie in the same tree.
pub(crate) fn root_of(call: &Call, node: &NodeRef, lock: &Lock) -> String {
    let href = call.place_in(node, &lock.target.path);
    // The root of an account's tree is a collection; what else a lock has for its root may be a file.
    if lock.target.path.is_empty() && !href.starts_with("/s/") { format!("{href}/") } else { href }
}

/// The roots of the locks that keep another one from being taken here.
pub(crate) async fn conflicting<R: Allows<Lookup>>(
    call: &Call,
    handle: &Authorized<NodeRef, R>,
) -> Answer<Vec<String>> {
    let mut locks = handle.locks().await?;
    locks.extend(handle.locks_below().await?);
    let mut roots: Vec<String> = locks.iter().map(|lock| root_of(call, handle.target(), lock)).collect();
    roots.sort();
    roots.dedup();
    Ok(roots)
}
