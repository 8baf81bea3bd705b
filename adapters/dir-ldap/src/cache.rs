//! What was asked lately. Bounded, each answer for its time; "there is none" for a shorter one. Never a password.
//! Dropping it costs questions and nothing else.

use moka::{Expiry, sync::Cache};
use std::{
    hash::Hash,
    time::{Duration, Instant},
};

/// How long answers are kept.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Lives<V> {
    pub(crate) found: Duration,
    pub(crate) missing: Duration,
    /// Whether an answer says that there is none.
    pub(crate) is_missing: fn(&V) -> bool,
}

impl<V> Lives<V> {
    fn of(&self, value: &V) -> Duration {
        if (self.is_missing)(value) { self.missing } else { self.found }
    }
}

impl<K, V> Expiry<K, V> for Lives<V> {
    fn expire_after_create(&self, _key: &K, value: &V, _now: Instant) -> Option<Duration> {
        Some(self.of(value))
    }

    fn expire_after_update(&self, _key: &K, value: &V, _now: Instant, _left: Option<Duration>) -> Option<Duration> {
        Some(self.of(value))
    }
}

/// A cache of at most `most` units, as `weigh` counts them.
pub(crate) fn cache<K, V>(most: u64, weigh: fn(&K, &V) -> u32, lives: Lives<V>) -> Cache<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    Cache::builder().max_capacity(most).weigher(weigh).expire_after(lives).build()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn none_lives_shorter() {
        let lives: Lives<Option<u8>> =
            Lives { found: Duration::from_secs(60), missing: Duration::from_secs(10), is_missing: Option::is_none };
        let now = Instant::now();
        assert_eq!(lives.expire_after_create(&(), &Some(1), now), Some(Duration::from_secs(60)));
        assert_eq!(lives.expire_after_update(&(), &None, now, Some(Duration::MAX)), Some(Duration::from_secs(10)));
        let nothing: Cache<u8, Option<u8>> = cache(10, |_, _| 1, Lives { found: Duration::ZERO, ..lives });
        nothing.insert(1, Some(1));
        assert_eq!(nothing.get(&1), None);
    }
}
