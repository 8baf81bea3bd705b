//! Settings changed at run time.

use super::{Campus, NOW};
use passerelle_core::{
    Error,
    ports::state::{OverlayValue, State},
};
use std::sync::Arc;

fn value(name: &str, value: Option<&str>, version: u64) -> OverlayValue {
    let by = "garonne/Zoë".to_owned();
    OverlayValue { name: name.to_owned(), value: value.map(str::to_owned), version, by, at: NOW }
}

/// The newest of each setting, and each setting's past; a value that is taken back is a version too.
pub async fn settings_have_a_history(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let colours = [
        value("branding.colour", Some("\"#123456\""), 1),
        value("branding.colour", None, 2),
        value("branding.colour", Some("\"#abcdef\""), 3),
    ];
    let title = value("branding.title", Some("\"É\""), 1);
    for change in colours.iter().chain([&title]) {
        state.set_overlay(&a, change).await.unwrap();
    }
    state.set_overlay(&b, &value("branding.title", None, 1)).await.unwrap();
    assert_eq!(state.overlay(&a).await.unwrap(), [colours[2].clone(), title.clone()]);
    let mut history = state.overlay_history(&a, "branding.colour").await.unwrap();
    history.reverse();
    assert_eq!(history, colours);
    assert_eq!(state.overlay(&b).await.unwrap(), [value("branding.title", None, 1)]);
    assert!(state.overlay_history(&b, "branding.colour").await.unwrap().is_empty());
}

/// The version must be the next one; of two that come at once with the same one, one is refused.
pub async fn the_quicker_one_changes_a_setting(state: Arc<dyn State>) {
    let Campus { a, .. } = Campus::new();
    for (version, fine) in [(0, false), (2, false), (1, true), (1, false), (3, false), (2, true)] {
        let set = state.set_overlay(&a, &value("quota", Some("1"), version)).await;
        match set {
            Ok(()) => assert!(fine, "version {version}"),
            Err(Error::Conflict) => assert!(!fine, "version {version}"),
            Err(error) => panic!("{error:?}"),
        }
    }
    let racers: Vec<_> = (0..4)
        .map(|n| {
            let (state, a) = (Arc::clone(&state), a.clone());
            tokio::spawn(async move { state.set_overlay(&a, &value("quota", Some(&n.to_string()), 3)).await })
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
    assert_eq!(state.overlay_history(&a, "quota").await.unwrap().len(), 3);
}
