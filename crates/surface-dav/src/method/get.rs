//! GET and HEAD (RFC 9110 §9.3.1): a file, a part of it, or the news that it is the one the client has.

use super::tag;
use crate::{
    call::Call,
    conditions::{Verdict, range_holds},
    date,
    error::{Answer, Refusal, bare},
    guard,
    range::{self, Wanted},
};
use futures::{
    StreamExt,
    future::{Either, select},
    stream,
};
use http::{
    HeaderValue, Method, StatusCode,
    header::{ACCEPT_RANGES, CONTENT_LENGTH, CONTENT_RANGE, ETAG, IF_RANGE, LAST_MODIFIED, RANGE},
};
use passerelle_core::{
    Error, Read,
    ports::{ByteRange, ByteStream, Node, NodeKind},
};
use passerelle_net::http::{Response, set_media_headers, stream_of};

/// Up to so many octets are on their way at once; more can be stopped when the session is withdrawn.
const AT_ONCE: u64 = 1024 * 1024;

/// Sends a file.
pub(super) async fn get(call: &Call) -> Answer {
    let place = call.node()?;
    let handle = call.open::<Read>(&place).await?;
    let (node, content) = if call.method == Method::HEAD {
        let node = handle.stat().await?;
        if node.kind == NodeKind::Folder {
            return Err(Refusal::Method);
        }
        (node, None)
    } else {
        let content = match handle.open().await {
            // Only a folder makes opening invalid; it has nothing to be read (RFC 4918 §9.4).
            Err(Error::Invalid { .. }) => return Err(Refusal::Method),
            opened => opened?,
        };
        (content.node().clone(), Some(content))
    };
    guard::judge_if(call, Some(&node)).await?;
    match call.conditions.judge(Some(&node), true) {
        Verdict::Holds => {}
        Verdict::NotModified => return Ok(described(StatusCode::NOT_MODIFIED, &node)),
        Verdict::Fails => return Err(StatusCode::PRECONDITION_FAILED.into()),
    }
    let wanted = match call.header(RANGE) {
        // RFC 9110 §14.2: Range is for GET only.
        Some(text) if content.is_some() && range_holds(call.header(IF_RANGE), &node, handle.now().0) => {
            range::parse(text, node.size)
        }
        _ => Wanted::Whole,
    };
    let (status, length, part) = match wanted {
        Wanted::Whole => (StatusCode::OK, node.size, ByteRange::Full),
        Wanted::Part(part) => (StatusCode::PARTIAL_CONTENT, part.end - part.start, ByteRange::Part(part)),
        Wanted::Nothing => return Err(Refusal::Range(node.size)),
    };
    let mut response = described(status, &node);
    let headers = response.headers_mut();
    set_media_headers(headers, place.path.name().unwrap_or_default());
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    if let ByteRange::Part(part) = &part {
        let text = format!("bytes {}-{}/{}", part.start, part.end - 1, node.size);
        headers.extend(HeaderValue::from_str(&text).ok().map(|value| (CONTENT_RANGE, value)));
    }
    if let Some(content) = content.filter(|_| length > 0) {
        let octets = content.stream(part);
        *response.body_mut() = stream_of(if length > AT_ONCE { while_in_force(call, octets) } else { octets });
    }
    Ok(response)
}

/// Ends a download with an error as soon as the session is withdrawn.
fn while_in_force(call: &Call, octets: ByteStream) -> ByteStream {
    let withdrawn = Box::pin(call.session.tie().withdrawn());
    Box::pin(stream::unfold(Some((octets, withdrawn)), |state| async move {
        let (mut octets, mut withdrawn) = state?;
        match select(withdrawn.as_mut(), octets.next()).await {
            Either::Left(_) => Some((Err(Error::Unauthenticated), None)),
            Either::Right((Some(Ok(piece)), _)) => Some((Ok(piece), Some((octets, withdrawn)))),
            Either::Right((Some(Err(error)), _)) => Some((Err(error), None)),
            Either::Right((None, _)) => None,
        }
    }))
}

/// An answer with what says which version of the file it is about.
fn described(status: StatusCode, node: &Node) -> Response {
    let mut response = bare(status);
    let headers = response.headers_mut();
    headers.extend(tag(node).map(|value| (ETAG, value)));
    let mut modified = Vec::with_capacity(32);
    date::http(&mut modified, node.modified);
    headers.extend(HeaderValue::from_bytes(&modified).ok().map(|value| (LAST_MODIFIED, value)));
    response
}
