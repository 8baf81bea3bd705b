//! What messages do to copies (RFC 5546 §3.2, RFC 6638 §4), end to end with what sends them.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod shared;

use passerelle_wire_itip::{Answer, Owner, Received, Refused, answered, schedule_tag, with_statuses};
use shared::{ANNA, BENOIT, CHLOE, change, lines_with, object, on, put, receive};

const ORGANIZER: &str = "anna@garonne.example";
const ATTENDEE: &str = "benoit@autan.example";
const TENTH: &str = "DTSTART:20261210T100000Z";

fn meeting(start: &'static str, more: &[&'static str]) -> String {
    object(&[&on(start, &[&[ANNA, BENOIT], more].concat())])
}

/// The message that follows from an organiser's write.
fn said(old: Option<&str>, new: Option<&str>) -> String {
    change(old, new, ORGANIZER).unwrap().messages.remove(0).content
}

/// The attendee's copy with an answer, and the message that says so.
fn reply(copy: &str, answer: Answer) -> (String, String) {
    let addresses = shared::addresses(ATTENDEE);
    let new = answered(copy.as_bytes(), &Owner { addresses: &addresses }, answer, None);
    let new = String::from_utf8(new).unwrap();
    let message = change(Some(copy), Some(&new), ATTENDEE).unwrap().messages.remove(0).content;
    (new, message)
}

#[test]
fn an_invitation_is_put_answered_and_heard() {
    let meeting = meeting(TENTH, &[]);
    let message = said(None, Some(&meeting));
    let copy = put(None, &message, ATTENDEE);
    assert!(lines_with(&copy, "METHOD").is_empty());
    assert_eq!(receive(Some(&copy), &message, ATTENDEE), Ok(Received::Unchanged), "the same twice");
    let (_, reply) = reply(&copy, Answer::Accepted);
    let heard = put(Some(&meeting), &reply, ORGANIZER);
    let line = lines_with(&heard, "ATTENDEE").remove(0);
    assert!(line.contains("PARTSTAT=ACCEPTED") && line.contains("SCHEDULE-STATUS=2.0"), "{line}");
    assert_eq!(receive(Some(&heard), &reply, ORGANIZER), Ok(Received::Unchanged), "the same twice");
}

/// What is the attendee's own stays when the organiser says more; who is asked anew has not answered.
#[test]
fn news_keep_what_is_ones_own() {
    let first = meeting(TENTH, &[]);
    let copy = put(None, &said(None, Some(&first)), ATTENDEE);
    let (copy, _) = reply(&copy, Answer::Accepted);
    let alarm = "BEGIN:VALARM\r\nACTION:DISPLAY\r\nTRIGGER:-PT5M\r\nDESCRIPTION:x\r\nEND:VALARM\r\nEND:VEVENT";
    let copy = copy.replace("END:VEVENT", &format!("TRANSP:TRANSPARENT\r\nX-MOZ-LASTACK:1\r\n{alarm}"));
    let later = |text: String| text.replace("20261201T080000Z", "20261201T090000Z");
    let renamed = later(said(Some(&first), Some(&meeting(TENTH, &["LOCATION:B12"]))));
    let told = put(Some(&copy), &renamed, ATTENDEE);
    for kept in ["PARTSTAT=ACCEPTED", "TRANSP:TRANSPARENT", "X-MOZ-LASTACK:1", "TRIGGER:-PT5M", "LOCATION:B12"] {
        assert_eq!(lines_with(&told, kept).len(), 1, "{kept}: {told}");
    }
    let moved = later(said(Some(&first), Some(&meeting("DTSTART:20261212T100000Z", &[]))));
    let asked = put(Some(&copy), &moved, ATTENDEE);
    assert_eq!(lines_with(&asked, "PARTSTAT=NEEDS-ACTION").len(), 1);
    assert_eq!(lines_with(&asked, "TRIGGER:-PT5M").len(), 1);
    assert_eq!(receive(Some(&asked), &renamed, ATTENDEE), Ok(Received::Unchanged), "an older message comes late");
}

/// RFC 5546 §3.2.5: what is off stays in the copy and says so; what is not there is not put there.
#[test]
fn what_is_off_says_so() {
    let meeting = meeting(TENTH, &[]);
    let copy = put(None, &said(None, Some(&meeting)), ATTENDEE);
    let off = said(Some(&meeting), None);
    let cancelled = put(Some(&copy), &off, ATTENDEE);
    assert_eq!(lines_with(&cancelled, "STATUS:"), ["STATUS:CANCELLED"]);
    assert_eq!(receive(Some(&cancelled), &off, ATTENDEE), Ok(Received::Unchanged));
    assert_eq!(receive(None, &off, ATTENDEE), Ok(Received::Unchanged));
}

/// An answer to one instance gets a component of its own in the organiser's series, in the series' own zone; to one that is not of the
/// series it is refused.
#[test]
fn an_instance_is_answered() {
    let zoned = "DTSTART;TZID=Europe/Paris:20261023T100000";
    let series = meeting(zoned, &["RRULE:FREQ=WEEKLY;COUNT=12"]);
    let copy = put(None, &said(None, Some(&series)), ATTENDEE);
    // The clocks went back on 25 October.
    let left_out = copy.replace("END:VEVENT", "EXDATE;TZID=Europe/Paris:20261204T100000\r\nEND:VEVENT");
    let reply = change(Some(&copy), Some(&left_out), ATTENDEE).unwrap().messages.remove(0).content;
    let heard = put(Some(&series), &reply, ORGANIZER);
    assert_eq!(lines_with(&heard, "RECURRENCE-ID"), ["RECURRENCE-ID;TZID=Europe/Paris:20261204T100000"]);
    assert_eq!(lines_with(&heard, "20261204T100000").len(), 2, "{heard}");
    assert_eq!(lines_with(&heard, "PARTSTAT=DECLINED").len(), 1);
    let never = reply.replace("20261204T100000", "20261205T100000");
    assert_eq!(receive(Some(&series), &never, ORGANIZER), Err(Refused::NotThere));
    // Who left it out is not given it back.
    let again = said(Some(&heard), Some(&heard.replace("SUMMARY:Jury", "SUMMARY:The jury")));
    let told = put(Some(&left_out), &again.replace("20261201T080000Z", "20261201T090000Z"), ATTENDEE);
    assert!(lines_with(&told, "RECURRENCE-ID").is_empty(), "{told}");
    assert_eq!(lines_with(&told, "EXDATE").len(), 1);
}

/// RFC 5546 §2.1.5: of two answers the later one counts, in whichever order they come; an answer to what it is no more does not.
#[test]
fn the_later_answer_counts() {
    let meeting = meeting(TENTH, &["SEQUENCE:1"]);
    let copy = put(None, &said(None, Some(&meeting)), ATTENDEE);
    let (_, yes) = reply(&copy, Answer::Accepted);
    let (_, no) = reply(&copy, Answer::Declined);
    let later = no.replace("20261201T080000Z", "20261201T090000Z");
    let heard = put(Some(&meeting), &later, ORGANIZER);
    assert_eq!(receive(Some(&heard), &yes, ORGANIZER), Ok(Received::Unchanged));
    let old = yes.replace("SEQUENCE:1", "SEQUENCE:0");
    assert_eq!(receive(Some(&meeting), &old, ORGANIZER), Ok(Received::Unchanged));
}

/// Nobody speaks for others: not whoever was not invited, not another organiser, nothing that is no message.
#[test]
fn strangers_are_refused() {
    let meeting = meeting(TENTH, &[]);
    let message = said(None, Some(&meeting));
    let copy = put(None, &message, ATTENDEE);
    let (_, reply) = reply(&copy, Answer::Accepted);
    let crasher = reply.replace("benoit@autan", "eve@elsewhere");
    let usurper = message.replace("anna@garonne", "eve@elsewhere").replace("DTSTAMP:2026", "DTSTAMP:2027");
    let cases = [
        (None, message.as_str(), "chloe@garonne.example", Refused::NotInvited),
        (Some(&meeting), &crasher, ORGANIZER, Refused::NotInvited),
        (Some(&copy), &usurper, ATTENDEE, Refused::NotOrganizer),
        (Some(&copy), &reply, ATTENDEE, Refused::NotOrganizer),
        (None, &reply, ORGANIZER, Refused::NotThere),
        (None, &meeting, ATTENDEE, Refused::NotUnderstood),
        (None, "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nEND:VCALENDAR\r\n", ATTENDEE, Refused::NotUnderstood),
    ];
    for (copy, message, owner, refused) in cases {
        assert_eq!(receive(copy.map(String::as_str), message, owner), Err(refused), "{message}");
    }
}

/// RFC 6638 §3.2.10: what others have answered, and what became of messages, leaves the tag; all else changes it.
#[test]
fn the_tag_is_of_what_counts() {
    let tag = |text: &str, mail: &str| {
        let addresses = shared::addresses(mail);
        schedule_tag(text.as_bytes(), &Owner { addresses: &addresses })
    };
    let mine = object(&[&on(TENTH, &[ANNA, BENOIT, CHLOE])]);
    let heard = mine.replace(BENOIT, "ATTENDEE;PARTSTAT=ACCEPTED;SCHEDULE-STATUS=2.0:mailto:benoit@autan.example");
    assert_eq!(tag(&mine, ORGANIZER), tag(&heard, ORGANIZER));
    assert_ne!(tag(&mine, ATTENDEE), tag(&heard, ATTENDEE), "one's own answer counts");
    assert_eq!(tag(&mine, "chloe@garonne.example"), tag(&heard, "chloe@garonne.example"));
    assert_ne!(tag(&mine, ORGANIZER), tag(&mine.replace("Jury", "jury"), ORGANIZER));
    assert_eq!(tag(&mine, "eve@elsewhere.example"), None);
}

#[test]
fn statuses_are_written_beside_people() {
    let mine = object(&[&on(TENTH, &[ANNA, BENOIT, CHLOE])]);
    let statuses = [(shared::addresses(ATTENDEE).remove(0), "1.2")];
    let told = String::from_utf8(with_statuses(mine.as_bytes(), &statuses)).unwrap();
    let line = "ATTENDEE;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;SCHEDULE-STATUS=1.2:mailto:benoit@autan.example";
    assert_eq!(lines_with(&told, "SCHEDULE-STATUS"), [line]);
}

/// A guest who is invited to one instance only has that one, and the series does not come with it.
#[test]
fn one_instance_is_put() {
    let whole = on(TENTH, &["RRULE:FREQ=DAILY;COUNT=5", ANNA, CHLOE]);
    let second = on("DTSTART:20261211T140000Z", &["RECURRENCE-ID:20261211T100000Z", ANNA, BENOIT]);
    let third = on("DTSTART:20261212T140000Z", &["RECURRENCE-ID:20261212T100000Z", ANNA, BENOIT]);
    let one = object(&[&whole, &second]);
    let both = object(&[&whole, &second, &third]);
    let invited = |old: Option<&str>, new: &str| {
        let messages = change(old, Some(new), ORGANIZER).unwrap().messages;
        messages.into_iter().find(|it| it.to[0].address.mail() == Some(ATTENDEE)).unwrap().content
    };
    let copy = put(None, &invited(None, &one), ATTENDEE);
    assert_eq!(lines_with(&copy, "BEGIN:VEVENT").len(), 1);
    let copy = put(Some(&copy), &invited(Some(&one), &both), ATTENDEE);
    assert_eq!(lines_with(&copy, "RECURRENCE-ID").len(), 2);
    assert!(lines_with(&copy, "RRULE").is_empty());
    // The organiser stores what the attendees are asked: nothing to be said twice.
    let again = change(Some(&both), Some(&both), ORGANIZER).unwrap();
    assert_eq!((again.content.is_none(), again.messages.len()), (true, 0));
}

/// Of a message of which one part is older the copy's own part stays, once, with what was left out of it.
#[test]
fn what_is_older_in_a_message_stays_as_it_is() {
    let dated = |stamp: &str, summary: &str, more: &[&str]| {
        let (stamp, summary) = (format!("DTSTAMP:{stamp}"), format!("SUMMARY:{summary}"));
        let mut lines: Vec<String> = vec![stamp, TENTH.to_owned(), summary, ANNA.to_owned(), BENOIT.to_owned()];
        lines.extend(more.iter().map(|line| (*line).to_owned()));
        lines
    };
    let text = |parts: &[Vec<String>]| {
        let lines: Vec<Vec<&str>> = parts.iter().map(|part| part.iter().map(String::as_str).collect()).collect();
        object(&lines.iter().map(Vec::as_slice).collect::<Vec<_>>())
    };
    let second = ["RECURRENCE-ID:20261211T100000Z"];
    let series = ["RRULE:FREQ=DAILY;COUNT=5"];
    let copy = [&series[..], &["EXDATE:20261212T100000Z"]].concat();
    let copy = text(&[dated("20261202T070000Z", "known", &copy), dated("20261202T070000Z", "known", &second)]);
    let message = text(&[dated("20261201T070000Z", "older", &series), dated("20261203T070000Z", "newer", &second)]);
    let message = message.replace(
        "BEGIN:VEVENT\r\nUID:jury\r\nDTSTAMP:20261201",
        "METHOD:REQUEST\r\nBEGIN:VEVENT\r\nUID:jury\r\nDTSTAMP:20261201",
    );
    let told = put(Some(&copy), &message, ATTENDEE);
    assert_eq!(lines_with(&told, "SUMMARY"), ["SUMMARY:known", "SUMMARY:newer"]);
    assert_eq!(lines_with(&told, "EXDATE"), ["EXDATE:20261212T100000Z"]);
}
