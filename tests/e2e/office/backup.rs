//! A backup of one person put back by the office into other accounts, twice: `browser/office_backup.mjs` is the visitor. What came is
//! what there was, octet for octet, and nothing is there twice.

use super::{empty, visit};
use crate::{
    backup::{filled, in_store, taken},
    collections::{MAKE_BOOK, ask, card, event},
    harness::{Gateway, Imap},
    jmap::{Jmap, filters::upload},
    web::Browser,
};
use serde_json::{Value, json};
use std::{fs, path::Path};

/// Whose it was, and into whose each window puts it: of garonne, and of no other test.
const WHOSE: &str = "u00875";
const INTO: [&str; 4] = ["u00876", "u00877", "u00878", "u00879"];
const MAILBOXES: [&str; 2] = ["Sauvegarde", "Sauvegarde/Bas"];
const MAKE: &str = "<C:mkcalendar xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:A='http://apple.com/ns/ical/'><D:set><D:prop>\
    <D:displayname>Cours &amp; été</D:displayname><A:calendar-color>#8a1538</A:calendar-color></D:prop></D:set></C:mkcalendar>";
const RULE: &str = "require \"fileinto\";\r\nkeep;\r\n";

fn who_is(login: &str) -> String {
    format!("{login}@a.test:pw-{login}")
}

/// Takes away what an earlier run on the same campus has left.
fn emptied(gateway: &Gateway, login: &str) -> Imap {
    let mut imap = Imap::log_in(gateway.imap, &format!("{login}@a.test"), &format!("pw-{login}"));
    empty(&mut imap);
    for name in MAILBOXES.iter().rev() {
        imap.command(&format!("d DELETE \"{name}\""));
    }
    let jmap = Jmap::of(gateway, login);
    jmap.call("SieveScript/set", json!({ "onSuccessDeactivateScript": true }));
    let all = jmap.call("SieveScript/get", json!({ "ids": null }));
    let ids: Vec<&Value> = all["list"].as_array().unwrap().iter().map(|it| &it["id"]).collect();
    jmap.call("SieveScript/set", json!({ "destroy": ids }));
    // The office waits for a message in the inbox.
    let welcome = format!("Subject: Bienvenue\nMessage-ID: <welcome@a.test>\n\nfor {login}\n");
    super::append(&mut imap, "INBOX", "\\Seen", &welcome);
    imap
}

#[test]
fn a_backup_is_put_back_elsewhere_and_nothing_twice() {
    let gateway = Gateway::start("office-backup");
    let mut imap = emptied(&gateway, WHOSE);
    filled(&mut imap, &MAILBOXES);
    // One more of the same Message-ID, of another time: both are messages.
    for subject in ["one", "two"] {
        let message = format!("Subject: {subject}\nMessage-ID: <twice@a.test>\n\n{subject}\n");
        super::append(&mut imap, "Sauvegarde", "\\Seen $twice", &message);
    }
    let home = gateway.home("garonne", WHOSE);
    fs::create_dir_all(home.join("Notes/vide")).unwrap();
    fs::write(home.join("Notes/plan.txt"), "the plan").unwrap();
    fs::write(home.join("محاضرة.txt"), "text").unwrap();
    let large: Vec<u8> = (0..10_000_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(home.join("large.bin"), &large).unwrap();
    let jmap = Jmap::of(&gateway, WHOSE);
    let all = jmap.call("Identity/get", json!({ "ids": null }));
    let who = all["list"][0]["id"].as_str().unwrap();
    jmap.call("Identity/set", json!({ "update": { who: { "textSignature": "-- \nÉdith", "name": "Édith" } } }));
    let blob = upload(&jmap, RULE);
    let set = json!({ "create": { "a": { "name": "Règle", "blobId": blob } }, "onSuccessActivateScript": "#a" });
    assert!(jmap.call("SieveScript/set", set)["created"]["a"].is_object());

    let collections = |login: &str| {
        ["calendars/LOGIN/cours", "contacts/LOGIN/carnet"].map(|at| format!("/dav/{}/", at.replace("LOGIN", login)))
    };
    for login in [&[WHOSE][..], &INTO].concat() {
        for at in collections(login) {
            ask(&gateway, &who_is(login), "DELETE", &at, &[], "");
        }
    }
    let [calendar, book] = collections(WHOSE);
    assert_eq!(ask(&gateway, &who_is(WHOSE), "MKCALENDAR", &calendar, &[], MAKE).status, 201);
    assert_eq!(ask(&gateway, &who_is(WHOSE), "MKCOL", &book, &[], MAKE_BOOK).status, 201);
    for (at, item, content) in [
        (&calendar, "a.ics", event("a", "Algèbre")),
        (&calendar, "b.ics", event("b", "Biologie")),
        (&book, "zoe.vcf", card("zoe", "Zoé")),
    ] {
        assert_eq!(ask(&gateway, &who_is(WHOSE), "PUT", &format!("{at}{item}"), &[], &content).status, 201);
    }
    for login in INTO {
        emptied(&gateway, login);
        let theirs = gateway.home("garonne", login).join("Notes");
        fs::create_dir_all(&theirs).unwrap();
        fs::write(theirs.join("plan.txt"), "another plan").unwrap();
    }
    let archive = gateway.dir.join("all.zip");
    let browser = Browser::sign_in(&gateway, "garonne.localhost", WHOSE, &format!("pw-{WHOSE}"));
    assert!(taken(&gateway, &browser, "garonne.localhost", &archive), "{}", gateway.log());
    visit("office_backup.mjs", &gateway, &[&INTO[..], &[archive.to_str().unwrap()]].concat());

    for login in INTO {
        let [calendar, book] = collections(login).map(|at| ask(&gateway, &who_is(login), "GET", &at, &[], "").body);
        assert_eq!((calendar.matches("BEGIN:VEVENT").count(), book.matches("BEGIN:VCARD").count()), (2, 1), "{login}");
        assert!(calendar.contains("NAME:Cours & été\r\n") && calendar.contains("SUMMARY:Biologie"), "{calendar}");
        assert!(calendar.contains("COLOR:#8a1538") && book.contains("FN:Zoé"), "{calendar}{book}");
    }
    // JMAP has keywords in small letters (RFC 8621 §4.1.1); to IMAP they are the same.
    let expected = in_store("CAMPUS_IMAP_A", WHOSE, &MAILBOXES).replace("$Forwarded", "$forwarded");
    assert_eq!(expected.lines().count(), 10);
    for login in INTO {
        assert_eq!(in_store("CAMPUS_IMAP_A", login, &MAILBOXES), expected, "{login}");
        let theirs = gateway.home("garonne", login);
        let text = |path: &str| fs::read_to_string(theirs.join(path)).unwrap();
        let found = ["Notes/plan.txt", "Notes/plan (restored).txt", "محاضرة.txt"].map(text);
        assert_eq!(found, ["another plan", "the plan", "text"], "{login}");
        assert!(fs::read(theirs.join("large.bin")).unwrap() == large && theirs.join("Notes/vide").is_dir());
        // Where uploads in parts waited stays, and is shown to nobody.
        let shown = |folder: &Path| {
            let names = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
            names.filter(|name| name != ".~passerelle-transfers").count()
        };
        let names = shown(&theirs.join("Notes")) + shown(&theirs);
        assert_eq!(names, 3 + 3, "{login}: nothing is there twice");
        let jmap = Jmap::of(&gateway, login);
        let identity = &jmap.call("Identity/get", json!({ "ids": null }))["list"][0];
        assert_eq!((&identity["textSignature"], &identity["name"]), (&json!("-- \nÉdith"), &json!("Édith")));
        let scripts = jmap.call("SieveScript/get", json!({ "ids": null }));
        let found: Vec<(&Value, &Value)> =
            scripts["list"].as_array().unwrap().iter().map(|it| (&it["name"], &it["isActive"])).collect();
        assert_eq!(found, [(&json!("Règle"), &json!(true))], "{login}");
    }
}
