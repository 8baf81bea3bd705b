//! The gate for programs that administer: what a token opens, and what it does not; calls that may be repeated; places in
//! lists.
#![allow(clippy::unwrap_used, clippy::panic, clippy::string_slice, reason = "a test may panic")]

use passerelle_core::{Errand, Error, Manage, NewApiClient, Read, Repeat, Result};
use passerelle_model::{AccountId, AccountRef, InstitutionId, InstitutionRef, Secret, Timestamp};
use passerelle_testkit::{
    house::{HouseBuilder, TestHouse, account, node, now, visit},
    memory_state::MemoryState,
};
use std::sync::Arc;

async fn house() -> TestHouse {
    HouseBuilder::new(Arc::new(MemoryState::new())).open().await.unwrap()
}

fn garonne() -> InstitutionRef {
    InstitutionRef(InstitutionId::parse("garonne").unwrap())
}

fn autan() -> InstitutionRef {
    InstitutionRef(InstitutionId::parse("autan").unwrap())
}

async fn make(house: &TestHouse, methods: &[&str], until: Option<Timestamp>) -> NewApiClient {
    let session = house.login("u00001@a.test", Errand::Administration).await.unwrap();
    let handle = session.open::<_, Manage>(garonne()).await.unwrap();
    let methods: Vec<String> = methods.iter().map(|it| (*it).to_owned()).collect();
    handle.make_client(&[], "portal", &methods, until, None).await.unwrap()
}

fn word<T>(outcome: Result<T>) -> &'static str {
    outcome.err().map_or("done", |error| error.word())
}

#[tokio::test]
async fn a_token_opens_the_institution_and_nobodys_things() {
    let house = house().await;
    let made = make(&house, &["account.*"], None).await;
    let session = house.door.api(made.token.as_ref().unwrap()).await.unwrap();
    session.open::<_, Manage>(garonne()).await.unwrap();
    assert_eq!(word(session.open::<_, Manage>(autan()).await), "not found");
    assert_eq!(word(session.open::<_, Read>(autan()).await), "not found");
    assert_eq!(word(session.open::<_, Read>(AccountRef(account("u00002@a.test"))).await), "not found");
    assert_eq!(word(session.open::<_, Read>(node("u00002@a.test", "")).await), "not found");
    assert_eq!(word(session.principal()), "forbidden");
    assert_eq!(word(session.shared_with_me().await), "forbidden");
    assert_eq!(word(house.door.begin_web(session.clone())), "forbidden");
    assert_eq!(word(session.check_method("account.lock")), "done");
    assert_eq!(word(session.check_method("grant.set")), "forbidden");
    assert_eq!(session.who(), format!("client:{}", made.row.id));
    assert!(!format!("{session:?} {made:?}").contains(made.token.as_ref().unwrap().expose_str().unwrap()));
}

#[tokio::test]
async fn a_token_ends_with_its_client() {
    let house = house().await;
    let made = make(&house, &["*"], None).await;
    let text = made.token.as_ref().unwrap().expose_str().unwrap();
    let altered: String = text.chars().rev().collect();
    for wrong in ["", "x", &text[..59], &altered, &format!("{text}a"), &text.to_uppercase()] {
        assert_eq!(word(house.door.api(&Secret::new(wrong)).await), "unauthenticated", "{wrong}");
    }
    let ended = make(&house, &["*"], Some(now())).await;
    assert_eq!(word(house.door.api(ended.token.as_ref().unwrap()).await), "unauthenticated");
    // Nor is it anybody's password.
    let login = passerelle_model::Login::parse(b"u00001@a.test").unwrap();
    assert_eq!(
        word(house.door.login(&login, made.token.as_ref().unwrap(), visit(Errand::Mail)).await),
        "unauthenticated"
    );

    let session = house.login("u00001@a.test", Errand::Administration).await.unwrap();
    let handle = session.open::<_, Manage>(garonne()).await.unwrap();
    assert!(handle.remove_client(&made.row.id).await.unwrap());
    assert_eq!(word(house.door.api(made.token.as_ref().unwrap()).await), "unauthenticated");
    // Another institution's administrator neither sees nor removes it.
    let elsewhere = house.login("u00001@b.test", Errand::Administration).await.unwrap();
    let elsewhere = elsewhere.open::<_, Manage>(autan()).await.unwrap();
    assert!(!elsewhere.remove_client(&ended.row.id).await.unwrap());
    assert!(elsewhere.clients().await.unwrap().is_empty());
    assert_eq!(handle.clients().await.unwrap().len(), 1);
}

#[tokio::test]
async fn a_program_makes_no_program_and_no_administrator() {
    let house = house().await;
    let made = make(&house, &["*"], None).await;
    let session = house.door.api(made.token.as_ref().unwrap()).await.unwrap();
    let handle = session.open::<_, Manage>(garonne()).await.unwrap();
    assert_eq!(word(handle.make_client(&[], "other", &["*".to_owned()], None, None).await), "forbidden");
    assert_eq!(word(handle.clients().await), "forbidden");
    assert_eq!(word(handle.remove_client(&made.row.id).await), "forbidden");
    let administrator = AccountId::parse("u00001").unwrap();
    assert_eq!(word(handle.set_password(&administrator, &Secret::new("mine")).await), "forbidden");
    // This directory is only read; of anybody else's account it would be the next thing that is said.
    let other = AccountId::parse("u00002").unwrap();
    assert_eq!(word(handle.set_password(&other, &Secret::new("mine")).await), "unsupported");
}

#[tokio::test]
async fn a_key_is_of_one_call_of_one_caller() -> Result<()> {
    let house = house().await;
    let one = house.login("u00001@a.test", Errand::Administration).await?;
    let other = house.login("u00001@b.test", Errand::Administration).await?;
    let Repeat::First(claimed) = one.claim_call("key", b"call with hunter2").await? else { panic!("it is the first") };
    assert!(matches!(one.claim_call("key", b"call with hunter2").await?, Repeat::Unknown));
    one.settle_call(&claimed, "answer").await?;
    assert!(matches!(one.claim_call("key", b"call with hunter2").await?, Repeat::Answered(it) if it == "answer"));
    assert!(matches!(one.claim_call("key", b"another call").await?, Repeat::Other));
    assert!(matches!(other.claim_call("key", b"another call").await?, Repeat::First(_)));
    let dump = house.state.dump().await?.join("\n");
    assert!(!dump.contains("hunter2") && !dump.contains("\"key\""), "{dump}");
    Ok(())
}

#[tokio::test]
async fn a_place_belongs_to_its_list() -> Result<()> {
    let house = house().await;
    let session = house.login("u00001@a.test", Errand::Administration).await?;
    let sealed = session.seal_place("people of garonne", "u00042")?;
    assert!(!sealed.contains("u00042"));
    assert_eq!(session.open_place("people of garonne", &sealed).as_deref(), Some("u00042"));
    for (list, place) in [("people of autan", sealed.as_str()), ("people of garonne", "x"), ("people of garonne", "")] {
        assert_eq!(session.open_place(list, place), None);
    }
    Ok(())
}

#[tokio::test]
async fn only_administrators_have_the_handle() {
    let house = house().await;
    let session = house.login("u00002@a.test", Errand::Administration).await.unwrap();
    assert!(matches!(session.open::<_, Manage>(garonne()).await, Err(Error::Forbidden)));
    assert!(matches!(session.open::<_, Manage>(autan()).await, Err(Error::NotFound)));
}
