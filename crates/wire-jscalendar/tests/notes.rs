//! Notes: what lines of a VJOURNAL are told as, what is written of a change, and that everything else stays.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

mod shared;

use passerelle_wire_ical::{Kind, Utc, Zone};
use passerelle_wire_jscalendar::{Entry, property_names};
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::{after, made, object, read, told};

/// A note of these lines.
fn note(lines: &str) -> String {
    object(&format!("BEGIN:VJOURNAL\nUID:n\nDTSTAMP:20260101T000000Z\n{lines}\nEND:VJOURNAL"))
}

/// As jtx Board writes them, folded oddly, with lines that nobody here knows.
const ODD: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:+//IDN t.test//app//EN\r\nBEGIN:VJOURNAL\r\nUID:n\r\nDTSTAMP:20260101T000000Z\r\n\
    SUMMARY;LANGUAGE=fr:Liste d\r\n es\r\n\t courses\r\nDESCRIPTION;ALTREP=\"cid:a\":# Courses\\n\\n- [ ] pain\\, lait\\n- [x] sel\r\nX-OURS;X-Q=1:kept\\, a\r\n s it is\r\n\
    CATEGORIES:maison,fête\r\nCATEGORIES:à faire\r\nCOLOR:tomato\r\nCREATED:20251231T120000Z\r\nLAST-MODIFIED:20260102T030405Z\r\nCLASS:PRIVATE\r\n\
    STATUS:DRAFT\r\nSEQUENCE:3\r\nRELATED-TO;RELTYPE=PARENT:p@x\r\nATTACH;VALUE=URI:https://a.test/b\r\nEND:VJOURNAL\r\nEND:VCALENDAR\r\n";

#[test]
fn what_a_note_is_told_as() {
    let expected = json!({
        "@type": "Note", "uid": "n", "prodId": "+//IDN t.test//app//EN", "title": "Liste des courses", "body": "# Courses\n\n- [ ] pain, lait\n- [x] sel",
        "keywords": { "maison": true, "fête": true, "à faire": true }, "color": "tomato", "privacy": "private", "status": "draft",
        "created": "2025-12-31T12:00:00Z", "updated": "2026-01-02T03:04:05Z",
    });
    assert_eq!(Value::Object(told(ODD)), expected);
    assert_eq!((read(ODD).kind(), read(ODD).span()), (Kind::Journal, (None, None)));
    for name in expected.as_object().unwrap().keys() {
        assert!(property_names(Kind::Journal).any(|known| known == name), "{name}");
    }
    for name in ["start", "recurrenceRule", "description", "priority", "version", "participants"] {
        assert!(property_names(Kind::Journal).all(|known| known != name), "{name}");
    }
    for kind in [Kind::Event, Kind::Task] {
        assert!(property_names(kind).all(|known| !["body", "date"].contains(&known)));
    }
}

#[test]
fn what_changes_is_written_and_everything_else_stays() {
    assert_eq!(after(ODD, json!({})).unwrap(), ODD);
    for (patch, old, new) in [
        (json!({ "title": "Autre" }), "SUMMARY;LANGUAGE=fr:Liste d\r\n es\r\n\t courses", "SUMMARY;LANGUAGE=fr:Autre"),
        (
            json!({ "body": "a\nb; c" }),
            "DESCRIPTION;ALTREP=\"cid:a\":# Courses\\n\\n- [ ] pain\\, lait\\n- [x] sel",
            "DESCRIPTION;ALTREP=\"cid:a\":a\\nb\\; c",
        ),
        (json!({ "keywords/maison": null }), "CATEGORIES:maison,fête", "CATEGORIES:fête"),
        (json!({ "color": null }), "COLOR:tomato\r\n", ""),
        (json!({ "status": "final" }), "STATUS:DRAFT", "STATUS:FINAL"),
        (json!({ "status": "cancelled" }), "STATUS:DRAFT", "STATUS:CANCELLED"),
        (json!({ "privacy": "secret" }), "CLASS:PRIVATE", "CLASS:CONFIDENTIAL"),
    ] {
        assert_eq!(after(ODD, patch.clone()).unwrap(), ODD.replace(old, new), "{patch}");
    }
    for patch in [
        json!({ "description": "x" }),
        json!({ "start": "2026-01-01T00:00:00" }),
        json!({ "version": "2.0" }),
        json!({ "uid": "m" }),
        json!({ "@type": "Task" }),
        json!({ "body": 1 }),
        json!({ "status": "completed" }),
        json!({ "keywords": { "a": false } }),
        json!({ "date": "2026-02-30" }),
        json!({ "date": "2026-02-01T10:00:00" }),
    ] {
        let refused = after(ODD, patch.clone()).unwrap_err();
        assert!(patch.as_object().unwrap().contains_key(&refused.property), "{patch}: {refused}");
    }
}

#[test]
fn of_which_day_a_note_is() {
    let zone = "BEGIN:VTIMEZONE\nTZID:Ours\nBEGIN:STANDARD\nDTSTART:19700101T000000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0200\nEND:STANDARD\nEND:VTIMEZONE\n";
    for (line, date, day) in [
        ("SUMMARY:x", Value::Null, None),
        ("DTSTART;VALUE=DATE:20261128", json!("2026-11-28"), Some("20261128T000000Z")),
        ("DTSTART:20261128T090000Z", json!("2026-11-28T09:00:00Z"), Some("20261128T090000Z")),
        ("DTSTART;TZID=Ours:20261128T110000", json!("2026-11-28T09:00:00Z"), Some("20261128T090000Z")),
        ("DTSTART:20261128T090000", json!("2026-11-28T09:00:00Z"), Some("20261128T090000Z")),
    ] {
        let text = object(&format!("{zone}BEGIN:VJOURNAL\nUID:n\nDTSTAMP:20260101T000000Z\n{line}\nEND:VJOURNAL"));
        assert_eq!(told(&text).get("date").unwrap_or(&Value::Null), &date, "{line}");
        assert_eq!(read(&text).span(), (day.and_then(Utc::parse), None), "{line}");
        // The line of a date that stays is left as it is.
        assert!(after(&text, json!({ "title": "y" })).unwrap().contains(&line.replace("SUMMARY:x", "SUMMARY:y")));
    }
    let text = note("DTSTART;TZID=Europe/Paris;X-A=b:20261128T110000");
    assert_eq!(after(&text, json!({ "date": "2026-12-01" })).unwrap(), note("DTSTART;VALUE=DATE:20261201"));
    assert_eq!(after(&text, json!({ "date": "2026-12-01T10:00:00Z" })).unwrap(), note("DTSTART:20261201T100000Z"));
    assert!(!after(&text, json!({ "date": null })).unwrap().contains("DTSTART"));
    let text = note("DTSTART;VALUE=DATE:20261128\nRRULE:FREQ=DAILY");
    assert_eq!(after(&text, json!({ "date": null })).unwrap_err().property, "date");
}

#[test]
fn several_descriptions_are_paragraphs_of_one_body() {
    let text = note("DESCRIPTION:one\nX-A:b\nDESCRIPTION;LANGUAGE=fr:two");
    assert_eq!(told(&text)["body"], "one\n\ntwo");
    assert_eq!(
        after(&text, json!({ "title": "x" })).unwrap(),
        note("DESCRIPTION:one\nX-A:b\nDESCRIPTION;LANGUAGE=fr:two\nSUMMARY:x")
    );
    assert_eq!(after(&text, json!({ "body": "one\n\ntwo!" })).unwrap(), note("DESCRIPTION:one\\n\\ntwo!\nX-A:b"));
}

#[test]
fn the_instances_of_one_that_recurs_stay_as_they_are() {
    let text = object(
        "BEGIN:VJOURNAL\nUID:n\nDTSTAMP:20260101T000000Z\nDTSTART;VALUE=DATE:20260101\nRRULE:FREQ=DAILY;COUNT=9\nEXDATE;VALUE=DATE:20260103\nSUMMARY:a\nEND:VJOURNAL\n\
        BEGIN:VJOURNAL\nUID:n\nDTSTAMP:20260101T000000Z\nRECURRENCE-ID;VALUE=DATE:20260102\nDTSTART;VALUE=DATE:20260102\nSUMMARY:b\nEND:VJOURNAL",
    );
    assert!(told(&text).keys().all(|name| !name.starts_with("recurrence")));
    assert_eq!(after(&text, json!({ "title": "c" })).unwrap(), text.replacen("SUMMARY:a", "SUMMARY:c", 1));
}

#[test]
fn a_new_note_has_no_date_of_its_own() {
    let text = made(&json!({ "@type": "Note", "uid": "n", "title": "x", "body": "a, b" })).unwrap();
    assert_eq!(text, note("SUMMARY:x\nDESCRIPTION:a\\, b"));
    assert!(made(&json!({ "@type": "Memo", "uid": "n" })).is_err());
    assert!(made(&json!({ "@type": "Note", "uid": "n", "priority": 1 })).is_err());
}

proptest! {
    #[test]
    fn a_text_is_told_as_it_was_written(title in "[^\\p{Cc}]{0,80}", body in "[^\\p{Cc}\u{85}\u{2028}\u{2029}]{0,80}(\n[^\\p{Cc}]{0,80}){0,4}") {
        let text = made(&json!({ "@type": "Note", "uid": "n", "title": title, "body": body })).unwrap();
        let whole = told(&text);
        prop_assert_eq!((whole.get("title"), whole.get("body")), (Some(&json!(title)), Some(&json!(body))));
        let changed = after(ODD, json!({ "body": body })).unwrap();
        let whole = told(&changed);
        prop_assert_eq!(whole.get("body"), Some(&json!(body)));
        prop_assert!(changed.contains("X-OURS;X-Q=1:kept\\, a\r\n s it is\r\n"));
    }

    #[test]
    fn nothing_panics(lines in "(DTSTART|DESCRIPTION|CATEGORIES|STATUS|RRULE|RDATE)[:;][ -~]{0,40}(\n(DTSTART|DESCRIPTION|CLASS)[:;][ -~]{0,40}){0,3}") {
        let text = note(&lines);
        if let Ok(Some(entry)) = Entry::read(text.as_bytes(), Zone::utc()) {
            let mut whole = entry.whole();
            let _ = entry.changed(&whole);
            whole.insert("date".to_owned(), json!("2026-01-01"));
            whole.insert("body".to_owned(), json!("x"));
            let _ = entry.changed(&whole);
        }
    }
}
