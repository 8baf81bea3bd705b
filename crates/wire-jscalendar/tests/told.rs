//! What lines are told as, and that they are written back so: each row is both.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::needless_pass_by_value,
    reason = "tests may panic"
)]

mod shared;

use serde_json::{Value, json};
use shared::{after, event, made, object, told};

const START: &str = "DTSTART;TZID=Europe/Paris:20260301T100000";

/// Lines beside a start, and what they are told as; made anew of that, they are the same lines again.
#[track_caller]
fn check(lines: &str, expected: Value) {
    let text = event(&format!("{START}\n{lines}"));
    let told = told(&text);
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(told.get(name), Some(value), "{name} of {lines}");
    }
    let mut new = told.clone();
    new.remove("updated");
    let made = made(&new.into()).unwrap();
    let again = shared::told(&made);
    for name in expected.as_object().unwrap().keys() {
        assert_eq!(again.get(name), told.get(name), "{name} of {made}");
    }
}

#[test]
fn each_property() {
    check(r"SUMMARY:Réunion\, salle 2\nsuite", json!({ "title": "Réunion, salle 2\nsuite" }));
    check("DESCRIPTION:a\\;b\nCOLOR:turquoise", json!({ "description": "a;b", "color": "turquoise" }));
    check("PRIORITY:3\nSEQUENCE:4", json!({ "priority": 3, "sequence": 4 }));
    check("CREATED:20250102T030405Z", json!({ "created": "2025-01-02T03:04:05Z" }));
    check("TRANSP:TRANSPARENT\nSTATUS:TENTATIVE", json!({ "freeBusyStatus": "free", "status": "tentative" }));
    check("CLASS:PRIVATE", json!({ "privacy": "private" }));
    check("CLASS:CONFIDENTIAL", json!({ "privacy": "secret" }));
    check("CATEGORIES:a\\,b,c\nCATEGORIES:d", json!({ "keywords": { "a,b": true, "c": true, "d": true } }));
    check("CONCEPT:https://x.test/c", json!({ "categories": { "https://x.test/c": true } }));
    check(
        "RELATED-TO;RELTYPE=CHILD:x@y\nRELATED-TO:z",
        json!({ "relatedTo": {
            "x@y": { "@type": "Relation", "relation": { "child": true } },
            "z": { "@type": "Relation", "relation": { "parent": true } },
        } }),
    );
    check(
        "LOCATION;JSID=l:Amphi 1\nGEO:43.6;1.44",
        json!({ "locations": { "l": { "@type": "Location", "name": "Amphi 1", "coordinates": "geo:43.6,1.44" } } }),
    );
    check(
        "CONFERENCE;VALUE=URI;JSID=v;FEATURE=AUDIO,VIDEO;LABEL=Visio:https://v.test/1",
        json!({ "virtualLocations": { "v": {
            "@type": "VirtualLocation", "uri": "https://v.test/1", "name": "Visio", "features": { "audio": true, "video": true },
        } } }),
    );
    check(
        "ATTACH;JSID=a;FMTTYPE=application/pdf;SIZE=12:https://x.test/a.pdf\nURL;JSID=u:https://x.test/",
        json!({ "links": {
            "a": { "@type": "Link", "href": "https://x.test/a.pdf", "rel": "enclosure", "contentType": "application/pdf", "size": 12 },
            "u": { "@type": "Link", "href": "https://x.test/", "rel": "describedby" },
        } }),
    );
    check(
        "ORGANIZER;JSID=o;CN=Zoë:mailto:z@x.test\n\
         ATTENDEE;JSID=b;CN=\"B, B\";ROLE=OPT-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=TRUE;CUTYPE=ROOM:mailto:b@x.test",
        json!({
            "organizerCalendarAddress": "mailto:z@x.test",
            "participants": {
                "o": { "@type": "Participant", "calendarAddress": "mailto:z@x.test", "name": "Zoë", "roles": { "owner": true } },
                "b": {
                    "@type": "Participant", "calendarAddress": "mailto:b@x.test", "name": "B, B", "kind": "location",
                    "roles": { "attendee": true, "optional": true }, "participationStatus": "accepted", "expectReply": true,
                },
            },
        }),
    );
    check(
        "BEGIN:VALARM\nJSID:a\nACTION:DISPLAY\nDESCRIPTION:-\nTRIGGER;RELATED=END:-PT15M\nEND:VALARM\n\
         BEGIN:VALARM\nJSID:b\nACTION:EMAIL\nTRIGGER;VALUE=DATE-TIME:20260301T080000Z\nACKNOWLEDGED:20260301T080100Z\nEND:VALARM",
        json!({ "alerts": {
            "a": { "@type": "Alert", "action": "display",
                   "trigger": { "@type": "OffsetTrigger", "offset": "-PT15M", "relativeTo": "end" } },
            "b": { "@type": "Alert", "action": "email", "acknowledged": "2026-03-01T08:01:00Z",
                   "trigger": { "@type": "AbsoluteTrigger", "when": "2026-03-01T08:00:00Z" } },
        } }),
    );
}

#[test]
fn each_part_of_a_rule() {
    // RFC 8984 §6.9 and §6.10 have the like: RFC 5545 §3.3.10 beside §4.3.3.
    check(
        "RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=-1FR,2MO;COUNT=5;WKST=SU",
        json!({ "recurrenceRule": {
            "@type": "RecurrenceRule", "frequency": "monthly", "interval": 2, "count": 5, "firstDayOfWeek": "su",
            "byDay": [{ "@type": "NDay", "day": "fr", "nthOfPeriod": -1 }, { "@type": "NDay", "day": "mo", "nthOfPeriod": 2 }],
        } }),
    );
    check(
        "RRULE:FREQ=YEARLY;BYMONTH=1,3;BYMONTHDAY=-1,15;BYHOUR=9;BYMINUTE=0,30;BYSETPOS=-1",
        json!({ "recurrenceRule": {
            "@type": "RecurrenceRule", "frequency": "yearly", "byMonth": ["1", "3"], "byMonthDay": [-1, 15], "byHour": [9],
            "byMinute": [0, 30], "bySetPosition": [-1],
        } }),
    );
    // The end is a local time, and in UTC in the line: on both sides of the change of clocks.
    for (until, local) in [("20260320T090000Z", "2026-03-20T10:00:00"), ("20260403T080000Z", "2026-04-03T10:00:00")] {
        let rule = json!({ "@type": "RecurrenceRule", "frequency": "weekly", "until": local });
        check(&format!("RRULE:FREQ=WEEKLY;UNTIL={until}"), json!({ "recurrenceRule": rule }));
        let text = after(&event(START), json!({ "recurrenceRule": rule })).unwrap();
        assert!(text.contains(&format!("RRULE:FREQ=WEEKLY;UNTIL={until}\r\n")), "{text}");
    }
}

#[test]
fn when_it_is() {
    for (lines, expected) in [
        (START, json!({ "start": "2026-03-01T10:00:00", "timeZone": "Europe/Paris", "duration": "PT0S" })),
        // RFC 8984 §1.4.6: hours are exact; the night of 28 to 29 March has one less.
        (
            "DTSTART;TZID=Europe/Paris:20260328T120000\nDTEND;TZID=Europe/Paris:20260329T120000",
            json!({ "duration": "PT23H" }),
        ),
        ("DTSTART;TZID=Europe/Paris:20260328T120000\nDURATION:P1D", json!({ "duration": "P1D" })),
        // §4.2.3, §6.5: a whole day, and a time that is each reader's own.
        (
            "DTSTART;VALUE=DATE:20260714\nDTEND;VALUE=DATE:20260716",
            json!({ "start": "2026-07-14T00:00:00", "showWithoutTime": true, "duration": "P2D", "timeZone": null }),
        ),
        ("DTSTART;VALUE=DATE:20260714", json!({ "duration": "P1D" })),
        ("DTSTART:20260301T070000\nDURATION:PT1H", json!({ "start": "2026-03-01T07:00:00", "timeZone": null })),
        ("DTSTART:20260301T070000Z", json!({ "start": "2026-03-01T07:00:00", "timeZone": "Etc/UTC" })),
        // §6.8: a flight.
        (
            "DTSTART;TZID=Europe/Paris:20260301T100000\nDTEND;TZID=America/New_York:20260301T121500",
            json!({ "duration": "PT8H15M", "endTimeZone": "America/New_York" }),
        ),
        // Windows's name is IANA's for whoever reads it.
        ("DTSTART;TZID=Romance Standard Time:20260301T100000", json!({ "timeZone": "Europe/Paris" })),
    ] {
        let text = event(lines);
        let told = told(&text);
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(told.get(name).unwrap_or(&Value::Null), value, "{name} of {lines}");
        }
        let mut new = told.clone();
        new.remove("updated");
        let again = shared::told(&made(&new.into()).unwrap());
        for name in ["start", "duration", "timeZone", "endTimeZone", "showWithoutTime"] {
            assert_eq!(again.get(name), told.get(name), "{name} of {lines}");
        }
    }
}

#[test]
fn a_zone_that_the_object_brings_along() {
    let text = object(
        "BEGIN:VTIMEZONE\nTZID:Campus\nBEGIN:STANDARD\nDTSTART:19701025T030000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n\
         RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\nEND:STANDARD\nBEGIN:DAYLIGHT\nDTSTART:19700329T020000\nTZOFFSETFROM:+0100\n\
         TZOFFSETTO:+0200\nRRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\nEND:DAYLIGHT\nEND:VTIMEZONE\n\
         BEGIN:VEVENT\nUID:u\nDTSTAMP:20260101T000000Z\nDTSTART;TZID=Campus:20260401T100000\nEND:VEVENT",
    );
    let told = told(&text);
    assert_eq!(told["timeZone"], "/Campus");
    let zone = &told["timeZones"]["/Campus"];
    assert_eq!((&zone["tzId"], &zone["standard"][0]["offsetTo"]), (&json!("Campus"), &json!("+01:00")));
    assert_eq!(zone["daylight"][0]["recurrenceRules"][0]["byMonth"], json!(["3"]));
    let moved = after(&text, json!({ "start": "2026-04-02T11:00:00" })).unwrap();
    assert_eq!(moved, text.replace("20260401T100000", "20260402T110000"));
    let paris = after(&text, json!({ "timeZone": "Europe/Paris", "timeZones": null })).unwrap();
    // The rules of a name that is new in it come along; those that are there stay.
    assert!(
        paris.contains("DTSTART;TZID=Europe/Paris:20260401T100000\r\n") && paris.contains("TZID:Campus\r\n"),
        "{paris}"
    );
    assert!(
        paris.contains("BEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\n") && paris.matches("BEGIN:VTIMEZONE").count() == 2,
        "{paris}"
    );
}
