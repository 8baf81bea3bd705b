//! What recurs: a component with its rules, dates and exceptions, and the components that override instances of it.

use super::rule::Rule;
use crate::civil::DAY;
use crate::{Component, Duration, Stamp, Utc, Wrong, Zones};
use std::fmt;

/// Most dates in the RDATE and EXDATE of one component.
pub const MOST_DATES: usize = 20_000;

/// Why not every instance was told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Truncated {
    /// There are more than [`super::MOST_OCCURRENCES`] of them in what was asked for.
    Occurrences,
    /// To find them takes more than [`super::MOST_STEPS`] steps.
    Steps,
}

impl fmt::Display for Truncated {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Occurrences => {
                write!(f, "a recurrence with more than {} instances in the range", super::MOST_OCCURRENCES)
            }
            Self::Steps => write!(f, "a recurrence that takes more than {} steps to be followed", super::MOST_STEPS),
        }
    }
}

impl From<Truncated> for Wrong {
    fn from(truncated: Truncated) -> Self {
        Self::too_many(0, truncated.to_string())
    }
}

/// How long an instance is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// By a DTEND or DUE with a time: the same exact duration for all instances (RFC 5545 §3.8.5.3).
    Exact(i64),
    /// By DURATION, or by dates: the same nominal one.
    Nominal(Duration),
}

impl Length {
    /// No instance is longer.
    pub(super) fn about(self) -> i64 {
        match self {
            Self::Exact(seconds) => seconds,
            Self::Nominal(duration) => duration.about() + DAY,
        }
    }

    /// When an instance ends that begins so.
    pub(super) fn end(self, stamp: Stamp, start: Utc, zones: &Zones) -> Utc {
        match self {
            Self::Exact(seconds) => start.plus(seconds),
            // Without a day to count, nothing has to be looked up.
            Self::Nominal(Duration { days: 0, seconds }) => start.plus(seconds),
            Self::Nominal(duration) => zones.later(stamp, duration),
        }
    }
}

/// One component's times.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    /// Its place among the calendar's components.
    pub(crate) at: usize,
    pub(crate) start: Stamp,
    /// The moments of its own start and end.
    pub(crate) begins: Utc,
    pub(crate) ends: Utc,
    pub(super) length: Length,
    pub(crate) recurrence_id: Option<Stamp>,
    pub(crate) this_and_future: bool,
}

impl Item {
    /// About when an instance ends that begins at a moment: not earlier than it does.
    pub(crate) fn end_of(&self, start: Utc) -> Utc {
        start.plus(self.length.about())
    }
}

/// Moments and whole days, sorted: what EXDATE takes out, or which instances are overridden.
#[derive(Clone, Debug, Default)]
pub(super) struct Taken {
    moments: Vec<Utc>,
    days: Vec<i64>,
}

impl Taken {
    fn of(stamps: impl Iterator<Item = Stamp>, of_dates: bool, zones: &Zones) -> Self {
        let mut taken = Self::default();
        for stamp in stamps {
            // A date that takes out an instance with a time takes out that day's.
            if stamp.is_date() || of_dates {
                taken.days.push(stamp.local.day());
            } else {
                taken.moments.push(zones.moment(stamp));
            }
        }
        taken.moments.sort_unstable();
        taken.days.sort_unstable();
        taken
    }

    pub(super) fn has(&self, stamp: Stamp, moment: Utc) -> bool {
        self.moments.binary_search(&moment).is_ok()
            || (!self.days.is_empty() && self.days.binary_search(&stamp.local.day()).is_ok())
    }
}

/// One UID's components that have a start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Series {
    pub(crate) master: Option<Item>,
    /// Those with a RECURRENCE-ID.
    pub(crate) overrides: Vec<Item>,
    pub(super) rules: Vec<Rule>,
    pub(super) exrules: Vec<Rule>,
    /// RDATE: its moment, what it is, and a period's own end; in the order of moments.
    pub(super) rdates: Vec<(Utc, Stamp, Option<Utc>)>,
    pub(super) excluded: Taken,
    pub(super) overridden: Taken,
    /// Overrides with RANGE=THISANDFUTURE by the moment from which they hold, in that order.
    pub(super) future: Vec<(Utc, usize)>,
    /// How far those move instances, in seconds.
    pub(super) reach: i64,
    /// No instance of a rule is longer, in seconds.
    pub(super) longest: i64,
}

impl Series {
    /// Takes a component in; one without DTSTART has no instances and is left out.
    pub(crate) fn take(&mut self, at: usize, component: &Component<'_>, zones: &Zones) -> Result<(), Wrong> {
        let Some(item) = item(at, component, zones)? else { return Ok(()) };
        // A second master is no override of anything; it has only its own time.
        if item.recurrence_id.is_some() || self.master.is_some() {
            self.overrides.push(item);
            return Ok(());
        }
        let rules = |name| -> Result<Vec<Rule>, Wrong> {
            component.all(name).map(|property| Rule::parse(property.line(), property.value())).collect()
        };
        self.rules = rules("RRULE")?;
        self.exrules = rules("EXRULE")?;
        let mut excluded = Vec::new();
        for property in component.all("EXDATE") {
            excluded.extend(zones.stamps(property)?);
            bounded(property.line(), excluded.len())?;
        }
        self.excluded = Taken::of(excluded.into_iter(), item.start.is_date(), zones);
        for property in component.all("RDATE") {
            if property.value().contains('/') {
                let periods = zones.periods(property)?.into_iter();
                self.rdates.extend(periods.map(|(start, end)| (zones.moment(start), start, Some(end))));
            } else {
                let stamps = zones.stamps(property)?.into_iter();
                self.rdates.extend(stamps.map(|start| (zones.moment(start), start, None)));
            }
            bounded(property.line(), self.rdates.len())?;
        }
        self.rdates.sort_unstable_by_key(|(moment, _, _)| *moment);
        self.rdates.dedup_by_key(|(moment, _, _)| *moment);
        self.master = Some(item);
        Ok(())
    }

    /// To be called when every component is in.
    pub(crate) fn settle(&mut self, zones: &Zones) {
        let of_dates = self.master.as_ref().is_some_and(|master| master.start.is_date());
        self.overridden = Taken::of(self.overrides.iter().filter_map(|item| item.recurrence_id), of_dates, zones);
        let future = self.overrides.iter().enumerate().filter(|(_, item)| item.this_and_future);
        self.future = future.filter_map(|(at, item)| Some((zones.moment(item.recurrence_id?), at))).collect();
        self.future.sort_unstable();
        let shifts = || self.overrides.iter().filter(|item| item.this_and_future);
        let moved = shifts()
            .filter_map(|item| Some((item.begins.seconds() - zones.moment(item.recurrence_id?).seconds()).abs()));
        let reach = moved.max().map_or(0, |most| most + DAY);
        let longest = self.master.iter().chain(shifts()).map(|item| item.length.about()).max().unwrap_or(0);
        (self.reach, self.longest) = (reach, longest);
    }

    /// Whether there are rules or dates that make further instances.
    pub(crate) fn is_recurring(&self) -> bool {
        !self.rules.is_empty() || !self.rdates.is_empty()
    }
}

fn bounded(line: usize, many: usize) -> Result<(), Wrong> {
    if many > MOST_DATES { Err(Wrong::too_large(line, format!("more than {MOST_DATES} dates"))) } else { Ok(()) }
}

fn item(at: usize, component: &Component<'_>, zones: &Zones) -> Result<Option<Item>, Wrong> {
    let stamp = |name: &str| component.property(name).map(|property| zones.stamp(property)).transpose();
    let recurrence_id = stamp("RECURRENCE-ID")?;
    let Some(start) = stamp("DTSTART")? else { return Ok(None) };
    let range = component.property("RECURRENCE-ID").and_then(|property| property.parameter("RANGE"));
    let this_and_future = range.is_some_and(|range| range.eq_ignore_ascii_case("THISANDFUTURE"));
    let length = match stamp(if component.is("VTODO") { "DUE" } else { "DTEND" })? {
        Some(end) if start.is_date() && end.is_date() => {
            Length::Nominal(Duration { days: (end.local.day() - start.local.day()).max(0), seconds: 0 })
        }
        Some(end) => Length::Exact((zones.moment(end).seconds() - zones.moment(start).seconds()).max(0)),
        None => match component.property("DURATION") {
            Some(property) => Length::Nominal(duration(property)?),
            // RFC 5545 §3.6.1: an event on a date takes that day. A task has no end without DUE.
            None => {
                Length::Nominal(Duration { days: i64::from(start.is_date() && !component.is("VTODO")), seconds: 0 })
            }
        },
    };
    let begins = zones.moment(start);
    let ends = length.end(start, begins, zones);
    Ok(Some(Item { at, start, begins, ends, length, recurrence_id, this_and_future }))
}

/// The value of DURATION, which is not negative where it is a length.
pub(crate) fn duration(property: &crate::Property<'_>) -> Result<Duration, Wrong> {
    let read = Duration::parse(property.value().trim()).filter(|duration| duration.about() >= 0);
    read.ok_or_else(|| Wrong::malformed(property.line(), "DURATION is no length of time"))
}
