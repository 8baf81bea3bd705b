//! What this crate needs of a database, so that each table's logic is written once: parameters and rows in the three types
//! that SQLite and PostgreSQL keep alike, statements in both dialects, transactions, and a feed of changes.
//!
//! It is no abstraction over SQL. Both dialects number parameters `$1`, `$2`, and agree on nearly every statement here;
//! where they do not, [`sql!`](crate::database::sql) puts each one's words in.

use passerelle_core::ports::Leg;
use std::{future::Future, vec};

/// Most octets that one answer may take in memory.
pub(crate) const MOST_ANSWERED: usize = 64 * 1024 * 1024;

/// A statement in both dialects.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sql {
    pub(crate) sqlite: &'static str,
    pub(crate) postgres: &'static str,
}

impl From<&'static str> for Sql {
    fn from(both: &'static str) -> Self {
        Self { sqlite: both, postgres: both }
    }
}

/// Builds a statement of literals and of these words, which each dialect says in its own way:
///
/// - `HERE`: the row's target is `$1`, a [`Query::key`];
/// - `AT`: it is one of `$1`, [`Query::keys`];
/// - `BELOW`: it lies in the range `$1` to `$2`, as [`Query::below`] gives it;
/// - `ITSELF`: it is the place itself, `$3`, and `WITHIN`: it is that or lies below, as [`Query::within`] gives them;
/// - `KEY`: the column that tells targets apart;
/// - `ONE_OF`: equal to one of `$1`, [`Query::texts`].
macro_rules! sql {
    ($($part:tt)+) => {
        $crate::database::Sql {
            sqlite: concat!($($crate::database::sqlite_word!($part)),+),
            postgres: concat!($($crate::database::postgres_word!($part)),+),
        }
    };
}
macro_rules! sqlite_word {
    (HERE) => {
        "target = $1"
    };
    (AT) => {
        "target IN (SELECT value FROM json_each($1))"
    };
    (BELOW) => {
        "target >= $1 AND target < $2"
    };
    (ITSELF) => {
        "target = $3"
    };
    (WITHIN) => {
        "(target = $3 OR (target >= $1 AND target < $2))"
    };
    (KEY) => {
        "target"
    };
    (ONE_OF) => {
        "IN (SELECT value FROM json_each($1))"
    };
    ($text:literal) => {
        $text
    };
}
macro_rules! postgres_word {
    (HERE) => {
        "digest = $1"
    };
    (AT) => {
        "digest = ANY($1)"
    };
    (BELOW) => {
        "left(target, 500) >= left($1, 500) AND left(target, 500) <= left($2, 500) AND target >= $1 AND target < $2"
    };
    (ITSELF) => {
        "digest = $3"
    };
    (WITHIN) => {
        "(digest = $3 OR (left(target, 500) >= left($1, 500) AND left(target, 500) <= left($2, 500) \
         AND target >= $1 AND target < $2))"
    };
    (KEY) => {
        "digest"
    };
    (ONE_OF) => {
        "= ANY($1)"
    };
    ($text:literal) => {
        $text
    };
}
pub(crate) use {postgres_word, sql, sqlite_word};

/// What a statement is given.
#[derive(Debug, Clone)]
pub(crate) enum Parameter {
    /// A number or nothing.
    Int(Option<i64>),
    /// A text or nothing.
    Text(Option<String>),
    /// Octets.
    Blob(Vec<u8>),
    /// A target that must be met exactly. PostgreSQL compares its digest.
    Key(String),
    /// Several of them.
    Keys(Vec<String>),
    /// Several texts.
    Texts(Vec<String>),
}

impl Parameter {
    /// PostgreSQL's text cannot hold U+0000, and what one database refuses the other must not keep.
    fn has_nul(&self) -> bool {
        match self {
            Self::Int(_) | Self::Blob(_) => false,
            Self::Text(text) => text.as_ref().is_some_and(|text| text.contains('\0')),
            Self::Key(text) => text.contains('\0'),
            Self::Keys(texts) | Self::Texts(texts) => texts.iter().any(|text| text.contains('\0')),
        }
    }
}

/// A statement with its parameters.
#[derive(Debug, Clone)]
pub struct Query {
    pub(crate) sql: Sql,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) most: usize,
}

impl Query {
    pub(crate) fn new(sql: impl Into<Sql>) -> Self {
        Self { sql: sql.into(), parameters: Vec::new(), most: MOST_ANSWERED }
    }

    /// Lifts the bound on the answer, for what must be whole however large it is.
    pub(crate) fn unbounded(mut self) -> Self {
        self.most = usize::MAX;
        self
    }

    fn with(mut self, parameter: Parameter) -> Self {
        self.parameters.push(parameter);
        self
    }

    pub(crate) fn int(self, number: i64) -> Self {
        self.with(Parameter::Int(Some(number)))
    }

    pub(crate) fn maybe_int(self, number: Option<i64>) -> Self {
        self.with(Parameter::Int(number))
    }

    pub(crate) fn text(self, text: impl Into<String>) -> Self {
        self.with(Parameter::Text(Some(text.into())))
    }

    pub(crate) fn maybe_text(self, text: Option<String>) -> Self {
        self.with(Parameter::Text(text))
    }

    pub(crate) fn blob(self, octets: impl Into<Vec<u8>>) -> Self {
        self.with(Parameter::Blob(octets.into()))
    }

    pub(crate) fn key(self, target: impl Into<String>) -> Self {
        self.with(Parameter::Key(target.into()))
    }

    pub(crate) fn keys(self, targets: Vec<String>) -> Self {
        self.with(Parameter::Keys(targets))
    }

    pub(crate) fn texts(self, texts: Vec<String>) -> Self {
        self.with(Parameter::Texts(texts))
    }

    /// The range of everything below a place, for `BELOW`.
    pub(crate) fn below(self, place: &str) -> Self {
        // '0' is the character after '/': what starts with `place/` sorts before `place0`, and nothing else in between.
        self.text(format!("{place}/")).text(format!("{place}0"))
    }

    /// The range of everything below a place and the place itself, for `WITHIN`.
    pub(crate) fn within(self, place: &str) -> Self {
        self.below(place).key(place)
    }

    /// Refuses what only one of the databases could keep.
    pub(crate) fn check(&self) -> Result<(), sqlx::Error> {
        if self.parameters.iter().any(Parameter::has_nul) {
            return Err(sqlx::Error::Encode(Box::new(Nul)));
        }
        Ok(())
    }
}

/// A text with U+0000 in it.
#[derive(Debug, thiserror::Error)]
#[error("a text has the character U+0000 in it")]
pub(crate) struct Nul;

/// An answer that is larger than the query allows.
#[derive(Debug, thiserror::Error)]
#[error("the answer is larger than {0} octets")]
pub(crate) struct TooLarge(pub(crate) usize);

/// What a row holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Value {
    /// Nothing.
    Null,
    /// A number.
    Int(i64),
    /// A text.
    Text(String),
    /// Octets.
    Blob(Vec<u8>),
}

impl Value {
    /// About what it takes in memory.
    pub(crate) fn size(&self) -> usize {
        let inside = match self {
            Self::Null | Self::Int(_) => 0,
            Self::Text(text) => text.len(),
            Self::Blob(octets) => octets.len(),
        };
        inside.saturating_add(size_of::<Self>())
    }
}

/// A row that cannot be: somebody else wrote into the database, or the migration was wrong.
#[derive(Debug, thiserror::Error)]
#[error("a row of the database has no valid {0}")]
pub(crate) struct Corrupt(pub(crate) &'static str);

/// A row, read column by column from the left.
#[derive(Debug)]
pub struct Row(vec::IntoIter<Value>);

impl Row {
    pub(crate) fn new(values: Vec<Value>) -> Self {
        Self(values.into_iter())
    }

    pub(crate) fn int(&mut self, what: &'static str) -> Result<i64, Corrupt> {
        self.maybe_int(what)?.ok_or(Corrupt(what))
    }

    pub(crate) fn maybe_int(&mut self, what: &'static str) -> Result<Option<i64>, Corrupt> {
        match self.0.next() {
            Some(Value::Int(number)) => Ok(Some(number)),
            Some(Value::Null) => Ok(None),
            _ => Err(Corrupt(what)),
        }
    }

    pub(crate) fn text(&mut self, what: &'static str) -> Result<String, Corrupt> {
        self.maybe_text(what)?.ok_or(Corrupt(what))
    }

    pub(crate) fn maybe_text(&mut self, what: &'static str) -> Result<Option<String>, Corrupt> {
        match self.0.next() {
            Some(Value::Text(text)) => Ok(Some(text)),
            Some(Value::Null) => Ok(None),
            _ => Err(Corrupt(what)),
        }
    }

    /// Octets of a length that is known.
    pub(crate) fn blob<const N: usize>(&mut self, what: &'static str) -> Result<[u8; N], Corrupt> {
        match self.0.next() {
            Some(Value::Blob(octets)) => octets.try_into().map_err(|_| Corrupt(what)),
            _ => Err(Corrupt(what)),
        }
    }

    /// What has not been read yet.
    pub(crate) fn rest(self) -> Vec<Value> {
        self.0.collect()
    }
}

/// How much a write must survive.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keep {
    /// A power cut: what was acknowledged stays.
    Safe,
    /// The end of this process. For what is worth nothing after a restart.
    Brief,
}

/// A database.
pub trait Database: Clone + Send + Sync + 'static {
    /// A transaction of it.
    type Transaction: Transaction;
    /// Its feed of changes.
    type Feed: Feed;

    /// Asks.
    fn read(&self, query: Query) -> impl Future<Output = Result<Vec<Row>, sqlx::Error>> + Send;
    /// Runs one statement that writes, in a transaction of its own; says how many rows it touched.
    fn write(&self, query: Query, keep: Keep) -> impl Future<Output = Result<u64, sqlx::Error>> + Send;
    /// Begins a transaction that writes.
    fn begin(&self) -> impl Future<Output = Result<Self::Transaction, sqlx::Error>> + Send;
    /// Begins a transaction that sees one moment of everything, for as long as it takes.
    fn snapshot(&self) -> impl Future<Output = Result<Self::Transaction, sqlx::Error>> + Send;
    /// Begins a transaction that replaces everything, for as long as it takes.
    fn replacement(&self) -> impl Future<Output = Result<Self::Transaction, sqlx::Error>> + Send;
    /// Opens a feed of changes.
    fn feed(&self) -> impl Future<Output = Result<Self::Feed, sqlx::Error>> + Send;
    /// The first legs of an examination: whether it can be reached at all.
    fn reach(&self) -> impl Future<Output = Vec<Leg>> + Send;
    /// How many migrations this program knows.
    fn migrations(&self) -> usize;
}

/// A transaction. Dropped without a commit it has no effect.
pub trait Transaction: Send {
    /// Asks.
    fn read(&mut self, query: Query) -> impl Future<Output = Result<Vec<Row>, sqlx::Error>> + Send;
    /// Writes; says how many rows it touched.
    fn write(&mut self, query: Query) -> impl Future<Output = Result<u64, sqlx::Error>> + Send;
    /// Waits until no other transaction holds this name, and holds it to the end: what is read from then on stays true
    /// among all that ask for the same name.
    fn serialise(&mut self, name: &str) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
    /// Makes it last.
    fn commit(self) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}

/// A connection of its own that hears of changes.
pub trait Feed: Send {
    /// Waits until something may have changed; at most for the poll's interval where the database cannot tell.
    fn wait(&mut self) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
    /// Asks over this connection.
    fn read(&mut self, query: Query) -> impl Future<Output = Result<Vec<Row>, sqlx::Error>> + Send;
}
