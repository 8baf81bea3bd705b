//! Mailboxes that others share, as accounts beside one's own: what may be read is read, what may be changed is changed, and nothing
//! else of their owner's is told.

use super::{HOST, Jmap};
use crate::{
    harness::{Imap, curl},
    shared_mail::{agreed, mailbox, ok},
};
use serde_json::{Value, json};

#[test]
fn a_mailbox_of_another_institution_is_an_account() {
    let gateway = agreed("jmap-shared");
    let mut owner = Imap::log_in(gateway.imap, "u00084@b.test", "pw-u00084");
    owner.command("d DELETE JmapProjet/Sous");
    mailbox(&mut owner, "JmapProjet", 2);
    mailbox(&mut owner, "JmapSecret", 1);
    owner.command("c CREATE JmapProjet/Sous");
    let own = Jmap::of(&gateway, "u00085");
    let session = || -> Value {
        let told = curl(&gateway, HOST, Some(&own.who), "GET", "/jmap/session", &[]);
        serde_json::from_str(&told.body).unwrap()
    };
    let name_is = |name: &str| {
        let session = session();
        let accounts = session["accounts"].as_object().unwrap();
        accounts.iter().find(|(_, it)| it["name"] == name).map(|(id, it)| (id.clone(), it.clone()))
    };
    assert_eq!(name_is("u00084@b.test"), None);
    ok(&mut owner, "s SETACL JmapProjet u00085@a.test lr");
    let (account, told) = name_is("u00084@b.test").unwrap();
    assert_eq!((&told["isPersonal"], &told["isReadOnly"]), (&json!(false), &json!(true)));
    let theirs = Jmap { gateway: &gateway, who: own.who.clone(), account: account.clone() };

    // What is shared, and nothing else.
    let mailboxes = theirs.call("Mailbox/get", json!({ "ids": null }));
    let names: Vec<&str> =
        mailboxes["list"].as_array().unwrap().iter().map(|it| it["name"].as_str().unwrap()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
    assert!(names.contains(&"JmapProjet") && names.contains(&"Sous"), "{names:?}");
    let place = theirs.mailbox("JmapProjet");
    let rights = &theirs.call("Mailbox/get", json!({ "ids": [place] }))["list"][0]["myRights"];
    assert_eq!((&rights["mayReadItems"], &rights["maySetSeen"]), (&json!(true), &json!(false)), "{rights}");
    let secret = theirs.call("Mailbox/query", json!({ "filter": { "name": "JmapSecret" } }));
    assert_eq!(secret["ids"], json!([]));

    // It is read, searched, downloaded.
    let found = theirs.call("Email/query", json!({ "filter": { "inMailbox": place, "text": "shared" } }));
    let ids = found["ids"].as_array().unwrap().clone();
    assert_eq!(ids.len(), 2, "{found}");
    let got = theirs.call("Email/get", json!({ "ids": [ids[0]], "properties": ["subject", "blobId", "threadId"] }));
    assert_eq!(got["list"][0]["subject"], "shared", "{got}");
    let blob = got["list"][0]["blobId"].as_str().unwrap();
    let path = |account: &str| format!("/jmap/download/{account}/{blob}/x.eml");
    let octets = curl(&gateway, HOST, Some(&own.who), "GET", &path(&account), &[]);
    assert!(octets.status == 200 && octets.body.contains("Subject: shared"), "{octets:?}");
    // An id is one of its account's, and of no other.
    assert_eq!(curl(&gateway, HOST, Some(&own.who), "GET", &path(&own.account), &[]).status, 404);
    assert_eq!(own.call("Email/get", json!({ "ids": [ids[0]] }))["notFound"], json!([ids[0]]));

    // Two accounts in one request do not get mixed up.
    let calls = json!([
        ["Email/query", { "accountId": account, "filter": { "inMailbox": place } }, "0"],
        ["Mailbox/query", { "accountId": own.account, "filter": { "role": "inbox" } }, "1"],
        ["Email/get", { "accountId": account, "#ids": { "resultOf": "0", "name": "Email/query", "path": "/ids" } }, "2"],
        ["Mailbox/get", { "accountId": own.account, "ids": [place] }, "3"],
    ]);
    let using = json!(["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"]);
    let answer = own.post(&json!({ "using": using, "methodCalls": calls }).to_string());
    let answer: Value = serde_json::from_str(&answer.body).unwrap();
    let answers = &answer["methodResponses"];
    assert_eq!(answers[1][1]["ids"].as_array().unwrap().len(), 1, "{answers}");
    assert_eq!(answers[2][1]["list"].as_array().unwrap().len(), 2, "{answers}");
    assert_eq!(answers[3][1]["notFound"], json!([place]), "{answers}");

    // Who may only read changes nothing.
    let seen = json!({ "update": { ids[0].as_str().unwrap(): { "keywords/$flagged": true } }, "destroy": [ids[1]] });
    let refused = theirs.call("Email/set", seen.clone());
    assert_eq!(refused["notUpdated"][ids[0].as_str().unwrap()]["type"], "forbidden", "{refused}");
    assert_eq!(refused["notDestroyed"][ids[1].as_str().unwrap()]["type"], "forbidden", "{refused}");
    let made = theirs.call("Mailbox/set", json!({ "create": { "x": { "name": "X", "parentId": place } } }));
    assert_eq!(made["notCreated"]["x"]["type"], "forbidden", "{made}");
    let uploaded = format!("/jmap/upload/{account}/");
    let kind = ["-H", "Content-Type: text/plain", "--data-binary", "x"];
    assert_eq!(curl(&gateway, HOST, Some(&own.who), "POST", &uploaded, &kind).status, 404);
    // Nor sends in their name.
    assert_eq!(theirs.refused("Identity/get", json!({ "ids": null })), "accountNotFound");

    // Who may change, changes it in the owner's store.
    ok(&mut owner, "s SETACL JmapProjet u00085@a.test lrswite");
    assert_eq!(name_is("u00084@b.test").unwrap().1["isReadOnly"], false);
    let changed = theirs.call("Email/set", seen);
    assert!(changed["notUpdated"].is_null() && changed["notDestroyed"].is_null(), "{changed}");
    let below = theirs.mailbox("Sous");
    let moved = json!({ "update": { ids[0].as_str().unwrap(): { "mailboxIds": { below.as_str(): true } } } });
    let moved = theirs.call("Email/set", moved);
    assert!(moved["notUpdated"].is_null(), "{moved}");
    ok(&mut owner, "x SELECT JmapProjet/Sous");
    let there = ok(&mut owner, "f FETCH 1:* (FLAGS)");
    assert!(there.matches("FETCH").count() == 1 && there.contains("\\Flagged"), "{there}");
    // Not into what is not shared, not even by the id that it would have.
    let hidden = {
        let of_owner = Jmap { gateway: &gateway, who: "u00084@b.test:pw-u00084".to_owned(), account: String::new() };
        let session = curl(&gateway, "autan.localhost", Some(&of_owner.who), "GET", "/jmap/session", &[]);
        let session: Value = serde_json::from_str(&session.body).unwrap();
        let account = session["primaryAccounts"]["urn:ietf:params:jmap:mail"].as_str().unwrap().to_owned();
        Jmap { account, ..of_owner }.mailbox("JmapSecret")
    };
    let new = moved["updated"].as_object().unwrap().values().next().unwrap()["id"].as_str().unwrap();
    let wrong = theirs.call("Email/set", json!({ "update": { new: { "mailboxIds": { hidden.as_str(): true } } } }));
    assert_eq!(wrong["notUpdated"][new]["type"], "invalidProperties", "{wrong}");
    assert_eq!(theirs.call("Mailbox/get", json!({ "ids": [hidden] }))["notFound"], json!([hidden]));

    // With the grant the account is gone, as one that never was.
    ok(&mut owner, "s DELETEACL JmapProjet u00085@a.test");
    assert_eq!(name_is("u00084@b.test"), None);
    for (name, arguments) in [("Mailbox/get", json!({ "ids": null })), ("Email/get", json!({ "ids": [new] }))] {
        assert_eq!(theirs.refused(name, arguments), "accountNotFound");
    }
    assert_eq!(curl(&gateway, HOST, Some(&own.who), "GET", &path(&account), &[]).status, 404);
}
