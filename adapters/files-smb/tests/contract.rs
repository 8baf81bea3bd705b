//! The contract of file stores, on the campus's Samba.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use passerelle_core::{Error, config::Block, ports::FileStore};
use passerelle_testkit::{
    cut_wire::{self, Wire},
    files_contract, files_model,
    files_owner::Owner,
};
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
    store_at(name, &port())
}

fn store_at(name: &str, port: &str) -> Arc<dyn FileStore> {
    let secret = secret();
    let text = format!(
        "server = \"127.0.0.1:{}\"\nshare = \"users\"\npath = \"{name}-{}/{{institution}}/{{login}}\"\ncreate = true\n\
         user = \"gateway\"\npassword = {{ file = {:?} }}\n",
        port,
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
async fn campus_random_operations_of_two_come_to_what_a_model_predicts() {
    files_model::check(store("model"), 5_000, 1).await;
}

#[tokio::test]
async fn campus_lists_five_hundred() {
    files_contract::check_listing(store("listing"), 500).await;
}

#[tokio::test]
async fn campus_a_server_that_comes_back_is_found_again() {
    let lay = async |port| Wire::lay(port, &self::port(), cut_wire::plain, u64::MAX).await;
    let wire = lay(0).await;
    let owner = Owner::of(store_at("wire", &wire.port.to_string())).await;
    owner.stat("").await.unwrap();
    let free = wire.cut().await;
    let began = std::time::Instant::now();
    for _ in 0..2 {
        assert!(matches!(owner.stat("").await, Err(Error::Unavailable { .. })), "away is not absent");
    }
    assert!(began.elapsed().as_secs() < 25, "within the deadline of each call");
    let wire = lay(free).await;
    owner.stat("").await.unwrap();
    wire.cut().await;
}
