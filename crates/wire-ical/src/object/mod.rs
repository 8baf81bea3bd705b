//! A VCALENDAR understood: which of its components belong together, when they are, and in which zones.

mod demands;
mod facts;
mod people;

pub use demands::{Precondition, Unfit};
pub use facts::{Class, Facts, Kind};
pub use people::{Attendee, MOST_ATTENDEES, Organizer, ScheduleAgent, Scheduling};

use crate::recurrence::{Occurrence, Series, Truncated};
use crate::recurrence::{Visit, Window};
use crate::{Component, Property, Range, Wrong, Zone, Zones};
use std::collections::HashMap;
use std::ops::ControlFlow;

/// A VCALENDAR and the times in it. One of CalDAV's object resources has one UID; an export of a whole calendar, which may be
/// read too, has many.
#[derive(Clone, Debug)]
pub struct CalendarObject<'a> {
    calendar: Component<'a>,
    zones: Zones,
    series: Vec<Series>,
}

/// Instances that were asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Occurrences {
    /// Them, in the order of their starts.
    pub list: Vec<Occurrence>,
    /// Why some are missing, if so.
    pub truncated: Option<Truncated>,
}

impl<'a> CalendarObject<'a> {
    /// Reads a calendar. Dates and floating times are understood in `floating`, the zone of whoever asks.
    ///
    /// # Errors
    /// The first thing that is wrong: with the lines, or with a time or a rule. What CalDAV demands besides is not looked at
    /// ([`CalendarObject::fit`]): what stands in a store already is read as it is.
    pub fn read(octets: &'a [u8], floating: Zone) -> Result<Self, Wrong> {
        Self::of(Component::calendar(octets)?, floating)
    }

    /// The same of a component that was read before.
    ///
    /// # Errors
    /// A time or a rule that is wrong.
    pub fn of(calendar: Component<'a>, floating: Zone) -> Result<Self, Wrong> {
        let zones = Zones::of(&calendar, floating)?;
        let mut series: Vec<Series> = Vec::new();
        let mut places: HashMap<(&str, &str), usize> = HashMap::new();
        for (at, component) in calendar.components.iter().enumerate() {
            if !Kind::of(component).is_some_and(Kind::recurs) {
                continue;
            }
            let uid = component.property("UID").map_or("", |uid| uid.value().trim());
            let place = *places.entry((component.name(), uid)).or_insert_with(|| {
                series.push(Series::default());
                series.len() - 1
            });
            if let Some(series) = series.get_mut(place) {
                series.take(at, component, &zones)?;
            }
        }
        series.iter_mut().for_each(|series| series.settle(&zones));
        Ok(Self { calendar, zones, series })
    }

    /// The VCALENDAR.
    pub fn calendar(&self) -> &Component<'a> {
        &self.calendar
    }

    /// The zones that its times are in.
    pub fn zones(&self) -> &Zones {
        &self.zones
    }

    /// The component that an occurrence is described by.
    pub fn component(&self, occurrence: &Occurrence) -> Option<&Component<'a>> {
        self.calendar.components.get(occurrence.component)
    }

    /// The instances of events, tasks and journal entries with a start that touch a range; an end or start that is on its edge
    /// touches it.
    pub fn occurrences(&self, range: Range) -> Occurrences {
        let mut list = Vec::new();
        let told = self.walk(range, &mut |occurrence| {
            list.push(*occurrence);
            ControlFlow::Continue(())
        });
        list.sort_unstable_by_key(|occurrence: &Occurrence| (occurrence.start, occurrence.end, occurrence.component));
        Occurrences { list, truncated: told.err() }
    }

    /// The first property that is broken text: octets that are not UTF-8.
    pub fn broken(&self) -> Option<&Property<'a>> {
        fn first<'c, 'a>(component: &'c Component<'a>) -> Option<&'c Property<'a>> {
            let own = component.properties.iter().find(|property| property.is_broken());
            own.or_else(|| component.components.iter().find_map(first))
        }
        first(&self.calendar)
    }

    pub(crate) fn series(&self) -> &[Series] {
        &self.series
    }

    /// Shows instances that touch a range, until it is enough.
    pub(crate) fn walk(&self, range: Range, visit: &mut Visit<'_>) -> Result<(), Truncated> {
        let window = Window { from: range.start, to: range.end };
        let mut enough = false;
        for series in &self.series {
            series.walk(&self.zones, window, &mut |occurrence| {
                let flow = visit(occurrence);
                enough = flow.is_break();
                flow
            })?;
            if enough {
                break;
            }
        }
        Ok(())
    }
}
