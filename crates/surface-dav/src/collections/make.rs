//! Making collections by MKCALENDAR (RFC 4791 §5.3.1) and extended MKCOL (RFC 5689), and removing them.

use super::{At, open, patch};
use crate::{
    Body,
    call::Call,
    error::{Answer, Refusal, bare},
    method::xml,
    xml::{CALDAV, CARDDAV, DAV, Element},
};
use http::StatusCode;
use passerelle_core::{
    Error, Manage,
    ports::{CollectionFacts, ComponentKind},
};
use passerelle_model::CollectionFamily;

/// Collections lie where they may, and not in one another (RFC 4791 §5.3.1.1, RFC 6352 §5.2).
pub(super) const fn no_place(family: CollectionFamily) -> Refusal {
    match family {
        CollectionFamily::Calendars => Refusal::Calendar("calendar-collection-location-ok"),
        CollectionFamily::Contacts => Refusal::Contacts("addressbook-collection-location-ok"),
    }
}

/// Makes a collection.
pub(super) async fn make(call: &Call, at: &At, body: &mut Body) -> Answer {
    let root = xml(body).await?;
    let is_calendar = call.method == "MKCALENDAR";
    if is_calendar && at.family() != CollectionFamily::Calendars {
        return Err(no_place(CollectionFamily::Calendars));
    }
    let (facts, dead) = match &root {
        None => Default::default(),
        Some(root) => wanted(at.family(), root, is_calendar)?,
    };
    let handle = open::<Manage>(call, at).await?;
    match handle.make(&facts).await {
        // RFC 4791 §5.3.1.1 `DAV:resource-must-be-null`
        Err(Error::Conflict) => return Err(Refusal::Condition(StatusCode::FORBIDDEN, "resource-must-be-null")),
        made => made?,
    }
    if !dead.is_empty() {
        handle.patch_properties(&dead).await?;
    }
    Ok(bare(StatusCode::CREATED))
}

/// Removes a collection with all that is in it.
pub(super) async fn delete(call: &Call, at: &At) -> Answer {
    open::<Manage>(call, at).await?.delete().await?;
    Ok(bare(StatusCode::NO_CONTENT))
}

/// What a body wants said of the new collection.
fn wanted(
    family: CollectionFamily,
    root: &Element,
    is_calendar: bool,
) -> Answer<(CollectionFacts, Vec<passerelle_core::ports::state::PropertyChange>)> {
    let is_body = if is_calendar { root.is_in(CALDAV, "mkcalendar") } else { root.is_in(DAV, "mkcol") };
    if !is_body {
        return Err(StatusCode::BAD_REQUEST.into());
    }
    let changes = patch::changes(root).ok_or(StatusCode::BAD_REQUEST)?;
    let properties = root.children.iter().filter(|it| it.is("set")).filter_map(|set| set.child("prop"));
    for property in properties.flat_map(|prop| &prop.children) {
        // RFC 5689 §3.3: what is to be made has to be what is kept here.
        if property.is("resourcetype") && !is_kind(family, property) {
            return Err(Refusal::Condition(StatusCode::FORBIDDEN, "valid-resourcetype"));
        }
    }
    let mut facts = CollectionFacts::default();
    let dead = patch::sort(family, &changes, &mut facts)?;
    let holds = root
        .children
        .iter()
        .filter(|it| it.is("set"))
        .filter_map(|set| set.child("prop")?.child_in(CALDAV, "supported-calendar-component-set"))
        .next_back();
    if let Some(set) = holds {
        let mut kinds = Vec::new();
        for comp in set.children.iter().filter(|it| it.is_in(CALDAV, "comp")) {
            // RFC 4791 §5.2.3: what cannot be held is refused rather than left out. Availability has no collection of its own.
            match comp.attribute("name").map(|name| (ComponentKind::named(name), name)) {
                Some((Some(kind), _)) => kinds.push(kind),
                Some((None, "VTIMEZONE" | "VFREEBUSY" | "VAVAILABILITY" | "VALARM")) => {}
                Some((None, _)) | None => return Err(Refusal::Calendar("supported-calendar-component")),
            }
        }
        facts.components = Some(kinds).filter(|kinds| !kinds.is_empty());
    }
    Ok((facts, dead))
}

fn is_kind(family: CollectionFamily, resource_type: &Element) -> bool {
    match family {
        CollectionFamily::Calendars => resource_type.child_in(CALDAV, "calendar").is_some(),
        CollectionFamily::Contacts => resource_type.child_in(CARDDAV, "addressbook").is_some(),
    }
}
