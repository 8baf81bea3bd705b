//! Writes, against a slapd of the test's own: what slapd itself says afterwards is what counts.

use crate::{
    campus::{Campus, raw},
    slapd::{Slapd, at, person},
};
use passerelle_core::{
    Authorized, Door, Errand, Error, HouseParts, Institution, Manage, MarkingMemory, Membership, Operator,
    PasswordLimits, Tenant,
    ports::{
        AccountLock, Details, Directory, Field, GroupChange, MemberChange, NewAccount, NewGroup,
        state::{Scope, State},
    },
    seal::Sealer,
};
use passerelle_model::{Account, AccountId, GroupId, InstitutionId, InstitutionRef, Login, RealmId, Secret};
use passerelle_testkit::{
    house::{now, visit},
    memory_state::MemoryState,
};
use std::{collections::BTreeMap, fmt::Write, sync::Arc};

const BRANCHES: &str = "dn: ou=people,dc=x\nobjectClass: organizationalUnit\nou: people\n\ndn: ou=groups,dc=x\nobjectClass: organizationalUnit\nou: groups\n\ndn: ou=gone,dc=x\nobjectClass: organizationalUnit\nou: gone\n\n";
const WRITING: &str = "people_base = 'ou=people,dc=x'\ngroups_base = 'ou=groups,dc=x'\n[provision]\nbind_dn = 'cn=admin,dc=x'\n\
    bind_password = { env = 'PASSERELLE_TEST_ADMIN' }\ndisabled = 'ou=gone,dc=x'\nwritable = ['employeeNumber', 'roomNumber']\n\
    attributes = { affiliations = ['employeeType'] }\n[provision.defaults]\nbusinessCategory = ['{login}@all']\n\
    [provision.lock]\nattribute = 'carLicense'\nvalue = 'locked'\n";

pub(crate) struct Setting {
    pub(crate) slapd: Slapd,
    door: Door,
    state: Arc<MemoryState>,
}

impl Setting {
    /// `ada` administers; she and `bob` are there from the beginning.
    pub(crate) async fn new() -> Self {
        Self::with(Membership::Whole, "").await
    }

    async fn with(membership: Membership, conf: &str) -> Self {
        Self::with_modules(membership, "", conf).await
    }

    /// The same, with modules that are loaded before the database is declared.
    pub(crate) async fn with_modules(membership: Membership, modules: &str, conf: &str) -> Self {
        let mut ldif = BRANCHES.to_owned();
        for uid in ["ada", "bob"] {
            let below = person(uid, "").replace(",dc=x\n", ",ou=people,dc=x\n");
            write!(ldif, "{below}").unwrap();
        }
        let slapd = Slapd::start_with_modules(&ldif, modules, conf);
        // The root of the test's slapd writes; its password is no secret.
        let writing = WRITING.replace("{ env = 'PASSERELLE_TEST_ADMIN' }", "{ file = 'secret' }");
        let directory = at_as_admin(&slapd, &writing);
        let state = Arc::new(MemoryState::new());
        let door = door(directory, Arc::clone(&state), membership).await;
        Self { slapd, door, state }
    }

    pub(crate) async fn handle(&self) -> Authorized<InstitutionRef, Manage> {
        let login = Login::parse(b"ada").unwrap();
        let session = self.door.login(&login, &Secret::new("pw-ada"), visit(Errand::Administration)).await.unwrap();
        session.open::<_, Manage>(InstitutionRef(institution())).await.unwrap()
    }

    pub(crate) async fn found(&self, base: &str, filter: &str, attributes: &[&str]) -> Vec<(String, Vec<Vec<String>>)> {
        let entries = raw(&self.slapd.url(), base, filter, attributes).await;
        let values = entries.into_iter().map(|mut entry| {
            let all = attributes.iter().map(|name| {
                let mut values = entry.attrs.remove(*name).unwrap_or_default();
                values.sort();
                values
            });
            (entry.dn.clone(), all.collect())
        });
        values.collect()
    }

    pub(crate) async fn may_sign_on(&self, login: &str, password: &str) -> bool {
        let login = Login::parse(login.as_bytes()).unwrap();
        self.door.login(&login, &Secret::new(password), visit(Errand::Mail)).await.is_ok()
    }
}

fn at_as_admin(slapd: &Slapd, more: &str) -> Arc<dyn Directory> {
    let filter = "login_filter = '(|(uid={login})(mail={address}))'\nlisted_filter = '(objectClass=*)'";
    let text = format!("urls = ['{}']\nbase = 'dc=x'\n{filter}\n{more}\n", slapd.url());
    crate::slapd::directory(&text, "admin").1
}

fn institution() -> InstitutionId {
    InstitutionId::parse("x").unwrap()
}

async fn door(directory: Arc<dyn Directory>, state: Arc<MemoryState>, membership: Membership) -> Door {
    Door::new(parts(directory, membership), state as Arc<dyn State>, now).await.unwrap()
}

pub(crate) fn whole(id: &str) -> Account {
    Account { institution: institution(), id: account(id) }
}

fn parts(directory: Arc<dyn Directory>, membership: Membership) -> HouseParts {
    let facts = Institution {
        mail_domains: vec!["x.test".to_owned()],
        membership,
        administrators: vec![account("ada")],
        ..Institution::new(institution(), RealmId::parse("x").unwrap())
    };
    HouseParts {
        realms: vec![passerelle_core::Realm::of_passwords(RealmId::parse("x").unwrap(), directory)],
        tenants: vec![Tenant {
            facts: facts.into(),
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
        }],
        default_institution: Some(institution()),
        sealer: Sealer::new(&[Secret::new([7; 32])]).unwrap(),
        passwords: PasswordLimits::NONE,
        marking: MarkingMemory::default(),
        span_of: |_| None,
    }
}

pub(crate) fn account(id: &str) -> AccountId {
    AccountId::parse(id).unwrap()
}

pub(crate) fn group(id: &str) -> GroupId {
    GroupId::parse(id).unwrap()
}

pub(crate) fn new_account(id: &str, fields: &[(Field, &[&str])], password: Option<&str>) -> NewAccount {
    let fields = fields.iter().map(|(field, values)| (*field, values.iter().map(|it| (*it).to_owned()).collect()));
    let details = Details { fields: fields.collect(), attributes: BTreeMap::new() };
    NewAccount { id: account(id), details, password: password.map(Secret::new) }
}

pub(crate) fn said(word: &str, outcome: Result<impl std::fmt::Debug, Error>) {
    let error = outcome.expect_err(word);
    assert_eq!(error.word(), word, "{}", error.chain());
}

#[tokio::test]
async fn campus_an_account_is_made_changed_and_signs_on() {
    let setting = Setting::new().await;
    let handle = setting.handle().await;
    let fields: &[(Field, &[&str])] = &[
        (Field::Name, &["Zoë (x)*\\ O'Neil, #1"]),
        (Field::Mails, &["zoe@x.test", "z@elsewhere.test"]),
        (Field::Affiliations, &["student", "member"]),
    ];
    let made = handle.create_account(&new_account("zoe", fields, Some("first word"))).await.unwrap();
    assert_eq!((made.account.as_str(), made.display_name.as_str()), ("zoe", "Zoë (x)*\\ O'Neil, #1"));
    let attributes = ["objectClass", "cn", "sn", "mail", "employeeType", "businessCategory"];
    let seen = setting.found("ou=people,dc=x", "(uid=zoe)", &attributes).await;
    assert_eq!(seen[0].0, "uid=zoe,ou=people,dc=x");
    assert_eq!(
        seen[0].1,
        [
            vec!["inetOrgPerson"],
            vec!["Zoë (x)*\\ O'Neil, #1"],
            vec!["#1"],
            vec!["z@elsewhere.test", "zoe@x.test"],
            vec!["member", "student"],
            vec!["zoe@all"],
        ]
    );
    assert!(setting.may_sign_on("zoe", "first word").await);
    // The server hashed it: it is not there in clear.
    assert!(setting.found("ou=people,dc=x", "(userPassword=first word)", &["uid"]).await.is_empty());

    let changes = Details {
        fields: BTreeMap::from([(Field::Phone, vec!["+33 1 00 00 00 01".to_owned()]), (Field::Affiliations, vec![])]),
        attributes: BTreeMap::from([("ROOMNUMBER".to_owned(), vec!["B 12".to_owned()])]),
    };
    handle.change_account(&account("zoe"), &changes).await.unwrap();
    let seen = setting.found("ou=people,dc=x", "(uid=zoe)", &["telephoneNumber", "employeeType", "roomNumber"]).await;
    assert_eq!(seen[0].1, [vec!["+33 1 00 00 00 01"], vec![], vec!["B 12"]]);

    handle.set_password(&account("zoe"), &Secret::new("second word")).await.unwrap();
    assert!(!setting.may_sign_on("zoe", "first word").await, "an old password is not remembered either");
    assert!(setting.may_sign_on("zoe", "second word").await);
}

#[tokio::test]
async fn campus_a_login_and_an_address_are_somebodys_once() {
    let setting = Setting::new().await;
    let handle = setting.handle().await;
    said("conflict", handle.create_account(&new_account("bob", &[], None)).await);
    said("conflict", handle.create_account(&new_account("BOB", &[], None)).await);
    let taken: &[(Field, &[&str])] = &[(Field::Mails, &["Bob@X.test"])];
    said("conflict", handle.create_account(&new_account("carl", taken, None)).await);
    handle.create_account(&new_account("carl", &[], None)).await.unwrap();
    let changes = Details {
        fields: BTreeMap::from([(Field::Mails, vec!["bob@x.test".to_owned()])]),
        attributes: BTreeMap::new(),
    };
    said("conflict", handle.change_account(&account("carl"), &changes).await);
    // One's own address is nobody else's.
    handle.change_account(&account("bob"), &changes).await.unwrap();
    said("conflict", handle.rename_account(&account("carl"), &account("bob")).await);
    said("not found", handle.rename_account(&account("nobody"), &account("x")).await);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn campus_of_many_who_make_one_account_one_wins() {
    let setting = Arc::new(Setting::new().await);
    let racers: Vec<_> = (0..12)
        .map(|number| {
            let setting = Arc::clone(&setting);
            tokio::spawn(async move {
                let handle = setting.handle().await;
                let name = format!("Number {number}");
                let fields: &[(Field, &[&str])] = &[(Field::Name, &[&name])];
                handle.create_account(&new_account("race", fields, Some(&name))).await.map(|_| name)
            })
        })
        .collect();
    let mut won = Vec::new();
    for racer in racers {
        match racer.await.unwrap() {
            Ok(name) => won.push(name),
            Err(error) => assert!(matches!(error, Error::Conflict), "{}", error.chain()),
        }
    }
    let [name] = won.as_slice() else { panic!("{won:?}") };
    let seen = setting.found("dc=x", "(uid=race)", &["cn"]).await;
    assert_eq!(seen, [("uid=race,ou=people,dc=x".to_owned(), vec![vec![name.clone()]])]);
    assert!(setting.may_sign_on("race", name).await);
}

#[tokio::test]
async fn campus_a_refused_password_leaves_no_account() {
    let policy = "dn: cn=default,dc=x\nobjectClass: device\nobjectClass: pwdPolicy\ncn: default\npwdAttribute: userPassword\npwdMinLength: 12\npwdCheckQuality: 2\n\n";
    let ldif = format!("{BRANCHES}{}{policy}", person("ada", "").replace(",dc=x\n", ",ou=people,dc=x\n"));
    let conf = "access to attrs=userPassword by dn.exact=\"uid=ada,ou=people,dc=x\" write by anonymous auth\n\
                access to * by dn.exact=\"uid=ada,ou=people,dc=x\" write by * read\n\
                overlay ppolicy\nppolicy_default cn=default,dc=x";
    let slapd = Slapd::start_with_modules(&ldif, "moduleload ppolicy", conf);
    let writing = WRITING.replace("{ env = 'PASSERELLE_TEST_ADMIN' }", "{ file = 'secret' }");
    // As somebody who is not the root, whom no policy binds.
    let writing = writing.replace("bind_dn = 'cn=admin,dc=x'", "bind_dn = 'uid=ada,ou=people,dc=x'");
    let filter = "login_filter = '(uid={login})'\nlisted_filter = '(objectClass=*)'";
    let text = format!("urls = ['{}']\nbase = 'dc=x'\n{filter}\n{writing}\n", slapd.url());
    let directory = crate::slapd::directory(&text, "pw-ada").1;
    let door = door(directory, Arc::new(MemoryState::new()), Membership::Whole).await;
    let login = Login::parse(b"ada").unwrap();
    let session = door.login(&login, &Secret::new("pw-ada"), visit(Errand::Administration)).await.unwrap();
    let handle = session.open::<_, Manage>(InstitutionRef(institution())).await.unwrap();
    said("invalid", handle.create_account(&new_account("zoe", &[], Some("short"))).await);
    assert!(raw(&slapd.url(), "dc=x", "(uid=zoe)", &["uid"]).await.is_empty());
    handle.create_account(&new_account("zoe", &[], Some("long enough a word"))).await.unwrap();
}

#[tokio::test]
async fn campus_a_locked_account_opens_nothing() {
    let setting = Setting::new().await;
    let handle = setting.handle().await;
    assert!(setting.may_sign_on("bob", "pw-bob").await);
    let bob = account("bob");
    let made = handle.make_app_password_for(&bob, "phone", Scope::All, None).await.unwrap();
    let app_password = made.text;
    let app_password = app_password.expose_str().unwrap();
    assert!(setting.may_sign_on("bob", app_password).await);
    let open =
        setting.door.login(&Login::parse(b"bob").unwrap(), &Secret::new("pw-bob"), visit(Errand::Web)).await.unwrap();

    assert!(handle.lock_account(&account("bob"), AccountLock::Lock).await.unwrap());
    assert!(!handle.lock_account(&account("bob"), AccountLock::Lock).await.unwrap());
    assert_eq!(setting.found("dc=x", "(uid=bob)", &["carLicense"]).await[0].1, [["locked"]]);
    assert!(open.check_in_force().is_err());
    assert!(!setting.may_sign_on("bob", "pw-bob").await, "this server knows nothing of the lock: the gate does");
    assert!(!setting.may_sign_on("bob", app_password).await);
    // Administrators still see it.
    assert!(handle.account(&account("bob")).await.unwrap().is_some());

    assert!(handle.lock_account(&account("bob"), AccountLock::Unlock).await.unwrap());
    assert_eq!(setting.found("dc=x", "(uid=bob)", &["carLicense"]).await[0].1, [Vec::<String>::new()]);
    assert!(setting.may_sign_on("bob", "pw-bob").await);
    assert!(setting.may_sign_on("bob", app_password).await);
}

#[tokio::test]
async fn campus_a_renamed_account_stays_in_its_groups() {
    let setting = Setting::new().await;
    let handle = setting.handle().await;
    handle.create_group(&new_group("staff", None)).await.unwrap();
    handle.change_members(&group("staff"), MemberChange::Add, &[whole("bob"), whole("ada")]).await.unwrap();
    let renamed = handle.rename_account(&account("bob"), &account("rob")).await.unwrap();
    assert_eq!(renamed.dn, "uid=rob,ou=people,dc=x");
    assert_eq!(renamed.groups, [group("staff")]);
    let members = setting.found("ou=groups,dc=x", "(cn=staff)", &["member"]).await;
    assert_eq!(members[0].1, [["", "uid=ada,ou=people,dc=x", "uid=rob,ou=people,dc=x"]]);
    assert!(setting.may_sign_on("rob", "pw-bob").await);
    assert!(!setting.may_sign_on("bob", "pw-bob").await);
    // Whoever gets the old login is nobody of old.
    let other = handle.create_account(&new_account("bob", &[], None)).await.unwrap();
    assert!(other.groups.is_empty());
}

#[tokio::test]
async fn campus_a_deleted_account_is_put_away_and_its_login_kept() {
    let setting = Setting::new().await;
    let handle = setting.handle().await;
    handle.create_group(&new_group("staff", None)).await.unwrap();
    handle.change_members(&group("staff"), MemberChange::Add, &[whole("bob")]).await.unwrap();
    handle.delete_account(&account("bob")).await.unwrap();
    let seen = setting.found("dc=x", "(uid=bob)", &["carLicense"]).await;
    assert_eq!(seen, [("uid=bob,ou=gone,dc=x".to_owned(), vec![vec!["locked".to_owned()]])]);
    assert_eq!(setting.found("ou=groups,dc=x", "(cn=staff)", &["member"]).await[0].1, [[""]]);
    assert!(!setting.may_sign_on("bob", "pw-bob").await);
    let found = handle.account(&account("bob")).await.unwrap().unwrap();
    assert!(found.disabled);
    // Mail and files of the login are still there: it is not for somebody else.
    said("conflict", handle.create_account(&new_account("bob", &[], None)).await);
    said("conflict", handle.rename_account(&account("ada"), &account("bob")).await);
    // Again is no fault: the first call may have been answered to nobody.
    handle.delete_account(&account("bob")).await.unwrap();
    assert!(handle.lock_account(&account("bob"), AccountLock::Unlock).await.unwrap());
    assert!(setting.may_sign_on("bob", "pw-bob").await);
    assert_eq!(setting.found("dc=x", "(uid=bob)", &["carLicense"]).await[0].0, "uid=bob,ou=people,dc=x");
    said("not found", handle.delete_account(&account("nobody")).await);
}

pub(crate) fn new_group(id: &str, filter: Option<&str>) -> NewGroup {
    NewGroup { id: group(id), description: "what for".to_owned(), filter: filter.map(str::to_owned) }
}

#[tokio::test]
async fn campus_groups_are_made_changed_and_removed() {
    let setting = Setting::new().await;
    let handle = setting.handle().await;
    for odd in ["Sales, EU + \"x\" <y>; #=\\", "#first", "a*b(c)", "Zoë"] {
        handle.create_group(&new_group(odd, None)).await.unwrap();
        handle.change_members(&group(odd), MemberChange::Add, &[whole("bob")]).await.unwrap();
        // Who is in already changes nothing, and the rest is done.
        handle.change_members(&group(odd), MemberChange::Add, &[whole("bob"), whole("ada")]).await.unwrap();
        let filter = format!("(cn={})", passerelle_wire_filter::escape(odd));
        let seen = setting.found("ou=groups,dc=x", &filter, &["member", "description", "objectClass"]).await;
        let members = ["", "uid=ada,ou=people,dc=x", "uid=bob,ou=people,dc=x"];
        assert_eq!(seen[0].1, [&members[..], &["what for"], &["groupOfNames"]], "{odd}");
        said("conflict", handle.create_group(&new_group(odd, None)).await);
        handle.change_members(&group(odd), MemberChange::Remove, &[whole("bob"), whole("ada")]).await.unwrap();
        handle.change_members(&group(odd), MemberChange::Remove, &[whole("bob")]).await.unwrap();
        handle.rename_group(&group(odd), &group("renamed")).await.unwrap();
        said("not found", handle.change_group(&group(odd), &GroupChange::default()).await);
        said("conflict", handle.create_group(&new_group("RENAMED", None)).await);
        let change = GroupChange { description: Some(String::new()), filter: None };
        handle.change_group(&group("renamed"), &change).await.unwrap();
        assert_eq!(
            setting.found("ou=groups,dc=x", "(cn=renamed)", &["member", "description"]).await[0].1,
            [vec![""], vec![]]
        );
        let change = GroupChange { description: None, filter: Some("(uid=*)".to_owned()) };
        said("invalid", handle.change_group(&group("renamed"), &change).await);
        handle.delete_group(&group("renamed")).await.unwrap();
        said("not found", handle.delete_group(&group("renamed")).await);
    }
    assert!(setting.found("ou=groups,dc=x", "(cn=*)", &["cn"]).await.is_empty());
    said("not found", handle.change_members(&group("none"), MemberChange::Add, &[whole("bob")]).await);
    handle.create_group(&new_group("g", None)).await.unwrap();
    said("not found", handle.change_members(&group("g"), MemberChange::Add, &[whole("bob"), whole("nobody")]).await);
    assert_eq!(setting.found("ou=groups,dc=x", "(cn=g)", &["member"]).await[0].1, [[""]], "all or none");
}

#[tokio::test]
async fn campus_a_dynamic_group_has_whom_its_filter_finds() {
    let setting = Setting::new().await;
    let handle = setting.handle().await;
    handle.create_group(&new_group("dyn", Some("(&(uid=b*)(!(cn=a?b%c)))"))).await.unwrap();
    assert_eq!(handle.group_filter(&group("dyn")).await.unwrap().as_deref(), Some("(&(uid=b*)(!(cn=a?b%c)))"));
    let change = GroupChange { description: None, filter: Some("(uid=ada)".to_owned()) };
    handle.change_group(&group("dyn"), &change).await.unwrap();
    assert_eq!(handle.group_filter(&group("dyn")).await.unwrap().as_deref(), Some("(uid=ada)"));
    said("invalid", handle.create_group(&new_group("bad", Some("(uid=b"))).await);
    said("invalid", handle.create_group(&new_group("bad", Some("uid=b)(x"))).await);
    said("invalid", handle.change_members(&group("dyn"), MemberChange::Add, &[whole("bob")]).await);
    assert!(setting.found("ou=groups,dc=x", "(cn=bad)", &["cn"]).await.is_empty());
    handle.delete_group(&group("dyn")).await.unwrap();
}

#[tokio::test]
async fn campus_what_cannot_be_a_value_is_refused() {
    let setting = Setting::new().await;
    let handle = setting.handle().await;
    for login in ["a b", "-x", "x*", "x)(uid=*", "x,ou=groups", "x+cn=y", "Zoë", "x%y", &"x".repeat(65)] {
        if let Ok(id) = AccountId::parse(login) {
            let new = NewAccount { id, details: Details::default(), password: None };
            said("invalid", handle.create_account(&new).await);
        }
    }
    let long = "x".repeat(1024 * 1024);
    for value in ["", " ", "a\0b", "a\r\nb", "a\nuserPassword: x", &long] {
        let fields: &[(Field, &[&str])] = &[(Field::Name, &[value])];
        said("invalid", handle.create_account(&new_account("zoe", fields, None)).await);
    }
    for mail in ["x", "@x.test", "x@", "a b@x.test", "a@b@x.test", "*@x.test", "<a@x.test>", "a,b@x.test"] {
        let fields: &[(Field, &[&str])] = &[(Field::Mails, &[mail])];
        said("invalid", handle.create_account(&new_account("zoe", fields, None)).await);
    }
    for attribute in ["userPassword", "objectClass", "uid", "carLicense", "no-such", "roomNumber;x"] {
        let attributes = BTreeMap::from([(attribute.to_owned(), vec!["x".to_owned()])]);
        let changes = Details { fields: BTreeMap::new(), attributes };
        said("invalid", handle.change_account(&account("bob"), &changes).await);
    }
    for password in ["", "a\0b", "a\nb", &long] {
        said("invalid", handle.set_password(&account("bob"), &Secret::new(password)).await);
    }
    assert!(setting.may_sign_on("bob", "pw-bob").await);
    assert!(setting.found("dc=x", "(uid=zoe)", &["uid"]).await.is_empty());
}

#[tokio::test]
async fn campus_a_part_of_a_realm_is_all_that_is_seen_and_written() {
    let setting = Setting::with(Membership::Below("ou=people,dc=x".to_owned()), "").await;
    let handle = setting.handle().await;
    handle.create_account(&new_account("zoe", &[], None)).await.unwrap();
    // Groups lie elsewhere: nothing of them is ours.
    raw(&setting.slapd.url(), "dc=x", "(uid=zoe)", &["uid"]).await;
    handle.create_group(&new_group("g", None)).await.unwrap();
    let seen = setting.found("dc=x", "(cn=g)", &["cn"]).await;
    assert_eq!(seen[0].0, "cn=g,ou=people,dc=x");
    said("unsupported", Setting::with(Membership::MailDomain, "").await.handle().await.delete_group(&group("g")).await);
}

#[tokio::test]
async fn campus_a_directory_that_is_only_read_says_so() {
    let setting = Setting::new().await;
    let without = door(
        at(&format!("'{}'", setting.slapd.url()), "people_base = 'ou=people,dc=x'\ngroups_base = 'ou=groups,dc=x'"),
        Arc::clone(&setting.state),
        Membership::Whole,
    );
    let nobody = "people_base = 'ou=people,dc=x'\ngroups_base = 'ou=groups,dc=x'\n[provision]\n\
                  lock = { attribute = 'carLicense', value = 'x' }";
    let powerless =
        door(at(&format!("'{}'", setting.slapd.url()), nobody), Arc::clone(&setting.state), Membership::Whole);
    for door in [without.await, powerless.await] {
        let login = Login::parse(b"ada").unwrap();
        let session = door.login(&login, &Secret::new("pw-ada"), visit(Errand::Administration)).await.unwrap();
        let handle = session.open::<_, Manage>(InstitutionRef(institution())).await.unwrap();
        let locked = handle.lock_account(&account("bob"), AccountLock::Lock).await;
        assert!(matches!(locked, Err(Error::Unsupported { .. } | Error::Unavailable { .. })), "{locked:?}");
        assert!(handle.create_account(&new_account("zoe", &[], None)).await.is_err());
        assert!(handle.account(&account("bob")).await.unwrap().is_some());
    }
}

#[tokio::test]
async fn campus_lists_go_page_by_page() {
    let setting = Setting::new().await;
    let handle = setting.handle().await;
    for number in 0..23 {
        handle.create_account(&new_account(&format!("p{number:02}"), &[], None)).await.unwrap();
    }
    let (mut seen, mut after) = (Vec::new(), None);
    loop {
        let page = handle.people_after("", after.as_deref(), 7).await.unwrap();
        seen.extend(page.items.iter().map(|person| person.account.to_string()));
        if after.is_none() {
            // Made while somebody reads: those behind are read, those before are not, and nobody twice.
            handle.create_account(&new_account("zz", &[], None)).await.unwrap();
            handle.create_account(&new_account("aa", &[], None)).await.unwrap();
        }
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let mut expected: Vec<String> = (0..23).map(|number| format!("p{number:02}")).collect();
    expected.extend(["ada", "bob", "zz"].map(str::to_owned));
    expected.sort();
    assert_eq!(seen, expected);
    assert_eq!(handle.people_after("p1", None, 100).await.unwrap().items.len(), 10);
}

#[tokio::test]
async fn campus_a_server_that_dies_midway_is_unavailable_and_comes_back() {
    let mut setting = Setting::new().await;
    let handle = setting.handle().await;
    handle.create_account(&new_account("one", &[], None)).await.unwrap();
    setting.slapd.kill();
    said("unavailable", handle.create_account(&new_account("two", &[], None)).await);
    setting.slapd.run();
    handle.create_account(&new_account("two", &[], None)).await.unwrap();
}

/// The reference case: institutions of one realm whose people lie in one branch, told apart by `supannEtablissement`.
#[tokio::test]
async fn campus_institutions_of_one_branch_touch_their_own_people_only() {
    let campus = Campus::get();
    let writing = "people_base = 'ou=people,dc=a,dc=test'\ngroups_base = 'ou=groups,dc=a,dc=test'\n[provision]\n\
                   bind_dn = 'cn=admin,dc=a,dc=test'\nbind_password = { file = 'secret' }\n\
                   person_classes = ['inetOrgPerson', 'supannPerson']\nwritable = ['supannEtablissement']\n\
                   lock = { attribute = 'employeeType', value = 'locked' }";
    let text = format!(
        "urls = [{}]\nbase = 'dc=a,dc=test'\nbind_dn = 'cn=admin,dc=a,dc=test'\nbind_password = {{ file = 'secret' }}\n{writing}\n",
        campus.clear()
    );
    let directory = crate::slapd::directory(&text, "admin-a").1;
    let code = "{UAI}0000000X";
    let parts = parts(directory, Membership::Establishment(code.to_owned()));
    let operator = Operator::new(parts, Arc::new(MemoryState::new()), now, "test").await.unwrap();
    let handle = operator.administer(&institution()).unwrap();
    let login = format!("mark{}", std::process::id());
    let made = handle.create_account(&new_account(&login, &[], None)).await;
    // Whatever comes of it, nothing stays on the campus.
    let url = format!("ldap://127.0.0.1:{}", campus.value("CAMPUS_LDAP_A"));
    let seen = raw(&url, "dc=a,dc=test", &format!("(uid={login})"), &["supannEtablissement"]).await;
    let of_others = [
        handle.account(&account("u00001")).await.map(|found| found.is_some()),
        handle.lock_account(&account("u00001"), AccountLock::Lock).await,
        handle.delete_account(&account("u00001")).await.map(|_| true),
        handle.set_password(&account("u00001"), &Secret::new("mine")).await.map(|()| true),
        handle.create_account(&new_account("u00001", &[], None)).await.map(|_| true),
        handle.delete_group(&group("g0001")).await.map(|()| true),
    ];
    let attributes = BTreeMap::from([("supannEtablissement".to_owned(), vec!["{UAI}0310000A".to_owned()])]);
    let moved = Details { fields: BTreeMap::new(), attributes };
    let given_away = handle.change_account(&account(&login), &moved).await;
    let listed = handle.people_after("", None, 100).await;
    let (connection, mut ldap) = ldap3::LdapConnAsync::new(&url).await.unwrap();
    tokio::spawn(connection.drive());
    ldap.simple_bind("cn=admin,dc=a,dc=test", "admin-a").await.unwrap().success().unwrap();
    ldap.delete(&format!("uid={login},ou=people,dc=a,dc=test")).await.unwrap();

    made.unwrap();
    assert_eq!(seen[0].attrs["supannEtablissement"], [code]);
    let words: Vec<&str> = of_others
        .iter()
        .map(|outcome| outcome.as_ref().map_or_else(Error::word, |done| if *done { "done" } else { "none" }))
        .collect();
    assert_eq!(words, ["none", "not found", "not found", "not found", "conflict", "unsupported"]);
    said("invalid", given_away);
    assert!(listed.unwrap().items.iter().all(|person| person.account.as_str() == login));
}
