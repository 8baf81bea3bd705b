//! The contract of file stores, on the campus's pyftpdlib, and what happens when the way to it breaks.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use futures::future::BoxFuture;
use passerelle_core::{
    Add, Errand, Error, Read, Result,
    config::Block,
    ports::{FileStore, Precondition, Verdict},
};
use passerelle_testkit::{
    files_contract,
    files_faults::{self, Breaking, FarStore, eventually, names_on_disk},
    files_model,
    files_owner::{OWNER, Owner},
    house::node,
};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    task::JoinSet,
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

/// Files on the server at a port, as the service account, in clear.
fn store_at(port: &str, path: &str, more: &str) -> Arc<dyn FileStore> {
    store_of(&format!("127.0.0.1:{port}"), path, &format!("tls = \"off\"\n{more}"))
}

fn store_of(server: &str, path: &str, more: &str) -> Arc<dyn FileStore> {
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "pw-gateway\n").unwrap();
    build(&format!(
        "server = {server:?}\npath = {path:?}\nuser = \"gateway\"\npassword = {{ file = {:?} }}\n{more}\n",
        secret.path()
    ))
}

fn build(text: &str) -> Arc<dyn FileStore> {
    (passerelle_files_ftp::FACTORY.build)(&Block::from_text("centre.files", Path::new("x.toml"), text)).unwrap()
}

/// A tree of this test's own.
fn store(name: &str) -> Arc<dyn FileStore> {
    store_at(&campus("CAMPUS_FTP"), &format!("{}/{{institution}}/{{login}}/", tree(name)), "create = true")
}

/// Where the owner's tree lies on the server's disk.
fn on_disk(name: &str) -> PathBuf {
    Path::new(&campus("CAMPUS_DIR")).join("ftp/homes").join(tree(name)).join("garonne/u00001")
}

#[tokio::test]
async fn campus_keeps_the_contract() {
    files_contract::check(store("contract")).await;
}

#[tokio::test]
async fn campus_keeps_the_contract_over_tls() {
    let server = format!("localhost:{}", campus("CAMPUS_FTP"));
    let more = format!("ca = {:?}\ncreate = true", campus("CAMPUS_CA"));
    files_contract::check(store_of(&server, &format!("{}/{{login}}", tree("tls")), &more)).await;
}

#[tokio::test]
async fn campus_random_operations_of_two_come_to_what_a_model_predicts() {
    files_model::check(store("model"), 5_000, 1).await;
}

#[tokio::test]
async fn campus_lists_five_hundred() {
    files_contract::check_listing(store("listing"), 500).await;
}

/// Carries a control connection, and each data connection that the server offers on it. Of what a data connection brings
/// from the server so many octets come through.
fn control(client: TcpStream, server: TcpStream, most: u64) -> BoxFuture<'static, ()> {
    Box::pin(async move {
        let ((mut from_client, mut to_client), (from_server, mut to_server)) =
            (client.into_split(), server.into_split());
        let mut data = JoinSet::new();
        let there = tokio::io::copy(&mut from_client, &mut to_server);
        let back = async {
            let mut lines = BufReader::new(from_server).lines();
            while let Some(line) = lines.next_line().await.unwrap() {
                // RFC 2428 §3: `229 ... (|||port|)`
                let offered = line
                    .strip_prefix("229 ")
                    .and_then(|rest| rest.split("|||").nth(1)?.split('|').next()?.parse::<u16>().ok());
                let line = match offered {
                    None => line,
                    Some(port) => {
                        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                        let own = listener.local_addr().unwrap().port();
                        data.spawn(async move {
                            let (client, _) = listener.accept().await.unwrap();
                            let server = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
                            let ((mut from_client, mut to_client), (from_server, mut to_server)) =
                                (client.into_split(), server.into_split());
                            let mut octets = from_server.take(most);
                            let there = async {
                                let _ = tokio::io::copy(&mut from_client, &mut to_server).await;
                                let _ = to_server.shutdown().await;
                            };
                            let back = async {
                                let _ = tokio::io::copy(&mut octets, &mut to_client).await;
                                let _ = to_client.shutdown().await;
                            };
                            tokio::join!(there, back);
                        });
                        format!("229 Entering (|||{own}|)")
                    }
                };
                to_client.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
            }
        };
        tokio::select! { _ = there => {}, () = back => {} }
    })
}

/// The server behind a wire, and a tree of a test's own there.
fn far(name: &'static str) -> FarStore {
    let tree = tree(name);
    let store = move |port: u16| {
        let path = format!("{tree}/garonne/{{login}}");
        store_at(&port.to_string(), &path, "create = true\ntimeout_ms = 3000")
    };
    FarStore { server: campus("CAMPUS_FTP"), carry: control, store: Box::new(store), disk: on_disk(name) }
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
}

#[tokio::test]
async fn campus_a_root_that_is_missing_is_no_empty_tree() {
    let owner = Owner::of(store_at(&campus("CAMPUS_FTP"), &format!("{}/{{login}}", tree("missing")), "")).await;
    assert!(matches!(owner.stat("").await, Err(Error::Unavailable { .. })));
    assert!(matches!(owner.open::<Read>("").await.list().await.map(drop), Err(Error::Unavailable { .. })));
    assert!(matches!(owner.create("f", b"1").await, Err(Error::Unavailable { .. })));
}

#[tokio::test]
async fn campus_doctor_names_the_leg() {
    let port = campus("CAMPUS_FTP");
    let legs = async |store: Arc<dyn FileStore>| {
        let legs = store.examine().await;
        legs.into_iter().map(|leg| (leg.name, leg.verdict)).collect::<Vec<_>>()
    };
    let good = legs(store_at(&port, "{login}", "")).await;
    let [("tcp", Verdict::Works(_)), ("account", Verdict::Works(_)), ("share", Verdict::Works(_))] = good.as_slice()
    else {
        panic!("{good:?}")
    };
    let closed = legs(store_at("1", "{login}", "")).await;
    assert!(matches!(closed.as_slice(), [("tcp", Verdict::Fails { .. })]), "{closed:?}");
    let secret = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(secret.path(), "wrong\n").unwrap();
    let wrong = format!(
        "server = \"127.0.0.1:{port}\"\ntls = \"off\"\npath = \"{{login}}\"\nuser = \"gateway\"\npassword = {{ file = {:?} }}\n",
        secret.path()
    );
    let wrong = legs(build(&wrong)).await;
    assert!(matches!(wrong.as_slice(), [_, ("account", Verdict::Fails { .. })]), "{wrong:?}");
    // A certificate of an authority that nobody here knows.
    let own = Path::new(&campus("CAMPUS_CA")).with_file_name("garonne.pem");
    let other = legs(store_of(&format!("localhost:{port}"), "{login}", &format!("ca = {own:?}"))).await;
    assert!(matches!(other.as_slice(), [_, ("tls", Verdict::Fails { .. })]), "{other:?}");
    let nowhere = legs(store_at(&port, "nowhere/{login}", "")).await;
    assert!(matches!(nowhere.as_slice(), [_, _, ("share", Verdict::Fails { .. })]), "{nowhere:?}");
}

#[tokio::test]
async fn campus_ones_own_password_opens_ones_own_tree_alone() {
    let text = format!(
        "server = \"127.0.0.1:{}\"\ntls = \"off\"\npath = \"{}/{{login}}\"\ncreate = true\n",
        campus("CAMPUS_FTP"),
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
async fn campus_a_link_that_the_server_calls_a_folder_goes_alone() {
    use std::os::unix::fs::symlink;
    let owner = Owner::of(store("link")).await;
    owner.open::<Add>("d").await.make_folder().await.unwrap();
    owner.open::<Add>("kept").await.make_folder().await.unwrap();
    owner.create("kept/f", b"1").await.unwrap();
    let disk = on_disk("link");
    symlink("../kept", disk.join("d/l")).unwrap();
    // One that leads back up: what holds itself cannot be copied, and nothing is left of the trial.
    symlink(".", disk.join("kept/round")).unwrap();
    let from = owner.open::<Read>("kept").await;
    let to = owner.open::<Add>("copy").await;
    let copied = from.copy_to(&to, None::<&passerelle_core::Authorized<_, passerelle_core::Remove>>, true).await;
    assert!(matches!(copied, Err(Error::Unavailable { .. })), "{copied:?}");
    eventually("nothing is left", || names_on_disk(&disk).len() == 2).await;
    owner.open::<passerelle_core::Remove>("d").await.remove(&Precondition::None).await.unwrap();
    assert_eq!(names_on_disk(&disk), ["kept"]);
    assert_eq!(std::fs::read(disk.join("kept/f")).unwrap(), b"1");
    assert!(matches!(owner.open::<passerelle_core::Remove>("kept").await.remove(&Precondition::None).await, Ok(())));
    assert!(names_on_disk(&disk).is_empty());
}

#[tokio::test]
async fn campus_many_at_once_do_not_wait_for_each_other() {
    let path = format!("{}/{{institution}}/{{login}}/", tree("crowd"));
    let owner = Owner::of(store_at(&campus("CAMPUS_FTP"), &path, "create = true\nconnections = 4")).await;
    owner.create("f", b"1").await.unwrap();
    let read = async |_| owner.open::<Read>("f").await.open().await.map(drop);
    let all = futures::future::join_all((0..16).map(read)).await;
    assert!(all.iter().all(Result::is_ok), "{all:?}");
}
