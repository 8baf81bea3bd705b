//! What is there is told, found, changed and downloaded, as it stands in the store.

use super::{HOST, Jmap, append, filled, on_cyrus};
use crate::harness::{Gateway, curl, run};
use serde_json::{Value, json};

const PLAIN: &str = "From: =?UTF-8?Q?Andr=C3=A9?= <andre@a.test>\r\nTo: u00061@a.test\r\nSubject: =?UTF-8?B?RMOpasOg?= vu\r\n\
    Date: Mon, 23 Nov 2026 10:00:00 +0100\r\nMessage-ID: <plain@a.test>\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\
    Content-Transfer-Encoding: quoted-printable\r\n\r\nBonjour =E0 tous.\r\nUne ligne=\r\n suivie.\r\n";
const ANSWER: &str = "From: u00061@a.test\r\nTo: andre@a.test\r\nSubject: Re: =?UTF-8?B?RMOpasOg?= vu\r\n\
    Message-ID: <answer@a.test>\r\nIn-Reply-To: <plain@a.test>\r\nReferences: <plain@a.test>\r\n\r\nMerci.\r\n";
const MIXED: &str = "From: b@b.test\r\nTo: u00061@a.test\r\nSubject: with all\r\nMessage-ID: <mixed@b.test>\r\nMIME-Version: 1.0\r\n\
    Content-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\nContent-Type: multipart/alternative; boundary=y\r\n\r\n\
    --y\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\nw6l0w6kgw6AgcGFyaXM=\r\n\
    --y\r\nContent-Type: text/html\r\n\r\n<p>hello</p>\r\n--y--\r\n\
    --x\r\nContent-Type: application/pdf; name=\"r.pdf\"\r\nContent-Disposition: attachment; filename*=UTF-8''r%C3%A9sum%C3%A9.pdf\r\n\
    Content-Transfer-Encoding: base64\r\n\r\nJVBERi0xLjQK\r\n--x--\r\n";

fn ids(value: &Value) -> Vec<String> {
    value.as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn mail_is_told_as_it_stands() {
    told(&Gateway::start("jmap-told"), "u00061", "u00062");
}

/// Another kind of store behind the same words.
#[test]
fn mail_of_cyrus_is_told_as_it_stands() {
    told(&on_cyrus("jmap-told-cyrus"), "u00004", "u00005");
}

fn told(gateway: &Gateway, login: &str, other: &str) {
    let _imap = filled(gateway, login, "Told", &[PLAIN, MIXED]);
    let jmap = Jmap::of(gateway, login);
    let mailboxes = jmap.call("Mailbox/get", json!({ "ids": null }));
    let list = mailboxes["list"].as_array().unwrap();
    assert!(list.iter().any(|it| it["role"] == "inbox" && it["name"] == "INBOX"), "{list:?}");
    let told = jmap.mailbox("Told");
    let mailbox = list.iter().find(|it| it["id"] == told.as_str()).unwrap();
    assert_eq!((&mailbox["totalEmails"], &mailbox["unreadEmails"]), (&json!(2), &json!(2)));

    // One request: what is there, in order, and what is to be seen of it.
    let answers = jmap.calls(&[
        (
            "Email/query",
            json!({
                "filter": { "inMailbox": told }, "sort": [{ "property": "receivedAt" }, { "property": "subject" }],
                "limit": 10, "calculateTotal": true,
            }),
        ),
        (
            "Email/get",
            json!({
                "#ids": { "resultOf": "0", "name": "Email/query", "path": "/ids" },
                "fetchTextBodyValues": true, "fetchHTMLBodyValues": true,
            }),
        ),
    ]);
    assert_eq!(answers[0].1["total"], 2, "{answers:?}");
    let emails = answers[1].1["list"].as_array().unwrap();
    let named =
        |subject: &str| emails.iter().find(|it| it["subject"] == subject).unwrap_or_else(|| panic!("{emails:?}"));
    let plain = named("Déjà vu");
    assert_eq!(plain["from"], json!([{ "name": "André", "email": "andre@a.test" }]));
    assert_eq!(
        (&plain["sentAt"], &plain["messageId"]),
        (&json!("2026-11-23T10:00:00+01:00"), &json!(["plain@a.test"]))
    );
    assert_eq!(plain["preview"], "Bonjour à tous. Une ligne suivie.");
    assert_eq!(plain["mailboxIds"], json!({ told.as_str(): true }));
    assert_eq!((&plain["keywords"], &plain["size"]), (&json!({}), &json!(PLAIN.len())));
    let value = &plain["bodyValues"]["1"];
    assert_eq!(
        value,
        &json!({ "value": "Bonjour à tous.\nUne ligne suivie.\n", "isEncodingProblem": false, "isTruncated": false })
    );
    let mixed = named("with all");
    assert_eq!((&mixed["hasAttachment"], mixed["attachments"].as_array().unwrap().len()), (&json!(true), 1));
    let attachment = &mixed["attachments"][0];
    assert_eq!((&attachment["name"], &attachment["type"]), (&json!("résumé.pdf"), &json!("application/pdf")));
    assert_eq!((&attachment["partId"], &attachment["size"]), (&json!("2"), &json!(9)));
    assert_eq!((&mixed["textBody"][0]["partId"], &mixed["htmlBody"][0]["partId"]), (&json!("1.1"), &json!("1.2")));
    assert_eq!(
        (&mixed["bodyValues"]["1.1"]["value"], &mixed["bodyValues"]["1.2"]["value"]),
        (&json!("été à paris"), &json!("<p>hello</p>"))
    );

    // Downloads: the part decoded, the message octet for octet, never as a page of ours.
    let get = |blob: &Value, kind: &str| {
        let path = format!("/jmap/download/{}/{}/n%C3%A4me?accept={kind}", jmap.account, blob.as_str().unwrap());
        curl(gateway, HOST, Some(&jmap.who), "GET", &path, &[])
    };
    let part = get(&attachment["blobId"], "application%2Fpdf");
    assert_eq!(
        (part.status, part.body.as_str(), part.header("content-type")),
        (200, "%PDF-1.4\n", Some("application/pdf"))
    );
    let whole = get(&plain["blobId"], "text%2Fhtml");
    assert_eq!((whole.status, whole.body.as_str()), (200, PLAIN));
    assert_eq!(whole.header("content-disposition"), Some("attachment; filename*=UTF-8''n%C3%A4me"));
    assert!(whole.header("content-security-policy").unwrap().starts_with("sandbox"));

    // Another person has no such account, no such message, and hears nothing that a missing one would not say.
    let other = Jmap::of(gateway, other);
    let foreign = other.post(
        &json!({
            "using": ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"],
            "methodCalls": [["Email/get", { "accountId": jmap.account, "ids": [plain["id"]] }, "0"]],
        })
        .to_string(),
    );
    assert!(foreign.body.contains("accountNotFound"), "{foreign:?}");
    let missing = other.call("Email/get", json!({ "ids": [plain["id"], "Mnothing"] }));
    assert_eq!(missing["notFound"], json!([plain["id"], "Mnothing"]));
    let path = format!("/jmap/download/{}/{}/x", other.account, plain["blobId"].as_str().unwrap());
    assert_eq!(curl(gateway, HOST, Some(&other.who), "GET", &path, &[]).status, 404);
}

#[test]
fn searches_and_conversations() {
    let gateway = Gateway::start("jmap-searches");
    let mut imap = filled(&gateway, "u00063", "Fil", &[PLAIN, MIXED]);
    drop(filled(&gateway, "u00063", "Fil2", &[ANSWER]));
    imap.command("s SELECT Fil");
    imap.command("f STORE 2 +FLAGS (\\Flagged $Forwarded)");
    let jmap = Jmap::of(&gateway, "u00063");
    let (one, two) = (jmap.mailbox("Fil"), jmap.mailbox("Fil2"));
    let found = |filter: Value| {
        let found = jmap.call("Email/query", json!({ "filter": filter, "calculateTotal": true }));
        let ids = ids(&found["ids"]);
        assert_eq!(found["total"], ids.len(), "{found}");
        ids
    };
    let all = found(json!({ "inMailbox": one }));
    assert_eq!(all.len(), 2);
    let subjects = |ids: &[String]| {
        let got = jmap.call("Email/get", json!({ "ids": ids, "properties": ["subject"] }));
        got["list"].as_array().unwrap().iter().map(|it| it["subject"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let within = |filter: Value| {
        let both = json!({ "operator": "AND", "conditions": [{ "inMailbox": one }, filter] });
        subjects(&found(both))
    };
    assert_eq!(within(json!({ "subject": "déjà" })), ["Déjà vu"]);
    assert_eq!(within(json!({ "text": "paris" })), ["with all"]);
    assert_eq!(within(json!({ "hasKeyword": "$flagged" })), ["with all"]);
    assert_eq!(within(json!({ "hasKeyword": "$forwarded" })), ["with all"]);
    assert_eq!(within(json!({ "notKeyword": "$flagged" })), ["Déjà vu"]);
    assert_eq!(within(json!({ "header": ["Message-ID", "mixed@"] })), ["with all"]);
    assert_eq!(within(json!({ "operator": "NOT", "conditions": [{ "from": "andre" }] })), ["with all"]);
    assert_eq!(within(json!({ "after": "2001-01-01T00:00:00Z" })).len(), 2);
    assert_eq!(within(json!({ "before": "2001-01-01T00:00:00Z" })).len(), 0);
    // Over several mailboxes, newest first where nothing else is said.
    let either = json!({ "operator": "OR", "conditions": [{ "inMailbox": one }, { "inMailbox": two }] });
    assert_eq!(found(either.clone()).len(), 3);
    assert_eq!(found(json!({ "operator": "AND", "conditions": [either.clone(), { "from": "u00063" }] })).len(), 0);

    // A conversation lies in both mailboxes, and is shown once where that is asked for.
    let collapsed =
        jmap.call("Email/query", json!({ "filter": either, "collapseThreads": true, "calculateTotal": true }));
    assert_eq!((ids(&collapsed["ids"]).len(), &collapsed["total"]), (2, &json!(2)), "{collapsed}");
    let got = jmap.call("Email/get", json!({ "ids": all, "properties": ["threadId", "subject"] }));
    let thread =
        got["list"].as_array().unwrap().iter().find(|it| it["subject"] == "Déjà vu").unwrap()["threadId"].clone();
    let threads = jmap.call("Thread/get", json!({ "ids": [thread, "Tbm90aGluZw", "Snothing"] }));
    assert_eq!(ids(&threads["notFound"]), ["Tbm90aGluZw", "Snothing"]);
    assert_eq!(subjects(&ids(&threads["list"][0]["emailIds"])), ["Déjà vu", "Re: Déjà vu"]);

    // By windows and by anchors it comes to the same.
    let sort = json!([{ "property": "subject", "isAscending": false }]);
    let query = |more: Value| {
        let mut arguments = json!({ "filter": { "inMailbox": one }, "sort": sort });
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        ids(&jmap.call("Email/query", arguments)["ids"])
    };
    let whole = query(json!({}));
    assert_eq!(subjects(&whole), ["with all", "Déjà vu"]);
    assert_eq!(query(json!({ "position": 1, "limit": 1 })), whole[1..]);
    assert_eq!(query(json!({ "position": -1 })), whole[1..]);
    assert_eq!(query(json!({ "anchor": whole[1], "anchorOffset": -1, "limit": 1 })), whole[..1]);
    assert_eq!(query(json!({ "limit": 0 })).len(), 0);
    assert_eq!(jmap.refused("Email/query", json!({ "anchor": "Mnothing" })), "anchorNotFound");
    assert_eq!(
        jmap.refused("Email/query", json!({ "filter": { "someInThreadHaveKeyword": "$seen" } })),
        "unsupportedFilter"
    );
    assert_eq!(jmap.refused("Email/query", json!({ "sort": [{ "property": "x" }] })), "unsupportedSort");
}

#[test]
fn changes_are_told_from_any_state_on_any_node() {
    let gateway = Gateway::start("jmap-changes");
    let mut imap = filled(&gateway, "u00064", "Suivi", &[PLAIN, MIXED]);
    let jmap = Jmap::of(&gateway, "u00064");
    let mailbox = jmap.mailbox("Suivi");
    let query = || jmap.call("Email/query", json!({ "filter": { "inMailbox": mailbox } }));
    let before = ids(&query()["ids"]);
    let start = jmap.call("Email/get", json!({ "ids": [] }))["state"].clone();
    let tree = jmap.call("Mailbox/get", json!({ "ids": [] }))["state"].clone();
    let nothing = jmap.call("Email/changes", json!({ "sinceState": start }));
    assert_eq!((&nothing["newState"], &nothing["created"]), (&start, &json!([])));

    imap.command("s SELECT Suivi");
    imap.command("f UID STORE 1 +FLAGS (\\Seen)");
    append(&mut imap, "Suivi", ANSWER);
    imap.command("d UID STORE 2 +FLAGS (\\Deleted)");
    imap.command("e EXPUNGE");
    // A node that has never seen this person, with the key of the first.
    let twin = gateway.twin("jmap-changes-twin", &crate::harness::State::Sqlite);
    let there = Jmap::of(&twin, "u00064");
    let changes = there.call("Email/changes", json!({ "sinceState": start }));
    let after = ids(&query()["ids"]);
    let created: Vec<String> = after.iter().filter(|id| !before.contains(id)).cloned().collect();
    assert_eq!(ids(&changes["created"]), created);
    let gone: Vec<String> = before.iter().filter(|id| !after.contains(id)).cloned().collect();
    assert_eq!((gone.len(), ids(&changes["destroyed"])), (1, gone));
    let kept: Vec<String> = before.into_iter().filter(|id| after.contains(id)).collect();
    assert_eq!((ids(&changes["updated"]), &changes["hasMoreChanges"]), (kept, &json!(false)));
    let new = changes["newState"].clone();
    assert_eq!(jmap.call("Email/get", json!({ "ids": [] }))["state"], new, "both nodes name one state alike");
    let of_tree = jmap.call("Mailbox/changes", json!({ "sinceState": tree }));
    assert_eq!(
        (ids(&of_tree["updated"]), &of_tree["updatedProperties"][0]),
        (vec![mailbox.clone()], &json!("totalEmails"))
    );

    // A mailbox that comes brings its messages; one that goes takes what only its store knew.
    drop(filled(&gateway, "u00064", "Suivi2", &[ANSWER]));
    let more = jmap.call("Email/changes", json!({ "sinceState": new }));
    assert_eq!((ids(&more["created"]).len(), ids(&more["destroyed"]).len()), (1, 0));
    assert_eq!(ids(&jmap.call("Mailbox/changes", json!({ "sinceState": tree }))["created"]), [jmap.mailbox("Suivi2")]);
    imap.command("x DELETE Suivi2");
    assert_eq!(jmap.refused("Email/changes", json!({ "sinceState": more["newState"] })), "cannotCalculateChanges");
    assert_eq!(jmap.refused("Email/changes", json!({ "sinceState": "vnothing" })), "cannotCalculateChanges");
}

#[test]
fn a_request_is_held_to_its_bounds() {
    let gateway = Gateway::start("jmap-bounds");
    let jmap = Jmap::of(&gateway, "u00065");
    let problem = |body: &str| {
        let answer = jmap.post(body);
        assert_eq!(answer.header("content-type"), Some("application/problem+json"), "{answer:?}");
        let value: Value = serde_json::from_str(&answer.body).unwrap();
        let word = value["type"].as_str().unwrap().rsplit(':').next().unwrap().to_owned();
        (answer.status, word, value["limit"].as_str().unwrap_or_default().to_owned())
    };
    let is = |status: u16, word: &str, limit: &str| (status, word.to_owned(), limit.to_owned());
    assert_eq!(problem("{"), is(400, "notJSON", ""));
    assert_eq!(problem("{}"), is(400, "notRequest", ""));
    assert_eq!(problem(r#"{"using":["urn:x"],"methodCalls":[]}"#), is(400, "unknownCapability", ""));
    let calls = vec![json!(["Core/echo", {}, "0"]); 10_000];
    let many = gateway.dir.join("many.json");
    std::fs::write(&many, json!({ "using": [], "methodCalls": calls }).to_string()).unwrap();
    assert_eq!(problem(&format!("@{}", many.display())), is(400, "limit", "maxCallsInRequest"));
    run("truncate", &["-s", "10000001", many.to_str().unwrap()]);
    assert_eq!(problem(&format!("@{}", many.display())), is(400, "limit", "maxSizeRequest"));
    // What may be asked for within a request.
    let ids: Vec<String> = (0..2000).map(|number| format!("M{number}")).collect();
    assert_eq!(jmap.refused("Email/get", json!({ "ids": ids })), "requestTooLarge");
    assert_eq!(jmap.refused("Email/get", json!({ "ids": null })), "requestTooLarge");
    assert_eq!(jmap.refused("Email/get", json!({ "ids": [], "nothing": 1 })), "invalidArguments");
    assert_eq!(jmap.refused("Email/get", json!({ "ids": [], "properties": ["nothing"] })), "invalidArguments");
    assert_eq!(jmap.refused("Nothing/get", json!({ "ids": [] })), "unknownMethod");
    let deep = json!({ "#ids": { "resultOf": "0", "name": "Core/echo", "path": "/a/*/*/*/*/*/*/*/*" } });
    let answers = jmap.calls(&[("Core/echo", json!({ "a": [[[[[[[[1]]]]]]]] })), ("Email/get", deep)]);
    assert_eq!(answers[1].0, "error", "{answers:?}");
    // What would grow a thousandfold within the gateway.
    let large = gateway.dir.join("large.json");
    let one = json!({ "resultOf": "0", "name": "Core/echo", "path": "/x" });
    let references: serde_json::Map<String, Value> =
        (0..16).map(|number| (format!("#{number}"), one.clone())).collect();
    let calls = json!([["Core/echo", { "x": "x".repeat(4_000_000) }, "0"], ["Core/echo", references, "1"]]);
    let using = ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"];
    std::fs::write(&large, json!({ "using": using, "methodCalls": calls }).to_string()).unwrap();
    let answer = jmap.post(&format!("@{}", large.display()));
    assert!(answer.body.contains("invalidResultReference"), "{}", answer.status);
    let small = format!("[{}0]", "{\"\":0},".repeat(200_000));
    std::fs::write(&large, format!("{{\"using\":[],\"methodCalls\":[[\"Core/echo\",{{\"a\":{small}}},\"0\"]]}}"))
        .unwrap();
    assert_eq!(problem(&format!("@{}", large.display())), is(400, "limit", "maxSizeRequest"));
    let keys = vec![json!({ "property": "hasKeyword", "keyword": "a" }); 10_000];
    assert_eq!(jmap.refused("Email/query", json!({ "sort": keys })), "unsupportedSort");
    let fields: Vec<String> = (0..1000).map(|number| format!("header:X-{number}")).collect();
    assert_eq!(jmap.refused("Email/get", json!({ "ids": [], "properties": fields })), "invalidArguments");
    let twice = json!({ "ids": [], "properties": ["header:X-a", "header:x-A"] });
    assert_eq!(jmap.refused("Email/get", twice), "invalidArguments");
    let mut filter = json!({});
    for _ in 0..40 {
        filter = json!({ "operator": "AND", "conditions": [filter] });
    }
    assert_eq!(jmap.refused("Email/query", json!({ "filter": filter })), "invalidArguments");
    assert!(gateway.peak() < 400 * 1024, "{} KiB", gateway.peak());
    // Without a name, or with a wrong one, nothing is said.
    for who in [None, Some("u00065:wrong")] {
        assert_eq!(curl(&gateway, HOST, who, "GET", "/jmap/session", &[]).status, 401);
        let body = ["-H", "Content-Type: application/json", "-d", "{}"];
        assert_eq!(curl(&gateway, HOST, who, "POST", "/jmap/api", &body).status, 401);
    }
    // A request of another site's page is none, though the browser sends the password along.
    let form = ["-H", "Content-Type: text/plain", "-H", "Origin: https://evil.test", "-d", "{}"];
    assert_eq!(curl(&gateway, HOST, Some(&jmap.who), "POST", "/jmap/api", &form).status, 403);
}
