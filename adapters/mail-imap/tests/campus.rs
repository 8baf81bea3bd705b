//! Against the campus's Dovecots: Maildir over STARTTLS with an authorization identity, mdbox over TLS with `login*master`.
//! All names begin with `campus_`, so that a run without a campus can leave them out.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use passerelle_core::{config::Block, ports::MailStore};
use passerelle_testkit::mail_contract::{looks_without_touching, mailbox, what_is_not_there};
use std::{path::PathBuf, sync::Arc};

fn campus(name: &str) -> String {
    let folder = std::env::var("PASSERELLE_TEST_CAMPUS")
        .unwrap_or_else(|_| panic!("PASSERELLE_TEST_CAMPUS must name the folder of a campus that runs"));
    let env = std::fs::read_to_string(PathBuf::from(folder).join("env")).unwrap();
    let line = env.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    line.unwrap_or_else(|| panic!("the campus's env has no {name}")).trim_matches('\'').to_owned()
}

fn store(port: &str, more: &str) -> Arc<dyn MailStore> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("master"), "gw-secret").unwrap();
    let text = format!(
        "address = '127.0.0.1:{}'\nca = '{}'\n{more}\n[master]\nuser = 'gateway'\npassword = {{ file = 'master' }}\n",
        campus(port),
        campus("CAMPUS_CA")
    );
    let (text, separator) =
        text.split_once("#sep").map_or((text.clone(), ""), |(a, b)| (format!("{a}{b}"), "separator = '*'"));
    let block = Block::from_text("x.mail", &folder.path().join("institution.toml"), &format!("{text}{separator}\n"));
    (passerelle_mail_imap::FACTORY.build)(&block).unwrap()
}

fn a() -> Arc<dyn MailStore> {
    store("CAMPUS_IMAP_A", "tls = 'starttls'")
}

fn b() -> Arc<dyn MailStore> {
    store("CAMPUS_IMAPS_B", "tls = 'implicit'#sep")
}

#[tokio::test]
async fn campus_maildir_over_starttls() {
    looks_without_touching(a()).await;
    what_is_not_there(a()).await;
    let room = mailbox(a(), "INBOX").await.latest(0).await.unwrap().room.unwrap();
    assert!(room.used > 0 && room.limit > room.used, "{room:?}");
}

#[tokio::test]
async fn campus_mdbox_over_tls() {
    looks_without_touching(b()).await;
    what_is_not_there(b()).await;
}

#[tokio::test]
async fn campus_a_store_that_is_not_there_is_unavailable() {
    let block = Block::from_text("x.mail", std::path::Path::new("x.toml"), "address = '127.0.0.1:9'\ntls = 'none'\n");
    let store = (passerelle_mail_imap::FACTORY.build)(&block).unwrap();
    let inbox = mailbox(store, "INBOX").await;
    assert_eq!(inbox.latest(5).await.map_err(|error| error.word()), Err("unavailable"));
}
