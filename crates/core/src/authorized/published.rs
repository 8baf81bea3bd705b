//! Handles on calendars by a right to their busy times alone (RFC 4791 §7.10 asks by it too), and what a published calendar is written with.
//!
//! Whoever has no more than that right has times by it, and the zone that they are in, as the calendar says it: the functions that look into an
//! item are plain ones, which hold nothing, and what they answer are times and names of zones that are known everywhere.

use super::busy::{BusyAsk, BusyIn, MOST_LOOKED_INTO, Taken, taken_by};
use crate::{
    Actor, Allows, Authorized, Error, FreeBusy, Read, Result,
    house::House,
    ports::{ListedItem, Telling},
    rights::Lookup,
    seal::Purpose,
};
use passerelle_model::{CollectionRef, Rights};
use std::{collections::BTreeMap, sync::Arc};

/// Items that are asked in which zone they are: enough to know what is usual, and few enough to be held at once.
const ASKED_FOR_ZONES: usize = 25;

/// In which zone of IANA's an item has its times; `None` where it says none, or one of its own making.
pub type ZoneIn = fn(&[u8]) -> Option<String>;

impl<R: Allows<FreeBusy>> Authorized<CollectionRef, R> {
    /// When this calendar makes its owner busy; private events too, as times. `zone` of what is asked is the calendar's own where that
    /// says one. All or an error: what is not known must not look free.
    ///
    /// # Errors
    /// `NotFound`; `TooLarge` for more than can be looked into; `Unavailable`.
    pub async fn busy(&self, look: BusyIn, ask: &BusyAsk) -> Result<Vec<Taken>> {
        let handle = self.for_the_gate();
        let (zone, is_free) = handle.facts().await?;
        // A calendar whose events make nobody busy has no busy times (RFC 6638 §9.1).
        if is_free {
            return Ok(Vec::new());
        }
        let items = within_reason(handle.items_within((ask.start, ask.end)).await?)?;
        taken_by(&handle, &items, look, &BusyAsk { zone: zone.or(ask.zone.clone()), ..ask.clone() }).await
    }

    /// The zone that this calendar is in: its own, as iCalendar, where it says one; else the name of the one that most of its events are
    /// in.
    ///
    /// # Errors
    /// As [`Self::busy`].
    pub async fn usual_zone(&self, zone_in: ZoneIn) -> Result<Option<String>> {
        let handle = self.for_the_gate();
        if let (Some(own), _) = handle.facts().await? {
            return Ok(Some(own));
        }
        let mut items = within_reason(handle.items().await?)?;
        items.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        items.truncate(ASKED_FOR_ZONES);
        let contents = handle.contents(&items).await?;
        let counted = tokio::task::spawn_blocking(move || {
            let mut counted: BTreeMap<String, usize> = BTreeMap::new();
            for zone in contents.iter().filter_map(|(_, item)| zone_in(&item.content)) {
                let count = counted.entry(zone).or_default();
                *count = count.saturating_add(1);
            }
            counted.into_iter().max_by_key(|(_, count)| *count).map(|(zone, _)| zone)
        });
        counted.await.map_err(|error| Error::internal("looking for a zone", error))
    }

    /// What stands for texts that are not told.
    pub fn aliases(&self) -> Aliases {
        let of = match self.permit.actor() {
            Actor::Link(holder) => holder.id().as_str().to_owned(),
            other => other.who(),
        };
        Aliases { house: Arc::clone(&self.house), of: format!("{of} {:?}", self.target()) }
    }

    /// The same calendar, for the gate's own look: it never leaves.
    fn for_the_gate(&self) -> Authorized<CollectionRef, Read> {
        Authorized {
            permit: self.permit.kept_at(self.target().clone()),
            port: Arc::clone(&self.port),
            house: Arc::clone(&self.house),
            held: Rights::NONE,
        }
    }
}

impl Authorized<CollectionRef, Read> {
    /// Its zone, and whether its events make nobody busy.
    async fn facts(&self) -> Result<(Option<String>, bool)> {
        let seen = self.port.look(&self.permit.narrow::<Lookup>(), Telling::Facts).await?;
        Ok((seen.facts.time_zone, seen.facts.is_transparent == Some(true)))
    }
}

fn within_reason(items: Vec<ListedItem>) -> Result<Vec<ListedItem>> {
    if items.len() > MOST_LOOKED_INTO {
        return Err(Error::TooLarge { most: u64::try_from(MOST_LOOKED_INTO).unwrap_or(u64::MAX) });
    }
    Ok(items)
}

/// Names that say nothing of what they stand for: the same for the same text by the same link, for as long as the keys of the gateway
/// are the same, and others by another link.
#[derive(Clone)]
pub struct Aliases {
    house: Arc<House>,
    of: String,
}

impl Aliases {
    /// What stands for a text: 32 hexadecimal digits.
    pub fn of(&self, text: &[u8]) -> String {
        let facts = [self.of.as_bytes(), &[0], text].concat();
        self.house.sealer.mac(Purpose::Published, self.house.state.epoch(), &facts)
    }
}

impl std::fmt::Debug for Aliases {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Aliases")
    }
}
