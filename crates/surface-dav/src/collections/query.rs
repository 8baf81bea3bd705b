//! Queries: `calendar-query` (RFC 4791 §7.8), `addressbook-query` (RFC 6352 §8.6) and `free-busy-query` (RFC 4791 §7.10).
//!
//! All items are looked into, some at a time; what was read lately is in memory. The answer begins when all is known: a part of it
//! would look as if the rest had been removed.

use super::{
    At,
    data::{TooManyTimes, Wanted},
    filter,
    multiget::{describe, wants_data},
    open,
    propfind::seen_setting,
    visible,
};
use crate::{
    call::Call,
    error::{Answer, Refusal, bare},
    method::propfind::{END, multistatus},
    props::Ask,
    xml::{CALDAV, CARDDAV, Element, Writer},
};
use http::{HeaderValue, StatusCode, header::CONTENT_TYPE};
use passerelle_core::{
    Authorized, BusyAsk, Error, FreeBusy, Read,
    ports::{CollectionItem, MOST_READ, Telling},
};
use passerelle_model::{CollectionFamily, CollectionRef, ItemName, Timestamp};
use passerelle_net::http::body_of;
use passerelle_scheduling::busy_in;
use passerelle_wire_ical::{
    CalendarObject, Card, CardFilter, CompFilter, Component, Fault, Heading, Range, Utc, Wrong, Zone,
};
use std::sync::Arc;

/// What is looked for.
enum Sought {
    Calendar(CompFilter),
    Cards(CardFilter),
}

/// Answers a query.
pub(super) async fn query(call: &Call, at: &At, root: &Element) -> Answer {
    let sought = match at.family() {
        CollectionFamily::Calendars => Sought::Calendar(filter::of_calendar(root)?),
        CollectionFamily::Contacts => Sought::Cards(filter::of_cards(root)?),
    };
    let (wanted, ask) = (Wanted::of(at.family(), root)?, Ask::of(root.child("prop")));
    let most = most(root)?;
    let handle = open::<Read>(call, at).await?;
    let zone = zone(&handle, root).await?;
    let setting = seen_setting(call, &handle.target().owner, handle.rights());
    let (sought, mut xml, mut count) = (Arc::new(sought), Writer::begin("D:multistatus"), 0_usize);
    let tags = super::tags(call, &ask, handle.target()).await?;
    let items = match range(&sought) {
        Some(range) => handle.items_within((Timestamp(range.start.seconds()), Timestamp(range.end.seconds()))).await?,
        None => handle.items().await?,
    };
    for some in items.chunks(MOST_READ) {
        call.session.check_in_force()?;
        let contents = visible(&handle, handle.contents(some).await?);
        for (name, item) in matching(&sought, contents, &zone).await? {
            count = count.saturating_add(1);
            if most.is_some_and(|most| count > most) {
                continue;
            }
            let told = wants_data(at.family(), &ask).then(|| wanted.told(at.family(), &item, &zone)).transpose()?;
            let told = told.map(|told| told.tagged(tags.as_ref(), &item));
            describe(&mut xml, at, &ask, &setting, std::iter::once((&name, &item.etag, told.as_ref())));
        }
    }
    if most.is_some_and(|most| count > most) {
        // RFC 6352 §8.6.1
        xml.raw("<D:response><D:href>").raw(&at.href());
        xml.raw("</D:href><D:status>HTTP/1.1 507 Insufficient Storage</D:status>");
        xml.raw("<D:error><D:number-of-matches-within-limits/></D:error></D:response>\n");
    }
    xml.raw(END);
    let mut response = multistatus();
    *response.body_mut() = body_of(xml.finish());
    Ok(response)
}

/// The time that what is looked for is in.
fn range(sought: &Sought) -> Option<Range> {
    match sought {
        Sought::Calendar(filter) => filter.range(),
        Sought::Cards(_) => None,
    }
}

/// `CARDDAV:limit` (RFC 6352 §10.6).
fn most(root: &Element) -> Answer<Option<usize>> {
    let Some(limit) = root.child_in(CARDDAV, "limit").and_then(|limit| limit.child_in(CARDDAV, "nresults")) else {
        return Ok(None);
    };
    let most: usize = limit.text.trim().parse().map_err(|_| Refusal::Status(StatusCode::BAD_REQUEST))?;
    Ok(Some(most))
}

/// Those that match, looked into beside what else the process does.
async fn matching(
    sought: &Arc<Sought>,
    contents: Vec<(ItemName, CollectionItem)>,
    zone: &Zone,
) -> Answer<Vec<(ItemName, CollectionItem)>> {
    let (sought, zone) = (Arc::clone(sought), zone.clone());
    let looked = tokio::task::spawn_blocking(move || {
        let mut found = Vec::new();
        for (name, item) in contents {
            if matches(&sought, &item.content, &zone)? {
                found.push((name, item));
            }
        }
        Ok::<_, Wrong>(found)
    });
    let looked = looked.await.map_err(|error| Error::internal("looking into a collection", error))?;
    looked.map_err(|_| TooManyTimes.into())
}

/// Whether an item matches. One that is not iCalendar or vCard matches nothing; its owner finds it in a listing.
fn matches(sought: &Sought, content: &[u8], zone: &Zone) -> Result<bool, Wrong> {
    let read = match sought {
        Sought::Calendar(filter) => {
            CalendarObject::read(content, zone.clone()).and_then(|object| filter.matches(&object))
        }
        Sought::Cards(filter) => Card::read(content).map(|card| filter.matches(&card)),
    };
    match read {
        Err(wrong) if wrong.fault == Fault::TooManyTimes => Err(wrong),
        Err(_) => Ok(false),
        known => known,
    }
}

/// The zone of times that say none: the request's, the calendar's, or UTC (RFC 4791 §7.3, §9.8; RFC 7809 §5).
pub(super) async fn zone(handle: &Authorized<CollectionRef, Read>, root: &Element) -> Answer<Zone> {
    if let Some(name) = root.child_in(CALDAV, "timezone-id") {
        return Zone::named(&name.text).ok_or(Refusal::Calendar("valid-timezone"));
    }
    if let Some(text) = root.child_in(CALDAV, "timezone") {
        return zone_in(&text.text).ok_or(Refusal::Calendar("valid-calendar-data"));
    }
    if handle.target().family == CollectionFamily::Contacts {
        return Ok(Zone::utc());
    }
    let seen = handle.look(Telling::Facts).await?;
    Ok(seen.collection.facts.time_zone.as_deref().and_then(Zone::told).unwrap_or_else(Zone::utc))
}

/// The zone of an iCalendar object with one VTIMEZONE (RFC 4791 §5.2.2): by its name where that is known, else by its rules.
pub(super) fn zone_in(text: &str) -> Option<Zone> {
    let calendar = Component::calendar(text.trim_start().as_bytes()).ok()?;
    let [zone] = calendar.components.as_slice() else { return None };
    if !zone.is("VTIMEZONE") {
        return None;
    }
    let named = zone.property("TZID").and_then(|id| Zone::named(&id.to_text()));
    named.or_else(|| Zone::of_rules(zone).ok())
}

/// Answers when what is in a calendar takes time, whoever may see that and no more.
pub(super) async fn free_busy(call: &Call, at: &At, root: &Element) -> Answer {
    let range = filter::range(root.child_in(CALDAV, "time-range").ok_or(StatusCode::BAD_REQUEST)?)?;
    let handle = open::<FreeBusy>(call, at).await?;
    call.session.check_in_force()?;
    let (start, end) = (Timestamp(range.start.seconds()), Timestamp(range.end.seconds()));
    let busy = match busy_in(&handle, &BusyAsk { start, end, zone: None, without: None }).await {
        // What cannot be followed must not be taken for free.
        Err(Error::Invalid { .. }) => return Err(TooManyTimes.into()),
        busy => busy?,
    };
    let heading = Heading {
        product: "-//Passerelle//EN",
        method: None,
        uid: &call.id,
        stamp: Utc::of(call.session.now().0),
        organizer: None,
        attendee: None,
    };
    let mut response = bare(StatusCode::OK);
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/calendar; charset=utf-8"));
    *response.body_mut() = body_of(busy.write(&heading).into_bytes());
    Ok(response)
}
