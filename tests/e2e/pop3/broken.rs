//! A store that dies at the worst moment, large messages and slow readers.

use super::{Pop, count, fill};
use crate::{
    cut::{When, between, by},
    harness::{Gateway, PATIENCE, State},
};
use std::net::{Ipv4Addr, TcpListener};

fn large() -> String {
    // 25 MiB in lines of 64 octets.
    let line = format!("{}\r\n", "x".repeat(62));
    format!("Subject: large\r\n\r\n{}", line.repeat(25 * 1024 * 1024 / 64))
}

#[test]
fn a_store_that_dies_in_retr_is_a_cut_and_never_a_final_dot() {
    let message = format!("Subject: x\r\n\r\n{}", "a line of a message\r\n".repeat(100_000));
    fill("u00065", &[&message]);
    let gateway = Gateway::start_with("pop3-cut", &State::Sqlite, |config| by(config, between(When::Told(1_000_000))));
    let mut pop = Pop::log_in(gateway.pop3, "u00065@a.test", "pw-u00065");
    assert!(pop.say("DELE 1").starts_with("+OK") && pop.say("RSET").starts_with("+OK"));
    assert!(pop.say("RETR 1").starts_with("+OK"));
    let rest = pop.rest();
    assert!(rest.len() > 500_000 && rest.len() < message.len(), "{} octets", rest.len());
    assert!(!rest.ends_with(b"\r\n.\r\n") && message.as_bytes().starts_with(&rest));
    gateway.wait_for_log("back-end");
    assert_eq!(count("u00065"), 1);
}

#[test]
fn a_store_that_dies_at_quit_is_told() {
    for (words, left) in [("UID STORE", 1), ("UID EXPUNGE", 1)] {
        fill("u00072", &["Subject: x\r\n\r\nx\r\n"]);
        let gateway = Gateway::start_with(&format!("pop3-quit-{}", words.len()), &State::Sqlite, |config| {
            by(config, between(When::Asked(words)));
        });
        let mut pop = Pop::log_in(gateway.pop3, "u00072@a.test", "pw-u00072");
        assert!(pop.say("DELE 1").starts_with("+OK"));
        let answer = pop.say("QUIT");
        assert!(answer.starts_with("-ERR [SYS/TEMP]") && answer.contains("not removed"), "{words}: {answer}");
        assert!(pop.rest().is_empty());
        assert_eq!(count("u00072"), left, "{words}");
    }
}

#[test]
fn a_store_that_is_down_or_silent_is_unavailable() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    for (name, port) in [("down", 9), ("silent", silent.local_addr().unwrap().port())] {
        let gateway = Gateway::start_with(&format!("pop3-{name}"), &State::Sqlite, |config| by(config, port));
        let (mut pop, _) = Pop::connect(gateway.pop3);
        pop.say("USER u00001@a.test");
        let answer = pop.say("PASS pw-u00001");
        assert!(answer.starts_with("-ERR [SYS/TEMP]"), "{name}: {answer}");
        // The other institution does not notice.
        Pop::log_in(gateway.pop3, "u00001@b.test", "pw-u00001");
    }
}

#[test]
fn a_large_message_costs_no_memory_however_slowly_it_is_read() {
    let gateway = Gateway::start("pop3-large");
    let message = large();
    fill("u00064", &["Subject: small\r\n\r\nsmall\r\n", &message]);
    // The first session pays for what every session needs.
    let mut pop = Pop::log_in(gateway.pop3, "u00064@a.test", "pw-u00064");
    assert!(pop.many("RETR 1").ends_with(b"small\r\n"));
    let before = gateway.peak();
    assert!(pop.many("RETR 2") == message.as_bytes(), "the message came back as it went");
    assert!(pop.many("TOP 2 1").len() < 200);
    // Four that ask and do not read, and one that is served meanwhile.
    let mut slow: Vec<Pop> = (0..4)
        .map(|_| {
            let mut pop = Pop::log_in(gateway.pop3, "u00064@a.test", "pw-u00064");
            assert!(pop.say("RETR 2").starts_with("+OK"));
            pop
        })
        .collect();
    assert!(pop.many("RETR 1").ends_with(b"small\r\n"));
    for pop in &mut slow {
        assert!(pop.body() == message.as_bytes(), "a slow reader has all of it");
    }
    let grown = gateway.peak() - before;
    assert!(grown < 8 * 1024, "the gateway has grown by {grown} KiB");
    // A client that hangs up in the middle harms nobody.
    let mut pop = Pop::log_in(gateway.pop3, "u00064@a.test", "pw-u00064");
    assert!(pop.say("RETR 2").starts_with("+OK"));
    drop(pop);
    let mut pop = Pop::log_in(gateway.pop3, "u00064@a.test", "pw-u00064");
    pop.reader.get_mut().set_read_timeout(Some(PATIENCE)).unwrap();
    assert_eq!(pop.say("QUIT"), "+OK Goodbye");
}
