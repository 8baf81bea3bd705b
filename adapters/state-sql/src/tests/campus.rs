//! A database of its own on the campus's PostgreSQL, for each test.

use crate::PostgresState;
use futures::FutureExt;
use passerelle_core::config::Block;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, postgres::PgConnectOptions};
use std::{
    collections::HashMap,
    env, fs,
    future::Future,
    hash::{BuildHasher, Hasher, RandomState},
    panic::{AssertUnwindSafe, resume_unwind},
    path::Path,
};

/// Role, database and password of the campus.
const ROLE: &str = "passerelle";
const PASSWORD: &str = "pw-passerelle";

/// A database that exists while one test runs.
pub(super) struct Database {
    pub(super) name: String,
    pub(super) port: u16,
    pub(super) folder: tempfile::TempDir,
}

impl Database {
    /// The settings of a gateway that reaches the database through this port.
    pub(super) fn block(&self, port: u16) -> Block {
        self.block_with(port, "max_connections = 8\n")
    }

    /// Those settings with others beside them.
    pub(super) fn block_with(&self, port: u16, more: &str) -> Block {
        let url = format!("postgres://{ROLE}@127.0.0.1:{port}/{}", self.name);
        let text = format!("kind = \"postgres\"\nurl = \"{url}\"\npassword = {{ file = \"password\" }}\n{more}");
        Block::from_text("state", &self.folder.path().join("passerelle.toml"), &text)
    }

    pub(super) async fn open(&self) -> PostgresState {
        PostgresState::open(&self.block(self.port)).await.unwrap()
    }
}

/// Makes a database, runs the test, and drops the database whatever came of the test.
pub(super) async fn with_database<F: Future<Output = ()>>(test: impl FnOnce(std::sync::Arc<Database>) -> F) {
    let port = port();
    let name = format!("passerelle_test_{:016x}", RandomState::new().build_hasher().finish());
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("password"), format!("{PASSWORD}\n")).unwrap();
    let mut admin = connect(port, ROLE).await;
    admin.execute(AssertSqlSafe(format!("CREATE DATABASE {name}"))).await.unwrap();
    let database = std::sync::Arc::new(Database { name: name.clone(), port, folder });
    let tested = AssertUnwindSafe(test(database)).catch_unwind().await;
    // FORCE is denied while a worker of autovacuum, which is PostgreSQL's own, looks at the database; without it the worker is
    // sent away, and connections that are still there count.
    let forced = admin.execute(AssertSqlSafe(format!("DROP DATABASE {name} WITH (FORCE)"))).await;
    if forced.is_err() {
        admin.execute(AssertSqlSafe(format!("DROP DATABASE {name}"))).await.unwrap();
    }
    if let Err(panic) = tested {
        resume_unwind(panic);
    }
}

pub(super) async fn connect(port: u16, database: &str) -> PgConnection {
    let options = PgConnectOptions::new_without_pgpass().host("127.0.0.1").port(port).username(ROLE);
    PgConnection::connect_with(&options.password(PASSWORD).database(database)).await.expect("the campus's PostgreSQL")
}

/// The port of the campus's PostgreSQL.
fn port() -> u16 {
    value("CAMPUS_POSTGRES").parse().unwrap()
}

/// What the campus says of itself.
pub(super) fn value(name: &str) -> String {
    let Ok(campus) = env::var("PASSERELLE_TEST_CAMPUS") else {
        panic!(
            "set PASSERELLE_TEST_CAMPUS to the folder of `cargo xtask campus up`, or leave out the tests named campus_"
        );
    };
    let file = Path::new(&campus).join("env");
    let text = fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
    let values: HashMap<_, _> = text.lines().filter_map(|line| line.split_once('=')).collect();
    let value = values.get(name).unwrap_or_else(|| panic!("no {name} in {}", file.display()));
    value.trim_matches(['\'', '"']).to_owned()
}
