//! The contract of file stores, on the campus's Apache with mod_dav, and what happens when the way to it breaks.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use passerelle_core::{
    Add, Authorized, Errand, Error, Read, Remove,
    config::Block,
    ports::{FileStore, Precondition, Verdict},
};
use passerelle_model::Rights;
use passerelle_testkit::{
    cut_wire, files_contract,
    files_faults::{self, Breaking, FarStore},
    files_model,
    files_owner::{OWNER, Owner},
    house::{node, to_account},
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

/// The service account's password, in a file as the settings want it.
fn secret() -> tempfile::NamedTempFile {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "pw-gateway\n").unwrap();
    file
}

/// Files at a URL, as the service account.
fn store_at(url: &str, more: &str) -> Arc<dyn FileStore> {
    let secret = secret();
    let text = format!("url = {url:?}\nuser = \"gateway\"\npassword = {{ file = {:?} }}\n{more}\n", secret.path());
    (passerelle_files_webdav::FACTORY.build)(&Block::from_text("centre.files", Path::new("x.toml"), &text)).unwrap()
}

fn tree(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}

/// A tree of this test's own.
fn store(name: &str) -> Arc<dyn FileStore> {
    let url = format!("http://127.0.0.1:{}/homes/{}/{{institution}}/{{login}}/", campus("CAMPUS_WEBDAV"), tree(name));
    store_at(&url, "create = true")
}

/// Where the owner's tree lies on the server's disk.
fn on_disk(name: &str) -> PathBuf {
    Path::new(&campus("CAMPUS_DIR")).join("webdav/homes").join(tree(name)).join("garonne/u00001")
}

#[tokio::test]
async fn campus_keeps_the_contract() {
    files_contract::check(store("contract")).await;
}

#[tokio::test]
async fn campus_keeps_the_contract_over_tls() {
    let url = format!("https://localhost:{}/homes/{}/{{login}}", campus("CAMPUS_WEBDAVS"), tree("tls"));
    let ca = format!("create = true\nca = {:?}", campus("CAMPUS_CA"));
    files_contract::check(store_at(&url, &ca)).await;
}

/// The server copies by itself, and would take along what is hidden.
#[tokio::test]
async fn campus_a_copy_of_a_root_leaves_uploads_in_parts_out() {
    let owner = Owner::of(store("root")).await;
    owner.create("f", b"mine").await.unwrap();
    owner.open::<Add>("g").await.transfer_of_new("parts").unwrap().begin().await.unwrap();
    let other = "u00002@a.test";
    owner.house.grant(other, "", to_account(OWNER), Rights::READ.union(Rights::ADD)).await.unwrap();
    let to = owner.session.open::<_, Add>(node(other, "copy")).await.unwrap();
    let none = None::<&Authorized<_, Remove>>;
    let copied = owner.open::<Read>("").await.copy_to(&to, none, true).await;
    assert!(copied.is_err_and(|error| error.is_between_stores()), "it is read and written, as it is shown");
    assert!(!on_disk("root").with_file_name("u00002").join("copy").exists());
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
        let url = format!("http://127.0.0.1:{port}/homes/{tree}/garonne/{{login}}");
        store_at(&url, "create = true\ntimeout_ms = 3000")
    };
    FarStore { server: campus("CAMPUS_WEBDAV"), carry: cut_wire::plain, store: Box::new(store), disk: on_disk(name) }
}

#[tokio::test]
async fn campus_a_server_lost_in_an_upload_leaves_the_old_content_and_no_litter() {
    files_faults::check_lost_in_an_upload(&far("lost")).await;
}

#[tokio::test]
async fn campus_an_answer_that_breaks_is_no_short_one() {
    let owner = Owner::of(store("cut")).await;
    let breaking = Breaking { file: 400_000, files: 600, most: 200_000 };
    files_faults::check_broken_answers(&owner, &far("cut"), breaking).await;
}

#[tokio::test]
async fn campus_a_share_for_reading_says_so() {
    Owner::of(store("fixed")).await.create("f", b"1").await.unwrap();
    let port = campus("CAMPUS_WEBDAV");
    let url = format!("http://127.0.0.1:{port}/fixed/{}/{{institution}}/{{login}}", tree("fixed"));
    let owner = Owner::of(store_at(&url, "")).await;
    assert_eq!(owner.stat("f").await.unwrap().size, 1);
    assert!(matches!(owner.create("g", b"2").await, Err(Error::Forbidden)));
    assert!(matches!(owner.open::<Add>("d").await.make_folder().await, Err(Error::Forbidden)));
    let removed = owner.open::<passerelle_core::Remove>("f").await.remove(&Precondition::None).await;
    assert!(matches!(removed, Err(Error::Forbidden)));
}

#[tokio::test]
async fn campus_a_root_that_is_missing_is_no_empty_tree() {
    let url = format!("http://127.0.0.1:{}/homes/{}/{{login}}", campus("CAMPUS_WEBDAV"), tree("missing"));
    let owner = Owner::of(store_at(&url, "")).await;
    assert!(matches!(owner.stat("").await, Err(Error::Unavailable { .. })));
    assert!(matches!(owner.open::<Read>("").await.list().await.map(drop), Err(Error::Unavailable { .. })));
    assert!(matches!(owner.create("f", b"1").await, Err(Error::Unavailable { .. })));
}

#[tokio::test]
async fn campus_doctor_names_the_leg() {
    let port = campus("CAMPUS_WEBDAV");
    let legs = async |url: String| {
        let legs = store_at(&url, "").examine().await;
        legs.into_iter().map(|leg| (leg.name, leg.verdict)).collect::<Vec<_>>()
    };
    let good = legs(format!("http://127.0.0.1:{port}/homes/{{login}}")).await;
    let [("tcp", Verdict::Works(_)), ("account", Verdict::Works(what))] = good.as_slice() else { panic!("{good:?}") };
    assert!(what.contains("DAV 1,2"), "{what}");
    let closed = legs("http://127.0.0.1:1/homes/{login}".to_owned()).await;
    assert!(matches!(closed.as_slice(), [("tcp", Verdict::Fails { .. })]), "{closed:?}");
    for (place, told) in [("own/u00002", "401"), ("nowhere", "403")] {
        let wrong = legs(format!("http://127.0.0.1:{port}/{place}/{{login}}")).await;
        let [_, ("account", Verdict::Fails { what, .. })] = wrong.as_slice() else { panic!("{wrong:?}") };
        assert!(what.contains(told), "{what}");
    }
}

#[tokio::test]
async fn campus_ones_own_password_opens_ones_own_tree_alone() {
    let text = format!(
        "url = \"http://127.0.0.1:{}/own/{{login}}/{}\"\ncreate = true\n",
        campus("CAMPUS_WEBDAV"),
        tree("own")
    );
    let block = Block::from_text("centre.files", Path::new("x.toml"), &text);
    let store = (passerelle_files_webdav::FACTORY.build)(&block).unwrap();
    let owner = Owner::of(store).await;
    owner.create("f", b"mine").await.unwrap();
    assert_eq!(owner.stat("f").await.unwrap().size, 4);
    let to = passerelle_testkit::house::to_account("u00002@a.test");
    let grant = passerelle_model::Grant { to, rights: passerelle_model::Rights::READ, until: None };
    owner.open::<passerelle_core::Manage>("f").await.share(&grant).await.unwrap();
    let colleague = owner.house.login("u00002@a.test", Errand::Files).await.unwrap();
    let shared = colleague.open::<passerelle_model::NodeRef, Read>(node(OWNER, "f")).await.unwrap();
    assert!(matches!(shared.open().await.map(drop), Err(Error::Unsupported { .. })), "and says why not");
}

/// What a server in front of the campus's does with requests whose first line has a word.
#[derive(Clone, Copy)]
enum Trouble {
    /// It answers 400, whatever is there.
    Refuses,
    /// It passes the request on, and is gone before it answers.
    Loses,
    /// It is gone before it passes the request on.
    Drops,
}

async fn troubled(trouble: Trouble, word: &'static str) -> u16 {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = format!("127.0.0.1:{}", campus("CAMPUS_WEBDAV"));
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut behind = tokio::net::TcpStream::connect(&server).await.unwrap();
            tokio::spawn(async move {
                // One request for each connection: the head, and nothing is kept open behind it.
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await?);
                }
                let text = String::from_utf8_lossy(&head).into_owned();
                let (line, rest) = text.split_once("\r\n").unwrap();
                let is_meant = line.contains(word);
                if is_meant && matches!(trouble, Trouble::Drops) {
                    return Ok(());
                }
                if is_meant && matches!(trouble, Trouble::Refuses) {
                    client
                        .write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\nconnection: close\r\n\r\n")
                        .await?;
                    return client.shutdown().await;
                }
                behind.write_all(format!("{line}\r\nConnection: close\r\n{rest}").as_bytes()).await?;
                if is_meant {
                    // The answer has come when the server has done it.
                    return behind.read_u8().await.map(drop);
                }
                tokio::io::copy_bidirectional(&mut client, &mut behind).await.map(drop)
            });
        }
    });
    port
}

/// "Not there" is what a server says by 404, or what lies below a file. A 400 for something that is there, as a proxy gives one,
/// removes nothing at whoever synchronises.
#[tokio::test]
async fn campus_a_bad_request_is_never_taken_for_nothing_there() {
    let owner = Owner::of(store("bad")).await;
    owner.create("f", b"1").await.unwrap();
    owner.open::<Add>("folder").await.make_folder().await.unwrap();
    owner.create("folder/odd", b"1").await.unwrap();
    // As the real Apache has it.
    for below in ["f/below", "f/below/more"] {
        assert!(matches!(owner.stat(below).await, Err(Error::NotFound)), "{below}");
    }
    assert!(matches!(owner.create("f/below", b"").await, Err(Error::NoParent)));
    assert!(matches!(owner.open::<Read>("f").await.list().await.map(drop), Err(Error::Invalid { .. })));
    for (word, place, told) in [
        ("odd", "folder/odd", "invalid"),
        ("odd", "folder/odd/below", "invalid"),
        ("folder", "folder", "invalid"),
        ("homes", "folder/odd", "unavailable"),
        ("homes", "", "unavailable"),
    ] {
        let url = format!(
            "http://127.0.0.1:{}/homes/{}/{{institution}}/{{login}}/",
            troubled(Trouble::Refuses, word).await,
            tree("bad")
        );
        let refused = Owner::of(store_at(&url, "")).await;
        let outcome = [
            refused.stat(place).await.map(drop),
            refused.open::<Read>(place).await.list().await.map(drop),
            refused.create(format!("{place}/new").trim_start_matches('/'), b"2").await.map(drop),
        ];
        for outcome in outcome {
            assert_eq!(outcome.map_or_else(|error| error.word(), |()| "done"), told, "{word} {place}");
        }
    }
    assert_eq!(owner.stat("folder/odd").await.unwrap().size, 1);
}

/// A removal or renaming whose answer is lost is done if a look says so, and told as not done where it is not.
#[tokio::test]
async fn campus_what_became_of_a_lost_answer_is_looked_at() {
    let near = Owner::of(store("answers")).await;
    let far = async |trouble, word| {
        let port = troubled(trouble, word).await;
        let url = format!("http://127.0.0.1:{port}/homes/{}/{{institution}}/{{login}}/", tree("answers"));
        Owner::of(store_at(&url, "")).await
    };
    for (trouble, is_done) in [(Trouble::Loses, true), (Trouble::Drops, false)] {
        for name in ["gone", "moved", "folder/in"] {
            let _ = near.open::<Add>("folder").await.make_folder().await;
            let _ = near.create(name, b"content").await;
        }
        for (word, from, to) in
            [("DELETE", "gone", None), ("MOVE", "moved", Some("here")), ("MOVE", "folder", Some("there"))]
        {
            let owner = far(trouble, word).await;
            let outcome = match to {
                None => owner.open::<passerelle_core::Remove>(from).await.remove(&Precondition::None).await,
                Some(to) => {
                    let from = owner.open::<passerelle_core::Remove>(from).await;
                    from.move_to(
                        &owner.open::<Add>(to).await,
                        None::<&passerelle_core::Authorized<_, passerelle_core::Remove>>,
                    )
                    .await
                }
            };
            assert_eq!(outcome.is_ok(), is_done, "{word} {from}: {outcome:?}");
            assert_eq!(near.stat(from).await.is_err(), is_done, "{word} {from}");
            if let Some(to) = to {
                assert_eq!(near.stat(to).await.is_ok(), is_done, "{word} {to}");
                let _ = near.open::<passerelle_core::Remove>(to).await.remove(&Precondition::None).await;
            }
        }
    }
}
