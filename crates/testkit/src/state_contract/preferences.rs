//! What people have set for themselves.

use super::{Campus, account};
use passerelle_core::ports::state::State;
use std::sync::Arc;

/// They are set, set again and taken away; nobody meets another's.
pub async fn preferences_are_ones_own(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let (one, other, abroad) = (account(&a, "u1"), account(&a, "u10"), account(&b, "u1"));
    for owner in [&one, &other, &abroad] {
        state.set_preference(owner, "office", Some(&owner.to_string())).await.unwrap();
    }
    state.set_preference(&one, "a.b", Some("é 'x' \\ \"\n")).await.unwrap();
    state.set_preference(&one, "office", Some("")).await.unwrap();
    let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
    assert_eq!(
        state.preferences_of(&one).await.unwrap(),
        [pair("a.b", "é 'x' \\ \"\n"), pair("office", "")],
        "by name, and the last value counts"
    );
    state.set_preference(&one, "a.b", None).await.unwrap();
    state.set_preference(&one, "not there", None).await.unwrap();
    assert_eq!(state.preferences_of(&one).await.unwrap(), [pair("office", "")]);
    for owner in [&other, &abroad] {
        assert_eq!(state.preferences_of(owner).await.unwrap(), [pair("office", &owner.to_string())]);
    }

    let new = account(&a, "new");
    state.set_preference(&new, "left", Some("x")).await.unwrap();
    state.renamed_account(&other, &new).await.unwrap();
    assert!(state.preferences_of(&other).await.unwrap().is_empty());
    assert_eq!(
        state.preferences_of(&new).await.unwrap(),
        [pair("office", &other.to_string())],
        "they follow to a new login, and nothing is left of who had it before"
    );
}
