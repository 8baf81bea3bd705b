//! Sizes, counts, and what a message costs the gateway while it passes.

use super::{Smtp, arrived, count, settle, subject, text};
use crate::harness::{Gateway, eventually};
use std::fs;

const FROM: &str = "u00001@a.test";
const TO: &str = "u00002@b.test";

/// The memory that a process has touched at most, in KiB.
fn peak(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn a_message_of_25_mib_streams_through() {
    let gateway = Gateway::start("limits-large");
    let subjects = [subject("large"), subject("small")];
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    assert!(smtp.message(FROM, TO, &text(FROM, TO, &subjects[1])).starts_with("250 "));
    let before = peak(gateway.pid());
    smtp.begin(FROM, TO);
    smtp.send(text(FROM, TO, &subjects[0]).as_bytes());
    let line = [&[b'x'; 76][..], b"\r\n"].concat();
    let lines = line.repeat(1024);
    let mut sent = 0;
    while sent < 25 * 1024 * 1024 {
        smtp.send(&lines);
        sent += lines.len();
    }
    let reply = smtp.ask(".");
    assert!(reply.starts_with("250 "), "{reply}");
    let grown = peak(gateway.pid()).saturating_sub(before);
    assert!(grown < 4 * 1024, "the gateway grew by {grown} KiB");
    assert!(arrived("autan", "u00002", &subjects[0]).len() > sent);
}

#[test]
fn what_is_too_large_is_refused_before_it_is_read_and_while_it_is() {
    let gateway = super::gateway_with("limits-size", |text| text.to_owned() + "\n[sending]\nlargest_mib = 1\n");
    let subject = subject("too-large");
    let mut smtp = Smtp::connect(gateway.submission);
    assert!(smtp.ask("EHLO client.test").contains("SIZE 1048576"));
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    smtp.says(&format!("MAIL FROM:<{FROM}> SIZE=1048577"), "552 5.3.4");
    smtp.says(&format!("MAIL FROM:<{FROM}> SIZE=1048576"), "250 ");
    smtp.says("RSET", "250 ");
    smtp.begin(FROM, TO);
    smtp.send(text(FROM, TO, &subject).as_bytes());
    smtp.send(&b"xxxxxxxxxxxxxx\r\n".repeat(70_000));
    smtp.says(".", "552 5.3.4");
    smtp.says("NOOP", "250 ");
    // A header without end.
    smtp.begin(FROM, TO);
    smtp.send(format!("From: {FROM}\r\nSubject: {subject}\r\n").as_bytes());
    smtp.send(&b"X-More: xxxxxxxxxxxxxxxxxxx\r\n".repeat(10_000));
    smtp.says("\r\n.", "552 5.3.4");
    settle(&gateway, "autan", "u00002");
    assert_eq!(count("autan", "u00002", &subject), 0);
}

#[test]
fn so_many_messages_and_recipients() {
    let gateway = super::gateway_with("limits-rates", |text| {
        text.to_owned() + "\n[sending]\nrecipients = 2\nmessages_per_hour = 3\nrecipients_per_hour = 4\n"
    });
    let mut smtp = Smtp::connect(gateway.submission);
    assert!(smtp.ask("EHLO client.test").contains("LIMITS RCPTMAX=2"));
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    smtp.says(&format!("MAIL FROM:<{FROM}>"), "250 ");
    smtp.says(&format!("RCPT TO:<{TO}>"), "250 ");
    smtp.says("RCPT TO:<u00003@b.test>", "250 ");
    smtp.says("RCPT TO:<u00004@b.test>", "452 4.5.3");
    smtp.says("RSET", "250 ");
    smtp.says(&format!("MAIL FROM:<{FROM}>"), "250 ");
    for expected in ["250 ", "250 "] {
        smtp.says(&format!("RCPT TO:<{TO}>"), expected);
    }
    smtp.says("RSET", "250 ");
    // On another connection it is the same account.
    let mut other = Smtp::log_in(gateway.submission, "user.1@a.test", "pw-u00001");
    other.says(&format!("MAIL FROM:<{FROM}>"), "250 ");
    other.says(&format!("RCPT TO:<{TO}>"), "450 4.7.1");
    smtp.says(&format!("MAIL FROM:<{FROM}>"), "450 4.7.1");
    // Somebody else is somebody else.
    let mut another = Smtp::log_in(gateway.submission, "u00002@a.test", "pw-u00002");
    another.says("MAIL FROM:<u00002@a.test>", "250 ");
}

#[test]
fn a_drain_lets_a_message_finish() {
    let mut gateway = Gateway::start("limits-drain");
    let subject = subject("drained");
    let mut idle = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    let mut busy = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    busy.begin(FROM, TO);
    busy.send(text(FROM, TO, &subject).as_bytes());
    gateway.signal("TERM");
    assert!(idle.reply().starts_with("421 4.3.2"));
    let port = gateway.submission;
    eventually("nobody new is taken", || std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    let reply = busy.ask(".");
    assert!(reply.starts_with("250 "), "{reply}");
    assert!(busy.reply().starts_with("421 4.3.2"));
    drop((idle, busy));
    assert!(gateway.wait());
    arrived("autan", "u00002", &subject);
}
