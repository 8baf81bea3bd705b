//! What the demo puts onto a desk: conversations, files and what a colleague shares, and the second time nothing.

use crate::harness::{Gateway, Imap, campus, curl, root, run};
use serde_json::{Value, json};
use std::path::Path;

#[test]
fn a_desk_has_conversations_files_and_what_is_shared() {
    let gateway = Gateway::start("demo-desk");
    let mut imap = Imap::log_in(gateway.imap, "u00060@a.test", "pw-u00060");
    imap.command("s SELECT INBOX");
    imap.command("d UID STORE 1:* +FLAGS (\\Deleted)");
    imap.command("e EXPUNGE");
    for login in ["u00060", "u00039"] {
        crate::collections::radicale("DELETE", &format!("/a-{login}/"), "");
    }
    let authority = Path::new(campus("CAMPUS_CA")).to_str().unwrap().to_owned();
    let script = root().join("crates/xtask/demo-content/desk.py");
    let (https, imaps) = (gateway.https.to_string(), gateway.imaps.to_string());
    let fill = || run("python3", &[script.to_str().unwrap(), &https, &imaps, &authority, "a.test", "u00060", "u00039"]);
    fill();
    let who = "u00060:pw-u00060";
    let host = "garonne.localhost";
    let session = curl(&gateway, host, Some(who), "GET", "/jmap/session", &[]);
    let session: Value = serde_json::from_str(&session.body).unwrap();
    let account = session["primaryAccounts"]["urn:ietf:params:jmap:mail"].as_str().unwrap();
    let inbox = || -> usize {
        let calls = json!({ "using": ["urn:ietf:params:jmap:core", "urn:ietf:params:jmap:mail"], "methodCalls": [
            ["Mailbox/query", { "accountId": account, "filter": { "role": "inbox" } }, "0"],
            ["Mailbox/get", { "accountId": account, "#ids": { "resultOf": "0", "name": "Mailbox/query", "path": "/ids" } }, "1"],
        ] });
        let body = calls.to_string();
        let headers = ["-H", "Content-Type: application/json", "--data-binary", &body];
        let answer = curl(&gateway, host, Some(who), "POST", "/jmap/api", &headers);
        let answer: Value = serde_json::from_str(&answer.body).unwrap();
        let inbox = &answer["methodResponses"][1][1]["list"][0];
        usize::try_from(inbox["totalEmails"].as_u64().unwrap()).unwrap()
    };
    let before = inbox();
    assert!(before >= 10, "{before}");
    let listed = curl(&gateway, host, Some(who), "PROPFIND", "/dav/files/u00060/", &["-H", "Depth: 1"]);
    assert!(listed.body.contains("Projets") && listed.body.contains("Cours"), "{listed:?}");
    let shared = "/dav/files/u00039/Alg%C3%A8bre%20lin%C3%A9aire/LISEZMOI.md";
    let shared = curl(&gateway, host, Some(who), "GET", shared, &[]);
    assert!(shared.status == 200 && shared.body.contains("corrigés"), "{shared:?}");
    let report = "<C:calendar-query xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><C:calendar-data/></D:prop><C:filter>\
        <C:comp-filter name='VCALENDAR'/></C:filter></C:calendar-query>";
    let dates =
        |at: &str| curl(&gateway, host, Some(who), "REPORT", at, &["-H", "Depth: 1", "--data-binary", report]).body;
    let own = dates("/dav/calendars/u00060/enseignement/");
    assert!(
        own.contains("SUMMARY:Permanence") && own.contains("SUMMARY:Conseil d'UFR"),
        "an invitation is there: {own}"
    );
    let shared = dates("/dav/calendars/u00060/u00039@a.test:laboratoire/");
    assert!(shared.contains("Plateforme RMN"), "{shared}");
    let tasks = dates("/dav/calendars/u00060/taches/");
    assert!(tasks.contains("SUMMARY:Commander deux") && tasks.contains("RELATED-TO:"), "{tasks}");
    let notes = dates("/dav/calendars/u00060/carnet/");
    assert!(notes.contains("SUMMARY:Idées de TP") && notes.contains("- [ ] **Calendrier"), "{notes}");
    let people = curl(&gateway, host, Some(who), "PROPFIND", "/dav/contacts/u00060/contacts/", &["-H", "Depth: 1"]);
    assert_eq!(people.body.matches(".vcf").count(), 5, "{people:?}");
    // A demo that is started again leaves the desk as it is.
    fill();
    assert_eq!(inbox(), before);
}
