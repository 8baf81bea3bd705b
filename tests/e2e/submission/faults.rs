//! Broken connections, on either side: what was not acknowledged was not sent, and what was, was.

use super::{FakeMta, Smtp, arrived, count, doctor, gateway_with, hang_up, settle, subject, text, with_mta};
use crate::harness::Gateway;
use std::{io::Write, thread, time::Duration};

const FROM: &str = "u00001@a.test";
const TO: &str = "u00002@b.test";

#[test]
fn a_client_that_vanishes_leaves_nothing() {
    let gateway = Gateway::start("faults-client");
    let subject = subject("vanished");
    // In the header, in the body, at the end of a line, and with half of the end.
    for piece in ["From: ", "body", "body\r\n", "body\r\n.", "body\r\n.\r"] {
        let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
        smtp.begin(FROM, TO);
        if piece.starts_with("body") {
            smtp.send(text(FROM, TO, &subject).as_bytes());
        }
        smtp.send(piece.as_bytes());
        drop(smtp);
    }
    let mta = FakeMta::start(Box::new(|_, _| false));
    let fake = gateway_with("faults-client-fake", |text| with_mta(text, mta.port));
    let mut smtp = Smtp::log_in(fake.submission, FROM, "pw-u00001");
    smtp.begin(FROM, TO);
    smtp.send(text(FROM, TO, &subject).as_bytes());
    mta.wait_for("hello");
    drop(smtp);
    // The MTA's connection ends within the message, and no end of it was ever said.
    mta.wait_for("(cut)");
    assert!(!mta.heard().iter().any(|line| line == "."));
    settle(&gateway, "autan", "u00002");
    assert_eq!(count("autan", "u00002", &subject), 0);
}

#[test]
fn an_mta_that_is_away_is_never_a_yes() {
    let gateway = gateway_with("faults-away", |text| with_mta(text, 9));
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    for _ in 0..2 {
        smtp.says(&format!("MAIL FROM:<{FROM}>"), "451 4.4.1");
    }
    smtp.says("RCPT TO:<u00002@b.test>", "503 5.5.1");
    // The other institution's MTA is there.
    let subject = subject("other-mta");
    let mut smtp = Smtp::log_in(gateway.submission, "u00001@b.test", "pw-u00001");
    let reply = smtp.message("u00001@b.test", TO, &text("u00001@b.test", TO, &subject));
    assert!(reply.starts_with("250 "), "{reply}");
    arrived("autan", "u00002", &subject);
    let told = doctor(&gateway);
    assert!(told.contains("FAILS  garonne.submission (smtp 127.0.0.1:9): tcp: "), "{told}");
}

#[test]
fn doctor_tells_what_the_mta_takes() {
    let gateway = Gateway::start("faults-doctor");
    let told = doctor(&gateway);
    assert!(told.contains("smtp: mx.campus.test takes 50000000 octets a message, 8BITMIME, SMTPUTF8, DSN"), "{told}");
    let broken = gateway_with("faults-doctor-tls", |text| {
        let settings = text.replacen("[submission]", "[submission]\nserver_name = \"elsewhere.test\"", 1);
        assert_ne!(settings, text);
        settings
    });
    let told = doctor(&broken);
    assert!(told.contains("garonne.submission") && told.contains(": tls: "), "{told}");
}

#[test]
fn the_mtas_words_are_passed_on_and_its_faults_told() {
    let mta = FakeMta::start(Box::new(|verb, stream| match verb {
        "MAIL" => stream.write_all(b"250-2.1.0 fine\r\n250 2.1.0 with\x1b[2J tricks\r\n").is_ok(),
        "RCPT" => stream.write_all(b"452-no room\r\n452 come back\r\n").is_ok(),
        _ => false,
    }));
    let gateway = gateway_with("faults-words", |text| with_mta(text, mta.port));
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    assert_eq!(smtp.ask(&format!("MAIL FROM:<{FROM}>")), "250-2.1.0 fine\r\n250 2.1.0 with?[2J tricks");
    assert_eq!(smtp.ask(&format!("RCPT TO:<{TO}>")), "452-4.0.0 no room\r\n452 4.0.0 come back");
    smtp.says("DATA", "554 5.5.1");

    for (name, at, expected) in
        [("mail", "MAIL", "451 4.4.1"), ("rcpt", "RCPT", "451 4.4.1"), ("data", "DATA", "451 4.4.1")]
    {
        // One that hangs up, one that is silent, one that talks nonsense.
        for (how, fault) in [("hangs", 0), ("silent", 1), ("nonsense", 2)] {
            let mta = FakeMta::start(Box::new(move |verb, stream| {
                if verb != at {
                    return false;
                }
                match fault {
                    0 => hang_up(stream),
                    1 => {}
                    _ => drop(stream.write_all(b"what?\r\n")),
                }
                true
            }));
            let gateway = gateway_with(&format!("faults-{name}-{how}"), |text| with_mta(text, mta.port));
            let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
            let mut replies = vec![smtp.ask(&format!("MAIL FROM:<{FROM}>"))];
            if at != "MAIL" {
                replies.push(smtp.ask(&format!("RCPT TO:<{TO}>")));
            }
            if at == "DATA" {
                replies.push(smtp.ask("DATA"));
            }
            let last = replies.last().unwrap();
            assert!(last.starts_with(expected), "{name} {how}: {replies:?}");
            assert!(
                replies[..replies.len() - 1].iter().all(|reply| reply.starts_with("250 ")),
                "{name} {how}: {replies:?}"
            );
            smtp.says("NOOP", "250 ");
        }
    }
}

#[test]
fn an_mta_that_is_lost_within_the_message() {
    let mta = FakeMta::start(Box::new(|verb, stream| {
        if verb == "(inside)" {
            hang_up(stream);
        }
        verb == "(inside)"
    }));
    let gateway = gateway_with("faults-inside", |text| with_mta(text, mta.port));
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    smtp.begin(FROM, TO);
    smtp.send(format!("From: {FROM}\r\nX-Act: now\r\n\r\n").as_bytes());
    mta.wait_for("X-Act: now");
    smtp.send(&b"xxxxxxxxxxxxxx\r\n".repeat(100_000));
    let reply = smtp.ask(".");
    assert!(reply.starts_with("451 4.4."), "{reply}");
    smtp.says("NOOP", "250 ");
    // One that says why.
    let mta = FakeMta::start(Box::new(|verb, stream| {
        if verb == "(inside)" {
            let _ = stream.write_all(b"552 5.2.2 the queue is full\r\n");
            hang_up(stream);
        }
        verb == "(inside)"
    }));
    let gateway = gateway_with("faults-inside-why", |text| with_mta(text, mta.port));
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    smtp.begin(FROM, TO);
    smtp.send(format!("From: {FROM}\r\nX-Act: now\r\n\r\n").as_bytes());
    mta.wait_for("X-Act: now");
    smtp.send(&b"xxxxxxxxxxxxxx\r\n".repeat(100_000));
    let reply = smtp.ask(".");
    assert!(reply.starts_with("552 5.2.2 ") || reply.starts_with("451 4.4."), "{reply}");
}

#[test]
fn silence_behind_the_end_is_told_as_it_is() {
    for (name, fault) in [("hangs", 0), ("silent", 1)] {
        let mta = FakeMta::start(Box::new(move |verb, stream| {
            if verb == "." && fault == 0 {
                hang_up(stream);
            }
            verb == "."
        }));
        let gateway = gateway_with(&format!("faults-end-{name}"), |text| {
            with_mta(text, mta.port).replacen("timeout_ms = 2000", "timeout_ms = 2000\nfinal_timeout_ms = 1000", 1)
        });
        let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
        let reply = smtp.message(FROM, TO, &text(FROM, TO, "x"));
        assert!(reply.starts_with("451 4.4.2 ") && reply.contains("it may have the message or not"), "{reply}");
        gateway.wait_for_log("result=\"unknown\"");
        smtp.says("NOOP", "250 ");
    }
}

#[test]
fn an_mta_that_stalls_is_waited_for_without_reading_on() {
    // It takes nothing within the message: what the client sends fills the ways, and no more than those.
    let mta = FakeMta::start(Box::new(|verb, stream| {
        if verb == "(inside)" {
            // Until the test's process ends.
            loop {
                thread::park();
            }
        }
        verb == "EHLO" && stream.write_all(b"250 fake.test\r\n").is_ok()
    }));
    let gateway = gateway_with("faults-stall", |text| with_mta(text, mta.port));
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    smtp.begin(FROM, TO);
    smtp.send(format!("From: {FROM}\r\nX-Act: now\r\n\r\n").as_bytes());
    mta.wait_for("X-Act: now");
    let stream = smtp.reader.get_mut();
    stream.set_write_timeout(Some(Duration::from_secs(2))).unwrap();
    let lines = b"xxxxxxxxxxxxxx\r\n".repeat(64 * 1024);
    let taken = (0..200).take_while(|_| stream.write_all(&lines).is_ok()).count();
    assert!(taken < 64, "{taken} MiB were taken for an MTA that takes none");
    // Others are not kept from sending.
    let mut other = Smtp::log_in(gateway.submission, "u00001@b.test", "pw-u00001");
    let reply = other.message("u00001@b.test", TO, &text("u00001@b.test", TO, &subject("beside")));
    assert!(reply.starts_with("250 "), "{reply}");
}
