//! The timestamp of a separator: `Thu Nov 26 21:00:00 2026`, in UTC (RFC 4155 appendix A).

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const DAY: i64 = 86_400;
/// 9999-12-31 23:59:59.
const LATEST: i64 = 253_402_300_799;

/// A time as a separator has it, from seconds since 1970 in UTC; what is beyond the years 1970 to 9999 is its nearest end.
pub fn asctime(seconds: i64) -> String {
    let seconds = seconds.clamp(0, LATEST);
    let (days, time) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
    let (year, month, day) = civil(days);
    let name =
        |names: &[&'static str], at: i64| usize::try_from(at).ok().and_then(|at| names.get(at)).copied().unwrap_or("");
    format!(
        "{} {} {day:>2} {:02}:{:02}:{:02} {year:04}",
        name(&DAYS, days.rem_euclid(7)),
        name(&MONTHS, month.saturating_sub(1)),
        time / 3600,
        time / 60 % 60,
        time % 60
    )
}

/// Reads `[Www] Mmm d hh:mm[:ss] [zone] yyyy [zone]`, as programs write it; seconds since 1970. A zone in numbers is reckoned
/// with, one in letters is passed over. `None` for anything else.
pub fn from_asctime(text: &str) -> Option<i64> {
    let mut words = text.split_ascii_whitespace().peekable();
    let is_day = |word: &&str| DAYS.iter().any(|day| word.eq_ignore_ascii_case(day));
    words.next_if(is_day);
    let month = words.next()?;
    let month = MONTHS.iter().position(|it| it.eq_ignore_ascii_case(month))?.checked_add(1)?;
    let day: i64 = words.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let mut clock = words.next()?.split(':');
    let mut part = |most: i64| clock.next()?.parse::<i64>().ok().filter(|it| (0..=most).contains(it));
    let (hour, minute) = (part(23)?, part(59)?);
    let second = part(60).unwrap_or(0);
    if clock.next().is_some() {
        return None;
    }
    let (mut year, mut zone) = (None, 0);
    for word in words {
        match word.parse::<i64>() {
            Ok(number) if year.is_none() && (1970..=9999).contains(&number) && !word.starts_with(['+', '-']) => {
                year = Some(number);
            }
            _ => zone = offset(word)?,
        }
    }
    let days = days_of(year?, i64::try_from(month).ok()?, day);
    let seconds = days.checked_mul(DAY)?.checked_add(hour * 3600 + minute * 60 + second)?;
    Some(seconds.saturating_sub(zone).max(0))
}

/// `+0100` in seconds; letters are no offset that could be relied on.
fn offset(word: &str) -> Option<i64> {
    if !word.is_empty() && word.len() <= 6 && word.bytes().all(|octet| octet.is_ascii_alphabetic()) {
        return Some(0);
    }
    let (sign, digits) = word.strip_prefix('+').map(|it| (1, it)).or(word.strip_prefix('-').map(|it| (-1, it)))?;
    let number: i64 = digits.parse().ok().filter(|_| digits.len() == 4)?;
    Some(sign * (number / 100 * 3600 + number % 100 * 60))
}

/// Days since 1970 of a date of the Gregorian calendar.
const fn days_of(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March, so that the leap day is their last.
    let year = if month <= 2 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let era = year.div_euclid(400);
    let in_era = year.rem_euclid(400);
    era * 146_097 + in_era * 365 + in_era / 4 - in_era / 100 + of_year - 719_468
}

/// The date of a day since 1970.
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, in_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (in_era - in_era / 1460 + in_era / 36_524 - in_era / 146_096) / 365;
    let of_year = in_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + if month <= 2 { 1 } else { 0 }, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn times() {
        assert_eq!(asctime(0), "Thu Jan  1 00:00:00 1970");
        assert_eq!(asctime(1_795_727_100), "Thu Nov 26 21:05:00 2026");
        for (text, expected) in [
            ("Thu Nov 26 21:05:00 2026", Some(1_795_727_100)),
            ("Thu Nov 26 21:05 2026", Some(1_795_727_100)),
            ("Nov 26 21:05:00 CET 2026", Some(1_795_727_100)),
            ("Thu Nov 26 22:05:00 2026 +0100", Some(1_795_727_100)),
            ("Thu Nov 26 22:05:00 +0100 2026", Some(1_795_727_100)),
            ("Thu Nov 26 2026", None),
            ("here on it is prose", None),
            ("Thu Nov 32 21:05:00 2026", None),
            ("", None),
        ] {
            assert_eq!(from_asctime(text), expected, "{text}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(seconds in 0_i64..=LATEST) {
            prop_assert_eq!(from_asctime(&asctime(seconds)), Some(seconds));
        }

        #[test]
        fn nothing_panics(text in ".{0,60}") {
            let _ = from_asctime(&text);
        }
    }
}
