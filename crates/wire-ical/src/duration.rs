//! Durations (RFC 5545 §3.3.6) and offsets (§3.3.14).

use crate::civil::DAY;

/// Longest duration that is taken, in days: what is longer is a mistake, and sums must stay sums.
pub const LONGEST_DURATION: i64 = 400 * 366;

/// A duration: days as the wall counts them, and exact seconds. A day in which clocks change has other than 24 hours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Duration {
    /// Nominal days; weeks are seven.
    pub days: i64,
    /// Exact seconds, of hours, minutes and seconds.
    pub seconds: i64,
}

impl Duration {
    /// `dur-value = (["+"] / "-") "P" (dur-date / dur-time / dur-week)`, read a little wider: parts may be left out.
    pub fn parse(value: &str) -> Option<Self> {
        let (sign, rest) = match value.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, value.strip_prefix('+').unwrap_or(value)),
        };
        let mut rest = rest.strip_prefix(['P', 'p'])?;
        let (mut days, mut seconds, mut in_time, mut any) = (0_i64, 0_i64, false, false);
        while !rest.is_empty() {
            if let Some(after) = rest.strip_prefix(['T', 't']) {
                if in_time {
                    return None;
                }
                (rest, in_time) = (after, true);
                continue;
            }
            let ends = rest.find(|one: char| !one.is_ascii_digit())?;
            let number: i64 = rest.get(..ends)?.parse().ok()?;
            let unit = rest.get(ends..)?.chars().next()?;
            rest = rest.get(ends + unit.len_utf8()..)?;
            let add = |to: i64, each: i64| number.checked_mul(each).and_then(|more| to.checked_add(more));
            match (unit.to_ascii_uppercase(), in_time) {
                ('W', false) => days = add(days, 7)?,
                ('D', false) => days = add(days, 1)?,
                ('H', true) => seconds = add(seconds, 3_600)?,
                ('M', true) => seconds = add(seconds, 60)?,
                ('S', true) => seconds = add(seconds, 1)?,
                _ => return None,
            }
            any = true;
        }
        let bounded = days <= LONGEST_DURATION && seconds <= LONGEST_DURATION * DAY;
        (any && bounded).then_some(Self { days: sign * days, seconds: sign * seconds })
    }

    /// About how long: a day has 24 hours here.
    pub(crate) fn about(self) -> i64 {
        self.days * DAY + self.seconds
    }
}

/// `utc-offset = ("+" / "-") hour minute [second]`, in seconds.
pub(crate) fn offset(value: &str) -> Option<i64> {
    let sign = match value.chars().next()? {
        '+' => 1,
        '-' => -1,
        _ => return None,
    };
    let digits = value.get(1..)?;
    if !matches!(digits.len(), 4 | 6) || !digits.bytes().all(|octet| octet.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| digits.get(at..at + 2).map_or(Some(0), |part| part.parse::<i64>().ok());
    let (hours, minutes, seconds) = (part(0)?, part(2)?, part(4)?);
    (hours < 24 && minutes < 60 && seconds < 60).then_some(sign * (hours * 3_600 + minutes * 60 + seconds))
}
