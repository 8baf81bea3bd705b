//! Calendars that others publish as iCalendar at an address, fetched by the gateway: what people follow, and the timetables of an
//! institution's groups.
//!
//! **In memory only**, bounded, once for everybody who follows the same address, unless the address has a password in it. Asked again
//! after a while, with what the server knows the last answer by; a server that is away leaves what was had last for a day. Nobody is told
//! that a calendar is empty because it cannot be had.
//!
//! **What is told is events**, one object for each UID as CalDAV has it, the same on every node: alarms are left out, since they
//! were set by whoever publishes and would ring for whoever reads, and `DTSTAMP`, which many servers write anew for each answer, is when
//! the event was changed.

mod address;
mod kept;
mod reading;
mod settings;
mod settled;

use address::Target;
use kept::{Key, Known, Memory, Way};
use passerelle_core::{
    FeedsFactory, Lookup, Permit, Read,
    config::{Block, ConfigFault},
    ports::{FeedAddress, FeedFault, FeedFut, FeedRead, Feeds, Health, Leg, Legs, Since, Verdict},
};
use passerelle_model::{CollectionRef, Elsewhere, GroupId, Timestamp};
use settings::Settings;
use sha2::{Digest, Sha256};
use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use tokio::time::timeout;

/// How the settings name this adapter.
pub const FACTORY: FeedsFactory = FeedsFactory { kind: "ics", build };

/// How long what is known waits for something newer before it is told as it is.
const PATIENCE: Duration = Duration::from_secs(2);

struct Ics {
    settings: Settings,
    memory: Arc<Memory>,
}

fn build(block: &Block) -> Result<Arc<dyn Feeds>, ConfigFault> {
    let settings = Settings::read(block)?;
    let memory = Arc::new(Memory::new(settings.memory, settings.times));
    Ok(Arc::new(Ics { settings, memory }))
}

impl Ics {
    /// What is known of an address now, asked again where it is time.
    async fn known(&self, at: &CollectionRef, address: &FeedAddress) -> Result<Arc<Known>, FeedFault> {
        let target = Target::of(address)?;
        let (kind, client) = match at.elsewhere() {
            Some(Elsewhere::Timetable) => (Elsewhere::Timetable, self.settings.of_timetables.as_ref()),
            Some(Elsewhere::Subscription) | None => (Elsewhere::Subscription, Some(&self.settings.client)),
        };
        // What a password opens is for whoever has it; of timetables that is the institution.
        let opens = target.authorization.as_ref().map(|it| Sha256::digest(it.as_bytes()).into());
        let owner = (opens.is_some() && kind == Elsewhere::Subscription).then(|| at.owner.clone());
        let key = Key { kind, owner, opens, address: target.url.to_string() };
        let known = self.memory.get(&key);
        let now = now();
        if let Some(known) = known.as_ref().filter(|known| !known.is_due(now, self.settings.times)) {
            return Ok(Arc::clone(known));
        }
        let way = Way { client: client.ok_or(FeedFault::Address)?.clone(), target, clock: crate::now };
        match known.filter(|known| known.told(now, self.settings.times).is_ok()) {
            // Somebody asks already: what is known is good enough meanwhile.
            Some(known) if self.memory.is_asking(&key) => Ok(known),
            Some(known) => {
                // Whoever asked may leave; the answer is of use to the next.
                let asking = tokio::spawn(Arc::clone(&self.memory).ask(key, way));
                Ok(timeout(PATIENCE, asking).await.ok().and_then(Result::ok).unwrap_or(known))
            }
            None => tokio::spawn(Arc::clone(&self.memory).ask(key, way)).await.map_err(|_gone| FeedFault::Failing),
        }
    }

    async fn told(&self, at: &CollectionRef, address: &FeedAddress) -> Result<(FeedRead, Arc<Known>), FeedFault> {
        let known = self.known(at, address).await?;
        Ok((known.told(now(), self.settings.times)?, known))
    }
}

impl Feeds for Ics {
    fn address(&self, typed: &str) -> Result<FeedAddress, FeedFault> {
        address::typed(typed, &self.settings.hosts, self.settings.clear)
    }

    fn takes_subscriptions(&self) -> bool {
        self.settings.subscriptions
    }

    fn timetable(&self, group: &GroupId) -> Option<FeedAddress> {
        self.settings.timetables.as_ref()?.of(group)
    }

    fn state<'a>(&'a self, at: &'a Permit<CollectionRef, Lookup>, address: &'a FeedAddress) -> FeedFut<'a, String> {
        Box::pin(async move { Ok(self.told(at.target(), address).await?.0.feed.state().to_owned()) })
    }

    fn read<'a>(&'a self, at: &'a Permit<CollectionRef, Read>, address: &'a FeedAddress) -> FeedFut<'a, FeedRead> {
        Box::pin(async move { Ok(self.told(at.target(), address).await?.0) })
    }

    fn since<'a>(
        &'a self,
        at: &'a Permit<CollectionRef, Read>,
        address: &'a FeedAddress,
        state: Option<&'a str>,
    ) -> FeedFut<'a, Option<Since>> {
        Box::pin(async move {
            let (read, known) = self.told(at.target(), address).await?;
            Ok(match state {
                None => Some(read.feed.since(&BTreeMap::new())),
                Some(state) if state == read.feed.state() => Some(read.feed.unchanged()),
                Some(state) => known.tags_at(state).map(|before| read.feed.since(before)),
            })
        })
    }
}

impl Health for Ics {
    fn name(&self) -> &str {
        &self.settings.name
    }

    fn examine(&self) -> Legs<'_> {
        // There is no server of which it could be said that it must answer.
        let what = "asks whatever server publishes a calendar; not tried".to_owned();
        Box::pin(std::future::ready(vec![Leg { name: "calendars elsewhere", verdict: Verdict::Works(what) }]))
    }
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
