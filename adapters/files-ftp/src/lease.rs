//! Connections are lent for one act each: FTP does one thing at a time. They are kept for the next one of the same identity.

use crate::{
    connection::{Connection, Identity, Step},
    fault::Refusal,
    settings::Settings,
    store::Share,
};
use passerelle_core::{Delegation, Error, Permit, Result, Right, seal};
use passerelle_model::NodeRef;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

/// How long a connection is kept that nobody uses: servers end theirs after some minutes.
const KEPT: Duration = Duration::from_secs(60);

/// The connections of one store.
pub(crate) struct Pool {
    idle: Mutex<Vec<Idle>>,
    places: Arc<Semaphore>,
}

struct Idle {
    key: [u8; 32],
    connection: Connection,
    since: Instant,
}

impl Pool {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self { idle: Mutex::new(Vec::new()), places: Arc::new(Semaphore::new(settings.connections)) }
    }

    fn take(&self, key: &[u8; 32]) -> Option<Connection> {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.retain(|it| it.since.elapsed() < KEPT);
        let at = idle.iter().rposition(|it| it.key == *key)?;
        Some(idle.swap_remove(at).connection)
    }

    fn keep(&self, key: [u8; 32], connection: Connection) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        // No more are kept than there may be; the oldest goes.
        if idle.len() >= self.places.available_permits().saturating_add(1) {
            idle.remove(0);
        }
        idle.push(Idle { key, connection, since: Instant::now() });
    }
}

/// A connection on loan.
pub(crate) struct Lease {
    pub(crate) share: Arc<Share>,
    pub(crate) who: Identity,
    key: [u8; 32],
    connection: Option<Connection>,
    /// Whether the last act left it as it was: else it is closed and not kept.
    clean: bool,
    place: Option<OwnedSemaphorePermit>,
    spare: Spare,
}

/// Places that an act has beside those of its connections; `None` when it gave them up.
type Spare = Arc<Mutex<Option<OwnedSemaphorePermit>>>;

impl Lease {
    /// One on which this may be done, which takes so many connections at once.
    pub(crate) async fn of<R: Right>(share: &Arc<Share>, at: &Permit<NodeRef, R>, most: u32) -> Result<Self> {
        if let Some(who) = share.service() {
            return Self::take(share, who, most).await;
        }
        match (at.own_account(), at.delegation()) {
            (Some(account), Delegation::Password(password)) => {
                Self::take(share, Identity { user: account.id.to_string(), password: password.clone() }, most).await
            }
            _ => Err(Error::Unsupported { what: "opening the share without its owner's password" }),
        }
    }

    /// Another one of the same act.
    pub(crate) async fn another(&self) -> Result<Self> {
        let place = {
            let mut spare = self.spare.lock().unwrap_or_else(PoisonError::into_inner);
            spare.as_mut().and_then(|spare| spare.split(1))
        };
        let place = place.ok_or_else(|| Error::internal("taking a connection", "more than the act asked for"))?;
        Self::on(&self.share, self.who.clone(), place, Arc::clone(&self.spare)).await
    }

    /// No other one is needed any more.
    pub(crate) fn alone(&self) {
        drop(self.spare.lock().unwrap_or_else(PoisonError::into_inner).take());
    }

    /// One of an identity, for an act that takes so many at once. Their places are taken together: acts that each hold one
    /// and wait for another would wait for each other.
    ///
    /// # Errors
    /// `Unauthenticated` when a person's own password is no good there; `Unavailable` when too many are under way.
    pub(crate) async fn take(share: &Arc<Share>, who: Identity, most: u32) -> Result<Self> {
        let settings = &share.settings;
        let away = |doing: &str, what: String| Error::unavailable(&settings.name, doing, what);
        let mut places = match timeout(settings.timeout, Arc::clone(&share.pool.places).acquire_many_owned(most)).await
        {
            Ok(Ok(places)) => places,
            Ok(Err(error)) => return Err(Error::internal("waiting for a connection", error)),
            Err(_) => return Err(away("waiting for a connection", "all are in use".to_owned())),
        };
        let place = places.split(1).ok_or_else(|| Error::internal("taking a connection", "none was asked for"))?;
        Self::on(share, who, place, Arc::new(Mutex::new(Some(places)))).await
    }

    async fn on(share: &Arc<Share>, who: Identity, place: OwnedSemaphorePermit, spare: Spare) -> Result<Self> {
        let settings = &share.settings;
        let away = |doing: &str, what: String| Error::unavailable(&settings.name, doing, what);
        let lease = |key, connection| Self {
            share: Arc::clone(share),
            who: who.clone(),
            key,
            connection: Some(connection),
            clean: true,
            place: Some(place),
            spare,
        };
        let key = seal::sha256(&[who.user.as_bytes(), b"\0", who.password.expose()].concat());
        // One that the server has ended meanwhile shows when it is asked whether it is there.
        while let Some(mut connection) = share.pool.take(&key) {
            if let Ok(Ok(())) = timeout(settings.timeout, connection.ftp.noop()).await {
                return Ok(lease(key, connection));
            }
        }
        let connection = match timeout(settings.timeout, Connection::open(settings, &who)).await {
            Ok(Ok(connection)) => connection,
            Ok(Err((Step::Login, Refusal::Reply { code: 430 | 530, .. }))) if settings.service.is_none() => {
                return Err(Error::Unauthenticated);
            }
            Ok(Err((step, Refusal::Reply { words, .. }))) => return Err(away(step.doing(), words.trim().to_owned())),
            Ok(Err((step, Refusal::Broken(what)))) => return Err(away(step.doing(), what)),
            Err(slow) => return Err(away(Step::Server.doing(), slow.to_string())),
        };
        Ok(lease(key, connection))
    }

    /// One command, or a few that belong together, within the deadline.
    pub(crate) async fn run<T>(
        &mut self,
        act: impl AsyncFnOnce(&mut Connection) -> Result<T, suppaftp::FtpError>,
    ) -> Result<T, Refusal> {
        self.clean = false;
        let Some(connection) = self.connection.as_mut() else { return Err(Refusal::Broken("it is closed".to_owned())) };
        match timeout(self.share.settings.timeout, act(connection)).await {
            Ok(Ok(done)) => {
                self.clean = true;
                Ok(done)
            }
            Ok(Err(error)) => {
                let refusal = Refusal::from(error);
                self.clean = matches!(refusal, Refusal::Reply { .. });
                Err(refusal)
            }
            Err(slow) => Err(Refusal::Broken(slow.to_string())),
        }
    }

    /// Whether a time of change can be set.
    pub(crate) fn stamps(&self) -> bool {
        self.connection.as_ref().is_some_and(|connection| connection.mfmt)
    }

    /// Whether the server has answered to all that it was asked.
    pub(crate) fn is_clean(&self) -> bool {
        self.clean
    }

    /// It is in the middle of something, and not to be kept.
    pub(crate) fn spoil(&mut self) {
        self.clean = false;
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take().filter(|_| self.clean) {
            self.share.pool.keep(self.key, connection);
        }
        if let (Some(place), Some(spare)) =
            (self.place.take(), self.spare.lock().unwrap_or_else(PoisonError::into_inner).as_mut())
        {
            spare.merge(place);
        }
    }
}
