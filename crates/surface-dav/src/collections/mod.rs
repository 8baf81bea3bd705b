//! Calendars (CalDAV, RFC 4791) and address books (CardDAV, RFC 6352): whose they are, what is in them, what may be done.
//!
//! `/dav/calendars/<account>/` is a home: one's own has one's own calendars and those that others share, the latter under the name
//! `<login>@<domain>:<name>`, because clients look nowhere else (RFC 4791 §6.2.1). Somebody else's home has what they share, under
//! the names that it has there. Both addresses of a shared calendar lead to the same. `/dav/contacts/` is the same for address books.

mod acl;
mod at;
pub(crate) mod data;
pub(crate) mod filter;
mod item;
mod make;
mod multiget;
mod patch;
mod propfind;
mod query;
mod report;
mod scheduled;
mod share;
mod sync;
mod whole;

pub(crate) use at::At;
pub(crate) use scheduled::of_scheduling;
pub(crate) use share::Shares;

use crate::{
    Body,
    call::Call,
    error::{Answer, Refusal},
    place::Place,
    privilege,
    props::{Ask, Live},
};
use http::StatusCode;
use passerelle_core::{Authorized, Error, Right, ports::CollectionItem};
use passerelle_model::{CollectionFamily, CollectionRef, ItemName};
use passerelle_scheduling::Tags;
use passerelle_wire_ical::discreet;

/// Sends a request about collections to its method.
pub(crate) async fn answer(call: Call, at: At, body: &mut Body) -> Answer {
    // RFC 4918 §10.4: there are no locks here to be named by `If`, and a tag is told by `If-Match`.
    if call.conditions.lists.is_some() {
        return Err(StatusCode::PRECONDITION_FAILED.into());
    }
    match (call.method.as_str(), &at) {
        ("GET" | "HEAD", At::Item { .. }) => item::get(&call, &at).await,
        ("GET" | "HEAD", At::Collection { .. }) => whole::get(&call, &at).await,
        ("PUT", At::Item { .. }) => Box::pin(item::put(&call, &at, body)).await,
        ("DELETE", At::Item { .. }) => item::delete(&call, &at).await,
        ("DELETE", At::Collection { .. }) => make::delete(&call, &at).await,
        ("MKCOL" | "MKCALENDAR", At::Collection { .. }) => make::make(&call, &at, body).await,
        ("MKCOL" | "MKCALENDAR", At::Item { .. }) => Err(make::no_place(at.family())),
        ("PROPFIND", _) => Box::pin(propfind::propfind(&call, &at, body)).await,
        ("ACL", At::Collection { .. }) => acl::acl(&call, &at, body).await,
        ("POST", At::Collection { .. }) => share::post(&call, &at, body).await,
        ("PROPPATCH", At::Collection { .. }) => patch::proppatch(&call, &at, body).await,
        ("REPORT", _) => Box::pin(report::report(call, at, body)).await,
        _ => Err(Refusal::Method),
    }
}

/// Items as whoever asks may see them.
fn visible<R: Right>(
    handle: &Authorized<CollectionRef, R>,
    all: Vec<(ItemName, CollectionItem)>,
) -> Vec<(ItemName, CollectionItem)> {
    all.into_iter().filter_map(|(name, item)| Some((name, handle.told(item, discreet)?))).collect()
}

/// What tells the Schedule-Tags of what is in a collection, where they were asked for.
async fn tags(call: &Call, ask: &Ask, at: &CollectionRef) -> Answer<Option<Tags>> {
    if at.family != CollectionFamily::Calendars || !ask.asks_for(Live::ScheduleTag) {
        return Ok(None);
    }
    Ok(Some(Tags::of(&call.session, &at.owner).await?))
}

/// Opens a collection for what the method needs.
///
/// # Errors
/// 403 with the privilege that is missing (RFC 3744 §7.1.1): only on what may be known to be there, for all else is 404.
async fn open<R: Right>(call: &Call, at: &At) -> Answer<Authorized<CollectionRef, R>> {
    let target = at.target(&call.session).ok_or(Error::NotFound)?;
    match call.session.open::<CollectionRef, R>(target).await {
        Err(Error::Forbidden) => {
            let (privilege, _) = privilege::needed(R::NEEDS);
            Err(Refusal::Needs { href: Place::Collections(at.collection()).href(), privilege })
        }
        opened => Ok(opened?),
    }
}
