//! JMAP in a conversation (RFC 8887), with a published WebSocket library of others, and with clients that keep no rules.

use super::{HOST, Jmap, filled};
use crate::{
    harness::{Gateway, campus, curl, root, run},
    web::Browser,
};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader},
    process::{Child, ChildStdout, Command, Stdio},
    time::{Duration, Instant},
};

fn script() -> String {
    root().join("tests/e2e/jmap/with_websockets.py").to_str().unwrap().to_owned()
}

#[track_caller]
fn plays(gateway: &Gateway, login: &str, scenario: &[&str]) -> String {
    let (script, port, password) = (script(), gateway.https.to_string(), format!("pw-{login}"));
    let fixed = [script.as_str(), &port, campus("CAMPUS_CA"), login, &password];
    run(campus("CAMPUS_PYTHON"), &[&fixed[..], scenario].concat())
}

#[test]
fn requests_in_a_conversation() {
    let gateway = Gateway::start("jmap-ws");
    let session = curl(&gateway, HOST, Some("u00456:pw-u00456"), "GET", "/jmap/session", &[]);
    let session: Value = serde_json::from_str(&session.body).unwrap();
    let told = &session["capabilities"]["urn:ietf:params:jmap:websocket"];
    assert_eq!(told["url"], format!("wss://{HOST}:{}/jmap/ws", gateway.https), "{told}");
    assert_eq!(told["supportsPush"], true);
    assert!(plays(&gateway, "u00456", &["requests"]).contains("requests: all answered"));
}

#[test]
fn changes_are_told_in_a_conversation() {
    let gateway = Gateway::start("jmap-ws-push");
    drop(filled(&gateway, "u00457", "Pousse", &[]));
    let jmap = Jmap::of(&gateway, "u00457");
    let mailbox = jmap.mailbox("Pousse");
    assert!(plays(&gateway, "u00457", &["push", &jmap.account, &mailbox]).contains("push: told"));
}

#[test]
fn who_keeps_no_rules_is_told_so_and_harms_nobody() {
    let gateway = Gateway::start("jmap-ws-hostile");
    assert!(plays(&gateway, "u00458", &["hostile"]).contains("hostile: all refused"));
    assert!(plays(&gateway, "u00458", &["crowd"]).contains("crowd: bounded"));
    let before = gateway.peak();
    assert!(plays(&gateway, "u00458", &["slow"]).contains("slow: held back"));
    let grown = gateway.peak().saturating_sub(before);
    assert!(grown < 100 * 1024, "one who reads nothing costs {grown} KiB");
    assert!(!gateway.log().contains("panicked"));
}

/// It takes the minute that a message has, and up to twenty seconds until it is looked at.
#[test]
fn a_message_in_pieces_has_a_minute() {
    let gateway = Gateway::start("jmap-ws-pieces");
    assert!(plays(&gateway, "u00463", &["pieces"]).contains("pieces: ended"));
}

/// A program that waits for the end of its conversation.
struct Waiting {
    child: Child,
    lines: BufReader<ChildStdout>,
}

impl Waiting {
    fn begin(gateway: &Gateway, login: &str, password: &str) -> Self {
        let mut child = Command::new(campus("CAMPUS_PYTHON"))
            .args([&script(), &gateway.https.to_string(), campus("CAMPUS_CA"), login, password, "wait"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap());
        let mut waiting = Self { child, lines };
        assert_eq!(waiting.line(), "waiting");
        waiting
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.lines.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }
}

impl Drop for Waiting {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_conversation_ends_with_what_opened_it_and_with_the_node() {
    let mut gateway = Gateway::start("jmap-ws-ends");
    let mut browser = Browser::sign_in(&gateway, HOST, "u00459", "pw-u00459");
    let made = browser.post("/app-passwords", &[("name", "talks"), ("scope", "mail")]);
    let lost = made.body.split_once("class=\"secret\">").unwrap().1.split('<').next().unwrap().to_owned();
    let mut by_app_password = Waiting::begin(&gateway, "u00459", &lost);
    let mut other = Waiting::begin(&gateway, "u00459", "pw-u00459");
    assert_eq!(browser.post("/app-passwords/remove", &[("id", &lost[..8])]).status, 303);
    assert_eq!(by_app_password.line(), "closed: 1008");
    // The other one hears that the node goes down, and holds nothing up.
    let drained = Instant::now();
    gateway.signal("TERM");
    assert_eq!(other.line(), "closed: 1001");
    assert!(gateway.wait(), "it ends");
    assert!(drained.elapsed() < Duration::from_secs(15), "a conversation holds nothing up");
}
