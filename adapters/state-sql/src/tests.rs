//! The contract of State on real databases, and what only databases can do wrong.
//!
//! Tests whose name begins with `campus_` need the servers of `cargo xtask campus up`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may panic"
)]

mod campus;
mod plans;
mod postgres;
mod proxy;
mod sqlite;
mod whole;

use crate::{database::Database, store::SqlState};
use passerelle_core::{Error, config::Block, ports::state::State};
use std::path::Path;

fn sqlite_block(folder: &Path) -> Block {
    Block::from_text("state", &folder.join("passerelle.toml"), "kind = \"sqlite\"\npath = \"state.sqlite\"\n")
}

/// What PostgreSQL's text cannot hold, SQLite must not keep either.
async fn refuses_nul<D: Database>(state: &SqlState<D>) {
    let institution = passerelle_model::InstitutionId::parse("nul").unwrap();
    let change = passerelle_core::ports::state::OverlayChange {
        version: 1,
        by: String::new(),
        at: passerelle_model::Timestamp(0),
        values: vec![("n".to_owned(), Some("a\0b".to_owned()))],
    };
    let error = passerelle_core::ports::state::Overlay::change_overlay(state, &institution, &change).await.unwrap_err();
    assert!(matches!(error, Error::Invalid { .. }), "{error:?}");
    assert!(state.dump().await.unwrap().iter().all(|line| !line.contains("\"nul\"")));
}
