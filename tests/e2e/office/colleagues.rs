//! When colleagues have no time, beside one's own calendars in the office, over the real Radicale. `browser/office_colleagues.mjs` is the visitor.

use super::{begin_anew, visit};
use crate::{collections::ask, harness::Gateway, sharing::grants};

/// Who is visited: of garonne, and of no other test.
const OWNER: &str = "u00365";
/// Somebody of the institution, and somebody who shares when they are busy and no more.
const COLLEAGUE: &str = "u00366";
const SHARES: &str = "u00367";

fn event(uid: &str, title: &str, hour: u32) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T080000Z\r\n\
         DTSTART:20270310T{hour:02}0000Z\r\nDURATION:PT2H\r\nSUMMARY:{title}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

#[test]
fn the_times_of_colleagues_stand_beside_ones_own() {
    let gateway = Gateway::start("office-colleagues");
    for (login, title, hour) in [(OWNER, "Conseil", 9), (COLLEAGUE, "Secret", 10), (SHARES, "Confidence", 14)] {
        begin_anew(&gateway, login);
        let who = format!("{login}@a.test:pw-{login}");
        let at = format!("/dav/calendars/{login}/agenda/");
        assert_eq!(ask(&gateway, &who, "MKCALENDAR", &at, &[], "").status, 201);
        let put = ask(
            &gateway,
            &who,
            "PUT",
            &format!("{at}e.ics"),
            &["Content-Type: text/calendar"],
            &event(login, title, hour),
        );
        assert_eq!(put.status, 201, "{}", put.body);
    }
    grants(
        &gateway,
        "u00001@a.test:pw-u00001",
        &format!(
            "s.grant.set({{'owner': '{SHARES}', 'kind': 'calendar', 'path': 'agenda'}}, {{'account': '{OWNER}'}}, ['lookup', 'freebusy'])"
        ),
    );
    visit("office_colleagues.mjs", &gateway, &[OWNER, COLLEAGUE, SHARES]);
}
