//! Dead properties.

use super::{Campus, file, node};
use passerelle_core::{
    Error,
    ports::state::{Property, PropertyChange, PropertyName, Sharing, State},
};
use passerelle_model::Target;
use std::sync::Arc;

fn property(name: &str, xml: &str) -> Property {
    let name = PropertyName { namespace: "urn:example:é".to_owned(), name: name.to_owned() };
    Property { name, xml: xml.to_owned() }
}

async fn set(state: &Arc<dyn State>, target: &Target, xml: &str) {
    state.patch_properties(target, &[PropertyChange::Set(property("p", xml))]).await.unwrap();
}

/// The content of the property `p`, if it is there.
async fn content(state: &Arc<dyn State>, target: &Target) -> Option<String> {
    let properties = state.properties(target).await.unwrap();
    properties.into_iter().find(|it| it.name.name == "p").map(|it| it.xml)
}

/// The steps of a PROPPATCH in their order, and none of them when one cannot be (RFC 4918 §9.2).
pub async fn properties_are_all_or_nothing(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let target = file(&a, "x");
    let (one, two) = (property("one", "<a>1 &amp; 'é'</a>"), property("two", ""));
    let no_namespace = Property { name: PropertyName { namespace: String::new(), ..one.name.clone() }, ..two.clone() };
    let changes = [&one, &two, &no_namespace].map(|it| PropertyChange::Set(it.clone()));
    state.patch_properties(&target, &changes).await.unwrap();
    let mut kept = state.properties(&target).await.unwrap();
    kept.sort_by(|a, b| a.name.cmp(&b.name));
    assert_eq!(kept, [no_namespace.clone(), one.clone(), two.clone()]);
    assert!(state.properties(&file(&b, "x")).await.unwrap().is_empty());

    let replaced = property("one", "new");
    let changes = [
        PropertyChange::Set(property("one", "first")),
        PropertyChange::Remove(two.name.clone()),
        PropertyChange::Remove(property("never", "").name),
        PropertyChange::Remove(no_namespace.name.clone()),
        PropertyChange::Set(replaced.clone()),
    ];
    state.patch_properties(&target, &changes).await.unwrap();
    assert_eq!(state.properties(&target).await.unwrap(), std::slice::from_ref(&replaced));

    let too_large = property("big", &"x".repeat(64 * 1024 + 1));
    let changes =
        [PropertyChange::Set(two), PropertyChange::Remove(replaced.name.clone()), PropertyChange::Set(too_large)];
    assert!(matches!(state.patch_properties(&target, &changes).await, Err(Error::OverQuota)));
    assert_eq!(state.properties(&target).await.unwrap(), [replaced]);
}

/// 64 KiB each, 64 of them on one target.
pub async fn properties_are_bounded(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    let target = file(&a, "x");
    let large = property("0", &"é".repeat(32 * 1024));
    state.patch_properties(&target, &[PropertyChange::Set(large.clone())]).await.unwrap();
    assert_eq!(state.properties(&target).await.unwrap(), [large]);
    let many: Vec<_> = (0..64).map(|n| PropertyChange::Set(property(&n.to_string(), ""))).collect();
    state.patch_properties(&target, &many).await.unwrap();
    let more = [PropertyChange::Set(property("64", "")), PropertyChange::Set(property("0", "changed"))];
    assert!(matches!(state.patch_properties(&target, &more).await, Err(Error::OverQuota)));
    let kept = state.properties(&target).await.unwrap();
    assert_eq!(kept.len(), 64);
    assert!(kept.iter().all(|it| it.xml.is_empty()), "nothing of a refused patch is kept");
    let swapped = [PropertyChange::Set(property("64", "")), PropertyChange::Remove(property("0", "").name)];
    state.patch_properties(&target, &swapped).await.unwrap();
    assert_eq!(state.properties(&target).await.unwrap().len(), 64);
}

/// A rename takes them along, with all below and nothing that only begins alike; what was at the goal is gone.
pub async fn properties_are_moved(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    for path in ["a", "a/x", "a/x/é", "ab", "new", "new/old"] {
        set(&state, &file(&a, path), path).await;
    }
    state.moved(&file(&a, "a"), &file(&a, "new"), Sharing::Carried).await.unwrap();
    for (path, expected) in [
        ("new", Some("a")),
        ("new/x", Some("a/x")),
        ("new/x/é", Some("a/x/é")),
        ("new/old", None),
        ("a", None),
        ("a/x", None),
        ("ab", Some("ab")),
    ] {
        assert_eq!(content(&state, &file(&a, path)).await.as_deref(), expected, "{path}");
    }
    state.moved(&file(&a, "new"), &node(&a, "u1", "courses", ""), Sharing::Carried).await.unwrap();
    assert_eq!(content(&state, &node(&a, "u1", "courses", "x")).await.as_deref(), Some("a/x"));
    assert!(state.moved(&file(&a, "ab"), &file(&a, "ab/c"), Sharing::Carried).await.is_err());
    state.gone(&file(&a, "ab")).await.unwrap();
    assert_eq!(content(&state, &file(&a, "ab")).await, None);
}

/// A copy of depth zero takes the folder's own, a deep one all below; what was at the goal is gone.
pub async fn properties_are_copied(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    for path in ["a", "a/x", "ab", "flat", "flat/x", "deep", "deep/old"] {
        set(&state, &file(&a, path), path).await;
    }
    state.copied(&file(&a, "a"), &file(&a, "flat"), false).await.unwrap();
    state.copied(&file(&a, "a"), &file(&a, "deep"), true).await.unwrap();
    for (path, expected) in [
        ("a", Some("a")),
        ("a/x", Some("a/x")),
        ("flat", Some("a")),
        ("flat/x", None),
        ("deep", Some("a")),
        ("deep/x", Some("a/x")),
        ("deep/old", None),
        ("deepb", None),
    ] {
        assert_eq!(content(&state, &file(&a, path)).await.as_deref(), expected, "{path}");
    }
    // A folder into itself: a copy of what was there before.
    state.copied(&file(&a, "a"), &file(&a, "a/copy"), true).await.unwrap();
    assert_eq!(content(&state, &file(&a, "a/copy/x")).await.as_deref(), Some("a/x"));
    assert_eq!(content(&state, &file(&a, "a/copy/copy")).await, None);
    state.copied(&file(&a, "a"), &file(&a, "a"), true).await.unwrap();
    assert_eq!(content(&state, &file(&a, "a/x")).await.as_deref(), Some("a/x"));
    assert!(state.copied(&file(&a, "a/x"), &file(&a, "a"), true).await.is_err());
    // Nothing to copy: what was at the goal is gone all the same.
    state.copied(&file(&a, "none"), &file(&a, "flat"), false).await.unwrap();
    assert_eq!(content(&state, &file(&a, "flat")).await, None);
    state.gone(&file(&a, "")).await.unwrap();
    assert_eq!(content(&state, &file(&a, "ab")).await, None);
}

/// Those of a folder's children, not its own and not deeper ones.
pub async fn properties_in_a_folder(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    for path in ["", "a", "a/x", "a/é %_\\", "a/x/deep", "ab/x", "b"] {
        set(&state, &file(&a, path), path).await;
    }
    let inside = |path: &'static str| {
        let (state, folder) = (Arc::clone(&state), file(&a, path));
        async move {
            let found = state.properties_in(&folder).await.unwrap();
            assert!(found.iter().all(|(path, property)| *path == property.xml));
            found.into_iter().map(|(path, _)| path).collect::<Vec<_>>()
        }
    };
    assert_eq!(inside("a").await, ["a/x", "a/é %_\\"]);
    assert_eq!(inside("").await, ["a", "b"]);
    assert_eq!(inside("a/x").await, ["a/x/deep"]);
    assert!(inside("b").await.is_empty());
    state.moved(&file(&a, "a"), &file(&a, "b/c"), Sharing::Carried).await.unwrap();
    let moved: Vec<_> =
        state.properties_in(&file(&a, "b/c")).await.unwrap().into_iter().map(|(path, _)| path).collect();
    assert_eq!(moved, ["b/c/x", "b/c/é %_\\"]);
}
