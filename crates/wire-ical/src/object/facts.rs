//! What an index keeps of a calendar object: ids and times, no title and no text.

use super::CalendarObject;
use super::people::{Scheduling, scheduling};
use crate::recurrence::Ends;
use crate::{Component, Utc};

/// What a component is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// VEVENT.
    Event,
    /// VTODO.
    Task,
    /// VJOURNAL.
    Journal,
    /// VFREEBUSY.
    FreeBusy,
    /// VAVAILABILITY (RFC 7953).
    Availability,
}

impl Kind {
    /// What a component is; nothing for VTIMEZONE and what nobody knows.
    pub fn of(component: &Component<'_>) -> Option<Self> {
        let all = [Self::Event, Self::Task, Self::Journal, Self::FreeBusy, Self::Availability];
        all.into_iter().find(|kind| component.is(kind.name()))
    }

    /// Its name in iCalendar.
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "VEVENT",
            Self::Task => "VTODO",
            Self::Journal => "VJOURNAL",
            Self::FreeBusy => "VFREEBUSY",
            Self::Availability => "VAVAILABILITY",
        }
    }

    pub(crate) fn recurs(self) -> bool {
        matches!(self, Self::Event | Self::Task | Self::Journal)
    }
}

/// Whom a component is meant for (RFC 5545 §3.8.1.3).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// For whoever may read it.
    #[default]
    Public,
    /// CONFIDENTIAL.
    Confidential,
    /// PRIVATE, and every word that is not known: the RFC wants that.
    Private,
}

impl Class {
    /// The class of a component.
    pub fn of(component: &Component<'_>) -> Self {
        match component.property("CLASS").map(|property| property.value().trim()) {
            None => Self::Public,
            Some(value) if value.eq_ignore_ascii_case("PUBLIC") => Self::Public,
            Some(value) if value.eq_ignore_ascii_case("CONFIDENTIAL") => Self::Confidential,
            Some(_) => Self::Private,
        }
    }
}

/// Facts of a calendar object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// The UID.
    pub uid: String,
    /// What it is.
    pub kind: Kind,
    /// SEQUENCE, the highest of its components.
    pub sequence: u32,
    /// Not later than its first start; nothing where it has no start, as a task may have none.
    pub starts: Option<Utc>,
    /// Not earlier than its last end; for what is not in time, [`Ends::Never`].
    pub ends: Ends,
    /// Whether it has RRULE or RDATE.
    pub recurring: bool,
    /// Whether it has times whose moments depend on who looks: dates and floating times.
    pub floating: bool,
    /// Whether none of its components takes up time for free-busy (TRANSP:TRANSPARENT).
    pub transparent: bool,
    /// The most secret class of its components.
    pub class: Class,
    /// STATUS of the first component, in capitals.
    pub status: Option<String>,
    /// TZIDs that nothing tells the rules of; its times there were read as floating.
    pub unknown_zones: Vec<String>,
    /// Who is invited, by whom.
    pub scheduling: Scheduling,
}

impl CalendarObject<'_> {
    /// The facts of the object; nothing where it has no component but zones.
    pub fn facts(&self) -> Option<Facts> {
        let components = || self.calendar().components.iter().filter(|component| Kind::of(component).is_some());
        let series = self.series().first();
        let master = series.and_then(|series| series.master.as_ref());
        let first =
            master.and_then(|master| self.calendar().components.get(master.at)).or_else(|| components().next())?;
        let number = |component: &Component<'_>| component.property("SEQUENCE")?.value().trim().parse().ok();
        let transparent = |component: &Component<'_>| {
            let transp = component.property("TRANSP");
            transp.is_some_and(|property| property.value().trim().eq_ignore_ascii_case("TRANSPARENT"))
        };
        let (starts, ends) = self.time(first);
        Some(Facts {
            uid: first.property("UID").map(|uid| uid.to_text().trim().to_owned()).unwrap_or_default(),
            kind: Kind::of(first)?,
            sequence: components().filter_map(number).max().unwrap_or(0),
            starts,
            ends,
            recurring: self.series().iter().any(|series| series.is_recurring()),
            floating: components().any(|component| self.has_floating(component)),
            transparent: components().all(transparent),
            class: components().map(Class::of).max().unwrap_or_default(),
            status: first.property("STATUS").map(|status| status.value().trim().to_ascii_uppercase()),
            unknown_zones: self.zones().unknown().map(str::to_owned).collect(),
            scheduling: scheduling(components(), self.zones()),
        })
    }

    fn time(&self, first: &Component<'_>) -> (Option<Utc>, Ends) {
        let spans = self.series().iter().filter_map(|series| series.span(self.zones()));
        let whole = spans.reduce(|(a, b), (c, d)| (a.min(c), b.max(d)));
        // A task may match a query by DUE, COMPLETED or CREATED, or always (RFC 4791 §9.9), so that an index asks it itself.
        match (Kind::of(first), whole) {
            (Some(Kind::Event | Kind::Journal), Some((starts, ends))) => (Some(starts), ends),
            (Some(Kind::Task), Some((starts, ends))) if self.all_tasks_start() => (Some(starts), ends),
            (Some(Kind::FreeBusy), _) => {
                let moment = |name| Some(self.zones().moment(self.zones().stamp(first.property(name)?).ok()?));
                match (moment("DTSTART"), moment("DTEND")) {
                    (Some(start), Some(end)) => (Some(start), Ends::At(end)),
                    _ => (None, Ends::Never),
                }
            }
            _ => (None, Ends::Never),
        }
    }

    fn all_tasks_start(&self) -> bool {
        self.calendar().inner("VTODO").all(|task| task.property("DTSTART").is_some())
    }

    fn has_floating(&self, component: &Component<'_>) -> bool {
        let times = ["DTSTART", "DTEND", "DUE", "RECURRENCE-ID"];
        times.iter().filter_map(|name| component.property(name)).any(|property| {
            let bare = !property.value().trim().ends_with(['Z', 'z']);
            let zone = property.parameter("TZID");
            bare && zone.is_none_or(|zone| self.zones().unknown().any(|unknown| unknown == zone))
        })
    }
}
