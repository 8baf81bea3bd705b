//! A mailbox of 100,000 messages in the office: `browser/office_many.mjs` scrolls it under Chromium's tracing. On autan's mdbox, which
//! takes them in seconds.

use super::visit;
use crate::harness::{Gateway, Imap, campus};
use std::fmt::Write;

/// Who is visited: of autan, and of no other test.
const READER: &str = "u00871";
const ALL: usize = 100_000;
/// Messages of one MULTIAPPEND (RFC 3502).
const TOGETHER: usize = 5_000;

/// Fills it where an earlier run has not: message after message a minute later, three to a conversation.
fn fill() {
    let mut imap = Imap::log_in(campus("CAMPUS_IMAP_B").parse().unwrap(), READER, &format!("pw-{READER}"));
    let told = imap.command("t STATUS Grand (MESSAGES)").join("\n");
    if told.contains(&format!("(MESSAGES {ALL})")) {
        return;
    }
    imap.command("d DELETE Grand");
    for command in ["c CREATE Grand", "p APPEND INBOX (\\Seen) {21+}\r\nSubject: first\r\n\r\nx\r\n"] {
        let answer = imap.command(command);
        assert!(answer.last().unwrap().contains(" OK"), "{answer:?}");
    }
    for start in (0..ALL).step_by(TOGETHER) {
        let mut text = "p APPEND Grand".to_owned();
        for number in start..start + TOGETHER {
            let root = number - number % 3;
            let references = if root == number { String::new() } else { format!("References: <m{root}@b.test>\r\n") };
            let message = format!(
                "From: Personne {} <p@b.test>\r\nTo: {READER}@b.test\r\nSubject: Message {number}\r\nMessage-ID: <m{number}@b.test>\r\n\
                 {references}\r\nLe texte du message {number}.\r\n",
                number % 97
            );
            let (hour, minute) = (number / 60, number % 60);
            let (day, hour) = (hour / 24, hour % 24);
            let (year, month, day) = (2020 + day / 336, day / 28 % 12, day % 28 + 1);
            let month = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"][month];
            write!(
                text,
                " (\\Seen) \"{day:02}-{month}-{year} {hour:02}:{minute:02}:00 +0000\" {{{}+}}\r\n{message}",
                message.len()
            )
            .unwrap();
        }
        let answer = imap.command(&text);
        assert!(answer.last().unwrap().starts_with("p OK"), "{answer:?}");
    }
}

#[test]
fn a_hundred_thousand_messages_scroll_with_few_rows() {
    fill();
    let gateway = Gateway::start("office-many");
    visit("office_many.mjs", &gateway, &[READER, "autan"]);
}
