//! What every store of calendars and address books must do, tried through the gate as a surface does it.
//!
//! A test of an adapter calls [`check`] with a house whose `garonne` has an empty store of each family. Everything happens in the
//! collections of `u00001` of `garonne`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::missing_panics_doc,
    reason = "a contract that is broken ends the test"
)]

use crate::{
    files_owner::OWNER,
    house::{TestHouse, account, to_account},
};
use bytes::Bytes;
use passerelle_core::{
    Add, Authorized, CollectionChanges, Edit, Errand, Error, ItemChange, Lookup, Manage, Read, Remove, Result, Right,
    Session,
    ports::{CollectionFacts, CollectionItem, ComponentKind, ETag, MOST_READ, Precondition, Telling},
};
use passerelle_model::{CollectionFamily, CollectionRef, Grant, ItemName, Rights};
use std::collections::BTreeSet;

macro_rules! refused {
    ($result:expr, $error:pat) => {{
        let result = $result;
        assert!(matches!(&result, Err($error)), "{}: {:?}", stringify!($result), result.err());
    }};
}

/// The whole contract, on empty stores of both families.
pub async fn check(house: &TestHouse) {
    let session = house.login(OWNER, Errand::Files).await.unwrap();
    for family in [CollectionFamily::Calendars, CollectionFamily::Contacts] {
        let owner = Owner { session: session.clone(), family };
        collections(&owner).await;
        facts(&owner).await;
        items(&owner).await;
        conditions(&owner).await;
        names(&owner).await;
        changes(&owner).await;
        shared(&owner, house).await;
        assert!(owner.collections().await.is_empty(), "each part of the contract cleans up");
    }
}

/// Whoever owns the collections of a family, signed on.
#[derive(Debug)]
pub struct Owner {
    /// Their session.
    pub session: Session,
    /// The family.
    pub family: CollectionFamily,
}

impl Owner {
    /// Opens a collection.
    pub async fn open<R: Right>(&self, name: &str) -> Authorized<CollectionRef, R> {
        self.session.open(CollectionRef::parse(account(OWNER), self.family, name).unwrap()).await.unwrap()
    }

    /// Makes one of which nothing is said.
    ///
    /// # Errors
    /// As the store says.
    pub async fn make(&self, name: &str) -> Result<()> {
        self.open::<Manage>(name).await.make(&CollectionFacts::default()).await
    }

    /// The names of all.
    pub async fn collections(&self) -> BTreeSet<String> {
        let all = self.session.own_collections(self.family, Telling::States).await.unwrap();
        all.into_iter().map(|seen| seen.collection.name).collect()
    }

    /// The names of the items of one.
    pub async fn items(&self, collection: &str) -> BTreeSet<String> {
        let listed = self.open::<Read>(collection).await.items().await.unwrap();
        listed.into_iter().map(|item| item.name.as_str().to_owned()).collect()
    }

    /// An item.
    pub async fn read(&self, collection: &str, item: &str) -> Option<CollectionItem> {
        self.open::<Read>(collection).await.read(&[name(item)]).await.unwrap().pop().unwrap()
    }

    /// Puts one in.
    ///
    /// # Errors
    /// As the store says.
    pub async fn add(&self, collection: &str, item: &str, content: &[u8]) -> Result<Option<ETag>> {
        self.open::<Add>(collection).await.add(&name(item), &Bytes::copy_from_slice(content)).await
    }

    /// Replaces one.
    ///
    /// # Errors
    /// As the store says.
    pub async fn replace(
        &self,
        collection: &str,
        item: &str,
        content: &[u8],
        when: &Precondition,
    ) -> Result<Option<ETag>> {
        self.open::<Edit>(collection).await.replace(&name(item), &Bytes::copy_from_slice(content), when).await
    }

    /// Removes one.
    ///
    /// # Errors
    /// As the store says.
    pub async fn remove(&self, collection: &str, item: &str, when: &Precondition) -> Result<()> {
        self.open::<Remove>(collection).await.remove(&name(item), when).await
    }

    /// Removes a collection.
    ///
    /// # Errors
    /// As the store says.
    pub async fn delete(&self, collection: &str) -> Result<()> {
        self.open::<Manage>(collection).await.delete().await
    }

    /// What changed since a token.
    pub async fn changes(&self, collection: &str, token: Option<&str>) -> CollectionChanges {
        self.open::<Read>(collection).await.changes_since(token, None).await.unwrap().expect("the token is known")
    }

    fn content(&self, uid: &str, summary: &str) -> Vec<u8> {
        let text = match self.family {
            CollectionFamily::Calendars => format!(
                "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20261101T080000Z\r\n\
                 DTSTART:20261201T090000Z\r\nSUMMARY:{summary}\r\nX-OURS:kept\\, as it\r\n  is\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
            ),
            CollectionFamily::Contacts => {
                format!("BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{uid}\r\nFN:{summary}\r\nN:{summary};;;;\r\nEND:VCARD\r\n")
            }
        };
        text.into_bytes()
    }
}

fn name(text: &str) -> ItemName {
    ItemName::parse(text).unwrap()
}

async fn collections(owner: &Owner) {
    assert!(owner.collections().await.is_empty(), "who never had any has none");
    refused!(owner.open::<Lookup>("cours").await.look(Telling::Facts).await, Error::NotFound);
    refused!(owner.open::<Read>("cours").await.items().await, Error::NotFound);
    refused!(owner.open::<Read>("cours").await.read(&[name("a.ics")]).await, Error::NotFound);
    refused!(owner.delete("cours").await, Error::NotFound);
    refused!(owner.add("cours", "a.ics", &owner.content("a", "a")).await, Error::NotFound | Error::NoParent);
    owner.make("cours").await.unwrap();
    refused!(owner.make("cours").await, Error::Conflict);
    for other in ["Été: réunions", "cours 2", "con", "COURS"] {
        owner.make(other).await.unwrap();
    }
    let all = ["cours", "Été: réunions", "cours 2", "con", "COURS"];
    assert_eq!(owner.collections().await, all.map(str::to_owned).into());
    owner.add("cours", "a.ics", &owner.content("a", "a")).await.unwrap();
    for each in all {
        assert_eq!(owner.items(each).await.len(), usize::from(each == "cours"), "{each}");
        owner.delete(each).await.unwrap();
        refused!(owner.open::<Lookup>(each).await.look(Telling::Facts).await, Error::NotFound);
    }
    owner.make("cours").await.unwrap();
    assert!(owner.items("cours").await.is_empty(), "what was in it went with it");
    owner.delete("cours").await.unwrap();
}

async fn facts(owner: &Owner) {
    let text = |text: &str| Some(text.to_owned());
    let is_calendar = owner.family == CollectionFamily::Calendars;
    let said = CollectionFacts {
        display_name: text("Cours d’été & plus"),
        description: text("two lines:\nName: none of it"),
        colour: text("#8a1538").filter(|_| is_calendar),
        order: text("3").filter(|_| is_calendar),
        components: is_calendar.then(|| vec![ComponentKind::Event, ComponentKind::Task]),
        ..CollectionFacts::default()
    };
    owner.open::<Manage>("f").await.make(&said).await.unwrap();
    let told = async || owner.open::<Lookup>("f").await.look(Telling::States).await.unwrap().collection;
    assert_eq!(told().await.facts, said);
    let change = CollectionFacts { display_name: text("Autre"), description: text(""), ..CollectionFacts::default() };
    owner.open::<Manage>("f").await.change(&change).await.unwrap();
    let changed = CollectionFacts { display_name: text("Autre"), description: None, ..said };
    assert_eq!(told().await.facts, changed);
    let listed = owner.session.own_collections(owner.family, Telling::Facts).await.unwrap();
    assert_eq!(listed.into_iter().map(|seen| seen.collection.facts).collect::<Vec<_>>(), [changed]);
    owner.delete("f").await.unwrap();
    refused!(owner.open::<Manage>("f").await.change(&change).await, Error::NotFound);
}

async fn items(owner: &Owner) {
    owner.make("i").await.unwrap();
    let (one, two) = (owner.content("one", "Réunion"), owner.content("two", "Deux"));
    let tag = owner.add("i", "one.ics", &one).await.unwrap().expect("these octets are kept");
    refused!(owner.add("i", "one.ics", &two).await, Error::Conflict);
    let read = owner.read("i", "one.ics").await.unwrap();
    assert_eq!((read.etag.clone(), &read.content[..]), (tag.clone(), &one[..]));
    owner.add("i", "two.ics", &two).await.unwrap();
    let listed = owner.open::<Read>("i").await.items().await.unwrap();
    assert!(listed.iter().any(|item| item.name == name("one.ics") && item.etag == tag), "{listed:?}");
    // In their order, with a gap for what is not there.
    let asked: Vec<ItemName> = ["two.ics", "none.ics", "one.ics"].into_iter().map(name).collect();
    let found = owner.open::<Read>("i").await.read(&asked).await.unwrap();
    let contents: Vec<Option<Bytes>> = found.into_iter().map(|item| item.map(|item| item.content)).collect();
    assert_eq!(contents, [Some(Bytes::from(two.clone())), None, Some(Bytes::from(one.clone()))]);
    owner.replace("i", "one.ics", &two, &Precondition::None).await.unwrap();
    assert_eq!(owner.read("i", "one.ics").await.unwrap().content, two);
    owner.remove("i", "one.ics", &Precondition::None).await.unwrap();
    refused!(owner.remove("i", "one.ics", &Precondition::None).await, Error::NotFound);
    refused!(owner.replace("i", "one.ics", &two, &Precondition::None).await, Error::NotFound);
    assert_eq!(owner.items("i").await, ["two.ics".to_owned()].into());
    // More than are read at once by any store.
    for number in 0..MOST_READ {
        owner.add("i", &format!("n{number}.ics"), &owner.content(&format!("n{number}"), "n")).await.unwrap();
    }
    let all: Vec<ItemName> = (0..MOST_READ).map(|number| name(&format!("n{number}.ics"))).collect();
    let read = owner.open::<Read>("i").await.read(&all).await.unwrap();
    for (number, item) in read.into_iter().enumerate() {
        assert_eq!(item.unwrap().content, owner.content(&format!("n{number}"), "n"));
    }
    owner.delete("i").await.unwrap();
}

async fn conditions(owner: &Owner) {
    owner.make("c").await.unwrap();
    let tags = |tag: &ETag| vec![tag.as_str().to_owned()];
    let first = owner.add("c", "f.ics", &owner.content("f", "1")).await.unwrap().unwrap();
    let write =
        async |text: &str, when: &Precondition| owner.replace("c", "f.ics", &owner.content("f", text), when).await;
    let second = write("2", &Precondition::Matches(tags(&first))).await.unwrap().unwrap();
    assert_ne!(first, second, "another content, another tag");
    for when in [Precondition::Matches(tags(&first)), Precondition::Differs(tags(&second)), Precondition::Absent] {
        refused!(write("3", &when).await, Error::Conflict);
    }
    refused!(owner.remove("c", "f.ics", &Precondition::Matches(tags(&first))).await, Error::Conflict);
    assert_eq!(owner.read("c", "f.ics").await.unwrap().content, owner.content("f", "2"), "nothing was changed");
    write("4", &Precondition::Exists).await.unwrap();
    write("5", &Precondition::Differs(tags(&second))).await.unwrap();
    for when in [Precondition::Matches(tags(&first)), Precondition::Exists] {
        refused!(owner.replace("c", "none.ics", &owner.content("n", "n"), &when).await, Error::Conflict);
        refused!(owner.remove("c", "none.ics", &when).await, Error::Conflict);
    }
    // Same size, one after the other at once: a tag never comes back.
    let mut seen = BTreeSet::new();
    for number in 0..50 {
        let tag = write(&format!("{number:02}"), &Precondition::None).await.unwrap().unwrap();
        assert!(seen.insert(tag.as_str().to_owned()), "a tag came back for other octets");
    }
    // Two writers that saw the same: one wins. Two that make the same: one wins.
    let when = Precondition::Matches(tags(&owner.read("c", "f.ics").await.unwrap().etag));
    let (one, other) = tokio::join!(write("a", &when), write("b", &when));
    assert!(one.is_ok() != other.is_ok(), "one of two conditional writes wins: {one:?} {other:?}");
    let (a, b) = (owner.content("g", "a"), owner.content("g", "b"));
    let (one, other) = tokio::join!(owner.add("c", "g.ics", &a), owner.add("c", "g.ics", &b));
    assert!(one.is_ok() != other.is_ok(), "one of two creations wins: {one:?} {other:?}");
    owner.delete("c").await.unwrap();
}

async fn names(owner: &Owner) {
    owner.make("n").await.unwrap();
    let all = [
        "5D3A.ics",
        "5d3a.ics",
        "é.ics",
        "É.ics",
        "a:b?c*\"<>|\\.ics",
        "con.ics",
        "CON.vcf",
        "bare",
        "BARE",
        ".ics",
        ".hidden.ics",
        "a%20b=.ics",
        "%41.ics",
        "=a.ics",
        " blank .ics",
        "dot..ics",
        "collection.txt",
        "日本.vcf",
    ];
    for item in all {
        owner.add("n", item, &owner.content(item, item)).await.unwrap_or_else(|error| panic!("{item}: {error:?}"));
    }
    assert_eq!(owner.items("n").await, all.map(str::to_owned).into());
    for item in all {
        refused!(owner.add("n", item, b"x").await, Error::Conflict);
        assert_eq!(owner.read("n", item).await.unwrap().content, owner.content(item, item), "{item}");
        let tag = owner.read("n", item).await.unwrap().etag;
        let when = Precondition::Matches(vec![tag.as_str().to_owned()]);
        owner.replace("n", item, &owner.content(item, "new"), &when).await.unwrap();
        assert_eq!(owner.read("n", item).await.unwrap().content, owner.content(item, "new"), "{item}");
    }
    for item in all {
        owner.remove("n", item, &Precondition::Exists).await.unwrap();
        assert!(owner.read("n", item).await.is_none(), "{item}");
    }
    assert!(owner.items("n").await.is_empty());
    owner.delete("n").await.unwrap();
}

async fn changes(owner: &Owner) {
    let told = |changes: &CollectionChanges| -> BTreeSet<String> {
        let one = |change: &ItemChange| match change {
            ItemChange::Changed(item) => format!("+{}", item.name.as_str()),
            ItemChange::Gone(name) => format!("-{}", name.as_str()),
        };
        changes.changes.iter().map(one).collect()
    };
    owner.make("s").await.unwrap();
    for item in ["a.ics", "b.ics", "c.ics"] {
        owner.add("s", item, &owner.content(item, item)).await.unwrap();
    }
    let first = owner.changes("s", None).await;
    assert_eq!(told(&first), ["+a.ics", "+b.ics", "+c.ics"].map(str::to_owned).into());
    assert!(told(&owner.changes("s", Some(&first.token)).await).is_empty());
    let version = async || owner.open::<Lookup>("s").await.look(Telling::States).await.unwrap().collection.version;
    let before = version().await;
    assert_eq!(before, version().await, "nothing has changed");
    owner.replace("s", "a.ics", &owner.content("a", "other"), &Precondition::None).await.unwrap();
    owner.remove("s", "b.ics", &Precondition::None).await.unwrap();
    owner.add("s", "D.ics", &owner.content("d", "new")).await.unwrap();
    assert!(before.is_none() || before != version().await, "something has changed");
    let second = owner.changes("s", Some(&first.token)).await;
    assert_eq!(told(&second), ["+a.ics", "-b.ics", "+D.ics"].map(str::to_owned).into());
    assert!(told(&owner.changes("s", Some(&second.token)).await).is_empty());
    owner.delete("s").await.unwrap();
    // Another one of the same name is not the one that a client knows.
    owner.make("s").await.unwrap();
    let since = owner.open::<Read>("s").await.changes_since(Some(&second.token), None).await.unwrap();
    assert!(since.is_none_or(|it| it.changes.iter().all(|change| matches!(change, ItemChange::Gone(_)))));
    owner.delete("s").await.unwrap();
}

async fn shared(owner: &Owner, house: &TestHouse) {
    let other = house.login("u00002@a.test", Errand::Files).await.unwrap();
    for collection in ["Given", "kept"] {
        owner.make(collection).await.unwrap();
        owner.add(collection, "A.ics", &owner.content("a", collection)).await.unwrap();
    }
    let given = CollectionRef::parse(account(OWNER), owner.family, "Given").unwrap();
    refused!(other.open::<CollectionRef, Read>(given.clone()).await, Error::NotFound);
    let grant = |rights| Grant { to: to_account("u00002@a.test"), rights, until: None };
    house.state.set_grant(&given.target(), &grant(Rights::READ)).await.unwrap();
    let seen = other.shared_collections(owner.family, Telling::States).await.unwrap();
    assert_eq!(seen.iter().map(|it| it.at.name()).collect::<Vec<_>>(), ["Given"]);
    let handle = other.open::<CollectionRef, Read>(given.clone()).await.unwrap();
    let content = handle.read(&[name("A.ics")]).await.unwrap().pop().unwrap().unwrap().content;
    assert_eq!(content, owner.content("a", "Given"));
    refused!(other.open::<CollectionRef, Edit>(given.clone()).await, Error::Forbidden);
    house.state.set_grant(&given.target(), &grant(Rights::READ.union(Rights::ADD))).await.unwrap();
    let handle = other.open::<CollectionRef, Add>(given.clone()).await.unwrap();
    handle.add(&name("theirs.ics"), &Bytes::from(owner.content("t", "theirs"))).await.unwrap();
    assert_eq!(owner.items("Given").await, ["A.ics", "theirs.ics"].map(str::to_owned).into());
    for collection in ["Given", "kept"] {
        owner.delete(collection).await.unwrap();
    }
    owner.make("Given").await.unwrap();
    refused!(other.open::<CollectionRef, Read>(given).await, Error::NotFound);
    owner.delete("Given").await.unwrap();
}
