//! An invitation, or what it is now, comes to somebody who is invited (RFC 5546 §3.2.2).

use super::Received;
use crate::object::Object;
use crate::{Address, Owner, Refused, people, text, times};
use passerelle_wire_ical::{Component, Property, Utc};

pub(super) fn receive(copy: Option<&Object<'_>>, message: &Object<'_>, owner: &Owner<'_>) -> Result<Received, Refused> {
    if !message.components().any(|component| people::own(component, owner).is_some()) {
        return Err(Refused::NotInvited);
    }
    let Some(copy) = copy else {
        let parts = message.components().cloned().collect();
        return Ok(Received::of(None, message.with(parts, None)));
    };
    check_organizer(copy, message)?;
    let is_whole = message.of(None).is_some();
    let is_news = |instance: Option<Utc>| match (copy.describing(instance), message.of(instance)) {
        (Some(known), Some(said)) => is_current(known, said),
        _ => true,
    };
    if !message.parts.iter().any(|part| is_news(part.instance)) {
        return Ok(Received::Unchanged);
    }
    let left_out = times::dates(copy, None, "EXDATE");
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in &message.parts {
        let Some(said) = message.component(*part) else { continue };
        if !is_news(part.instance) {
            parts.extend(copy.of(part.instance).cloned());
            continue;
        }
        let merged = merged(copy, message, part.instance, said, owner);
        // Who has left an instance out, and so declined it, is not given it back as one that they declined.
        let declined = people::own(&merged, owner).is_some_and(|own| people::participation(own) == "DECLINED");
        match part.instance {
            None => parts.push(leaving_out(merged, copy, message)),
            Some(instance) if declined && left_out.contains(&instance) => {}
            Some(_) => parts.push(merged),
        }
    }
    if !is_whole {
        let others = copy.parts.iter().filter(|part| message.of(part.instance).is_none());
        parts.splice(0..0, others.filter_map(|part| copy.component(*part).cloned()));
    }
    Ok(Received::of(Some(copy), copy.with(parts, Some(message))))
}

/// Whoever has organised what is there is who may change it.
pub(super) fn check_organizer(copy: &Object<'_>, message: &Object<'_>) -> Result<(), Refused> {
    let organizer = |object: &Object<'_>| object.organizer().map(Address::of);
    if organizer(copy) == organizer(message) { Ok(()) } else { Err(Refused::NotOrganizer) }
}

/// Whether a message is not older than what is known (RFC 5546 §2.1.5): it was changed no less often, and not said before. Of two that
/// were said in one second the one that comes later counts.
pub(super) fn is_current(known: &Component<'_>, said: &Component<'_>) -> bool {
    let order = |component| (text::sequence(component), text::stamp(component));
    order(said) >= order(known)
}

/// What the message says, with what is its recipient's own: their answer while nobody asks anew, alarms, whether it takes their time,
/// and what their programs have noted.
fn merged<'a>(
    copy: &Object<'a>,
    message: &Object<'a>,
    instance: Option<Utc>,
    said: &Component<'a>,
    owner: &Owner<'_>,
) -> Component<'a> {
    let Some(known) = copy.describing(instance) else { return said.clone() };
    let keeps_answer = !times::is_rescheduled(copy, message, instance);
    // Of an instance that is told apart only now the organiser knows the answer that counts: that of the whole, or its own.
    let answer = copy.of(instance).and_then(|known| people::own(known, owner)).filter(|_| keeps_answer);
    let mut merged = text::edited(said, |property| {
        // Of two lines for one person the first counts.
        let is_own = people::own(said, owner) == Some(property);
        match answer {
            Some(answer) if is_own && people::participation(answer) != people::participation(property) => {
                Some(property.with_parameter("PARTSTAT", Some(&people::participation(answer))))
            }
            _ if property.is("TRANSP") => Some(known.property("TRANSP").unwrap_or(property).clone()),
            _ => Some(property.clone()),
        }
    });
    let is_own = |property: &&Property<'a>| {
        let noted = property.name().get(..2).is_some_and(|begins| begins.eq_ignore_ascii_case("X-"));
        (noted || property.is("TRANSP")) && said.property(property.name()).is_none()
    };
    merged.properties.extend(known.properties.iter().filter(is_own).cloned());
    merged.components.retain(|inner| !inner.is("VALARM"));
    merged.components.extend(known.inner("VALARM").cloned());
    merged
}

/// The whole without the instances that were left out of the copy, as far as the message does not leave them out itself.
fn leaving_out<'a>(whole: Component<'a>, copy: &Object<'a>, message: &Object<'_>) -> Component<'a> {
    let Some(known) = copy.of(None) else { return whole };
    let said = times::dates(message, None, "EXDATE");
    let is_more = |line: &&Property<'a>| {
        let stamps = copy.zones().stamps(line).unwrap_or_default();
        stamps.into_iter().any(|stamp| !said.contains(&copy.zones().moment(stamp)))
    };
    let mut properties = whole.properties.clone();
    properties.extend(known.all("EXDATE").filter(is_more).cloned());
    whole.with(properties, whole.components.clone())
}
