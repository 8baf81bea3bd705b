//! It does not take place, or not with them (RFC 5546 §3.2.5): the copy stays, and says so.

use super::Received;
use super::request::{check_organizer, is_current};
use crate::object::Object;
use crate::{Refused, text};
use passerelle_wire_ical::Component;

pub(super) fn receive(copy: Option<&Object<'_>>, message: &Object<'_>) -> Result<Received, Refused> {
    // What was never there, or was removed, is off already.
    let Some(copy) = copy else { return Ok(Received::Unchanged) };
    check_organizer(copy, message)?;
    let whole = message.of(None);
    let mut parts: Vec<Component<'_>> = Vec::new();
    for part in &copy.parts {
        let Some(known) = copy.component(*part) else { continue };
        let said = message.of(part.instance).or(whole).filter(|said| is_current(known, said));
        parts.push(said.map_or_else(|| known.clone(), |said| off(known, said)));
    }
    // Instances that the copy does not tell apart.
    for part in message.parts.iter().filter(|part| copy.of(part.instance).is_none()) {
        let is_of_series =
            copy.of(None).is_some_and(|series| message.component(*part).is_some_and(|it| is_current(series, it)));
        if let Some(said) = message.component(*part).filter(|_| is_of_series) {
            parts.push(off(said, said));
        }
    }
    Ok(Received::of(Some(copy), copy.with(parts, Some(message))))
}

fn off<'a>(known: &Component<'a>, said: &Component<'_>) -> Component<'a> {
    let off = text::with_sequence(&text::with_value(known, "STATUS", Some("CANCELLED")), text::sequence(said));
    let stamp = text::stamp(said).map(|stamp| stamp.to_string());
    match stamp {
        Some(stamp) => text::with_value(&off, "DTSTAMP", Some(&stamp)),
        None => off,
    }
}
