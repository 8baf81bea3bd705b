//! RFC 4791 §9.9: each row of its tables, at the edges where rows differ.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

mod shared;

use passerelle_wire_ical::Kind;
use shared::{event, object, range, utc};

/// Ranges within one day, by hours, and whether they overlap.
#[track_caller]
fn check(kind: Kind, lines: &str, ranges: &[(&str, bool)]) {
    let name = kind.name();
    let object = object(&format!("BEGIN:{name}\nUID:1\n{lines}\nEND:{name}"));
    for (hours, expected) in ranges {
        let (start, end) = hours.split_once('-').unwrap();
        let moment = |hour: &str| if hour.is_empty() { String::new() } else { format!("20260105T{hour}0000Z") };
        let range = range(&format!("{}/{}", moment(start), moment(end)));
        assert_eq!(object.overlaps(kind, range).unwrap(), *expected, "{lines}: {hours}");
    }
}

#[test]
fn events() {
    let ranges = &[
        ("08-10", false),
        ("08-11", true),
        ("11-12", true),
        ("12-13", false),
        ("09-", true),
        ("-10", false),
        ("13-", false),
    ];
    check(Kind::Event, "DTSTART:20260105T100000Z\nDTEND:20260105T120000Z", ranges);
    check(Kind::Event, "DTSTART:20260105T100000Z\nDURATION:PT2H", ranges);
    // Of no length: in a range that begins with it, unless DTEND says that it has ended there.
    check(
        Kind::Event,
        "DTSTART:20260105T100000Z\nDURATION:PT0S",
        &[("10-11", true), ("09-10", false), ("09-11", true)],
    );
    check(
        Kind::Event,
        "DTSTART:20260105T100000Z",
        &[("10-11", true), ("09-10", false), ("09-11", true), ("11-12", false)],
    );
    check(Kind::Event, "DTSTART:20260105T100000Z\nDTEND:20260105T100000Z", &[("10-11", false), ("09-11", true)]);
    // The fifth of January in Paris, the zone of who asks, is over at 23:00Z.
    check(
        Kind::Event,
        "DTSTART;VALUE=DATE:20260105",
        &[("00-01", true), ("22-23", true), ("23-", false), ("-00", true)],
    );
    check(Kind::Event, "DTSTART:20260105T110000", &[("10-11", true), ("11-12", false)]);
}

#[test]
fn tasks() {
    let check = |lines: &str, ranges: &[(&str, bool)]| check(Kind::Task, lines, ranges);
    let (start, due) = ("DTSTART:20260105T100000Z", "DUE:20260105T120000Z");
    check(&format!("{start}\nDURATION:PT2H"), &[("08-10", false), ("08-11", true), ("12-13", true), ("13-14", false)]);
    check(&format!("{start}\n{due}"), &[("08-10", false), ("08-11", true), ("11-12", true), ("12-13", false)]);
    check(start, &[("10-11", true), ("09-10", false), ("11-12", false)]);
    check(due, &[("11-12", true), ("12-13", false), ("08-11", false), ("10-13", true)]);
    let (completed, created) = ("COMPLETED:20260105T120000Z", "CREATED:20260105T100000Z");
    check(
        &format!("{completed}\n{created}"),
        &[("08-09", false), ("09-10", true), ("11-12", true), ("12-13", true), ("13-14", false)],
    );
    check(completed, &[("12-13", true), ("11-12", true), ("13-14", false), ("10-11", false)]);
    check(created, &[("08-10", false), ("08-11", true), ("20-21", true)]);
    check("SUMMARY:some day", &[("08-09", true), ("-09", true)]);
    check(
        &format!("{start}\nDUE:20260105T110000Z\nRRULE:FREQ=DAILY;COUNT=2"),
        &[("09-10", false), ("10-11", true), ("12-", true)],
    );
}

#[test]
fn journals() {
    check(Kind::Journal, "DTSTART:20260105T100000Z", &[("10-11", true), ("09-10", false), ("11-12", false)]);
    check(Kind::Journal, "DTSTART;VALUE=DATE:20260105", &[("00-01", true), ("22-23", true), ("23-", false)]);
    check(Kind::Journal, "SUMMARY:when?", &[("00-23", false)]);
}

#[test]
fn free_busy() {
    let period = "FREEBUSY:20260105T100000Z/PT1H,20260105T140000Z/20260105T150000Z";
    check(
        Kind::FreeBusy,
        period,
        &[("09-10", false), ("09-11", true), ("11-14", false), ("11-15", true), ("15-16", false)],
    );
    let whole = format!("DTSTART:20260105T100000Z\nDTEND:20260105T120000Z\n{period}");
    check(Kind::FreeBusy, &whole, &[("11-12", true), ("12-13", true), ("13-14", false), ("08-10", false)]);
    check(Kind::FreeBusy, "SUMMARY:none", &[("00-23", false)]);
}

#[test]
fn alarms() {
    let rings = |component: &str, alarm: &str, of: &str| {
        let text = format!(
            "BEGIN:{component}\nBEGIN:VALARM\nACTION:DISPLAY\n{alarm}\nEND:VALARM\nEND:{}",
            component.split('\n').next().unwrap()
        );
        let object = object(&text);
        let alarm = object.calendar().components[0].components[0].clone();
        object.alarm_overlaps(0, &alarm, range(of)).unwrap()
    };
    let lesson = "VEVENT\nUID:1\nDTSTART:20260105T100000Z\nDTEND:20260105T120000Z";
    let quarter = "20260105T094500Z/20260105T094600Z";
    assert!(rings(lesson, "TRIGGER:-PT15M", quarter));
    assert!(!rings(lesson, "TRIGGER:-PT14M", quarter));
    assert!(!rings(lesson, "TRIGGER:-PT14M", "20260105T094500Z/20260105T094600Z"));
    assert!(!rings(lesson, "TRIGGER:-PT15M", "20260105T094400Z/20260105T094500Z"));
    assert!(rings(lesson, "TRIGGER;RELATED=END:PT15M", "20260105T121500Z/20260105T121600Z"));
    assert!(rings(lesson, "TRIGGER;VALUE=DATE-TIME:20260105T094500Z", quarter));
    // It rings again three times, each five minutes later.
    let again = "TRIGGER:-PT30M\nDURATION:PT5M\nREPEAT:3";
    assert!(rings(lesson, again, quarter));
    assert!(!rings(lesson, again, "20260105T094600Z/20260105T100000Z"));
    let weekly = format!("{lesson}\nRRULE:FREQ=WEEKLY");
    assert!(rings(&weekly, "TRIGGER:-P1D", "20260215T095900Z/20260215T100100Z"));
    assert!(!rings(&weekly, "TRIGGER:-P1D", "20260216T095900Z/20260216T100100Z"));
    let due = "VTODO\nUID:1\nDUE:20260105T100000Z";
    assert!(rings(due, "TRIGGER:-PT15M", quarter));
    assert!(!rings("VTODO\nUID:1", "TRIGGER:-PT15M", quarter));
}

#[test]
fn the_index_misses_nothing() {
    for lines in [
        "DTSTART;TZID=Europe/Paris:20260320T100000\nDTEND;TZID=Europe/Paris:20260320T120000\nRRULE:FREQ=WEEKLY;COUNT=3",
        "DTSTART;VALUE=DATE:20260320\nRRULE:FREQ=DAILY;UNTIL=20260330",
        "DTSTART:20260320T100000Z\nDURATION:P3D\nRDATE:20260101T000000Z,20280101T000000Z",
        "DTSTART:20260320T100000Z\nRDATE;VALUE=PERIOD:20290101T000000Z/P30D",
    ] {
        let object = event(lines);
        let facts = object.facts().unwrap();
        let passerelle_wire_ical::Ends::At(ends) = facts.ends else { panic!("{lines}") };
        for one in object.occurrences(passerelle_wire_ical::Range::ALL).list {
            assert!(facts.starts.unwrap() <= one.start && one.end <= ends, "{lines}");
        }
        assert!(ends < utc("20300101T000000Z"));
    }
    assert_eq!(
        event("DTSTART:20260320T100000Z\nRRULE:FREQ=DAILY").facts().unwrap().ends,
        passerelle_wire_ical::Ends::Never
    );
}
