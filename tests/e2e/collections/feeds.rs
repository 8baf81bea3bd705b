//! Calendars from elsewhere on the real Radicale, over a server that publishes some: by CalDAV, by JMAP and in the office's JSON, and what
//! that server hears of it.

use super::{
    ask, hrefs,
    publisher::{Page, Publisher, calendar},
    radicale,
};
use crate::{
    harness::{Answer, Gateway, State, campus, eventually, run},
    jmap::Jmap,
    office_api::Office,
    sharing::grants,
};
use serde_json::{Value, json};
use std::{
    fs,
    sync::{Arc, Mutex, mpsc},
    thread,
};

const AT: &str = "/api/calendars/elsewhere";
const HOME: &str = "<D:propfind xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><D:displayname/><D:sync-token/><D:current-user-privilege-set/>\
    <C:schedule-calendar-transp/></D:prop></D:propfind>";
const QUERY: &str = "<C:calendar-query xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><D:getetag/><C:calendar-data/></D:prop>\
    <C:filter><C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'/></C:comp-filter></C:filter></C:calendar-query>";
const KIND: &str = "Content-Type: text/calendar";

/// A gateway whose garonne has calendars from elsewhere, by these further lines.
pub(crate) fn gateway(name: &str, publisher: &Publisher, more: &str) -> Gateway {
    let table = format!(
        "[calendar_feeds]\nkind = \"ics\"\nclear = true\nports = [{}]\nallow_networks = [\"127.0.0.0/8\"]\n{more}\n",
        publisher.port
    );
    Gateway::start_with(name, &State::Sqlite, |config| {
        let file = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, format!("{text}\n{table}")).unwrap();
    })
}

fn begin(login: &str) -> String {
    radicale("DELETE", &format!("/a-{login}/"), "");
    format!("{login}@a.test:pw-{login}")
}

/// Follows an address; the calendar's name.
#[track_caller]
fn follow(office: &Office<'_>, address: &str) -> String {
    office.make(AT, &json!({ "address": address }))["name"].as_str().unwrap().to_owned()
}

/// What one is told of a calendar from elsewhere.
#[track_caller]
fn told(office: &Office<'_>, name: &str) -> Value {
    let all = office.get(AT);
    let found = all["calendars"].as_array().unwrap().iter().find(|it| it["name"] == name).cloned();
    found.unwrap_or_else(|| panic!("{name} in {all}"))
}

fn query(gateway: &Gateway, who: &str, at: &str) -> Answer {
    ask(gateway, who, "REPORT", at, &["Depth: 1"], QUERY)
}

fn sync(gateway: &Gateway, who: &str, at: &str, token: &str) -> Answer {
    ask(gateway, who, "REPORT", at, &[], &super::SYNC.replace("TOKEN", token))
}

const LESSONS: [(&str, &str, &str); 2] =
    [("l1@edt", "20261201T080000", "Algèbre"), ("l2@edt", "20261202T080000", "Topologie")];

#[test]
fn what_is_followed_is_read_by_every_interface_and_written_by_none() {
    let publisher = Publisher::start();
    let path = "/private-s3cret/edt.ics";
    publisher.calendar(path, &calendar("Emploi du temps L3", &LESSONS));
    let gateway = gateway("feeds-read", &publisher, "refresh_minutes = 0");
    let (who, office) = (begin("u00349"), Office::of(&gateway, "u00349"));
    assert_eq!(ask(&gateway, &who, "MKCALENDAR", "/dav/calendars/u00349/own/", &[], "").status, 201);
    let name = follow(&office, &publisher.at(path));
    let at = format!("/dav/calendars/u00349/{name}/");
    assert_eq!(office.post(AT, &json!({ "address": publisher.at(path) })).status, 409, "once is enough");
    let row = told(&office, &name);
    assert_eq!((&row["title"], &row["host"]), (&json!("Emploi du temps L3"), &json!("127.0.0.1")));
    assert_eq!((&row["kind"], &row["fault"], &row["makesBusy"]), (&json!("subscription"), &Value::Null, &json!(false)));

    let home = ask(&gateway, &who, "PROPFIND", "/dav/calendars/u00349/", &["Depth: 1"], HOME).body;
    assert!(hrefs(&home).contains(at.as_str()), "{home}");
    let own = ask(&gateway, &who, "PROPFIND", &at, &["Depth: 0"], HOME).body;
    assert!(own.contains("Emploi du temps L3") && own.contains("transparent") && own.contains("<D:read/>"), "{own}");
    for none in ["<D:write/>", "<D:bind/>", "<D:unbind/>", "<D:write-content/>", "<D:all/>", "<D:write-acl/>"] {
        assert!(!own.contains(none), "{none} in {own}");
    }
    let events = query(&gateway, &who, &at);
    assert_eq!(events.status, 207);
    assert_eq!(events.body.matches("BEGIN:VEVENT").count(), 2, "{}", events.body);
    assert!(events.body.contains("BEGIN:VTIMEZONE") && events.body.contains("DTSTAMP:20260901T080000Z"));
    assert!(!events.body.contains("VALARM") && !events.body.contains("METHOD"), "{}", events.body);

    let item = hrefs(&events.body).into_iter().next().unwrap().to_owned();
    let written = super::event("new", "new");
    for (method, at) in [("PUT", format!("{at}new.ics")), ("PUT", item.clone()), ("DELETE", item.clone())] {
        let body = if method == "PUT" { written.as_str() } else { "" };
        let refused = ask(&gateway, &who, method, &at, &[KIND], body);
        assert_eq!(refused.status, 403, "{method} {at}: {}", refused.body);
    }
    let made = ask(&gateway, &who, "MKCALENDAR", "/dav/calendars/u00349/subscribed.mine/", &[], "");
    assert_eq!(made.status, 403, "{}", made.body);

    let jmap = Jmap::of(&gateway, "u00349");
    let calendars = jmap.call("Calendar/get", json!({ "ids": null }));
    let mine = |it: &&Value| it["name"] == "Emploi du temps L3";
    let seen = calendars["list"].as_array().unwrap().iter().find(mine).unwrap().clone();
    let rights = &seen["myRights"];
    assert_eq!((&rights["mayReadItems"], &rights["mayWriteAll"]), (&json!(true), &json!(false)), "{rights}");
    assert_eq!((&rights["mayShare"], &rights["mayDelete"]), (&json!(false), &json!(true)), "{rights}");
    assert_eq!((&seen["isDefault"], &seen["includeInAvailability"]), (&json!(false), &json!("none")));
    let id = seen["id"].as_str().unwrap();
    let found = jmap.call("CalendarEvent/query", json!({ "filter": { "inCalendar": id } }));
    assert_eq!(found["ids"].as_array().unwrap().len(), 2, "{found}");
    let event = json!({ "@type": "Event", "calendarIds": { id: true }, "start": "2026-12-01T10:00:00", "title": "x" });
    let set = jmap.call("CalendarEvent/set", json!({ "create": { "e": event }, "destroy": [found["ids"][0]] }));
    assert_eq!(set["notCreated"]["e"]["type"], "forbidden", "{set}");
    assert_eq!(set["notDestroyed"][found["ids"][0].as_str().unwrap()]["type"], "forbidden", "{set}");
    let set = jmap.call("Calendar/set", json!({ "update": { id: { "name": "L3", "color": "#2563eb" } } }));
    assert!(set["notUpdated"].is_null(), "{set}");
    assert_eq!(told(&office, &name)["title"], "L3");
    let link = office.post("/api/calendars/links", &json!({ "name": name, "what": "read" }));
    assert_ne!(link.status, 201, "what others publish is theirs to publish");

    let shared =
        jmap.call("Calendar/set", json!({ "update": { id: { "shareWith": { "u00351": { "mayReadItems": true } } } } }));
    assert!(!shared["notUpdated"][id].is_null(), "{shared}");

    // Nobody else sees it, whatever they have of its owner's calendars, and nothing of its address is anywhere.
    let other = begin("u00351");
    let all = "s.grant.set({'owner': 'u00349', 'kind': 'calendar'}, {'account': 'u00351'}, ['read', 'edit', 'remove', 'manage'])";
    grants(&gateway, "u00001@a.test:pw-u00001", all);
    assert_eq!(ask(&gateway, &other, "PROPFIND", "/dav/calendars/u00349/own/", &["Depth: 0"], HOME).status, 207);
    for (method, body) in [("PROPFIND", HOME), ("REPORT", QUERY), ("DELETE", "")] {
        assert_eq!(ask(&gateway, &other, method, &at, &["Depth: 0"], body).status, 404, "{method}");
    }
    assert!(!gateway.log().contains("s3cret"));
    let state = fs::read(gateway.dir.join("state/state.sqlite")).unwrap();
    let log = fs::read(gateway.dir.join("state/state.sqlite-wal")).unwrap_or_default();
    for kept in [state, log] {
        let text = String::from_utf8_lossy(&kept).into_owned();
        assert!(
            !text.contains("s3cret") && !text.contains("Topologie"),
            "neither the address nor what is in it is kept"
        );
    }

    // Who follows the same has what is in memory: its server sent it once.
    follow(&Office::of(&gateway, "u00351"), &publisher.at(path));
    let answers = publisher.answers(path);
    assert_eq!(answers.iter().filter(|status| **status == 200).count(), 1, "{answers:?}");
    assert!(answers.len() > 3 && answers.contains(&304), "{answers:?}");

    assert_eq!(ask(&gateway, &who, "DELETE", &at, &[], "").status, 204);
    assert_eq!(query(&gateway, &who, &at).status, 404);
    assert_eq!(office.get(AT)["calendars"], json!([]));
    let home = ask(&gateway, &who, "PROPFIND", "/dav/calendars/u00349/", &["Depth: 1"], HOME).body;
    assert!(!home.contains("subscribed.") && home.contains("/own/"), "{home}");
}

#[test]
fn changes_are_told_once_and_truly() {
    let publisher = Publisher::start();
    publisher.calendar("/a.ics", &calendar("A", &LESSONS));
    let gateway = gateway("feeds-sync", &publisher, "refresh_minutes = 0");
    let (who, office) = (begin("u00352"), Office::of(&gateway, "u00352"));
    let at = format!("/dav/calendars/u00352/{}/", follow(&office, &publisher.at("/a.ics")));
    let first = sync(&gateway, &who, &at, "");
    assert_eq!(hrefs(&first.body).len(), 2, "{}", first.body);
    let token = |answer: &Answer| super::element(&answer.body, "D:sync-token").to_owned();
    // Asked for again at another moment it is the same, and so are the tags.
    publisher.calendar("/a.ics", &calendar("A", &LESSONS).replace("20261128T101112Z", "20261129T101112Z"));
    let same = sync(&gateway, &who, &at, &token(&first));
    assert_eq!((hrefs(&same.body).len(), token(&same)), (0, token(&first)), "{}", same.body);

    let jmap = Jmap::of(&gateway, "u00352");
    let state = jmap.call("CalendarEvent/get", json!({ "ids": [] }))["state"].clone();
    let changed = [("l1@edt", "20261201T090000", "Algèbre, en B204"), ("l3@edt", "20261203T080000", "Mesure")];
    publisher.calendar("/a.ics", &calendar("A", &changed));
    let after = sync(&gateway, &who, &at, &token(&first));
    assert_eq!((hrefs(&after.body).len(), after.body.matches("404 Not Found").count()), (3, 1), "{}", after.body);
    assert_ne!(token(&after), token(&first));
    let told = jmap.call("CalendarEvent/changes", json!({ "sinceState": state }));
    assert_eq!(told["destroyed"].as_array().unwrap().len(), 1, "{told}");
    assert_eq!(told["created"].as_array().unwrap().len(), 2, "{told}");
    // What is too old is told to be, and nothing to be gone.
    let forged = sync(&gateway, &who, &at, "http://x.test/unknown");
    assert!(forged.status == 403 && forged.body.contains("valid-sync-token"), "{}", forged.body);
}

#[test]
fn what_is_wrong_is_said_and_nothing_is_followed() {
    let publisher = Publisher::start();
    let other = |path: &str, head: &str, body: &[u8]| publisher.put(path, Page::Other(head.to_owned(), body.to_vec()));
    let whole = calendar("A", &LESSONS);
    other("/html", "200 OK", b"<html>Connexion</html>");
    other("/big", "200 OK", &[whole.as_bytes(), &vec![b'\n'; 11 << 20]].concat());
    other("/cut", "200 OK", &whole.as_bytes()[..whole.len() - 20]);
    publisher.calendar("/broken", &whole.replace("DTSTART;TZID=Europe/Paris:2026", "DTSTART;TZID=Europe/Paris:hier"));
    other("/locked", "401 Unauthorized\r\nWWW-Authenticate: Basic realm=x", b"");
    other("/failing", "500 Internal Server Error", b"");
    other("/inside", &format!("302 Found\r\nLocation: http://10.0.0.1:{}/a.ics", publisher.port), b"");
    other("/port", &format!("302 Found\r\nLocation: http://127.0.0.1:{}/a.ics", publisher.port ^ 1), b"");
    other("/round", "302 Found\r\nLocation: /round", b"");
    let (_held, until) = mpsc::channel();
    publisher.put("/slow", Page::Held(Arc::new(Mutex::new(until)), whole.clone()));
    let gateway = gateway("feeds-wrong", &publisher, "timeout_ms = 1500\nrefresh_minutes = 0");
    begin("u00353");
    let office = Office::of(&gateway, "u00353");
    let secret = publisher.at("/html").replace("http://", "http://me:s3cret@");
    for (address, words) in [
        (publisher.at("/html"), "There is no calendar"),
        (secret, "There is no calendar"),
        (publisher.at("/big"), "too large"),
        (publisher.at("/cut"), "cut short"),
        (publisher.at("/broken"), "cannot be read. (line "),
        (publisher.at("/locked"), "does not let anybody in"),
        (publisher.at("/failing"), "an error"),
        (publisher.at("/nothing"), "There is nothing"),
        (publisher.at("/inside"), "cannot be asked from here"),
        (publisher.at("/port"), "cannot be asked from here"),
        (publisher.at("/round"), "cannot be asked from here"),
        (publisher.at("/slow"), "takes too long"),
        (publisher.at("/a.ics").replace("127.0.0.1", "10.0.0.1"), "cannot be asked from here"),
        (publisher.at("/a.ics").replace("127.0.0.1", "nowhere.invalid"), "no server of this name"),
        ("file:///etc/passwd".to_owned(), "cannot be asked from here"),
        ("ftp://127.0.0.1/".to_owned(), "cannot be asked from here"),
        (String::new(), "cannot be asked from here"),
        // TLS to a port that speaks none.
        (format!("webcal://127.0.0.1:{}/a.ics", publisher.port), "Nobody answers"),
    ] {
        let refused = office.post(AT, &json!({ "address": address }));
        let problem: Value = serde_json::from_str(&refused.body).unwrap();
        assert_eq!((refused.status, &problem["kind"]), (422, &json!("feed")), "{address}: {problem}");
        assert!(problem["detail"].as_str().unwrap().contains(words), "{address}: {problem}");
        assert!(!refused.body.contains("s3cret"));
    }
    assert_eq!(office.get(AT)["calendars"], json!([]));
    assert!(!gateway.log().contains("s3cret"));
    // A password in the address is sent as one, and its answer is nobody else's.
    let heard = publisher.heard("/html");
    assert!(heard.iter().any(|(head, _)| head.contains("Basic bWU6czNjcmV0")), "{heard:?}");
    assert!(heard.iter().all(|(head, _)| !head.contains("me:s3cret")));
}

#[test]
fn a_server_that_is_away_empties_nothing() {
    let publisher = Publisher::start();
    publisher.calendar("/a.ics", &calendar("A", &LESSONS));
    let gateway = gateway("feeds-away", &publisher, "refresh_minutes = 0");
    let (who, office) = (begin("u00354"), Office::of(&gateway, "u00354"));
    let name = follow(&office, &publisher.at("/a.ics"));
    let at = format!("/dav/calendars/u00354/{name}/");
    publisher.put("/a.ics", Page::Other("503 Service Unavailable".to_owned(), Vec::new()));
    // For a day what was had last is told, and that it is.
    let events = query(&gateway, &who, &at);
    assert_eq!(events.body.matches("BEGIN:VEVENT").count(), 2, "{}", events.body);
    let row = told(&office, &name);
    assert!(row["fault"].as_str().unwrap().contains("an error") && row["readAt"].is_string(), "{row}");
    drop(gateway);

    publisher.calendar("/a.ics", &calendar("A", &LESSONS));
    let gateway = self::gateway("feeds-gone", &publisher, "refresh_minutes = 0\nkeep_hours = 0");
    let office = Office::of(&gateway, "u00354");
    begin("u00354");
    assert_eq!(ask(&gateway, &who, "MKCALENDAR", "/dav/calendars/u00354/own/", &[], "").status, 201);
    let put = ask(&gateway, &who, "PUT", "/dav/calendars/u00354/own/e.ics", &[KIND], &super::event("e", "mine"));
    assert_eq!(put.status, 201);
    let at = format!("/dav/calendars/u00354/{}/", follow(&office, &publisher.at("/a.ics")));
    let jmap = Jmap::of(&gateway, "u00354");
    let state = jmap.call("CalendarEvent/get", json!({ "ids": [] }))["state"].clone();
    publisher.put("/a.ics", Page::Other("503 Service Unavailable".to_owned(), Vec::new()));
    // The day is over at once here: it is away, and never empty.
    for (method, body) in [("REPORT", QUERY), ("REPORT", &super::SYNC.replace("TOKEN", ""))] {
        let away = ask(&gateway, &who, method, &at, &["Depth: 1"], body);
        assert_eq!(away.status, 503, "{}", away.body);
    }
    let home = ask(&gateway, &who, "PROPFIND", "/dav/calendars/u00354/", &["Depth: 1"], HOME);
    assert!(home.status == 207 && hrefs(&home.body).contains(at.as_str()), "{}", home.body);
    // It keeps nobody from their own, and nothing of it is told to be gone.
    let found = jmap.call("CalendarEvent/query", json!({}));
    assert_eq!(found["ids"].as_array().unwrap().len(), 1, "{found}");
    let changes = jmap.call("CalendarEvent/changes", json!({ "sinceState": state }));
    assert_eq!((&changes["destroyed"], &changes["created"]), (&json!([]), &json!([])), "{changes}");
    let calendars = jmap.call("Calendar/get", json!({ "ids": null }));
    let seen = calendars["list"].as_array().unwrap().iter().find(|it| it["name"] == "A").unwrap().clone();
    let alone = jmap.calls(&[("CalendarEvent/query", json!({ "filter": { "inCalendar": seen["id"] } }))]);
    assert_eq!((alone[0].0.as_str(), &alone[0].1["type"]), ("error", &json!("serverUnavailable")), "{alone:?}");
    // Nobody has to keep it.
    let id = seen["id"].as_str().unwrap();
    let gone = jmap.call("Calendar/set", json!({ "destroy": [id] }));
    assert_eq!(gone["destroyed"], json!([id]), "{gone}");
}

#[test]
fn an_address_is_asked_once_by_however_many() {
    let publisher = Publisher::start();
    let (let_go, until) = mpsc::channel();
    publisher.put("/a.ics", Page::Held(Arc::new(Mutex::new(until)), calendar("A", &LESSONS)));
    let gateway = gateway("feeds-once", &publisher, "");
    let people = ["u00355", "u00356", "u00357"];
    people.iter().for_each(|login| drop(begin(login)));
    let (gateway, address) = (&gateway, &publisher.at("/a.ics"));
    thread::scope(|scope| {
        let following: Vec<_> =
            people.iter().map(|login| scope.spawn(move || follow(&Office::of(gateway, login), address))).collect();
        eventually("somebody asks", || !publisher.answers("/a.ics").is_empty());
        let_go.send(()).unwrap();
        // Whoever else asks is answered too, and counted.
        drop(let_go);
        following.into_iter().for_each(|it| drop(it.join().unwrap()));
    });
    assert_eq!(publisher.answers("/a.ics"), [200], "a quarter of an hour is not over");
}

#[test]
fn what_the_settings_do_not_offer_is_not_there() {
    let gateway = Gateway::start("feeds-none");
    let office = Office::of(&gateway, "u00358");
    assert_eq!(office.get(AT), json!({ "offersSubscriptions": false, "calendars": [] }));
    assert_eq!(office.post(AT, &json!({ "address": "https://cal.example/a.ics" })).status, 501);
    let publisher = Publisher::start();
    publisher.calendar("/a.ics", &calendar("A", &LESSONS));
    let gateway = self::gateway("feeds-hosts", &publisher, "hosts = [\"edt.univ.example\"]");
    let refused = Office::of(&gateway, "u00358").post(AT, &json!({ "address": publisher.at("/a.ics") }));
    assert_eq!(refused.status, 422, "{}", refused.body);
    assert!(publisher.answers("/a.ics").is_empty());
}

#[test]
fn the_timetables_of_ones_groups_are_there_by_themselves() {
    let publisher = Publisher::start();
    let login = "u00359";
    let group = groups_of(login).into_iter().next().expect("somebody in a group");
    let path = format!("/edt/{group}.ics");
    publisher.calendar(&path, &calendar("Export", &LESSONS));
    let more = format!(
        "subscriptions = false\ntimetables = \"http://127.0.0.1:{}/edt/{{group}}.ics\"\ntimetable_groups = [\"{group}\"]\ntimetable_networks = [\"127.0.0.0/8\"]",
        publisher.port
    );
    let gateway = gateway("feeds-timetables", &publisher, &more);
    let (who, office) = (begin(login), Office::of(&gateway, login));
    assert_eq!(ask(&gateway, &who, "MKCALENDAR", &format!("/dav/calendars/{login}/own/"), &[], "").status, 201);
    let all = office.get(AT);
    assert_eq!(all["offersSubscriptions"], json!(false), "{all}");
    let rows = all["calendars"].as_array().unwrap();
    assert_eq!((rows.len(), &rows[0]["kind"], &rows[0]["title"]), (1, &json!("timetable"), &json!(group)), "{all}");
    let name = rows[0]["name"].as_str().unwrap().to_owned();
    let at = format!("/dav/calendars/{login}/{name}/");
    assert_eq!(query(&gateway, &who, &at).body.matches("BEGIN:VEVENT").count(), 2);
    assert_eq!(ask(&gateway, &who, "PUT", &format!("{at}x.ics"), &[KIND], &super::event("x", "x")).status, 403);
    assert_eq!(office.post(AT, &json!({ "address": publisher.at(&path) })).status, 501);
    // Put away and had back: it is the institution's to publish, and one's own to look at.
    assert_eq!(ask(&gateway, &who, "DELETE", &at, &[], "").status, 204);
    assert_eq!(query(&gateway, &who, &at).status, 404);
    assert_eq!(told(&office, &name)["isHidden"], json!(true));
    assert_eq!(office.post(&format!("{AT}/show"), &json!({ "name": name })).status, 204);
    assert_eq!(query(&gateway, &who, &at).status, 207);
    // Who is not in the group has none.
    let is_other = |login: &&str| !groups_of(login).contains(&group);
    let other = ["u00360", "u00361", "u00357", "u00358"].into_iter().find(is_other).expect("not all are in one group");
    assert_eq!(Office::of(&gateway, other).get(AT)["calendars"], json!([]));
}

/// The groups that somebody is in, as the directory itself says it.
fn groups_of(login: &str) -> Vec<String> {
    let url = format!("ldap://127.0.0.1:{}", campus("CAMPUS_LDAP_A"));
    let filter = format!("(&(objectClass=groupOfNames)(member=uid={login},ou=people,dc=a,dc=test))");
    let found = run(
        "ldapsearch",
        &[
            "-LLL",
            "-x",
            "-o",
            "ldif-wrap=no",
            "-H",
            &url,
            "-D",
            "cn=gateway,ou=services,dc=a,dc=test",
            "-w",
            "svc-gateway",
            "-b",
            "ou=groups,dc=a,dc=test",
            &filter,
            "cn",
        ],
    );
    found.lines().filter_map(|line| line.strip_prefix("cn: ").map(str::to_owned)).collect()
}
