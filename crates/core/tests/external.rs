//! External accounts at the gate: whose they are, and what opens a password that was kept.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test may panic")]

use passerelle_core::{
    Errand, Error, ExternalRefused, Lookup, Manage, Permit, Read,
    ports::{
        ExternalFault, ExternalFut, ExternalMail, ExternalServer, ExternalTls, RelayConnection, StoreStream,
        state::ExternalAccount,
    },
};
use passerelle_model::{AccountRef, ExternalRef, Grant, Rights, Secret, Target};
use passerelle_testkit::{
    house::{HouseBuilder, TestHouse, account, to_account},
    memory_state::MemoryState,
};
use std::sync::{Arc, Mutex};

const OWNER: &str = "u00002@a.test";
const OTHER: &str = "u00003@a.test";

/// Lets the password `good` in, and remembers who asked with what.
#[derive(Default)]
struct Server {
    asked: Mutex<Vec<(String, String)>>,
}

impl ExternalMail for Server {
    fn takes_clear(&self) -> bool {
        false
    }

    fn reach<'a>(
        &'a self,
        at: &'a Permit<ExternalRef, Lookup>,
        server: &'a ExternalServer,
        password: &'a Secret,
        _uids: std::sync::Arc<dyn passerelle_core::ports::MaildropUids>,
    ) -> ExternalFut<'a, RelayConnection> {
        Box::pin(async move {
            let asked = (format!("{} {}", at.target().owner, server.host()), password.expose_str().unwrap().to_owned());
            self.asked.lock().unwrap().push(asked);
            if password.expose() != b"good" {
                return Err(ExternalFault::Password);
            }
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let stream = tokio::net::TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            Ok(RelayConnection { stream: StoreStream::Plain(stream), capabilities: String::new(), early: Vec::new() })
        })
    }
}

struct Case {
    house: TestHouse,
    server: Arc<Server>,
}

impl Case {
    async fn new() -> Self {
        let server = Arc::new(Server::default());
        let house = HouseBuilder::new(Arc::new(MemoryState::new()))
            .external("garonne", Arc::clone(&server) as Arc<dyn ExternalMail>)
            .open()
            .await
            .unwrap();
        Self { house, server }
    }

    async fn add(&self, label: &str, password: &str) -> Result<ExternalAccount, ExternalRefused> {
        let server = ExternalServer::parse("mail.example.org", 993, ExternalTls::Implicit, "me").unwrap();
        let session = self.house.login(OWNER, Errand::Web).await.unwrap();
        let own = session.open::<_, Manage>(AccountRef(account(OWNER))).await.unwrap();
        own.add_external(label, server, &Secret::new(password)).await
    }

    /// What comes of reaching an account, as somebody.
    async fn reach(&self, who: &str, at: ExternalRef) -> Result<(), Error> {
        let session = self.house.login(who, Errand::Mail).await.unwrap();
        session.open::<_, Read>(at).await?.reach().await.map(drop)
    }

    fn asked(&self) -> usize {
        self.server.asked.lock().unwrap().len()
    }
}

fn at(row: &ExternalAccount) -> ExternalRef {
    ExternalRef { owner: row.owner.clone(), id: row.id.clone() }
}

#[tokio::test]
async fn only_its_owner_reaches_it_whatever_was_granted() {
    let case = Case::new().await;
    let row = case.add("Elsewhere", "good").await.unwrap();
    case.reach(OWNER, at(&row)).await.unwrap();
    // All rights on the account as a whole are none on this.
    let target = Target {
        institution: row.owner.institution.clone(),
        owner: Some(row.owner.id.clone()),
        kind: passerelle_model::ResourceKind::Account,
        tree: String::new(),
        path: String::new(),
    };
    case.house
        .state
        .set_grant(&target, &Grant { to: to_account(OTHER), rights: Rights::ALL, until: None })
        .await
        .unwrap();
    let asked = case.asked();
    assert!(matches!(case.reach(OTHER, at(&row)).await, Err(Error::NotFound)));
    // Under one's own name there is none of that id.
    let own = ExternalRef { owner: account(OTHER), id: row.id.clone() };
    assert!(matches!(case.reach(OTHER, own).await, Err(Error::NotFound)));
    assert_eq!(case.asked(), asked);
}

#[tokio::test]
async fn a_row_that_was_changed_opens_nothing() {
    let case = Case::new().await;
    let row = case.add("Elsewhere", "good").await.unwrap();
    let asked = case.asked();
    let server = |host: &str, port, tls, login: &str| ExternalServer::parse(host, port, tls, login).unwrap();
    let same = || server("mail.example.org", 993, ExternalTls::Implicit, "me");
    for (what, owner, server) in [
        ("owner", OTHER, same()),
        ("host", OWNER, server("evil.example.org", 993, ExternalTls::Implicit, "me")),
        ("port", OWNER, server("mail.example.org", 994, ExternalTls::Implicit, "me")),
        ("protection", OWNER, server("mail.example.org", 993, ExternalTls::Clear, "me")),
        ("login", OWNER, server("mail.example.org", 993, ExternalTls::Implicit, "you")),
    ] {
        case.house.state.remove_external(&account(OWNER), &row.id).await.unwrap();
        case.house.state.remove_external(&account(OTHER), &row.id).await.unwrap();
        let changed = ExternalAccount { owner: account(owner), server, ..row.clone() };
        case.house.state.add_external(&changed).await.unwrap();
        let fault = case.reach(owner, at(&changed)).await.unwrap_err().external_fault();
        assert_eq!(fault, Some(ExternalFault::Sealed), "{what}");
        assert_eq!(case.asked(), asked, "nobody hears of the password: {what}");
    }
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_and_then_waits_for_its_owner() {
    let case = Case::new().await;
    assert!(matches!(case.add("x", "bad").await, Err(ExternalRefused::Server(ExternalFault::Password))));
    assert!(case.house.state.externals_of(&account(OWNER)).await.unwrap().is_empty(), "what does not open is not kept");
    let row = case.add("x", "good").await.unwrap();
    let fault = Some((ExternalFault::Password, passerelle_testkit::house::now()));
    case.house.state.note_external_fault(&row.owner, &row.id, fault).await.unwrap();
    let asked = case.asked();
    assert_eq!(case.reach(OWNER, at(&row)).await.unwrap_err().external_fault(), Some(ExternalFault::Password));
    assert_eq!(case.asked(), asked, "the server is left alone");
    let session = case.house.login(OWNER, Errand::Web).await.unwrap();
    let own = session.open::<_, Manage>(AccountRef(account(OWNER))).await.unwrap();
    own.renew_external(&row.id, &Secret::new("good")).await.unwrap();
    case.reach(OWNER, at(&row)).await.unwrap();
}

#[tokio::test]
async fn labels_are_bounded_and_each_is_one() {
    let case = Case::new().await;
    for odd in ["", "  ", "a/b", "a%", "a*", "a\"b", "a&b", "a\nb", &"x".repeat(41)] {
        assert!(matches!(case.add(odd, "good").await, Err(ExternalRefused::Gate(Error::Invalid { .. }))), "{odd}");
    }
    for number in 0..10 {
        case.add(&format!("é {number}"), "good").await.unwrap();
    }
    assert!(matches!(case.add("É 1", "good").await, Err(ExternalRefused::Gate(Error::Conflict))));
    assert!(matches!(case.add("more", "good").await, Err(ExternalRefused::Gate(Error::OverQuota))));
    // Nobody of an institution that does not offer them has any.
    let session = case.house.login("u00002@b.test", Errand::Web).await.unwrap();
    let own = session.open::<_, Manage>(AccountRef(account("u00002@b.test"))).await.unwrap();
    assert!(!own.offers_external() && own.external_accounts().await.unwrap().is_empty());
}

#[tokio::test]
async fn folders_are_kept_sealed_and_told_while_the_server_is_away() {
    let case = Case::new().await;
    let row = case.add("x", "good").await.unwrap();
    let session = case.house.login(OWNER, Errand::Mail).await.unwrap();
    let handle = session.open::<_, Read>(at(&row)).await.unwrap();
    assert_eq!(handle.known_folders().await.unwrap(), (None, passerelle_core::Freshness::Stale));
    let folder = |name: &str| passerelle_core::ExternalFolder {
        name: name.to_owned(),
        attributes: "\\HasNoChildren".to_owned(),
    };
    let folders = [folder("INBOX"), folder("Équipe/Très secret")];
    handle.note_folders(&folders).await.unwrap();
    let fresh = (Some(folders.to_vec()), passerelle_core::Freshness::Fresh);
    assert_eq!(handle.known_folders().await.unwrap(), fresh);
    let kept = case.house.state.external(&row.owner, &row.id).await.unwrap().unwrap();
    assert!(!kept.folders.unwrap().0.contains("secret"));
    handle.folders_changed().await.unwrap();
    assert_eq!(handle.known_folders().await.unwrap().1, passerelle_core::Freshness::Stale);
    handle.note_fault(ExternalFault::Slow).await.unwrap();
    let away = (Some(folders.to_vec()), passerelle_core::Freshness::Failing);
    assert_eq!(handle.known_folders().await.unwrap(), away);
}
