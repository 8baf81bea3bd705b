//! COPY and MOVE (RFC 4918 §9.8, §9.9).

use super::{DESTINATION, transfer_between};
use crate::{
    call::{Call, Depth},
    conditions::Verdict,
    error::{Answer, Refusal, bare},
    guard::{self, Touch},
    place::Place,
};
use http::StatusCode;
use passerelle_core::{
    Add, Authorized, Error, Read, Remove,
    ports::{Node, NodeKind},
};
use passerelle_model::NodeRef;

/// Where something goes, and what is opened of it.
pub(super) struct Destination {
    pub(super) node: NodeRef,
    pub(super) add: Authorized<NodeRef, Add>,
    /// To remove what stands there.
    pub(super) replaced: Option<Authorized<NodeRef, Remove>>,
}

/// Copies or moves.
pub(super) async fn transfer(call: &Call) -> Answer {
    let moves = call.method == "MOVE";
    let overwrite = call.overwrite()?;
    let depth = call.depth(Depth::Infinity)?;
    let source = call.node()?;
    if moves {
        call.check_stays()?;
    }
    let to = destination(call)?;
    let (_, seen) = call.look(&source).await?;
    let seen = seen.ok_or(Error::NotFound)?;
    check_depth(depth, moves, seen.kind)?;
    guard::judge_if(call, Some(&seen)).await?;
    if call.conditions.judge(Some(&seen), false) != Verdict::Holds {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    // RFC 4918 §9.8.5, §9.9.4: source and destination are the same. A folder into itself has no end; in the place of a
    // folder that holds it, the source would go with what it replaces.
    let same_tree = source.owner == to.owner && source.mount == to.mount;
    let into_itself = to.path.is_within(&source.path) && (to.path == source.path || moves || depth == Depth::Infinity);
    if same_tree && (into_itself || source.path.is_within(&to.path)) {
        return Err(StatusCode::FORBIDDEN.into());
    }
    let from = From::open(call, &source, moves).await?;
    let (_, there) = call.look(&to).await?;
    if there.is_some() && !overwrite {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    let add = call.open::<Add>(&to).await?;
    let replaced = match there {
        Some(_) => Some(call.open::<Remove>(&to).await?),
        None => None,
    };
    if moves {
        guard::check_locks(call, &source, Touch::Whole).await?;
    }
    guard::check_locks(call, &to, Touch::Whole).await?;
    let created = replaced.is_none();
    carry(call, from, &seen, Destination { node: to, add, replaced }, depth).await?;
    Ok(bare(if created { StatusCode::CREATED } else { StatusCode::NO_CONTENT }))
}

/// The source, opened for what is done with it.
enum From {
    Copied(Authorized<NodeRef, Read>),
    Moved(Authorized<NodeRef, Remove>),
}

impl From {
    async fn open(call: &Call, source: &NodeRef, moves: bool) -> Answer<Self> {
        if moves {
            // Who moves something away could take a copy as well.
            call.open::<Read>(source).await?;
            Ok(Self::Moved(call.open::<Remove>(source).await?))
        } else {
            Ok(Self::Copied(call.open::<Read>(source).await?))
        }
    }
}

async fn carry(call: &Call, from: From, seen: &Node, to: Destination, depth: Depth) -> Answer<()> {
    let deep = depth == Depth::Infinity;
    match from {
        From::Copied(handle) => match handle.copy_to(&to.add, to.replaced.as_ref(), deep).await {
            Err(error) if error.is_between_stores() => {
                transfer_between::copy(call, handle.target(), seen, to, deep).await
            }
            done => Ok(taken_meanwhile(done)?),
        },
        From::Moved(handle) => match handle.move_to(&to.add, to.replaced.as_ref()).await {
            Err(error) if error.is_between_stores() => {
                transfer_between::copy(call, handle.target(), seen, to, true).await?;
                let unchanged = call.conditions.at_commit(Some(seen));
                Ok(handle.remove(&unchanged).await?)
            }
            done => Ok(taken_meanwhile(done)?),
        },
    }
}

/// The name was free and is no more: another client was quicker.
fn taken_meanwhile(done: Result<(), Error>) -> Answer<()> {
    match done {
        Err(Error::Conflict) => Err(StatusCode::CONFLICT.into()),
        other => Ok(other?),
    }
}

/// Where a request's `Destination` points (RFC 4918 §10.3), if that can take something.
pub(super) fn destination(call: &Call) -> Answer<NodeRef> {
    let reference = call.header(DESTINATION).ok_or(StatusCode::BAD_REQUEST)?;
    let place = call.place_of(reference)?;
    match &place {
        // What is no account's file can take nothing.
        Place::Node { path, .. } | Place::Linked { path, .. } if path.is_root() => Err(StatusCode::FORBIDDEN.into()),
        Place::Node { .. } | Place::Linked { .. } => place.node(&call.session).ok_or(Refusal::Gate(Error::NotFound)),
        Place::Top
        | Place::Root
        | Place::Files
        | Place::Principals
        | Place::Principal(_)
        | Place::Trays(_)
        | Place::Directory(_)
        | Place::Upload { .. }
        | Place::Collections(_)
        | Place::Nowhere => Err(StatusCode::FORBIDDEN.into()),
    }
}

/// RFC 4918 §9.8.3: COPY takes 0 or infinity; §9.9.2: MOVE of a collection takes infinity only.
fn check_depth(depth: Depth, moves: bool, kind: NodeKind) -> Answer<()> {
    match depth {
        Depth::Infinity => Ok(()),
        Depth::Zero if !moves || kind == NodeKind::File => Ok(()),
        Depth::Zero | Depth::One => Err(StatusCode::BAD_REQUEST.into()),
    }
}
