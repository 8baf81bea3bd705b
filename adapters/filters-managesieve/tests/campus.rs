//! Against the campus's Pigeonholes: with an authorization identity over STARTTLS, and with `login*master`. All names begin
//! with `campus_`, so that a run without a campus can leave them out.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use passerelle_core::{config::Block, ports::Filters};
use passerelle_testkit::filters_contract::keeps_and_activates_scripts;
use std::{path::PathBuf, sync::Arc};

fn campus(name: &str) -> String {
    let folder = std::env::var("PASSERELLE_TEST_CAMPUS")
        .unwrap_or_else(|_| panic!("PASSERELLE_TEST_CAMPUS must name the folder of a campus that runs"));
    let env = std::fs::read_to_string(PathBuf::from(folder).join("env")).unwrap();
    let line = env.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
    line.unwrap_or_else(|| panic!("the campus's env has no {name}")).trim_matches('\'').to_owned()
}

fn store(port: &str, more: &str) -> Arc<dyn Filters> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("master"), "gw-secret").unwrap();
    let text = format!(
        "address = '127.0.0.1:{}'\ntls = 'starttls'\nca = '{}'\n[master]\nuser = 'gateway'\npassword = {{ file = 'master' }}\n{more}\n",
        campus(port),
        campus("CAMPUS_CA")
    );
    let block = Block::from_text("x.filters", &folder.path().join("institution.toml"), &text);
    (passerelle_filters_managesieve::FACTORY.build)(&block).unwrap()
}

#[tokio::test]
async fn campus_scripts_by_authorization_identity() {
    keeps_and_activates_scripts(store("CAMPUS_SIEVE_A", ""), "u00009").await;
}

#[tokio::test]
async fn campus_scripts_by_a_masters_login() {
    keeps_and_activates_scripts(store("CAMPUS_SIEVE_B", "separator = '*'"), "u00009").await;
}
