//! A message that comes from outside, and what may not be believed of it.

use crate::object::Object;
use crate::{Owner, people, text};
use passerelle_wire_ical::Component;

/// The message without what only its recipient's own programs and servers say: how servers deal with the people in it (RFC 6638 §7),
/// and alarms. What cannot be read is as it was.
pub fn without_orders(message: &[u8]) -> Vec<u8> {
    let Ok(calendar) = Component::calendar(message) else { return message.to_vec() };
    let components = calendar.components.iter().map(|component| {
        if component.is("VTIMEZONE") {
            return component.clone();
        }
        let plain = text::edited(component, |property| {
            let is_person = property.is("ATTENDEE") || property.is("ORGANIZER");
            (!text::is_of_a_program(property))
                .then(|| if is_person { people::for_others(property) } else { property.clone() })
        });
        let inner = plain.components.iter().filter(|inner| !inner.is("VALARM")).cloned().collect();
        plain.with(plain.properties.clone(), inner)
    });
    calendar.with(calendar.properties.clone(), components.collect()).written().into_bytes()
}

/// The copy in which its owner has answered what they had answered in the one before, and nothing else: what somebody from outside says
/// that they have answered is not their answer.
pub fn with_own_answers(copy: &[u8], before: Option<&[u8]>, owner: &Owner<'_>) -> Vec<u8> {
    let Some(object) = Object::read(copy) else { return copy.to_vec() };
    let before = before.and_then(Object::read);
    let parts = object.parts.iter().filter_map(|part| {
        let component = object.component(*part)?;
        let known = before.as_ref().and_then(|before| people::own(before.describing(part.instance)?, owner));
        let answer = known.map(people::participation);
        Some(text::edited(component, |property| {
            let is_own = people::own(component, owner) == Some(property);
            let said = people::participation(property);
            Some(if is_own && said != "NEEDS-ACTION" && answer.as_ref() != Some(&said) {
                property.with_parameter("PARTSTAT", Some("NEEDS-ACTION"))
            } else {
                property.clone()
            })
        }))
    });
    object.with(parts.collect(), None).into_bytes()
}
