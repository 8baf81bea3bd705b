//! Which days a rule takes: the BY parts that speak of days, as limits on the days of a period (RFC 5545 §3.3.10's table:
//! a part that expands a period is a limit on all of its days).

use super::rule::{ByDay, Frequency, Rule};
use crate::Local;
use crate::civil::{Date, is_leap, month_length, weekday};

/// The parts of a rule that speak of days, with what its start adds where none does.
#[derive(Clone, Debug)]
pub(super) struct Days {
    months: u64,
    each: Vec<ByDay>,
    month_days: Vec<i64>,
    year_days: Vec<i64>,
    weeks: Vec<i64>,
    week_start: i64,
    /// What `2MO` counts in: the month, or the year.
    counts_in_month: bool,
}

impl Days {
    pub(super) fn of(rule: &Rule, start: Local) -> Self {
        let date = start.date();
        let mut days = Self {
            months: rule.months,
            each: rule.days.clone(),
            month_days: rule.month_days.clone(),
            year_days: rule.year_days.clone(),
            weeks: rule.weeks.clone(),
            week_start: rule.week_start,
            counts_in_month: rule.frequency == Frequency::Monthly || rule.months != 0,
        };
        // RFC 5545 §3.3.10: a number before a day means something in months and years only.
        if !matches!(rule.frequency, Frequency::Monthly | Frequency::Yearly) || !rule.weeks.is_empty() {
            days.each.iter_mut().for_each(|day| day.nth = 0);
        }
        // RFC 5545 §3.3.10: what is missing is taken from DTSTART.
        let of_start = ByDay { nth: 0, weekday: weekday(start.day()) };
        let unsaid = days.each.is_empty() && days.month_days.is_empty() && days.year_days.is_empty();
        match rule.frequency {
            Frequency::Yearly if unsaid && !days.weeks.is_empty() => days.each.push(of_start),
            Frequency::Yearly if unsaid => {
                days.month_days.push(date.day);
                if days.months == 0 {
                    days.months = 1 << date.month;
                }
            }
            Frequency::Monthly if unsaid && days.weeks.is_empty() => days.month_days.push(date.day),
            Frequency::Weekly if unsaid && days.weeks.is_empty() => days.each.push(of_start),
            _ => {}
        }
        days
    }

    /// Whether there are days of this month at all.
    pub(super) fn has_month(&self, month: i64) -> bool {
        self.months == 0 || self.months >> month & 1 == 1
    }

    /// Whether a day is taken.
    pub(super) fn has(&self, day: i64) -> bool {
        // Most rules name days of the week; they are looked at before a date is made.
        if !self.each.is_empty() && !self.each.iter().any(|each| each.weekday == weekday(day)) {
            return false;
        }
        let dated = self.months != 0 || !self.month_days.is_empty() || !self.year_days.is_empty();
        let counted = self.each.iter().any(|each| each.nth != 0);
        if !dated && !counted && self.weeks.is_empty() {
            return true;
        }
        self.has_date(day, Date::of_number(day))
    }

    fn has_date(&self, day: i64, date: Date) -> bool {
        if !self.has_month(date.month) {
            return false;
        }
        let in_month = (date.day, month_length(date.year, date.month));
        let january = Date { month: 1, day: 1, ..date }.number();
        let in_year = (day - january + 1, 365 + i64::from(is_leap(date.year)));
        let among =
            |list: &[i64], (at, of): (i64, i64)| list.is_empty() || list.contains(&at) || list.contains(&(at - of - 1));
        if !among(&self.month_days, in_month) || !among(&self.year_days, in_year) {
            return false;
        }
        if !self.weeks.is_empty() && !among(&self.weeks, self.week(day, date.year)) {
            return false;
        }
        let (at, of) = if self.counts_in_month { in_month } else { in_year };
        let nth = |each: &ByDay| match each.nth {
            0 => true,
            nth if nth > 0 => (at - 1) / 7 + 1 == nth,
            nth => (of - at) / 7 + 1 == -nth,
        };
        self.each.is_empty() || self.each.iter().any(|each| each.weekday == weekday(day) && nth(each))
    }

    /// The number of a day's week and of how many: the first has four days of the year at least.
    fn week(&self, day: i64, year: i64) -> (i64, i64) {
        let first = |year: i64| {
            let january = Date { year, month: 1, day: 1 }.number();
            let before = (weekday(january) - self.week_start).rem_euclid(7);
            if before <= 3 { january - before } else { january + 7 - before }
        };
        let (this, next) = (first(year), first(year + 1));
        let (begins, ends) = if day < this {
            (first(year - 1), this)
        } else if day < next {
            (this, next)
        } else {
            (next, first(year + 2))
        };
        ((day - begins) / 7 + 1, (ends - begins) / 7)
    }
}
