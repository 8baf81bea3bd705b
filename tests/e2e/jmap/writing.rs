//! What clients write: messages with what is attached to them, keywords, moves, mailboxes, uploads; and what of it stands in the store.

use super::{HOST, Jmap, filled};
use crate::harness::{Gateway, Imap, curl, run};
use serde_json::{Value, json};

#[track_caller]
fn lines(imap: &mut Imap, command: &str) -> String {
    imap.command(command).join("\n")
}

#[test]
fn a_draft_with_an_upload_stands_in_the_store_whole() {
    let gateway = Gateway::start("jmap-draft");
    let mut imap = filled(&gateway, "u00066", "Brouillons", &[]);
    imap.command("u DELETE Passerelle-uploads");
    let jmap = Jmap::of(&gateway, "u00066");
    let mailbox = jmap.mailbox("Brouillons");
    // Octets of all kinds, of a length that is no multiple of anything.
    let file = gateway.dir.join("upload.bin");
    run("dd", &["if=/dev/urandom", &format!("of={}", file.display()), "bs=1", "count=100003", "status=none"]);
    let path = format!("/jmap/upload/{}/", jmap.account);
    let body = format!("@{}", file.display());
    let headers = ["-H", "Content-Type: application/pdf", "--data-binary", &body];
    let uploaded = curl(&gateway, HOST, Some(&jmap.who), "POST", &path, &headers);
    assert_eq!(uploaded.status, 201, "{uploaded:?}");
    let uploaded: Value = serde_json::from_str(&uploaded.body).unwrap();
    assert_eq!((&uploaded["size"], &uploaded["type"]), (&json!(100_003), &json!("application/pdf")));
    // It is not shown as mail.
    let mailboxes = jmap.call("Mailbox/get", json!({ "ids": null, "properties": ["name"] }));
    assert!(!mailboxes.to_string().contains("Passerelle-uploads"), "{mailboxes}");

    let answers = jmap.calls(&[
        (
            "Email/set",
            json!({ "create": { "d": {
            "mailboxIds": { mailbox.as_str(): true }, "keywords": { "$draft": true, "$seen": true },
            "from": [{ "name": "Anne", "email": "u00066@a.test" }], "to": [{ "email": "u00067@a.test" }],
            "subject": "Pièce jointe", "bodyValues": { "t": { "value": "Voilà.\n" } },
            "textBody": [{ "partId": "t", "type": "text/plain" }],
            "attachments": [{ "blobId": uploaded["blobId"], "type": "application/pdf", "name": "été.pdf" }],
        } } }),
        ),
        ("Email/get", json!({ "ids": ["#d"], "fetchTextBodyValues": true })),
    ]);
    let made = &answers[0].1["created"]["d"];
    let email = &answers[1].1["list"][0];
    assert_eq!(made["id"], email["id"], "{answers:?}");
    assert_eq!((&made["size"], &made["threadId"]), (&email["size"], &email["threadId"]));
    assert_eq!(
        (&email["keywords"], &email["subject"]),
        (&json!({ "$draft": true, "$seen": true }), &json!("Pièce jointe"))
    );
    assert_eq!(email["bodyValues"].as_object().unwrap().values().next().unwrap()["value"], "Voilà.\n");
    let attached = &email["attachments"][0];
    assert_eq!((&attached["name"], &attached["type"]), (&json!("été.pdf"), &json!("application/pdf")));
    // The file comes back octet for octet, from the draft and from the upload.
    for blob in [&attached["blobId"], &uploaded["blobId"]] {
        let to = gateway.dir.join("download.bin");
        let path = format!("/jmap/download/{}/{}/x", jmap.account, blob.as_str().unwrap());
        curl(&gateway, HOST, Some(&jmap.who), "GET", &path, &["-o", to.to_str().unwrap(), "--no-include"]);
        assert!(std::fs::read(&file).unwrap() == std::fs::read(&to).unwrap(), "{blob}");
    }
    let shown = lines(&mut imap, "e EXAMINE Brouillons");
    assert!(shown.contains("* 1 EXISTS"), "{shown}");
    let flags = lines(&mut imap, "f FETCH 1 (FLAGS BODYSTRUCTURE)");
    assert!(flags.contains("\\Draft") && flags.contains("\\Seen") && flags.contains("\"pdf\""), "{flags}");

    // What cannot be made makes nothing.
    let wrong = |email: Value| {
        let set = jmap.call("Email/set", json!({ "create": { "x": email } }));
        set["notCreated"]["x"].clone()
    };
    let blob = wrong(json!({ "mailboxIds": { mailbox.as_str(): true }, "attachments": [{ "blobId": "Gnothing" }] }));
    assert_eq!((&blob["type"], &blob["notFound"]), (&json!("blobNotFound"), &json!(["Gnothing"])));
    assert_eq!(wrong(json!({ "mailboxIds": {} }))["properties"], json!(["mailboxIds"]));
    assert_eq!(wrong(json!({ "mailboxIds": { mailbox.as_str(): true }, "size": 1 }))["properties"], json!(["size"]));
    let bcc = json!({ "mailboxIds": { mailbox.as_str(): true }, "from": [{ "email": "a@b>\r\nBcc: c@d" }] });
    assert_eq!(wrong(bcc)["properties"], json!(["from"]));
    assert!(lines(&mut imap, "s STATUS Brouillons (MESSAGES)").contains("(MESSAGES 1)"));
    // An upload that is cut leaves nothing, and one to somebody else's account is none.
    let cut = run(
        "python3",
        &[
            "-c",
            "import socket,ssl,sys,base64\n\
         c=ssl.create_default_context(cafile=sys.argv[2]); s=socket.create_connection(('127.0.0.1',int(sys.argv[1])))\n\
         s=c.wrap_socket(s,server_hostname='garonne.localhost')\n\
         a=base64.b64encode(b'u00066:pw-u00066').decode()\n\
         s.sendall(f'POST {sys.argv[3]} HTTP/1.1\\r\\nHost: garonne.localhost\\r\\nAuthorization: Basic {a}\\r\\nContent-Length: 1000\\r\\n\\r\\nhalf'.encode())\n\
         s.shutdown(socket.SHUT_WR); print(s.recv(100)[:12])",
            &gateway.https.to_string(),
            crate::harness::campus("CAMPUS_CA"),
            &path,
        ],
    );
    assert!(!cut.contains("201"), "{cut}");
    assert!(lines(&mut imap, "s STATUS Passerelle-uploads (MESSAGES)").contains("(MESSAGES 1)"));
    let other = Jmap::of(&gateway, "u00067");
    assert_eq!(curl(&gateway, HOST, Some(&other.who), "POST", &path, &headers).status, 404);
}

#[test]
fn keywords_and_moves() {
    let gateway = Gateway::start("jmap-moves");
    let message = |n: u32| format!("From: a@a.test\r\nSubject: {n}\r\nMessage-ID: <{n}@moves>\r\n\r\nx\r\n");
    let messages: Vec<String> = (1..=5).map(message).collect();
    let messages: Vec<&str> = messages.iter().map(String::as_str).collect();
    let mut imap = filled(&gateway, "u00068", "Ici", &messages);
    drop(filled(&gateway, "u00068", "Ailleurs", &[]));
    let jmap = Jmap::of(&gateway, "u00068");
    let (here, there) = (jmap.mailbox("Ici"), jmap.mailbox("Ailleurs"));
    let list = |mailbox: &str| {
        let sort = json!([{ "property": "subject" }]);
        let found = jmap.call("Email/query", json!({ "filter": { "inMailbox": mailbox }, "sort": sort }));
        found["ids"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let ids = list(&here);
    let set = jmap.call(
        "Email/set",
        json!({ "update": {
        ids[0].as_str(): { "keywords/$seen": true, "keywords/Etiquette": true },
        ids[1].as_str(): { "keywords/$seen": true, "keywords/Etiquette": true },
        ids[2].as_str(): { "keywords": { "$flagged": true } },
        ids[3].as_str(): { "subject": "no" },
        ids[4].as_str(): { "mailboxIds": {} },
        "Mnothing": { "keywords/$seen": true },
    } }),
    );
    assert_eq!(set["updated"].as_object().unwrap().len(), 3, "{set}");
    assert_eq!(set["notUpdated"]["Mnothing"]["type"], "notFound");
    assert_eq!(set["notUpdated"][ids[3].as_str()]["properties"], json!(["subject"]));
    assert_eq!(set["notUpdated"][ids[4].as_str()]["properties"], json!(["mailboxIds"]));
    let keywords = |id: &str| {
        jmap.call("Email/get", json!({ "ids": [id], "properties": ["keywords"] }))["list"][0]["keywords"].clone()
    };
    assert_eq!(keywords(&ids[0]), json!({ "$seen": true, "etiquette": true }));
    assert_eq!(keywords(&ids[2]), json!({ "$flagged": true }));
    jmap.call("Email/set", json!({ "update": { ids[0].as_str(): { "keywords": { "$answered": true } } } }));
    assert_eq!(keywords(&ids[0]), json!({ "$answered": true }));
    imap.command("e EXAMINE Ici");
    assert!(lines(&mut imap, "s SEARCH ANSWERED").contains("* SEARCH 1"));

    // A move has the new id in the answer, and is told to others as gone here and come there.
    let state = set["newState"].clone();
    let moved = jmap.call(
        "Email/set",
        json!({ "update": {
        ids[0].as_str(): { "mailboxIds": { there.as_str(): true } },
        ids[1].as_str(): { format!("mailboxIds/{there}"): true, format!("mailboxIds/{here}"): null },
    } }),
    );
    let new: Vec<String> = ids[..2].iter().map(|id| moved["updated"][id]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!(list(&there), new, "{moved}");
    assert_eq!(list(&here), ids[2..]);
    let changes = jmap.call("Email/changes", json!({ "sinceState": state }));
    assert_eq!((&changes["created"], &changes["destroyed"]), (&json!(new), &json!(ids[..2])));
    let both = json!({ "update": { new[0].as_str(): { format!("mailboxIds/{here}"): true } } });
    assert_eq!(jmap.call("Email/set", both)["notUpdated"][new[0].as_str()]["properties"], json!(["mailboxIds"]));
    let nowhere = json!({ "update": { new[0].as_str(): { "mailboxIds": { "FAAAAAAAAAAA": true } } } });
    assert_eq!(jmap.call("Email/set", nowhere)["notUpdated"][new[0].as_str()]["properties"], json!(["mailboxIds"]));

    // Destroying takes these and no others; a wrong state changes nothing.
    // Where uploads wait, which is swept, nothing else is put.
    let swept = json!({ "update": { new[0].as_str(): { "mailboxIds": { uploads_of(&jmap): true } } } });
    assert_eq!(jmap.call("Email/set", swept)["notUpdated"][new[0].as_str()]["properties"], json!(["mailboxIds"]));
    let wrong = json!({ "ifInState": state, "destroy": [new[0]] });
    assert_eq!(jmap.refused("Email/set", wrong), "stateMismatch");
    imap.command("e SELECT Ici");
    imap.command("d STORE 1 +FLAGS (\\Deleted)");
    let destroyed = jmap.call("Email/set", json!({ "destroy": [ids[3], new[0], "Mnothing"] }));
    assert_eq!(destroyed["destroyed"].as_array().unwrap().len(), 2, "{destroyed}");
    assert_eq!(destroyed["notDestroyed"]["Mnothing"]["type"], "notFound");
    assert_eq!((list(&here), list(&there)), (vec![ids[2].clone(), ids[4].clone()], vec![new[1].clone()]));
}

/// The mailbox that an upload of this person lies in: a blob's id begins with it.
fn uploads_of(jmap: &Jmap<'_>) -> String {
    let path = format!("/jmap/upload/{}/", jmap.account);
    let answer = curl(jmap.gateway, HOST, Some(&jmap.who), "POST", &path, &["--data-binary", "x"]);
    let uploaded: Value = serde_json::from_str(&answer.body).unwrap();
    // Eight octets of base64 without the first letter: the last character stands for four bits of the next octet too.
    let decoded = run(
        "python3",
        &[
            "-c",
            "import base64,sys; print(base64.urlsafe_b64encode(base64.urlsafe_b64decode(sys.argv[1][1:23]+'==')[:8]).decode().rstrip('='),end='')",
            uploaded["blobId"].as_str().unwrap(),
        ],
    );
    format!("F{decoded}")
}

#[test]
fn mailboxes_are_made_renamed_and_deleted() {
    let gateway = Gateway::start("jmap-mailboxes");
    let mut imap = filled(&gateway, "u00069", "Vieux", &["Subject: x\r\n\r\nx\r\n"]);
    for name in ["Projet/Sous", "Projet", "Nouveau/Sous", "Nouveau"] {
        imap.command(&format!("d DELETE {name}"));
    }
    let jmap = Jmap::of(&gateway, "u00069");
    let made = jmap.call(
        "Mailbox/set",
        json!({ "create": {
        "b": { "name": "Sous", "parentId": "#a" },
        "a": { "name": "Projet", "isSubscribed": true },
        "c": { "name": "a/b" },
        "u": { "name": "passerelle-uploads" },
        "d": { "name": "x", "parentId": "#nothing" },
    } }),
    );
    let id = |name: &str| made["created"][name]["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned();
    let (a, b) = (id("a"), id("b"));
    assert_eq!(
        (&made["notCreated"]["c"]["properties"], &made["notCreated"]["d"]["properties"]),
        (&json!(["name"]), &json!(["parentId"]))
    );
    assert_eq!(made["notCreated"]["u"]["properties"], json!(["name"]));
    assert!(lines(&mut imap, "l LIST \"\" \"Projet*\"").contains("Projet/Sous"));
    let again = jmap.call("Mailbox/set", json!({ "create": { "a": { "name": "Projet" } } }));
    assert_eq!(again["notCreated"]["a"]["properties"], json!(["name"]));
    let renamed = jmap.call(
        "Mailbox/set",
        json!({ "update": {
        a.as_str(): { "name": "Nouveau", "isSubscribed": false }, "Fnothing": { "name": "x" },
    } }),
    );
    let new = renamed["updated"][a.as_str()]["id"].as_str().unwrap_or_else(|| panic!("{renamed}")).to_owned();
    assert_eq!(renamed["notUpdated"]["Fnothing"]["type"], "notFound");
    assert_eq!(new, jmap.mailbox("Nouveau"));
    let inner = jmap.call("Mailbox/query", json!({ "filter": { "parentId": new } }))["ids"][0].clone();
    assert_ne!(inner, b.as_str());
    let into_itself = json!({ "update": { new.as_str(): { "parentId": inner } } });
    assert_eq!(jmap.call("Mailbox/set", into_itself)["notUpdated"][new.as_str()]["properties"], json!(["parentId"]));
    let old = jmap.mailbox("Vieux");
    let refused = jmap.call("Mailbox/set", json!({ "destroy": [new, old, jmap.mailbox("INBOX")] }));
    let why = |id: &str| refused["notDestroyed"][id]["type"].as_str().unwrap_or_default().to_owned();
    assert_eq!((why(&new), why(&old)), ("mailboxHasChild".to_owned(), "mailboxHasEmail".to_owned()), "{refused}");
    assert!(refused["destroyed"].is_null(), "{refused}");
    let gone = jmap.call("Mailbox/set", json!({ "destroy": [inner, new, old], "onDestroyRemoveEmails": true }));
    assert_eq!(gone["destroyed"].as_array().unwrap().len(), 3, "{gone}");
    let left = lines(&mut imap, "l LIST \"\" \"*\"");
    assert!(!left.contains("Nouveau") && !left.contains("Vieux"), "{left}");
}

#[test]
fn messages_are_imported_as_they_are() {
    let gateway = Gateway::start("jmap-import");
    let mut imap = filled(&gateway, "u00070", "Importe", &[]);
    let jmap = Jmap::of(&gateway, "u00070");
    let mailbox = jmap.mailbox("Importe");
    let path = format!("/jmap/upload/{}", jmap.account);
    let upload = |body: &str| {
        let headers = ["-H", "Content-Type: message/rfc822", "--data-binary", body];
        let answer = curl(&gateway, HOST, Some(&jmap.who), "POST", &path, &headers);
        serde_json::from_str::<Value>(&answer.body).unwrap()["blobId"].clone()
    };
    // Lines that end with LF alone, as a file on Unix has them.
    let whole = "From: a@a.test\nSubject: import\nMessage-ID: <import@a>\n\nline one\nline two\n";
    let (message, nothing) = (upload(whole), upload("this is no message at all"));
    let done = jmap.call("Email/import", json!({ "emails": {
        "m": { "blobId": message, "mailboxIds": { mailbox.as_str(): true }, "keywords": { "$seen": true }, "receivedAt": "2001-02-03T04:05:06Z" },
        "n": { "blobId": nothing, "mailboxIds": { mailbox.as_str(): true } },
        "o": { "blobId": "Gnothing", "mailboxIds": { mailbox.as_str(): true } },
    } }));
    assert_eq!(done["notCreated"]["n"]["type"], "invalidEmail", "{done}");
    assert_eq!(done["notCreated"]["o"]["properties"], json!(["blobId"]));
    let id = done["created"]["m"]["id"].clone();
    let got =
        jmap.call("Email/get", json!({ "ids": [id], "properties": ["receivedAt", "keywords", "size", "blobId"] }));
    let got = &got["list"][0];
    assert_eq!((&got["receivedAt"], &got["keywords"]), (&json!("2001-02-03T04:05:06Z"), &json!({ "$seen": true })));
    let path = format!("/jmap/download/{}/{}/x.eml", jmap.account, got["blobId"].as_str().unwrap());
    let back = curl(&gateway, HOST, Some(&jmap.who), "GET", &path, &[]);
    assert_eq!(back.body, whole.replace('\n', "\r\n"));
    assert!(lines(&mut imap, "s STATUS Importe (MESSAGES)").contains("(MESSAGES 1)"));
}
