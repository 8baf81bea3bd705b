//! Calendars and address books on real servers: Radicale for garonne and autan, and Cyrus by each person's own password; and as files.

mod clauses;
pub(crate) mod clients;
mod cyrus;
mod directory;
mod exchange;
pub(crate) mod feeds;
pub(crate) mod files;
pub(crate) mod publication;
mod publication_hostile;
pub(crate) mod publisher;
mod queries;
mod scheduling;
mod shared;
mod stores;
mod syncevolution;

use crate::harness::{Answer, Gateway, campus, curl, run};
use std::collections::BTreeSet;

/// Makes an address book.
pub(crate) const MAKE_BOOK: &str = "<D:mkcol xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><D:set><D:prop><D:resourcetype><D:collection/>\
    <C:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>";

/// All cards of an address book.
const CARDS: &str = "<C:addressbook-query xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><D:prop><D:getetag/><C:address-data/></D:prop>\
    <C:filter/></C:addressbook-query>";

/// An event, as a client writes it.
pub(crate) fn event(uid: &str, summary: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T080000Z\r\n\
         DTSTART:20261201T090000Z\r\nDTEND:20261201T100000Z\r\nSUMMARY:{summary}\r\nX-OURS;X-P=\"a;b\":kept\\, as it\r\n  is\r\n\
         END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// A card.
pub(crate) fn card(uid: &str, name: &str) -> String {
    format!(
        "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{name}\r\nN:{name};;;;\r\nEMAIL:{uid}@x.test\r\nEND:VCARD\r\n"
    )
}

/// A request by somebody with a body.
#[track_caller]
pub(crate) fn ask(gateway: &Gateway, who: &str, method: &str, path: &str, headers: &[&str], body: &str) -> Answer {
    let mut more: Vec<&str> = headers.iter().flat_map(|header| ["-H", header]).collect();
    if !body.is_empty() {
        more.extend(["--data-binary", body]);
    }
    curl(gateway, "localhost", Some(who), method, path, &more)
}

/// The value of an element that occurs once.
#[track_caller]
fn element<'b>(body: &'b str, name: &str) -> &'b str {
    let begin = body.find(&format!("<{name}")).unwrap_or_else(|| panic!("{name} in {body}"));
    let rest = &body[begin..];
    let rest = &rest[rest.find('>').unwrap() + 1..];
    &rest[..rest.find(&format!("</{name}>")).unwrap()]
}

/// All hrefs of an answer.
fn hrefs(body: &str) -> BTreeSet<&str> {
    body.split("<D:href>").skip(1).filter_map(|rest| rest.split("</D:href>").next()).collect()
}

/// A request to Radicale itself, past the gateway.
pub(crate) fn radicale(method: &str, path: &str, body: &str) -> String {
    let url = format!("http://127.0.0.1:{}{path}", campus("CAMPUS_RADICALE"));
    let mut arguments = vec!["-s", "-u", "gateway:pw-gateway", "-X", method, &url];
    if !body.is_empty() {
        arguments.extend(["-H", "Content-Type: text/calendar", "--data-binary", body]);
    }
    run("curl", &arguments)
}

const SYNC: &str = "<D:sync-collection xmlns:D='DAV:'><D:sync-token>TOKEN</D:sync-token><D:sync-level>1</D:sync-level>\
    <D:prop><D:getetag/></D:prop></D:sync-collection>";

/// What changed since a token, and the next one.
#[track_caller]
fn changes(gateway: &Gateway, who: &str, path: &str, token: &str) -> (Answer, String) {
    let answer = ask(gateway, who, "REPORT", path, &[], &SYNC.replace("TOKEN", token));
    assert_eq!(answer.status, 207, "{}", answer.body);
    let token = element(&answer.body, "D:sync-token").to_owned();
    (answer, token)
}

#[test]
fn a_client_finds_makes_writes_and_follows_a_calendar() {
    let gateway = Gateway::start("collections-own");
    let who = "u00101@a.test:pw-u00101";
    radicale("DELETE", "/a-u00101/", "");
    // What no client knows beforehand: where everything begins (RFC 6764 §5, RFC 5397, RFC 4791 §6.2.1).
    let known = curl(&gateway, "localhost", None, "PROPFIND", "/.well-known/caldav", &[]);
    assert_eq!((known.status, known.header("location")), (301, Some("/dav/")));
    let prop = |name: &str, namespace: &str| {
        format!("<D:propfind xmlns:D='DAV:' xmlns:N='{namespace}'><D:prop><N:{name}/></D:prop></D:propfind>")
    };
    let me = ask(&gateway, who, "PROPFIND", "/dav/", &["Depth: 0"], &prop("current-user-principal", "DAV:"));
    let principal = element(element(&me.body, "D:current-user-principal"), "D:href").to_owned();
    let caldav = "urn:ietf:params:xml:ns:caldav";
    let home = ask(&gateway, who, "PROPFIND", &principal, &["Depth: 0"], &prop("calendar-home-set", caldav));
    let home = element(element(&home.body, "C:calendar-home-set"), "D:href").to_owned();
    assert_eq!(home, "/dav/calendars/u00101/");
    assert_eq!(hrefs(&ask(&gateway, who, "PROPFIND", &home, &["Depth: 1"], "").body), [home.as_str()].into());

    let make = "<C:mkcalendar xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:A='http://apple.com/ns/ical/'><D:set><D:prop>\
        <D:displayname>Cours d’été &amp; plus</D:displayname><A:calendar-color>#8a1538</A:calendar-color>\
        <C:supported-calendar-component-set><C:comp name='VEVENT'/></C:supported-calendar-component-set>\
        <Z:mine xmlns:Z='urn:z'>kept here</Z:mine></D:prop></D:set></C:mkcalendar>";
    let at = format!("{home}cours%20%C3%A9t%C3%A9/");
    assert_eq!(ask(&gateway, who, "MKCALENDAR", &at, &[], make).status, 201);
    let again = ask(&gateway, who, "MKCALENDAR", &at, &[], make);
    assert!(again.status == 403 && again.body.contains("resource-must-be-null"), "{}", again.body);
    let told = ask(&gateway, who, "PROPFIND", &home, &["Depth: 1"], "<D:propfind xmlns:D='DAV:' xmlns:A='http://apple.com/ns/ical/' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><D:displayname/><D:resourcetype/><A:calendar-color/><C:supported-calendar-component-set/><mine xmlns='urn:z'/><D:sync-token/></D:prop></D:propfind>").body;
    for part in [
        "Cours d’été &amp; plus",
        "#8a1538",
        "<C:comp name=\"VEVENT\"/>",
        "kept here",
        "<D:sync-token>",
        "<C:calendar ",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert!(!told.contains("VTODO"), "{told}");

    let (_, empty) = changes(&gateway, who, &at, "");
    let item = format!("{at}r%C3%A9union.ics");
    let first = event("one", "Réunion");
    let put = ask(&gateway, who, "PUT", &item, &["If-None-Match: *", "Content-Type: text/calendar"], &first);
    assert_eq!(put.status, 201, "{}", put.body);
    assert_eq!(ask(&gateway, who, "PUT", &item, &["If-None-Match: *"], &first).status, 412, "it is there");
    let read = ask(&gateway, who, "GET", &item, &[], "");
    // Radicale writes anew what it is given; what it has is told octet for octet.
    let kept = radicale("GET", "/a-u00101/cours%20%C3%A9t%C3%A9/r%C3%A9union.ics", "");
    assert_eq!((read.status, read.body.as_str()), (200, kept.as_str()));
    assert!(read.body.contains("SUMMARY:Réunion\r\nX-OURS;X-P=\"a;b\":kept\\, as it is\r\n"), "{}", read.body);
    assert!(read.header("content-type").unwrap().starts_with("text/calendar"));
    let tag = read.header("etag").unwrap().to_owned();
    let known = format!("If-None-Match: {tag}");
    assert_eq!(ask(&gateway, who, "GET", &item, &[&known], "").status, 304);

    // Two clients: the one that knows less changes nothing.
    let second = event("one", "Réunion déplacée");
    let when = format!("If-Match: {tag}");
    assert_eq!(ask(&gateway, who, "PUT", &item, &[&when], &second).status, 204);
    assert_eq!(ask(&gateway, who, "PUT", &item, &[&when], &first).status, 412);
    assert_eq!(ask(&gateway, who, "DELETE", &item, &[&when], "").status, 412);

    // A third one that goes past the gateway is seen as well.
    radicale("PUT", "/a-u00101/cours%20%C3%A9t%C3%A9/past.ics", &event("two", "past"));
    let (found, now) = changes(&gateway, who, &at, &empty);
    let past = format!("{at}past.ics");
    assert_eq!(hrefs(&found.body), [item.as_str(), past.as_str()].into(), "{}", found.body);
    let multiget = format!(
        "<C:calendar-multiget xmlns:D='DAV:' xmlns:C='{caldav}'><D:prop><D:getetag/><C:calendar-data/></D:prop>\
         <D:href>{item}</D:href><D:href>{past}</D:href><D:href>{at}none.ics</D:href><D:href>/dav/files/u00101/x</D:href></C:calendar-multiget>"
    );
    let both = ask(&gateway, who, "REPORT", &at, &["Depth: 1"], &multiget);
    let text = both.body.replace("&#13;", "\r");
    assert!(text.contains("SUMMARY:Réunion déplacée\r\n") && text.contains("SUMMARY:past\r\n"), "{}", both.body);
    assert_eq!(both.body.matches("404 Not Found").count(), 2, "{}", both.body);

    assert_eq!(ask(&gateway, who, "DELETE", &item, &[], "").status, 204);
    let (gone, last) = changes(&gateway, who, &at, &now);
    assert_eq!(hrefs(&gone.body), [item.as_str()].into());
    assert!(gone.body.contains("404 Not Found"), "{}", gone.body);
    // A token is its collection's alone, and no other text is one.
    for token in ["data:,s.eA.bad", "http://radicale.org/ns/sync/0", &last.replace("data:,s.", "data:,s.A")] {
        let told = ask(&gateway, who, "REPORT", &at, &[], &SYNC.replace("TOKEN", token));
        assert!(told.status == 403 && told.body.contains("valid-sync-token"), "{token}: {}", told.body);
    }

    let patch = "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><D:displayname>Autre</D:displayname></D:prop></D:set></D:propertyupdate>";
    assert_eq!(ask(&gateway, who, "PROPPATCH", &at, &[], patch).status, 207);
    let guarded = "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><D:displayname>Non</D:displayname><D:getetag>x</D:getetag></D:prop></D:set></D:propertyupdate>";
    let refused = ask(&gateway, who, "PROPPATCH", &at, &[], guarded).body;
    assert!(refused.contains("403 Forbidden") && refused.contains("424 Failed Dependency"), "{refused}");
    let remade = "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><D:resourcetype><D:collection/></D:resourcetype></D:prop></D:set></D:propertyupdate>";
    let refused = ask(&gateway, who, "PROPPATCH", &at, &[], remade).body;
    assert!(refused.contains("403 Forbidden") && !refused.contains("200 OK"), "{refused}");
    let named = ask(&gateway, who, "PROPFIND", &at, &["Depth: 0"], &prop("displayname", "DAV:")).body;
    assert_eq!(element(&named, "D:displayname"), "Autre");
    assert!(
        radicale("PROPFIND", "/a-u00101/cours%20%C3%A9t%C3%A9/", "").contains("Autre"),
        "it is kept where the calendar is"
    );
    assert_eq!(ask(&gateway, who, "DELETE", &at, &[], "").status, 204);
    assert_eq!(ask(&gateway, who, "PROPFIND", &at, &["Depth: 0"], "").status, 404);
}

#[test]
fn an_address_book_holds_cards_and_no_events() {
    let gateway = Gateway::start("collections-cards");
    let who = "u00102@a.test:pw-u00102";
    radicale("DELETE", "/a-u00102/", "");
    let at = "/dav/contacts/u00102/amis/";
    let make = "<D:mkcol xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><D:set><D:prop><D:resourcetype><D:collection/><C:addressbook/>\
        </D:resourcetype><D:displayname>Amis</D:displayname></D:prop></D:set></D:mkcol>";
    assert_eq!(ask(&gateway, who, "MKCOL", at, &[], make).status, 201);
    let wrong = make.replace("addressbook", "calendar");
    let wrong = ask(&gateway, who, "MKCOL", "/dav/contacts/u00102/other/", &[], &wrong);
    assert!(wrong.status == 403 && wrong.body.contains("valid-resourcetype"), "{}", wrong.body);
    let item = format!("{at}zoe.vcf");
    let zoe = card("zoe", "Zoë Martin");
    assert_eq!(ask(&gateway, who, "PUT", &item, &[], &zoe).status, 201);
    let kept = ask(&gateway, who, "GET", &item, &[], "").body;
    assert_eq!(kept, radicale("GET", "/a-u00102/amis/zoe.vcf", ""));
    assert!(kept.contains("FN:Zoë Martin\r\n"), "{kept}");
    let nonsense = ask(&gateway, who, "PUT", &format!("{at}bad.vcf"), &["If-None-Match: *"], "no card");
    assert!(nonsense.status == 403 && nonsense.body.contains("valid-address-data"), "{}", nonsense.body);
    let get = format!(
        "<C:addressbook-multiget xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><D:prop><D:getetag/><C:address-data/></D:prop>\
         <D:href>{item}</D:href></C:addressbook-multiget>"
    );
    assert!(ask(&gateway, who, "REPORT", at, &[], &get).body.contains("FN:Zoë Martin"));
    // Both families may lie in one home of the server, and each shows its own.
    assert_eq!(ask(&gateway, who, "MKCALENDAR", "/dav/calendars/u00102/agenda/", &[], "").status, 201);
    let of = |family: &str| {
        let path = format!("/dav/{family}/u00102/");
        let body = ask(&gateway, who, "PROPFIND", &path, &["Depth: 1"], "").body;
        hrefs(&body).into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(of("contacts"), ["/dav/contacts/u00102/", "/dav/contacts/u00102/amis/"]);
    assert_eq!(of("calendars"), ["/dav/calendars/u00102/", "/dav/calendars/u00102/agenda/"]);
    assert_eq!(ask(&gateway, who, "GET", "/dav/calendars/u00102/amis/zoe.vcf", &[], "").status, 404, "no way around");
}

#[test]
fn a_server_that_is_away_takes_nothing_away() {
    let gateway = Gateway::start_with("collections-away", &crate::harness::State::Sqlite, |config| {
        let settings = config.join("institutions/garonne/institution.toml");
        let text = std::fs::read_to_string(&settings).unwrap();
        let there = format!("127.0.0.1:{}", campus("CAMPUS_RADICALE"));
        std::fs::write(&settings, text.replace(&there, "127.0.0.1:9")).unwrap();
    });
    let who = "u00103@a.test:pw-u00103";
    for (method, path) in [
        ("PROPFIND", "/dav/calendars/u00103/"),
        ("PROPFIND", "/dav/calendars/u00103/a/"),
        ("GET", "/dav/calendars/u00103/a/b.ics"),
    ] {
        let answer = ask(&gateway, who, method, path, &["Depth: 1"], "");
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("30")), "{method} {path}");
    }
    assert_eq!(
        ask(&gateway, who, "PROPFIND", "/dav/files/u00103/", &["Depth: 1"], "").status,
        207,
        "files are elsewhere"
    );
}
