//! Portals, as their surface sees them: what is changed for a session, what that shows, and what ends it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use passerelle_core::{
    Errand, Error, Failing, FailingLeg, Manage, Permit, PortalSession, PortalVisit, Read,
    ports::{Fut, Health, Latest, Leg, Legs, MailHeader, MailStore, MailboxStatus, state::Revocation},
};
use passerelle_model::{AccountId, AccountRef, InstitutionId, InstitutionRef, MailboxRef, Secret, Timestamp};
use passerelle_testkit::{
    house::{HouseBuilder, PROXY, TestHouse, account, now},
    memory_sso::MemorySso,
    memory_state::MemoryState,
};
use std::{
    future::Future,
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
};

/// A store that counts how often it is asked: each answer is one more.
#[derive(Debug, Default)]
struct Counting(AtomicU32);

impl Health for Counting {
    fn name(&self) -> &str {
        "counting"
    }
    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(std::future::ready(Vec::new()))
    }
}

impl Counting {
    fn next(&self) -> MailboxStatus {
        let messages = self.0.fetch_add(1, Ordering::SeqCst) + 1;
        MailboxStatus { messages, unseen: messages }
    }
}

impl MailStore for Counting {
    fn status<'a>(&'a self, at: &'a Permit<MailboxRef, Read>) -> Fut<'a, MailboxStatus> {
        assert_eq!(at.target().name, "INBOX");
        Box::pin(std::future::ready(Ok(self.next())))
    }
    fn examine_as<'a>(&'a self, _: &'a Permit<AccountRef, Read>) -> Legs<'a> {
        Box::pin(async { Vec::new() })
    }
    fn latest<'a>(&'a self, at: &'a Permit<MailboxRef, Read>, count: u32) -> Fut<'a, Latest> {
        assert_eq!((at.target().name.as_str(), count), ("INBOX", 5));
        let header = MailHeader {
            uid: 1,
            from_name: String::new(),
            from_address: String::new(),
            subject: "secret plans".to_owned(),
            received: Timestamp(0),
            unseen: true,
        };
        let status = self.next();
        Box::pin(
            async move { Ok(Latest { status, uid_validity: 1, headers: vec![header], unreadable: 0, room: None }) },
        )
    }
}

async fn house() -> TestHouse {
    let builder = HouseBuilder::new(Arc::new(MemoryState::new())).provider(Arc::new(MemorySso::default()));
    builder.mail("garonne", Arc::new(Counting::default())).open().await.unwrap()
}

async fn enter(house: &TestHouse, host: &str, kind: &str, word: &str) -> Result<PortalSession, Failing> {
    let origin = format!("https://{host}");
    house.door.enter_portal(&PortalVisit { origin: &origin, host, kind, credential: &Secret::new(word) }).await
}

async fn ticket(house: &TestHouse, who: &str, index: &str) -> Result<PortalSession, Failing> {
    enter(house, "garonne.localhost", "cas", &format!("PT-{who} {index} {PROXY}")).await
}

async fn messages(session: &PortalSession) -> u32 {
    session.mail().await.unwrap().unwrap().outcome.unwrap().status.messages
}

#[track_caller]
fn told(outcome: Result<PortalSession, Failing>) -> (Option<FailingLeg>, String) {
    match outcome {
        Ok(_) => (None, String::new()),
        Err(failing) => (Some(failing.leg), failing.error.word().to_owned()),
    }
}

#[tokio::test]
async fn whose_word_is_taken() {
    let house = house().await;
    let refused = |word: &str| (Some(FailingLeg::SignOn), word.to_owned());
    let chain = |chain: &str, index: &str| {
        let word = format!("PT-u00003 {index} {chain}");
        let house = house.clone();
        async move { told(enter(&house, "garonne.localhost:8443", "cas", word.trim_end()).await) }
    };
    assert_eq!(chain(PROXY, "1").await, (None, String::new()));
    assert_eq!(chain(PROXY, "1").await, refused("unauthenticated"), "once");
    assert_eq!(chain("", "2").await, refused("unauthenticated"), "through nobody");
    assert_eq!(chain("https://evil.test/proxy", "3").await, refused("unauthenticated"));
    assert_eq!(chain(&format!("https://b.test {PROXY}"), "4").await, refused("unauthenticated"), "one more before it");
    assert_eq!(chain(&format!("{PROXY} https://b.test"), "5").await, refused("unauthenticated"), "one more behind it");
    assert_eq!(chain(&format!("{PROXY}/"), "6").await, refused("unauthenticated"), "to the last octet");
    for (host, kind, word, expected) in [
        ("evil.test", "cas", "PT-u00003 7", (Some(FailingLeg::SignOn), "not found")),
        ("portal.garonne.localhost", "cas", "PT-u00003 8", (Some(FailingLeg::SignOn), "not found")),
        ("a.test", "cas", "PT-u00003 9", (Some(FailingLeg::SignOn), "not found")),
        ("garonne.localhost", "jwt", "x", (Some(FailingLeg::SignOn), "unsupported")),
        ("garonne.localhost", "nothing", "x", (Some(FailingLeg::SignOn), "unsupported")),
        ("garonne.localhost", "cas", "down", (Some(FailingLeg::SignOn), "unavailable")),
        ("garonne.localhost", "cas", "", (Some(FailingLeg::SignOn), "unauthenticated")),
        ("garonne.localhost", "cas", "PT-nobody 10", (Some(FailingLeg::SignOn), "forbidden")),
        ("garonne.localhost", "cas", "PT-u00003@b.test 11", (Some(FailingLeg::SignOn), "forbidden")),
        ("garonne.localhost", "cas", "PT-u00003 ", (Some(FailingLeg::SignOn), "unauthenticated")),
    ] {
        let word = if word.starts_with("PT") { format!("{word} {PROXY}") } else { word.to_owned() };
        let outcome = told(enter(&house, host, kind, &word).await);
        assert_eq!((outcome.0, outcome.1.as_str()), expected, "{host} {kind} {word}");
    }
}

#[tokio::test]
async fn a_bearer_is_a_bearer_and_no_cookie() {
    let house = house().await;
    let session = ticket(&house, "u00003", "1").await.unwrap();
    let bearer = session.seal().unwrap();
    let resumed = house.door.resume_portal(&Secret::new(bearer.as_str())).await.unwrap();
    assert_eq!(resumed.account().unwrap(), &account("u00003@a.test"));
    assert!(resumed.expires().unwrap() <= now().plus(300));
    assert!(matches!(house.door.resume(&bearer).await, Err(Error::Unauthenticated)));
    let web = house.door.begin_web(house.login("u00003@a.test", Errand::Web).await.unwrap()).unwrap();
    let cookie = Secret::new(web.seal().unwrap());
    assert!(house.door.resume_portal(&cookie).await.is_err(), "nor the other way round");
    // In the middle: of the last character some bits may stand for nothing, and it may be this letter already.
    let (head, tail) = bearer.split_at(bearer.len() / 2);
    let altered = format!("{head}{}{}", if tail.starts_with('A') { "B" } else { "A" }, tail.get(1..).unwrap());
    assert!(house.door.resume_portal(&Secret::new(altered)).await.is_err());
    assert!(!format!("{resumed:?} {:?}", resumed.mail().await).contains("secret plans"));
}

#[tokio::test]
async fn one_look_for_all_and_none_after_a_withdrawal() {
    let house = house().await;
    let (one, other) = (ticket(&house, "u00003", "1").await.unwrap(), ticket(&house, "u00003", "2").await.unwrap());
    assert_eq!((messages(&one).await, messages(&other).await, messages(&one).await), (1, 1, 1));
    let stranger = ticket(&house, "u00004", "3").await.unwrap();
    assert_eq!(messages(&stranger).await, 2, "nobody sees what was seen of another");

    // An administrator's program is told what was seen; of somebody new it asks.
    let administrator = house.login("u00001@a.test", Errand::Administration).await.unwrap();
    let garonne = InstitutionRef(InstitutionId::parse("garonne").unwrap());
    let garonne = administrator.open::<_, Manage>(garonne).await.unwrap();
    let id = |login: &str| AccountId::parse(login).unwrap();
    assert_eq!(garonne.inbox_of(&id("u00003")).await.unwrap().outcome.unwrap().messages, 1);
    assert_eq!(garonne.inbox_of(&id("u00005")).await.unwrap().outcome.unwrap().messages, 3);
    assert_eq!(garonne.inbox_of(&id("u00005")).await.unwrap().outcome.unwrap().messages, 3);
    assert!(matches!(garonne.inbox_of(&id("nobody")).await, Err(Error::NotFound)));

    // Signed out everywhere: the sessions end, and what was seen is forgotten.
    let bearer = Secret::new(one.seal().unwrap());
    assert_eq!(garonne.portal_holds(&bearer).await.unwrap().unwrap().login, id("u00003"));
    let began = now();
    assert!(garonne.sign_on_holds(&id("u00003"), Some(began)).await.unwrap().is_some());
    let web = house.login("u00003@a.test", Errand::Web).await.unwrap();
    web.open::<_, Manage>(AccountRef(account("u00003@a.test"))).await.unwrap().end_everything().await.unwrap();
    assert!(matches!(one.mail().await, Err(Error::Unauthenticated)));
    assert!(house.door.resume_portal(&bearer).await.is_err());
    assert_eq!(garonne.portal_holds(&bearer).await.unwrap(), None);
    assert_eq!(garonne.sign_on_holds(&id("u00003"), Some(began)).await.unwrap(), None);
    assert!(garonne.sign_on_holds(&id("u00003"), None).await.unwrap().is_some(), "a new one would hold");
    assert_eq!(garonne.sign_on_holds(&id("nobody"), None).await.unwrap(), None);
    let new = ticket(&house, "u00003", "4").await.unwrap();
    assert_eq!(messages(&new).await, 4);
    assert_eq!(messages(&stranger).await, 2);
}

#[tokio::test]
async fn another_nodes_withdrawal_and_another_institution() {
    let house = house().await;
    let session = ticket(&house, "u00003", "1").await.unwrap();
    assert_eq!(messages(&session).await, 1);
    let revocation = Revocation::Account { account: account("u00003@a.test"), before: now(), expires: now().plus(60) };
    house.state.revoke(&revocation).await.unwrap();
    for _ in 0..200 {
        if session.mail().await.is_err() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert!(matches!(session.mail().await, Err(Error::Unauthenticated)));
    // autan has neither mail nor files here; its administrator learns nothing of garonne's bearer.
    let abroad = enter(&house, "autan.localhost", "cas", &format!("PT-u00003 9 {PROXY}")).await.unwrap();
    assert!(abroad.mail().await.unwrap().is_none() && abroad.files().await.unwrap().is_none());
    let bearer = Secret::new(ticket(&house, "u00004", "5").await.unwrap().seal().unwrap());
    let administrator = house.login("u00001@b.test", Errand::Administration).await.unwrap();
    let autan = InstitutionRef(InstitutionId::parse("autan").unwrap());
    let autan = administrator.open::<_, Manage>(autan).await.unwrap();
    assert_eq!(autan.portal_holds(&bearer).await.unwrap(), None);
    assert_eq!(autan.portal_holds(&Secret::new("x")).await.unwrap(), None);
}
