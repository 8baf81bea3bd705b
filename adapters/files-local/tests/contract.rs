//! The contract of file stores, on a folder of this machine.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use passerelle_core::{config::Block, ports::FileStore};
use passerelle_testkit::{files_contract, files_model};
use std::{path::Path, sync::Arc};

fn store(folder: &Path, more: &str) -> Arc<dyn FileStore> {
    let text = format!("path = {:?}\ncreate = true\n{more}", folder.join("{institution}/{login}"));
    (passerelle_files_local::FACTORY.build)(&Block::from_text("garonne.files", &folder.join("x.toml"), &text)).unwrap()
}

#[tokio::test]
async fn random_operations_of_two_come_to_what_a_model_predicts() {
    let folder = tempfile::tempdir().unwrap();
    files_model::check(store(folder.path(), ""), 5_000, 1).await;
}

#[tokio::test]
async fn keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    files_contract::check(store(folder.path(), "")).await;
}

#[tokio::test]
async fn keeps_the_contract_without_waiting_for_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    files_contract::check(store(folder.path(), "fsync = false\n")).await;
}

#[tokio::test]
async fn keeps_the_contract_in_memory() {
    let folder = tempfile::tempdir_in("/dev/shm").unwrap();
    files_contract::check(store(folder.path(), "")).await;
}

#[tokio::test]
async fn lists_ten_thousand() {
    let folder = tempfile::tempdir().unwrap();
    files_contract::check_listing(store(folder.path(), "fsync = false\n"), 10_000).await;
}
