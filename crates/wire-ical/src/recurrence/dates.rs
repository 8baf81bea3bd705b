//! A rule followed: the times on the wall that it makes, in their order, from any time on. What comes before that time is
//! jumped over by arithmetic, never counted through.

use super::days::Days;
use super::rule::{Frequency, Rule};
use crate::Local;
use crate::civil::{DAY, Date, month_length};

/// How many years behind its start a rule is followed, or behind 1970 where it began earlier: birthdays of people who do not
/// tell their year begin in 1604, and zones in 1601.
pub const HORIZON_YEARS: i64 = 400;
/// Most steps in which a rule is followed for one question: periods, days and instances that are looked at.
pub const MOST_STEPS: usize = 250_000;

/// Why there are no more times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// Not yet.
    Not,
    /// The horizon was reached.
    Horizon,
    /// The steps are used up.
    Steps,
}

/// The times of a rule. UNTIL and COUNT are for whoever asks: they speak of moments and of DTSTART.
#[derive(Debug)]
pub(crate) struct Dates<'r> {
    rule: &'r Rule,
    days: Days,
    start: Local,
    /// Seconds of a period's day, hour or minute at which there are instances.
    seconds: Vec<i64>,
    /// The next period, from 0.
    period: i64,
    last_year: i64,
    queue: Vec<i64>,
    next: usize,
    steps: usize,
    stopped: Stopped,
}

impl<'r> Dates<'r> {
    /// The times from `from` on, or a little earlier; those of the start's own period first.
    pub(crate) fn new(rule: &'r Rule, start: Local, from: Local, steps: usize) -> Self {
        let mut dates = Self {
            rule,
            days: Days::of(rule, start),
            start,
            seconds: seconds(rule, start),
            period: 0,
            last_year: (start.date().year.max(1970) + HORIZON_YEARS).min(9_999),
            queue: Vec::new(),
            next: 0,
            steps,
            stopped: Stopped::Not,
        };
        let ahead = dates.place(from.max(start)) - dates.place(start);
        dates.period = ahead.max(0) / rule.interval;
        dates
    }

    /// Why it has ended, and which steps are left.
    pub(crate) fn ending(&self) -> (Stopped, usize) {
        (self.stopped, self.steps)
    }

    /// The number of the year, month, week, day, hour, minute or second that a time is in.
    fn place(&self, at: Local) -> i64 {
        let date = at.date();
        match self.rule.frequency {
            Frequency::Yearly => date.year,
            Frequency::Monthly => date.year * 12 + date.month - 1,
            // The first day of 1970 was a Thursday, so that a Monday is three days before.
            Frequency::Weekly => (at.day() + 3 - self.rule.week_start).div_euclid(7),
            Frequency::Daily => at.day(),
            Frequency::Hourly => at.seconds().div_euclid(3_600),
            Frequency::Minutely => at.seconds().div_euclid(60),
            Frequency::Secondly => at.seconds(),
        }
    }

    /// Looks at one period; what is in it is in the queue then.
    fn fill(&mut self) {
        let at = self.place(self.start).saturating_add(self.period.saturating_mul(self.rule.interval));
        let mut queue = std::mem::take(&mut self.queue);
        queue.clear();
        self.period += 1;
        self.next = 0;
        match self.rule.frequency {
            Frequency::Yearly if at <= self.last_year => {
                (1..=12).for_each(|month| self.month(at, month, &mut queue));
            }
            Frequency::Monthly if at.div_euclid(12) <= self.last_year => {
                self.month(at.div_euclid(12), at.rem_euclid(12) + 1, &mut queue);
            }
            Frequency::Weekly if self.is_near(at.saturating_mul(7 * DAY)) => {
                let first = at * 7 - 3 + self.rule.week_start;
                self.span(first, 7, &mut queue);
            }
            Frequency::Daily if self.is_near(at.saturating_mul(DAY)) => self.span(at, 1, &mut queue),
            Frequency::Hourly => self.short(at, 3_600, &mut queue),
            Frequency::Minutely => self.short(at, 60, &mut queue),
            Frequency::Secondly => self.short(at, 1, &mut queue),
            _ => self.stopped = Stopped::Horizon,
        }
        if self.steps == 0 && self.stopped == Stopped::Not {
            self.stopped = Stopped::Steps;
            // Of half a period nobody knows which its last is.
            if !self.rule.positions.is_empty() {
                queue.clear();
            }
        }
        self.chosen(&mut queue);
        self.queue = queue;
    }

    fn is_near(&self, seconds: i64) -> bool {
        seconds < (Date { year: self.last_year + 1, month: 1, day: 1 }).number() * DAY
    }

    fn month(&mut self, year: i64, month: i64, queue: &mut Vec<i64>) {
        if self.days.has_month(month) {
            self.span(Date { year, month, day: 1 }.number(), month_length(year, month), queue);
        } else {
            self.steps = self.steps.saturating_sub(1);
        }
    }

    fn span(&mut self, first: i64, many: i64, queue: &mut Vec<i64>) {
        for day in first..first.saturating_add(many) {
            if self.steps == 0 {
                return;
            }
            self.steps = self.steps.saturating_sub(1);
            if self.days.has(day) {
                self.steps = self.steps.saturating_sub(self.seconds.len());
                queue.extend(self.seconds.iter().map(|second| day * DAY + second));
            }
        }
    }

    /// A period of less than a day. Where it has nothing because of its day, hour or minute, the next one that may have
    /// something is gone to at once.
    fn short(&mut self, at: i64, unit: i64, queue: &mut Vec<i64>) {
        let begins = at.saturating_mul(unit);
        if !self.is_near(begins) {
            self.stopped = Stopped::Horizon;
            return;
        }
        self.steps = self.steps.saturating_sub(1);
        let has = |bits: u64, at: i64| bits == 0 || bits >> at & 1 == 1;
        let second = begins.rem_euclid(DAY);
        let blocked = if !self.days.has(begins.div_euclid(DAY)) {
            Some(DAY)
        } else if !has(self.rule.hours, second / 3_600) {
            Some(3_600)
        } else if unit < 3_600 && !has(self.rule.minutes, second / 60 % 60) {
            Some(60)
        } else if unit == 1 && !has(self.rule.seconds, second % 60) {
            Some(1)
        } else {
            None
        };
        match blocked {
            Some(block) => {
                let opens = (begins.div_euclid(block) + 1) * block;
                let ahead = opens.div_euclid(unit) - self.place(self.start);
                self.period = self.period.max(ahead.saturating_add(self.rule.interval - 1) / self.rule.interval);
            }
            None => {
                self.steps = self.steps.saturating_sub(self.seconds.len());
                queue.extend(self.seconds.iter().map(|second| begins + second));
            }
        }
    }

    /// Those at the positions of BYSETPOS, when it is there.
    fn chosen(&self, queue: &mut Vec<i64>) {
        if self.rule.positions.is_empty() || queue.is_empty() {
            return;
        }
        let at = |position: &i64| match (usize::try_from(*position), usize::try_from(-*position)) {
            (Ok(from_start), _) => queue.get(from_start.checked_sub(1)?).copied(),
            (_, Ok(from_end)) => queue.get(queue.len().checked_sub(from_end)?).copied(),
            _ => None,
        };
        let mut chosen: Vec<i64> = self.rule.positions.iter().filter_map(at).collect();
        chosen.sort_unstable();
        chosen.dedup();
        *queue = chosen;
    }
}

impl Iterator for Dates<'_> {
    type Item = Local;

    fn next(&mut self) -> Option<Local> {
        loop {
            while let Some(seconds) = self.queue.get(self.next) {
                self.next += 1;
                if *seconds >= self.start.seconds() {
                    return Some(Local::of(*seconds));
                }
            }
            if self.stopped != Stopped::Not {
                return None;
            }
            self.fill();
        }
    }
}

/// The seconds at which a period's days, hours or minutes have instances: of BYHOUR, BYMINUTE and BYSECOND those that the
/// frequency expands, and the start's where they say nothing.
fn seconds(rule: &Rule, start: Local) -> Vec<i64> {
    let second = start.second_of_day();
    let each = |bits: u64, of_start: i64, most: i64| -> Vec<i64> {
        if bits == 0 { vec![of_start] } else { (0..most).filter(|at| bits >> at & 1 == 1).collect() }
    };
    let none = || vec![0];
    let hours = if rule.frequency > Frequency::Hourly { each(rule.hours, second / 3_600, 24) } else { none() };
    let minutes = if rule.frequency > Frequency::Minutely { each(rule.minutes, second / 60 % 60, 60) } else { none() };
    let seconds = if rule.frequency > Frequency::Secondly { each(rule.seconds, second % 60, 60) } else { none() };
    let mut all = Vec::with_capacity(hours.len() * minutes.len() * seconds.len());
    for hour in hours {
        for minute in &minutes {
            all.extend(seconds.iter().map(|second| hour * 3_600 + minute * 60 + second));
        }
    }
    all
}
