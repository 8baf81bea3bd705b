//! Groups, against what slapd answers to the same filters.

use crate::{
    campus::raw,
    slapd::{Slapd, person},
};
use passerelle_core::ports::Directory;
use passerelle_model::{AccountId, GroupId, Person};
use std::{collections::BTreeSet, fmt::Write};

async fn lookup(directory: &dyn Directory, id: &str) -> Person {
    directory.lookup(&AccountId::parse(id).unwrap()).await.unwrap().remove(0)
}

fn names(groups: &[GroupId]) -> BTreeSet<String> {
    groups.iter().map(ToString::to_string).collect()
}

const FILTERS: &[&str] = &[
    "(employeeType=student)",
    "(employeeType=STUDENT)",
    "(!(employeeType=student))",
    "(employeeType=*)",
    "(!(employeeType=*))",
    "(noSuchAttribute=x)",
    "(!(noSuchAttribute=x))",
    "(!(noSuchAttribute=*))",
    "(|(noSuchAttribute=x)(employeeType=staff))",
    "(&(!(noSuchAttribute=x))(employeeType=staff))",
    "(objectClass=inetOrgPerson)",
    "(objectClass=person)",
    "(objectClass=top)",
    "(objectClass=posixAccount)",
    "(!(objectClass=posixAccount))",
    "(uidNumber=10001)",
    "(uidNumber>=10002)",
    "(uidNumber<=10002)",
    "(uidNumber=010001)",
    "(telephoneNumber=+33 1 00-00 01)",
    "(telephoneNumber=+3310000 01)",
    "(sn=MARTIN)",
    "(surname=martin)",
    "(2.5.4.4=martin)",
    "(name=Martin)",
    "(sn=mar*)",
    "(sn=*TIN)",
    "(sn=m*r*n)",
    "(sn=*n*m*)",
    "(sn~=martine)",
    "(sn:caseExactMatch:=Martin)",
    "(sn:caseExactMatch:=martin)",
    "(cn=Zoe\\cc\\88 Martin)",
    "(cn=ZOË   martin)",
    "(cn=zo*)",
    "(description=two words)",
    "(description=two  words)",
    "(description=Two*words)",
    "(description;lang-fr=bonjour)",
    "(description=bonjour)",
    "(!(description=bonjour))",
    "(manager=UID=u1, DC=X)",
    "(manager=uid=u2,dc=x)",
    "(manager=*)",
    "(manager=uid=u*)",
    "(homeDirectory=/home/U1)",
    "(homeDirectory=/home/u1)",
    "(homeDirectory=/home/*)",
    "(homeDirectory=/HOME/*)",
    "(labeledURI=http://X.test)",
    "(labeledURI=HTTP://x.test)",
    "(userPassword=pw-u1)",
    "(jpegPhoto=*)",
    "(!(jpegPhoto=*))",
    "(entryDN=uid=u1,dc=x)",
    "(structuralObjectClass=inetOrgPerson)",
    "(hasSubordinates=FALSE)",
    "(creatorsName=cn=admin,dc=x)",
    "(mail=U1@X.test)",
    "(preferredLanguage=FR)",
    "(preferredLanguage=fr)",
    "(preferredLanguage=f*)",
    "(carLicense=ab 12)",
    "(carLicense=AB*)",
    "(&(employeeType=student)(|(sn=martin)(sn=durand))(!(title=chef)))",
    "(&)",
    "(|)",
];

fn people() -> String {
    let u1 = "objectClass: posixAccount\nuidNumber: 10001\ngidNumber: 100\nhomeDirectory: /home/u1\nemployeeType: Student\n\
              telephoneNumber: +33 1 00 00 01\ndescription: Two  Words\nmanager: uid=u2,dc=x\nlabeledURI: http://x.test\n\
              preferredLanguage: fr\ncarLicense: AB 12\njpegPhoto:: /9j/\n";
    let u2 = "objectClass: posixAccount\nuidNumber: 10002\ngidNumber: 100\nhomeDirectory: /home/u2\nemployeeType: staff\n\
              description;lang-fr: bonjour\nmanager: uid=u1,dc=x\ntitle: chef\n";
    let mut text = person("u1", u1).replace("cn: u1\nsn: u1", "cn: Zoë Martin\nsn: Martin").replace(
        "cn: Zoë Martin",
        // Base64 of the same, as LDIF wants what is not ASCII.
        "cn:: Wm/DqyBNYXJ0aW4=",
    );
    text += &person("u2", u2).replace("sn: u2", "sn: Durand");
    text += &person("u3", "");
    text
}

/// Whatever is judged here, and whatever is asked: the same people as slapd finds by the same filter.
#[tokio::test]
async fn campus_dynamic_groups_agree_with_slapd_filter_by_filter() {
    let mut ldif = people();
    for (number, filter) in FILTERS.iter().enumerate() {
        let class = "objectClass: groupOfURLs";
        writeln!(ldif, "dn: cn=d{number},dc=x\n{class}\ncn: d{number}\nmemberURL: ldap:///dc=x??sub?{filter}\n")
            .unwrap();
    }
    let slapd = Slapd::start(&ldif, "");
    let directory = slapd.directory("");
    let mut differ = Vec::new();
    for uid in ["u1", "u2", "u3"] {
        let person = lookup(&*directory, uid).await;
        for (number, filter) in FILTERS.iter().enumerate() {
            let asked = [GroupId::parse(&format!("d{number}")).unwrap()];
            let ours = !directory.belongs(&person, None, &asked).await.unwrap().is_empty();
            let found = raw(&slapd.url(), "dc=x", &format!("(&(uid={uid}){filter})"), &["1.1"]).await;
            let theirs = found.iter().any(|entry| entry.dn == person.dn);
            if ours != theirs {
                differ.push(format!("{uid} {filter}: {ours} here, {theirs} by slapd"));
            }
        }
    }
    assert!(differ.is_empty(), "{differ:#?}");
}

#[tokio::test]
async fn campus_bases_and_scopes_of_dynamic_groups_count() {
    let mut ldif = people();
    for (name, url) in [
        ("sub", "ldap:///dc=x??sub?(uid=*)"),
        ("one", "ldap:///DC=X??one?(uid=*)"),
        ("base", "ldap:///dc=x??base?(uid=*)"),
        ("itself", "ldap:///uid=u1,dc=x??base?(uid=*)"),
        ("default", "ldap:///dc=x???(uid=*)"),
        ("elsewhere", "ldap:///ou=people,dc=x??sub?(uid=*)"),
        ("nonsense", "ldap:///dc=x??sub?(uid="),
        ("number", "ldap:///dc=x??sub?(uidNumber>=1)"),
        ("number-elsewhere", "ldap:///ou=people,dc=x??sub?(uidNumber>=1)"),
    ] {
        writeln!(ldif, "dn: cn={name},dc=x\nobjectClass: groupOfURLs\ncn: {name}\nmemberURL: {url}\n").unwrap();
    }
    let slapd = Slapd::start(&ldif, "");
    let directory = slapd.directory("");
    let person = lookup(&*directory, "u1").await;
    let all = ["sub", "one", "base", "itself", "default", "elsewhere", "nonsense", "number", "number-elsewhere"];
    let asked: Vec<GroupId> = all.iter().map(|name| GroupId::parse(name).unwrap()).collect();
    let found = directory.belongs(&person, None, &asked).await.unwrap();
    assert_eq!(names(&found), ["itself", "number", "one", "sub"].map(str::to_owned).into());
    // The same again, from what was kept.
    assert_eq!(directory.belongs(&person, None, &asked).await.unwrap(), found);
}

/// An entry that changed counts as it is, not as it was when the person signed on.
#[tokio::test]
async fn campus_a_person_who_is_gone_is_in_no_group() {
    let group = "dn: cn=g,dc=x\nobjectClass: groupOfNames\ncn: g\nmember: uid=gone,dc=x\n\n\
                 dn: cn=d,dc=x\nobjectClass: groupOfURLs\ncn: d\nmemberURL: ldap:///dc=x??sub?(uid=*)\n\n";
    let slapd = Slapd::start(&(person("u1", "") + group), "");
    let directory = slapd.directory("");
    let mut gone = lookup(&*directory, "u1").await;
    gone.dn = "uid=gone,dc=x".into();
    gone.account = AccountId::parse("gone").unwrap();
    let asked = ["g", "d"].map(|name| GroupId::parse(name).unwrap());
    assert_eq!(directory.belongs(&gone, None, &asked).await.unwrap(), []);
}

#[tokio::test]
async fn campus_groups_in_groups_by_five_levels_and_in_circles() {
    let mut ldif = person("u1", "");
    writeln!(ldif, "dn: cn=g0,dc=x\nobjectClass: groupOfNames\ncn: g0\nmember: uid=u1,dc=x\nmember: cn=g2,dc=x\n")
        .unwrap();
    for level in 1..=8 {
        let below = level - 1;
        writeln!(ldif, "dn: cn=g{level},dc=x\nobjectClass: groupOfNames\ncn: g{level}\nmember: cn=g{below},dc=x\n")
            .unwrap();
    }
    writeln!(ldif, "dn: cn=unique,dc=x\nobjectClass: groupOfUniqueNames\ncn: unique\nuniqueMember: cn=g0,dc=x\n")
        .unwrap();
    let slapd = Slapd::start(&ldif, "");
    let flat = lookup(&*slapd.directory(""), "u1").await;
    assert_eq!(names(&flat.groups), ["g0".to_owned()].into());
    let nested = lookup(&*slapd.directory("nested = true"), "u1").await;
    let wanted: BTreeSet<String> = (0..=5).map(|level| format!("g{level}")).chain(["unique".to_owned()]).collect();
    assert_eq!(names(&nested.groups), wanted);
}

/// Names of groups elsewhere in the tree, and names with signs in them.
#[tokio::test]
async fn campus_only_groups_below_their_base_count() {
    let ldif = person("u(1)*", "")
        + "dn: ou=groups,dc=x\nobjectClass: organizationalUnit\nou: groups\n\n\
           dn: cn=A\\, B\\2B (c)*,ou=groups,dc=x\nobjectClass: groupOfNames\ncn: A, B+ (c)*\nmember: uid=u(1)*,dc=x\n\n\
           dn: cn=outside,dc=x\nobjectClass: groupOfNames\ncn: outside\nmember: uid=u(1)*,dc=x\n\n\
           dn: cn=posix,ou=groups,dc=x\nobjectClass: posixGroup\ncn: posix\ngidNumber: 1\nmemberUid: u(1)*\n\n\
           dn: cn=other,ou=groups,dc=x\nobjectClass: posixGroup\ncn: other\ngidNumber: 2\nmemberUid: U(1)*\n\n";
    let slapd = Slapd::start(&ldif, "");
    let directory = slapd.directory("groups_base = 'ou=groups,dc=x'");
    let person = lookup(&*directory, "u(1)*").await;
    assert_eq!(names(&person.groups), ["A, B+ (c)*".to_owned(), "posix".to_owned()].into());
    assert_eq!(person.posix, None, "numbers of groups are nobody's who has none of their own");
}

/// Searches that a server has begun since it started, by its own count; the one that asks is among them.
pub(crate) async fn searches(slapd: &Slapd) -> u64 {
    let found =
        raw(&slapd.url(), "cn=Search,cn=Operations,cn=Monitor", "(objectClass=*)", &["monitorOpInitiated"]).await;
    found[0].attrs["monitorOpInitiated"][0].parse().unwrap()
}

/// What is asked of the server does not grow with the groups that nobody named, of which there are 5,000 or five.
#[tokio::test]
async fn campus_groups_that_nobody_names_cost_nothing() {
    let mut counted = Vec::new();
    for groups in [5, 5_000] {
        let mut ldif = person("u1", "employeeType: student\n");
        for number in 0..groups {
            let url = format!("ldap:///dc=x??sub?(&(employeeType=student)(departmentNumber={number}))");
            writeln!(ldif, "dn: cn=d{number},dc=x\nobjectClass: groupOfURLs\ncn: d{number}\nmemberURL: {url}\n")
                .unwrap();
        }
        writeln!(
            ldif,
            "dn: cn=in,dc=x\nobjectClass: groupOfURLs\ncn: in\nmemberURL: ldap:///dc=x??sub?(employeeType=student)\n"
        )
        .unwrap();
        let slapd = Slapd::start_with_modules(&ldif, "moduleload back_monitor", "database monitor");
        let directory = slapd.directory("");
        let asked = |names: &[&str]| names.iter().map(|name| GroupId::parse(name).unwrap()).collect::<Vec<_>>();
        let (few, many) = (asked(&["in", "d1"]), (0..64).map(|n| format!("d{n}")).collect::<Vec<_>>());
        let many = asked(&many.iter().map(String::as_str).collect::<Vec<_>>());
        let mut steps = vec![searches(&slapd).await];
        let who = lookup(&*directory, "u1").await;
        steps.push(searches(&slapd).await);
        assert_eq!(directory.belongs(&who, None, &[]).await.unwrap(), []);
        steps.push(searches(&slapd).await);
        assert_eq!(names(&directory.belongs(&who, None, &few).await.unwrap()), ["in".to_owned()].into());
        steps.push(searches(&slapd).await);
        assert_eq!(directory.belongs(&who, None, &many).await.unwrap(), []);
        steps.push(searches(&slapd).await);
        assert_eq!(names(&directory.belongs(&who, None, &few).await.unwrap()), ["in".to_owned()].into());
        steps.push(searches(&slapd).await);
        // Each look at the counter is a search of its own.
        counted.push(steps.windows(2).map(|pair| pair[1] - pair[0] - 1).collect::<Vec<_>>());
    }
    assert_eq!(counted[0], counted[1], "five groups, and 5,000");
    let [at_sign_on, none, few, many, again] = counted[1][..] else { panic!("{counted:?}") };
    assert!(at_sign_on <= 3 && none == 0 && few == 1 && many == 2 && again == 0, "{counted:?}");
}
