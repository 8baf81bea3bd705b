//! What happens in the store is heard at once, by all windows of a person and by nobody else.

use super::{HOST, Jmap, append, filled};
use crate::harness::{Gateway, PATIENCE, campus, curl, eventually};
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
    time::Duration,
};

/// A window that listens.
pub(super) struct Window {
    curl: Child,
    lines: BufReader<std::process::ChildStdout>,
}

impl Window {
    pub(super) fn open(gateway: &Gateway, login: &str, query: &str) -> Self {
        let url = format!("https://{HOST}:{}/jmap/eventsource?{query}", gateway.https);
        let most = PATIENCE.as_secs().to_string();
        let mut curl = Command::new("curl")
            .args([
                "-sN",
                "--max-time",
                &most,
                "--cacert",
                campus("CAMPUS_CA"),
                "-u",
                &format!("{login}:pw-{login}"),
                &url,
            ])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(curl.stdout.take().unwrap());
        let mut first = String::new();
        lines.read_line(&mut first).unwrap();
        assert_eq!(first, "retry: 5000\n", "it listens");
        Self { curl, lines }
    }

    /// Everything to the end of the stream.
    pub(super) fn rest(mut self) -> String {
        let mut rest = String::new();
        while self.lines.read_line(&mut rest).unwrap() > 0 {}
        let _ = self.curl.wait();
        rest
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        let _ = self.curl.kill();
        let _ = self.curl.wait();
    }
}

fn watches(gateway: &Gateway) -> usize {
    // Each watch is a connection to the store that waits.
    let inodes = std::fs::read_dir(format!("/proc/{}/fd", gateway.pid()))
        .unwrap()
        .filter_map(|it| std::fs::read_link(it.ok()?.path()).ok());
    inodes.filter(|it| it.to_string_lossy().starts_with("socket:")).count()
}

#[test]
fn arrivals_are_heard_by_all_windows_of_a_person() {
    let gateway = Gateway::start("jmap-events");
    let mut imap = filled(&gateway, "u00071", "Arrive", &[]);
    let jmap = Jmap::of(&gateway, "u00071");
    let before = jmap.call("Email/get", json!({ "ids": [] }))["state"].clone();
    let mut windows: Vec<Window> = Vec::new();
    windows.push(Window::open(&gateway, "u00071", "types=Email,Mailbox&closeafter=state&ping=0"));
    let one = watches(&gateway);
    for _ in 0..4 {
        windows.push(Window::open(&gateway, "u00071", "types=*&closeafter=state&ping=0"));
    }
    // Four more windows are four more sockets of theirs, and none to the store but what was opened for a moment.
    eventually("the windows share one watch", || watches(&gateway) <= one + 4);
    let other = Window::open(&gateway, "u00072", "types=*&closeafter=state&ping=30");
    append(&mut imap, "Arrive", "Subject: x\r\n\r\nx\r\n");
    for window in windows {
        let rest = window.rest();
        let (_, data) = rest.split_once("event: state\ndata: ").unwrap_or_else(|| panic!("{rest:?}"));
        let change: Value = serde_json::from_str(data.lines().next().unwrap()).unwrap();
        let changed = &change["changed"][jmap.account.as_str()];
        let state = changed["Email"].as_str().unwrap_or_else(|| panic!("{change}"));
        assert!(changed["Mailbox"].is_string() && before != state, "{change}");
        // What is heard is what is asked from.
        let told = jmap.call("Email/changes", json!({ "sinceState": before }));
        assert_eq!((&told["newState"], told["created"].as_array().unwrap().len()), (&json!(state), 1));
    }
    // The other person heard pings only, and hears the end of their own session.
    let mut other = other;
    let mut heard = String::new();
    other.lines.read_line(&mut heard).unwrap();
    other.lines.read_line(&mut heard).unwrap();
    other.lines.read_line(&mut heard).unwrap();
    assert!(heard.contains("event: ping\ndata: {\"interval\":30}") && !heard.contains("StateChange"), "{heard}");
    let mut gateway = gateway;
    let drained = std::time::Instant::now();
    gateway.signal("TERM");
    assert!(!other.rest().contains("StateChange"));
    assert!(gateway.wait(), "it ends");
    assert!(drained.elapsed() < Duration::from_secs(15), "a stream that never ends by itself holds nothing up");
}

#[test]
fn wishes_that_cannot_be_are_refused() {
    let gateway = Gateway::start("jmap-wishes");
    for query in ["ping=x", "closeafter=never"] {
        let path = format!("/jmap/eventsource?{query}");
        assert_eq!(curl(&gateway, HOST, Some("u00073:pw-u00073"), "GET", &path, &[]).status, 400, "{query}");
    }
}
