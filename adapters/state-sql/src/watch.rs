//! The stream of what changes. It follows one number, the sequence, that each withdrawal and each change of grants takes,
//! so that a notification is only a reason to look sooner and losing one loses nothing.

use crate::{
    database::{Corrupt, Database, Feed, Query, Row},
    store::{Epoch, SqlState},
    values::{parse_account, parse_institution, revocation},
};
use passerelle_core::{
    Error, Result,
    ports::state::{StateEvent, Watch},
};
use std::{collections::VecDeque, sync::Arc, time::Duration};

/// How long the watch rests before it tries again to reach the database.
const RETRY: Duration = Duration::from_millis(500);
/// How many numbers of the sequence are caught up with at once.
const PAGE: i64 = 10_000;

const SEQUENCE: &str = "SELECT sequence, epoch FROM metadata";
pub(crate) const REVOKED: &str = "SELECT seq, kind, subject, up_to, expires FROM revocations \
                                  WHERE seq > $1 AND seq <= $2 ORDER BY seq";
pub(crate) const CHANGED: &str = "SELECT seq, owner FROM grant_changes WHERE seq > $1 AND seq <= $2 ORDER BY seq";
pub(crate) const SETTINGS_CHANGED: &str =
    "SELECT seq, institution FROM overlay_changes WHERE seq > $1 AND seq <= $2 ORDER BY seq";

/// Follows the database from now on.
pub(crate) async fn watch<D: Database>(state: &SqlState<D>) -> Result<Watch> {
    let doing = "following State";
    let unreachable = |error| state.fault(doing, error);
    let mut feed = state.database.feed().await.map_err(unreachable)?;
    let (seen, known_epoch) = sequence(&mut feed).await.map_err(|fault| fault.told(doing, unreachable))?;
    let follower = Follower {
        database: state.database.clone(),
        name: Arc::clone(&state.name),
        epoch: state.epoch.clone(),
        feed: Some(feed),
        seen,
        known_epoch,
        lost: false,
        behind: false,
        events: VecDeque::new(),
    };
    Ok(Box::pin(futures::stream::unfold(follower, Follower::next)))
}

struct Follower<D: Database> {
    database: D,
    name: Arc<str>,
    epoch: Epoch,
    feed: Option<D::Feed>,
    /// All up to this number has been told.
    seen: i64,
    /// The epoch that this follower has seen last; the shared one may be newer already.
    known_epoch: [u8; 16],
    lost: bool,
    /// There is more to catch up with.
    behind: bool,
    events: VecDeque<StateEvent>,
}

impl<D: Database> Follower<D> {
    async fn next(mut self) -> Option<(StateEvent, Self)> {
        loop {
            if let Some(event) = self.events.pop_front() {
                return Some((event, self));
            }
            if let Err(fault) = self.look().await {
                self.feed = None;
                if self.lost {
                    tokio::time::sleep(RETRY).await;
                } else {
                    tracing::warn!(state = %self.name, fault = %fault, "the watch on State is lost");
                    self.lost = true;
                    self.events.push_back(StateEvent::Lost);
                }
            }
        }
    }

    /// Waits for a change, or connects again, and takes in what is new.
    async fn look(&mut self) -> Result<(), Fault> {
        let feed = match &mut self.feed {
            Some(feed) => {
                if !self.behind {
                    feed.wait().await?;
                }
                feed
            }
            // It listens before it reads, so that nothing falls between the two.
            none => none.insert(self.database.feed().await?),
        };
        let (sequence, epoch) = sequence(feed).await?;
        self.epoch.set(epoch);
        if epoch != self.known_epoch {
            self.known_epoch = epoch;
            self.events.push_back(StateEvent::Replaced);
        }
        if sequence < self.seen {
            // The database was replaced by an older one: tell all that is in force there.
            self.seen = 0;
        }
        let upto = sequence.min(self.seen.saturating_add(PAGE));
        if upto > self.seen {
            let range = |sql: &'static str| Query::new(sql).int(self.seen).int(upto);
            let mut events = Vec::new();
            for row in feed.read(range(REVOKED)).await? {
                events.push(numbered(row, |row| revocation(row).map(StateEvent::Revoked))?);
            }
            for row in feed.read(range(CHANGED)).await? {
                events
                    .push(numbered(row, |mut row| parse_account(&row.text("owner")?).map(StateEvent::GrantsChanged))?);
            }
            for row in feed.read(range(SETTINGS_CHANGED)).await? {
                events.push(numbered(row, |mut row| {
                    parse_institution(&row.text("institution")?).map(StateEvent::SettingsChanged)
                })?);
            }
            events.sort_by_key(|(number, _)| *number);
            self.events.extend(events.into_iter().map(|(_, event)| event));
            self.seen = upto;
        }
        self.behind = upto < sequence;
        if self.lost && !self.behind {
            tracing::info!(state = %self.name, "the watch on State is back");
            self.lost = false;
            self.events.push_back(StateEvent::Restored);
        }
        Ok(())
    }
}

async fn sequence(feed: &mut impl Feed) -> Result<(i64, [u8; 16]), Fault> {
    let row = feed.read(Query::new(SEQUENCE)).await?.into_iter().next();
    let mut row = row.ok_or(Corrupt("sequence"))?;
    Ok((row.int("sequence")?, row.blob("epoch")?))
}

fn numbered<T>(mut row: Row, read: impl Fn(Row) -> Result<T, Corrupt>) -> Result<(i64, T), Corrupt> {
    Ok((row.int("seq")?, read(row)?))
}

/// Why the watch cannot go on.
#[derive(Debug, thiserror::Error)]
enum Fault {
    #[error(transparent)]
    Database(#[from] sqlx::Error),
    #[error(transparent)]
    Corrupt(#[from] Corrupt),
}

impl Fault {
    fn told(self, doing: &str, unreachable: impl Fn(sqlx::Error) -> Error) -> Error {
        match self {
            Self::Database(error) => unreachable(error),
            Self::Corrupt(corrupt) => Error::internal(doing, corrupt),
        }
    }
}
