//! When something is, and whether a change of that is one that people have to answer anew (RFC 6638 §3.2.8).

use crate::object::Object;
use passerelle_wire_ical::{Component, Duration, Property, Stamp, Utc, pieces};
use std::collections::BTreeSet;

/// From when to when a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: Utc,
    pub(crate) end: Utc,
    is_date: bool,
}

impl Span {
    /// Of a component; nothing where it has no start.
    pub(crate) fn of(object: &Object<'_>, component: &Component<'_>) -> Option<Self> {
        let start = start(object, component)?;
        let begins = object.zones().moment(start);
        let told = |name| component.property(name).and_then(|end| object.zones().stamp(end).ok());
        let lasts = || component.property("DURATION").and_then(|length| Duration::parse(length.value().trim()));
        let end = match (told("DTEND").or_else(|| told("DUE")), lasts()) {
            (Some(end), _) => object.zones().moment(end),
            (None, Some(length)) => object.zones().later(start, length),
            (None, None) if start.is_date() => object.zones().later(start, Duration { days: 1, seconds: 0 }),
            (None, None) => begins,
        };
        Some(Self { start: begins, end, is_date: start.is_date() })
    }

    /// The same length at another time.
    pub(crate) fn at(self, start: Utc) -> Self {
        let length = self.end.seconds() - self.start.seconds();
        Self { start, end: Utc::of(start.seconds().saturating_add(length)), ..self }
    }
}

/// The start of a component.
pub(crate) fn start(object: &Object<'_>, component: &Component<'_>) -> Option<Stamp> {
    object.zones().stamp(component.property("DTSTART")?).ok()
}

/// When an instance is, or all that are not told apart: by its own component, or by that of all.
fn span_of(object: &Object<'_>, instance: Option<Utc>) -> Option<Span> {
    let whole = || Span::of(object, object.of(None)?);
    match (object.of(instance), instance) {
        (Some(component), _) => Span::of(object, component),
        (None, Some(instance)) => whole().map(|span| span.at(instance)),
        (None, None) => None,
    }
}

/// Whether what is invited to is at another time, or more often, than it was.
pub(crate) fn is_rescheduled(old: &Object<'_>, new: &Object<'_>, instance: Option<Utc>) -> bool {
    if span_of(old, instance) != span_of(new, instance) {
        return true;
    }
    match (old.of(instance), new.of(instance)) {
        (Some(was), Some(is)) => recurs_otherwise((old, was), (new, is)),
        _ => false,
    }
}

/// Whether an attendee has changed what is the organiser's: when it is. They may leave out instances.
pub(crate) fn differs_for_attendee(old: &Object<'_>, new: &Object<'_>, instance: Option<Utc>) -> bool {
    let rules = |object: &Object<'_>| object.of(instance).map(|component| texts(component, "RRULE"));
    let is_told_apart = old.of(instance).is_none();
    span_of(old, instance) != span_of(new, instance)
        || (!is_told_apart
            && (rules(old) != rules(new) || dates(old, instance, "RDATE") != dates(new, instance, "RDATE")))
        || !dates(new, instance, "EXDATE").is_superset(&dates(old, instance, "EXDATE"))
}

/// The moments that a component lists.
pub(crate) fn dates(object: &Object<'_>, instance: Option<Utc>, name: &str) -> BTreeSet<Utc> {
    let Some(component) = object.of(instance) else { return BTreeSet::new() };
    let moment = |stamp| object.zones().moment(stamp);
    let listed = |property: &Property<'_>| match object.zones().periods(property) {
        Ok(periods) if property.value().contains('/') => periods.into_iter().map(|(start, _)| moment(start)).collect(),
        _ => object.zones().stamps(property).unwrap_or_default().into_iter().map(moment).collect::<Vec<_>>(),
    };
    component.all(name).flat_map(listed).collect()
}

fn texts(component: &Component<'_>, name: &str) -> BTreeSet<String> {
    component.all(name).map(|property| property.value().trim().to_ascii_uppercase()).collect()
}

/// Whether a series has instances that it had not, or at other times. Those that it has no more are no reason to ask anew.
fn recurs_otherwise((old, was): (&Object<'_>, &Component<'_>), (new, is): (&Object<'_>, &Component<'_>)) -> bool {
    let (rules_were, rules_are) = (texts(was, "RRULE"), texts(is, "RRULE"));
    let zone = |component: &Component<'_>| {
        let start = component.property("DTSTART")?;
        start.parameter("TZID").map(std::borrow::Cow::into_owned)
    };
    let mut shorter = rules_are.iter().zip(&rules_were).all(|(is, was)| is_no_longer(is, was));
    shorter &= rules_are.len() == rules_were.len();
    let instance = was.property("RECURRENCE-ID").and_then(|id| old.zones().stamp(id).ok());
    let instance = instance.map(|stamp| old.zones().moment(stamp));
    !shorter
        || (!rules_are.is_empty() && zone(was) != zone(is))
        || !dates(old, instance, "RDATE").is_superset(&dates(new, instance, "RDATE"))
        || !dates(new, instance, "EXDATE").is_superset(&dates(old, instance, "EXDATE"))
}

/// Whether a rule gives no instance that another one does not give: the same, or ending earlier.
fn is_no_longer(is: &str, was: &str) -> bool {
    let is_end = |part: &&str| part.starts_with("UNTIL=") || part.starts_with("COUNT=");
    let parts = |rule| -> BTreeSet<&str> { pieces(rule, ';').map(str::trim).filter(|part| !is_end(part)).collect() };
    let end = |rule| pieces(rule, ';').map(str::trim).find(is_end).and_then(|part| part.split_once('='));
    let ends_earlier = match (end(is), end(was)) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(("UNTIL", is)), Some(("UNTIL", was))) => until(is) <= until(was),
        (Some(("COUNT", is)), Some(("COUNT", was))) => is.parse().unwrap_or(u64::MAX) <= was.parse().unwrap_or(0),
        (Some(_), Some(_)) => false,
    };
    parts(is) == parts(was) && ends_earlier
}

/// Dates and times in their order: a date is the end of its day.
fn until(value: &str) -> String {
    if value.contains('T') { value.trim_end_matches('Z').to_owned() } else { format!("{value}T240000") }
}
