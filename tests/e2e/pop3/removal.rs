//! What goes, and when: at QUIT and not before, what was marked and nothing else, and only for whom it may.

use super::{Pop, count, fill, store};
use crate::{harness::Gateway, web::Browser};

const MESSAGES: [&str; 4] =
    ["Subject: 1\r\n\r\n1\r\n", "Subject: 2\r\n\r\n2\r\n", "Subject: 3\r\n\r\n3\r\n", "Subject: 4\r\n\r\n4\r\n"];

#[test]
fn nothing_goes_before_quit() {
    let gateway = Gateway::start("pop3-removal");
    fill("u00061", &MESSAGES);
    // A connection that is lost removes nothing (RFC 1939 §6).
    let mut pop = Pop::log_in(gateway.pop3, "u00061@a.test", "pw-u00061");
    assert!(pop.say("DELE 1").starts_with("+OK"));
    assert!(pop.say("RETR 2").starts_with("+OK"));
    drop(pop);
    gateway.wait_for_log("maildrop closed");
    assert_eq!(count("u00061"), 4);
    // Somebody has marked one by IMAP: it is not ours to remove.
    let mut imap = store("u00061");
    imap.command("s SELECT INBOX");
    imap.command("d STORE 3 +FLAGS (\\Deleted)");
    let mut pop = Pop::log_in(gateway.pop3, "u00061@a.test", "pw-u00061");
    assert!(pop.say("DELE 1").starts_with("+OK"));
    assert!(pop.say("DELE 4").starts_with("+OK"));
    assert!(pop.say("RSET").starts_with("+OK"));
    assert!(pop.say("DELE 2").starts_with("+OK"));
    assert!(pop.say("DELE 4").starts_with("+OK"));
    assert_eq!(count("u00061"), 4, "not yet");
    assert_eq!(pop.say("QUIT"), "+OK Goodbye");
    let mut imap = store("u00061");
    imap.command("s EXAMINE INBOX");
    let left = imap.command("f FETCH 1:* (BODY.PEEK[TEXT] FLAGS)").join("\n");
    assert!(left.contains("\n1\n") || left.contains("\n1)"), "{left}");
    assert_eq!(count("u00061"), 2, "{left}");
    assert!(left.contains("\\Deleted"), "{left}");
}

#[test]
fn two_sessions_on_one_maildrop() {
    let gateway = Gateway::start("pop3-two");
    fill("u00070", &MESSAGES);
    let mut first = Pop::log_in(gateway.pop3, "u00070@a.test", "pw-u00070");
    let mut second = Pop::log_in(gateway.pop3, "u00070@a.test", "pw-u00070");
    assert!(first.say("DELE 2").starts_with("+OK"));
    assert_eq!(first.say("QUIT"), "+OK Goodbye");
    // IMAP has no lock: the message is gone, and said to be; the numbers of the others stay.
    assert_eq!(second.say("RETR 2"), "-ERR That message is gone");
    assert_eq!(second.many("RETR 3"), MESSAGES[2].as_bytes());
    assert!(second.say("DELE 2").starts_with("+OK") && second.say("DELE 3").starts_with("+OK"));
    assert_eq!(second.say("QUIT"), "+OK Goodbye");
    assert_eq!(count("u00070"), 2);
}

#[test]
fn an_app_password_for_reading_removes_nothing() {
    let gateway = Gateway::start("pop3-reading");
    fill("u00071", &MESSAGES);
    let mut browser = Browser::sign_in(&gateway, "garonne.localhost", "u00071", "pw-u00071");
    let mut make = |scope| {
        let made = browser.post("/app-passwords", &[("name", "Display"), ("scope", scope)]);
        assert_eq!(made.status, 201, "{}", made.body);
        made.body.split_once("class=\"secret\">").unwrap().1.split('<').next().unwrap().to_owned()
    };
    let (reading, changing) = (make("all-reading"), make("all"));
    let mut pop = Pop::log_in(gateway.pop3, "u00071@a.test", &reading);
    assert_eq!(pop.many("RETR 1"), MESSAGES[0].as_bytes());
    assert_eq!(pop.say("DELE 1"), "-ERR [SYS/PERM] You may only read here");
    assert_eq!(pop.say("QUIT"), "+OK Goodbye");
    assert_eq!(count("u00071"), 4);
    let mut pop = Pop::log_in(gateway.pop3, "u00071@a.test", &changing);
    assert!(pop.say("DELE 1").starts_with("+OK"));
    assert_eq!(pop.say("QUIT"), "+OK Goodbye");
    assert_eq!(count("u00071"), 3);
    // What is withdrawn ends at once, and what it had marked stays.
    let mut pop = Pop::log_in(gateway.pop3, "u00071@a.test", &changing);
    assert!(pop.say("DELE 1").starts_with("+OK"));
    assert_eq!(browser.post("/app-passwords/remove-all", &[]).status, 303);
    assert!(pop.rest().is_empty());
    assert_eq!(count("u00071"), 3);
}
