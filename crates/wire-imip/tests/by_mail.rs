//! Messages of scheduling that come by mail: what is found in them, and what they may change.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use passerelle_wire_imip::{Mail, Reason};
use passerelle_wire_itip::{Address, Known};
use proptest::prelude::*;

const ME: &str = "benoit@garonne.example";
const ORGANIZER: &str = "Anna@elsewhere.example";

/// An event with its method, if it is a message.
fn calendar(method: &str, organizer: &str, attendee: &str, more: &str) -> String {
    let method = if method.is_empty() { String::new() } else { format!("METHOD:{method}\r\n") };
    let more = if more.contains("DTSTAMP") { more.to_owned() } else { format!("DTSTAMP:20261101T080000Z\r\n{more}") };
    let start = if more.contains("DTSTART") { "" } else { "DTSTART:20261201T090000Z\r\nDURATION:PT1H\r\n" };
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{method}BEGIN:VEVENT\r\nUID:u1\r\nSUMMARY:Soutenance d’été\r\n\
         ORGANIZER:mailto:{organizer}\r\nATTENDEE{attendee}\r\n{start}{more}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// A message that carries it.
fn mail(from: &str, content: &str) -> String {
    format!(
        "{from}\r\nTo: {ME}\r\nSubject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n--b\r\n\
         Content-Type: text/plain\r\n\r\nx\r\n--b\r\nContent-Type: text/calendar; charset=utf-8; method=X\r\n\r\n{content}\r\n--b--\r\n"
    )
}

fn from(who: &str) -> String {
    format!("From: Somebody <{who}>")
}

#[track_caller]
fn read(text: &str) -> Mail {
    Mail::read(text.as_bytes()).unwrap_or_else(|| panic!("nothing in {text}"))
}

#[test]
fn it_is_found_however_it_is_sent() {
    let content = calendar("REQUEST", ORGANIZER, &format!(":mailto:{ME}"), "");
    let base64 = {
        // `base64` in lines, as mail programs write it.
        const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
        let mut out = String::new();
        for chunk in content.as_bytes().chunks(3) {
            let all = chunk.iter().fold(0_u32, |all, octet| all << 8 | u32::from(*octet)) << (8 * (3 - chunk.len()));
            for at in 0..4 {
                let index = usize::try_from(all >> (18 - 6 * at) & 63).unwrap();
                out.push(if at > chunk.len() { '=' } else { char::from(*LETTERS.get(index).unwrap()) });
            }
        }
        out.as_bytes().chunks(76).map(|line| format!("{}\r\n", String::from_utf8_lossy(line))).collect::<String>()
    };
    let quoted = content.replace('=', "=3D").replace('’', "=E2=80=99").replace('é', "=C3=A9");
    let plain = content.replace('’', "'");
    let head = "From: anna@elsewhere.example\r\nMIME-Version: 1.0\r\n";
    let sent: Vec<Vec<u8>> = vec![
        format!("{head}Content-Type: text/calendar; method=REQUEST\r\n\r\n{content}").into_bytes(),
        format!("{head}Content-Type: TEXT/Calendar; METHOD=request; charset=\"UTF-8\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64}")
            .into_bytes(),
        format!("{head}Content-Type: text/calendar\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n{quoted}").into_bytes(),
        format!("{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n--b\r\n\
            Content-Type: application/ics; name=invite.ics\r\nContent-Transfer-Encoding: base64\r\n\
            Content-Disposition: attachment; filename=invite.ics\r\n\r\n{base64}\r\n--b--\r\n").into_bytes(),
        format!("{head}Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: application/octet-stream\r\n\
            Content-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename=\"Invite.ICS\"\r\n\r\n{base64}\r\n--b--\r\n")
            .into_bytes(),
        [format!("{head}Content-Type: text/calendar; charset=iso-8859-1; method=REQUEST\r\n\r\n").into_bytes(),
            encoded(&plain)].concat(),
        [format!("{head}Content-Type: application/ics; charset=iso-8859-1\r\n\r\n").into_bytes(), encoded(&plain)].concat(),
    ];
    for (number, octets) in sent.iter().enumerate() {
        let mail = Mail::read(octets).unwrap_or_else(|| panic!("{number}: nothing is found"));
        assert!(mail.content.contains("d’été") || mail.content.contains("d'été"), "{number}: {}", mail.content);
        assert_eq!(mail.from, Some(Address::of_mail("anna@elsewhere.example")), "{number}");
        assert_eq!((mail.described.method.as_str(), mail.described.uid.as_str()), ("REQUEST", "u1"), "{number}");
    }
    // A part by itself is from nobody.
    let part = read(&format!("\u{feff}{content}"));
    assert_eq!((part.from, part.sender), (None, None));
}

/// In ISO-8859-1.
fn encoded(text: &str) -> Vec<u8> {
    text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect()
}

#[test]
fn what_is_none_is_none() {
    let content = calendar("REQUEST", ORGANIZER, &format!(":mailto:{ME}"), "");
    let inner = format!("From: a@b.example\r\nContent-Type: text/calendar; method=REQUEST\r\n\r\n{content}");
    for text in [
        String::new(),
        "From: a@b.example\r\n\r\ntext\r\n".to_owned(),
        mail(&from(ORGANIZER), "no calendar"),
        mail(&from(ORGANIZER), &calendar("", ORGANIZER, &format!(":mailto:{ME}"), "")),
        format!(
            "From: a@b.example\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: message/rfc822\r\n\r\n{inner}\r\n--b--\r\n"
        ),
        mail(&from(ORGANIZER), &content.replace("SUMMARY:", &format!("SUMMARY:{}", "x".repeat(1024 * 1024)))),
    ] {
        assert_eq!(Mail::read(text.as_bytes()), None, "{}", text.get(..200).unwrap_or(&text));
    }
}

/// What a message comes to for somebody who has a copy or none.
#[track_caller]
fn check(text: &str, copy: Option<&str>, expected: (Reason, Known, bool)) -> Option<String> {
    let judged = read(text).judge(copy.map(str::as_bytes), &[Address::of_mail(ME)]);
    assert_eq!((judged.reason, judged.known, judged.after.is_some()), expected, "{text}");
    judged.after.map(|after| String::from_utf8(after).unwrap())
}

/// A request for this person, with these lines.
fn request(more: &str) -> String {
    calendar("REQUEST", ORGANIZER, &format!(";PARTSTAT=ACCEPTED;RSVP=TRUE:mailto:{ME}"), more)
}

#[test]
fn an_invitation_from_outside() {
    let good = mail(
        &from("anna@Elsewhere.example"),
        &request("BEGIN:VALARM\r\nACTION:AUDIO\r\nTRIGGER:-PT5M\r\nEND:VALARM\r\n"),
    );
    let copy = check(&good, None, (Reason::Fits, Known::None, true)).unwrap();
    assert!(copy.contains("PARTSTAT=NEEDS-ACTION") && !copy.contains("METHOD") && !copy.contains("VALARM"), "{copy}");
    check(&good, Some(&copy), (Reason::Same, Known::Same, false));
    // A store has written it in an order of its own.
    let start = "DTSTART:20261201T090000Z\r\n";
    let kept = copy.replace(start, "").replace("END:VEVENT", &format!("{start}END:VEVENT"));
    let kept = kept.replace(";PARTSTAT=NEEDS-ACTION;RSVP=TRUE", ";RSVP=TRUE;PARTSTAT=NEEDS-ACTION");
    assert_ne!(kept, copy);
    check(&good, Some(&kept), (Reason::Same, Known::Same, false));
    // A first one may be taken whoever has sent it, and that is told.
    check(&mail(&from("service@events.example"), &request("")), None, (Reason::OtherSender, Known::None, true));
    check(&request(""), None, (Reason::UnknownSender, Known::None, true));
    check(
        &mail("From: a@b.example, anna@elsewhere.example", &request("")),
        None,
        (Reason::UnknownSender, Known::None, true),
    );
    let twice = format!("From: a@b.example\r\n{}", from(ORGANIZER));
    check(&mail(&twice, &request("")), None, (Reason::UnknownSender, Known::None, true));
    let secretary = format!("{}\r\nSender: {ORGANIZER}", from("desk@elsewhere.example"));
    check(&mail(&secretary, &request("")), None, (Reason::Fits, Known::None, true));

    // What is there is for its organiser to change.
    let moved = request("SEQUENCE:1\r\nDTSTART:20261202T090000Z\r\nDURATION:PT1H\r\n");
    check(&mail(&from("mallory@evil.example"), &moved), Some(&copy), (Reason::OtherSender, Known::Older, false));
    check(&moved, Some(&copy), (Reason::UnknownSender, Known::Older, false));
    let mine = moved.replace("Anna@elsewhere.example", "mallory@evil.example");
    check(&mail(&from("mallory@evil.example"), &mine), Some(&copy), (Reason::OtherOrganizer, Known::Older, false));
    let answered = copy.replace("NEEDS-ACTION", "DECLINED");
    let after = check(&mail(&from(ORGANIZER), &moved), Some(&answered), (Reason::Fits, Known::Older, true)).unwrap();
    assert!(after.contains("20261202T090000Z") && after.contains("PARTSTAT=NEEDS-ACTION"), "{after}");
    check(&good, Some(&after), (Reason::Outdated, Known::Newer, false));

    let others = calendar("REQUEST", ORGANIZER, ":mailto:chloe@garonne.example", "");
    check(&mail(&from(ORGANIZER), &others), None, (Reason::NotForMe, Known::None, false));
    // In one's own name nothing comes from outside.
    check(
        &mail(&from(ME), &calendar("REQUEST", ME, ":mailto:chloe@x.example", "")),
        None,
        (Reason::NotForMe, Known::None, false),
    );
}

#[test]
fn what_servers_are_told_is_not_told_from_outside() {
    let text = request("")
        .replace("ORGANIZER:", "ORGANIZER;SCHEDULE-AGENT=NONE:")
        .replace("ATTENDEE;", "ATTENDEE;SCHEDULE-AGENT=CLIENT;X-PASSERELLE-REPLIED=20991231T000000Z;");
    let copy = check(&mail(&from(ORGANIZER), &text), None, (Reason::Fits, Known::None, true)).unwrap();
    assert!(!copy.contains("SCHEDULE-AGENT") && !copy.contains("REPLIED"), "{copy}");
}

#[test]
fn what_is_called_off() {
    let copy = check(&mail(&from(ORGANIZER), &request("")), None, (Reason::Fits, Known::None, true)).unwrap();
    let off = calendar("CANCEL", ORGANIZER, &format!(":mailto:{ME}"), "SEQUENCE:1\r\n");
    check(&mail(&from(ORGANIZER), &off), None, (Reason::NotThere, Known::None, false));
    check(&mail(&from("mallory@evil.example"), &off), Some(&copy), (Reason::OtherSender, Known::Older, false));
    let after = check(&mail(&from(ORGANIZER), &off), Some(&copy), (Reason::Fits, Known::Older, true)).unwrap();
    assert!(after.contains("STATUS:CANCELLED"), "{after}");
    check(&mail(&from(ORGANIZER), &off), Some(&after), (Reason::Same, Known::Same, false));
}

#[test]
fn an_answer_from_outside() {
    const GUEST: &str = "guest@elsewhere.example";
    let own = calendar("", ME, &format!(";RSVP=TRUE:mailto:{GUEST}"), "SEQUENCE:2\r\nRRULE:FREQ=WEEKLY;COUNT=4\r\n");
    let reply = |who: &str, answer: &str, more: &str| {
        let content = calendar("REPLY", ME, &format!(";PARTSTAT={answer}:mailto:{who}"), more);
        mail(&from(who), &content)
    };
    let yes = reply(GUEST, "ACCEPTED", "SEQUENCE:2\r\n");
    let after = check(&yes, Some(&own), (Reason::Fits, Known::Older, true)).unwrap();
    assert!(after.contains("PARTSTAT=ACCEPTED"), "{after}");
    check(&yes, Some(&after), (Reason::Same, Known::Same, false));
    let late = reply(GUEST, "DECLINED", "SEQUENCE:2\r\nDTSTAMP:20261031T080000Z\r\n");
    check(&late, Some(&after), (Reason::Outdated, Known::Newer, false));
    check(&reply(GUEST, "DECLINED", "SEQUENCE:1\r\n"), Some(&after), (Reason::Outdated, Known::Newer, false));
    let one = reply(GUEST, "DECLINED", "SEQUENCE:2\r\nDTSTAMP:20261102T080000Z\r\nRECURRENCE-ID:20261208T090000Z\r\n");
    let after = check(&one, Some(&after), (Reason::Fits, Known::Older, true)).unwrap();
    assert!(
        after.contains("PARTSTAT=DECLINED") && after.contains("PARTSTAT=ACCEPTED") && after.contains("RECURRENCE-ID"),
        "{after}"
    );
    check(
        &reply(GUEST, "DECLINED", "RECURRENCE-ID:20261209T090000Z\r\n"),
        Some(&own),
        (Reason::NotThere, Known::Newer, false),
    );

    check(&yes, None, (Reason::NotThere, Known::None, false));
    check(
        &reply("crasher@elsewhere.example", "ACCEPTED", "SEQUENCE:2\r\n"),
        Some(&own),
        (Reason::NotInvited, Known::Same, false),
    );
    let forged = yes.replace(&from(GUEST), &from("mallory@evil.example"));
    check(&forged, Some(&own), (Reason::OtherSender, Known::Older, false));
    let two = yes.replace("DTSTAMP", "ATTENDEE;PARTSTAT=ACCEPTED:mailto:other@elsewhere.example\r\nDTSTAMP");
    check(&two, Some(&own), (Reason::OtherSender, Known::Older, false));
    let elsewhere = yes.replace(&format!("ORGANIZER:mailto:{ME}"), "ORGANIZER:mailto:chloe@garonne.example");
    check(&elsewhere, Some(&own), (Reason::NotForMe, Known::Older, false));
    let counter = yes.replace("METHOD:REPLY", "METHOD:COUNTER");
    check(&counter, Some(&own), (Reason::OtherMethod, Known::Same, false));
}

/// What no calendar may hold is not put into one.
#[test]
fn what_is_unclear() {
    let two = request("").replace(
        "END:VCALENDAR",
        "BEGIN:VEVENT\r\nUID:u2\r\nDTSTAMP:20261101T080000Z\r\nDTSTART:20261201T090000Z\r\n\
        ORGANIZER:mailto:Anna@elsewhere.example\r\nRECURRENCE-ID:20261201T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR",
    );
    check(&mail(&from(ORGANIZER), &two), None, (Reason::Unclear, Known::None, false));
    let nobodys = request("").replace("ORGANIZER:mailto:Anna@elsewhere.example\r\n", "");
    check(&mail(&from(ORGANIZER), &nobodys), None, (Reason::Unclear, Known::None, false));
}

#[test]
fn every_reason_has_a_word_of_its_own() {
    let words: std::collections::BTreeSet<_> = Reason::ALL.iter().map(|reason| reason.word()).collect();
    assert_eq!(words.len(), Reason::ALL.len());
}

proptest! {
    #[test]
    fn nothing_panics(octets in proptest::collection::vec(any::<u8>(), 0..400), cut in 0_usize..900) {
        let whole = mail(&from(ORGANIZER), &request(""));
        for octets in [octets.clone(), [whole.as_bytes().get(..cut).unwrap_or_default(), &octets].concat()] {
            if let Some(mail) = Mail::read(&octets) {
                let _ = mail.judge(None, &[Address::of_mail(ME)]);
                let _ = mail.judge(Some(&octets), &[Address::of_mail(ME)]);
            }
        }
    }
}
