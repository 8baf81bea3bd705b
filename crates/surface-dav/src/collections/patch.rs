//! PROPPATCH (RFC 4918 §9.2) on collections: what the store keeps goes there, what it has no room for stays in State.

use super::{At, open, query};
use crate::{
    Body,
    call::Call,
    error::{Answer, Refusal, bare, with_xml},
    method::{proppatch::LARGEST, xml},
    props::is_protected,
    xml::{APPLE, CALDAV, CARDDAV, DAV, Element, Name, Writer},
};
use http::StatusCode;
use passerelle_core::{
    Error, Manage,
    ports::{
        CollectionFacts,
        state::{Property, PropertyChange},
    },
};
use passerelle_model::CollectionFamily;

/// Most changes in one request.
const MOST_CHANGES: usize = 1_000;

/// A change of one property.
#[derive(Debug)]
pub(super) struct Change<'x> {
    name: &'x Name,
    /// The element with its value; `None` where it is to go.
    value: Option<&'x Element>,
}

/// Changes what is said of a collection.
pub(super) async fn proppatch(call: &Call, at: &At, body: &mut Body) -> Answer {
    let root = xml(body).await?.ok_or(StatusCode::BAD_REQUEST)?;
    let changes = root.is_in(DAV, "propertyupdate").then(|| changes(&root)).flatten().ok_or(StatusCode::BAD_REQUEST)?;
    let handle = open::<Manage>(call, at).await?;
    handle.look(passerelle_core::ports::Telling::Facts).await?;
    let mut facts = CollectionFacts::default();
    let done = match sort(at.family(), &changes, &mut facts) {
        _ if changes.iter().any(|change| is_made_with(change.name)) => false,
        Err(Refusal::Condition(StatusCode::FORBIDDEN, _)) => false,
        sorted => {
            let dead = sorted?;
            let kept = if facts == CollectionFacts::default() { Ok(()) } else { handle.change(&facts).await };
            match kept {
                Err(Error::Unsupported { .. }) => false,
                kept => {
                    kept?;
                    // All or none: the store may refuse, State does not.
                    if !dead.is_empty() {
                        handle.patch_properties(&dead).await?;
                    }
                    true
                }
            }
        }
    };
    // RFC 8144 §2.2
    if done && call.preferences().minimal {
        return Ok(bare(StatusCode::OK));
    }
    Ok(with_xml(StatusCode::MULTI_STATUS, told(&at.href(), &changes, at.family(), done)))
}

/// The changes of a body, in document order (RFC 4918 §14.19; MKCALENDAR and extended MKCOL have the same within).
pub(super) fn changes(root: &Element) -> Option<Vec<Change<'_>>> {
    let mut changes = Vec::new();
    for step in &root.children {
        let sets = step.is("set");
        if !sets && !step.is("remove") {
            continue;
        }
        for property in &step.child("prop")?.children {
            changes.push(Change { name: &property.name, value: sets.then_some(property) });
        }
    }
    (changes.len() <= MOST_CHANGES).then_some(changes)
}

/// Takes into `facts` what a store keeps; what is left is State's.
///
/// # Errors
/// `cannot-modify-protected-property` for what is computed, `valid-calendar-data` for what is no time zone; 507 for what is too large.
pub(super) fn sort(
    family: CollectionFamily,
    changes: &[Change<'_>],
    facts: &mut CollectionFacts,
) -> Answer<Vec<PropertyChange>> {
    let mut dead = Vec::new();
    for change in changes {
        if is_made_with(change.name) {
            continue;
        }
        // A bare CR of a time zone's lines has become LF in XML (XML 1.0 §2.11).
        let text = change.value.map(|value| value.text.trim().to_owned()).unwrap_or_default();
        match (change.name.namespace.as_str(), change.name.name.as_str(), family) {
            (DAV, "displayname", _) => facts.display_name = Some(text),
            (CALDAV, "calendar-description", CollectionFamily::Calendars)
            | (CARDDAV, "addressbook-description", CollectionFamily::Contacts) => facts.description = Some(text),
            (CALDAV, "calendar-timezone", CollectionFamily::Calendars) => {
                // RFC 4791 §5.2.10
                if !text.is_empty() && query::zone_in(&text).is_none() {
                    return Err(Refusal::Calendar("valid-calendar-data"));
                }
                facts.time_zone = Some(text);
            }
            (APPLE, "calendar-color", _) => facts.colour = Some(text),
            (APPLE, "calendar-order", CollectionFamily::Calendars) => facts.order = Some(text),
            (CALDAV, "schedule-calendar-transp", CollectionFamily::Calendars) => {
                let word = change.value.and_then(|value| value.child_in(CALDAV, "transparent"));
                facts.is_transparent = Some(word.is_some());
            }
            _ if is_protected(change.name) => {
                return Err(Refusal::Condition(StatusCode::FORBIDDEN, "cannot-modify-protected-property"));
            }
            _ => dead.push(match change.value {
                None => PropertyChange::Remove(change.name.clone()),
                Some(value) => {
                    let xml = value.alone.clone().ok_or(StatusCode::BAD_REQUEST)?;
                    if xml.len() > LARGEST {
                        return Err(StatusCode::INSUFFICIENT_STORAGE.into());
                    }
                    PropertyChange::Set(Property { name: change.name.clone(), xml })
                }
            }),
        }
    }
    Ok(dead)
}

/// Whether it is said when a collection is made, and never again.
fn is_made_with(name: &Name) -> bool {
    matches!(
        (name.namespace.as_str(), name.name.as_str()),
        (DAV, "resourcetype") | (CALDAV, "supported-calendar-component-set")
    )
}

fn told(href: &str, changes: &[Change<'_>], family: CollectionFamily, done: bool) -> Vec<u8> {
    let is_refused = |change: &Change<'_>| {
        let alone = sort(family, std::slice::from_ref(change), &mut CollectionFacts::default());
        is_made_with(change.name) || alone.is_err()
    };
    let mut xml = Writer::begin("D:multistatus");
    xml.raw("<D:response><D:href>").raw(href).raw("</D:href>");
    let others = if done { "200 OK" } else { "424 Failed Dependency" };
    for (refused, status) in [(false, others), (true, "403 Forbidden")] {
        let mut names = changes.iter().filter(|change| is_refused(change) == refused).peekable();
        if names.peek().is_none() {
            continue;
        }
        xml.raw("<D:propstat><D:prop>");
        for change in names {
            xml.empty(change.name);
        }
        xml.raw("</D:prop><D:status>HTTP/1.1 ").raw(status).raw("</D:status></D:propstat>");
    }
    xml.raw("</D:response></D:multistatus>\n");
    xml.finish()
}
