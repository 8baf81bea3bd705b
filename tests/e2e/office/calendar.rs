//! Calendars in the office, over the real Radicale: an owner, and a colleague with whom one is shared. `browser/office_calendar.mjs` is the
//! visitor.

use super::{begin_anew, visit};
use crate::{collections::ask, harness::Gateway, sharing::grants};

/// Who is visited: of garonne, and of no other test.
const OWNER: &str = "u00200";
const COLLEAGUE: &str = "u00201";

/// An event of today that lasts all day, in UTC.
fn today(uid: &str, summary: &str, class: &str) -> String {
    let day = crate::harness::run("date", &["-u", "+%Y%m%d"]);
    let day = day.trim();
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T080000Z\r\n\
         DTSTART;VALUE=DATE:{day}\r\nSUMMARY:{summary}\r\nCLASS:{class}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

#[test]
fn events_are_written_dragged_and_shared() {
    let gateway = Gateway::start("office-calendar");
    for login in [OWNER, COLLEAGUE] {
        begin_anew(&gateway, login);
    }
    let who = format!("{OWNER}@a.test:pw-{OWNER}");
    let at = format!("/dav/calendars/{OWNER}/service/");
    assert_eq!(ask(&gateway, &who, "MKCALENDAR", &at, &[], "").status, 201);
    for (uid, summary, class) in [("c1", "Conseil", "PUBLIC"), ("c2", "Médecin", "PRIVATE")] {
        let item = format!("{at}{uid}.ics");
        let put = ask(&gateway, &who, "PUT", &item, &["Content-Type: text/calendar"], &today(uid, summary, class));
        assert_eq!(put.status, 201, "{}", put.body);
    }
    grants(
        &gateway,
        "u00001@a.test:pw-u00001",
        &format!(
            "s.grant.set({{'owner': '{OWNER}', 'kind': 'calendar', 'path': 'service'}}, {{'account': '{COLLEAGUE}'}}, ['read'])"
        ),
    );
    visit("office_calendar.mjs", &gateway, &[OWNER, COLLEAGUE]);
}
