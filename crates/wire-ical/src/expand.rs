//! A recurrence as its instances (RFC 4791 §9.6.5): each a component of its own, its times in UTC, without rules or zones.

use crate::recurrence::Occurrence;
use crate::{CalendarObject, Component, Form, Kind, Property, Range, Stamp, Utc, Wrong};

/// What has no place in an instance.
const RULES: &[&str] = &["RRULE", "RDATE", "EXDATE", "EXRULE"];

/// The components of a calendar in a range, in the order of time; those that have no instances come first.
pub(crate) fn expanded<'a>(object: &CalendarObject<'a>, range: Range) -> Result<Vec<Component<'a>>, Wrong> {
    let components = object.calendar().components.iter();
    let timeless = components.filter(|component| match Kind::of(component) {
        Some(Kind::FreeBusy | Kind::Availability) => true,
        Some(Kind::Event | Kind::Task | Kind::Journal) => component.property("DTSTART").is_none(),
        None => false,
    });
    let mut all: Vec<Component<'a>> = timeless.map(|component| in_utc(object, component, None)).collect();
    let found = object.occurrences(range);
    if let Some(truncated) = found.truncated {
        return Err(truncated.into());
    }
    for one in &found.list {
        let Some(component) = object.component(one) else { continue };
        if object.occurrence_overlaps(component, one, range)? {
            all.push(in_utc(object, component, Some(one)));
        }
    }
    Ok(all)
}

fn in_utc<'a>(object: &CalendarObject<'_>, component: &Component<'a>, one: Option<&Occurrence>) -> Component<'a> {
    let mut properties: Vec<Property<'a>> = Vec::with_capacity(component.properties.len() + 1);
    for property in &component.properties {
        let is = |name: &str| property.is(name);
        match one {
            Some(_) if RULES.iter().any(|rule| is(rule)) || is("RECURRENCE-ID") => {}
            Some(one) if is("DTSTART") => {
                properties.push(time(object, "DTSTART", one.start, one.stamp.form));
                properties.extend(
                    one.recurrence_id.map(|id| time(object, "RECURRENCE-ID", object.zones().moment(id), id.form)),
                );
            }
            Some(one) if is("DTEND") || is("DUE") || is("DURATION") => {
                let name = if component.is("VTODO") { "DUE" } else { "DTEND" };
                properties.push(time(object, name, one.end, one.stamp.form));
            }
            _ => properties.push(moved(object, property)),
        }
    }
    component.with(properties, component.components.clone())
}

/// A time in UTC. A date stays one, and so does a time without a zone, which has no moment but the reader's.
fn time(object: &CalendarObject<'_>, name: &str, moment: Utc, form: Form) -> Property<'static> {
    let local = object.zones().local(form, moment);
    match form {
        Form::Date => Property::made(name, ";VALUE=DATE", &local.to_date_text()),
        Form::Floating => Property::made(name, "", &Stamp { local, form }.value()),
        Form::Utc | Form::Zoned(_) => Property::made(name, "", &moment.to_string()),
    }
}

/// Another property, which may be a time in a zone too.
fn moved<'a>(object: &CalendarObject<'_>, property: &Property<'a>) -> Property<'a> {
    if property.parameter("TZID").is_none() {
        return property.clone();
    }
    match object.zones().stamps(property) {
        Ok(stamps) if stamps.iter().all(|stamp| matches!(stamp.form, Form::Zoned(_))) => {
            let moments: Vec<String> =
                stamps.into_iter().map(|stamp| object.zones().moment(stamp).to_string()).collect();
            property.with(|parameter| !parameter.is("TZID"), &moments.join(","))
        }
        _ => property.clone(),
    }
}
