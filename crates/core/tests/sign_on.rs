//! Signing on at a provider, as a surface sees it: what is believed, what is refused, and what ends a session.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

use passerelle_core::{
    Arrival, Delegation, Errand, Error, Lookup, Manage, Outcome, Passwords, Permit, Read, Result, Strength,
    ports::{
        ClientFacts, Destination, Fut, Headers, Health, Latest, Leg, Legs, MailRelay, MailStore, MailboxStatus,
        Parameters, Prompt, RelayConnection, state::State,
    },
};
use passerelle_model::{AccountRef, MailboxRef};
use passerelle_testkit::{
    house::{HouseBuilder, TestHouse, account},
    memory_sso::MemorySso,
    memory_state::MemoryState,
};
use std::{collections::HashMap, future::Future, net::Ipv4Addr, pin::Pin, sync::Arc};

#[derive(Debug)]
struct NoHeaders;
impl Headers for NoHeaders {
    fn single(&self, _name: &str) -> Option<&str> {
        None
    }
}

/// A browser with cookies.
#[derive(Default, Clone)]
struct Browser(HashMap<String, String>);

impl Browser {
    async fn visit(&self, house: &TestHouse, host: &str, realm: &str, step: &str, query: &str) -> Result<Outcome> {
        let cookie = |name: &str| self.0.get(name).cloned();
        let pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        let arrival = Arrival {
            origin: &format!("https://{host}:8443"),
            host,
            kind: "cas",
            realm,
            step,
            is_post: false,
            raw_query: query,
            query: Parameters::new(pairs.map(|(name, value)| (name.to_owned(), value.to_owned()))),
            form: Parameters::default(),
            body: b"",
            headers: &NoHeaders,
            peer: Ipv4Addr::LOCALHOST.into(),
            cookie: &cookie,
        };
        if step == "login" {
            return house.door.begin_sign_on(&arrival, Prompt::AsNeeded, "/?folder=a").await;
        }
        house.door.sign_on(&arrival).await
    }

    /// Begins a sign-on at garonne and answers its id.
    async fn begin(&mut self, house: &TestHouse) -> String {
        let outcome = self.visit(house, "garonne.localhost", "garonne", "login", "").await.unwrap();
        let Outcome::Go { to: Destination::Address(address), cookie: (name, value) } = outcome else {
            panic!("{outcome:?}")
        };
        self.0.insert(name, value);
        let id = address.split_once("t=").unwrap().1;
        id.split('&').next().unwrap().to_owned()
    }

    async fn back(&self, house: &TestHouse, query: &str) -> Result<Outcome> {
        self.visit(house, "garonne.localhost", "garonne", "callback", query).await
    }
}

async fn house() -> TestHouse {
    HouseBuilder::new(Arc::new(MemoryState::new())).provider(Arc::new(MemorySso::default())).open().await.unwrap()
}

#[track_caller]
fn told(outcome: Result<Outcome>) -> String {
    match outcome {
        Ok(outcome) => format!("{outcome:?}").split([' ', '(']).next().unwrap_or_default().to_owned(),
        Err(error) => error.to_string(),
    }
}

fn cookie_of(outcome: Result<Outcome>) -> String {
    match outcome {
        Ok(Outcome::In { session, next, .. }) => {
            assert_eq!(next, "/?folder=a");
            session.seal().unwrap()
        }
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn who_comes_back_is_in_and_stays_in() {
    let house = house().await;
    let mut browser = Browser::default();
    let id = browser.begin(&house).await;
    let cookie = cookie_of(browser.back(&house, &format!("t={id}&who=u00003&index=ST-1")).await);
    let session = house.door.resume(&cookie).await.unwrap();
    let principal = session.principal().unwrap();
    assert_eq!((principal.account(), principal.strength()), (&account("u00003@a.test"), Strength::SingleSignOn));
    assert_eq!(session.leave("https://x/").await.unwrap().unwrap(), "https://sso.test/leave?https://x/");
    // A second sign-on with another index is another session.
    let id = browser.begin(&house).await;
    let other = cookie_of(browser.back(&house, &format!("t={id}&who=u00003&index=ST-2")).await);
    let ended = browser.visit(&house, "anywhere.test", "garonne", "ended", "index=ST-1").await;
    assert_eq!(told(ended), "Done", "a provider's server calls at whatever name it knows");
    assert!(matches!(house.door.resume(&cookie).await, Err(Error::Unauthenticated)));
    assert!(house.door.resume(&other).await.is_ok());
    assert!(session.check_in_force().is_err(), "what is under way ends too");
}

#[tokio::test]
async fn what_was_not_begun_here_is_refused() {
    let house = house().await;
    let (mut browser, stranger) = (Browser::default(), Browser::default());
    let id = browser.begin(&house).await;
    let query = format!("t={id}&who=u00003&index=ST-1");
    assert_eq!(told(stranger.back(&house, &query).await), "not authenticated", "another browser");
    assert_eq!(told(browser.back(&house, "who=u00003&index=ST-1").await), "not authenticated", "no id");
    let other = query.replace(&id, &"0".repeat(32));
    assert_eq!(told(browser.back(&house, &other).await), "not authenticated", "another id");
    let twice = format!("{query}&t={id}");
    assert_eq!(told(browser.back(&house, &twice).await), "not authenticated", "an id that stands there twice");
    // The note of garonne's sign-on says nothing at autan's.
    let abroad = browser.visit(&house, "autan.localhost", "autan", "callback", &query).await;
    assert_eq!(told(abroad), "not authenticated");
    let elsewhere = browser.visit(&house, "autan.localhost", "garonne", "callback", &query).await;
    assert_eq!(told(elsewhere), "not found", "a host of another realm");
    let unknown = browser.visit(&house, "evil.test", "garonne", "login", "").await;
    assert_eq!(told(unknown), "not found", "a host that nobody has");
    assert_eq!(told(browser.visit(&house, "garonne.localhost", "nowhere", "login", "").await), "not found");
    assert_eq!(told(browser.back(&house, &query).await), "In", "and after all that, the right one");
}

#[tokio::test]
async fn a_word_for_somebody_the_directory_does_not_know_is_none() {
    let house = house().await;
    let mut browser = Browser::default();
    for who in ["nobody", "u00003@b.test", "u00003@evil.test", "../u00003", "u00003\u{0}"] {
        let id = browser.begin(&house).await;
        let answer = told(browser.back(&house, &format!("t={id}&who={who}&index=ST-1")).await);
        assert!(answer == "not permitted" || answer == "not authenticated", "{who}: {answer}");
    }
    let id = browser.begin(&house).await;
    assert_eq!(told(browser.back(&house, &format!("t={id}&who=u00003@a.test&index=ST-1")).await), "In");
    assert_eq!(told(browser.back(&house, &format!("t={id}&who=u00003&index=")).await), "not authenticated");
    assert_eq!(told(browser.back(&house, &format!("t={id}")).await), "Nobody");
}

#[tokio::test]
async fn an_assertion_works_once() {
    let house = house().await;
    let mut browser = Browser::default();
    let id = browser.begin(&house).await;
    let query = format!("t={id}&who=u00003&index=1&once=assertion-1");
    assert_eq!(told(browser.back(&house, &query).await), "In");
    let id = browser.begin(&house).await;
    let again = format!("t={id}&who=u00003&index=1&once=assertion-1");
    assert_eq!(told(browser.back(&house, &again).await), "not authenticated");
}

#[tokio::test]
async fn what_came_by_another_call_opens_back_ends() {
    let house = house().await;
    let mut browser = Browser::default();
    let kept = browser.visit(&house, "internal", "garonne", "keep", "name=IOU-1&value=PGT-1").await;
    assert_eq!(told(kept), "Done");
    let id = browser.begin(&house).await;
    let cookie = cookie_of(browser.back(&house, &format!("t={id}&who=u00003&index=1&kept=IOU-1")).await);
    assert!(!cookie.contains("PGT"));
    let session = house.door.resume(&cookie).await.unwrap();
    assert!(format!("{:?}", session.actor()).contains("Tickets"), "{:?}", session.actor());
    // Once: the second has nothing.
    let id = browser.begin(&house).await;
    let cookie = cookie_of(browser.back(&house, &format!("t={id}&who=u00003&index=2&kept=IOU-1")).await);
    let session = house.door.resume(&cookie).await.unwrap();
    assert!(!format!("{:?}", session.actor()).contains("Tickets"));
}

#[tokio::test]
async fn passwords_where_the_realm_takes_them() {
    for (passwords, web, mail) in
        [(Passwords::Everywhere, true, true), (Passwords::Programs, false, true), (Passwords::Nowhere, false, false)]
    {
        let house = HouseBuilder::new(Arc::new(MemoryState::new()))
            .provider(Arc::new(MemorySso::default()))
            .passwords(passwords)
            .open()
            .await
            .unwrap();
        // The program first: what it has remembered must not open the pages.
        assert_eq!(house.login("u00003@a.test", Errand::Administration).await.is_ok(), mail, "{passwords:?}");
        assert_eq!(house.login("u00003@a.test", Errand::Mail).await.is_ok(), mail, "{passwords:?}");
        assert_eq!(house.login("u00003@a.test", Errand::Web).await.is_ok(), web, "{passwords:?}");
        assert_eq!(house.door.ways_in(Some("garonne.localhost")).unwrap().takes_passwords, web);
    }
}

/// The token that a session shows to its mail store.
async fn token_of(session: &passerelle_core::Session) -> Result<String> {
    match session.open::<_, Manage>(AccountRef(account("u00003@a.test"))).await?.relay(&CLIENT).await {
        Ok(_) => panic!("the store of this test opens nothing"),
        Err(Error::Unsupported { what }) => Ok(what.to_owned()),
        Err(error) => Ok(error.chain()),
    }
}

const CLIENT: ClientFacts = ClientFacts { address: std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), port: 1 };

/// A store that says which token it was shown.
#[derive(Debug)]
struct Shown;

impl Health for Shown {
    fn name(&self) -> &str {
        "shown"
    }
    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(std::future::ready(Vec::new()))
    }
}

impl MailStore for Shown {
    fn status<'a>(&'a self, _: &'a Permit<MailboxRef, Read>) -> Fut<'a, MailboxStatus> {
        Box::pin(std::future::ready(Err(Error::NotFound)))
    }
    fn latest<'a>(&'a self, _: &'a Permit<MailboxRef, Read>, _: u32) -> Fut<'a, Latest> {
        Box::pin(std::future::ready(Err(Error::NotFound)))
    }
    fn examine_as<'a>(&'a self, _: &'a Permit<AccountRef, Read>) -> Legs<'a> {
        Box::pin(async { Vec::new() })
    }

    fn as_relay(&self) -> Option<&dyn MailRelay> {
        Some(self)
    }
}

impl MailRelay for Shown {
    fn connect<'a>(&'a self, at: &'a Permit<AccountRef, Read>, _: &'a ClientFacts) -> Fut<'a, RelayConnection> {
        Box::pin(async move {
            let Delegation::Tokens(bearer) = at.delegation() else { return Err(Error::NotFound) };
            let token = bearer.token().await?;
            Err(Error::internal("opening", token.expose_str().unwrap_or_default().to_owned()))
        })
    }

    fn reach<'a>(&'a self, _: &'a Permit<MailboxRef, Lookup>, _: &'a ClientFacts) -> Fut<'a, RelayConnection> {
        Box::pin(async { Err(Error::NotFound) })
    }
}

#[tokio::test]
async fn tokens_that_run_out_are_changed_once_and_end_with_the_session() {
    let (sso, state) = (Arc::new(MemorySso::default()), Arc::new(MemoryState::new()));
    let open = || HouseBuilder::new(state.clone()).provider(sso.clone()).mail("garonne", Arc::new(Shown)).open();
    // Two nodes on one State.
    let (here, there) = (open().await.unwrap(), open().await.unwrap());
    let mut browser = Browser::default();
    let id = browser.begin(&here).await;
    let lasting = cookie_of(browser.back(&here, &format!("t={id}&who=u00003&index=1&tokens=3600")).await);
    let session = there.door.resume(&lasting).await.unwrap();
    assert!(token_of(&session).await.unwrap().ends_with("first"));
    let id = browser.begin(&here).await;
    let short = cookie_of(browser.back(&here, &format!("t={id}&who=u00003&index=2&tokens=10")).await);
    assert!(!short.contains("refresh"));
    let asked = [&here, &there, &here, &there].map(async |node: &TestHouse| {
        let session = node.door.resume(&short).await.unwrap();
        token_of(&session).await.unwrap()
    });
    for answer in futures::future::join_all(asked).await {
        assert!(answer.ends_with("fresh"), "{answer}");
    }
    assert_eq!(sso.refreshed(), 1, "once among all nodes");
    let session = here.door.resume(&short).await.unwrap();
    session.end().await.unwrap();
    assert!(
        matches!(there.door.resume(&short).await, Err(Error::Unauthenticated)) || session.check_in_force().is_err()
    );
    // What is left in State without the cookie opens nothing, and what is left of the cookie without State does not either.
    assert!(state.dump().await.unwrap().iter().all(|line| !line.contains("refresh") && !line.contains("fresh")));
}
