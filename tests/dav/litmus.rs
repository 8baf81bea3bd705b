//! The suite litmus, on one's own tree and on one that is shared. It must pass whole.

use crate::Dav;
use passerelle_model::Rights;
use passerelle_testkit::house::to_account;
use tokio::process::Command;

async fn run(dav: &Dav, path: &str) {
    let work = tempfile::tempdir().unwrap();
    let url = format!("http://{}{path}", dav.server.address);
    let ran = Command::new("litmus").args(["-k", &url, "u00001", "pw-u00001"]).current_dir(work.path()).output().await;
    let output = ran.expect("litmus is needed: apt install litmus");
    let said = String::from_utf8_lossy(&output.stdout);
    for suite in ["basic", "copymove", "props", "locks", "http"] {
        let summary = said.lines().find(|line| line.contains(&format!("summary for `{suite}'"))).unwrap_or_default();
        assert!(summary.contains(" 0 failed") && summary.contains("100.0%"), "{suite} on {path}:\n{said}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_an_own_tree() {
    run(&Dav::start().await, "/dav/files/u00001/").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_shared_folder() {
    let dav = Dav::start().await;
    dav.write("u00002@a.test", "projects/shared/x", "");
    dav.server
        .house
        .grant("u00002@a.test", "projects/shared", to_account("u00001@a.test"), Rights::MANAGE)
        .await
        .unwrap();
    run(&dav, "/dav/files/u00002/projects/shared/").await;
}

/// From another institution, whose owner may share with this one.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_folder_from_another_institution() {
    let dav = Dav::start().await;
    dav.write("u00001@b.test", "shared/x", "");
    dav.server.house.grant("u00001@b.test", "shared", to_account("u00001@a.test"), Rights::MANAGE).await.unwrap();
    run(&dav, "/dav/files/u00001@b.test/shared/").await;
}
