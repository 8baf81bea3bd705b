//! MKCOL (RFC 4918 §9.3).

use super::piece;
use crate::{
    Body,
    call::Call,
    conditions::Verdict,
    error::{Answer, Refusal, bare},
    guard::{self, Touch},
};
use http::StatusCode;
use passerelle_core::{Add, Error};

/// Makes a folder.
pub(super) async fn mkcol(call: &Call, body: &mut Body) -> Answer {
    let node = call.node()?;
    // RFC 4918 §9.3: a body of a kind that is not understood. We understand none.
    while let Some(octets) = piece(body).await? {
        if !octets.is_empty() {
            return Err(StatusCode::UNSUPPORTED_MEDIA_TYPE.into());
        }
    }
    let (_, seen) = call.look(&node).await?;
    guard::judge_if(call, seen.as_ref()).await?;
    if call.conditions.judge(seen.as_ref(), false) != Verdict::Holds {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    // RFC 4918 §9.3.1: only where nothing is yet.
    if seen.is_some() {
        return Err(Refusal::Method);
    }
    let handle = call.open::<Add>(&node).await?;
    guard::check_locks(call, &node, Touch::Whole).await?;
    match handle.make_folder().await {
        Err(Error::Conflict) => Err(Refusal::Method),
        made => {
            made?;
            Ok(bare(StatusCode::CREATED))
        }
    }
}
