//! The two kinds of settings, and how each becomes a State.
//!
//! ```toml
//! [state]
//! kind = "sqlite"
//! path = "/var/lib/passerelle/state.sqlite"
//! ```
//!
//! ```toml
//! [state]
//! kind = "postgres"
//! url = "postgres://passerelle@db.example.org:5432/passerelle"
//! password = { file = "secrets/postgres" }   # left out where the server knows the gateway otherwise
//! max_connections = 16                       # per node, beside one that listens
//! ca = "ca.pem"                              # who signed the server's certificate, when no public authority did
//! ```

use crate::{PostgresState, SqliteState, postgres::Postgres, sqlite::Sqlite};
use passerelle_core::{
    Error, Result, StateFactory,
    config::{Block, ConfigFault, SecretSource},
    ports::state::State,
};
use serde::Deserialize;
use sqlx::postgres::{PgConnectOptions, PgSslMode};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// SQLite.
pub const SQLITE: StateFactory = StateFactory {
    kind: "sqlite",
    check: |block| sqlite_path(block).map(drop),
    open: |block| Box::pin(async move { Ok(Arc::new(SqliteState::open(block).await?) as Arc<dyn State>) }),
};

/// PostgreSQL.
pub const POSTGRES: StateFactory = StateFactory {
    kind: "postgres",
    check: |block| Server::read(block).map(drop),
    open: |block| Box::pin(async move { Ok(Arc::new(PostgresState::open(block).await?) as Arc<dyn State>) }),
};

/// Connections of the pool where the settings say nothing, and the bounds of what they may say. One transaction and one
/// question must be able to run at once.
const CONNECTIONS: u32 = 16;
const FEWEST_CONNECTIONS: u32 = 2;
const MOST_CONNECTIONS: u32 = 200;

impl SqliteState {
    /// Opens the file that the settings name.
    ///
    /// # Errors
    /// `Invalid` for settings that are wrong, `Unavailable` when the file cannot be opened or brought up to date.
    pub async fn open(block: &Block) -> Result<Self> {
        let path = sqlite_path(block).map_err(Error::invalid)?;
        let name: Arc<str> = format!("{} ({})", block.name(), path.display()).into();
        let database = Sqlite::open(path).await.map_err(|error| Error::unavailable(&name, "opening", error))?;
        Self::new(database, name).await
    }
}

impl PostgresState {
    /// Connects to the server that the settings name.
    ///
    /// # Errors
    /// `Invalid` for settings that are wrong, `Unavailable` when the server cannot be reached or the tables cannot be
    /// brought up to date.
    pub async fn open(block: &Block) -> Result<Self> {
        let server = Server::read(block).map_err(Error::invalid)?;
        let name: Arc<str> = format!("{} ({})", block.name(), server.shown).into();
        let opened = Postgres::open(server.options, server.max_connections).await;
        Self::new(opened.map_err(|error| Error::unavailable(&name, "connecting", error))?, name).await
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct SqliteSettings {
    path: PathBuf,
}

fn sqlite_path(block: &Block) -> Result<PathBuf, ConfigFault> {
    let written = block.resolve(&block.parse::<SqliteSettings>()?.path);
    let remedy = "write the path of a file";
    let path = std::path::absolute(&written).map_err(|error| block.fault(format!("path: {error}"), remedy))?;
    if path.file_name().is_none() || path.parent().is_some_and(|folder| !folder.is_dir()) {
        let what = format!("path: {} is not in a folder that exists", path.display());
        return Err(block.fault(what, "make the folder, owned by the gateway's user and on a local disk"));
    }
    Ok(path)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PostgresSettings {
    url: String,
    password: Option<SecretSource>,
    max_connections: Option<u32>,
    ca: Option<PathBuf>,
}

/// A server as the settings give it. No Debug: sqlx prints the options with the password in them.
struct Server {
    options: PgConnectOptions,
    max_connections: u32,
    /// The address for messages.
    shown: String,
}

impl Server {
    fn read(block: &Block) -> Result<Self, ConfigFault> {
        let settings: PostgresSettings = block.parse()?;
        let url = settings.url.as_str();
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        // What is wrong with a url is said without the url: it may have a password in it.
        let shape = "write postgres://user@host:port/database";
        let rest = rest.ok_or_else(|| block.fault("url: it is no postgres:// url", shape))?;
        let user = rest.split_once('@').map(|(user, _)| user).unwrap_or_default();
        if user.contains(':') {
            return Err(block.fault("url: it has a password in it", "write password = { file = \"..\" } instead"));
        }
        if user.is_empty() || rest.contains(['?', '#']) {
            return Err(block.fault("url: it has no user, or parameters", shape));
        }
        let options: PgConnectOptions = url.parse().map_err(|_| block.fault("url: it is no postgres:// url", shape))?;
        if options.get_database().is_none() {
            return Err(block.fault("url: it names no database", shape));
        }
        let max_connections = settings.max_connections.unwrap_or(CONNECTIONS);
        if !(FEWEST_CONNECTIONS..=MOST_CONNECTIONS).contains(&max_connections) {
            return Err(block.fault(format!("max_connections: {max_connections} is not 2 to 200"), "write 16"));
        }
        let options = match &settings.password {
            None => options,
            Some(source) => {
                let secret = block.secret(source)?;
                let password = secret.expose_str();
                options.password(password.ok_or_else(|| block.fault("password: it is no UTF-8", "write text"))?)
            }
        };
        let options = secured(block, options, settings.ca.as_deref())?;
        Ok(Self { options, max_connections, shown: url.to_owned() })
    }
}

/// Over a network the server must prove who it is; on this host nobody is between.
fn secured(block: &Block, options: PgConnectOptions, ca: Option<&Path>) -> Result<PgConnectOptions, ConfigFault> {
    if let Some(ca) = ca {
        let ca = block.resolve(ca);
        if !ca.is_file() {
            return Err(block.fault(format!("ca: {} is no file", ca.display()), "name a file with certificates in PEM"));
        }
        return Ok(options.ssl_mode(PgSslMode::VerifyFull).ssl_root_cert(ca));
    }
    let host = options.get_host();
    let local = options.get_socket().is_some()
        || host.starts_with('/')
        || host == "localhost"
        || host.trim_matches(['[', ']']).parse().is_ok_and(|address: std::net::IpAddr| address.is_loopback());
    Ok(options.ssl_mode(if local { PgSslMode::Disable } else { PgSslMode::VerifyFull }))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]
    use super::*;

    fn server(text: &str) -> Result<Server, ConfigFault> {
        Server::read(&Block::from_text("state", Path::new("conf/x.toml"), text))
    }

    #[track_caller]
    fn refused(text: &str, word: &str) -> String {
        let Err(fault) = server(text) else { panic!("{text} was taken") };
        let fault = fault.to_string();
        assert!(fault.contains(word), "{fault}");
        fault
    }

    #[test]
    fn a_password_in_the_url_is_refused_and_not_repeated() {
        let fault = refused("url = \"postgres://p:hunter2@127.0.0.1:5432/p\"\n", "password");
        assert!(!fault.contains("hunter2"), "{fault}");
        let fault = refused("url = \"p:hunter2@127.0.0.1\"\n", "url");
        assert!(!fault.contains("hunter2"), "{fault}");
    }

    #[test]
    fn what_is_wrong_is_said() {
        refused("url = \"postgres://127.0.0.1/p\"\n", "no user");
        refused("url = \"postgres://p@127.0.0.1/p?sslmode=disable\"\n", "parameters");
        refused("url = \"postgres://p@127.0.0.1\"\n", "database");
        refused("url = \"postgres://p@127.0.0.1/p\"\nmax_connections = 1\n", "max_connections");
        refused("url = \"postgres://p@127.0.0.1/p\"\nca = \"nowhere.pem\"\n", "nowhere.pem");
        refused("url = \"postgres://p@127.0.0.1/p\"\npassword = \"hunter2\"\n", "conf/x.toml:2");
        refused("url = \"postgres://p@127.0.0.1/p\"\nkindd = 1\n", "kindd");
    }

    #[test]
    fn only_this_host_is_spared_the_proof() {
        let mode = |host: &str| {
            let mode = server(&format!("url = \"postgres://p@{host}/p\"\n")).map(|it| it.options.get_ssl_mode());
            format!("{:?}", mode.unwrap())
        };
        assert_eq!(mode("127.0.0.1:5432"), "Disable");
        assert_eq!(mode("[::1]:5432"), "Disable");
        assert_eq!(mode("localhost"), "Disable");
        assert_eq!(mode("%2Frun%2Fpostgresql"), "Disable");
        assert_eq!(mode("db.example.org"), "VerifyFull");
        assert_eq!(mode("127.0.0.1.example.org"), "VerifyFull");
    }

    #[test]
    fn a_sqlite_file_needs_its_folder() {
        let block = Block::from_text("state", Path::new("/nowhere/x.toml"), "path = \"sub/state.sqlite\"\n");
        assert!(sqlite_path(&block).unwrap_err().to_string().contains("/nowhere/sub/state.sqlite"));
        let block = Block::from_text("state", Path::new("x.toml"), "path = \"state.sqlite\"\n");
        assert!(sqlite_path(&block).unwrap().is_absolute());
    }
}
