//! Queries on a real server: time ranges over recurrences and zones, parts and instances, texts, cards, free-busy.

use super::{ask, card, event, hrefs, radicale};
use crate::harness::Gateway;

const WHO: &str = "u00105@a.test:pw-u00105";
const AT: &str = "/dav/calendars/u00105/cours/";
/// Every Monday at nine in Paris, before and after summer time ends; one lesson is moved.
const WEEKLY: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/Paris\r\nBEGIN:STANDARD\r\n\
    DTSTART:19961027T030000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10\r\nTZOFFSETFROM:+0200\r\nTZOFFSETTO:+0100\r\nEND:STANDARD\r\n\
    BEGIN:DAYLIGHT\r\nDTSTART:19810329T020000\r\nRRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3\r\nTZOFFSETFROM:+0100\r\nTZOFFSETTO:+0200\r\n\
    END:DAYLIGHT\r\nEND:VTIMEZONE\r\nBEGIN:VEVENT\r\nUID:weekly\r\nDTSTAMP:20261001T080000Z\r\nDTSTART;TZID=Europe/Paris:20261005T090000\r\n\
    DURATION:PT2H\r\nRRULE:FREQ=WEEKLY\r\nSUMMARY:Analyse\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:weekly\r\nDTSTAMP:20261001T080000Z\r\n\
    RECURRENCE-ID;TZID=Europe/Paris:20261102T090000\r\nDTSTART;TZID=Europe/Paris:20261103T140000\r\nDURATION:PT2H\r\nSUMMARY:Analyse (déplacée)\r\n\
    END:VEVENT\r\nEND:VCALENDAR\r\n";

fn query(data: &str, filter: &str) -> String {
    format!(
        "<C:calendar-query xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><D:getetag/>{data}</D:prop>\
         <C:filter><C:comp-filter name='VCALENDAR'>{filter}</C:comp-filter></C:filter></C:calendar-query>"
    )
}

fn within(start: &str, end: &str) -> String {
    format!("<C:comp-filter name='VEVENT'><C:time-range start='{start}' end='{end}'/></C:comp-filter>")
}

#[test]
fn a_calendar_answers_queries_over_recurrences_and_zones() {
    let gateway = Gateway::start("collections-queries");
    radicale("DELETE", "/a-u00105/", "");
    assert_eq!(ask(&gateway, WHO, "MKCALENDAR", AT, &[], "").status, 201);
    let weekly = format!("{AT}weekly.ics");
    let once = format!("{AT}once.ics");
    assert_eq!(ask(&gateway, WHO, "PUT", &weekly, &[], WEEKLY).status, 201);
    assert_eq!(ask(&gateway, WHO, "PUT", &once, &[], &event("once", "Réunion")).status, 201);
    let found = |body: &str| {
        let answer = ask(&gateway, WHO, "REPORT", AT, &["Depth: 1"], body);
        assert_eq!(answer.status, 207, "{}", answer.body);
        answer.body
    };
    // A Monday a hundred years on; the one whose lesson was moved, and where it was moved to.
    for (start, end, is_there) in [
        ("21261007T000000Z", "21261008T000000Z", true),
        ("20261102T000000Z", "20261103T000000Z", false),
        ("20261103T125900Z", "20261103T130100Z", true),
        // Nine in Paris is seven in UTC before the last Sunday of October, and eight after it.
        ("20261019T070000Z", "20261019T070100Z", true),
        ("20261026T070000Z", "20261026T075900Z", false),
    ] {
        let body = found(&query("", &within(start, end)));
        assert_eq!(hrefs(&body).contains(weekly.as_str()), is_there, "{start}: {body}");
        assert!(!hrefs(&body).contains(once.as_str()), "{start}: {body}");
    }
    let expanded = found(&query(
        "<C:calendar-data><C:expand start='20261026T000000Z' end='20261110T000000Z'/></C:calendar-data>",
        &within("20261026T000000Z", "20261110T000000Z"),
    ));
    for start in ["DTSTART:20261026T080000Z", "DTSTART:20261103T130000Z", "DTSTART:20261109T080000Z"] {
        assert!(expanded.contains(start), "{start} in {expanded}");
    }
    assert!(!expanded.contains("RRULE") && !expanded.contains("DTSTART:20261102"), "{expanded}");
    let part = found(&query(
        "<C:calendar-data><C:comp name='VCALENDAR'><C:prop name='VERSION'/><C:comp name='VEVENT'><C:prop name='SUMMARY'/></C:comp></C:comp></C:calendar-data>",
        "<C:comp-filter name='VEVENT'><C:prop-filter name='SUMMARY'><C:text-match collation='i;unicode-casemap'>RÉUNION</C:text-match></C:prop-filter></C:comp-filter>",
    ));
    assert!(part.contains("SUMMARY:Réunion") && !part.contains("DTSTART") && !part.contains("Analyse"), "{part}");
    let busy = ask(
        &gateway,
        WHO,
        "REPORT",
        AT,
        &["Depth: 1"],
        "<C:free-busy-query xmlns:C='urn:ietf:params:xml:ns:caldav'><C:time-range start='20261102T000000Z' end='20261110T000000Z'/></C:free-busy-query>",
    );
    assert_eq!(busy.status, 200, "{}", busy.body);
    let periods: Vec<&str> = busy.body.lines().filter(|line| line.starts_with("FREEBUSY")).map(str::trim).collect();
    assert_eq!(
        periods,
        ["FREEBUSY:20261103T130000Z/20261103T150000Z", "FREEBUSY:20261109T080000Z/20261109T100000Z"],
        "{}",
        busy.body
    );
    // A change is seen by the next query, though what did not change is in memory.
    assert_eq!(ask(&gateway, WHO, "PUT", &once, &[], &event("once", "Autre chose")).status, 204);
    let changed = found(&query("<C:calendar-data/>", &within("20261201T000000Z", "20261202T000000Z")));
    assert!(changed.contains("Autre chose") && !changed.contains("Réunion"), "{changed}");
    // What cannot be a filter is said to be none, and what would never end is not begun.
    let wrong = ask(&gateway, WHO, "REPORT", AT, &[], &query("", "<C:comp-filter/>"));
    assert!(wrong.status == 403 && wrong.body.contains("valid-filter"), "{}", wrong.body);
    let bomb = event("bomb", "bomb").replace("SUMMARY", "RRULE:FREQ=SECONDLY\r\nSUMMARY");
    assert_eq!(ask(&gateway, WHO, "PUT", &format!("{AT}bomb.ics"), &[], &bomb).status, 201);
    let all = query(
        "<C:calendar-data><C:expand start='20270101T000000Z' end='20280101T000000Z'/></C:calendar-data>",
        &within("20270101T000000Z", "20280101T000000Z"),
    );
    let answer = ask(&gateway, WHO, "REPORT", AT, &["Depth: 1"], &all);
    let is_refused = answer.status == 403 && answer.body.contains("number-of-matches-within-limits");
    assert!(is_refused, "{}: {}", answer.status, answer.body);
    // Where single items are asked for, that one alone is not told.
    let data = "<C:calendar-data><C:expand start='20270101T000000Z' end='20280101T000000Z'/></C:calendar-data>";
    let get = format!(
        "<C:calendar-multiget xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop>{data}</D:prop>\
         <D:href>{AT}bomb.ics</D:href><D:href>{weekly}</D:href></C:calendar-multiget>"
    );
    let sync = format!(
        "<D:sync-collection xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:sync-token/><D:sync-level>1</D:sync-level>\
         <D:prop>{data}</D:prop></D:sync-collection>"
    );
    for report in [get, sync] {
        let answer = found(&report);
        assert!(answer.contains("507 Insufficient Storage") && answer.contains("DTSTART:20270104T080000Z"), "{answer}");
        assert!(!answer.contains("SUMMARY:bomb"), "the object is not told whole instead: {answer}");
    }
}

/// Of what was read when it is is remembered: not what is in another time now, whoever has moved it there.
#[test]
fn what_was_moved_into_a_time_is_found_there() {
    let who = "u00374@a.test:pw-u00374";
    let at = "/dav/calendars/u00374/moved/";
    for kind in ["radicale", "files"] {
        let gateway = match kind {
            "radicale" => Gateway::start("collections-moved-radicale"),
            _ => super::files::start("collections-moved-files"),
        };
        radicale("DELETE", "/a-u00374/", "");
        assert_eq!(ask(&gateway, who, "MKCALENDAR", at, &[], "").status, 201);
        let [june, july] = ["202706", "202707"]
            .map(|month| query("", &within(&format!("{month}01T000000Z"), &format!("{month}28T000000Z"))));
        let found = |month: &str| {
            let answer = ask(&gateway, who, "REPORT", at, &["Depth: 1"], month);
            assert_eq!(answer.status, 207, "{}", answer.body);
            let mut names: Vec<String> = hrefs(&answer.body).iter().map(|href| href.replace(at, "")).collect();
            names.sort();
            names
        };
        let on = |uid: &str, day: &str| event(uid, uid).replace("20261201", day);
        for (uid, day) in [("a", "20270602"), ("b", "20270702"), ("c", "20270602"), ("series", "20200601")] {
            let content =
                on(uid, day).replace("SUMMARY:series", "RRULE:FREQ=MONTHLY;UNTIL=20270615T000000Z\r\nSUMMARY:series");
            assert_eq!(ask(&gateway, who, "PUT", &format!("{at}{uid}.ics"), &[], &content).status, 201);
        }
        for _ in 0..2 {
            assert_eq!(found(&june), ["a.ics", "c.ics", "series.ics"], "{kind}");
            assert_eq!(found(&july), ["b.ics"], "{kind}");
        }
        // By a client of ours, and by somebody who does not go through the gateway.
        assert_eq!(ask(&gateway, who, "PUT", &format!("{at}a.ics"), &[], &on("a", "20270703")).status, 204);
        let [b, d] = [on("b", "20270603"), on("d", "20270704")];
        match kind {
            "radicale" => {
                radicale("PUT", "/a-u00374/moved/b.ics", &b);
                radicale("PUT", "/a-u00374/moved/d.ics", &d);
            }
            _ => {
                let folder = gateway.home("garonne", "u00374").join("Calendars/moved");
                std::fs::write(folder.join("b.ics"), b).unwrap();
                std::fs::write(folder.join("d.ics"), d).unwrap();
            }
        }
        assert_eq!(ask(&gateway, who, "DELETE", &format!("{at}c.ics"), &[], "").status, 204);
        assert_eq!(found(&june), ["b.ics", "series.ics"], "{kind}");
        assert_eq!(found(&july), ["a.ics", "d.ics"], "{kind}");
    }
}

#[test]
fn an_address_book_answers_queries() {
    let gateway = Gateway::start("collections-cards-queried");
    radicale("DELETE", "/a-u00106/", "");
    let (who, at) = ("u00106@a.test:pw-u00106", "/dav/contacts/u00106/amis/");
    let make = "<D:mkcol xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><D:set><D:prop><D:resourcetype><D:collection/><C:addressbook/>\
        </D:resourcetype></D:prop></D:set></D:mkcol>";
    assert_eq!(ask(&gateway, who, "MKCOL", at, &[], make).status, 201);
    for (uid, name) in [("zoe", "Zoë Martin"), ("ana", "Ana Lopes"), ("max", "Max Martin")] {
        assert_eq!(ask(&gateway, who, "PUT", &format!("{at}{uid}.vcf"), &[], &card(uid, name)).status, 201);
    }
    let query = |more: &str| {
        format!(
            "<C:addressbook-query xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'><D:prop><D:getetag/><C:address-data>\
             <C:prop name='VERSION'/><C:prop name='FN'/></C:address-data></D:prop><C:filter><C:prop-filter name='FN'>\
             <C:text-match match-type='ends-with'>MARTIN</C:text-match></C:prop-filter></C:filter>{more}</C:addressbook-query>"
        )
    };
    let all = ask(&gateway, who, "REPORT", at, &["Depth: 1"], &query("")).body;
    assert!(all.contains("FN:Zoë Martin") && all.contains("FN:Max Martin") && !all.contains("Ana"), "{all}");
    assert!(!all.contains("EMAIL"), "{all}");
    let limited =
        ask(&gateway, who, "REPORT", at, &["Depth: 1"], &query("<C:limit><C:nresults>1</C:nresults></C:limit>")).body;
    assert!(limited.matches("address-data xmlns").count() == 1 && limited.contains("507"), "{limited}");
}
