//! Calendars that are published by a link, on the real Radicale and as files: what strangers are told, by iCalendar and on the page, and
//! what they are not, in whatever way they ask.

use super::{ask, files, radicale};
use crate::{
    harness::{Answer, Gateway, campus, curl, run},
    office_api::Office,
    sharing::grants,
};
use serde_json::{Value, json};
use std::fs;

pub(crate) const HOST: &str = "garonne.localhost";
/// The python that khal has its readers in.
const PYTHON: &str = "/usr/bin/python3";
/// What icalendar finds: how many events, what they are called, and whether each has a UID of its own.
const FOUND: &str = "
import icalendar, sys
whole = icalendar.Calendar.from_ical(open(sys.argv[1], 'rb').read())
events = [it for it in whole.walk('VEVENT')]
assert {it.name for it in whole.subcomponents} <= {'VEVENT', 'VTIMEZONE'}, whole.subcomponents
assert len({(it['UID'], it.get('RECURRENCE-ID') and it['RECURRENCE-ID'].dt) for it in events}) == len(events)
print(*sorted(str(it['SUMMARY']) for it in events), sep='|')";
/// What must be nowhere in what a stranger is told: each stands in the calendar.
const NEVER: [&str; 12] = [
    "secret",
    "mailto:",
    "VALARM",
    "Médecin",
    "Jury",
    "Ancien",
    "Rendre",
    "Off",
    "ATTENDEE",
    "ORGANIZER",
    "X-OURS",
    "VTODO",
];
/// What is told with details alone.
const DETAILS: [&str; 5] = ["Séminaire", "Amphi", "Le programme", "Fermeture", "Annulé"];

/// A day that is so many days from today, as iCalendar writes it.
pub(crate) fn day(from_today: i32) -> String {
    run("date", &["-u", "-d", &format!("{from_today} days"), "+%Y%m%d"]).trim().to_owned()
}

/// An item with one component.
pub(crate) fn item(kind: &str, uid: &str, lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:{kind}\r\nUID:{uid}\r\nDTSTAMP:20261101T080000Z\r\n\
         {lines}END:{kind}\r\nEND:VCALENDAR\r\n"
    )
}

/// A calendar with something of each kind.
fn fill(gateway: &Gateway, login: &str) -> (String, String) {
    let (who, at) = (format!("{login}@a.test:pw-{login}"), format!("/dav/calendars/{login}/cours/"));
    ask(gateway, &who, "DELETE", &at, &[], "");
    let make = "<C:mkcalendar xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:set><D:prop><D:displayname>Cours de l’UFR</D:displayname></D:prop></D:set></C:mkcalendar>";
    assert_eq!(ask(gateway, &who, "MKCALENDAR", &at, &[], make).status, 201);
    let (soon, later, old) = (day(1), day(2), day(-800));
    let items = [
        item(
            "VEVENT",
            "secret-seminaire@host.secret",
            &format!(
                "DTSTART;TZID=Europe/Paris:{soon}T100000\r\nDTEND;TZID=Europe/Paris:{soon}T110000\r\nSUMMARY:Séminaire\r\nLOCATION:Amphi 3\r\n\
                 DESCRIPTION:Le programme\r\nX-OURS:secret\r\nATTACH:https://secret.test/\r\nCOMMENT:secret\r\n\
                 BEGIN:VALARM\r\nACTION:DISPLAY\r\nDESCRIPTION:secret\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n"
            ),
        ),
        item(
            "VEVENT",
            "secret-ferme",
            &format!(
                "DTSTART;VALUE=DATE:{later}\r\nSUMMARY:Fermeture\r\nTRANSP:TRANSPARENT\r\n\
                 ORGANIZER;SCHEDULE-AGENT=CLIENT;CN=secret:mailto:secret@elsewhere.test\r\n\
                 ATTENDEE;SCHEDULE-AGENT=CLIENT;CN=secret:mailto:{login}@a.test\r\n"
            ),
        ),
        item(
            "VEVENT",
            "secret-annule",
            &format!("DTSTART:{soon}T180000Z\r\nDTEND:{soon}T190000Z\r\nSUMMARY:Annulé\r\nSTATUS:CANCELLED\r\n"),
        ),
        item(
            "VEVENT",
            "secret-medecin",
            &format!(
                "DTSTART:{soon}T140000Z\r\nDTEND:{soon}T150000Z\r\nSUMMARY:Médecin\r\nLOCATION:secret\r\nCLASS:PRIVATE\r\n"
            ),
        ),
        item(
            "VEVENT",
            "secret-jury",
            &format!(
                "DTSTART:{later}T070000Z\r\nDTEND:{later}T080000Z\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\nSUMMARY:Jury\r\nCLASS:CONFIDENTIAL\r\n"
            ),
        ),
        item(
            "VEVENT",
            "secret-off",
            &format!(
                "DTSTART:{soon}T200000Z\r\nDTEND:{soon}T210000Z\r\nSUMMARY:Off\r\nCLASS:PRIVATE\r\nSTATUS:CANCELLED\r\n"
            ),
        ),
        item("VEVENT", "secret-old", &format!("DTSTART:{old}T140000Z\r\nDTEND:{old}T150000Z\r\nSUMMARY:Ancien\r\n")),
        item("VTODO", "secret-task", "SUMMARY:Rendre\r\n"),
    ];
    for (number, content) in items.iter().enumerate() {
        let put = ask(gateway, &who, "PUT", &format!("{at}{number}.ics"), &["Content-Type: text/calendar"], content);
        assert_eq!(put.status, 201, "{number}: {}", put.body);
    }
    (who, at)
}

/// Makes a link by the office; its path and its id.
#[track_caller]
pub(crate) fn link(office: &Office<'_>, new: &Value) -> (String, String) {
    let made = office.make("/api/calendars/links", new);
    let (address, id) = (made["address"].as_str().unwrap(), made["id"].as_str().unwrap());
    (address[address.find("/s/").unwrap()..].to_owned(), id.to_owned())
}

/// What a stranger is answered.
pub(super) fn stranger(gateway: &Gateway, path: &str, more: &[&str]) -> Answer {
    curl(gateway, HOST, None, "GET", path, more)
}

#[track_caller]
fn found(gateway: &Gateway, calendar: &Answer) -> String {
    assert_eq!(
        (calendar.status, calendar.header("content-type")),
        (200, Some("text/calendar; charset=utf-8")),
        "{}",
        calendar.body
    );
    let file = gateway.dir.join("published.ics");
    fs::write(&file, &calendar.body).unwrap();
    run(PYTHON, &["-c", FOUND, file.to_str().unwrap()]).trim().to_owned()
}

#[track_caller]
pub(super) fn tells_none_of(answer: &Answer, words: &[&str]) {
    for word in words {
        assert!(!answer.body.contains(word), "{word} in {}", answer.body);
    }
}

/// Publishes a calendar both ways, follows it, and withdraws it.
fn publishes(gateway: &Gateway, login: &str) {
    let (who, at) = fill(gateway, login);
    let office = Office::of(gateway, login);
    let before = office.get("/api/calendars/links?name=cours");
    assert_eq!((&before["offersLinks"], &before["links"]), (&json!(true), &json!([])), "{before}");
    let (details, _) = link(&office, &json!({ "name": "cours", "what": "read" }));
    let (busy, busy_id) = link(&office, &json!({ "name": "cours", "what": "busy", "label": "Cabinet" }));
    let ics = |path: &str, more: &[&str]| stranger(gateway, &format!("{path}/calendar.ics"), more);

    // With details: what is public, and of the rest when it is.
    let whole = ics(&details, &[]);
    assert_eq!(found(gateway, &whole), "Annulé|Busy|Busy|Busy|Busy|Fermeture|Séminaire");
    tells_none_of(&whole, &NEVER);
    for line in [
        "NAME:Cours de l’UFR",
        "X-WR-CALNAME:Cours de l’UFR",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "X-WR-TIMEZONE:Europe/Paris",
        "LOCATION:Amphi 3",
        "STATUS:CANCELLED",
    ] {
        assert!(whole.body.contains(&format!("{line}\r\n")), "{line} in {}", whole.body);
    }
    for (name, value) in [
        ("x-content-type-options", "nosniff"),
        ("content-disposition", "attachment"),
        ("cache-control", "private, no-cache"),
    ] {
        assert!(whole.header(name).is_some_and(|it| it.starts_with(value)), "{name}: {}", whole.head);
    }
    // Busy times: when, and nothing else.
    let times = ics(&busy, &[]);
    assert_eq!(found(gateway, &times), "Busy|Busy|Busy|Busy|Busy");
    tells_none_of(&times, &NEVER);
    tells_none_of(&times, &DETAILS);
    tells_none_of(&times, &["Cours de l’UFR", "Europe/Paris;", "RRULE", "LOCATION", "DESCRIPTION"]);
    assert!(times.body.contains("NAME:Cabinet\r\n"), "{}", times.body);
    let french = ics(&busy, &["-H", "Accept-Language: fr"]);
    assert_eq!(found(gateway, &french), "Occupé|Occupé|Occupé|Occupé|Occupé");

    // Whoever has it is told so, until it changes.
    let known = |path: &str, tag: &str| ics(path, &["-H", &format!("If-None-Match: {tag}")]);
    let (tag, busy_tag) = (whole.header("etag").unwrap(), times.header("etag").unwrap());
    let unchanged = known(&details, tag);
    assert_eq!((unchanged.status, unchanged.body.as_str(), unchanged.header("etag")), (304, "", Some(tag)));
    assert_eq!(known(&busy, busy_tag).status, 304);
    let head = curl(gateway, HOST, None, "HEAD", &format!("{details}/calendar.ics"), &[]);
    assert_eq!((head.status, head.body.as_str(), head.header("etag")), (200, "", Some(tag)));
    let soon = day(1);
    let renamed = item(
        "VEVENT",
        "secret-medecin",
        &format!("DTSTART:{soon}T140000Z\r\nDTEND:{soon}T150000Z\r\nSUMMARY:Secret Dentiste\r\nCLASS:PRIVATE\r\n"),
    );
    assert_eq!(ask(gateway, &who, "PUT", &format!("{at}3.ics"), &[], &renamed).status, 204);
    assert_eq!(known(&details, tag).status, 200);
    assert_eq!(
        known(&busy, busy_tag).status,
        304,
        "who sees times alone does not learn that anything else has changed"
    );
    assert_eq!(ask(gateway, &who, "PUT", &format!("{at}3.ics"), &[], &renamed.replace("T1500", "T1600")).status, 204);
    assert_eq!(known(&busy, busy_tag).status, 200);

    // The page.
    let page = stranger(gateway, &details, &["-H", "Accept-Language: fr"]);
    assert_eq!(page.status, 200, "{}", page.body);
    tells_none_of(&page, &["Médecin", "Dentiste", "Jury", "secret", "mailto:", login, "<script"]);
    for word in
        ["Cours de l’UFR", "Séminaire", "10:00–11:00", "Amphi 3", "Occupé", "webcal://", "noindex", "Europe/Paris"]
    {
        assert!(page.body.contains(word), "{word} in {}", page.body);
    }
    // However the page for busy times is asked, and by whatever other way.
    for (method, more) in [
        ("GET", ""),
        ("GET", "?what=read"),
        ("GET", "?details=1&owner=x&name=cours"),
        ("GET", "/calendar.ics?what=read"),
        ("GET", "/calendar.ics/"),
        ("GET", "/files/"),
        ("GET", "/files/0.ics"),
        ("PROPFIND", "/files/"),
        ("REPORT", "/files/"),
        ("GET", "/feed.xml"),
        ("GET", "/preview?folder=0.ics"),
        ("POST", "/upload"),
        ("PROPFIND", "/calendar.ics"),
    ] {
        let answer = curl(gateway, HOST, None, method, &format!("{busy}{more}"), &[]);
        tells_none_of(&answer, &NEVER);
        tells_none_of(&answer, &DETAILS);
        tells_none_of(&answer, &["Cours de l’UFR", "Dentiste", "cours/"]);
        let opens = matches!(more, "" | "?what=read" | "?details=1&owner=x&name=cours" | "/calendar.ics?what=read");
        assert_eq!(answer.status == 200, opens, "{method} {more}: {}", answer.status);
    }
    let month = |text: &str| stranger(gateway, &format!("{details}?month={text}"), &[]).status;
    let this = day(0);
    assert_eq!(month(&format!("{}-{}", &this[..4], &this[4..6])), 200);
    for bad in ["1999-01", "9999-12", "x", "2026-13"] {
        assert_eq!(month(bad), 404, "{bad}");
    }

    // Withdrawn, it is as what never was.
    let told = office.get("/api/calendars/links?name=cours");
    assert_eq!(told["links"].as_array().unwrap().len(), 2);
    assert!(!told.to_string().contains(busy.trim_start_matches("/s/")), "the token is told once");
    assert_eq!(office.post("/api/calendars/links/remove", &json!({ "name": "cours", "id": busy_id })).status, 204);
    let guessed = format!("/s/{}", "a".repeat(26));
    for more in ["", "/calendar.ics"] {
        let (gone, never) =
            (stranger(gateway, &format!("{busy}{more}"), &[]), stranger(gateway, &format!("{guessed}{more}"), &[]));
        assert_eq!((gone.status, gone.body), (404, never.body), "{more}");
    }
    assert_eq!(ics(&details, &[]).status, 200);
    // With the calendar goes the link, and does not lead to the next of its name.
    assert_eq!(ask(gateway, &who, "DELETE", &at, &[], "").status, 204);
    assert_eq!(ask(gateway, &who, "MKCALENDAR", &at, &[], "").status, 201);
    assert_eq!(ics(&details, &[]).status, 404);
}

#[test]
fn a_calendar_on_a_server_is_published() {
    let gateway = Gateway::start("publication");
    radicale("DELETE", "/a-u00325/", "");
    publishes(&gateway, "u00325");
}

#[test]
fn a_calendar_of_files_is_published() {
    let gateway = files::start("publication-files");
    publishes(&gateway, "u00326");
}

#[test]
fn a_link_has_a_password_and_holds_for_as_long_as_its_maker_may_share() {
    let gateway = Gateway::start("publication-maker");
    radicale("DELETE", "/a-u00327/", "");
    fill(&gateway, "u00327");
    let give = |what: &str| {
        let place = "{'owner': 'u00327', 'kind': 'calendar', 'path': 'cours'}, {'account': 'u00328'}";
        grants(&gateway, "u00001@a.test:pw-u00001", &what.replace("PLACE", place));
    };
    give("s.grant.set(PLACE, ['read'])");
    let (owner, colleague) = (Office::of(&gateway, "u00327"), Office::of(&gateway, "u00328"));
    let new = json!({ "owner": "u00327", "name": "cours", "what": "read", "password": "huit lettres" });
    assert_eq!(colleague.post("/api/calendars/links", &new).status, 403, "who reads does not publish");
    give("s.grant.set(PLACE, ['manage'])");
    for (wrong, what) in [
        (json!({ "owner": "u00327", "name": "cours", "what": "write" }), "nobody writes by a link"),
        (json!({ "owner": "u00327", "name": "cours", "what": "read", "password": "court" }), "a password is longer"),
        (json!({ "owner": "u00327", "name": "cours", "what": "read", "mostDownloads": 3 }), "reading is not counted"),
        (json!({ "owner": "u00327", "name": "cours", "what": "read", "until": "2020-01-01" }), "an end is to come"),
    ] {
        assert_eq!(colleague.post("/api/calendars/links", &wrong).status, 400, "{what}");
    }
    let nowhere = json!({ "owner": "u00327", "name": "autre", "what": "read" });
    assert_eq!(colleague.post("/api/calendars/links", &nowhere).status, 404);
    let (path, id) = link(&colleague, &new);
    let ics = format!("{path}/calendar.ics");
    let by = |password: Option<&str>| curl(&gateway, HOST, password, "GET", &ics, &[]);
    let asked = by(None);
    assert!(
        asked.status == 401 && asked.header("www-authenticate").is_some_and(|it| it.starts_with("Basic")),
        "{asked:?}"
    );
    assert_eq!((by(Some("x:autre chose")).status, by(Some("x:huit lettres")).status), (401, 200));
    let page = stranger(&gateway, &path, &[]);
    assert!(
        page.status == 200 && page.body.contains("type=\"password\"") && !page.body.contains("Séminaire"),
        "{page:?}"
    );

    // What the maker may no longer share, nobody has by it; the owner can take it over.
    give("s.grant.remove(PLACE)");
    assert_eq!(by(Some("x:huit lettres")).status, 404);
    let listed = owner.get("/api/calendars/links?name=cours")["links"][0].clone();
    assert_eq!(
        (&listed["standing"], &listed["what"], &listed["hasPassword"]),
        (&json!("fallen"), &json!("read"), &json!(true))
    );
    assert_eq!(owner.post("/api/calendars/links/take", &json!({ "name": "cours", "id": id })).status, 204);
    assert_eq!(by(Some("x:huit lettres")).status, 200);
}

#[test]
fn a_store_that_is_away_is_told_and_no_calendar_is_empty() {
    let mut gateway = Gateway::start("publication-away");
    radicale("DELETE", "/a-u00329/", "");
    fill(&gateway, "u00329");
    let office = Office::of(&gateway, "u00329");
    let links = ["read", "busy"].map(|what| link(&office, &json!({ "name": "cours", "what": what })).0);
    gateway.kill();
    let settings = gateway.config().join("institutions/garonne/institution.toml");
    let text = fs::read_to_string(&settings).unwrap();
    let there = format!("127.0.0.1:{}", campus("CAMPUS_RADICALE"));
    fs::write(&settings, text.replace(&there, "127.0.0.1:9")).unwrap();
    gateway.run();
    for path in links {
        for more in ["", "/calendar.ics"] {
            let answer = stranger(&gateway, &format!("{path}{more}"), &[]);
            assert_eq!(answer.status, 503, "{path}{more}: {}", answer.body);
            assert!(!answer.body.contains("BEGIN:VCALENDAR"), "{}", answer.body);
        }
    }
}
