//! `/api/calendars/invitations/look` and `take`: a scheduling message that came by mail, judged and taken into the calendar of whoever
//! got it. For the office alone, with the rules of its JSON (`docs/WEB-API.md`); it is here because it speaks of blobs, calendars and
//! events by JMAP's ids.

use crate::{
    answer,
    blob::{self, Blob},
    desk::Desk,
    error,
    id::CollectionId,
    limits::{Crowd, Doing},
    methods::calendars::EventId,
};
use http::{HeaderValue, Method, StatusCode, header};
use passerelle_core::{Door, Errand, Error, Result, Session};
use passerelle_net::http::{CookieWrites, Exchange, Response, Unread, read_whole};
use passerelle_scheduling::by_mail::{Known, LARGEST_MAIL, Looked, Mail, Place, Reason, Taken, attendees, look, take};
use passerelle_wire_ical::Zone;
use passerelle_wire_jscalendar::Entry;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use std::{collections::BTreeMap, sync::Arc};

/// Where these addresses begin.
pub(crate) const BEGIN: &str = "/api/calendars/invitations/";
/// Largest body, in octets.
const LARGEST: usize = 16 * 1024;
/// What is other in every update, and tells nobody anything.
const QUIET: [&str; 5] = ["updated", "created", "sequence", "prodId", "method"];

/// What is to be done with a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Errands {
    Look,
    Take,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Asked {
    account_id: String,
    blob_id: String,
}

/// Why nothing is done.
enum Refused {
    Gate(Error),
    /// The body is not JSON by its type.
    OtherKind,
    /// The body is not what this address takes.
    Unread,
    /// More requests at once than a person has.
    Crowded,
}

impl From<Error> for Refused {
    fn from(error: Error) -> Self {
        Self::Gate(error)
    }
}

pub(crate) async fn answer(door: &Door, crowd: &Crowd, exchange: Exchange, errand: Errands) -> Response {
    let request = Arc::clone(&exchange.id);
    match answered(door, crowd, exchange, errand).await {
        Ok(value) => answer::json(StatusCode::OK, &value),
        Err(refused) => problem(&refused, &request),
    }
}

async fn answered(
    door: &Door,
    crowd: &Crowd,
    exchange: Exchange,
    errand: Errands,
) -> std::result::Result<Value, Refused> {
    // Programs have JMAP: this is the office's own, which its cookie signs.
    if exchange.headers().contains_key(header::AUTHORIZATION) {
        return Err(Error::Unauthenticated.into());
    }
    let session = exchange.session(door, Errand::Web, CookieWrites::SameOrigin).await?;
    if *exchange.method() != Method::POST || !is_json(&exchange) {
        return Err(Refused::OtherKind);
    }
    let who = session.principal()?.account().clone();
    let _place = crowd.enter(&who, Doing::Requests).ok_or(Refused::Crowded)?;
    let request = Arc::clone(&exchange.id);
    let body = read_whole(exchange.body, LARGEST).await.map_err(|unread| match unread {
        Unread::TooLarge => Refused::Gate(Error::TooLarge { most: u64::try_from(LARGEST).unwrap_or(u64::MAX) }),
        Unread::Gone => Refused::Unread,
    })?;
    let asked: Asked = serde_json::from_slice(&body).map_err(|_| Refused::Unread)?;
    let mail = found(&session, &request, &asked).await?;
    match errand {
        Errands::Look => Ok(looked(&mail, &look(&session, &mail).await?)),
        // What is begun goes on when the browser goes away.
        Errands::Take => {
            let under_way = tokio::spawn(async move { take(&session, &mail).await });
            let taken = under_way.await.map_err(|error| Error::internal("taking a message", error))??;
            Ok(told(&taken))
        }
    }
}

fn is_json(exchange: &Exchange) -> bool {
    let kind = exchange.headers().get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

/// The message of a blob that this person may read, of whichever account.
async fn found(session: &Session, request: &str, asked: &Asked) -> Result<Mail> {
    let mut desk = Desk::new(session, request, BTreeMap::new());
    if !desk.goes_to(&asked.account_id).await? {
        return Err(Error::NotFound);
    }
    let blob = Blob::find(&mut desk, &asked.blob_id).await?;
    let octets = blob::whole(blob.decoded().await?, LARGEST_MAIL).await?;
    desk.leave();
    // A large message takes a while, and others wait for this thread.
    let read = tokio::task::spawn_blocking(move || Mail::read(&octets)).await;
    let mail = read.map_err(|error| Error::internal("reading a message", error))?;
    mail.ok_or_else(|| Error::invalid("there is no invitation in it"))
}

/// What is told of a message.
fn looked(mail: &Mail, looked: &Looked) -> Value {
    let Looked { judged, place, calendar, mine } = looked;
    let said = &mail.described;
    let event = event(mail.content.as_bytes());
    let there = place.as_ref().map(|place| place.item.content.as_ref());
    let own = match there {
        // What the calendar has is what they have answered.
        Some(copy) => attendees(copy).into_iter().find(|(address, _)| mine.contains(address)),
        // What a mail says that they have answered is not their answer.
        None => said.of(mine).map(|(address, _)| (address.clone(), "NEEDS-ACTION".to_owned())),
    };
    let person = |(address, answer): &(passerelle_scheduling::by_mail::Address, String)| json!({ "address": address.mail().unwrap_or(address.as_str()), "participationStatus": answer.to_ascii_lowercase() });
    let is_answer = matches!(said.method.as_str(), "REPLY" | "COUNTER" | "REFRESH");
    let mailbox = |address: &Option<passerelle_scheduling::by_mail::Address>| {
        address.as_ref().map(|address| address.mail().unwrap_or(address.as_str()).to_owned())
    };
    json!({
        "method": said.method,
        "uid": said.uid,
        "recurrenceId": event.as_ref().and_then(|event| event.get("recurrenceId")),
        "sequence": said.sequence,
        "from": mailbox(&mail.from),
        "sender": mailbox(&mail.sender),
        "organizer": mailbox(&said.organizer),
        "mayApply": judged.after.is_some(),
        "reason": judged.reason.word(),
        "mine": own.as_ref().map(person),
        "answer": said.attendees.first().filter(|_| is_answer).map(person),
        "known": known(judged.known),
        "eventId": place.as_ref().map(event_id),
        "calendarId": calendar.as_ref().map(|at| CollectionId::of(at.name()).to_string()),
        "changed": there.zip(judged.after.as_deref()).map(|(copy, after)| changed(copy, after)).unwrap_or_default(),
        "event": event,
    })
}

const fn known(known: Known) -> &'static str {
    match known {
        Known::None => "none",
        Known::Same => "same",
        Known::Older => "older",
        Known::Newer => "newer",
    }
}

/// What is told of what came of it.
fn told(taken: &Taken) -> Value {
    let Taken { outcome, place } = taken;
    let word = match outcome {
        Reason::Fits => "applied",
        other => other.word(),
    };
    json!({
        "outcome": word,
        "eventId": place.as_ref().map(event_id),
        "calendarId": place.as_ref().map(|place| CollectionId::of(place.calendar.name()).to_string()),
    })
}

fn event_id(place: &Place) -> String {
    EventId::of(CollectionId::of(place.calendar.name()), &place.name, None).to_string()
}

fn event(content: &[u8]) -> Option<Map<String, Value>> {
    Entry::read(content, Zone::utc()).ok().flatten().map(|entry| entry.whole())
}

/// The properties that an update changes, as JSCalendar names them.
fn changed(copy: &[u8], after: &[u8]) -> Vec<String> {
    let (Some(copy), Some(after)) = (event(copy), event(after)) else { return Vec::new() };
    let mut names: Vec<String> =
        copy.keys().chain(after.keys()).filter(|name| copy.get(*name) != after.get(*name)).cloned().collect();
    names.sort_unstable();
    names.dedup();
    names.retain(|name| !QUIET.contains(&name.as_str()));
    names
}

/// A problem document (RFC 9457), with the office's words for what went wrong.
fn problem(refused: &Refused, request: &str) -> Response {
    let (status, kind, detail) = match refused {
        Refused::OtherKind => (StatusCode::UNSUPPORTED_MEDIA_TYPE, "other-kind", None),
        Refused::Unread => (StatusCode::BAD_REQUEST, "unread", None),
        Refused::Crowded => (StatusCode::TOO_MANY_REQUESTS, "too-many", None),
        Refused::Gate(error) => {
            error::note(Some(error), request);
            match error {
                Error::NotFound => (StatusCode::NOT_FOUND, "not-found", None),
                Error::Forbidden => (StatusCode::FORBIDDEN, "forbidden", None),
                Error::Unauthenticated => (StatusCode::UNAUTHORIZED, "signed-out", None),
                Error::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "too-many", None),
                Error::Conflict => (StatusCode::CONFLICT, "conflict", None),
                Error::NoParent => (StatusCode::CONFLICT, "no-parent", None),
                Error::Locked => (StatusCode::LOCKED, "locked", None),
                Error::OverQuota => (StatusCode::INSUFFICIENT_STORAGE, "full", None),
                Error::TooLarge { .. } => (StatusCode::PAYLOAD_TOO_LARGE, "too-large", None),
                Error::Invalid { what } => (StatusCode::BAD_REQUEST, "invalid", Some(what.clone())),
                Error::Unsupported { .. } => (StatusCode::NOT_IMPLEMENTED, "unsupported", None),
                Error::Unavailable { .. } => (StatusCode::SERVICE_UNAVAILABLE, "unavailable", None),
                Error::Unsettled { .. } => (StatusCode::SERVICE_UNAVAILABLE, "unsettled", None),
                Error::Internal { .. } => (StatusCode::INTERNAL_SERVER_ERROR, "internal", None),
            }
        }
    };
    let mut document = json!({ "type": "about:blank", "status": status.as_u16(), "kind": kind, "request": request });
    if let (Some(detail), Some(members)) = (detail, document.as_object_mut()) {
        members.insert("detail".to_owned(), json!(detail));
    }
    let mut response = answer::json(status, &document);
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    let seconds = match refused {
        Refused::Gate(Error::TooMany { seconds }) => Some(*seconds),
        Refused::Crowded => Some(1),
        Refused::Gate(_) | Refused::OtherKind | Refused::Unread => None,
    };
    if let Some(seconds) = seconds {
        response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}
