//! A calendar from elsewhere is added, looked at and given up in the office, over the real Radicale. `browser/office_feeds.mjs` is the visitor.

use super::{begin_anew, visit};
use crate::collections::{
    feeds::gateway,
    publication::day,
    publisher::{Page, Publisher, calendar},
};

/// Who is visited: of garonne, and of no other test.
const OWNER: &str = "u00361";

#[test]
fn a_calendar_is_followed_by_its_address() {
    let publisher = Publisher::start();
    let lesson = |number: i32, hour: &str| (format!("l{number}@edt"), format!("{}T{hour}0000", day(number)));
    let lessons = [lesson(0, "09"), lesson(0, "14"), lesson(1, "10")];
    let titles = ["Algèbre linéaire", "تحليل رياضي", "Topologie"];
    let events: Vec<(&str, &str, &str)> =
        lessons.iter().zip(titles).map(|((uid, start), title)| (uid.as_str(), start.as_str(), title)).collect();
    publisher.calendar("/edt.ics", &calendar("Emploi du temps L3", &events));
    publisher.put("/page", Page::Other("200 OK".to_owned(), b"<html></html>".to_vec()));
    let gateway = gateway("office-feeds", &publisher, "refresh_minutes = 0");
    begin_anew(&gateway, OWNER);
    visit("office_feeds.mjs", &gateway, &[OWNER, &publisher.at("/edt.ics"), &publisher.at("/page")]);
}
