//! JMAP's calendars as everybody: one that is shared and one that is not, each by what a client can do with it. Nobody is asked without
//! a name here: that is answered before any call is looked at (`jmap.rs`).

use crate::{
    OWNER, Site, WHO, client, collections,
    jmap::{basic, post, request},
};
use serde_json::{Value, json};

/// What is done, where `C` and `E` are the id of a calendar and of its event.
type Doing = fn(calendar: &str, event: &str) -> (&'static str, Value);

const DOINGS: [(&str, Doing); 12] = [
    ("calendar is read", |calendar, _| ("Calendar/get", json!({ "ids": [calendar] }))),
    ("event is read", |_, event| ("CalendarEvent/get", json!({ "ids": [event] }))),
    ("event is found", |calendar, _| ("CalendarEvent/query", json!({ "filter": { "inCalendar": calendar } }))),
    ("event is changed", |_, event| ("CalendarEvent/set", json!({ "update": { event: { "title": "evil" } } }))),
    ("event is made", |calendar, _| {
        let event = json!({ "calendarIds": { calendar: true }, "start": "2026-12-01T10:00:00", "title": "evil" });
        ("CalendarEvent/set", json!({ "create": { "x": event } }))
    }),
    ("event is removed", |_, event| ("CalendarEvent/set", json!({ "destroy": [event] }))),
    ("event is removed, and others hear of it", |_, event| {
        ("CalendarEvent/set", json!({ "destroy": [event], "sendSchedulingMessages": true }))
    }),
    ("event is changed, and others hear of it", |_, event| {
        ("CalendarEvent/set", json!({ "update": { event: { "title": "evil" } }, "sendSchedulingMessages": true }))
    }),
    ("event is copied", |calendar, event| {
        ("CalendarEvent/copy", json!({ "create": { "x": { "id": event, "calendarIds": { calendar: true } } } }))
    }),
    ("calendar is renamed", |calendar, _| ("Calendar/set", json!({ "update": { calendar: { "name": "evil" } } }))),
    ("calendar is shared", |calendar, _| {
        // Who is meant is looked at after the right to share.
        ("Calendar/set", json!({ "update": { calendar: { "shareWith": { "Ux": { "mayReadItems": true } } } } }))
    }),
    ("calendar is removed", |calendar, _| {
        ("Calendar/set", json!({ "destroy": [calendar], "onDestroyRemoveEvents": true }))
    }),
];

pub(crate) const NOT: &str = "accountNotFound";
/// What comes of it for people of elsewhere, without a grant, a reader, an editor, and the owner.
const SHARED: [[&str; 5]; 12] = [
    [NOT, NOT, "told", "told", "told"],
    [NOT, NOT, "told", "told", "told"],
    [NOT, NOT, "told", "told", "told"],
    [NOT, NOT, "forbidden", "done", "done"],
    [NOT, NOT, "forbidden", "done", "done"],
    [NOT, NOT, "forbidden", "done", "done"],
    [NOT, NOT, "forbidden", "done", "done"],
    [NOT, NOT, "forbidden", "done", "done"],
    [NOT, NOT, "forbidden", "done", "done"],
    [NOT, NOT, "forbidden", "forbidden", "done"],
    [NOT, NOT, "forbidden", "forbidden", "invalidProperties"],
    [NOT, NOT, "forbidden", "forbidden", "done"],
];
/// The same of the calendar that nobody was given: it is not there.
const PRIVATE: [[&str; 5]; 12] = [
    [NOT, NOT, "nothing", "nothing", "told"],
    [NOT, NOT, "nothing", "nothing", "told"],
    [NOT, NOT, "nothing", "nothing", "told"],
    [NOT, NOT, "notFound", "notFound", "done"],
    [NOT, NOT, "invalidProperties", "invalidProperties", "done"],
    [NOT, NOT, "notFound", "notFound", "done"],
    [NOT, NOT, "notFound", "notFound", "done"],
    [NOT, NOT, "notFound", "notFound", "done"],
    [NOT, NOT, "notFound", "notFound", "done"],
    [NOT, NOT, "notFound", "notFound", "done"],
    [NOT, NOT, "notFound", "notFound", "invalidProperties"],
    [NOT, NOT, "notFound", "notFound", "done"],
];

/// What came of a call, in a word.
pub(crate) fn outcome(answer: &Value) -> String {
    let said = &answer["methodResponses"][0];
    if said[0] == "error" {
        return said[1]["type"].as_str().unwrap().to_owned();
    }
    for refused in ["notCreated", "notUpdated", "notDestroyed"] {
        if let Some(error) = said[1][refused].as_object().and_then(|all| all.values().next()) {
            return error["type"].as_str().unwrap().to_owned();
        }
    }
    let some = |name: &str| match &said[1][name] {
        Value::Array(all) => !all.is_empty(),
        Value::Object(all) => !all.is_empty(),
        _ => false,
    };
    let told = ["list", "ids"].into_iter().any(some);
    let done = ["created", "updated", "destroyed"].into_iter().any(some);
    if told {
        "told"
    } else if done {
        "done"
    } else {
        "nothing"
    }
    .to_owned()
}

pub(crate) async fn call(site: &Site, who: &str, account: &str, (name, mut arguments): (&str, Value)) -> Value {
    arguments["accountId"] = json!(account);
    if name.ends_with("/copy") {
        arguments["fromAccountId"] = json!(account);
    }
    serde_json::from_str(&post(site, Some(who), &request(&[(name, arguments)])).await.body).unwrap()
}

/// The ids of a calendar of the owner's by name, and of the one event in it.
async fn ids(site: &Site, account: &str, name: &str) -> [String; 2] {
    let all = call(site, OWNER, account, ("Calendar/get", json!({ "ids": null }))).await;
    let all = all["methodResponses"][0][1]["list"].as_array().unwrap().clone();
    let calendar =
        all.iter().find(|it| it["name"] == name).unwrap_or_else(|| panic!("{name} in {all:?}"))["id"].clone();
    let query = ("CalendarEvent/query", json!({ "filter": { "inCalendar": calendar } }));
    let found = call(site, OWNER, account, query).await;
    let event = found["methodResponses"][0][1]["ids"][0].as_str().unwrap_or_else(|| panic!("{found}")).to_owned();
    [calendar.as_str().unwrap().to_owned(), event]
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everything_with_calendars_as_everybody() {
    let site = Site::start().await;
    let session = client(&site, None).send("GET", "/jmap/session", &[("authorization", &basic(OWNER))], "").await;
    let session: Value = serde_json::from_str(&session.body).unwrap();
    let account = session["primaryAccounts"]["urn:ietf:params:jmap:calendars"].as_str().unwrap().to_owned();
    let mut wrong = Vec::new();
    for (name, table) in [("shared", SHARED), ("private", PRIVATE)] {
        for ((what, doing), row) in DOINGS.into_iter().zip(table) {
            for (who, expected) in WHO.into_iter().flatten().zip(row) {
                collections::arrange(&site).await;
                let [calendar, event] = ids(&site, &account, name).await;
                let answer = call(&site, who, &account, doing(&calendar, &event)).await;
                let came = outcome(&answer);
                if came != expected {
                    wrong.push(format!("{name}: {what} as {who}: {came} and not {expected}: {answer}"));
                }
                if who != OWNER {
                    let tells = answer.to_string().contains("secret");
                    assert!(!(tells && name == "private"), "{name}: {what} as {who} tells {answer}");
                    let [_, kept] = ids(&site, &account, "private").await;
                    let kept = call(&site, OWNER, &account, ("CalendarEvent/get", json!({ "ids": [kept] }))).await;
                    assert!(kept.to_string().contains("secret"), "{name}: {what} as {who} left a trace");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
