//! Messages and blobs that are copied from one account to another (RFC 8620 §5.4, §6.3; RFC 8621 §4.7): between one's own mail and
//! what another institution's owner shares, by the rights that are there.

use super::{HOST, Jmap, append, filled};
use crate::{
    harness::{Gateway, Imap, curl},
    shared_mail::{agreed, mailbox, ok},
};
use serde_json::{Value, json};

const LETTER: &str = "From: b@b.test\r\nSubject: copied\r\nMessage-ID: <copied@b.test>\r\nReferences: <root@b.test>\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: text/plain\r\n\r\ntext\r\n--x\r\n\
    Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n--x--\r\n";

/// The account of this owner, as somebody sees it.
fn shared_with<'a>(own: &Jmap<'a>, owner: &str) -> Jmap<'a> {
    let session = curl(own.gateway, HOST, Some(&own.who), "GET", "/jmap/session", &[]);
    let session: Value = serde_json::from_str(&session.body).unwrap();
    let accounts = session["accounts"].as_object().unwrap();
    let (account, _) = accounts.iter().find(|(_, it)| it["name"] == owner).unwrap_or_else(|| panic!("{session}"));
    Jmap { gateway: own.gateway, who: own.who.clone(), account: account.clone() }
}

fn all_of(jmap: &Jmap<'_>, mailbox: &str) -> Vec<Value> {
    let answers = jmap.calls(&[
        ("Email/query", json!({ "filter": { "inMailbox": mailbox } })),
        (
            "Email/get",
            json!({
                "#ids": { "resultOf": "0", "name": "Email/query", "path": "/ids" },
                "properties": ["subject", "keywords", "receivedAt", "size", "threadId", "blobId", "hasAttachment"],
            }),
        ),
    ]);
    answers[1].1["list"].as_array().unwrap().clone()
}

#[test]
fn a_message_is_copied_between_two_accounts_and_its_original_goes() {
    let gateway = agreed("jmap-copy");
    let mut owner = Imap::log_in(gateway.imap, "u00448@b.test", "pw-u00448");
    mailbox(&mut owner, "JmapCopie", 0);
    append(&mut owner, "JmapCopie", LETTER);
    ok(&mut owner, "s SELECT JmapCopie");
    ok(&mut owner, "f STORE 1 +FLAGS (\\Seen $Label)");
    ok(&mut owner, "s SETACL JmapCopie u00449@a.test lr");
    drop(filled(&gateway, "u00449", "JmapIci", &[]));
    let own = Jmap::of(&gateway, "u00449");
    let theirs = shared_with(&own, "u00448@b.test");
    let (place, there) = (own.mailbox("JmapIci"), theirs.mailbox("JmapCopie"));
    let [original] = all_of(&theirs, &there).try_into().unwrap();
    let id = original["id"].as_str().unwrap();
    let copy = |arguments: Value| -> Vec<(String, Value)> { own.calls(&[("Email/copy", arguments)]) };
    let from = |create: Value| json!({ "fromAccountId": theirs.account, "create": create });

    // What is not to be is refused before anything is done.
    let stale = |name: &str| {
        let mut arguments = from(json!({ "c": { "id": id, "mailboxIds": { place.as_str(): true } } }));
        arguments[name] = json!("v");
        own.refused("Email/copy", arguments)
    };
    assert_eq!([stale("ifFromInState"), stale("ifInState")], ["stateMismatch", "stateMismatch"]);
    let unknown = json!({ "fromAccountId": "Anobody", "create": {} });
    assert_eq!(own.refused("Email/copy", unknown), "fromAccountNotFound");
    let states = own.calls(&[("Email/get", json!({ "ids": [] }))])[0].1["state"].clone();
    let wrong = copy(from(json!({
        "a": { "id": "Mnothing", "mailboxIds": { place.as_str(): true } },
        "b": { "id": id },
        "c": { "id": id, "mailboxIds": { there.as_str(): true } },
        "d": { "id": id, "mailboxIds": { place.as_str(): true }, "subject": "other" },
    })));
    let why = ["a", "b", "c", "d"].map(|it| wrong[0].1["notCreated"][it]["type"].as_str().unwrap().to_owned());
    assert_eq!(why, ["notFound", "invalidProperties", "invalidProperties", "invalidProperties"], "{wrong:?}");
    assert_eq!((&wrong[0].1["oldState"], &wrong[0].1["newState"]), (&states, &states));

    // It is copied as it is, and what is said otherwise is so. Who may only read there keeps the original where it is.
    let mut arguments = from(json!({
        "c": { "id": id, "mailboxIds": { place.as_str(): true } },
        "k": { "id": id, "mailboxIds": { place.as_str(): true }, "keywords": { "$flagged": true },
               "receivedAt": "2020-02-03T04:05:06Z" },
    }));
    arguments["onSuccessDestroyOriginal"] = json!(true);
    let answers = copy(arguments.clone());
    let made = &answers[0].1;
    assert_eq!((&answers[0].0[..], &answers[1].0[..]), ("Email/copy", "Email/set"), "{answers:?}");
    assert_eq!((&made["fromAccountId"], &made["accountId"]), (&json!(theirs.account), &json!(own.account)));
    assert!(made["notCreated"].is_null() && made["oldState"] == states && made["newState"] != states, "{made}");
    assert_eq!(answers[1].1["accountId"], json!(theirs.account));
    assert_eq!(answers[1].1["notDestroyed"][id]["type"], "forbidden", "{answers:?}");
    let changes = own.call("Email/changes", json!({ "sinceState": states }));
    assert_eq!(changes["created"].as_array().unwrap().len(), 2, "{changes}");
    assert_eq!(changes["newState"], made["newState"]);
    let copies = all_of(&own, &place);
    let told = |name: &str| copies.iter().find(|it| it["id"] == made["created"][name]["id"]).unwrap();
    let (same, other) = (told("c"), told("k"));
    for property in ["subject", "keywords", "receivedAt", "size", "threadId", "hasAttachment"] {
        assert_eq!(same[property], original[property], "{property}");
    }
    assert_eq!(same["keywords"], json!({ "$seen": true, "$label": true }));
    assert_eq!(made["created"]["c"]["size"], original["size"]);
    assert_eq!(made["created"]["c"]["threadId"], original["threadId"]);
    assert_eq!(other["keywords"], json!({ "$flagged": true }));
    assert_eq!(other["receivedAt"], "2020-02-03T04:05:06Z");
    let octets = |jmap: &Jmap<'_>, email: &Value| {
        let blob = email["blobId"].as_str().unwrap();
        let path = format!("/jmap/download/{}/{blob}/x.eml", jmap.account);
        curl(&gateway, HOST, Some(&own.who), "GET", &path, &[]).body
    };
    assert_eq!(octets(&own, same), octets(&theirs, &original), "octet for octet");

    // Who may remove there, moves it by this.
    ok(&mut owner, "s SETACL JmapCopie u00449@a.test lrswite");
    arguments["create"] = json!({ "m": { "id": id, "mailboxIds": { place.as_str(): true } } });
    arguments["destroyFromIfInState"] = json!("v");
    let answers = copy(arguments.clone());
    assert_eq!((&answers[1].0[..], &answers[1].1["type"]), ("error", &json!("stateMismatch")), "{answers:?}");
    arguments["destroyFromIfInState"] = theirs.call("Email/get", json!({ "ids": [] }))["state"].clone();
    let answers = copy(arguments);
    assert_eq!(answers[1].1["destroyed"], json!([id]), "{answers:?}");
    assert_eq!(all_of(&theirs, &there), Vec::<Value>::new());

    // And back, into what somebody else shares: with the keywords that one may set there.
    let back =
        |create: Value| theirs.calls(&[("Email/copy", json!({ "fromAccountId": own.account, "create": create }))]);
    let back_there = json!({ "b": { "id": same["id"], "mailboxIds": { there.as_str(): true } } });
    let answers = back(back_there.clone());
    assert!(answers[0].1["created"]["b"]["id"].is_string(), "{answers:?}");
    ok(&mut owner, "s SELECT JmapCopie");
    let fetched = ok(&mut owner, "f FETCH 1:* (FLAGS)");
    assert!(fetched.contains("\\Seen") && fetched.matches("FETCH").count() == 1, "{fetched}");
    ok(&mut owner, "s SETACL JmapCopie u00449@a.test lr");
    let answers = back(back_there);
    assert_eq!(answers[0].1["notCreated"]["b"]["type"], "forbidden", "{answers:?}");
    ok(&mut owner, "s DELETEACL JmapCopie u00449@a.test");
    let gone = own.refused("Email/copy", from(json!({})));
    assert_eq!(gone, "fromAccountNotFound");
}

/// A message here lies in one mailbox, so that a copy within an account is another message.
#[test]
fn a_message_is_copied_within_an_account() {
    let gateway = Gateway::start("jmap-copy-within");
    drop(filled(&gateway, "u00450", "JmapUn", &[LETTER]));
    drop(filled(&gateway, "u00450", "JmapDeux", &[]));
    let jmap = Jmap::of(&gateway, "u00450");
    let (one, two) = (jmap.mailbox("JmapUn"), jmap.mailbox("JmapDeux"));
    let [original] = all_of(&jmap, &one).try_into().unwrap();
    let create = json!({ "c": { "id": original["id"], "mailboxIds": { two.as_str(): true } } });
    let made = jmap.call("Email/copy", json!({ "fromAccountId": jmap.account, "create": create }));
    let [copy] = all_of(&jmap, &two).try_into().unwrap();
    assert_eq!((&made["created"]["c"]["id"], &copy["size"]), (&copy["id"], &original["size"]));
    assert_eq!(all_of(&jmap, &one).len(), 1);
}

#[test]
fn a_blob_is_copied_between_two_accounts() {
    let gateway = agreed("jmap-copy-blob");
    let mut owner = Imap::log_in(gateway.imap, "u00451@b.test", "pw-u00451");
    mailbox(&mut owner, "JmapBlobs", 0);
    append(&mut owner, "JmapBlobs", LETTER);
    ok(&mut owner, "s SETACL JmapBlobs u00452@a.test lr");
    let own = Jmap::of(&gateway, "u00452");
    let theirs = shared_with(&own, "u00451@b.test");
    let there = theirs.mailbox("JmapBlobs");
    let found = theirs.call("Email/query", json!({ "filter": { "inMailbox": there } }))["ids"].clone();
    let got = theirs.call("Email/get", json!({ "ids": found, "properties": ["attachments", "blobId"] }));
    let (part, whole) = (&got["list"][0]["attachments"][0]["blobId"], &got["list"][0]["blobId"]);
    let arguments = json!({ "fromAccountId": theirs.account, "blobIds": [part, whole, "Gnothing"] });
    let copied = own.call("Blob/copy", arguments.clone());
    assert_eq!(copied["notCopied"]["Gnothing"]["type"], "notFound", "{copied}");
    let octets = |jmap: &Jmap<'_>, blob: &Value| {
        let path = format!("/jmap/download/{}/{}/x", jmap.account, blob.as_str().unwrap());
        let answer = curl(&gateway, HOST, Some(&own.who), "GET", &path, &[]);
        assert_eq!(answer.status, 200, "{answer:?}");
        answer.body
    };
    for blob in [part, whole] {
        let copy = &copied["copied"][blob.as_str().unwrap()];
        assert_ne!(copy, blob);
        assert_eq!(octets(&own, copy), octets(&theirs, blob));
    }
    // With the grant the originals are gone, and the copies are one's own.
    ok(&mut owner, "s DELETEACL JmapBlobs u00452@a.test");
    assert_eq!(own.refused("Blob/copy", arguments), "fromAccountNotFound");
    assert_eq!(octets(&own, &copied["copied"][part.as_str().unwrap()]), "%PDF-1.4\n");
}
