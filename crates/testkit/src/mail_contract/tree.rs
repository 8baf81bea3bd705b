//! Mailboxes as a tree: what is made is there, with its name, and nothing else.

use super::owner;
use passerelle_core::{
    Authorized, Error, Manage, Read, Session,
    ports::{ListedMailbox, MailStore, MailboxListing, Subscription},
};
use passerelle_model::{AccountRef, MailboxRef};
use std::sync::Arc;

/// All mailboxes of whoever has this session.
pub async fn mailboxes(session: &Session) -> MailboxListing {
    let account = AccountRef(session.principal().unwrap().account().clone());
    session.open::<_, Read>(account).await.unwrap().mailboxes().await.unwrap()
}

/// A handle on a mailbox that may not be there yet.
pub async fn managed(session: &Session, name: &str) -> Authorized<MailboxRef, Manage> {
    let owner = session.principal().unwrap().account().clone();
    session.open(MailboxRef { owner, name: name.to_owned() }).await.unwrap()
}

fn find<'a>(listing: &'a MailboxListing, name: &str) -> Option<&'a ListedMailbox> {
    listing.mailboxes.iter().find(|it| it.name == name)
}

/// Mailboxes are made, listed, renamed with what is below them, subscribed to and deleted; `top` is a name that this test
/// may do with as it likes.
pub async fn makes_and_moves_mailboxes(store: Arc<dyn MailStore>, login: &str, top: &str) {
    let (session, _) = owner(store, login, "INBOX").await;
    let word = |error: Error| error.word();
    let (here, there) = (format!("{top} é&/台北"), format!("{top} renamed"));
    // What an earlier run left, from below.
    for name in [&format!("{here}/b"), &here, &format!("{there}/b"), &there, &format!("{top} é&")] {
        let _ = managed(&session, name).await.delete().await;
    }
    let made = managed(&session, &here).await;
    made.create(None).await.unwrap();
    assert_eq!(made.create(None).await.map_err(word), Err("conflict"), "it is there");
    let below = managed(&session, &format!("{here}/b")).await;
    below.create(None).await.unwrap();

    let listing = mailboxes(&session).await;
    let inbox = find(&listing, "INBOX").unwrap();
    assert!(inbox.opens && inbox.counts.as_ref().is_some_and(|it| it.uid_validity > 0), "{inbox:?}");
    let found = find(&listing, &here).unwrap();
    let counts = found.counts.clone().unwrap();
    assert_eq!((counts.messages, counts.unseen, found.has_children), (0, 0, true), "{found:?}");
    assert!(find(&listing, &format!("{here}/b")).is_some_and(|it| it.opens && !it.has_children));

    for to in [Subscription::Subscribed, Subscription::Unsubscribed] {
        made.subscribe(to).await.unwrap();
        assert_eq!(find(&mailboxes(&session).await, &here).map(|it| it.subscription), Some(to));
    }
    let nowhere = managed(&session, &format!("{top} nowhere")).await;
    assert_eq!(nowhere.subscribe(Subscription::Subscribed).await.map_err(word), Err("not found"));

    let goal = managed(&session, &there).await;
    assert!(made.rename(&below).await.is_err(), "that name is taken");
    made.rename(&goal).await.unwrap();
    let listing = mailboxes(&session).await;
    assert!(find(&listing, &here).is_none() && find(&listing, &there).is_some());
    assert!(find(&listing, &format!("{there}/b")).is_some(), "what is below goes along");
    assert_eq!(made.rename(&goal).await.map_err(word), Err("not found"));

    managed(&session, &format!("{there}/b")).await.delete().await.unwrap();
    goal.delete().await.unwrap();
    assert_eq!(goal.delete().await.map_err(word), Err("not found"));
    assert!(find(&mailboxes(&session).await, &there).is_none());
    let _ = managed(&session, &format!("{top} é&")).await.delete().await;
    assert_eq!(managed(&session, "INBOX").await.delete().await.map_err(word), Err("invalid"));
    assert_eq!(managed(&session, "a\r\nb").await.create(None).await.map_err(word), Err("invalid"));
}
