//! The WebDAV surface over a local folder, spoken to on a socket, octet by octet.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod acl;
mod breaking;
mod broken;
#[allow(dead_code, reason = "the attack tables use all of it")]
mod client;
mod content;
mod links;
mod litmus;
mod locks;
mod partial;
mod properties;
mod quirks;
mod server;
mod sharing;
mod spaces;
mod sync;
mod transfer;
mod uploads;

use client::Client;
use server::Server;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A server with its folder.
struct Dav {
    server: Server,
    folder: TempDir,
}

impl Dav {
    async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = || server::local(folder.path(), false);
        Self { server: server::serve(store(), store(), 0).await, folder }
    }

    /// Somebody of `a.test` or `b.test`, by their whole address.
    fn client(&self, address: &str) -> Client {
        Client::new(self.server.address, Some(address))
    }

    /// Where somebody's file lies on the disk; its folders are made.
    fn on_disk(&self, address: &str, path: &str) -> PathBuf {
        let (login, domain) = address.split_once('@').unwrap();
        let institution = if domain == "a.test" { "garonne" } else { "autan" };
        let path = self.folder.path().join(institution).join(login).join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    fn write(&self, address: &str, path: &str, content: &str) {
        std::fs::write(self.on_disk(address, path), content).unwrap();
    }

    fn read(&self, address: &str, path: &str) -> Option<String> {
        std::fs::read_to_string(self.on_disk(address, path)).ok()
    }
}

/// Everything in a folder of the disk, hidden or not.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}
