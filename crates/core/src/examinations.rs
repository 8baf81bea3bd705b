//! What an institution's administrators see of the health of its back-ends. Back-ends are not asked more often for it than every few
//! seconds, and by a node for one institution at a time, however many ask.

use crate::{
    Examined,
    house::House,
    ports::{Health, Leg, Verdict},
};
use futures::future::join_all;
use passerelle_model::{InstitutionId, Timestamp};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::timeout};

/// How long an answer holds, in seconds.
const HOLDS: i64 = 10;
/// How long a back-end may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// What came of an examination, and when it was.
type Known = (Timestamp, Arc<Vec<Examined>>);

/// The examinations of a moment ago.
#[derive(Debug, Default)]
pub(crate) struct Examinations(Mutex<BTreeMap<InstitutionId, Known>>);

impl Examinations {
    /// Every back-end of an institution, and when that was.
    pub(crate) async fn of(&self, house: &House, institution: &InstitutionId) -> Known {
        let mut known = self.0.lock().await;
        let now = (house.clock)();
        if let Some((at, examined)) = known.get(institution).filter(|(at, _)| at.plus(HOLDS) > now) {
            return (*at, Arc::clone(examined));
        }
        let theirs = house.back_ends().into_iter().filter(|(of, _)| of.as_ref() == Some(institution));
        let all = theirs.map(|(_, back_end)| async move {
            let legs = examined(back_end.as_ref()).await;
            Examined { institution: institution.clone(), back_end: back_end.name().to_owned(), legs }
        });
        let all = Arc::new(join_all(all).await);
        known.insert(institution.clone(), (now, Arc::clone(&all)));
        (now, all)
    }
}

/// The legs of a back-end; one that takes too long fails.
pub(crate) async fn examined(back_end: &dyn Health) -> Vec<Leg> {
    timeout(PATIENCE, back_end.examine()).await.unwrap_or_else(|_slow| {
        let what = format!("no answer within {} s", PATIENCE.as_secs());
        let remedy = "see whether the server is overloaded, or the way to it is broken".to_owned();
        vec![Leg { name: "deadline", verdict: Verdict::Fails { what, remedy } }]
    })
}
