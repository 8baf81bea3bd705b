//! Invitations and answers that people without a calendar here send by mail, as the office takes them: from a real mailbox into a real
//! calendar, where CalDAV and JMAP see them.

#![allow(clippy::needless_pass_by_value, reason = "what is asked is written where it is asked")]

use super::{Jmap, filled};
use crate::{
    collections::{ask, radicale},
    harness::{Answer, Gateway},
    office_api::Office,
};
use serde_json::{Value, json};
use std::cell::Cell;

const GUEST: &str = "guest@elsewhere.example";

/// Somebody with a mailbox and a calendar that nothing is in.
struct Person<'g> {
    gateway: &'g Gateway,
    jmap: Jmap<'g>,
    office: Office<'g>,
    who: String,
    login: &'static str,
    got: Cell<u32>,
}

impl<'g> Person<'g> {
    fn new(gateway: &'g Gateway, login: &'static str) -> Self {
        radicale("DELETE", &format!("/a-{login}/"), "");
        let who = format!("{login}@a.test:pw-{login}");
        let made = ask(gateway, &who, "MKCALENDAR", &format!("/dav/calendars/{login}/agenda/"), &[], "");
        assert_eq!(made.status, 201, "{}", made.body);
        Self {
            gateway,
            jmap: Jmap::of(gateway, login),
            office: Office::of(gateway, login),
            who,
            login,
            got: Cell::new(0),
        }
    }

    fn dav(&self, method: &str, item: &str, body: &str) -> Answer {
        ask(self.gateway, &self.who, method, &format!("/dav/calendars/{}/agenda/{item}", self.login), &[], body)
    }

    /// A message comes, into a mailbox of its own; its blob, and what it is made of.
    #[track_caller]
    fn email(&self, message: &str) -> Value {
        let mailbox = format!("Invitation-{}", self.got.get());
        self.got.set(self.got.get() + 1);
        drop(filled(self.gateway, self.login, &mailbox, &[message]));
        let filter = json!({ "filter": { "inMailbox": self.jmap.mailbox(&mailbox) } });
        let ids = self.jmap.call("Email/query", filter)["ids"].clone();
        let wanted =
            json!({ "ids": ids, "properties": ["blobId", "bodyStructure"], "bodyProperties": ["blobId", "type"] });
        self.jmap.call("Email/get", wanted)["list"][0].clone()
    }

    #[track_caller]
    fn gets(&self, message: &str) -> String {
        self.email(message)["blobId"].as_str().unwrap().to_owned()
    }

    #[track_caller]
    fn asks(&self, what: &str, blob: &str) -> Value {
        let asked = json!({ "accountId": self.jmap.account, "blobId": blob });
        let answer = self.office.post(&format!("/api/calendars/invitations/{what}"), &asked);
        assert_eq!(answer.status, 200, "{what}: {}", answer.body);
        serde_json::from_str(&answer.body).unwrap()
    }

    /// Looks, which does nothing; then takes.
    #[track_caller]
    fn check(&self, message: &str, seen: [&str; 2], outcome: &str) -> (Value, Value) {
        let blob = self.gets(message);
        let looked = self.asks("look", &blob);
        assert_eq!([&looked["reason"], &looked["known"]], seen.map(|it| json!(it)).each_ref(), "{looked}");
        assert_eq!(self.asks("look", &blob), looked, "looking changes nothing");
        let taken = self.asks("take", &blob);
        assert_eq!(taken["outcome"], outcome, "{looked} {taken}");
        assert_eq!(looked["mayApply"] == true, outcome == "applied", "{looked}");
        (looked, taken)
    }

    /// An event of theirs by JMAP.
    #[track_caller]
    fn event(&self, taken: &Value) -> Value {
        let got = self.jmap.call("CalendarEvent/get", json!({ "ids": [taken["eventId"]] }));
        assert_eq!(got["list"][0]["id"], taken["eventId"], "{got}");
        got["list"][0].clone()
    }
}

/// A message of scheduling about one event.
fn message(from: &str, method: &str, (organizer, attendee): (&str, &str), more: &str) -> String {
    let stamp = if more.contains("DTSTAMP") { "" } else { "DTSTAMP:20261101T080000Z\r\n" };
    let start = if more.contains("DTSTART") { "" } else { "DTSTART:20261201T090000Z\r\n" };
    let calendar = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nMETHOD:{method}\r\nBEGIN:VEVENT\r\nUID:by-mail-1\r\n{stamp}{start}\
         DURATION:PT1H\r\nSUMMARY:Jury d'=E9t=E9\r\n{more}ORGANIZER:mailto:{organizer}\r\nATTENDEE{attendee}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    let calendar = calendar.replace("PARTSTAT=", "PARTSTAT=3D").replace("RSVP=", "RSVP=3D").replace("FREQ=", "FREQ=3D");
    format!(
        "From: Someone <{from}>\r\nSubject: invitation\r\nMessage-ID: <{method}-{}@x>\r\nMIME-Version: 1.0\r\n\
         Content-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee\r\n--b\r\n\
         Content-Type: text/calendar; charset=iso-8859-1; method={method}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n\
         {calendar}\r\n--b--\r\n",
        calendar.len(),
    )
}

#[test]
fn an_invitation_from_outside_is_taken_changed_and_called_off() {
    let gateway = Gateway::start("jmap-invited");
    let me = Person::new(&gateway, "u00257");
    let people = (GUEST, ";RSVP=TRUE:mailto:u00257@a.test");
    let first = message(GUEST, "REQUEST", people, "");
    let blob = me.gets(&first);
    let looked = me.asks("look", &blob);
    assert_eq!(
        (&looked["method"], &looked["uid"], &looked["from"], &looked["sequence"]),
        (&json!("REQUEST"), &json!("by-mail-1"), &json!(GUEST), &json!(0)),
        "{looked}"
    );
    assert_eq!(looked["event"]["title"], "Jury d'été");
    assert_eq!(looked["mine"], json!({ "address": "u00257@a.test", "participationStatus": "needs-action" }));
    let calendars = me.jmap.call("Calendar/get", json!({ "ids": null }));
    assert_eq!(looked["calendarId"], calendars["list"][0]["id"], "{looked}");
    assert_eq!((&looked["eventId"], &looked["changed"]), (&Value::Null, &json!([])));
    let (_, taken) = me.check(&first, ["fits", "none"], "applied");
    let event = me.event(&taken);
    assert_eq!((&event["title"], &event["start"]), (&json!("Jury d'été"), &json!("2026-12-01T09:00:00")), "{event}");
    assert_eq!(me.asks("take", &blob)["outcome"], "same", "twice is once");

    // Moved; what was sent before that comes again, and changes nothing.
    let moved = message(GUEST, "REQUEST", people, "SEQUENCE:1\r\nDTSTART:20261202T100000Z\r\nLOCATION:B12\r\n");
    let (looked, again) = me.check(&moved, ["fits", "older"], "applied");
    assert_eq!(
        (&looked["changed"], &again["eventId"]),
        (&json!(["locations", "start"]), &taken["eventId"]),
        "{looked}"
    );
    assert_eq!(me.event(&taken)["start"], "2026-12-02T10:00:00");
    me.check(&first, ["outdated", "newer"], "outdated");
    assert_eq!(me.event(&taken)["start"], "2026-12-02T10:00:00");

    // Somebody else says it, with or without the organiser's name in the object.
    let more = "SEQUENCE:9\r\nDTSTART:20261203T100000Z\r\n";
    let mallory = "mallory@evil.example";
    me.check(&message(mallory, "REQUEST", people, more), ["otherSender", "older"], "otherSender");
    me.check(&message(mallory, "REQUEST", (mallory, people.1), more), ["otherOrganizer", "older"], "otherOrganizer");
    me.check(&message(mallory, "CANCEL", people, more), ["otherSender", "older"], "otherSender");
    assert_eq!(me.event(&taken)["start"], "2026-12-02T10:00:00");
    me.check(&message(GUEST, "CANCEL", people, "SEQUENCE:2\r\n"), ["fits", "older"], "applied");
    assert_eq!(me.event(&taken)["status"], "cancelled");

    // A mail without an invitation, and what is not there.
    let plain = me.gets("From: a@b.example\r\nSubject: x\r\n\r\ntext\r\n");
    let asked = json!({ "accountId": me.jmap.account, "blobId": plain });
    let none = me.office.post("/api/calendars/invitations/look", &asked);
    assert_eq!((none.status, none.body.contains("\"kind\":\"invalid\"")), (400, true), "{}", none.body);
}

#[test]
fn an_answer_from_outside_is_in_the_organisers_calendar() {
    let gateway = Gateway::start("jmap-answered");
    let me = Person::new(&gateway, "u00258");
    let own = "u00258@a.test";
    let event = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:by-mail-1\r\nDTSTAMP:20261101T080000Z\r\n\
         DTSTART:20261201T090000Z\r\nDURATION:PT1H\r\nRRULE:FREQ=WEEKLY;COUNT=3\r\nSUMMARY:Jury\r\nORGANIZER:mailto:{own}\r\n\
         ATTENDEE;SCHEDULE-AGENT=CLIENT;RSVP=TRUE:mailto:{GUEST}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    assert_eq!(me.dav("PUT", "e.ics", &event).status, 201);
    let seen = || me.dav("GET", "e.ics", "").body.replace("\r\n ", "");
    let reply = |from: &str, who: &str, answer: &str, more: &str| {
        message(from, "REPLY", (own, &format!(";PARTSTAT={answer}:mailto:{who}")), more)
    };
    let yes = reply(GUEST, GUEST, "ACCEPTED", "");
    me.check(&reply("mallory@evil.example", GUEST, "DECLINED", ""), ["otherSender", "older"], "otherSender");
    assert!(!seen().contains("PARTSTAT"), "{}", seen());
    let (looked, _) = me.check(&yes, ["fits", "older"], "applied");
    assert_eq!(looked["answer"], json!({ "address": GUEST, "participationStatus": "accepted" }));
    assert!(seen().contains("PARTSTAT=ACCEPTED"), "{}", seen());
    me.check(&yes, ["same", "same"], "same");
    me.check(&reply(GUEST, GUEST, "DECLINED", "DTSTAMP:20261030T080000Z\r\n"), ["outdated", "newer"], "outdated");
    // Of one instance.
    let one = reply(GUEST, GUEST, "DECLINED", "DTSTAMP:20261102T080000Z\r\nRECURRENCE-ID:20261208T090000Z\r\n");
    let (looked, _) = me.check(&one, ["fits", "older"], "applied");
    assert_eq!(looked["recurrenceId"], "2026-12-08T09:00:00", "{looked}");
    let text = seen();
    assert!(text.contains("RECURRENCE-ID:20261208T090000Z") && text.contains("PARTSTAT=DECLINED"), "{text}");
    assert!(text.contains("PARTSTAT=ACCEPTED"), "{text}");
    // Who was not invited is told of, and not put in.
    let crasher = "crasher@elsewhere.example";
    me.check(&reply(crasher, crasher, "ACCEPTED", ""), ["notInvited", "same"], "notInvited");
    assert_eq!(seen(), text);
}

/// What is named by its part alone is from nobody: a first invitation may be taken, and nothing that is there is changed by it.
#[test]
fn a_part_alone_and_a_file_are_read() {
    let gateway = Gateway::start("jmap-invited-part");
    let me = Person::new(&gateway, "u00259");
    let people = (GUEST, ";RSVP=TRUE:mailto:u00259@a.test");
    let part = |message: &str| {
        let got = me.email(message)["bodyStructure"].clone();
        let parts = got["subParts"].as_array().unwrap().clone();
        let found = parts.iter().find(|part| part["type"] == "text/calendar").unwrap_or_else(|| panic!("{got}"));
        found["blobId"].as_str().unwrap().to_owned()
    };
    let first = part(&message(GUEST, "REQUEST", people, ""));
    let looked = me.asks("look", &first);
    assert_eq!(
        (&looked["reason"], &looked["mayApply"], &looked["from"]),
        (&json!("unknownSender"), &json!(true), &Value::Null)
    );
    assert_eq!(me.asks("take", &first)["outcome"], "applied");
    let moved = part(&message(GUEST, "REQUEST", people, "SEQUENCE:1\r\nDTSTART:20261202T100000Z\r\n"));
    assert_eq!(me.asks("take", &moved)["outcome"], "unknownSender");

    let parsed = me.jmap.call("CalendarEvent/parse", json!({ "blobIds": [first, moved, "Gnothing"] }));
    assert_eq!(parsed["notFound"], json!(["Gnothing"]), "{parsed}");
    let event = &parsed["parsed"][&moved][0];
    assert_eq!((&event["uid"], &event["start"]), (&json!("by-mail-1"), &json!("2026-12-02T10:00:00")), "{parsed}");
    let wanted = json!({ "blobIds": [first], "properties": ["uid", "utcEnd", "id"] });
    let parsed = me.jmap.call("CalendarEvent/parse", wanted);
    assert_eq!(parsed["parsed"][&first], json!([{ "uid": "by-mail-1", "utcEnd": "2026-12-01T10:00:00Z", "id": null }]));
    let mail = me.gets("From: a@b.example\r\nSubject: x\r\n\r\ntext\r\n");
    let parsed = me.jmap.call("CalendarEvent/parse", json!({ "blobIds": [mail] }));
    assert_eq!((&parsed["notParsable"], &parsed["parsed"]), (&json!([mail]), &Value::Null));
}
