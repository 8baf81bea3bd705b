//! The room for mail and for files, as the stores say.

use super::{Jmap, append, filled};
use crate::harness::Gateway;
use serde_json::json;

#[test]
fn the_room_is_what_the_stores_say() {
    let gateway = Gateway::start("jmap-quota");
    let mut imap = filled(&gateway, "u00094", "Plein", &["Subject: 1\r\n\r\nx\r\n"]);
    let jmap = Jmap::of(&gateway, "u00094");
    let all = jmap.call("Quota/get", json!({ "ids": null }));
    let mail = &all["list"][0];
    let said = imap.command("q GETQUOTAROOT INBOX");
    // `* QUOTA "User quota" (STORAGE 10 512)`, in units of 1024 octets.
    let words = said.iter().find_map(|line| line.strip_prefix("* QUOTA ")?.rsplit_once("STORAGE ")).unwrap().1;
    let numbers: Vec<u64> =
        words.trim_end_matches(')').split(' ').take(2).map(|it| it.parse::<u64>().unwrap() * 1024).collect();
    assert_eq!((&mail["id"], &mail["used"]), (&json!("Qmail"), &json!(numbers[0])));
    assert_eq!(mail["hardLimit"], json!(numbers[1]));
    assert_eq!(
        (&mail["resourceType"], &mail["scope"], &mail["types"]),
        (&json!("octets"), &json!("account"), &json!(["Email"]))
    );
    let files = &all["list"][1];
    assert!(files["id"] == "Qfiles" && files["hardLimit"].as_u64() >= files["used"].as_u64(), "{all}");
    // The store counts in units of 1024 octets.
    append(&mut imap, "Plein", &format!("Subject: 2\r\n\r\n{}\r\n", "x".repeat(50_000)));
    let changes = jmap.call("Quota/changes", json!({ "sinceState": all["state"] }));
    assert!(changes["updated"].as_array().unwrap().contains(&json!("Qmail")), "{changes}");
    let now = jmap.call("Quota/get", json!({ "ids": ["Qmail", "Qnothing"], "properties": ["used"] }));
    assert!(now["list"][0]["used"].as_u64() >= mail["used"].as_u64().map(|it| it + 40 * 1024), "{now} {mail}");
    assert_eq!((&now["list"][0]["name"], &now["notFound"]), (&json!(null), &json!(["Qnothing"])));
    let found = jmap.call(
        "Quota/query",
        json!({ "filter": { "type": "Email" }, "sort": [{ "property": "used" }], "calculateTotal": true }),
    );
    assert_eq!((&found["ids"], &found["total"]), (&json!(["Qmail"]), &json!(1)));
    assert_eq!(jmap.refused("Quota/changes", json!({ "sinceState": "v1" })), "cannotCalculateChanges");
}
