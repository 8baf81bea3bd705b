//! Rights: what it costs to open a file of one's own and of another's, with few and many grants in State, for members of
//! small and large groups. Each figure is the whole of `Session::open`: withdrawals, grants, groups, decision, permit. Of a calendar also
//! what a client does first: looking for what is shared with it, and listing what is in it.

#![allow(
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a benchmark may panic and has no readers of its API"
)]

mod shared;

use bytes::Bytes;
use criterion::{Criterion, criterion_group, criterion_main};
use passerelle_core::{
    Add, Door, Errand, HouseParts, Institution, Manage, MarkingMemory, Mount, PasswordLimits, Read, Session, Tenant,
    config::Block,
    ports::{CollectionFacts, CollectionStore, Directory, FileStore, Telling, state::State},
    seal::Sealer,
};
use passerelle_model::{
    Account, AccountId, CollectionFamily, CollectionRef, Grant, Grantee, GroupId, GroupRef, InstitutionId, ItemName,
    Login, MountId, NodePath, NodeRef, RealmId, Rights, Secret,
};
use passerelle_testkit::{house, memory_collections::MemoryCollections, memory_state::MemoryState};
use std::{
    fmt::Write as _,
    fs,
    hint::black_box,
    path::{Path, PathBuf},
    sync::Arc,
};

/// Accounts of the region.
const PEOPLE: usize = 80_000;
/// The members of the small groups.
const FEW: usize = 10;
/// Who shares, and who looks. The second is in every group.
const OWNER: &str = "u00001";
const ASKER: &str = "u00005";
/// What is in the calendar.
const EVENT: &[u8] =
    b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\nBEGIN:VEVENT\r\nUID:a\r\nDTSTAMP:20260101T000000Z\r\n\
    DTSTART:20260101T090000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";
/// Groups: static and by filter, small and large.
const GROUPS: [(&str, &str); 4] = [
    ("static-few", "a static group of 10"),
    ("static-all", "a static group of 80,000"),
    ("dynamic-few", "a dynamic group of 10"),
    ("dynamic-all", "a dynamic group of 80,000"),
];

fn rights(criterion: &mut Criterion) {
    let runtime = shared::runtime();
    let folder = folder();
    let directory = directory(&folder);
    let memory: Arc<dyn State> = Arc::new(MemoryState::new());
    runtime.block_on(share(&memory));
    let session = runtime.block_on(sign_on(&folder, &directory, &memory, None, ASKER));
    let mut group = criterion.benchmark_group("rights");
    let mut open = |name: String, session: &Session, node: NodeRef| {
        group.bench_function(name, |bench| {
            bench.iter(|| {
                runtime.block_on(session.open::<NodeRef, Read>(black_box(node.clone()))).expect("what was shared")
            });
        });
    };
    open("open one's own file".to_owned(), &session, node(ASKER, "a/b/c.txt"));
    open("open what was shared with a person, State in memory".to_owned(), &session, node(OWNER, "person/b/c.txt"));
    for (id, name) in GROUPS {
        open(
            format!("open what was shared with {name}, State in memory"),
            &session,
            node(OWNER, &format!("{id}/b/c.txt")),
        );
    }
    for (grants, name) in [(1, "1 grant"), (1_000, "1,000 grants"), (1_000_000, "1,000,000 grants")] {
        let state = runtime.block_on(sqlite(&folder, grants));
        let session = runtime.block_on(sign_on(&folder, &directory, &state, None, ASKER));
        open(format!("open what was shared, SQLite with {name}"), &session, node(OWNER, "person/b/c.txt"));
        // A database is closed before the next one is opened.
        runtime.block_on(async { drop((session, state)) });
    }
    for (to, name) in [
        (Grantee::Account(account(ASKER)), "a person"),
        (group_of("dynamic-few"), "a dynamic group of 10"),
        (group_of("dynamic-all"), "a dynamic group of 80,000"),
    ] {
        let session = runtime.block_on(share_calendar(&folder, &directory, to));
        let mut one = |name: String, act: &dyn Fn() -> usize| {
            group.bench_function(name, |bench| {
                bench.iter(|| {
                    assert_eq!(black_box(act()), 1, "what was shared");
                });
            });
        };
        one(format!("find the calendars that are shared with {name}"), &|| {
            let found = session.shared_collections(CollectionFamily::Calendars, Telling::Facts);
            runtime.block_on(found).expect("calendars").len()
        });
        one(format!("open a calendar that is shared with {name}, and list it"), &|| {
            let listed = async { session.open::<CollectionRef, Read>(calendar()).await?.items().await };
            runtime.block_on(listed).expect("a calendar").len()
        });
    }
}

/// The calendar that is shared.
fn calendar() -> CollectionRef {
    CollectionRef::parse(account(OWNER), CollectionFamily::Calendars, "cours").expect("a name")
}

/// The owner has a calendar with an event, and shares it; the session of the asker.
async fn share_calendar(folder: &Path, directory: &Arc<dyn Directory>, to: Grantee) -> Session {
    let state: Arc<dyn State> = Arc::new(MemoryState::new());
    let calendars: Arc<dyn CollectionStore> = Arc::new(MemoryCollections::new());
    let of = async |who| sign_on(folder, directory, &state, Some(Arc::clone(&calendars)), who).await;
    let owner = of(OWNER).await;
    let made = owner.open::<CollectionRef, Manage>(calendar()).await.expect("one's own");
    made.make(&CollectionFacts::default()).await.expect("a calendar");
    let open = owner.open::<CollectionRef, Add>(calendar()).await.expect("one's own");
    open.add(&ItemName::parse("a.ics").expect("a name"), &Bytes::from_static(EVENT)).await.expect("an event");
    // What hung on an earlier one of its name does not hang on it.
    let grant = Grant { to, rights: Rights::READ, until: None };
    state.set_grant(&calendar().target(), &grant).await.expect("a grant");
    of(ASKER).await
}

/// Where large things are kept between runs.
fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/bench/micro");
    fs::create_dir_all(folder.join("files")).expect("a folder");
    folder
}

/// A directory of the reference case's size, from an LDIF file.
fn directory(folder: &Path) -> Arc<dyn Directory> {
    let mut text = String::new();
    let mut groups = [String::new(), String::new()];
    for number in 1..=PEOPLE {
        let dn = format!("uid=u{number:05},ou=people,dc=a");
        let few = if number <= FEW { "description: few\n" } else { "" };
        let _ = write!(
            text,
            "dn: {dn}\nobjectClass: inetOrgPerson\nuid: u{number:05}\ncn: Person {number}\nuserPassword: pw-u{number:05}\n{few}\n"
        );
        let [of_few, of_all] = &mut groups;
        let _ = writeln!(of_all, "member: {dn}");
        if number <= FEW {
            let _ = writeln!(of_few, "member: {dn}");
        }
    }
    let [of_few, of_all] = groups;
    for (id, members) in [("static-few", of_few), ("static-all", of_all)] {
        let _ = write!(text, "dn: cn={id},ou=groups,dc=a\nobjectClass: groupOfNames\ncn: {id}\n{members}\n");
    }
    for (id, filter) in [("dynamic-few", "(description=few)"), ("dynamic-all", "(objectClass=inetOrgPerson)")] {
        let _ = write!(
            text,
            "dn: cn={id},ou=groups,dc=a\nobjectClass: groupOfURLs\ncn: {id}\nmemberURL: ldap:///ou=people,dc=a??sub?{filter}\n\n"
        );
    }
    fs::write(folder.join("people.ldif"), text).expect("a file");
    let block = Block::from_text("directory", &folder.join("x.toml"), "file = \"people.ldif\"\n");
    (passerelle_dir_ldif::FACTORY.build)(&block).expect("a directory")
}

fn account(id: &str) -> Account {
    Account { institution: institution(), id: AccountId::parse(id).expect("a login") }
}

fn institution() -> InstitutionId {
    InstitutionId::parse("garonne").expect("an institution")
}

fn node(owner: &str, path: &str) -> NodeRef {
    let mount = MountId::parse("home").expect("a mount");
    NodeRef { owner: account(owner), mount, path: NodePath::parse(path).expect("a path") }
}

fn group_of(id: &str) -> Grantee {
    Grantee::Group(GroupRef { institution: institution(), id: GroupId::parse(id).expect("a group") })
}

/// What the owner shares: a folder with the asker, and one with each group.
async fn share(state: &Arc<dyn State>) {
    let mut shared = vec![("person", Grantee::Account(account(ASKER)))];
    shared.extend(GROUPS.map(|(id, _)| (id, group_of(id))));
    for (path, to) in shared {
        let grant = Grant { to, rights: Rights::READ, until: None };
        state.set_grant(&node(OWNER, path).target(), &grant).await.expect("a grant");
    }
}

/// A SQLite file with so many grants, the asker's among them; kept, for a million takes a while to write.
async fn sqlite(folder: &Path, grants: usize) -> Arc<dyn State> {
    let (name, made) = (format!("grants-{grants}.sqlite"), folder.join(format!("grants-{grants}.made")));
    let block = Block::from_text("state", &folder.join("x.toml"), &format!("path = \"{name}\"\n"));
    if !made.exists() {
        // Left over from a run that did not come to its end.
        let _ = fs::remove_file(folder.join(&name));
    }
    let state = (passerelle_state_sql::SQLITE.open)(&block).await.expect("a database");
    if !made.exists() {
        let mut lines = vec![r#"{"passerelle":"state","version":1}"#.to_owned()];
        let row = |target: &str, to: &str| {
            format!(
                r#"{{"table":"grants","target":"{target}","grantee":"account:garonne/{to}","rights":5,"ends":null}}"#
            )
        };
        lines.push(row(&format!("garonne/{OWNER}/file/home/person"), ASKER));
        for number in 1..grants {
            let (owner, to) = (number % PEOPLE, (number * 7) % PEOPLE);
            lines.push(row(&format!("garonne/u{owner:05}/file/home/projects/{number}"), &format!("u{to:05}")));
        }
        state.restore(&lines).await.expect("rows");
        fs::write(made, "").expect("a mark");
    }
    state
}

async fn sign_on(
    folder: &Path,
    directory: &Arc<dyn Directory>,
    state: &Arc<dyn State>,
    calendars: Option<Arc<dyn CollectionStore>>,
    who: &str,
) -> Session {
    let realm = RealmId::parse("garonne").expect("a realm");
    let block = Block::from_text("files", &folder.join("x.toml"), "path = \"files/{login}\"\n");
    let store: Arc<dyn FileStore> = (passerelle_files_local::FACTORY.build)(&block).expect("a store");
    let facts =
        Institution { mail_domains: vec!["a.test".to_owned()], ..Institution::new(institution(), realm.clone()) };
    let mounts = vec![Mount { id: node(OWNER, "").mount, store }];
    let parts = HouseParts {
        realms: vec![passerelle_core::Realm::of_passwords(realm, Arc::clone(directory))],
        tenants: vec![Tenant {
            facts: facts.into(),
            mail: None,
            external: None,
            images: None,
            feeds: None,
            filters: None,
            submission: None,
            scanners: Vec::new(),
            mounts,
            calendars,
            contacts: None,
        }],
        default_institution: Some(institution()),
        sealer: Sealer::new(&[Secret::new([7; 32])]).expect("a key"),
        passwords: PasswordLimits::NONE,
        marking: MarkingMemory::default(),
        span_of: |_| None,
    };
    let door = Door::new(parts, Arc::clone(state), house::now).await.expect("a door");
    let login = Login::parse(who.as_bytes()).expect("a login");
    door.login(&login, &Secret::new(format!("pw-{who}")), house::visit(Errand::Files)).await.expect("a session")
}

criterion_group! { name = benches; config = shared::settings(); targets = rights }
criterion_main!(benches);
