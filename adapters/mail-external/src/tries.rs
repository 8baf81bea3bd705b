//! What failed lately, by owner: nobody may scan networks or guess passwords from here. Each node counts for itself.
//!
//! A try counts as a failure, and as a wrong password, from its beginning until it is known how it ended: so many at once as
//! there are connections are no way around the limits.

use passerelle_core::ports::ExternalFault;
use passerelle_model::Account;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::{Duration, Instant},
};

/// For how long failures count.
const WINDOW: Duration = Duration::from_secs(600);
/// Most failures of an owner in that time.
const MOST: u32 = 60;
/// Most wrong passwords among them.
const MOST_WRONG: u32 = 10;
/// Most owners counted; beyond it the one whose count is the oldest is forgotten.
const MOST_OWNERS: usize = 10_000;

/// The counts.
#[derive(Debug, Default)]
pub(crate) struct Tries(Mutex<HashMap<Account, Count>>);

#[derive(Debug, Clone, Copy)]
struct Count {
    since: Instant,
    failed: u32,
    wrong: u32,
    /// Tries whose end is not known: each may become a failure, and a wrong password.
    running: u32,
}

impl Count {
    const fn is_over(&self) -> bool {
        self.failed.saturating_add(self.running) >= MOST || self.wrong.saturating_add(self.running) >= MOST_WRONG
    }
}

/// A try that has begun. One that is given up on the way has failed.
#[derive(Debug)]
pub(crate) struct Try<'t> {
    tries: &'t Tries,
    owner: &'t Account,
    ended: Option<Result<(), ExternalFault>>,
}

impl Try<'_> {
    /// How it ended.
    pub(crate) fn end(mut self, ended: Result<(), ExternalFault>) {
        self.ended = Some(ended);
    }
}

impl Drop for Try<'_> {
    fn drop(&mut self) {
        self.tries.end(self.owner, self.ended.unwrap_or(Err(ExternalFault::Slow)));
    }
}

impl Tries {
    /// Begins a try, where the owner may.
    ///
    /// # Errors
    /// `TooOften`.
    pub(crate) fn begin<'t>(&'t self, owner: &'t Account) -> Result<Try<'t>, ExternalFault> {
        self.begin_at(owner, Instant::now())?;
        Ok(Try { tries: self, owner, ended: None })
    }

    fn end(&self, owner: &Account, ended: Result<(), ExternalFault>) {
        self.end_at(owner, ended, Instant::now());
    }

    fn begin_at(&self, owner: &Account, now: Instant) -> Result<(), ExternalFault> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = count_of(&mut counts, owner, now);
        if count.is_over() {
            return Err(ExternalFault::TooOften);
        }
        count.running = count.running.saturating_add(1);
        Ok(())
    }

    fn end_at(&self, owner: &Account, ended: Result<(), ExternalFault>, now: Instant) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = count_of(&mut counts, owner, now);
        count.running = count.running.saturating_sub(1);
        if let Err(fault) = ended {
            count.failed = count.failed.saturating_add(1);
            count.wrong = count.wrong.saturating_add(u32::from(fault == ExternalFault::Password));
        }
        if count.failed == 0 && count.running == 0 {
            counts.remove(owner);
        }
    }
}

/// The count of an owner in the time that runs.
fn count_of<'c>(counts: &'c mut HashMap<Account, Count>, owner: &Account, now: Instant) -> &'c mut Count {
    if counts.len() >= MOST_OWNERS && !counts.contains_key(owner) {
        let oldest = counts.iter().min_by_key(|(_, count)| (count.running > 0, count.since));
        if let Some(oldest) = oldest.map(|(account, _)| account.clone()) {
            counts.remove(&oldest);
        }
    }
    let count = counts.entry(owner.clone()).or_insert(Count { since: now, failed: 0, wrong: 0, running: 0 });
    if now.duration_since(count.since) >= WINDOW {
        *count = Count { since: now, failed: 0, wrong: 0, running: count.running };
    }
    count
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_model::{AccountId, InstitutionId};

    fn account(id: &str) -> Account {
        Account { institution: InstitutionId::parse("garonne").unwrap(), id: AccountId::parse(id).unwrap() }
    }

    #[test]
    fn who_guesses_or_scans_waits() {
        for (fault, most) in [(ExternalFault::Password, MOST_WRONG), (ExternalFault::Unreachable, MOST)] {
            let (tries, now) = (Tries::default(), Instant::now());
            let owner = account("u1");
            for _ in 0..most {
                assert_eq!(tries.begin_at(&owner, now), Ok(()));
                tries.end_at(&owner, Err(fault), now);
            }
            assert_eq!(tries.begin_at(&owner, now), Err(ExternalFault::TooOften));
            assert_eq!(tries.begin_at(&account("u2"), now), Ok(()));
            assert_eq!(tries.begin_at(&owner, now + WINDOW), Ok(()));
        }
    }

    #[test]
    fn many_at_once_are_no_more_than_one_after_the_other() {
        let (tries, owner) = (Tries::default(), account("u1"));
        let mut running: Vec<Try<'_>> = (0..MOST_WRONG).map(|_| tries.begin(&owner).unwrap()).collect();
        assert_eq!(tries.begin(&owner).unwrap_err(), ExternalFault::TooOften);
        // What went well was never a failure, and what was given up is no wrong password.
        running.pop().unwrap().end(Ok(()));
        drop(running.pop());
        for _ in 0..2 {
            running.push(tries.begin(&owner).unwrap());
        }
        assert_eq!(tries.begin(&owner).unwrap_err(), ExternalFault::TooOften);
        running.drain(..).for_each(|it| it.end(Err(ExternalFault::Password)));
        assert_eq!(tries.begin(&owner).unwrap_err(), ExternalFault::TooOften);
        // Nothing is kept of who never failed.
        tries.begin(&account("u2")).unwrap().end(Ok(()));
        assert_eq!(tries.0.lock().unwrap().len(), 1);
    }

    #[test]
    fn only_the_oldest_is_forgotten() {
        let (tries, begun) = (Tries::default(), Instant::now());
        let guesser = account("guesser");
        let others = u64::try_from(MOST_OWNERS).unwrap();
        tries.end_at(&account("first"), Err(ExternalFault::Slow), begun);
        for _ in 0..MOST_WRONG {
            tries.end_at(&guesser, Err(ExternalFault::Password), begun + Duration::from_millis(1));
        }
        for number in 2..=others {
            let now = begun + Duration::from_millis(number);
            tries.end_at(&account(&format!("u{number}")), Err(ExternalFault::Slow), now);
        }
        let counts = tries.0.lock().unwrap();
        assert_eq!(counts.len(), MOST_OWNERS);
        assert!(!counts.contains_key(&account("first")));
        assert!(counts.get(&guesser).unwrap().is_over());
    }
}
