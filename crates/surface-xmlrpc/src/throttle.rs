//! How many calls somebody may make: on each node, so that a program that has run wild takes the directory away from
//! nobody. A multicall counts as the calls in it.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Most calls of an API client in a minute.
pub(crate) const CLIENT_CALLS_A_MINUTE: u32 = 120_000;
/// Most calls of an administrator in a minute.
pub(crate) const PERSON_CALLS_A_MINUTE: u32 = 6_000;
/// Most changes of one account, group or other target in a minute, by whomever.
pub(crate) const CHANGES_OF_ONE_A_MINUTE: u32 = 120;
/// Most names that are counted at once; beyond it those whose minute is over are forgotten, and then all.
const MOST_COUNTED: usize = 50_000;
const WINDOW: Duration = Duration::from_secs(60);

/// The counts.
#[derive(Debug, Default)]
pub(crate) struct Throttle(Mutex<HashMap<String, (Instant, u32)>>);

impl Throttle {
    /// Counts one; the seconds to wait when there were too many.
    pub(crate) fn count(&self, name: &str, most: u32, now: Instant) -> Result<(), u64> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if counts.len() >= MOST_COUNTED && !counts.contains_key(name) {
            counts.retain(|_, (begun, _)| now.duration_since(*begun) < WINDOW);
            if counts.len() >= MOST_COUNTED {
                counts.clear();
            }
        }
        let held = counts.entry(name.to_owned()).or_insert((now, 0));
        let since = now.duration_since(held.0);
        if since >= WINDOW {
            *held = (now, 0);
        }
        if held.1 >= most {
            return Err(WINDOW.saturating_sub(since).as_secs().saturating_add(1));
        }
        held.1 = held.1.saturating_add(1);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_a_minute_and_no_more() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for _ in 0..3 {
            assert_eq!(throttle.count("a", 3, now), Ok(()));
        }
        assert_eq!(throttle.count("a", 3, now + Duration::from_secs(10)), Err(51));
        assert_eq!(throttle.count("b", 3, now), Ok(()), "another is another");
        assert_eq!(throttle.count("a", 3, now + WINDOW), Ok(()));
    }

    #[test]
    fn many_names_are_forgotten() {
        let (throttle, now) = (Throttle::default(), Instant::now());
        for number in 0..=MOST_COUNTED {
            assert_eq!(throttle.count(&number.to_string(), 1, now), Ok(()));
        }
        assert!(throttle.0.lock().unwrap_or_else(PoisonError::into_inner).len() <= MOST_COUNTED);
    }
}
