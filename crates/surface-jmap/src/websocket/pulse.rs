//! Whether the other side of a conversation lives, and has a reason to stay.

use std::time::Duration;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval};

/// How long it may be silent before it is asked, and before it is given up.
const ASKED_AFTER: Duration = Duration::from_secs(50);
const GIVEN_UP_AFTER: Duration = Duration::from_secs(150);
/// How long a message may take, from its first octet to its last, while it is listened to.
const WHOLE_WITHIN: Duration = Duration::from_secs(60);
/// How long nothing may be asked for, where no changes are waited for.
const IDLE: Duration = Duration::from_secs(30 * 60);

/// Whether the other side lives, and has a reason to stay.
#[derive(Debug, Clone, Copy)]
pub(super) struct Pulse {
    /// When something came.
    heard: Instant,
    /// When something was asked for.
    asked: Instant,
}

/// What is to be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Beat {
    Ask,
    GiveUp,
    Idle,
    Slow,
}

impl Pulse {
    pub(super) const fn beginning(now: Instant) -> Self {
        Self { heard: now, asked: now }
    }

    pub(super) fn heard(&mut self, now: Instant) {
        self.heard = now;
    }

    pub(super) fn asked(&mut self, now: Instant) {
        self.asked = now;
    }

    /// `begun` is when the message began of which the end has not come.
    pub(super) fn due(self, now: Instant, is_busy: bool, begun: Option<Instant>) -> Option<Beat> {
        // Signs of life do not prolong it.
        if begun.is_some_and(|begun| now.saturating_duration_since(begun) >= WHOLE_WITHIN) {
            return Some(Beat::Slow);
        }
        let silent = now.saturating_duration_since(self.heard);
        if silent >= GIVEN_UP_AFTER {
            return Some(Beat::GiveUp);
        }
        if !is_busy && now.saturating_duration_since(self.asked) >= IDLE {
            return Some(Beat::Idle);
        }
        (silent >= ASKED_AFTER).then_some(Beat::Ask)
    }
}

/// When it is to be looked: every so often, whatever is waited for beside it and however often.
pub(super) fn looks(every: Duration) -> Interval {
    let mut looks = interval(every);
    // The first look is at once and the next one `every` later; one that could not be taken is not made up for.
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    looks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_is_silent_is_asked_and_then_given_up() {
        let begun = Instant::now();
        let mut pulse = Pulse::beginning(begun);
        let at = |seconds| begun.checked_add(Duration::from_secs(seconds)).unwrap_or(begun);
        let due = |pulse: Pulse, seconds| [pulse.due(at(seconds), true, None), pulse.due(at(seconds), false, None)];
        assert_eq!(due(pulse, 40), [None; 2]);
        assert_eq!(due(pulse, 60), [Some(Beat::Ask); 2]);
        assert_eq!(due(pulse, 150), [Some(Beat::GiveUp); 2]);
        pulse.heard(at(140));
        assert_eq!(due(pulse, 150), [None; 2]);
        // A sign of life is no reason to stay, what is waited for is one.
        pulse.heard(at(1800));
        assert_eq!(due(pulse, 1800), [None, Some(Beat::Idle)]);
        pulse.asked(at(1790));
        assert_eq!(due(pulse, 1800), [None; 2]);
    }

    #[test]
    fn a_message_has_a_time_of_its_own() {
        let begun = Instant::now();
        let at = |seconds| begun.checked_add(Duration::from_secs(seconds)).unwrap_or(begun);
        for (now, came, expected) in
            [(59, Some(0), None), (60, Some(0), Some(Beat::Slow)), (60, Some(1), None), (60, None, None)]
        {
            let mut pulse = Pulse::beginning(begun);
            // Its client signs that it is there.
            pulse.heard(at(now));
            assert_eq!(pulse.due(at(now), true, came.map(at)), expected, "{now} {came:?}");
        }
    }

    #[tokio::test]
    async fn signs_put_off_no_look() {
        let mut looks = looks(Duration::from_millis(50));
        let seen = async {
            let (mut seen, mut signs) = (0, 0_u64);
            while seen < 3 || signs == 0 {
                // Each turn waits anew, as a conversation does with each sign.
                tokio::select! {
                    biased;
                    _ = looks.tick() => seen += 1,
                    () = tokio::task::yield_now() => signs += 1,
                }
            }
        };
        assert!(tokio::time::timeout(Duration::from_secs(30), seen).await.is_ok());
    }
}
