//! What strangers are told of an item, whichever way they came: its times, and of what is public also what it is.

use passerelle_core::{Aliases, BusyAsk, Error, Result, Taken, TakenHow};
use passerelle_model::Timestamp;
use passerelle_wire_ical::{Busy, BusyEvent, CalendarObject, Ends, Fault, FreeBusy, Kind, Period, Range, Utc, Zone};

/// How an item is told to strangers.
#[derive(Debug, Clone)]
pub(crate) struct Strangers {
    /// What stands for UIDs.
    pub(crate) aliases: Aliases,
    /// What stands for the title of what is busy.
    pub(crate) busy: String,
    /// The zone of dates and floating times.
    pub(crate) zone: Zone,
    /// What has ended before is not told, and of what only takes time nothing behind it.
    pub(crate) window: Range,
}

impl Strangers {
    /// An item as an iCalendar object of its own; `None` for what is not told. What is not public is told as the times that it takes.
    pub(crate) fn told(&self, content: &[u8]) -> Option<String> {
        // What cannot be read may be private.
        let object = CalendarObject::read(content, self.zone.clone()).ok()?;
        let facts = object.facts()?;
        if facts.kind != Kind::Event || matches!(facts.ends, Ends::At(end) if end < self.window.start) {
            return None;
        }
        if object.is_public() {
            return Some(object.published(|uid| self.aliases.of(uid.as_bytes())));
        }
        let mut out = String::from("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Passerelle//EN\r\n");
        let periods = times(&object, self.window);
        for period in &periods {
            // The same event at another time has another name: no program takes them for one. Who reads sees them one after the other.
            let uid = self.aliases.of(format!("{} {} {}", facts.uid, period.start, period.end).as_bytes());
            BusyEvent { period: *period, uid: &uid, summary: &self.busy }.write(&mut out);
        }
        out.push_str("END:VCALENDAR\r\n");
        (!periods.is_empty()).then_some(out)
    }

    /// Busy times as events.
    pub(crate) fn busy_events(&self, periods: &[Period]) -> String {
        let mut out = String::new();
        for period in periods {
            let uid = self.aliases.of(format!("{} {}", period.start, period.end).as_bytes());
            BusyEvent { period: *period, uid: &uid, summary: &self.busy }.write(&mut out);
        }
        out
    }
}

/// Which times an object takes in a window. One that repeats more often than can be followed takes all of it from its first start: what
/// is not known must not look free.
pub(crate) fn times(object: &CalendarObject<'_>, window: Range) -> Vec<Period> {
    let mut busy = FreeBusy::new(window);
    match busy.add(object) {
        Err(wrong) if wrong.fault == Fault::TooManyTimes => {
            let first = object.facts().and_then(|facts| facts.starts).unwrap_or(window.start);
            vec![Period { start: first.max(window.start), end: window.end, busy: Busy::Busy }]
        }
        Ok(()) | Err(_) => busy.periods(),
    }
}

/// Which times an item takes: all of them from its start, where it recurs beyond what can be followed; what is no calendar takes none.
///
/// # Errors
/// None: it is a [`passerelle_core::BusyIn`].
pub(crate) fn taken_or_all(content: &[u8], ask: &BusyAsk) -> Result<Vec<Taken>> {
    let zone = ask.zone.as_deref().and_then(Zone::told).unwrap_or_else(Zone::utc);
    let Ok(object) = CalendarObject::read(content, zone) else { return Ok(Vec::new()) };
    let window = Range { start: Utc::of(ask.start.0), end: Utc::of(ask.end.0) };
    let taken = |Period { start, end, busy }| {
        let how = match busy {
            Busy::Busy => TakenHow::Busy,
            Busy::Tentative => TakenHow::Tentative,
            Busy::Unavailable => TakenHow::Unavailable,
        };
        Taken { start: Timestamp(start.seconds()), end: Timestamp(end.seconds()), how }
    };
    Ok(times(&object, window).into_iter().map(taken).collect())
}

/// All that is taken, each time once.
///
/// # Errors
/// `TooLarge` for more periods than can be told.
pub(crate) fn joined(taken: Vec<Taken>, window: Range) -> Result<Vec<Period>> {
    let mut all = FreeBusy::new(window);
    for Taken { start, end, how } in taken {
        let busy = match how {
            TakenHow::Busy | TakenHow::Unavailable => Busy::Busy,
            TakenHow::Tentative => Busy::Tentative,
        };
        let period = Period { start: Utc::of(start.0), end: Utc::of(end.0), busy };
        all.take(period).map_err(|_| Error::TooLarge { most: MOST_PERIODS })?;
    }
    Ok(all.periods())
}

const MOST_PERIODS: u64 = passerelle_wire_ical::MOST_PERIODS as u64;

/// The zone of IANA's that an item's first time is in.
pub(crate) fn zone_in(content: &[u8]) -> Option<String> {
    let object = CalendarObject::read(content, Zone::utc()).ok()?;
    let starts = object.calendar().inner(Kind::Event.name()).filter_map(|event| event.property("DTSTART"));
    let mut named = starts.filter_map(|start| {
        let form = object.zones().stamp(start).ok()?.form;
        object.zones().named(form)?.1?.iana_name().map(str::to_owned)
    });
    named.next()
}
