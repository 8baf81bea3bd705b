//! Filter scripts and what is answered in absence: by JMAP, and what of it the store does to the next mail.

use super::{HOST, Jmap};
use crate::{
    harness::{Gateway, Imap, curl, eventually},
    sieve::{Sieve, scripts::deliver},
};
use serde_json::{Value, json};

const RULES: &str = "require [\"fileinto\", \"mailbox\"];\r\n# vacation\r\nif header :contains \"subject\" \"sorted\" {\r\n  fileinto :create \"Filtered\";\r\n}\r\n";

fn put(sieve: &mut Sieve, name: &str, text: &str) {
    let said = sieve.last(&format!("PUTSCRIPT \"{name}\" {{{}+}}\r\n{text}", text.len()));
    assert!(said.starts_with("OK"), "{said}");
}

pub(crate) fn upload(jmap: &Jmap<'_>, text: &str) -> Value {
    let path = format!("/jmap/upload/{}/", jmap.account);
    let headers = ["-H", "Content-Type: application/sieve", "--data-binary", text];
    let uploaded = curl(jmap.gateway, HOST, Some(&jmap.who), "POST", &path, &headers);
    assert_eq!(uploaded.status, 201, "{uploaded:?}");
    serde_json::from_str::<Value>(&uploaded.body).unwrap()["blobId"].clone()
}

#[test]
fn absence_answers_mail_and_what_sorted_it_goes_on() {
    let gateway = Gateway::start("jmap-absence");
    let mut sieve = Sieve::log_in(&gateway, "u00095@a.test", "pw-u00095");
    sieve.clear();
    put(&mut sieve, "rules", RULES);
    assert!(sieve.last("SETACTIVE \"rules\"").starts_with("OK"));
    let jmap = Jmap::of(&gateway, "u00095");
    let mark = format!("mark-{}", std::process::id());
    let before = jmap.call("VacationResponse/get", json!({ "ids": null }));
    assert_eq!(before["list"][0]["isEnabled"], false);
    let said = json!({
        "isEnabled": true, "subject": format!("Absente, \"été\" {mark}"),
        "textBody": "Je suis loin.\n.\n\"; discard; # \\", "htmlBody": null,
        "fromDate": "2026-01-01T00:00:00Z", "toDate": "2099-12-31T23:59:59Z",
    });
    let set = jmap.call("VacationResponse/set", json!({ "update": { "singleton": said } }));
    assert!(set["updated"].get("singleton").is_some() && set["oldState"] == before["state"], "{set}");
    let got = jmap.call("VacationResponse/get", json!({ "ids": ["singleton", "other"] }));
    for (property, value) in said.as_object().unwrap() {
        assert_eq!(&got["list"][0][property], value, "{property}");
    }
    assert_eq!((&got["state"], &got["notFound"]), (&set["newState"], &json!(["other"])));
    assert!(sieve.say("LISTSCRIPTS").contains(&"\"Passerelle absence\" ACTIVE".to_owned()));
    // By JMAP the script that sorts is the active one, and the other is none.
    let scripts = jmap.call("SieveScript/get", json!({ "ids": null }))["list"].clone();
    assert_eq!((&scripts[0]["name"], &scripts[0]["isActive"]), (&json!("rules"), &json!(true)));
    assert_eq!(scripts.as_array().unwrap().len(), 1);

    deliver("u00096@a.test", "u00095@a.test", &format!("sorted {mark}"));
    let mut imap = Imap::log_in(gateway.imap, "u00095@a.test", "pw-u00095");
    let found = |imap: &mut Imap, mailbox: &str, words: &str| {
        assert!(imap.command(&format!("e EXAMINE {mailbox}")).last().unwrap().starts_with("e OK"), "{mailbox}");
        let found = imap.command(&format!("f SEARCH SUBJECT \"{words}\""));
        let hits = found.iter().find_map(|line| line.strip_prefix("* SEARCH")).unwrap_or_default().to_owned();
        hits.split_whitespace().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(found(&mut imap, "Filtered", &format!("sorted {mark}")).len(), 1, "what sorted before goes on");
    let mut other = Imap::log_in(gateway.imap, "u00096@a.test", "pw-u00096");
    let mut answer = Vec::new();
    eventually("the answer has come", || {
        answer = found(&mut other, "INBOX", &mark);
        !answer.is_empty()
    });
    let answer = other.command(&format!("g FETCH {} BODY[TEXT]", answer[0])).join("\n");
    assert!(answer.contains("Je suis loin.") && answer.contains("\"; discard; # \\"), "{answer}");

    // Another script may be made active meanwhile: it is what goes on.
    let text = upload(&jmap, "require \"fileinto\"; keep;");
    let made = jmap.call(
        "SieveScript/set",
        json!({ "create": { "n": { "name": "new", "blobId": text } }, "onSuccessActivateScript": "#n" }),
    );
    assert_eq!(made["created"]["n"]["isActive"], true, "{made}");
    assert!(sieve.say("LISTSCRIPTS").contains(&"\"Passerelle absence\" ACTIVE".to_owned()));
    assert!(sieve.say("GETSCRIPT \"Passerelle absence\"").concat().contains("include :personal :optional \"new\";"));
    // HTML beside the text is compiled too.
    let html = json!({ "update": { "singleton": { "htmlBody": "<p>Je suis <b>loin</b></p>" } } });
    assert!(jmap.call("VacationResponse/set", html)["updated"].get("singleton").is_some());
    let off = jmap.call("VacationResponse/set", json!({ "update": { "singleton": { "isEnabled": false } } }));
    assert!(off["updated"].get("singleton").is_some(), "{off}");
    assert!(sieve.say("LISTSCRIPTS").contains(&"\"new\" ACTIVE".to_owned()));
    assert_eq!(jmap.call("VacationResponse/get", json!({ "ids": null }))["list"][0]["subject"], said["subject"]);
    // There is one, and always.
    let odd = jmap.call("VacationResponse/set", json!({ "create": { "x": {} }, "destroy": ["singleton"] }));
    assert_eq!(
        (&odd["notCreated"]["x"]["type"], &odd["notDestroyed"]["singleton"]["type"]),
        (&json!("singleton"), &json!("singleton"))
    );
    sieve.clear();
}

#[test]
fn what_a_person_wrote_by_hand_stays() {
    let gateway = Gateway::start("jmap-by-hand");
    let mut sieve = Sieve::log_in(&gateway, "u00097@a.test", "pw-u00097");
    sieve.clear();
    let jmap = Jmap::of(&gateway, "u00097");
    let on = json!({ "update": { "singleton": { "isEnabled": true, "textBody": "Loin" } } });
    // One answers already: two answers to a message would stop both.
    put(&mut sieve, "own", "require \"vacation\";\r\nvacation \"by hand\";\r\n");
    assert!(sieve.last("SETACTIVE \"own\"").starts_with("OK"));
    let set = jmap.call("VacationResponse/set", on.clone());
    assert_eq!(set["notUpdated"]["singleton"]["type"], "forbidden", "{set}");
    assert!(sieve.say("LISTSCRIPTS").contains(&"\"own\" ACTIVE".to_owned()));
    assert!(sieve.last("SETACTIVE \"\"").starts_with("OK"));
    assert!(jmap.call("VacationResponse/set", on.clone())["updated"].get("singleton").is_some());
    // Ours, changed by hand, is a script like any other, and is not written over.
    let changed =
        sieve.say("GETSCRIPT \"Passerelle absence\"")[0].replace("vacation \"Loin\"", "vacation :days 3 \"Loin\"");
    assert!(changed.contains(":days 3"), "{changed}");
    put(&mut sieve, "Passerelle absence", &changed);
    let set = jmap.call("VacationResponse/set", on);
    assert_eq!(set["notUpdated"]["singleton"]["type"], "forbidden", "{set}");
    assert_eq!(sieve.say("GETSCRIPT \"Passerelle absence\"")[0], changed);
    let listed = jmap.call("SieveScript/query", json!({ "filter": { "isActive": true } }));
    let active = jmap.call("SieveScript/get", json!({ "ids": listed["ids"] }));
    assert_eq!(active["list"][0]["name"], "Passerelle absence");
    sieve.clear();
}

#[test]
fn scripts_are_made_changed_and_removed() {
    let gateway = Gateway::start("jmap-scripts");
    let mut sieve = Sieve::log_in(&gateway, "u00098@a.test", "pw-u00098");
    sieve.clear();
    let jmap = Jmap::of(&gateway, "u00098");
    let session = curl(&gateway, HOST, Some(&jmap.who), "GET", "/jmap/session", &[]);
    let session: Value = serde_json::from_str(&session.body).unwrap();
    let can = &session["accounts"][&jmap.account]["accountCapabilities"]["urn:ietf:params:jmap:sieve"];
    assert!(can["sieveExtensions"].as_array().unwrap().contains(&json!("vacation")), "{can}");
    let (good, bad) = (upload(&jmap, RULES), upload(&jmap, "nono;\r\n"));
    assert_eq!(jmap.call("SieveScript/validate", json!({ "blobId": good }))["error"], Value::Null);
    let wrong = jmap.call("SieveScript/validate", json!({ "blobId": bad }))["error"].clone();
    assert!(wrong["type"] == "invalidSieve" && wrong["description"].as_str().unwrap().contains("nono"), "{wrong}");
    let create = json!({
        "a": { "name": "one \"é\"", "blobId": good }, "b": { "blobId": bad }, "c": { "name": "x", "blobId": "Gnothing" },
        "d": { "name": "Passerelle absence", "blobId": good },
    });
    let made = jmap.call("SieveScript/set", json!({ "create": create, "onSuccessActivateScript": "#a" }));
    let id = made["created"]["a"]["id"].as_str().unwrap().to_owned();
    let why = ["b", "c", "d"].map(|it| made["notCreated"][it]["type"].as_str().unwrap());
    assert_eq!(why, ["invalidSieve", "blobNotFound", "invalidProperties"]);
    assert!(made["updated"].is_null(), "nothing is activated where not all is done: {made}");
    let again = jmap.call("SieveScript/set", json!({ "create": { "a": { "name": "one \"é\"", "blobId": good } } }));
    assert_eq!(again["notCreated"]["a"]["type"], "alreadyExists");
    assert_eq!(again["notCreated"]["a"]["existingId"], json!(id));
    let on = jmap.call("SieveScript/set", json!({ "onSuccessActivateScript": id }));
    assert_eq!(on["updated"][&id]["isActive"], true, "{on}");
    assert!(sieve.say("LISTSCRIPTS").contains(&"\"one \\\"é\\\"\" ACTIVE".to_owned()));
    // What the text's id names comes back octet for octet, and can be uploaded text for another.
    let got = jmap.call("SieveScript/get", json!({ "ids": [id] }));
    let blob = got["list"][0]["blobId"].as_str().unwrap();
    let path = format!("/jmap/download/{}/{blob}/x.sieve", jmap.account);
    assert_eq!(curl(&gateway, HOST, Some(&jmap.who), "GET", &path, &[]).body, RULES);
    let renamed = jmap.call("SieveScript/set", json!({ "update": { &id: { "name": "two" } } }));
    let new = renamed["updated"][&id]["id"].as_str().unwrap().to_owned();
    assert_eq!(sieve.say("LISTSCRIPTS")[0], "\"two\" ACTIVE");
    assert_eq!(sieve.say("GETSCRIPT \"two\"")[0], RULES);
    let refused = jmap.call("SieveScript/set", json!({ "destroy": [new] }));
    assert_eq!(refused["notDestroyed"][&new]["type"], "sieveIsActive");
    let off = jmap.call("SieveScript/set", json!({ "onSuccessDeactivateScript": true }));
    assert_eq!(off["updated"][&new]["isActive"], false);
    let gone = jmap.call("SieveScript/set", json!({ "destroy": [new], "ifInState": off["newState"] }));
    assert_eq!(gone["destroyed"], json!([new]));
    assert_eq!(sieve.say("LISTSCRIPTS").len(), 1, "nothing but OK");
}
