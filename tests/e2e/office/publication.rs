//! A calendar is published in the office, and opened by a stranger, over the real Radicale. `browser/office_publication.mjs` is the visitor.

use super::{begin_anew, visit};
use crate::{
    collections::{
        ask,
        publication::{day, item},
    },
    harness::Gateway,
};

/// Who is visited: of garonne, and of no other test.
const OWNER: &str = "u00332";

#[test]
fn a_calendar_is_published_in_its_dialog_and_read_by_strangers() {
    let gateway = Gateway::start("office-publication");
    begin_anew(&gateway, OWNER);
    let who = format!("{OWNER}@a.test:pw-{OWNER}");
    let at = format!("/dav/calendars/{OWNER}/service/");
    let make = "<C:mkcalendar xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:set><D:prop><D:displayname>Service des études</D:displayname></D:prop></D:set></C:mkcalendar>";
    assert_eq!(ask(&gateway, &who, "MKCALENDAR", &at, &[], make).status, 201);
    let zoned = |from: i32, start: &str, end: &str| {
        format!(
            "DTSTART;TZID=Europe/Paris:{}T{start}00\r\nDTEND;TZID=Europe/Paris:{}T{end}00\r\n",
            day(from),
            day(from)
        )
    };
    let whole = |from: i32, to: i32| format!("DTSTART;VALUE=DATE:{}\r\nDTEND;VALUE=DATE:{}\r\n", day(from), day(to));
    let mut items = vec![
        format!("{}SUMMARY:Conseil de l’UFR\r\nLOCATION:Salle B204\r\n", zoned(0, "0900", "1030")),
        format!("{}SUMMARY:Médecin\r\nCLASS:PRIVATE\r\n", zoned(0, "1400", "1500")),
        format!("{}SUMMARY:Semaine de la recherche\r\nLOCATION:Campus\r\n", whole(1, 4)),
        format!("{}SUMMARY:Séminaire annulé\r\nSTATUS:CANCELLED\r\n", zoned(2, "1600", "1800")),
        format!("{}SUMMARY:اجتماع القسم\r\nLOCATION:القاعة ٣\r\n", zoned(3, "1000", "1200")),
        format!("{}SUMMARY:<b>Réunion & débat</b>\r\n", zoned(3, "1300", "1345")),
        format!(
            "{}RRULE:FREQ=WEEKLY;COUNT=8\r\nSUMMARY:Algèbre linéaire\\, groupe 3\\, avec un titre qui est long\r\nLOCATION:Amphithéâtre Marie-Curie\r\n",
            zoned(-14, "0800", "1000")
        ),
    ];
    // A full day.
    items.extend((0..7).map(|hour| {
        format!(
            "{}SUMMARY:Soutenance {}\r\n",
            zoned(5, &format!("{:02}00", 9 + hour), &format!("{:02}45", 9 + hour)),
            hour + 1
        )
    }));
    for (number, lines) in items.iter().enumerate() {
        let content = item("VEVENT", &format!("p{number}"), lines);
        let put = ask(&gateway, &who, "PUT", &format!("{at}{number}.ics"), &["Content-Type: text/calendar"], &content);
        assert_eq!(put.status, 201, "{}", put.body);
    }
    visit("office_publication.mjs", &gateway, &[OWNER]);
}
