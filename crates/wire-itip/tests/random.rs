//! Whatever stands in objects and messages: nothing panics, and a message that was taken does nothing a second time.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod shared;

use passerelle_wire_itip::{Received, schedule_tag, with_statuses};
use proptest::prelude::{Strategy, any, prop, prop_oneof, proptest};
use shared::{addresses, change, receive};

/// Lines that mean something to scheduling, and others.
fn line() -> impl Strategy<Value = String> {
    let fixed = [
        "DTSTART:20261210T100000Z",
        "DTSTART;VALUE=DATE:20261210",
        "DTSTART;TZID=Europe/Paris:20261023T100000",
        "DTEND:20261210T110000Z",
        "DURATION:PT1H",
        "DURATION:-P1W",
        "RRULE:FREQ=DAILY;COUNT=5",
        "RRULE:FREQ=SECONDLY",
        "EXDATE:20261211T100000Z",
        "RDATE;VALUE=PERIOD:20261213T100000Z/PT1H",
        "RECURRENCE-ID:20261211T100000Z",
        "RECURRENCE-ID;RANGE=THISANDFUTURE:20261212T100000Z",
        "ORGANIZER:mailto:anna@garonne.example",
        "ORGANIZER;SCHEDULE-AGENT=NONE:mailto:anna@garonne.example",
        "ATTENDEE:mailto:benoit@autan.example",
        "ATTENDEE;PARTSTAT=ACCEPTED:mailto:BENOIT@autan.example",
        "ATTENDEE;EMAIL=benoit@autan.example:urn:uuid:1",
        "ATTENDEE:mailto:",
        "ATTENDEE:",
        "STATUS:CANCELLED",
        "SEQUENCE:99999999999",
        "SEQUENCE:4294967295",
        "DTSTAMP:20261201T070000Z",
        "TRANSP:TRANSPARENT",
        "END:VEVENT\r\nBEGIN:VEVENT\r\nUID:jury",
    ];
    prop_oneof![9 => prop::sample::select(fixed.to_vec()).prop_map(str::to_owned), 1 => "[A-Z;=:\"]{0,12}"]
}

fn object(method: Option<&'static str>) -> impl Strategy<Value = String> {
    prop::collection::vec(line(), 0..12).prop_map(move |lines| {
        let method = method.map(|method| format!("METHOD:{method}\r\n")).unwrap_or_default();
        let lines: String = lines.iter().flat_map(|line| [line.as_str(), "\r\n"]).collect();
        format!("BEGIN:VCALENDAR\r\nVERSION:2.0\r\n{method}BEGIN:VEVENT\r\nUID:jury\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n")
    })
}

fn message() -> impl Strategy<Value = String> {
    prop_oneof![object(Some("REQUEST")), object(Some("CANCEL")), object(Some("REPLY"))]
}

proptest! {
    #[test]
    fn writes(old in object(None), new in object(None), organizer in any::<bool>()) {
        let owner = if organizer { "anna@garonne.example" } else { "benoit@autan.example" };
        for (old, new) in [(Some(&old), Some(&new)), (None, Some(&new)), (Some(&old), None)] {
            let Ok(done) = change(old.map(String::as_str), new.map(String::as_str), owner) else { continue };
            // What is stored instead is stored as it is.
            if let Some(stored) = &done.content {
                let stored = std::str::from_utf8(stored).expect("text");
                let again = change(old.map(String::as_str), Some(stored), owner).expect("it was taken");
                assert_eq!(again.content, None, "{stored}");
            }
        }
    }

    #[test]
    fn messages(copy in object(None), message in message(), organizer in any::<bool>()) {
        let owner = if organizer { "anna@garonne.example" } else { "benoit@autan.example" };
        for copy in [Some(copy.as_str()), None] {
            if let Ok(Received::Put(now)) = receive(copy, &message, owner) {
                let now = String::from_utf8(now).expect("text");
                assert_eq!(receive(Some(&now), &message, owner), Ok(Received::Unchanged), "{now}");
            }
        }
        let all = addresses(owner);
        let _ = schedule_tag(copy.as_bytes(), &passerelle_wire_itip::Owner { addresses: &all });
        let _ = with_statuses(copy.as_bytes(), &[(all[0].clone(), "1.2")]);
    }
}
