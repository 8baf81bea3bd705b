//! What lies in a collection: GET, PUT, DELETE (RFC 4791 §5.3.2, RFC 6352 §6.3.2).

use super::{At, data, open, scheduled};
use crate::{
    Body,
    call::Call,
    error::{Answer, Refusal, bare},
    method::piece,
};
use bytes::Bytes;
use http::{
    HeaderValue, Method, StatusCode,
    header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG},
};
use passerelle_core::{
    Add, Allows, Authorized, Edit, Error, Lookup, Read, Remove,
    ports::{ComponentKind, ETag, LARGEST_ITEM, Precondition},
};
use passerelle_model::{CollectionFamily, CollectionRef, ItemName};
use passerelle_net::http::{Response, body_of, set_media_headers};
use passerelle_wire_ical::{CalendarObject, Card, Zone, discreet};

/// Sends an item, octet for octet.
pub(super) async fn get(call: &Call, at: &At) -> Answer {
    let name = name(at)?;
    let handle = open::<Read>(call, at).await?;
    let found = handle.read(std::slice::from_ref(name)).await?.pop().flatten();
    let found = found.and_then(|item| handle.told(item, discreet)).ok_or(Error::NotFound)?;
    if found.is_too_large {
        return Err(too_large(at.family()));
    }
    if call.conditions.is_known(&found.etag) {
        return Ok(tagged(StatusCode::NOT_MODIFIED, Some(&found.etag)));
    }
    let mut response = tagged(StatusCode::OK, Some(&found.etag));
    if at.family() == CollectionFamily::Calendars {
        let tag = passerelle_scheduling::tag(&call.session, &handle.target().owner, &found.content).await;
        scheduled::set_tag(&mut response, tag.as_deref());
    }
    let headers = response.headers_mut();
    set_media_headers(headers, name.as_str());
    // What is none of what its name says is not called so.
    let kind = match data::fault_in(at.family(), &found) {
        None => media_type(at.family()),
        Some(_) => "application/octet-stream",
    };
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    headers.insert(CONTENT_LENGTH, HeaderValue::from(found.content.len()));
    if call.method == Method::GET {
        *response.body_mut() = body_of(found.content.to_vec());
    }
    Ok(response)
}

/// Puts an item in, or in the place of the one that is there.
pub(super) async fn put(call: &Call, at: &At, body: &mut Body) -> Answer {
    let name = name(at)?;
    let when = call.conditions.of_store();
    // Who may not write is told so before a body is read.
    let (adds, edits) = match &when {
        Precondition::Absent => (Some(open::<Add>(call, at).await?), None),
        Precondition::Exists | Precondition::Matches(_) => (None, Some(open::<Edit>(call, at).await?)),
        Precondition::None | Precondition::Differs(_) => either(call, at).await?,
    };
    let content = whole(at.family(), body).await?;
    if let Some(kind) = check_fit(at.family(), &content)? {
        match (&edits, &adds) {
            (Some(handle), _) => check_holds(handle, kind).await?,
            (None, Some(handle)) => check_holds(handle, kind).await?,
            (None, None) => {}
        }
    }
    // What was withdrawn while the body came does not write.
    call.session.check_in_force()?;
    if at.family() == CollectionFamily::Calendars {
        return scheduled::put(call, at, content).await;
    }
    if let Some(handle) = edits {
        match handle.replace(name, &content, &when).await {
            // Nothing is there to be replaced: it is new, where the client did not ask for what is there.
            Err(Error::NotFound) if matches!(when, Precondition::None | Precondition::Differs(_)) => {}
            replaced => return Ok(tagged(StatusCode::NO_CONTENT, replaced.map_err(|it| refused(at, it))?.as_ref())),
        }
    }
    let handle = match adds {
        Some(handle) => handle,
        None => open::<Add>(call, at).await?,
    };
    match handle.add(name, &content).await {
        // Without a condition it is there, and may not be changed; or another client was quicker.
        Err(Error::Conflict) if when == Precondition::None => Err(Error::Forbidden.into()),
        added => Ok(tagged(StatusCode::CREATED, added.map_err(|it| refused(at, it))?.as_ref())),
    }
}

type Handles = (Option<Authorized<CollectionRef, Add>>, Option<Authorized<CollectionRef, Edit>>);

/// The handle that a write without a condition begins with: who may change what is there may find that it is new.
async fn either(call: &Call, at: &At) -> Answer<Handles> {
    match open::<Edit>(call, at).await {
        Ok(edits) => Ok((None, Some(edits))),
        Err(Refusal::Needs { href, privilege }) => match open::<Add>(call, at).await {
            Ok(adds) => Ok((Some(adds), None)),
            Err(_) => Err(Refusal::Needs { href, privilege }),
        },
        Err(other) => Err(other),
    }
}

/// Removes an item.
pub(super) async fn delete(call: &Call, at: &At) -> Answer {
    let handle = open::<Remove>(call, at).await?;
    if at.family() == CollectionFamily::Calendars {
        return scheduled::delete(call, at).await;
    }
    handle.remove(name(at)?, &call.conditions.of_store()).await?;
    Ok(bare(StatusCode::NO_CONTENT))
}

pub(super) fn name(at: &At) -> Answer<&ItemName> {
    at.item().ok_or_else(|| Error::NotFound.into())
}

const fn media_type(family: CollectionFamily) -> &'static str {
    match family {
        CollectionFamily::Calendars => "text/calendar; charset=utf-8",
        CollectionFamily::Contacts => "text/vcard; charset=utf-8",
    }
}

/// What a store does not take is not what its collections hold (RFC 4791 §5.3.2.1, RFC 6352 §6.3.2.1).
pub(super) fn refused(at: &At, error: Error) -> Refusal {
    match (error, at.family()) {
        (Error::Invalid { .. }, CollectionFamily::Calendars) => Refusal::Calendar("valid-calendar-data"),
        (Error::Invalid { .. }, CollectionFamily::Contacts) => Refusal::Contacts("valid-address-data"),
        (other, _) => other.into(),
    }
}

/// Refuses what no collection of this family holds; the kind of what a calendar may or may not hold (RFC 4791 §5.3.2.1, RFC 6352 §6.3.2.1).
fn check_fit(family: CollectionFamily, content: &[u8]) -> Answer<Option<ComponentKind>> {
    match family {
        CollectionFamily::Calendars => {
            let object =
                CalendarObject::read(content, Zone::utc()).map_err(|_| Refusal::Calendar("valid-calendar-data"))?;
            let kind = object.fit().map_err(|unfit| Refusal::Calendar(unfit.precondition.element()))?;
            Ok(ComponentKind::named(kind.name()))
        }
        CollectionFamily::Contacts => {
            let card = Card::read(content).map_err(|_| Refusal::Contacts("valid-address-data"))?;
            card.fit().map(|_| None).map_err(|unfit| Refusal::Contacts(unfit.precondition.element()))
        }
    }
}

/// Refuses a kind that this calendar does not hold.
async fn check_holds<R: Allows<Lookup>>(handle: &Authorized<CollectionRef, R>, kind: ComponentKind) -> Answer<()> {
    if handle.holds(kind).await? { Ok(()) } else { Err(Refusal::Calendar("supported-calendar-component")) }
}

/// What is larger than anything that is stored (RFC 4791 §5.2.5, RFC 6352 §6.2.3).
const fn too_large(family: CollectionFamily) -> Refusal {
    match family {
        CollectionFamily::Calendars => Refusal::Calendar("max-resource-size"),
        CollectionFamily::Contacts => Refusal::Contacts("max-resource-size"),
    }
}

/// The whole of a body that is an item.
async fn whole(family: CollectionFamily, body: &mut Body) -> Answer<Bytes> {
    let mut octets = Vec::new();
    while let Some(more) = piece(body).await? {
        if octets.len().saturating_add(more.len()) > LARGEST_ITEM {
            return Err(too_large(family));
        }
        octets.extend_from_slice(&more);
    }
    Ok(Bytes::from(octets))
}

/// An answer with the tag of what is there now, where it is known (RFC 4791 §5.3.4).
pub(super) fn tagged(status: StatusCode, etag: Option<&ETag>) -> Response {
    let mut response = bare(status);
    let value = etag.and_then(|etag| HeaderValue::from_str(&format!("\"{}\"", etag.as_str())).ok());
    response.headers_mut().extend(value.map(|value| (ETAG, value)));
    response
}
