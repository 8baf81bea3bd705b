//! What a sign-on leaves behind.

use super::{NOW, octets};
use passerelle_core::{
    Error,
    ports::state::{SealedTokens, State},
};
use std::sync::Arc;

/// The first who claims it has it, until it has run out.
pub async fn what_works_once_is_claimed_once(state: Arc<dyn State>) {
    let (one, other) = (octets(), octets());
    assert!(state.claim(&one, NOW.plus(30), NOW).await.unwrap());
    assert!(!state.claim(&one, NOW.plus(60), NOW.plus(29)).await.unwrap());
    assert!(state.claim(&other, NOW.plus(30), NOW).await.unwrap());
    assert!(state.claim(&one, NOW.plus(90), NOW.plus(30)).await.unwrap());
    assert!(!state.claim(&one, NOW.plus(90), NOW.plus(31)).await.unwrap());
}

/// Of many that come at once with one claim, one has it.
pub async fn of_many_that_claim_one_wins(state: Arc<dyn State>) {
    let id = octets();
    let racers: Vec<_> = (0..8)
        .map(|_| {
            let state = Arc::clone(&state);
            tokio::spawn(async move { state.claim(&id, NOW.plus(30), NOW).await.unwrap() })
        })
        .collect();
    let mut won = 0;
    for racer in racers {
        won += usize::from(racer.await.unwrap());
    }
    assert_eq!(won, 1);
}

/// What was handed over is taken once, by its name, and not after its time.
pub async fn what_is_handed_over_is_taken_once(state: Arc<dyn State>) {
    let (one, late) = (octets(), octets());
    state.hand_over(&one, "sealed", NOW.plus(30)).await.unwrap();
    state.hand_over(&late, "late", NOW.plus(30)).await.unwrap();
    assert_eq!(state.take_over(&octets(), NOW).await.unwrap(), None);
    assert_eq!(state.take_over(&one, NOW).await.unwrap().as_deref(), Some("sealed"));
    assert_eq!(state.take_over(&one, NOW).await.unwrap(), None);
    assert_eq!(state.take_over(&late, NOW.plus(30)).await.unwrap(), None);
    let long = "x".repeat(4097);
    assert!(matches!(state.hand_over(&one, &long, NOW.plus(30)).await, Err(Error::Invalid { .. })));
}

/// Tokens are kept by session, replaced by whoever was quicker, and forgotten.
pub async fn tokens_are_replaced_by_the_quicker_one(state: Arc<dyn State>) {
    let (one, other) = (octets(), octets());
    let tokens = |sealed: &str, version| SealedTokens { sealed: sealed.to_owned(), version };
    state.keep_tokens(&one, "first", NOW.plus(30)).await.unwrap();
    assert!(matches!(state.keep_tokens(&one, "again", NOW.plus(30)).await, Err(Error::Conflict)));
    assert_eq!(state.tokens(&one, NOW).await.unwrap(), Some(tokens("first", 1)));
    assert_eq!(state.tokens(&other, NOW).await.unwrap(), None);
    assert_eq!(state.tokens(&one, NOW.plus(30)).await.unwrap(), None);
    assert!(state.replace_tokens(&one, &tokens("second", 2)).await.unwrap());
    assert!(!state.replace_tokens(&one, &tokens("too late", 2)).await.unwrap());
    assert!(!state.replace_tokens(&other, &tokens("nobody's", 2)).await.unwrap());
    assert_eq!(state.tokens(&one, NOW).await.unwrap(), Some(tokens("second", 2)));
    let long = "x".repeat(24 * 1024 + 1);
    assert!(matches!(state.keep_tokens(&other, &long, NOW.plus(30)).await, Err(Error::Invalid { .. })));
    assert!(matches!(state.replace_tokens(&one, &tokens(&long, 3)).await, Err(Error::Invalid { .. })));
    state.drop_tokens(&one).await.unwrap();
    state.drop_tokens(&one).await.unwrap();
    assert_eq!(state.tokens(&one, NOW).await.unwrap(), None);
}
