//! The contract of file stores, on the campus's Ceph, beside a second client, and what happens when the way to it breaks.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use passerelle_core::{
    Add, Authorized, Edit, Error, Read, Remove, Result,
    config::Block,
    ports::{ByteRange, FileStore, Node, NodeKind, Precondition, Verdict},
};
use passerelle_model::Rights;
use passerelle_testkit::{
    cut_wire::{self, Wire},
    files_contract, files_model,
    files_owner::{OWNER, Owner},
    house::{node, to_account},
};
use std::{
    collections::BTreeSet,
    path::Path,
    process::Command,
    sync::Arc,
    time::{Duration, Instant},
};

/// A fact of the campus, from its `env` file.
fn campus(name: &str) -> String {
    let campus = std::env::var("PASSERELLE_TEST_CAMPUS").unwrap();
    let facts = std::fs::read_to_string(Path::new(&campus).join("env")).unwrap();
    let fact = facts.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('=')).unwrap();
    fact.trim_matches(['\'', '"']).to_owned()
}

struct At<'a> {
    endpoint: String,
    bucket: &'a str,
    key: &'a str,
    secret: &'a str,
}

impl At<'_> {
    fn campus() -> Self {
        let endpoint = format!("http://127.0.0.1:{}", campus("CAMPUS_S3"));
        Self { endpoint, bucket: "homes", key: "campus-gateway", secret: "pw-gateway" }
    }

    fn store(&self, tree: &str, more: &str) -> Arc<dyn FileStore> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), self.secret).unwrap();
        let Self { endpoint, bucket, key, .. } = self;
        let text = format!(
            "endpoint = {endpoint:?}\nbucket = {bucket:?}\npath = \"{tree}/{{login}}\"\naccess_key = {key:?}\n\
             secret_key = {{ file = {:?} }}\n{more}\n",
            file.path()
        );
        (passerelle_files_s3::FACTORY.build)(&Block::from_text("centre.files", Path::new("x.toml"), &text)).unwrap()
    }
}

fn tree(name: &str) -> String {
    format!("{name}-{}", std::process::id())
}

/// A tree of this test's own.
fn store(name: &str) -> Arc<dyn FileStore> {
    At::campus().store(&tree(name), "create = true")
}

/// curl, which signs by itself; what it was answered, and the status.
fn curl(key: &str, arguments: &[&str]) -> String {
    let mut curl = Command::new("curl");
    curl.args(["-sS", "--noproxy", "*", "--aws-sigv4", "aws:amz:default:s3", "--user", "campus-gateway:pw-gateway"]);
    curl.args(["--path-as-is", "-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]).args(arguments);
    let output = curl.arg(format!("http://127.0.0.1:{}/homes/{key}", campus("CAMPUS_S3"))).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// rclone on the same bucket.
fn rclone(arguments: &[&str]) -> String {
    let mut rclone = Command::new("rclone");
    // What says whom another S3 may be, and who may have signed its certificate, is not for this one.
    rclone.env_clear().env("PATH", std::env::var_os("PATH").unwrap());
    rclone.args(["--config", "/dev/null", "--s3-provider", "Ceph", "--s3-access-key-id", "campus-gateway"]);
    rclone.args(["--s3-secret-access-key", "pw-gateway", "--s3-endpoint"]).arg(At::campus().endpoint);
    let output = rclone.args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// Puts so many empty files into a folder, past the gateway.
fn fill(folder: &str, count: usize) {
    let near = tempfile::tempdir().unwrap();
    for number in 0..count {
        std::fs::write(near.path().join(format!("f{number}")), "").unwrap();
    }
    rclone(&["copy", "--transfers", "8", near.path().to_str().unwrap(), &format!(":s3:homes/{folder}")]);
}

/// How many uploads of a tree are not finished, as rclone sees it.
fn unfinished(tree: &str) -> usize {
    rclone(&["backend", "list-multipart-uploads", ":s3:homes"]).matches(&format!("\"{tree}/")).count()
}

async fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let began = Instant::now();
    while !holds() {
        assert!(began.elapsed() < Duration::from_secs(20), "{what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test]
async fn campus_keeps_the_contract() {
    files_contract::check(store("contract")).await;
}

#[tokio::test]
async fn campus_keeps_the_contract_over_tls() {
    let at = At { endpoint: format!("https://localhost:{}", campus("CAMPUS_S3S")), ..At::campus() };
    let ca = format!("create = true\nca = {:?}", campus("CAMPUS_CA"));
    files_contract::check(at.store(&tree("tls"), &ca)).await;
}

#[tokio::test]
async fn campus_random_operations_of_two_come_to_what_a_model_predicts() {
    files_model::check(store("model"), 5_000, 1).await;
}

#[tokio::test]
async fn campus_lists_and_moves_more_than_a_page() {
    let owner = Owner::of(store("pages")).await;
    owner.folder("many").await.unwrap();
    fill(&format!("{}/u00001/many", tree("pages")), 1_100);
    owner.rename("many", "moved", false).await.unwrap();
    assert_eq!((owner.names("moved").await.len(), owner.names("").await.len()), (1_100, 1));
    let listing = owner.open::<Read>("moved").await.list().await.unwrap();
    let batches: Vec<Vec<Node>> = listing.try_collect().await.unwrap();
    assert_eq!(batches.iter().map(Vec::len).collect::<Vec<_>>(), [999, 101], "a page each, with the folder itself");
    owner.remove("moved", &Precondition::None).await.unwrap();
    assert!(owner.names("").await.is_empty());
}

#[tokio::test]
async fn campus_long_files_go_in_parts() {
    let owner = Owner::of(store("parts")).await;
    let large: Vec<u8> = (0..3_000_000_u32).flat_map(u32::to_le_bytes).collect();
    owner.create("large", &large).await.unwrap();
    assert_eq!(owner.read("large", ByteRange::Full).await, large);
    assert_eq!(owner.read("large", ByteRange::Part(9_000_000..9_000_100)).await, large[9_000_000..9_000_100]);
    // A part is asked for by itself: over a wire that lets too little through for the whole.
    let wire = Wire::lay(0, &campus("CAMPUS_S3"), cut_wire::plain, 4_000_000).await;
    let at = At { endpoint: format!("http://127.0.0.1:{}", wire.port), ..At::campus() };
    let short = Owner::of(at.store(&tree("parts"), "")).await;
    assert_eq!(short.read("large", ByteRange::Part(9_000_000..9_000_100)).await, large[9_000_000..9_000_100]);
    // Whatever takes its place, what was opened is read.
    let content = owner.open::<Read>("large").await.open().await.unwrap();
    let first = owner.replace("large", &large[..9_500_000], &Precondition::None).await.unwrap();
    let pieces: Vec<Bytes> = content.stream(ByteRange::Part(9_000_000..11_999_999)).try_collect().await.unwrap();
    assert!(pieces.concat() == large[9_000_000..11_999_999]);
    // Conditions hold for them too; what was refused leaves no parts.
    let seen = Precondition::Matches(vec![first.etag.as_str().to_owned()]);
    let second = owner.replace("large", &large[..8_000_000], &seen).await.unwrap();
    assert!(second.etag != first.etag && second.size == 8_000_000);
    assert!(matches!(owner.replace("large", &large, &seen).await, Err(Error::Conflict)));
    let tree = tree("parts");
    eventually("no part is left", || unfinished(&tree) == 0).await;
    owner.copy("large", "copy", false, true).await.unwrap();
    assert_eq!(owner.read("copy", ByteRange::Full).await, large[..8_000_000]);
}

#[tokio::test]
async fn campus_another_client_in_the_same_bucket() {
    let (tree, owner) = (tree("other"), Owner::of(store("other")).await);
    owner.stat("").await.unwrap();
    let near = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(near.path().join("sub/é")).unwrap();
    std::fs::write(near.path().join("sub/é/f +&%.txt"), "theirs").unwrap();
    let far = format!(":s3:homes/{tree}/u00001");
    rclone(&["copy", near.path().to_str().unwrap(), &far]);
    // Folders without an object of their own, which do not go with their last file.
    assert_eq!(owner.text("sub/é/f +&%.txt").await, "theirs");
    let seen = owner.stat("sub/é/f +&%.txt").await.unwrap();
    owner.remove("sub/é/f +&%.txt", &Precondition::None).await.unwrap();
    assert_eq!(owner.stat("sub/é").await.unwrap().kind, NodeKind::Folder);
    assert!(owner.names("sub/é").await.is_empty());
    // What it writes over ours changes the tag, also between our look and our write.
    owner.create("f", b"ours").await.unwrap();
    let mine = owner.stat("f").await.unwrap();
    let when = Precondition::Matches(vec![mine.etag.as_str().to_owned()]);
    curl(&format!("{tree}/u00001/f"), &["-T", near.path().join("sub/é/f +&%.txt").to_str().unwrap()]);
    assert_ne!(owner.stat("f").await.unwrap().etag, mine.etag);
    assert!(matches!(owner.replace("f", b"x", &when).await, Err(Error::Conflict)));
    assert_eq!(owner.text("f").await, "theirs");
    assert_eq!(seen.size, 6);
    // rclone sees what we wrote.
    owner.folder("dir").await.unwrap();
    owner.create("dir/g", b"ours").await.unwrap();
    assert_eq!(rclone(&["cat", &format!("{far}/dir/g")]), "ours");
}

#[tokio::test]
async fn campus_keys_that_no_path_holds() {
    let (tree, owner) = (tree("odd"), Owner::of(store("odd")).await);
    owner.folder("d").await.unwrap();
    let long = "k".repeat(300);
    for key in ["d//lead", "d/a//b", "d/nl%0Ax", &format!("d/{long}"), "d/both/in", "d/both"] {
        let told = curl(&format!("{tree}/u00001/{key}"), &["-X", "PUT", "-d", "x", "-w", "%{http_code}"]);
        assert_eq!(told, "200", "{key}");
    }
    assert_eq!(owner.names("d").await, BTreeSet::from(["a".to_owned(), "both".to_owned()]));
    assert_eq!(owner.stat("d/both").await.unwrap().kind, NodeKind::File, "the file is seen");
    // They are moved and removed with their folder.
    owner.rename("d", "e", false).await.unwrap();
    assert_eq!(curl(&format!("{tree}/u00001/e//lead"), &[]), "x");
    owner.remove("e", &Precondition::None).await.unwrap();
    assert!(owner.names("").await.is_empty());
    // A name that is too long for a key is refused in words, and not found.
    let path = ["é".repeat(120), "b".repeat(250), "c".repeat(250), "d".repeat(250), "e".repeat(250)].join("/");
    let refused = owner.create(&path, b"").await;
    assert!(matches!(&refused, Err(Error::Invalid { what }) if what.contains("1,024")), "{refused:?}");
    assert!(matches!(owner.stat(&path).await, Err(Error::NotFound)));
}

/// Somebody on another node writes into a folder while it is moved: what they were told is written is in the one or the other.
#[tokio::test]
async fn campus_what_comes_while_a_folder_is_moved_is_not_lost() {
    let tree = tree("meanwhile");
    let [mover, writer] = [At::campus().store(&tree, "create = true"), At::campus().store(&tree, "create = true")];
    let (mover, writer) = (Owner::of(mover).await, Owner::of(writer).await);
    mover.folder("d").await.unwrap();
    fill(&format!("{tree}/u00001/d"), 150);
    let moving = tokio::spawn(async move { mover.rename("d", "e", false).await });
    let mut written = Vec::new();
    while !moving.is_finished() {
        let name = format!("n{}", written.len());
        match writer.create(&format!("d/{name}"), b"x").await {
            Ok(_) => written.push(name),
            Err(Error::NoParent) => break,
            Err(error) => panic!("{error:?}"),
        }
    }
    let moved = moving.await.unwrap();
    assert!(matches!(moved, Ok(()) | Err(Error::Unsettled { .. })), "{moved:?}");
    assert!(!written.is_empty(), "they wrote while it was moved");
    let mut there = writer.names("e").await;
    if writer.stat("d").await.is_ok() {
        there.extend(writer.names("d").await);
    }
    assert_eq!(there.len(), 150 + written.len());
    assert!(written.iter().all(|name| there.contains(name)));
}

/// A folder that cannot be copied whole stays, and nobody is told that it moved.
#[tokio::test]
async fn campus_a_store_lost_in_a_move_keeps_the_source() {
    let (tree, server) = (tree("move"), campus("CAMPUS_S3"));
    let direct = Owner::of(At::campus().store(&tree, "create = true")).await;
    direct.stat("").await.unwrap();
    fill(&format!("{tree}/u00001/d"), 400);
    let wire = Wire::lay(0, &server, cut_wire::plain, u64::MAX).await;
    let at = At { endpoint: format!("http://127.0.0.1:{}", wire.port), ..At::campus() };
    let far = Owner::of(at.store(&tree, "timeout_ms = 3000")).await;
    let moving = tokio::spawn(async move { far.rename("d", "e", false).await });
    let began = Instant::now();
    while direct.stat("e").await.is_err() {
        assert!(began.elapsed() < Duration::from_secs(20), "copies are under way");
    }
    wire.cut().await;
    let moved = moving.await.unwrap();
    assert!(matches!(moved, Err(Error::Unsettled { .. })), "{moved:?}");
    let names = direct.names("d").await;
    assert_eq!(names.len(), 400, "nothing is removed before all is copied");
}

#[tokio::test]
async fn campus_parts_of_an_upload_go_in_one_step() {
    let tree = tree("transfer");
    let owner = Owner::of(At::campus().store(&tree, "create = true")).await;
    let begin = async || {
        let transfer = owner.open::<Add>("f").await.transfer_of_new("mine").unwrap();
        transfer.begin().await.unwrap();
        let mut part = transfer.write("1", None).await.unwrap();
        part.write(Bytes::from_static(b"one")).await.unwrap();
        part.commit(&Precondition::None).await.unwrap();
        assert_eq!(transfer.parts().await.unwrap().len(), 1);
        transfer
    };
    let keys = || rclone(&["lsf", "-R", &format!(":s3:homes/{tree}")]);
    let transfer = begin().await;
    assert!(owner.names("").await.is_empty(), "it is not shown");
    transfer.remove().await.unwrap();
    assert!(matches!(transfer.stat().await, Err(Error::NotFound)));
    let waits = || {
        let below = |key: &str| key.split_once("passerelle-transfers/").is_some_and(|(_, rest)| !rest.is_empty());
        keys().lines().any(|key| below(key) || key.contains("new-transfer-"))
    };
    assert!(!waits(), "{}", keys());
    // A removal that broke off after its first step left no parts that count.
    let transfer = begin().await;
    let folder = keys()
        .lines()
        .find(|key| key.contains("-transfers/") && key.ends_with('/') && !key.ends_with("-transfers/"))
        .unwrap()
        .to_owned();
    curl(&format!("{tree}/{folder}"), &["-X", "DELETE"]);
    assert!(matches!(transfer.stat().await, Err(Error::NotFound)));
    assert!(matches!(transfer.parts().await, Err(Error::NotFound)));
    transfer.begin().await.unwrap();
    assert!(transfer.parts().await.unwrap().is_empty());
    // In a day nobody will have come back for it; not yet.
    let mut part = transfer.write("2", None).await.unwrap();
    part.write(Bytes::from_static(b"two")).await.unwrap();
    part.commit(&Precondition::None).await.unwrap();
    owner.names("").await;
    assert!(waits(), "it is younger than a day");
}

/// What would go wrong midway is not begun, and is no reason to try it another way.
#[tokio::test]
async fn campus_a_folder_that_cannot_go_whole_is_left_alone() {
    let (tree, owner) = (tree("whole"), Owner::of(store("whole")).await);
    for folder in ["d", "e", "odd"] {
        owner.folder(folder).await.unwrap();
    }
    owner.create("e/old", b"kept").await.unwrap();
    fill(&format!("{tree}/u00001/d"), 10_001);
    let told = curl(&format!("{tree}/u00001/odd/../x"), &["-X", "PUT", "-d", "x", "-w", "%{http_code}"]);
    assert_eq!(told, "200");
    owner.create("odd/f", b"kept").await.unwrap();
    let keys = || rclone(&["lsf", "-R", "--files-only", &format!(":s3:homes/{tree}/u00001")]).lines().count();
    let before = keys();
    let is_refused =
        |done: &Result<()>| matches!(done, Err(error @ Error::Unsupported { .. }) if !error.is_between_stores());
    for from in ["d", "odd"] {
        for to in ["e", "new"] {
            let moved = owner.rename(from, to, to == "e").await;
            assert!(is_refused(&moved), "{from} to {to}: {moved:?}");
            let copied = owner.copy(from, to, to == "e", true).await;
            assert!(is_refused(&copied), "{from} to {to}: {copied:?}");
            assert!(matches!(owner.stat("new").await, Err(Error::NotFound)));
        }
    }
    // Nor does one go that is to be replaced or removed.
    let replaced = owner.rename("e", "odd", true).await;
    assert!(is_refused(&replaced), "{replaced:?}");
    assert!(is_refused(&owner.remove("odd", &Precondition::None).await));
    assert_eq!((owner.text("e/old").await, owner.text("odd/f").await), ("kept".to_owned(), "kept".to_owned()));
    assert_eq!(keys(), before);
}

/// A tree that is copied is what people put there.
#[tokio::test]
async fn campus_a_copy_of_a_root_leaves_uploads_in_parts_out() {
    let owner = Owner::of(store("root")).await;
    owner.create("f", b"mine").await.unwrap();
    let transfer = owner.open::<Add>("g").await.transfer_of_new("parts").unwrap();
    transfer.begin().await.unwrap();
    let other = "u00002@a.test";
    owner.house.grant(other, "", to_account(OWNER), Rights::READ.union(Rights::ADD)).await.unwrap();
    let to = owner.session.open::<_, Add>(node(other, "copy")).await.unwrap();
    let none = None::<&Authorized<_, Remove>>;
    owner.open::<Read>("").await.copy_to(&to, none, true).await.unwrap();
    let keys = rclone(&["lsf", "-R", &format!(":s3:homes/{}/u00002/copy", tree("root"))]);
    assert_eq!(keys, "f\n");
}

#[tokio::test]
async fn campus_a_store_lost_in_an_upload_leaves_the_old_content_and_no_parts() {
    let (tree, server) = (tree("lost"), campus("CAMPUS_S3"));
    let lay = async |port| Wire::lay(port, &server, cut_wire::plain, u64::MAX).await;
    let wire = lay(0).await;
    let mut port = wire.port;
    let at = At { endpoint: format!("http://127.0.0.1:{port}"), ..At::campus() };
    let owner = Owner::of(at.store(&tree, "create = true\ntimeout_ms = 3000")).await;
    owner.create("f", b"old").await.unwrap();
    let mut wire = Some(wire);
    for length in [Some(40_000_000), None] {
        let mut upload = owner.open::<Edit>("f").await.replace(length).await.unwrap();
        for _ in 0..12 {
            upload.write(Bytes::from(vec![7; 1_000_000])).await.unwrap();
        }
        assert_eq!(unfinished(&tree), 1, "parts are there");
        port = wire.take().unwrap().cut().await;
        let mut outcome = Ok(());
        for _ in 0..10 {
            outcome = outcome.and(upload.write(Bytes::from(vec![7; 1_000_000])).await);
        }
        let outcome = outcome.and(upload.commit(&Precondition::None).await.map(drop));
        assert!(matches!(outcome, Err(Error::Unavailable { .. })), "{outcome:?}");
        assert!(!format!("{outcome:?}").contains("ignature"), "what is signed is nobody's to read: {outcome:?}");
        assert!(matches!(owner.stat("f").await, Err(Error::Unavailable { .. })), "away is not absent");
        wire = Some(lay(port).await);
        eventually("nothing is left", || unfinished(&tree) == 0).await;
        assert_eq!(owner.text("f").await, "old");
    }
    // A client that is gone at half: the same.
    let mut upload = owner.open::<Edit>("f").await.replace(Some(12_000_000)).await.unwrap();
    upload.write(Bytes::from(vec![7; 11_000_000])).await.unwrap();
    assert_eq!(unfinished(&tree), 1);
    drop(upload);
    eventually("nothing is left", || unfinished(&tree) == 0).await;
    assert_eq!(owner.text("f").await, "old");
}

#[tokio::test]
async fn campus_an_answer_that_breaks_is_no_short_one() {
    let owner = Owner::of(store("cut")).await;
    owner.create("large", &vec![7; 4_000_000]).await.unwrap();
    fill(&format!("{}/u00001", tree("cut")), 1_500);
    // So much that the first page comes through and the second does not, on one connection.
    let wire = Wire::lay(0, &campus("CAMPUS_S3"), cut_wire::plain, 500_000).await;
    let at = At { endpoint: format!("http://127.0.0.1:{}", wire.port), ..At::campus() };
    let short = Owner::of(at.store(&tree("cut"), "timeout_ms = 3000")).await;
    let listing = short.open::<Read>("").await.list().await.unwrap();
    let wire = wire.cut().await;
    let batches: Vec<Result<Vec<Node>>> = listing.collect().await;
    assert!(matches!(batches.first(), Some(Ok(_))) && batches.len() > 1, "it began");
    assert!(matches!(batches.last(), Some(Err(Error::Unavailable { .. }))), "{:?}", batches.last());
    let wire = Wire::lay(wire, &campus("CAMPUS_S3"), cut_wire::plain, 500_000).await;
    let content = short.open::<Read>("large").await.open().await.unwrap();
    let read: Result<Vec<Bytes>> = content.stream(ByteRange::Full).try_collect().await;
    assert!(matches!(read, Err(Error::Unavailable { .. })), "a file that is cut is no file");
    wire.cut().await;
    assert_eq!(owner.names("").await.len(), 1_501);
}

#[tokio::test]
async fn campus_a_root_that_is_missing_is_no_empty_tree() {
    let owner = Owner::of(At::campus().store(&tree("missing"), "")).await;
    assert!(matches!(owner.stat("").await, Err(Error::Unavailable { .. })));
    assert!(matches!(owner.stat("f").await, Err(Error::Unavailable { .. })));
    assert!(matches!(owner.open::<Read>("").await.list().await.map(drop), Err(Error::Unavailable { .. })));
    assert!(matches!(owner.create("f", b"1").await, Err(Error::Unavailable { .. })));
    let no_bucket = At { bucket: "nowhere", ..At::campus() };
    let owner = Owner::of(no_bucket.store(&tree("missing"), "create = true")).await;
    assert!(matches!(owner.stat("f").await, Err(Error::Unavailable { .. })));
    assert!(matches!(owner.create("f", b"1").await, Err(Error::Unavailable { .. })));
}

#[tokio::test]
async fn campus_doctor_names_the_leg() {
    let legs = async |at: At<'_>| {
        let legs = at.store("x", "").examine().await;
        legs.into_iter().map(|leg| (leg.name, leg.verdict)).collect::<Vec<_>>()
    };
    let good = legs(At::campus()).await;
    let told = good.as_slice();
    let [("tcp", Verdict::Works(_)), ("clock", Verdict::Works(_)), ("bucket", Verdict::Works(_))] = told else {
        panic!("{good:?}")
    };
    let closed = legs(At { endpoint: "http://127.0.0.1:1".to_owned(), ..At::campus() }).await;
    assert!(matches!(closed.as_slice(), [("tcp", Verdict::Fails { .. })]), "{closed:?}");
    for (at, told) in [
        (At { secret: "bad", ..At::campus() }, "correct access_key"),
        (At { key: "nobody", ..At::campus() }, "correct access_key"),
        (At { bucket: "nowhere", ..At::campus() }, "make the bucket"),
        (At { key: "campus-stranger", secret: "pw-stranger", ..At::campus() }, "let the key"),
    ] {
        let wrong = legs(at).await;
        let [_, _, ("bucket", Verdict::Fails { remedy, .. })] = wrong.as_slice() else { panic!("{wrong:?}") };
        assert!(remedy.contains(told), "{wrong:?}");
    }
}
