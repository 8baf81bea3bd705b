//! Tasks that are shared, that lie in files which people change, and that another program changes: todoman, by way of vdirsyncer.

#![allow(clippy::needless_pass_by_value, reason = "what is asked is written where it is asked")]

use super::{
    Jmap,
    calendars::{members, person},
    tasks::{changed, found, got, list, made},
};
use crate::{
    collections::{
        ask,
        clients::{sync, vdirsyncer},
        event, files,
    },
    harness::{Gateway, curl, run},
    sharing::grants,
};
use serde_json::{Value, json};
use std::{fs, path::Path};

#[test]
fn a_shared_list_hides_what_is_private_and_holds_to_its_rights() {
    let gateway = Gateway::start("jmap-tasks-shared");
    let (owner, owner_dav) = person(&gateway, "u00305");
    let id = list(&owner, "Service");
    let open = made(
        &owner,
        json!({ "taskListId": id, "title": "Commander", "due": "2026-12-04T18:00:00", "timeZone": "Europe/Paris" }),
    );
    let secret = made(
        &owner,
        json!({ "taskListId": id, "title": "Médecin", "description": "adresse", "privacy": "private", "due": "2026-12-05T00:00:00", "showWithoutTime": true }),
    );
    let mut reader = Jmap::of(&gateway, "u00306");
    reader.account.clone_from(&owner.account);
    assert_eq!(reader.refused("Task/get", json!({ "ids": [&open] })), "accountNotFound");
    let principal = |login: &str| {
        let found = owner.call("Principal/query", json!({ "filter": { "text": login } }));
        found["ids"][0].as_str().unwrap_or_else(|| panic!("{found}")).to_owned()
    };
    let with = principal("u00306");
    let reads = json!({ "mayReadItems": true });
    let told = owner.call("TaskList/set", json!({ "update": { &id: { "shareWith": { &with: reads } } } }));
    assert!(told["updated"].get(&id).is_some(), "{told}");
    let told = owner.call("TaskList/get", json!({ "ids": [&id] }))["list"][0]["shareWith"][&with].clone();
    assert_eq!(
        (&told["mayReadItems"], &told["mayWriteAll"], &told["mayAdmin"]),
        (&json!(true), &json!(false), &json!(false))
    );
    let alone = json!({ "update": { &id: { format!("shareWith/{with}/mayAdmin"): true } } });
    let alone = owner.call("TaskList/set", alone)["notUpdated"][&id].clone();
    assert_eq!((&alone["type"], &alone["properties"]), (&json!("invalidProperties"), &json!(["shareWith"])));

    let session = curl(&gateway, super::HOST, Some(&reader.who), "GET", "/jmap/session", &[]);
    let session: Value = serde_json::from_str(&session.body).unwrap();
    let theirs = &session["accounts"][&owner.account]["accountCapabilities"]["urn:ietf:params:jmap:tasks"];
    assert_eq!(theirs["mayCreateTaskList"], false, "{session}");
    let lists = reader.call("TaskList/get", json!({ "ids": null }));
    let rights = &lists["list"][0]["myRights"];
    assert_eq!((&rights["mayReadItems"], &rights["mayWriteAll"]), (&json!(true), &json!(false)));
    let told = reader.call("Task/get", json!({ "ids": [&open, &secret] }));
    assert_eq!(told["list"][0]["title"], "Commander");
    let hidden = &told["list"][1];
    assert_eq!((&hidden["due"], &hidden["privacy"]), (&json!("2026-12-05T00:00:00"), &json!("private")), "{told}");
    assert!(!told.to_string().contains("decin") && !told.to_string().contains("adresse"), "{told}");
    for filter in [json!({ "title": "Médecin" }), json!({ "text": "adresse" })] {
        assert_eq!(found(&reader, json!({ "filter": filter })).len(), 0, "it is not found by what is hidden");
    }
    let byline = json!({ "sort": [{ "property": "title", "isAscending": false }] });
    assert_eq!(found(&reader, byline), [open.clone(), secret.clone()], "nor put in order by it");
    let new = json!({ "taskListId": id, "title": "x" });
    let refused = reader.call(
        "Task/set",
        json!({ "create": { "t": new }, "update": { &open: { "title": "x" } }, "destroy": [&secret] }),
    );
    for error in [&refused["notCreated"]["t"], &refused["notUpdated"][&open], &refused["notDestroyed"][&secret]] {
        assert_eq!(error["type"], "forbidden", "{refused}");
    }
    let refused =
        reader.call("TaskList/set", json!({ "update": { &id: { "name": "x" } }, "create": { "l": { "name": "x" } } }));
    assert_eq!(
        (&refused["notUpdated"][&id]["type"], &refused["notCreated"]["l"]["type"]),
        (&json!("forbidden"), &json!("notFound"))
    );

    // Who may only add adds, and changes nothing, what they added neither.
    let name = members(&gateway, &owner_dav, "/dav/calendars/u00305/").remove(0);
    let name = name.trim_end_matches('/').rsplit_once('/').unwrap().1.to_owned();
    let give = |rights: &str| {
        let set = format!(
            "s.grant.set({{'owner': 'u00305', 'kind': 'calendar', 'path': '{name}'}}, {{'account': 'u00306'}}, [{rights}])"
        );
        grants(&gateway, "u00001@a.test:pw-u00001", &set);
    };
    give("'read', 'add'");
    let added = made(&reader, new.clone());
    let refused = reader.call("Task/set", json!({ "update": { &added: { "title": "y" } }, "destroy": [&open] }));
    assert_eq!(
        (&refused["notUpdated"][&added]["type"], &refused["notDestroyed"][&open]["type"]),
        (&json!("forbidden"), &json!("forbidden"))
    );
    // Who may write all completes what is open, and nothing that they were not told.
    let writes = json!({ "mayReadItems": true, "mayWriteAll": true, "mayUpdatePrivate": true, "mayRSVP": true });
    let told = owner.call("TaskList/set", json!({ "update": { &id: { format!("shareWith/{with}"): writes } } }));
    assert!(told["updated"].get(&id).is_some(), "{told}");
    let done = json!({ "progress": "completed" });
    let told = reader.call("Task/set", json!({ "update": { &open: done, &secret: done } }));
    assert!(told["updated"].get(&open).is_some() && told["notUpdated"][&secret]["type"] == "forbidden", "{told}");
    assert_eq!(
        (&got(&owner, &open)["progress"], &got(&owner, &secret)["title"]),
        (&json!("completed"), &json!("Médecin"))
    );
    // What is taken back ends at once; who has nothing finds nothing.
    let told = owner.call("TaskList/set", json!({ "update": { &id: { "shareWith": null } } }));
    assert!(told["updated"].get(&id).is_some(), "{told}");
    assert_eq!(reader.refused("Task/get", json!({ "ids": [&open] })), "accountNotFound");
}

#[test]
fn tasks_as_files() {
    let gateway = files::start("jmap-tasks-files");
    let jmap = Jmap::of(&gateway, "u00307");
    let id = list(&jmap, "Maison");
    let task = made(&jmap, json!({ "taskListId": id, "title": "Ranger", "uid": "ranger@x" }));
    let calendars = gateway.home("garonne", "u00307").join("Calendars");
    let folder = fs::read_dir(&calendars).unwrap().flatten().next().unwrap().path();
    assert!(fs::read_to_string(folder.join("collection.txt")).unwrap().contains("Holds: VTODO"));
    let file = fs::read_dir(&folder)
        .unwrap()
        .flatten()
        .map(|it| it.path())
        .find(|it| it.extension().is_some_and(|it| it == "ics"));
    let file = file.unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("SUMMARY:Ranger\r\n") && text.contains("UID:ranger@x\r\n"), "{text}");
    // Somebody writes into the file, and JMAP tells that and keeps it.
    let state = jmap.call("Task/get", json!({ "ids": [] }))["state"].clone();
    fs::write(&file, text.replace("SUMMARY:Ranger\r\n", "SUMMARY:Ranger la cave\r\nX-OURS:kept\r\n")).unwrap();
    let told = jmap.call("Task/changes", json!({ "sinceState": state }));
    assert_eq!(told["updated"], json!([task]), "{told}");
    assert_eq!(got(&jmap, &task)["title"], "Ranger la cave");
    changed(&jmap, &task, json!({ "progress": "completed" }));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("X-OURS:kept\r\n") && text.contains("STATUS:COMPLETED\r\n"), "{text}");
    // An event that somebody copies into the folder is no task of it.
    fs::write(folder.join("event.ics"), event("event", "Réunion")).unwrap();
    let told = jmap.call("Task/changes", json!({ "sinceState": told["newState"] }));
    assert_eq!(told["updated"], json!([task]), "{told}");
    assert_eq!(found(&jmap, json!({})), [task]);
    let kept = jmap.call("TaskList/set", json!({ "destroy": [&id], "onDestroyRemoveTasks": true }));
    assert_eq!(kept["notDestroyed"][&id]["type"], "forbidden", "{kept}");
    fs::remove_file(folder.join("event.ics")).unwrap();
    let gone = jmap.call("TaskList/set", json!({ "destroy": [&id], "onDestroyRemoveTasks": true }));
    assert_eq!(gone["destroyed"], json!([id]), "{gone}");
}

/// What todoman says in a folder of vdirsyncer's.
#[track_caller]
fn todoman(home: &Path, arguments: &[&str]) -> String {
    let settings = home.join("todoman.py");
    let text = format!(
        "path = '{home}/calendars/*'\ncache_path = '{home}/todoman.sqlite3'\ndate_format = '%Y-%m-%d'\ntime_format = '%H:%M'\ndefault_list = 'liste'\nhumanize = False\n",
        home = home.display()
    );
    fs::write(&settings, text).unwrap();
    let arguments =
        [&["TZ=Europe/Paris", "LC_ALL=C.UTF-8", "todoman", "--config", settings.to_str().unwrap()], arguments].concat();
    run("env", &arguments)
}

#[test]
fn todoman_and_jmap_complete_each_others_tasks() {
    let gateway = Gateway::start("jmap-tasks-todoman");
    let (jmap, who) = person(&gateway, "u00308");
    let make = "<C:mkcalendar xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:set><D:prop><C:supported-calendar-component-set>\
        <C:comp name='VTODO'/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>";
    assert_eq!(ask(&gateway, &who, "MKCALENDAR", "/dav/calendars/u00308/liste/", &[], make).status, 201);
    let id = jmap.call("TaskList/get", json!({ "ids": null }))["list"][0]["id"].as_str().unwrap().to_owned();
    let ours = made(
        &jmap,
        json!({ "taskListId": id, "title": "Par JMAP", "due": "2026-12-04T18:00:00", "timeZone": "Europe/Paris", "priority": 1 }),
    );
    let home = vdirsyncer(&gateway, "u00308");
    sync(&home);
    let listed = todoman(&home, &["list"]);
    assert!(listed.contains("Par JMAP") && listed.contains("2026-12-04 18:00"), "{listed}");

    // Completed there, it is completed here, since when it was; and a task of theirs is here.
    todoman(&home, &["done", "1"]);
    todoman(&home, &["new", "--list", "liste", "--due", "2026-12-24 12:00", "--priority", "high", "Par todoman"]);
    let state = jmap.call("Task/get", json!({ "ids": [] }))["state"].clone();
    sync(&home);
    let told = jmap.call("Task/changes", json!({ "sinceState": state }));
    assert!(told["updated"].as_array().unwrap().contains(&json!(ours)), "{told}");
    let done = got(&jmap, &ours);
    assert_eq!((&done["progress"], &done["percentComplete"]), (&json!("completed"), &json!(100)), "{done}");
    assert!(done["progressUpdated"].is_string(), "{done}");
    let theirs = found(&jmap, json!({ "filter": { "title": "par todoman" } })).remove(0);
    let told = got(&jmap, &theirs);
    assert_eq!((&told["progress"], &told["priority"]), (&json!("needs-action"), &json!(4)), "{told}");
    let due = jmap.call("Task/get", json!({ "ids": [&theirs], "properties": ["utcDue"] }));
    assert_eq!(due["list"][0]["utcDue"], "2026-12-24T11:00:00Z", "{due}");

    // And the other way round: theirs completed, ours taken up again.
    changed(&jmap, &theirs, json!({ "progress": "completed" }));
    changed(&jmap, &ours, json!({ "progress": "needs-action" }));
    sync(&home);
    let open = todoman(&home, &["list"]);
    assert!(open.contains("Par JMAP") && !open.contains("Par todoman"), "{open}");
    let done = todoman(&home, &["list", "--status", "COMPLETED"]);
    assert!(done.contains("Par todoman") && !done.contains("Par JMAP"), "{done}");
    let told: Value = serde_json::from_str(&todoman(&home, &["--porcelain", "list", "--status", "COMPLETED"])).unwrap();
    assert_eq!((&told[0]["completed"], &told[0]["percent"]), (&json!(true), &json!(100)), "{told}");
}
