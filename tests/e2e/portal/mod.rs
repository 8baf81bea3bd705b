//! What portals ask for: by proxy tickets of a real CAS server, by signed tokens, through every leg that may fail.

mod cas;
mod frames;
mod legs;
mod programs;
mod shared;
mod tokens;

use crate::harness::{Answer, Gateway, PATIENCE, campus, curl, root};
use serde_json::Value;
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::{Ipv4Addr, TcpListener},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

/// The host that portals speak with.
const HOST: &str = "garonne.localhost";

/// A portal's server, with somebody who has signed on there.
struct Portal {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Portal {
    fn of(port: u16, login: &str) -> Self {
        Self::at(campus("CAMPUS_CAS_A"), port, login)
    }

    /// At a CAS server of this port.
    fn at(cas: &str, port: u16, login: &str) -> Self {
        let ca = Path::new(campus("CAMPUS_CA")).parent().unwrap();
        let mut child = Command::new("python3")
            .arg(root().join("tests/e2e/portal/portal.py"))
            .arg(format!("http://127.0.0.1:{cas}/cas"))
            .args([ca.join("srv.pem"), ca.join("srv.key")])
            .args([&port.to_string(), login])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut portal = Self { child, input, output };
        assert_eq!(portal.line(), "ready", "somebody signed on at the portal");
        portal
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.output.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn ask(&mut self, command: &str) -> String {
        writeln!(self.input, "{command}").unwrap();
        self.line()
    }
}

impl Drop for Portal {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A port that is free now, for a portal.
fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// The service that a ticket for this gateway is made out to.
fn service(gateway: &Gateway) -> String {
    format!("https://{HOST}:{}/portal/session", gateway.https)
}

/// Changes what a portal brought.
#[track_caller]
fn change(gateway: &Gateway, field: &str, word: &str) -> Answer {
    let form = format!("{field}={word}");
    curl(gateway, HOST, None, "POST", "/portal/session", &["--data", &form])
}

#[track_caller]
fn bearer(gateway: &Gateway, field: &str, word: &str) -> String {
    let answer = change(gateway, field, word);
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!((&body["token_type"], &body["expires_in"]), (&"Bearer".into(), &300.into()));
    body["access_token"].as_str().unwrap().to_owned()
}

fn authorization(bearer: &str) -> String {
    format!("Authorization: Bearer {bearer}")
}

#[track_caller]
fn get(gateway: &Gateway, bearer: &str, path: &str) -> Answer {
    curl(gateway, HOST, None, "GET", path, &["-H", &authorization(bearer)])
}

#[track_caller]
fn counts(gateway: &Gateway, bearer: &str) -> Value {
    let answer = get(gateway, bearer, "/portal/counts");
    assert_eq!((answer.status, answer.header("content-type")), (200, Some("application/json")), "{}", answer.body);
    serde_json::from_str(&answer.body).unwrap()
}

/// Puts lines behind a settings file.
fn extend(file: &Path, lines: &str) {
    let text = fs::read_to_string(file).unwrap();
    fs::write(file, format!("{text}\n{lines}")).unwrap();
}

/// Puts lines before the first table of an institution's settings.
fn begin(config: &Path, institution: &str, lines: &str) {
    let file = config.join(format!("institutions/{institution}/institution.toml"));
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{lines}\n{text}")).unwrap();
}

/// Changes an institution's settings.
fn replace(config: &Path, institution: &str, from: &str, to: &str) {
    let file = config.join(format!("institutions/{institution}/institution.toml"));
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.contains(from), "{text}");
    fs::write(&file, text.replace(from, to)).unwrap();
}

/// garonne signs on at its CAS server, and takes tickets of this portal.
fn with_cas(config: &Path, proxies: &str) {
    extend(
        &config.join("passerelle.toml"),
        &format!(
            "[realm.garonne.sso.cas]\nurl = \"http://127.0.0.1:{}/cas\"\nproxy = \"callback\"\n",
            campus("CAMPUS_CAS_A")
        ),
    );
    let file = config.join("institutions/garonne/institution.toml");
    extend(&file, &format!("[portal]\nproxies = [{proxies}]\n"));
}

/// The store takes proxy tickets and nothing else.
fn by_ticket_only(config: &Path) {
    let file = config.join("institutions/garonne/institution.toml");
    let text = fs::read_to_string(&file).unwrap();
    let (before, after) = text.split_once("[mail.master]").unwrap();
    let (_, files) = after.split_once("[files.home]").unwrap();
    fs::write(&file, format!("{before}ticket_service = \"imap://127.0.0.1/\"\n[files.home]{files}")).unwrap();
}

/// Waits for something that another server has to tell first.
#[track_caller]
fn within(what: &str, mut holds: impl FnMut() -> bool) {
    let until = std::time::Instant::now() + PATIENCE;
    while !holds() {
        assert!(std::time::Instant::now() < until, "it never came to pass: {what}");
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
}
