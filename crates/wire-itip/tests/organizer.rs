//! What follows from an organiser's writes (RFC 6638 §3.2.1, §3.2.8).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod shared;

use passerelle_wire_itip::{Method, Refused};
use shared::{ANNA, BENOIT, CHLOE, change, lines_with, object, on, text_of, told};

const ORGANIZER: &str = "anna@garonne.example";
const TENTH: &str = "DTSTART:20261210T100000Z";

fn meeting(start: &'static str, more: &[&'static str]) -> String {
    object(&[&on(start, &[&[ANNA], more].concat())])
}

fn to(method: &str, mails: &[&str]) -> Vec<(String, String)> {
    mails.iter().map(|mail| (method.to_owned(), format!("mailto:{mail}"))).collect()
}

/// RFC 6638 §3.2.1.1: everybody is invited, by one message where they see the same; what is stored is what was written.
#[test]
fn a_new_meeting_invites() {
    let done = change(None, Some(&meeting(TENTH, &[BENOIT, CHLOE])), ORGANIZER).unwrap();
    assert_eq!(told(&done.messages), to("REQUEST", &["benoit@autan.example", "chloe@garonne.example"]));
    assert_eq!(done.messages.len(), 1);
    assert_eq!(done.content, None);
    let content = &done.messages[0].content;
    assert_eq!(lines_with(content, "METHOD"), ["METHOD:REQUEST"]);
    assert_eq!(lines_with(content, "DTSTAMP"), ["DTSTAMP:20261201T080000Z"]);
    assert_eq!(done.messages[0].uid, "jury");
}

/// RFC 6638 §7.1, §7.3: who is spoken to by nobody, or by the client, gets no message; and what is said to servers is not passed on.
#[test]
fn servers_speak_to_whom_they_are_to() {
    let client = "ATTENDEE;SCHEDULE-AGENT=CLIENT:mailto:dora@elsewhere.example";
    let nobody = "ATTENDEE;SCHEDULE-AGENT=NONE:mailto:emil@elsewhere.example";
    let status = "ATTENDEE;SCHEDULE-STATUS=\"1.2\";CN=Benoit:mailto:Benoit@Autan.example";
    let done = change(None, Some(&meeting(TENTH, &[client, nobody, status])), ORGANIZER).unwrap();
    assert_eq!(told(&done.messages), to("REQUEST", &["benoit@autan.example"]));
    assert_eq!(done.messages[0].to[0].name.as_deref(), Some("Benoit"));
    assert!(lines_with(&done.messages[0].content, "SCHEDULE-").is_empty());
}

/// What concerns nobody else is told to nobody: alarms, answers, how often it was written.
#[test]
fn what_is_ones_own_is_not_told() {
    let old = meeting(TENTH, &[BENOIT]);
    let same = [
        meeting(TENTH, &[BENOIT, "LAST-MODIFIED:20261201T075900Z"]),
        meeting(TENTH, &[BENOIT, "X-MOZ-LASTACK:20261201T075900Z"]),
        meeting(TENTH, &[BENOIT, "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nDESCRIPTION:x\r\nEND:VALARM"]),
    ];
    for new in same {
        assert_eq!(change(Some(&old), Some(&new), ORGANIZER).unwrap().messages, [], "{new}");
    }
}

/// RFC 6638 §3.2.8: at another time everybody is asked anew, and it is newer than what they know (RFC 5546 §2.1.4).
#[test]
fn who_moves_it_asks_anew() {
    let accepted = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:benoit@autan.example";
    let old = meeting(TENTH, &[accepted, "SEQUENCE:3"]);
    let new = meeting("DTSTART:20261211T100000Z", &[accepted, "SEQUENCE:3"]);
    let done = change(Some(&old), Some(&new), ORGANIZER).unwrap();
    assert_eq!(told(&done.messages), to("REQUEST", &["benoit@autan.example"]));
    let stored = text_of(&done);
    assert_eq!(lines_with(&stored, "ATTENDEE"), ["ATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:benoit@autan.example"]);
    // RFC 6638 §3.2.5
    assert_eq!(lines_with(&stored, "SEQUENCE"), ["SEQUENCE:4"]);
    assert_eq!(lines_with(&done.messages[0].content, "SEQUENCE"), ["SEQUENCE:4"]);
}

/// Another title is told, and nobody is asked anew; the same moment in another zone is not another time.
#[test]
fn who_renames_it_keeps_answers() {
    let accepted = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:benoit@autan.example";
    let old = meeting(TENTH, &[accepted]);
    for (start, more) in [(TENTH, "COMMENT:bring it"), ("DTSTART;TZID=Europe/Paris:20261210T110000", "COMMENT:x")] {
        let done = change(Some(&old), Some(&meeting(start, &[accepted, more])), ORGANIZER).unwrap();
        assert_eq!(told(&done.messages), to("REQUEST", &["benoit@autan.example"]));
        assert_eq!(done.content, None, "{start}");
    }
}

/// RFC 6638 §3.2.8: what somebody has answered is theirs: a client that did not hear of it does not undo it.
#[test]
fn answers_are_not_undone() {
    let accepted = "ATTENDEE;PARTSTAT=ACCEPTED;X-PASSERELLE-REPLIED=20261130T000000Z:mailto:benoit@autan.example";
    let old = meeting(TENTH, &[accepted]);
    let done = change(Some(&old), Some(&meeting(TENTH, &[BENOIT])), ORGANIZER).unwrap();
    assert_eq!(done.messages, []);
    let line = lines_with(&text_of(&done), "ATTENDEE").remove(0);
    assert!(line.contains("PARTSTAT=ACCEPTED") && line.contains("X-PASSERELLE-REPLIED=20261130T000000Z"), "{line}");
}

/// RFC 6638 §3.2.1.2, §3.2.1.3: who is no more invited is told so, and everybody when it is removed.
#[test]
fn who_is_out_is_told() {
    let old = meeting(TENTH, &[BENOIT, CHLOE, "SEQUENCE:2"]);
    let done = change(Some(&old), Some(&meeting(TENTH, &[BENOIT])), ORGANIZER).unwrap();
    let mut expected = to("CANCEL", &["chloe@garonne.example"]);
    expected.extend(to("REQUEST", &["benoit@autan.example"]));
    assert_eq!(told(&done.messages), expected);
    for gone in [None, Some(object(&[&on(TENTH, &[])]))] {
        let done = change(Some(&old), gone.as_deref(), ORGANIZER).unwrap();
        assert_eq!(told(&done.messages), to("CANCEL", &["benoit@autan.example", "chloe@garonne.example"]));
        let content = &done.messages[0].content;
        assert_eq!(lines_with(content, "STATUS"), ["STATUS:CANCELLED"]);
        assert_eq!(lines_with(content, "SEQUENCE"), ["SEQUENCE:3"]);
    }
}

/// A meeting whose organiser writes STATUS:CANCELLED is called off by the message that says so.
#[test]
fn what_is_cancelled_is_called_off() {
    let old = meeting(TENTH, &[BENOIT]);
    let done = change(Some(&old), Some(&meeting(TENTH, &[BENOIT, "STATUS:CANCELLED"])), ORGANIZER).unwrap();
    assert_eq!(done.messages[0].method, Method::Cancel);
}

/// RFC 6638 §3.2.6: who is invited to one instance sees that one; who is not invited to it sees the others.
#[test]
fn everybody_sees_what_they_are_invited_to() {
    let whole = on(TENTH, &["RRULE:FREQ=DAILY;COUNT=5", ANNA, BENOIT]);
    let second = on("DTSTART:20261211T140000Z", &["RECURRENCE-ID:20261211T100000Z", ANNA, CHLOE]);
    let done = change(None, Some(&object(&[&whole, &second])), ORGANIZER).unwrap();
    assert_eq!(done.messages.len(), 2);
    for message in &done.messages {
        let content = &message.content;
        match message.to[0].address.as_str() {
            "mailto:benoit@autan.example" => {
                assert_eq!(lines_with(content, "EXDATE"), ["EXDATE:20261211T100000Z"]);
                assert!(lines_with(content, "RECURRENCE-ID").is_empty());
            }
            "mailto:chloe@garonne.example" => {
                assert_eq!(lines_with(content, "RECURRENCE-ID"), ["RECURRENCE-ID:20261211T100000Z"]);
                assert!(lines_with(content, "RRULE").is_empty());
            }
            other => panic!("{other}"),
        }
    }
}

/// RFC 6638 §3.2.8: a series that ends earlier asks nobody anew; one that goes on longer, or on other days, does.
#[test]
fn a_series_asks_anew_for_what_is_new() {
    let accepted = "ATTENDEE;PARTSTAT=ACCEPTED:mailto:benoit@autan.example";
    let weekly = |rule: &'static str| meeting(TENTH, &[rule, accepted]);
    let old = weekly("RRULE:FREQ=WEEKLY;COUNT=10");
    let cases = [
        ("RRULE:FREQ=WEEKLY;COUNT=4", false),
        ("RRULE:COUNT=10;FREQ=WEEKLY", false),
        ("RRULE:FREQ=WEEKLY;COUNT=11", true),
        ("RRULE:FREQ=WEEKLY", true),
        ("RRULE:FREQ=DAILY;COUNT=10", true),
    ];
    for (rule, anew) in cases {
        let done = change(Some(&old), Some(&weekly(rule)), ORGANIZER).unwrap();
        assert_eq!(done.content.is_some(), anew, "{rule}");
    }
}

/// RFC 6638 §7.2: a message may be wanted without a reason; the wish is not stored.
#[test]
fn a_message_can_be_forced() {
    let old = meeting(TENTH, &[BENOIT, CHLOE]);
    // RFC 6638 §3.2.7
    let forced = "ATTENDEE;SCHEDULE-FORCE-SEND=REQUEST:mailto:benoit@autan.example";
    let done = change(Some(&old), Some(&meeting(TENTH, &[forced, CHLOE])), ORGANIZER).unwrap();
    assert_eq!(told(&done.messages)[0], to("REQUEST", &["benoit@autan.example"])[0]);
    assert!(lines_with(&text_of(&done), "FORCE-SEND").is_empty());
}

/// What is over is over: nobody is told of it.
#[test]
fn what_is_over_is_told_to_nobody() {
    let past = |more: &[&'static str]| meeting("DTSTART:20260110T100000Z", more);
    assert_eq!(change(Some(&past(&[BENOIT])), None, ORGANIZER).unwrap().messages, []);
    assert_eq!(change(Some(&past(&[BENOIT])), Some(&past(&[BENOIT, "COMMENT:x"])), ORGANIZER).unwrap().messages, []);
    let moved = change(Some(&past(&[BENOIT])), Some(&meeting(TENTH, &[BENOIT])), ORGANIZER).unwrap();
    assert_eq!(moved.messages.len(), 1);
}

/// RFC 6638 §3.2.4.1, §3.2.4.2, RFC 4791 §5.2.9.
#[test]
fn what_may_not_be_is_refused() {
    let another = "ORGANIZER:mailto:chloe@garonne.example";
    let two = object(&[
        &on(TENTH, &["RRULE:FREQ=DAILY", ANNA, BENOIT]),
        &on("DTSTART:20261211T100000Z", &["RECURRENCE-ID:20261211T100000Z", another, BENOIT]),
    ]);
    assert_eq!(change(None, Some(&two), ORGANIZER), Err(Refused::SeveralOrganizers));
    let given = object(&[&on(TENTH, &[another, "ATTENDEE:mailto:anna@garonne.example"])]);
    // RFC 6638 §3.2.4.3
    assert_eq!(change(Some(&meeting(TENTH, &[BENOIT])), Some(&given), ORGANIZER), Err(Refused::OrganizerChange));
    let crowd: Vec<String> = (0..1_001).map(|at| format!("ATTENDEE:mailto:u{at}@garonne.example")).collect();
    let lines: Vec<&str> = on(TENTH, &[ANNA]).into_iter().chain(crowd.iter().map(String::as_str)).collect();
    assert_eq!(change(None, Some(&object(&[&lines])), ORGANIZER), Err(Refused::TooManyInvited));
}

/// What is not for scheduling passes: no organiser, nobody else, somebody else's copy.
#[test]
fn the_rest_passes() {
    let alone = object(&[&on(TENTH, &[ANNA, "ATTENDEE:mailto:anna@garonne.example"])]);
    let without = object(&[&on(TENTH, &[BENOIT])]);
    let strange = object(&[&on(TENTH, &["ORGANIZER:mailto:dora@elsewhere.example", BENOIT])]);
    for one in [alone, without, strange] {
        let done = change(None, Some(&one), ORGANIZER).unwrap();
        assert_eq!((done.content, done.messages), (None, Vec::new()));
    }
}
