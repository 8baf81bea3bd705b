//! DELETE (RFC 4918 §9.6): a file, or a folder with all that is in it.

use crate::{
    call::{Call, Depth},
    conditions::Verdict,
    error::{Answer, bare},
    guard::{self, Touch},
};
use http::StatusCode;
use passerelle_core::{Error, Remove, ports::NodeKind};

/// Removes what is there.
pub(super) async fn delete(call: &Call) -> Answer {
    let node = call.node()?;
    call.check_stays()?;
    let (_, seen) = call.look(&node).await?;
    let seen = seen.ok_or(Error::NotFound)?;
    // RFC 4918 §9.6.1: a collection goes with all that is in it, or not at all.
    if seen.kind == NodeKind::Folder && call.depth(Depth::Infinity)? != Depth::Infinity {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    let handle = call.open::<Remove>(&node).await?;
    guard::judge_if(call, Some(&seen)).await?;
    if call.conditions.judge(Some(&seen), false) != Verdict::Holds {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    guard::check_locks(call, &node, Touch::Whole).await?;
    handle.remove(&call.conditions.at_commit(Some(&seen))).await?;
    Ok(bare(StatusCode::NO_CONTENT))
}
