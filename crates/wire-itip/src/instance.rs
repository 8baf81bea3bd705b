//! An instance of a series that gets a component of its own.

use crate::object::Object;
use crate::{text, times};
use passerelle_wire_ical::{Component, Stamp, Utc};

/// The component of an instance that was not told apart.
pub(crate) fn apart<'a>(object: &Object<'_>, whole: &Component<'a>, instance: Utc) -> Option<Component<'a>> {
    let start = times::start(object, whole)?;
    let first = times::Span::of(object, whole)?;
    let span = first.at(instance);
    let local = |moment: Utc| {
        let local = object.zones().local(start.form, moment);
        Stamp { local, ..start }.value()
    };
    // A series of whole days has none in the middle of one.
    let day = Stamp { local: object.zones().local(start.form, instance), ..start };
    if start.is_date() && day.local.second_of_day() != 0 {
        return None;
    }
    let begins = whole.property("DTSTART")?;
    let mut properties = Vec::with_capacity(whole.properties.len() + 1);
    for property in &whole.properties {
        let of_series = ["RRULE", "RDATE", "EXDATE", "EXRULE"].iter().any(|name| property.is(name));
        if property.is("DTSTART") {
            properties.push(property.with(|_| true, &local(span.start)));
        } else if property.is("DTEND") || property.is("DUE") {
            let end = object.zones().stamp(property).ok()?;
            let local = object.zones().local(end.form, span.end);
            let value = Stamp { local, ..end }.value();
            properties.push(property.with(|_| true, &value));
        } else if !of_series {
            properties.push(property.clone());
        }
    }
    properties.push(text::timed_as(begins, "RECURRENCE-ID", &local(instance)));
    Some(whole.with(properties, whole.components.clone()))
}
