//! Settings changed at run time.

use super::{Campus, NOW};
use passerelle_core::{
    Error,
    ports::state::{MOST_CHANGES_KEPT, OverlayChange, State},
};
use std::sync::Arc;

fn change(version: u64, values: &[(&str, Option<&str>)]) -> OverlayChange {
    let values = values.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect();
    OverlayChange { version, by: "garonne/Zoë".to_owned(), at: NOW, values }
}

/// Name, value and version of each setting that is in force after a change.
async fn in_force(
    state: &dyn State,
    of: &passerelle_model::InstitutionId,
    up_to: Option<u64>,
) -> Vec<(String, Option<String>, u64)> {
    let values = state.overlay(of, up_to).await.unwrap();
    values.into_iter().map(|it| (it.name, it.value, it.version)).collect()
}

fn row(name: &str, value: Option<&str>, version: u64) -> (String, Option<String>, u64) {
    (name.to_owned(), value.map(str::to_owned), version)
}

/// The newest of each setting, as of now and as of then; a value that is taken back is one too.
pub async fn settings_have_a_history(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let changes = [
        change(1, &[("branding.colour", Some("\"#123456\"")), ("name", Some("{en = \"É\"}"))]),
        change(2, &[("branding.colour", None)]),
        change(3, &[("branding.colour", Some("\"#abcdef\""))]),
    ];
    for change in &changes {
        state.change_overlay(&a, change).await.unwrap();
    }
    state.change_overlay(&b, &change(1, &[("name", None)])).await.unwrap();
    let name = row("name", Some("{en = \"É\"}"), 1);
    let state = state.as_ref();
    assert_eq!(
        in_force(state, &a, None).await,
        [row("branding.colour", Some("\"#abcdef\""), 3), name.clone()],
        "of each the newest, by name"
    );
    assert_eq!(in_force(state, &a, Some(2)).await, [row("branding.colour", None, 2), name.clone()]);
    assert_eq!(in_force(state, &a, Some(1)).await, [row("branding.colour", Some("\"#123456\""), 1), name]);
    assert_eq!(in_force(state, &a, Some(0)).await, []);
    assert_eq!(in_force(state, &b, None).await, [row("name", None, 1)]);
    let told = state.overlay_changes(&a, 0, u64::MAX).await.unwrap();
    assert_eq!(told, changes.iter().rev().cloned().collect::<Vec<_>>());
    assert_eq!(state.overlay_changes(&a, 2, 2).await.unwrap(), changes[1..2]);
    assert!(state.overlay_changes(&b, 2, 9).await.unwrap().is_empty());
}

/// The version must be the next one of the institution; of several that come at once with the same one, one is made and
/// the others leave nothing behind, also where they set something else.
pub async fn the_quicker_one_changes_settings(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    for (version, fine) in [(0, false), (2, false), (1, true), (1, false), (3, false), (2, true)] {
        match state.change_overlay(&a, &change(version, &[("quota", Some("1"))])).await {
            Ok(()) => assert!(fine, "version {version}"),
            Err(Error::Conflict) => assert!(!fine, "version {version}"),
            Err(error) => panic!("{error:?}"),
        }
    }
    let racers: Vec<_> = (0..4)
        .map(|n| {
            let (state, a) = (Arc::clone(&state), a.clone());
            let name = format!("setting-{n}");
            tokio::spawn(async move { state.change_overlay(&a, &change(3, &[("quota", None), (&name, None)])).await })
        })
        .collect();
    let mut won = 0;
    for racer in racers {
        match racer.await.unwrap() {
            Ok(()) => won += 1,
            Err(Error::Conflict) => {}
            Err(error) => panic!("{error:?}"),
        }
    }
    assert_eq!(won, 1);
    assert_eq!(state.overlay_changes(&a, 3, 3).await.unwrap()[0].values.len(), 2);
    assert_eq!(state.overlay(&a, None).await.unwrap().len(), 2);
}

/// The history is bounded; what still holds stays, however old.
pub async fn old_changes_are_forgotten(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    state.change_overlay(&a, &change(1, &[("name", Some("1")), ("quota", Some("1"))])).await.unwrap();
    for version in 2..=MOST_CHANGES_KEPT + 3 {
        state.change_overlay(&a, &change(version, &[("quota", Some("2"))])).await.unwrap();
    }
    let oldest = state.overlay_changes(&a, 1, 4).await.unwrap();
    let kept: Vec<_> = oldest.iter().map(|change| (change.version, change.values.len())).collect();
    assert_eq!(kept, [(4, 1), (3, 1), (1, 1)], "2 was replaced by 3, which is too old to be undone");
    let name = state.overlay(&a, None).await.unwrap().remove(0);
    assert_eq!((name.name.as_str(), name.version), ("name", 1));
}
