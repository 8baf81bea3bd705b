//! What is known of addresses, in memory: the calendar as it was had last, by what its server knows it, and since when it cannot be had.

use crate::{address::Target, reading};
use moka::sync::Cache;
use passerelle_core::ports::{ETag, Feed, FeedFault, FeedRead};
use passerelle_fetch::{Answered, Asked, HeaderValue, OpenClient, OpenFault, StatusCode, Validators};
use passerelle_model::{Account, Elsewhere, ItemName, Timestamp};
use std::{collections::BTreeMap, sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, Semaphore},
    time::timeout,
};

/// Most servers that are asked at once, of subscriptions and of timetables each.
const MOST_AT_ONCE: usize = 32;
/// How long somebody waits for a place among them.
const WAITING: Duration = Duration::from_secs(10);
/// How many earlier states of a calendar are known, for who comes back with one.
const MOST_PAST: usize = 4;
/// For how long a server that failed once is left alone at most, in seconds; each time more it is twice as long.
const LEFT_ALONE: i64 = 60;
/// Longest validator that a server is asked with, in octets.
const LONGEST_VALIDATOR: usize = 1024;
/// What an item takes beside its octets.
const OF_ITEM: usize = 256;
/// How long an address that nobody asks for is remembered beyond what is told of it.
const IDLE: Duration = Duration::from_secs(3600);

/// How old what is told may be.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Times {
    /// After how many seconds a server is asked again.
    pub(crate) refresh: i64,
    /// For how many seconds what was had last is told while its server is away.
    pub(crate) keep: i64,
}

/// An address, as it is asked. It never prints: its path may be what opens it.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    /// What an institution's own timetables may be asked for, others may not.
    pub(crate) kind: Elsewhere,
    /// Whose it is, where it is not for everybody.
    pub(crate) owner: Option<Account>,
    /// A digest of what opens it, where something does: two who ask with other passwords may be told other things.
    pub(crate) opens: Option<[u8; 32]>,
    pub(crate) address: String,
}

/// How an address is asked.
pub(crate) struct Way {
    pub(crate) client: OpenClient,
    pub(crate) target: Target,
    pub(crate) clock: fn() -> Timestamp,
}

/// What is known of one.
#[derive(Debug, Clone)]
pub(crate) struct Known {
    feed: Option<Arc<Feed>>,
    validators: Validators,
    /// When its server said last that the calendar is so.
    read: Timestamp,
    /// When it was asked last.
    tried: Timestamp,
    /// Why it could not be had then.
    fault: Option<FeedFault>,
    /// How often one behind the other it could not.
    failures: u32,
    /// What items it had earlier, by its states.
    past: Vec<(String, Arc<BTreeMap<ItemName, ETag>>)>,
}

/// Nothing yet.
const NEVER: Timestamp = Timestamp(0);

impl Default for Known {
    fn default() -> Self {
        let validators = Validators::default();
        Self { feed: None, validators, read: NEVER, tried: NEVER, fault: None, failures: 0, past: Vec::new() }
    }
}

impl Known {
    /// Whether its server is to be asked again.
    pub(crate) fn is_due(&self, now: Timestamp, times: Times) -> bool {
        let longer = LEFT_ALONE.saturating_mul(1 << self.failures.saturating_sub(1).min(16));
        let wait = if self.fault.is_some() { times.refresh.min(longer) } else { times.refresh };
        now >= self.tried.plus(wait)
    }

    /// The calendar, as long as it may be told.
    pub(crate) fn told(&self, now: Timestamp, times: Times) -> Result<FeedRead, FeedFault> {
        let away = self.fault.clone();
        match (&self.feed, &away) {
            // A minute more, as an answer takes time.
            (Some(feed), None) if now < self.read.plus(times.keep.max(times.refresh)).plus(LEFT_ALONE) => {
                Ok(FeedRead { feed: Arc::clone(feed), read: self.read, away })
            }
            (Some(feed), Some(_)) if now < self.read.plus(times.keep) => {
                Ok(FeedRead { feed: Arc::clone(feed), read: self.read, away })
            }
            (_, Some(fault)) => Err(fault.clone()),
            // Nobody has come to ask for so long.
            (Some(_), None) => Err(FeedFault::Slow),
            (None, None) => Err(FeedFault::Failing),
        }
    }

    /// What items it had at a state.
    pub(crate) fn tags_at(&self, state: &str) -> Option<&BTreeMap<ItemName, ETag>> {
        self.past.iter().find(|(known, _)| known == state).map(|(_, tags)| tags.as_ref())
    }

    /// It, once its server has answered.
    fn after(&self, answer: Result<Answer, FeedFault>, now: Timestamp) -> Self {
        let mut known = Self { tried: now, ..self.clone() };
        match answer {
            Ok(Answer::Same) => (known.read, known.fault, known.failures) = (now, None, 0),
            Ok(Answer::Whole(feed, validators)) => {
                if let Some(before) = self.feed.as_ref().filter(|before| before.state() != feed.state()) {
                    known.past.retain(|(state, _)| state != before.state());
                    known.past.insert(0, (before.state().to_owned(), Arc::new(before.tags())));
                    known.past.truncate(MOST_PAST);
                }
                (known.feed, known.validators) = (Some(Arc::new(feed)), validators);
                (known.read, known.fault, known.failures) = (now, None, 0);
            }
            Err(fault) => (known.fault, known.failures) = (Some(fault), self.failures.saturating_add(1)),
        }
        known
    }

    /// What it takes, in KiB.
    fn weight(&self) -> u32 {
        let items =
            self.feed.as_ref().map_or(0, |feed| feed.size().saturating_add(feed.count().saturating_mul(OF_ITEM)));
        let past: usize = self.past.iter().map(|(_, tags)| tags.len().saturating_mul(OF_ITEM)).sum();
        u32::try_from(items.saturating_add(past) / 1024).unwrap_or(u32::MAX).saturating_add(1)
    }
}

/// What a server said.
enum Answer {
    /// It is as it was.
    Same,
    Whole(Feed, Validators),
}

/// All that is known.
pub(crate) struct Memory {
    known: Cache<Key, Arc<Known>>,
    /// Who asks for an address: one at a time.
    turns: Cache<Key, Arc<Mutex<()>>>,
    /// Of timetables others, so that what people follow is in nobody's way.
    of_subscriptions: Semaphore,
    of_timetables: Semaphore,
    times: Times,
}

impl Memory {
    /// One of so many MiB.
    pub(crate) fn new(mib: u32, times: Times) -> Self {
        let idle = Duration::from_secs(times.keep.max(times.refresh).unsigned_abs()).saturating_add(IDLE);
        Self {
            known: Cache::builder()
                .max_capacity(u64::from(mib) << 10)
                .weigher(|key: &Key, known: &Arc<Known>| {
                    let address = u32::try_from(key.address.len() / 1024).unwrap_or(u32::MAX);
                    known.weight().saturating_add(address)
                })
                .time_to_idle(idle)
                .build(),
            turns: Cache::builder().max_capacity(100_000).time_to_idle(IDLE).build(),
            of_subscriptions: Semaphore::new(MOST_AT_ONCE),
            of_timetables: Semaphore::new(MOST_AT_ONCE),
            times,
        }
    }

    pub(crate) fn get(&self, key: &Key) -> Option<Arc<Known>> {
        self.known.get(key)
    }

    /// Whether its server is being asked.
    pub(crate) fn is_asking(&self, key: &Key) -> bool {
        self.turns.get(key).is_some_and(|turn| turn.try_lock().is_err())
    }

    /// Asks the server, unless somebody has just done so.
    pub(crate) async fn ask(self: Arc<Self>, key: Key, way: Way) -> Arc<Known> {
        let turn = self.turns.get_with(key.clone(), Arc::default);
        let _turn = turn.lock().await;
        let before = self.known.get(&key).unwrap_or_default();
        if before.tried != NEVER && !before.is_due((way.clock)(), self.times) {
            return before;
        }
        let places = match key.kind {
            Elsewhere::Subscription => &self.of_subscriptions,
            Elsewhere::Timetable => &self.of_timetables,
        };
        let answer = match timeout(WAITING, places.acquire()).await {
            Ok(Ok(_place)) => asked(&before, &way).await,
            Ok(Err(_closed)) => Err(FeedFault::Failing),
            // Its server was not asked, and has not failed.
            Err(_full) => return Arc::new(Known { fault: Some(FeedFault::Slow), ..before.as_ref().clone() }),
        };
        let known = Arc::new(before.after(answer, (way.clock)()));
        self.known.insert(key, Arc::clone(&known));
        known
    }
}

async fn asked(before: &Known, way: &Way) -> Result<Answer, FeedFault> {
    let asked = Asked { authorization: way.target.authorization.clone(), validators: before.validators.clone() };
    match way.client.ask(way.target.url.clone(), &asked).await.map_err(told)? {
        Answered::Same => Ok(Answer::Same),
        Answered::Whole(octets, validators) => {
            let read = tokio::task::spawn_blocking(move || reading::feed(&octets));
            let short = |value: &HeaderValue| value.len() <= LONGEST_VALIDATOR;
            let Validators { etag, modified } = validators;
            let validators = Validators { etag: etag.filter(short), modified: modified.filter(short) };
            Ok(Answer::Whole(read.await.map_err(|_| FeedFault::Failing)??, validators))
        }
    }
}

/// What a request failed at, as its owner is told.
fn told(fault: OpenFault) -> FeedFault {
    match fault {
        OpenFault::Address => FeedFault::Address,
        OpenFault::Name => FeedFault::Name,
        OpenFault::Unreachable => FeedFault::Unreachable,
        OpenFault::Slow => FeedFault::Slow,
        OpenFault::Certificate => FeedFault::Certificate,
        OpenFault::Status(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN) => FeedFault::Refused,
        OpenFault::Status(StatusCode::NOT_FOUND | StatusCode::GONE) => FeedFault::Missing,
        OpenFault::Status(_) => FeedFault::Failing,
        OpenFault::TooLarge => FeedFault::TooLarge,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]
    use super::*;

    const TIMES: Times = Times { refresh: 900, keep: 86_400 };

    fn whole(uid: &str) -> Result<Answer, FeedFault> {
        let text = format!(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nUID:{uid}\r\nDTSTAMP:20260101T000000Z\r\n\
             DTSTART:20260101T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        );
        Ok(Answer::Whole(reading::feed(text.as_bytes()).unwrap(), Validators::default()))
    }

    #[test]
    fn what_is_away_is_told_for_a_day() {
        let at = Timestamp;
        let known = Known::default().after(whole("a"), at(1_000));
        assert!(!known.is_due(at(1_899), TIMES) && known.is_due(at(1_900), TIMES));
        let away = known.after(Err(FeedFault::Slow), at(1_900));
        // Left alone for less, since it is hoped to be back.
        assert!(!away.is_due(at(1_959), TIMES) && away.is_due(at(1_960), TIMES));
        let told = away.told(at(87_399), TIMES).unwrap();
        assert_eq!((told.read, told.away), (at(1_000), Some(FeedFault::Slow)));
        assert_eq!(away.told(at(87_400), TIMES).unwrap_err(), FeedFault::Slow);
        let back = away.after(Ok(Answer::Same), at(90_000));
        assert_eq!(back.told(at(90_001), TIMES).unwrap().away, None);
        // Each time that it fails it is left alone for longer, and never for longer than it would be asked anyway.
        let again = away.after(Err(FeedFault::Slow), at(2_000));
        assert!(!again.is_due(at(2_119), TIMES) && again.is_due(at(2_120), TIMES));
        let often = (0..40).fold(again, |known, _| known.after(Err(FeedFault::Slow), at(3_000)));
        assert!(!often.is_due(at(3_899), TIMES) && often.is_due(at(3_900), TIMES));
        // What nobody has looked at for a day is not told as it was.
        assert_eq!(known.told(at(87_460), TIMES).unwrap_err(), FeedFault::Slow);
        assert!(known.told(at(87_459), TIMES).is_ok());
        // Never an empty calendar.
        assert_eq!(
            Known::default().after(Err(FeedFault::Name), at(1)).told(at(2), TIMES).unwrap_err(),
            FeedFault::Name
        );
    }

    #[test]
    fn earlier_states_are_known() {
        let mut known = Known::default();
        let mut states = Vec::new();
        for (number, uid) in ["a", "b", "c", "d", "e", "f"].into_iter().enumerate() {
            known = known.after(whole(uid), Timestamp(i64::try_from(number).unwrap()));
            states.push(known.feed.as_ref().unwrap().state().to_owned());
        }
        let is_known: Vec<bool> = states.iter().map(|state| known.tags_at(state).is_some()).collect();
        assert_eq!(is_known, [false, true, true, true, true, false]);
    }
}
