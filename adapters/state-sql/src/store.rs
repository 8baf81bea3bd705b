//! The State port over a [`Database`], and how its faults become the gate's words.

use crate::{
    database::{Corrupt, Database, Keep, Nul, Query, Row, Transaction},
    dump, health,
    values::owner_text,
};
use passerelle_core::{
    Error, Result,
    ports::{Fut, Health, Leg, state::State},
    seal,
};
use passerelle_model::Target;
use std::{
    fmt,
    future::Future,
    pin::Pin,
    sync::{Arc, PoisonError, RwLock},
};

/// What Passerelle keeps, in a database.
#[derive(Clone)]
pub struct SqlState<D> {
    pub(crate) database: D,
    /// As messages call it. No secret in it.
    pub(crate) name: Arc<str>,
    pub(crate) epoch: Epoch,
}

impl<D> fmt::Debug for SqlState<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqlState({})", self.name)
    }
}

/// The epoch as this process knows it. The feed brings a new one when the database was restored by another.
#[derive(Debug, Clone)]
pub(crate) struct Epoch(Arc<RwLock<[u8; 16]>>);

impl Epoch {
    pub(crate) fn get(&self) -> [u8; 16] {
        *self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn set(&self, epoch: [u8; 16]) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = epoch;
    }
}

impl<D: Database> SqlState<D> {
    /// Reads the epoch of a database that is open, or makes it when the database is new.
    pub(crate) async fn new(database: D, name: Arc<str>) -> Result<Self> {
        let state = Self { database, name, epoch: Epoch(Arc::default()) };
        let made = Query::new(
            "INSERT INTO metadata (one, epoch, sequence, swept) VALUES (1, $1, 0, 0) ON CONFLICT (one) DO NOTHING",
        );
        state.write("making the epoch", made.blob(seal::random::<16>()?), Keep::Safe).await?;
        let epoch =
            state.one("reading the epoch", Query::new("SELECT epoch FROM metadata"), |mut row| row.blob::<16>("epoch"));
        state.epoch.set(epoch.await?.ok_or_else(|| Error::internal("reading the epoch", Corrupt("epoch")))?);
        Ok(state)
    }

    /// Asks for rows.
    pub(crate) async fn rows<T>(
        &self,
        doing: &'static str,
        query: Query,
        read: impl Fn(Row) -> Result<T, Corrupt>,
    ) -> Result<Vec<T>> {
        let rows = self.database.read(query).await.map_err(|error| self.fault(doing, error))?;
        understood(doing, rows, read)
    }

    /// Asks for the first row.
    pub(crate) async fn one<T>(
        &self,
        doing: &'static str,
        query: Query,
        read: impl Fn(Row) -> Result<T, Corrupt>,
    ) -> Result<Option<T>> {
        Ok(self.rows(doing, query, read).await?.into_iter().next())
    }

    /// Writes by one statement.
    pub(crate) async fn write(&self, doing: &'static str, query: Query, keep: Keep) -> Result<u64> {
        self.database.write(query, keep).await.map_err(|error| self.fault(doing, error))
    }

    /// Begins a transaction that writes.
    pub(crate) async fn begin(&self, doing: &'static str) -> Result<Open<'_, D>> {
        let inner = self.database.begin().await.map_err(|error| self.fault(doing, error))?;
        Ok(Open { state: self, doing, inner })
    }

    /// Begins a transaction that replaces everything.
    pub(crate) async fn replace(&self, doing: &'static str) -> Result<Open<'_, D>> {
        let inner = self.database.replacement().await.map_err(|error| self.fault(doing, error))?;
        Ok(Open { state: self, doing, inner })
    }

    /// A database's fault in the gate's words.
    pub(crate) fn fault(&self, doing: &'static str, error: sqlx::Error) -> Error {
        if let sqlx::Error::Encode(cause) = &error
            && cause.is::<Nul>()
        {
            return Error::invalid(cause);
        }
        if error.as_database_error().is_some_and(sqlx::error::DatabaseError::is_unique_violation) {
            return Error::Conflict;
        }
        Error::unavailable(&self.name, doing, error)
    }
}

pub(crate) fn understood<T>(
    doing: &'static str,
    rows: Vec<Row>,
    read: impl Fn(Row) -> Result<T, Corrupt>,
) -> Result<Vec<T>> {
    rows.into_iter().map(|row| read(row).map_err(|corrupt| Error::internal(doing, corrupt))).collect()
}

/// A transaction under way, with the words for its faults.
pub(crate) struct Open<'a, D: Database> {
    state: &'a SqlState<D>,
    doing: &'static str,
    inner: D::Transaction,
}

impl<D: Database> Open<'_, D> {
    pub(crate) async fn rows<T>(&mut self, query: Query, read: impl Fn(Row) -> Result<T, Corrupt>) -> Result<Vec<T>> {
        let rows = self.inner.read(query).await.map_err(|error| self.state.fault(self.doing, error))?;
        understood(self.doing, rows, read)
    }

    pub(crate) async fn write(&mut self, query: Query) -> Result<u64> {
        self.inner.write(query).await.map_err(|error| self.state.fault(self.doing, error))
    }

    pub(crate) async fn serialise(&mut self, name: &str) -> Result<()> {
        self.inner.serialise(name).await.map_err(|error| self.state.fault(self.doing, error))
    }

    /// Takes the next number of the sequence. Whoever has taken one holds the row until the commit, so that numbers become
    /// visible in their order, and who has seen one has seen all below it. Take it last: others wait for the commit.
    pub(crate) async fn next_number(&mut self) -> Result<()> {
        self.write(Query::new("UPDATE metadata SET sequence = sequence + 1")).await.map(drop)
    }

    /// Tells the watchers that grants of the target's owner changed. An institution's own have no owner to tell of.
    pub(crate) async fn grants_changed(&mut self, target: &Target) -> Result<()> {
        let Some(owner) = owner_text(target) else { return Ok(()) };
        self.next_number().await?;
        let told = Query::new(
            "INSERT INTO grant_changes (owner, seq) SELECT $1, sequence FROM metadata WHERE one = 1 \
             ON CONFLICT (owner) DO UPDATE SET seq = excluded.seq",
        );
        self.write(told.text(owner)).await.map(drop)
    }

    pub(crate) async fn commit(self) -> Result<()> {
        let Self { state, doing, inner } = self;
        inner.commit().await.map_err(|error| state.fault(doing, error))
    }
}

impl<D: Database> State for SqlState<D> {
    fn epoch(&self) -> [u8; 16] {
        self.epoch.get()
    }

    fn dump(&self) -> Fut<'_, Vec<String>> {
        Box::pin(dump::dump(self))
    }

    fn restore<'a>(&'a self, lines: &'a [String]) -> Fut<'a, ()> {
        Box::pin(dump::restore(self, lines))
    }
}

impl<D: Database> Health for SqlState<D> {
    fn name(&self) -> &str {
        &self.name
    }

    fn examine(&self) -> Pin<Box<dyn Future<Output = Vec<Leg>> + Send + '_>> {
        Box::pin(health::examine(&self.database))
    }
}
