//! The instances of a series that may touch a window, one after the other until whoever asks has seen enough.

use super::dates::{Dates, MOST_STEPS, Stopped};
use super::rule::{Frequency, Rule, Until};
use super::series::{Item, Series, Truncated};
use crate::civil::DAY;
use crate::{Local, Stamp, Utc, Zones};
use std::collections::HashSet;
use std::ops::ControlFlow;

/// Most instances that are told for one question: every minute of a fortnight.
pub const MOST_OCCURRENCES: usize = 20_160;

/// Zones are less than a day from Greenwich, and clocks change by less than another.
const SLACK: i64 = 2 * DAY;

/// One instance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Occurrence {
    /// The place of the component that describes it among the calendar's components.
    pub component: usize,
    /// When it begins.
    pub start: Utc,
    /// When it ends; its start where it takes no time.
    pub end: Utc,
    /// Its start as the component writes it.
    pub stamp: Stamp,
    /// Which instance it is of a recurring component: the start that the rule gave it.
    pub recurrence_id: Option<Stamp>,
}

/// From when to when instances are looked for; more may be told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Window {
    pub(crate) from: Utc,
    pub(crate) to: Utc,
}

/// Who looks at instances, and says when to stop.
pub(crate) type Visit<'v> = dyn FnMut(&Occurrence) -> ControlFlow<()> + 'v;

impl Series {
    /// Shows each instance that may touch the window.
    pub(crate) fn walk(&self, zones: &Zones, window: Window, visit: &mut Visit<'_>) -> Result<(), Truncated> {
        let mut walk = Walk { series: self, zones, window, visit, told: 0, steps: MOST_STEPS };
        match walk.all() {
            ControlFlow::Continue(()) | ControlFlow::Break(None) => Ok(()),
            ControlFlow::Break(Some(truncated)) => Err(truncated),
        }
    }
}

/// Going on, having seen enough, or a limit.
type Flow = ControlFlow<Option<Truncated>>;

struct Walk<'w, 'v> {
    series: &'w Series,
    zones: &'w Zones,
    window: Window,
    visit: &'w mut Visit<'v>,
    told: usize,
    steps: usize,
}

impl Walk<'_, '_> {
    fn all(&mut self) -> Flow {
        let series = self.series;
        for item in &series.overrides {
            self.tell(item, item.start, item.recurrence_id, None)?;
        }
        let Some(master) = &series.master else { return Flow::Continue(()) };
        if !series.is_recurring() {
            return self.instance(master, master.start, None, &[]);
        }
        let without = self.taken_by_rules(master)?;
        self.instance(master, master.start, None, &without)?;
        let first = master.begins;
        let from = self.window.from.plus(-SLACK - series.longest - series.reach);
        for (moment, stamp, end) in &series.rdates {
            if *moment > self.window.to.plus(SLACK + series.reach) {
                break;
            }
            if *moment < from && end.is_none_or(|end| end < from) {
                continue;
            }
            if *moment != first {
                self.instance(master, *stamp, *end, &without)?;
            }
        }
        let mut seen = HashSet::new();
        let alone = series.rules.len() < 2;
        for rule in &series.rules {
            self.follow(rule, master, self.window, &mut |walk, stamp, moment| {
                let dated = series.rdates.binary_search_by_key(&moment, |(moment, _, _)| *moment).is_ok();
                if moment == first || dated || (!alone && !seen.insert(moment)) {
                    return Flow::Continue(());
                }
                walk.instance(master, stamp, None, &without)
            })?;
        }
        Flow::Continue(())
    }

    /// The moments that EXRULE takes out; it was in RFC 2445, and old calendars have it.
    fn taken_by_rules(&mut self, master: &Item) -> ControlFlow<Option<Truncated>, Vec<Utc>> {
        let mut taken = Vec::new();
        for rule in &self.series.exrules {
            let window = Window { from: self.window.from, to: self.window.to.plus(SLACK) };
            self.follow(rule, master, window, &mut |_, _, moment| {
                taken.push(moment);
                if taken.len() > MOST_OCCURRENCES {
                    Flow::Break(Some(Truncated::Occurrences))
                } else {
                    Flow::Continue(())
                }
            })?;
        }
        taken.sort_unstable();
        ControlFlow::Continue(taken)
    }

    /// Follows a rule through a window.
    fn follow(
        &mut self,
        rule: &Rule,
        master: &Item,
        window: Window,
        each: &mut dyn FnMut(&mut Self, Stamp, Utc) -> Flow,
    ) -> Flow {
        let Stamp { local: start, form } = master.start;
        let local = |moment: Utc| self.zones.local(form, moment);
        // Days and longer periods cost nothing to look at a little wider. Of seconds each counts: they are followed as far as
        // clocks change about there.
        let around = |edge: Utc| match rule.frequency < Frequency::Daily {
            true => (local(edge.plus(DAY)).seconds() - local(edge.plus(-DAY)).seconds() - 2 * DAY).abs(),
            false => SLACK,
        };
        let (from, to) =
            (window.from.plus(-self.series.longest - self.series.reach), window.to.plus(self.series.reach));
        let (from, to) = (local(from).plus(-around(from)), local(to).plus(around(to)));
        // What COUNT counts has to be counted from the start.
        let from = if rule.count.is_some() { start } else { from };
        let last = match rule.until {
            Some(Until::Date(day)) => day.plus(DAY - 1),
            Some(Until::Local(local)) => local,
            Some(Until::Utc(moment)) => local(moment).plus(SLACK),
            None => Local::of(i64::MAX),
        };
        let mut dates = Dates::new(rule, start, from, self.steps);
        // RFC 5545 §3.3.10: DTSTART always counts as the first.
        let mut left = rule.count.map_or(u32::MAX, |count| count - 1);
        for local in dates.by_ref() {
            if local > last || local > to {
                break;
            }
            if local != start && rule.count.is_some() {
                if left == 0 {
                    break;
                }
                left -= 1;
            }
            if local < from {
                continue;
            }
            let stamp = Stamp { local, form };
            let moment = self.zones.moment(stamp);
            if matches!(rule.until, Some(Until::Utc(until)) if moment > until) {
                continue;
            }
            // RFC 5545 §3.3.10 has instances in a skipped hour ignored; §3.3.5 moves them behind it. Of rules that have one
            // there anyway the first is right, of daily ones the second: a lecture is not called off by summer time.
            if rule.frequency < Frequency::Daily && self.zones.local(form, moment) != local {
                continue;
            }
            each(self, stamp, moment)?;
        }
        let (stopped, steps) = dates.ending();
        self.steps = steps;
        match stopped {
            Stopped::Not | Stopped::Horizon => Flow::Continue(()),
            Stopped::Steps => Flow::Break(Some(Truncated::Steps)),
        }
    }

    /// An instance that a rule, a date or the start makes, unless something takes it out.
    fn instance(&mut self, master: &Item, stamp: Stamp, end: Option<Utc>, without: &[Utc]) -> Flow {
        let series = self.series;
        let moment = if stamp == master.start { master.begins } else { self.zones.moment(stamp) };
        let taken = series.excluded.has(stamp, moment) || series.overridden.has(stamp, moment);
        if taken || without.binary_search(&moment).is_ok() {
            return Flow::Continue(());
        }
        let of_series = series.is_recurring().then_some(stamp);
        let since = series.future.partition_point(|(from, _)| *from <= moment);
        let item =
            since.checked_sub(1).and_then(|last| series.future.get(last)).and_then(|(_, at)| series.overrides.get(*at));
        let Some((item, id)) = item.and_then(|item| Some((item, item.recurrence_id?))) else {
            return self.tell(master, stamp, of_series, end);
        };
        // RFC 5545 §3.8.4.4: with THISANDFUTURE each later instance is moved by as much as this one.
        let form = item.start.form;
        let moved = item.start.local.seconds() - self.zones.local(form, self.zones.moment(id)).seconds();
        let local = self.zones.local(form, moment).plus(moved);
        self.tell(item, Stamp { local, form }, of_series, None)
    }

    fn tell(&mut self, item: &Item, stamp: Stamp, recurrence_id: Option<Stamp>, end: Option<Utc>) -> Flow {
        let (start, end) = match end {
            None if stamp == item.start => (item.begins, item.ends),
            own => {
                let start = self.zones.moment(stamp);
                (start, own.unwrap_or_else(|| item.length.end(stamp, start, self.zones)))
            }
        };
        if end < self.window.from || start > self.window.to {
            return Flow::Continue(());
        }
        self.told += 1;
        if self.told > MOST_OCCURRENCES {
            return Flow::Break(Some(Truncated::Occurrences));
        }
        let end = end.max(start);
        match (self.visit)(&Occurrence { component: item.at, start, end, stamp, recurrence_id }) {
            ControlFlow::Continue(()) => Flow::Continue(()),
            ControlFlow::Break(()) => Flow::Break(None),
        }
    }
}
