//! The write of somebody who is invited (RFC 6638 §3.2.2): what they may change, and what their organiser hears.

use super::{Asked, Change};
use crate::object::Object;
use crate::{Address, Message, Method, Owner, Recipient, Refused, instance, message, people, text, times};
use passerelle_wire_ical::{Component, Property, Utc};

/// What an answer says of what it answers; the rest is the organiser's already.
const ANSWERED: &[&str] = &[
    "UID",
    "RECURRENCE-ID",
    "SEQUENCE",
    "ORGANIZER",
    "DTSTART",
    "DTEND",
    "DURATION",
    "DUE",
    "SUMMARY",
    "LOCATION",
    "COMMENT",
    "PERCENT-COMPLETE",
    "COMPLETED",
];

pub(super) fn change(
    old: Option<&Object<'_>>,
    new: Option<&Object<'_>>,
    owner: &Owner<'_>,
    asked: Asked,
    now: Utc,
) -> Result<Change, Refused> {
    if let (Some(old), Some(new)) = (old, new) {
        check(old, new)?;
    }
    let Some(subject) = new.or(old) else { return Ok(Change::default()) };
    let written = new.map(|new| stored(old, new));
    let differs = new.zip(written).filter(|(new, written)| new.calendar().written() != *written);
    let content = differs.map(|(_, written)| written.into_bytes());
    let organizer = subject.organizer().filter(|organizer| people::is_for_server(organizer));
    let (Some(organizer), false) = (organizer, subject.is_over(now)) else {
        return Ok(Change { content, messages: Vec::new() });
    };
    let answers = match new {
        Some(new) => given(old, new, owner, people::is_forced(organizer, "REPLY"), now),
        None if asked.reply => old.map(|old| declined(old, owner, now)).unwrap_or_default(),
        None => Vec::new(),
    };
    let who = subject.components().find_map(|component| people::own(component, owner)).map(Recipient::of);
    let messages = who.filter(|_| !answers.is_empty()).map(|from| Message {
        method: Method::Reply,
        from,
        to: vec![Recipient::of(organizer)],
        uid: subject.uid(),
        content: message::written(Method::Reply, subject.calendar(), answers),
    });
    Ok(Change { content, messages: messages.into_iter().collect() })
}

/// Refuses what is the organiser's to change: when it is, and whose it is.
fn check(old: &Object<'_>, new: &Object<'_>) -> Result<(), Refused> {
    let organizer = |object: &Object<'_>| object.organizer().map(Address::of);
    let moved =
        |object: &Object<'_>| object.parts.iter().any(|part| times::differs_for_attendee(old, new, part.instance));
    // Instances that the organiser tells apart stay, unless they are left out.
    let left_out = times::dates(new, None, "EXDATE");
    let is_gone = |instance: Utc| new.of(Some(instance)).is_none() && !left_out.contains(&instance);
    let loses = new.of(None).is_some() && old.parts.iter().filter_map(|part| part.instance).any(is_gone);
    if organizer(old) != organizer(new) || moved(new) || loses { Err(Refused::AttendeeChange) } else { Ok(()) }
}

/// What is stored: when the organiser has said it stays what they said, so that older messages are known as such.
fn stored(old: Option<&Object<'_>>, new: &Object<'_>) -> String {
    let parts = new.parts.iter().filter_map(|part| {
        let component = new.component(*part)?;
        let unforced = text::edited(component, |property| {
            let forced = property.is("ORGANIZER") && property.parameter("SCHEDULE-FORCE-SEND").is_some();
            Some(if forced { property.with_parameter("SCHEDULE-FORCE-SEND", None) } else { property.clone() })
        });
        let was = old.and_then(|old| old.describing(part.instance));
        let Some(was) = was else { return Some(unforced) };
        let said =
            |component: &Component<'_>, name| component.property(name).map(|value| value.value().trim().to_owned());
        let mut kept = unforced;
        for name in ["DTSTAMP", "SEQUENCE"] {
            if let Some(value) = said(was, name).filter(|value| said(&kept, name).as_ref() != Some(value)) {
                kept = text::with_value(&kept, name, Some(&value));
            }
        }
        Some(kept)
    });
    new.with(parts.collect(), None)
}

/// What is said anew: of the whole, of instances that are answered otherwise, and of those that are left out.
fn given<'a>(
    old: Option<&Object<'a>>,
    new: &Object<'a>,
    owner: &Owner<'_>,
    is_forced: bool,
    now: Utc,
) -> Vec<Component<'a>> {
    let said =
        |component: Option<&Component<'_>>| component.and_then(|it| people::own(it, owner)).map(people::participation);
    let before = |instance| {
        let there = old.and_then(|old| old.describing(instance));
        said(there).unwrap_or_else(|| "NEEDS-ACTION".to_owned())
    };
    let mut answers: Vec<Component<'a>> = Vec::new();
    for part in &new.parts {
        let Some(component) = new.component(*part) else { continue };
        let Some(now_said) = said(Some(component)) else { continue };
        let is_other = now_said != before(part.instance);
        // Who answers the whole anew answers an instance otherwise where it has another answer than the whole.
        let apart = part.instance.is_some() && said(new.of(None)).is_some_and(|whole| whole != now_said);
        let whole_is_other = said(new.of(None)).is_some_and(|whole| whole != before(None));
        if !text::is_cancelled(component) && (is_other || is_forced || (apart && whole_is_other)) {
            answers.extend(answer(component, owner, None, now));
        }
    }
    if let (Some(old), Some(whole)) = (old, new.of(None)) {
        for instance in times::dates(new, None, "EXDATE").difference(&times::dates(old, None, "EXDATE")) {
            if before(Some(*instance)) != "DECLINED" {
                let told = old.of(Some(*instance)).cloned().or_else(|| instance::apart(new, whole, *instance));
                answers.extend(
                    told.filter(|it| !text::is_cancelled(it)).and_then(|it| answer(&it, owner, Some("DECLINED"), now)),
                );
            }
        }
    }
    answers
}

/// What is removed is declined, as far as it was not before.
fn declined<'a>(old: &Object<'a>, owner: &Owner<'_>, now: Utc) -> Vec<Component<'a>> {
    let open = |component: &&Component<'a>| {
        let own = people::own(component, owner);
        !text::is_cancelled(component) && own.is_some_and(|own| people::participation(own) != "DECLINED")
    };
    old.components().filter(open).filter_map(|component| answer(component, owner, Some("DECLINED"), now)).collect()
}

/// An answer of one component, with what it says now or another answer.
fn answer<'a>(component: &Component<'a>, owner: &Owner<'_>, with: Option<&str>, now: Utc) -> Option<Component<'a>> {
    let own = people::for_others(people::own(component, owner)?);
    let own = match with {
        Some(answer) => own.with_parameter("PARTSTAT", Some(answer)),
        None => own,
    };
    let known = |property: &&Property<'a>| ANSWERED.iter().any(|name| property.is(name));
    let mut properties: Vec<Property<'a>> = component
        .properties
        .iter()
        .filter(known)
        .map(|property| if property.is("ORGANIZER") { people::for_others(property) } else { property.clone() })
        .collect();
    properties.push(Property::made("DTSTAMP", "", &now.to_string()));
    properties.push(own.with_parameter("RSVP", None));
    properties.push(Property::made("REQUEST-STATUS", "", "2.0;Success"));
    Some(component.with(properties, Vec::new()))
}
