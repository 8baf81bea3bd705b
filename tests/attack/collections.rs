//! Every method on calendars and address books as everybody: what each may do is in the table, and what is hidden answers as what
//! is missing.

use crate::{EDITOR, OWNER, READER, Site, WHO, client};
use passerelle_model::{CollectionFamily, CollectionRef, Grant, Rights};
use passerelle_testkit::house::{node, to_account};
use std::collections::BTreeSet;

/// `{t}` is the owner's account. Paths are below `/dav/`.
struct Row {
    method: &'static str,
    path: &'static str,
    depth: &'static str,
    body: &'static str,
    expected: [u16; 6],
}

const fn row(
    method: &'static str,
    path: &'static str,
    depth: &'static str,
    body: &'static str,
    expected: [u16; 6],
) -> Row {
    Row { method, path, depth, body, expected }
}

pub(crate) const EVENT: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20261101T080000Z\r\n\
    DTSTART:20261201T090000Z\r\nSUMMARY:secret\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
pub(crate) const CARD: &str = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:a\r\nFN:secret\r\nN:secret;;;;\r\nEND:VCARD\r\n";
const BOOK: &str = "<D:mkcol xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><D:set><D:prop><D:resourcetype><D:collection/>\
    <C:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>";
const PATCH: &str = "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><D:displayname>1</D:displayname><x xmlns='urn:x'>1</x></D:prop></D:set></D:propertyupdate>";
const SYNC: &str =
    "<D:sync-collection xmlns:D='DAV:'><D:sync-token/><D:sync-level>1</D:sync-level><D:prop/></D:sync-collection>";
const GET: &str = "<C:calendar-multiget xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><C:calendar-data/></D:prop>\
    <D:href>/dav/calendars/u00001@a.test/private/a.ics</D:href></C:calendar-multiget>";
const QUERY: &str = "<C:calendar-query xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><C:calendar-data/></D:prop>\
    <C:filter><C:comp-filter name='VCALENDAR'/></C:filter></C:calendar-query>";
const BUSY: &str = "<C:free-busy-query xmlns:C='urn:ietf:params:xml:ns:caldav'>\
    <C:time-range start='20261201T000000Z' end='20261202T000000Z'/></C:free-busy-query>";
const WHEN: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nMETHOD:REQUEST\r\nBEGIN:VFREEBUSY\r\nUID:q\r\nDTSTAMP:20261101T080000Z\r\n\
    DTSTART:20261201T000000Z\r\nDTEND:20261202T000000Z\r\nORGANIZER:mailto:ASKER\r\nATTENDEE:mailto:u00001@a.test\r\nEND:VFREEBUSY\r\n\
    END:VCALENDAR\r\n";
const INVITES: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:invites\r\nDTSTAMP:20261101T080000Z\r\n\
    DTSTART:20991201T090000Z\r\nDTEND:20991201T100000Z\r\nSUMMARY:asked\r\nORGANIZER:mailto:ASKER\r\nATTENDEE:mailto:GUEST\r\n\
    END:VEVENT\r\nEND:VCALENDAR\r\n";
const CARDS: &str = "<C:addressbook-query xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><D:prop><C:address-data/></D:prop>\
    <C:filter/></C:addressbook-query>";

const LIST: &str = "<D:acl xmlns:D='DAV:'><D:ace><D:principal><D:href>/dav/principals/u00009@a.test/</D:href></D:principal>\
    <D:grant><D:privilege><D:read/></D:privilege></D:grant></D:ace></D:acl>";
const SHARE: &str = "<S:share xmlns:D='DAV:' xmlns:S='http://calendarserver.org/ns/'><S:set><D:href>/dav/principals/u00009@a.test/</D:href>\
    <S:read-write/></S:set></S:share>";

const TABLE: &[Row] = &[
    row("MKCALENDAR", "calendars/{t}/new/", "", "", [401, 404, 404, 404, 404, 201]),
    row("MKCALENDAR", "calendars/{t}/shared/", "", "", [401, 404, 404, 403, 403, 403]),
    row("MKCALENDAR", "calendars/{t}/", "", "", [401, 405, 405, 405, 405, 405]),
    row("MKCOL", "contacts/{t}/new/", "", BOOK, [401, 404, 404, 404, 404, 201]),
    row("PROPFIND", "calendars/{t}/", "1", "", [401, 404, 404, 207, 207, 207]),
    row("PROPFIND", "calendars/{t}/shared/", "1", "", [401, 404, 404, 207, 207, 207]),
    row("PROPFIND", "calendars/{t}/shared/a.ics", "0", "", [401, 404, 404, 207, 207, 207]),
    row("GET", "calendars/{t}/shared/a.ics", "", "", [401, 404, 404, 200, 200, 200]),
    row("GET", "calendars/{t}/shared/none.ics", "", "", [401, 404, 404, 404, 404, 404]),
    row("HEAD", "calendars/{t}/shared/a.ics", "", "", [401, 404, 404, 200, 200, 200]),
    row("GET", "calendars/{t}/shared/", "", "", [401, 404, 404, 200, 200, 200]),
    row("HEAD", "calendars/{t}/shared/", "", "", [401, 404, 404, 200, 200, 200]),
    row("GET", "contacts/{t}/shared/", "", "", [401, 404, 404, 200, 200, 200]),
    row("GET", "calendars/{t}/", "", "", [401, 405, 405, 405, 405, 405]),
    row("PUT", "calendars/{t}/shared/a.ics", "", EVENT, [401, 404, 404, 403, 204, 204]),
    row("PUT", "calendars/{t}/shared/new.ics", "", EVENT, [401, 404, 404, 403, 201, 201]),
    row("PUT", "calendars/{t}/shared/new.ics", "", CARD, [401, 404, 404, 403, 403, 403]),
    row("PUT", "contacts/{t}/shared/a.vcf", "", CARD, [401, 404, 404, 403, 204, 204]),
    row("DELETE", "calendars/{t}/shared/a.ics", "", "", [401, 404, 404, 403, 204, 204]),
    row("DELETE", "calendars/{t}/shared/", "", "", [401, 404, 404, 403, 403, 204]),
    row("DELETE", "calendars/{t}/", "", "", [401, 405, 405, 405, 405, 405]),
    row("PROPPATCH", "calendars/{t}/shared/", "", PATCH, [401, 404, 404, 403, 403, 207]),
    row("ACL", "calendars/{t}/shared/", "", LIST, [401, 404, 404, 403, 403, 200]),
    row("ACL", "contacts/{t}/shared/", "", LIST, [401, 404, 404, 403, 403, 200]),
    row("ACL", "calendars/{t}/private/", "", LIST, [401, 404, 404, 404, 404, 200]),
    row("ACL", "calendars/{t}/new/", "", LIST, [401, 404, 404, 404, 404, 404]),
    row("ACL", "calendars/{t}/shared/a.ics", "", LIST, [401, 405, 405, 405, 405, 405]),
    row("ACL", "calendars/{t}/", "", LIST, [401, 405, 405, 405, 405, 405]),
    row("POST", "calendars/{t}/shared/", "", SHARE, [401, 404, 404, 403, 403, 200]),
    row("POST", "contacts/{t}/shared/", "", SHARE, [401, 404, 404, 403, 403, 200]),
    row("POST", "calendars/{t}/private/", "", SHARE, [401, 404, 404, 404, 404, 200]),
    row("POST", "calendars/{t}/shared/a.ics", "", SHARE, [401, 405, 405, 405, 405, 405]),
    row("REPORT", "calendars/{t}/shared/", "", SYNC, [401, 404, 404, 207, 207, 207]),
    row("REPORT", "calendars/{t}/shared/", "1", GET, [401, 404, 404, 207, 207, 207]),
    row("REPORT", "calendars/{t}/shared/", "1", QUERY, [401, 404, 404, 207, 207, 207]),
    row("REPORT", "calendars/{t}/shared/", "1", BUSY, [401, 404, 404, 200, 200, 200]),
    row("REPORT", "contacts/{t}/shared/", "1", CARDS, [401, 404, 404, 207, 207, 207]),
    row("COPY", "calendars/{t}/shared/a.ics", "", "", [401, 405, 405, 405, 405, 405]),
    row("LOCK", "calendars/{t}/shared/a.ics", "", "", [401, 405, 405, 405, 405, 405]),
    row("GET", "calendars/{t}/private/a.ics", "", "", [401, 404, 404, 404, 404, 200]),
    row("GET", "calendars/{t}/private/", "", "", [401, 404, 404, 404, 404, 200]),
    row("GET", "contacts/{t}/private/", "", "", [401, 404, 404, 404, 404, 200]),
    row("PROPFIND", "calendars/{t}/private/", "1", "", [401, 404, 404, 404, 404, 207]),
    row("PROPFIND", "calendars/{t}/private/a.ics", "0", "", [401, 404, 404, 404, 404, 207]),
    row("PUT", "calendars/{t}/private/a.ics", "", EVENT, [401, 404, 404, 404, 404, 204]),
    row("PUT", "calendars/{t}/private/new.ics", "", EVENT, [401, 404, 404, 404, 404, 201]),
    row("DELETE", "calendars/{t}/private/a.ics", "", "", [401, 404, 404, 404, 404, 204]),
    row("DELETE", "calendars/{t}/private/", "", "", [401, 404, 404, 404, 404, 204]),
    row("MKCALENDAR", "calendars/{t}/private/", "", "", [401, 404, 404, 404, 404, 403]),
    row("PROPPATCH", "calendars/{t}/private/", "", PATCH, [401, 404, 404, 404, 404, 207]),
    row("REPORT", "calendars/{t}/private/", "", SYNC, [401, 404, 404, 404, 404, 207]),
    row("REPORT", "calendars/{t}/private/", "1", GET, [401, 404, 404, 404, 404, 207]),
    row("REPORT", "calendars/{t}/private/", "1", QUERY, [401, 404, 404, 404, 404, 207]),
    row("REPORT", "calendars/{t}/private/", "1", BUSY, [401, 404, 404, 404, 404, 200]),
    row("PROPFIND", "directory/", "1", "", [401, 207, 207, 207, 207, 207]),
    row("PROPFIND", "directory/", "infinity", "", [401, 403, 403, 403, 403, 403]),
    row("REPORT", "directory/", "1", CARDS, [401, 207, 207, 207, 207, 207]),
    row("REPORT", "directory/", "0", SYNC, [401, 403, 403, 403, 403, 403]),
    row("PUT", "directory/u00001.vcf", "", CARD, [401, 405, 405, 405, 405, 405]),
    row("DELETE", "directory/u00001.vcf", "", "", [401, 405, 405, 405, 405, 405]),
    row("PROPFIND", "scheduling/{t}/", "1", "", [401, 404, 404, 404, 404, 207]),
    row("PROPFIND", "scheduling/{t}/inbox/", "1", "", [401, 404, 404, 404, 404, 207]),
    row("PROPFIND", "scheduling/{t}/outbox/", "0", "", [401, 404, 404, 404, 404, 207]),
    row("REPORT", "scheduling/{t}/inbox/", "1", QUERY, [401, 404, 404, 404, 404, 207]),
    row("POST", "scheduling/{t}/outbox/", "", WHEN, [401, 404, 404, 404, 404, 200]),
    row("POST", "scheduling/{t}/inbox/", "", WHEN, [401, 404, 404, 404, 404, 405]),
    row("PUT", "calendars/{t}/shared/new.ics", "", INVITES, [401, 404, 404, 403, 201, 201]),
];

/// What the table attacks, by name, beside what is attacked on files.
pub(crate) fn attacked() -> BTreeSet<String> {
    let done = TABLE.iter().filter(|row| row.expected.iter().any(|status| !matches!(status, 401 | 405)));
    done.map(|row| row.method.to_owned()).collect()
}

pub(crate) async fn arrange(dav: &Site) {
    let owner = client(dav, Some(OWNER));
    let state = &dav.server.house.state;
    for (family, make, body, item, content) in
        [("calendars", "MKCALENDAR", "", "a.ics", EVENT), ("contacts", "MKCOL", BOOK, "a.vcf", CARD)]
    {
        for name in ["shared", "private", "new"] {
            let at = format!("/dav/{family}/{OWNER}/{name}/");
            owner.ask("DELETE", &at, &[]).await;
            if name != "new" {
                assert_eq!(owner.send(make, &at, &[], body).await.status, 201);
                assert_eq!(owner.send("PUT", &format!("{at}{item}"), &[], content).await.status, 201);
            }
        }
    }
    let write = Rights::EDIT.union(Rights::ADD).union(Rights::REMOVE);
    for family in CollectionFamily::ALL {
        let shared = CollectionRef::parse(node(OWNER, "").owner, family, "shared").unwrap().target();
        for (who, rights) in [(READER, Rights::READ), (EDITOR, write)] {
            state.set_grant(&shared, &Grant { to: to_account(who), rights, until: None }).await.unwrap();
        }
    }
}

fn headers(row: &Row) -> Vec<(&'static str, &'static str)> {
    let depth = (!row.depth.is_empty()).then_some(("depth", row.depth));
    let calendar = (row.method == "POST").then_some(("content-type", "text/calendar"));
    depth.into_iter().chain(calendar).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_method_as_everybody() {
    let dav = Site::start().await;
    let mut wrong = Vec::new();
    for row in TABLE {
        for (who, expected) in WHO.into_iter().zip(row.expected) {
            arrange(&dav).await;
            let path = format!("/dav/{}", row.path.replace("{t}", OWNER));
            let body = row.body.replace("ASKER", OWNER).replace("GUEST", READER);
            let reply = client(&dav, who).send(row.method, &path, &headers(row), &body).await;
            if reply.status != expected {
                wrong.push(format!("{} {} as {who:?}: {} and not {expected}", row.method, row.path, reply.status));
            }
            if who != Some(OWNER) {
                let told = reply.body.contains("secret");
                assert!(!(told && row.path.contains("private")), "{} {} as {who:?} tells", row.method, row.path);
                let kept =
                    client(&dav, Some(OWNER)).ask("GET", &format!("/dav/calendars/{OWNER}/private/a.ics"), &[]).await;
                assert_eq!(kept.status, 200, "{} {} as {who:?} left a trace", row.method, row.path);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Octet by octet, but for the date and the request's id.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hidden_answers_as_missing() {
    let dav = Site::start().await;
    for who in WHO.into_iter().flatten().filter(|who| *who != OWNER) {
        arrange(&dav).await;
        for row in TABLE.iter().filter(|row| row.path.contains("private")) {
            let mut replies = Vec::new();
            for owner in [OWNER, "u00404@a.test"] {
                for name in ["private", "missing"] {
                    let path = format!("/dav/{}", row.path.replace("{t}", owner).replace("private", name));
                    replies
                        .push(client(&dav, Some(who)).send(row.method, &path, &headers(row), row.body).await.plain());
                }
            }
            assert_eq!(replies[0].status, 404, "{} {} as {who}", row.method, row.path);
            assert!(
                replies.iter().all(|reply| *reply == replies[0]),
                "{} {} as {who}: {replies:?}",
                row.method,
                row.path
            );
        }
    }
}

/// Whoever is of the institution may invite and ask when there is time; nobody else, by whatever address. What is in the calendars is
/// told to none of them.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn invitations_and_busy_times_as_everybody() {
    let dav = Site::start().await;
    for who in WHO.into_iter().flatten().filter(|who| *who != OWNER) {
        arrange(&dav).await;
        let (asker, is_near) = (client(&dav, Some(who)), who.ends_with("@a.test"));
        asker.send("MKCALENDAR", &format!("/dav/calendars/{who}/own/"), &[], "").await;
        let own = format!("/dav/calendars/{who}/own/i.ics");
        asker.send("DELETE", &own, &[], "").await;
        let uid = format!("from-{}", who.replace(['@', '.'], "-"));
        let body = INVITES.replace("ASKER", who).replace("GUEST", OWNER).replace("invites", &uid);
        assert_eq!(asker.send("PUT", &own, &[], &body).await.status, 201, "{who}");
        let stored = asker.ask("GET", &own, &[]).await.body;
        let code = if is_near { "SCHEDULE-STATUS=1.2" } else { "SCHEDULE-STATUS=1.1" };
        assert!(stored.contains(code), "{who}: {stored}");
        let mut found = false;
        for name in ["shared", "private"] {
            let at = format!("/dav/calendars/{OWNER}/{name}/{uid}.ics");
            found |= client(&dav, Some(OWNER)).ask("GET", &at, &[]).await.status == 200;
        }
        assert_eq!(found, is_near, "{who}");

        // In the name of somebody else nothing is said: who is not its organiser has no say in it.
        let forged =
            INVITES.replace("ASKER", READER).replace("GUEST", OWNER).replace("invites", &format!("{uid}-forged"));
        asker.send("PUT", &format!("/dav/calendars/{who}/own/f.ics"), &[], &forged).await;
        if who != READER {
            for name in ["shared", "private"] {
                let at = format!("/dav/calendars/{OWNER}/{name}/{uid}-forged.ics");
                assert_eq!(client(&dav, Some(OWNER)).ask("GET", &at, &[]).await.status, 404, "{who}");
            }
        }

        let outbox = format!("/dav/scheduling/{who}/outbox/");
        let told = asker.send("POST", &outbox, &[("content-type", "text/calendar")], &WHEN.replace("ASKER", who)).await;
        assert_eq!(told.status, 200, "{who}: {}", told.body);
        assert!(!told.body.contains("secret"), "{who}: {}", told.body);
        assert_eq!(told.body.contains("<C:calendar-data>"), is_near, "{who}: {}", told.body);
    }
}
