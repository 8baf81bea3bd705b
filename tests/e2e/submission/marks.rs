//! Marks: what a scanner finds stands in the header of what is sent, within the memory there is for that.

use super::{
    FakeMta, Smtp, arrived, count, gateway_with,
    scanners::{EICAR, GTUBE, both},
    settle, subject, with_mta,
};
use crate::harness::{Gateway, State};
use std::fs;

const FROM: &str = "u00001@a.test";
const TO: &str = "u00002@b.test";

fn marking(settings: &str, scanning: &str) -> String {
    both(settings) + "\n[scanning]\nmarking = [\"spam\", \"virus\"]\n" + scanning
}

fn message(subject: &str, header: &str, line: &str) -> String {
    format!("{header}From: {FROM}\r\nTo: {TO}\r\nSubject: {subject}\r\n\r\n{line}\r\n")
}

/// The fields of a message that scanners write, in their order.
fn marks(message: &str) -> Vec<&str> {
    let header = message.split("\r\n\r\n").next().unwrap();
    let is_mark = |line: &&str| line.starts_with("X-Spam") || line.starts_with("X-Virus") || line.starts_with("x-spam");
    header.lines().filter(is_mark).collect()
}

#[test]
fn what_is_found_stands_in_the_header_and_nobody_forges_it() {
    let gateway = gateway_with("marks", |text| marking(text, ""));
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    let forged = "X-Spam-Flag: NO\r\nx-spam-status: No,\r\n score=-99\r\nX-Virus-Status: Clean\r\nX-Spam-Level: \r\n";
    for (what, line, expected) in [
        ("clean", "nothing in it", ["X-Virus-Status: Clean", "X-Spam-Status: No, score="].as_slice()),
        ("spam", GTUBE, &["X-Virus-Status: Clean", "X-Spam-Status: Yes, score=", "X-Spam-Flag: YES"]),
        ("virus", EICAR, &["X-Virus-Status: Infected (Eicar-", "X-Spam-Status: No, score="]),
    ] {
        let subject = subject(what);
        let reply = smtp.message(FROM, TO, &message(&subject, forged, line));
        assert!(reply.starts_with("250 2.0.0 Ok: queued"), "{what}: {reply}");
        // In chunks it is the same.
        smtp.says(&format!("MAIL FROM:<{FROM}>"), "250 ");
        smtp.says(&format!("RCPT TO:<{TO}>"), "250 ");
        let text = message(&subject, forged, line);
        let (first, second) = text.split_at(40);
        smtp.send(format!("BDAT {}\r\n{first}", first.len()).as_bytes());
        assert!(smtp.reply().starts_with("250 "));
        smtp.send(format!("BDAT {} LAST\r\n{second}", second.len()).as_bytes());
        assert!(smtp.reply().starts_with("250 2.0.0 Ok: queued"));
        crate::harness::eventually("both arrive", || count("autan", "u00002", &subject) == 2);
        let told = arrived("autan", "u00002", &subject);
        let mut found = marks(&told);
        found.sort_unstable_by_key(|line| !line.starts_with("X-Virus"));
        assert_eq!(found.len(), expected.len(), "{what}: {found:?}");
        for (found, expected) in found.iter().zip(expected) {
            assert!(found.starts_with(expected), "{what}: {found}");
        }
        // Above all that the gateway writes, and the message is whole.
        assert!(told.find("X-Virus-Status").unwrap() < told.find("Message-ID").unwrap(), "{told}");
        assert!(told.contains(line), "{told}");
    }
}

#[test]
fn a_message_without_room_follows_the_second_choice() {
    for (name, choice) in [("refuse", "refuse"), ("accept", "accept")] {
        let limits = |config: &std::path::Path| {
            let file = config.join("institutions/garonne/institution.toml");
            let text = fs::read_to_string(&file).unwrap();
            fs::write(&file, marking(&text, &format!("beyond_memory = \"{choice}\"\n"))).unwrap();
            let file = config.join("passerelle.toml");
            let text = fs::read_to_string(&file).unwrap();
            assert!(!text.contains("[limits]") || text.contains("[limits]\n"));
            let text = if text.contains("[limits]\n") {
                text.replace("[limits]\n", "[limits]\nmarking_message_mib = 1\n")
            } else {
                text + "\n[limits]\nmarking_message_mib = 1\n"
            };
            fs::write(&file, text).unwrap();
        };
        let gateway = Gateway::start_with(&format!("marks-{name}"), &State::Sqlite, limits);
        let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
        let (large, small) = ("another line of it\r\n".repeat(70_000), subject("small"));
        let (clean, spam, declared) = (subject("clean"), subject("spam"), subject("declared"));
        // What is clean passes whatever its size, and unmarked; a forged mark does not.
        let text = message(&clean, "X-Spam-Flag: NO\r\n", "nothing in it") + &large;
        assert!(smtp.message(FROM, TO, &text).starts_with("250 "), "{name}");
        assert_eq!(marks(&arrived("autan", "u00002", &clean)), Vec::<&str>::new(), "{name}");
        let reply = smtp.message(FROM, TO, &(message(&spam, "", EICAR) + &large));
        // The same when the size was told before.
        smtp.says(&format!("MAIL FROM:<{FROM}> SIZE=2000000"), "250 ");
        smtp.says(&format!("RCPT TO:<{TO}>"), "250 ");
        smtp.says("DATA", "354 ");
        smtp.send(message(&declared, "X-Spam-Flag: NO\r\n", EICAR).as_bytes());
        let told = smtp.ask(".");
        for (reply, subject) in [(&reply, &spam), (&told, &declared)] {
            if choice == "accept" {
                assert!(reply.starts_with("250 "), "{reply}");
                assert_eq!(marks(&arrived("autan", "u00002", subject)), Vec::<&str>::new());
            } else {
                assert!(reply.starts_with("554 5.7.1 The message is refused: Eicar-"), "{reply}");
                settle(&gateway, "autan", "u00002");
                assert_eq!(count("autan", "u00002", subject), 0);
            }
        }
        // The memory was given back.
        assert!(smtp.message(FROM, TO, &message(&small, "", GTUBE)).starts_with("250 "));
        assert!(marks(&arrived("autan", "u00002", &small)).contains(&"X-Spam-Flag: YES"));
    }
}

#[test]
fn a_client_that_leaves_and_a_scanner_that_is_away() {
    let mta = FakeMta::start(Box::new(|_, _| false));
    let gateway = gateway_with("marks-cut", |text| marking(&with_mta(text, mta.port), ""));
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    smtp.begin(FROM, TO);
    smtp.send(message("x", "", "the first half").as_bytes());
    drop(smtp);
    mta.wait_for("(cut)");
    // Nothing of it had left, since its marks would have come first.
    assert!(!mta.heard().iter().any(|line| line == "." || line == "the first half"));

    let away = gateway_with("marks-away", |text| {
        let text = marking(text, "");
        let port = crate::harness::campus("CAMPUS_RSPAMD");
        text.replace(&format!("\"127.0.0.1:{port}\""), "\"127.0.0.1:9\"") + "[sending]\nwithout_scanner = \"accept\"\n"
    });
    let subject = subject("unscanned");
    let mut smtp = Smtp::log_in(away.submission, FROM, "pw-u00001");
    let text = message(&subject, "X-Spam-Status: No, trust me\r\n", GTUBE);
    assert!(smtp.message(FROM, TO, &text).starts_with("250 "));
    assert_eq!(marks(&arrived("autan", "u00002", &subject)), ["X-Virus-Status: Clean"]);
}
