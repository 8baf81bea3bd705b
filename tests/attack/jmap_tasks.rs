//! JMAP's tasks as everybody: a list that is shared and one that is not, each by what a client can do with it, as calendars are tried
//! (`jmap_calendars.rs`). Each list holds an event as well, which no method of tasks reaches.

use crate::{
    OWNER, Site, WHO, client, collections,
    jmap::basic,
    jmap_calendars::{NOT, call, outcome},
};
use serde_json::{Value, json};

const TASK: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VTODO\r\nUID:t\r\nDTSTAMP:20261101T080000Z\r\nSUMMARY:secret\r\n\
    END:VTODO\r\nEND:VCALENDAR\r\n";

/// What is done, with the id of a list, of its task and of its event.
type Doing = fn(list: &str, task: &str, event: &str) -> (&'static str, Value);

const DOINGS: [(&str, Doing); 13] = [
    ("list is read", |list, _, _| ("TaskList/get", json!({ "ids": [list] }))),
    ("task is read", |_, task, _| ("Task/get", json!({ "ids": [task] }))),
    ("event is read", |_, _, event| ("Task/get", json!({ "ids": [event] }))),
    ("task is found", |list, _, _| ("Task/query", json!({ "filter": { "inTaskList": list, "text": "secret" } }))),
    ("task is changed", |_, task, _| ("Task/set", json!({ "update": { task: { "progress": "completed" } } }))),
    ("event is changed", |_, _, event| ("Task/set", json!({ "update": { event: { "title": "evil" } } }))),
    ("task is made", |list, _, _| ("Task/set", json!({ "create": { "x": { "taskListId": list, "title": "evil" } } }))),
    ("task is removed", |_, task, _| ("Task/set", json!({ "destroy": [task] }))),
    ("event is removed", |_, _, event| ("Task/set", json!({ "destroy": [event] }))),
    ("task is copied", |list, task, _| ("Task/copy", json!({ "create": { "x": { "id": task, "taskListId": list } } }))),
    ("list is renamed", |list, _, _| ("TaskList/set", json!({ "update": { list: { "name": "evil" } } }))),
    ("list is shared", |list, _, _| {
        // Who is meant is looked at after the right to share.
        ("TaskList/set", json!({ "update": { list: { "shareWith": { "Ux": { "mayReadItems": true } } } } }))
    }),
    ("list is removed", |list, _, _| ("TaskList/set", json!({ "destroy": [list], "onDestroyRemoveTasks": true }))),
];

/// What comes of it for people of elsewhere, without a grant, a reader, an editor, and the owner.
const SHARED: [[&str; 5]; 13] = [
    [NOT, NOT, "told", "told", "told"],
    [NOT, NOT, "told", "told", "told"],
    [NOT, NOT, "nothing", "nothing", "nothing"],
    [NOT, NOT, "told", "told", "told"],
    [NOT, NOT, "forbidden", "done", "done"],
    [NOT, NOT, "notFound", "notFound", "notFound"],
    [NOT, NOT, "forbidden", "done", "done"],
    [NOT, NOT, "forbidden", "done", "done"],
    [NOT, NOT, "notFound", "notFound", "notFound"],
    [NOT, NOT, "forbidden", "done", "done"],
    [NOT, NOT, "forbidden", "forbidden", "done"],
    [NOT, NOT, "forbidden", "forbidden", "invalidProperties"],
    // Its owner would lose the event.
    [NOT, NOT, "forbidden", "forbidden", "forbidden"],
];
/// The same of the list that nobody was given: it is not there.
const PRIVATE: [[&str; 5]; 13] = [
    [NOT, NOT, "nothing", "nothing", "told"],
    [NOT, NOT, "nothing", "nothing", "told"],
    [NOT, NOT, "nothing", "nothing", "nothing"],
    [NOT, NOT, "nothing", "nothing", "told"],
    [NOT, NOT, "notFound", "notFound", "done"],
    [NOT, NOT, "notFound", "notFound", "notFound"],
    [NOT, NOT, "invalidProperties", "invalidProperties", "done"],
    [NOT, NOT, "notFound", "notFound", "done"],
    [NOT, NOT, "notFound", "notFound", "notFound"],
    [NOT, NOT, "notFound", "notFound", "done"],
    [NOT, NOT, "notFound", "notFound", "done"],
    [NOT, NOT, "notFound", "notFound", "invalidProperties"],
    [NOT, NOT, "notFound", "notFound", "forbidden"],
];

async fn arrange(site: &Site) {
    collections::arrange(site).await;
    for name in ["shared", "private"] {
        let at = format!("/dav/calendars/{OWNER}/{name}/t.ics");
        assert_eq!(client(site, Some(OWNER)).send("PUT", &at, &[], TASK).await.status, 201);
    }
}

/// The ids of a list of the owner's by name, and of the one task and the one event in it.
async fn ids(site: &Site, account: &str, name: &str) -> [String; 3] {
    let all = call(site, OWNER, account, ("TaskList/get", json!({ "ids": null }))).await;
    let all = all["methodResponses"][0][1]["list"].as_array().unwrap().clone();
    let list = all.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("{name} in {all:?}"))["id"].clone();
    let one = async |query: &'static str, filter: Value| {
        let found = call(site, OWNER, account, (query, json!({ "filter": filter }))).await;
        found["methodResponses"][0][1]["ids"][0].as_str().unwrap_or_else(|| panic!("{found}")).to_owned()
    };
    let task = one("Task/query", json!({ "inTaskList": list })).await;
    let event = one("CalendarEvent/query", json!({ "inCalendar": list })).await;
    [list.as_str().unwrap().to_owned(), task, event]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_with_tasks_as_everybody() {
    let site = Site::start().await;
    let session = client(&site, None).send("GET", "/jmap/session", &[("authorization", &basic(OWNER))], "").await;
    let session: Value = serde_json::from_str(&session.body).unwrap();
    let account = session["primaryAccounts"]["urn:ietf:params:jmap:tasks"].as_str().unwrap().to_owned();
    let mut wrong = Vec::new();
    for (name, table) in [("shared", SHARED), ("private", PRIVATE)] {
        for ((what, doing), row) in DOINGS.into_iter().zip(table) {
            for (who, expected) in WHO.into_iter().flatten().zip(row) {
                arrange(&site).await;
                let [list, task, event] = ids(&site, &account, name).await;
                let answer = call(&site, who, &account, doing(&list, &task, &event)).await;
                let came = outcome(&answer);
                if came != expected {
                    wrong.push(format!("{name}: {what} as {who}: {came} and not {expected}: {answer}"));
                }
                if who != OWNER {
                    let tells = answer.to_string().contains("secret");
                    assert!(!(tells && name == "private"), "{name}: {what} as {who} tells {answer}");
                    let [_, kept, event] = ids(&site, &account, "private").await;
                    for (get, id) in [("Task/get", kept), ("CalendarEvent/get", event)] {
                        let kept = call(&site, OWNER, &account, (get, json!({ "ids": [id] }))).await;
                        assert!(kept.to_string().contains("secret"), "{name}: {what} as {who} left a trace");
                    }
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
