//! What CalDAV demands of a calendar object resource (RFC 4791 §4.1), and by which of its preconditions (§5.3.2.1) it is
//! refused.

use super::{CalendarObject, Kind};
use crate::{Component, Property, Zone};
use std::collections::HashSet;
use std::fmt;

/// The precondition of RFC 4791 §5.3.2.1 that fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Precondition {
    /// CALDAV:valid-calendar-data: it is not iCalendar.
    ValidCalendarData,
    /// CALDAV:valid-calendar-object-resource: it is, and not what one resource may hold.
    ValidCalendarObjectResource,
}

impl Precondition {
    /// The name of the element in the namespace of CalDAV.
    pub fn element(self) -> &'static str {
        match self {
            Self::ValidCalendarData => "valid-calendar-data",
            Self::ValidCalendarObjectResource => "valid-calendar-object-resource",
        }
    }
}

/// Why an object cannot be stored as one resource.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unfit {
    /// What it fails.
    pub precondition: Precondition,
    /// The line where that shows, from 1; 0 where it is the whole.
    pub line: usize,
    /// The reason, for people.
    pub what: String,
}

impl fmt::Display for Unfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str(&self.what),
            line => write!(f, "line {line}: {}", self.what),
        }
    }
}

impl std::error::Error for Unfit {}

fn data(line: usize, what: impl Into<String>) -> Unfit {
    Unfit { precondition: Precondition::ValidCalendarData, line, what: what.into() }
}

fn resource(line: usize, what: impl Into<String>) -> Unfit {
    Unfit { precondition: Precondition::ValidCalendarObjectResource, line, what: what.into() }
}

impl CalendarObject<'_> {
    /// Whether CalDAV allows this as one resource, and what kind it is then.
    ///
    /// # Errors
    /// The first demand that it does not meet.
    pub fn fit(&self) -> Result<Kind, Unfit> {
        let calendar = self.calendar();
        match calendar.property("VERSION") {
            Some(version) if version.value().trim() == "2.0" => {}
            Some(version) => return Err(data(version.line(), "VERSION is not 2.0")),
            None => return Err(data(calendar.line(), "no VERSION:2.0")),
        }
        if let Some(scale) =
            calendar.property("CALSCALE").filter(|scale| !scale.value().trim().eq_ignore_ascii_case("GREGORIAN"))
        {
            return Err(data(scale.line(), "CALSCALE is not GREGORIAN"));
        }
        if let Some(method) = calendar.property("METHOD") {
            return Err(resource(method.line(), "METHOD is for messages, and not stored"));
        }
        let kind = self.one_kind()?;
        if kind.recurs() {
            self.one_series(kind)?;
        }
        for component in calendar.inner(kind.name()) {
            required(component, kind)?;
        }
        self.zones_are_there(calendar)?;
        Ok(kind)
    }

    fn one_kind(&self) -> Result<Kind, Unfit> {
        let mut kind: Option<Kind> = None;
        for component in &self.calendar().components {
            if component.is("VTIMEZONE") {
                continue;
            }
            match (Kind::of(component), kind) {
                (None, _) => {
                    return Err(resource(
                        component.line(),
                        format!("a component that is not known: {}", component.name()),
                    ));
                }
                (Some(other), Some(first)) if other != first => {
                    return Err(resource(component.line(), format!("a {} beside a {}", other.name(), first.name())));
                }
                (Some(Kind::FreeBusy | Kind::Availability), Some(_)) => {
                    return Err(resource(component.line(), "more than one component"));
                }
                (Some(first), _) => kind = Some(first),
            }
        }
        kind.ok_or_else(|| resource(self.calendar().line(), "no event, task or journal entry"))
    }

    /// One UID, one component that recurs, and for each instance at most one that overrides it.
    fn one_series(&self, kind: Kind) -> Result<(), Unfit> {
        let (mut uid, mut master, mut ids): (Option<&str>, Option<()>, _) = (None, None, HashSet::new());
        for component in self.calendar().inner(kind.name()) {
            let Some(own) = component.property("UID").filter(|own| !own.value().trim().is_empty()) else {
                return Err(data(component.line(), format!("a {} without UID", kind.name())));
            };
            if own.is_broken() {
                return Err(data(own.line(), "a UID that is not UTF-8"));
            }
            if uid.is_some_and(|uid| uid != own.value()) {
                return Err(resource(own.line(), "a second UID"));
            }
            uid = Some(own.value());
            match component.property("RECURRENCE-ID") {
                None if master.is_some() => {
                    return Err(resource(component.line(), "a second component without RECURRENCE-ID"));
                }
                None => master = Some(()),
                Some(id) => {
                    let stamp = self.zones().stamp(id).map_err(|wrong| data(wrong.line, wrong.what))?;
                    let moment = self.zones().moment(stamp);
                    if !ids.insert(moment) {
                        return Err(resource(id.line(), "a second component for the same RECURRENCE-ID"));
                    }
                }
            }
        }
        Ok(())
    }

    /// RFC 4791 §4.1: a VTIMEZONE for each TZID; RFC 7809 lets those out that everybody knows.
    fn zones_are_there(&self, component: &Component<'_>) -> Result<(), Unfit> {
        let missing = |property: &&Property<'_>| {
            property.parameter("TZID").is_some_and(|tzid| {
                let named = |zone: &Component<'_>| zone.property("TZID").is_some_and(|own| own.value().trim() == tzid);
                let brought = || self.calendar().inner("VTIMEZONE").any(named);
                Zone::named(&tzid).is_none() && (!brought() || self.zones().unknown().any(|unknown| unknown == tzid))
            })
        };
        if let Some(property) = component.properties.iter().find(missing) {
            let what = format!("{} has a TZID that is not known and that no VTIMEZONE explains", property.name());
            return Err(data(property.line(), what));
        }
        component.components.iter().try_for_each(|inner| self.zones_are_there(inner))
    }
}

/// What each component needs, and may have once only (RFC 5545 §3.6.1 to §3.6.4).
fn required(component: &Component<'_>, kind: Kind) -> Result<(), Unfit> {
    let twice = [
        "UID",
        "DTSTAMP",
        "DTSTART",
        "DTEND",
        "DUE",
        "DURATION",
        "RECURRENCE-ID",
        "SEQUENCE",
        "STATUS",
        "TRANSP",
        "CLASS",
        "ORGANIZER",
    ];
    for name in twice {
        if let Some(second) = component.all(name).nth(1) {
            return Err(data(second.line(), format!("a second {name} in a {}", kind.name())));
        }
    }
    let without_start = component.property("DTSTART").is_none();
    if kind == Kind::Event && without_start {
        return Err(data(component.line(), "a VEVENT without DTSTART"));
    }
    if let Some(rule) = component.property("RRULE").filter(|_| without_start) {
        return Err(data(rule.line(), "RRULE without DTSTART"));
    }
    let end = if kind == Kind::Task { "DUE" } else { "DTEND" };
    match (component.property(end), component.property("DURATION")) {
        (Some(_), Some(duration)) => Err(data(duration.line(), format!("DURATION beside {end}"))),
        _ => Ok(()),
    }
}
