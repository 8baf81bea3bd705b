//! The contract of file stores, on the campus's Samba.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use passerelle_core::{
    Errand, Error, Lookup, Result,
    config::Block,
    ports::{FileStore, Node},
};
use passerelle_testkit::{
    files_contract, files_model,
    house::{HouseBuilder, node},
    memory_state::MemoryState,
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

/// A wire to the file server that can be cut: all connections on it end, and none is taken.
struct Wire(tokio::task::JoinHandle<()>);

impl Wire {
    async fn lay(at: u16) -> Self {
        let listener = loop {
            // What was cut may hold the port for a moment.
            match tokio::net::TcpListener::bind(("127.0.0.1", at)).await {
                Ok(listener) => break listener,
                Err(_) => tokio::time::sleep(std::time::Duration::from_millis(20)).await,
            }
        };
        Self(tokio::spawn(async move {
            let mut all = tokio::task::JoinSet::new();
            while let Ok((mut client, _)) = listener.accept().await {
                all.spawn(async move {
                    let mut server = tokio::net::TcpStream::connect(format!("127.0.0.1:{}", port())).await.unwrap();
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server).await;
                });
            }
        }))
    }

    async fn cut(self) {
        self.0.abort();
        let _ = self.0.await;
    }
}

#[tokio::test]
async fn campus_a_server_that_comes_back_is_found_again() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let wire = Wire::lay(free).await;
    let store = store_at("wire", &free.to_string());
    let house = HouseBuilder::new(Arc::new(MemoryState::new())).files("garonne", store).open().await.unwrap();
    let session = house.login("u00001@a.test", Errand::Files).await.unwrap();
    let look =
        async || -> Result<Node> { session.open::<_, Lookup>(node("u00001@a.test", "")).await.unwrap().stat().await };
    look().await.unwrap();
    wire.cut().await;
    let began = std::time::Instant::now();
    for _ in 0..2 {
        assert!(matches!(look().await, Err(Error::Unavailable { .. })), "away is not absent");
    }
    assert!(began.elapsed().as_secs() < 25, "within the deadline of each call");
    let wire = Wire::lay(free).await;
    look().await.unwrap();
    wire.cut().await;
}
