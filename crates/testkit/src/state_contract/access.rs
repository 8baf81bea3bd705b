//! Links and app passwords.

use super::{Campus, NOW, account, file, grant, octets, unique};
use passerelle_core::{
    Error,
    ports::state::{AppPassword, Link, Scope, Sharing, State},
};
use passerelle_model::{Account, Grantee, LinkId, Rights, Target};
use std::sync::Arc;

fn link(target: Target, made_by: Account) -> Link {
    Link { until: Some(NOW), ..Link::new(LinkId::parse(&unique()).unwrap(), target, made_by, octets()) }
}

fn app_password(account: Account, made: i64) -> AppPassword {
    AppPassword {
        id: unique(),
        account,
        hash: octets(),
        name: "téléphone 'x'".to_owned(),
        scope: Scope::Mail,
        made: NOW.plus(made),
        until: None,
        last_used: None,
    }
}

/// A link is found by its token and by its exact target; an id and a token are taken once.
pub async fn links_by_token_and_target(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let owner = account(&a, "u1");
    let one = link(file(&a, "x"), owner.clone());
    let other = Link { until: None, ..link(file(&a, "x/y"), owner.clone()) };
    for link in [&one, &other] {
        state.add_link(link).await.unwrap();
    }
    assert_eq!(state.link_by_token(&one.token_hash).await.unwrap().as_ref(), Some(&one));
    assert_eq!(state.link_by_token(&other.token_hash).await.unwrap().as_ref(), Some(&other));
    assert_eq!(state.link_by_token(&octets()).await.unwrap(), None);
    assert_eq!(state.links_to(&file(&a, "x")).await.unwrap(), std::slice::from_ref(&one));
    assert!(state.links_to(&file(&b, "x")).await.unwrap().is_empty());
    assert!(state.links_to(&file(&a, "")).await.unwrap().is_empty());
    let same_id = Link { id: one.id.clone(), ..link(file(&a, "z"), owner.clone()) };
    assert!(matches!(state.add_link(&same_id).await, Err(Error::Conflict)));
    let same_token = Link { token_hash: one.token_hash, ..link(file(&a, "z"), owner) };
    assert!(matches!(state.add_link(&same_token).await, Err(Error::Conflict)));
    assert_eq!(state.link_by_token(&one.token_hash).await.unwrap().as_ref(), Some(&one));
    // Another's from now on, and the same otherwise.
    let heir = account(&a, "u2");
    assert!(state.take_link(&one.id, &heir).await.unwrap());
    assert!(!state.take_link(&LinkId::parse(&unique()).unwrap(), &heir).await.unwrap());
    let taken = Link { made_by: heir, ..one };
    assert_eq!(state.link_by_token(&taken.token_hash).await.unwrap(), Some(taken));
}

/// What is known of a link is kept; an owner's links are found; the last download is told to one only.
pub async fn links_of_an_owner_and_their_downloads(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let owner = account(&a, "u1");
    let free = link(file(&a, "x"), owner.clone());
    let limited = Link {
        label: "pour le jury 'x'".to_owned(),
        password: Some([7; 48]),
        most_downloads: Some(2),
        ..link(file(&a, "y"), owner.clone())
    };
    for link in [&limited, &free] {
        state.add_link(link).await.unwrap();
    }
    assert_eq!(state.links_of(&owner).await.unwrap(), [free.clone(), limited.clone()]);
    assert!(state.links_of(&account(&a, "u")).await.unwrap().is_empty());
    let count = || state.count_download(&limited.id);
    let mut counted = futures::future::try_join_all([count(), count(), count()]).await.unwrap();
    counted.sort_unstable();
    assert_eq!(counted, [false, true, true]);
    assert!(state.count_download(&free.id).await.unwrap());
    let counted = state.links_to(&file(&a, "y")).await.unwrap();
    assert_eq!(counted, [Link { downloads: 2, ..limited }]);
    assert!(!state.count_download(&LinkId::parse(&unique()).unwrap()).await.unwrap());
}

/// A withdrawn link and what it could do go together.
pub async fn a_removed_link_takes_its_grants(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let (target, other) = (file(&a, "x"), Grantee::Account(account(&a, "u2")));
    let link = link(target.clone(), account(&a, "u1"));
    state.add_link(&link).await.unwrap();
    for to in [Grantee::Link(link.id.clone()), other.clone()] {
        state.set_grant(&target, &grant(to, Rights::READ)).await.unwrap();
    }
    assert!(state.remove_link(&link.id).await.unwrap());
    assert!(!state.remove_link(&link.id).await.unwrap());
    assert_eq!(state.link_by_token(&link.token_hash).await.unwrap(), None);
    let left = state.grants_at(&target).await.unwrap();
    assert_eq!(left.iter().map(|it| &it.grant.to).collect::<Vec<_>>(), [&other]);
}

/// A link goes where its target goes, as its grant does, and ends with it.
pub async fn a_link_follows_its_target(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let link = link(file(&a, "old/x"), account(&a, "u1"));
    state.add_link(&link).await.unwrap();
    state.moved(&file(&a, "old"), &file(&a, "new"), Sharing::Carried).await.unwrap();
    let found = state.link_by_token(&link.token_hash).await.unwrap().unwrap();
    assert_eq!(found.target, file(&a, "new/x"));
    assert_eq!(state.links_to(&file(&a, "new/x")).await.unwrap(), [found]);
    state.gone(&file(&a, "new")).await.unwrap();
    assert_eq!(state.link_by_token(&link.token_hash).await.unwrap(), None);
}

/// Found by id, listed by account with the newest first, removed by its owner only.
pub async fn app_passwords_by_account(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let (mine, namesake) = (account(&a, "u1"), account(&b, "u1"));
    let old = app_password(mine.clone(), 0);
    let new = AppPassword { until: Some(NOW), scope: Scope::Files, ..app_password(mine.clone(), 9) };
    let other = app_password(namesake.clone(), 5);
    for row in [&old, &new, &other] {
        state.add_app_password(row).await.unwrap();
    }
    assert_eq!(state.app_passwords_of(&mine).await.unwrap(), [new.clone(), old.clone()]);
    assert_eq!(state.app_password(&new.id).await.unwrap().as_ref(), Some(&new));
    assert_eq!(state.app_password(&unique()).await.unwrap(), None);
    let taken = AppPassword { id: old.id.clone(), ..app_password(namesake.clone(), 0) };
    assert!(matches!(state.add_app_password(&taken).await, Err(Error::Conflict)));
    assert!(!state.remove_app_password(&namesake, &old.id).await.unwrap());
    assert!(state.remove_app_password(&mine, &old.id).await.unwrap());
    assert!(!state.remove_app_password(&mine, &old.id).await.unwrap());
    assert_eq!(state.app_passwords_of(&mine).await.unwrap(), [new]);
    assert_eq!(state.app_passwords_of(&namesake).await.unwrap(), [other]);
}

/// The first use is noted, the next one when an hour has passed.
pub async fn an_app_password_is_noted_hourly(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let row = app_password(account(&a, "u1"), 0);
    state.add_app_password(&row).await.unwrap();
    for (now, noted) in [(10, 10), (11, 10), (3609, 10), (3610, 3610), (3600, 3610), (9000, 9000)] {
        state.app_password_used(&row.id, NOW.plus(now)).await.unwrap();
        let kept = state.app_password(&row.id).await.unwrap().unwrap();
        assert_eq!(kept.last_used, Some(NOW.plus(noted)), "used at {now}");
    }
    state.app_password_used(&unique(), NOW).await.unwrap();
}
