//! Times as properties have them (RFC 5545 §3.3.4, §3.3.5), and the zones that a calendar's properties speak of.

use crate::civil::DAY;
use crate::{Component, Duration, Local, Property, Utc, Wrong, Zone};

/// Most different zones in one calendar.
pub const MOST_ZONES: usize = 100;

/// What kind of time a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// A date, without time or zone.
    Date,
    /// A time on whatever wall the reader looks at.
    Floating,
    /// A moment.
    Utc,
    /// A time on the walls of a zone: its place in [`Zones`].
    Zoned(usize),
}

/// A time as it was written. Its moment depends on the zones of the calendar that it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// What it shows.
    pub local: Local,
    /// And where.
    pub form: Form,
}

impl Stamp {
    /// Whether it is a date.
    pub fn is_date(self) -> bool {
        self.form == Form::Date
    }

    /// As a value of a property: a date, or a time with `Z` where it is UTC.
    pub fn value(self) -> String {
        match self.form {
            Form::Date => self.local.to_date_text(),
            Form::Utc => format!("{}Z", self.local),
            Form::Floating | Form::Zoned(_) => self.local.to_string(),
        }
    }

    pub(crate) fn plus_days(self, days: i64) -> Self {
        Self { local: self.local.plus(days.saturating_mul(DAY)), ..self }
    }
}

/// The zones that one calendar's times are in.
#[derive(Clone, Debug)]
pub struct Zones {
    floating: Zone,
    named: Vec<(String, Option<Zone>)>,
}

impl Zones {
    /// The zones of a VCALENDAR; dates and floating times are read in `floating`.
    ///
    /// A TZID is looked up among the names that are known everywhere ([`Zone::named`]), then by what its VTIMEZONE says of
    /// its place (X-LIC-LOCATION), then its VTIMEZONE's rules hold. One that is none of these is [`Zones::unknown`].
    ///
    /// # Errors
    /// More than [`MOST_ZONES`] zones.
    pub fn of(calendar: &Component<'_>, floating: Zone) -> Result<Self, Wrong> {
        let mut zones = Self { floating, named: Vec::new() };
        zones.gather(calendar, calendar)?;
        Ok(zones)
    }

    fn gather(&mut self, calendar: &Component<'_>, component: &Component<'_>) -> Result<(), Wrong> {
        for property in &component.properties {
            let Some(tzid) = property.parameter("TZID") else { continue };
            if self.named.iter().any(|(name, _)| *name == tzid) {
                continue;
            }
            if self.named.len() >= MOST_ZONES {
                return Err(Wrong::too_large(property.line(), format!("more than {MOST_ZONES} zones")));
            }
            let zone = Zone::named(&tzid).or_else(|| brought(calendar, &tzid));
            self.named.push((tzid.into_owned(), zone));
        }
        component.components.iter().try_for_each(|inner| self.gather(calendar, inner))
    }

    /// The TZIDs that nothing tells the rules of. Times in them are read as floating.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.named.iter().filter(|(_, zone)| zone.is_none()).map(|(name, _)| name.as_str())
    }

    /// The zone in which dates and floating times are read.
    pub fn floating(&self) -> &Zone {
        &self.floating
    }

    /// The TZID of a zone's form, and the zone where its rules are known; nothing for other forms.
    pub fn named(&self, form: Form) -> Option<(&str, Option<&Zone>)> {
        let Form::Zoned(at) = form else { return None };
        self.named.get(at).map(|(name, zone)| (name.as_str(), zone.as_ref()))
    }

    fn zone(&self, form: Form) -> Option<&Zone> {
        match form {
            Form::Utc => None,
            Form::Date | Form::Floating => Some(&self.floating),
            Form::Zoned(at) => Some(self.named.get(at).and_then(|(_, zone)| zone.as_ref()).unwrap_or(&self.floating)),
        }
    }

    /// The moment of a time.
    pub fn moment(&self, stamp: Stamp) -> Utc {
        match self.zone(stamp.form) {
            Some(zone) => zone.moment(stamp.local),
            None => Utc::of(stamp.local.seconds()),
        }
    }

    /// What a moment is in a form.
    pub fn local(&self, form: Form, moment: Utc) -> Local {
        match self.zone(form) {
            Some(zone) => zone.wall(moment),
            None => Local::of(moment.seconds()),
        }
    }

    /// The moment a duration later: first its days on the wall, then its exact seconds (RFC 5545 §3.3.6).
    pub fn later(&self, stamp: Stamp, duration: Duration) -> Utc {
        let days = if duration.days == 0 { stamp } else { stamp.plus_days(duration.days) };
        self.moment(days).plus(duration.seconds)
    }

    /// The time that a property has.
    ///
    /// # Errors
    /// That it has none.
    pub fn stamp(&self, property: &Property<'_>) -> Result<Stamp, Wrong> {
        self.one(property, property.value()).ok_or_else(|| wrong(property))
    }

    /// The times that a property lists.
    ///
    /// # Errors
    /// That one of them is none.
    pub fn stamps(&self, property: &Property<'_>) -> Result<Vec<Stamp>, Wrong> {
        let each = property.value().split(',').filter(|value| !value.trim().is_empty());
        each.map(|value| self.one(property, value).ok_or_else(|| wrong(property))).collect()
    }

    /// The periods that a property lists (RFC 5545 §3.3.9), as a start and an end.
    ///
    /// # Errors
    /// That one of them is none.
    pub fn periods(&self, property: &Property<'_>) -> Result<Vec<(Stamp, Utc)>, Wrong> {
        let each = property.value().split(',').filter(|value| !value.trim().is_empty());
        let period = |value: &str| {
            let (start, end) = value.split_once('/')?;
            let start = self.one(property, start)?;
            let end = match Duration::parse(end.trim()) {
                Some(duration) => self.later(start, duration),
                None => self.moment(self.one(property, end)?),
            };
            Some((start, end))
        };
        each.map(|value| period(value).ok_or_else(|| wrong(property))).collect()
    }

    /// One value: its own looks say whether it is a date, whatever VALUE says.
    pub(crate) fn one(&self, property: &Property<'_>, value: &str) -> Option<Stamp> {
        let value = value.trim();
        if let Some(local) = Local::parse_date(value) {
            return Some(Stamp { local, form: Form::Date });
        }
        if let Some(moment) = Utc::parse(value) {
            return Some(Stamp { local: Local::of(moment.seconds()), form: Form::Utc });
        }
        let local = Local::parse(value)?;
        let place = |tzid: &str| self.named.iter().position(|(name, _)| name == tzid);
        let form = match property.parameter("TZID") {
            Some(tzid) => Form::Zoned(place(&tzid)?),
            None => Form::Floating,
        };
        Some(Stamp { local, form })
    }
}

/// The zone of a VTIMEZONE that the calendar has under this name, when its rules can be followed.
fn brought(calendar: &Component<'_>, tzid: &str) -> Option<Zone> {
    let named = |zone: &&Component<'_>| zone.property("TZID").is_some_and(|property| property.value().trim() == tzid);
    let vtimezone = calendar.inner("VTIMEZONE").find(named)?;
    let location = vtimezone.property("X-LIC-LOCATION").and_then(|property| Zone::named(property.value()));
    location.or_else(|| Zone::of_rules(vtimezone).ok())
}

fn wrong(property: &Property<'_>) -> Wrong {
    Wrong::malformed(property.line(), format!("{} is no date and no time", property.name()))
}
