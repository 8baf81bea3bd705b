//! Instances: when clocks change, dates that are added and taken out, overrides, windows far away, and limits.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

mod shared;

use passerelle_wire_ical::{Ends, Fault, Range, Truncated, Utc};
use shared::{event, instances, object, range, utc};

#[track_caller]
fn check(lines: &str, of: &str, expected: &[&str]) {
    assert_eq!(instances(&event(lines), of), expected, "{lines}");
}

#[test]
fn a_lecture_stays_at_its_hour_when_clocks_change() {
    check(
        "DTSTART;TZID=Europe/Paris:20260320T100000\nDTEND;TZID=Europe/Paris:20260320T120000\nRRULE:FREQ=WEEKLY;COUNT=3",
        "20260101T000000Z/20270101T000000Z",
        &[
            "20260320T090000Z/20260320T110000Z",
            "20260327T090000Z/20260327T110000Z",
            "20260403T080000Z/20260403T100000Z",
        ],
    );
    // 2:30 is skipped on 29 March and is 3:30 then; on 25 October it is there twice, and the first is meant.
    check(
        "DTSTART;TZID=Europe/Paris:20260328T023000\nRRULE:FREQ=DAILY;COUNT=3",
        "20260101T000000Z/20270101T000000Z",
        &[
            "20260328T013000Z/20260328T013000Z",
            "20260329T013000Z/20260329T013000Z",
            "20260330T003000Z/20260330T003000Z",
        ],
    );
    check(
        "DTSTART;TZID=Europe/Paris:20261025T023000\nDURATION:PT1H",
        "20260101T000000Z/20270101T000000Z",
        &["20261025T003000Z/20261025T013000Z"],
    );
    // Each hour has one instance, the skipped one none.
    check(
        "DTSTART;TZID=Europe/Paris:20260329T010000\nRRULE:FREQ=HOURLY;UNTIL=20260329T023000Z",
        "20260101T000000Z/20270101T000000Z",
        &[
            "20260329T000000Z/20260329T000000Z",
            "20260329T010000Z/20260329T010000Z",
            "20260329T020000Z/20260329T020000Z",
        ],
    );
}

#[test]
fn days_are_nominal_and_hours_exact() {
    let day = "20260328T000000Z/20260401T000000Z";
    let start = "DTSTART;TZID=Europe/Paris:20260328T120000";
    check(&format!("{start}\nDURATION:P1D"), day, &["20260328T110000Z/20260329T100000Z"]);
    check(&format!("{start}\nDURATION:PT24H"), day, &["20260328T110000Z/20260329T110000Z"]);
    check(&format!("{start}\nDURATION:P1DT1H"), day, &["20260328T110000Z/20260329T110000Z"]);
    check("DTSTART;VALUE=DATE:20260329", day, &["20260328T230000Z/20260329T220000Z"]);
    check("DTSTART;VALUE=DATE:20260329\nDTEND;VALUE=DATE:20260331", day, &["20260328T230000Z/20260330T220000Z"]);
    // By DTEND the exact duration is the same for all instances (RFC 5545 §3.8.5.3).
    check(
        "DTSTART;TZID=Europe/Paris:20260328T120000\nDTEND;TZID=Europe/Paris:20260329T120000\nRRULE:FREQ=DAILY;COUNT=2",
        "20260328T000000Z/20260402T000000Z",
        &["20260328T110000Z/20260329T100000Z", "20260329T100000Z/20260330T090000Z"],
    );
}

#[test]
fn dates_are_added_and_taken_out() {
    let january = "20260101T000000Z/20260201T000000Z";
    check(
        "DTSTART:20260105T080000Z\nDURATION:PT1H\nRRULE:FREQ=WEEKLY;COUNT=4\nEXDATE:20260112T080000Z,20260126T080000Z\nRDATE:20260113T080000Z\nRDATE;VALUE=PERIOD:20260114T080000Z/PT3H,20260115T080000Z/20260115T090000Z",
        january,
        &[
            "20260105T080000Z/20260105T090000Z",
            "20260113T080000Z/20260113T090000Z",
            "20260114T080000Z/20260114T110000Z",
            "20260115T080000Z/20260115T090000Z",
            "20260119T080000Z/20260119T090000Z",
        ],
    );
    // A date takes out what is on that day where the event is; a moment in another zone the same moment.
    check(
        "DTSTART;TZID=Europe/Paris:20260105T003000\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE;VALUE=DATE:20260106\nEXDATE:20260106T233000Z",
        january,
        &["20260104T233000Z/20260104T233000Z", "20260107T233000Z/20260107T233000Z"],
    );
    // DTSTART counts though the rule does not make it.
    check(
        "DTSTART:20260106T080000Z\nRRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=3",
        january,
        &[
            "20260106T080000Z/20260106T080000Z",
            "20260112T080000Z/20260112T080000Z",
            "20260119T080000Z/20260119T080000Z",
        ],
    );
    check(
        "DTSTART:20260105T080000Z\nRRULE:FREQ=DAILY;COUNT=8\nEXRULE:FREQ=WEEKLY;BYDAY=SA,SU\nRRULE:FREQ=WEEKLY;COUNT=2",
        january,
        &[
            "20260105T080000Z/20260105T080000Z",
            "20260106T080000Z/20260106T080000Z",
            "20260107T080000Z/20260107T080000Z",
            "20260108T080000Z/20260108T080000Z",
            "20260109T080000Z/20260109T080000Z",
            "20260112T080000Z/20260112T080000Z",
        ],
    );
    // UNTIL as a date holds to the end of that day.
    check(
        "DTSTART;TZID=Europe/Paris:20260105T230000\nRRULE:FREQ=DAILY;UNTIL=20260106",
        january,
        &["20260105T220000Z/20260105T220000Z", "20260106T220000Z/20260106T220000Z"],
    );
    check(
        "DTSTART;VALUE=DATE:20260105\nRRULE:FREQ=DAILY;UNTIL=20260107\nEXDATE;VALUE=DATE:20260106",
        january,
        &["20260104T230000Z/20260105T230000Z", "20260106T230000Z/20260107T230000Z"],
    );
}

#[test]
fn instances_that_are_overridden() {
    let series = "BEGIN:VEVENT\nUID:1\nDTSTART;TZID=Europe/Paris:20260105T090000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=5\nEND:VEVENT\n";
    let moved = object(&format!(
        "{series}BEGIN:VEVENT\nUID:1\nRECURRENCE-ID;TZID=Europe/Paris:20260106T090000\nDTSTART:20260210T120000Z\nDURATION:PT2H\nEND:VEVENT"
    ));
    assert_eq!(
        instances(&moved, "20260101T000000Z/20270101T000000Z"),
        [
            "20260105T080000Z/20260105T090000Z",
            "20260107T080000Z/20260107T090000Z",
            "20260108T080000Z/20260108T090000Z",
            "20260109T080000Z/20260109T090000Z",
            "20260210T120000Z/20260210T140000Z",
        ]
    );
    assert_eq!(instances(&moved, "20260106T000000Z/20260107T000000Z"), [""; 0]);
    assert!(moved.facts().unwrap().ends >= Ends::At(utc("20260210T140000Z")));
    // All from the third on are two hours later and longer, but for the fourth, which has one of its own.
    let future = object(&format!(
        "{series}BEGIN:VEVENT\nUID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE;TZID=Europe/Paris:20260107T090000\nDTSTART;TZID=Europe/Paris:20260107T110000\nDURATION:PT3H\nEND:VEVENT
BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20260108T080000Z\nDTSTART:20260108T060000Z\nEND:VEVENT"
    ));
    assert_eq!(
        instances(&future, "20260101T000000Z/20270101T000000Z"),
        [
            "20260105T080000Z/20260105T090000Z",
            "20260106T080000Z/20260106T090000Z",
            "20260107T100000Z/20260107T130000Z",
            "20260108T060000Z/20260108T060000Z",
            "20260109T100000Z/20260109T130000Z",
        ]
    );
    // A window that holds only what was moved into it.
    assert_eq!(instances(&future, "20260109T110000Z/20260109T120000Z"), ["20260109T100000Z/20260109T130000Z"]);
    // One that is longer from then on is found by its last day.
    let until = series.replace("COUNT=5", "UNTIL=20260109T080000Z");
    let long = object(&format!(
        "{until}BEGIN:VEVENT\nUID:1\nRECURRENCE-ID;RANGE=THISANDFUTURE:20260107T080000Z\nDTSTART:20260107T080000Z\nDURATION:P9D\nEND:VEVENT"
    ));
    assert_eq!(instances(&long, "20260118T060000Z/20260119T000000Z"), ["20260109T080000Z/20260118T080000Z"]);
    // Somebody who is invited to one instance has no series.
    let alone = object("BEGIN:VEVENT\nUID:1\nRECURRENCE-ID:20260106T080000Z\nDTSTART:20260106T090000Z\nEND:VEVENT");
    assert_eq!(instances(&alone, "20260101T000000Z/20270101T000000Z"), ["20260106T090000Z/20260106T090000Z"]);
}

#[test]
fn a_window_far_away_is_jumped_to() {
    // Within the steps of one question no one could count there.
    for (rule, of, many) in [
        ("FREQ=SECONDLY", "23000101T000000Z/23000101T000009Z", 10),
        ("FREQ=MINUTELY;INTERVAL=7;BYSECOND=5,6", "23000101T000000Z/23000101T010000Z", 16),
        ("FREQ=HOURLY;BYMONTH=2;BYMONTHDAY=29", "20960101T000000Z/20970101T000000Z", 24),
        ("FREQ=DAILY;INTERVAL=3", "23000101T000000Z/23000201T000000Z", 10),
        ("FREQ=WEEKLY;BYDAY=MO,TU", "23000101T000000Z/23000114T000000Z", 4),
        ("FREQ=MONTHLY;BYDAY=-1FR", "23000101T000000Z/23010101T000000Z", 12),
        ("FREQ=YEARLY", "23000101T000000Z/23010101T000000Z", 1),
    ] {
        let found = instances(&event(&format!("DTSTART:19700102T000000Z\nRRULE:{rule}")), of);
        assert_eq!(found.len(), many, "{rule}: {found:?}");
    }
}

#[test]
fn a_birthday_without_a_year_is_still_one() {
    check(
        "DTSTART;VALUE=DATE:16040229\nRRULE:FREQ=YEARLY",
        "20270101T000000Z/20290101T000000Z",
        &["20280228T230000Z/20280229T230000Z"],
    );
}

#[test]
fn limits_are_told() {
    let every_second = event("DTSTART:20260101T000000Z\nRRULE:FREQ=SECONDLY");
    let found = every_second.occurrences(range("20260101T000000Z/20270101T000000Z"));
    assert_eq!((found.list.len(), found.truncated), (20_160, Some(Truncated::Occurrences)));
    // Nothing is lost of what is far from the limit.
    assert_eq!(every_second.occurrences(range("20260601T000000Z/20260601T000005Z")).list.len(), 6);
    let counted = event("DTSTART:20260101T000000Z\nRRULE:FREQ=SECONDLY;COUNT=4000000000");
    let found = counted.occurrences(range("20270101T000000Z/20270102T000000Z"));
    assert_eq!((found.list.len(), found.truncated), (0, Some(Truncated::Steps)));
    let wrong =
        counted.overlaps(passerelle_wire_ical::Kind::Event, range("20270101T000000Z/20270102T000000Z")).unwrap_err();
    assert_eq!(wrong.fault, Fault::TooManyTimes);
    for bomb in [
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31",
        "FREQ=SECONDLY;BYMONTH=4;BYMONTHDAY=31",
        "FREQ=SECONDLY;INTERVAL=60;BYSECOND=30",
        "FREQ=HOURLY;INTERVAL=4000000000",
        "FREQ=YEARLY;INTERVAL=4000000000",
        "FREQ=YEARLY;BYYEARDAY=366;BYSETPOS=366",
    ] {
        let object = event(&format!("DTSTART:20260101T000000Z\nRRULE:{bomb}"));
        let found = object.occurrences(Range { start: utc("20260102T000000Z"), end: Utc::MAX });
        assert!(found.list.is_empty(), "{bomb}");
        object.facts().unwrap();
    }
    let numbers = |most: u32| (0..most).map(|one| one.to_string()).collect::<Vec<_>>().join(",");
    let all = format!("BYHOUR={};BYMINUTE={};BYSECOND={}", numbers(24), numbers(60), numbers(60));
    for frequency in
        ["YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "MONTHLY;BYDAY=MO,TU,WE,TH,FR,SA,SU", "DAILY", "DAILY;BYSETPOS=-1"]
    {
        let object = event(&format!("DTSTART:20260101T000000Z\nRRULE:FREQ={frequency};{all}"));
        let found = object.occurrences(range("20260102T000000Z/"));
        assert!(found.truncated.is_some() || frequency.contains("SETPOS"), "{frequency}");
    }
}

#[test]
fn rules_that_are_wrong_are_told() {
    for (rule, what) in [
        ("COUNT=3", "a recurrence rule without FREQ"),
        ("FREQ=DAILY;COUNT=0", "COUNT of a recurrence rule cannot be read"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL of a recurrence rule cannot be read"),
        ("FREQ=DAILY;INTERVAL=-1", "INTERVAL of a recurrence rule cannot be read"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ twice in a recurrence rule"),
        ("FREQ=DAILY;BYHOUR=24", "BYHOUR of a recurrence rule cannot be read"),
        ("FREQ=DAILY;BYMONTHDAY=0", "BYMONTHDAY of a recurrence rule cannot be read"),
        ("FREQ=DAILY;BYDAY=XX", "BYDAY of a recurrence rule cannot be read"),
        ("FREQ=DAILY;UNTIL=soon", "UNTIL of a recurrence rule cannot be read"),
        ("FREQ=DAILY;nonsense", "a part of the recurrence rule without `=`"),
        ("FREQ=MONTHLY;RSCALE=HEBREW", "RSCALE of a recurrence rule cannot be read"),
    ] {
        let text = format!(
            "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20260101T000000Z\nRRULE:{rule}\nEND:VEVENT\nEND:VCALENDAR\n"
        );
        let wrong =
            passerelle_wire_ical::CalendarObject::read(text.as_bytes(), passerelle_wire_ical::Zone::utc()).unwrap_err();
        assert_eq!((wrong.line, wrong.what.as_str(), wrong.fault), (5, what, Fault::Malformed));
    }
}
