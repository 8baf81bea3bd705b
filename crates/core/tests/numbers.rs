//! A store that acts as the owner is told the owner's numbers, whoever acts, and nothing happens without them.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use passerelle_core::{
    Add, Edit, Errand, Error, Lookup, Permit, Read, Remove, Result,
    ports::{Existing, FileContent, FileStore, Fut, Health, Leg, Node, NodeStream, Precondition, Upload},
};
use passerelle_model::{NodeRef, PosixIds, Rights};
use passerelle_testkit::{
    house::{HouseBuilder, TestHouse, node, numbers, to_account},
    memory_state::MemoryState,
};
use std::{
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
};

/// A store that keeps what it was told and can do nothing.
struct Told {
    acts_as_owner: bool,
    numbers: Mutex<Vec<Option<PosixIds>>>,
}

fn cannot<'a, T: 'a>() -> Fut<'a, T> {
    Box::pin(async { Err(Error::Unsupported { what: "anything" }) })
}

impl Health for Told {
    fn name(&self) -> &'static str {
        "told"
    }
    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(async { Vec::new() })
    }
}

impl FileStore for Told {
    fn stat<'a>(&'a self, at: &'a Permit<NodeRef, Lookup>) -> Fut<'a, Node> {
        self.numbers.lock().unwrap().push(at.owner_numbers().map(|numbers| PosixIds::clone(numbers)));
        cannot()
    }
    fn list<'a>(&'a self, _at: &'a Permit<NodeRef, Read>) -> Fut<'a, NodeStream> {
        cannot()
    }
    fn open<'a>(&'a self, _at: &'a Permit<NodeRef, Read>) -> Fut<'a, Box<dyn FileContent>> {
        cannot()
    }
    fn create<'a>(&'a self, _at: &'a Permit<NodeRef, Add>, _length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        cannot()
    }
    fn replace<'a>(&'a self, _at: &'a Permit<NodeRef, Edit>, _length: Option<u64>) -> Fut<'a, Box<dyn Upload>> {
        cannot()
    }
    fn make_folder<'a>(&'a self, _at: &'a Permit<NodeRef, Add>) -> Fut<'a, Node> {
        cannot()
    }
    fn remove<'a>(&'a self, _at: &'a Permit<NodeRef, Remove>, _when: &'a Precondition) -> Fut<'a, ()> {
        cannot()
    }
    fn rename<'a>(
        &'a self,
        _from: &'a Permit<NodeRef, Remove>,
        _to: &'a Permit<NodeRef, Add>,
        _existing: Existing<'a>,
    ) -> Fut<'a, ()> {
        cannot()
    }
    fn copy<'a>(
        &'a self,
        _from: &'a Permit<NodeRef, Read>,
        _to: &'a Permit<NodeRef, Add>,
        _existing: Existing<'a>,
        _deep: bool,
    ) -> Fut<'a, ()> {
        cannot()
    }
    fn acts_as_owner(&self) -> bool {
        self.acts_as_owner
    }
}

async fn house(acts_as_owner: bool) -> (TestHouse, Arc<Told>) {
    let told = Arc::new(Told { acts_as_owner, numbers: Mutex::default() });
    let store: Arc<dyn FileStore> = Arc::<Told>::clone(&told);
    let house = HouseBuilder::new(Arc::new(MemoryState::new())).files("garonne", store).open().await.unwrap();
    (house, told)
}

/// Looks at somebody's file as somebody; what the store was told.
async fn look(house: &TestHouse, told: &Told, who: &str, owner: &str) -> Result<Option<PosixIds>> {
    let session = house.login(who, Errand::Files).await.unwrap();
    let handle = session.open::<_, Read>(node(owner, "f")).await?;
    assert!(matches!(handle.stat().await, Err(Error::Unsupported { .. })));
    Ok(told.numbers.lock().unwrap().pop().unwrap())
}

#[tokio::test]
async fn they_are_the_owners_whoever_acts() {
    let (house, told) = house(true).await;
    let (owner, grantee) = ("u00003@a.test", "u00002@a.test");
    house.grant(owner, "f", to_account(grantee), Rights::READ).await.unwrap();
    let expected = numbers(owner);
    assert!(expected.as_ref().is_some_and(|ids| !ids.groups.is_empty()));
    assert_eq!(look(&house, &told, owner, owner).await.unwrap(), expected);
    assert_eq!(look(&house, &told, grantee, owner).await.unwrap(), expected, "not the grantee's");
}

#[tokio::test]
async fn a_store_with_an_account_of_its_own_is_told_nothing() {
    let (house, told) = house(false).await;
    assert_eq!(look(&house, &told, "u00003@a.test", "u00003@a.test").await.unwrap(), None);
    assert_eq!(look(&house, &told, "u00009@a.test", "u00009@a.test").await.unwrap(), None);
}

#[tokio::test]
async fn without_them_the_tree_is_unavailable_and_the_log_says_what_is_missing() {
    let (house, told) = house(true).await;
    let (owner, grantee) = ("u00009@a.test", "u00002@a.test");
    house.grant(owner, "f", to_account(grantee), Rights::READ).await.unwrap();
    for who in [owner, grantee] {
        let refused = look(&house, &told, who, owner).await.unwrap_err();
        assert!(matches!(refused, Error::Unavailable { .. }), "{refused:?}");
        assert!(refused.chain().contains("garonne/u00009 has no uidNumber and no gidNumber"), "{}", refused.chain());
    }
    // Somebody who has left, with grants of theirs still there.
    house.grant("u00077@a.test", "f", to_account(grantee), Rights::READ).await.unwrap();
    let refused = look(&house, &told, grantee, "u00077@a.test").await.unwrap_err();
    assert!(refused.chain().contains("garonne/u00077 has no entry"), "{}", refused.chain());
    // Who may not look is told nothing of it.
    let refused = look(&house, &told, "u00004@a.test", owner).await.unwrap_err();
    assert!(matches!(refused, Error::NotFound), "{refused:?}");
}
