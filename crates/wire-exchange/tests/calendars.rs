//! Whole calendars: one object for each UID, with the zones that it uses; what is wrong is told by its line and takes nothing with it.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]

use passerelle_wire_exchange::{Calendar, Entry, Family, Format, Reading, Wrong};
use passerelle_wire_ical::{CalendarObject, Zone};

fn read(text: &str) -> Vec<Result<Entry, Wrong>> {
    let reading = Reading::of(text.as_bytes().to_vec()).unwrap();
    assert_eq!(reading.format(), Format::Calendar);
    reading.entries().collect()
}

const ZONE: &str = "BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\nDTSTART:19701025T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\nEND:STANDARD\nEND:VTIMEZONE\n";

fn whole() -> String {
    format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//EN\nMETHOD:PUBLISH\nX-WR-CALNAME:Cours\n{ZONE}\
         BEGIN:VEVENT\nUID:a\nDTSTAMP:20261101T080000Z\nDTSTART;TZID=Ours:20261201T090000\nRRULE:FREQ=DAILY;COUNT=3\nSUMMARY:Algèbre\n linéaire\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:b\nDTSTART:20261201T090000Z\nDTEND:x\nEND:VEVENT\n\
         BEGIN:VTODO\nSUMMARY:Rendre\nEND:VTODO\n\
         BEGIN:VEVENT\nUID:a\nRECURRENCE-ID;TZID=Ours:20261202T090000\nDTSTART;TZID=Ours:20261202T100000\nEND:VEVENT\n\
         BEGIN:VEVENT\nUID:c\nDTSTART:20261203T090000Z\n\
         BEGIN:VEVENT\nUID:d\nDTSTART:20261203T090000Z\nEND:VEVENT\n\
         BEGIN:VFREEBUSY\nUID:e\nEND:VFREEBUSY\nEND:VCALENDAR\n"
    )
}

#[test]
fn an_export_is_as_many_objects_as_it_has_uids() {
    let all = read(&whole());
    let told: Vec<String> = all
        .iter()
        .map(|it| match it {
            Ok(entry) => format!("{} {}", entry.line, entry.title),
            Err(wrong) => format!("{} {}", wrong.line, wrong.what.split(':').next().unwrap()),
        })
        .collect();
    // An event with its exception is one; a time that is none says its own line.
    let expected =
        ["14 Algèbrelinéaire", "25 DTEND", "27 Rendre", "38 ", "35 a VEVENT without an END", "42 a VFREEBUSY"];
    assert_eq!(told.len(), expected.len(), "{told:?}");
    for (told, expected) in told.iter().zip(expected) {
        assert!(told.starts_with(expected), "{told} and not {expected}");
    }
    let series = String::from_utf8(all[0].as_ref().unwrap().octets.clone()).unwrap();
    assert_eq!((series.matches("BEGIN:VEVENT").count(), series.matches("BEGIN:VTIMEZONE").count()), (2, 1));
    assert!(!series.contains("METHOD") && series.contains("SUMMARY:Algèbre\r\n linéaire\r\n"), "{series}");
    let task = String::from_utf8(all[2].as_ref().unwrap().octets.clone()).unwrap();
    assert!(!task.contains("VTIMEZONE") && task.contains("UID:") && task.contains("DTSTAMP:"), "{task}");
    for entry in all.iter().flatten() {
        CalendarObject::read(&entry.octets, Zone::utc()).unwrap().fit().unwrap();
    }
    // Without a clock and without chance: the same file is the same entries.
    assert_eq!(read(&whole()), all);
}

#[test]
fn the_same_instance_twice_is_a_second_object() {
    let one = "BEGIN:VEVENT\nUID:a\nDTSTAMP:20261101T080000Z\nDTSTART:20261201T090000Z\nSUMMARY:One\nEND:VEVENT\n";
    let text = format!("BEGIN:VCALENDAR\nVERSION:2.0\n{one}{}END:VCALENDAR\n", one.replace("One", "Two"));
    let all: Vec<Entry> = read(&text).into_iter().map(Result::unwrap).collect();
    assert_eq!(
        all.iter().map(|it| (it.uid.as_str(), it.title.as_str())).collect::<Vec<_>>(),
        [("a", "One"), ("a", "Two")]
    );
    let beside = all[1].renamed(Family::Calendars, 1);
    assert!(
        beside.uid != "a"
            && String::from_utf8(beside.octets.clone()).unwrap().contains(&format!("\r\nUID:{}\r\n", beside.uid))
    );
    assert_eq!(Entry::of_stored(Family::Calendars, &beside.octets).unwrap().uid, beside.uid);
}

#[test]
fn what_is_written_whole_is_read_as_it_was() {
    let entries: Vec<Entry> = read(&whole()).into_iter().flatten().collect();
    let mut calendar = Calendar::default();
    let mut out = Calendar::begin(Some("Cours, été"), Some("#112233")).into_bytes();
    // Twice the same zone, and told once.
    for entry in entries.iter().chain(&[entries[0].renamed(Family::Calendars, 1)]) {
        out.extend(calendar.object(&entry.octets).unwrap());
    }
    out.extend(Calendar::END.as_bytes());
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text.matches("BEGIN:VTIMEZONE").count(), 1);
    assert!(text.contains("\r\nNAME:Cours\\, été\r\n"));
    let again: Vec<Entry> = read(&text).into_iter().map(Result::unwrap).collect();
    assert_eq!(again.len(), entries.len() + 1);
    for (again, was) in again.iter().zip(&entries) {
        assert_eq!((&again.uid, again.said()), (&was.uid, was.said()));
    }
    assert_eq!(Calendar::default().object(b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nEND:VCALENDAR\r\n"), None);
}

#[test]
fn a_calendar_of_old() {
    let text = "BEGIN:VCALENDAR\r\nVERSION:1.0\r\nBEGIN:VEVENT\r\nUID:tel-1\r\nSUMMARY;ENCODING=QUOTED-PRINTABLE;CHARSET=UTF-8:R=C3=A9uni=\r\non, =\r\nlundi\r\n\
                DTSTART:20261201T090000\r\nDTEND:20261201T100000\r\nRRULE:W1 TU #0\r\nDALARM:20261201T084500;;0;Bient=F4t\r\nCATEGORIES:A;B\r\nTRANSP:0\r\nEXDATE:20261208T090000;20261215T090000\r\nEND:VEVENT\r\n\
                BEGIN:VEVENT\r\nDTSTART:20261201T090000\r\nRRULE:Z9\r\nEND:VEVENT\r\n\
                BEGIN:VTODO\r\nSUMMARY:Lire\r\nSTATUS:NEEDS ACTION\r\nDUE:20261201T090000Z\r\nEND:VTODO\r\nEND:VCALENDAR\r\n";
    let all = read(text);
    assert_eq!((all.len(), all[1].as_ref().unwrap_err().line), (3, 18));
    let event = String::from_utf8(all[0].as_ref().unwrap().octets.clone()).unwrap();
    for line in [
        "SUMMARY:Réunion\\, lundi",
        "RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=TU",
        "TRIGGER:-PT15M",
        "CATEGORIES:A,B",
        "TRANSP:OPAQUE",
        "EXDATE:20261215T090000",
    ] {
        assert!(event.contains(&format!("{line}\r\n")), "{line} is not in {event}");
    }
    assert!(String::from_utf8(all[2].as_ref().unwrap().octets.clone()).unwrap().contains("STATUS:NEEDS-ACTION"));
}

#[test]
fn ten_thousand_events_are_ten_thousand_objects() {
    let mut text = format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{ZONE}");
    for number in 0..10_000 {
        text += &format!(
            "BEGIN:VEVENT\r\nUID:{number}\r\nDTSTART;TZID=Ours:20261201T090000\r\nSUMMARY:n\r\nEND:VEVENT\r\n"
        );
    }
    text += "END:VCALENDAR\r\n";
    let reading = Reading::of(text.into_bytes()).unwrap();
    assert_eq!(reading.entries().filter(|it| it.as_ref().is_ok_and(|it| it.octets.len() < 700)).count(), 10_000);
}
