//! Which moment a time is: IANA's names, what programs call zones, a calendar's own rules, and what happens when clocks change.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

use passerelle_wire_ical::{Component, Local, Utc, Zone};

#[track_caller]
fn check(zone: &Zone, wall: &str, moment: &str) {
    let local = Local::parse(wall).unwrap();
    assert_eq!(zone.moment(local).to_string(), moment, "{wall}");
}

#[track_caller]
fn check_there_and_back(zone: &Zone, wall: &str, moment: &str) {
    check(zone, wall, moment);
    assert_eq!(zone.wall(Utc::parse(moment).unwrap()).to_string(), wall, "{moment}");
}

fn own(rules: &str) -> Zone {
    let text = format!("BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Own\n{rules}END:VTIMEZONE\nEND:VCALENDAR\n");
    let calendar = Component::calendar(text.as_bytes()).unwrap();
    let zone = calendar.inner("VTIMEZONE").next().unwrap();
    Zone::of_rules(zone).unwrap()
}

const NEW_YORK: &str = "\
BEGIN:DAYLIGHT\nDTSTART:19870405T020000\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=4;UNTIL=20060402T070000Z\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nEND:DAYLIGHT
BEGIN:STANDARD\nDTSTART:19671029T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10;UNTIL=20061029T060000Z\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nEND:STANDARD
BEGIN:DAYLIGHT\nDTSTART:20070311T020000\nRRULE:FREQ=YEARLY;BYDAY=2SU;BYMONTH=3\nTZOFFSETFROM:-0500\nTZOFFSETTO:-0400\nEND:DAYLIGHT
BEGIN:STANDARD\nDTSTART:20071104T020000\nRRULE:FREQ=YEARLY;BYDAY=1SU;BYMONTH=11\nTZOFFSETFROM:-0400\nTZOFFSETTO:-0500\nEND:STANDARD
";

#[test]
fn clocks_that_change() {
    for zone in [Zone::iana("America/New_York").unwrap(), own(NEW_YORK)] {
        check_there_and_back(&zone, "20070115T120000", "20070115T170000Z");
        check_there_and_back(&zone, "20070715T120000", "20070715T160000Z");
        // RFC 5545 §3.3.5's own examples: 1:30 is there twice and the first is meant; 2:30 is skipped, and is 3:30.
        check_there_and_back(&zone, "20071104T013000", "20071104T053000Z");
        check(&zone, "20070311T023000", "20070311T073000Z");
        check_there_and_back(&zone, "20070311T030000", "20070311T070000Z");
        check_there_and_back(&zone, "20070311T015959", "20070311T065959Z");
        check_there_and_back(&zone, "20071104T020000", "20071104T070000Z");
        check_there_and_back(&zone, "20981115T120000", "20981115T170000Z");
    }
}

#[test]
fn own_rules_agree_with_iana() {
    let (iana, own) = (Zone::iana("America/New_York").unwrap(), own(NEW_YORK));
    let mut at = Utc::parse("19900101T000000Z").unwrap();
    while at < Utc::parse("20400101T000000Z").unwrap() {
        assert_eq!(iana.wall(at), own.wall(at), "{at}");
        assert_eq!(iana.moment(iana.wall(at)), own.moment(own.wall(at)), "{at}");
        at = Utc::of(at.seconds() + 6_007);
    }
}

#[test]
fn own_rules_that_iana_has_not() {
    let zone = own("BEGIN:STANDARD\nDTSTART:16010101T000000\nTZOFFSETFROM:+0123\nTZOFFSETTO:+0123\nEND:STANDARD\n");
    check_there_and_back(&zone, "20260704T120000", "20260704T103700Z");
    // As Windows writes them: its rules begin with its calendar.
    let windows = own(
        "BEGIN:STANDARD\nDTSTART:16010101T030000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:16010101T020000\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\nTZOFFSETFROM:+0100\nTZOFFSETTO:+0200\nEND:DAYLIGHT\n",
    );
    check_there_and_back(&windows, "20260704T120000", "20260704T100000Z");
    check_there_and_back(&windows, "22990104T120000", "22990104T110000Z");
    let dated = own(
        "BEGIN:DAYLIGHT\nDTSTART:20260601T000000\nRDATE:20270601T000000\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0200\nEND:DAYLIGHT\nBEGIN:STANDARD\nDTSTART:20260901T000000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0000\nEND:STANDARD\n",
    );
    check_there_and_back(&dated, "20260704T120000", "20260704T100000Z");
    check_there_and_back(&dated, "20261224T120000", "20261224T120000Z");
    check_there_and_back(&dated, "20270704T120000", "20270704T100000Z");
}

#[test]
fn names_that_programs_give() {
    for name in [
        "Europe/Paris",
        "europe/paris",
        "Romance Standard Time",
        "/freeassociation.sourceforge.net/Europe/Paris",
        "/freeassociation.sourceforge.net/Tzfile/Europe/Paris",
        "/softwarestudio.org/Olson_20011030_5/Europe/Paris",
        "/citadel.org/20210210_1/Europe/Paris",
    ] {
        check_there_and_back(
            &Zone::named(name).unwrap_or_else(|| panic!("{name}")),
            "20260704T120000",
            "20260704T100000Z",
        );
    }
    let indiana = Zone::named("/softwarestudio.org/Olson_20011030_5/America/Indiana/Knox").unwrap();
    check_there_and_back(&indiana, "20260704T120000", "20260704T170000Z");
    for name in ["", "/", "Customized Time Zone", "/Europe", "Europe/Nowhere", "../Europe/Paris"] {
        assert!(Zone::named(name).is_none(), "{name}");
    }
}

#[test]
fn rules_that_are_a_bomb_are_refused() {
    let refused = |rule: &str| {
        let text = format!(
            "BEGIN:VCALENDAR\nBEGIN:VTIMEZONE\nTZID:Own\nBEGIN:STANDARD\nDTSTART:19700101T000000\n{rule}\nTZOFFSETFROM:+0000\nTZOFFSETTO:+0000\nEND:STANDARD\nEND:VTIMEZONE\nEND:VCALENDAR\n"
        );
        let calendar = Component::calendar(text.as_bytes()).unwrap();
        Zone::of_rules(calendar.inner("VTIMEZONE").next().unwrap()).unwrap_err().what
    };
    assert_eq!(refused("RRULE:FREQ=SECONDLY"), "a VTIMEZONE with more than 2000 changes");
    assert_eq!(
        refused("RRULE:FREQ=SECONDLY;INTERVAL=60;BYSECOND=30"),
        "a rule of a VTIMEZONE that takes too many steps"
    );
    assert_eq!(refused("RRULE:FREQ=NEVER"), "FREQ of a recurrence rule cannot be read");
}
