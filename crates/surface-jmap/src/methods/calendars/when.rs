//! When tasks are, for a query: from their start to when they are due, or at the one of the two that they have. What is due on a day is so on
//! all of it. A task that has neither is at no time, and no range has it.
//!
//! RFC 4791 §9.9 has another table for CalDAV, in which tasks without times are in many ranges or in all: there a client asks for what it may
//! have to show, here for what is to be done by then.

use passerelle_wire_ical::{CalendarObject, Component, Kind, Range, Utc, Wrong};

/// Seconds of a day.
pub(super) const DAY: i64 = 86_400;

/// Whether any task of an object is in a range, one of its instances or another.
///
/// # Errors
/// A recurrence that cannot be followed within the limits.
pub(super) fn is_in(object: &CalendarObject<'_>, range: Range) -> Result<bool, Wrong> {
    for (at, task) in object.calendar().components.iter().enumerate().filter(|(_, it)| it.is(Kind::Task.name())) {
        let is_in = if task.property("DTSTART").is_some() {
            // All but a second of the day before: a day that is over with the range's start is not in it.
            let start = if is_of_days(task, object) { range.start.plus(1 - DAY) } else { range.start };
            object.component_overlaps(at, Range { start, ..range })?
        } else {
            when_due(task, object).is_some_and(|(begins, ends)| touches(range, begins, ends))
        };
        if is_in {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether a note is of a time in a range: of its day, or of its moment.
pub(super) fn is_of(object: &CalendarObject<'_>, range: Range) -> bool {
    object.calendar().inner(Kind::Journal.name()).any(|note| {
        let stamp = note.property("DTSTART").and_then(|date| object.zones().stamp(date).ok());
        stamp.is_some_and(|stamp| {
            let start = object.zones().moment(stamp);
            touches(range, start, if stamp.is_date() { start.plus(DAY) } else { start })
        })
    })
}

/// Whether a time is in a range; one of no length is where it begins.
pub(super) fn touches(range: Range, start: Utc, end: Utc) -> bool {
    start < range.end && (end > range.start || (end == start && start >= range.start))
}

/// From when to when a task without a start is due.
pub(super) fn when_due(task: &Component<'_>, object: &CalendarObject<'_>) -> Option<(Utc, Utc)> {
    let due = object.zones().stamp(task.property("DUE")?).ok()?;
    let moment = object.zones().moment(due);
    Some((moment, end(task, object, moment)))
}

/// When an event or a task ends of which this is said to be the end.
pub(super) fn end(component: &Component<'_>, object: &CalendarObject<'_>, end: Utc) -> Utc {
    let is_task = component.is(Kind::Task.name());
    if is_task && is_of_days(component, object) { end.plus(DAY) } else { end }
}

/// Whether the last time of a task is a day.
fn is_of_days(task: &Component<'_>, object: &CalendarObject<'_>) -> bool {
    let last = task.property("DUE").or_else(|| task.property("DTSTART"));
    last.is_some_and(|last| object.zones().stamp(last).is_ok_and(|stamp| stamp.is_date()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_wire_ical::Zone;

    #[test]
    fn a_note_is_of_its_day() {
        for (line, start, end, expected) in [
            ("DTSTART;VALUE=DATE:20261203", "20261203T200000Z", "20261203T210000Z", true),
            ("DTSTART;VALUE=DATE:20261203", "20261204T000000Z", "20261205T000000Z", false),
            ("DTSTART:20261203T100000Z", "20261203T100000Z", "20261203T110000Z", true),
            ("DTSTART:20261203T100000Z", "20261203T090000Z", "20261203T100000Z", false),
            ("SUMMARY:x", "20001203T100000Z", "20991203T110000Z", false),
        ] {
            let text =
                format!("BEGIN:VCALENDAR\r\nBEGIN:VJOURNAL\r\nUID:n\r\n{line}\r\nEND:VJOURNAL\r\nEND:VCALENDAR\r\n");
            let object = CalendarObject::read(text.as_bytes(), Zone::utc()).unwrap();
            let range = Range::parse(Some(start), Some(end)).unwrap();
            assert_eq!(is_of(&object, range), expected, "{line} from {start} to {end}");
        }
    }

    #[test]
    fn a_task_is_in_a_range_from_its_start_to_the_end_of_the_day_on_which_it_is_due() {
        for (lines, start, end, expected) in [
            ("DUE;VALUE=DATE:20261203", "20261203T200000Z", "20261203T210000Z", true),
            ("DUE;VALUE=DATE:20261203", "20261204T000000Z", "20261205T000000Z", false),
            ("DUE;VALUE=DATE:20261203", "20261202T000000Z", "20261203T000000Z", false),
            ("DUE:20261203T100000Z", "20261203T100000Z", "20261203T110000Z", true),
            ("DUE:20261203T100000Z", "20261203T090000Z", "20261203T100000Z", false),
            ("DTSTART;VALUE=DATE:20261203", "20261203T200000Z", "20261203T210000Z", true),
            ("DTSTART;VALUE=DATE:20261203", "20261204T000000Z", "20261205T000000Z", false),
            ("DTSTART;VALUE=DATE:20261201\r\nDUE;VALUE=DATE:20261203", "20261203T200000Z", "20261203T210000Z", true),
            ("DTSTART;VALUE=DATE:20261203\r\nDUE;VALUE=DATE:20261203", "20261204T000000Z", "20261205T000000Z", false),
            ("DTSTART:20261201T100000Z\r\nDUE:20261203T100000Z", "20261202T000000Z", "20261202T010000Z", true),
            ("DTSTART:20261201T100000Z\r\nDUE:20261203T100000Z", "20261203T100000Z", "20261204T000000Z", false),
            // A week on, by a rule.
            ("DTSTART:20261201T100000Z\r\nRRULE:FREQ=WEEKLY", "20261208T000000Z", "20261209T000000Z", true),
            ("DTSTART:20261201T100000Z\r\nRRULE:FREQ=WEEKLY", "20261209T000000Z", "20261210T000000Z", false),
            // RFC 4791 §9.9 has it in all ranges, and by COMPLETED and CREATED.
            ("SUMMARY:x", "20261201T000000Z", "20261209T000000Z", false),
            ("COMPLETED:20261203T100000Z", "20261201T000000Z", "20261209T000000Z", false),
        ] {
            let text = format!(
                "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VTODO\r\nUID:t\r\n{lines}\r\nEND:VTODO\r\nEND:VCALENDAR\r\n"
            );
            let object = CalendarObject::read(text.as_bytes(), Zone::utc()).unwrap();
            let range = Range::parse(Some(start), Some(end)).unwrap();
            assert_eq!(is_in(&object, range).unwrap(), expected, "{lines} from {start} to {end}");
        }
    }
}
