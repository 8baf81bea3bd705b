//! Calendars and address books as files in everybody's own tree: what people and clients make of them.

use super::{
    MAKE_BOOK, ask, card, changes,
    clients::{khal, khard, names, python, sync, vdirsyncer},
    element, event, hrefs,
};
use crate::{
    harness::{Gateway, State},
    sharing::grants,
};
use std::{fmt::Write as _, fs};

const CALDAV: &str = "urn:ietf:params:xml:ns:caldav";
pub(super) const BOTH: &str = "[calendars]\nkind = \"files\"\n[contacts]\nkind = \"files\"\n";

/// garonne keeps its calendars and address books in everybody's own files.
pub(crate) fn start(name: &str) -> Gateway {
    Gateway::start_with(name, &State::Sqlite, |config| {
        let settings = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&settings).unwrap();
        fs::write(&settings, as_files(&text)).unwrap();
    })
}

/// Settings with files in the place of the server.
pub(crate) fn as_files(text: &str) -> String {
    let (begin, end) = (text.find("[calendars]").unwrap(), text.find("[filters]").unwrap());
    format!("{}{BOTH}{}", &text[..begin], &text[end..])
}

/// The items of a collection with what is told of their contents.
#[track_caller]
fn multiget(gateway: &Gateway, who: &str, at: &str, items: &[&str]) -> String {
    let mut wanted = String::new();
    for item in items {
        write!(wanted, "<D:href>{at}{item}</D:href>").unwrap();
    }
    let body = format!(
        "<C:calendar-multiget xmlns:D='DAV:' xmlns:C='{CALDAV}'><D:prop><D:getetag/><C:calendar-data/></D:prop>{wanted}</C:calendar-multiget>"
    );
    let answer = ask(gateway, who, "REPORT", at, &["Depth: 1"], &body);
    assert_eq!(answer.status, 207, "{}", answer.body);
    answer.body.replace("&#13;", "\r")
}

#[test]
fn a_calendar_is_a_folder_that_people_can_read_and_change() {
    let gateway = start("files-own");
    let (who, home) = ("u00124@a.test:pw-u00124", "/dav/calendars/u00124/");
    assert_eq!(hrefs(&ask(&gateway, who, "PROPFIND", home, &["Depth: 1"], "").body), [home].into());
    let make = "<C:mkcalendar xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:A='http://apple.com/ns/ical/'><D:set><D:prop>\
        <D:displayname>Cours d’été &amp; plus</D:displayname><A:calendar-color>#8a1538</A:calendar-color><A:calendar-order>2</A:calendar-order>\
        <C:supported-calendar-component-set><C:comp name='VEVENT'/></C:supported-calendar-component-set></D:prop></D:set></C:mkcalendar>";
    let at = format!("{home}cours/");
    assert_eq!(ask(&gateway, who, "MKCALENDAR", &at, &[], make).status, 201);
    assert_eq!(ask(&gateway, who, "MKCALENDAR", &at, &[], make).status, 403, "it is there");
    let folder = gateway.home("garonne", "u00124").join("Calendars/cours");
    let said = fs::read_to_string(folder.join("collection.txt")).unwrap();
    for line in ["Name: Cours d’été & plus", "Colour: #8a1538", "Order: 2", "Holds: VEVENT"] {
        assert!(said.lines().any(|it| it == line), "{line} in {said}");
    }
    let tokens = "<D:propfind xmlns:D='DAV:' xmlns:S='http://calendarserver.org/ns/'><D:prop><D:displayname/><D:sync-token/><S:getctag/></D:prop></D:propfind>";
    let told = ask(&gateway, who, "PROPFIND", home, &["Depth: 1"], tokens).body;
    assert!(told.contains("Cours d’été &amp; plus") && told.contains("<D:sync-token>data:,"), "{told}");
    let version = |gateway: &Gateway| {
        element(&ask(gateway, who, "PROPFIND", home, &["Depth: 1"], tokens).body, "S:getctag").to_owned()
    };
    let before = version(&gateway);

    // What a client writes is the file, octet for octet, whatever its name.
    let first = event("one", "Réunion");
    for (item, file) in [("5D3A.ics", "5=d3=a.ics"), ("a:b.ics", "a%3ab.ics"), ("plain.ics", "plain.ics")] {
        let put = ask(&gateway, who, "PUT", &format!("{at}{item}"), &["If-None-Match: *"], &first);
        assert!(put.status == 201 && put.header("etag").is_some(), "{put:?}");
        assert_eq!(fs::read_to_string(folder.join(file)).unwrap(), first, "{item}");
        let read = ask(&gateway, who, "GET", &format!("{at}{item}"), &[], "");
        assert_eq!((read.body.as_str(), read.header("etag")), (first.as_str(), put.header("etag")));
        assert_eq!(ask(&gateway, who, "PUT", &format!("{at}{item}"), &["If-None-Match: *"], &first).status, 412);
    }
    assert_ne!(version(&gateway), before);
    let (all, token) = changes(&gateway, who, &at, "");
    assert_eq!(hrefs(&all.body).len(), 3, "{}", all.body);

    // Edited by hand between two looks: who knows the one of before writes over nothing.
    let item = format!("{at}plain.ics");
    let known = ask(&gateway, who, "GET", &item, &[], "").header("etag").unwrap().to_owned();
    fs::write(folder.join("plain.ics"), event("one", "by hand")).unwrap();
    fs::write(folder.join("Meeting.ics"), event("two", "put there")).unwrap();
    fs::remove_file(folder.join("a%3ab.ics")).unwrap();
    let when = format!("If-Match: {known}");
    assert_eq!(ask(&gateway, who, "PUT", &item, &[&when], &first).status, 412);
    assert_eq!(ask(&gateway, who, "DELETE", &item, &[&when], "").status, 412);
    let (since, token) = changes(&gateway, who, &at, &token);
    let (by_hand, gone) = (format!("{at}Meeting.ics"), format!("{at}a:b.ics"));
    assert_eq!(hrefs(&since.body), [item.as_str(), by_hand.as_str(), gone.as_str()].into(), "{}", since.body);
    assert_eq!(since.body.matches("404 Not Found").count(), 1, "{}", since.body);
    assert!(ask(&gateway, who, "GET", &item, &[], "").body.contains("SUMMARY:by hand\r\n"));
    assert!(ask(&gateway, who, "GET", &by_hand, &[], "").body.contains("SUMMARY:put there\r\n"));
    // The same files by the way of files; what is written there is in the calendar.
    let beside = "/dav/files/u00124/Calendars/cours/beside.ics";
    assert_eq!(ask(&gateway, who, "PUT", beside, &[], &event("three", "beside")).status, 201);
    let (since, _) = changes(&gateway, who, &at, &token);
    assert_eq!(hrefs(&since.body), [format!("{at}beside.ics").as_str()].into());

    fs::write(folder.join("collection.txt"), format!("{said}Room: 12\n").replace("d’été & plus", "d’hiver")).unwrap();
    let named = ask(&gateway, who, "PROPFIND", home, &["Depth: 1"], tokens).body;
    assert!(named.contains("<D:displayname>Cours d’hiver</D:displayname>"), "{named}");
    let patch = "<D:propertyupdate xmlns:D='DAV:' xmlns:A='http://apple.com/ns/ical/'><D:set><D:prop><A:calendar-color>#fff</A:calendar-color></D:prop></D:set></D:propertyupdate>";
    assert_eq!(ask(&gateway, who, "PROPPATCH", &at, &[], patch).status, 207);
    let said = fs::read_to_string(folder.join("collection.txt")).unwrap();
    assert!(said.contains("Room: 12\n") && said.contains("Colour: #fff\n") && said.contains("d’hiver"), "{said}");
    assert_eq!(ask(&gateway, who, "DELETE", &at, &[], "").status, 204);
    assert!(!folder.exists());
}

#[test]
fn what_is_put_there_by_hand_is_told_and_hides_nothing() {
    let gateway = start("files-by-hand");
    let who = "u00125@a.test:pw-u00125";
    let at = "/dav/calendars/u00125/Mes cours/".replace(' ', "%20");
    let folder = gateway.home("garonne", "u00125").join("Calendars/Mes cours");
    fs::create_dir_all(&folder).unwrap();
    let (good, nonsense) = (event("good", "good"), "this is\r\nno calendar\r\n");
    // Lines folded at 75 octets up to the largest item.
    let mut long = String::from(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:long\r\nDTSTAMP:20261101T080000Z\r\nDTSTART:20261201T090000Z\r\nSUMMARY:long\r\nDESCRIPTION:",
    );
    let end = "\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
    while long.len() < 10 * 1024 * 1024 - end.len() - 80 {
        long.push_str(&"x".repeat(72));
        long.push_str("\r\n ");
    }
    long.push_str(end.trim_start_matches("\r\n"));
    let long = long.replace(" END:VEVENT", "END:VEVENT");
    let twice = format!(
        "{}{}",
        good.replace("END:VCALENDAR\r\n", ""),
        event("other", "other").split_once("PRODID:-//test//EN\r\n").unwrap().1
    );
    for (name, content) in [
        ("good.ics", good.as_str()),
        ("same-uid.ics", good.as_str()),
        ("nonsense.ics", nonsense),
        ("long.ics", &long),
        ("two-events.ics", &twice),
    ] {
        fs::write(folder.join(name), content).unwrap();
    }
    fs::write(folder.join("huge.ics"), vec![b'x'; 10 * 1024 * 1024 + 1]).unwrap();
    fs::write(folder.join("notes.txt"), "not of the calendar").unwrap();
    let all = ["good.ics", "huge.ics", "long.ics", "nonsense.ics", "same-uid.ics", "two-events.ics"];

    let listed = ask(&gateway, who, "PROPFIND", &at, &["Depth: 1"], "").body;
    let hrefs_of = |names: &[&str]| names.iter().map(|name| format!("{at}{name}")).collect::<Vec<_>>();
    let mut expected = hrefs_of(&all);
    expected.insert(0, at.clone());
    assert_eq!(hrefs(&listed).into_iter().collect::<Vec<_>>(), expected);
    // Each as it is: whose it is sees what is wrong, and all the others.
    for (name, kind, content) in [
        ("good.ics", "text/calendar", good.as_str()),
        ("same-uid.ics", "text/calendar", good.as_str()),
        ("long.ics", "text/calendar", &long),
        ("nonsense.ics", "application/octet-stream", nonsense),
        ("two-events.ics", "application/octet-stream", &twice),
    ] {
        let read = ask(&gateway, who, "GET", &format!("{at}{name}"), &[], "");
        assert!(read.status == 200 && read.body == content, "{name}: {}", read.status);
        assert!(read.header("content-type").unwrap().starts_with(kind), "{name}: {read:?}");
    }
    let huge = ask(&gateway, who, "GET", &format!("{at}huge.ics"), &[], "");
    assert!(huge.status == 403 && huge.body.contains("max-resource-size"), "{huge:?}");
    let told = multiget(&gateway, who, &at, &all);
    let of = |name: &str| {
        let begin = told.find(&format!("{at}{name}</D:href>")).unwrap();
        told[begin..].split("</D:response>").next().unwrap().to_owned()
    };
    assert!(of("nonsense.ics").contains("no calendar\r\n") && of("nonsense.ics").contains("this is not iCalendar: "));
    assert!(of("two-events.ics").contains("this is not one object of a calendar: "), "{}", of("two-events.ics"));
    assert!(of("huge.ics").contains("this is larger than 10485760 octets"), "{}", of("huge.ics"));
    assert!(of("good.ics").contains("SUMMARY:good") && !of("good.ics").contains("responsedescription"));
    assert!(of("same-uid.ics").contains("SUMMARY:good"), "two files of one UID are two items");
    gateway.wait_for_log("an item is told as it is: this is not iCalendar: ");
    assert!(!gateway.log().contains("nonsense.ics"), "no file's name is logged");

    // A query finds what can be understood, and busy times too.
    let query = format!(
        "<C:calendar-query xmlns:D='DAV:' xmlns:C='{CALDAV}'><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name='VCALENDAR'>\
         <C:comp-filter name='VEVENT'><C:time-range start='20261201T000000Z' end='20261202T000000Z'/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>"
    );
    let found = ask(&gateway, who, "REPORT", &at, &["Depth: 1"], &query);
    assert_eq!(found.status, 207);
    for name in ["good.ics", "long.ics", "same-uid.ics"] {
        assert!(found.body.contains(name), "{name}: {}", found.body);
    }
    assert!(!found.body.contains("nonsense.ics") && !found.body.contains("huge.ics"), "{}", found.body);
    let (_, token) = changes(&gateway, who, &at, "");
    // It is mended, or removed, like any other.
    let mended = ask(&gateway, who, "PUT", &format!("{at}nonsense.ics"), &[], &event("mended", "mended"));
    assert_eq!(mended.status, 204, "{mended:?}");
    assert_eq!(ask(&gateway, who, "DELETE", &format!("{at}huge.ics"), &[], "").status, 204);
    let (since, _) = changes(&gateway, who, &at, &token);
    assert_eq!(hrefs(&since.body).into_iter().collect::<Vec<_>>(), hrefs_of(&["huge.ics", "nonsense.ics"]));
    assert_eq!(fs::read_to_string(folder.join("notes.txt")).unwrap(), "not of the calendar");
    for status in ["status=500", "status=501"] {
        assert!(!gateway.log().contains(status), "{}", gateway.log());
    }
}

#[test]
fn vdirsyncer_khal_and_khard_keep_collections_of_files_the_same() {
    let gateway = start("files-vdirsyncer");
    let (owner, other) = ("u00126@a.test:pw-u00126", "u00127@a.test:pw-u00127");
    assert_eq!(ask(&gateway, owner, "MKCALENDAR", "/dav/calendars/u00126/cours/", &[], "").status, 201);
    assert_eq!(ask(&gateway, other, "MKCOL", "/dav/contacts/u00127/amis/", &[], MAKE_BOOK).status, 201);
    let far = gateway.home("garonne", "u00126").join("Calendars/cours");
    fs::write(far.join("a.ics"), event("a", "far")).unwrap();
    grants(
        &gateway,
        "u00001@a.test:pw-u00001",
        "s.grant.set({'owner': 'u00126', 'kind': 'calendar', 'path': 'cours'}, {'account': 'u00127'}, ['read', 'add', 'edit', 'remove'])",
    );
    let (mine, theirs) = (vdirsyncer(&gateway, "u00126"), vdirsyncer(&gateway, "u00127"));
    sync(&mine);
    sync(&theirs);
    let (near, shared) = (mine.join("calendars/cours"), theirs.join("calendars/u00126@a.test:cours"));
    assert_eq!((names(&near), names(&shared)), (vec!["a.ics".to_owned()], vec!["a.ics".to_owned()]));

    fs::write(near.join("b.ics"), event("B-UPPER", "by the owner")).unwrap();
    fs::write(shared.join("c.ics"), event("c", "by the other")).unwrap();
    fs::write(theirs.join("contacts/amis/zoe.vcf"), card("zoe", "Zoë Martin")).unwrap();
    sync(&mine);
    sync(&theirs);
    // Somebody edits a file at the server between two looks, and puts one there that is no calendar.
    fs::write(far.join("a.ics"), event("a", "edited by hand")).unwrap();
    fs::write(far.join("zz.ics"), "no calendar\n").unwrap();
    sync(&mine);
    sync(&theirs);
    assert_eq!(names(&near).len(), 4, "{:?}", names(&near));
    assert_eq!(names(&shared).len(), 4, "{:?}", names(&shared));
    for folder in [&near, &shared] {
        let all: String = names(folder).iter().map(|name| fs::read_to_string(folder.join(name)).unwrap()).collect();
        for text in ["edited by hand", "by the owner", "by the other"] {
            assert!(all.contains(text), "{text} in {}", folder.display());
        }
        // What nobody can read may be private: its owner has it, others have its name.
        assert_eq!(all.contains("no calendar"), *folder == near, "{}", folder.display());
    }
    fs::remove_file(far.join("zz.ics")).unwrap();
    // A conflict: both change one event, and the one that comes later is told.
    fs::write(near.join("a.ics"), event("a", "the owner's change")).unwrap();
    fs::write(shared.join("a.ics"), event("a", "the other's change")).unwrap();
    sync(&mine);
    sync(&theirs);
    assert!(
        fs::read_to_string(shared.join("a.ics")).unwrap().contains("the owner's change"),
        "the far side wins, as asked"
    );
    assert!(fs::read_to_string(far.join("a.ics")).unwrap().contains("the owner's change"));
    fs::remove_file(near.join("b.ics")).unwrap();
    sync(&mine);
    sync(&theirs);
    assert_eq!((names(&near).len(), names(&shared).len()), (2, 2), "{:?} {:?}", names(&near), names(&shared));
    let cards = gateway.home("garonne", "u00127").join("Contacts/amis");
    let kept: Vec<String> = names(&cards).into_iter().filter(|name| name.ends_with(".vcf")).collect();
    assert_eq!(fs::read_to_string(cards.join(&kept[0])).unwrap(), card("zoe", "Zoë Martin"), "octet for octet");

    let listed = khal(&theirs);
    assert!(listed.contains("the owner's change") && listed.contains("by the other"), "{listed}");
    assert!(khard(&theirs).contains("Zoë Martin"));
}

#[test]
fn pythons_caldav_makes_and_follows_a_calendar_of_files() {
    let gateway = start("files-python");
    python(&gateway, "u00128", "Cours-2");
}
