//! What the console's JSON holds back: too many calls, filters that are tried unseen, a card that somebody else has written meanwhile,
//! addresses of back-ends.

use super::ADMINISTRATOR;
use crate::{harness::Gateway, office_api::Office};
use serde_json::{Value, json};

/// Somebody whose card no other test writes.
const SOMEBODY: &str = "u00866";

#[test]
fn a_filter_that_is_tried_is_in_the_trail_and_counted() {
    let gateway = Gateway::start("console-filters");
    let office = Office::of(&gateway, ADMINISTRATOR);
    let tried = "/api/admin/groups/matching?filter=(uid=u00866)";
    assert_eq!(office.get(tried)["count"], 1);
    let trail = office.get("/api/admin/trail");
    let line = trail["lines"].as_array().unwrap().iter().find(|line| line["method"] == "group.matching").unwrap();
    assert_eq!((&line["outcome"], &line["change"]), (&json!("done"), &json!("filter=\"(uid=u00866)\"")), "{line}");
    // What is wrong is tried too.
    assert_eq!(office.browser.get("/api/admin/groups/matching?filter=(uid=").status, 400);
    let refused =
        (2..=60).map(|_| office.browser.get(tried)).find(|answer| answer.status != 200).expect("a minute has 60");
    assert_eq!(refused.status, 429, "{}", refused.body);
    let seconds: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&seconds), "{seconds}");
    assert_eq!(office.browser.get("/api/admin").status, 200, "everything else goes on");
}

#[test]
fn calls_of_a_person_are_counted() {
    let gateway = Gateway::start("console-calls");
    let office = Office::of(&gateway, ADMINISTRATOR);
    // On one connection; what comes back are all answers, one after the other.
    let all = office.browser.get("/api/admin?n=[1-601]");
    assert_eq!(all.status, 200);
    let count = |status: u16| all.body.matches(&format!("HTTP/2 {status}")).count();
    assert_eq!((count(200), count(429)), (599, 1), "600 a minute");
    assert!(all.body.contains("retry-after: ") && all.body.contains("\"kind\":\"too-many\""));
    let other = Office::of(&gateway, "u00002");
    assert_eq!(other.browser.get("/api/me").status, 200, "and of nobody else");
    assert_eq!(office.browser.get("/api/me").status, 200, "and in the console alone");
}

#[test]
fn a_card_is_written_by_who_has_seen_it() {
    let gateway = Gateway::start("console-cards");
    let office = Office::of(&gateway, ADMINISTRATOR);
    let card = || office.get(&format!("/api/admin/account?login={SOMEBODY}"))["card"].clone();
    let write = |version: &Value, texts: Value| {
        office.post("/api/admin/accounts/card", &json!({ "login": SOMEBODY, "version": version, "texts": texts }))
    };
    let seen = card()["version"].clone();
    assert_eq!(write(&seen, json!({ "comment": "the first", "owner": "" })).status, 200);
    let late = write(&seen, json!({ "comment": "the second" }));
    assert_eq!(late.status, 409, "{}", late.body);
    assert_eq!(card()["texts"]["comment"], "the first", "nothing is lost");
    // Who looks again writes.
    assert_eq!(write(&card()["version"], json!({ "comment": "" })).status, 200);
    assert_eq!(office.post("/api/admin/accounts/card", &json!({ "login": SOMEBODY, "texts": {} })).status, 400);
    let lines = office.get(&format!("/api/admin/trail?target={SOMEBODY}"));
    let refused = lines["lines"].as_array().unwrap().iter().any(|line| line["outcome"] == "conflict");
    assert!(refused, "{lines}");
}

#[test]
fn health_tells_no_addresses() {
    let gateway = Gateway::start("console-health");
    let office = Office::of(&gateway, ADMINISTRATOR);
    let health = office.get("/api/admin/health");
    let names: Vec<&str> = health["backEnds"].as_array().unwrap().iter().filter_map(|it| it["name"].as_str()).collect();
    assert!(names.len() > 3, "{health}");
    let usage = office.get("/api/admin/usage");
    for told in [health.to_string(), usage.to_string()] {
        for inner in ["://", "localhost", "127.0.0.1", "::1", "dc=", "cn=", "/srv", "/tmp", " ("] {
            assert!(!told.contains(inner), "{inner} in {told}");
        }
    }
}
