//! `DAV:sync-collection` (RFC 6578): what changed in a folder since a client last asked.
//!
//! Level 1 only. A file has changed when its entity tag has; what hangs on it as a dead property or a lock does not count. A
//! removal is told after a complete listing only. The answer is begun when all is known: no token for half of it.

use super::propfind::{END, Listing, granted, multistatus, setting};
use crate::{
    call::{Call, Depth},
    error::{Answer, Refusal},
    place::encode,
    props::{Ask, SYNC_TOKEN},
    xml::{Element, Writer},
};
use bytes::Bytes;
use futures::stream;
use http::StatusCode;
use passerelle_core::{
    Authorized, Error, FolderChange, Lookup, Read,
    ports::{Node, NodeKind},
};
use passerelle_model::NodeRef;
use passerelle_net::http::stream_of;
use std::sync::Arc;

/// Members of one piece of the answer.
const AT_ONCE: usize = 500;

/// Answers the report.
pub(super) async fn sync(call: Call, handle: &Authorized<NodeRef, Lookup>, root: &Element, depth: Depth) -> Answer {
    let Since { token, limit } = since(root, depth)?;
    let ask = Ask::of(root.child("prop"));
    let folder = call.open::<Read>(handle.target()).await?;
    let found = match folder.changes_since(token, limit).await {
        // RFC 6578 §3.2: more than this server can follow. A client lists the folder instead.
        Err(Error::OverQuota) => {
            return Err(Refusal::Condition(StatusCode::INSUFFICIENT_STORAGE, "number-of-matches-within-limits"));
        }
        found => found?.ok_or_else(invalid)?,
    };
    let locks = if ask.needs_locks() { handle.locks().await? } else { Vec::new() };
    let granted = granted(&call, &ask, handle).await?;
    let at = setting(&call, Some(&handle.target().owner), handle.rights(), None, handle);
    let mut href = call.place.href();
    if !href.ends_with('/') {
        href.push('/');
    }
    let mut end = Writer::default();
    if found.more {
        // RFC 6578 §3.6
        end.raw("<D:response><D:href>")
            .raw(&href)
            .raw("</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status>");
        end.raw("<D:error><D:number-of-matches-within-limits/></D:error></D:response>\n");
    }
    end.raw("<D:sync-token>").raw(SYNC_TOKEN).text(&found.token).raw("</D:sync-token>").raw(END);
    let parts = Arc::new(Listing::gather(call, &folder, ask, at, href.clone(), locks, granted).await?);
    let mut changes = found.changes.into_iter();
    let mut head = Some(Writer::begin("D:multistatus"));
    let mut end = Some(end);
    let pieces = std::iter::from_fn(move || {
        let mut xml = head.take().unwrap_or_default();
        let some: Vec<FolderChange> = changes.by_ref().take(AT_ONCE).collect();
        if some.is_empty() {
            xml.octets(&end.take()?.finish());
            return Some(Ok(Bytes::from(xml.finish())));
        }
        write(&mut xml, &parts, &href, some);
        Some(Ok(Bytes::from(xml.finish())))
    });
    let mut response = multistatus();
    *response.body_mut() = stream_of(Box::pin(stream::iter(pieces)));
    Ok(response)
}

/// Since when changes are wanted, and how many at most.
pub(crate) struct Since<'x> {
    pub(crate) token: Option<&'x str>,
    pub(crate) limit: Option<usize>,
}

/// Reads `DAV:sync-collection` (RFC 6578 §6.1).
pub(crate) fn since(root: &Element, depth: Depth) -> Answer<Since<'_>> {
    let level = root.child("sync-level").map(|level| level.text.trim_ascii());
    match (level, depth) {
        // RFC 6578 §3.2: Depth is 0. Drafts had the level there, and there are clients that say it there, alone or as well.
        (Some("1"), Depth::Zero | Depth::One) | (None, Depth::One) => {}
        (Some("infinite" | "infinity"), _) | (None, Depth::Infinity) => {
            return Err(Refusal::Condition(StatusCode::FORBIDDEN, "sync-traversal-supported"));
        }
        _ => return Err(StatusCode::BAD_REQUEST.into()),
    }
    let token = root.child("sync-token").ok_or(StatusCode::BAD_REQUEST)?.text.trim_ascii();
    let token = match token {
        "" => None,
        other => Some(other.strip_prefix(SYNC_TOKEN).ok_or_else(invalid)?),
    };
    let limit = match root.child("limit").and_then(|limit| limit.child("nresults")) {
        Some(most) => {
            let most: Option<usize> = most.text.trim_ascii().parse().ok();
            Some(most.filter(|most| *most > 0).ok_or(StatusCode::BAD_REQUEST)?)
        }
        None => None,
    };
    Ok(Since { token, limit })
}

/// Changes in their order: a name that went and came again is told as what it is now.
fn write(xml: &mut Writer, parts: &Listing, href: &str, changes: Vec<FolderChange>) {
    for change in changes {
        match change {
            FolderChange::Changed(node) => parts.describe(xml, std::slice::from_ref::<Node>(&node)),
            FolderChange::Gone(name, kind) => {
                xml.raw("<D:response><D:href>").raw(href).raw(&encode(&name).to_string());
                xml.raw(if kind == NodeKind::Folder { "/" } else { "" });
                xml.raw("</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>\n");
            }
        }
    }
}

/// RFC 6578 §3.2 `DAV:valid-sync-token`
fn invalid() -> Refusal {
    Refusal::Condition(StatusCode::FORBIDDEN, "valid-sync-token")
}
