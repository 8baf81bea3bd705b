//! Dates as IMAP writes them, from and to seconds since 1970 (RFC 9051 §9).
//!
//! `date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE`, `date = date-day "-" date-month
//! "-" date-year`. Years from 1 to 9999.

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const DAY: i64 = 86_400;
/// The last second of the year 9999.
const LATEST: i64 = 253_402_300_799;
/// The first of the year 1.
const EARLIEST: i64 = -62_135_596_800;

/// A moment as `date-time` without its quotes, in UTC; the nearest that can be said.
pub fn date_time(seconds: i64) -> String {
    let seconds = seconds.clamp(EARLIEST, LATEST);
    let (year, month, day) = civil(seconds.div_euclid(DAY));
    let time = seconds.rem_euclid(DAY);
    let (hour, minute, second) = (time / 3600, time / 60 % 60, time % 60);
    format!("{day:2}-{month}-{year:04} {hour:02}:{minute:02}:{second:02} +0000")
}

/// The day of a moment in UTC, as `date`.
pub fn date(seconds: i64) -> String {
    let (year, month, day) = civil(seconds.clamp(EARLIEST, LATEST).div_euclid(DAY));
    format!("{day}-{month}-{year:04}")
}

/// Reads a `date-time` without its quotes; `None` for what is none.
pub fn seconds(text: &str) -> Option<i64> {
    let mut words = text.split_ascii_whitespace();
    let (date, time, zone) = (words.next()?, words.next()?, words.next()?);
    let mut date = date.split('-');
    let day: i64 = date.next()?.parse().ok().filter(|day| (1..=31).contains(day))?;
    let name = date.next()?;
    let month = MONTHS.iter().position(|month| month.eq_ignore_ascii_case(name))?;
    let year: i64 = date.next()?.parse().ok().filter(|year| (1..=9999).contains(year))?;
    let mut time = time.split(':');
    let mut part = |most: i64| time.next()?.parse::<i64>().ok().filter(|it| (0..=most).contains(it));
    // A leap second is the last of its minute.
    let (hour, minute, second) = (part(23)?, part(59)?, part(60)?.min(59));
    let (sign, zone) = match zone.split_at_checked(1)? {
        ("+", zone) => (1, zone),
        ("-", zone) => (-1, zone),
        _ => return None,
    };
    let (hours, minutes) = zone.split_at_checked(2)?;
    let (hours, minutes) = (hours.parse::<u8>().ok()?, minutes.parse::<u8>().ok()?);
    let offset = sign * (i64::from(hours) * 60 + i64::from(minutes)) * 60;
    let month = i64::try_from(month).ok()?.checked_add(1)?;
    let seconds = days(year, month, day) * DAY + hour * 3600 + minute * 60 + second - offset;
    (EARLIEST..=LATEST).contains(&seconds).then_some(seconds)
}

/// Year, month and day of a day counted from 1970-01-01, in the Gregorian calendar: a year that begins in March has its odd
/// day at the end.
fn civil(days: i64) -> (i64, &'static str, i64) {
    let days = days + 719_468;
    let (era, day) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let date = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 2 } else { shifted - 10 };
    let year = year + era * 400 + i64::from(month < 2);
    (year, usize::try_from(month).ok().and_then(|month| MONTHS.get(month)).copied().unwrap_or("Jan"), date)
}

/// The reverse; `month` counts from 1.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_days() {
        assert_eq!(date_time(0), " 1-Jan-1970 00:00:00 +0000");
        assert_eq!(date(951_782_400), "29-Feb-2000");
        assert_eq!(date(-1), "31-Dec-1969");
        assert_eq!(seconds("23-Nov-2026 10:00:00 +0100"), Some(1_795_424_400));
        assert_eq!(seconds(" 1-jan-1970 00:00:00 -0030"), Some(1800));
        for bad in [
            "",
            "1-Jan-1970",
            "0-Jan-1970 00:00:00 +0000",
            "1-Foo-1970 00:00:00 +0000",
            "1-Jan-1970 24:00:00 +0000",
            "1-Jan-1970 00:00:00 0000",
            "1-Jan-1970 00:00:00 +é00",
        ] {
            assert_eq!(seconds(bad), None, "{bad}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(at in EARLIEST..=LATEST) {
            prop_assert_eq!(seconds(&date_time(at)), Some(at));
            prop_assert!(date_time(at).trim_start().starts_with(&date(at)));
        }

        #[test]
        fn nothing_panics(text in ".{0,40}", at in any::<i64>()) {
            let _ = seconds(&text);
            let _ = date_time(at);
            let _ = date(at);
        }
    }
}
