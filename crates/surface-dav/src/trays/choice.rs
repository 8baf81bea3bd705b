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
use passerelle_net::http::Response;

const CHOICE: &str = "schedule-default-calendar-URL";

/// Chooses. Nothing else can be said of an inbox, so that a request is done whole or not at all.
///
/// # Errors
/// `valid-schedule-default-calendar-URL` for what is no calendar of one's own that holds events.
pub(super) async fn proppatch(call: &Call, at: &At, owner: &Account, body: &mut Body) -> Answer {
    let bad = StatusCode::BAD_REQUEST;
    let root = xml(body).await?.filter(|root| root.is_in(DAV, "propertyupdate")).ok_or(bad)?;
    let steps = root.children.iter().filter(|step| step.is("set") || step.is("remove"));
    let named = steps.flat_map(|step| step.child("prop").into_iter().map(|prop| (step.is("set"), &prop.children)));
    let all: Vec<(bool, &Element)> =
        named.flat_map(|(sets, properties)| properties.iter().map(move |it| (sets, it))).collect();
    let [(sets, property)] = all.as_slice() else {
        return if all.is_empty() { Err(bad.into()) } else { Ok(refused(at, &all)) };
    };
    if !property.is_in(CALDAV, CHOICE) {
        return Ok(refused(at, &all));
    }
    let sets = *sets;
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

/// All or nothing (RFC 4918 §9.2): what cannot be said of an inbox keeps the rest from being done.
fn refused(at: &At, all: &[(bool, &Element)]) -> Response {
    let mut xml = Writer::begin("D:multistatus");
    xml.raw("<D:response><D:href>").raw(&at.href()).raw("</D:href>");
    for (is_choice, why) in [
        (false, "403 Forbidden</D:status><D:error><D:cannot-modify-protected-property/></D:error>"),
        (true, "424 Failed Dependency</D:status>"),
    ] {
        let mut names = all.iter().filter(|(_, it)| it.is_in(CALDAV, CHOICE) == is_choice).peekable();
        if names.peek().is_none() {
            continue;
        }
        xml.raw("<D:propstat><D:prop>");
        for (_, property) in names {
            xml.empty(&property.name);
        }
        xml.raw("</D:prop><D:status>HTTP/1.1 ").raw(why).raw("</D:propstat>");
    }
    xml.raw("</D:response></D:multistatus>\n");
    with_xml(StatusCode::MULTI_STATUS, xml.finish())
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
