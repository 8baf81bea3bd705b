//! What an institution's administrators see of the health of its back-ends. Back-ends are not asked more often for it than every few
//! seconds, however many ask.

use crate::{
    Examined,
    house::House,
    ports::{Health, Leg, Verdict},
};
use futures::future::join_all;
use passerelle_model::{InstitutionId, Timestamp};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError},
    time::Duration,
};
use tokio::{sync::Mutex, time::timeout};

/// How long an answer holds, in seconds.
const HOLDS: i64 = 10;
/// How long a back-end may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of an examination, and when it was.
type Known = (Timestamp, Arc<Vec<Examined>>);
/// Held while an institution is examined: whoever asks meanwhile waits for the same answer, and no other institution for it.
type Slot = Arc<Mutex<Option<Known>>>;

/// The examinations of a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Examinations(std::sync::Mutex<BTreeMap<InstitutionId, Slot>>);

impl Examinations {
    /// Every back-end of an institution, and when that was.
    pub(crate) async fn of(&self, house: &House, institution: &InstitutionId) -> Known {
        let slot = self.slot(institution);
        let mut known = slot.lock().await;
        let now = (house.clock)();
        if let Some(known) = known.as_ref().filter(|(at, _)| at.plus(HOLDS) > now) {
            return known.clone();
        }
        let theirs = house.back_ends().into_iter().filter(|(of, _)| of.as_ref() == Some(institution));
        let all = theirs.map(|(_, back_end)| async move {
            let legs = examined(back_end.as_ref()).await;
            Examined { institution: institution.clone(), back_end: back_end.name().to_owned(), legs }
        });
        known.insert((now, Arc::new(join_all(all).await))).clone()
    }

    fn slot(&self, institution: &InstitutionId) -> Slot {
        let mut slots = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(slots.entry(institution.clone()).or_default())
    }
}

/// The legs of a back-end; one that takes longer than five seconds fails at the leg `deadline`.
pub async fn examined(back_end: &dyn Health) -> Vec<Leg> {
    timeout(PATIENCE, back_end.examine()).await.unwrap_or_else(|_slow| {
        let what = format!("no answer within {} s", PATIENCE.as_secs());
        let remedy = "see whether the server is overloaded, or the way to it is broken";
        vec![Leg { name: "deadline", verdict: Verdict::Fails { what, remedy } }]
    })
}
