//! The decision, as a table. The same login and the same group name stand in two institutions throughout.
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use super::*;
use crate::actor::LinkHolder;
use crate::{
    Delegation, Principal, Program, Strength,
    ports::state::{ApiClient, ApiProof},
};
use passerelle_model::{Account, Attributes, GroupId, LinkId, MountId, NodePath, NodeRef, Person};
use std::sync::Arc;

const NOW: Timestamp = Timestamp(1_000);

fn institution(name: &str) -> InstitutionId {
    InstitutionId::parse(name).unwrap()
}
fn account(at: &str, id: &str) -> Account {
    Account { institution: institution(at), id: AccountId::parse(id).unwrap() }
}
fn group(at: &str) -> GroupRef {
    GroupRef { institution: institution(at), id: GroupId::parse("staff").unwrap() }
}
fn person(at: &str, id: &str) -> Actor {
    let account = account(at, id);
    let person = Person {
        account: account.id.clone(),
        dn: String::new(),
        display_name: String::new(),
        mails: vec![],
        groups: vec![],
        posix: None,
        attributes: Attributes::default(),
        standing: passerelle_model::Standing::Open,
    };
    Actor::Person(Box::new(Principal {
        account,
        person: Arc::new(person),
        groups: vec![],
        strength: Strength::Password,
        delegation: Delegation::None,
        since: NOW,
        credential: None,
        signed_on: None,
        ceiling: Rights::ALL,
        scope: crate::ports::state::Scope::All,
        until: None,
    }))
}
fn program(institutions: &[&str]) -> Actor {
    let client = ApiClient {
        id: "abcdefgh".to_owned(),
        proof: ApiProof::Token([0; 32]),
        name: String::new(),
        institutions: institutions.iter().map(|id| institution(id)).collect(),
        methods: vec!["*".to_owned()],
        made: NOW,
        until: None,
        last_used: None,
    };
    Actor::ApiClient(Box::new(Program { client }))
}
/// Asks to manage an institution itself.
#[track_caller]
fn check_institution(actor: &Actor, at: &str, grants: &[Grant], expected: Result<Rights, &str>) {
    let (home, shares_with) = (institution(at), [institution("autan")]);
    let owner = Owner { institution: &home, account: None, shares_with: &shares_with };
    let got = decide(Asker { actor, groups: &[] }, owner, grants, Rights::MANAGE, NOW);
    assert_eq!(got.map_err(|it| it.to_string()), expected.map_err(str::to_owned));
}
fn grant(to: Grantee, rights: Rights) -> Grant {
    Grant { to, rights, until: None }
}

/// Asks for something of ada at garonne, which shares with autan; the asker is in the group `staff` of their own institution.
#[track_caller]
fn check(actor: &Actor, grants: &[Grant], needed: Rights, expected: Result<Rights, &str>) {
    let shares_with = [institution("autan")];
    let home = institution("garonne");
    let ada = AccountId::parse("ada").unwrap();
    let owner = Owner { institution: &home, account: Some(&ada), shares_with: &shares_with };
    let groups: Vec<_> = actor.account().map(|it| group(it.institution.as_str())).into_iter().collect();
    let got = decide(Asker { actor, groups: &groups }, owner, grants, needed, NOW);
    assert_eq!(got.map_err(|it| it.to_string()), expected.map_err(str::to_owned));
}

const HIDDEN: Result<Rights, &str> = Err("not found");
const REFUSED: Result<Rights, &str> = Err("not permitted");

#[test]
fn the_owner_needs_no_grant() {
    check(&person("garonne", "ada"), &[], Rights::MANAGE, Ok(Rights::ALL));
}

#[test]
fn the_same_login_elsewhere_is_somebody_else() {
    check(&person("autan", "ada"), &[], Rights::LOOKUP, HIDDEN);
    let to_ours = [grant(Grantee::Account(account("garonne", "bob")), Rights::READ)];
    check(&person("garonne", "bob"), &to_ours, Rights::READ, Ok(Rights::READ));
    check(&person("autan", "bob"), &to_ours, Rights::READ, HIDDEN);
    let to_theirs = [grant(Grantee::Account(account("autan", "bob")), Rights::READ)];
    check(&person("autan", "bob"), &to_theirs, Rights::READ, Ok(Rights::READ));
    check(&person("garonne", "bob"), &to_theirs, Rights::READ, HIDDEN);
}

#[test]
fn the_same_group_name_elsewhere_is_another_group() {
    let ours = [grant(Grantee::Group(group("garonne")), Rights::READ)];
    check(&person("garonne", "bob"), &ours, Rights::READ, Ok(Rights::READ));
    check(&person("autan", "bob"), &ours, Rights::READ, HIDDEN);
    let theirs = [grant(Grantee::Group(group("autan")), Rights::READ)];
    check(&person("autan", "bob"), &theirs, Rights::READ, Ok(Rights::READ));
}

#[test]
fn an_institution_that_did_not_agree_learns_nothing_even_with_a_grant() {
    let all = [
        grant(Grantee::Account(account("centre", "eve")), Rights::MANAGE),
        grant(Grantee::Group(group("centre")), Rights::MANAGE),
        grant(Grantee::Institution(institution("centre")), Rights::MANAGE),
    ];
    check(&person("centre", "eve"), &all, Rights::LOOKUP, HIDDEN);
}

#[test]
fn a_grant_to_an_institution_stays_at_home() {
    let home = [grant(Grantee::Institution(institution("garonne")), Rights::READ)];
    check(&person("garonne", "bob"), &home, Rights::READ, Ok(Rights::READ));
    let abroad = [grant(Grantee::Institution(institution("autan")), Rights::READ)];
    check(&person("autan", "bob"), &abroad, Rights::READ, HIDDEN);
}

#[test]
fn who_may_see_is_refused_and_who_may_not_is_told_nothing() {
    let bob = person("garonne", "bob");
    check(&bob, &[grant(Grantee::Account(account("garonne", "bob")), Rights::READ)], Rights::EDIT, REFUSED);
    check(&bob, &[grant(Grantee::Account(account("garonne", "bob")), Rights::LOOKUP)], Rights::READ, REFUSED);
    check(&bob, &[grant(Grantee::Account(account("garonne", "bob")), Rights::SEND_AS)], Rights::READ, HIDDEN);
    check(&bob, &[], Rights::READ, HIDDEN);
}

#[test]
fn who_came_to_read_holds_no_more_than_that() {
    let reading = |institution, login| match person(institution, login) {
        Actor::Person(principal) => Actor::Person(Box::new(Principal { ceiling: Rights::READ, ..*principal })),
        other => other,
    };
    for needed in [Rights::ADD, Rights::EDIT, Rights::REMOVE, Rights::MANAGE, Rights::SEND_AS] {
        check(&reading("garonne", "ada"), &[], needed, REFUSED);
        let all = [grant(Grantee::Account(account("garonne", "bob")), Rights::ALL)];
        check(&reading("garonne", "bob"), &all, needed, REFUSED);
    }
    check(&reading("garonne", "ada"), &[], Rights::READ, Ok(Rights::READ));
    let drop_box = [grant(Grantee::Account(account("garonne", "bob")), Rights::ADD)];
    check(&reading("garonne", "bob"), &drop_box, Rights::READ, REFUSED);
    check(&reading("garonne", "bob"), &[], Rights::READ, HIDDEN);
}

#[test]
fn nothing_needed_is_still_nothing_held() {
    check(&person("garonne", "bob"), &[], Rights::NONE, HIDDEN);
}

#[test]
fn a_grant_ends_at_its_second() {
    let until = |at| {
        [Grant { to: Grantee::Account(account("garonne", "bob")), rights: Rights::READ, until: Some(Timestamp(at)) }]
    };
    check(&person("garonne", "bob"), &until(1_001), Rights::READ, Ok(Rights::READ));
    check(&person("garonne", "bob"), &until(1_000), Rights::READ, HIDDEN);
    check(&person("garonne", "bob"), &until(999), Rights::READ, HIDDEN);
}

#[test]
fn grants_add_up() {
    let bob = Grantee::Account(account("garonne", "bob"));
    let grants = [grant(bob, Rights::ADD), grant(Grantee::Group(group("garonne")), Rights::READ)];
    check(&person("garonne", "bob"), &grants, Rights::READ.union(Rights::ADD), Ok(Rights::READ.union(Rights::ADD)));
    check(&person("garonne", "bob"), &grants, Rights::EDIT, REFUSED);
}

fn holder(id: LinkId) -> Actor {
    let root =
        NodeRef { owner: account("garonne", "ann"), mount: MountId::parse("home").unwrap(), path: NodePath::root() };
    Actor::Link(Box::new(LinkHolder {
        id,
        root: crate::LinkRoot::Node(root),
        maker: None,
        label: String::new(),
        since: NOW,
        until: None,
        counted: false,
        proof: String::new(),
    }))
}

#[test]
fn a_link_opens_its_own_grants_only() {
    let link = |id| LinkId::parse(id).unwrap();
    let grants = [
        grant(Grantee::Link(link("a")), Rights::READ),
        grant(Grantee::Institution(institution("garonne")), Rights::MANAGE),
    ];
    check(&holder(link("a")), &grants, Rights::READ, Ok(Rights::READ));
    check(&holder(link("b")), &grants, Rights::LOOKUP, HIDDEN);
    check(&person("garonne", "bob"), &[grant(Grantee::Link(link("a")), Rights::READ)], Rights::LOOKUP, HIDDEN);
}

#[test]
fn an_institution_has_no_owner() {
    let home = institution("garonne");
    let bob = person("garonne", "bob");
    let owner = Owner { institution: &home, account: None, shares_with: &[] };
    assert!(decide(Asker { actor: &bob, groups: &[] }, owner, &[], Rights::LOOKUP, NOW).is_err());
}

#[test]
fn a_program_manages_the_institutions_it_lists_and_nothing_in_them() {
    let everything = [
        grant(Grantee::Institution(institution("garonne")), Rights::ALL),
        grant(Grantee::Account(account("garonne", "bob")), Rights::ALL),
        grant(Grantee::Group(group("garonne")), Rights::ALL),
    ];
    let one = program(&["garonne"]);
    check_institution(&one, "garonne", &[], Ok(Rights::MANAGE));
    check_institution(&one, "autan", &everything, HIDDEN);
    // That institutions share is between their people.
    check_institution(&program(&["autan"]), "garonne", &everything, HIDDEN);
    check_institution(&program(&["garonne", "autan"]), "autan", &[], Ok(Rights::MANAGE));
    check_institution(&program(&[]), "garonne", &everything, HIDDEN);
    for needed in [Rights::NONE, Rights::LOOKUP, Rights::READ, Rights::MANAGE] {
        check(&one, &everything, needed, HIDDEN);
    }
}

#[test]
fn the_gateway_itself_opens_nothing() {
    let everything = [grant(Grantee::Institution(institution("garonne")), Rights::ALL)];
    check(&Actor::System("job"), &everything, Rights::LOOKUP, HIDDEN);
    check_institution(&Actor::System("job"), "garonne", &everything, HIDDEN);
}

#[test]
fn a_gateway_group_reaches_people_of_several_institutions_and_no_further_than_its_owners_agreed() {
    let of_gateway = |at: &str| GroupRef { institution: institution(at), id: GroupId::parse("gateway:x").unwrap() };
    let grants = [grant(Grantee::Group(of_gateway("garonne")), Rights::READ)];
    let shares_with = [institution("autan")];
    let (home, ada) = (institution("garonne"), AccountId::parse("ada").unwrap());
    let owner = Owner { institution: &home, account: Some(&ada), shares_with: &shares_with };
    let decided = |actor: &Actor, groups: &[GroupRef]| {
        decide(Asker { actor, groups }, owner, &grants, Rights::READ, NOW).map_err(|it| it.to_string())
    };
    let (bob, eve, zoe) = (person("garonne", "bob"), person("autan", "eve"), person("centre", "zoe"));
    assert_eq!(decided(&bob, &[of_gateway("garonne")]), Ok(Rights::READ));
    assert_eq!(decided(&eve, &[of_gateway("garonne")]), Ok(Rights::READ));
    let hidden = Err("not found".to_owned());
    assert_eq!(decided(&zoe, &[of_gateway("garonne")]), hidden, "garonne does not share with centre");
    assert_eq!(decided(&eve, &[]), hidden, "no member");
    assert_eq!(decided(&eve, &[of_gateway("autan")]), hidden, "the same name elsewhere");
}
