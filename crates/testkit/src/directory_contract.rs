//! What every directory must do, as checks that an adapter's tests run against a real one.
//!
//! The test says whom the directory knows ([`Expected`]); a check asks and compares. What takes a permit is asked as a
//! surface would ask it, through a small house with this directory behind it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a contract check is a test and may panic")]

use crate::{
    house::{now, visit},
    memory_state::MemoryState,
};
use passerelle_core::{
    Authorized, Door, Errand, Error, HouseParts, Institution, MarkingMemory, PasswordLimits, Read, Realm, Tenant,
    ports::{Directory, Verdict, state::State},
    seal::Sealer,
};
use passerelle_model::{AccountId, GroupId, InstitutionId, InstitutionRef, Login, Person, PosixIds, RealmId, Secret};
use std::sync::Arc;

/// Whom the directory knows: one person, and what is around them.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// The mail domain of everybody.
    pub domain: String,
    /// The person's canonical login.
    pub account: String,
    /// Another login of the same person.
    pub alias: String,
    /// The password.
    pub password: String,
    /// The name to show; somebody else's name contains its first three letters too.
    pub display_name: String,
    /// The addresses.
    pub mails: Vec<String>,
    /// The numbers.
    pub posix: Option<PosixIds>,
    /// Static groups that the person is in.
    pub static_groups: Vec<String>,
    /// Dynamic groups that the person is in.
    pub dynamic_groups: Vec<String>,
    /// Groups of any kind that the person is not in.
    pub other_groups: Vec<String>,
    /// The login of somebody who asked not to be listed.
    pub unlisted: String,
}

/// Runs every check.
pub async fn check_all(directory: Arc<dyn Directory>, expected: &Expected) {
    it_is_in_good_health(&*directory).await;
    signs_on_by_login_alias_and_address(&*directory, expected).await;
    refuses_what_is_wrong(&*directory, expected).await;
    takes_no_pattern_for_a_login(&*directory, expected).await;
    looks_up_by_canonical_login(&*directory, expected).await;
    an_address_leads_to_who_has_it(&*directory, expected).await;
    knows_groups_by_member(&*directory, expected).await;
    finds_people_but_none_who_are_unlisted(Arc::clone(&directory), expected).await;
    shows_groups(directory, expected).await;
}

/// Every leg works.
pub async fn it_is_in_good_health(directory: &dyn Directory) {
    let legs = directory.examine().await;
    assert!(!legs.is_empty());
    for leg in legs {
        assert!(matches!(leg.verdict, Verdict::Works(_)), "{}: {leg:?}", directory.name());
    }
}

/// The login, the alias and each address lead to the same entry, whatever the case.
pub async fn signs_on_by_login_alias_and_address(directory: &dyn Directory, expected: &Expected) {
    let upper = expected.account.to_uppercase();
    let logins = [&expected.account, &expected.alias, &upper].into_iter().chain(&expected.mails);
    for typed in logins {
        let person = sign_on(directory, typed, &expected.password).await.unwrap();
        assert_eq!(person.account.as_str(), expected.account, "{typed}");
        assert_eq!(person.display_name, expected.display_name);
        assert_eq!(person.posix, expected.posix);
        let (mut mails, mut wanted) = (person.mails.clone(), expected.mails.clone());
        mails.sort();
        wanted.sort();
        assert_eq!(mails, wanted);
        for group in &expected.static_groups {
            assert!(person.groups.contains(&group_id(group)), "{group} is missing of {:?}", person.groups);
        }
        assert!(person.attributes.values("userPassword").is_empty());
        assert!(!format!("{person:?}").contains(&expected.password), "a password is in the entry");
    }
}

/// Each address leads to the one entry that has it, whatever the case; what only looks like one, and a login, lead nowhere.
pub async fn an_address_leads_to_who_has_it(directory: &dyn Directory, expected: &Expected) {
    for address in expected.mails.iter().cloned().chain(expected.mails.iter().map(|mail| mail.to_uppercase())) {
        let found = directory.addressed(&address).await.unwrap();
        let logins: Vec<&str> = found.iter().map(|person| person.account.as_str()).collect();
        assert_eq!(logins, [expected.account.as_str()], "{address}");
    }
    let domain = &expected.domain;
    for nobody in [
        format!("nobody-at-all@{domain}"),
        format!("*@{domain}"),
        format!("x)(uid=*@{domain}"),
        expected.account.clone(),
        "*".to_owned(),
        String::new(),
    ] {
        let found = directory.addressed(&nobody).await.unwrap();
        assert!(found.is_empty(), "{nobody} leads to {:?}", found.iter().map(|it| &it.account).collect::<Vec<_>>());
    }
}

/// A wrong password, none, one of somebody else, and nobody's login all answer alike.
pub async fn refuses_what_is_wrong(directory: &dyn Directory, expected: &Expected) {
    let nobody = format!("nobody-{}", expected.account);
    let elsewhere = format!("{nobody}@elsewhere.example");
    let longer = format!("{} ", expected.password);
    for (login, password) in [
        (expected.account.as_str(), "wrong"),
        (&expected.account, ""),
        (&expected.account, &longer),
        (&expected.account, &expected.password.to_uppercase()),
        (&expected.unlisted, &expected.password),
        (&nobody, &expected.password),
        (&elsewhere, &expected.password),
    ] {
        let refused = sign_on(directory, login, password).await;
        assert!(matches!(refused, Err(Error::Unauthenticated)), "{login}: {refused:?}");
    }
    let refused = directory.authenticate(&login(&expected.account), &Secret::new(vec![0xff, 0xfe])).await;
    assert!(matches!(refused, Err(Error::Unauthenticated)), "{refused:?}");
}

/// A login that has the signs of a filter or a name in it means itself.
pub async fn takes_no_pattern_for_a_login(directory: &dyn Directory, expected: &Expected) {
    let account = &expected.account;
    let begins = account.get(..account.len().saturating_sub(1)).unwrap_or_default();
    for typed in [
        "*".to_owned(),
        format!("{begins}*"),
        format!("{account})(uid=*"),
        format!("{account})(|(uid=*"),
        "*)(objectClass=*".to_owned(),
        format!("\\{:02x}{}", account.as_bytes().first().unwrap_or(&b'u'), account.get(1..).unwrap_or_default()),
        format!("{account},ou=people"),
        "{login}".to_owned(),
        "{address}".to_owned(),
        format!("*@{}", expected.domain),
    ] {
        let refused = sign_on(directory, &typed, &expected.password).await;
        assert!(matches!(refused, Err(Error::Unauthenticated)), "{typed}: {refused:?}");
        if let Ok(account) = AccountId::parse(&typed) {
            assert_eq!(directory.lookup(&account).await.unwrap(), [], "{typed}");
        }
    }
    // NUL would end a login early in what lies behind: it is no login at all.
    assert!(Login::parse(format!("{account}\0x").as_bytes()).is_err());
}

/// The canonical login finds the entry with its groups, an alias does not, and nobody is an empty answer.
pub async fn looks_up_by_canonical_login(directory: &dyn Directory, expected: &Expected) {
    let lookup = async |id: &str| directory.lookup(&AccountId::parse(id).unwrap()).await.unwrap();
    for typed in [expected.account.clone(), expected.account.to_uppercase()] {
        let found = lookup(&typed).await;
        assert_eq!(found.len(), 1, "{typed}");
        let person = found.first().unwrap();
        assert_eq!(person.account.as_str(), expected.account);
        for group in &expected.static_groups {
            assert!(person.groups.contains(&group_id(group)), "{group} is missing of {:?}", person.groups);
        }
    }
    assert_eq!(lookup(&expected.alias).await, []);
    assert_eq!(lookup(&format!("nobody-{}", expected.account)).await, []);
}

/// Of the groups asked about, those that the person is in, and no others.
pub async fn knows_groups_by_member(directory: &dyn Directory, expected: &Expected) {
    let person = one(directory, expected).await;
    let theirs = [expected.static_groups.as_slice(), &expected.dynamic_groups].concat();
    let strangers = ["no-such-group".to_owned(), "*".to_owned(), "a)(cn=*".to_owned()];
    let all: Vec<GroupId> =
        theirs.iter().chain(&expected.other_groups).chain(&strangers).map(|name| group_id(name)).collect();
    let mut found = directory.belongs(&person, None, &all).await.unwrap();
    let mut wanted: Vec<GroupId> = theirs.iter().map(|name| group_id(name)).collect();
    found.sort();
    wanted.sort();
    assert_eq!(found, wanted);
    assert_eq!(directory.belongs(&person, None, &[]).await.unwrap(), []);
    // Names of groups compare without case, and the answer is in the words of the question.
    let shouted: Vec<GroupId> = theirs.iter().map(|name| group_id(&name.to_uppercase())).collect();
    let found = directory.belongs(&person, None, &shouted).await.unwrap();
    assert_eq!(found.len(), shouted.len());
    assert!(shouted.iter().all(|group| found.contains(group)));
}

/// By name, login and address, sorted and bounded, and never who asked not to be listed.
pub async fn finds_people_but_none_who_are_unlisted(directory: Arc<dyn Directory>, expected: &Expected) {
    let institution = enter(Arc::clone(&directory), expected).await;
    let word: String = expected.display_name.chars().take(3).collect();
    let word = word.as_str();
    for text in [&expected.account, expected.mails.last().unwrap(), &expected.account.to_uppercase()] {
        let page = institution.find_people(text, 10).await.unwrap();
        assert!(page.people.iter().any(|person| person.account.as_str() == expected.account), "{text}: {page:?}");
    }
    let page = institution.find_people(word, 200).await.unwrap();
    let names: Vec<String> = page.people.iter().map(|person| person.display_name.to_lowercase()).collect();
    assert!(names.len() > 1 && names.is_sorted(), "{names:?}");
    assert!(names.iter().all(|name| name.contains(&word.to_lowercase())), "{names:?}");
    let first = institution.find_people(word, 1).await.unwrap();
    assert!(first.people.len() == 1 && first.more);
    let unlisted = directory.lookup(&AccountId::parse(&expected.unlisted).unwrap()).await.unwrap();
    let unlisted = unlisted.first().unwrap();
    for text in [expected.unlisted.as_str(), &unlisted.display_name, unlisted.mails.first().unwrap()] {
        let page = institution.find_people(text, 200).await.unwrap();
        assert!(page.people.iter().all(|person| person.account != unlisted.account), "{text} finds who is unlisted");
    }
    for pattern in ["**", "*)(uid=", "u0*1"] {
        let page = institution.find_people(pattern, 10).await.unwrap();
        assert!(page.people.is_empty(), "{pattern} was taken for a pattern: {page:?}");
    }
}

/// Groups by name, with their kind and without their members.
pub async fn shows_groups(directory: Arc<dyn Directory>, expected: &Expected) {
    let institution = enter(directory, expected).await;
    let names = expected.static_groups.iter().chain(&expected.dynamic_groups).chain(&expected.other_groups);
    for name in names {
        let group = institution.group(&group_id(name)).await.unwrap().unwrap();
        assert_eq!(group.id.as_str(), name);
        if expected.static_groups.contains(name) {
            assert!(!group.dynamic, "{name} is static");
        }
        if expected.dynamic_groups.contains(name) {
            assert!(group.dynamic, "{name} is dynamic");
        }
        let found = institution.find_groups(name, 50).await.unwrap();
        assert!(found.iter().any(|group| group.id.as_str() == name));
        assert!(found.is_sorted_by_key(|group| group.id.clone()));
    }
    assert_eq!(institution.group(&group_id("no-such-group")).await.unwrap(), None);
    assert_eq!(institution.group(&group_id("*")).await.unwrap(), None);
    assert_eq!(institution.find_groups("no-such-group", 5).await.unwrap(), []);
    assert_eq!(institution.find_groups("", 2).await.unwrap().len(), 2);
}

/// A handle on an institution whose whole realm is this directory, as the expected person opens it.
pub async fn enter(directory: Arc<dyn Directory>, expected: &Expected) -> Authorized<InstitutionRef, Read> {
    let id = InstitutionId::parse("under-test").unwrap();
    let realm = RealmId::parse("under-test").unwrap();
    let facts =
        Institution { mail_domains: vec![expected.domain.clone()], ..Institution::new(id.clone(), realm.clone()) };
    let state: Arc<dyn State> = Arc::new(MemoryState::new());
    let sealer = Sealer::new(&[Secret::new([7; 32])]).unwrap();
    let parts = HouseParts {
        realms: vec![Realm::of_passwords(realm, directory)],
        tenants: vec![Tenant {
            facts: facts.into(),
            mail: None,
            external: None,
            images: None,
            feeds: None,
            filters: None,
            submission: None,
            scanners: Vec::new(),
            mounts: Vec::new(),
            calendars: None,
            contacts: None,
        }],
        default_institution: Some(id.clone()),
        sealer,
        passwords: PasswordLimits::NONE,
        marking: MarkingMemory::default(),
        span_of: |_| None,
    };
    let door = Door::new(parts, state, now).await.unwrap();
    let password = Secret::new(expected.password.as_str());
    let session = door.login(&login(&expected.account), &password, visit(Errand::Web)).await.unwrap();
    session.open(InstitutionRef(id)).await.unwrap()
}

async fn one(directory: &dyn Directory, expected: &Expected) -> Person {
    let found = directory.lookup(&AccountId::parse(&expected.account).unwrap()).await.unwrap();
    found.into_iter().next().unwrap()
}

async fn sign_on(directory: &dyn Directory, typed: &str, password: &str) -> Result<Person, Error> {
    directory.authenticate(&login(typed), &Secret::new(password)).await
}

fn login(typed: &str) -> Login {
    Login::parse(typed.as_bytes()).unwrap()
}

fn group_id(name: &str) -> GroupId {
    GroupId::parse(name).unwrap()
}
