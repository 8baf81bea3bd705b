//! Choosing the calendar that invitations go to: PROPPATCH of `schedule-default-calendar-URL` on the inbox (RFC 6638 §9.2).

use super::At;
use crate::{
    Body,
    call::Call,
    error::{Answer, Refusal, with_xml},
    method::xml,
    place::Place,
    xml::{CALDAV, DAV, Element, Writer},
};
use http::StatusCode;
use passerelle_core::{Error, Manage};
use passerelle_model::{Account, CollectionFamily, InboxRef};

const CHOICE: &str = "schedule-default-calendar-URL";

/// Chooses. Nothing else can be said of an inbox, so that a request is done whole or not at all.
///
/// # Errors
/// `valid-schedule-default-calendar-URL` for what is no calendar of one's own that holds events; `cannot-modify-protected-property` for any
/// other property.
pub(super) async fn proppatch(call: &Call, at: &At, owner: &Account, body: &mut Body) -> Answer {
    let bad = StatusCode::BAD_REQUEST;
    let root = xml(body).await?.filter(|root| root.is_in(DAV, "propertyupdate")).ok_or(bad)?;
    let [step] = root.children.as_slice() else { return Err(bad.into()) };
    let sets = step.is("set");
    let named = step.child("prop").filter(|_| sets || step.is("remove")).ok_or(bad)?;
    let [property] = named.children.as_slice() else { return Err(bad.into()) };
    if !property.is_in(CALDAV, CHOICE) {
        return Err(Refusal::Condition(StatusCode::FORBIDDEN, "cannot-modify-protected-property"));
    }
    let inbox = call.session.open::<_, Manage>(InboxRef(owner.clone())).await?;
    let chosen = match property.child("href").filter(|_| sets) {
        None if sets => return Err(unfit()),
        None => inbox.choose_default(None).await,
        Some(href) => inbox.choose_default(Some(&meant(call, href).ok_or_else(unfit)?)).await,
    };
    match chosen {
        Err(Error::Invalid { .. }) => return Err(unfit()),
        chosen => chosen?,
    }
    let mut xml = Writer::begin("D:multistatus");
    xml.raw("<D:response><D:href>").raw(&at.href()).raw("</D:href><D:propstat><D:prop><C:").raw(CHOICE);
    xml.raw(" xmlns:C=\"").raw(CALDAV).raw("\"/></D:prop><D:status>HTTP/1.1 200 OK</D:status></D:propstat>");
    xml.raw("</D:response></D:multistatus>\n");
    Ok(with_xml(StatusCode::MULTI_STATUS, xml.finish()))
}

fn unfit() -> Refusal {
    Refusal::Calendar("valid-schedule-default-calendar-URL")
}

/// The calendar at a URL.
fn meant(call: &Call, href: &Element) -> Option<passerelle_model::CollectionRef> {
    match call.place_of(&href.text) {
        Ok(Place::Collections(at)) if at.family() == CollectionFamily::Calendars && at.item().is_none() => {
            at.target(&call.session)
        }
        _ => None,
    }
}
