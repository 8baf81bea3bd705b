//! What portals were told of people lately, in memory: a store is asked once for each person and period, however many ask at
//! once, and what belongs to an account goes when anything of the account is withdrawn.

use crate::{Error, Failing, Result, ports::Latest, ports::MailboxStatus, ports::Space};
use moka::sync::Cache;
use passerelle_model::{Account, Timestamp};
use std::{fmt, sync::Arc, time::Duration};
use tokio::sync::Mutex;

/// Most people that something is remembered of.
const MOST_GLANCES: u64 = 100_000;
/// How long anything is remembered at most, in seconds, whatever the settings say.
pub const LONGEST_GLANCE: i64 = 300;
/// For how long a store that does not answer is not asked again for the same person, in seconds.
const RESTS: i64 = 15;

/// What was seen, and when.
#[derive(Debug, Clone)]
pub struct Glance<T> {
    /// When the store was asked.
    pub at: Timestamp,
    /// What it said, or which leg failed.
    pub outcome: Result<T, Failing>,
}

/// One look at one thing: whoever comes second waits for what the first is told.
pub(crate) type Look<T> = Mutex<Option<Glance<T>>>;

/// What is remembered of a person.
#[derive(Default)]
pub(crate) struct Person {
    pub(crate) mail: Look<Arc<Latest>>,
    pub(crate) counts: Look<MailboxStatus>,
    pub(crate) files: Look<Option<Space>>,
}

/// All of it.
pub(crate) struct Glances(Cache<Account, Arc<Person>>);

impl fmt::Debug for Glances {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Glances({})", self.0.entry_count())
    }
}

impl Default for Glances {
    fn default() -> Self {
        let idle = Duration::from_secs(LONGEST_GLANCE.unsigned_abs());
        Self(Cache::builder().max_capacity(MOST_GLANCES).time_to_idle(idle).build())
    }
}

impl Glances {
    /// What is remembered of an account; nothing yet, when it is new.
    pub(crate) fn of(&self, account: &Account) -> Arc<Person> {
        self.0.get_with_by_ref(account, Arc::default)
    }

    /// Something of the account was withdrawn. Looks that are under way end in what nobody finds any more.
    pub(crate) fn forget(&self, account: &Account) {
        self.0.invalidate(account);
    }

    /// The settings changed.
    pub(crate) fn clear(&self) {
        self.0.invalidate_all();
    }
}

/// What was seen within the last `lasts` seconds, or what `ask` says now. A store that was unavailable is left in peace for a
/// moment; other refusals cost nothing and are not remembered.
pub(crate) async fn look<T: Clone>(
    look: &Look<T>,
    clock: crate::Clock,
    lasts: i64,
    ask: impl Future<Output = Result<T, Failing>>,
) -> Glance<T> {
    let mut seen = look.lock().await;
    if let Some(glance) = seen.as_ref().filter(|glance| clock() < glance.at.plus(holds(glance, lasts))) {
        return glance.clone();
    }
    let glance = Glance { at: clock(), outcome: ask.await };
    *seen = (holds(&glance, lasts) > 0).then(|| glance.clone());
    glance
}

/// What was seen within the last `lasts` seconds, if anything.
pub(crate) async fn seen<T: Clone>(look: &Look<T>, now: Timestamp, lasts: i64) -> Option<Glance<T>> {
    look.lock().await.clone().filter(|glance| glance.outcome.is_ok() && now < glance.at.plus(holds(glance, lasts)))
}

fn holds<T>(glance: &Glance<T>, lasts: i64) -> i64 {
    match &glance.outcome {
        Ok(_) => lasts.clamp(0, LONGEST_GLANCE),
        Err(Failing { error, .. }) if matches!(error.as_ref(), Error::Unavailable { .. }) => RESTS.min(lasts),
        Err(_) => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::FailingLeg;
    use std::sync::atomic::{AtomicI64, AtomicUsize, Ordering};

    static NOW: AtomicI64 = AtomicI64::new(1_000);

    fn clock() -> Timestamp {
        Timestamp(NOW.load(Ordering::SeqCst))
    }

    #[tokio::test]
    async fn one_question_a_period_however_many_ask() {
        let (place, asked) = (Look::default(), AtomicUsize::new(0));
        let ask = |outcome: Result<u32, Failing>| {
            let asked = &asked;
            async move {
                asked.fetch_add(1, Ordering::SeqCst);
                tokio::time::sleep(Duration::from_millis(20)).await;
                outcome
            }
        };
        let all = futures::future::join_all((0..50).map(|_| look(&place, clock, 120, ask(Ok(7)))));
        assert!(all.await.iter().all(|glance| matches!(glance.outcome, Ok(7))));
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        NOW.fetch_add(119, Ordering::SeqCst);
        look(&place, clock, 120, ask(Ok(8))).await;
        assert_eq!(asked.load(Ordering::SeqCst), 1, "the period is not over");
        NOW.fetch_add(1, Ordering::SeqCst);
        assert!(matches!(look(&place, clock, 120, ask(Ok(8))).await.outcome, Ok(8)));
        // A store that is down is asked once for a while; who may not ask is told each time.
        NOW.fetch_add(120, Ordering::SeqCst);
        let failing = |error| Err(Failing::new(FailingLeg::Mail, error));
        for _ in 0..3 {
            assert!(look(&place, clock, 120, ask(failing(Error::unavailable("s", "x", "y")))).await.outcome.is_err());
        }
        assert_eq!(asked.load(Ordering::SeqCst), 3);
        assert!(seen(&place, clock(), 120).await.is_none(), "a failure is nothing that was seen");
        NOW.fetch_add(RESTS, Ordering::SeqCst);
        for _ in 0..3 {
            assert!(look(&place, clock, 120, ask(failing(Error::Forbidden))).await.outcome.is_err());
        }
        assert_eq!(asked.load(Ordering::SeqCst), 6);
    }

    #[tokio::test]
    async fn who_leaves_in_the_middle_leaves_the_question_to_the_next() {
        let place: Look<u32> = Look::default();
        let never = look(&place, clock, 120, std::future::pending());
        assert!(tokio::time::timeout(Duration::from_millis(10), never).await.is_err());
        assert!(matches!(look(&place, clock, 120, std::future::ready(Ok(1))).await.outcome, Ok(1)));
    }
}
