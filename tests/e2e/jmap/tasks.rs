//! Tasks by JMAP on the campus's real Radicale, beside the same tasks by CalDAV.

#![allow(clippy::needless_pass_by_value, reason = "what is asked is written where it is asked")]

use super::{
    Jmap,
    calendars::{members, person},
};
use crate::{
    collections::ask,
    harness::{Gateway, curl},
};
use serde_json::{Value, json};

/// Makes a list; its id.
#[track_caller]
pub(super) fn list(jmap: &Jmap<'_>, name: &str) -> String {
    let made = jmap.call("TaskList/set", json!({ "create": { "l": { "name": name } } }));
    made["created"]["l"]["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

/// Makes a task; its id.
#[track_caller]
pub(super) fn made(jmap: &Jmap<'_>, task: Value) -> String {
    let made = jmap.call("Task/set", json!({ "create": { "t": task } }));
    made["created"]["t"]["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

#[track_caller]
pub(super) fn got(jmap: &Jmap<'_>, id: &str) -> Value {
    let got = jmap.call("Task/get", json!({ "ids": [id] }));
    assert_eq!(got["list"][0]["id"], id, "{got}");
    got["list"][0].clone()
}

/// Changes a task; what is told of that.
#[track_caller]
pub(super) fn changed(jmap: &Jmap<'_>, id: &str, patch: Value) -> Value {
    let told = jmap.call("Task/set", json!({ "update": { id: patch } }));
    assert!(told["updated"].get(id).is_some(), "{told}");
    told["updated"][id].clone()
}

/// The addresses of the items of somebody's first list by CalDAV.
#[track_caller]
fn addresses(gateway: &Gateway, who: &str, home: &str) -> Vec<String> {
    let lists = members(gateway, who, home);
    members(gateway, who, &lists[0])
}

/// The ids that a query finds, in its order.
#[track_caller]
pub(super) fn found(jmap: &Jmap<'_>, query: Value) -> Vec<String> {
    let found = jmap.call("Task/query", query);
    found["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_task_is_the_same_by_jmap_and_by_caldav() {
    let gateway = Gateway::start("jmap-tasks");
    let (jmap, who) = person(&gateway, "u00301");
    let session = curl(&gateway, super::HOST, Some(&jmap.who), "GET", "/jmap/session", &[]);
    let session: Value = serde_json::from_str(&session.body).unwrap();
    let capabilities = &session["accounts"][&jmap.account]["accountCapabilities"];
    assert_eq!(session["capabilities"]["urn:ietf:params:jmap:tasks"], json!({}));
    assert_eq!(session["primaryAccounts"]["urn:ietf:params:jmap:tasks"], jmap.account);
    assert_eq!(capabilities["urn:ietf:params:jmap:tasks"]["mayCreateTaskList"], true);
    assert_eq!(capabilities["urn:ietf:params:jmap:tasks:recurrences"]["maxExpandedQueryDuration"], "P1096D");

    let none = jmap.call("TaskList/get", json!({ "ids": null }));
    assert_eq!(none["list"], json!([]));
    let id = list(&jmap, "À faire");
    let told = jmap.call("TaskList/changes", json!({ "sinceState": none["state"] }));
    assert_eq!(told["created"], json!([id]));
    let renamed = jmap.call(
        "TaskList/set",
        json!({ "update": { &id: { "name": "Travail", "color": "#8a1538", "sortOrder": 2, "description": "x" } } }),
    );
    assert!(renamed["updated"].get(&id).is_some(), "{renamed}");
    let all = jmap.call("TaskList/get", json!({ "ids": [&id, "Cnone"] }));
    let rights = json!({
        "mayReadItems": true, "mayWriteAll": true, "mayWriteOwn": false, "mayUpdatePrivate": true, "mayRSVP": true, "mayAdmin": true, "mayDelete": true,
    });
    let expected = json!({
        "id": id, "role": null, "name": "Travail", "description": "x", "color": "#8a1538", "sortOrder": 2, "isSubscribed": true, "timeZone": null,
        "shareWith": null, "myRights": rights,
    });
    assert_eq!((&all["list"][0], &all["notFound"]), (&expected, &json!(["Cnone"])));
    // It holds tasks and nothing else, so that it is no calendar.
    assert_eq!(jmap.call("Calendar/get", json!({ "ids": null }))["list"], json!([]));
    assert_eq!(jmap.call("Calendar/get", json!({ "ids": [&id] }))["notFound"], json!([id]));

    let empty = jmap.call("Task/get", json!({ "ids": [] }))["state"].clone();
    let task = made(
        &jmap,
        json!({
            "@type": "Task", "taskListId": id, "title": "Rendre le rapport", "description": "en deux pages", "due": "2026-12-04T18:00:00",
            "timeZone": "Europe/Paris", "priority": 1, "keywords": { "cours": true }, "estimatedDuration": "PT2H", "sortOrder": 4,
            "relatedTo": { "parent@x": { "@type": "Relation", "relation": { "parent": true } } },
            "alerts": { "a": { "@type": "Alert", "trigger": { "@type": "OffsetTrigger", "offset": "-PT1H", "relativeTo": "end" } } },
        }),
    );
    let told = got(&jmap, &task);
    for (name, value) in [
        ("@type", json!("Task")),
        ("taskListId", json!(id)),
        ("title", json!("Rendre le rapport")),
        ("due", json!("2026-12-04T18:00:00")),
        ("timeZone", json!("Europe/Paris")),
        ("priority", json!(1)),
        ("progress", json!("needs-action")),
        ("estimatedDuration", json!("PT2H")),
        ("sortOrder", json!(4)),
        ("keywords", json!({ "cours": true })),
        ("relatedTo", json!({ "parent@x": { "@type": "Relation", "relation": { "parent": true } } })),
        ("isDraft", json!(false)),
    ] {
        assert_eq!(told.get(name), Some(&value), "{name} of {told}");
    }
    assert_eq!(told["alerts"]["a"]["trigger"]["relativeTo"], "end");
    assert!(told.get("utcDue").is_none() && told.get("start").is_none() && told["created"].is_string(), "{told}");
    let utc = jmap.call("Task/get", json!({ "ids": [&task], "properties": ["utcStart", "utcDue"] }));
    assert_eq!(utc["list"][0], json!({ "id": task, "utcStart": null, "utcDue": "2026-12-04T17:00:00Z" }));
    let told = jmap.call("Task/changes", json!({ "sinceState": empty }));
    assert!(told["created"].as_array().unwrap().contains(&json!(task)), "{told}");

    // By CalDAV it is there, and what CalDAV writes beside what JMAP knows stays when JMAP changes something.
    let item = addresses(&gateway, &who, "/dav/calendars/u00301/").remove(0);
    let text = ask(&gateway, &who, "GET", &item, &[], "").body;
    assert!(text.contains("BEGIN:VTODO") && text.contains("DUE;TZID=Europe/Paris:20261204T180000\r\n"), "{text}");
    let text = text.replace("SUMMARY:Rendre le rapport\r\n", "SUMMARY:Rendre tout\r\nX-OURS;X-P=\"a;b\":kept\r\n");
    let state = told["newState"].clone();
    assert_eq!(ask(&gateway, &who, "PUT", &item, &[], &text).status, 204);
    let told = jmap.call("Task/changes", json!({ "sinceState": state }));
    assert_eq!(told["updated"], json!([task]), "{told}");
    assert_eq!(got(&jmap, &task)["title"], "Rendre tout");
    changed(&jmap, &task, json!({ "keywords/rapport": true, "percentComplete": 40, "progress": "in-process" }));
    let after = ask(&gateway, &who, "GET", &item, &[], "").body;
    for line in
        ["X-OURS;X-P=\"a;b\":kept\r\n", "STATUS:IN-PROCESS\r\n", "PERCENT-COMPLETE:40\r\n", "SUMMARY:Rendre tout\r\n"]
    {
        assert!(after.contains(line), "{line} in {after}");
    }

    // Completed: all that other programs look at says so, and what followed is told.
    let told = changed(&jmap, &task, json!({ "progress": "completed" }));
    assert_eq!((&told["percentComplete"], &told["progressUpdated"]), (&json!(100), &told["updated"]), "{told}");
    let text = ask(&gateway, &who, "GET", &item, &[], "").body;
    let moment = told["updated"].as_str().unwrap().replace(['-', ':'], "");
    for line in ["STATUS:COMPLETED\r\n", "PERCENT-COMPLETE:100\r\n", &format!("\nCOMPLETED:{moment}\r\n")] {
        assert!(text.contains(line), "{line} in {text}");
    }
    let told = changed(&jmap, &task, json!({ "progress": "needs-action" }));
    assert_eq!((&told["percentComplete"], &told["progressUpdated"]), (&Value::Null, &Value::Null), "{told}");
    let text = ask(&gateway, &who, "GET", &item, &[], "").body;
    assert!(text.contains("STATUS:NEEDS-ACTION\r\n") && !text.contains("COMPLETE"), "{text}");

    // What cannot be kept is refused, and named; nothing is lost.
    for (patch, property) in [
        (json!({ "title": 3 }), "title"),
        (json!({ "progress": "perhaps" }), "progress"),
        (json!({ "progressUpdated": "2026-12-01T00:00:00Z" }), "progressUpdated"),
        (json!({ "x.test:mine": 1 }), "x.test:mine"),
        (json!({ "taskListId": null }), "taskListId"),
        (json!({ "taskListId": "Cnone" }), "taskListId"),
        (json!({ "isDraft": true }), "isDraft"),
        (json!({ "estimatedWork": 3 }), "estimatedWork"),
        (json!({ "recurrenceRule": { "frequency": "daily" } }), "recurrenceRule"),
        (json!({ "recurrenceRules": [{ "frequency": "daily" }] }), "recurrenceRules"),
        (json!({ "recurrenceRules": [{ "frequency": "daily" }, { "frequency": "weekly" }] }), "recurrenceRules"),
    ] {
        let told = jmap.call("Task/set", json!({ "update": { &task: patch } }));
        let error = &told["notUpdated"][&task];
        assert_eq!((&error["type"], &error["properties"]), (&json!("invalidProperties"), &json!([property])), "{told}");
    }
    assert_eq!(ask(&gateway, &who, "GET", &item, &[], "").body, text);
    for wrong in
        [json!({ "title": "x" }), json!({ "taskListId": id, "@type": "Event" }), json!({ "taskListId": { &id: true } })]
    {
        let told = jmap.call("Task/set", json!({ "create": { "t": wrong } }));
        assert_eq!(told["notCreated"]["t"]["type"], "invalidProperties", "{told}");
    }
    // Somebody has changed something meanwhile: nothing is written over it.
    assert_eq!(jmap.refused("Task/set", json!({ "ifInState": empty, "destroy": [&task] })), "stateMismatch");
    let now = jmap.call("Task/get", json!({ "ids": [] }))["state"].clone();
    let told = jmap.call("Task/set", json!({ "ifInState": now, "update": { &task: { "title": "Rendre" } } }));
    assert!(told["updated"].get(&task).is_some() && told["newState"] != now, "{told}");
    assert_eq!(
        jmap.refused("Task/set", json!({ "ifInState": now, "update": { &task: { "title": "y" } } })),
        "stateMismatch"
    );
    assert_eq!(got(&jmap, &task)["title"], "Rendre");
    assert_eq!(jmap.refused("Task/changes", json!({ "sinceState": "nonsense" })), "cannotCalculateChanges");

    // To another list it goes with another id.
    let other = list(&jmap, "Autre");
    let moved = changed(&jmap, &task, json!({ "taskListId": &other }))["id"].as_str().unwrap().to_owned();
    assert_eq!((&got(&jmap, &moved)["taskListId"], &got(&jmap, &moved)["title"]), (&json!(other), &json!("Rendre")));
    assert_eq!(jmap.call("Task/get", json!({ "ids": [&task] }))["notFound"], json!([task]));
    let full = jmap.call("TaskList/set", json!({ "destroy": [&other] }));
    assert_eq!(full["notDestroyed"][&other]["type"], "taskListHasTask");
    let state = jmap.call("Task/get", json!({ "ids": [] }))["state"].clone();
    let done = jmap.call("Task/set", json!({ "destroy": [&moved] }));
    assert_eq!(done["destroyed"], json!([moved]));
    let told = jmap.call("Task/changes", json!({ "sinceState": state }));
    assert_eq!(told["destroyed"], json!([moved]), "{told}");
    let last = made(&jmap, json!({ "taskListId": id, "title": "x" }));
    let both = jmap.call("TaskList/set", json!({ "destroy": [&other, &id], "onDestroyRemoveTasks": true }));
    assert_eq!(both["destroyed"], json!([other, id]));
    assert_eq!(jmap.call("Task/get", json!({ "ids": [&last] }))["notFound"], json!([last]));
}

#[test]
fn events_and_tasks_of_one_calendar_keep_apart() {
    let gateway = Gateway::start("jmap-tasks-apart");
    let (jmap, who) = person(&gateway, "u00302");
    let calendar = jmap.call("Calendar/set", json!({ "create": { "c": { "name": "Les deux" } } }));
    let calendar = calendar["created"]["c"]["id"].as_str().unwrap().to_owned();
    // What is made as a calendar holds both, by one id.
    assert_eq!(jmap.call("TaskList/get", json!({ "ids": null }))["list"][0]["id"], calendar);
    let states = |jmap: &Jmap<'_>| {
        ["CalendarEvent/get", "Task/get"].map(|get| jmap.call(get, json!({ "ids": [] }))["state"].clone())
    };
    let [events, tasks] = states(&jmap);
    let task = made(&jmap, json!({ "taskListId": calendar, "title": "Tâche" }));
    let event_made = json!({ "calendarIds": { &calendar: true }, "title": "Réunion", "start": "2026-12-01T10:00:00" });
    let event_made = jmap.call("CalendarEvent/set", json!({ "create": { "e": event_made } }));
    let event_id = event_made["created"]["e"]["id"].as_str().unwrap_or_else(|| panic!("{event_made}")).to_owned();
    for (method, since, own, other) in
        [("CalendarEvent/changes", events, &event_id, &task), ("Task/changes", tasks, &task, &event_id)]
    {
        let told = jmap.call(method, json!({ "sinceState": since }));
        assert_eq!(told["created"], json!([own]), "{method}: {told}");
        assert!(!told.to_string().contains(other.as_str()), "{method}: {told}");
    }
    for (get, own, other) in [("CalendarEvent/get", &event_id, &task), ("Task/get", &task, &event_id)] {
        let told = jmap.call(get, json!({ "ids": [own, other] }));
        assert_eq!((&told["list"][0]["id"], &told["notFound"]), (&json!(own), &json!([other])), "{get}");
        let all = jmap.call(get, json!({ "ids": null }));
        assert_eq!(all["list"].as_array().unwrap().len(), 1, "{get}: {all}");
        let query = get.replace("/get", "/query");
        assert_eq!(jmap.call(&query, json!({}))["ids"], json!([own]));
        let set = get.replace("/get", "/set");
        let told = jmap.call(&set, json!({ "update": { other: { "title": "x" } }, "destroy": [other] }));
        assert_eq!(
            (&told["notUpdated"][other]["type"], &told["notDestroyed"][other]["type"]),
            (&json!("notFound"), &json!("notFound")),
            "{set}"
        );
    }
    assert_eq!(jmap.refused("Task/query", json!({ "filter": { "inCalendar": calendar } })), "invalidArguments");
    assert_eq!(
        jmap.refused("CalendarEvent/query", json!({ "filter": { "inTaskList": calendar } })),
        "invalidArguments"
    );
    // Whoever looks at tasks alone does not take the events away with them.
    let told = jmap.call("TaskList/set", json!({ "destroy": [&calendar], "onDestroyRemoveTasks": true }));
    assert_eq!(told["notDestroyed"][&calendar]["type"], "forbidden", "{told}");
    assert_eq!(got(&jmap, &task)["title"], "Tâche");
    // A calendar for events alone is no list, and nothing is put into it as into one.
    let make = "<C:mkcalendar xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:set><D:prop><C:supported-calendar-component-set>\
        <C:comp name='VEVENT'/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>";
    assert_eq!(ask(&gateway, &who, "MKCALENDAR", "/dav/calendars/u00302/events/", &[], make).status, 201);
    let all = jmap.call("Calendar/get", json!({ "ids": null }));
    let alone = all["list"].as_array().unwrap().iter().find(|it| it["id"] != calendar).unwrap()["id"].clone();
    assert_eq!(jmap.call("TaskList/get", json!({ "ids": [&alone] }))["notFound"], json!([alone]));
    let told = jmap.call("Task/set", json!({ "create": { "t": { "taskListId": alone, "title": "x" } } }));
    assert_eq!(told["notCreated"]["t"]["properties"], json!(["taskListId"]), "{told}");
    // A copy is another task, with what is said of it besides.
    let other = list(&jmap, "Autre");
    let copied = jmap.call("Task/copy", json!({ "fromAccountId": jmap.account, "create": { "t": { "id": task, "taskListId": other, "title": "Copie" } } }));
    assert_eq!(
        got(&jmap, copied["created"]["t"]["id"].as_str().unwrap_or_else(|| panic!("{copied}")))["title"],
        "Copie"
    );
}

#[test]
fn tasks_are_found_by_what_is_asked() {
    let gateway = Gateway::start("jmap-tasks-found");
    let (jmap, _) = person(&gateway, "u00303");
    let (one, two) = (list(&jmap, "Un"), list(&jmap, "Deux"));
    let paris = "Europe/Paris";
    let soon = made(
        &jmap,
        json!({ "taskListId": one, "title": "b rapport", "due": "2026-12-04T18:00:00", "timeZone": paris, "priority": 5 }),
    );
    let day = made(
        &jmap,
        json!({ "taskListId": one, "title": "a facture", "due": "2026-12-03T00:00:00", "showWithoutTime": true, "description": "EDF" }),
    );
    let long = made(
        &jmap,
        json!({ "taskListId": two, "title": "d thèse", "start": "2026-11-01T09:00:00", "due": "2026-12-20T09:00:00", "timeZone": paris, "priority": 1 }),
    );
    let free = made(&jmap, json!({ "taskListId": two, "title": "c ranger", "keywords": { "maison": true } }));
    let weekly = made(
        &jmap,
        json!({
            "taskListId": two, "title": "e arroser", "start": "2026-12-01T08:00:00", "due": "2026-12-01T09:00:00", "timeZone": paris,
            "recurrenceRules": [{ "@type": "RecurrenceRule", "frequency": "weekly", "count": 3 }],
        }),
    );
    let told = got(&jmap, &weekly);
    assert_eq!(
        (&told["recurrenceRules"][0]["frequency"], told.get("recurrenceRule")),
        (&json!("weekly"), None),
        "{told}"
    );
    for (filter, expected) in [
        (json!(null), vec![&day, &soon, &free, &long, &weekly]),
        (json!({ "inTaskList": one }), vec![&day, &soon]),
        (json!({ "title": "THÈSE" }), vec![&long]),
        (json!({ "text": "edf" }), vec![&day]),
        (json!({ "text": "maison" }), vec![&free]),
        // All day long it is due, and not the day after.
        (json!({ "after": "2026-12-03T20:00:00", "before": "2026-12-03T21:00:00" }), vec![&day, &long]),
        (json!({ "after": "2026-12-04T00:00:00", "before": "2026-12-05T00:00:00" }), vec![&soon, &long]),
        (json!({ "before": "2026-11-15T00:00:00" }), vec![&long]),
        (json!({ "after": "2026-12-15T07:00:00" }), vec![&long, &weekly]),
        (json!({ "after": "2026-12-21T00:00:00" }), vec![]),
        // What has no time is at none.
        (json!({ "operator": "NOT", "conditions": [{ "after": "1900-01-01T00:00:00" }] }), vec![&free]),
    ] {
        let query = json!({ "filter": filter, "sort": [{ "property": "title" }], "timeZone": paris });
        let expected: Vec<String> = expected.into_iter().cloned().collect();
        assert_eq!(found(&jmap, query), expected, "{filter}");
    }
    for (sort, expected) in [
        (json!([{ "property": "due" }]), [&weekly, &day, &soon, &long, &free]),
        (json!([{ "property": "due", "isAscending": false }]), [&free, &long, &soon, &day, &weekly]),
        (json!([{ "property": "priority" }, { "property": "title" }]), [&long, &soon, &day, &free, &weekly]),
        (json!([{ "property": "start" }, { "property": "title" }]), [&long, &weekly, &day, &soon, &free]),
        (json!([{ "property": "title", "isAscending": false }]), [&weekly, &long, &free, &soon, &day]),
    ] {
        assert_eq!(found(&jmap, json!({ "sort": sort, "timeZone": paris })), expected.map(Clone::clone), "{sort}");
    }
    let part = jmap.call(
        "Task/query",
        json!({ "sort": [{ "property": "title" }], "position": 1, "limit": 2, "calculateTotal": true }),
    );
    assert_eq!((&part["ids"], &part["total"]), (&json!([soon, free]), &json!(5)));
    // Each instance in a time, and what is due in it without recurring.
    let range = json!({ "after": "2026-12-03T00:00:00", "before": "2026-12-12T00:00:00" });
    let query =
        json!({ "filter": range, "expandRecurrences": true, "sort": [{ "property": "due" }], "timeZone": paris });
    let instances = found(&jmap, query);
    assert_eq!(
        (instances.len(), &instances[0], &instances[1], &instances[3]),
        (4, &day, &soon, &long),
        "{instances:?}"
    );
    let second = got(&jmap, &instances[2]);
    assert_eq!((&second["baseTaskId"], &second["due"]), (&json!(weekly), &json!("2026-12-08T09:00:00")), "{second}");
    let state = jmap.call("Task/query", json!({}))["queryState"].clone();
    let same = jmap.call("Task/queryChanges", json!({ "sinceQueryState": state }));
    assert_eq!((&same["added"], &same["removed"]), (&json!([]), &json!([])));
    changed(&jmap, &free, json!({ "title": "ranger" }));
    assert_eq!(jmap.refused("Task/queryChanges", json!({ "sinceQueryState": state })), "cannotCalculateChanges");
    for (wrong, word) in [
        (json!({ "expandRecurrences": true }), "invalidArguments"),
        (json!({ "sort": [{ "property": "colour" }] }), "unsupportedSort"),
        (json!({ "filter": { "progress": "completed" } }), "invalidArguments"),
        (json!({ "filter": { "after": "soon" } }), "invalidArguments"),
    ] {
        assert_eq!(jmap.refused("Task/query", wrong.clone()), word, "{wrong}");
    }
}

#[test]
fn one_of_many_is_completed_and_the_rest_is_not() {
    let gateway = Gateway::start("jmap-tasks-instances");
    let (jmap, who) = person(&gateway, "u00304");
    let id = list(&jmap, "Plantes");
    let task = made(
        &jmap,
        json!({
            "taskListId": id, "title": "Arroser", "start": "2026-03-20T10:00:00", "due": "2026-03-20T12:00:00", "timeZone": "Europe/Paris",
            "recurrenceRules": [{ "@type": "RecurrenceRule", "frequency": "weekly", "count": 4 }],
        }),
    );
    let told =
        changed(&jmap, &task, json!({ "recurrenceOverrides": { "2026-03-27T10:00:00": { "progress": "completed" } } }));
    let second = &told["recurrenceOverrides"]["2026-03-27T10:00:00"];
    assert_eq!((&second["progress"], &second["percentComplete"]), (&json!("completed"), &json!(100)), "{told}");
    let range = json!({ "after": "2026-03-01T00:00:00", "before": "2026-05-01T00:00:00" });
    let all = found(&jmap, json!({ "filter": range, "expandRecurrences": true, "sort": [{ "property": "start" }] }));
    let progress = |ids: &[String]| {
        let told = jmap.call("Task/get", json!({ "ids": ids, "properties": ["progress"] }));
        told["list"]
            .as_array()
            .unwrap()
            .iter()
            .map(|it| it["progress"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(progress(&all), ["needs-action", "completed", "needs-action", "needs-action"]);
    // By its own id another one, a third called off.
    let told = changed(&jmap, &all[2], json!({ "progress": "completed" }));
    assert_eq!(told["percentComplete"], 100, "{told}");
    assert_eq!(jmap.call("Task/set", json!({ "destroy": [&all[3]] }))["destroyed"], json!([all[3]]));
    assert_eq!(progress(&all), ["needs-action", "completed", "completed"]);
    let item = addresses(&gateway, &who, "/dav/calendars/u00304/").remove(0);
    let text = ask(&gateway, &who, "GET", &item, &[], "").body;
    assert_eq!((text.matches("RECURRENCE-ID").count(), text.matches("STATUS:COMPLETED").count()), (2, 2), "{text}");
    assert!(text.contains("EXDATE;TZID=Europe/Paris:20260410T100000"), "{text}");
    changed(&jmap, &task, json!({ "recurrenceOverrides/2026-03-27T10:00:00": null }));
    assert_eq!(progress(&all), ["needs-action", "needs-action", "completed"]);
    let text = ask(&gateway, &who, "GET", &item, &[], "").body;
    assert_eq!(text.matches("RECURRENCE-ID").count(), 1, "{text}");
}
