//! The gate as a surface sees it: the ways in, what ends, who sees what.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test may panic")]

use passerelle_core::{
    Branding, Clock, Door, Edit, Errand, Error, Front, HouseParts, Institution, Lookup, Manage, MarkingMemory,
    Membership, Operator, PasswordLimits, Read, Realm, Result, Session, Tenant, Visit,
    ports::{
        MemberChange,
        state::{GatewayGroup, Revocation, Scope},
    },
    seal::Sealer,
};
use passerelle_model::{
    Account, AccountId, AccountRef, Grantee, GroupId, GroupRef, InstitutionId, InstitutionRef, Login, RealmId, Rights,
    Secret, Timestamp,
};
use passerelle_testkit::{
    house::{HouseBuilder, TestHouse, account, node, now, to_account, to_institution, to_staff, visit},
    memory_directory::{MemoryDirectory, MemoryPerson},
    memory_state::MemoryState,
};
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

async fn house() -> TestHouse {
    HouseBuilder::new(Arc::new(MemoryState::new())).open().await.unwrap()
}

fn login(text: &str) -> Login {
    Login::parse(text.as_bytes()).unwrap()
}

/// What a refusal says; a surface sees no more.
fn told<T>(outcome: Result<T>) -> String {
    outcome.err().map_or_else(|| "let in".to_owned(), |error| error.to_string())
}

#[tokio::test]
async fn a_login_finds_its_institution_or_nobody() {
    let house = house().await;
    let at = async |text: &str, password: &str, host: Option<&str>| {
        let session =
            house.door.login(&login(text), &Secret::new(password), Visit { host, ..visit(Errand::Web) }).await?;
        Ok::<_, Error>(session.principal()?.account().to_string())
    };
    assert_eq!(at("u00001@a.test", "pw-u00001", None).await.unwrap(), "garonne/u00001");
    assert_eq!(at("u00001@B.TEST", "pw-u00001", None).await.unwrap(), "autan/u00001");
    assert_eq!(at("u00001", "pw-u00001", None).await.unwrap(), "garonne/u00001", "the default institution");
    assert_eq!(at("u00001", "pw-u00001", Some("autan.localhost:443")).await.unwrap(), "autan/u00001");
    assert_eq!(at("u00001@a.test", "pw-u00001", Some("autan.localhost")).await.unwrap(), "garonne/u00001");
    for (text, password) in [
        ("u00001@a.test", "wrong"),
        ("nobody@a.test", "x"),
        ("u00001@nowhere.test", "pw-u00001"),
        ("u00001@a.test", ""),
    ] {
        assert_eq!(told(at(text, password, None).await), "not authenticated", "{text}");
    }
    assert_eq!(told(at("u00001@a.test", &"x".repeat(1_048_576), None).await), "not authenticated");
}

/// One realm, two institutions told apart by their mail domains, and a person of each kind of trouble. Besides them an
/// institution of another realm, where a bare login belongs when no host says otherwise.
fn shared_parts(rule: &Membership) -> HouseParts {
    let people = ["one.test", "two.test", "none.test"]
        .iter()
        .enumerate()
        .map(|(index, domain)| MemoryPerson::new(&format!("p{index}"), domain, &[]))
        .chain([{
            let mut both = MemoryPerson::new("both", "one.test", &[]);
            both.person.mails.push("both@two.test".to_owned());
            both
        }])
        .chain(["one.test", "two.test"].map(|domain| MemoryPerson::new("double", domain, &[])))
        .chain([MemoryPerson::new("~q1", "one.test", &[])])
        .chain([MemoryPerson::new("q0", "one.test", &["team", "gateway:team", "crew"])])
        .collect();
    let realm = RealmId::parse("midi").unwrap();
    let group = |id: &str| GroupId::parse(id).unwrap();
    let directory = MemoryDirectory::new(people, vec![])
        .below("ou=two", group("team"))
        .below("ou=one", group("crew"))
        .below("ou=one", group("gateway:team"));
    let front = Front {
        hosts: vec!["midi.localhost".to_owned()],
        name: BTreeMap::from([("en".to_owned(), "Midi".to_owned())]),
        branding: Branding::default(),
        portals: Vec::new(),
    };
    let tenant = |id: &str, domain: &str| Tenant {
        facts: Institution {
            mail_domains: vec![domain.to_owned()],
            membership: rule.clone(),
            groups_below: Some(format!("ou={}", domain.split('.').next().unwrap())),
            ..Institution::new(InstitutionId::parse(id).unwrap(), realm.clone())
        }
        .into(),
        mail: None,
        external: None,
        images: None,
        feeds: None,
        filters: None,
        submission: None,
        scanners: Vec::new(),
        mounts: vec![],
        calendars: None,
        contacts: None,
    };
    HouseParts {
        realms: vec![Realm { front: Some(Arc::new(front)), ..Realm::of_passwords(realm.clone(), Arc::new(directory)) }],
        tenants: vec![tenant("midi-1", "one.test"), tenant("midi-2", "two.test")],
        default_institution: Some(InstitutionId::parse("midi-1").unwrap()),
        sealer: Sealer::new(&[Secret::new([7; 32])]).unwrap(),
        passwords: PasswordLimits::NONE,
        marking: MarkingMemory::default(),
        span_of: |_| None,
    }
}

async fn shared_realm(rule: Membership) -> Door {
    Door::new(shared_parts(&rule), Arc::new(MemoryState::new()), now).await.unwrap()
}

#[tokio::test]
async fn the_institution_follows_from_the_entry_and_two_or_none_is_a_refusal() {
    let door = shared_realm(Membership::MailDomain).await;
    let at = async |text: &str| {
        let local = login(text).local().to_owned();
        let session = door.login(&login(text), &Secret::new(format!("pw-{local}")), visit(Errand::Web)).await?;
        Ok::<_, Error>(session.principal()?.account().institution.to_string())
    };
    assert_eq!(at("p0").await.unwrap(), "midi-1");
    assert_eq!(at("p1").await.unwrap(), "midi-2", "signed on at the realm, whatever the host");
    assert_eq!(at("p1@two.test").await.unwrap(), "midi-2");
    assert_eq!(told(at("p2").await), "not permitted", "no institution, and the password was right");
    assert_eq!(told(at("both").await), "not permitted", "two institutions");
    assert_eq!(told(at("~q1").await), "not permitted", "what spaces are called by is nobody's login");
    let wrong = async |text: &str| door.login(&login(text), &Secret::new("wrong"), visit(Errand::Web)).await;
    assert_eq!(told(wrong("p2").await), "not authenticated", "who has no password learns nothing");
    assert_eq!(told(at("p1@one.test").await), "not authenticated", "another's domain");
    let whole = shared_realm(Membership::Whole).await;
    assert!(
        whole.login(&login("p0"), &Secret::new("pw-p0"), visit(Errand::Web)).await.is_err(),
        "two rules that take all"
    );
}

#[tokio::test]
async fn a_host_that_institutions_share_is_the_realms_until_somebody_signs_on() {
    let door = shared_realm(Membership::MailDomain).await;
    for host in ["midi.localhost", "MIDI.localhost:8443", "imap.midi.localhost."] {
        let look = door.look_at(Some(host)).unwrap();
        assert_eq!((look.name_in("en"), look.institution().is_none()), ("Midi", true), "{host}");
        let session = door
            .login(&login("p1"), &Secret::new("pw-p1"), Visit { host: Some(host), ..visit(Errand::Mail) })
            .await
            .unwrap();
        assert_eq!(session.look().unwrap().institution().unwrap().id.as_str(), "midi-2");
    }
    let of = |host, id| door.look_of(host, id).and_then(|look| look.institution().map(|facts| facts.id.to_string()));
    assert_eq!(of(Some("midi.localhost"), "midi-2").as_deref(), Some("midi-2"));
    assert_eq!(of(Some("midi.localhost"), "midi-9"), None);
    assert_eq!(of(Some("one.test"), "midi-1").as_deref(), Some("midi-1"));
    assert_eq!(
        door.look_at(Some("mail.two.test")).unwrap().institution().unwrap().id.as_str(),
        "midi-2",
        "its own domain"
    );
    assert_eq!(door.ways_in(Some("midi.localhost")).unwrap().realm.as_str(), "midi");
}

#[tokio::test]
async fn an_account_is_the_one_entry_of_its_own_institution() {
    let parts = shared_parts(&Membership::MailDomain);
    let operator = Operator::new(parts, Arc::new(MemoryState::new()), now, "a test").await.unwrap();
    let found = async |login: &str, institution: &str| {
        let examined = operator.examine_person(login, Some(institution)).await?;
        Ok::<_, Error>(examined.into_iter().next().unwrap().institution.to_string())
    };
    assert_eq!(found("p1", "midi-2").await.unwrap(), "midi-2");
    assert_eq!(told(found("p1", "midi-1").await), "not found", "another institution's");
    assert_eq!(told(found("both", "midi-1").await), "not found", "of two institutions is of none");
    for institution in ["midi-1", "midi-2"] {
        assert_eq!(found("double", institution).await.unwrap(), institution, "a login that both have is two accounts");
    }
}

#[tokio::test]
async fn groups_of_another_institution_count_for_nothing_whatever_their_name() {
    let door = shared_realm(Membership::MailDomain).await;
    let session = door.login(&login("q0@one.test"), &Secret::new("pw-q0"), visit(Errand::Web)).await.unwrap();
    let groups: Vec<String> = session.principal().unwrap().groups().iter().map(|group| group.id.to_string()).collect();
    // `team` is the other's, and no directory has a group of the gateway's.
    assert_eq!(groups, ["crew"]);
}

#[tokio::test]
async fn a_cookie_resumes_until_it_is_withdrawn() {
    let house = house().await;
    let session = house.door.begin_web(house.login("u00003@a.test", Errand::Web).await.unwrap()).unwrap();
    let cookie = session.seal().unwrap();
    let resumed = house.door.resume(&cookie).await.unwrap();
    assert_eq!(resumed.principal().unwrap().account(), &account("u00003@a.test"));
    assert_eq!(resumed.form_token(), session.form_token());
    assert!(resumed.form_token_holds(&session.form_token()));
    let other = house.door.begin_web(house.login("u00003@a.test", Errand::Web).await.unwrap()).unwrap();
    assert!(!resumed.form_token_holds(&other.form_token()), "each session has its own");
    session.end().await.unwrap();
    assert_eq!(told(house.door.resume(&cookie).await), "not authenticated");
    assert!(house.door.resume(&other.seal().unwrap()).await.is_ok(), "the other one stands");
    assert_eq!(
        told(resumed.open::<_, Lookup>(node("u00003@a.test", "")).await),
        "not authenticated",
        "and what it had begun"
    );
}

#[tokio::test]
async fn ending_everything_ends_remembered_passwords_and_app_passwords_too() {
    let house = house().await;
    let session = house.login("u00003@a.test", Errand::Files).await.unwrap();
    let own = session.open::<_, Manage>(AccountRef(account("u00003@a.test"))).await.unwrap();
    let made = own.make_app_password("phone", Scope::All, None).await.unwrap();
    let cookie =
        house.door.begin_web(house.login("u00003@a.test", Errand::Web).await.unwrap()).unwrap().seal().unwrap();
    let mut withdrawn = Box::pin(session.tie().withdrawn());
    own.end_everything().await.unwrap();
    withdrawn.as_mut().await;
    assert_eq!(told(session.check_in_force()), "not authenticated");
    assert_eq!(told(house.door.resume(&cookie).await), "not authenticated");
    let again = house.door.login(&login("u00003@a.test"), &made.text, visit(Errand::Mail)).await;
    assert_eq!(told(again), "not authenticated", "the app password");
    // The password itself still signs on, anew, and what begins now holds.
    let fresh = house.login("u00003@a.test", Errand::Files).await.unwrap();
    fresh.check_in_force().unwrap();
    assert!(house.login("u00004@a.test", Errand::Files).await.unwrap().check_in_force().is_ok(), "nobody else");
}

#[tokio::test]
async fn an_app_password_for_reading_changes_nothing() {
    let house = house().await;
    let me = AccountRef(account("u00001@a.test"));
    let session = house.login("u00001@a.test", Errand::Web).await.unwrap();
    let own = session.open::<_, Manage>(me.clone()).await.unwrap();
    let made = own.make_app_password("printer", Scope::AllReading, None).await.unwrap();
    let reader = house.door.login(&login("u00001@a.test"), &made.text, visit(Errand::Files)).await.unwrap();
    assert!(reader.open::<_, Read>(me.clone()).await.unwrap().only_reads());
    assert_eq!(told(reader.open::<_, Manage>(me.clone()).await), "not permitted");
    assert_eq!(told(reader.open::<_, Edit>(node("u00001@a.test", "mine")).await), "not permitted");
    assert_eq!(told(reader.open::<_, Read>(node("u00002@a.test", "other")).await), "not found");
    assert!(!session.open::<_, Read>(me).await.unwrap().only_reads());
}

#[tokio::test]
async fn what_an_app_password_opened_ends_with_it() {
    let house = house().await;
    let session = house.login("u00001@a.test", Errand::Web).await.unwrap();
    let own = session.open::<_, Manage>(AccountRef(account("u00001@a.test"))).await.unwrap();
    let made = own.make_app_password("today", Scope::All, Some(now().plus(2))).await.unwrap();
    let program = house.door.login(&login("u00001@a.test"), &made.text, visit(Errand::Mail)).await.unwrap();
    assert!(program.check_in_force().is_ok());
    let ended = tokio::time::timeout(std::time::Duration::from_secs(10), program.tie().withdrawn()).await;
    assert!(ended.is_ok(), "a connection that is open ends too");
    assert_eq!(told(program.check_in_force()), "not authenticated");
}

#[tokio::test]
async fn an_app_password_opens_what_it_was_made_for() {
    let house = house().await;
    let session = house.login("u00001@a.test", Errand::Web).await.unwrap();
    let own = session.open::<_, Manage>(AccountRef(account("u00001@a.test"))).await.unwrap();
    for (scope, opens) in [
        (Scope::All, [true, true, false, false]),
        (Scope::Mail, [true, false, false, false]),
        (Scope::Files, [false, true, false, false]),
        (Scope::AllReading, [true, true, false, false]),
        (Scope::MailReading, [true, false, false, false]),
        (Scope::FilesReading, [false, true, false, false]),
    ] {
        let made = own.make_app_password("x", scope, None).await.unwrap();
        for (errand, open) in [Errand::Mail, Errand::Files, Errand::Web, Errand::Administration].into_iter().zip(opens)
        {
            let outcome = house.door.login(&login("u00001@a.test"), &made.text, visit(errand)).await;
            assert_eq!(outcome.is_ok(), open, "{scope:?} for {errand:?}");
        }
        let of_another = house.door.login(&login("u00002@a.test"), &made.text, visit(Errand::Mail)).await;
        assert_eq!(told(of_another), "not authenticated");
        let elsewhere = house.door.login(&login("u00001@b.test"), &made.text, visit(Errand::Mail)).await;
        assert_eq!(told(elsewhere), "not authenticated");
    }
    let ended = own.make_app_password("x", Scope::All, Some(Timestamp(now().0 - 1))).await.unwrap();
    assert_eq!(
        told(house.door.login(&login("u00001@a.test"), &ended.text, visit(Errand::Mail)).await),
        "not authenticated"
    );
    // An administrator's app password administers nothing.
    let made = own.make_app_password("x", Scope::All, None).await.unwrap();
    let program = house.door.login(&login("u00001@a.test"), &made.text, visit(Errand::Files)).await.unwrap();
    let garonne = InstitutionRef(InstitutionId::parse("garonne").unwrap());
    assert_eq!(told(program.open::<_, Manage>(garonne.clone()).await), "not permitted");
    assert!(session.open::<_, Manage>(garonne).await.is_ok());
    assert!(own.make_app_password(" ", Scope::All, None).await.is_err(), "a name is needed");
}

#[tokio::test]
async fn nobody_opens_what_they_were_not_given() {
    let house = house().await;
    house.grant("u00001@b.test", "projets/alpha", to_staff("autan"), Rights::READ).await.unwrap();
    house.grant("u00001@b.test", "projets/alpha", to_account("u00005@a.test"), Rights::READ).await.unwrap();
    house.grant("u00001@a.test", "x", to_account("u00005@b.test"), Rights::MANAGE).await.unwrap();
    house.grant("u00001@b.test", "all", to_institution("autan"), Rights::READ).await.unwrap();
    // Without a store behind it a decision that lets through ends at "not found" all the same; so the rights themselves
    // are looked at: what is decided first is told first.
    let decided = async |who: &str, owner: &str, path: &str| {
        let session = house.login(who, Errand::Files).await.unwrap();
        told(session.open::<_, Manage>(node(owner, path)).await)
    };
    assert_eq!(
        decided("u00003@b.test", "u00001@b.test", "projets/alpha/deep").await,
        "not permitted",
        "may see, by the group"
    );
    assert_eq!(
        decided("u00005@a.test", "u00001@b.test", "projets/alpha").await,
        "not permitted",
        "may see, from abroad"
    );
    assert_eq!(
        decided("u00003@a.test", "u00001@b.test", "projets/alpha").await,
        "not found",
        "the same group elsewhere"
    );
    assert_eq!(decided("u00005@b.test", "u00001@a.test", "x").await, "not found", "garonne shares with nobody");
    assert_eq!(decided("u00006@b.test", "u00001@b.test", "projets").await, "not found", "above a grant");
    assert_eq!(decided("u00006@b.test", "u00001@b.test", "projets/alphabet").await, "not found", "beside it");
    assert_eq!(decided("u00006@b.test", "u00001@b.test", "all").await, "not permitted");
    assert_eq!(decided("u00006@a.test", "u00001@b.test", "all").await, "not found");
}

#[tokio::test]
async fn the_way_to_what_is_shared_shows_and_nothing_beside_it() {
    let house = house().await;
    for (path, to) in
        [("a/b/c", to_account("u00003@a.test")), ("a/x", to_account("u00004@a.test")), ("d", to_staff("garonne"))]
    {
        house.grant("u00001@a.test", path, to, Rights::READ).await.unwrap();
    }
    house.grant("u00001@b.test", "e", to_account("u00003@a.test"), Rights::READ).await.unwrap();
    let session = house.login("u00003@a.test", Errand::Files).await.unwrap();
    let names =
        async |path: &str| session.passage(&node("u00001@a.test", path)).await.unwrap().into_iter().collect::<Vec<_>>();
    assert_eq!(names("").await, ["a", "d"]);
    assert_eq!(names("a").await, ["b"]);
    assert_eq!(names("a/b/c").await, Vec::<String>::new());
    let shared: Vec<String> =
        session.shared_with_me().await.unwrap().into_iter().map(|granted| granted.target.path).collect();
    assert_eq!(shared.len(), 3, "{shared:?}");
    let stranger = house.login("u00003@b.test", Errand::Files).await.unwrap();
    assert!(stranger.passage(&node("u00001@a.test", "")).await.unwrap().is_empty());
    assert!(stranger.shared_with_me().await.unwrap().is_empty());
}

#[tokio::test]
async fn a_gateway_group_opens_what_it_was_given_until_somebody_leaves_it() {
    let house = house().await;
    let named = |of: &str, id: &str| GroupRef {
        institution: InstitutionId::parse(of).unwrap(),
        id: GroupId::parse(id).unwrap(),
    };
    let (group, foreign) = (named("autan", "gateway:x"), named("garonne", "gateway:y"));
    let members = [account("u00003@a.test"), account("u00004@b.test")];
    for (group, members) in [(&group, &members[..]), (&foreign, &members[1..])] {
        let made = GatewayGroup { group: group.clone(), description: String::new() };
        house.state.add_gateway_group(&made, members).await.unwrap();
    }
    house.grant("u00001@b.test", "x", Grantee::Group(group.clone()), Rights::READ).await.unwrap();
    house.grant("u00001@b.test", "y", Grantee::Group(foreign), Rights::READ).await.unwrap();
    let decided = async |who: &str, path: &str| {
        let session = house.login(who, Errand::Files).await.unwrap();
        told(session.open::<_, Manage>(node("u00001@b.test", path)).await)
    };
    let shown = async |who: &str| {
        let shared = house.login(who, Errand::Files).await.unwrap().shared_with_me().await.unwrap();
        shared.into_iter().map(|granted| granted.target.path).collect::<Vec<_>>()
    };
    assert_eq!(decided("u00003@a.test", "x/deep").await, "not permitted", "may see, from abroad");
    assert_eq!(decided("u00004@b.test", "x").await, "not permitted", "may see, at home");
    assert_eq!(decided("u00005@b.test", "x").await, "not found", "no member");
    assert_eq!(decided("u00003@b.test", "x").await, "not found", "the same login at home");
    assert_eq!(
        decided("u00004@b.test", "y").await,
        "not found",
        "garonne shares with nobody, so nobody of autan counts"
    );
    assert_eq!((shown("u00003@a.test").await, shown("u00004@b.test").await), (vec!["x".into()], vec!["x".to_owned()]));
    assert!(shown("u00005@b.test").await.is_empty());
    house.state.change_gateway_members(&group, MemberChange::Remove, &members[..1]).await.unwrap();
    assert_eq!(decided("u00003@a.test", "x").await, "not found", "out at once");
    assert!(shown("u00003@a.test").await.is_empty());
    house.state.dropped_group(&group).await.unwrap();
    assert_eq!(decided("u00004@b.test", "x").await, "not found");
}

#[tokio::test]
async fn administration_is_at_home_and_for_administrators() {
    let house = house().await;
    let garonne = InstitutionRef(InstitutionId::parse("garonne").unwrap());
    let outcome = async |who: &str| {
        told(house.login(who, Errand::Administration).await.unwrap().open::<_, Manage>(garonne.clone()).await)
    };
    assert_eq!(outcome("u00001@a.test").await, "let in");
    assert_eq!(outcome("u00002@a.test").await, "not permitted");
    assert_eq!(outcome("u00001@b.test").await, "not found", "the same login, another institution");
}

/// A clock that a test moves.
static SECONDS: AtomicI64 = AtomicI64::new(1_000_000);
const MOVED: Clock = || Timestamp(SECONDS.load(Ordering::SeqCst));

#[tokio::test]
async fn sessions_and_grants_end_by_the_clock() {
    let state = Arc::new(MemoryState::new());
    let house = HouseBuilder::new(state).clock(MOVED).open().await.unwrap();
    let session = house.door.begin_web(house.login("u00003@a.test", Errand::Web).await.unwrap()).unwrap();
    let cookie = session.seal().unwrap();
    let end = session.expires().unwrap().0;
    assert!(house.door.resume(&cookie).await.is_ok());
    SECONDS.store(end, Ordering::SeqCst);
    assert_eq!(told(house.door.resume(&cookie).await), "not authenticated");
    // A withdrawal in the very second of a new sign-on ends what was there, and not what comes.
    let before: Session = house.login("u00004@a.test", Errand::Web).await.unwrap();
    let moment = MOVED();
    let who: Account =
        Account { institution: InstitutionId::parse("garonne").unwrap(), id: AccountId::parse("u00004").unwrap() };
    let revocation = Revocation::Account { account: who, before: moment, expires: moment.plus(1000) };
    house.state.revoke(&revocation).await.unwrap();
    before.tie().withdrawn().await;
    assert_eq!(told(before.check_in_force()), "not authenticated");
    house.login("u00004@a.test", Errand::Web).await.unwrap().check_in_force().unwrap();
}
