//! A VTIMEZONE's own rules (RFC 5545 §3.6.5): each change of clocks that they make, in the order of time.

use crate::civil::{Local, Utc};
use crate::duration;
use crate::recurrence::{Dates, MOST_STEPS, Rule, Stopped, Until};
use crate::{Component, Wrong};

/// Most changes of clocks in one VTIMEZONE: two a year from 1601, where Windows begins, are 1,400.
pub const MOST_TRANSITIONS: usize = 2_000;
/// The last year whose changes are followed; from then on clocks stay.
pub const LAST_YEAR_OF_RULES: i64 = 2_300;

/// Clocks change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Transition {
    at: Utc,
    /// Seconds east of Greenwich until then.
    before: i64,
    /// And from then on.
    after: i64,
}

/// The changes of a zone.
#[derive(Debug)]
pub(super) struct Rules {
    transitions: Vec<Transition>,
}

impl Rules {
    pub(super) fn of(vtimezone: &Component<'_>) -> Result<Self, Wrong> {
        let mut transitions = Vec::new();
        let mut steps = MOST_STEPS;
        for observance in &vtimezone.components {
            if observance.is("STANDARD") || observance.is("DAYLIGHT") {
                observe(observance, &mut transitions, &mut steps)?;
            }
        }
        if transitions.is_empty() {
            return Err(Wrong::malformed(vtimezone.line(), "a VTIMEZONE without STANDARD or DAYLIGHT"));
        }
        transitions.sort_unstable();
        transitions.dedup();
        Ok(Self { transitions })
    }

    pub(super) fn offset_at(&self, moment: Utc) -> i64 {
        self.after(self.transitions.partition_point(|change| change.at <= moment))
    }

    /// The offset before a change holds for times that are skipped and for those that come twice.
    pub(super) fn offset_on_the_wall(&self, local: Local) -> i64 {
        let done = |change: &Transition| change.at.seconds() + change.before.max(change.after) <= local.seconds();
        self.after(self.transitions.partition_point(done))
    }

    fn after(&self, changes: usize) -> i64 {
        match changes.checked_sub(1).and_then(|last| self.transitions.get(last)) {
            Some(change) => change.after,
            None => self.transitions.first().map_or(0, |change| change.before),
        }
    }
}

/// The changes that one STANDARD or DAYLIGHT makes. Its times are on the wall before the change.
fn observe(observance: &Component<'_>, transitions: &mut Vec<Transition>, steps: &mut usize) -> Result<(), Wrong> {
    let offset = |name: &str| {
        let found = observance.property(name);
        let line = found.map_or(observance.line(), |property| property.line());
        let read = found.and_then(|property| duration::offset(property.value().trim()));
        read.ok_or_else(|| Wrong::malformed(line, format!("{name} of a VTIMEZONE is missing or no offset")))
    };
    let (before, after) = (offset("TZOFFSETFROM")?, offset("TZOFFSETTO")?);
    let start = observance.property("DTSTART").and_then(|property| Local::parse(property.value().trim()));
    let start =
        start.ok_or_else(|| Wrong::malformed(observance.line(), "DTSTART of a VTIMEZONE is missing or no time"))?;
    let many = || Wrong::too_large(observance.line(), format!("a VTIMEZONE with more than {MOST_TRANSITIONS} changes"));
    let mut push = |local: Local| {
        transitions.push(Transition { at: Utc::of(local.seconds() - before), before, after });
        if transitions.len() > MOST_TRANSITIONS { Err(many()) } else { Ok(()) }
    };
    push(start)?;
    for property in observance.all("RDATE") {
        for value in property.value().split(',') {
            let local = Local::parse(value.trim()).or_else(|| Local::parse_date(value.trim()));
            push(local.ok_or_else(|| Wrong::malformed(property.line(), "an RDATE of a VTIMEZONE that is no time"))?)?;
        }
    }
    for property in observance.all("RRULE") {
        let rule = Rule::parse(property.line(), property.value())?;
        let last = match rule.until {
            Some(Until::Utc(moment)) => Local::of(moment.seconds() + before),
            Some(Until::Local(local)) => local,
            Some(Until::Date(local)) => local.plus(crate::civil::DAY - 1),
            None => Local::of(i64::MAX),
        };
        let most = rule.count.map_or(usize::MAX, |count| usize::try_from(count).unwrap_or(usize::MAX));
        let mut dates = Dates::new(&rule, start, start, *steps);
        for local in dates.by_ref().take(most) {
            if local > last || local.date().year > LAST_YEAR_OF_RULES {
                break;
            }
            if local != start {
                push(local)?;
            }
        }
        let (stopped, left) = dates.ending();
        *steps = left;
        if stopped == Stopped::Steps {
            return Err(Wrong::too_large(property.line(), "a rule of a VTIMEZONE that takes too many steps"));
        }
    }
    Ok(())
}
