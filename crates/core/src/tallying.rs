//! What a node has counted goes to State, where all nodes' numbers add up.

use crate::{
    Door, Result,
    examinations::examined,
    ports::{Verdict, state::Tally},
};
use futures::future::join_all;
use passerelle_model::{InstitutionId, Timestamp};

const HOUR: i64 = 3600;

/// What happened so often since it was last told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    /// Where.
    pub institution: InstitutionId,
    /// The name of a metric and its labels.
    pub what: String,
    /// How often.
    pub count: u64,
}

impl Door {
    /// Adds what was counted to this hour's tallies. Of institutions that are none any more nothing is kept.
    ///
    /// # Errors
    /// `Unavailable` when State cannot be written: nothing was added then.
    pub async fn tally(&self, counted: Vec<Counted>) -> Result<()> {
        let house = self.house.load_full();
        let Timestamp(now) = (house.clock)();
        let hour = Timestamp(now.saturating_sub(now.rem_euclid(HOUR)));
        let ours = counted.into_iter().filter(|it| house.tenants.contains_key(&it.institution));
        let mut tallies: Vec<Tally> =
            ours.map(|Counted { institution, what, count }| Tally { institution, hour, what, count }).collect();
        // Two nodes that add to the same rows take them in the same order, so that neither waits for the other for ever.
        tallies.sort_by(|a, b| (&a.institution, &a.what).cmp(&(&b.institution, &b.what)));
        if tallies.is_empty() { Ok(()) } else { house.state.tally(&tallies).await }
    }

    /// Whether each back-end of each institution works, by its name.
    pub async fn examine_all(&self) -> Vec<(InstitutionId, String, bool)> {
        let theirs = self.back_ends().into_iter().filter_map(|(of, back_end)| Some((of?, back_end)));
        let all = theirs.map(|(institution, back_end)| async move {
            let legs = examined(back_end.as_ref()).await;
            let works = legs.iter().all(|leg| matches!(leg.verdict, Verdict::Works(_)));
            (institution, back_end.name().to_owned(), works)
        });
        join_all(all).await
    }
}
