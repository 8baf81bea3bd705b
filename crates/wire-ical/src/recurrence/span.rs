//! From when to when a series is at all, for an index that must not miss it.

use super::dates::{Dates, MOST_STEPS};
use super::rule::{Rule, Until};
use super::series::{Item, Length, Series};
use crate::civil::DAY;
use crate::{Utc, Zones};

/// When the last instance has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Ends {
    /// Not later than this.
    At(Utc),
    /// It has no last instance, or none that can be found within the limits.
    Never,
}

impl Series {
    /// The first start and the last end.
    pub(crate) fn span(&self, zones: &Zones) -> Option<(Utc, Ends)> {
        let end = |item: &Item, from: Utc| match item.length {
            Length::Exact(seconds) => from.plus(seconds),
            Length::Nominal(duration) => zones.later(item.start, duration).max(from.plus(duration.about())),
        };
        let own = self.master.iter().chain(&self.overrides).map(|item| (item.begins, end(item, item.begins)));
        let dated = self.rdates.iter().map(|(start, _, own)| {
            let last = self.master.as_ref().map_or(*start, |master| end(master, start.plus(DAY)));
            (*start, own.unwrap_or(last))
        });
        let (first, mut last) = own.chain(dated).reduce(|(a, b), (c, d)| (a.min(c), b.max(d)))?;
        // Instances that a THISANDFUTURE moves may begin earlier, and be longer.
        let first = first.plus(-self.reach);
        let late = self.longest.saturating_add(DAY).saturating_add(self.reach);
        if !self.future.is_empty() {
            last = last.plus(late);
        }
        if let Some(master) = &self.master {
            for rule in &self.rules {
                let Some(start) = last_start(rule, master, zones) else { return Some((first, Ends::Never)) };
                last = last.max(start.plus(late));
            }
        }
        Some((first, Ends::At(last)))
    }
}

/// A moment after which a rule has no instance.
fn last_start(rule: &Rule, master: &Item, zones: &Zones) -> Option<Utc> {
    let until = match rule.until {
        Some(Until::Date(local)) => Some(Utc::of(local.seconds()).plus(2 * DAY)),
        Some(Until::Local(local)) => Some(Utc::of(local.seconds()).plus(DAY)),
        Some(Until::Utc(moment)) => Some(moment),
        None => None,
    };
    let Some(count) = rule.count.and_then(|count| usize::try_from(count).ok()) else { return until };
    let start = master.start.local;
    let dates = Dates::new(rule, start, start, MOST_STEPS);
    let mut seen = 1;
    for local in dates.filter(|local| *local != start) {
        let moment = zones.moment(crate::Stamp { local, ..master.start });
        if until.is_some_and(|until| moment > until) {
            return until;
        }
        seen += 1;
        if seen >= count {
            return Some(moment);
        }
    }
    // Of one instance the start is the last; fewer than COUNT were found within the limits otherwise.
    if count == 1 { Some(zones.moment(master.start)) } else { until }
}
