//! A month as weeks that begin on Monday, with what is in each day. Pure: what day it is, is told.

use passerelle_wire_ical::{Date, Local};

const DAY: i64 = 86_400;
/// Days of the longest run that is laid out.
const LONGEST: i64 = 62;

/// A month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Month {
    pub(super) year: i64,
    /// 1 to 12.
    pub(super) month: i64,
}

impl Month {
    /// The month of a time on the wall.
    pub(super) fn of(wall: Local) -> Self {
        let Date { year, month, .. } = wall.date();
        Self { year, month }
    }

    /// Reads `2026-11`.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (year, month) = text.split_once('-').filter(|_| text.len() == 7)?;
        let all_digits = |text: &str| text.bytes().all(|octet| octet.is_ascii_digit());
        let (year, month) =
            (all_digits(year) && all_digits(month)).then_some((year.parse().ok()?, month.parse().ok()?))?;
        Date::new(year, month, 1).map(|_| Self { year, month })
    }

    /// As it stands in addresses.
    pub(super) fn text(self) -> String {
        format!("{:04}-{:02}", self.year, self.month)
    }

    /// The month behind it.
    pub(super) const fn next(self) -> Self {
        match self.month {
            12 => Self { year: self.year.saturating_add(1), month: 1 },
            month => Self { year: self.year, month: month.saturating_add(1) },
        }
    }

    /// The month before it.
    pub(super) const fn before(self) -> Self {
        match self.month {
            1 => Self { year: self.year.saturating_sub(1), month: 12 },
            month => Self { year: self.year, month: month.saturating_sub(1) },
        }
    }

    /// Its first midnight; the end of time for what no calendar reaches.
    pub(super) fn begins(self) -> Local {
        Date::new(self.year, self.month, 1).map_or(Local::of(i64::MAX), Local::midnight)
    }

    /// The weeks that it is in: the midnights of their days.
    pub(super) fn weeks(self) -> Vec<[Local; 7]> {
        let (first, end) = (number(self.begins()), number(self.next().begins()));
        let mut monday = first - (first + 3).rem_euclid(7);
        let mut weeks = Vec::new();
        while monday < end && monday < first + LONGEST {
            weeks.push([0, 1, 2, 3, 4, 5, 6].map(|day| Local::of((monday + day) * DAY)));
            monday += 7;
        }
        weeks
    }

    /// Whether a time on the wall is in it.
    pub(super) fn has(self, wall: Local) -> bool {
        Self::of(wall) == self
    }
}

/// Days since 1970-01-01.
pub(super) fn number(wall: Local) -> i64 {
    wall.seconds().div_euclid(DAY)
}

/// The midnight that a time on the wall is behind.
pub(super) fn midnight(wall: Local) -> Local {
    Local::of(number(wall) * DAY)
}

/// The day of the week: 0 for Monday.
pub(super) fn weekday(wall: Local) -> usize {
    usize::try_from((number(wall) + 3).rem_euclid(7)).unwrap_or(0)
}

/// The days from one time to another that is not in them, at least one, as their midnights.
pub(super) fn days(start: Local, end: Local) -> impl Iterator<Item = Local> {
    let first = number(start);
    let last = number(Local::of(end.seconds().saturating_sub(1))).clamp(first, first.saturating_add(LONGEST));
    (first..=last).map(|day| Local::of(day * DAY))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
    use super::*;

    #[test]
    fn months_in_weeks() {
        let november = Month::parse("2026-11").unwrap();
        let weeks = november.weeks();
        // It begins on a Sunday, and ends on a Monday.
        assert_eq!(weeks.len(), 6);
        assert_eq!(weeks[0][6].date(), Date::new(2026, 11, 1).unwrap());
        assert_eq!(weeks[5][0].date(), Date::new(2026, 11, 30).unwrap());
        assert_eq!(Month::parse("2027-02").unwrap().weeks().len(), 4);
        assert_eq!(november.next().text(), "2026-12");
        assert_eq!(november.next().next(), Month::parse("2027-01").unwrap());
        assert_eq!(Month::parse("2026-01").unwrap().before().text(), "2025-12");
        for bad in ["", "2026", "2026-13", "2026-1", "2026-+1", "-026-11", "99999-1", "0000-01"] {
            assert_eq!(Month::parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn days_that_something_takes() {
        let at = |text: &str| Local::parse(text).unwrap();
        let many = |start: &str, end: &str| days(at(start), at(end)).count();
        assert_eq!(many("20261130T090000", "20261130T100000"), 1);
        assert_eq!(many("20261130T000000", "20261201T000000"), 1);
        assert_eq!(many("20261130T230000", "20261201T010000"), 2);
        assert_eq!(many("20261130T090000", "20261130T090000"), 1);
        assert_eq!(many("20261130T090000", "99991130T090000"), 63);
        assert_eq!(weekday(at("20261130T090000")), 0);
    }
}
