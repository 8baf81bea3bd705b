//! Thunderbird's calendars and address books: found by the host alone, own and shared, changed on both sides.

use super::program::Thunderbird;
use crate::{
    collections::{MAKE_BOOK, ask, card, event, radicale},
    harness::{Gateway, eventually},
    sharing::grants,
};
use serde_json::json;

/// A calendar of this name, for people.
fn make(gateway: &Gateway, login: &str, at: &str, name: &str) {
    let body = format!(
        "<C:mkcalendar xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:set><D:prop><D:displayname>{name}</D:displayname>\
         </D:prop></D:set></C:mkcalendar>"
    );
    let who = format!("{login}@a.test:pw-{login}");
    assert_eq!(ask(gateway, &who, "MKCALENDAR", &format!("/dav/calendars/{login}/{at}/"), &[], &body).status, 201);
}

#[test]
fn thunderbird_keeps_own_and_shared_calendars() {
    let gateway = Gateway::start("thunderbird-calendars");
    let owner = "u00260@a.test:pw-u00260";
    for login in ["u00260", "u00261"] {
        radicale("DELETE", &format!("/a-{login}/"), "");
    }
    for (login, at, name) in
        [("u00260", "cours", "Cours"), ("u00260", "lecture", "Lecture"), ("u00261", "agenda", "Agenda")]
    {
        make(&gateway, login, at, name);
    }
    for (path, rights) in [("cours", "['read', 'add', 'edit', 'remove']"), ("lecture", "['read']")] {
        grants(
            &gateway,
            "u00001@a.test:pw-u00001",
            &format!(
                "s.grant.set({{'owner': 'u00260', 'kind': 'calendar', 'path': '{path}'}}, {{'account': 'u00261'}}, {rights})"
            ),
        );
    }
    let at = "/dav/calendars/u00260/cours/";
    let item = format!("{at}far.ics");
    assert_eq!(ask(&gateway, owner, "PUT", &item, &[], &event("far", "far")).status, 201);
    let mut program = Thunderbird::start(&gateway, "u00261@a.test", "pw-u00261");
    program.run(include_str!("calendars.js"), &[]);
    let url = json!(format!("https://localhost:{}/", gateway.https));
    let found = program.run("return await findCalendars(...args)", &[url, json!("u00261@a.test"), json!("pw-u00261")]);
    assert_eq!(found, json!([["Agenda", false], ["Cours", false], ["Lecture", true]]));
    program.run("await until('it is there', async () => (await titles('Cours')).includes('far'))", &[]);

    // What is written in the program is where the calendar is, one's own and that of somebody else.
    program.run("await addEvent('Cours', args[0])", &[json!(event("near", "by the other"))]);
    program.run("await addEvent('Agenda', args[0])", &[json!(event("mine", "my own"))]);
    let all = |who: &str, at: &str| {
        let report = "<C:calendar-query xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><C:calendar-data/></D:prop><C:filter>\
            <C:comp-filter name='VCALENDAR'/></C:filter></C:calendar-query>";
        ask(&gateway, who, "REPORT", at, &["Depth: 1"], report).body
    };
    assert!(all(owner, at).contains("SUMMARY:by the other"), "{}", all(owner, at));
    assert!(all("u00261@a.test:pw-u00261", "/dav/calendars/u00261/agenda/").contains("SUMMARY:my own"));
    program.run("await renameEvent('Cours', 'far', 'changed in the program')", &[]);
    assert!(all(owner, at).contains("SUMMARY:changed in the program"), "{}", all(owner, at));

    // And the other way.
    assert_eq!(ask(&gateway, owner, "PUT", &item, &[], &event("far", "changed far")).status, 204);
    program.run("await until('it is told of', async () => (await titles('Cours')).includes('changed far'))", &[]);
    program.run("await removeEvent('Cours', 'by the other')", &[]);
    eventually("it is gone where the calendar is", || !all(owner, at).contains("by the other"));
    assert_eq!(ask(&gateway, owner, "DELETE", &item, &[], "").status, 204);
    program.run("await until('it is gone', async () => (await titles('Cours')).length == 0)", &[]);
}

#[test]
fn thunderbird_keeps_an_address_book() {
    let gateway = Gateway::start("thunderbird-contacts");
    let (login, who, at) = ("u00262", "u00262@a.test:pw-u00262", "/dav/contacts/u00262/amis/");
    radicale("DELETE", &format!("/a-{login}/"), "");
    let make = MAKE_BOOK.replace("</D:prop>", "<D:displayname>Amis</D:displayname></D:prop>");
    assert_eq!(ask(&gateway, who, "MKCOL", at, &[], &make).status, 201);
    assert_eq!(ask(&gateway, who, "PUT", &format!("{at}zoe.vcf"), &[], &card("zoe", "Zoë Martin")).status, 201);
    let mut program = Thunderbird::start(&gateway, "u00262@a.test", "pw-u00262");
    program.run(include_str!("calendars.js"), &[]);
    let url = json!(format!("https://localhost:{}/", gateway.https));
    let found = program.run("return await findBooks(...args)", &[url, json!("u00262@a.test"), json!("pw-u00262")]);
    assert_eq!(found, json!(["Amis"]));
    program.run("await until('she is there', async () => (await cards('Amis')).includes('Zoë Martin'))", &[]);
    program.run("addCard('Amis', 'Max Petit', 'max@x.test')", &[]);
    let all = || {
        let report = "<C:addressbook-query xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><D:prop><C:address-data/></D:prop>\
            <C:filter/></C:addressbook-query>";
        ask(&gateway, who, "REPORT", at, &["Depth: 1"], report).body
    };
    eventually("his card is where the book is", || all().contains("max@x.test"));
    assert_eq!(ask(&gateway, who, "PUT", &format!("{at}zoe.vcf"), &[], &card("zoe", "Zoë Petit")).status, 204);
    program.run("await until('it is told of', async () => (await cards('Amis')).includes('Zoë Petit'))", &[]);
    program.run("removeCard('Amis', 'Max Petit')", &[]);
    eventually("it is gone where the book is", || !all().contains("max@x.test"));
    assert_eq!(ask(&gateway, who, "DELETE", &format!("{at}zoe.vcf"), &[], "").status, 204);
    program.run("await until('she is gone', async () => (await cards('Amis')).length == 0)", &[]);
}
