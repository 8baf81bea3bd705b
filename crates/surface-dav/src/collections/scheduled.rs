//! Writes into calendars, with the invitations and answers that follow (RFC 6638).

use super::{
    At,
    item::{name, refused, tagged},
};
use crate::{
    call::Call,
    error::{Answer, Refusal, bare},
    place::Place,
    privilege,
};
use bytes::Bytes;
use http::{HeaderName, HeaderValue, StatusCode};
use passerelle_core::Error;
use passerelle_model::CollectionRef;
use passerelle_net::http::Response;
use passerelle_scheduling::{Asked, Client, Condition, Put, Refusal as Unscheduled, Remove};

/// RFC 6638 §8.1
const SCHEDULE_REPLY: &str = "schedule-reply";
/// RFC 6638 §8.2
const SCHEDULE_TAG: HeaderName = HeaderName::from_static("schedule-tag");
/// RFC 6638 §8.3
const IF_SCHEDULE_TAG_MATCH: &str = "if-schedule-tag-match";

/// Writes an item that a calendar can hold.
pub(super) async fn put(call: &Call, at: &At, content: Bytes) -> Answer {
    let put = Put {
        session: call.session.clone(),
        at: target(call, at)?,
        name: name(at)?.clone(),
        content,
        condition: condition(call)?,
        asked: asked(call)?,
        client: Client { peer: call.peer },
    };
    let written = put.run().await.map_err(|refusal| said(at, refusal))?;
    let status = if written.is_new { StatusCode::CREATED } else { StatusCode::NO_CONTENT };
    let mut response = tagged(status, written.etag.as_ref());
    set_tag(&mut response, written.tag.as_deref());
    Ok(response)
}

/// Removes an item.
pub(super) async fn delete(call: &Call, at: &At) -> Answer {
    let remove = Remove {
        session: call.session.clone(),
        at: target(call, at)?,
        name: name(at)?.clone(),
        condition: condition(call)?,
        asked: asked(call)?,
        client: Client { peer: call.peer },
    };
    remove.run().await.map_err(|refusal| said(at, refusal))?;
    Ok(bare(StatusCode::NO_CONTENT))
}

/// Tells the Schedule-Tag of an item that has one (RFC 6638 §3.2.10).
pub(super) fn set_tag(response: &mut Response, tag: Option<&str>) {
    let value = tag.and_then(|tag| HeaderValue::from_str(&format!("\"{tag}\"")).ok());
    response.headers_mut().extend(value.map(|value| (SCHEDULE_TAG, value)));
}

/// Why a write into a calendar is not done, in the words of CalDAV; `href` is the calendar's.
pub(crate) fn of_scheduling(refusal: Unscheduled, href: &str) -> Refusal {
    match refusal {
        Unscheduled::Gate(error) => error.into(),
        Unscheduled::Needs(rights) => {
            let (privilege, _) = privilege::needed(rights);
            Refusal::Needs { href: href.to_owned(), privilege }
        }
        Unscheduled::Condition(name) => Refusal::Calendar(name),
    }
}

fn said(at: &At, refusal: Unscheduled) -> Refusal {
    match refusal {
        Unscheduled::Gate(error) => refused(at, error),
        Unscheduled::Needs(_) | Unscheduled::Condition(_) => {
            of_scheduling(refusal, &Place::Collections(at.collection()).href())
        }
    }
}

fn target(call: &Call, at: &At) -> Answer<CollectionRef> {
    at.target(&call.session).ok_or_else(|| Error::NotFound.into())
}

fn condition(call: &Call) -> Answer<Condition> {
    let tag = match call.headers.get(IF_SCHEDULE_TAG_MATCH) {
        None => None,
        Some(value) => {
            let quoted = value.to_str().ok().map(str::trim);
            let opaque = quoted.and_then(|it| it.strip_prefix('"')?.strip_suffix('"'));
            Some(opaque.ok_or(Refusal::Status(StatusCode::BAD_REQUEST))?.to_owned())
        }
    };
    Ok(Condition { when: call.conditions.of_store(), tag })
}

fn asked(call: &Call) -> Answer<Asked> {
    match call.headers.get(SCHEDULE_REPLY).map(HeaderValue::as_bytes) {
        None | Some(b"T" | b"t") => Ok(Asked { reply: true }),
        Some(b"F" | b"f") => Ok(Asked { reply: false }),
        Some(_) => Err(StatusCode::BAD_REQUEST.into()),
    }
}
