//! Messages in messages, the headers of parts, and where in a message it stands what was searched for.

use super::{HOST, Jmap, filled};
use crate::harness::{Gateway, curl};
use serde_json::{Value, json};

const INNER: &str = "From: Anne <anne@a.test>\r\nSubject: =?UTF-8?Q?Pi=C3=A8ce?=\r\nMessage-ID: <inner@x>\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=in\r\n\r\n--in\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\
    Content-Transfer-Encoding: quoted-printable\r\nX-Own: inner\r\n\r\nVoil=E0.\r\n--in\r\nContent-Type: application/pdf; name=\"a.pdf\"\r\n\
    Content-Disposition: attachment\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBERi0x\r\n--in\r\nContent-Type: message/rfc822\r\n\r\n\
    Subject: innermost\r\n\r\ndeep\r\n--in--\r\n";

fn parsed(jmap: &Jmap<'_>, blob: &Value, more: Value) -> Value {
    let mut arguments = more;
    arguments["blobIds"] = json!([blob]);
    jmap.call("Email/parse", arguments)["parsed"][blob.as_str().unwrap()].clone()
}

#[test]
fn messages_in_messages_are_read_like_others() {
    let gateway = Gateway::start("jmap-parse");
    let outer = format!(
        "From: b@b.test\r\nSubject: outer\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=out\r\n\r\n--out\r\n\
         Content-Type: text/plain\r\nX-Own: outer\r\n\r\nsee\r\n--out\r\nContent-Type: message/rfc822\r\n\r\n{INNER}\r\n--out--\r\n"
    );
    drop(filled(&gateway, "u00093", "Joint", &[&outer]));
    let jmap = Jmap::of(&gateway, "u00093");
    let ids = jmap.call("Email/query", json!({ "filter": { "inMailbox": jmap.mailbox("Joint") } }))["ids"].clone();
    let wanted = json!({
        "ids": ids, "properties": ["attachments", "textBody", "bodyStructure"],
        "bodyProperties": ["partId", "blobId", "type", "header:X-Own:asText", "headers"],
    });
    let got = jmap.call("Email/get", wanted)["list"][0].clone();
    assert_eq!(got["textBody"][0]["header:X-Own:asText"], "outer");
    assert_eq!(got["textBody"][0]["headers"][1], json!({ "name": "X-Own", "value": " outer" }));
    assert!(got["bodyStructure"]["headers"].to_string().contains("\"Subject\""), "{got}");
    let attached = &got["attachments"][0];
    assert_eq!(attached["type"], "message/rfc822");

    let bodies = json!({ "fetchTextBodyValues": true, "bodyProperties": ["partId", "blobId", "name", "size", "type", "header:X-Own:asText"] });
    let inner = parsed(&jmap, &attached["blobId"], bodies);
    assert_eq!((&inner["subject"], &inner["messageId"]), (&json!("Pièce"), &json!(["inner@x"])));
    assert_eq!(
        (&inner["id"], &inner["mailboxIds"], &inner["hasAttachment"]),
        (&Value::Null, &Value::Null, &json!(true))
    );
    let text = &inner["textBody"][0];
    assert_eq!(text["header:X-Own:asText"], "inner");
    assert_eq!(inner["bodyValues"][text["partId"].as_str().unwrap()]["value"].as_str().map(str::trim), Some("Voilà."));
    assert_eq!(inner["preview"], "Voilà.");
    let pdf = &inner["attachments"][0];
    assert_eq!((&pdf["name"], &pdf["size"]), (&json!("a.pdf"), &json!(6)));
    let download = |blob: &Value| {
        let path = format!("/jmap/download/{}/{}/x", jmap.account, blob.as_str().unwrap());
        curl(&gateway, HOST, Some(&jmap.who), "GET", &path, &[])
    };
    assert_eq!(download(&pdf["blobId"]).body, "%PDF-1");
    // And the one in that.
    let innermost = parsed(&jmap, &inner["attachments"][1]["blobId"], json!({ "properties": ["subject", "blobId"] }));
    assert_eq!(innermost["subject"], "innermost");

    // An uploaded one, and what is none.
    let path = format!("/jmap/upload/{}/", jmap.account);
    let upload = |octets: &str| {
        let uploaded = curl(&gateway, HOST, Some(&jmap.who), "POST", &path, &["--data-binary", octets]);
        serde_json::from_str::<Value>(&uploaded.body).unwrap()["blobId"].clone()
    };
    let eml = upload(INNER);
    assert_eq!(parsed(&jmap, &eml, json!({ "properties": ["subject"] }))["subject"], "Pièce");
    let none = upload("nothing of a message");
    let answer = jmap.call(
        "Email/parse",
        json!({ "blobIds": [none, "Gnothing", "Pnothing.1", format!("{}.9", pdf["blobId"].as_str().unwrap())] }),
    );
    assert_eq!((&answer["parsed"], &answer["notParsable"]), (&Value::Null, &json!([none])));
    assert_eq!(answer["notFound"].as_array().unwrap().len(), 3, "{answer}");
    // Somebody else's blob is none.
    let other = Jmap::of(&gateway, "u00094");
    let answer = other.call("Email/parse", json!({ "blobIds": [attached["blobId"], pdf["blobId"]] }));
    assert_eq!(answer["notFound"].as_array().unwrap().len(), 2, "{answer}");
}

#[test]
fn where_it_stands_what_was_searched_for() {
    let gateway = Gateway::start("jmap-snippets");
    let html = "Subject: Le <b>Budget</b>\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n\
        <p>Voici le <i>budget</i> &lt;2026&gt; de l'université.</p>\r\n";
    let other = "Subject: rien\r\n\r\nnothing\r\n";
    drop(filled(&gateway, "u00092", "Extraits", &[html, other]));
    let jmap = Jmap::of(&gateway, "u00092");
    let mailbox = jmap.mailbox("Extraits");
    let sort = json!([{ "property": "receivedAt" }, { "property": "size" }]);
    let ids = jmap.call("Email/query", json!({ "filter": { "inMailbox": mailbox }, "sort": sort }))["ids"].clone();
    let answer = jmap.call("SearchSnippet/get", json!({
        "filter": { "operator": "AND", "conditions": [{ "text": "BUDGET" }, { "operator": "NOT", "conditions": [{ "text": "Voici" }] }] },
        "emailIds": ids,
    }));
    let list = answer["list"].as_array().unwrap();
    let found = list.iter().find(|it| !it["subject"].is_null()).unwrap_or_else(|| panic!("{answer}"));
    assert_eq!(found["subject"], "Le &lt;b&gt;<mark>Budget</mark>&lt;/b&gt;");
    assert_eq!(found["preview"], "Voici le <mark>budget</mark> &lt;2026&gt; de l&#39;université.");
    let none = list.iter().find(|it| it["emailId"] != found["emailId"]).unwrap();
    assert_eq!((&none["subject"], &none["preview"]), (&Value::Null, &Value::Null));
    let gone = jmap.call("SearchSnippet/get", json!({ "emailIds": ["Mnothing"] }));
    assert_eq!(gone["notFound"], json!(["Mnothing"]));
}
