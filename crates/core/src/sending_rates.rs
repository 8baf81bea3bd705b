//! How much an account may send in an hour, by whichever surface: on each node, so that a stolen password is worth little to
//! who sends spam.

use passerelle_model::Account;
use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// What messages and recipients are counted in.
const WINDOW: Duration = Duration::from_secs(3600);
/// Most accounts that are counted at once; beyond it those whose hour is over are forgotten, and then all.
const MOST_COUNTED: usize = 100_000;

/// The counts.
#[derive(Debug, Default)]
pub(crate) struct SendingRates(Mutex<HashMap<Account, Hour>>);

#[derive(Debug, Clone, Copy)]
struct Hour {
    begun: Instant,
    messages: u32,
    recipients: u32,
}

impl SendingRates {
    /// Counts one more message; when it is one too many, how many seconds are left until the next can follow.
    pub(crate) fn message(&self, of: &Account, most: u32, now: Instant) -> Result<(), u64> {
        self.count(of, now, |hour| {
            let is_over = hour.begun + WINDOW;
            if take(&mut hour.messages, most) { Ok(()) } else { Err(is_over.duration_since(now).as_secs()) }
        })
    }

    /// Counts one more recipient; `false` when it is one too many.
    pub(crate) fn recipient(&self, of: &Account, most: u32, now: Instant) -> bool {
        self.count(of, now, |hour| take(&mut hour.recipients, most))
    }

    fn count<T>(&self, of: &Account, now: Instant, take: impl FnOnce(&mut Hour) -> T) -> T {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_over = |hour: &Hour| now.duration_since(hour.begun) >= WINDOW;
        if counts.len() >= MOST_COUNTED && !counts.contains_key(of) {
            counts.retain(|_, hour| !is_over(hour));
            if counts.len() >= MOST_COUNTED {
                counts.clear();
            }
        }
        let fresh = Hour { begun: now, messages: 0, recipients: 0 };
        let hour = counts.entry(of.clone()).or_insert(fresh);
        if is_over(hour) {
            *hour = fresh;
        }
        take(hour)
    }
}

fn take(count: &mut u32, most: u32) -> bool {
    if *count >= most {
        return false;
    }
    *count = count.saturating_add(1);
    true
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
    fn so_many_an_hour_and_no_more() {
        let (rates, now, ada) = (SendingRates::default(), Instant::now(), account("ada"));
        assert!(rates.message(&ada, 2, now).is_ok() && rates.message(&ada, 2, now).is_ok());
        assert_eq!(rates.message(&ada, 2, now + WINDOW / 2), Err(1800));
        assert!(rates.recipient(&ada, 1, now) && !rates.recipient(&ada, 1, now));
        assert!(rates.message(&account("bob"), 2, now).is_ok(), "another is another");
        assert!(rates.message(&ada, 2, now + WINDOW).is_ok());
    }

    #[test]
    fn many_accounts_are_forgotten() {
        let (rates, now) = (SendingRates::default(), Instant::now());
        for number in 0..=MOST_COUNTED {
            assert!(rates.message(&account(&number.to_string()), 1, now).is_ok());
        }
        assert!(rates.0.lock().unwrap().len() <= MOST_COUNTED);
    }
}
