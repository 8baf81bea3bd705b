//! One line for each step with the time it took.

use std::time::{Duration, Instant};

/// A stopwatch that prints: time of the step, then what was done.
#[derive(Debug)]
pub(crate) struct Steps {
    start: Instant,
    last: Instant,
}

impl Steps {
    pub(crate) fn begin() -> Self {
        let now = Instant::now();
        Self { start: now, last: now }
    }

    /// Ends a step: `   123 ms  what`.
    pub(crate) fn done(&mut self, what: &str) {
        let now = Instant::now();
        println!("{:>7} ms  {what}", now.duration_since(self.last).as_millis());
        self.last = now;
    }

    /// Since the beginning.
    pub(crate) fn total(&self) -> Duration {
        self.start.elapsed()
    }
}
