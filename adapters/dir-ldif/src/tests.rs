//! The LDIF directory: what it reads, what it refuses, and how it answers.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]
use crate::{FACTORY, open};
use passerelle_core::{
    config::{Block, ConfigFault},
    ports::Directory,
};
use passerelle_model::{AccountId, GroupId, Login, PosixIds, Secret};
use passerelle_testkit::directory_contract::{self, Expected};
use std::{fmt::Write, sync::Arc, time::Instant};

const CAMPUS: &str = "version: 1
# A small university.
dn: dc=a,dc=test
objectClass: dcObject
dc: a

dn: uid=u00001,ou=people,dc=a,dc=test
objectClass: inetOrgPerson
uid: u00001
cn: Marie Martin
sn: Martin
displayName: Marie Martin
mail: u00001@a.test
mail: user.1@a.test
supannAliasLogin: user.1
uidNumber: 10001
gidNumber: 10000
eduPersonAffiliation: member
eduPersonAffiliation: student
userPassword: pw-u00001
memberOf: cn=named,ou=groups,dc=a,dc=test
memberOf: cn=foreign,ou=groups,dc=b,dc=test
supannListeRouge: FALSE

dn: uid=u00002,ou=people,dc=a,dc=test
objectClass: inetOrgPerson
uid: u00002
cn:: TWFyaWUgUGV0aXQ=
sn: Petit
mail: u00002@a.test
eduPersonAffiliation: staff
userPassword: {SSHA}gVK8WC9YyFT1gMsQHTGCgT3sSv5zYWx0
supannListeRouge: TRUE

dn: uid=u00003,ou=people,dc=a,dc=test
objectClass: inetOrgPerson
uid: u00003
cn: Mariette Roux
sn: Roux
mail: u00003@a.test
userPassword: pw-u00003

dn: cn=named,ou=groups,dc=a,dc=test
objectClass: groupOfNames
cn: named
member:

dn: cn=g0001,ou=groups,dc=a,dc=test
objectClass: groupOfNames
cn: g0001
description: The first
member: UID=u00001, OU=People, dc=a,dc=test
member: uid=u00003,ou=people,dc=a,dc=test

dn: cn=p0001,ou=groups,dc=a,dc=test
objectClass: posixGroup
cn: p0001
gidNumber: 20001
memberUid: u00001

dn: cn=g0002,ou=groups,dc=a,dc=test
objectClass: groupOfUniqueNames
cn: g0002
uniqueMember: uid=u00002,ou=people,dc=a,dc=test

dn: cn=dyn-student,ou=groups,dc=a,dc=test
objectClass: groupOfURLs
cn: dyn-student
memberURL: ldap:///ou=people,dc=a,dc=test??sub?(&(objectClass=inetOrgPerson)
 (eduPersonAffiliation=student))

dn: cn=dyn-staff,ou=groups,dc=a,dc=test
objectClass: groupOfURLs
cn: dyn-staff
memberURL: ldap:///ou=people,dc=a,dc=test??sub?(eduPersonAffiliation=staff)

dn: cn=dyn-elsewhere,ou=groups,dc=a,dc=test
objectClass: groupOfURLs
cn: dyn-elsewhere
memberURL: ldap:///ou=people,dc=b,dc=test??sub?(eduPersonAffiliation=student)
memberURL: ldap:///ou=people,dc=a,dc=test??base?(eduPersonAffiliation=student)
";

fn expected() -> Expected {
    let all = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Expected {
        domain: "a.test".into(),
        account: "u00001".into(),
        alias: "user.1".into(),
        password: "pw-u00001".into(),
        display_name: "Marie Martin".into(),
        mails: all(&["u00001@a.test", "user.1@a.test"]),
        posix: Some(PosixIds::new(10001, 10000).with_groups([20001])),
        static_groups: all(&["named", "g0001", "p0001"]),
        dynamic_groups: all(&["dyn-student"]),
        other_groups: all(&["g0002", "dyn-staff", "dyn-elsewhere"]),
        unlisted: "u00002".into(),
    }
}

/// A directory over this text, and the folder that it was read from.
fn block(text: &str) -> (tempfile::TempDir, Block) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("people.ldif"), text).unwrap();
    let block =
        Block::from_text("garonne.directory", &folder.path().join("x.toml"), "kind = 'ldif'\nfile = 'people.ldif'\n");
    (folder, block)
}

fn fault(text: &str) -> ConfigFault {
    open(&block(text).1).err().unwrap()
}

#[tokio::test]
async fn the_contract_holds() {
    let (_folder, block) = block(CAMPUS);
    let directory = (FACTORY.build)(&block).unwrap();
    directory_contract::check_all(directory, &expected()).await;
}

#[tokio::test]
async fn hashed_passwords_and_people_without_groups() {
    let directory = open(&block(CAMPUS).1).unwrap();
    let login = Login::parse(b"u00002@a.test").unwrap();
    let person = directory.authenticate(&login, &Secret::new("secret")).await.unwrap();
    assert_eq!(person.display_name, "Marie Petit");
    assert_eq!(person.groups, [GroupId::parse("g0002").unwrap()]);
    assert!(directory.authenticate(&login, &Secret::new("pw-u00002")).await.is_err());
}

#[tokio::test]
async fn two_people_of_one_login_are_nobody_but_an_address_tells_them_apart() {
    let twin = |base: &str| {
        format!(
            "dn: uid=twin,ou={base}\nobjectClass: inetOrgPerson\nuid: twin\nmail: twin@{base}.test\nuserPassword: x\n\n"
        )
    };
    let directory = open(&block(&(twin("a") + &twin("b"))).1).unwrap();
    let sign_on = async |typed: &str| {
        directory.authenticate(&Login::parse(typed.as_bytes()).unwrap(), &Secret::new("x")).await.map(|it| it.dn)
    };
    assert!(sign_on("twin").await.is_err());
    assert_eq!(sign_on("twin@b.test").await.unwrap(), "uid=twin,ou=b");
    assert_eq!(directory.lookup(&AccountId::parse("twin").unwrap()).await.unwrap().len(), 2);
}

#[test]
fn faults_say_the_line_of_the_file() {
    let wrong = fault("dn: dc=a\n\ndn: uid=x,dc=a\ncn\n");
    assert_eq!(wrong.line, 4);
    assert!(wrong.file.ends_with("people.ldif"), "{wrong}");
    assert_eq!(fault("dn: nonsense\n").line, 1);
    let group = "dn: cn=g,dc=a\nobjectClass: groupOfURLs\ncn: g\nmemberURL: ldap:///dc=a??sub?(x=\n";
    assert_eq!(fault(group).line, 1);
    let person = "dn: uid=x,dc=a\nobjectClass: person\nuid: x\n\n";
    assert_eq!(fault(&person.repeat(2)).line, 5);
}

#[test]
fn settings_are_checked() {
    let folder = tempfile::tempdir().unwrap();
    let fault = |text: &str| open(&Block::from_text("x", &folder.path().join("x.toml"), text)).err().unwrap();
    assert!(fault("file = 'none.ldif'\n").to_string().contains("none.ldif"));
    assert_eq!(fault("file = 'x'\nfiles = 'y'\n").line, 2);
    assert!(fault("file = 'x'\nbase = 'nonsense'\n").what.contains("base"));
}

#[tokio::test]
async fn a_base_leaves_the_rest_out() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("x.ldif"), CAMPUS).unwrap();
    let at = folder.path().join("x.toml");
    let directory = open(&Block::from_text("x", &at, "file = 'x.ldif'\nbase = 'dc=b,dc=test'\n")).unwrap();
    assert_eq!(directory.lookup(&AccountId::parse("u00001").unwrap()).await.unwrap(), []);
}

/// The time of a check must not grow with groups that nobody named. Growing with all of them would be a thousandfold.
#[tokio::test]
async fn five_thousand_dynamic_groups_cost_a_check_nothing() {
    let campus = |groups: usize| {
        let mut text = CAMPUS.to_owned();
        for number in 0..groups {
            let filter = "(&(eduPersonAffiliation=student)(|(sn=a*)(sn=b*)(sn=martin)))";
            write!(text, "\ndn: cn=d{number},ou=groups,dc=a,dc=test\nobjectClass: groupOfURLs\ncn: d{number}\n")
                .unwrap();
            writeln!(text, "memberURL: ldap:///ou=people,dc=a,dc=test??sub?{filter}").unwrap();
        }
        open(&block(&text).1).unwrap()
    };
    let (few, many) = (campus(5), campus(5000));
    let asked = [GroupId::parse("d3").unwrap()];
    let person = few.lookup(&AccountId::parse("u00001").unwrap()).await.unwrap().remove(0);
    let fastest = async |directory: &dyn Directory| {
        let mut fastest = None;
        for _ in 0..50 {
            let start = Instant::now();
            assert_eq!(directory.belongs(&person, None, &asked).await.unwrap(), asked);
            let took = start.elapsed();
            fastest = Some(fastest.map_or(took, |best: std::time::Duration| best.min(took)));
        }
        fastest.unwrap()
    };
    let (few, many) = (fastest(&few).await, fastest(&many).await);
    assert!(many < few * 20, "{many:?} with 5,000 groups, {few:?} with 5");
}

/// The file that the campus was generated with, whole.
#[tokio::test]
async fn campus_the_generated_file() {
    let campus =
        std::env::var("PASSERELLE_TEST_CAMPUS").unwrap_or_else(|_| panic!("PASSERELLE_TEST_CAMPUS is not set"));
    let text = std::fs::read_to_string(format!("{campus}/c.ldif")).unwrap();
    let directory: Arc<dyn Directory> = Arc::new(open(&block(&text).1).unwrap());
    directory_contract::it_is_in_good_health(&*directory).await;
    let login = Login::parse(b"user.1@c.test").unwrap();
    let person = directory.authenticate(&login, &Secret::new("pw-u00001")).await.unwrap();
    assert_eq!(person.account.as_str(), "u00001");
    assert!(person.groups.contains(&GroupId::parse("g0001").unwrap()), "{:?}", person.groups);
}
