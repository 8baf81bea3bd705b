//! As whom somebody may send: the envelope's sender and the header's authors.

use super::{Smtp, app_password, arrived, call, count, member, settle, subject, text};
use crate::harness::Gateway;

const FROM: &str = "u00001@a.test";
const TO: &str = "u00002@b.test";
const COLLEAGUE: &str = "u00005@a.test";

fn grant(gateway: &Gateway, method: &str, grantee: &str, rights: &str) -> String {
    let target = format!("<struct>{}{}</struct>", member("owner", "u00005"), member("kind", "account"));
    let to = format!("<struct>{}</struct>", member("account", grantee));
    let rights = if rights.is_empty() {
        String::new()
    } else {
        member("rights", &format!("<array><data><value>{rights}</value></data></array>"))
    };
    call(gateway, method, &format!("{}{}{rights}", member("target", &target), member("grantee", &to)))
}

#[test]
fn ones_own_addresses_and_no_other() {
    let gateway = Gateway::start("identity-own");
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    // The directory's second address, whatever its case; the empty path of reports.
    for own in [FROM, "user.1@a.test", "U00001@A.TEST", "\"u00001\"@a.test", ""] {
        smtp.says(&format!("MAIL FROM:<{own}>"), "250 ");
        smtp.says("RSET", "250 ");
    }
    // Hidden and missing, at home, elsewhere, and nowhere: one answer.
    let mut answers: Vec<String> = [
        COLLEAGUE,
        "user.5@a.test",
        "nobody-at-all@a.test",
        "u00001@b.test",
        "nobody@b.test",
        "u00001@c.test",
        "someone@nowhere.test",
        "u00001@[127.0.0.1]",
        "*@a.test",
        "u0000*@a.test",
    ]
    .iter()
    .map(|foreign| smtp.ask(&format!("MAIL FROM:<{foreign}>")))
    .collect();
    answers.dedup();
    assert_eq!(answers, ["553 5.7.1 You may not send as this address"]);
    smtp.says("MAIL FROM:<no address>", "553 5.1.7");
}

#[test]
fn a_colleague_sends_as_an_account_from_the_grant_to_its_end() {
    let gateway = Gateway::start("identity-grant");
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    smtp.says(&format!("MAIL FROM:<{COLLEAGUE}>"), "553 5.7.1");
    // On an account no other right is given: it would open all that the account has.
    for right in ["read", "manage", "lookup"] {
        let answer = grant(&gateway, "grant.set", "u00001", right);
        assert!(answer.contains("fault") && answer.contains("send-as"), "{answer}");
    }
    let answer = grant(&gateway, "grant.set", "u00001", "send-as");
    assert!(answer.contains("<boolean>1</boolean>"), "{answer}");
    let subject = subject("granted");
    let reply = smtp.message(COLLEAGUE, TO, &text(COLLEAGUE, TO, &subject));
    assert!(reply.starts_with("250 "), "{reply}");
    assert!(arrived("autan", "u00002", &subject).contains(&format!("From: {COLLEAGUE}")));
    // All names of that account, and of no other.
    smtp.says("MAIL FROM:<user.5@a.test>", "250 ");
    smtp.says("RSET", "250 ");
    smtp.says("MAIL FROM:<u00006@a.test>", "553 5.7.1");
    // It opens nothing else of that account.
    let listed = call(&gateway, "grant.list", &member("owner", "u00005"));
    assert!(listed.contains("send-as") && listed.contains("account"), "{listed}");
    let answer = grant(&gateway, "grant.remove", "u00001", "");
    assert!(answer.contains("<boolean>1</boolean>"), "{answer}");
    smtp.says(&format!("MAIL FROM:<{COLLEAGUE}>"), "553 5.7.1 You may not send as this address");
}

#[test]
fn the_authors_of_a_message_are_held_to_it_too() {
    let gateway = Gateway::start("identity-authors");
    let subject = subject("author");
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    for header in [
        format!("From: {COLLEAGUE}\r\n"),
        format!("From: {FROM}, {COLLEAGUE}\r\n"),
        format!("From: {FROM}\r\nFrom: {COLLEAGUE}\r\n"),
        format!("From: {FROM}\r\nSender: {COLLEAGUE}\r\n"),
        format!("From: {FROM}\r\nResent-From: {COLLEAGUE}\r\n"),
        format!("From : {COLLEAGUE}\r\n"),
        format!("FROM:\r\n {COLLEAGUE}\r\n"),
        format!("From: {COLLEAGUE} <{FROM}>\r\n"),
        format!("From: <{FROM}> <{COLLEAGUE}>\r\n"),
        "From: nobody@nowhere.test\r\n".to_owned(),
        "From: u00001\r\n".to_owned(),
        format!("To: {TO}\r\n"),
    ] {
        let message = format!("{header}Subject: {subject}\r\n\r\nhello\r\n");
        let reply = smtp.message(FROM, TO, &message);
        assert!(reply.starts_with("550 5.7.1 "), "{header}: {reply}");
    }
    // What is no header is not let pass for one.
    let reply =
        smtp.message(FROM, TO, &format!("no header\r\nFrom: {COLLEAGUE}\r\nSubject: {subject}\r\n\r\nhello\r\n"));
    assert!(reply.starts_with("550 5.6.0 "), "{reply}");
    let round = "Received: by x; now\r\n".repeat(101) + &text(FROM, TO, &subject);
    assert!(smtp.message(FROM, TO, &round).starts_with("554 5.4.6 "));
    settle(&gateway, "autan", "u00002");
    assert_eq!(count("autan", "u00002", &subject), 0);
    // Other names of one's own are one's own.
    let own = format!("From: Ada <user.1@a.test>\r\nSender: {FROM}\r\nTo: {TO}\r\nSubject: {subject}\r\n\r\nhello\r\n");
    assert!(smtp.message(FROM, TO, &own).starts_with("250 "));
    arrived("autan", "u00002", &subject);
}

#[test]
fn where_the_settings_say_so_authors_are_not_looked_at() {
    let gateway = super::gateway_with("identity-free", |text| text.to_owned() + "\n[sending]\ncheck_from = false\n");
    let subject = subject("free");
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    let reply = smtp.message(FROM, TO, &text("list@nowhere.test", TO, &subject));
    assert!(reply.starts_with("250 "), "{reply}");
    arrived("autan", "u00002", &subject);
    smtp.says(&format!("MAIL FROM:<{COLLEAGUE}>"), "553 5.7.1");
}

#[test]
fn whoever_is_withdrawn_sends_no_more() {
    let gateway = Gateway::start("identity-withdrawn");
    let subject = subject("withdrawn");
    let from = "u00004@a.test";
    let (id, password) = app_password(&gateway, "u00004", "mail");
    let mut waiting = Smtp::log_in(gateway.submission, from, &password);
    let mut sending = Smtp::log_in(gateway.submission, from, &password);
    sending.begin(from, TO);
    sending.send(text(from, TO, &subject).as_bytes());
    let answer = call(&gateway, "appPassword.remove", &(member("login", "u00004") + &member("id", &id)));
    assert!(answer.contains("<boolean>1</boolean>"), "{answer}");
    assert!(waiting.reply().starts_with("421 4.7.0"));
    // What was on its way stays with its sender.
    let reply = sending.ask(".");
    assert!(reply.starts_with("530 5.7.0") || reply.starts_with("421"), "{reply}");
    settle(&gateway, "autan", "u00002");
    assert_eq!(count("autan", "u00002", &subject), 0);
    let mut smtp = Smtp::connect(gateway.submission);
    smtp.says("EHLO client.test", "250");
    smtp.says(&format!("AUTH PLAIN {}", super::plain(from, &password)), "535 5.7.8");
}
