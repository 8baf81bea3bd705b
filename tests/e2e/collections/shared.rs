//! Calendars and address books that people give to each other.

use super::{ask, changes, event, hrefs, radicale};
use crate::{harness::Gateway, sharing::grants};

const OWNER: &str = "u00111@a.test:pw-u00111";

#[test]
fn a_group_reads_a_calendar_in_its_own_home_and_loses_it_at_once() {
    let gateway = Gateway::start("collections-shared");
    radicale("DELETE", "/a-u00111/", "");
    let own = "/dav/calendars/u00111/cours/";
    assert_eq!(ask(&gateway, OWNER, "MKCALENDAR", own, &[], "").status, 201);
    assert_eq!(ask(&gateway, OWNER, "MKCALENDAR", "/dav/calendars/u00111/private/", &[], "").status, 201);
    let item = format!("{own}a.ics");
    assert_eq!(ask(&gateway, OWNER, "PUT", &item, &[], &event("a", "first")).status, 201);

    let member = "u00112@a.test:pw-u00112";
    let theirs = "/dav/calendars/u00112/u00111@a.test:cours/";
    let hidden = |path: &str| {
        let there = ask(&gateway, member, "PROPFIND", path, &["Depth: 0"], "");
        let nowhere = ask(&gateway, member, "PROPFIND", "/dav/calendars/u99999/nowhere/", &["Depth: 0"], "");
        assert_eq!((there.status, &there.body), (404, &nowhere.body), "hidden is missing: {path}");
    };
    for path in ["/dav/calendars/u00111/", own, theirs] {
        hidden(path);
    }
    let give = |rights: &str| {
        grants(
            &gateway,
            "u00001@a.test:pw-u00001",
            &format!(
                "s.grant.set({{'owner': 'u00111', 'kind': 'calendar', 'path': 'cours'}}, {{'account': 'u00112'}}, {rights})"
            ),
        );
    };
    give("['read']");
    let home = ask(&gateway, member, "PROPFIND", "/dav/calendars/u00112/", &["Depth: 1"], "");
    assert!(hrefs(&home.body).contains(theirs), "{}", home.body);
    let whose = ask(&gateway, member, "PROPFIND", "/dav/calendars/u00111/", &["Depth: 1"], "").body;
    assert_eq!(hrefs(&whose), ["/dav/calendars/u00111/", own].into(), "no other calendar of theirs");
    hidden("/dav/calendars/u00111/private/");
    for at in [theirs, own] {
        let read = ask(&gateway, member, "GET", &format!("{at}a.ics"), &[], "");
        assert_eq!((read.status, read.body), (200, radicale("GET", "/a-u00111/cours/a.ics", "")), "{at}");
        let (all, _) = changes(&gateway, member, at, "");
        assert!(hrefs(&all.body).contains(format!("{at}a.ics").as_str()), "{}", all.body);
        for (method, path, body) in [
            ("PUT", format!("{at}a.ics"), event("a", "mine")),
            ("PUT", format!("{at}b.ics"), event("b", "mine")),
            ("DELETE", format!("{at}a.ics"), String::new()),
            ("DELETE", at.to_owned(), String::new()),
        ] {
            let answer = ask(&gateway, member, method, &path, &[], &body);
            assert!(
                answer.status == 403 && answer.body.contains("need-privileges"),
                "{method} {path}: {}",
                answer.body
            );
        }
    }
    give("['read', 'add', 'edit', 'remove']");
    assert_eq!(ask(&gateway, member, "PUT", &format!("{theirs}b.ics"), &[], &event("b", "by the member")).status, 201);
    assert!(ask(&gateway, OWNER, "GET", &format!("{own}b.ics"), &[], "").body.contains("SUMMARY:by the member"));
    assert_eq!(ask(&gateway, member, "PUT", &format!("{theirs}a.ics"), &[], &event("a", "changed")).status, 204);
    assert_eq!(ask(&gateway, member, "DELETE", theirs, &[], "").status, 403, "it stays the owner's");

    let (_, token) = changes(&gateway, member, theirs, "");
    grants(
        &gateway,
        "u00001@a.test:pw-u00001",
        "s.grant.remove({'owner': 'u00111', 'kind': 'calendar', 'path': 'cours'}, {'account': 'u00112'})",
    );
    hidden(theirs);
    hidden(own);
    assert_eq!(ask(&gateway, member, "REPORT", theirs, &[], &super::SYNC.replace("TOKEN", &token)).status, 404);
    let home = ask(&gateway, member, "PROPFIND", "/dav/calendars/u00112/", &["Depth: 1"], "");
    assert!(!home.body.contains("u00111"), "{}", home.body);

    // What was granted ends with the calendar, and does not open the next of its name.
    give("['read']");
    assert_eq!(ask(&gateway, OWNER, "DELETE", own, &[], "").status, 204);
    assert_eq!(ask(&gateway, OWNER, "MKCALENDAR", own, &[], "").status, 201);
    hidden(own);
}

#[test]
fn an_address_book_crosses_to_an_institution_that_it_is_shared_with() {
    let gateway = Gateway::start_with("collections-abroad", &crate::harness::State::Sqlite, |config| {
        let settings = config.join("institutions/autan/institution.toml");
        let text = std::fs::read_to_string(&settings).unwrap();
        std::fs::write(&settings, text.replace("shares_with = []", "shares_with = [\"garonne\"]")).unwrap();
    });
    radicale("DELETE", "/b-u00113/", "");
    let (owner, reader) = ("u00113@b.test:pw-u00113", "u00114@a.test:pw-u00114");
    let make = "<D:mkcol xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><D:set><D:prop><D:resourcetype><D:collection/><C:addressbook/>\
        </D:resourcetype></D:prop></D:set></D:mkcol>";
    assert_eq!(ask(&gateway, owner, "MKCOL", "/dav/contacts/u00113/service/", &[], make).status, 201);
    let card = super::card("zoe", "Zoë");
    assert_eq!(ask(&gateway, owner, "PUT", "/dav/contacts/u00113/service/zoe.vcf", &[], &card).status, 201);
    let theirs = "/dav/contacts/u00114/u00113@b.test:service/zoe.vcf";
    assert_eq!(ask(&gateway, reader, "GET", theirs, &[], "").status, 404);
    grants(
        &gateway,
        "u00001@b.test:pw-u00001",
        "s.grant.set({'owner': 'u00113', 'kind': 'addressbook', 'path': 'service'}, {'account': 'u00114@a.test'}, ['read'])",
    );
    assert!(ask(&gateway, reader, "GET", theirs, &[], "").body.contains("FN:Zoë\r\n"));
    assert_eq!(
        ask(&gateway, "u00114@b.test:pw-u00114", "GET", "/dav/contacts/u00113/service/zoe.vcf", &[], "").status,
        404
    );
}
