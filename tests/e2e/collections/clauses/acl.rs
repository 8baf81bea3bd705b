//! Who may do what, said by programs: RFC 3744's access lists on calendars and address books, busy times alone (RFC 4791 §6.1.1), and the words
//! that calendar programs have for sharing.

use super::{super::files, Desk};
use crate::{
    collections::{MAKE_BOOK, card, event},
    harness::Gateway,
};

const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
const APPLE: &str = "http://calendarserver.org/ns/";
const BUSY: &str = "<C:free-busy-query xmlns:C='urn:ietf:params:xml:ns:caldav'><C:time-range start='20261130T000000Z' end='20261203T000000Z'/></C:free-busy-query>";

fn desk<'g>(gateway: &'g Gateway, login: &str, at: &str) -> Desk<'g> {
    Desk { gateway, who: format!("{login}@a.test:pw-{login}"), at: at.to_owned() }
}

/// An access list of one line for somebody.
fn list(login: &str, privilege: &str) -> String {
    format!(
        "<D:acl xmlns:D='DAV:' xmlns:C='{CALDAV}'><D:ace><D:principal><D:href>/dav/principals/{login}/</D:href></D:principal>\
         <D:grant><D:privilege><{privilege}/></D:privilege></D:grant></D:ace></D:acl>"
    )
}

#[test]
fn a_calendar_has_an_access_list_and_busy_times_alone_can_be_given() {
    let gateway = files::start("clauses-acl");
    let owner = desk(&gateway, "u00263", "/dav/calendars/u00263/cours/");
    let reader = desk(&gateway, "u00264", "/dav/calendars/u00263/cours/");
    assert_eq!(owner.ask("MKCALENDAR", "", &[], "").status, 201);
    owner.put("a.ics", &event("a", "a secret"));
    assert_eq!(reader.ask("REPORT", "", &["Depth: 1"], BUSY).status, 404);

    // RFC 4791 §6.1.1: to see busy times is a privilege, within that to read.
    let known = owner.property("supported-privilege-set", "DAV:");
    let reads = &known[known.find("<D:read/>").unwrap()..known.find("<D:write/>").unwrap()];
    assert!(reads.contains("read-free-busy"), "{known}");
    // RFC 4791 §2: rights are told and set by RFC 3744 §8.1.
    assert_eq!(owner.ask("ACL", "", &[], &list("u00264", "C:read-free-busy")).status, 200);
    let told = owner.property("acl", "DAV:");
    assert!(told.contains("/dav/principals/u00264/") && told.contains("read-free-busy"), "{told}");
    let busy = reader.ask("REPORT", "", &["Depth: 1"], BUSY);
    assert_eq!(busy.status, 200, "{}", busy.body);
    assert!(busy.body.contains("FREEBUSY:20261201T090000Z/20261201T100000Z"), "{}", busy.body);
    assert!(!busy.body.contains("secret") && !busy.body.contains("UID:a\r\n"), "{}", busy.body);
    let held = reader.property("current-user-privilege-set", "DAV:");
    assert!(held.contains("read-free-busy") && !held.contains("<D:read/>"), "{held}");
    let query = format!(
        "<C:calendar-query xmlns:D='DAV:' xmlns:C='{CALDAV}'><D:prop><C:calendar-data/></D:prop><C:filter><C:comp-filter name='VCALENDAR'/></C:filter></C:calendar-query>"
    );
    for (method, name, body) in [
        ("GET", "a.ics", ""),
        ("PROPFIND", "a.ics", ""),
        ("REPORT", "", query.as_str()),
        ("GET", "", ""),
        ("DELETE", "a.ics", ""),
        ("ACL", "", &list("u00264", "D:all")),
    ] {
        let answer = reader.ask(method, name, &["Depth: 0"], body);
        reader.refused(&answer, 403, "need-privileges");
        assert!(!answer.body.contains("secret"), "{}", answer.body);
    }
    // Who may not share is not told with whom it is.
    assert!(reader.property("acl", "DAV:").contains("403 Forbidden"));

    assert_eq!(owner.ask("ACL", "", &[], &list("u00264", "D:read")).status, 200);
    assert!(reader.ask("GET", "a.ics", &[], "").body.contains("a secret"));
    for (wrong, condition) in [
        (list("u00264", "D:unlock"), "not-supported-privilege"),
        (list("u00264", "D:write-content"), "no-ace-conflict"),
        (list("u00264", "D:read").replace("D:grant", "D:deny"), "grant-only"),
        (list("nobody-of-this-name", "D:read"), "recognized-principal"),
    ] {
        owner.refused(
            &owner.ask("ACL", "", &[], &wrong),
            if condition == "no-ace-conflict" { 409 } else { 403 },
            condition,
        );
    }
    assert_eq!(reader.ask("GET", "a.ics", &[], "").status, 200, "a list that is refused changes nothing");
    assert_eq!(owner.ask("ACL", "", &[], "<D:acl xmlns:D='DAV:'/>").status, 200);
    assert_eq!(reader.ask("GET", "a.ics", &[], "").status, 404);
    let none = desk(&gateway, "u00263", "/dav/calendars/u00263/none/");
    assert_eq!(none.ask("ACL", "", &[], &list("u00264", "D:read")).status, 404, "nothing is shared that is not there");
}

#[test]
fn an_address_book_has_one_too() {
    let gateway = files::start("clauses-acl-cards");
    let owner = desk(&gateway, "u00265", "/dav/contacts/u00265/service/");
    let editor = desk(&gateway, "u00266", "/dav/contacts/u00266/u00265@a.test:service/");
    assert_eq!(owner.ask("MKCOL", "", &[], MAKE_BOOK).status, 201);
    owner.put("zoe.vcf", &card("zoe", "Zoë"));
    assert_eq!(editor.ask("GET", "zoe.vcf", &[], "").status, 404);
    // RFC 6352 §3: rights are told and set by RFC 3744 §8.1.
    owner.refused(&owner.ask("ACL", "", &[], &list("u00266", "C:read-free-busy")), 403, "not-supported-privilege");
    assert!(!owner.property("supported-privilege-set", "DAV:").contains("read-free-busy"));
    let both = list("u00266", "D:read").replace("</D:grant>", "<D:privilege><D:write/></D:privilege></D:grant>");
    assert_eq!(owner.ask("ACL", "", &[], &both).status, 200);
    let told = owner.property("acl", "DAV:");
    assert!(told.contains("<D:read/>") && told.contains("<D:write/>"), "{told}");
    editor.put("zoe.vcf", &card("zoe", "Zoë Martin"));
    assert!(owner.ask("GET", "zoe.vcf", &[], "").body.contains("Zoë Martin"));
}

#[test]
fn programs_share_in_their_own_words() {
    let gateway = files::start("clauses-share");
    let owner = desk(&gateway, "u00267", "/dav/calendars/u00267/projet/");
    let theirs = desk(&gateway, "u00268", "/dav/calendars/u00268/u00267@a.test:projet/");
    assert_eq!(owner.ask("MKCALENDAR", "", &[], "").status, 201);
    owner.put("a.ics", &event("a", "réunion"));
    let classes = owner.ask("OPTIONS", "", &[], "").header("dav").unwrap().to_owned();
    assert!(classes.contains("calendarserver-sharing") && classes.contains("resource-sharing"), "{classes}");
    assert!(owner.property("allowed-sharing-modes", APPLE).contains("can-be-shared"));
    assert!(owner.property("share-access", "DAV:").contains("not-shared"));

    let apple = |inside: &str| format!("<S:share xmlns:D='DAV:' xmlns:S='{APPLE}'>{inside}</S:share>");
    let set = |who: &str, access: &str| {
        format!("<S:set><D:href>{who}</D:href><S:summary>Le projet</S:summary><S:{access}/></S:set>")
    };
    let mail = "mailto:u00268@a.test";
    let xml = &["Content-Type: text/xml"];
    assert_eq!(owner.ask("POST", "", xml, &apple(&set(mail, "read"))).status, 200);
    assert!(theirs.ask("GET", "a.ics", &[], "").body.contains("réunion"));
    assert_eq!(theirs.ask("PUT", "a.ics", &[], &event("a", "mine")).status, 403);
    let both = "<D:propfind xmlns:D='DAV:' xmlns:S='http://calendarserver.org/ns/'><D:prop><D:resourcetype/><S:invite/><D:invite/><D:share-access/></D:prop></D:propfind>";
    let told = owner.ask("PROPFIND", "", &["Depth: 0"], both).body;
    for part in [
        "<S:shared-owner",
        "<D:shared-owner/>",
        "<S:invite-accepted/>",
        "<S:read/>",
        "<D:sharee>",
        "/dav/principals/u00268/",
    ] {
        assert!(told.contains(part), "{part}: {told}");
    }
    let told = theirs.ask("PROPFIND", "", &["Depth: 0"], both).body;
    assert!(told.contains("<S:shared xmlns") && told.contains("<D:share-access><D:read/>"), "{told}");
    assert!(
        told.contains("/dav/principals/u00267/") && !told.contains("u00268/</D:href><S:common"),
        "whose, and not with whom: {told}"
    );

    // The same in the words of the draft that came of it, for more.
    let draft = format!(
        "<D:share-resource xmlns:D='DAV:'><D:sharee><D:href>{mail}</D:href><D:share-access><D:read-write/></D:share-access></D:sharee></D:share-resource>"
    );
    assert_eq!(owner.ask("POST", "", &["Content-Type: application/davsharing+xml"], &draft).status, 200);
    theirs.put("a.ics", &event("a", "déplacée"));
    assert!(owner.ask("GET", "a.ics", &[], "").body.contains("déplacée"));
    // Who may write may not share; whoever is not there is told of, and nobody else's grant is touched by it.
    theirs.refused(&theirs.ask("POST", "", xml, &apple(&set(mail, "read"))), 403, "need-privileges");
    let nobody = apple(&(set(mail, "read") + &set("mailto:nobody-of-this-name@a.test", "read")));
    owner.refused(&owner.ask("POST", "", xml, &nobody), 403, "recognized-principal");
    // An address that is taken where one does not share is answered as one that is not.
    let answers = ["u00001@b.test", "nobody-of-this-name@b.test"]
        .map(|mail| owner.ask("POST", "", xml, &apple(&set(&format!("mailto:{mail}"), "read"))));
    assert_eq!((answers[0].status, &answers[0].body), (403, &answers[1].body));
    theirs.put("a.ics", &event("a", "encore"));
    assert_eq!(owner.ask("POST", "", xml, "<D:propfind xmlns:D='DAV:'/>").status, 415);

    // Who manages is told as who writes, there being no other word: a program that says that back takes nothing away.
    assert_eq!(owner.ask("ACL", "", &[], &list("u00268", "D:all")).status, 200);
    assert_eq!(owner.ask("POST", "", xml, &apple(&set(mail, "read-write"))).status, 200);
    assert!(theirs.property("current-user-privilege-set", "DAV:").contains("<D:write-acl/>"));

    let gone = apple(&format!("<S:remove><D:href>{mail}</D:href></S:remove>"));
    assert_eq!(owner.ask("POST", "", xml, &gone).status, 200);
    assert_eq!(theirs.ask("GET", "a.ics", &[], "").status, 404);
    let told = owner.ask("PROPFIND", "", &["Depth: 0"], both).body;
    assert!(told.contains("<D:not-shared/>") && !told.contains("u00268"), "{told}");
}
