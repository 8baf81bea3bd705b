//! What failed lately, by owner: nobody may scan networks or guess passwords from here. Each node counts for itself.

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
/// Most owners counted; beyond it all are forgotten.
const MOST_OWNERS: usize = 10_000;

/// The counts.
#[derive(Debug, Default)]
pub(crate) struct Tries(Mutex<HashMap<Account, Count>>);

#[derive(Debug, Clone, Copy)]
struct Count {
    since: Instant,
    failed: u32,
    wrong: u32,
}

impl Tries {
    /// Whether an owner may try.
    pub(crate) fn check(&self, owner: &Account) -> Result<(), ExternalFault> {
        self.check_at(owner, Instant::now())
    }

    /// Notes a failure.
    pub(crate) fn note(&self, owner: &Account, fault: ExternalFault) {
        self.note_at(owner, fault, Instant::now());
    }

    fn check_at(&self, owner: &Account, now: Instant) -> Result<(), ExternalFault> {
        let counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |count: &Count| {
            now.duration_since(count.since) < WINDOW && (count.failed >= MOST || count.wrong >= MOST_WRONG)
        };
        if counts.get(owner).is_some_and(is_over) { Err(ExternalFault::TooOften) } else { Ok(()) }
    }

    fn note_at(&self, owner: &Account, fault: ExternalFault, now: Instant) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST_OWNERS {
            counts.clear();
        }
        let fresh = Count { since: now, failed: 0, wrong: 0 };
        let count = counts.entry(owner.clone()).or_insert(fresh);
        if now.duration_since(count.since) >= WINDOW {
            *count = fresh;
        }
        count.failed = count.failed.saturating_add(1);
        count.wrong = count.wrong.saturating_add(u32::from(fault == ExternalFault::Password));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;
    use passerelle_model::{AccountId, InstitutionId};

    #[test]
    fn who_guesses_or_scans_waits() {
        for (fault, most) in [(ExternalFault::Password, MOST_WRONG), (ExternalFault::Unreachable, MOST)] {
            let (tries, now) = (Tries::default(), Instant::now());
            let account = |id: &str| Account {
                institution: InstitutionId::parse("garonne").unwrap(),
                id: AccountId::parse(id).unwrap(),
            };
            let owner = account("u1");
            for _ in 0..most {
                assert_eq!(tries.check_at(&owner, now), Ok(()));
                tries.note_at(&owner, fault, now);
            }
            assert_eq!(tries.check_at(&owner, now), Err(ExternalFault::TooOften));
            assert_eq!(tries.check_at(&account("u2"), now), Ok(()));
            assert_eq!(tries.check_at(&owner, now + WINDOW), Ok(()));
        }
    }
}
