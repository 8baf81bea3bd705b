//! How many calls of administration somebody may make in a minute, by programs and by the console: on each node, so that a program
//! that has run wild takes the directory away from nobody. How many, each surface says.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Most names that are counted at once; beyond it those whose minute is over are forgotten, and then all.
const MOST_COUNTED: usize = 50_000;
const WINDOW: Duration = Duration::from_secs(60);

/// The counts, by names that whoever counts chooses.
#[derive(Debug, Default)]
pub struct CallRates(Mutex<HashMap<String, (Instant, u32)>>);

impl CallRates {
    /// Counts one call under a name, of which there may be so many in a minute; the seconds to wait when there were too many.
    ///
    /// # Errors
    /// That many seconds.
    pub fn count(&self, name: &str, most: u32, now: Instant) -> Result<(), u64> {
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
        let (rates, now) = (CallRates::default(), Instant::now());
        for _ in 0..3 {
            assert_eq!(rates.count("a", 3, now), Ok(()));
        }
        assert_eq!(rates.count("a", 3, now + Duration::from_secs(10)), Err(51));
        assert_eq!(rates.count("b", 3, now), Ok(()), "another is another");
        assert_eq!(rates.count("a", 3, now + WINDOW), Ok(()));
    }

    #[test]
    fn many_names_are_forgotten() {
        let (rates, now) = (CallRates::default(), Instant::now());
        for number in 0..=MOST_COUNTED {
            assert_eq!(rates.count(&number.to_string(), 1, now), Ok(()));
        }
        assert!(rates.0.lock().unwrap_or_else(PoisonError::into_inner).len() <= MOST_COUNTED);
    }
}
