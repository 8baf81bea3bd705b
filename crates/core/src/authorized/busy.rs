//! Handles on inboxes: when somebody has no time (RFC 6638 §5), of all calendars that make them busy, and never what takes it. Of one calendar
//! alone `published` says it.
//!
//! The function that looks into an item is a plain one, which holds nothing: what comes out of it is times, and so is all that whoever
//! asks can have by this right. Private events take time as others do.

use crate::{
    Allows, Authorized, Error, FreeBusy, Read, Result, Right,
    ports::{ListedItem, MOST_READ},
};
use passerelle_model::{CollectionRef, InboxRef, Timestamp};

/// Most items that are looked into for one answer.
pub(super) const MOST_LOOKED_INTO: usize = 50_000;

/// Most times that one answer is made of, before those that touch are joined.
const MOST_TAKEN: usize = 200_000;

/// What is asked of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyAsk {
    /// From when.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
    /// The zone of times that say none, as iCalendar or by its name; the calendar's own.
    pub zone: Option<String>,
    /// The UID of what does not count: what is being moved.
    pub without: Option<String>,
}

/// A time that something takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    /// From when.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
    /// How.
    pub how: TakenHow,
}

/// How something takes time (RFC 5545 §3.2.9).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TakenHow {
    /// It does.
    Busy,
    /// It may.
    Tentative,
    /// Nothing else can.
    Unavailable,
}

/// Looks into an item: which times it takes.
///
/// # Errors
/// `Invalid` for what cannot be followed within the limits: it must not be taken for free.
pub type BusyIn = fn(&[u8], &BusyAsk) -> Result<Vec<Taken>>;

impl<R: Allows<FreeBusy>> Authorized<InboxRef, R> {
    /// When the owner has no time. All or an error: what is not known must not look free.
    ///
    /// # Errors
    /// `Unsupported` where only they themselves can open their calendars; `TooLarge` for more than can be looked into; `Unavailable`.
    pub async fn busy(&self, look: BusyIn, ask: &BusyAsk) -> Result<Vec<Taken>> {
        self.taken(look, ask).await
    }
}

impl<R: Right> Authorized<InboxRef, R> {
    pub(super) async fn taken(&self, look: BusyIn, ask: &BusyAsk) -> Result<Vec<Taken>> {
        let mut all = Vec::new();
        let mut count = 0_usize;
        for (at, facts) in self.calendars().await? {
            if facts.is_transparent == Some(true) {
                continue;
            }
            let handle = self.calendar::<Read>(at);
            let ask = BusyAsk { zone: facts.time_zone, ..ask.clone() };
            let items = match handle.items_within((ask.start, ask.end)).await {
                Err(Error::NotFound) => continue,
                items => items?,
            };
            count = count.saturating_add(items.len());
            if count > MOST_LOOKED_INTO {
                return Err(Error::TooLarge { most: u64::try_from(MOST_LOOKED_INTO).unwrap_or(u64::MAX) });
            }
            all.extend(taken_by(&handle, &items, look, &ask).await?);
        }
        Ok(all)
    }
}

/// Which times listed items of a calendar take.
pub(super) async fn taken_by(
    handle: &Authorized<CollectionRef, Read>,
    items: &[ListedItem],
    look: BusyIn,
    ask: &BusyAsk,
) -> Result<Vec<Taken>> {
    let mut all = Vec::new();
    for some in items.chunks(MOST_READ) {
        let (contents, ask) = (handle.contents(some).await?, ask.clone());
        let looked = tokio::task::spawn_blocking(move || {
            let taken = contents.iter().map(|(_, item)| look(&item.content, &ask));
            Ok::<_, Error>(taken.collect::<Result<Vec<_>>>()?.concat())
        });
        all.extend(looked.await.map_err(|error| Error::internal("looking into a calendar", error))??);
        if all.len() > MOST_TAKEN {
            return Err(Error::TooLarge { most: u64::try_from(MOST_TAKEN).unwrap_or(u64::MAX) });
        }
    }
    Ok(all)
}
