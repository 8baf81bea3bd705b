//! The contract of file stores, on the campus's OpenSSH, and what happens when the way to it breaks.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use bytes::Bytes;
use futures::TryStreamExt;
use passerelle_core::{
    Add, Edit, Errand, Error, Read,
    config::Block,
    ports::{FileStore, Node, Precondition, Verdict},
};
use passerelle_testkit::{
    cut_wire, files_contract,
    files_faults::{self, Breaking, FarStore},
    files_model,
    files_owner::{OWNER, Owner},
    house::node,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// A fact of the campus, from its `env` file.
fn campus(name: &str) -> String {
    let campus = std::env::var("PASSERELLE_TEST_CAMPUS").unwrap();
    let facts = std::fs::read_to_string(Path::new(&campus).join("env")).unwrap();
    let fact = facts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap();
    fact.trim_matches(['\'', '"']).to_owned()
}

fn tree(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}

/// The server's own key, as its administrator would tell it.
fn host_key() -> String {
    std::fs::read_to_string(Path::new(&campus("CAMPUS_DIR")).join("sftp/host.pub")).unwrap().trim().to_owned()
}

/// Files on the server at a port, as the service account with its key.
fn store_at(port: &str, path: &str, more: &str) -> Arc<dyn FileStore> {
    let key = Path::new(&campus("CAMPUS_DIR")).join("sftp/gateway");
    let text = format!(
        "server = \"127.0.0.1:{port}\"\nhost_keys = [{:?}]\npath = {path:?}\nuser = \"gateway\"\nkey = {{ file = {key:?} }}\n{more}\n",
        host_key()
    );
    build(&text)
}

fn build(text: &str) -> Arc<dyn FileStore> {
    (passerelle_files_sftp::FACTORY.build)(&Block::from_text("centre.files", Path::new("x.toml"), text)).unwrap()
}

/// A tree of this test's own.
fn store(name: &str) -> Arc<dyn FileStore> {
    store_at(&campus("CAMPUS_SFTP"), &format!("{}/{{institution}}/{{login}}/", tree(name)), "create = true")
}

/// Where the owner's tree lies on the server's disk.
fn on_disk(name: &str) -> PathBuf {
    Path::new(&campus("CAMPUS_DIR")).join("sftp/homes").join(tree(name)).join("garonne/u00001")
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

/// The server behind a wire, and a tree of a test's own there.
fn far(name: &'static str) -> FarStore {
    let tree = tree(name);
    let store = move |port: u16| {
        let path = format!("{tree}/garonne/{{login}}");
        store_at(&port.to_string(), &path, "create = true\ntimeout_ms = 3000")
    };
    FarStore { server: campus("CAMPUS_SFTP"), carry: cut_wire::plain, store: Box::new(store), disk: on_disk(name) }
}

#[tokio::test]
async fn campus_a_server_lost_in_an_upload_leaves_the_old_content_and_no_litter() {
    files_faults::check_lost_in_an_upload(&far("lost")).await;
}

#[tokio::test]
async fn campus_an_answer_that_breaks_is_no_short_one() {
    let owner = Owner::of(store("cut")).await;
    let breaking = Breaking { file: 4_000_000, files: 2_000, most: 100_000 };
    files_faults::check_broken_answers(&owner, &far("cut"), breaking).await;
}

#[tokio::test]
async fn campus_links_lead_nowhere() {
    use std::os::unix::fs::symlink;
    let owner = Owner::of(store("links")).await;
    owner.create("f", b"1").await.unwrap();
    let folder = on_disk("links");
    symlink("/etc", folder.join("etc")).unwrap();
    symlink("/etc/passwd", folder.join("passwd")).unwrap();
    symlink("f", folder.join("inside")).unwrap();
    let listing = owner.open::<Read>("").await.list().await.unwrap();
    let all: Vec<Vec<Node>> = listing.try_collect().await.unwrap();
    assert_eq!(all.concat().into_iter().map(|node| node.name).collect::<Vec<_>>(), ["f"]);
    for path in ["etc", "passwd", "inside", "etc/passwd"] {
        assert!(matches!(owner.stat(path).await, Err(Error::NotFound)), "{path}");
        assert!(matches!(owner.open::<Read>(path).await.open().await.map(drop), Err(Error::NotFound)), "{path}");
    }
    let new = owner.create("etc/passerelle-was-here", b"1").await;
    assert!(matches!(new, Err(Error::NoParent | Error::NotFound)), "{new:?}");
}

#[tokio::test]
async fn campus_a_replaced_file_keeps_its_mode_and_gets_a_time_of_its_own() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt};
    let owner = Owner::of(store("mode")).await;
    owner.create("f", b"1").await.unwrap();
    let file = on_disk("mode").join("f");
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o640)).unwrap();
    let before = std::fs::metadata(&file).unwrap();
    let mut upload = owner.open::<Edit>("f").await.replace(Some(1)).await.unwrap();
    upload.write(Bytes::from_static(b"2")).await.unwrap();
    upload.commit(&Precondition::None).await.unwrap();
    let after = std::fs::metadata(&file).unwrap();
    assert_eq!(after.mode() & 0o777, 0o640);
    assert!(after.mtime() > before.mtime());
}

#[tokio::test]
async fn campus_what_may_not_be_written_says_so() {
    use std::os::unix::fs::PermissionsExt;
    let owner = Owner::of(store("fixed")).await;
    owner.create("f", b"1").await.unwrap();
    let folder = on_disk("fixed");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
    assert!(matches!(owner.create("g", b"2").await, Err(Error::Forbidden)));
    assert!(matches!(owner.open::<Add>("d").await.make_folder().await, Err(Error::Forbidden)));
    let removed = owner.open::<passerelle_core::Remove>("f").await.remove(&Precondition::None).await;
    assert!(matches!(removed, Err(Error::Forbidden)));
    let large = owner.open::<Add>("large").await.create(Some(1 << 60)).await;
    assert!(matches!(large.map(drop), Err(Error::OverQuota)));
}

#[tokio::test]
async fn campus_a_root_that_is_missing_is_no_empty_tree() {
    let owner = Owner::of(store_at(&campus("CAMPUS_SFTP"), &format!("{}/{{login}}", tree("missing")), "")).await;
    assert!(matches!(owner.stat("").await, Err(Error::Unavailable { .. })));
    assert!(matches!(owner.open::<Read>("").await.list().await.map(drop), Err(Error::Unavailable { .. })));
    assert!(matches!(owner.create("f", b"1").await, Err(Error::Unavailable { .. })));
}

#[tokio::test]
async fn campus_doctor_names_the_leg() {
    let port = campus("CAMPUS_SFTP");
    let legs = async |store: Arc<dyn FileStore>| {
        let legs = store.examine().await;
        legs.into_iter().map(|leg| (leg.name, leg.verdict)).collect::<Vec<_>>()
    };
    let good = legs(store_at(&port, "{login}", "")).await;
    let [("tcp", Verdict::Works(_)), ("account", Verdict::Works(who)), ("share", Verdict::Works(_))] = good.as_slice()
    else {
        panic!("{good:?}")
    };
    assert_eq!(who, "gateway", "OpenSSH lacks nothing");
    let closed = legs(store_at("1", "{login}", "")).await;
    assert!(matches!(closed.as_slice(), [("tcp", Verdict::Fails { .. })]), "{closed:?}");
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "wrong\n").unwrap();
    let other_key = format!("\"SHA256:{}\"", "A".repeat(43));
    for (keys, leg, told) in
        [(format!("{:?}", host_key()), "account", "gateway was refused"), (other_key, "host key", "SHA256:")]
    {
        let text = format!(
            "server = \"127.0.0.1:{port}\"\nhost_keys = [{keys}]\npath = \"{{login}}\"\nuser = \"gateway\"\n\
             password = {{ file = {:?} }}\n",
            secret.path()
        );
        let wrong = legs(build(&text)).await;
        let [_, (name, Verdict::Fails { what, .. })] = wrong.as_slice() else { panic!("{wrong:?}") };
        assert_eq!(*name, leg);
        assert!(what.contains(told), "{what}");
    }
    let nowhere = legs(store_at(&port, "nowhere/{login}", "")).await;
    assert!(matches!(nowhere.as_slice(), [_, _, ("share", Verdict::Fails { .. })]), "{nowhere:?}");
}

#[tokio::test]
async fn campus_ones_own_password_opens_ones_own_tree_alone() {
    let text = format!(
        "server = \"127.0.0.1:{}\"\nhost_keys = [{:?}]\npath = \"{}/{{login}}\"\ncreate = true\n",
        campus("CAMPUS_SFTP"),
        host_key(),
        tree("own")
    );
    let owner = Owner::of(build(&text)).await;
    owner.create("f", b"mine").await.unwrap();
    assert_eq!(owner.stat("f").await.unwrap().size, 4);
    let to = passerelle_testkit::house::to_account("u00002@a.test");
    let grant = passerelle_model::Grant { to, rights: passerelle_model::Rights::READ, until: None };
    owner.open::<passerelle_core::Manage>("f").await.share(&grant).await.unwrap();
    let colleague = owner.house.login("u00002@a.test", Errand::Files).await.unwrap();
    let shared = colleague.open::<passerelle_model::NodeRef, Read>(node(OWNER, "f")).await.unwrap();
    assert!(matches!(shared.open().await.map(drop), Err(Error::Unsupported { .. })), "and says why not");
}

#[tokio::test]
async fn campus_what_cannot_be_removed_whole_is_not_removed_in_part() {
    use std::os::unix::ffi::OsStrExt;
    let owner = Owner::of(store("nameless")).await;
    owner.open::<Add>("d").await.make_folder().await.unwrap();
    owner.create("d/f", b"1").await.unwrap();
    let folder = on_disk("nameless").join("d");
    std::fs::write(folder.join(std::ffi::OsStr::from_bytes(b"\xff")), "2").unwrap();
    let removed = owner.open::<passerelle_core::Remove>("d").await.remove(&Precondition::None).await;
    assert!(matches!(removed, Err(Error::Forbidden)), "{removed:?}");
    assert_eq!(std::fs::read(folder.join("f")).unwrap(), b"1");
}
