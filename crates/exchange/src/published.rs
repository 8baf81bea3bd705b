//! A calendar that its owner has published: for programs as one iCalendar object that they come back for, and for people as what is in
//! some days. By a right to busy times alone it is times and nothing else.

use crate::{
    Form,
    agenda::{self, Agenda},
    strangers::{Strangers, joined, taken_or_all, zone_in},
    whole::{Reader, begin, end, sending},
};
use bytes::Bytes;
use futures::stream;
use passerelle_core::{
    Authorized, BusyAsk, Error, FreeBusy, Read, Result, Session,
    ports::{ByteStream, Collection, CollectionFacts, ListedItem, Telling},
};
use passerelle_model::{CollectionRef, Timestamp};
use passerelle_wire_ical::{Period, Range, Utc, Zone, escaped, line};
use std::{fmt, sync::Arc};

/// How often programs are asked to come back, in seconds.
pub const REFRESHED: u32 = 3_600;
/// The same as a duration of iCalendar.
const REFRESHED_TEXT: &str = "PT1H";
const DAY: i64 = 86_400;
/// What has ended so many days ago is told no more.
const DAYS_PAST: i64 = 366;
/// The same of busy times, which are for who looks for a time to come.
const DAYS_BUSY_PAST: i64 = 7;
/// How many days of busy times are told.
const DAYS_TO_COME: i64 = 366;
/// Items whose tags are taken together.
const TAGS_TOGETHER: usize = 1_000;
/// What a tag is of, besides the calendar: another way to write is another text.
const WRITTEN: &str = "1";

/// A published calendar, as whoever holds its link is told it.
pub struct Publication {
    session: Session,
    told: Told,
    strangers: Arc<Strangers>,
    zone: Option<String>,
}

/// How much is told.
enum Told {
    Busy(Authorized<CollectionRef, FreeBusy>),
    Details(Authorized<CollectionRef, Read>, Box<Collection>),
}

/// A calendar for programs.
pub struct Feed {
    /// Equal tags mean the same calendar.
    pub tag: String,
    /// The octets. An error in them means that they are not whole.
    pub octets: ByteStream,
}

impl Publication {
    /// Opens a calendar with as much right as there is: to its details, or to its busy times alone. `busy` is what stands for the title
    /// of what is busy.
    ///
    /// # Errors
    /// `NotFound`, `TooLarge`, `Unavailable`.
    pub async fn open(session: &Session, calendar: &CollectionRef, busy: String) -> Result<Self> {
        let now = session.now();
        let (told, past) = match session.open::<_, Read>(calendar.clone()).await {
            Ok(handle) => {
                let seen = handle.look(Telling::Facts).await?.collection;
                (Told::Details(handle, Box::new(seen)), DAYS_PAST)
            }
            Err(Error::NotFound | Error::Forbidden) => {
                (Told::Busy(session.open(calendar.clone()).await?), DAYS_BUSY_PAST)
            }
            Err(error) => return Err(error),
        };
        let (zone, aliases) = match &told {
            Told::Busy(handle) => (handle.usual_zone(zone_in).await?, handle.aliases()),
            Told::Details(handle, _) => (handle.usual_zone(zone_in).await?, handle.aliases()),
        };
        // From a day's beginning, so that the same is told all day.
        let today = now.0.saturating_sub(now.0.rem_euclid(DAY));
        let window = Range { start: Utc::of(today - past * DAY), end: Utc::of(today + DAYS_TO_COME * DAY) };
        let known = zone.as_deref().and_then(Zone::told).unwrap_or_else(Zone::utc);
        Ok(Self {
            session: session.clone(),
            told,
            strangers: Arc::new(Strangers { aliases, busy, zone: known, window }),
            zone,
        })
    }

    /// Whether no more than busy times is told.
    pub const fn is_busy_only(&self) -> bool {
        matches!(self.told, Told::Busy(_))
    }

    /// What its owner calls it; nothing where only busy times are told.
    pub fn name(&self) -> Option<&str> {
        match &self.told {
            Told::Busy(_) => None,
            Told::Details(_, seen) => seen.facts.display_name.as_deref().filter(|name| !name.is_empty()),
        }
    }

    /// The zone that its times are shown in.
    pub fn zone(&self) -> &Zone {
        &self.strangers.zone
    }

    /// From when to when there is something to be told.
    pub fn window(&self) -> Range {
        self.strangers.window
    }

    /// For programs, under the name that they show.
    ///
    /// # Errors
    /// As [`Self::open`]; later ones come in the stream.
    pub async fn feed(self, name: &str) -> Result<Feed> {
        let colour = match &self.told {
            Told::Busy(_) => None,
            Told::Details(_, seen) => seen.facts.colour.clone(),
        };
        let facts = CollectionFacts { display_name: Some(name.to_owned()), colour, ..CollectionFacts::default() };
        let seen = Collection { name: String::new(), facts, version: None, state: None };
        let mut first = begin(Form::Calendar, &seen);
        line("CALSCALE:GREGORIAN", &mut first);
        // RFC 7986 §5.7, and what programs read that do not know it.
        line(&format!("REFRESH-INTERVAL;VALUE=DURATION:{REFRESHED_TEXT}"), &mut first);
        line(&format!("X-PUBLISHED-TTL:{REFRESHED_TEXT}"), &mut first);
        if let Some(zone) = self.strangers.zone.iana_name() {
            line(&format!("X-WR-TIMEZONE:{}", escaped(zone)), &mut first);
        }
        let Self { session, told, strangers, zone } = self;
        match told {
            Told::Busy(handle) => {
                let periods = busy_periods(&handle, &strangers, zone, strangers.window).await?;
                let all = format!("{first}{}{}", strangers.busy_events(&periods), end(Form::Calendar));
                // Of the text itself: a tag of the items would tell when something is changed that is not told.
                let tag = strangers.aliases.of(all.as_bytes());
                let octets = Box::pin(stream::once(async move { Ok(Bytes::from(all)) }));
                Ok(Feed { tag, octets })
            }
            Told::Details(handle, _) => {
                let mut items = handle.items().await?;
                items.sort_unstable_by(|one, other| one.name.cmp(&other.name));
                let tag = tag_of(&strangers, &first, &items);
                let octets = sending(handle, Some(session), first, items, Reader::Strangers(strangers));
                Ok(Feed { tag, octets })
            }
        }
    }

    /// For people: what is in some days.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn agenda(&self, days: Range) -> Result<Agenda> {
        let window = self.strangers.window;
        let days = Range { start: days.start.max(window.start), end: days.end.min(window.end) };
        if days.start >= days.end {
            return Ok(Agenda::default());
        }
        match &self.told {
            Told::Busy(handle) => {
                Ok(agenda::of_busy(busy_periods(handle, &self.strangers, self.zone.clone(), days).await?))
            }
            Told::Details(handle, _) => agenda::of_events(handle, &self.session, &self.strangers, days).await,
        }
    }
}

impl fmt::Debug for Publication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Publication")
    }
}

impl fmt::Debug for Feed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Feed").field("tag", &self.tag).finish_non_exhaustive()
    }
}

async fn busy_periods(
    handle: &Authorized<CollectionRef, FreeBusy>,
    strangers: &Strangers,
    zone: Option<String>,
    days: Range,
) -> Result<Vec<Period>> {
    let (start, end) = (Timestamp(days.start.seconds()), Timestamp(days.end.seconds()));
    let taken = handle.busy(taken_or_all, &BusyAsk { start, end, zone, without: None }).await?;
    joined(taken, strangers.window)
}

/// A tag of what a feed begins with, of the day, and of all items.
fn tag_of(strangers: &Strangers, first: &str, items: &[ListedItem]) -> String {
    let head = format!("{WRITTEN} {} {} {first}", strangers.busy, strangers.window.start);
    items.chunks(TAGS_TOGETHER).fold(strangers.aliases.of(head.as_bytes()), |tag, some| {
        let mut text = tag;
        for item in some {
            text.push('\n');
            text.push_str(item.name.as_str());
            text.push('\t');
            text.push_str(item.etag.as_str());
        }
        strangers.aliases.of(text.as_bytes())
    })
}
