//! The contract of file stores, on the campus's Samba.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use passerelle_core::{config::Block, ports::FileStore};
use passerelle_testkit::files_contract;
use std::{path::Path, sync::Arc};

/// The port of the campus's Samba, from its `env` file.
fn port() -> String {
    let campus = std::env::var("PASSERELLE_TEST_CAMPUS").unwrap();
    let facts = std::fs::read_to_string(Path::new(&campus).join("env")).unwrap();
    let port = facts.lines().find_map(|line| line.strip_prefix("CAMPUS_SMB=")).unwrap();
    port.trim_matches(['\'', '"']).to_owned()
}

/// The service account's password, in a file as the settings want it.
fn secret() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "pw-gateway\n").unwrap();
    file
}

/// A tree of this test's own on the share `users`, as the service account.
fn store(name: &str) -> Arc<dyn FileStore> {
    let secret = secret();
    let text = format!(
        "server = \"127.0.0.1:{}\"\nshare = \"users\"\npath = \"{name}-{}/{{institution}}/{{login}}\"\ncreate = true\n\
         user = \"gateway\"\npassword = {{ file = {:?} }}\n",
        port(),
        std::process::id(),
        secret.path()
    );
    (passerelle_files_smb::FACTORY.build)(&Block::from_text("centre.files", Path::new("x.toml"), &text)).unwrap()
}

#[tokio::test]
async fn campus_keeps_the_contract() {
    files_contract::check(store("contract")).await;
}

#[tokio::test]
async fn campus_lists_five_hundred() {
    files_contract::check_listing(store("listing"), 500).await;
}
