//! Handles on inboxes and calendars: when somebody has no time (RFC 6638 §5, RFC 4791 §7.10), of one calendar or of all that make them busy, and
//! never what takes it.
//!
//! The function that looks into an item is a plain one, which holds nothing: what comes out of it is times, and so is all that whoever
//! asks can have by this right. Private events take time as others do.

use crate::{
    Allows, Authorized, Error, FreeBusy, Read, Result, Right,
    ports::{MOST_READ, Telling},
};
use passerelle_model::{CollectionRef, InboxRef, Rights, Timestamp};
use std::sync::Arc;

/// Most items that are looked into for one answer.
const MOST_LOOKED_INTO: usize = 50_000;

/// What is asked of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BusyAsk {
    /// From when.
    pub start: Timestamp,
    /// Until when.
    pub end: Timestamp,
    /// The zone of times that say none, as iCalendar; the calendar's own.
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
        let (mut all, mut count) = (Vec::new(), 0);
        for (at, facts) in self.calendars().await? {
            if facts.is_transparent == Some(true) {
                continue;
            }
            let handle = self.calendar::<Read>(at);
            let ask = BusyAsk { zone: facts.time_zone, ..ask.clone() };
            match taken_in(&handle, look, &ask, &mut count).await {
                Err(Error::NotFound) => {}
                taken => all.extend(taken?),
            }
        }
        Ok(all)
    }
}

impl<R: Allows<FreeBusy>> Authorized<CollectionRef, R> {
    /// When what is in this calendar takes time. All or an error: what is not known must not look free.
    ///
    /// # Errors
    /// `NotFound`; `Invalid` for what cannot be followed; `TooLarge` for more than can be looked into; `Unavailable`.
    pub async fn busy(&self, look: BusyIn, ask: &BusyAsk) -> Result<Vec<Taken>> {
        // For the gate's own use: it never leaves, and what does is times.
        let handle: Authorized<CollectionRef, Read> = Authorized {
            permit: self.permit.kept_at(self.target().clone()),
            port: Arc::clone(&self.port),
            house: Arc::clone(&self.house),
            held: Rights::NONE,
        };
        let zone = handle.look(Telling::Facts).await?.collection.facts.time_zone;
        taken_in(&handle, look, &BusyAsk { zone, ..ask.clone() }, &mut 0).await
    }
}

/// Which times what is in a calendar takes; `count` is how many items were looked into so far.
async fn taken_in(
    handle: &Authorized<CollectionRef, Read>,
    look: BusyIn,
    ask: &BusyAsk,
    count: &mut usize,
) -> Result<Vec<Taken>> {
    let items = handle.items().await?;
    *count = count.saturating_add(items.len());
    if *count > MOST_LOOKED_INTO {
        return Err(Error::TooLarge { most: u64::try_from(MOST_LOOKED_INTO).unwrap_or(u64::MAX) });
    }
    let mut all = Vec::new();
    for some in items.chunks(MOST_READ) {
        let (contents, ask) = (handle.contents(some).await?, ask.clone());
        let looked = tokio::task::spawn_blocking(move || {
            let taken = contents.iter().map(|(_, item)| look(&item.content, &ask));
            Ok::<_, Error>(taken.collect::<Result<Vec<_>>>()?.concat())
        });
        all.extend(looked.await.map_err(|error| Error::internal("looking into a calendar", error))??);
    }
    Ok(all)
}
