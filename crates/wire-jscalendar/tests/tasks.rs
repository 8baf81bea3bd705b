//! Tasks: what lines of a VTODO are told as, what is written of a change, and that everything else stays.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests may panic")]

mod shared;

use passerelle_wire_ical::{Kind, Zone};
use passerelle_wire_jscalendar::Entry;
use proptest::prelude::*;
use serde_json::{Value, json};
use shared::{after, event, made, object, read, task, told};

/// As programs write them: folded oddly, with lines that nobody here knows.
const ODD: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:+//IDN t.test//app//EN\r\nBEGIN:VTODO\r\nUID:t\r\nDTSTAMP:20260101T000000Z\r\n\
    due;TZID=Europe/Paris;X-P=\"a;b\":20260301T180000\r\nSUMMARY;LANGUAGE=fr:Rend\r\n re le\r\n\trapport\r\nX-OURS;X-Q=1:kept\\, a\r\n s it is\r\n\
    STATUS:IN-PROCESS\r\nPERCENT-COMPLETE:30\r\nPRIORITY:1\r\nX-APPLE-SORT-ORDER:700\r\nRELATED-TO;RELTYPE=PARENT:p@x\r\nBEGIN:VALARM\r\n\
    ACTION:DISPLAY\r\nTRIGGER;RELATED=END:-PT15M\r\nDESCRIPTION:x\r\nEND:VALARM\r\nEND:VTODO\r\nEND:VCALENDAR\r\n";

#[test]
fn what_a_task_is_told_as() {
    let told = told(ODD);
    for (name, value) in [
        ("@type", json!("Task")),
        ("uid", json!("t")),
        ("due", json!("2026-03-01T18:00:00")),
        ("timeZone", json!("Europe/Paris")),
        ("title", json!("Rendre lerapport")),
        ("progress", json!("in-process")),
        ("percentComplete", json!(30)),
        ("priority", json!(1)),
        ("sortOrder", json!(700)),
        ("relatedTo", json!({ "p@x": { "@type": "Relation", "relation": { "parent": true } } })),
        ("updated", json!("2026-01-01T00:00:00Z")),
    ] {
        assert_eq!(told.get(name), Some(&value), "{name}");
    }
    assert!(told.get("start").is_none() && told.get("progressUpdated").is_none());
    assert_eq!(read(ODD).kind(), Kind::Task);
    assert_eq!(read(ODD).span(), (None, passerelle_wire_ical::Utc::parse("20260301T170000Z")));
}

#[test]
fn when_a_task_is() {
    for (lines, expected) in [
        ("SUMMARY:x", json!({ "start": null, "due": null, "timeZone": null, "showWithoutTime": null })),
        ("DUE;VALUE=DATE:20260301", json!({ "due": "2026-03-01T00:00:00", "showWithoutTime": true, "start": null })),
        (
            "DTSTART;TZID=Europe/Paris:20260328T100000\nDURATION:P1D",
            json!({ "start": "2026-03-28T10:00:00", "due": "2026-03-29T10:00:00", "timeZone": "Europe/Paris" }),
        ),
        // The two in other zones: both are told in that of the start.
        (
            "DTSTART;TZID=Europe/Paris:20260301T100000\nDUE:20260301T170000Z",
            json!({ "due": "2026-03-01T18:00:00", "timeZone": "Europe/Paris" }),
        ),
        ("DUE:20260301T070000", json!({ "due": "2026-03-01T07:00:00", "timeZone": null })),
        (
            "DUE:20260301T070000Z\nESTIMATED-DURATION:PT90M",
            json!({ "timeZone": "Etc/UTC", "estimatedDuration": "PT1H30M" }),
        ),
    ] {
        let text = task(lines);
        let told = told(&text);
        for (name, value) in expected.as_object().unwrap() {
            assert_eq!(told.get(name).unwrap_or(&Value::Null), value, "{name} of {lines}");
        }
        let mut new = told.clone();
        new.remove("updated");
        let again = shared::told(&made(&new.into()).unwrap());
        for name in ["start", "due", "timeZone", "showWithoutTime", "estimatedDuration"] {
            assert_eq!(again.get(name), told.get(name), "{name} of {lines}");
        }
        assert_eq!(after(&text, json!({})).unwrap(), text);
    }
}

#[test]
fn one_time_is_changed_and_the_other_keeps_its_line() {
    let later = after(ODD, json!({ "due": "2026-03-02T18:00:00" })).unwrap();
    assert_eq!(
        later,
        ODD.replace("due;TZID=Europe/Paris;X-P=\"a;b\":20260301T180000", "DUE;TZID=Europe/Paris:20260302T180000")
    );
    let begins = after(ODD, json!({ "start": "2026-03-01T09:00:00" })).unwrap();
    assert!(begins.contains("DTSTART;TZID=Europe/Paris:20260301T090000\r\n"), "{begins}");
    assert!(begins.contains("due;TZID=Europe/Paris;X-P=\"a;b\":20260301T180000\r\n"), "{begins}");
    let longer = after(ODD, json!({ "estimatedDuration": "PT2H" })).unwrap();
    assert_eq!(longer, ODD.replace("p@x\r\n", "p@x\r\nESTIMATED-DURATION:PT2H\r\n"));
    let day = after(ODD, json!({ "due": "2026-03-01T00:00:00", "showWithoutTime": true, "timeZone": null })).unwrap();
    assert!(day.contains("DUE;VALUE=DATE:20260301\r\n"), "{day}");
    let none = after(ODD, json!({ "due": null })).unwrap();
    assert!(!none.to_ascii_uppercase().contains("DUE;") && none.contains("X-OURS;X-Q=1:kept\\, a\r\n s it is\r\n"));
    // What lasts is due when it would be over, also where only its start is moved.
    let lasting = task("DTSTART:20260301T100000Z\nDURATION:PT2H");
    let moved = after(&lasting, json!({ "start": "2026-03-01T11:00:00" })).unwrap();
    assert!(moved.contains("DTSTART:20260301T110000Z\r\n") && moved.contains("DUE:20260301T120000Z\r\n"), "{moved}");
    assert!(!moved.contains("DURATION"), "{moved}");
}

#[test]
fn what_is_not_changed_stays_octet_for_octet() {
    assert_eq!(after(ODD, json!({})).unwrap(), ODD);
    let renamed = after(ODD, json!({ "title": "Autre" })).unwrap();
    assert_eq!(
        renamed,
        ODD.replace("SUMMARY;LANGUAGE=fr:Rend\r\n re le\r\n\trapport\r\n", "SUMMARY;LANGUAGE=fr:Autre\r\n")
    );
    let below = after(ODD, json!({ "relatedTo/q@x": { "@type": "Relation", "relation": { "child": true } } })).unwrap();
    assert_eq!(below, ODD.replace("p@x\r\n", "p@x\r\nRELATED-TO;RELTYPE=CHILD:q@x\r\n"));
    let first = after(ODD, json!({ "sortOrder": 3 })).unwrap();
    assert_eq!(first, ODD.replace("ORDER:700", "ORDER:3"));
    // What is meant where nothing is said is not said.
    let plain = task("SUMMARY:x");
    let same =
        json!({ "progress": "needs-action", "percentComplete": 0, "priority": 0, "sortOrder": 0, "privacy": "public" });
    assert_eq!(after(&plain, same).unwrap(), plain);
}

/// The lines that say how far a task is, in the order of their names.
#[track_caller]
fn progress(text: &str, patch: Value) -> Vec<String> {
    let text = after(text, patch).unwrap();
    let names = ["STATUS", "COMPLETED", "PERCENT-COMPLETE"];
    let lines = text.lines().filter(|line| names.iter().any(|name| line.starts_with(name)));
    let mut lines: Vec<String> = lines.map(str::to_owned).collect();
    lines.sort();
    lines
}

#[test]
fn a_task_is_completed_and_taken_up_again() {
    // Tasks.org, Thunderbird, Nextcloud and todoman each look at another of the three.
    let now = json!({ "progress": "completed", "updated": "2026-03-02T08:00:00Z" });
    let done = ["COMPLETED:20260302T080000Z", "PERCENT-COMPLETE:100", "STATUS:COMPLETED"];
    assert_eq!(progress(ODD, now.clone()), done);
    assert_eq!(progress(&task("SUMMARY:x"), now.clone()), done);
    let text = after(ODD, now).unwrap();
    let whole = told(&text);
    assert_eq!((&whole["progress"], &whole["percentComplete"]), (&json!("completed"), &json!(100)));
    assert_eq!(whole["progressUpdated"], "2026-03-02T08:00:00Z");
    assert_eq!(
        progress(&text, json!({ "title": "x", "updated": "2026-03-05T08:00:00Z" })),
        done,
        "it stays what it was"
    );
    assert_eq!(progress(&text, json!({ "progress": "needs-action" })), ["STATUS:NEEDS-ACTION"]);
    assert_eq!(progress(&text, json!({ "progress": null })), ["STATUS:NEEDS-ACTION"]);
    assert_eq!(
        progress(&text, json!({ "progress": "in-process", "percentComplete": 80 })),
        ["PERCENT-COMPLETE:80", "STATUS:IN-PROCESS"]
    );
    // What is said by the client is not said otherwise.
    let said = json!({ "progress": "completed", "percentComplete": 90, "progressUpdated": "2026-02-28T10:00:00Z" });
    assert_eq!(progress(ODD, said), ["COMPLETED:20260228T100000Z", "PERCENT-COMPLETE:90", "STATUS:COMPLETED"]);
    assert_eq!(
        progress(&text, json!({ "progressUpdated": "2026-02-28T10:00:00Z" })),
        ["COMPLETED:20260228T100000Z", "PERCENT-COMPLETE:100", "STATUS:COMPLETED"]
    );
    assert_eq!(progress(ODD, json!({ "progress": "cancelled" })), ["PERCENT-COMPLETE:30", "STATUS:CANCELLED"]);
    assert_eq!(progress(ODD, json!({ "percentComplete": null })), ["STATUS:IN-PROCESS"]);
    // Without a STATUS it is completed that says when.
    let bare = task("COMPLETED:20260101T000000Z");
    assert_eq!(told(&bare)["progress"], "completed");
    assert_eq!(progress(&bare, json!({ "progress": "needs-action" })), ["STATUS:NEEDS-ACTION"]);
    assert_eq!(progress(&bare, json!({ "progressUpdated": null })), ["STATUS:COMPLETED"]);
    assert_eq!(told(&task("STATUS:X-LATER"))["progress"], "needs-action");
    let made =
        made(&json!({ "@type": "Task", "uid": "u", "progress": "completed", "updated": "2026-03-02T08:00:00Z" }));
    assert!(done.iter().all(|line| made.as_ref().unwrap().contains(line)), "{made:?}");
}

#[test]
fn an_instance_is_completed_by_itself() {
    let text = task(
        "DTSTART;TZID=Europe/Paris:20260320T100000\nDUE;TZID=Europe/Paris:20260320T120000\nRRULE:FREQ=WEEKLY;COUNT=4\nSUMMARY:Arroser\nX-OURS:x",
    );
    let patch = json!({
        "recurrenceOverrides": { "2026-03-27T10:00:00": { "progress": "completed" } }, "updated": "2026-03-27T11:00:00Z",
    });
    let done = after(&text, patch).unwrap();
    for line in [
        "RECURRENCE-ID;TZID=Europe/Paris:20260327T100000\r\n",
        "DUE;TZID=Europe/Paris:20260327T120000\r\n",
        "STATUS:COMPLETED\r\n",
        "COMPLETED:20260327T110000Z\r\n",
        "PERCENT-COMPLETE:100\r\n",
    ] {
        assert_eq!(done.matches(line).count(), 1, "{line} in {done}");
    }
    assert_eq!(done.matches("X-OURS:x\r\n").count(), 2, "{done}");
    let whole = told(&done);
    assert_eq!(whole["progress"], "needs-action");
    assert_eq!(
        whole["recurrenceOverrides"],
        json!({ "2026-03-27T10:00:00": { "progress": "completed", "percentComplete": 100, "progressUpdated": "2026-03-27T11:00:00Z" } })
    );
    let renamed = after(&done, json!({ "title": "Arroser les plantes" })).unwrap();
    assert_eq!(renamed.matches("SUMMARY:Arroser les plantes\r\n").count(), 2, "{renamed}");
    assert_eq!(told(&renamed)["recurrenceOverrides"], whole["recurrenceOverrides"]);
    let entry = read(&done);
    let id = entry.recurrence_id("2026-04-03T10:00:00").unwrap();
    let instance = entry.instance(&whole, id);
    assert_eq!((&instance["due"], &instance["progress"]), (&json!("2026-04-03T12:00:00"), &json!("needs-action")));
    let back = after(&done, json!({ "recurrenceOverrides": null })).unwrap();
    assert!(!back.contains("RECURRENCE-ID") && !back.contains("COMPLETED"), "{back}");
}

#[test]
fn a_task_recurs_from_its_start() {
    let rule = json!({ "@type": "RecurrenceRule", "frequency": "daily" });
    assert_eq!(after(ODD, json!({ "recurrenceRule": rule })).unwrap_err().property, "recurrenceRule");
    let daily = after(ODD, json!({ "recurrenceRule": rule, "start": "2026-03-01T09:00:00" })).unwrap();
    assert!(daily.contains("RRULE:FREQ=DAILY\r\n"), "{daily}");
    assert_eq!(after(&daily, json!({ "start": null })).unwrap_err().property, "start");
    // Of other programs there are tasks that recur without one: the rule is told, and stays.
    let without = task("DUE;VALUE=DATE:20260301\nRRULE:FREQ=WEEKLY\nSUMMARY:x");
    assert_eq!(told(&without)["recurrenceRule"]["frequency"], "weekly");
    assert_eq!(after(&without, json!({ "title": "y" })).unwrap(), without.replace("SUMMARY:x", "SUMMARY:y"));
}

#[test]
fn what_has_no_place_is_refused_and_named() {
    for (patch, property) in [
        (json!({ "freeBusyStatus": "free" }), "freeBusyStatus"),
        (json!({ "duration": "PT1H" }), "duration"),
        (json!({ "status": "confirmed" }), "status"),
        (json!({ "estimatedWork": 3 }), "estimatedWork"),
        (json!({ "impact": "major" }), "impact"),
        (json!({ "workflowStatus": "pending" }), "workflowStatus"),
        (json!({ "@type": "Event" }), "@type"),
        (json!({ "progress": "pending" }), "progress"),
        (json!({ "progress": 3 }), "progress"),
        (json!({ "percentComplete": 101 }), "percentComplete"),
        (json!({ "percentComplete": "30" }), "percentComplete"),
        (json!({ "progressUpdated": "2026-03-01T10:00:00Z" }), "progressUpdated"),
        (json!({ "progressUpdated": "yesterday" }), "progressUpdated"),
        (json!({ "due": "tomorrow" }), "due"),
        (json!({ "start": "2026-03-02T10:00:00" }), "due"),
        (json!({ "showWithoutTime": true, "timeZone": null }), "showWithoutTime"),
        (json!({ "timeZone": "Mars/Olympus" }), "timeZone"),
        (json!({ "estimatedDuration": "-PT1H" }), "estimatedDuration"),
        (json!({ "sortOrder": -1 }), "sortOrder"),
        (json!({ "priority": 10 }), "priority"),
        (json!({ "relatedTo": ["p"] }), "relatedTo"),
        (
            json!({ "recurrenceOverrides": { "2026-03-02T10:00:00": { "title": "x" } } }),
            "recurrenceOverrides/2026-03-02T10:00:00",
        ),
    ] {
        assert_eq!(after(ODD, patch.clone()).unwrap_err().property, property, "{patch}");
    }
    assert_eq!(
        after(&event("DTSTART:20260301T100000Z"), json!({ "progress": "completed" })).unwrap_err().property,
        "progress"
    );
    assert_eq!(made(&json!({ "@type": "Task" })).unwrap_err().property, "uid");
    assert!(made(&json!({ "@type": "Task", "uid": "u" })).is_ok(), "a task needs no time");
}

/// What a hostile client or an old program writes: an answer, and nothing of it lost by what is changed beside it.
#[test]
fn strange_tasks_are_told_and_kept() {
    for lines in [
        "STATUS:\nPERCENT-COMPLETE:many\nCOMPLETED:soon\nPRIORITY:-1",
        "DUE:20260301T100000Z\nDUE:20260302T100000Z\nSTATUS:COMPLETED\nSTATUS:NEEDS-ACTION",
        "DTSTART;VALUE=DATE:20260301\nDUE;TZID=Europe/Paris:20260301T100000",
        "DTSTART;VALUE=DATE:20260305\nDUE;VALUE=DATE:20260301",
        "DTSTART;TZID=Nowhere/Known:20260301T100000\nDURATION:P3W",
        "DURATION:PT1H",
        "RRULE:FREQ=SECONDLY",
        "PERCENT-COMPLETE:99999999999999999999\nX-APPLE-SORT-ORDER:-5",
        "RELATED-TO:\nRELATED-TO;RELTYPE=\"A B\":x",
    ] {
        let text = task(&format!("{lines}\nSUMMARY:x"));
        let whole = told(&text);
        assert!(whole["progress"].is_string(), "{lines}");
        assert_eq!(after(&text, json!({})).unwrap(), text, "{lines}");
        assert_eq!(after(&text, json!({ "title": "y" })).unwrap(), text.replace("SUMMARY:x", "SUMMARY:y"), "{lines}");
        let done = after(&text, json!({ "progress": "completed" })).unwrap();
        assert_eq!(told(&done)["progress"], "completed", "{done}");
    }
    let busy = object("BEGIN:VFREEBUSY\nUID:j\nDTSTAMP:20260101T000000Z\nEND:VFREEBUSY");
    assert!(Entry::read(busy.as_bytes(), Zone::utc()).unwrap().is_none());
}

fn words() -> impl Strategy<Value = String> {
    prop::sample::select(vec!["needs-action", "in-process", "completed", "failed", "cancelled"]).prop_map(str::to_owned)
}

proptest! {
    /// What is written is told so, and written again it is the same octets.
    #[test]
    fn what_is_made_comes_back(
        title in "\\PC{0,60}", note in "(\\PC|\n){0,120}", progress in words(), percent in 0_u64..=100, priority in 0_u64..=9,
        order in 0_u64..=2_147_483_647, day in 1_u32..=28, parent in "[a-z0-9@.-]{1,40}", zone in prop::sample::select(vec![None, Some("Europe/Paris"), Some("Etc/UTC")]),
    ) {
        let mut new = json!({
            "@type": "Task", "uid": "u", "title": title, "description": note, "progress": progress, "percentComplete": percent, "priority": priority,
            "sortOrder": order, "start": format!("2026-03-{day:02}T08:00:00"), "due": format!("2026-03-{day:02}T18:30:00"), "estimatedDuration": "PT2H",
            "relatedTo": { parent: { "@type": "Relation", "relation": { "parent": true } } },
        });
        if let Some(zone) = zone {
            new["timeZone"] = json!(zone);
        }
        let text = made(&new).unwrap();
        prop_assert!(text.split("\r\n").all(|line| line.len() <= 75 && !line.contains(['\r', '\n'])));
        let told = told(&text);
        for member in ["title", "description", "progress", "start", "due", "timeZone", "estimatedDuration", "relatedTo"] {
            prop_assert_eq!(told.get(member), new.get(member), "{}", text);
        }
        // What is meant where nothing is said is not told.
        for member in ["percentComplete", "priority", "sortOrder"] {
            prop_assert_eq!(told.get(member).cloned().unwrap_or(json!(0)), new[member].clone(), "{}", text);
        }
        prop_assert_eq!(after(&text, json!({})).unwrap(), text);
    }

    /// Octets that are no task, and patches that are none: an answer, never a panic.
    #[test]
    fn nothing_panics(
        lines in proptest::collection::vec("(DTSTART|DUE|DURATION|COMPLETED|STATUS|PERCENT-COMPLETE|RRULE|RDATE|RECURRENCE-ID|RELATED-TO|BEGIN|END)(;[A-Z]{1,5}=[a-zA-Z/\"]{0,12})?:[A-Z0-9;,=:T-]{0,20}", 0..12),
        progress in "(completed|needs-action|[a-z-]{0,9})", due in "(2026-0[1-9]-1[0-9]T10:00:00|\\PC{0,12})",
    ) {
        let text = task(&lines.join("\n"));
        if let Ok(Some(entry)) = Entry::read(text.as_bytes(), Zone::utc()) {
            let whole = entry.whole();
            let _ = entry.span();
            if let Ok(same) = entry.changed(&whole) {
                prop_assert_eq!(shared::told(&String::from_utf8(same).unwrap()), whole.clone());
            }
            let patch = json!({ "progress": progress, "due": due, "recurrenceOverrides": { "2026-03-01T10:00:00": { "progress": "completed" } } });
            let patch: &Value = &patch;
            if let Ok(new) = passerelle_wire_jscalendar::patched(&whole, patch.as_object().unwrap()) {
                let _ = entry.changed(&new);
            }
        }
    }
}
