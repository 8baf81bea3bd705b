//! Free-busy (RFC 4791 §7.10, RFC 5545 §3.6.4): when somebody has no time, and nothing else about it.

use crate::write;
use crate::{CalendarObject, Component, Kind, Property, Range, Utc, Wrong};
use std::ops::ControlFlow;

/// Most periods that are gathered for one answer, before those that touch become one.
pub const MOST_PERIODS: usize = 100_000;

/// How busy (RFC 5545 §3.2.9).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Busy {
    /// BUSY: something takes the time.
    Busy,
    /// BUSY-UNAVAILABLE: nothing else can take it.
    Unavailable,
    /// BUSY-TENTATIVE: something may take it.
    Tentative,
}

impl Busy {
    /// The value of FBTYPE.
    pub fn name(self) -> &'static str {
        match self {
            Self::Busy => "BUSY",
            Self::Unavailable => "BUSY-UNAVAILABLE",
            Self::Tentative => "BUSY-TENTATIVE",
        }
    }

    /// What an event says of the time that it takes; nothing where it takes none.
    fn of_event(event: &Component<'_>) -> Option<Self> {
        let is = |name: &str, value: &str| {
            event.property(name).is_some_and(|property| property.value().trim().eq_ignore_ascii_case(value))
        };
        if is("TRANSP", "TRANSPARENT") || is("STATUS", "CANCELLED") {
            None
        } else if is("STATUS", "TENTATIVE") {
            Some(Self::Tentative)
        } else if is("X-MICROSOFT-CDO-BUSYSTATUS", "OOF") {
            // What iCalendar has no word for in events: out of office.
            Some(Self::Unavailable)
        } else {
            Some(Self::Busy)
        }
    }

    fn of_type(property: &Property<'_>) -> Option<Self> {
        let named = property.parameter("FBTYPE");
        match named.as_deref() {
            Some(word) if word.eq_ignore_ascii_case("FREE") => None,
            Some(word) if word.eq_ignore_ascii_case("BUSY-UNAVAILABLE") => Some(Self::Unavailable),
            Some(word) if word.eq_ignore_ascii_case("BUSY-TENTATIVE") => Some(Self::Tentative),
            // RFC 5545 §3.2.9: what is not known is busy.
            Some(_) | None => Some(Self::Busy),
        }
    }
}

/// A time in which somebody is busy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// From when.
    pub start: Utc,
    /// Until when.
    pub end: Utc,
    /// How.
    pub busy: Busy,
}

/// Busy times in a range, of as many objects as there are.
#[derive(Clone, Debug)]
pub struct FreeBusy {
    range: Range,
    periods: Vec<Period>,
}

/// What a VFREEBUSY says besides its periods. The addresses are calendar user addresses, as `mailto:` ones.
#[derive(Clone, Copy, Debug)]
pub struct Heading<'h> {
    /// PRODID of whoever writes it.
    pub product: &'h str,
    /// METHOD, where it is a message of scheduling: `REPLY`.
    pub method: Option<&'h str>,
    /// UID: that of the request.
    pub uid: &'h str,
    /// DTSTAMP: now.
    pub stamp: Utc,
    /// Who asks.
    pub organizer: Option<&'h str>,
    /// Whose time it is.
    pub attendee: Option<&'h str>,
}

impl FreeBusy {
    /// Nothing yet, in a range.
    pub fn new(range: Range) -> Self {
        Self { range, periods: Vec::new() }
    }

    /// Adds what an object says: its events' instances, and the periods of its VFREEBUSY.
    ///
    /// # Errors
    /// A time that cannot be read, or more than can be gathered: then nobody may say that the rest is free.
    pub fn add(&mut self, object: &CalendarObject<'_>) -> Result<(), Wrong> {
        let says: Vec<Option<Busy>> = object
            .calendar()
            .components
            .iter()
            .map(|component| Busy::of_event(component).filter(|_| Kind::of(component) == Some(Kind::Event)))
            .collect();
        let mut added = Ok(());
        object.walk(self.range, &mut |one| {
            if let Some(busy) = says.get(one.component).copied().flatten() {
                added = self.push(one.start, one.end, busy);
            }
            if added.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        })?;
        added?;
        for component in object.calendar().inner(Kind::FreeBusy.name()) {
            for property in component.all("FREEBUSY") {
                let Some(busy) = Busy::of_type(property) else { continue };
                for (start, end) in object.zones().periods(property)? {
                    self.push(object.zones().moment(start), end, busy)?;
                }
            }
        }
        Ok(())
    }

    /// Adds a period that was found before.
    ///
    /// # Errors
    /// More than can be gathered.
    pub fn take(&mut self, Period { start, end, busy }: Period) -> Result<(), Wrong> {
        self.push(start, end, busy)
    }

    fn push(&mut self, start: Utc, end: Utc, busy: Busy) -> Result<(), Wrong> {
        let (start, end) = (start.max(self.range.start), end.min(self.range.end));
        if start >= end {
            return Ok(());
        }
        if self.periods.len() >= MOST_PERIODS {
            self.periods = self.periods();
        }
        if self.periods.len() >= MOST_PERIODS {
            return Err(Wrong::too_many(0, format!("more than {MOST_PERIODS} busy periods in the range")));
        }
        self.periods.push(Period { start, end, busy });
        Ok(())
    }

    /// The periods in the order of their starts. Of one kind, those that touch are one.
    pub fn periods(&self) -> Vec<Period> {
        let mut sorted = self.periods.clone();
        sorted.sort_unstable_by_key(|period| (period.busy, period.start, period.end));
        let mut joined: Vec<Period> = Vec::new();
        for period in sorted {
            match joined.last_mut() {
                Some(last) if last.busy == period.busy && period.start <= last.end => {
                    last.end = last.end.max(period.end);
                }
                _ => joined.push(period),
            }
        }
        joined.sort_unstable();
        joined
    }

    /// The answer as iCalendar.
    pub fn write(&self, heading: &Heading<'_>) -> String {
        let mut out = String::new();
        write::within("VCALENDAR", &mut out, |out| {
            write::line("VERSION:2.0", out);
            write::line(&format!("PRODID:{}", crate::escaped(heading.product)), out);
            heading.method.iter().for_each(|method| write::line(&format!("METHOD:{method}"), out));
            write::within("VFREEBUSY", out, |out| {
                write::line(&format!("UID:{}", crate::escaped(heading.uid)), out);
                write::line(&format!("DTSTAMP:{}", heading.stamp), out);
                write::line(&format!("DTSTART:{}", self.range.start), out);
                write::line(&format!("DTEND:{}", self.range.end), out);
                heading.organizer.iter().for_each(|address| write::line(&format!("ORGANIZER:{address}"), out));
                heading.attendee.iter().for_each(|address| write::line(&format!("ATTENDEE:{address}"), out));
                for Period { start, end, busy } in self.periods() {
                    let name = match busy {
                        Busy::Busy => String::new(),
                        Busy::Unavailable | Busy::Tentative => format!(";FBTYPE={}", busy.name()),
                    };
                    write::line(&format!("FREEBUSY{name}:{start}/{end}"), out);
                }
            });
        });
        out
    }
}
