//! What is written back: what was changed, and nothing else.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

mod shared;

use proptest::prelude::*;
use serde_json::{Value, json};
use shared::{after, event, made, object, read, told};

/// Folded oddly, with what nobody knows: all of it is somebody's.
const ODD: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nX-WR-CALNAME:x\r\nPRODID:-//o\r\n ther//EN\r\nBEGIN:VEVENT\r\nUID:u\r\nDTSTAMP:20260101T000000Z\r\n\
    dtstart;TZID=Europe/Paris;X-P=\"a;b\":20260301T100000\r\nSUMMARY;LANGUAGE=fr:Un\r\n e réun\r\n\tion\r\nX-OURS;X-Q=1:kept\\, a\r\n s it is\r\n\
    ATTENDEE;X-NUM=7;CN=B:mailto:b@x.test\r\nDTEND;TZID=Europe/Paris:20260301T110000\r\nBEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT5M\r\n\
    ATTACH;VALUE=URI:Basso\r\nEND:VALARM\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn what_is_not_changed_stays_octet_for_octet() {
    assert_eq!(after(ODD, json!({})).unwrap(), ODD);
    let renamed = after(ODD, json!({ "title": "Autre" })).unwrap();
    assert_eq!(renamed, ODD.replace("SUMMARY;LANGUAGE=fr:Un\r\n e réun\r\n\tion\r\n", "SUMMARY;LANGUAGE=fr:Autre\r\n"));
    let free = after(ODD, json!({ "freeBusyStatus": "free" })).unwrap();
    assert_eq!(free, ODD.replace("20260301T110000\r\n", "20260301T110000\r\nTRANSP:TRANSPARENT\r\n"));
    assert_eq!(
        after(ODD, json!({ "freeBusyStatus": "busy", "privacy": "public", "priority": 0 })).unwrap(),
        ODD,
        "that is meant already"
    );
    let id = told(ODD)["participants"].as_object().unwrap().keys().next().unwrap().clone();
    let answered = after(ODD, json!({ format!("participants/{id}/participationStatus"): "accepted" })).unwrap();
    assert_eq!(answered, ODD.replace("ATTENDEE;X-NUM=7;CN=B:", "ATTENDEE;CN=B;PARTSTAT=ACCEPTED;X-NUM=7:"));
    let alarm = told(ODD)["alerts"].as_object().unwrap().keys().next().unwrap().clone();
    let earlier = after(ODD, json!({ format!("alerts/{alarm}/trigger/offset"): "-PT10M" })).unwrap();
    assert!(earlier.contains("ACTION:AUDIO\r\nTRIGGER:-PT10M\r\nATTACH;VALUE=URI:Basso\r\n"), "{earlier}");
    assert_eq!(told(&earlier)["alerts"][&alarm]["trigger"]["offset"], "-PT10M", "its id stays");
    let silent = after(ODD, json!({ "alerts": null })).unwrap();
    assert!(
        !silent.contains("VALARM") && !silent.contains("Basso") && silent.ends_with("END:VEVENT\r\nEND:VCALENDAR\r\n")
    );
    let longer = after(ODD, json!({ "duration": "PT2H" })).unwrap();
    assert!(
        longer.contains("DTEND;TZID=Europe/Paris:20260301T120000\r\n")
            && longer.contains("X-OURS;X-Q=1:kept\\, a\r\n s it is\r\n"),
        "{longer}"
    );
}

#[test]
fn what_has_no_place_is_refused_and_named() {
    for (patch, property) in [
        (json!({ "x.test:mine": 1 }), "x.test:mine"),
        (json!({ "uid": "other" }), "uid"),
        (json!({ "@type": "Task" }), "@type"),
        (json!({ "title": 3 }), "title"),
        (json!({ "start": "tomorrow" }), "start"),
        (json!({ "start": null }), "start"),
        (json!({ "timeZone": "Mars/Olympus" }), "timeZone"),
        (json!({ "timeZone": "/Unknown" }), "timeZone"),
        (json!({ "duration": "-PT1H" }), "duration"),
        (json!({ "showWithoutTime": true }), "showWithoutTime"),
        (json!({ "status": "perhaps" }), "status"),
        (json!({ "priority": 12 }), "priority"),
        (json!({ "keywords": ["a"] }), "keywords"),
        (json!({ "locations": { "a": { "name": "1" }, "b": { "name": "2" } } }), "locations"),
        (json!({ "participants": { "a": { "roles": { "attendee": true } } } }), "participants/a/calendarAddress"),
        (json!({ "participants": { "a b": { "email": "a@x.test" } } }), "participants"),
        (json!({ "participants": { "a": { "email": "a@x.test", "invitedBy": "b" } } }), "participants/a/invitedBy"),
        (
            json!({ "participants": { "a": { "email": "a@x.test", "roles": { "owner": true } } } }),
            "participants/a/roles",
        ),
        (json!({ "alerts": { "a": { "trigger": { "offset": "soon" } } } }), "alerts/a/trigger/offset"),
        (json!({ "links": { "a": { "href": "a b" } } }), "links/a/href"),
        (json!({ "recurrenceRule": { "frequency": "weekly", "byDay": [{ "day": "xx" }] } }), "recurrenceRule"),
        (json!({ "recurrenceRule": { "frequency": "weekly", "every": 3 } }), "recurrenceRule/every"),
        (json!({ "recurrenceRule": { "frequency": "weekly;COUNT=3" } }), "recurrenceRule/frequency"),
        (json!({ "recurrenceOverrides": { "x": {} } }), "recurrenceOverrides/x"),
        (
            json!({ "recurrenceOverrides": { "2026-03-02T10:00:00": { "privacy": "private" } } }),
            "recurrenceOverrides/2026-03-02T10:00:00/privacy",
        ),
    ] {
        assert_eq!(after(ODD, patch.clone()).unwrap_err().property, property, "{patch}");
    }
    assert_eq!(made(&json!({ "start": "2026-03-01T10:00:00" })).unwrap_err().property, "uid");
    assert_eq!(made(&json!({ "uid": "u" })).unwrap_err().property, "start");
}

const WEEKLY: &str = "DTSTART;TZID=Europe/Paris:20260320T100000\nDTEND;TZID=Europe/Paris:20260320T120000\nRRULE:FREQ=WEEKLY;COUNT=4\nSUMMARY:Cours\nX-OURS:x";

#[test]
fn an_instance_is_moved_and_another_is_called_off() {
    let text = event(WEEKLY);
    let moved = after(
        &text,
        json!({ "recurrenceOverrides": { "2026-03-27T10:00:00": { "start": "2026-03-28T14:00:00", "title": "Ailleurs" }, "2026-04-03T10:00:00": { "excluded": true } } }),
    )
    .unwrap();
    for line in [
        "EXDATE;TZID=Europe/Paris:20260403T100000\r\n",
        "RECURRENCE-ID;TZID=Europe/Paris:20260327T100000\r\n",
        "SUMMARY:Ailleurs\r\n",
    ] {
        assert!(moved.contains(line), "{line} in {moved}");
    }
    assert_eq!(moved.matches("X-OURS:x\r\n").count(), 2, "the instance has what nobody knows as well: {moved}");
    assert_eq!(moved.matches("RRULE").count(), 1);
    let all = told(&moved);
    assert_eq!(
        all["recurrenceOverrides"],
        json!({ "2026-03-27T10:00:00": { "start": "2026-03-28T14:00:00", "title": "Ailleurs" }, "2026-04-03T10:00:00": { "excluded": true } })
    );
    let entry = read(&moved);
    let starts: Vec<String> = entry
        .object()
        .occurrences(passerelle_wire_ical::Range::ALL)
        .list
        .iter()
        .map(|it| it.start.to_string())
        .collect();
    // The clocks change between the first and the rest.
    assert_eq!(starts, ["20260320T090000Z", "20260328T130000Z", "20260410T080000Z"]);
    // What the whole has now is the instances' too, but for what they have of their own.
    let renamed = after(&moved, json!({ "title": "Séminaire", "priority": 2 })).unwrap();
    assert_eq!(renamed.matches("PRIORITY:2\r\n").count(), 2, "{renamed}");
    assert!(renamed.contains("SUMMARY:Séminaire\r\n") && renamed.contains("SUMMARY:Ailleurs\r\n"), "{renamed}");
    // And back: as it was, but for nothing.
    let back = after(&moved, json!({ "recurrenceOverrides": null })).unwrap();
    assert_eq!(back, text);
    let first = after(&moved, json!({ "recurrenceOverrides/2026-03-27T10:00:00": null })).unwrap();
    assert_eq!(told(&first)["recurrenceOverrides"], json!({ "2026-04-03T10:00:00": { "excluded": true } }));
}

#[test]
fn an_instance_by_itself() {
    let text = event(WEEKLY);
    let entry = read(&text);
    let whole = entry.whole();
    let id = entry.recurrence_id("2026-04-03T10:00:00").unwrap();
    assert!(
        entry.occurrence(id).is_some()
            && entry.occurrence(entry.recurrence_id("2026-04-04T10:00:00").unwrap()).is_none()
    );
    let mut instance = entry.instance(&whole, id);
    assert_eq!(
        (&instance["start"], &instance["recurrenceId"]),
        (&json!("2026-04-03T10:00:00"), &json!("2026-04-03T10:00:00"))
    );
    assert_eq!((&instance["recurrenceIdTimeZone"], instance.get("recurrenceRule")), (&json!("Europe/Paris"), None));
    instance.insert("start".to_owned(), json!("2026-04-03T16:00:00"));
    let new = entry.with_instance(&whole, id, Some(&instance)).unwrap();
    let text = String::from_utf8(entry.changed(&new).unwrap()).unwrap();
    let entry = read(&text);
    let occurrence = entry.occurrence(id).unwrap();
    assert_eq!(
        (occurrence.start.to_string(), occurrence.end.to_string()),
        ("20260403T140000Z".into(), "20260403T160000Z".into())
    );
    let whole = entry.whole();
    assert_eq!(entry.instance(&whole, id)["start"], "2026-04-03T16:00:00");
    let gone = entry.with_instance(&whole, id, None).unwrap();
    let text = String::from_utf8(entry.changed(&gone).unwrap()).unwrap();
    assert!(!text.contains("RECURRENCE-ID") && text.contains("EXDATE;TZID=Europe/Paris:20260403T100000"), "{text}");
    assert!(read(&text).occurrence(id).is_none());
    let mut wrong = instance.clone();
    wrong.insert("privacy".to_owned(), json!("private"));
    let text = event(WEEKLY);
    assert_eq!(read(&text).with_instance(&told(&text), id, Some(&wrong)).unwrap_err().property, "privacy");
}

#[test]
fn dates_besides_the_rule() {
    let text = event(WEEKLY);
    let more = after(
        &text,
        json!({ "recurrenceOverrides": { "2026-05-01T10:00:00": {}, "2026-05-02T10:00:00": { "title": "Extra" } } }),
    )
    .unwrap();
    assert_eq!(more.matches("RDATE;TZID=Europe/Paris:2026050").count(), 2, "{more}");
    assert_eq!(
        told(&more)["recurrenceOverrides"],
        json!({ "2026-05-01T10:00:00": {}, "2026-05-02T10:00:00": { "title": "Extra" } })
    );
    let listed = event(
        "DTSTART:20260301T100000Z\nRDATE:20260302T100000Z,20260303T100000Z\nEXDATE:20260304T100000Z,20260305T100000Z",
    );
    let fewer = after(
        &listed,
        json!({ "recurrenceOverrides/2026-03-02T10:00:00": null, "recurrenceOverrides/2026-03-05T10:00:00": null }),
    )
    .unwrap();
    assert_eq!(fewer, listed.replace("20260302T100000Z,", "").replace(",20260305T100000Z", ""));
}

#[test]
fn an_instance_that_came_alone() {
    let text = object(
        "BEGIN:VEVENT\nUID:u\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID;TZID=Europe/Paris:20260327T100000\n\
         DTSTART;TZID=Europe/Paris:20260327T110000\nSUMMARY:Invité\nEND:VEVENT",
    );
    let all = told(&text);
    assert_eq!(
        (&all["recurrenceId"], &all["recurrenceIdTimeZone"]),
        (&json!("2026-03-27T10:00:00"), &json!("Europe/Paris"))
    );
    assert_eq!(after(&text, json!({ "title": "Autre" })).unwrap(), text.replace("Invité", "Autre"));
}

proptest! {
    /// Whatever texts there are: what is written is told so, lines are whole, and nothing else is said by it.
    #[test]
    fn texts_come_back(title in "\\PC{0,80}", note in "(\\PC|\n){0,200}", word in "[^\\p{Cc}\\s][^\\p{Cc}]{0,20}[^\\p{Cc}\\s]", name in "\\PC{1,40}") {
        let new = json!({
            "uid": "u", "start": "2026-03-01T10:00:00", "timeZone": "Europe/Paris", "duration": "PT1H", "title": title, "description": note,
            "keywords": { word.clone(): true },
            "participants": { "a": { "@type": "Participant", "calendarAddress": "mailto:a@x.test", "name": name, "roles": { "attendee": true } } },
        });
        let text = made(&new).unwrap();
        prop_assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])));
        let all = told(&text);
        for member in ["title", "description", "keywords", "participants", "start", "duration"] {
            prop_assert_eq!(&all[member], &new[member], "{}", text);
        }
        prop_assert_eq!(after(&text, json!({})).unwrap(), text);
    }

    /// Octets that are no calendar, and patches that are none: an answer, never a panic.
    #[test]
    fn nothing_panics(lines in proptest::collection::vec("(DTSTART|RRULE|EXDATE|RDATE|RECURRENCE-ID|ATTENDEE|GEO|TRIGGER|BEGIN|END|DUE)(;[A-Z]{1,4}=[a-z\"]{0,4})?:[A-Z0-9;,=:T-]{0,20}", 0..12), path in "[a-z/~0-9A-Z:-]{0,20}", value in "\\PC{0,12}") {
        let text = event(&lines.join("\n"));
        if let Ok(Some(entry)) = passerelle_wire_jscalendar::Entry::read(text.as_bytes(), passerelle_wire_ical::Zone::utc()) {
            let whole = entry.whole();
            let patch = json!({ path: value, "title": "x", "recurrenceOverrides": { "2026-03-01T10:00:00": { "title": "y" } } });
            let patch: &Value = &patch;
            if let Ok(new) = passerelle_wire_jscalendar::patched(&whole, patch.as_object().unwrap()) {
                let _ = entry.changed(&new);
            }
        }
    }
}
