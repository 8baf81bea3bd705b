//! PostgreSQL: for several nodes. A bounded pool, a deadline for each step, and a connection of its own that listens.
//!
//! It must be reached directly: LISTEN and prepared statements do not survive a pooler that shares connections between
//! transactions (pgbouncer's `pool_mode = transaction`).

use crate::database::{Database, Feed, Keep, Parameter, Query, Row, TooLarge, Transaction, Value};
use futures::TryStreamExt;
use passerelle_core::ports::{Leg, Verdict};
use sqlx::{
    Arguments as _, Connection as _, Executor, PgPool, Row as _, TypeInfo as _, ValueRef as _,
    migrate::Migrator,
    postgres::{PgArguments, PgConnectOptions, PgListener, PgPoolOptions, PgRow},
};
use std::{fmt, future::Future, io, time::Duration};

/// How long a question waits for a free connection, and a connection for the server.
const CONNECT: Duration = Duration::from_secs(3);
/// The server's own deadlines: for a statement, for a lock, and for a transaction that stands still.
const SERVER_DEADLINES: [(&str, &str); 3] =
    [("statement_timeout", "10s"), ("lock_timeout", "3s"), ("idle_in_transaction_session_timeout", "15s")];
/// Ours for a question outside of any transaction: a decision waits for it.
const QUESTION: Duration = Duration::from_secs(5);
/// Ours for a step of a write, for when the server cannot even say that its own has passed.
const ANSWER: Duration = Duration::from_secs(12);
/// A dump, a restore and a migration take as long as they take, within reason.
const WHOLE: Duration = Duration::from_secs(600);
const WHOLE_ON_SERVER: &str = "SET LOCAL statement_timeout = '600s'";
/// How often the feed asks for the sequence beside listening: a notification that never comes looks like silence.
const POLL: Duration = Duration::from_secs(1);
/// How long the feed waits for an answer. With the poll it makes a dead connection known in 3 seconds.
const FEED_ANSWER: Duration = Duration::from_secs(2);
/// A connection that has been idle for longer is tried before it is used.
const TRUSTED: Duration = Duration::from_secs(5);
/// What the trigger on `metadata` notifies.
const CHANNEL: &str = "passerelle_state";

static MIGRATOR: Migrator = sqlx::migrate!("migrations/postgres");

/// A PostgreSQL database.
#[derive(Clone)]
pub struct Postgres {
    pool: PgPool,
    options: PgConnectOptions,
}

// sqlx prints the password with the options, and the pool prints the options.
impl fmt::Debug for Postgres {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Postgres({}:{})", self.options.get_host(), self.options.get_port())
    }
}

impl Postgres {
    #[cfg(test)]
    pub(crate) fn pool(&self) -> &PgPool {
        &self.pool
    }

    /// Connects and brings the tables up to date; nodes that start together wait for each other.
    pub(crate) async fn open(options: PgConnectOptions, most: u32) -> Result<Self, sqlx::Error> {
        let options = options.application_name("passerelle");
        timely(WHOLE, migrate(&options)).await?;
        let options = options.options(SERVER_DEADLINES);
        let pool = PgPoolOptions::new()
            .max_connections(most)
            .acquire_timeout(CONNECT)
            .test_before_acquire(false)
            .before_acquire(|connection, about| {
                Box::pin(async move {
                    if about.idle_for < TRUSTED {
                        return Ok(true);
                    }
                    Ok(matches!(tokio::time::timeout(FEED_ANSWER, connection.ping()).await, Ok(Ok(()))))
                })
            })
            .connect_with(options.clone())
            .await?;
        Ok(Self { pool, options })
    }
}

impl Postgres {
    /// A transaction over everything.
    async fn whole(&self, begin: &'static str) -> Result<PostgresTransaction, sqlx::Error> {
        let mut inner = timely(ANSWER, self.pool.begin_with(begin)).await?;
        timely(ANSWER, inner.execute(WHOLE_ON_SERVER)).await?;
        Ok(PostgresTransaction { inner, answer: WHOLE })
    }
}

impl Database for Postgres {
    type Transaction = PostgresTransaction;
    type Feed = PostgresFeed;

    async fn read(&self, query: Query) -> Result<Vec<Row>, sqlx::Error> {
        timely(QUESTION, rows(&self.pool, query)).await
    }

    async fn write(&self, query: Query, _keep: Keep) -> Result<u64, sqlx::Error> {
        timely(ANSWER, run(&self.pool, query)).await
    }

    async fn begin(&self) -> Result<PostgresTransaction, sqlx::Error> {
        Ok(PostgresTransaction { inner: timely(ANSWER, self.pool.begin()).await?, answer: ANSWER })
    }

    async fn snapshot(&self) -> Result<PostgresTransaction, sqlx::Error> {
        self.whole("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await
    }

    async fn replacement(&self) -> Result<PostgresTransaction, sqlx::Error> {
        self.whole("BEGIN").await
    }

    async fn feed(&self) -> Result<PostgresFeed, sqlx::Error> {
        // Not of the shared pool: questions that wait there must not look like a lost watch.
        let pool = PgPoolOptions::new()
            .max_connections(1)
            .acquire_timeout(FEED_ANSWER)
            .idle_timeout(None)
            .max_lifetime(None)
            .connect_lazy_with(self.options.clone());
        let open = async {
            let mut listener = PgListener::connect_with(&pool).await?;
            listener.eager_reconnect(false);
            listener.listen(CHANNEL).await?;
            Ok(PostgresFeed { listener })
        };
        timely(FEED_ANSWER, open).await
    }

    async fn reach(&self) -> Vec<Leg> {
        let mut legs = Vec::new();
        let host = self.options.get_host().to_owned();
        let port = self.options.get_port();
        if self.options.get_socket().is_none() && !host.starts_with('/') {
            let connected = timely(CONNECT, async {
                tokio::net::TcpStream::connect((host.as_str(), port)).await.map_err(sqlx::Error::Io)
            });
            let verdict = match connected.await.and_then(|stream| stream.peer_addr().map_err(sqlx::Error::Io)) {
                Ok(address) => Verdict::Works(address.to_string()),
                Err(error) => Verdict::Fails {
                    what: format!("connect to {host}:{port}: {error}"),
                    remedy: "start PostgreSQL, or correct host and port in the url",
                },
            };
            let works = matches!(verdict, Verdict::Works(_));
            legs.push(Leg { name: "tcp", verdict });
            if !works {
                return legs;
            }
        }
        let version = self.read(Query::new("SELECT current_setting('server_version')")).await;
        let user = self.options.get_username();
        let verdict = match version {
            Ok(mut rows) => Verdict::Works(format!(
                "PostgreSQL {}",
                rows.first_mut().and_then(|row| row.text("version").ok()).unwrap_or_default()
            )),
            Err(error) => Verdict::Fails {
                what: format!("log in to {host}:{port} as {user}: {error}"),
                remedy: "check role, password, database, pg_hba.conf and, where ca is set, the server's certificate",
            },
        };
        legs.push(Leg { name: "login", verdict });
        legs
    }

    fn migrations(&self) -> usize {
        MIGRATOR.iter().count()
    }
}

/// A transaction.
#[derive(Debug)]
pub struct PostgresTransaction {
    inner: sqlx::Transaction<'static, sqlx::Postgres>,
    answer: Duration,
}

impl Transaction for PostgresTransaction {
    async fn read(&mut self, query: Query) -> Result<Vec<Row>, sqlx::Error> {
        timely(self.answer, rows(&mut *self.inner, query)).await
    }

    async fn write(&mut self, query: Query) -> Result<u64, sqlx::Error> {
        timely(self.answer, run(&mut *self.inner, query)).await
    }

    async fn serialise(&mut self, name: &str) -> Result<(), sqlx::Error> {
        // Two names with one hash wait for each other without need; nothing worse.
        let query = Query::new("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))").text(name);
        timely(self.answer, run(&mut *self.inner, query)).await.map(drop)
    }

    async fn commit(self) -> Result<(), sqlx::Error> {
        timely(self.answer, self.inner.commit()).await
    }
}

/// A connection that listens.
#[derive(Debug)]
pub struct PostgresFeed {
    listener: PgListener,
}

impl Feed for PostgresFeed {
    async fn wait(&mut self) -> Result<(), sqlx::Error> {
        match tokio::time::timeout(POLL, self.listener.try_recv()).await {
            Err(_) | Ok(Ok(Some(_))) => {}
            Ok(Ok(None)) => return Err(sqlx::Error::Io(io::ErrorKind::UnexpectedEof.into())),
            Ok(Err(error)) => return Err(error),
        }
        // Several commits wake it once.
        while self.listener.next_buffered().is_some() {}
        Ok(())
    }

    async fn read(&mut self, query: Query) -> Result<Vec<Row>, sqlx::Error> {
        timely(FEED_ANSWER, rows(&mut self.listener, query)).await
    }
}

/// Over a connection of its own, because a migration knows no deadline of the server.
async fn migrate(options: &PgConnectOptions) -> Result<(), sqlx::Error> {
    let options = options.clone();
    let pool = PgPoolOptions::new().max_connections(1).acquire_timeout(CONNECT).connect_with(options).await?;
    MIGRATOR.run(&pool).await?;
    pool.close().await;
    Ok(())
}

/// Ends what takes too long. sqlx has no deadline of its own for a server that no longer answers.
async fn timely<T>(most: Duration, work: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    match tokio::time::timeout(most, work).await {
        Ok(done) => done,
        Err(_) => Err(sqlx::Error::Io(io::ErrorKind::TimedOut.into())),
    }
}

async fn rows<'e>(
    connection: impl Executor<'e, Database = sqlx::Postgres>,
    query: Query,
) -> Result<Vec<Row>, sqlx::Error> {
    let (most, mut left) = (query.most, query.most);
    let mut stream = sqlx::query_with(query.sql.postgres, arguments(query)?).fetch(connection);
    let mut rows = Vec::new();
    while let Some(row) = stream.try_next().await? {
        let values = (0..row.len()).map(|at| value(&row, at)).collect::<Result<Vec<_>, _>>()?;
        let size = values.iter().map(Value::size).sum();
        left = left.checked_sub(size).ok_or_else(|| sqlx::Error::Decode(Box::new(TooLarge(most))))?;
        rows.push(Row::new(values));
    }
    Ok(rows)
}

async fn run<'e>(connection: impl Executor<'e, Database = sqlx::Postgres>, query: Query) -> Result<u64, sqlx::Error> {
    Ok(sqlx::query_with(query.sql.postgres, arguments(query)?).execute(connection).await?.rows_affected())
}

fn arguments(query: Query) -> Result<PgArguments, sqlx::Error> {
    query.check()?;
    let mut arguments = PgArguments::default();
    for parameter in query.parameters {
        match parameter {
            Parameter::Int(number) => arguments.add(number),
            Parameter::Text(text) => arguments.add(text),
            Parameter::Blob(octets) => arguments.add(octets),
            Parameter::Key(target) => arguments.add(digest(&target)),
            Parameter::Keys(targets) => arguments.add(targets.iter().map(|it| digest(it)).collect::<Vec<_>>()),
            Parameter::Texts(texts) => arguments.add(texts),
        }
        .map_err(sqlx::Error::Encode)?;
    }
    Ok(arguments)
}

/// What `digest_of` in the migration computes.
fn digest(target: &str) -> Vec<u8> {
    passerelle_core::seal::sha256(target.as_bytes()).to_vec()
}

fn value(row: &PgRow, at: usize) -> Result<Value, sqlx::Error> {
    let raw = row.try_get_raw(at)?;
    if raw.is_null() {
        return Ok(Value::Null);
    }
    let kind = raw.type_info().into_owned();
    match kind.name() {
        "INT8" => row.try_get(at).map(Value::Int),
        "BYTEA" => row.try_get(at).map(Value::Blob),
        _ => row.try_get(at).map(Value::Text),
    }
}
