//! Copies, moves, and what has changed since a state.

use super::{
    append::{arriving, message},
    owner, read,
    tree::managed,
};
use passerelle_core::{
    Authorized, Edit, Manage, OpenedMailbox, Read, Remove, Session,
    ports::{Changed, Changes, Copied, Flag, FlagChange, LastingNames, MailStore, Section},
};
use passerelle_model::MailboxRef;
use std::sync::Arc;

async fn fresh(session: &Session, name: &str, messages: usize) -> Authorized<MailboxRef, Manage> {
    let managing = managed(session, name).await;
    let _ = managing.delete().await;
    managing.create(None).await.unwrap();
    for number in 0..messages {
        add(&managing, number).await;
    }
    managing
}

async fn add(to: &Authorized<MailboxRef, Manage>, number: usize) {
    let text = message(&number.to_string(), 100 + number);
    to.append(arriving(text.len(), vec![Ok(text)], &["\\Seen", "$Note"])).await.unwrap();
}

async fn opened(session: &Session, at: &MailboxRef) -> OpenedMailbox {
    session.open::<_, Read>(at.clone()).await.unwrap().keep_open(None).await.unwrap()
}

async fn uids(open: &mut OpenedMailbox) -> Vec<u32> {
    open.list(LastingNames::Untold).await.unwrap().iter().map(|it| it.uid).collect()
}

/// Copies are whole, with flags, and where the store says; what is moved is in one mailbox, and nothing that somebody has
/// marked goes with it.
pub async fn copies_and_moves(store: Arc<dyn MailStore>, login: &str, name: &str) {
    let (session, mailbox) = owner(store, login, name).await;
    let here = fresh(&session, name, 4).await;
    let there = fresh(&session, &format!("{name} goal"), 0).await;
    let mut open = opened(&session, &mailbox).await;
    let all = uids(&mut open).await;
    let nowhere = managed(&session, &format!("{name} nowhere")).await;
    assert_eq!(open.copy(&nowhere, &all).await.map(drop).map_err(|it| it.word()), Err("not found"));
    let copied = open.copy(&there, &[all[0], all[1], all[3] + 1000]).await.unwrap();
    let mut goal = opened(&session, there.target()).await;
    let found = uids(&mut goal).await;
    check(&copied, &goal, &[(all[0], found[0]), (all[1], found[1])]);
    for (old, new) in all.iter().zip(&found) {
        let (a, b) = (read(&mut open, *old, Section::Message).await, read(&mut goal, *new, Section::Message).await);
        assert!(a.unwrap() == b.unwrap());
    }
    assert!(goal.list(LastingNames::Untold).await.unwrap().iter().all(|it| it.flags.seen));

    let editing = session.open::<_, Edit>(mailbox.clone()).await.unwrap();
    let removing = session.open::<_, Remove>(mailbox.clone()).await.unwrap();
    let marked = FlagChange::Set(vec![Flag::parse("\\Deleted").unwrap()]);
    open.flag(&editing, &[all[3]], &marked).await.unwrap();
    let moved = open.relocate(&removing, &there, &all[1..3]).await.unwrap();
    let mut open = opened(&session, &mailbox).await;
    assert_eq!(uids(&mut open).await, [all[0], all[3]], "what somebody else has marked stays");
    let mut goal = opened(&session, there.target()).await;
    let found = uids(&mut goal).await;
    assert_eq!(found.len(), 4);
    check(&moved, &goal, &[(all[1], found[2]), (all[2], found[3])]);
    // A handle on another mailbox is no right to this one.
    let elsewhere = session.open::<_, Remove>(there.target().clone()).await.unwrap();
    assert_eq!(open.relocate(&elsewhere, &there, &all[..1]).await.map(drop).map_err(|it| it.word()), Err("forbidden"));
    assert_eq!(open.relocate(&removing, &nowhere, &all[..1]).await.map(drop).map_err(|it| it.word()), Err("not found"));
    assert_eq!(uids(&mut open).await, [all[0], all[3]], "nothing was lost");
    here.delete().await.unwrap();
    there.delete().await.unwrap();
}

#[track_caller]
fn check(copied: &Copied, goal: &OpenedMailbox, expected: &[(u32, u32)]) {
    if let Some((validity, pairs)) = &copied.places {
        assert_eq!((*validity, pairs.as_slice()), (goal.facts().uid_validity, expected));
    }
}

/// What a store can tell of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// All of it (QRESYNC).
    Everything,
    /// New messages and flags; of removals only that there were some (CONDSTORE).
    NoRemovals,
    /// New messages while nothing else has changed.
    Additions,
}

fn told(changed: (Changed, Option<String>)) -> Option<(Changes, String)> {
    match changed {
        (Changed::Told(changes), Some(state)) => Some((changes, state)),
        (Changed::CannotTell, None) => None,
        other => panic!("{other:?}"),
    }
}

/// Changes are told as they are, or not at all; no removal is made up, none is passed over.
pub async fn tells_changes(store: Arc<dyn MailStore>, login: &str, name: &str, tells: Tells) {
    let (session, mailbox) = owner(store, login, name).await;
    let here = fresh(&session, name, 4).await;
    let editing = session.open::<_, Edit>(mailbox.clone()).await.unwrap();
    let removing = session.open::<_, Remove>(mailbox.clone()).await.unwrap();
    let mut open = opened(&session, &mailbox).await;
    let all = uids(&mut open).await;
    let first = open.state().await.unwrap();
    let (nothing, same) = told(open.changes(&first).await.unwrap()).unwrap();
    assert!(nothing.added.is_empty() && nothing.changed.is_empty() && nothing.removed.is_empty(), "{nothing:?}");

    // New messages, seen by a connection that was open before and by one that is opened now.
    add(&here, 5).await;
    let mut later = opened(&session, &mailbox).await;
    let fifth = *uids(&mut later).await.last().unwrap();
    for open in [&mut open, &mut later] {
        let (changes, _) = told(open.changes(&same).await.unwrap()).unwrap();
        assert_eq!((changes.added.as_slice(), changes.changed.len(), changes.removed.len()), (&[fifth][..], 0, 0));
    }
    let second = later.state().await.unwrap();
    assert_ne!(first, second);

    let flagged = FlagChange::Set(vec![Flag::parse("\\Flagged").unwrap()]);
    open.flag(&editing, &[all[1]], &flagged).await.unwrap();
    let changed = told(later.changes(&second).await.unwrap());
    match tells {
        Tells::Additions => assert!(changed.is_none(), "{changed:?}"),
        Tells::Everything | Tells::NoRemovals => {
            let (changes, _) = changed.unwrap();
            assert_eq!((changes.added.len(), changes.changed.as_slice(), changes.removed.len()), (0, &[all[1]][..], 0));
        }
    }
    let third = later.state().await.unwrap();
    open.remove(&removing, &[all[0], all[2]]).await.unwrap();
    let changed = told(later.changes(&third).await.unwrap());
    match tells {
        Tells::Additions | Tells::NoRemovals => assert!(changed.is_none(), "{changed:?}"),
        Tells::Everything => {
            let (changes, fourth) = changed.unwrap();
            let gone = |uid: u32| changes.removed.iter().any(|range| range.contains(&uid));
            assert!(gone(all[0]) && gone(all[2]) && !gone(all[1]) && !gone(all[3]) && !gone(fifth), "{changes:?}");
            assert!(changes.added.is_empty() && changes.changed.is_empty());
            // From the first state on: what came, what changed, what went.
            let (whole, _) = told(later.changes(&first).await.unwrap()).unwrap();
            assert_eq!((whole.added.as_slice(), whole.changed.as_slice()), (&[fifth][..], &[all[1]][..]));
            let (nothing, _) = told(later.changes(&fourth).await.unwrap()).unwrap();
            assert!(nothing.removed.is_empty() && nothing.added.is_empty());
        }
    }
    // One goes and one comes: the number alone says nothing.
    let state = later.state().await.unwrap();
    open.remove(&removing, &[all[1]]).await.unwrap();
    add(&here, 6).await;
    assert_eq!(told(later.changes(&state).await.unwrap()).is_some(), tells == Tells::Everything);

    // What was altered, or is another mailbox's, is no state.
    let other = fresh(&session, &format!("{name} other"), 1).await;
    let mut elsewhere = opened(&session, other.target()).await;
    let theirs = elsewhere.state().await.unwrap();
    for bad in [theirs.as_str(), "", "1.2.3.m4", &first.replacen('.', "1.", 1), &format!("{first}0")] {
        assert_eq!(open.changes(bad).await.map(drop).map_err(|it| it.word()), Err("invalid"), "{bad}");
    }
    // Another mailbox of the same name shares nothing with the one that was.
    other.delete().await.unwrap();
    here.delete().await.unwrap();
    here.create(None).await.unwrap();
    let mut anew = opened(&session, &mailbox).await;
    assert!(told(anew.changes(&first).await.unwrap()).is_none());
    here.delete().await.unwrap();
}
