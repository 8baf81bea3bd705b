//! Meetings in the office, over the real Radicale, Postfix and Dovecot: somebody plans one, two colleagues and a room are invited, and
//! somebody of another institution by mail. `browser/office_meeting.mjs` is the visitor.

use super::{append, empty, visit};
use crate::{
    collections::{ask, radicale},
    harness::{Gateway, Imap, State, eventually, run},
};
use std::fs;

/// Who is visited: of garonne, and of no other test. The last one is a room.
const PEOPLE: [&str; 4] = ["u00280", "u00281", "u00282", "u00283"];
/// Somebody of autan, with which garonne shares nothing: for them everything goes by mail.
const ELSEWHERE: &str = "u00284";

/// An event that takes two hours of a day, in UTC.
fn event(uid: &str, title: &str, day: &str, hour: u32, more: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T080000Z\r\n\
         DTSTART:{day}T{hour:02}0000Z\r\nDURATION:PT2H\r\nSUMMARY:{title}\r\n{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// Somebody who writes into their calendar by CalDAV.
struct Writer<'g> {
    gateway: &'g Gateway,
    login: &'static str,
    letter: &'static str,
}

impl Writer<'_> {
    #[track_caller]
    fn write(&self, method: &str, uid: &str, text: &str, status: u16) {
        let Self { gateway, login, letter } = self;
        let (who, item) =
            (format!("{login}@{letter}.test:pw-{login}"), format!("/dav/calendars/{login}/agenda/{uid}.ics"));
        let done = ask(gateway, &who, method, &item, &["Content-Type: text/calendar"], text);
        assert_eq!(done.status, status, "{}", done.body);
    }
}

/// Meetings by mail, one of each for a round: somebody elsewhere invites a colleague, moves it under another title and calls it off; somebody
/// here has invited them, and they come. Postfix carries all of it.
fn by_mail(gateway: &Gateway, mondays: &[String]) {
    let [organizer, colleague, ..] = PEOPLE.map(|login| Writer { gateway, login, letter: "a" });
    let elsewhere = Writer { gateway, login: ELSEWHERE, letter: "b" };
    for (week, monday) in mondays.iter().enumerate() {
        let tuesday = run("date", &["-u", "-d", &format!("{monday} + 1 day"), "+%Y%m%d"]);
        let tuesday = tuesday.trim();
        colleague.write(
            "PUT",
            &format!("desk-{week}"),
            &event(&format!("desk-{week}"), "Permanence", tuesday, 9, ""),
            201,
        );
        let people =
            format!("ORGANIZER:mailto:{ELSEWHERE}@b.test\r\nATTENDEE;RSVP=TRUE:mailto:{}@a.test\r\n", PEOPLE[1]);
        let uid = format!("oral-{week}");
        elsewhere.write("PUT", &uid, &event(&uid, &format!("Oral {week}"), tuesday, 9, &people), 201);
        let moved = format!("SEQUENCE:1\r\nLOCATION:Amphi 2\r\n{people}");
        elsewhere.write("PUT", &uid, &event(&uid, &format!("Jury {week}"), tuesday, 14, &moved), 204);
        elsewhere.write("DELETE", &uid, "", 204);
        let uid = format!("avis-{week}");
        let people = |answer: &str| {
            format!(
                "ORGANIZER:mailto:{}@a.test\r\nATTENDEE;RSVP=TRUE;PARTSTAT={answer}:mailto:{ELSEWHERE}@b.test\r\n",
                PEOPLE[0]
            )
        };
        let asks = event(&uid, &format!("Avis {week}"), tuesday, 9, &people("NEEDS-ACTION"));
        organizer.write("PUT", &uid, &asks, 201);
        elsewhere.write("PUT", &uid, &asks, 201);
        elsewhere.write("PUT", &uid, &asks.replace("NEEDS-ACTION", "ACCEPTED"), 204);
    }
    for (login, count) in [(PEOPLE[0], mondays.len()), (PEOPLE[1], 3 * mondays.len())] {
        let mut imap = Imap::log_in(gateway.imap, &format!("{login}@a.test"), &format!("pw-{login}"));
        eventually("all of it is in the mailbox", || {
            imap.command("s SELECT INBOX");
            let found = imap.command(&format!("f SEARCH HEADER From {ELSEWHERE}@b.test")).join(" ");
            found.split_whitespace().filter(|it| it.bytes().all(|octet| octet.is_ascii_digit())).count() >= count
        });
    }
}

#[test]
fn a_meeting_is_planned_answered_moved_and_called_off() {
    let gateway = Gateway::start_with("office-meeting", &State::Sqlite, |config| {
        let settings = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&settings).unwrap();
        fs::write(&settings, format!("{text}[scheduling]\nrooms = [\"{}\"]\n", PEOPLE[3])).unwrap();
    });
    for (login, letter) in PEOPLE.map(|login| (login, "a")).into_iter().chain([(ELSEWHERE, "b")]) {
        radicale("DELETE", &format!("/{letter}-{login}/"), "");
        let mut imap = Imap::log_in(gateway.imap, &format!("{login}@{letter}.test"), &format!("pw-{login}"));
        empty(&mut imap);
        // The office begins at mail.
        append(&mut imap, "INBOX", "\\Seen", "From: a@a.test\nTo: b@a.test\nSubject: first\n\ntext\n");
        let who = format!("{login}@{letter}.test:pw-{login}");
        let at = format!("/dav/calendars/{login}/agenda/");
        assert_eq!(ask(&gateway, &who, "MKCALENDAR", &at, &[], "").status, 201);
    }
    // Of each Monday that a round takes, some hours are gone: one colleague's first, then the other's, then the room's.
    let monday =
        |week: usize| run("date", &["-u", "-d", &format!("next monday + {week} weeks"), "+%Y%m%d"]).trim().to_owned();
    let mondays: Vec<String> = (1..=4).map(monday).collect();
    for (week, monday) in mondays.iter().enumerate() {
        for (hour, login) in [(8, PEOPLE[1]), (10, PEOPLE[2]), (12, PEOPLE[3])] {
            let uid = format!("taken-{week}");
            Writer { gateway: &gateway, login, letter: "a" }.write(
                "PUT",
                &uid,
                &event(&uid, "Cours", monday, hour, ""),
                201,
            );
        }
    }
    by_mail(&gateway, &mondays);
    let mut arguments = PEOPLE.to_vec();
    arguments.push(ELSEWHERE);
    arguments.extend(mondays.iter().map(String::as_str));
    visit("office_meeting.mjs", &gateway, &arguments);
}
