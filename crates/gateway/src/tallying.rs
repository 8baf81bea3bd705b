//! Tells State every twenty seconds what the metrics have counted of each institution, and looks at its back-ends every few minutes. What a
//! process counted in its last seconds is not told.

use passerelle_core::{Counted, Door};
use passerelle_model::InstitutionId;
use passerelle_observe::{BackEndExamined, Count, Metrics, emit};
use std::{collections::HashMap, time::Duration};
use tokio::time::{Instant, MissedTickBehavior, interval, interval_at};

/// How often counts are told, and how often back-ends are looked at.
const TELL: Duration = Duration::from_secs(20);
const LOOK: Duration = Duration::from_secs(300);

/// Goes on for as long as the process.
pub(crate) async fn run(door: Door, metrics: Metrics) {
    // What has just started is left alone for a while.
    let (mut tell, mut look) = (interval(TELL), interval_at(Instant::now() + LOOK, LOOK));
    tell.set_missed_tick_behavior(MissedTickBehavior::Delay);
    look.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut told = Told::default();
    loop {
        tokio::select! {
            _ = tell.tick() => {
                let counts = metrics.counts();
                match door.tally(told.new_of(&counts)).await {
                    Ok(()) => told.note(counts),
                    Err(error) => tracing::warn!(error = %error.chain(), "tallies were not kept and will be told again"),
                }
            }
            _ = look.tick() => {
                for (institution, back_end, works) in door.examine_all().await {
                    emit(BackEndExamined { institution: &institution, back_end: &back_end, works });
                }
            }
        }
    }
}

/// What was told already: counts by institution and name.
#[derive(Debug, Default)]
struct Told(HashMap<(String, String), u64>);

impl Told {
    /// What has come since.
    fn new_of(&self, counts: &[Count]) -> Vec<Counted> {
        let new = |Count { institution, what, count }: &Count| {
            let before = self.0.get(&(institution.clone(), what.clone())).copied().unwrap_or(0);
            let count = count.checked_sub(before).filter(|more| *more > 0)?;
            Some(Counted { institution: InstitutionId::parse(institution).ok()?, what: what.clone(), count })
        };
        counts.iter().filter_map(new).collect()
    }

    fn note(&mut self, counts: Vec<Count>) {
        self.0 = counts.into_iter().map(|it| ((it.institution, it.what), it.count)).collect();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn only_what_is_new_is_told() {
        let count = |what: &str, count| Count { institution: "garonne".to_owned(), what: what.to_owned(), count };
        let new = |what: &str, count| {
            let institution = InstitutionId::parse("garonne").unwrap();
            Counted { institution, what: what.to_owned(), count }
        };
        let mut told = Told::default();
        let first = vec![count("a", 2), count("b", 0)];
        assert_eq!(told.new_of(&first), [new("a", 2)]);
        assert_eq!(told.new_of(&first), [new("a", 2)], "what was not kept is told again");
        told.note(first);
        assert_eq!(told.new_of(&[count("a", 5), count("b", 1)]), [new("a", 3), new("b", 1)]);
        assert!(told.new_of(&[count("a", 2)]).is_empty());
    }
}
