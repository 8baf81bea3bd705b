//! Accounts and groups under another name.

use super::{Campus, NOW, account, external_accounts, file, grant, group, node, octets, unique};
use passerelle_core::ports::state::{
    AppPassword, Card, CardText, Link, Lock, LockDepth, LockScope, Property, PropertyChange, PropertyName, Scope, State,
};
use passerelle_model::{Account, Grantee, GroupId, GroupRef, InstitutionId, LinkId, Rights, Target};
use std::sync::Arc;

fn app_password(of: &Account) -> AppPassword {
    let (id, hash, name) = (unique(), octets(), "phone".to_owned());
    AppPassword { id, account: of.clone(), hash, name, scope: Scope::All, made: NOW, until: None, last_used: None }
}

fn lock(target: &Target, holder: &Account) -> Lock {
    Lock {
        token: unique(),
        target: target.clone(),
        depth: LockDepth::Zero,
        scope: LockScope::Shared,
        holder: holder.clone(),
        owner: String::new(),
        expires: NOW.plus(9),
    }
}

fn link(target: &Target, made_by: &Account) -> Link {
    let id = LinkId::parse(&unique()).unwrap();
    Link::new(id, target.clone(), made_by.clone(), octets())
}

/// Gives an account one of everything, and says what.
async fn furnish(state: &dyn State, a: &InstitutionId, id: &str) -> (AppPassword, Lock, Link) {
    let (own, target) = (account(a, id), node(a, id, "home", "x/y"));
    state.set_grant(&target, &grant(Grantee::Account(account(a, "friend")), Rights::READ)).await.unwrap();
    state.set_grant(&node(a, "friend", "home", id), &grant(Grantee::Account(own.clone()), Rights::EDIT)).await.unwrap();
    let made = (app_password(&own), lock(&target, &own), link(&target, &own));
    state.add_app_password(&made.0).await.unwrap();
    state.lock(&made.1, NOW).await.unwrap();
    state.add_link(&made.2).await.unwrap();
    let name = PropertyName { namespace: "n".to_owned(), name: id.to_owned() };
    let property = Property { name, xml: "<x/>".to_owned() };
    state.patch_properties(&target, &[PropertyChange::Set(property)]).await.unwrap();
    state.add_external(&external_accounts::made(&own, id)).await.unwrap();
    let card = CardText { comment: id.to_owned(), ..CardText::default() };
    assert!(state.set_card(&own, &Card::default(), &card, None).await.unwrap());
    made
}

/// Everything follows an account to its new login, nothing of a neighbour's does, and nothing is left of who had the new
/// login before.
pub async fn what_hangs_on_an_account_follows_it(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    // `u1` begins `u10` and `u1-`, which are others, and there is one of the same login elsewhere.
    let mut kept = Vec::new();
    for id in ["u10", "u1-"] {
        kept.push((id, furnish(&*state, &a, id).await));
    }
    furnish(&*state, &b, "u1").await;
    let (password, locked, linked) = furnish(&*state, &a, "u1").await;
    furnish(&*state, &a, "new").await;

    let (from, to) = (account(&a, "u1"), account(&a, "new"));
    state.renamed_account(&from, &to).await.unwrap();

    let (old, new) = (node(&a, "u1", "home", "x/y"), node(&a, "new", "home", "x/y"));
    assert!(state.grants_at(&old).await.unwrap().is_empty());
    assert_eq!(state.grants_at(&new).await.unwrap().len(), 1);
    let to_new = state.granted_to(&[Grantee::Account(to.clone())]).await.unwrap();
    assert_eq!(to_new.iter().map(|it| it.target.path.as_str()).collect::<Vec<_>>(), ["u1"]);
    assert!(state.granted_to(&[Grantee::Account(from.clone())]).await.unwrap().is_empty());
    assert!(state.app_passwords_of(&from).await.unwrap().is_empty());
    let password = AppPassword { account: to.clone(), ..password };
    assert_eq!(state.app_passwords_of(&to).await.unwrap(), [password]);
    assert_eq!(state.locks_on(&new, NOW).await.unwrap(), [Lock { target: new.clone(), holder: to.clone(), ..locked }]);
    assert!(state.locks_on(&old, NOW).await.unwrap().is_empty());
    assert_eq!(state.links_to(&new).await.unwrap(), [Link { target: new.clone(), made_by: to.clone(), ..linked }]);
    let names: Vec<String> =
        state.properties(&new).await.unwrap().into_iter().map(|property| property.name.name).collect();
    assert_eq!(names, ["u1"]);
    assert!(state.properties(&old).await.unwrap().is_empty());
    let elsewhere = state.externals_of(&to).await.unwrap();
    assert_eq!(elsewhere.iter().map(|row| row.label.as_str()).collect::<Vec<_>>(), ["u1"]);
    assert!(state.externals_of(&from).await.unwrap().is_empty());
    assert_eq!(state.card(&to).await.unwrap().text.comment, "u1");
    assert_eq!(state.card(&from).await.unwrap().text.comment, "");

    for (id, (password, locked, linked)) in kept {
        let target = node(&a, id, "home", "x/y");
        assert_eq!(state.grants_at(&target).await.unwrap().len(), 1, "{id}");
        assert_eq!(state.app_passwords_of(&account(&a, id)).await.unwrap(), [password]);
        assert_eq!(state.locks_on(&target, NOW).await.unwrap(), [locked]);
        assert_eq!(state.links_to(&target).await.unwrap(), [linked]);
        assert_eq!(state.properties(&target).await.unwrap().len(), 1, "{id}");
    }
    assert_eq!(state.app_passwords_of(&account(&b, "u1")).await.unwrap().len(), 1);
    assert!(state.renamed_account(&to, &account(&b, "x")).await.is_err());
    state.renamed_account(&to, &to).await.unwrap();
    assert_eq!(state.app_passwords_of(&to).await.unwrap().len(), 1);
}

/// Grants to a group follow its name; those to a group that is gone are gone.
pub async fn grants_to_a_group_follow_it(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let named = |institution: &InstitutionId, id: &str| GroupRef {
        institution: institution.clone(),
        id: GroupId::parse(id).unwrap(),
    };
    for (path, to) in [("1", "staff"), ("1", "old"), ("2", "old"), ("3", "staff2")] {
        state.set_grant(&file(&a, path), &grant(group(&a, to), Rights::READ)).await.unwrap();
    }
    state.set_grant(&file(&b, "1"), &grant(group(&b, "staff"), Rights::READ)).await.unwrap();
    // What was granted to a group called `old` was for another group.
    state.renamed_group(&named(&a, "staff"), &named(&a, "old")).await.unwrap();
    let to = async |of: &InstitutionId, id: &str| {
        let granted = state.granted_to(&[group(of, id)]).await.unwrap();
        granted.into_iter().map(|it| it.target.path).collect::<Vec<_>>()
    };
    assert_eq!(to(&a, "old").await, ["1"]);
    assert!(to(&a, "staff").await.is_empty());
    assert_eq!(to(&a, "staff2").await, ["3"]);
    assert_eq!(to(&b, "staff").await, ["1"]);
    state.dropped_group(&named(&a, "old")).await.unwrap();
    assert!(to(&a, "old").await.is_empty());
    assert!(state.renamed_group(&named(&b, "staff"), &named(&a, "x")).await.is_err());
}
