//! Items with their content: `calendar-multiget` (RFC 4791 §7.9) and `addressbook-multiget` (RFC 6352 §8.7).

use super::{
    At, data,
    data::{Told, TooManyTimes},
    open,
    propfind::seen_setting,
    query,
};
use crate::{
    call::Call,
    error::{Answer, Refusal},
    method::propfind::{END, multistatus},
    place::{Place, encode},
    props::{Ask, Live, Setting, Thing, response},
    xml::{Element, Writer},
};
use bytes::Bytes;
use futures::stream;
use http::StatusCode;
use passerelle_core::{
    Authorized, Read, Result,
    ports::{ETag, MOST_READ},
};
use passerelle_model::{CollectionFamily, CollectionRef, ItemName};
use passerelle_net::http::stream_of;
use passerelle_wire_ical::{Zone, discreet};
use std::sync::Arc;

/// Whether an answer needs what is in the items.
pub(super) fn wants_data(family: CollectionFamily, ask: &Ask) -> bool {
    match family {
        CollectionFamily::Calendars => ask.asks_for(Live::CalendarData),
        CollectionFamily::Contacts => ask.asks_for(Live::AddressData),
    }
}

/// Writes a `DAV:response` for each of these, with its content where that was asked for.
pub(super) fn describe<'a>(
    xml: &mut Writer,
    at: &At,
    ask: &Ask,
    setting: &Setting,
    items: impl Iterator<Item = (&'a ItemName, &'a ETag, Option<&'a data::Told<'a>>)>,
) {
    let folder = at.collection().href();
    for (name, etag, content) in items {
        let fault = content.and_then(|told| told.fault.as_deref());
        let text = content.and_then(|told| told.text.as_deref());
        let thing = Thing { fault, ..Thing::item(at.family(), name.as_str(), etag, text) };
        response(xml, &folder, Some(name.as_str()), ask, setting, &thing);
    }
}

/// What is not there, by its URL as the client spelled it.
fn missing(xml: &mut Writer, href: &str) {
    xml.raw("<D:response><D:href>")
        .text(href)
        .raw("</D:href><D:status>HTTP/1.1 404 Not Found</D:status></D:response>\n");
}

/// What has more instances than are told, by its URL.
pub(super) fn beyond(xml: &mut Writer, href: &str) {
    xml.raw("<D:response><D:href>").raw(href);
    xml.raw("</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status>");
    xml.raw("<D:error><D:number-of-matches-within-limits/></D:error></D:response>\n");
}

/// One of the items that are asked for.
#[derive(Debug, Clone)]
enum Wanted {
    Item(ItemName),
    /// What is no item of this collection.
    Stray(String),
}

/// Answers the report. The answer begins before all items are read; where one cannot be, the connection breaks: what is left out
/// would look as if it were not there.
pub(super) async fn multiget(call: Call, at: At, root: &Element) -> Answer {
    let handle = open::<Read>(&call, &at).await?;
    let ask = Ask::of(root.child("prop"));
    let target = handle.target().clone();
    let mut wanted = Vec::new();
    for href in root.children.iter().filter(|it| it.is("href")) {
        let text = href.text.trim();
        let named = match call.place_of(text) {
            Ok(Place::Collections(it)) if it.target(&call.session).as_ref() == Some(&target) => it.item().cloned(),
            Ok(_) | Err(Refusal::Status(_)) => None,
            Err(other) => return Err(other),
        };
        wanted.push(named.map_or_else(|| Wanted::Stray(text.to_owned()), Wanted::Item));
    }
    if wanted.is_empty() {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    let setting = seen_setting(&call, &target.owner, handle.rights());
    let wanted_of = data::Wanted::of(at.family(), root)?;
    let zone = if wanted_of.needs_zone() { query::zone(&handle, root).await? } else { Zone::utc() };
    let parts = Arc::new(Parts { call, at, ask, setting, handle, data: wanted_of, zone });
    Ok(streamed(parts, wanted))
}

/// What every piece of an answer needs.
struct Parts {
    call: Call,
    at: At,
    ask: Ask,
    setting: Setting,
    handle: Authorized<CollectionRef, Read>,
    /// What is told of the contents, and the zone of times in them that say none.
    data: data::Wanted,
    zone: Zone,
}

fn streamed(parts: Arc<Parts>, wanted: Vec<Wanted>) -> passerelle_net::http::Response {
    let begun = (Some(Writer::begin("D:multistatus")), wanted.into_iter(), false);
    let body = stream::unfold(begun, move |(mut head, mut wanted, ended)| {
        let parts = Arc::clone(&parts);
        async move {
            if ended {
                return None;
            }
            let some: Vec<Wanted> = wanted.by_ref().take(MOST_READ).collect();
            let mut xml = head.take().unwrap_or_default();
            if some.is_empty() {
                xml.raw(END);
                return Some((Ok(Bytes::from(xml.finish())), (None, wanted, true)));
            }
            match parts.write(&mut xml, &some).await {
                Ok(()) => Some((Ok(Bytes::from(xml.finish())), (None, wanted, false))),
                Err(error) => {
                    crate::error::note(&error, &parts.call.id);
                    Some((Err(error), (None, wanted, true)))
                }
            }
        }
    });
    let mut response = multistatus();
    *response.body_mut() = stream_of(Box::pin(body));
    response
}

impl Parts {
    async fn write(&self, xml: &mut Writer, some: &[Wanted]) -> Result<()> {
        self.call.session.check_in_force()?;
        let names: Vec<ItemName> = some
            .iter()
            .filter_map(|it| match it {
                Wanted::Item(name) => Some(name.clone()),
                Wanted::Stray(_) => None,
            })
            .collect();
        let mut found = self.handle.read(&names).await?.into_iter();
        for one in some {
            match one {
                Wanted::Stray(href) => missing(xml, href),
                Wanted::Item(name) => {
                    let href = || format!("{}{}", self.at.collection().href(), encode(name.as_str()));
                    let Some(item) = found.next().flatten() else {
                        missing(xml, &href());
                        continue;
                    };
                    let etag = item.etag.clone();
                    let item = self.handle.told(item, discreet);
                    match item.as_ref().map(|item| self.data.told(self.at.family(), item, &self.zone)) {
                        Some(Err(TooManyTimes)) => beyond(xml, &href()),
                        Some(Ok(content)) => {
                            content.note(&self.handle.target().owner, &self.call.id);
                            self.describe(xml, name, &etag, &content);
                        }
                        None => self.describe(xml, name, &etag, &Told::nothing()),
                    }
                }
            }
        }
        Ok(())
    }

    fn describe(&self, xml: &mut Writer, name: &ItemName, etag: &ETag, content: &Told<'_>) {
        describe(xml, &self.at, &self.ask, &self.setting, std::iter::once((name, etag, Some(content))));
    }
}
