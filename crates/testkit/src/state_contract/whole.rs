//! The state as a whole: its epoch, its health, its dump.

use super::{
    Campus, NOW, account, administration, external_accounts, file, gateway_groups, grant, group, octets, unique,
};
use passerelle_core::ports::{
    Verdict,
    state::{
        AppPassword, AuditQuery, Card, Claim, Link, Lock, LockDepth, LockScope, OverlayChange, Property,
        PropertyChange, PropertyName, Revocation, Scope, State, Tally,
    },
};
use passerelle_model::{Grant, Grantee, LinkId, ResourceKind, Rights, Target};
use std::sync::Arc;

/// Every leg of the examination works, and nothing is named twice.
pub async fn it_is_in_good_health(state: Arc<dyn State>) {
    let legs = state.examine().await;
    assert!(!legs.is_empty() && !state.name().is_empty());
    for leg in legs {
        assert!(matches!(leg.verdict, Verdict::Works(_)), "{leg:?}");
    }
}

/// The epoch belongs to the database: two handles, and one opened again, agree on it.
pub async fn the_epoch_is_the_databases(here: Arc<dyn State>, there: Arc<dyn State>) {
    assert_eq!(here.epoch(), there.epoch());
    assert_ne!(here.epoch(), [0; 16]);
}

/// A dump is deterministic, brings everything back, and what was sealed under the old epoch is worth nothing.
/// Replaces everything: nothing else may use the database meanwhile.
pub async fn a_dump_comes_back_under_a_new_epoch(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let (owner, target) = (account(&a, "Zoë 'x'"), file(&a, "x/\"é\\%"));
    let link = LinkId::parse(&unique()).unwrap();
    for to in [
        Grantee::Account(account(&a, "u2")),
        group(&a, "a: b"),
        Grantee::Institution(a.clone()),
        Grantee::Link(link.clone()),
    ] {
        state.set_grant(&target, &Grant { to, rights: Rights::EDIT, until: Some(NOW) }).await.unwrap();
    }
    let institution = Target {
        owner: None,
        kind: ResourceKind::Institution,
        tree: String::new(),
        path: String::new(),
        ..file(&a, "")
    };
    state.set_grant(&institution, &grant(Grantee::Account(owner.clone()), Rights::MANAGE)).await.unwrap();
    let row = Link {
        label: "é".to_owned(),
        password: Some([1; 48]),
        most_downloads: Some(3),
        downloads: 1,
        ..Link::new(link, target.clone(), owner.clone(), octets())
    };
    state.add_link(&row).await.unwrap();
    let password = AppPassword {
        id: unique(),
        account: owner.clone(),
        hash: octets(),
        name: "é".to_owned(),
        scope: Scope::Files,
        made: NOW,
        until: Some(NOW.plus(1)),
        last_used: None,
    };
    state.add_app_password(&password).await.unwrap();
    let withdrawn = [
        Revocation::Session { id: octets(), expires: NOW.plus(9) },
        Revocation::Account { account: owner.clone(), before: NOW, expires: NOW.plus(9) },
    ];
    for revocation in &withdrawn {
        state.revoke(revocation).await.unwrap();
    }
    let lock = Lock {
        token: unique(),
        target: target.clone(),
        depth: LockDepth::Infinity,
        scope: LockScope::Shared,
        holder: owner.clone(),
        owner: "<é/>".to_owned(),
        expires: NOW.plus(9),
    };
    state.lock(&lock, NOW).await.unwrap();
    let name = PropertyName { namespace: String::new(), name: "p".to_owned() };
    let property = Property { name, xml: "<x a=\"1\">\n\u{1F600}</x>".to_owned() };
    state.patch_properties(&target, &[PropertyChange::Set(property.clone())]).await.unwrap();
    let change = |version, values: &[(&str, Option<&str>)]| {
        let values = values.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect();
        OverlayChange { version, by: "é".to_owned(), at: NOW, values }
    };
    let changes = [change(2, &[("n", None)]), change(1, &[("m", Some("\"x\"")), ("n", Some("1"))])];
    for change in changes.iter().rev() {
        state.change_overlay(&a, change).await.unwrap();
    }

    let line = administration::line(&a, 0, "u1");
    state.audit(std::slice::from_ref(&line)).await.unwrap();
    let (key, call) = (octets(), octets());
    state.claim_call(&key, &call, NOW).await.unwrap();
    state.settle_call(&key, "é").await.unwrap();
    let client = administration::client(&[&a]);
    state.add_client(&client).await.unwrap();
    assert!(state.set_card(&owner, &Card::default(), &administration::card_text(), Some(NOW)).await.unwrap());
    state.signed_in(&owner, NOW).await.unwrap();
    let joined = gateway_groups::named(&a, "'x' é");
    state.add_gateway_group(&gateway_groups::made(&a, "'x' é"), std::slice::from_ref(&owner)).await.unwrap();

    let elsewhere = external_accounts::made(&owner, "é 'x'");
    state.add_external(&elsewhere).await.unwrap();
    state.set_preference(&owner, "office", Some("é 'x'")).await.unwrap();
    let tally = Tally { institution: a.clone(), hour: NOW, what: "é 'x'".to_owned(), count: 7 };
    state.tally(std::slice::from_ref(&tally)).await.unwrap();

    let dump = state.dump().await.unwrap();
    assert_eq!(state.dump().await.unwrap(), dump);
    let grants = state.grants_at(&target).await.unwrap();
    let old = state.epoch();
    let later = account(&a, "later");
    state.set_grant(&target, &grant(Grantee::Account(later), Rights::READ)).await.unwrap();

    state.restore(&dump).await.unwrap();
    assert_ne!(state.epoch(), old);
    assert_eq!(state.dump().await.unwrap(), dump);
    assert_eq!(state.grants_at(&target).await.unwrap(), grants);
    assert_eq!(state.all_joined(&owner).await.unwrap(), [joined]);
    assert_eq!(state.grants_at(&institution).await.unwrap().len(), 1);
    assert_eq!(state.links_to(&target).await.unwrap(), [row]);
    assert_eq!(state.app_passwords_of(&owner).await.unwrap(), [password]);
    let office = ("office".to_owned(), "é 'x'".to_owned());
    assert_eq!(state.preferences_of(&owner).await.unwrap(), [office]);
    assert_eq!(state.tallies(&a, NOW).await.unwrap(), [tally]);
    assert_eq!(state.externals_of(&owner).await.unwrap(), [elsewhere]);
    let revoked = state.revoked(NOW).await.unwrap();
    assert!(withdrawn.iter().all(|it| revoked.contains(it)));
    assert_eq!(state.locks_on(&target, NOW).await.unwrap(), [lock]);
    assert_eq!(state.properties(&target).await.unwrap(), [property]);
    assert_eq!(state.overlay_changes(&a, 1, 9).await.unwrap(), changes);
    let query = AuditQuery { institution: &a, target: None, before: None, limit: 9 };
    assert_eq!(state.audited(query).await.unwrap(), [line]);
    let known = Claim::Known { call, answer: Some("é".to_owned()) };
    assert_eq!(state.claim_call(&key, &octets(), NOW).await.unwrap(), known);
    assert_eq!(state.client(&client.id).await.unwrap(), Some(client));
    let card = Card { text: administration::card_text(), ends: Some(NOW), sign_ins: 1, last_sign_in: Some(NOW) };
    assert_eq!(state.card(&owner).await.unwrap(), card);

    // What is no dump changes nothing.
    let mut broken = dump.clone();
    broken.push("{\"table\":\"grants\"}".to_owned());
    let epoch = state.epoch();
    assert!(state.restore(&broken).await.is_err());
    assert_eq!((state.epoch(), state.dump().await.unwrap()), (epoch, dump));
}
