//! Whether components overlap a range, by the tables of RFC 4791 §9.9. Every comparison here is one of theirs.

use crate::recurrence::{Item, Occurrence, duration};
use crate::{CalendarObject, Component, Duration, Kind, Property, Range, Stamp, Utc, Wrong};
use std::ops::ControlFlow;

/// Most repetitions of one alarm.
pub const MOST_REPETITIONS: i64 = 1_000;

impl CalendarObject<'_> {
    /// Whether a component of this kind overlaps a range, one of its instances or another.
    ///
    /// # Errors
    /// A value that cannot be read, or a recurrence beyond the limits in which nothing was found before them.
    pub fn overlaps(&self, kind: Kind, range: Range) -> Result<bool, Wrong> {
        for (at, component) in self.calendar().components.iter().enumerate() {
            if Kind::of(component) == Some(kind) && self.component_overlaps(at, range)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether one of the calendar's components overlaps a range: of a component that recurs each instance that it describes.
    ///
    /// # Errors
    /// As [`CalendarObject::overlaps`].
    pub fn component_overlaps(&self, at: usize, range: Range) -> Result<bool, Wrong> {
        let Some(component) = self.calendar().components.get(at) else { return Ok(false) };
        match Kind::of(component) {
            Some(Kind::FreeBusy) => self.free_busy_overlaps(component, range),
            Some(Kind::Task) if component.property("DTSTART").is_none() => self.task_overlaps(component, None, range),
            Some(Kind::Event | Kind::Task | Kind::Journal) => {
                let mut found = Ok(false);
                let walked = self.walk_of(at, range, &mut |occurrence| {
                    found = self.occurrence_overlaps(component, occurrence, range);
                    if matches!(found, Ok(false)) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
                });
                if matches!(found, Ok(false)) {
                    walked?;
                }
                found
            }
            // RFC 7953 §7.2.2.1 asks for more than a gateway that relays can say: it is told always.
            Some(Kind::Availability) => Ok(true),
            None => Ok(false),
        }
    }

    /// Whether an alarm of one of the calendar's components goes off in a range.
    ///
    /// # Errors
    /// As [`CalendarObject::overlaps`].
    pub fn alarm_overlaps(&self, at: usize, alarm: &Component<'_>, range: Range) -> Result<bool, Wrong> {
        let Some(component) = self.calendar().components.get(at) else { return Ok(false) };
        let Some(trigger) = alarm.property("TRIGGER") else { return Ok(false) };
        let (every, again) = repetitions(alarm)?;
        let rings = |first: Utc| {
            let seconds = |number: i64| first.plus(every.about().saturating_mul(number));
            (0..=again).map(seconds).any(|time| range.start <= time && range.end > time)
        };
        if let Some(moment) = Utc::parse(trigger.value().trim()) {
            return Ok(rings(moment));
        }
        let Some(before) = Duration::parse(trigger.value().trim()) else {
            return Err(Wrong::malformed(trigger.line(), "TRIGGER is no duration and no UTC time"));
        };
        let from_end = trigger.parameter("RELATED").is_some_and(|word| word.eq_ignore_ascii_case("END"));
        if component.property("DTSTART").is_none() {
            // RFC 5545 §3.8.6.3: of a task without a start, DUE is what there is.
            let due = component.property("DUE").map(|due| self.zones().stamp(due)).transpose()?;
            return Ok(due.is_some_and(|due| rings(self.zones().later(due, before))));
        }
        // Instances are looked for where their alarms could ring in the range.
        let lasts = every.about().saturating_mul(again);
        let day = crate::civil::DAY;
        let wide =
            Range { start: range.start.plus(-lasts - before.about() - day), end: range.end.plus(day - before.about()) };
        let mut found = false;
        let walked = self.walk_of(at, wide, &mut |occurrence| {
            let zones = self.zones();
            let first = if from_end {
                let form = occurrence.stamp.form;
                let end = Stamp { local: zones.local(form, occurrence.end), form };
                // An end is on the wall of its start: its zone is what nominal days are counted in.
                zones.later(end, before)
            } else {
                zones.later(occurrence.stamp, before)
            };
            found = rings(first);
            if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        if !found {
            walked?;
        }
        Ok(found)
    }

    /// Shows the instances that one component describes.
    fn walk_of(
        &self,
        at: usize,
        range: Range,
        visit: &mut dyn FnMut(&Occurrence) -> ControlFlow<()>,
    ) -> Result<(), Wrong> {
        let own = |item: &Item| item.at == at;
        let has = |series: &&crate::recurrence::Series| series.master.iter().chain(&series.overrides).any(own);
        let Some(series) = self.series().iter().find(has) else { return Ok(()) };
        let window = crate::recurrence::Window { from: range.start, to: range.end };
        Ok(series.walk(self.zones(), window, &mut |occurrence| {
            if occurrence.component == at { visit(occurrence) } else { ControlFlow::Continue(()) }
        })?)
    }

    /// One instance by the tables.
    pub(crate) fn occurrence_overlaps(
        &self,
        component: &Component<'_>,
        one: &Occurrence,
        range: Range,
    ) -> Result<bool, Wrong> {
        let Range { start, end } = range;
        match Kind::of(component) {
            Some(Kind::Task) => self.task_overlaps(component, Some(one), range),
            // An entry of a journal on a date is that day's.
            Some(Kind::Journal) if one.stamp.is_date() => {
                let day = Duration { days: 1, seconds: 0 };
                Ok(start < self.zones().later(one.stamp, day) && end > one.start)
            }
            Some(Kind::Journal) => Ok(start <= one.start && end > one.start),
            // With an end, or a day: start < end of it. Of no length, and without an end: start <= DTSTART.
            _ if one.end > one.start || component.property("DTEND").is_some() => Ok(start < one.end && end > one.start),
            _ => Ok(start <= one.start && end > one.start),
        }
    }

    /// The eight rows of the table for VTODO.
    fn task_overlaps(&self, task: &Component<'_>, one: Option<&Occurrence>, range: Range) -> Result<bool, Wrong> {
        let Range { start, end } = range;
        let moment = |name: &str| -> Result<Option<Utc>, Wrong> {
            let stamp = task.property(name).map(|property| self.zones().stamp(property)).transpose()?;
            Ok(stamp.map(|stamp| self.zones().moment(stamp)))
        };
        let has = |name: &str| task.property(name).is_some();
        if let Some(Occurrence { start: begins, end: ends, .. }) = one {
            return Ok(if has("DURATION") {
                start <= *ends && (end > *begins || end >= *ends)
            } else if has("DUE") {
                (start < *ends || start <= *begins) && (end > *begins || end >= *ends)
            } else {
                start <= *begins && end > *begins
            });
        }
        if let Some(due) = moment("DUE")? {
            return Ok(start < due && end >= due);
        }
        Ok(match (moment("COMPLETED")?, moment("CREATED")?) {
            (Some(completed), Some(created)) => {
                (start <= created || start <= completed) && (end >= created || end >= completed)
            }
            (Some(completed), None) => start <= completed && end >= completed,
            (None, Some(created)) => end > created,
            (None, None) => true,
        })
    }

    fn free_busy_overlaps(&self, component: &Component<'_>, range: Range) -> Result<bool, Wrong> {
        let Range { start, end } = range;
        let zones = self.zones();
        let moment = |property: &Property<'_>| Ok::<_, Wrong>(zones.moment(zones.stamp(property)?));
        if let (Some(begins), Some(ends)) = (component.property("DTSTART"), component.property("DTEND")) {
            return Ok(start <= moment(ends)? && end > moment(begins)?);
        }
        for property in component.all("FREEBUSY") {
            let periods = zones.periods(property)?;
            if periods.into_iter().any(|(begins, ends)| start < ends && end > zones.moment(begins)) {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// DURATION and REPEAT of an alarm (RFC 5545 §3.8.6.2): none without both.
fn repetitions(alarm: &Component<'_>) -> Result<(Duration, i64), Wrong> {
    let (Some(every), Some(again)) = (alarm.property("DURATION"), alarm.property("REPEAT")) else {
        return Ok((Duration::default(), 0));
    };
    let many: Option<i64> = again.value().trim().parse().ok().filter(|many| *many >= 0);
    let many = many.ok_or_else(|| Wrong::malformed(again.line(), "REPEAT is no number"))?;
    if many > MOST_REPETITIONS {
        return Err(Wrong::too_large(
            again.line(),
            format!("an alarm that repeats more than {MOST_REPETITIONS} times"),
        ));
    }
    Ok((duration(every)?, many))
}
