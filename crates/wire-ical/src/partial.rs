//! CALDAV:calendar-data (RFC 4791 §9.6): an object told in part, its recurrences expanded or limited.

use crate::expand;
use crate::write::{self, PropsSelect};
use crate::{CalendarObject, Component, Property, Range, Wrong};
use std::borrow::Cow;

/// What is told of an object. Without any of it the stored octets are: then nothing has to be understood.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CalendarData {
    /// Which components and properties; all where there is nothing.
    pub select: Option<CompSelect>,
    /// How recurrences are told.
    pub recurrence: RecurrenceSet,
    /// Only periods of FREEBUSY that overlap this (limit-freebusy-set).
    pub limit_freebusy_set: Option<Range>,
}

/// How recurrences are told (RFC 4791 §9.6.5, §9.6.6): one or the other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum RecurrenceSet {
    /// As they are.
    #[default]
    Whole,
    /// Each instance that overlaps the range by itself, in UTC, without rules.
    Expand(Range),
    /// The rules, and only overrides that matter in the range.
    Limit(Range),
}

/// A component that is told (RFC 4791 §9.6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompSelect {
    /// Its name.
    pub name: String,
    /// What of its properties.
    pub props: PropsSelect,
    /// What of its components.
    pub comps: CompsSelect,
}

/// Which components in one are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompsSelect {
    /// All of them, whole.
    All,
    /// Those.
    Named(Vec<CompSelect>),
}

impl CalendarObject<'_> {
    /// The object as it was asked for.
    ///
    /// # Errors
    /// A time that cannot be read, or more instances in the range than can be told.
    pub fn partial(&self, data: &CalendarData) -> Result<String, Wrong> {
        let calendar = self.calendar();
        let mut components: Vec<Cow<'_, Component<'_>>> = match data.recurrence {
            RecurrenceSet::Whole => calendar.components.iter().map(Cow::Borrowed).collect(),
            RecurrenceSet::Expand(range) => expand::expanded(self, range)?.into_iter().map(Cow::Owned).collect(),
            RecurrenceSet::Limit(range) => {
                let kept = |(at, _): &(usize, _)| self.matters(*at, range);
                calendar.components.iter().enumerate().filter(kept).map(|(_, one)| Cow::Borrowed(one)).collect()
            }
        };
        if let Some(range) = data.limit_freebusy_set {
            for component in components.iter_mut().filter(|component| component.is("VFREEBUSY")) {
                *component = Cow::Owned(self.limited(component, range)?);
            }
        }
        let mut out = String::new();
        write::within(calendar.name(), &mut out, |out| {
            let select = data.select.as_ref();
            let (props, comps) = select.map_or((&PropsSelect::All, &CompsSelect::All), |one| (&one.props, &one.comps));
            calendar.properties.iter().for_each(|property| props.write(property, out));
            components.iter().for_each(|component| comps.write(component, out));
        });
        Ok(out)
    }

    /// Whether a component belongs to the limited set: what recurs does, and an override that is in the range, or that has
    /// taken an instance out of it, or that changes those in it.
    fn matters(&self, at: usize, range: Range) -> bool {
        let zones = self.zones();
        self.series().iter().all(|series| {
            let Some(item) = series.overrides.iter().find(|item| item.at == at) else { return true };
            let Some(id) = item.recurrence_id else { return true };
            let was = zones.moment(id);
            let touches = |start, end| start < range.end && (end > range.start || start >= range.start);
            let of_master = series.master.as_ref().is_some_and(|master| touches(was, master.end_of(was)));
            let start = zones.moment(item.start);
            of_master
                || touches(was, was)
                || touches(start, item.end_of(start))
                || (item.this_and_future && was < range.end)
        })
    }

    fn limited<'c>(&self, component: &Component<'c>, range: Range) -> Result<Component<'c>, Wrong> {
        let zones = self.zones();
        let mut properties: Vec<Property<'c>> = Vec::new();
        for property in &component.properties {
            if !property.is("FREEBUSY") {
                properties.push(property.clone());
                continue;
            }
            let periods = zones.periods(property)?;
            let values = property.value().split(',').filter(|value| !value.trim().is_empty());
            let inside = periods
                .into_iter()
                .zip(values)
                .filter(|((start, end), _)| range.start < *end && range.end > zones.moment(*start));
            let values: Vec<&str> = inside.map(|(_, value)| value).collect();
            if !values.is_empty() {
                properties.push(property.with(|_| true, &values.join(",")));
            }
        }
        Ok(component.with(properties, component.components.clone()))
    }
}

impl CompsSelect {
    fn write(&self, component: &Component<'_>, out: &mut String) {
        match self {
            Self::All => write::component(component, out),
            Self::Named(selects) => {
                let Some(select) = selects.iter().find(|select| component.is(&select.name)) else { return };
                write::within(component.name(), out, |out| {
                    component.properties.iter().for_each(|property| select.props.write(property, out));
                    component.components.iter().for_each(|inner| select.comps.write(inner, out));
                });
            }
        }
    }
}
