//! State in SQL: SQLite for one host, PostgreSQL for several nodes. `docs/STATE.md` says what each table is for.
//!
//! Each table's logic stands once, over the few things that `database` asks of a database; `sqlite` and `postgres` give
//! them. It must never hold what is somebody's data, nor print a secret, nor answer "nothing" when it could not ask.

mod audit;
mod calls;
mod cards;
mod clients;
mod credentials;
mod database;
mod dump;
mod external_accounts;
mod gateway_groups;
mod grants;
mod health;
mod leases;
mod links;
mod locks;
mod overlay;
mod places;
mod postgres;
mod preferences;
mod properties;
mod renames;
mod revocations;
mod settings;
mod sign_ons;
mod sqlite;
mod store;
mod sync_indexes;
mod tallies;
mod values;
mod watch;

pub use properties::{LARGEST_PROPERTY, LONGEST_PROPERTY_NAME, MOST_PROPERTIES};
pub use settings::{POSTGRES, SQLITE};
pub use store::SqlState;

/// State in a SQLite file.
pub type SqliteState = SqlState<sqlite::Sqlite>;
/// State in a PostgreSQL database.
pub type PostgresState = SqlState<postgres::Postgres>;

#[cfg(test)]
mod tests;
