//! SQLite: one file, for one host. Many readers beside one writer (WAL), which is what SQLite allows at best.
//!
//! `synchronous` is FULL for what must survive a power cut: with NORMAL a withdrawal that was acknowledged could come back
//! to life after one. Leases and notes of use are written with NORMAL: after a restart they are worth nothing.

use crate::database::{Database, Feed, Keep, Parameter, Query, Row, TooLarge, Transaction, Value};
use futures::TryStreamExt;
use passerelle_core::ports::{Leg, Verdict};
use sqlx::{
    Arguments as _, Connection as _, Executor, Row as _, SqliteConnection, SqlitePool, TypeInfo as _, ValueRef as _,
    migrate::Migrator,
    sqlite::{
        SqliteArguments, SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteRow, SqliteSynchronous,
    },
};
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};
use tokio::sync::{Mutex, OwnedSemaphorePermit, Semaphore};

/// Connections that only read.
const READERS: u32 = 8;
/// How long a write waits for another process to finish its own, and a question for a free connection.
const BUSY: Duration = Duration::from_secs(5);
/// How often the feed looks for changes.
const POLL: Duration = Duration::from_millis(500);

static MIGRATOR: Migrator = sqlx::migrate!("migrations/sqlite");

/// A SQLite file.
#[derive(Debug, Clone)]
pub struct Sqlite {
    path: Arc<Path>,
    readers: SqlitePool,
    safe: SqlitePool,
    brief: Arc<Brief>,
    /// One writer at a time, in order of asking: SQLite itself would let the others sleep and try again.
    writing: Arc<Semaphore>,
}

impl Sqlite {
    /// Opens the file, makes it where there is none, and brings its tables up to date.
    pub(crate) async fn open(path: PathBuf) -> Result<Self, sqlx::Error> {
        let folder = path.parent().unwrap_or(Path::new(".")).to_owned();
        // SQLite has no lock over several migrations: two that open a new file at once would both make the tables.
        let alone = tokio::task::spawn_blocking(move || lock_folder(&folder)).await.map_err(io::Error::other)??;
        make_private(&path)?;
        let pool = |most, options: SqliteConnectOptions| {
            SqlitePoolOptions::new()
                .max_connections(most)
                .acquire_timeout(BUSY)
                .idle_timeout(None)
                .max_lifetime(None)
                .test_before_acquire(false)
                .connect_lazy_with(options)
        };
        let database = Self {
            readers: pool(READERS, options(&path).pragma("query_only", "ON")),
            safe: pool(1, options(&path).synchronous(SqliteSynchronous::Full)),
            brief: Arc::new(Brief::new(options(&path).synchronous(SqliteSynchronous::Normal))),
            writing: Arc::new(Semaphore::new(1)),
            path: path.into(),
        };
        MIGRATOR.run(&database.safe).await?;
        drop(alone);
        Ok(database)
    }

    #[cfg(test)]
    pub(crate) fn pool(&self) -> &SqlitePool {
        &self.readers
    }

    #[cfg(test)]
    pub(crate) fn writer(&self) -> SqlitePool {
        self.safe.clone()
    }

    async fn turn(&self) -> Result<OwnedSemaphorePermit, sqlx::Error> {
        let turn = Arc::clone(&self.writing).acquire_owned();
        let timely = tokio::time::timeout(BUSY, turn).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        timely.map_err(|_| sqlx::Error::PoolClosed)
    }
}

impl Database for Sqlite {
    type Transaction = SqliteTransaction;
    type Feed = SqliteFeed;

    async fn read(&self, query: Query) -> Result<Vec<Row>, sqlx::Error> {
        rows(&self.readers, query).await
    }

    async fn write(&self, query: Query, keep: Keep) -> Result<u64, sqlx::Error> {
        let _turn = self.turn().await?;
        match keep {
            Keep::Safe => run(&self.safe, query).await,
            Keep::Brief => self.brief.run(query).await,
        }
    }

    async fn begin(&self) -> Result<SqliteTransaction, sqlx::Error> {
        let turn = self.turn().await?;
        // A transaction that begins as a reader cannot always become the writer: it says so at once.
        Ok(SqliteTransaction { inner: self.safe.begin_with("BEGIN IMMEDIATE").await?, _turn: Some(turn) })
    }

    async fn snapshot(&self) -> Result<SqliteTransaction, sqlx::Error> {
        Ok(SqliteTransaction { inner: self.readers.begin().await?, _turn: None })
    }

    async fn replacement(&self) -> Result<SqliteTransaction, sqlx::Error> {
        self.begin().await
    }

    async fn feed(&self) -> Result<SqliteFeed, sqlx::Error> {
        let connection = SqliteConnection::connect_with(&options(&self.path).pragma("query_only", "ON")).await?;
        let mut feed = SqliteFeed { connection, version: 0 };
        feed.version = feed.version().await?;
        Ok(feed)
    }

    async fn reach(&self) -> Vec<Leg> {
        let verdict = match self.readers.acquire().await {
            Ok(_) => Verdict::Works(self.path.display().to_string()),
            Err(error) => Verdict::Fails {
                what: format!("open {}: {error}", self.path.display()),
                remedy: "let the gateway's user read and write the file and its folder, on a local disk",
            },
        };
        vec![Leg { name: "open", verdict }]
    }

    fn migrations(&self) -> usize {
        MIGRATOR.iter().count()
    }
}

/// The connection for what is written at every upload. It stands outside of a pool, which asks each connection that comes back
/// whether it still works: as many turns of its thread again as the write itself.
#[derive(Debug)]
struct Brief {
    options: SqliteConnectOptions,
    /// Made at the first write, and after one that failed.
    connection: Mutex<Option<SqliteConnection>>,
}

impl Brief {
    fn new(options: SqliteConnectOptions) -> Self {
        Self { options, connection: Mutex::default() }
    }

    async fn run(&self, query: Query) -> Result<u64, sqlx::Error> {
        let mut place = self.connection.lock().await;
        let mut connection = match place.take() {
            Some(connection) => connection,
            None => SqliteConnection::connect_with(&self.options).await?,
        };
        // Whoever leaves in the middle takes the connection along: what is under way on it is not the next one's.
        let written = run(&mut connection, query).await?;
        *place = Some(connection);
        Ok(written)
    }
}

/// A transaction, and the turn to write that it holds.
#[derive(Debug)]
pub struct SqliteTransaction {
    inner: sqlx::Transaction<'static, sqlx::Sqlite>,
    _turn: Option<OwnedSemaphorePermit>,
}

impl Transaction for SqliteTransaction {
    async fn read(&mut self, query: Query) -> Result<Vec<Row>, sqlx::Error> {
        rows(&mut *self.inner, query).await
    }

    async fn write(&mut self, query: Query) -> Result<u64, sqlx::Error> {
        run(&mut *self.inner, query).await
    }

    async fn serialise(&mut self, _name: &str) -> Result<(), sqlx::Error> {
        // BEGIN IMMEDIATE has done it.
        Ok(())
    }

    async fn commit(self) -> Result<(), sqlx::Error> {
        self.inner.commit().await
    }
}

/// A connection that looks whether others wrote.
#[derive(Debug)]
pub struct SqliteFeed {
    connection: SqliteConnection,
    version: i64,
}

impl SqliteFeed {
    /// Changes when another connection, of this process or another, has committed.
    async fn version(&mut self) -> Result<i64, sqlx::Error> {
        sqlx::query_scalar("PRAGMA data_version").fetch_one(&mut self.connection).await
    }
}

impl Feed for SqliteFeed {
    async fn wait(&mut self) -> Result<(), sqlx::Error> {
        loop {
            tokio::time::sleep(POLL).await;
            let version = self.version().await?;
            if version != self.version {
                self.version = version;
                return Ok(());
            }
        }
    }

    async fn read(&mut self, query: Query) -> Result<Vec<Row>, sqlx::Error> {
        rows(&mut self.connection, query).await
    }
}

fn options(path: &Path) -> SqliteConnectOptions {
    SqliteConnectOptions::new()
        .filename(path)
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .foreign_keys(true)
        .busy_timeout(BUSY)
        .pragma("trusted_schema", "OFF")
}

/// Waits until no other process migrates a file of this folder; the lock ends with the value.
fn lock_folder(folder: &Path) -> io::Result<File> {
    let folder = File::open(folder)?;
    folder.lock()?;
    Ok(folder)
}

/// Makes an empty file that only its owner can read, where there is none; SQLite gives its companions the same mode. A file
/// that is there is not even opened: closing it again would take SQLite's own locks on it away from this process.
fn make_private(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    match File::options().write(true).create_new(true).mode(0o600).open(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
        Ok(_) | Err(_) => Ok(()),
    }
}

async fn rows<'e>(
    connection: impl Executor<'e, Database = sqlx::Sqlite>,
    query: Query,
) -> Result<Vec<Row>, sqlx::Error> {
    let (most, mut left) = (query.most, query.most);
    let mut stream = sqlx::query_with(query.sql.sqlite, arguments(query)?).fetch(connection);
    let mut rows = Vec::new();
    while let Some(row) = stream.try_next().await? {
        let values = (0..row.len()).map(|at| value(&row, at)).collect::<Result<Vec<_>, _>>()?;
        let size = values.iter().map(Value::size).sum();
        left = left.checked_sub(size).ok_or_else(|| sqlx::Error::Decode(Box::new(TooLarge(most))))?;
        rows.push(Row::new(values));
    }
    Ok(rows)
}

async fn run<'e>(connection: impl Executor<'e, Database = sqlx::Sqlite>, query: Query) -> Result<u64, sqlx::Error> {
    Ok(sqlx::query_with(query.sql.sqlite, arguments(query)?).execute(connection).await?.rows_affected())
}

fn arguments(query: Query) -> Result<SqliteArguments, sqlx::Error> {
    query.check()?;
    let mut arguments = SqliteArguments::default();
    for parameter in query.parameters {
        match parameter {
            Parameter::Int(number) => arguments.add(number),
            Parameter::Text(text) => arguments.add(text),
            Parameter::Blob(octets) => arguments.add(octets),
            Parameter::Key(target) => arguments.add(target),
            Parameter::Keys(texts) | Parameter::Texts(texts) => {
                arguments.add(serde_json::Value::from(texts).to_string())
            }
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

fn value(row: &SqliteRow, at: usize) -> Result<Value, sqlx::Error> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info().into_owned();
    match kind.name() {
        "INTEGER" => row.try_get_unchecked(at).map(Value::Int),
        "TEXT" => row.try_get_unchecked(at).map(Value::Text),
        _ => row.try_get_unchecked(at).map(Value::Blob),
    }
}
