//! What the tests have in common: a calendar around components, read in Paris.

#![allow(dead_code, clippy::unwrap_used, reason = "not every test uses all of it, and tests may panic")]

use passerelle_wire_ical::{CalendarObject, Range, Utc, Zone};

/// Components in a VCALENDAR, read. The text lives as long as the test does.
#[track_caller]
pub(crate) fn object(components: &str) -> CalendarObject<'static> {
    let text = format!("BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\n{components}\nEND:VCALENDAR\n")
        .replace('\n', "\r\n");
    CalendarObject::read(text.leak().as_bytes(), Zone::iana("Europe/Paris").unwrap()).unwrap()
}

/// One event with these lines.
#[track_caller]
pub(crate) fn event(lines: &str) -> CalendarObject<'static> {
    object(&format!("BEGIN:VEVENT\nUID:1\n{lines}\nEND:VEVENT"))
}

/// `20260101T000000Z/20260201T000000Z`; an end that is missing is without bound.
#[track_caller]
pub(crate) fn range(text: &str) -> Range {
    let (start, end) = text.split_once('/').unwrap();
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    Range::parse(some(start).as_deref(), some(end).as_deref()).unwrap()
}

/// The instances in a range, each as `start/end` in UTC.
#[track_caller]
pub(crate) fn instances(object: &CalendarObject<'_>, of: &str) -> Vec<String> {
    let found = object.occurrences(range(of));
    assert_eq!(found.truncated, None);
    found.list.iter().map(|one| format!("{}/{}", one.start, one.end)).collect()
}

/// A moment.
#[track_caller]
pub(crate) fn utc(text: &str) -> Utc {
    Utc::parse(text).unwrap()
}
