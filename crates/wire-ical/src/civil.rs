//! Times on the wall and on the world's clock, to the second, as numbers: recurrences count millions of them.

use std::fmt;

/// Seconds of a day.
pub(crate) const DAY: i64 = 86_400;

/// A moment: seconds since 1970-01-01T00:00:00Z, without leap seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Utc(i64);

/// A time on a wall, in whatever zone: seconds since 1970-01-01T00:00:00 there. A date is its midnight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Local(i64);

/// A date in the Gregorian calendar.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date {
    /// The year; what is read has 1 to 9999.
    pub year: i64,
    /// The month, 1 to 12.
    pub month: i64,
    /// The day of the month, 1 to 31.
    pub day: i64,
}

impl Date {
    /// A date that there is, of the years that four digits write.
    pub fn new(year: i64, month: i64, day: i64) -> Option<Self> {
        let there_is = (1..=9999).contains(&year) && (1..=12).contains(&month) && day >= 1;
        (there_is && day <= month_length(year, month)).then_some(Self { year, month, day })
    }

    /// Days since 1970-01-01. Years begin in March for this, so that the leap day is a year's last.
    pub(crate) fn number(self) -> i64 {
        let year = self.year - i64::from(self.month <= 2);
        let era = year.div_euclid(400);
        let of_era = year.rem_euclid(400);
        let of_year = (153 * (self.month + if self.month > 2 { -3 } else { 9 }) + 2) / 5 + self.day - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
    }

    /// The inverse of [`Date::number`].
    pub(crate) fn of_number(days: i64) -> Self {
        let days = days + 719_468;
        let era = days.div_euclid(146_097);
        let of_era = days.rem_euclid(146_097);
        let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        Self { year: year + era * 400 + i64::from(month <= 2), month, day }
    }
}

/// Days of a month.
pub(crate) fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 => 28 + i64::from(is_leap(year)),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// The day of the week of a day's number: 0 for Monday.
pub(crate) fn weekday(day: i64) -> i64 {
    (day + 3).rem_euclid(7)
}

impl Utc {
    /// Before everything that is read.
    pub const MIN: Self = Self(-(1 << 40));
    /// After everything that is read.
    pub const MAX: Self = Self(1 << 40);

    /// Seconds since 1970-01-01T00:00:00Z; what four digits of a year cannot hold becomes [`Utc::MIN`] or [`Utc::MAX`].
    pub fn of(seconds: i64) -> Self {
        Self(seconds).max(Self::MIN).min(Self::MAX)
    }

    /// Reads `19970714T173000Z` (RFC 5545 §3.3.5, form 2).
    pub fn parse(value: &str) -> Option<Self> {
        let local = Local::parse(value.strip_suffix(['Z', 'z'])?)?;
        Some(Self(local.0))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// So many seconds later.
    #[must_use]
    pub fn plus(self, seconds: i64) -> Self {
        Self::of(self.0.saturating_add(seconds))
    }
}

impl Local {
    /// Seconds since 1970-01-01T00:00:00 on the wall, bounded as [`Utc::of`].
    pub fn of(seconds: i64) -> Self {
        Self(Utc::of(seconds).0)
    }

    /// A date's midnight.
    pub fn midnight(date: Date) -> Self {
        Self(date.number() * DAY)
    }

    /// Reads `19970714T133000`: a date, `T` and a time (RFC 5545 §3.3.5, form 1).
    pub fn parse(value: &str) -> Option<Self> {
        let (date, time) = value.split_once(['T', 't'])?;
        let time = digits(time, 6)?;
        let (hour, minute, second) = (time / 10_000, time / 100 % 100, time % 100);
        // RFC 5545 §3.3.12: a leap second is 59 for whoever has none.
        let there_is = hour < 24 && minute < 60 && second <= 60;
        there_is.then_some(Self::parse_date(date)?.plus(hour * 3_600 + minute * 60 + second.min(59)))
    }

    /// Reads `19970714` (RFC 5545 §3.3.4).
    pub fn parse_date(value: &str) -> Option<Self> {
        let number = digits(value, 8)?;
        Date::new(number / 10_000, number / 100 % 100, number % 100).map(Self::midnight)
    }

    /// Seconds since 1970-01-01T00:00:00 on the wall.
    pub fn seconds(self) -> i64 {
        self.0
    }

    /// The date.
    pub fn date(self) -> Date {
        Date::of_number(self.day())
    }

    /// Seconds since midnight.
    pub fn second_of_day(self) -> i64 {
        self.0.rem_euclid(DAY)
    }

    /// Days since 1970-01-01.
    pub(crate) fn day(self) -> i64 {
        self.0.div_euclid(DAY)
    }

    pub(crate) fn plus(self, seconds: i64) -> Self {
        Self::of(self.0.saturating_add(seconds))
    }

    /// As a DATE: `19970714`.
    pub fn to_date_text(self) -> String {
        let Date { year, month, day } = self.date();
        format!("{year:04}{month:02}{day:02}")
    }
}

/// A number of exactly so many digits.
fn digits(text: &str, many: usize) -> Option<i64> {
    let all = text.len() == many && text.bytes().all(|octet| octet.is_ascii_digit());
    all.then(|| text.parse().ok()).flatten()
}

impl fmt::Display for Local {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Date { year, month, day } = self.date();
        let second = self.second_of_day();
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        write!(f, "{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}")
    }
}

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}Z", Local(self.0))
    }
}
