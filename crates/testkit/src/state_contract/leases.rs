//! Leases.

use super::{NOW, octets, unique};
use passerelle_core::ports::state::{LeaseToken, State};
use std::sync::Arc;

fn lease(key: &str) -> LeaseToken {
    LeaseToken { key: key.to_owned(), holder: octets() }
}

/// Taken while it lasts, free at its end, given back by its holder only.
pub async fn a_lease_has_one_holder(state: Arc<dyn State>) {
    // Longer than any index takes.
    let key = format!("{}/{}", unique(), "é/".repeat(2000));
    let (one, other) = (lease(&key), lease(&key));
    let until = NOW.plus(30);
    assert!(state.take_lease(&one, until, NOW).await.unwrap());
    assert!(!state.take_lease(&other, until, NOW.plus(29)).await.unwrap());
    assert!(state.take_lease(&lease(&unique()), until, NOW).await.unwrap());
    state.give_lease(&other).await.unwrap();
    assert!(!state.take_lease(&other, until, NOW).await.unwrap());
    // At its end it is free; the first holder has nothing to give back any more.
    assert!(state.take_lease(&other, NOW.plus(60), until).await.unwrap());
    // Who holds it may hold it for longer.
    assert!(state.take_lease(&other, NOW.plus(90), until).await.unwrap());
    assert!(!state.take_lease(&one, NOW.plus(90), NOW.plus(61)).await.unwrap());
    state.give_lease(&one).await.unwrap();
    assert!(!state.take_lease(&one, NOW.plus(60), until).await.unwrap());
    state.give_lease(&other).await.unwrap();
    assert!(state.take_lease(&one, NOW.plus(60), until).await.unwrap());
}

/// Of those that come at once, for a free lease and for one that has run out, one gets it.
pub async fn of_two_that_race_for_a_lease_one_wins(state: Arc<dyn State>) {
    let key = unique();
    for round in 0..8 {
        let now = NOW.plus(round * 30);
        let racers: Vec<_> = (0..2)
            .map(|_| {
                let (state, lease) = (Arc::clone(&state), lease(&key));
                tokio::spawn(async move { state.take_lease(&lease, now.plus(30), now).await.unwrap() })
            })
            .collect();
        let mut won = 0;
        for racer in racers {
            won += usize::from(racer.await.unwrap());
        }
        assert_eq!(won, 1, "round {round}");
    }
}
