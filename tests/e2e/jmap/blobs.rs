//! Blobs that are made, read and looked up by calls.

use super::{HOST, Jmap, filled};
use crate::harness::{Gateway, curl};
use serde_json::json;

#[test]
fn blobs_by_calls() {
    let gateway = Gateway::start("jmap-blobs");
    let message = "Subject: b\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nw6l0w6k=\r\n";
    drop(filled(&gateway, "u00090", "Blobs", &[message]));
    let jmap = Jmap::of(&gateway, "u00090");
    let ids = jmap.call("Email/query", json!({ "filter": { "inMailbox": jmap.mailbox("Blobs") } }))["ids"].clone();
    let email =
        jmap.call("Email/get", json!({ "ids": ids, "properties": ["textBody", "mailboxIds"] }))["list"][0].clone();
    let part = &email["textBody"][0]["blobId"];
    let answers = jmap.calls(&[
        ("Blob/upload", json!({ "create": {
            "a": { "data": [{ "data:asText": "[" }, { "blobId": part, "offset": 0, "length": 3 }, { "data:asBase64": "/10=" }], "type": "a/b" },
            "b": { "data": [{ "data:asBase64": "?" }] },
            "c": { "data": [{ "blobId": "Gnothing" }] },
            "d": { "data": [{ "blobId": part, "offset": 3, "length": 9 }] },
        } })),
        ("Blob/get", json!({ "ids": ["#a", part, "Gnothing"], "properties": ["data", "size", "digest:sha-256"] })),
        ("Blob/get", json!({ "ids": [part], "properties": ["data:asText"], "offset": 2, "length": 9 })),
        ("Blob/lookup", json!({ "typeNames": ["Email", "Mailbox"], "ids": ["#a", part] })),
    ]);
    let made = &answers[0].1;
    assert_eq!((&made["created"]["a"]["size"], &made["created"]["a"]["type"]), (&json!(6), &json!("a/b")), "{made}");
    let why = ["b", "c", "d"].map(|it| made["notCreated"][it]["type"].as_str().unwrap());
    assert_eq!(why, ["invalidProperties", "blobNotFound", "invalidProperties"]);
    let [own, other] = [0, 1].map(|at| answers[1].1["list"][at].clone());
    // `[` `é` `t` and two octets that are no UTF-8.
    assert_eq!((&own["data:asBase64"], &own["isEncodingProblem"]), (&json!("W8OpdP9d"), &json!(true)));
    assert_eq!((&other["data:asText"], &other["size"]), (&json!("été"), &json!(5)));
    let sum = std::process::Command::new("bash")
        .args(["-c", "printf 'été' | openssl dgst -sha256 -binary | base64"])
        .output()
        .unwrap();
    assert_eq!(other["digest:sha-256"].as_str().unwrap(), String::from_utf8(sum.stdout).unwrap().trim());
    assert_eq!(answers[1].1["notFound"], json!(["Gnothing"]));
    let range = &answers[2].1["list"][0];
    assert_eq!((&range["data:asText"], &range["isTruncated"]), (&json!("té"), &json!(true)));
    let matched = &answers[3].1["list"];
    assert_eq!(matched[0]["matchedIds"], json!({ "Email": [], "Mailbox": [] }), "an upload is no message");
    assert_eq!(matched[1]["matchedIds"]["Email"], ids);
    assert_eq!(email["mailboxIds"].get(matched[1]["matchedIds"]["Mailbox"][0].as_str().unwrap()), Some(&json!(true)));
    assert_eq!(jmap.refused("Blob/lookup", json!({ "typeNames": ["Other"], "ids": [] })), "unknownDataType");
    // What was made is a blob like any that was uploaded.
    let blob = made["created"]["a"]["id"].as_str().unwrap();
    let path = format!("/jmap/download/{}/{blob}/x", jmap.account);
    assert_eq!(curl(&gateway, HOST, Some(&jmap.who), "GET", &path, &[]).status, 200);
    let copied = jmap.call("Blob/copy", json!({ "fromAccountId": jmap.account, "blobIds": [blob, "Gnothing"] }));
    assert_eq!(copied["copied"][blob], json!(blob));
    assert_eq!(copied["notCopied"]["Gnothing"]["type"], "notFound");
    let stranger = Jmap::of(&gateway, "u00091");
    let other = stranger.call("Blob/get", json!({ "ids": [blob, part] }));
    assert_eq!((other["list"].as_array().map(Vec::len), &other["notFound"]), (Some(0), &json!([blob, part])));
    let refused = stranger.refused("Blob/copy", json!({ "fromAccountId": jmap.account, "blobIds": [blob] }));
    assert_eq!(refused, "fromAccountNotFound");
}
