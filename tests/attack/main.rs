//! Every operation of every surface as everybody: nobody, a stranger, a colleague, a reader, an editor, the owner.
//!
//! One file for each surface: its table, a line for each operation, and where the list of operations comes from. To add an
//! operation to a table, add a line. `lists.rs` holds the tables against what the surfaces say they can do.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "../dav/breaking.rs"]
mod breaking;
#[path = "../dav/client.rs"]
#[allow(dead_code, reason = "the tests of WebDAV use all of it")]
mod client;
mod collections;
mod dav;
mod ftp;
mod fuse;
mod imap;
mod jmap;
mod jmap_calendars;
mod jmap_tasks;
mod lists;
mod lmtp;
mod pop3;
mod portal;
mod publication;
#[path = "../dav/server.rs"]
#[allow(dead_code, reason = "the tests of WebDAV use all of it")]
mod server;
mod sieve;
mod smtp;
mod sso;
mod web;
mod xmlrpc;

use client::Client;
use server::Server;
use std::path::PathBuf;
use tempfile::TempDir;
pub(crate) use web::Browser;

pub(crate) const OWNER: &str = "u00001@a.test";
pub(crate) const READER: &str = "u00006@a.test";
pub(crate) const EDITOR: &str = "u00007@a.test";
/// Nobody; somebody of an institution that is not shared with; a colleague; who may read; who may write; the owner.
pub(crate) const WHO: [Option<&str>; 6] =
    [None, Some("u00005@b.test"), Some("u00005@a.test"), Some(READER), Some(EDITOR), Some(OWNER)];

/// Every HTTP surface on one port, as the gateway puts them together, with its folder.
pub(crate) struct Site {
    pub(crate) server: Server,
    folder: TempDir,
}

impl Site {
    pub(crate) async fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = || server::local(folder.path(), false);
        let server = server::serve_surfaces(store(), store(), 0, |door| {
            vec![
                passerelle_surface_dav::surface(door.clone()),
                passerelle_surface_xmlrpc::surface(door.clone()),
                passerelle_surface_sso::surface(door.clone()),
                passerelle_surface_jmap::surface(door.clone()),
                passerelle_surface_portal::surface(door.clone()),
                passerelle_surface_web::surface(door),
            ]
        });
        Self { server: server.await, folder }
    }

    /// Where somebody's file lies on the disk; its folders are made.
    pub(crate) fn on_disk(&self, address: &str, path: &str) -> PathBuf {
        let (login, domain) = address.split_once('@').unwrap();
        let institution = if domain == "a.test" { "garonne" } else { "autan" };
        let path = self.folder.path().join(institution).join(login).join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        path
    }

    pub(crate) fn write(&self, address: &str, path: &str, content: &str) {
        std::fs::write(self.on_disk(address, path), content).unwrap();
    }

    pub(crate) fn read(&self, address: &str, path: &str) -> Option<String> {
        std::fs::read_to_string(self.on_disk(address, path)).ok()
    }
}

/// Somebody with a password, or nobody.
pub(crate) fn client(site: &Site, who: Option<&str>) -> Client {
    Client::new(site.server.address, who)
}
