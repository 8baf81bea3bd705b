//! Programs that bring access tokens, as a surface sees it: whom they open for, and what ends them.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use passerelle_core::{
    Arrival, Clock, Delegation, Errand, Error, Proof, Result, Session, Strength, Visit, WEB_SESSION,
    ports::{Headers, Parameters, state::Revocation},
};
use passerelle_model::{Login, Secret, Timestamp};
use passerelle_testkit::{
    house::{HouseBuilder, TestHouse, account, visit},
    memory_sso::MemorySso,
    memory_state::MemoryState,
};
use std::{
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

/// When every test begins.
const BEGIN: i64 = 1_000_000;

fn at_the_beginning() -> Timestamp {
    Timestamp(BEGIN)
}

async fn house(clock: Clock) -> TestHouse {
    let house = HouseBuilder::new(Arc::new(MemoryState::new())).clock(clock);
    house.provider(Arc::new(MemorySso::default())).open().await.unwrap()
}

/// A token of somebody, of this sign-on, issued at the beginning and good for ten minutes.
fn token(who: &str, index: &str) -> String {
    format!("at~{who}~{index}~{BEGIN}~{}", BEGIN + 600)
}

async fn enter(house: &TestHouse, login: &str, token: &str, errand: Errand) -> Result<Session> {
    let proof = Proof::of_token(login.as_bytes(), token.as_bytes()).unwrap();
    house.door.login_by(&proof, visit(errand)).await
}

#[track_caller]
fn told(outcome: Result<Session>) -> String {
    outcome.map_or_else(|error| error.to_string(), |session| session.principal().unwrap().account().to_string())
}

#[tokio::test]
async fn whose_token_it_is() {
    let house = house(at_the_beginning).await;
    for (login, who, expected) in [
        ("u00003@a.test", "u00003", "garonne/u00003"),
        ("u00003", "u00003", "garonne/u00003"),
        ("U00003@A.TEST", "u00003", "garonne/u00003"),
        ("u00003@b.test", "u00003", "autan/u00003"),
        // The token says whose it is, at the default institution.
        ("", "u00003", "garonne/u00003"),
        ("", "u00003@a.test", "garonne/u00003"),
        ("u00004@a.test", "u00003", "not authenticated"),
        ("u00003@nowhere.test", "u00003", "not authenticated"),
        // A realm believes its own provider about its own people only.
        ("u00003@a.test", "u00003@b.test", "not permitted"),
        ("u00003@a.test", "nobody", "not permitted"),
    ] {
        let outcome = enter(&house, login, &token(who, "1"), Errand::Mail).await;
        assert_eq!(told(outcome), expected, "{login:?} with a token of {who}");
    }
    let session = enter(&house, "", &token("u00003", "1"), Errand::Submission).await.unwrap();
    let principal = session.principal().unwrap();
    assert_eq!((principal.account(), principal.strength()), (&account("u00003@a.test"), Strength::SingleSignOn));
    assert!(!format!("{:?}", session.actor()).contains("at~"), "no token is printed");
    assert!(!format!("{:?}", Delegation::Token(Secret::new("at~"))).contains("at~"));
    let visit = Visit { host: Some("autan.localhost"), ..visit(Errand::Mail) };
    let there = house.door.login_with_token(None, &Secret::new(token("u00003", "1")), visit).await;
    assert_eq!(told(there), "autan/u00003", "the host names the realm");
}

#[tokio::test]
async fn what_is_no_token_and_where_none_is_taken() {
    let house = house(at_the_beginning).await;
    for word in ["x", "", "at~u00003~1~0", &format!("at~u00003~1~{}~{BEGIN}", BEGIN - 600)] {
        assert_eq!(told(enter(&house, "u00003@a.test", word, Errand::Mail).await), "not authenticated", "{word}");
    }
    let down = enter(&house, "u00003@a.test", "down", Errand::Mail).await;
    assert!(matches!(down, Err(Error::Unavailable { .. })), "a provider that is down refuses nobody");
    for errand in [Errand::Web, Errand::Files, Errand::Administration] {
        let outcome = enter(&house, "u00003@a.test", &token("u00003", "1"), errand).await;
        assert_eq!(told(outcome), "not authenticated", "{errand:?}");
    }
    // A token is no password.
    let login = Login::parse(b"u00003@a.test").unwrap();
    let typed = house.door.login(&login, &Secret::new(token("u00003", "1")), visit(Errand::Mail)).await;
    assert_eq!(told(typed), "not authenticated");
    assert!(house.door.takes_tokens_at(Some("autan.localhost")) && house.door.takes_tokens_at(None));
    let without = HouseBuilder::new(Arc::new(MemoryState::new())).clock(at_the_beginning).open().await.unwrap();
    assert!(!without.door.takes_tokens_at(None));
    let outcome = enter(&without, "u00003@a.test", &token("u00003", "1"), Errand::Mail).await;
    assert_eq!(told(outcome), "not authenticated");
}

static SECONDS: AtomicI64 = AtomicI64::new(BEGIN);
const MOVED: Clock = || Timestamp(SECONDS.load(Ordering::SeqCst));

#[tokio::test]
async fn a_session_ends_with_its_token_and_lasts_no_longer_than_a_withdrawal() {
    let house = house(MOVED).await;
    let session = enter(&house, "u00003@a.test", &token("u00003", "1"), Errand::Mail).await.unwrap();
    SECONDS.store(BEGIN + 599, Ordering::SeqCst);
    assert!(session.check_in_force().is_ok());
    SECONDS.store(BEGIN + 600, Ordering::SeqCst);
    assert!(session.check_in_force().is_err() && session.tie().is_withdrawn());
    let long = format!("at~u00003~1~{BEGIN}~{}", i64::MAX);
    let session = enter(&house, "u00003@a.test", &long, Errand::Mail).await.unwrap();
    SECONDS.store(BEGIN + WEB_SESSION, Ordering::SeqCst);
    assert!(session.check_in_force().is_err());
    assert_eq!(told(enter(&house, "u00003@a.test", &long, Errand::Mail).await), "not authenticated");
}

#[derive(Debug)]
struct NoHeaders;
impl Headers for NoHeaders {
    fn single(&self, _name: &str) -> Option<&str> {
        None
    }
}

#[tokio::test]
async fn what_the_provider_ends_and_what_is_withdrawn() {
    let house = house(at_the_beginning).await;
    let (first, other) = (token("u00003", "one"), token("u00003", "two"));
    let session = enter(&house, "u00003@a.test", &first, Errand::Mail).await.unwrap();
    let arrival = Arrival {
        origin: "https://garonne.localhost",
        host: "garonne.localhost",
        kind: "cas",
        realm: "garonne",
        step: "ended",
        is_post: false,
        raw_query: "index=one",
        query: Parameters::new([("index".to_owned(), "one".to_owned())]),
        form: Parameters::default(),
        body: b"",
        headers: &NoHeaders,
        peer: Ipv4Addr::LOCALHOST.into(),
        cookie: &|_| None,
    };
    house.door.sign_on(&arrival).await.unwrap();
    assert!(session.check_in_force().is_err(), "what is under way ends");
    assert_eq!(told(enter(&house, "u00003@a.test", &first, Errand::Mail).await), "not authenticated");
    assert_eq!(told(enter(&house, "u00003@a.test", &other, Errand::Mail).await), "garonne/u00003");
    // Everything of the person's that began before.
    let old = format!("at~u00003~two~{}~{}", BEGIN - 10, BEGIN + 600);
    let session = enter(&house, "u00003@a.test", &old, Errand::Mail).await.unwrap();
    let before = Timestamp(BEGIN - 5);
    let all = Revocation::Account { account: account("u00003@a.test"), before, expires: before.plus(WEB_SESSION) };
    house.state.revoke(&all).await.unwrap();
    session.tie().withdrawn().await;
    assert_eq!(told(enter(&house, "u00003@a.test", &old, Errand::Mail).await), "not authenticated", "issued before it");
    assert_eq!(told(enter(&house, "u00003@a.test", &other, Errand::Mail).await), "garonne/u00003", "issued since");
}
