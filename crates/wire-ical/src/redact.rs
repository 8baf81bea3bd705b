//! An object for somebody who may see when, and not what (RFC 5545 §3.8.1.3): its times are kept and its texts are gone.

use crate::{CalendarObject, Class, Component, Kind, Parameter, Property, Zone, write};
use std::borrow::Cow;

/// What is kept of a component: all that decides when it is and whether it takes the time. Everything else is gone, what
/// nobody knows yet included.
const KEPT: &[&str] = &[
    "UID",
    "DTSTAMP",
    "DTSTART",
    "DTEND",
    "DUE",
    "DURATION",
    "RRULE",
    "RDATE",
    "EXDATE",
    "EXRULE",
    "RECURRENCE-ID",
    "SEQUENCE",
    "STATUS",
    "TRANSP",
    "CLASS",
    "FREEBUSY",
];
/// Of a calendar.
pub(crate) const KEPT_OF_CALENDAR: &[&str] = &["VERSION", "PRODID", "CALSCALE"];
/// Of a zone and its rules.
const KEPT_OF_ZONE: &[&str] = &["TZID", "DTSTART", "TZOFFSETFROM", "TZOFFSETTO", "RRULE", "RDATE"];
/// Parameters without which a time is not understood.
const KEPT_PARAMETERS: &[&str] = &["TZID", "VALUE", "RANGE", "FBTYPE"];

/// Of which components only the times are told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Redaction {
    /// Of all: for whoever has free-busy only.
    Everything,
    /// Of those that are PRIVATE or CONFIDENTIAL: for whoever may read the calendar of somebody else.
    ByClass,
}

/// The octets of an object for somebody who may read the calendar of somebody else ([`Redaction::ByClass`]): as they are where all of
/// it is public. Nothing of what cannot be read: nobody knows whom it is meant for.
pub fn discreet(octets: &[u8]) -> Option<Cow<'_, [u8]>> {
    let object = CalendarObject::read(octets, Zone::utc()).ok()?;
    let mut components = object.calendar().components.iter();
    if components.all(|component| Kind::of(component).is_none() || Class::of(component) == Class::Public) {
        return Some(Cow::Borrowed(octets));
    }
    Some(Cow::Owned(object.redacted(Redaction::ByClass, None).into_bytes()))
}

impl CalendarObject<'_> {
    /// The object with less in it. `summary` is what stands in the place of a title, in the reader's language: "Busy".
    pub fn redacted(&self, redaction: Redaction, summary: Option<&str>) -> String {
        let calendar = self.calendar();
        let mut out = String::new();
        write::within(calendar.name(), &mut out, |out| {
            match redaction {
                Redaction::Everything => kept(calendar, KEPT_OF_CALENDAR, out),
                Redaction::ByClass => calendar.properties.iter().for_each(|property| write::line(property.text(), out)),
            }
            for component in &calendar.components {
                let open = redaction == Redaction::ByClass && Class::of(component) == Class::Public;
                match Kind::of(component) {
                    None if component.is("VTIMEZONE") => zone(component, out),
                    _ if open => write::component(component, out),
                    Some(kind) => write::within(kind.name(), out, |out| {
                        kept(component, KEPT, out);
                        if let Some(summary) = summary.filter(|_| kind.recurs()) {
                            write::line(&format!("SUMMARY:{}", crate::escaped(summary)), out);
                        }
                    }),
                    None => {}
                }
            }
        });
        out
    }
}

/// Writes a zone with no more than its rules.
pub(crate) fn zone(component: &Component<'_>, out: &mut String) {
    write::within(component.name(), out, |out| {
        kept(component, KEPT_OF_ZONE, out);
        for rules in component.components.iter().filter(|inner| inner.is("STANDARD") || inner.is("DAYLIGHT")) {
            write::within(rules.name(), out, |out| kept(rules, KEPT_OF_ZONE, out));
        }
    });
}

fn kept(component: &Component<'_>, names: &[&str], out: &mut String) {
    kept_with(component, names, KEPT_PARAMETERS, out);
}

/// Writes the properties of these names, with the parameters of those.
pub(crate) fn kept_with(component: &Component<'_>, names: &[&str], parameters: &[&str], out: &mut String) {
    let known = |property: &&Property<'_>| names.iter().any(|name| property.is(name));
    let needed = |parameter: &Parameter<'_>| parameters.iter().any(|name| parameter.is(name));
    for property in component.properties.iter().filter(known) {
        write::line(property.with(needed, property.value()).text(), out);
    }
}
