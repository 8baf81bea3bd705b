//! What must hold on the campus: the port's contract over each kind of connection.

use crate::slapd::{directory, verdicts};
use ldap3::{LdapConnAsync, Scope, SearchEntry};
use passerelle_core::{
    Error,
    ports::{Directory, Verdict},
};
use passerelle_model::{AccountId, GroupId, Login, PosixIds, Secret};
use passerelle_testkit::directory_contract::{self, Expected};
use std::{collections::HashMap, path::PathBuf, sync::Arc};

/// The campus, as its `env` file describes it.
pub(crate) struct Campus(HashMap<String, String>);

impl Campus {
    pub(crate) fn get() -> Self {
        let folder = std::env::var("PASSERELLE_TEST_CAMPUS")
            .unwrap_or_else(|_| panic!("PASSERELLE_TEST_CAMPUS must name the folder of a campus that runs"));
        let env = std::fs::read_to_string(PathBuf::from(folder).join("env")).unwrap();
        Self(env.lines().filter_map(|line| line.split_once('=')).map(|(k, v)| (k.to_owned(), v.to_owned())).collect())
    }

    pub(crate) fn value(&self, key: &str) -> &str {
        self.0.get(key).unwrap_or_else(|| panic!("the campus's env has no {key}"))
    }

    /// The directory of institution A, with these lines more.
    pub(crate) fn a(&self, urls: &str, more: &str) -> Arc<dyn Directory> {
        let text = format!(
            "urls = [{urls}]\nbase = 'dc=a,dc=test'\nbind_dn = 'cn=gateway,ou=services,dc=a,dc=test'\n\
             bind_password = {{ file = 'secret' }}\n{more}\n"
        );
        directory(&text, "svc-gateway").1
    }

    pub(crate) fn clear(&self) -> String {
        format!("'ldap://127.0.0.1:{}'", self.value("CAMPUS_LDAP_A"))
    }

    pub(crate) fn tls(&self) -> String {
        format!("'ldaps://localhost:{}'", self.value("CAMPUS_LDAPS_A"))
    }

    pub(crate) fn ca(&self) -> String {
        format!("ca = '{}'", self.value("CAMPUS_CA"))
    }
}

/// What slapd itself says, asked with nothing of ours in between.
pub(crate) async fn raw(url: &str, base: &str, filter: &str, attributes: &[&str]) -> Vec<SearchEntry> {
    let (connection, mut ldap) = LdapConnAsync::new(url).await.unwrap();
    tokio::spawn(connection.drive());
    if base.ends_with("dc=a,dc=test") {
        ldap.simple_bind("cn=gateway,ou=services,dc=a,dc=test", "svc-gateway").await.unwrap().success().unwrap();
    }
    let found = ldap.search(base, Scope::Subtree, filter, attributes).await.unwrap();
    let (entries, _) = found.success().unwrap();
    entries.into_iter().map(SearchEntry::construct).collect()
}

/// Somebody who is in a static, a posix and a dynamic group, by what slapd says.
async fn expected(campus: &Campus) -> Expected {
    let url = format!("ldap://127.0.0.1:{}", campus.value("CAMPUS_LDAP_A"));
    let groups = "ou=groups,dc=a,dc=test";
    let all =
        raw(&url, groups, "(|(objectClass=groupOfNames)(objectClass=posixGroup)(objectClass=groupOfURLs))", &["cn"]);
    let all: Vec<String> = all.await.iter().map(|entry| entry.attrs["cn"][0].clone()).collect();
    let filter = format!("(&(uid=*)(memberOf=cn=dyn-student,{groups}))");
    let students = raw(&url, "dc=a,dc=test", &filter, &["*", "memberOf"]).await;
    for student in students {
        let value = |name: &str| student.attrs[name][0].clone();
        let posix = raw(&url, groups, &format!("(memberUid={})", value("uid")), &["cn", "gidNumber"]).await;
        let named: Vec<String> = student.attrs["memberOf"]
            .iter()
            .map(|dn| dn.split(['=', ',']).nth(1).unwrap().to_owned())
            .chain(posix.iter().map(|entry| entry.attrs["cn"][0].clone()))
            .collect();
        let (dynamic, fixed): (Vec<String>, Vec<String>) = named.into_iter().partition(|name| name.starts_with("dyn-"));
        if posix.is_empty() || fixed.len() < 2 || value("supannListeRouge") == "TRUE" {
            continue;
        }
        let others = all.iter().filter(|name| !dynamic.contains(name) && !fixed.contains(name));
        let mut others: Vec<String> = others.take(8).cloned().collect();
        others.extend(["dyn-faculty".to_owned(), "dyn-staff".to_owned()]);
        return Expected {
            domain: "a.test".into(),
            account: value("uid"),
            alias: value("supannAliasLogin"),
            password: format!("pw-{}", value("uid")),
            display_name: value("displayName"),
            mails: student.attrs["mail"].clone(),
            posix: Some(
                PosixIds::new(value("uidNumber").parse().unwrap(), value("gidNumber").parse().unwrap())
                    .with_groups(posix.iter().map(|entry| entry.attrs["gidNumber"][0].parse().unwrap())),
            ),
            static_groups: fixed,
            dynamic_groups: dynamic,
            other_groups: others,
            unlisted: "u00050".into(),
        };
    }
    panic!("the campus has no student in a static, a posix and a dynamic group");
}

#[tokio::test]
async fn campus_an_address_of_another_attribute_is_ones_own_where_the_settings_say_so() {
    let campus = Campus::get();
    let plain = campus.a(&campus.clear(), "");
    let login = AccountId::parse("u00001").unwrap();
    let person = plain.lookup(&login).await.unwrap().remove(0);
    let other = person.attributes.first("supannAliasLogin").unwrap().to_owned();
    assert!(plain.addressed(&other).await.unwrap().is_empty());
    let named = campus.a(&campus.clear(), "alias_attributes = ['mailAlternateAddress', 'supannAliasLogin']");
    assert_eq!(named.addressed(&other).await.unwrap().remove(0).account, login);
    assert_eq!(named.addressed(&person.mails[0]).await.unwrap().remove(0).account, login);
}

#[tokio::test]
async fn campus_the_contract_holds_in_clear() {
    let campus = Campus::get();
    directory_contract::check_all(campus.a(&campus.clear(), ""), &expected(&campus).await).await;
}

#[tokio::test]
async fn campus_the_contract_holds_over_starttls() {
    let campus = Campus::get();
    let directory = campus.a(&campus.clear(), &format!("starttls = true\n{}", campus.ca()));
    directory_contract::check_all(directory, &expected(&campus).await).await;
}

#[tokio::test]
async fn campus_the_contract_holds_over_ldaps() {
    let campus = Campus::get();
    directory_contract::check_all(campus.a(&campus.tls(), &campus.ca()), &expected(&campus).await).await;
}

#[tokio::test]
async fn campus_the_contract_holds_without_caches_and_on_one_connection() {
    let campus = Campus::get();
    let more = "cache_seconds = 0\nnegative_cache_seconds = 0\nconnections = 1\nbind_connections = 1\npage_size = 50\nnested = true";
    directory_contract::check_all(campus.a(&campus.clear(), more), &expected(&campus).await).await;
}

/// Dynamic groups of everybody, judged here, against what slapd computes.
#[tokio::test]
async fn campus_dynamic_groups_are_those_of_slapd() {
    let campus = Campus::get();
    let url = format!("ldap://127.0.0.1:{}", campus.value("CAMPUS_LDAP_A"));
    let directory = campus.a(&campus.clear(), "");
    let asked: Vec<GroupId> =
        ["dyn-student", "dyn-faculty", "dyn-staff"].iter().map(|name| GroupId::parse(name).unwrap()).collect();
    let mut members = 0;
    for entry in raw(&url, "ou=people,dc=a,dc=test", "(uid=u000*)", &["uid", "memberOf"]).await {
        let account = AccountId::parse(&entry.attrs["uid"][0]).unwrap();
        let mut person = directory.lookup(&account).await.unwrap().remove(0);
        // Without what the entry itself says of them.
        person.groups.clear();
        let says = |group: &&GroupId| {
            let dn = format!("cn={group},ou=groups,dc=a,dc=test");
            entry.attrs.get("memberOf").is_some_and(|groups| groups.contains(&dn))
        };
        let by_slapd: Vec<GroupId> = asked.iter().filter(says).cloned().collect();
        members += by_slapd.len();
        assert_eq!(directory.belongs(&person, None, &asked).await.unwrap(), by_slapd, "{account}");
    }
    assert!(members > 0);
}

#[tokio::test]
async fn campus_many_sign_on_at_once() {
    let campus = Campus::get();
    let directory = campus.a(&campus.clear(), "bind_connections = 4");
    let tasks: Vec<_> = (1..=200)
        .map(|number| {
            let directory = Arc::clone(&directory);
            tokio::spawn(async move {
                let account = format!("u{number:05}");
                let right = number % 3 != 0;
                let password = if right { format!("pw-{account}") } else { "wrong".to_owned() };
                let login = Login::parse(account.as_bytes()).unwrap();
                match directory.authenticate(&login, &Secret::new(password)).await {
                    Ok(person) => assert!(right && person.account.as_str() == account, "{account}"),
                    Err(Error::Unauthenticated) => assert!(!right, "{account}"),
                    Err(error) => panic!("{account}: {}", error.chain()),
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn campus_each_leg_is_examined() {
    let campus = Campus::get();
    let legs = campus.a(&campus.tls(), &campus.ca()).examine().await;
    assert_eq!(legs.iter().map(|leg| leg.name).collect::<Vec<_>>(), ["dns", "tcp", "tls", "bind", "search"]);
    let legs = campus.a(&format!("'ldap://127.0.0.1:1', {}", campus.clear()), "").examine().await;
    assert_eq!(legs.iter().map(|leg| leg.name).collect::<Vec<_>>(), ["dns", "tcp", "tls", "bind", "search"]);
    let Verdict::Works(remark) = &legs[0].verdict else { panic!("{legs:?}") };
    assert!(remark.contains("ldap://127.0.0.1:1"), "the dead server is not told of: {remark}");
}

#[tokio::test]
async fn campus_what_fails_is_told_with_its_remedy() {
    let campus = Campus::get();
    let (_folder, wrong_ca) = crate::slapd::other_authority();
    let cases = [
        (campus.tls(), format!("ca = '{}'", wrong_ca.display()), "tls", wrong_ca.display().to_string(), "`ca`"),
        (campus.tls(), String::new(), "tls", "the system's authorities".to_owned(), "`ca`"),
        (
            campus.clear().replace("ldap:", "ldaps:"),
            campus.ca(),
            "tls",
            campus.clear().replace('\'', "").replace("ldap:", "ldaps:"),
            "ldaps",
        ),
        ("'ldap://127.0.0.1:1'".to_owned(), String::new(), "tcp", "ldap://127.0.0.1:1".to_owned(), "port"),
        ("'ldap://no-such-host.invalid'".to_owned(), String::new(), "dns", "no-such-host".to_owned(), "resolver"),
        (
            campus.clear(),
            "people_base = 'ou=nowhere,dc=a,dc=test'".to_owned(),
            "search",
            "ou=nowhere".to_owned(),
            "people_base",
        ),
        (
            campus.clear(),
            "people_filter = '(objectClass=device)'".to_owned(),
            "search",
            "device".to_owned(),
            "people_filter",
        ),
        (
            campus.clear(),
            "listed_filter = '(!(noSuchAttribute=TRUE))'".to_owned(),
            "search",
            "noSuchAttribute".to_owned(),
            "listed_filter",
        ),
    ];
    for (urls, more, step, what, remedy) in cases {
        let directory = campus.a(&urls, &more);
        let legs = directory.examine().await;
        let last = legs.last().unwrap();
        let Verdict::Fails { what: told, remedy: advice } = &last.verdict else { panic!("{more}: {legs:?}") };
        assert_eq!(last.name, step, "{told}");
        assert!(told.contains(&what) && advice.contains(remedy), "{told}; {advice}");
        if step != "search" {
            let refused = directory.lookup(&AccountId::parse("u00001").unwrap()).await.unwrap_err();
            assert!(
                matches!(&refused, Error::Unavailable { .. }) && refused.chain().contains(&what),
                "{}",
                refused.chain()
            );
        }
    }
    let text = format!(
        "urls = [{}]\nbase = 'dc=a,dc=test'\nbind_dn = 'cn=gateway,ou=services,dc=a,dc=test'\nbind_password = {{ file = 'secret' }}\n",
        campus.clear()
    );
    let (_folder, directory) = directory(&text, "wrong-secret");
    let legs = verdicts(&*directory).await;
    assert!(legs.contains("bind") && legs.contains("invalidCredentials") && legs.contains("bind_password"), "{legs}");
    assert!(!legs.contains("wrong-secret"));
    let login = Login::parse(b"u00001").unwrap();
    // The service account's fault is not the person's.
    let refused = directory.authenticate(&login, &Secret::new("pw-u00001")).await.unwrap_err();
    assert!(matches!(refused, Error::Unavailable { .. }), "{refused:?}");
}
