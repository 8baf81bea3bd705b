//! Grants: where they hold, whom they are for, and what a move and a drop take along.

use super::{Campus, NOW, account, file, grant, group, node};
use passerelle_core::ports::state::{Granted, Sharing, State};
use passerelle_model::{Grant, Grantee, InstitutionId, ResourceKind, Rights, Target};
use std::sync::Arc;

fn paths(granted: &[Granted]) -> Vec<&str> {
    granted.iter().map(|it| it.target.path.as_str()).collect()
}

async fn share(state: &Arc<dyn State>, target: &Target, to: &Grantee) {
    state.set_grant(target, &grant(to.clone(), Rights::READ)).await.unwrap();
}

/// The paths of `u1`'s files with a grant, sorted.
async fn shared(state: &Arc<dyn State>, institution: &InstitutionId) -> Vec<String> {
    let granted = state.granted_by(&account(institution, "u1")).await.unwrap();
    let mut paths: Vec<_> = granted.into_iter().map(|it| it.target.path).collect();
    paths.sort();
    paths
}

/// A grant holds on its target and below; what lies beside, and another tree or kind, is not asked for.
pub async fn grants_at_a_place_and_above(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let to = Grantee::Account(account(&a, "u2"));
    for path in ["", "x", "x/y", "x/y/z", "x/yy", "x/y/z/deeper", "w"] {
        share(&state, &file(&a, path), &to).await;
    }
    let elsewhere = [
        node(&a, "u1", "courses", "x"),
        node(&a, "u2", "home", "x"),
        Target { kind: ResourceKind::Mailbox, ..file(&a, "x") },
        Target { owner: None, ..file(&a, "x") },
    ];
    for target in &elsewhere {
        share(&state, target, &to).await;
    }
    let mut at = state.grants_at(&file(&a, "x/y/z")).await.unwrap();
    at.sort_by(|one, other| one.target.cmp(&other.target));
    assert_eq!(paths(&at), ["", "x", "x/y", "x/y/z"]);
    assert!(at.iter().all(|it| it.grant == grant(to.clone(), Rights::READ) && it.target.tree == "home"));
    assert_eq!(paths(&state.grants_at(&file(&a, "")).await.unwrap()), [""]);
    for target in &elsewhere {
        let at = state.grants_at(target).await.unwrap();
        assert_eq!(at.iter().map(|it| &it.target).collect::<Vec<_>>(), [target]);
    }
    let deep = vec!["d"; 128].join("/");
    assert_eq!(state.grants_at(&file(&a, &deep)).await.unwrap().len(), 1);
}

/// Of an institution's owners the spaces are told apart, by whatever comes before and behind them in a row of texts.
pub async fn grants_in_spaces(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let to = Grantee::Account(account(&a, "u2"));
    let spaces = [node(&a, "~cours", "cours", "x"), node(&a, "~z", "z", "")];
    let others = [
        node(&a, "u1", "home", "~x"),
        node(&a, "zz", "home", ""),
        node(&a, "é", "home", ""),
        node(&b, "~cours", "cours", ""),
    ];
    for target in spaces.iter().chain(&others) {
        share(&state, target, &to).await;
    }
    let mut found: Vec<Target> = state.granted_in_spaces(&a).await.unwrap().into_iter().map(|it| it.target).collect();
    found.sort();
    assert_eq!(found, spaces);
}

/// What a place's list says is all it grants itself; links, and what lies above, below and beside, are left alone.
pub async fn a_list_of_grants_is_replaced_in_one_step(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let somebody = |login: &str| Grantee::Account(account(&a, login));
    let link = Grantee::Link(passerelle_model::LinkId::parse("some-link").unwrap());
    for path in ["", "x", "x/y", "xy"] {
        share(&state, &file(&a, path), &somebody("u2")).await;
    }
    share(&state, &file(&a, "x"), &somebody("u3")).await;
    share(&state, &file(&a, "x"), &link).await;
    let list = [grant(somebody("u3"), Rights::EDIT), grant(somebody("u4"), Rights::READ)];
    state.replace_grants(&file(&a, "x"), &list).await.unwrap();
    let here = async || {
        let at = state.grants_at(&file(&a, "x")).await.unwrap();
        let mut here: Vec<Grant> = at.into_iter().filter(|it| it.target.path == "x").map(|it| it.grant).collect();
        here.sort_by(|one, other| one.to.cmp(&other.to));
        here
    };
    let kept = grant(link.clone(), Rights::READ);
    assert_eq!(here().await, [list[0].clone(), list[1].clone(), kept.clone()]);
    state.replace_grants(&file(&a, "x"), &[]).await.unwrap();
    assert_eq!(here().await, [kept]);
    assert_eq!(shared(&state, &a).await, ["", "x", "x/y", "xy"]);
}

/// Strictly below, ordered by path, at most as many as asked for.
pub async fn grants_below_in_order(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let to = Grantee::Account(account(&a, "u2"));
    for path in ["b", "a", "a/c", "a/b", "a/b/d", "ab", "a-", "a0", ""] {
        share(&state, &file(&a, path), &to).await;
    }
    assert_eq!(paths(&state.grants_below(&file(&a, "a"), 100).await.unwrap()), ["a/b", "a/b/d", "a/c"]);
    assert_eq!(paths(&state.grants_below(&file(&a, "a"), 2).await.unwrap()), ["a/b", "a/b/d"]);
    assert_eq!(state.grants_below(&file(&a, ""), 100).await.unwrap().len(), 8);
    assert!(state.grants_below(&file(&a, "b"), 100).await.unwrap().is_empty());
}

/// By grantee, several at once, and by the institution of a group.
pub async fn grants_to_grantees(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let person = Grantee::Account(account(&a, "u2"));
    let (staff, others) = (group(&a, "staff"), group(&a, "staff2"));
    let everybody = Grantee::Institution(a.clone());
    let abroad = group(&b, "staff");
    for (path, to) in [("1", &person), ("2", &staff), ("3", &everybody), ("4", &abroad), ("5", &others), ("6", &person)]
    {
        share(&state, &file(&a, path), to).await;
    }
    let to = state.granted_to(&[person, staff.clone(), everybody]).await.unwrap();
    assert_eq!(paths(&to), ["1", "2", "3", "6"]);
    assert!(state.granted_to(&[]).await.unwrap().is_empty());
    assert_eq!(paths(&state.granted_to_groups_of(&a).await.unwrap()), ["2", "5"]);
    let at_b = state.granted_to_groups_of(&b).await.unwrap();
    assert_eq!(paths(&at_b), ["4"]);
    assert_eq!((&at_b[0].target.institution, &at_b[0].grant.to), (&a, &abroad));
}

/// By owner, of every kind and tree.
pub async fn grants_by_an_owner(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let to = Grantee::Account(account(&a, "u2"));
    let theirs = [
        file(&a, "x"),
        node(&a, "u1", "courses", ""),
        Target { kind: ResourceKind::Mailbox, tree: String::new(), ..file(&a, "INBOX") },
    ];
    for target in &theirs {
        share(&state, target, &to).await;
    }
    for owner in ["u", "u10", "u1 ", "U1"] {
        share(&state, &node(&a, owner, "home", "x"), &to).await;
    }
    let granted = state.granted_by(&account(&a, "u1")).await.unwrap();
    assert_eq!(granted.len(), 3);
    assert!(theirs.iter().all(|target| granted.iter().any(|it| it.target == *target)));
}

/// The same login, group and path in two institutions are strangers.
pub async fn institutions_never_mix(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    for (home, path) in [(&a, "of-a"), (&b, "of-b")] {
        for to in [Grantee::Account(account(home, "u2")), group(home, "staff"), Grantee::Institution(home.clone())] {
            share(&state, &file(home, path), &to).await;
        }
    }
    for (home, path) in [(&a, "of-a"), (&b, "of-b")] {
        let target = file(home, path);
        assert_eq!(state.grants_at(&target).await.unwrap().len(), 3);
        assert_eq!(state.granted_by(&account(home, "u1")).await.unwrap().len(), 3);
        assert_eq!(paths(&state.granted_to_groups_of(home).await.unwrap()), [path]);
        for to in [Grantee::Account(account(home, "u2")), group(home, "staff"), Grantee::Institution(home.clone())] {
            assert_eq!(paths(&state.granted_to(&[to]).await.unwrap()), [path]);
        }
    }
    assert!(state.grants_at(&file(&a, "of-b")).await.unwrap().is_empty());
    state.gone(&file(&a, "")).await.unwrap();
    assert_eq!(state.granted_by(&account(&b, "u1")).await.unwrap().len(), 3);
}

/// One grant for each grantee and target; the end date comes back, and goes when the new one has none.
pub async fn a_grant_is_replaced_as_a_whole(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let (target, to) = (file(&a, "x"), Grantee::Account(account(&a, "u2")));
    let first = Grant { to: to.clone(), rights: Rights::READ, until: Some(NOW) };
    state.set_grant(&target, &first).await.unwrap();
    assert_eq!(state.grants_at(&target).await.unwrap(), [Granted { target: target.clone(), grant: first }]);
    for rights in [Rights::MANAGE, Rights::ALL, Rights::NONE] {
        let second = grant(to.clone(), rights);
        state.set_grant(&target, &second).await.unwrap();
        assert_eq!(state.grants_at(&target).await.unwrap(), [Granted { target: target.clone(), grant: second }]);
    }
    assert!(!state.remove_grant(&file(&a, ""), &to).await.unwrap());
    assert!(!state.remove_grant(&target, &Grantee::Institution(a.clone())).await.unwrap());
    assert!(state.remove_grant(&target, &to).await.unwrap());
    assert!(!state.remove_grant(&target, &to).await.unwrap());
    assert!(state.grants_at(&target).await.unwrap().is_empty());
}

/// A rename takes what hangs below along, and replaces what hung at the goal.
pub async fn a_move_takes_the_subtree_and_no_lookalike(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let to = Grantee::Account(account(&a, "u2"));
    for path in ["a", "a/x", "a/x/é", "ab", "a-", "a.txt", "new", "new/old", "newer"] {
        share(&state, &file(&a, path), &to).await;
    }
    state.moved(&file(&a, "a"), &file(&a, "new"), Sharing::Carried).await.unwrap();
    assert_eq!(shared(&state, &a).await, ["a-", "a.txt", "ab", "new", "new/x", "new/x/é", "newer"]);
    // To another place of another tree, and back to the top.
    state.moved(&file(&a, "new/x"), &node(&a, "u1", "courses", "c"), Sharing::Carried).await.unwrap();
    assert_eq!(state.grants_at(&node(&a, "u1", "courses", "c/é")).await.unwrap().len(), 2);
    assert_eq!(shared(&state, &a).await, ["a-", "a.txt", "ab", "c", "c/é", "new", "newer"]);
    state.moved(&file(&a, "new"), &file(&a, "new"), Sharing::Carried).await.unwrap();
    assert_eq!(state.grants_at(&file(&a, "new")).await.unwrap().len(), 1);
    assert!(state.moved(&file(&a, "new"), &file(&a, "new/inside"), Sharing::Carried).await.is_err());
    assert!(state.moved(&file(&a, "new/inside"), &file(&a, "new"), Sharing::Carried).await.is_err());
    assert_eq!(state.grants_at(&file(&a, "new")).await.unwrap().len(), 1);
}

/// What is gone takes its grants along, and nothing that only begins alike.
pub async fn a_drop_takes_the_subtree_and_no_lookalike(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let to = Grantee::Account(account(&a, "u2"));
    for path in ["a", "a/x", "a/x/y", "ab", "a-", "a0", "A", "b"] {
        share(&state, &file(&a, path), &to).await;
    }
    state.gone(&file(&a, "a/x")).await.unwrap();
    assert_eq!(shared(&state, &a).await, ["A", "a", "a-", "a0", "ab", "b"]);
    state.gone(&file(&a, "a")).await.unwrap();
    assert_eq!(shared(&state, &a).await, ["A", "a-", "a0", "ab", "b"]);
    state.gone(&file(&a, "nothing")).await.unwrap();
    state.gone(&file(&a, "")).await.unwrap();
    assert!(shared(&state, &a).await.is_empty());
}

/// Wildcards, quotes, backslashes, case, accents in both normal forms, any script, and long paths mean themselves.
pub async fn paths_are_octets(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let to = Grantee::Account(account(&a, "Zoë 'x' \\ %_"));
    let long = |letter: &str| vec![letter.repeat(120); 16].join("/");
    let pairs = [
        ("100%".to_owned(), "1000".to_owned()),
        ("a_b".to_owned(), "axb".to_owned()),
        ("back\\slash".to_owned(), "backslash".to_owned()),
        ("x\\%y".to_owned(), "x%y".to_owned()),
        ("it's".to_owned(), "it''s".to_owned()),
        ("\"q\"".to_owned(), "q".to_owned()),
        ("Case".to_owned(), "case".to_owned()),
        ("caf\u{e9}".to_owned(), "cafe\u{301}".to_owned()),
        ("日本".to_owned(), "日".to_owned()),
        ("😀".to_owned(), "😁".to_owned()),
        ("ß".to_owned(), "ss".to_owned()),
        (" lead".to_owned(), "lead".to_owned()),
        ("trail ".to_owned(), "trail".to_owned()),
        (long("p"), long("q")),
        // The same for longer than any index looks.
        (format!("{}/1", long("é")), format!("{}/2", long("é"))),
    ];
    for (one, other) in pairs {
        let (inside, beside) = (format!("{one}/in"), format!("{other}/in"));
        for path in [&inside, &beside] {
            share(&state, &file(&a, path), &to).await;
        }
        assert_eq!(paths(&state.grants_at(&file(&a, &inside)).await.unwrap()), [inside.as_str()]);
        assert_eq!(paths(&state.grants_below(&file(&a, &one), 9).await.unwrap()), [inside.as_str()]);
        state.moved(&file(&a, &one), &file(&a, "moved"), Sharing::Carried).await.unwrap();
        let mut expected = [beside.clone(), "moved/in".to_owned()];
        expected.sort();
        assert_eq!(shared(&state, &a).await, expected);
        state.moved(&file(&a, "moved"), &file(&a, &one), Sharing::Carried).await.unwrap();
        state.gone(&file(&a, &one)).await.unwrap();
        assert_eq!(shared(&state, &a).await, [beside]);
        state.gone(&file(&a, "")).await.unwrap();
    }
}
