//! Calendars by JMAP on the campus's real Radicale, beside the same calendars by CalDAV.

#![allow(clippy::needless_pass_by_value, reason = "what is asked is written where it is asked")]

use super::{Jmap, events::Window};
use crate::{
    collections::{ask, event, radicale},
    harness::{Gateway, run},
};
use serde_json::{Value, json};
use std::fs;

/// A person whose calendars are none yet, as JMAP and as CalDAV have them.
pub(super) fn person<'a>(gateway: &'a Gateway, login: &str) -> (Jmap<'a>, String) {
    radicale("DELETE", &format!("/a-{login}/"), "");
    (Jmap::of(gateway, login), format!("{login}@a.test:pw-{login}"))
}

/// Makes a calendar; its id.
#[track_caller]
fn calendar(jmap: &Jmap<'_>, name: &str) -> String {
    let made = jmap.call("Calendar/set", json!({ "create": { "c": { "name": name } } }));
    made["created"]["c"]["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

/// Makes an event; its id.
#[track_caller]
fn made(jmap: &Jmap<'_>, event: Value) -> String {
    let made = jmap.call("CalendarEvent/set", json!({ "create": { "e": event } }));
    made["created"]["e"]["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

#[track_caller]
fn got(jmap: &Jmap<'_>, id: &str) -> Value {
    let got = jmap.call("CalendarEvent/get", json!({ "ids": [id] }));
    assert_eq!(got["list"][0]["id"], id, "{got}");
    got["list"][0].clone()
}

/// Changes an event; what is told of that.
#[track_caller]
fn changed(jmap: &Jmap<'_>, id: &str, patch: Value) -> Value {
    let told = jmap.call("CalendarEvent/set", json!({ "update": { id: patch } }));
    assert!(told["updated"].get(id).is_some(), "{told}");
    told["updated"][id].clone()
}

/// What is told of a place's members, by their addresses.
#[track_caller]
pub(super) fn members(gateway: &Gateway, who: &str, at: &str) -> Vec<String> {
    let listed = ask(gateway, who, "PROPFIND", at, &["Depth: 1"], "").body;
    let hrefs = listed.split("<D:href>").skip(1).filter_map(|it| it.split("</D:href>").next());
    hrefs.filter(|it| it.starts_with(at) && it.len() > at.len()).map(str::to_owned).collect()
}

/// The address of an item of somebody's first calendar by CalDAV.
#[track_caller]
fn address(gateway: &Gateway, who: &str, home: &str) -> String {
    let calendars = members(gateway, who, home);
    members(gateway, who, &calendars[0]).remove(0)
}

#[test]
fn an_event_is_the_same_by_jmap_and_by_caldav() {
    let gateway = Gateway::start("jmap-calendars");
    let (jmap, who) = person(&gateway, "u00171");
    let none = jmap.call("Calendar/get", json!({ "ids": null }));
    assert_eq!(none["list"], json!([]));
    let id = calendar(&jmap, "Cours d’été");
    let told = jmap.call("Calendar/changes", json!({ "sinceState": none["state"] }));
    assert_eq!(told["created"], json!([id]));
    let all = jmap.call("Calendar/get", json!({ "ids": null }));
    let one = &all["list"][0];
    assert_eq!(
        (&one["name"], &one["isDefault"], &one["myRights"]["mayWriteAll"]),
        (&json!("Cours d’été"), &json!(true), &json!(true))
    );
    let renamed = jmap
        .call("Calendar/set", json!({ "update": { &id: { "name": "Cours", "color": "#8a1538", "sortOrder": 2 } } }));
    assert!(renamed["updated"].get(&id).is_some(), "{renamed}");
    let one = jmap.call("Calendar/get", json!({ "ids": [&id, "Cnone"] }));
    assert_eq!(
        (&one["list"][0]["name"], &one["list"][0]["color"], &one["notFound"]),
        (&json!("Cours"), &json!("#8a1538"), &json!(["Cnone"]))
    );

    let empty = jmap.call("CalendarEvent/get", json!({ "ids": [] }))["state"].clone();
    let event_id = made(
        &jmap,
        json!({
            "@type": "Event", "calendarIds": { &id: true }, "title": "Analyse", "start": "2026-12-01T10:00:00",
            "timeZone": "Europe/Paris", "duration": "PT1H30M", "locations": { "l": { "@type": "Location", "name": "Amphi 1" } },
            "alerts": { "a": { "@type": "Alert", "trigger": { "@type": "OffsetTrigger", "offset": "-PT15M" } } },
        }),
    );
    let told = got(&jmap, &event_id);
    assert_eq!(
        (&told["title"], &told["duration"], &told["timeZone"]),
        (&json!("Analyse"), &json!("PT1H30M"), &json!("Europe/Paris"))
    );
    assert_eq!((&told["locations"]["l"]["name"], &told["calendarIds"]), (&json!("Amphi 1"), &json!({ &id: true })));
    assert_eq!(told["alerts"]["a"]["trigger"]["offset"], "-PT15M");
    assert!(told.get("utcStart").is_none() && told["isOrigin"] == true, "{told}");
    let utc = jmap.call("CalendarEvent/get", json!({ "ids": [&event_id], "properties": ["utcStart", "utcEnd"] }));
    assert_eq!(
        utc["list"][0],
        json!({ "id": event_id, "utcStart": "2026-12-01T09:00:00Z", "utcEnd": "2026-12-01T10:30:00Z" })
    );
    let told = jmap.call("CalendarEvent/changes", json!({ "sinceState": empty }));
    assert!(told["created"].as_array().unwrap().contains(&json!(event_id)), "{told}");

    // By CalDAV it is there, and what CalDAV writes beside what JMAP knows stays when JMAP changes something.
    let item = address(&gateway, &who, "/dav/calendars/u00171/");
    let text = ask(&gateway, &who, "GET", &item, &[], "").body;
    assert!(
        text.contains("SUMMARY:Analyse\r\n") && text.contains("DTSTART;TZID=Europe/Paris:20261201T100000\r\n"),
        "{text}"
    );
    let text = text.replace("SUMMARY:Analyse\r\n", "SUMMARY:Algèbre\r\nX-OURS;X-P=\"a;b\":kept\r\n");
    let state = told["newState"].clone();
    assert_eq!(ask(&gateway, &who, "PUT", &item, &[], &text).status, 204);
    let told = jmap.call("CalendarEvent/changes", json!({ "sinceState": state }));
    assert_eq!(told["updated"], json!([event_id]), "{told}");
    assert_eq!(got(&jmap, &event_id)["title"], "Algèbre");
    let before = ask(&gateway, &who, "GET", &item, &[], "").body;
    changed(&jmap, &event_id, json!({ "locations/l/name": "Amphi 2", "keywords": { "cours": true } }));
    let after = ask(&gateway, &who, "GET", &item, &[], "").body;
    for line in ["X-OURS;X-P=\"a;b\":kept\r\n", "Amphi 2\r\n", "CATEGORIES:cours\r\n", "SUMMARY:Algèbre\r\n"] {
        assert!(after.contains(line), "{line} in {after}, before {before}");
    }

    // What cannot be kept is refused, and named; nothing is lost.
    for (patch, property) in [
        (json!({ "title": 3 }), "title"),
        (json!({ "timeZone": "Mars/Olympus" }), "timeZone"),
        (json!({ "x.test:mine": 1 }), "x.test:mine"),
        (json!({ "calendarIds": {} }), "calendarIds"),
        (json!({ "isDraft": true }), "isDraft"),
    ] {
        let told = jmap.call("CalendarEvent/set", json!({ "update": { &event_id: patch } }));
        let error = &told["notUpdated"][&event_id];
        assert_eq!((&error["type"], &error["properties"]), (&json!("invalidProperties"), &json!([property])), "{told}");
    }
    assert_eq!(ask(&gateway, &who, "GET", &item, &[], "").body, after);
    let wrong = jmap.call("CalendarEvent/set", json!({ "ifInState": null, "destroy": ["Inothing"] }));
    assert_eq!(wrong["notDestroyed"]["Inothing"]["type"], "notFound");
    assert_eq!(jmap.refused("CalendarEvent/set", json!({ "ifInState": "v", "destroy": [&event_id] })), "stateMismatch");
    assert_eq!(jmap.refused("CalendarEvent/changes", json!({ "sinceState": "nonsense" })), "cannotCalculateChanges");

    // To another calendar it goes with another id.
    let other = calendar(&jmap, "Autre");
    let moved =
        changed(&jmap, &event_id, json!({ "calendarIds": { &other: true } }))["id"].as_str().unwrap().to_owned();
    assert_eq!(
        (&got(&jmap, &moved)["calendarIds"], &got(&jmap, &moved)["title"]),
        (&json!({ &other: true }), &json!("Algèbre"))
    );
    let gone = jmap.call("CalendarEvent/get", json!({ "ids": [&event_id] }));
    assert_eq!(gone["notFound"], json!([event_id]));
    let full = jmap.call("Calendar/set", json!({ "destroy": [&other] }));
    assert_eq!(full["notDestroyed"][&other]["type"], "calendarHasEvent");
    let state = jmap.call("CalendarEvent/get", json!({ "ids": [] }))["state"].clone();
    let done = jmap.call("CalendarEvent/set", json!({ "destroy": [&moved] }));
    assert_eq!(done["destroyed"], json!([moved]));
    let told = jmap.call("CalendarEvent/changes", json!({ "sinceState": state }));
    assert_eq!(told["destroyed"], json!([moved]), "{told}");
    let both = jmap.call("Calendar/set", json!({ "destroy": [&other, &id], "onDestroyRemoveEvents": true }));
    assert_eq!(both["destroyed"], json!([other, id]));
}

/// Every Friday at ten in Paris, before and after summer time begins.
fn weekly(id: &str) -> Value {
    json!({
        "calendarIds": { id: true }, "title": "Séminaire", "start": "2026-03-20T10:00:00", "timeZone": "Europe/Paris",
        "duration": "PT2H", "recurrenceRule": { "@type": "RecurrenceRule", "frequency": "weekly", "count": 4 },
    })
}

/// The instances in a range, as their ids and their starts in UTC.
#[track_caller]
fn instances(jmap: &Jmap<'_>, filter: Value) -> Vec<(String, String)> {
    let found = jmap.call(
        "CalendarEvent/query",
        json!({ "filter": filter, "expandRecurrences": true, "sort": [{ "property": "start" }] }),
    );
    let told = jmap.call("CalendarEvent/get", json!({ "ids": found["ids"], "properties": ["utcStart"] }));
    assert_eq!(told["notFound"], json!([]));
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    told["list"].as_array().unwrap().iter().map(|it| (text(&it["id"]), text(&it["utcStart"]))).collect()
}

#[test]
fn instances_are_told_moved_and_called_off_across_summer_time() {
    let gateway = Gateway::start("jmap-instances");
    let (jmap, who) = person(&gateway, "u00172");
    let id = calendar(&jmap, "Cours");
    let series = made(&jmap, weekly(&id));
    let spring = json!({ "after": "2026-03-01T00:00:00", "before": "2026-05-01T00:00:00" });
    let all = instances(&jmap, spring.clone());
    let starts: Vec<&str> = all.iter().map(|(_, start)| start.as_str()).collect();
    assert_eq!(
        starts,
        ["2026-03-20T09:00:00Z", "2026-03-27T09:00:00Z", "2026-04-03T08:00:00Z", "2026-04-10T08:00:00Z"]
    );
    let second = got(&jmap, &all[1].0);
    assert_eq!((&second["baseEventId"], &second["recurrenceId"]), (&json!(series), &json!("2026-03-27T10:00:00")));
    assert_eq!((&second["start"], second.get("recurrenceRule")), (&json!("2026-03-27T10:00:00"), None));

    changed(&jmap, &all[1].0, json!({ "start": "2026-03-28T14:00:00", "title": "Déplacé" }));
    let gone = jmap.call("CalendarEvent/set", json!({ "destroy": [&all[2].0] }));
    assert_eq!(gone["destroyed"], json!([all[2].0]));
    let now = instances(&jmap, spring.clone());
    let starts: Vec<&str> = now.iter().map(|(_, start)| start.as_str()).collect();
    assert_eq!(starts, ["2026-03-20T09:00:00Z", "2026-03-28T13:00:00Z", "2026-04-10T08:00:00Z"]);
    assert_eq!(now[1].0, all[1].0, "its id stays");
    let whole = got(&jmap, &series);
    assert_eq!(
        whole["recurrenceOverrides"],
        json!({ "2026-03-27T10:00:00": { "start": "2026-03-28T14:00:00", "title": "Déplacé" }, "2026-04-03T10:00:00": { "excluded": true } })
    );
    let missing = jmap.call("CalendarEvent/get", json!({ "ids": [&all[2].0] }));
    assert_eq!(missing["notFound"], json!([all[2].0]));

    // A program that knows nothing of JMAP sees the same.
    let item = address(&gateway, &who, "/dav/calendars/u00172/");
    let folder = gateway.dir.join("calendars/cours");
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("a.ics"), ask(&gateway, &who, "GET", &item, &[], "").body).unwrap();
    let khal = gateway.dir.join("khal");
    let dir = gateway.dir.display();
    fs::write(&khal, format!("[calendars]\n[[all]]\npath = {dir}/calendars/*\ntype = discover\n[locale]\nlocal_timezone = Europe/Paris\ndefault_timezone = Europe/Paris\ntimeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n[sqlite]\npath = {dir}/khal.db\n")).unwrap();
    let listed = run(
        "khal",
        &["-c", khal.to_str().unwrap(), "list", "--format", "{start} {title}", "--day-format", "", "2026-03-01", "60d"],
    );
    let lines: Vec<&str> = listed.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(
        lines,
        ["2026-03-20 10:00 Séminaire", "2026-03-28 14:00 Déplacé", "2026-04-10 10:00 Séminaire"],
        "{listed}"
    );

    // What CalDAV puts back is there again.
    let text = ask(&gateway, &who, "GET", &item, &[], "").body;
    let text: String = text.split_inclusive("\r\n").filter(|line| !line.starts_with("EXDATE")).collect();
    assert_eq!(ask(&gateway, &who, "PUT", &item, &[], &text).status, 204);
    assert_eq!(instances(&jmap, spring).len(), 4);
}

#[test]
fn events_are_found_by_what_is_asked() {
    let gateway = Gateway::start("jmap-events-found");
    let (jmap, who) = person(&gateway, "u00173");
    let (one, two) = (calendar(&jmap, "Un"), calendar(&jmap, "Deux"));
    let series = made(&jmap, weekly(&one));
    let exam = made(
        &jmap,
        json!({
            "calendarIds": { &two: true }, "uid": "exam@x.test", "title": "Examen", "description": "Salle à préciser", "showWithoutTime": true,
            "start": "2026-03-21T00:00:00", "duration": "P1D", "organizerCalendarAddress": "mailto:zoe@x.test",
            "participants": { "z": { "calendarAddress": "mailto:zoe@x.test", "name": "Zoë", "roles": { "owner": true, "attendee": true } } },
        }),
    );
    // A task in the same calendar is no event.
    let item = address(&gateway, &who, "/dav/calendars/u00173/");
    let folder = item.rsplit_once('/').unwrap().0;
    let task = event("task", "Examen").replace("VEVENT", "VTODO").replace("DTEND", "DUE");
    assert_eq!(ask(&gateway, &who, "PUT", &format!("{folder}/task.ics"), &[], &task).status, 201);
    let found = |filter: Value| {
        let found = jmap.call(
            "CalendarEvent/query",
            json!({ "filter": filter, "calculateTotal": true, "sort": [{ "property": "start" }] }),
        );
        found["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let both = [series.clone(), exam.clone()];
    for (filter, expected) in [
        (json!(null), &both[..]),
        (json!({ "inCalendar": two }), &both[1..]),
        (json!({ "title": "SÉMIN" }), &both[..1]),
        (json!({ "text": "zoë" }), &both[1..]),
        (json!({ "attendee": "zoe@x" }), &both[1..]),
        (json!({ "description": "préciser", "owner": "zoe" }), &both[1..]),
        (json!({ "uid": "exam@x.test" }), &both[1..]),
        (json!({ "location": "nowhere" }), &[]),
        // The last instance is on 10 April; the day has no zone but the reader's.
        (json!({ "after": "2026-04-10T00:00:00" }), &both[..1]),
        (json!({ "after": "2026-04-10T10:00:00" }), &[]),
        (json!({ "before": "2026-03-20T09:00:00" }), &[]),
        (json!({ "operator": "NOT", "conditions": [{ "inCalendar": one }] }), &both[1..]),
        (json!({ "operator": "OR", "conditions": [{ "uid": "exam@x.test" }, { "title": "sémin" }] }), &both[..]),
    ] {
        assert_eq!(found(filter.clone()), expected, "{filter}");
    }
    let all = jmap.call("CalendarEvent/get", json!({ "ids": null }));
    assert_eq!(all["list"].as_array().unwrap().len(), 2, "{all}");
    let range = json!({ "after": "2026-03-01T00:00:00", "before": "2026-05-01T00:00:00" });
    assert_eq!(instances(&jmap, json!({ "operator": "AND", "conditions": [range, { "inCalendar": two }] })).len(), 1);
    assert_eq!(instances(&jmap, range).len(), 5);
    let state = jmap.call("CalendarEvent/query", json!({}))["queryState"].clone();
    let same = jmap.call("CalendarEvent/queryChanges", json!({ "sinceQueryState": state }));
    assert_eq!((&same["added"], &same["removed"]), (&json!([]), &json!([])));
    changed(&jmap, &exam, json!({ "title": "Examen final" }));
    assert_eq!(
        jmap.refused("CalendarEvent/queryChanges", json!({ "sinceQueryState": state })),
        "cannotCalculateChanges"
    );
    for (wrong, word) in [
        (json!({ "expandRecurrences": true }), "invalidArguments"),
        (
            json!({ "expandRecurrences": true, "filter": { "after": "2026-01-01T00:00:00", "before": "2036-01-01T00:00:00" } }),
            "expandDurationTooLarge",
        ),
        (json!({ "sort": [{ "property": "title" }] }), "unsupportedSort"),
        (json!({ "filter": { "after": "soon" } }), "invalidArguments"),
        (json!({ "timeZone": "Mars/Olympus" }), "invalidArguments"),
    ] {
        assert_eq!(jmap.refused("CalendarEvent/query", wrong.clone()), word, "{wrong}");
    }
    // Every second for ever: it is said that it cannot be followed, by either way.
    let bomb = event("bomb", "bomb").replace("SUMMARY", "RRULE:FREQ=SECONDLY\r\nSUMMARY");
    assert_eq!(ask(&gateway, &who, "PUT", &format!("{folder}/bomb.ics"), &[], &bomb).status, 201);
    let year = json!({ "after": "2027-01-01T00:00:00", "before": "2028-01-01T00:00:00" });
    let refused = jmap.refused("CalendarEvent/query", json!({ "filter": year, "expandRecurrences": true }));
    assert_eq!(refused, "cannotCalculateOccurrences");
}

#[test]
fn a_shared_calendar_tells_of_private_events_when_and_not_what() {
    let gateway = Gateway::start("jmap-calendars-shared");
    let (owner, owner_dav) = person(&gateway, "u00174");
    let id = calendar(&owner, "Service");
    let open = made(
        &owner,
        json!({ "calendarIds": { &id: true }, "title": "Réunion", "start": "2026-12-01T10:00:00", "timeZone": "Europe/Paris", "duration": "PT1H" }),
    );
    let secret = made(
        &owner,
        json!({ "calendarIds": { &id: true }, "title": "Médecin", "description": "adresse", "privacy": "private",
                "start": "2026-12-02T10:00:00", "timeZone": "Europe/Paris", "duration": "PT1H" }),
    );
    let mut reader = Jmap::of(&gateway, "u00175");
    let account = reader.account.clone();
    reader.account.clone_from(&owner.account);
    assert_eq!(reader.refused("CalendarEvent/get", json!({ "ids": [&open] })), "accountNotFound");
    let item = address(&gateway, &owner_dav, "/dav/calendars/u00174/");
    let folder = item.rsplit_once('/').unwrap().0.to_owned();
    let name = folder.rsplit_once('/').unwrap().1.to_owned();
    let principal = |login: &str| {
        let found = owner.call("Principal/query", json!({ "filter": { "text": login } }));
        found["ids"][0].as_str().unwrap_or_else(|| panic!("{found}")).to_owned()
    };
    let with = principal("u00175");
    let reads = json!({ "mayReadFreeBusy": true, "mayReadItems": true });
    let told = owner.call("Calendar/set", json!({ "update": { &id: { "shareWith": { &with: reads } } } }));
    assert!(told["updated"].get(&id).is_some(), "{told}");
    let told = owner.call("Calendar/get", json!({ "ids": [&id] }))["list"][0]["shareWith"][&with].clone();
    assert_eq!((&told["mayReadItems"], &told["mayWriteAll"]), (&json!(true), &json!(false)), "{told}");
    let alone = json!({ "update": { &id: { format!("shareWith/{with}/mayWriteAll"): true } } });
    let alone = owner.call("Calendar/set", alone)["notUpdated"][&id].clone();
    assert_eq!(
        (&alone["type"], &alone["properties"]),
        (&json!("invalidProperties"), &json!(["shareWith"])),
        "rights that go together"
    );
    // In the account of whoever shares.
    let calendars = reader.call("Calendar/get", json!({ "ids": null }));
    let rights = &calendars["list"][0]["myRights"];
    assert_eq!((&rights["mayReadItems"], &rights["mayWriteAll"]), (&json!(true), &json!(false)));
    let told = reader.call("CalendarEvent/get", json!({ "ids": [&open, &secret] }));
    assert_eq!(told["list"][0]["title"], "Réunion");
    let hidden = &told["list"][1];
    assert_eq!((&hidden["start"], &hidden["privacy"]), (&json!("2026-12-02T10:00:00"), &json!("private")));
    assert!(!told.to_string().contains("decin") && !told.to_string().contains("adresse"), "{told}");
    for filter in [json!({ "title": "Médecin" }), json!({ "text": "adresse" })] {
        assert_eq!(
            reader.call("CalendarEvent/query", json!({ "filter": filter }))["ids"],
            json!([]),
            "it is not found by what is hidden"
        );
    }
    let refused =
        reader.call("CalendarEvent/set", json!({ "update": { &open: { "title": "x" } }, "destroy": [&secret] }));
    assert_eq!(
        (&refused["notUpdated"][&open]["type"], &refused["notDestroyed"][&secret]["type"]),
        (&json!("forbidden"), &json!("forbidden"))
    );
    // By CalDAV likewise: read, listed with its content, asked for.
    let dav = "u00175@a.test:pw-u00175";
    let theirs = format!("/dav/calendars/u00175/u00174@a.test:{name}");
    let multiget = |hrefs: &str| {
        format!(
            "<C:calendar-multiget xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><C:calendar-data/></D:prop>{hrefs}</C:calendar-multiget>"
        )
    };
    let hrefs = members(&gateway, dav, &format!("{theirs}/"));
    assert_eq!(hrefs.len(), 2, "{hrefs:?}");
    let wanted: String = hrefs.iter().map(|href| format!("<D:href>{href}</D:href>")).collect();
    let query = "<C:calendar-query xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><C:calendar-data/></D:prop><C:filter><C:comp-filter name='VCALENDAR'/></C:filter></C:calendar-query>";
    let sync = "<D:sync-collection xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:sync-token/><D:sync-level>1</D:sync-level><D:prop><C:calendar-data/></D:prop></D:sync-collection>";
    for report in [multiget(&wanted), query.to_owned(), sync.to_owned()] {
        let answer = ask(&gateway, dav, "REPORT", &format!("{theirs}/"), &["Depth: 1"], &report).body;
        assert!(answer.contains("Réunion") && answer.contains("20261202T100000"), "{answer}");
        assert!(!answer.contains("decin") && !answer.contains("adresse"), "{answer}");
        let own = ask(
            &gateway,
            &owner_dav,
            "REPORT",
            &format!("{folder}/"),
            &["Depth: 1"],
            &report.replace(&theirs, &folder),
        )
        .body;
        assert!(own.contains("Médecin"), "its owner is told: {own}");
    }
    let texts: Vec<(String, String)> =
        hrefs.iter().map(|href| (href.clone(), ask(&gateway, dav, "GET", href, &[], "").body)).collect();
    assert!(texts.iter().all(|(_, text)| text.contains("BEGIN:VEVENT") && !text.contains("decin")), "{texts:?}");
    // When the owner is busy is told too, the private hour like the other: to everybody who may invite them, whatever they may read.
    let day = json!({ "utcStart": "2026-12-01T00:00:00Z", "utcEnd": "2026-12-03T00:00:00Z" });
    let busy = |of: &str, asker: &str| {
        let mut ask = day.clone();
        ask["id"] = json!(of);
        Jmap::of(&gateway, asker).calls(&[("Principal/getAvailability", ask)]).remove(0).1
    };
    let told = busy(&principal("u00174"), "u00175");
    let expected = [("2026-12-01T09:00:00Z", "2026-12-01T10:00:00Z"), ("2026-12-02T09:00:00Z", "2026-12-02T10:00:00Z")];
    let expected = expected
        .map(|(start, end)| json!({ "utcStart": start, "utcEnd": end, "busyStatus": "confirmed", "event": null }));
    assert_eq!(told["list"], json!(expected), "{told}");
    assert_eq!(busy(&principal("u00174"), "u00176")["list"], json!(expected));
    assert_eq!(busy(&principal("u00174"), "u00174")["list"], json!(expected), "by oneself too");
    // Somebody of an institution that has not agreed, and nobody, are the same (`person/autan/u00174`, `person/garonne/nobody-1`).
    for id in ["UcGVyc29uL2F1dGFuL3UwMDE3NA", "UcGVyc29uL2dhcm9ubmUvbm9ib2R5LTE"] {
        assert_eq!(busy(id, "u00176")["type"], "notFound");
    }
    // Who may write does not write over what they were not told.
    let writes = json!({ "mayReadFreeBusy": true, "mayReadItems": true, "mayWriteAll": true, "mayUpdatePrivate": true, "mayRSVP": true });
    let told = owner.call("Calendar/set", json!({ "update": { &id: { format!("shareWith/{with}"): writes } } }));
    assert!(told["updated"].get(&id).is_some(), "{told}");
    let told = reader
        .call("CalendarEvent/set", json!({ "update": { &open: { "title": "Réunion 2" }, &secret: { "title": "x" } } }));
    assert!(told["updated"].get(&open).is_some() && told["notUpdated"][&secret]["type"] == "forbidden", "{told}");
    let (href, text) = texts.iter().find(|(_, text)| text.contains("20261202T100000")).unwrap();
    assert_eq!(ask(&gateway, dav, "PUT", href, &[], text).status, 403);
    assert_eq!(got(&owner, &secret)["title"], "Médecin");
    // A copy in one's own calendar of what may be read, and not of what is hidden.
    reader.account.clone_from(&account);
    radicale("DELETE", "/a-u00175/", "");
    let mine = calendar(&reader, "À moi");
    let copied = reader.call(
        "CalendarEvent/copy",
        json!({ "fromAccountId": owner.account, "create": {
            "a": { "id": open, "calendarIds": { &mine: true }, "title": "Copie" }, "b": { "id": secret, "calendarIds": { &mine: true } },
        } }),
    );
    assert_eq!(copied["notCreated"]["b"]["type"], "forbidden", "{copied}");
    let copy = got(&reader, copied["created"]["a"]["id"].as_str().unwrap());
    assert_eq!((&copy["title"], &copy["start"]), (&json!("Copie"), &json!("2026-12-01T10:00:00")));
    // What is taken back ends at once.
    let told = owner.call("Calendar/set", json!({ "update": { &id: { "shareWith": null } } }));
    assert!(told["updated"].get(&id).is_some(), "{told}");
    reader.account.clone_from(&owner.account);
    assert_eq!(reader.refused("CalendarEvent/get", json!({ "ids": [&open] })), "accountNotFound");
}

#[test]
fn an_event_invites_where_the_client_says_so() {
    let gateway = Gateway::start("jmap-scheduling");
    let (jmap, _) = person(&gateway, "u00235");
    let (_, guest) = person(&gateway, "u00236");
    let home = "/dav/calendars/u00236/";
    assert_eq!(ask(&gateway, &guest, "MKCALENDAR", &format!("{home}agenda/"), &[], "").status, 201);
    let identities = jmap.call("ParticipantIdentity/get", json!({ "ids": null }));
    let own = &identities["list"][0];
    assert_eq!((&own["calendarAddress"], &own["isDefault"]), (&json!("mailto:u00235@a.test"), &json!(true)));
    let calendar = calendar(&jmap, "Travail");
    let event = json!({
        "calendarIds": { calendar: true }, "title": "Conseil", "start": "2026-12-15T10:00:00", "timeZone": "Europe/Paris",
        "duration": "PT1H", "uid": "jmap-invites", "organizerCalendarAddress": own["calendarAddress"],
        "participants": {
            "o": { "@type": "Participant", "calendarAddress": own["calendarAddress"], "roles": { "owner": true, "attendee": true } },
            "g": { "@type": "Participant", "calendarAddress": "mailto:u00236@a.test", "roles": { "attendee": true } },
        },
    });
    let copy = || ask(&gateway, &guest, "GET", &format!("{home}agenda/jmap-invites.ics"), &[], "");
    let quiet = made(&jmap, event.clone());
    assert_eq!(copy().status, 404, "nobody was told");
    let gone = jmap.call("CalendarEvent/set", json!({ "destroy": [quiet] }));
    assert_eq!(gone["destroyed"], json!([quiet]), "{gone}");
    let told = jmap.call("CalendarEvent/set", json!({ "create": { "e": event }, "sendSchedulingMessages": true }));
    let id = told["created"]["e"]["id"].as_str().unwrap_or_else(|| panic!("{told}")).to_owned();
    assert!(copy().body.contains("SUMMARY:Conseil"), "{}", copy().body);

    // They answer by CalDAV, and the organiser has it by JMAP.
    let answered = copy().body.replace("mailto:u00236@a.test", "MAIL").replace("\r\n ", "");
    let line = answered.lines().find(|line| line.starts_with("ATTENDEE") && line.ends_with("MAIL")).unwrap().to_owned();
    let answered = answered.replace(&line, "ATTENDEE;PARTSTAT=ACCEPTED:mailto:u00236@a.test");
    let put = ask(&gateway, &guest, "PUT", &format!("{home}agenda/jmap-invites.ics"), &[], &answered);
    assert_eq!(put.status, 204, "{}", put.body);
    let seen = got(&jmap, &id);
    let people = seen["participants"].as_object().unwrap();
    let status = |mail: &str| {
        let one = people.values().find(|it| it["calendarAddress"] == format!("mailto:{mail}")).unwrap();
        one["participationStatus"].clone()
    };
    assert_eq!(status("u00236@a.test"), "accepted", "{seen}");

    let patch = json!({ "update": { &id: { "title": "Conseil restreint" } }, "sendSchedulingMessages": true });
    let told = jmap.call("CalendarEvent/set", patch);
    assert!(told["updated"].get(&id).is_some(), "{told}");
    assert!(copy().body.contains("Conseil restreint") && copy().body.contains("PARTSTAT=ACCEPTED"), "{}", copy().body);
    let told = jmap.call("CalendarEvent/set", json!({ "destroy": [id], "sendSchedulingMessages": true }));
    assert_eq!(told["destroyed"], json!([id]), "{told}");
    assert!(copy().body.contains("STATUS:CANCELLED"), "{}", copy().body);
}

#[test]
fn one_calendar_takes_invitations_and_changes_are_told_to_who_listens() {
    let gateway = Gateway::start("jmap-calendars-default");
    let (jmap, who) = person(&gateway, "u00271");
    let (one, other) = (calendar(&jmap, "One"), calendar(&jmap, "Other"));
    let default = || {
        let all = jmap.call("Calendar/get", json!({ "ids": null, "properties": ["isDefault"] }));
        let all = all["list"].as_array().unwrap().clone();
        let chosen: Vec<String> =
            all.iter().filter(|it| it["isDefault"] == true).map(|it| it["id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(chosen.len(), 1, "{all:?}");
        chosen[0].clone()
    };
    for id in [&one, &other, &one] {
        jmap.call("Calendar/set", json!({ "onSuccessSetIsDefault": id }));
        assert_eq!(&default(), id);
    }
    // What is made in the same call, and nothing where a part of the call was refused (draft-ietf-jmap-calendars §4.3).
    let set = json!({ "create": { "c": { "name": "Third" } }, "onSuccessSetIsDefault": "#c" });
    let third = jmap.call("Calendar/set", set)["created"]["c"]["id"].as_str().unwrap().to_owned();
    assert_eq!(default(), third);
    jmap.call("Calendar/set", json!({ "update": { &other: { "name": "" } }, "onSuccessSetIsDefault": other }));
    assert_eq!(default(), third);
    jmap.call("Calendar/set", json!({ "onSuccessSetIsDefault": "Cnone" }));
    assert_eq!(default(), third);

    let home = "/dav/calendars/u00271/";
    let place = members(&gateway, &who, home).remove(0);
    let window = Window::open(&gateway, "u00271", "types=CalendarEvent&closeafter=state&ping=0");
    assert_eq!(ask(&gateway, &who, "PUT", &format!("{place}z.ics"), &[], &event("z", "by CalDAV")).status, 201);
    let now = jmap.call("CalendarEvent/get", json!({ "ids": [] }))["state"].clone();
    let told = json!({ "@type": "StateChange", "changed": { &jmap.account: { "CalendarEvent": now } } });
    assert!(window.rest().contains(&told.to_string()), "{told}");
    let window = Window::open(&gateway, "u00271", "types=Calendar,ContactCard&closeafter=state&ping=0");
    assert_eq!(ask(&gateway, &who, "MKCALENDAR", &format!("{home}fourth/"), &[], "").status, 201);
    let now = jmap.call("Calendar/get", json!({ "ids": [] }))["state"].clone();
    let told = json!({ "@type": "StateChange", "changed": { &jmap.account: { "Calendar": now } } });
    assert!(window.rest().contains(&told.to_string()), "{told}");
}
