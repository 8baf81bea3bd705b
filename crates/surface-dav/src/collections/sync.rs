//! `DAV:sync-collection` (RFC 6578) on calendars and address books.

use super::{
    At,
    data::{TooManyTimes, Wanted},
    multiget::{beyond, describe, wants_data},
    open,
    propfind::seen_setting,
    query, visible,
};
use crate::{
    call::{Call, Depth},
    error::{Answer, Refusal},
    method::{
        propfind::{END, multistatus},
        sync::{Since, since},
    },
    place::encode,
    props::{Ask, SYNC_TOKEN},
    xml::{Element, Writer},
};
use http::StatusCode;
use passerelle_core::{
    Error, ItemChange, Read,
    ports::{ListedItem, MOST_READ},
};
use passerelle_net::http::body_of;
use passerelle_wire_ical::Zone;
use std::collections::HashMap;

/// Answers the report.
pub(super) async fn sync(call: &Call, at: &At, root: &Element, depth: Depth) -> Answer {
    let Since { token, limit } = since(root, depth)?;
    let ask = Ask::of(root.child("prop"));
    let handle = open::<Read>(call, at).await?;
    let found = match handle.changes_since(token, limit).await {
        // RFC 6578 §3.2: more than this server can follow. A client lists the collection instead.
        Err(Error::OverQuota) => {
            return Err(Refusal::Condition(StatusCode::INSUFFICIENT_STORAGE, "number-of-matches-within-limits"));
        }
        found => found?.ok_or(Refusal::Condition(StatusCode::FORBIDDEN, "valid-sync-token"))?,
    };
    let setting = seen_setting(call, &handle.target().owner, handle.rights());
    let (data, mut content) = (Wanted::of(at.family(), root)?, HashMap::new());
    let zone = if data.needs_zone() { query::zone(&handle, root).await? } else { Zone::utc() };
    if wants_data(at.family(), &ask) {
        let changed = |change: &ItemChange| match change {
            ItemChange::Changed(item) => Some(item.clone()),
            ItemChange::Gone(_) => None,
        };
        let changed: Vec<ListedItem> = found.changes.iter().filter_map(changed).collect();
        for some in changed.chunks(MOST_READ) {
            content.extend(visible(&handle, handle.contents(some).await?));
        }
    }
    let tags = super::tags(call, &ask, handle.target()).await?;
    let (mut xml, href) = (Writer::begin("D:multistatus"), at.href());
    for change in &found.changes {
        match change {
            ItemChange::Changed(item) => {
                let told =
                    |item| Ok::<_, TooManyTimes>(data.told(at.family(), item, &zone)?.tagged(tags.as_ref(), item));
                let told = content.get(&item.name).map(told);
                match told.transpose() {
                    Ok(told) => {
                        if let Some(told) = &told {
                            told.note(&handle.target().owner, &call.id);
                        }
                        let one = std::iter::once((&item.name, &item.etag, told.as_ref()));
                        describe(&mut xml, at, &ask, &setting, one);
                    }
                    Err(TooManyTimes) => beyond(&mut xml, &format!("{href}{}", encode(item.name.as_str()))),
                }
            }
            ItemChange::Gone(name) => {
                xml.raw("<D:response><D:href>").raw(&href).raw(&encode(name.as_str()).to_string());
                xml.raw("</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>\n");
            }
        }
    }
    if found.more {
        // RFC 6578 §3.6
        xml.raw("<D:response><D:href>").raw(&href);
        xml.raw("</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status>");
        xml.raw("<D:error><D:number-of-matches-within-limits/></D:error></D:response>\n");
    }
    xml.raw("<D:sync-token>").raw(SYNC_TOKEN).text(&found.token).raw("</D:sync-token>").raw(END);
    let mut response = multistatus();
    *response.body_mut() = body_of(xml.finish());
    Ok(response)
}
