//! What every file store must do, tried through the gate as a surface does it.
//!
//! A test of an adapter calls [`check`] with an empty store, and [`check_listing`] where ten thousand entries are no
//! burden. Everything happens in the tree of `u00001` of `garonne`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a contract that is broken ends the test"
)]

use crate::{
    files_owner::{OWNER, Owner},
    house::node,
};
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use passerelle_core::{
    Add, Edit, Errand, Error, Manage, Read,
    ports::{ByteRange, FileStore, Node, NodeKind, Precondition},
};
use passerelle_model::NodeRef;
use std::{collections::BTreeSet, sync::Arc};

macro_rules! refused {
    ($result:expr, $error:pat) => {{
        let result = $result;
        assert!(matches!(&result, Err($error)), "{}: {:?}", stringify!($result), result.err());
    }};
}

/// The whole contract but for large listings, on an empty store.
pub async fn check(store: Arc<dyn FileStore>) {
    let owner = Owner::of(store).await;
    files(&owner).await;
    uploads(&owner).await;
    conditions(&owner).await;
    folders(&owner).await;
    moves(&owner).await;
    copies(&owner).await;
    state_follows(&owner).await;
    assert!(owner.names("").await.is_empty(), "each part of the contract cleans up");
}

async fn files(owner: &Owner) {
    let root = owner.stat("").await.unwrap();
    assert_eq!((root.name.as_str(), root.kind, root.size), ("", NodeKind::Folder, 0));
    refused!(owner.stat("missing").await, Error::NotFound);
    let made = owner.create("é b.txt", b"hello").await.unwrap();
    assert_eq!((made.name.as_str(), made.kind, made.size), ("é b.txt", NodeKind::File, 5));
    assert_eq!(owner.stat("é b.txt").await.unwrap(), made);
    assert_eq!(owner.text("é b.txt").await, "hello");
    assert_eq!(owner.read("é b.txt", ByteRange::Part(1..3)).await, b"el");
    assert_eq!(owner.read("é b.txt", ByteRange::Part(3..100)).await, b"lo");
    assert!(owner.read("é b.txt", ByteRange::Part(5..9)).await.is_empty());
    refused!(owner.open::<Read>("").await.open().await.map(drop), Error::Invalid { .. });
    refused!(owner.open::<Read>("missing").await.open().await.map(drop), Error::NotFound);
    refused!(owner.open::<Read>("é b.txt/x").await.open().await.map(drop), Error::NotFound);
    refused!(owner.open::<Read>("é b.txt").await.list().await.map(drop), Error::Invalid { .. });
    owner.remove("é b.txt", &Precondition::None).await.unwrap();
    refused!(owner.remove("é b.txt", &Precondition::None).await, Error::NotFound);
}

async fn uploads(owner: &Owner) {
    // Several pieces, larger than any buffer.
    let large: Vec<u8> = (0..3_000_000_u32).map(|number| number.to_le_bytes()[0] ^ number.to_le_bytes()[1]).collect();
    let length = u64::try_from(large.len()).unwrap();
    let mut upload = owner.open::<Add>("large").await.create(Some(length)).await.unwrap();
    for piece in large.chunks(70_001) {
        upload.write(Bytes::copy_from_slice(piece)).await.unwrap();
    }
    assert!(owner.names("").await.is_empty(), "what is being written is not there");
    refused!(owner.stat("large").await, Error::NotFound);
    assert_eq!(upload.commit(&Precondition::None).await.unwrap().size, length);
    assert_eq!(owner.read("large", ByteRange::Full).await, large);
    assert_eq!(owner.read("large", ByteRange::Part(1_000_000..1_600_001)).await, large[1_000_000..1_600_001]);

    // What was opened is read to its end, whatever is put in its place.
    let content = owner.open::<Read>("large").await.open().await.unwrap();
    owner.replace("large", b"short", &Precondition::None).await.unwrap();
    let pieces: Vec<Bytes> = content.stream(ByteRange::Full).try_collect().await.unwrap();
    assert_eq!(pieces.concat(), large);

    // Dropped, with and without octets: the old content stays, and nothing is left.
    for pieces in [0, 1, 40] {
        let mut upload = owner.open::<Edit>("large").await.replace(None).await.unwrap();
        let mut new = owner.open::<Add>("new").await.create(None).await.unwrap();
        for _ in 0..pieces {
            upload.write(Bytes::from(vec![7; 50_000])).await.unwrap();
            new.write(Bytes::from(vec![7; 50_000])).await.unwrap();
        }
        drop((upload, new));
        assert_eq!(owner.text("large").await, "short");
        assert_eq!(owner.names("").await, BTreeSet::from(["large".to_owned()]));
    }

    // Fewer octets than were announced are what was written; the surface has counted.
    let upload = owner.open::<Add>("empty").await.create(Some(200_000)).await.unwrap();
    assert_eq!(upload.commit(&Precondition::None).await.unwrap().size, 0);
    for name in ["large", "empty"] {
        owner.remove(name, &Precondition::None).await.unwrap();
    }
    refused!(owner.open::<Add>("no/such").await.create(None).await.map(drop), Error::NoParent);
    refused!(owner.open::<Edit>("missing").await.replace(None).await.map(drop), Error::NotFound);
    refused!(owner.open::<Edit>("").await.replace(None).await.map(drop), Error::Forbidden | Error::Invalid { .. });
}

async fn conditions(owner: &Owner) {
    let tag = |node: &Node| vec![node.etag.as_str().to_owned()];
    let first = owner.create("f", b"1").await.unwrap();
    refused!(owner.create("f", b"2").await, Error::Conflict);
    let second = owner.replace("f", b"2", &Precondition::Matches(tag(&first))).await.unwrap();
    assert_ne!(first.etag, second.etag, "another content, another tag");
    refused!(owner.replace("f", b"3", &Precondition::Matches(tag(&first))).await, Error::Conflict);
    refused!(owner.replace("f", b"3", &Precondition::Differs(tag(&second))).await, Error::Conflict);
    refused!(owner.replace("f", b"3", &Precondition::Absent).await, Error::Conflict);
    refused!(owner.remove("f", &Precondition::Matches(tag(&first))).await, Error::Conflict);
    assert_eq!(owner.text("f").await, "2", "a refused write changes nothing");
    owner.replace("f", b"4", &Precondition::Exists).await.unwrap();
    owner.replace("f", b"5", &Precondition::Differs(tag(&second))).await.unwrap();

    // Same size, one after the other at once: a tag never comes back.
    let mut seen = BTreeSet::new();
    for number in 0..50_u8 {
        let node = owner.replace("f", &[number], &Precondition::None).await.unwrap();
        assert!(seen.insert(node.etag.as_str().to_owned()), "a tag came back for other octets");
    }

    // Two writers that saw the same: one wins.
    let seen = owner.stat("f").await.unwrap();
    let when = Precondition::Matches(tag(&seen));
    let (one, other) = tokio::join!(owner.replace("f", b"a", &when), owner.replace("f", b"b", &when));
    assert!(one.is_ok() != other.is_ok(), "one of two conditional writes wins");

    // Two that make the same new file: one wins.
    let (one, other) = tokio::join!(owner.create("g", b"a"), owner.create("g", b"b"));
    assert!(one.is_ok() != other.is_ok(), "one of two creations wins");
    let now = owner.stat("f").await.unwrap();
    owner.remove("f", &Precondition::Matches(tag(&now))).await.unwrap();
    owner.remove("g", &Precondition::None).await.unwrap();
}

async fn folders(owner: &Owner) {
    let made = owner.folder("a").await.unwrap();
    assert_eq!((made.name.as_str(), made.kind), ("a", NodeKind::Folder));
    refused!(owner.folder("a").await, Error::Conflict);
    refused!(owner.folder("x/y").await, Error::NoParent);
    owner.folder("a/b").await.unwrap();
    owner.create("a/b/f", b"x").await.unwrap();
    refused!(owner.folder("a/b/f").await, Error::Conflict);
    refused!(owner.folder("a/b/f/g").await, Error::NoParent);
    refused!(owner.create("a/b", b"x").await, Error::Conflict);
    refused!(owner.open::<Edit>("a/b").await.replace(None).await.map(drop), Error::Forbidden | Error::Invalid { .. });
    assert_eq!(owner.names("a").await, BTreeSet::from(["b".to_owned()]));
    owner.remove("a", &Precondition::None).await.unwrap();
    refused!(owner.stat("a/b/f").await, Error::NotFound);
    refused!(owner.open::<Read>("a").await.list().await.map(drop), Error::NotFound);
    refused!(owner.remove("", &Precondition::None).await, Error::Forbidden);
}

async fn moves(owner: &Owner) {
    owner.folder("a").await.unwrap();
    owner.folder("b").await.unwrap();
    owner.create("a/f", b"f").await.unwrap();
    owner.create("b/g", b"g").await.unwrap();
    owner.rename("a/f", "b/f", false).await.unwrap();
    assert_eq!(owner.text("b/f").await, "f");
    refused!(owner.stat("a/f").await, Error::NotFound);
    refused!(owner.rename("b/f", "b/g", false).await, Error::Conflict);
    refused!(owner.rename("b/f", "x/f", false).await, Error::NoParent);
    refused!(owner.rename("b/x", "b/y", false).await, Error::NotFound);
    refused!(owner.rename("b", "b/c", false).await, Error::Forbidden | Error::Invalid { .. });
    owner.rename("b/f", "b/g", true).await.unwrap();
    assert_eq!((owner.text("b/g").await.as_str(), owner.names("b").await.len()), ("f", 1));
    // A folder in a folder's place, a file in a folder's, a folder in a file's.
    owner.create("a/old", b"").await.unwrap();
    owner.rename("b", "a", true).await.unwrap();
    assert_eq!(owner.names("a").await, BTreeSet::from(["g".to_owned()]));
    owner.create("h", b"h").await.unwrap();
    owner.rename("h", "a", true).await.unwrap();
    assert_eq!(owner.text("a").await, "h");
    owner.folder("c").await.unwrap();
    owner.rename("c", "a", true).await.unwrap();
    assert_eq!(owner.names("").await, BTreeSet::from(["a".to_owned()]));
    refused!(owner.rename("", "a/x", false).await, Error::Forbidden | Error::Invalid { .. });
    owner.remove("a", &Precondition::None).await.unwrap();
}

async fn copies(owner: &Owner) {
    owner.folder("a").await.unwrap();
    owner.folder("a/b").await.unwrap();
    owner.create("a/b/f", b"f").await.unwrap();
    owner.copy("a", "c", false, true).await.unwrap();
    assert_eq!(owner.text("c/b/f").await, "f");
    owner.replace("c/b/f", b"other", &Precondition::None).await.unwrap();
    assert_eq!(owner.text("a/b/f").await, "f", "a copy is no second name");
    owner.copy("a", "d", false, false).await.unwrap();
    assert!(owner.names("d").await.is_empty());
    refused!(owner.copy("a", "c", false, true).await, Error::Conflict);
    refused!(owner.copy("a", "x/y", false, true).await, Error::NoParent);
    refused!(owner.copy("x", "y", false, true).await, Error::NotFound);
    refused!(owner.copy("a", "a/inside", false, true).await, Error::Forbidden | Error::Invalid { .. });
    owner.copy("a/b/f", "d", true, true).await.unwrap();
    assert_eq!(owner.text("d").await, "f");
    owner.copy("a", "c", true, true).await.unwrap();
    assert_eq!(owner.text("c/b/f").await, "f");
    for name in ["a", "c", "d"] {
        owner.remove(name, &Precondition::None).await.unwrap();
    }
}

/// Grants and properties follow what was moved, and do not wait for the next of a removed name.
async fn state_follows(owner: &Owner) {
    use passerelle_core::ports::state::{Property, PropertyChange, PropertyName};
    let name = PropertyName { namespace: "urn:x".into(), name: "p".into() };
    let xml = "<p xmlns=\"urn:x\">1</p>".to_owned();
    owner.create("f", b"1").await.unwrap();
    let set = [PropertyChange::Set(Property { name, xml })];
    owner.open::<Edit>("f").await.patch_properties(&set).await.unwrap();
    let to = crate::house::to_account("u00002@a.test");
    let grant = passerelle_model::Grant { to, rights: passerelle_model::Rights::READ, until: None };
    owner.open::<Manage>("f").await.share(&grant).await.unwrap();
    owner.rename("f", "g", false).await.unwrap();
    let colleague = owner.house.login("u00002@a.test", Errand::Files).await.unwrap();
    let seen = colleague.open::<NodeRef, Read>(node(OWNER, "g")).await.unwrap();
    assert_eq!(seen.properties().await.unwrap().len(), 1);
    owner.remove("g", &Precondition::None).await.unwrap();
    owner.create("g", b"new").await.unwrap();
    refused!(colleague.open::<NodeRef, Read>(node(OWNER, "g")).await.map(drop), Error::NotFound);
    assert!(owner.house.state.properties(&node(OWNER, "g").target()).await.unwrap().is_empty());
    owner.remove("g", &Precondition::None).await.unwrap();
}

/// A folder of so many files is listed whole, in batches.
pub async fn check_listing(store: Arc<dyn FileStore>, count: usize) {
    let owner = Owner::of(store).await;
    owner.folder("many").await.unwrap();
    for number in 0..count {
        owner.create(&format!("many/f{number}"), b"").await.unwrap();
    }
    let mut listing = owner.open::<Read>("many").await.list().await.unwrap();
    let (mut names, mut batches) = (BTreeSet::new(), 0);
    while let Some(batch) = listing.next().await {
        let batch = batch.unwrap();
        assert!(batch.len() <= 4096, "batches are bounded");
        names.extend(batch.into_iter().map(|node| node.name));
        batches += 1;
    }
    assert_eq!(names.len(), count);
    assert!(batches > 1 || count <= 4096, "more than one batch");
    owner.remove("many", &Precondition::None).await.unwrap();
}
