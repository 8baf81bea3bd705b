//! Everything as open JSON and back: one object a line, `{"table": .., column: ..}`, octets as hexadecimal digits. The same
//! for both databases, so that a dump of one is the way to the other.
//!
//! Left out: the epoch and the sequence, which belong to one database; leases, claims, handovers and tokens, which
//! belong to sessions and requests that a restore ends; indexes, which can be rebuilt; and the lists of changed grants and settings, which only wake watchers.

use crate::{
    database::{Corrupt, Database, Query, Row, Transaction, Value},
    store::{Open, SqlState},
    values,
};
use passerelle_core::{Error, Result, seal};
use serde_json::{Map, Value as Json};

/// The first line says what this is.
const HEADER: &str = r#"{"passerelle":"state","version":1}"#;
const DOING: &str = "restoring a dump";

struct Table {
    name: &'static str,
    columns: &'static [Column],
    read: &'static str,
    add: &'static str,
    clear: &'static str,
    /// Whether a row means anything; a dump may have been edited.
    check: fn(Row) -> Result<(), Corrupt>,
}

struct Column {
    name: &'static str,
    kind: Kind,
}

#[derive(Clone, Copy)]
enum Kind {
    Int,
    Text,
    Blob,
}

macro_rules! table {
    ($name:literal, [$($column:literal $kind:ident),+] by $order:literal, $count:literal, $check:expr) => {
        Table {
            name: $name,
            columns: &[$(Column { name: $column, kind: Kind::$kind }),+],
            read: concat!("SELECT ", columns!($($column),+), " FROM ", $name, " ORDER BY ", $order),
            add: concat!("INSERT INTO ", $name, " (", columns!($($column),+), ") VALUES (", $count, ")"),
            clear: concat!("DELETE FROM ", $name),
            check: $check,
        }
    };
}
macro_rules! columns {
    ($first:literal $(, $rest:literal)*) => { concat!($first $(, ", ", $rest)*) };
}

const TABLES: &[Table] = &[
    table!("grants", ["target" Text, "grantee" Text, "rights" Int, "ends" Int] by "target, grantee", "$1, $2, $3, $4",
        |row| values::granted(row).map(drop)),
    table!("links", ["id" Text, "target" Text, "made_by" Text, "ends" Int, "token_hash" Blob, "label" Text,
        "password" Text, "most_downloads" Int, "downloads" Int] by "id", "$1, $2, $3, $4, $5, $6, $7, $8, $9",
        |row| values::link(row).map(drop)),
    table!("app_passwords", ["id" Text, "account" Text, "hash" Blob, "name" Text, "scope" Text, "made" Int, "ends" Int,
        "last_used" Int] by "id", "$1, $2, $3, $4, $5, $6, $7, $8", |row| values::app_password(row).map(drop)),
    table!("external_accounts", ["id" Text, "account" Text, "label" Text, "host" Text, "port" Int, "tls" Text,
        "login" Text, "sealed" Text, "made" Int, "fault" Text, "fault_at" Int, "folders" Text, "listed" Int,
        "protocol" Text, "uids" Text] by "id", "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15",
        |row| values::external_account(row).map(drop)),
    table!("preferences", ["account" Text, "name" Text, "value" Text] by "account, name", "$1, $2, $3",
        |row| values::preference(row).map(drop)),
    table!("revocations", ["kind" Text, "subject" Text, "up_to" Int, "expires" Int] by "kind, subject",
        "$1, $2, $3, $4", |row| values::revocation(row).map(drop)),
    table!("locks", ["token" Text, "target" Text, "depth" Text, "scope" Text, "holder" Text, "owner" Text,
        "expires" Int] by "token", "$1, $2, $3, $4, $5, $6, $7", |row| values::lock(row).map(drop)),
    table!("properties", ["target" Text, "namespace" Text, "name" Text, "xml" Text] by "target, namespace, name",
        "$1, $2, $3, $4", |row| values::property(row).map(drop)),
    table!("overlay", ["institution" Text, "name" Text, "version" Int, "value" Text, "author" Text, "made" Int]
        by "institution, name, version", "$1, $2, $3, $4, $5, $6", |row| values::overlay_value(row).map(drop)),
    table!("audit", ["institution" Text, "made" Int, "id" Blob, "who" Text, "address" Text, "method" Text,
        "target" Text, "outcome" Text, "change" Text] by "institution, made, id",
        "$1, $2, $3, $4, $5, $6, $7, $8, $9", |row| values::audit_line(row).map(drop)),
    table!("calls", ["key" Blob, "call" Blob, "answer" Text, "made" Int] by "key", "$1, $2, $3, $4",
        |row| values::known_call(row).map(drop)),
    table!("api_clients", ["id" Text, "proof" Text, "hash" Blob, "name" Text, "institutions" Text, "methods" Text,
        "made" Int, "ends" Int, "last_used" Int] by "id", "$1, $2, $3, $4, $5, $6, $7, $8, $9",
        |row| values::api_client(row).map(drop)),
    table!("account_cards", ["account" Text, "owner" Text, "customer" Text, "country" Text, "subscription" Text,
        "state" Text, "external_address" Text, "comment" Text, "ends" Int, "settled" Int, "sign_ins" Int,
        "last_sign_in" Int] by "account", "$1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12",
        |row| values::card(row).map(drop)),
    table!("tallies", ["institution" Text, "hour" Int, "what" Text, "count" Int] by "institution, hour, what",
        "$1, $2, $3, $4", |row| values::tally(row).map(drop)),
    table!("gateway_groups", ["name" Text, "description" Text] by "name", "$1, $2",
        |row| values::gateway_group(row).map(drop)),
    table!("gateway_members", ["member" Text, "name" Text] by "member, name", "$1, $2",
        |row| values::gateway_member(row).map(drop)),
];

/// Revocations take their place in the sequence when they are put back, so that every watcher hears of them.
const ADD_REVOCATION: &str = "INSERT INTO revocations (kind, subject, up_to, expires, seq) \
                              SELECT $1, $2, $3, $4, sequence FROM metadata WHERE one = 1";

/// Everything, as of one moment.
pub(crate) async fn dump<D: Database>(state: &SqlState<D>) -> Result<Vec<String>> {
    let told = |error| state.fault("dumping", error);
    let mut snapshot = state.database.snapshot().await.map_err(told)?;
    let mut lines = vec![HEADER.to_owned()];
    for table in TABLES {
        for row in snapshot.read(Query::new(table.read).unbounded()).await.map_err(told)? {
            lines.push(line(table, row.rest()));
        }
    }
    Ok(lines)
}

/// Replaces everything and makes a new epoch, in one transaction: it is all there or as before.
pub(crate) async fn restore<D: Database>(state: &SqlState<D>, lines: &[String]) -> Result<()> {
    let Some((HEADER, lines)) = lines.split_first().map(|(header, lines)| (header.as_str(), lines)) else {
        return Err(Error::invalid("this is no dump of State, or of a version that this program does not know"));
    };
    let epoch = seal::random::<16>()?;
    let mut open = state.replace(DOING).await?;
    for table in TABLES {
        open.write(Query::new(table.clear)).await?;
    }
    for passing in [
        "DELETE FROM leases",
        "DELETE FROM claims",
        "DELETE FROM handovers",
        "DELETE FROM tokens",
        "DELETE FROM sync_indexes",
    ] {
        open.write(Query::new(passing)).await?;
    }
    open.next_number().await?;
    for (number, line) in lines.iter().enumerate() {
        add(&mut open, line).await.map_err(|error| match error {
            // The header is the first line.
            Error::Invalid { what } => Error::invalid(format!("line {}: {what}", number.saturating_add(2))),
            Error::Conflict => Error::invalid(format!("line {}: the row is there twice", number.saturating_add(2))),
            other => other,
        })?;
    }
    open.write(Query::new("UPDATE metadata SET epoch = $1").blob(epoch)).await?;
    open.commit().await?;
    state.epoch.set(epoch);
    Ok(())
}

async fn add<D: Database>(open: &mut Open<'_, D>, line: &str) -> Result<()> {
    let mut object: Map<String, Json> =
        serde_json::from_str(line).map_err(|error| Error::invalid(format!("no JSON object: {error}")))?;
    let name = object.remove("table");
    let table = TABLES.iter().find(|table| name.as_ref().and_then(Json::as_str) == Some(table.name));
    let table = table.ok_or_else(|| Error::invalid("no table of this name"))?;
    let wrong = |column: &Column| Error::invalid(format!("{}: column {} is not right", table.name, column.name));
    let add = if table.name == "revocations" { ADD_REVOCATION } else { table.add };
    let (mut query, mut row) = (Query::new(add), Vec::new());
    for column in table.columns {
        let value = object.remove(column.name).ok_or_else(|| wrong(column))?;
        let value = from_json(column.kind, value).ok_or_else(|| wrong(column))?;
        row.push(value.clone());
        query = match (column.kind, value) {
            (Kind::Int, Value::Int(number)) => query.int(number),
            (Kind::Int, _) => query.maybe_int(None),
            (_, Value::Text(text)) => query.text(text),
            (_, Value::Blob(octets)) => query.blob(octets),
            (_, _) => query.maybe_text(None),
        };
    }
    if let Some(unknown) = object.keys().next() {
        return Err(Error::invalid(format!("{} has no column {unknown}", table.name)));
    }
    (table.check)(Row::new(row)).map_err(|corrupt| Error::invalid(format!("{}: {corrupt}", table.name)))?;
    open.write(query).await.map(drop)
}

fn line(table: &Table, values: Vec<Value>) -> String {
    // Built by hand, because a map of JSON would forget the columns' order.
    let mut line = format!("{{\"table\":{}", Json::from(table.name));
    for (column, value) in table.columns.iter().zip(values) {
        let value = match value {
            Value::Null => Json::Null,
            Value::Int(number) => Json::from(number),
            Value::Text(text) => Json::from(text),
            Value::Blob(octets) => Json::from(values::hex(&octets)),
        };
        line.push_str(&format!(",{}:{value}", Json::from(column.name)));
    }
    line.push('}');
    line
}

fn from_json(kind: Kind, json: Json) -> Option<Value> {
    Some(match (kind, json) {
        (Kind::Int | Kind::Text, Json::Null) => Value::Null,
        (Kind::Int, Json::Number(number)) => Value::Int(number.as_i64()?),
        (Kind::Text, Json::String(text)) => Value::Text(text),
        (Kind::Blob, Json::String(text)) => Value::Blob(values::unhex(&text)?),
        _ => return None,
    })
}
