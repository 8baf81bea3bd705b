//! Groups of the gateway's own.

use super::{Campus, account, file, grant};
use passerelle_core::{
    Error,
    ports::{
        MemberChange,
        state::{GatewayGroup, MOST_JOINED, State},
    },
};
use passerelle_model::{Account, Grantee, GroupId, GroupRef, InstitutionId, Rights};
use std::sync::Arc;

pub(super) fn named(institution: &InstitutionId, id: &str) -> GroupRef {
    GroupRef { institution: institution.clone(), id: GroupId::parse(&format!("gateway:{id}")).unwrap() }
}

pub(super) fn made(institution: &InstitutionId, id: &str) -> GatewayGroup {
    GatewayGroup { group: named(institution, id), description: format!("for {id} é %") }
}

/// Groups come, are told by institution, get members of several institutions, and are asked by member.
pub async fn gateway_groups_join_people_of_several_institutions(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let (one, two) = (account(&a, "u1"), account(&b, "u1"));
    for (id, members) in [("x", vec![one.clone(), two.clone()]), ("%", vec![]), ("é", vec![one.clone()])] {
        state.add_gateway_group(&made(&a, id), &members).await.unwrap();
    }
    state.add_gateway_group(&made(&b, "x"), std::slice::from_ref(&two)).await.unwrap();
    let again = state.add_gateway_group(&made(&a, "x"), std::slice::from_ref(&account(&a, "other"))).await;
    assert!(matches!(again, Err(Error::Conflict)), "{again:?}");

    let names: Vec<String> =
        state.gateway_groups(&a).await.unwrap().into_iter().map(|it| it.group.id.to_string()).collect();
    assert_eq!(names, ["gateway:%", "gateway:x", "gateway:é"]);
    assert_eq!(state.gateway_group(&named(&a, "x")).await.unwrap(), Some(made(&a, "x")));
    assert_eq!(state.gateway_group(&named(&a, "y")).await.unwrap(), None);
    let described = GatewayGroup { description: String::new(), ..made(&a, "x") };
    assert!(state.describe_gateway_group(&described).await.unwrap());
    assert_eq!(state.gateway_group(&named(&a, "x")).await.unwrap(), Some(described));
    assert!(!state.describe_gateway_group(&made(&a, "y")).await.unwrap());

    let all = [named(&a, "%"), named(&a, "x"), named(&a, "é"), named(&a, "none"), named(&b, "x")];
    assert_eq!(state.joined(&one, &all).await.unwrap(), [named(&a, "x"), named(&a, "é")]);
    assert_eq!(state.joined(&two, &all).await.unwrap(), [named(&a, "x"), named(&b, "x")]);
    assert_eq!(state.joined(&two, &[]).await.unwrap(), []);
    assert_eq!(state.joined(&account(&a, "other"), &all).await.unwrap(), [], "a group that was not made has nobody");
    assert_eq!(state.all_joined(&two).await.unwrap(), [named(&a, "x"), named(&b, "x")]);
}

/// Members are added and taken out, all or none, and listed page by page.
pub async fn members_of_gateway_groups_come_and_go(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let group = named(&a, "x");
    let people: Vec<Account> = (0..7).map(|n| account(if n % 2 == 0 { &a } else { &b }, &format!("u{n}"))).collect();
    assert!(!state.change_gateway_members(&group, MemberChange::Add, &people).await.unwrap(), "there is no such group");
    assert!(state.all_joined(&people[0]).await.unwrap().is_empty());
    state.add_gateway_group(&made(&a, "x"), &[]).await.unwrap();
    for _ in 0..2 {
        assert!(state.change_gateway_members(&group, MemberChange::Add, &people).await.unwrap());
    }
    let (mut read, mut after) = (Vec::new(), None);
    loop {
        let page = state.gateway_members(&group, after.as_ref(), 3).await.unwrap();
        let Some(last) = page.last() else { break };
        after = Some(last.clone());
        read.extend(page);
    }
    let mut sorted = people.clone();
    sorted.sort();
    assert_eq!(read, sorted);
    for _ in 0..2 {
        assert!(state.change_gateway_members(&group, MemberChange::Remove, &people[..2]).await.unwrap());
    }
    assert!(state.joined(&people[0], std::slice::from_ref(&group)).await.unwrap().is_empty());
    assert_eq!(state.gateway_members(&group, None, 100).await.unwrap().len(), 5);
    state.left_all(&people[2]).await.unwrap();
    assert_eq!(state.gateway_members(&group, None, 100).await.unwrap().len(), 4);

    // Nobody is in more than can be told of; then nobody of the call joins.
    let busy = account(&a, "busy");
    for n in 0..MOST_JOINED {
        state.add_gateway_group(&made(&a, &format!("n{n}")), std::slice::from_ref(&busy)).await.unwrap();
    }
    let fresh = account(&a, "fresh");
    let full = state.change_gateway_members(&group, MemberChange::Add, &[fresh.clone(), busy.clone()]).await;
    assert!(matches!(full, Err(Error::OverQuota)), "{full:?}");
    assert!(state.all_joined(&fresh).await.unwrap().is_empty());
    assert_eq!(state.all_joined(&busy).await.unwrap().len(), MOST_JOINED);
}

/// Members follow an account's new login, members and grants a group's new name; what is gone leaves nothing behind.
pub async fn gateway_groups_follow_renames(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let (old, new, other) = (account(&b, "u1"), account(&b, "u2"), account(&b, "u10"));
    state.add_gateway_group(&made(&a, "x"), &[old.clone(), other.clone()]).await.unwrap();
    state.add_gateway_group(&made(&a, "y"), std::slice::from_ref(&new)).await.unwrap();
    let to = |id: &str| Grantee::Group(named(&a, id));
    state.set_grant(&file(&a, "p"), &grant(to("x"), Rights::READ)).await.unwrap();

    state.renamed_account(&old, &new).await.unwrap();
    assert_eq!(state.all_joined(&new).await.unwrap(), [named(&a, "x")], "and not what was somebody's who is gone");
    assert!(state.all_joined(&old).await.unwrap().is_empty());
    assert_eq!(state.all_joined(&other).await.unwrap(), [named(&a, "x")]);

    state.renamed_group(&named(&a, "x"), &named(&a, "z")).await.unwrap();
    assert_eq!(state.gateway_group(&named(&a, "x")).await.unwrap(), None);
    let kept = GatewayGroup { group: named(&a, "z"), ..made(&a, "x") };
    assert_eq!(state.gateway_group(&named(&a, "z")).await.unwrap(), Some(kept));
    assert_eq!(state.all_joined(&new).await.unwrap(), [named(&a, "z")]);
    assert_eq!(state.granted_to(&[to("z")]).await.unwrap().len(), 1);
    let taken = state.renamed_group(&named(&a, "z"), &named(&a, "y")).await;
    assert!(matches!(taken, Err(Error::Conflict)), "{taken:?}");
    assert_eq!(state.granted_to(&[to("z")]).await.unwrap().len(), 1, "nothing of it was done");

    state.dropped_group(&named(&a, "z")).await.unwrap();
    assert!(state.all_joined(&new).await.unwrap().is_empty());
    assert!(state.granted_to(&[to("z")]).await.unwrap().is_empty());
    // The next one of its name begins empty.
    state.add_gateway_group(&made(&a, "z"), &[]).await.unwrap();
    assert!(state.gateway_members(&named(&a, "z"), None, 10).await.unwrap().is_empty());
}
