//! Zones: how a time on the wall becomes a moment, and back. Of IANA's database as it is built in, by any name that
//! programs give them, or by the rules that a calendar brings along.

mod rules;
mod windows;

pub use rules::{LAST_YEAR_OF_RULES, MOST_TRANSITIONS};

use crate::civil::{DAY, Date, Local, Utc};
use crate::{Component, Wrong};
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};
use rules::Rules;
use std::sync::{Arc, LazyLock};

/// IANA's database as it was when this was built: nothing is read from a disk.
static IANA: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// A zone. A clone costs nothing.
#[derive(Clone, Debug)]
pub struct Zone(Kind);

#[derive(Clone, Debug)]
enum Kind {
    Utc,
    Iana(TimeZone),
    Own(Arc<Rules>),
}

impl Zone {
    /// The zone of the world's clock.
    pub fn utc() -> Self {
        Self(Kind::Utc)
    }

    /// A zone by the name in IANA's database; case says nothing.
    pub fn iana(name: &str) -> Option<Self> {
        if ["UTC", "Etc/UTC", "Z"].iter().any(|utc| utc.eq_ignore_ascii_case(name)) {
            return Some(Self::utc());
        }
        Some(Self(Kind::Iana(IANA.get(name).ok()?)))
    }

    /// A zone by any name that programs are known to give: IANA's, one of Windows (CLDR's table), or one of IANA's behind a
    /// program's own prefix, as in `/freeassociation.sourceforge.net/Tzfile/Europe/Paris`.
    pub fn named(name: &str) -> Option<Self> {
        let name = name.trim();
        if let Some(zone) = Self::iana(name) {
            return Some(zone);
        }
        if let Some(iana) = windows::from_windows(name) {
            return Self::iana(iana);
        }
        // Globally unique TZIDs begin with a solidus (RFC 5545 §3.8.3.1); IANA's names have three parts at most.
        let unique = name.strip_prefix('/')?;
        let after = |many: usize| unique.rmatch_indices('/').nth(many).and_then(|(at, _)| unique.get(at + 1..));
        (0..3).rev().filter_map(after).find_map(Self::iana)
    }

    /// The zone that a VTIMEZONE's own rules make (RFC 5545 §3.6.5).
    ///
    /// # Errors
    /// What is wrong with the rules, or that they have more than [`MOST_TRANSITIONS`] changes.
    pub fn of_rules(vtimezone: &Component<'_>) -> Result<Self, Wrong> {
        Ok(Self(Kind::Own(Arc::new(Rules::of(vtimezone)?))))
    }

    /// The zone that a text tells: an iCalendar object with one VTIMEZONE, as calendars say their own (RFC 4791 §5.2.2), or a name.
    pub fn told(text: &str) -> Option<Self> {
        let Ok(calendar) = Component::calendar(text.trim_start().as_bytes()) else { return Self::named(text) };
        let rules = calendar.components.iter().find(|it| it.is("VTIMEZONE"))?;
        let named = rules.property("TZID").and_then(|id| Self::named(&id.to_text()));
        named.or_else(|| Self::of_rules(rules).ok())
    }

    /// Its name in IANA's database; nothing for rules of one's own.
    pub fn iana_name(&self) -> Option<&str> {
        match &self.0 {
            Kind::Utc => Some("Etc/UTC"),
            Kind::Iana(zone) => zone.iana_name(),
            Kind::Own(_) => None,
        }
    }

    /// The moment of a time on the wall. A time that clocks skip, and one that they show twice, are read with the offset
    /// before the change (RFC 5545 §3.3.5).
    pub fn moment(&self, local: Local) -> Utc {
        let offset = match &self.0 {
            Kind::Utc => 0,
            Kind::Own(rules) => rules.offset_on_the_wall(local),
            Kind::Iana(zone) => date_time(local).map_or(0, |time| match zone.to_ambiguous_timestamp(time).offset() {
                AmbiguousOffset::Unambiguous { offset } => seconds(offset),
                AmbiguousOffset::Gap { before, .. } | AmbiguousOffset::Fold { before, .. } => seconds(before),
            }),
        };
        Utc::of(local.seconds() - offset)
    }

    /// What clocks show at a moment.
    pub fn wall(&self, moment: Utc) -> Local {
        let offset = match &self.0 {
            Kind::Utc => 0,
            Kind::Own(rules) => rules.offset_at(moment),
            Kind::Iana(zone) => {
                jiff::Timestamp::from_second(moment.seconds()).map_or(0, |at| seconds(zone.to_offset(at)))
            }
        };
        Local::of(moment.seconds() + offset)
    }
}

fn seconds(offset: Offset) -> i64 {
    i64::from(offset.seconds())
}

fn date_time(local: Local) -> Option<jiff::civil::DateTime> {
    let Date { year, month, day } = local.date();
    let second = local.second_of_day() % DAY;
    let small = |number: i64| i8::try_from(number).ok();
    let date = jiff::civil::Date::new(i16::try_from(year).ok()?, small(month)?, small(day)?).ok()?;
    let time = jiff::civil::Time::new(small(second / 3_600)?, small(second / 60 % 60)?, small(second % 60)?, 0).ok()?;
    Some(date.to_datetime(time))
}
