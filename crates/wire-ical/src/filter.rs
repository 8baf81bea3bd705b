//! CALDAV:filter (RFC 4791 §9.7): its typed form, and whether an object matches it. XML is read elsewhere.
//!
//! ```text
//! filter       = comp-filter                       ; VCALENDAR
//! comp-filter  = is-not-defined / [time-range] *prop-filter *comp-filter
//! prop-filter  = is-not-defined / [time-range / text-match] *param-filter
//! param-filter = is-not-defined / [text-match]
//! ```

use crate::{CalendarObject, Component, Property, Range, TextMatch, Utc, Wrong};

/// A condition on components of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompFilter {
    /// The name.
    pub name: String,
    /// What must hold.
    pub test: CompTest,
}

/// What must hold of components.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CompTest {
    /// There is none.
    NotDefined,
    /// There is one for which all of this holds.
    Defined {
        /// It overlaps a range of time.
        time_range: Option<Range>,
        /// Conditions on its properties.
        props: Vec<PropFilter>,
        /// Conditions on components in it.
        comps: Vec<CompFilter>,
    },
}

/// A condition on properties of a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PropFilter {
    /// The name.
    pub name: String,
    /// What must hold.
    pub test: PropTest,
}

/// What must hold of properties.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PropTest {
    /// There is none.
    NotDefined,
    /// There is one for which all of this holds.
    Defined {
        /// On its value.
        value: ValueTest,
        /// On its parameters.
        params: Vec<ParamFilter>,
    },
}

/// What must hold of a property's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ValueTest {
    /// Nothing.
    Any,
    /// It is a time in a range.
    TimeRange(Range),
    /// It is such a text.
    Text(TextMatch),
}

/// A condition on a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamFilter {
    /// The name.
    pub name: String,
    /// What must hold.
    pub test: ParamTest,
}

/// What must hold of a parameter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ParamTest {
    /// It is not there.
    NotDefined,
    /// It is.
    Defined,
    /// One of its values is such a text.
    Text(TextMatch),
}

impl CompFilter {
    /// Whether a calendar object matches; the filter's name is that of the outermost component, `VCALENDAR`.
    ///
    /// # Errors
    /// A value that a condition asks for cannot be read, or a recurrence is beyond the limits: nobody knows then.
    pub fn matches(&self, object: &CalendarObject<'_>) -> Result<bool, Wrong> {
        let calendar = object.calendar();
        let CompTest::Defined { props, comps, .. } = &self.test else {
            return Ok(!calendar.is(&self.name));
        };
        if !calendar.is(&self.name) || !props_match(props, calendar, object)? {
            return Ok(false);
        }
        for filter in comps {
            if !filter.at_top(object)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// A range that one of a calendar object's components overlaps if the object matches; none where the filter does not say.
    pub fn range(&self) -> Option<Range> {
        let CompTest::Defined { comps, .. } = &self.test else { return None };
        comps.iter().find_map(|comp| match &comp.test {
            CompTest::Defined { time_range, .. } => *time_range,
            CompTest::NotDefined => None,
        })
    }

    fn at_top(&self, object: &CalendarObject<'_>) -> Result<bool, Wrong> {
        let mut named =
            object.calendar().components.iter().enumerate().filter(|(_, component)| component.is(&self.name));
        let CompTest::Defined { time_range, props, comps } = &self.test else {
            return Ok(named.next().is_none());
        };
        // What nobody can tell of one component is no matter when another one matches.
        let mut unknown = None;
        for (at, component) in named {
            match self.one_at_top(object, at, component, (*time_range, props, comps)) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(wrong) => unknown = Some(wrong),
            }
        }
        unknown.map_or(Ok(false), Err)
    }

    fn one_at_top(
        &self,
        object: &CalendarObject<'_>,
        at: usize,
        component: &Component<'_>,
        (time_range, props, comps): (Option<Range>, &[PropFilter], &[CompFilter]),
    ) -> Result<bool, Wrong> {
        // Texts first: they cost less than a recurrence.
        if !props_match(props, component, object)? {
            return Ok(false);
        }
        for filter in comps {
            if !filter.inside(object, at, component)? {
                return Ok(false);
            }
        }
        time_range.map_or(Ok(true), |range| object.component_overlaps(at, range))
    }

    /// On components in one of the calendar's, which are alarms mostly.
    fn inside(&self, object: &CalendarObject<'_>, at: usize, outer: &Component<'_>) -> Result<bool, Wrong> {
        let mut named = outer.inner(&self.name);
        let CompTest::Defined { time_range, props, comps } = &self.test else {
            return Ok(named.next().is_none());
        };
        'each: for component in named {
            if !props_match(props, component, object)? {
                continue;
            }
            for filter in comps {
                if !filter.inside(object, at, component)? {
                    continue 'each;
                }
            }
            let in_range = match time_range {
                None => true,
                Some(range) if component.is("VALARM") => object.alarm_overlaps(at, component, *range)?,
                // RFC 4791 §9.9 has no row for anything else.
                Some(_) => false,
            };
            if in_range {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

fn props_match(filters: &[PropFilter], component: &Component<'_>, object: &CalendarObject<'_>) -> Result<bool, Wrong> {
    for filter in filters {
        let mut named = component.all(&filter.name);
        let matched = match &filter.test {
            PropTest::NotDefined => named.next().is_none(),
            PropTest::Defined { value, params } => {
                let mut found = false;
                for property in named {
                    if value_matches(value, property, object)? && params.iter().all(|param| param.matches(property)) {
                        found = true;
                        break;
                    }
                }
                found
            }
        };
        if !matched {
            return Ok(false);
        }
    }
    Ok(true)
}

fn value_matches(test: &ValueTest, property: &Property<'_>, object: &CalendarObject<'_>) -> Result<bool, Wrong> {
    match test {
        ValueTest::Any => Ok(true),
        ValueTest::Text(wanted) => Ok(wanted.matches(&property.to_text())),
        ValueTest::TimeRange(range) => {
            let zones = object.zones();
            let touches = |start: Utc, end: Utc| range.start < end && range.end > start;
            if property.value().contains('/') {
                let periods = zones.periods(property)?;
                return Ok(periods.into_iter().any(|(start, end)| touches(zones.moment(start), end)));
            }
            let day = crate::Duration { days: 1, seconds: 0 };
            Ok(zones.stamps(property)?.into_iter().any(|stamp| {
                let start = zones.moment(stamp);
                if stamp.is_date() {
                    touches(start, zones.later(stamp, day))
                } else {
                    range.start <= start && start < range.end
                }
            }))
        }
    }
}

impl ParamFilter {
    /// Whether a property matches.
    pub fn matches(&self, property: &Property<'_>) -> bool {
        let mut named = property.parameters().filter(|parameter| parameter.is(&self.name));
        match &self.test {
            ParamTest::NotDefined => named.next().is_none(),
            ParamTest::Defined => named.next().is_some(),
            ParamTest::Text(wanted) => named.any(|parameter| parameter.values().any(|value| wanted.matches(&value))),
        }
    }
}
