//! Components with other lines in them.

use passerelle_wire_ical::{Component, Property, Utc, parameter_value};

/// A component with each line changed, or left out.
pub(crate) fn edited<'a>(
    component: &Component<'a>,
    edit: impl Fn(&Property<'a>) -> Option<Property<'a>>,
) -> Component<'a> {
    let properties = component.properties.iter().filter_map(edit).collect();
    component.with(properties, component.components.clone())
}

/// A component with one line of a name, in the place of the first; without a value it is gone.
pub(crate) fn with_value<'a>(component: &Component<'a>, name: &str, value: Option<&str>) -> Component<'a> {
    let mut written = false;
    let mut properties = Vec::with_capacity(component.properties.len() + 1);
    for property in &component.properties {
        if !property.is(name) {
            properties.push(property.clone());
        } else if let (Some(value), false) = (value, written) {
            properties.push(property.with(|_| true, value));
            written = true;
        }
    }
    if let (Some(value), false) = (value, written) {
        properties.push(Property::made(name, "", value));
    }
    component.with(properties, component.components.clone())
}

/// Another line of the same kind of time as one that is there: a date, or a time in that zone.
pub(crate) fn timed_as(time: &Property<'_>, name: &str, value: &str) -> Property<'static> {
    let parameter = |of: &str| time.parameter(of).map(|it| format!(";{of}={}", parameter_value(&it)));
    let parameters = parameter("TZID").unwrap_or_default() + &parameter("VALUE").unwrap_or_default();
    Property::made(name, &parameters, value)
}

/// How often its organiser has changed what matters (RFC 5545 §3.8.7.4).
pub(crate) fn sequence(component: &Component<'_>) -> u32 {
    component.property("SEQUENCE").and_then(|property| property.value().trim().parse().ok()).unwrap_or(0)
}

/// A component that was changed so often.
pub(crate) fn with_sequence<'a>(component: &Component<'a>, sequence: u32) -> Component<'a> {
    with_value(component, "SEQUENCE", Some(&sequence.to_string()))
}

/// When its organiser has said so (RFC 5545 §3.8.7.2).
pub(crate) fn stamp(component: &Component<'_>) -> Option<Utc> {
    Utc::parse(component.property("DTSTAMP")?.value().trim())
}

/// Whether it was called off.
pub(crate) fn is_cancelled(component: &Component<'_>) -> bool {
    component.property("STATUS").is_some_and(|status| status.value().trim().eq_ignore_ascii_case("CANCELLED"))
}

/// Whether a line is of a program's own, for its owner's eyes.
pub(crate) fn is_of_a_program(property: &Property<'_>) -> bool {
    property.name().get(..6).is_some_and(|begins| begins.eq_ignore_ascii_case("X-MOZ-"))
}
