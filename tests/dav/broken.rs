//! A store that fails: absent is never a word for unavailable.

use crate::{breaking::Breaking, client::Client, server};
use std::sync::Arc;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_fails_midway_breaks_the_connection() {
    let folder = tempfile::tempdir().unwrap();
    let store = || Arc::new(Breaking(server::local(folder.path(), false)));
    let server = server::serve(store(), store(), 0).await;
    let home = folder.path().join("garonne/u00001");
    std::fs::create_dir_all(home.join("a")).unwrap();
    for number in 0..10 {
        std::fs::write(home.join(format!("a/f{number}")), "x").unwrap();
    }
    std::fs::write(home.join("large"), vec![7; 1_000_000]).unwrap();
    let client = Client::new(server.address, Some("u00001@a.test"));
    let listing = client.ask("PROPFIND", "/dav/files/u00001/a/", &[("depth", "1")]).await;
    assert_eq!(listing.status, 207);
    assert!(!listing.whole, "half of a listing looks whole: {listing:?}");
    assert!(!listing.body.contains("</D:multistatus>"));
    let file = client.ask("GET", "/dav/files/u00001/large", &[]).await;
    assert_eq!((file.status, file.whole), (200, false));
    assert!(!file.body.is_empty());
    let down = client.ask("PROPFIND", "/dav/files/u00001/down", &[("depth", "0")]).await;
    assert_eq!((down.status, down.header("retry-after")), (503, Some("30")));
    assert_eq!(client.send("PUT", "/dav/files/u00001/down", &[], "x").await.status, 503);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_home_that_is_not_mounted_is_not_empty() {
    let folder = tempfile::tempdir().unwrap();
    let text = format!("path = {:?}\n", folder.path().join("{institution}/{login}"));
    let block = passerelle_core::config::Block::from_text("files", &folder.path().join("x.toml"), &text);
    let store = || (passerelle_files_local::FACTORY.build)(&block).unwrap();
    let server = server::serve(store(), store(), 0).await;
    let client = Client::new(server.address, Some("u00001@a.test"));
    for method in ["PROPFIND", "GET", "PUT", "DELETE"] {
        let reply = client.ask(method, "/dav/files/u00001/f", &[("depth", "0")]).await;
        let reply = if method == "DELETE" { client.ask(method, "/dav/files/u00001/f", &[]).await } else { reply };
        assert_eq!(reply.status, 503, "{method}");
    }
}
