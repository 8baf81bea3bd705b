//! Unique-ids: those of the server that is replaced, the same over restarts and on every node.

use super::{Pop, port, store};
use crate::{
    harness::{Gateway, State},
    nodes::Database,
};
use std::{fs, path::Path};

/// Gives an institution a format.
fn with_format(config: &Path, format: &str) {
    let file = config.join("institutions/garonne/institution.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, format!("{text}[pop3]\nuidl_format = \"{format}\"\n")).unwrap();
}

#[test]
fn they_are_dovecots_octet_for_octet() {
    let gateway = Gateway::start("pop3-uidl");
    for (domain, dovecot) in [("a.test", "CAMPUS_POP3_A"), ("b.test", "CAMPUS_POP3_B")] {
        for login in ["u00001", "u00002"] {
            let mut theirs = Pop::log_in(port(dovecot), login, &format!("pw-{login}"));
            let mut ours = Pop::log_in(gateway.pop3, &format!("{login}@{domain}"), &format!("pw-{login}"));
            let (theirs, told) = (theirs.lines("UIDL"), ours.lines("UIDL"));
            assert!(theirs.len() >= 150, "{domain}: {}", theirs.len());
            assert_eq!(told, theirs, "{login}@{domain}");
            assert_eq!(ours.say("UIDL 7"), format!("+OK {}", theirs[6]));
        }
    }
}

#[test]
fn they_outlast_a_restart_and_are_every_nodes() {
    let database = Database::make("pop3_uidl");
    let state = State::Postgres(database.0.clone());
    let mut gateway = Gateway::start_with("pop3-uidl-a", &state, |_| {});
    let twin = gateway.twin("pop3-uidl-b", &state);
    let told = |gateway: &Gateway| Pop::log_in(gateway.pop3, "u00001@a.test", "pw-u00001").lines("UIDL");
    let before = told(&gateway);
    assert_eq!(told(&twin), before);
    gateway.kill();
    gateway.run();
    assert_eq!(told(&gateway), before);
}

#[test]
fn formats_of_other_servers() {
    let mut imap = store("u00001");
    let opened = imap.command("e EXAMINE INBOX").join("\n");
    let validity: u32 = opened.split_once("[UIDVALIDITY ").unwrap().1.split(']').next().unwrap().parse().unwrap();
    let fetched = imap.command("f FETCH 1:3 (UID X-GUID)");
    let guid = |line: &String| line.split_once("X-GUID ").unwrap().1.trim_end_matches(')').to_owned();
    let guids: Vec<String> = fetched.iter().filter(|line| line.contains("X-GUID")).map(guid).collect();
    for (format, expected) in [
        ("cyrus", format!("{validity}.2")),
        ("courier", format!("{validity}-2")),
        ("uidonly", "2".to_owned()),
        ("UID%u-%v", format!("UID2-{validity}")),
        ("%g", guids[1].clone()),
    ] {
        let name = format!("pop3-format-{}", format.replace('%', "x"));
        let gateway = Gateway::start_with(&name, &State::Sqlite, |config| with_format(config, format));
        let mut pop = Pop::log_in(gateway.pop3, "u00001@a.test", "pw-u00001");
        assert_eq!(pop.say("UIDL 2"), format!("+OK 2 {expected}"), "{format}");
    }
}

#[test]
fn a_format_that_cannot_be_is_told_with_its_line() {
    let gateway = Gateway::start("pop3-format-bad");
    with_format(&gateway.config(), "%v");
    let checked = crate::harness::try_run(
        crate::harness::binary().to_str().unwrap(),
        &["check", "--config", gateway.config().to_str().unwrap()],
    );
    let said = String::from_utf8_lossy(&checked.stderr).into_owned();
    assert_eq!(checked.status.code(), Some(2));
    assert!(said.contains("institution.toml:") && said.contains("uidl_format") && said.contains("dovecot"), "{said}");
}
