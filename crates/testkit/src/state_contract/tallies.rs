//! How often what happened.

use super::{Campus, NOW};
use passerelle_core::ports::state::{State, TALLIES_KEPT, Tally};
use passerelle_model::{InstitutionId, Timestamp};
use std::sync::Arc;

/// They add up, each institution's by itself.
pub async fn tallies_add_up(state: Arc<dyn State>) {
    let Campus { a, b } = Campus::new();
    let tally = |of: &InstitutionId, hour: Timestamp, what: &str, count| Tally {
        institution: of.clone(),
        hour,
        what: what.to_owned(),
        count,
    };
    let before = NOW.plus(-3600);
    state.tally(&[tally(&a, before, "mail", 2), tally(&a, NOW, "mail", 3)]).await.unwrap();
    state.tally(&[tally(&a, NOW, "mail", 4), tally(&a, NOW, "é 'x'", 1), tally(&b, NOW, "mail", 9)]).await.unwrap();
    state.tally(&[]).await.unwrap();
    let since = async |moment| state.tallies(&a, moment).await.unwrap();
    let now = [tally(&a, NOW, "mail", 7), tally(&a, NOW, "é 'x'", 1)];
    assert_eq!(since(NOW).await, now);
    assert_eq!(since(before).await, [&[tally(&a, before, "mail", 2)], &now[..]].concat());
}

/// What is old is swept. Part of the one check that sweeps at `now`.
pub(super) async fn old_tallies_are_swept(state: &dyn State, now: Timestamp) {
    let Campus { a, .. } = Campus::new();
    let tally = |hour| Tally { institution: a.clone(), hour, what: "mail".to_owned(), count: 1 };
    let (gone, stays) = (tally(now.plus(-TALLIES_KEPT)), tally(now.plus(1 - TALLIES_KEPT)));
    state.tally(&[gone.clone(), stays.clone()]).await.unwrap();
    state.sweep(now).await.unwrap();
    assert_eq!(state.tallies(&a, gone.hour).await.unwrap(), [stays]);
}
