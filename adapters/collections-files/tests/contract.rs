//! The contract of stores of calendars and address books, on files in a folder of this machine; and what is told when people put
//! files there by other ways.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

use bytes::Bytes;
use passerelle_core::{
    Add, CollectionFolder, Errand, Error, Lookup, Manage, Mount, Read,
    config::Block,
    ports::{
        CollectionFacts, CollectionStore, FileStore, ItemChanges, LARGEST_ITEM, Leg, Precondition, Telling, Verdict,
    },
};
use passerelle_model::{CollectionFamily, ItemName, MountId, NodePath};
use passerelle_testkit::{
    collections_contract::{self, Owner},
    files_owner::OWNER,
    house::{HouseBuilder, TestHouse, account},
    memory_collections::MemoryCollections,
    memory_state::MemoryState,
};
use proptest::prelude::*;
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

fn files(folder: &Path) -> Arc<dyn FileStore> {
    let text = format!("path = {:?}\ncreate = true\nfsync = false\n", folder.join("{institution}/{login}"));
    (passerelle_files_local::FACTORY.build)(&Block::from_text("garonne.files", &folder.join("x.toml"), &text)).unwrap()
}

fn build(
    mounts: &[Mount],
    family: CollectionFamily,
    text: &str,
) -> Result<Arc<dyn CollectionStore>, passerelle_core::config::ConfigFault> {
    let block = Block::from_text("garonne.calendars", Path::new("x.toml"), text);
    (passerelle_collections_files::FACTORY.build)(&block, family, mounts)
}

fn home(store: Arc<dyn FileStore>) -> Vec<Mount> {
    vec![Mount { id: MountId::parse(Mount::HOME).unwrap(), store }]
}

async fn house(folder: &Path) -> TestHouse {
    let mounts = home(files(folder));
    let mut builder = HouseBuilder::new(Arc::new(MemoryState::new())).files("garonne", Arc::clone(&mounts[0].store));
    for family in [CollectionFamily::Calendars, CollectionFamily::Contacts] {
        builder = builder.collections("garonne", family, build(&mounts, family, "").unwrap());
    }
    builder.open().await.unwrap()
}

async fn owner(folder: &Path) -> Owner {
    let session = house(folder).await.login(OWNER, Errand::Files).await.unwrap();
    Owner { session, family: CollectionFamily::Calendars }
}

fn tree(folder: &Path) -> PathBuf {
    folder.join("garonne/u00001")
}

#[tokio::test]
async fn keeps_the_contract() {
    let folder = tempfile::tempdir().unwrap();
    collections_contract::check(&house(folder.path()).await).await;
}

#[tokio::test]
async fn memory_keeps_the_contract() {
    let mut builder = HouseBuilder::new(Arc::new(MemoryState::new()));
    for family in [CollectionFamily::Calendars, CollectionFamily::Contacts] {
        builder = builder.collections("garonne", family, Arc::new(MemoryCollections::new()));
    }
    collections_contract::check(&builder.open().await.unwrap()).await;
}

#[tokio::test]
async fn a_collection_is_a_folder_of_plain_files() {
    let folder = tempfile::tempdir().unwrap();
    let owner = owner(folder.path()).await;
    let facts = CollectionFacts { display_name: Some("Cours".to_owned()), ..CollectionFacts::default() };
    owner.open::<Manage>("cours").await.make(&facts).await.unwrap();
    owner.add("cours", "a.ics", b"BEGIN:\xff as it is").await.unwrap();
    let at = tree(folder.path()).join("Calendars/cours");
    assert_eq!(fs::read(at.join("a.ics")).unwrap(), b"BEGIN:\xff as it is");
    let said = fs::read_to_string(at.join("collection.txt")).unwrap();
    assert!(said.starts_with("# ") && said.ends_with("\nName: Cours\n"), "{said}");
    let names: BTreeSet<_> = fs::read_dir(&at).unwrap().map(|it| it.unwrap().file_name()).collect();
    assert_eq!(names, ["a.ics", "collection.txt"].map(Into::into).into(), "nothing else");
}

#[tokio::test]
async fn what_people_do_to_the_files_is_seen_at_the_next_look() {
    let folder = tempfile::tempdir().unwrap();
    let owner = owner(folder.path()).await;
    let at = tree(folder.path()).join("Calendars/Mes cours");
    fs::create_dir_all(at.join("a folder.ics")).unwrap();
    for (name, content) in
        [("Meeting.ics", "one"), ("X.ICS", "two"), ("notes.txt", "no"), (".Meeting.ics", "no"), ("z.vcf", "no")]
    {
        fs::write(at.join(name), content).unwrap();
    }
    fs::write(at.join("collection.txt"), "name:  Cours de Zoë\r\nseen by: nobody\r\n").unwrap();
    assert_eq!(owner.collections().await, ["Mes cours".to_owned()].into());
    assert_eq!(owner.items("Mes cours").await, ["Meeting.ics", "X.ICS"].map(str::to_owned).into());
    let seen = owner.open::<Lookup>("Mes cours").await.look(Telling::States).await.unwrap().collection;
    assert_eq!(seen.facts.display_name.as_deref(), Some(" Cours de Zoë"));
    let first = owner.changes("Mes cours", None).await;

    // Edited, removed and added by hand between two looks.
    let known = owner.read("Mes cours", "Meeting.ics").await.unwrap();
    fs::write(at.join("Meeting.ics"), "edited").unwrap();
    fs::remove_file(at.join("X.ICS")).unwrap();
    fs::write(at.join("new.ics"), "three").unwrap();
    let since = owner.changes("Mes cours", Some(&first.token)).await;
    assert_eq!(since.changes.len(), 3, "{since:?}");
    let read = owner.read("Mes cours", "Meeting.ics").await.unwrap();
    assert_eq!(read.content, "edited");
    assert_ne!(read.etag, known.etag);
    // Who knows the one of before writes over nothing.
    let when = Precondition::Matches(vec![known.etag.as_str().to_owned()]);
    let refused = owner.replace("Mes cours", "Meeting.ics", b"mine", &when).await;
    assert!(matches!(refused, Err(Error::Conflict)), "{refused:?}");
    assert!(matches!(owner.add("Mes cours", "Meeting.ics", b"mine").await, Err(Error::Conflict)));
    owner.replace("Mes cours", "Meeting.ics", b"mine", &Precondition::Exists).await.unwrap();
    assert_eq!(fs::read(at.join("Meeting.ics")).unwrap(), b"mine", "in the same file");
    let change = CollectionFacts { display_name: Some("Cours".to_owned()), ..CollectionFacts::default() };
    owner.open::<Manage>("Mes cours").await.change(&change).await.unwrap();
    assert_eq!(fs::read_to_string(at.join("collection.txt")).unwrap(), "Name: Cours\nseen by: nobody\n");
}

#[tokio::test]
async fn what_cannot_be_told_hides_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let owner = owner(folder.path()).await;
    owner.make("c").await.unwrap();
    owner.add("c", "a.ics", b"a").await.unwrap();
    let at = tree(folder.path()).join("Calendars/c");
    fs::write(at.join("huge.ics"), vec![b'x'; LARGEST_ITEM + 1]).unwrap();
    fs::write(at.join("collection.txt"), b"Name: \xff").unwrap();
    let names = [ItemName::parse("a.ics").unwrap(), ItemName::parse("huge.ics").unwrap()];
    let read = owner.open::<Read>("c").await.read(&names).await.unwrap();
    let told: Vec<_> = read.into_iter().flatten().map(|item| (item.content, item.is_too_large)).collect();
    assert_eq!(told, [(Bytes::from_static(b"a"), false), (Bytes::new(), true)]);
    assert_eq!(owner.items("c").await, ["a.ics", "huge.ics"].map(str::to_owned).into());
    let seen = owner.open::<Lookup>("c").await.look(Telling::Facts).await.unwrap().collection;
    assert_eq!(seen.facts, CollectionFacts::default());
    // What cannot be read is not written over.
    let change = CollectionFacts { order: Some("1".to_owned()), ..CollectionFacts::default() };
    let refused = owner.open::<Manage>("c").await.change(&change).await;
    assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
    assert_eq!(fs::read(at.join("collection.txt")).unwrap(), b"Name: \xff");
    // The name of a file is no collection's.
    fs::write(tree(folder.path()).join("Calendars/file"), "x").unwrap();
    let looked = owner.open::<Lookup>("file").await.look(Telling::Facts).await;
    assert!(matches!(looked, Err(Error::NotFound)), "{looked:?}");
    assert!(matches!(owner.open::<Read>("file").await.items().await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_name_too_long_for_a_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let owner = owner(folder.path()).await;
    owner.make("c").await.unwrap();
    let long = ItemName::parse(&format!("{}.ics", "É".repeat(60))).unwrap();
    let refused = owner.open::<Add>("c").await.add(&long, &Bytes::from_static(b"x")).await;
    assert!(matches!(refused, Err(Error::Unsupported { .. })), "{refused:?}");
    assert!(owner.open::<Read>("c").await.read(&[long]).await.unwrap()[0].is_none());
}

#[tokio::test]
async fn settings_say_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let mounts = home(files(folder.path()));
    let calendars = CollectionFamily::Calendars;
    for (text, said) in [
        ("folder = \"/\"", "whole tree"),
        ("folder = \"a/../b\"", "a path is"),
        ("folder = \".~passerelle-transfers/x\"", "uploads"),
        ("foldr = \"a\"", "foldr"),
    ] {
        let fault = build(&mounts, calendars, text).map(|_| ()).unwrap_err().to_string();
        assert!(fault.contains(said), "{text}: {fault}");
    }
    let fault = build(&[], calendars, "").map(|_| ()).unwrap_err().to_string();
    assert!(fault.contains("[files.home]"), "{fault}");
    let store = build(&mounts, calendars, "folder = \"Documents/Agenda\"").unwrap();
    assert!(store.as_changing().is_none_or(|_: &dyn ItemChanges| false));
    let legs: Vec<Leg> = store.examine().await;
    let [leg] = legs.as_slice() else { panic!("{legs:?}") };
    assert!(matches!(&leg.verdict, Verdict::Works(what) if what.contains("Documents/Agenda")), "{leg:?}");
}

#[test]
fn nothing_leads_out_of_the_folder() {
    let folder = tempfile::tempdir().unwrap();
    let tree = home(files(folder.path())).remove(0);
    let path = |text: &str| NodePath::parse(text).unwrap();
    assert!(CollectionFolder::new(tree.clone(), NodePath::root()).is_none());
    let collections = CollectionFolder::new(tree, path("Documents/Calendars")).unwrap();
    let place = |below: &[&str]| collections.place(&account(OWNER), below).map(|node| node.path);
    assert_eq!(place(&["a", "b.ics"]).unwrap(), path("Documents/Calendars/a/b.ics"));
    for below in [&[".."][..], &["a", ".."], &["a/../../b"], &["a/b"], &["."], &["", "a"], &["a", ""], &["a\0"]] {
        assert!(matches!(place(below), Err(Error::Unsupported { .. })), "{below:?}: {:?}", place(below));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_is_written_is_read(
        items in prop::collection::btree_map("[^/\\x00-\\x1f\\x7f-\\x9f]{1,40}", prop::collection::vec(any::<u8>(), 0..3000), 1..8)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let folder = tempfile::tempdir().unwrap();
            let owner = owner(folder.path()).await;
            owner.make("c").await.unwrap();
            let items: Vec<_> = items.iter().filter(|(name, _)| ItemName::parse(name).is_ok()).collect();
            for (name, content) in &items {
                owner.add("c", name, content).await.unwrap();
            }
            for (name, content) in &items {
                assert_eq!(&owner.read("c", name).await.unwrap().content[..], &content[..]);
            }
            let names: BTreeSet<String> = items.iter().map(|(name, _)| (*name).clone()).collect();
            assert_eq!(owner.items("c").await, names);
        });
    }
}
