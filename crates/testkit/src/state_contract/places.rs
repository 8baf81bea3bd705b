//! What becomes of grants, links, properties and locks together, when their place changes.

use super::{Campus, NOW, account, file, grant, node, octets, unique};
use passerelle_core::ports::state::{
    Link, Lock, LockDepth, LockScope, Property, PropertyChange, PropertyName, Sharing, State,
};
use passerelle_model::{Grantee, InstitutionId, LinkId, Rights, Target};
use std::sync::Arc;

/// Hangs one of each on a place. What it is called tells where it came from.
async fn hang(state: &Arc<dyn State>, at: &Target) {
    let (owner, other) = (account(&at.institution, "u1"), account(&at.institution, "u2"));
    state.set_grant(at, &grant(Grantee::Account(other), Rights::READ)).await.unwrap();
    let id = LinkId::parse(&unique()).unwrap();
    let link = Link::new(id, at.clone(), owner.clone(), octets());
    state.add_link(&link).await.unwrap();
    let name = PropertyName { namespace: "urn:x".to_owned(), name: "from".to_owned() };
    let property = Property { name, xml: at.path.clone() };
    state.patch_properties(at, &[PropertyChange::Set(property)]).await.unwrap();
    let lock = Lock {
        token: format!("urn:lock:{}", unique()),
        target: at.clone(),
        depth: LockDepth::Zero,
        scope: LockScope::Shared,
        holder: owner,
        owner: String::new(),
        expires: NOW.plus(60),
    };
    state.lock(&lock, NOW).await.unwrap();
}

/// What hangs on a place itself: a letter for each kind, and where its property came from.
async fn hanging(state: &Arc<dyn State>, at: &Target) -> String {
    let grants = state.grants_at(at).await.unwrap();
    let locks = state.locks_on(at, NOW).await.unwrap();
    let properties = state.properties(at).await.unwrap();
    let mut all = String::new();
    for (letter, any) in [
        ('g', grants.iter().any(|it| it.target == *at)),
        ('l', !state.links_to(at).await.unwrap().is_empty()),
        ('L', locks.iter().any(|it| it.target == *at)),
    ] {
        if any {
            all.push(letter);
        }
    }
    if let Some(property) = properties.first() {
        all.push(':');
        all.push_str(&property.xml);
    }
    all
}

async fn hang_all(state: &Arc<dyn State>, institution: &InstitutionId, paths: &[&str]) {
    for path in paths {
        hang(state, &file(institution, path)).await;
    }
}

async fn check(state: &Arc<dyn State>, institution: &InstitutionId, expected: &[(&str, &str)]) {
    for (path, expected) in expected {
        assert_eq!(hanging(state, &file(institution, path)).await, *expected, "{path}");
    }
}

/// Grants, links and properties go along with all below, locks end, what was at the goal is gone, and nothing that only
/// begins alike is touched.
pub async fn what_is_moved_takes_along_what_hangs_on_it(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    hang_all(&state, &a, &["a", "a/x", "ab", "a-", "to", "to/old", "top"]).await;
    hang_all(&state, &b, &["a", "to"]).await;
    state.moved(&file(&a, "a"), &file(&a, "to"), Sharing::Carried).await.unwrap();
    let apart = [("ab", "glL:ab"), ("a-", "glL:a-"), ("top", "glL:top")];
    check(&state, &a, &[("a", ""), ("a/x", ""), ("to", "gl:a"), ("to/x", "gl:a/x"), ("to/old", "")]).await;
    check(&state, &a, &apart).await;
    check(&state, &b, &[("a", "glL:a"), ("to", "glL:to")]).await;
    // To where nothing was, and onto something from where nothing hangs.
    state.moved(&file(&a, "to"), &file(&a, "deep/er"), Sharing::Carried).await.unwrap();
    check(&state, &a, &[("to", ""), ("deep/er", "gl:a"), ("deep/er/x", "gl:a/x")]).await;
    state.moved(&file(&a, "bare"), &file(&a, "deep/er"), Sharing::Carried).await.unwrap();
    check(&state, &a, &[("deep/er", ""), ("deep/er/x", "")]).await;
    check(&state, &a, &apart).await;
}

/// In another owner's tree only the properties arrive.
pub async fn what_moves_to_another_owner_is_shared_no_more(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    hang_all(&state, &a, &["a", "a/x"]).await;
    let goal = node(&a, "u3", "home", "a");
    hang(&state, &goal).await;
    state.moved(&file(&a, "a"), &goal, Sharing::Ended).await.unwrap();
    check(&state, &a, &[("a", ""), ("a/x", "")]).await;
    assert_eq!(hanging(&state, &goal).await, ":a");
    assert_eq!(hanging(&state, &node(&a, "u3", "home", "a/x")).await, ":a/x");
    for owner in ["u1", "u3"] {
        assert!(state.granted_by(&account(&a, owner)).await.unwrap().is_empty(), "{owner}");
    }
}

/// A place is not moved into itself, nor anything copied onto what holds it; then all stays as it is.
pub async fn what_cannot_be_moved_stays_whole(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    hang_all(&state, &a, &["a", "a/b"]).await;
    let (outer, inner) = (file(&a, "a"), file(&a, "a/b"));
    for sharing in [Sharing::Carried, Sharing::Ended] {
        assert!(state.moved(&outer, &inner, sharing).await.is_err());
        assert!(state.moved(&inner, &outer, sharing).await.is_err());
        state.moved(&outer, &outer, sharing).await.unwrap();
    }
    assert!(state.copied(&inner, &outer, true).await.is_err());
    assert!(state.copied(&inner, &outer, false).await.is_err());
    state.copied(&outer, &outer, true).await.unwrap();
    check(&state, &a, &[("a", "glL:a"), ("a/b", "glL:a/b")]).await;
}

/// A copy has the properties, and nobody's rights; what was at the goal is gone.
pub async fn what_is_copied_has_properties_only(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    hang_all(&state, &a, &["a", "a/x", "deep", "deep/old", "flat", "flat/old"]).await;
    state.copied(&file(&a, "a"), &file(&a, "deep"), true).await.unwrap();
    state.copied(&file(&a, "a"), &file(&a, "flat"), false).await.unwrap();
    check(&state, &a, &[("deep", ":a"), ("deep/x", ":a/x"), ("deep/old", "")]).await;
    check(&state, &a, &[("flat", ":a"), ("flat/x", ""), ("flat/old", "")]).await;
    check(&state, &a, &[("a", "glL:a"), ("a/x", "glL:a/x")]).await;
}

/// What is gone takes everything along; what is new at its name finds nothing but the lock that waited for it.
pub async fn what_is_gone_or_new_has_nothing_hanging_on_it(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let paths = ["a", "a/x", "ab", "new", "new/x", "newer"];
    hang_all(&state, &a, &paths).await;
    hang_all(&state, &b, &paths).await;
    state.gone(&file(&a, "a")).await.unwrap();
    state.made(&file(&a, "new")).await.unwrap();
    state.gone(&file(&a, "nothing")).await.unwrap();
    state.made(&file(&a, "nothing")).await.unwrap();
    check(&state, &a, &[("a", ""), ("a/x", ""), ("ab", "glL:ab")]).await;
    check(&state, &a, &[("new", "L"), ("new/x", "L"), ("newer", "glL:newer")]).await;
    for path in paths {
        check(&state, &b, &[(path, &format!("glL:{path}"))]).await;
    }
}

/// Changes that cross each other all happen, one after another: none is given up because each waits for the other.
pub async fn changes_that_cross_all_happen(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    hang_all(&state, &a, &["1", "1/x", "2", "2/x", "3", "3/x"]).await;
    let mut changes = Vec::new();
    for round in 0..3 {
        for (from, to) in [("1", "2"), ("2", "1"), ("3", "1"), ("1", "3")] {
            let (state, from, to) = (Arc::clone(&state), file(&a, from), file(&a, to));
            let elsewhere = node(&a, "u0", "home", "there");
            changes.push(tokio::spawn(async move {
                match round {
                    0 => state.moved(&from, &to, Sharing::Carried).await.unwrap(),
                    1 => state.moved(&from, &elsewhere, Sharing::Ended).await.unwrap(),
                    _ => state.moved(&elsewhere, &to, Sharing::Ended).await.unwrap(),
                }
                hang(&state, &to).await;
            }));
        }
    }
    for change in changes {
        change.await.expect("it happened");
    }
}
