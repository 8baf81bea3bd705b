//! Serves WebDAV on a folder, for clients and conformance suites tried by hand: `dav-serve FOLDER PORT [fsync]`.

#![allow(clippy::expect_used, clippy::print_stdout, reason = "a tool for tests")]

mod server;

use passerelle_model::Rights;
use passerelle_testkit::house::to_account;

fn main() {
    tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime").block_on(async {
        let mut arguments = std::env::args().skip(1);
        let folder = arguments.next().expect("a folder");
        let port = arguments.next().and_then(|port| port.parse().ok()).expect("a port");
        let fsync = arguments.next().is_some_and(|word| word == "fsync");
        let store = || server::local(folder.as_ref(), fsync);
        let server = server::serve(store(), store(), port).await;
        // What u00002 shares with u00001, to try a tree that is not one's own.
        let all = Rights::MANAGE;
        server
            .house
            .grant("u00002@a.test", "projects/shared", to_account("u00001@a.test"), all)
            .await
            .expect("a grant");
        println!("http://{}/dav/files/u00001/", server.address);
        std::future::pending::<()>().await;
    });
}
