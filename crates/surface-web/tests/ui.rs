//! The office's own checks: its types by svelte-check, its units by vitest. What it is built from was fetched with this crate.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests stop at what is not as it should be")]

use std::{path::Path, process::Command};

fn npm(script: &str) {
    if std::env::var_os("PASSERELLE_SKIP_UI").is_some() {
        return;
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("ui");
    let done = Command::new("npm").args(["run", script]).current_dir(folder).output().expect("npm is installed");
    let said = [done.stdout, done.stderr].concat();
    assert!(done.status.success(), "npm run {script}:\n{}", String::from_utf8_lossy(&said));
}

#[test]
fn the_types_of_the_office_hold() {
    npm("check");
}

#[test]
fn the_units_of_the_office_hold() {
    npm("test");
}
