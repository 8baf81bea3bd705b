//! The tag of a scheduling object (RFC 6638 §3.2.10), which answers of others do not change.

use crate::object::Object;
use crate::people::REPLIED;
use crate::{Address, Owner};
use passerelle_wire_ical::{Component, Parameter};
use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The tag of a copy, without quotes: equal for copies that differ only in what other people have answered and in what became of
/// messages. It is what the octets say, so that nobody has to keep it. Nothing of what is not for scheduling, or not for its owner.
pub fn schedule_tag(content: &[u8], owner: &Owner<'_>) -> Option<String> {
    let object = Object::read(content).filter(|object| object.role(owner) != crate::object::Role::Nobody)?;
    let mut hash = Sha256::new();
    for component in &object.calendar().components {
        take(component, owner, &mut hash);
    }
    let mut tag = String::with_capacity(32);
    for octet in hash.finalize().iter().take(16) {
        // Writing into a String does not fail.
        let _ = write!(tag, "{octet:02x}");
    }
    Some(tag)
}

fn take(component: &Component<'_>, owner: &Owner<'_>, hash: &mut Sha256) {
    hash.update(component.name().to_ascii_uppercase());
    for property in &component.properties {
        if ["DTSTAMP", "LAST-MODIFIED"].iter().any(|name| property.is(name)) {
            continue;
        }
        let is_person = property.is("ATTENDEE") || property.is("ORGANIZER");
        let is_other = property.is("ATTENDEE") && !owner.is(&Address::of(property));
        let counts = |parameter: &Parameter<'_>| {
            let of_messages = ["SCHEDULE-STATUS", REPLIED].iter().any(|name| parameter.is(name));
            let of_answers = ["PARTSTAT", "RSVP", "DELEGATED-TO"].iter().any(|name| parameter.is(name));
            !(is_person && of_messages || is_other && of_answers)
        };
        hash.update(b"\n");
        hash.update(property.with(counts, property.value()).text());
    }
    component.components.iter().for_each(|inner| take(inner, owner, hash));
    hash.update(b"\nEND");
}
