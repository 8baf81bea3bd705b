//! Withdrawals, the watch that spreads them, and the sweep.

use super::{Campus, NOW, account, administration, file, grant, octets, tallies, unique};
use futures::StreamExt;
use passerelle_core::ports::state::{
    AppPassword, LeaseToken, Link, Lock, LockDepth, LockScope, OverlayChange, Revocation, Scope, Sharing, State,
    StateEvent, Watch,
};
use passerelle_model::{Account, Grant, Grantee, LinkId, Rights, Timestamp};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

/// How soon every node must have heard.
const HEARD_WITHIN: Duration = Duration::from_secs(2);

fn session(expires: Timestamp) -> Revocation {
    Revocation::Session { id: octets(), expires }
}

fn everything_of(account: &Account, before: i64, expires: i64) -> Revocation {
    Revocation::Account { account: account.clone(), before: NOW.plus(before), expires: NOW.plus(expires) }
}

/// What was withdrawn is in the list until nothing that old can be valid.
pub async fn withdrawn_until_it_expires(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let one = session(NOW.plus(60));
    let all = everything_of(&account(&a, "Zoë"), 0, 60);
    for revocation in [&one, &all] {
        state.revoke(revocation).await.unwrap();
        assert!(state.revoked(NOW.plus(59)).await.unwrap().contains(revocation));
        assert!(!state.revoked(NOW.plus(60)).await.unwrap().contains(revocation));
    }
}

/// A second withdrawal of an account never takes back what the first withdrew.
pub async fn revocations_grow_only(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let (mine, namesake) = (account(&a, "u1"), account(&b, "u1"));
    for (before, expires) in [(50, 500), (40, 600), (60, 400)] {
        state.revoke(&everything_of(&mine, before, expires)).await.unwrap();
    }
    state.revoke(&everything_of(&namesake, 1, 300)).await.unwrap();
    let of = |wanted: &Account, revoked: &[Revocation]| {
        let theirs = |it: &&Revocation| matches!(it, Revocation::Account { account, .. } if account == wanted);
        revoked.iter().filter(theirs).cloned().collect::<Vec<_>>()
    };
    let revoked = state.revoked(NOW).await.unwrap();
    assert_eq!(of(&mine, &revoked), [everything_of(&mine, 60, 600)]);
    assert_eq!(of(&namesake, &revoked), [everything_of(&namesake, 1, 300)]);
}

/// The sweep takes what has ended: grants, links and app passwords a day later, the rest at once. Nothing else.
pub async fn the_sweep_takes_what_has_ended(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    // Long before everybody else's time.
    let now = Timestamp(10_000_000);
    let day = 86_400;
    let (owner, to) = (account(&a, "u1"), Grantee::Account(account(&a, "u2")));
    let place = |path: &str| file(&a, path);
    for (path, until) in [("gone", Some(now.plus(-day))), ("shown", Some(now.plus(1 - day))), ("stays", None)] {
        let grant = Grant { to: to.clone(), rights: Rights::READ, until };
        state.set_grant(&place(path), &grant).await.unwrap();
        let id = LinkId::parse(&format!("{path}-{}", unique())).unwrap();
        state.set_grant(&place(path), &self::grant(Grantee::Link(id.clone()), Rights::READ)).await.unwrap();
        let link = Link { until, ..Link::new(id, place(path), owner.clone(), octets()) };
        state.add_link(&link).await.unwrap();
        let row = AppPassword {
            id: unique(),
            account: owner.clone(),
            hash: octets(),
            name: path.to_owned(),
            scope: Scope::All,
            made: Timestamp(0),
            until,
            last_used: None,
        };
        state.add_app_password(&row).await.unwrap();
    }
    let (past, present) = (session(now), session(now.plus(1)));
    for revocation in [&past, &present] {
        state.revoke(revocation).await.unwrap();
    }
    for (path, expires) in [("gone", now), ("stays", now.plus(1))] {
        let token = format!("urn:uuid:{}", unique());
        let (depth, scope, holder) = (LockDepth::Zero, LockScope::Exclusive, owner.clone());
        let lock = Lock { token, target: place(path), depth, scope, holder, owner: String::new(), expires };
        state.lock(&lock, Timestamp(0)).await.unwrap();
    }
    let lease = LeaseToken { key: unique(), holder: octets() };
    assert!(state.take_lease(&lease, now, Timestamp(0)).await.unwrap());

    // A grant, a link with its grant, an app password, a revocation, a lock and a lease.
    assert!(state.sweep(now).await.unwrap() >= 7);
    let paths = |granted: Vec<passerelle_core::ports::state::Granted>| {
        granted.into_iter().map(|it| it.target.path).collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>()
    };
    assert_eq!(paths(state.granted_by(&owner).await.unwrap()), ["shown", "stays"]);
    assert!(state.links_to(&place("gone")).await.unwrap().is_empty());
    assert_eq!(state.links_to(&place("shown")).await.unwrap().len(), 1);
    assert_eq!(state.app_passwords_of(&owner).await.unwrap().len(), 2);
    let revoked = state.revoked(Timestamp(0)).await.unwrap();
    assert!(!revoked.contains(&past) && revoked.contains(&present));
    let locks = state.locks_below(&place(""), Timestamp(0)).await.unwrap();
    assert_eq!(locks.iter().map(|lock| lock.target.path.as_str()).collect::<Vec<_>>(), ["stays"]);
    assert!(state.take_lease(&lease, now, Timestamp(0)).await.unwrap(), "a swept lease is free");
    state.give_lease(&lease).await.unwrap();
    administration::old_lines_and_calls_are_swept(&*state, now).await;
    tallies::old_tallies_are_swept(&*state, now).await;
}

/// Reads a watch until all of these came; others may be in between.
async fn hears(watch: &mut Watch, mut expected: Vec<StateEvent>) {
    let hearing = async {
        while !expected.is_empty() {
            let event = watch.next().await.expect("a watch does not end");
            assert!(!matches!(event, StateEvent::Lost), "nothing was lost");
            expected.retain(|wanted| *wanted != event);
        }
    };
    let in_time = tokio::time::timeout(HEARD_WITHIN, hearing).await;
    assert!(in_time.is_ok(), "not heard within {HEARD_WITHIN:?}: {expected:?}");
}

/// Each handle hears of what either withdraws and grants, and of nothing from before it began to listen.
pub async fn a_watcher_hears_of_both_handles(here: Arc<dyn State>, there: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let (owner, to) = (account(&a, "u1"), Grantee::Account(account(&a, "u2")));
    let early = session(NOW.plus(60));
    here.revoke(&early).await.unwrap();
    let (mut near, mut far) = (here.watch().await.unwrap(), there.watch().await.unwrap());

    let (one, all) = (session(NOW.plus(60)), everything_of(&owner, 0, 60));
    here.revoke(&one).await.unwrap();
    there.revoke(&all).await.unwrap();
    let expected = vec![StateEvent::Revoked(one), StateEvent::Revoked(all)];
    hears(&mut near, expected.clone()).await;
    hears(&mut far, expected).await;

    let changed = || vec![StateEvent::GrantsChanged(owner.clone())];
    let (target, moved) = (file(&a, "x"), file(&a, "y"));
    here.set_grant(&target, &grant(to.clone(), Rights::READ)).await.unwrap();
    hears(&mut far, changed()).await;
    here.moved(&target, &moved, Sharing::Carried).await.unwrap();
    hears(&mut far, changed()).await;
    assert!(here.remove_grant(&moved, &to).await.unwrap());
    hears(&mut far, changed()).await;
    here.set_grant(&target, &grant(to.clone(), Rights::READ)).await.unwrap();
    hears(&mut far, changed()).await;
    here.gone(&file(&a, "")).await.unwrap();
    hears(&mut far, changed()).await;
    let link = LinkId::parse(&unique()).unwrap();
    let row = Link::new(link.clone(), target, owner.clone(), octets());
    here.add_link(&row).await.unwrap();
    assert!(here.remove_link(&link).await.unwrap());
    hears(&mut far, changed()).await;

    let elsewhere = super::external_accounts::made(&owner, "x");
    here.add_external(&elsewhere).await.unwrap();
    assert!(here.remove_external(&owner, &elsewhere.id).await.unwrap());
    hears(&mut far, changed()).await;

    let change = OverlayChange { version: 1, by: String::new(), at: NOW, values: vec![("n".to_owned(), None)] };
    there.change_overlay(&a, &change).await.unwrap();
    hears(&mut near, vec![StateEvent::SettingsChanged(a.clone())]).await;

    // A last one that both hear of, so that all before it has been read: the early one was not among it.
    let last = session(NOW.plus(61));
    there.revoke(&last).await.unwrap();
    for watch in [&mut near, &mut far] {
        let reading = async {
            loop {
                match watch.next().await.expect("a watch does not end") {
                    StateEvent::Revoked(it) if it == last => return,
                    event => assert_ne!(event, StateEvent::Revoked(early.clone())),
                }
            }
        };
        tokio::time::timeout(HEARD_WITHIN, reading).await.expect("not heard in time");
    }
}
