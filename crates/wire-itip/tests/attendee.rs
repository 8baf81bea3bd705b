//! What follows from the writes of people who are invited (RFC 6638 §3.2.2).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod shared;

use passerelle_wire_itip::{Address, Asked, Method, Owner, Refused};
use shared::{ANNA, change, lines_with, object, on, text_of};

const ATTENDEE: &str = "benoit@autan.example";
const TENTH: &str = "DTSTART:20261210T100000Z";

fn line(status: &str) -> String {
    format!("ATTENDEE;PARTSTAT={status}:mailto:benoit@autan.example")
}

fn copy(start: &'static str, status: &str, more: &[&str]) -> String {
    let line = line(status);
    let mut lines = on(start, &[ANNA, &line]);
    lines.extend(more);
    object(&[&lines])
}

/// RFC 6638 §3.2.2.2: the organiser hears the answer, with what it answers, and once.
#[test]
fn an_answer_is_told() {
    let old = copy(TENTH, "NEEDS-ACTION", &["SEQUENCE:2"]);
    let new = copy(TENTH, "ACCEPTED", &["SEQUENCE:2"]);
    let done = change(Some(&old), Some(&new), ATTENDEE).unwrap();
    let [message] = &done.messages[..] else { panic!("{:?}", done.messages) };
    assert_eq!(message.method, Method::Reply);
    assert_eq!(message.to[0].address, Address::new("MAILTO:anna@garonne.example"));
    assert_eq!(lines_with(&message.content, "ATTENDEE"), ["ATTENDEE;PARTSTAT=ACCEPTED:mailto:benoit@autan.example"]);
    assert_eq!(lines_with(&message.content, "SEQUENCE"), ["SEQUENCE:2"]);
    assert_eq!(change(Some(&new), Some(&new), ATTENDEE).unwrap().messages, []);
}

/// An invitation that came by mail and is put into a calendar with an answer is answered; without one nothing is said.
#[test]
fn an_answer_in_a_new_copy_is_told() {
    assert_eq!(change(None, Some(&copy(TENTH, "TENTATIVE", &[])), ATTENDEE).unwrap().messages.len(), 1);
    assert_eq!(change(None, Some(&copy(TENTH, "NEEDS-ACTION", &[])), ATTENDEE).unwrap().messages, []);
}

/// RFC 6638 §3.2.2.1: alarms and what takes one's time are one's own; when it is and whose are not.
#[test]
fn what_is_the_organisers_is_refused() {
    let old = copy(TENTH, "ACCEPTED", &[]);
    let own = ["TRANSP:TRANSPARENT", "X-MOZ-LASTACK:20261201T080000Z", "CATEGORIES:work"];
    for more in own {
        assert_eq!(
            change(Some(&old), Some(&copy(TENTH, "ACCEPTED", &[more])), ATTENDEE).unwrap().messages,
            [],
            "{more}"
        );
    }
    let other = object(&[&on(TENTH, &["ORGANIZER:mailto:eve@elsewhere.example", &line("ACCEPTED")])]);
    let mine = object(&[&on(
        TENTH,
        &["ORGANIZER:mailto:benoit@autan.example", &line("ACCEPTED"), "ATTENDEE:mailto:x@y.example"],
    )]);
    let out = object(&[&on(TENTH, &[])]);
    let refused = [
        copy("DTSTART:20261210T110000Z", "ACCEPTED", &[]),
        copy(TENTH, "ACCEPTED", &["RRULE:FREQ=DAILY"]),
        other,
        mine,
        out,
    ];
    for new in refused {
        assert_eq!(change(Some(&old), Some(&new), ATTENDEE), Err(Refused::AttendeeChange), "{new}");
    }
}

/// When the organiser has said what is there stays: a client that writes its own time does not make older messages of newer ones.
#[test]
fn the_organisers_time_stays() {
    let old = copy(TENTH, "NEEDS-ACTION", &["SEQUENCE:1"]);
    let new = old.replace("20261201T070000Z", "20300101T000000Z").replace("SEQUENCE:1", "SEQUENCE:9");
    let stored = text_of(&change(Some(&old), Some(&new), ATTENDEE).unwrap());
    assert_eq!(lines_with(&stored, "DTSTAMP"), ["DTSTAMP:20261201T070000Z"]);
    assert_eq!(lines_with(&stored, "SEQUENCE"), ["SEQUENCE:1"]);
}

/// RFC 6638 §3.2.2.3, §8.1: what is removed is declined, unless the client asks for silence, it was declined, or it is off.
#[test]
fn what_is_removed_is_declined() {
    let done = change(Some(&copy(TENTH, "ACCEPTED", &[])), None, ATTENDEE).unwrap();
    assert!(lines_with(&done.messages[0].content, "ATTENDEE")[0].contains("PARTSTAT=DECLINED"));
    for quiet in [copy(TENTH, "DECLINED", &[]), copy(TENTH, "ACCEPTED", &["STATUS:CANCELLED"])] {
        assert_eq!(change(Some(&quiet), None, ATTENDEE).unwrap().messages, [], "{quiet}");
    }
    let addresses = shared::addresses(ATTENDEE);
    let owner = Owner { addresses: &addresses };
    let copy = copy(TENTH, "ACCEPTED", &[]);
    let silent =
        passerelle_wire_itip::change(Some(copy.as_bytes()), None, &owner, Asked { reply: false }, shared::now());
    assert_eq!(silent.unwrap().messages, []);
}

/// RFC 6638 §3.2.2.2: one instance is answered by itself, told apart or left out.
#[test]
fn one_instance_is_answered() {
    let series = copy(TENTH, "ACCEPTED", &["RRULE:FREQ=DAILY;COUNT=5"]);
    let declined = line("DECLINED");
    let apart = on("DTSTART:20261211T100000Z", &["RECURRENCE-ID:20261211T100000Z", ANNA, &declined]);
    let accepted = line("ACCEPTED");
    let told_apart = object(&[&on(TENTH, &[ANNA, &accepted, "RRULE:FREQ=DAILY;COUNT=5"]), &apart]);
    let left_out = copy(TENTH, "ACCEPTED", &["RRULE:FREQ=DAILY;COUNT=5", "EXDATE:20261211T100000Z"]);
    for new in [told_apart, left_out] {
        let done = change(Some(&series), Some(&new), ATTENDEE).unwrap();
        let [message] = &done.messages[..] else { panic!("{new}: {:?}", done.messages) };
        assert_eq!(lines_with(&message.content, "RECURRENCE-ID"), ["RECURRENCE-ID:20261211T100000Z"]);
        assert_eq!(lines_with(&message.content, "PARTSTAT"), [line("DECLINED")]);
        assert_eq!(lines_with(&message.content, "BEGIN:VEVENT").len(), 1);
    }
}

/// RFC 6638 §7.1: an organiser whom servers do not speak to hears nothing.
#[test]
fn an_organiser_of_a_client_hears_nothing() {
    let of_client = |status| copy(TENTH, status, &[]).replace("ORGANIZER:", "ORGANIZER;SCHEDULE-AGENT=CLIENT:");
    let done = change(Some(&of_client("NEEDS-ACTION")), Some(&of_client("ACCEPTED")), ATTENDEE).unwrap();
    assert_eq!(done.messages, []);
}
