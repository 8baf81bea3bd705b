//! JMAP: each address and each method as everybody. Whose mail is meant is said by an account's id in each call: everybody tries the
//! owner's, and reads, changes and learns nothing.

use crate::{Browser, OWNER, Site, WHO, client, collections};
use passerelle_surface_jmap::{addresses, method_names};
use passerelle_testkit::house::account;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use tokio::io::AsyncReadExt;

/// What the addresses answer: nobody, and then everybody who has a name.
const ADDRESSES: &[(&str, &str, [u16; 6])] = &[
    ("GET", "/.well-known/jmap", [401, 200, 200, 200, 200, 200]),
    ("GET", "/jmap/session", [401, 200, 200, 200, 200, 200]),
    ("POST", "/jmap/api", [401, 200, 200, 200, 200, 200]),
    ("POST", "/jmap/upload/{t}/", [401, 404, 404, 404, 404, 201]),
    ("GET", "/jmap/download/{t}/{blob}/x?accept=text%2Fhtml", [401, 404, 404, 404, 404, 200]),
    ("GET", "/jmap/eventsource?types=*&closeafter=state&ping=0", [401, 200, 200, 200, 200, 200]),
    ("GET", "/jmap/ws", [401, 426, 426, 426, 426, 426]),
    ("GET", "/jmap/image?url=https%3A%2F%2Fpictures.test%2Fa.gif", [401, 200, 200, 200, 200, 200]),
    ("GET", "/jmap/image?url=https%3A%2F%2Fpictures.test%2Fb.gif", [401, 404, 404, 404, 404, 404]),
    ("DELETE", "/jmap/session", [405; 6]),
    ("GET", "/jmap/api", [405; 6]),
    ("GET", "/jmap/nothing", [404; 6]),
];

/// The office's own addresses, which its cookie signs: what they answer about a message of the owner's.
const OFFICE: &[(&str, [u16; 6])] = &[
    ("/api/calendars/invitations/look", [401, 404, 404, 404, 404, 200]),
    ("/api/calendars/invitations/take", [401, 404, 404, 404, 404, 200]),
];

/// An address book's id that is well formed.
const CARDS: &str = "CAAAAAAAAAAA";

/// Arguments with which each method would do something to the owner's mail.
fn arguments(method: &str, mailbox: &str, email: &str) -> Value {
    let create = json!({ "x": { "name": "evil" } });
    match method {
        "Core/echo" => json!({}),
        "Mailbox/changes" | "Email/changes" | "Thread/changes" => json!({ "sinceState": "v" }),
        "Mailbox/query" | "Email/query" => json!({}),
        "Mailbox/queryChanges" | "Email/queryChanges" => json!({ "sinceQueryState": "v" }),
        "Mailbox/set" => json!({ "create": create, "destroy": [mailbox], "onDestroyRemoveEmails": true }),
        "Email/set" => json!({ "update": { email: { "keywords/$seen": true } }, "destroy": [email] }),
        "Email/copy" => {
            json!({ "create": { "x": { "id": email, "mailboxIds": { mailbox: true } } }, "onSuccessDestroyOriginal": true })
        }
        "Email/import" => json!({ "emails": {} }),
        "Identity/get" | "EmailSubmission/get" => json!({ "ids": null }),
        "Identity/changes" | "EmailSubmission/changes" => json!({ "sinceState": "0" }),
        "Identity/set" => json!({ "create": create, "destroy": ["I00"] }),
        "EmailSubmission/query" => json!({}),
        "EmailSubmission/queryChanges" => json!({ "sinceQueryState": "0" }),
        "EmailSubmission/set" => json!({ "create": { "x": { "identityId": "I00", "emailId": email } } }),
        "Thread/get" => json!({ "ids": ["TAAAA"] }),
        "Mailbox/get" => json!({ "ids": null }),
        "Email/get" | "Blob/get" => json!({ "ids": [email] }),
        "Blob/lookup" => json!({ "typeNames": ["Email"], "ids": [email] }),
        "Blob/upload" => json!({ "create": { "x": { "data": [{ "data:asText": "evil" }] } } }),
        "Blob/copy" => json!({ "blobIds": [email] }),
        "Email/parse" => json!({ "blobIds": [email] }),
        "SearchSnippet/get" => json!({ "filter": { "text": "secret" }, "emailIds": [email] }),
        "VacationResponse/get" | "SieveScript/get" => json!({ "ids": null }),
        "VacationResponse/set" => json!({ "update": { "singleton": { "isEnabled": true, "textBody": "evil" } } }),
        "SieveScript/set" => json!({ "create": { "x": { "name": "evil", "blobId": email } } }),
        "SieveScript/query" | "Quota/query" => json!({}),
        "Principal/get" => json!({ "ids": [] }),
        "Principal/query" => json!({ "filter": { "text": "u0" } }),
        "Principal/changes" | "ShareNotification/changes" => json!({ "sinceState": "0" }),
        "Principal/queryChanges" | "ShareNotification/queryChanges" => json!({ "sinceQueryState": "0" }),
        "Principal/set" | "ShareNotification/set" => json!({ "create": create, "destroy": ["Ux"] }),
        "ShareNotification/get" => json!({ "ids": null }),
        "ShareNotification/query" => json!({}),
        "AddressBook/get" | "ContactCard/get" => json!({ "ids": null }),
        "AddressBook/changes" | "ContactCard/changes" => json!({ "sinceState": "v" }),
        "AddressBook/set" => {
            json!({ "create": create, "update": { CARDS: { "name": "evil" } }, "destroy": [CARDS], "onDestroyRemoveContents": true })
        }
        "ContactCard/query" => json!({ "filter": { "text": "secret" } }),
        "ContactCard/queryChanges" => json!({ "sinceQueryState": "v" }),
        "ContactCard/set" => {
            let evil = json!({ "name": { "full": "evil" }, "addressBookIds": { CARDS: true } });
            json!({ "create": { "x": evil }, "destroy": ["IAAAAAAAAAABhLnZjZg"] })
        }
        "ContactCard/copy" => {
            json!({ "create": { "x": { "id": "IAAAAAAAAAABhLnZjZg", "addressBookIds": { CARDS: true } } } })
        }
        "Quota/get" => json!({ "ids": null }),
        "Quota/changes" => json!({ "sinceState": "none" }),
        "Quota/queryChanges" => json!({ "sinceQueryState": "none" }),
        "Calendar/get" | "CalendarEvent/get" | "CalendarEventNotification/get" => {
            json!({ "ids": null })
        }
        "TaskList/get" | "Task/get" | "TaskNotification/get" => json!({ "ids": null }),
        "Notebook/get" | "Note/get" => json!({ "ids": null }),
        "Notebook/changes" | "Note/changes" => json!({ "sinceState": "v" }),
        "Notebook/set" => json!({ "create": create, "destroy": ["Cx"], "onDestroyRemoveNotes": true }),
        "Note/query" => json!({ "filter": { "text": "secret" } }),
        "Note/queryChanges" => json!({ "sinceQueryState": "v" }),
        "Note/set" => json!({ "create": { "x": { "title": "evil", "notebookId": "Cx" } }, "destroy": ["Ix"] }),
        "Note/copy" => json!({ "create": { "x": { "id": "Ix", "notebookId": "Cx" } } }),
        "Calendar/changes" | "CalendarEvent/changes" | "TaskList/changes" | "Task/changes" => {
            json!({ "sinceState": "v" })
        }
        "Principal/getAvailability" => {
            json!({ "id": "UcGVyc29uL2dhcm9ubmUvdTAwMDAx", "utcStart": "2026-12-01T00:00:00Z", "utcEnd": "2026-12-02T00:00:00Z" })
        }
        "Calendar/set" => json!({ "create": create, "destroy": ["Cx"], "onDestroyRemoveEvents": true }),
        "CalendarEvent/query" | "Task/query" => json!({ "filter": { "text": "secret" } }),
        "CalendarEvent/queryChanges" | "Task/queryChanges" => json!({ "sinceQueryState": "v" }),
        "TaskList/set" => json!({ "create": create, "destroy": ["Cx"], "onDestroyRemoveTasks": true }),
        "Task/set" => json!({ "create": { "x": { "title": "evil", "taskListId": "Cx" } }, "destroy": ["Ix"] }),
        "Task/copy" => json!({ "create": { "x": { "id": "Ix", "taskListId": "Cx" } } }),
        "CalendarEvent/set" => {
            json!({ "create": { "x": { "title": "evil", "start": "2026-12-01T10:00:00" } }, "destroy": ["Ix"] })
        }
        "CalendarEvent/parse" => json!({ "blobIds": [email] }),
        "CalendarEvent/copy" => json!({ "create": { "x": { "id": "Ix", "calendarIds": { "Cx": true } } } }),
        "ParticipantIdentity/get" => json!({ "ids": null }),
        "ParticipantIdentity/changes" => json!({ "sinceState": "0" }),
        "CalendarEventNotification/changes" | "TaskNotification/changes" => json!({ "sinceState": "0" }),
        "CalendarEventNotification/query" | "TaskNotification/query" => json!({}),
        "CalendarEventNotification/queryChanges" | "TaskNotification/queryChanges" => json!({ "sinceQueryState": "0" }),
        "CalendarEventNotification/set" | "TaskNotification/set" => json!({ "create": create, "destroy": ["x"] }),
        "SieveScript/validate" => json!({ "blobId": email }),
        other => panic!("{other} is not attacked"),
    }
}

/// What the table attacks, by name.
pub(crate) fn attacked() -> BTreeSet<String> {
    let addresses = ADDRESSES.iter().filter(|(.., status)| !matches!(status[5], 404 | 405)).map(|(method, path, _)| {
        let path = path.split(['?', '{']).next().unwrap();
        format!("{method} {path}")
    });
    // A method without arguments above makes the test fail.
    let office = OFFICE.iter().map(|(path, _)| format!("POST {path}"));
    addresses.chain(office).chain(method_names().map(str::to_owned)).collect()
}

/// What there is to attack: the surface is dispatched by these very tables.
pub(crate) fn operations() -> BTreeSet<String> {
    let addresses = addresses().map(|address| address.split('{').next().unwrap().to_owned());
    addresses.chain(method_names().map(str::to_owned)).collect()
}

pub(crate) fn basic(who: &str) -> String {
    let login = who.split('@').next().unwrap();
    format!("Basic {}", client::base64(format!("{who}:pw-{login}").as_bytes()))
}

pub(crate) async fn post(site: &Site, who: Option<&str>, body: &Value) -> client::Reply {
    let basic = who.map(basic);
    let mut headers = vec![("content-type", "application/json")];
    headers.extend(basic.as_deref().map(|value| ("authorization", value)));
    client(site, None).send("POST", "/jmap/api", &headers, &body.to_string()).await
}

pub(crate) fn request(calls: &[(&str, Value)]) -> Value {
    let calls: Vec<Value> = calls.iter().map(|(name, arguments)| json!([name, arguments, "0"])).collect();
    let using = [
        "core",
        "mail",
        "submission",
        "vacationresponse",
        "sieve",
        "quota",
        "blob",
        "principals",
        "mail:share",
        "calendars",
        "tasks",
        "contacts",
        "principals:availability",
    ]
    .map(|it| format!("urn:ietf:params:jmap:{it}"));
    let using = [&using[..], &["urn:passerelle:params:jmap:notes".to_owned()]].concat();
    json!({ "using": using, "methodCalls": calls })
}

/// The owner's account, a mailbox, a message and its blob, as JMAP names them.
async fn owners(site: &Site) -> [String; 4] {
    let session = client(site, None);
    let reply = session.send("GET", "/jmap/session", &[("authorization", &basic(OWNER))], "").await;
    let session: Value = serde_json::from_str(&reply.body).unwrap_or_else(|_| panic!("{reply:?}"));
    let account = session["primaryAccounts"]["urn:ietf:params:jmap:mail"].as_str().unwrap().to_owned();
    let calls = request(&[("Email/query", json!({ "accountId": account }))]);
    let found: Value = serde_json::from_str(&post(site, Some(OWNER), &calls).await.body).unwrap();
    let email = found["methodResponses"][0][1]["ids"][0].as_str().unwrap_or_else(|| panic!("{found}")).to_owned();
    let properties = json!({ "accountId": account, "ids": [email], "properties": ["mailboxIds", "blobId"] });
    let got: Value =
        serde_json::from_str(&post(site, Some(OWNER), &request(&[("Email/get", properties)])).await.body).unwrap();
    let got = &got["methodResponses"][0][1]["list"][0];
    let mailbox = got["mailboxIds"].as_object().unwrap().keys().next().unwrap().clone();
    [account, mailbox, email, got["blobId"].as_str().unwrap().to_owned()]
}

async fn site_with_mail() -> Site {
    let site = Site::start().await;
    site.server.mail.deliver(&account(OWNER), "Subject: the owner's secret\r\n\r\ntext\r\n");
    site
}

/// The beginning of an answer, which may have no end.
async fn beginning(site: &Site, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> client::Reply {
    let length = body.len().to_string();
    let headers = [headers, &[("content-length", length.as_str())]].concat();
    let mut stream = client(site, None).raw(method, path, &headers, &format!("\r\n{body}")).await;
    let mut octets = Vec::new();
    while !octets.windows(4).any(|it| it == b"\r\n\r\n") {
        let mut piece = [0; 1024];
        let count = stream.read(&mut piece).await.unwrap();
        assert!(count > 0, "{method} {path} has no answer");
        octets.extend_from_slice(&piece[..count]);
    }
    let text = String::from_utf8_lossy(&octets);
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(": "));
    let headers = fields.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    client::Reply { status, headers, body: String::new(), whole: false }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_address_as_everybody() {
    let site = site_with_mail().await;
    let [account, _, _, blob] = owners(&site).await;
    let mut wrong = Vec::new();
    for (method, path, expected) in ADDRESSES {
        for (at, who) in WHO.into_iter().enumerate() {
            let path = path.replace("{t}", &account).replace("{blob}", &blob);
            let basic = who.map(basic);
            let mut headers = vec![("content-type", "application/json")];
            headers.extend(basic.as_deref().map(|value| ("authorization", value)));
            let body = if *method == "POST" { r#"{"using":[],"methodCalls":[]}"# } else { "" };
            let reply = beginning(&site, method, &path, &headers, body).await;
            if reply.status != expected[at] {
                wrong.push(format!("{method} {path} as {who:?}: {} and not {}", reply.status, expected[at]));
            }
            assert!(reply.header("content-security-policy").is_some_and(|it| it.starts_with("sandbox")), "{path}");
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_method_on_the_owners_account() {
    let site = site_with_mail().await;
    let [account, mailbox, email, _] = owners(&site).await;
    for method in method_names() {
        for who in WHO {
            let mut arguments = arguments(method, &mailbox, &email);
            if method != "Core/echo" {
                arguments["accountId"] = json!(account);
                if method.ends_with("/copy") {
                    arguments["fromAccountId"] = json!(account);
                }
            }
            if who == Some(OWNER) {
                continue;
            }
            let reply = post(&site, who, &request(&[(method, arguments.clone())])).await;
            if who.is_none() {
                assert_eq!(reply.status, 401, "{method}");
                continue;
            }
            let answer: Value = serde_json::from_str(&reply.body).unwrap();
            let said = &answer["methodResponses"][0];
            if method == "Core/echo" {
                assert_eq!(said[0], "Core/echo");
            } else {
                assert_eq!(
                    (&said[0], &said[1]),
                    (&json!("error"), &json!({ "type": "accountNotFound" })),
                    "{method} as {who:?}"
                );
            }
            assert!(!reply.body.contains("secret"), "{method} as {who:?}");
        }
    }
    // And in their own account the owner's ids are those of nothing.
    for who in WHO.into_iter().flatten().filter(|who| *who != OWNER) {
        let reply = client(&site, None).send("GET", "/jmap/session", &[("authorization", &basic(who))], "").await;
        let session: Value = serde_json::from_str(&reply.body).unwrap();
        let Some(own) = session["primaryAccounts"]["urn:ietf:params:jmap:mail"].as_str() else { continue };
        let get = json!({ "accountId": own, "ids": [email] });
        let destroy = json!({ "accountId": own, "destroy": [email], "update": {} });
        let answer = post(&site, Some(who), &request(&[("Email/get", get), ("Email/set", destroy)])).await;
        assert!(!answer.body.contains("secret"), "{who}: {}", answer.body);
    }
    let [.., still, _] = owners(&site).await;
    assert_eq!(still, email, "the owner's message is there");
    // The very arguments that nobody else gets anything by do something for the owner.
    for method in method_names().filter(|method| *method != "Core/echo") {
        let mut arguments = arguments(method, &mailbox, &email);
        arguments["accountId"] = json!(account);
        if method.ends_with("/copy") {
            arguments["fromAccountId"] = json!(account);
        }
        let reply = post(&site, Some(OWNER), &request(&[(method, arguments)])).await;
        let answer: Value = serde_json::from_str(&reply.body).unwrap();
        let said = &answer["methodResponses"][0];
        let is_unknown_state = said[1]["type"] == "cannotCalculateChanges";
        assert!(said[0] == *method || is_unknown_state, "{method}: {said}");
    }
}

/// A cookie signs what our own pages send, and what no other page can make a browser send.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cookie_is_believed_on_our_own_pages_only() {
    let site = site_with_mail().await;
    let cookie = Browser::of(&site, Some(OWNER)).await.cookie.unwrap();
    let own = format!("http://{}", site.server.address);
    let body = request(&[("Core/echo", json!({}))]).to_string();
    for (origin, kind, expected) in [
        (own.as_str(), "application/json", 200),
        (own.as_str(), "text/plain", 403),
        ("https://evil.test", "application/json", 403),
        ("null", "application/json", 403),
        ("", "application/json", 403),
    ] {
        let headers = [("cookie", cookie.as_str()), ("content-type", kind), ("origin", origin)];
        let headers: Vec<_> = headers.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let reply = client(&site, None).send("POST", "/jmap/api", &headers, &body).await;
        assert_eq!(reply.status, expected, "{origin} {kind}");
        assert_eq!(reply.body.contains("Core/echo"), expected == 200);
    }
    // What a cookie opens is kept by no browser.
    let [account, .., blob] = owners(&site).await;
    let path = format!("/jmap/download/{account}/{blob}/x?accept=text%2Fjavascript");
    let reply = client(&site, None).send("GET", &path, &[("cookie", cookie.as_str())], "").await;
    assert_eq!((reply.status, reply.header("cache-control")), (200, Some("private, no-store")));
    assert_eq!(reply.header("content-type"), Some("application/octet-stream"), "and runs as nothing");
}

/// A conversation is asked for by GET, which other pages can make a browser send: there the Origin says who asks.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cookie_opens_conversations_on_our_own_pages_only() {
    let site = site_with_mail().await;
    let cookie = Browser::of(&site, Some(OWNER)).await.cookie.unwrap();
    let own = format!("http://{}", site.server.address);
    for (origin, expected) in [(own.as_str(), 101), ("https://evil.test", 403), ("null", 403), ("", 403)] {
        let headers = [
            ("cookie", cookie.as_str()),
            ("origin", origin),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-key", "AAAAAAAAAAAAAAAAAAAAAA=="),
            ("sec-websocket-protocol", "jmap"),
            ("connection", "Upgrade"),
        ];
        let headers: Vec<_> = headers.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let reply = beginning(&site, "GET", "/jmap/ws", &headers, "").await;
        assert_eq!(reply.status, expected, "{origin}");
    }
}

/// An invitation that the owner got: nobody else sees it or takes it, and no other page, form or password does in the owner's name.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_invitation_is_for_whoever_got_it() {
    let site = Site::start().await;
    collections::arrange(&site).await;
    site.server.mail.deliver(
        &account(OWNER),
        "From: a@elsewhere.example\r\nMIME-Version: 1.0\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\nBEGIN:VCALENDAR\r\n\
         VERSION:2.0\r\nPRODID:x\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:secret-1\r\nDTSTAMP:20261101T080000Z\r\nDTSTART:20261201T090000Z\r\n\
         ORGANIZER:mailto:a@elsewhere.example\r\nATTENDEE:mailto:u00001@a.test\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    );
    let [mail, .., blob] = owners(&site).await;
    let body = json!({ "accountId": mail, "blobId": blob }).to_string();
    let own = format!("http://{}", site.server.address);
    for (path, expected) in OFFICE {
        let send = async |cookie: Option<&str>, origin: &str, kind: &str, more: Option<&str>, body: &str| {
            let mut headers = vec![("content-type", kind), ("origin", origin)];
            headers.extend(cookie.map(|cookie| ("cookie", cookie)));
            headers.extend(more.map(|basic| ("authorization", basic)));
            client(&site, None).send("POST", path, &headers, body).await
        };
        for (at, who) in WHO.into_iter().enumerate() {
            let cookie = match who {
                Some(_) => Browser::of(&site, who).await.cookie,
                None => None,
            };
            let cookie = cookie.as_deref();
            let reply = send(cookie, &own, "application/json", None, &body).await;
            assert_eq!(reply.status, expected[at], "{path} as {who:?}: {}", reply.body);
            assert_eq!(
                reply.body.contains("fits") || reply.body.contains("applied"),
                who == Some(OWNER),
                "{}",
                reply.body
            );
            assert!(reply.header("content-security-policy").is_some_and(|it| it.starts_with("sandbox")), "{path}");
        }
        let cookie = Browser::of(&site, Some(OWNER)).await.cookie;
        let cookie = cookie.as_deref();
        let basic = basic(OWNER);
        for (reply, status) in [
            (send(cookie, "https://evil.test", "application/json", None, &body).await, 403),
            (send(cookie, &own, "text/plain", None, &body).await, 403),
            (send(cookie, &own, "application/xml", None, &body).await, 415),
            (send(None, &own, "application/json", Some(&basic), &body).await, 401),
            (send(cookie, &own, "application/json", None, "{").await, 400),
            (send(cookie, &own, "application/json", None, &body.replace('}', ",\"more\":1}")).await, 400),
            (send(cookie, &own, "application/json", None, &body.replace(&blob, "Gnothing")).await, 404),
        ] {
            assert_eq!(reply.status, status, "{path}: {}", reply.body);
        }
    }
}
