//! The events of the calendar: five years of them, one in ten weekly for thirty weeks.

use std::fmt::Write as _;

/// How many there are.
pub(crate) const COUNT: usize = 10_000;
/// Days over which they begin, from 1 January 2024.
const DAYS: usize = 1_826;
const FIRST: i64 = 19_723;
/// December 2026, in days since 1970.
const MONTH: std::ops::Range<i64> = 20_788..20_819;
const WEEKS: i64 = 30;

fn is_weekly(number: usize) -> bool {
    number % 10 == 3
}

/// The day on which an event begins, in days since 1970.
fn day(number: usize) -> i64 {
    FIRST + i64::try_from(number % DAYS).unwrap_or_default()
}

/// How many of them are in December 2026.
pub(crate) fn of_month() -> usize {
    let is_in = |number: &usize| match (is_weekly(*number), day(*number)) {
        (false, day) => MONTH.contains(&day),
        (true, day) => (0..WEEKS).any(|week| MONTH.contains(&(day + 7 * week))),
    };
    (0..COUNT).filter(is_in).count()
}

/// Year, month and day of a day since 1970.
fn date(day: i64) -> (i64, i64, i64) {
    let days = day + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let (month, of_month) = (if month < 10 { month + 3 } else { month - 9 }, of_year - (153 * month + 2) / 5 + 1);
    (year + era * 400 + i64::from(month <= 2), month, of_month)
}

fn event(number: usize, version: usize, out: &mut String) {
    let (year, month, day) = date(day(number));
    let hour = 8 + (number / DAYS) % 10;
    let rule = if is_weekly(number) { "RRULE:FREQ=WEEKLY;COUNT=30\r\n" } else { "" };
    // Writing into a String does not fail.
    let _ = write!(
        out,
        "BEGIN:VEVENT\r\nUID:e{number}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:{year:04}{month:02}{day:02}T{hour:02}0000Z\r\nDURATION:PT1H\r\n{rule}SUMMARY:Cours {number} ({version})\r\nLOCATION:Amphi {}\r\nDESCRIPTION:Semestre {}, groupe {}\r\nEND:VEVENT\r\n",
        number % 17,
        number % 6,
        number % 40
    );
}

const HEAD: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//passerelle//bench//EN\r\n";

/// One of them as an object.
pub(crate) fn object(number: usize, version: usize) -> String {
    let mut text = HEAD.to_owned();
    event(number, version, &mut text);
    text + "END:VCALENDAR\r\n"
}

/// All of them as one.
pub(crate) fn all() -> String {
    let mut text = HEAD.to_owned();
    (0..COUNT).for_each(|number| event(number, 0, &mut text));
    text + "END:VCALENDAR\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_those_of_the_calendar() {
        assert_eq!(date(FIRST), (2024, 1, 1));
        assert_eq!(date(MONTH.start), (2026, 12, 1));
        assert_eq!(date(MONTH.end), (2027, 1, 1));
        assert!(object(3, 0).contains("RRULE"));
    }
}
