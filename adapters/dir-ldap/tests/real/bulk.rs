//! Accounts in bulk, against a slapd of the test's own: what it counts and what it holds afterwards is what counts.

use crate::{
    groups::searches,
    provision::{Setting, account, group, new_account, new_group},
};
use passerelle_core::{
    Error, ImportMode, Imported, Membership, Result, Wanted,
    ports::{AccountLock, Field, NewAccount},
};
use passerelle_model::Person;
use std::sync::Arc;

/// With the server's own counts.
async fn counting() -> Setting {
    Setting::with_modules(Membership::Whole, "moduleload back_monitor", "database monitor").await
}

fn numbered(count: usize) -> Vec<NewAccount> {
    let login = |number: usize| format!("n{number:03}");
    (0..count)
        .map(|number| new_account(&login(number), &[(Field::Mails, &[&format!("{}@x.test", login(number))])], None))
        .collect()
}

fn words(outcomes: Vec<Result<Person>>) -> Vec<String> {
    let word =
        |outcome: Result<Person>| outcome.map_or_else(|error| error.word().to_owned(), |it| it.account.to_string());
    outcomes.into_iter().map(word).collect()
}

fn wanted(new: &[NewAccount], groups: &[&str]) -> Vec<Wanted> {
    let groups: Vec<_> = groups.iter().map(|name| group(name)).collect();
    new.iter().map(|account| Wanted { account: account.clone(), groups: groups.clone() }).collect()
}

/// For a hundred accounts the server is asked a few times, not twice for each.
#[tokio::test]
async fn campus_a_hundred_accounts_are_looked_for_together() {
    let setting = counting().await;
    let handle = setting.handle().await;
    // The first account is read back, which shows that the settings fit; and the connections are made.
    handle.create_account(&new_account("first", &[], None)).await.unwrap();
    let new = numbered(100);
    let before = searches(&setting.slapd).await;
    let made = words(handle.create_accounts(&new.iter().collect::<Vec<_>>()).await);
    // The look at the counter is a search of its own. Two lots, each in use and out of use.
    assert_eq!(searches(&setting.slapd).await - before - 1, 4);
    assert_eq!(made, new.iter().map(|new| new.id.to_string()).collect::<Vec<_>>());
    assert_eq!(setting.found("ou=people,dc=x", "(uid=n*)", &["uid"]).await.len(), 100);

    // All of them are there: one question finds them, a second one the rest, and nothing is written.
    let before = searches(&setting.slapd).await;
    assert_eq!(words(handle.create_accounts(&new.iter().collect::<Vec<_>>()).await), vec!["conflict"; 100]);
    assert_eq!(searches(&setting.slapd).await - before - 1, 4);
    // A second run over a file, in which one differs: two searches more tell what there is, and one account is written.
    let mut rows = wanted(&new, &[]);
    rows[42].account.details.fields.insert(Field::Name, vec!["Another".to_owned()]);
    let rows: Vec<&Wanted> = rows.iter().collect();
    let before = searches(&setting.slapd).await;
    let told = handle.import_accounts(&rows, ImportMode::DryRun).await;
    assert_eq!(searches(&setting.slapd).await - before - 1, 6);
    assert_eq!(told.iter().filter(|it| matches!(it, Ok(Imported::Same))).count(), 99);
    let told = handle.import_accounts(&rows, ImportMode::Write).await;
    assert!(matches!(&told[42], Ok(Imported::Changed(names)) if *names == ["name"]), "{:?}", told[42]);
    assert_eq!(setting.found("ou=people,dc=x", "(cn=Another)", &["uid"]).await[0].1, [["n042"]]);
}

#[tokio::test]
async fn campus_each_of_many_gets_what_it_would_have_got_alone() {
    let setting = Setting::new().await;
    let handle = setting.handle().await;
    handle.create_account(&new_account("gone", &[], None)).await.unwrap();
    handle.delete_account(&account("gone")).await.unwrap();
    let mail = |login: &str, mails: &[&str]| new_account(login, &[(Field::Mails, mails)], None);
    let new = [
        mail("one", &["one@x.test", "uno@x.test"]),
        mail("BOB", &[]),
        mail("two", &["Bob@X.test"]),
        mail("-x", &[]),
        mail("three", &["UNO@x.test"]),
        mail("gone", &[]),
        mail("One", &[]),
        mail("four", &["no address"]),
        mail("five", &[]),
        mail("six", &["five@x.test"]),
        // Whoever could not be made has claimed nothing.
        mail("seven", &["no address", "seven@x.test"]),
        mail("seven", &["seven@x.test"]),
    ];
    let all: Vec<&NewAccount> = new.iter().collect();
    let expected = [
        "one", "conflict", "conflict", "invalid", "conflict", "conflict", "conflict", "invalid", "five", "six",
        "invalid", "seven",
    ];
    // A dry run says the same.
    let rows: Vec<Wanted> = wanted(&new, &[]);
    let rows: Vec<&Wanted> = rows.iter().collect();
    let dry = handle.import_accounts(&rows, ImportMode::DryRun).await;
    let would: Vec<bool> = dry.iter().map(|it| matches!(it, Ok(Imported::Made))).collect();
    assert_eq!(would, expected.map(|word| !matches!(word, "conflict" | "invalid")));
    assert!(setting.found("ou=people,dc=x", "(uid=one)", &["uid"]).await.is_empty());

    assert_eq!(words(handle.create_accounts(&all).await), expected);
    let seen = setting.found("dc=x", "(mail=uno@x.test)", &["uid"]).await;
    assert_eq!(seen, [("uid=one,ou=people,dc=x".to_owned(), vec![vec!["one".to_owned()]])]);
    assert!(handle.create_accounts(&[]).await.is_empty());
}

/// Two portals with the same hundred: each account is made once, and the one who came second hears so.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn campus_of_two_who_make_the_same_hundred_one_wins_each() {
    let setting = Arc::new(Setting::new().await);
    let racers: Vec<_> = (0..2)
        .map(|racer| {
            let setting = Arc::clone(&setting);
            tokio::spawn(async move {
                let handle = setting.handle().await;
                let named = |new: NewAccount| {
                    let name = format!("Racer {racer}");
                    let password = format!("{} {racer}", new.id);
                    new_account(new.id.as_str(), &[(Field::Name, &[&name])], Some(&password))
                };
                let new: Vec<NewAccount> = numbered(100).into_iter().map(named).collect();
                handle.create_accounts(&new.iter().collect::<Vec<_>>()).await
            })
        })
        .collect();
    let mut won = vec![Vec::new(); 100];
    for (racer, outcomes) in racers.into_iter().enumerate() {
        for (number, outcome) in outcomes.await.unwrap().into_iter().enumerate() {
            match outcome {
                Ok(_) => won[number].push(racer),
                Err(error) => assert!(matches!(error, Error::Conflict), "{}", error.chain()),
            }
        }
    }
    for (number, racers) in won.iter().enumerate() {
        let [racer] = racers.as_slice() else { panic!("{number}: {racers:?}") };
        let seen = setting.found("dc=x", &format!("(uid=n{number:03})"), &["cn"]).await;
        assert_eq!(seen[0].1, [[format!("Racer {racer}")]]);
        if number % 25 == 0 {
            assert!(setting.may_sign_on(&format!("n{number:03}"), &format!("n{number:03} {racer}")).await);
        }
    }
}

#[tokio::test]
async fn campus_many_are_put_into_groups_at_once() {
    let setting = Setting::new().await;
    let handle = setting.handle().await;
    for (name, filter) in [("staff", None), ("first", None), ("dyn", Some("(uid=*)"))] {
        handle.create_group(&new_group(name, filter)).await.unwrap();
    }
    let members = async |name: &str| {
        let seen = setting.found("ou=groups,dc=x", &format!("(cn={name})"), &["member"]).await;
        seen[0].1[0].iter().filter(|dn| !dn.is_empty()).count()
    };
    let new = numbered(60);
    let import = async |rows: &[Wanted], mode| handle.import_accounts(&rows.iter().collect::<Vec<_>>(), mode).await;
    let mut rows = wanted(&new, &["staff", "FIRST"]);
    rows[3].groups = vec![group("staff"), group("nobodys")];
    rows[4].groups = vec![group("dyn")];
    for mode in [ImportMode::DryRun, ImportMode::Write] {
        let told = import(&rows, mode).await;
        for (at, what) in [(3, "groups: number 2: there is none"), (4, "groups: number 1: its filter")] {
            let error = told[at].as_ref().unwrap_err();
            assert!(error.word() == "invalid" && error.to_string().contains(what), "{error}");
        }
        assert_eq!(told.iter().filter(|it| matches!(it, Ok(Imported::Made))).count(), 58);
        let there = if mode == ImportMode::Write { 58 } else { 0 };
        assert_eq!((members("staff").await, members("first").await), (there, there));
        assert_eq!(setting.found("ou=people,dc=x", "(uid=n*)", &["uid"]).await.len(), there);
    }
    // Again, with one who is in one of them only, and one who is in a group that the file does not name.
    let change = passerelle_core::ports::MemberChange::Remove;
    let whole = passerelle_model::Account { institution: handle.target().0.clone(), id: account("n000") };
    handle.change_members(&group("first"), change, &[whole]).await.unwrap();
    rows[1].groups = vec![group("staff")];
    let told = import(&rows, ImportMode::Write).await;
    assert!(matches!(&told[0], Ok(Imported::Changed(names)) if *names == ["groups"]), "{:?}", told[0]);
    assert!(told[1..3].iter().chain(&told[5..]).all(|it| matches!(it, Ok(Imported::Same))), "{told:?}");
    assert_eq!((members("staff").await, members("first").await), (58, 58));
    // A locked account keeps its groups; one that was deleted gets none.
    handle.lock_account(&account("n007"), AccountLock::Lock).await.unwrap();
    handle.delete_account(&account("n008")).await.unwrap();
    let told = import(&rows, ImportMode::Write).await;
    assert!(matches!(told[7], Ok(Imported::Same)) && matches!(told[8], Err(Error::Invalid { .. })), "{told:?}");
    assert_eq!(members("staff").await, 57);
}

/// The accounts are there although the directory does not take them into the group, and the trail is told of them.
#[tokio::test]
async fn campus_a_group_that_is_full_does_not_undo_accounts() {
    let full = "overlay constraint\nconstraint_attribute member count 2";
    let setting = Setting::with_modules(Membership::Whole, "moduleload constraint", full).await;
    let handle = setting.handle().await;
    handle.create_group(&new_group("staff", None)).await.unwrap();
    let rows = wanted(&numbered(3), &["staff"]);
    let rows: Vec<&Wanted> = rows.iter().collect();
    for (run, made) in [(0, true), (1, false)] {
        for (told, wanted) in handle.import_accounts(&rows, ImportMode::Write).await.iter().zip(&rows) {
            let Ok(told @ Imported::Ungrouped(done, why)) = told else { panic!("{told:?}") };
            assert_eq!((matches!(**done, Imported::Made), why.word()), (made, "invalid"), "run {run}");
            assert_eq!(told.noted(wanted), made.then(|| ("account.create", String::new())));
        }
        assert_eq!(setting.found("ou=people,dc=x", "(uid=n*)", &["uid"]).await.len(), 3);
    }
}
