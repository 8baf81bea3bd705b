//! What is in some days of a published calendar, for people.

use crate::strangers::{Strangers, times};
use passerelle_core::{Authorized, Error, Read, Result, Session, ports::ListedItem};
use passerelle_model::{CollectionRef, Timestamp};
use passerelle_wire_ical::{Busy, CalendarObject, Component, Kind, Period, Range, Utc};
use std::sync::Arc;

/// Most entries that are shown: the earliest.
pub const MOST_SHOWN: usize = 1_000;
/// Items that are held at once: each may have 10 MiB.
const TOGETHER: usize = 25;
/// Longest text that is shown of an event, in characters.
const LONGEST_TEXT: usize = 300;

/// What is in some days, in the order of its starts.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Agenda {
    /// It.
    pub entries: Vec<Entry>,
    /// Whether there is more than is shown.
    pub more: bool,
}

/// A time of a published calendar.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// From when.
    pub start: Utc,
    /// Until when.
    pub end: Utc,
    /// Whether it is days and no times of day.
    pub is_whole_day: bool,
    /// What is told of it.
    pub what: What,
}

/// What strangers are told of a time.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// That it is taken.
    Busy,
    /// That it may be.
    Tentative,
    /// What it is.
    Event {
        /// Its title; may be empty.
        title: String,
        /// Where it is; may be empty.
        place: String,
        /// Whether it was called off.
        is_cancelled: bool,
    },
}

/// Busy times.
pub(crate) fn of_busy(periods: Vec<Period>) -> Agenda {
    let mut agenda = Agenda { entries: periods.into_iter().map(busy).collect(), more: false };
    agenda.cut();
    agenda
}

/// Events; what is not public as busy times. `session` is asked again whether it still holds, some items at a time.
pub(crate) async fn of_events(
    handle: &Authorized<CollectionRef, Read>,
    session: &Session,
    strangers: &Arc<Strangers>,
    days: Range,
) -> Result<Agenda> {
    let time = (Timestamp(days.start.seconds()), Timestamp(days.end.seconds()));
    let (items, mut agenda) = (handle.items_within(time).await?, Agenda::default());
    for some in items.chunks(TOGETHER) {
        session.check_in_force()?;
        agenda.entries.extend(read(handle, strangers, days, some).await?);
        agenda.cut();
    }
    agenda.entries.sort_unstable();
    Ok(agenda)
}

async fn read(
    handle: &Authorized<CollectionRef, Read>,
    strangers: &Arc<Strangers>,
    days: Range,
    some: &[ListedItem],
) -> Result<Vec<Entry>> {
    let (contents, strangers) = (handle.contents(some).await?, Arc::clone(strangers));
    let looked = tokio::task::spawn_blocking(move || {
        contents.iter().flat_map(|(_, item)| entries(&item.content, &strangers, days)).collect()
    });
    looked.await.map_err(|error| Error::internal("looking into a calendar", error))
}

fn entries(content: &[u8], strangers: &Strangers, days: Range) -> Vec<Entry> {
    let Ok(object) = CalendarObject::read(content, strangers.zone.clone()) else { return Vec::new() };
    if !object.is_public() {
        return times(&object, days).into_iter().map(busy).collect();
    }
    let mut entries: Vec<Entry> = object
        .occurrences(days)
        .list
        .iter()
        .filter_map(|one| {
            let event = object.component(one).filter(|component| Kind::of(component) == Some(Kind::Event))?;
            // An end that touches the first moment is before it; what takes no time is where it starts.
            if one.start >= days.end || (one.end <= days.start && one.start < days.start) {
                return None;
            }
            Some(Entry { start: one.start, end: one.end, is_whole_day: one.stamp.is_date(), what: what(event) })
        })
        .collect();
    entries.sort_unstable();
    entries.truncate(MOST_SHOWN.saturating_add(1));
    entries
}

fn what(event: &Component<'_>) -> What {
    let text = |name: &str| {
        let text = event.property(name).map(|it| it.to_text().trim().to_owned()).unwrap_or_default();
        let shown: String = text.chars().filter(|one| !one.is_control() || *one == '\n').take(LONGEST_TEXT).collect();
        shown.replace('\n', " ")
    };
    let is_cancelled = event.property("STATUS").is_some_and(|it| it.value().trim().eq_ignore_ascii_case("CANCELLED"));
    What::Event { title: text("SUMMARY"), place: text("LOCATION"), is_cancelled }
}

fn busy(Period { start, end, busy }: Period) -> Entry {
    let what = match busy {
        Busy::Busy | Busy::Unavailable => What::Busy,
        Busy::Tentative => What::Tentative,
    };
    Entry { start, end, is_whole_day: false, what }
}

impl Agenda {
    /// Keeps the earliest.
    fn cut(&mut self) {
        if self.entries.len() > MOST_SHOWN {
            self.entries.sort_unstable();
            self.entries.truncate(MOST_SHOWN);
            self.more = true;
        }
    }
}
