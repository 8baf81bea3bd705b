//! Notes by JMAP on the campus's real Radicale and in files, beside the same notes by CalDAV and by another program: Python's caldav.

#![allow(clippy::needless_pass_by_value, reason = "what is asked is written where it is asked")]

use super::{
    Jmap,
    calendars::{members, person},
    events::Window,
};
use crate::{
    collections::{ask, event, files},
    harness::{Gateway, campus, curl, run},
};
use serde_json::{Value, json};
use std::fs;

/// Makes a notebook; its id.
#[track_caller]
fn notebook(jmap: &Jmap<'_>, name: &str) -> String {
    let made = jmap.call("Notebook/set", json!({ "create": { "b": { "name": name } } }));
    made["created"]["b"]["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

/// Makes a note; its id.
#[track_caller]
fn made(jmap: &Jmap<'_>, note: Value) -> String {
    let made = jmap.call("Note/set", json!({ "create": { "n": note } }));
    made["created"]["n"]["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

#[track_caller]
fn got(jmap: &Jmap<'_>, id: &str) -> Value {
    let got = jmap.call("Note/get", json!({ "ids": [id] }));
    assert_eq!(got["list"][0]["id"], id, "{got}");
    got["list"][0].clone()
}

/// Changes a note; what is told of that.
#[track_caller]
fn changed(jmap: &Jmap<'_>, id: &str, patch: Value) -> Value {
    let told = jmap.call("Note/set", json!({ "update": { id: patch } }));
    assert!(told["updated"].get(id).is_some(), "{told}");
    told["updated"][id].clone()
}

/// The ids that a query finds, in its order.
#[track_caller]
fn found(jmap: &Jmap<'_>, query: Value) -> Vec<String> {
    let found = jmap.call("Note/query", query);
    found["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_note_is_the_same_by_jmap_and_by_caldav() {
    let gateway = Gateway::start("jmap-notes");
    let (jmap, who) = person(&gateway, "u00337");
    let session = curl(&gateway, super::HOST, Some(&jmap.who), "GET", "/jmap/session", &[]);
    let session: Value = serde_json::from_str(&session.body).unwrap();
    let capabilities = &session["accounts"][&jmap.account]["accountCapabilities"];
    assert_eq!(session["capabilities"]["urn:passerelle:params:jmap:notes"], json!({}));
    assert_eq!(session["primaryAccounts"]["urn:passerelle:params:jmap:notes"], jmap.account);
    assert_eq!(capabilities["urn:passerelle:params:jmap:notes"]["mayCreateNotebook"], true);

    let none = jmap.call("Notebook/get", json!({ "ids": null }));
    assert_eq!(none["list"], json!([]));
    let id = notebook(&jmap, "Carnet");
    let told = jmap.call("Notebook/changes", json!({ "sinceState": none["state"] }));
    assert_eq!(told["created"], json!([id]));
    let renamed = jmap.call(
        "Notebook/set",
        json!({ "update": { &id: { "name": "Cours", "color": "#8a1538", "sortOrder": 2, "description": "x" } } }),
    );
    assert!(renamed["updated"].get(&id).is_some(), "{renamed}");
    let all = jmap.call("Notebook/get", json!({ "ids": [&id, "Cnone"] }));
    let expected = json!({
        "id": id, "name": "Cours", "description": "x", "color": "#8a1538", "sortOrder": 2, "isSubscribed": true, "shareWith": null,
        "myRights": { "mayReadItems": true, "mayWriteAll": true, "mayAdmin": true, "mayDelete": true },
    });
    assert_eq!((&all["list"][0], &all["notFound"]), (&expected, &json!(["Cnone"])));
    // It holds notes and nothing else, so that it is neither a calendar nor a task list.
    for get in ["Calendar/get", "TaskList/get"] {
        assert_eq!(jmap.call(get, json!({ "ids": null }))["list"], json!([]));
        assert_eq!(jmap.call(get, json!({ "ids": [&id] }))["notFound"], json!([id]));
    }
    let refused = jmap.call("Notebook/set", json!({ "update": { &id: { "timeZone": "Europe/Paris" } } }));
    assert_eq!(refused["notUpdated"][&id]["properties"], json!(["timeZone"]), "{refused}");

    let empty = jmap.call("Note/get", json!({ "ids": [] }))["state"].clone();
    let body = "# Matrices\n\n- [ ] exercice 3, page 12\n- [x] lire; *relire*\n";
    let note =
        made(&jmap, json!({ "notebookId": id, "title": "Algèbre", "body": body, "keywords": { "cours": true } }));
    let told = got(&jmap, &note);
    for (name, value) in [
        ("@type", json!("Note")),
        ("notebookId", json!(id)),
        ("title", json!("Algèbre")),
        ("body", json!(body)),
        ("preview", json!("# Matrices\n- [ ] exercice 3, page 12\n- [x] lire; *relire*")),
        ("keywords", json!({ "cours": true })),
    ] {
        assert_eq!(told.get(name), Some(&value), "{name} of {told}");
    }
    assert!(told["created"].is_string() && told["updated"].is_string() && told["uid"].is_string(), "{told}");
    for name in ["date", "start", "version", "color", "status", "privacy"] {
        assert!(told.get(name).is_none(), "{name} of {told}");
    }
    let told = jmap.call("Note/changes", json!({ "sinceState": empty }));
    assert!(told["created"].as_array().unwrap().contains(&json!(note)), "{told}");
    // No other type names it.
    for (get, query) in [("CalendarEvent/get", "CalendarEvent/query"), ("Task/get", "Task/query")] {
        assert_eq!(jmap.call(get, json!({ "ids": [&note] }))["notFound"], json!([note]));
        assert_eq!(jmap.call(query, json!({}))["ids"], json!([]));
    }

    // By CalDAV it is there, and what CalDAV writes beside what JMAP knows stays when JMAP changes something.
    let books = members(&gateway, &who, "/dav/calendars/u00337/");
    let item = members(&gateway, &who, &books[0]).remove(0);
    let text = ask(&gateway, &who, "GET", &item, &[], "").body;
    assert!(text.contains("BEGIN:VJOURNAL") && !text.contains("DTSTART"), "{text}");
    let text = text.replace("SUMMARY:Algèbre\r\n", "SUMMARY:Algèbre II\r\nX-OURS;X-P=\"a;b\":kept\r\n");
    let (state, before) = (told["newState"].clone(), got(&jmap, &note)["revision"].clone());
    assert_eq!(ask(&gateway, &who, "PUT", &item, &[], &text).status, 204);
    let told = jmap.call("Note/changes", json!({ "sinceState": state }));
    assert_eq!(told["updated"], json!([note]), "{told}");
    assert_eq!(got(&jmap, &note)["title"], "Algèbre II");

    // Whoever listens hears of it.
    let window = Window::open(&gateway, "u00337", "types=Note&closeafter=state&ping=0");
    changed(&jmap, &note, json!({ "status": "draft" }));
    let told = json!({ "@type": "StateChange", "changed": { &jmap.account: { "Note": jmap.call("Note/get", json!({ "ids": [] }))["state"] } } });
    assert!(window.rest().contains(&told.to_string()), "{told}");

    // Whoever has read it before does not write over that, by the account's state nor by the note's revision.
    let late = json!({ "update": { &note: { "body": "late" } }, "ifInState": state });
    assert_eq!(jmap.refused("Note/set", late), "stateMismatch");
    let late = jmap.call("Note/set", json!({ "update": { &note: { "body": "late", "revision": before } } }));
    assert_eq!(late["notUpdated"][&note]["type"], "stateMismatch", "{late}");
    let now = got(&jmap, &note)["revision"].clone();
    assert!(now.is_string() && now != before);
    changed(
        &jmap,
        &note,
        json!({ "body": "autre\ntexte", "revision": now, "keywords/rapport": true, "color": "tomato", "date": "2026-12-04" }),
    );
    let after = ask(&gateway, &who, "GET", &item, &[], "").body;
    for line in [
        "X-OURS;X-P=\"a;b\":kept\r\n",
        "DESCRIPTION:autre\\ntexte\r\n",
        "SUMMARY:Algèbre II\r\n",
        "STATUS:DRAFT\r\n",
        "COLOR:tomato\r\n",
        "DTSTART;VALUE=DATE:20261204\r\n",
    ] {
        assert!(after.contains(line), "{line} in {after}");
    }
    assert_ne!(got(&jmap, &note)["revision"], now);
    for (patch, property) in [
        (json!({ "priority": 1 }), "priority"),
        (json!({ "description": "x" }), "description"),
        (json!({ "date": "demain" }), "date"),
        (json!({ "notebookId": "Cnone" }), "notebookId"),
    ] {
        let refused = jmap.call("Note/set", json!({ "update": { &note: patch } }));
        assert_eq!(refused["notUpdated"][&note]["properties"], json!([property]), "{refused}");
    }

    // It is found by its words and its day, and goes to another notebook by another id.
    let second = made(&jmap, json!({ "notebookId": id, "title": "Zoologie", "body": "rien", "uid": "z@x" }));
    for (filter, expected) in [
        (json!({ "text": "TEXTE" }), vec![&note]),
        (json!({ "title": "zoo" }), vec![&second]),
        (json!({ "body": "rien" }), vec![&second]),
        (json!({ "after": "2026-12-04T10:00:00", "before": "2026-12-05T00:00:00" }), vec![&note]),
        (json!({ "after": "2026-12-05T00:00:00" }), vec![]),
        (json!({ "inNotebook": "Cnone" }), vec![]),
        (json!({ "uid": "z@x" }), vec![&second]),
    ] {
        assert_eq!(found(&jmap, json!({ "filter": filter })).iter().collect::<Vec<_>>(), expected, "{filter}");
    }
    let by = |property: &str| json!({ "sort": [{ "property": property, "isAscending": false }] });
    assert_eq!(found(&jmap, by("title")), [second.clone(), note.clone()]);
    assert_eq!(found(&jmap, by("created")), [second.clone(), note.clone()]);
    for wrong in [json!({ "inCalendar": id }), json!({ "inTaskList": id }), json!({ "description": "x" })] {
        assert_eq!(jmap.refused("Note/query", json!({ "filter": wrong })), "invalidArguments");
    }
    assert_eq!(jmap.refused("Note/query", json!({ "sort": [{ "property": "start" }] })), "unsupportedSort");
    let other = notebook(&jmap, "Second");
    let moved = changed(&jmap, &second, json!({ "notebookId": other }))["id"].as_str().unwrap().to_owned();
    assert_eq!(found(&jmap, json!({ "filter": { "inNotebook": other } })), std::slice::from_ref(&moved));
    assert_eq!(jmap.call("Note/get", json!({ "ids": [&second] }))["notFound"], json!([second]));
    let copy =
        json!({ "fromAccountId": jmap.account, "create": { "c": { "id": moved, "notebookId": id, "uid": "y@x" } } });
    assert!(jmap.call("Note/copy", copy.clone())["notCreated"]["c"]["properties"] == json!(["uid"]), "{copy}");

    let kept = jmap.call("Notebook/set", json!({ "destroy": [&other] }));
    assert_eq!(kept["notDestroyed"][&other]["type"], "notebookHasNote", "{kept}");
    let gone = jmap.call("Note/set", json!({ "destroy": [&moved] }));
    assert_eq!(gone["destroyed"], json!([moved]), "{gone}");
    for (book, with) in [(&other, false), (&id, true)] {
        let gone = jmap.call("Notebook/set", json!({ "destroy": [book], "onDestroyRemoveNotes": with }));
        assert_eq!(gone["destroyed"], json!([book]), "{gone}");
    }
}

#[test]
fn a_shared_notebook_hides_what_is_private_and_holds_to_its_rights() {
    let gateway = Gateway::start("jmap-notes-shared");
    let (owner, _) = person(&gateway, "u00338");
    let id = notebook(&owner, "Service");
    let open = made(&owner, json!({ "notebookId": id, "title": "Compte rendu", "body": "lundi" }));
    let secret = made(
        &owner,
        json!({ "notebookId": id, "title": "Médecin", "body": "adresse", "privacy": "private", "date": "2026-12-05", "keywords": { "santé": true } }),
    );
    let mut reader = Jmap::of(&gateway, "u00339");
    reader.account.clone_from(&owner.account);
    assert_eq!(reader.refused("Note/get", json!({ "ids": [&open] })), "accountNotFound");
    let with = owner.call("Principal/query", json!({ "filter": { "text": "u00339" } }))["ids"][0].clone();
    let with = with.as_str().unwrap().to_owned();
    let share = |rights: Value| {
        let told = owner.call("Notebook/set", json!({ "update": { &id: { format!("shareWith/{with}"): rights } } }));
        assert!(told["updated"].get(&id).is_some(), "{told}");
    };
    share(json!({ "mayReadItems": true }));
    let books = reader.call("Notebook/get", json!({ "ids": null }));
    let rights = json!({ "mayReadItems": true, "mayWriteAll": false, "mayAdmin": false, "mayDelete": false });
    assert_eq!(books["list"][0]["myRights"], rights, "{books}");
    let told = reader.call("Note/get", json!({ "ids": [&open, &secret] }));
    assert_eq!(told["list"][0]["title"], "Compte rendu");
    let hidden = &told["list"][1];
    assert_eq!((&hidden["date"], &hidden["privacy"]), (&json!("2026-12-05"), &json!("private")), "{told}");
    assert!(!["decin", "adresse", "sant"].iter().any(|it| told.to_string().contains(it)), "{told}");
    for filter in [json!({ "title": "Médecin" }), json!({ "text": "adresse" })] {
        assert_eq!(found(&reader, json!({ "filter": filter })).len(), 0, "it is not found by what is hidden");
    }
    let byline = json!({ "sort": [{ "property": "title", "isAscending": false }] });
    assert_eq!(found(&reader, byline), [open.clone(), secret.clone()], "nor put in order by it");
    let new = json!({ "notebookId": id, "title": "x" });
    let refused = reader.call(
        "Note/set",
        json!({ "create": { "n": new }, "update": { &open: { "title": "x" } }, "destroy": [&secret] }),
    );
    for error in [&refused["notCreated"]["n"], &refused["notUpdated"][&open], &refused["notDestroyed"][&secret]] {
        assert_eq!(error["type"], "forbidden", "{refused}");
    }
    let refused =
        reader.call("Notebook/set", json!({ "update": { &id: { "name": "x" } }, "create": { "b": { "name": "x" } } }));
    assert_eq!(
        (&refused["notUpdated"][&id]["type"], &refused["notCreated"]["b"]["type"]),
        (&json!("forbidden"), &json!("notFound"))
    );
    // Who may write all writes what is open, and nothing that they were not told.
    share(json!({ "mayReadItems": true, "mayWriteAll": true }));
    let told = reader.call("Note/set", json!({ "update": { &open: { "body": "mardi" }, &secret: { "body": "x" } } }));
    assert!(told["updated"].get(&open).is_some() && told["notUpdated"][&secret]["type"] == "forbidden", "{told}");
    assert_eq!((&got(&owner, &open)["body"], &got(&owner, &secret)["body"]), (&json!("mardi"), &json!("adresse")));
    // What is taken back ends at once; who has nothing finds nothing.
    share(Value::Null);
    assert_eq!(reader.refused("Note/get", json!({ "ids": [&open] })), "accountNotFound");
}

#[test]
fn notes_as_files() {
    let gateway = files::start("jmap-notes-files");
    let jmap = Jmap::of(&gateway, "u00340");
    let id = notebook(&jmap, "Maison");
    let note = made(&jmap, json!({ "notebookId": id, "title": "Recette", "body": "farine, œufs", "uid": "recette@x" }));
    let calendars = gateway.home("garonne", "u00340").join("Calendars");
    let folder = fs::read_dir(&calendars).unwrap().flatten().next().unwrap().path();
    assert!(fs::read_to_string(folder.join("collection.txt")).unwrap().contains("Holds: VJOURNAL"));
    let all = fs::read_dir(&folder).unwrap().flatten().map(|it| it.path());
    let file = all.into_iter().find(|it| it.extension().is_some_and(|it| it == "ics")).unwrap();
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("DESCRIPTION:farine\\, œufs\r\n") && text.contains("UID:recette@x\r\n"), "{text}");
    // Somebody writes into the file, and JMAP tells that and keeps it.
    let state = jmap.call("Note/get", json!({ "ids": [] }))["state"].clone();
    fs::write(&file, text.replace("SUMMARY:Recette\r\n", "SUMMARY:Crêpes\r\nX-OURS:kept\r\n")).unwrap();
    let told = jmap.call("Note/changes", json!({ "sinceState": state }));
    assert_eq!(told["updated"], json!([note]), "{told}");
    let seen = got(&jmap, &note);
    assert_eq!(seen["title"], "Crêpes");
    changed(&jmap, &note, json!({ "body": "farine, lait", "revision": seen["revision"] }));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains("X-OURS:kept\r\n") && text.contains("DESCRIPTION:farine\\, lait\r\n"), "{text}");
    // An event that somebody copies into the folder is no note of it.
    fs::write(folder.join("event.ics"), event("event", "Réunion")).unwrap();
    assert_eq!(found(&jmap, json!({})), [note]);
    let kept = jmap.call("Notebook/set", json!({ "destroy": [&id], "onDestroyRemoveNotes": true }));
    assert_eq!(kept["notDestroyed"][&id]["type"], "forbidden", "{kept}");
    fs::remove_file(folder.join("event.ics")).unwrap();
    let gone = jmap.call("Notebook/set", json!({ "destroy": [&id], "onDestroyRemoveNotes": true }));
    assert_eq!(gone["destroyed"], json!([id]), "{gone}");
}

#[test]
fn a_note_of_another_program_is_read_and_changed_and_read_there_again() {
    let gateway = Gateway::start("jmap-notes-caldav");
    let (jmap, _) = person(&gateway, "u00341");
    notebook(&jmap, "Carnet");
    let python = |script: &str| {
        let head = format!(
            "import caldav\nc = caldav.DAVClient('https://localhost:{}/dav/', username='u00341@a.test', password='pw-u00341', ssl_verify_cert='{}')\n\
             k = c.principal().calendars()[0]\n",
            gateway.https,
            campus("CAMPUS_CA"),
        );
        run("/usr/bin/python3", &["-c", &format!("{head}{script}")])
    };
    let state = jmap.call("Note/get", json!({ "ids": [] }))["state"].clone();
    python(
        "k.save_journal(summary='Journal', description='# Lundi\\n\\n- [ ] rappeler', categories=['labo', 'thèse'])\n",
    );
    let told = jmap.call("Note/changes", json!({ "sinceState": state }));
    let id = told["created"][0].as_str().unwrap_or_else(|| panic!("{told}")).to_owned();
    let seen = got(&jmap, &id);
    for (name, value) in [
        ("title", json!("Journal")),
        ("body", json!("# Lundi\n\n- [ ] rappeler")),
        ("keywords", json!({ "labo": true, "thèse": true })),
    ] {
        assert_eq!(seen.get(name), Some(&value), "{name} of {seen}");
    }
    changed(&jmap, &id, json!({ "body": "# Lundi\n\n- [x] rappeler", "revision": seen["revision"] }));
    let read = python(
        "j = k.journals()[0].icalendar_component\nprint(j['summary'], repr(str(j['description'])), j['categories'].to_ical().decode())\n",
    );
    assert_eq!(read.trim(), r"Journal '# Lundi\n\n- [x] rappeler' labo,thèse");
}
