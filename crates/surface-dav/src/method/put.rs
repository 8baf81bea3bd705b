//! PUT (RFC 9110 §9.3.4, RFC 4918 §9.7): the content streams to the store and is there in one step at the end.

use super::{piece, tag};
use crate::{
    Body,
    call::Call,
    conditions::Verdict,
    error::{Answer, Refusal, bare},
    guard::{self, Touch},
};
use http::{
    StatusCode,
    header::{CONTENT_LENGTH, CONTENT_RANGE, ETAG},
};
use passerelle_core::{Add, Edit, Error, ports::NodeKind};

/// Writes a file.
pub(super) async fn put(call: &Call, body: &mut Body) -> Answer {
    // RFC 9110 §14.5: who does not understand a part must not take it for the whole.
    if call.headers.contains_key(CONTENT_RANGE) {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    let length = match call.header(CONTENT_LENGTH) {
        Some(text) => Some(text.parse::<u64>().map_err(|_| Refusal::Status(StatusCode::BAD_REQUEST))?),
        None => None,
    };
    let node = call.node()?;
    if node.path.is_root() {
        return Err(Refusal::Method);
    }
    let (_, seen) = call.look(&node).await?;
    // RFC 4918 §9.7.2: a collection's content is not to be put.
    if seen.as_ref().is_some_and(|seen| seen.kind == NodeKind::Folder) {
        return Err(Refusal::Method);
    }
    guard::judge_if(call, seen.as_ref()).await?;
    if call.conditions.judge(seen.as_ref(), false) != Verdict::Holds {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    let mut upload = if seen.is_some() {
        let handle = call.open::<Edit>(&node).await?;
        guard::check_locks(call, &node, Touch::Itself).await?;
        handle.replace(length).await?
    } else {
        let handle = call.open::<Add>(&node).await?;
        guard::check_locks(call, &node, Touch::Whole).await?;
        match handle.create(length).await {
            Err(Error::Conflict) => return Err(StatusCode::CONFLICT.into()),
            begun => begun?,
        }
    };
    let mut received = 0_u64;
    while let Some(octets) = piece(body).await? {
        received += u64::try_from(octets.len()).unwrap_or(u64::MAX);
        upload.write(octets).await?;
    }
    // The transport has checked this already; what is acknowledged is worth a second look.
    if length.is_some_and(|length| length != received) {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    // An upload can take hours; what was withdrawn meanwhile does not write.
    call.session.check_in_force()?;
    let written = match upload.commit(&call.conditions.at_commit(seen.as_ref())).await {
        // Without a condition it was another client that made the file first.
        Err(Error::Conflict) if !call.conditions.any() => return Err(StatusCode::CONFLICT.into()),
        committed => committed?,
    };
    let mut response = bare(if seen.is_some() { StatusCode::NO_CONTENT } else { StatusCode::CREATED });
    response.headers_mut().extend(tag(&written).map(|value| (ETAG, value)));
    Ok(response)
}
