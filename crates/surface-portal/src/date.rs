//! Moments as text, in UTC.

use crate::words;
use passerelle_model::Timestamp;

const DAY: i64 = 86_400;

/// `2026-11-26T10:00:00Z` (RFC 3339 §5.6).
pub(crate) fn rfc3339(at: Timestamp) -> String {
    let (year, month, day) = civil(at.0.div_euclid(DAY));
    let second = at.0.rem_euclid(DAY);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        second.div_euclid(3600),
        second.rem_euclid(3600).div_euclid(60),
        second.rem_euclid(60)
    )
}

/// The day as people of a language write it.
pub(crate) fn day(at: Timestamp, language: &str) -> String {
    let (year, month, day) = civil(at.0.div_euclid(DAY));
    let parts = [("year", format!("{year:04}")), ("month", format!("{month:02}")), ("day", format!("{day:02}"))];
    words::say(language, "day", &parts.map(|(name, part)| (name, part.into())))
}

/// The date of a day counted from 1970-01-01, in the Gregorian calendar: its 400 years have 146,097 days, counted from a 1st of
/// March, so that the day that is sometimes there comes last.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days.saturating_add(719_468);
    let (era, day) = (shifted.div_euclid(146_097), shifted.rem_euclid(146_097));
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let in_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * in_year + 2) / 153;
    let day = in_year - (153 * month + 2) / 5 + 1;
    let january = month >= 10;
    let month = if january { month - 9 } else { month + 3 };
    (era * 400 + year + i64::from(january), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        for (at, expected) in [
            (0, "1970-01-01T00:00:00Z"),
            (-1, "1969-12-31T23:59:59Z"),
            (951_782_400, "2000-02-29T00:00:00Z"),
            (1_795_392_000, "2026-11-23T00:00:00Z"),
            (4_107_542_399, "2100-02-28T23:59:59Z"),
            (4_107_542_400, "2100-03-01T00:00:00Z"),
        ] {
            assert_eq!(rfc3339(Timestamp(at)), expected);
        }
        assert_eq!(day(Timestamp(0), "fr"), "01/01/1970");
        assert_eq!(day(Timestamp(0), "de"), "01.01.1970");
        assert_eq!(day(Timestamp(0), "en"), "1970-01-01");
    }
}
