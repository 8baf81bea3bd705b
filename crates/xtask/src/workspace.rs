//! Where the workspace is on this machine; found when the task runs, never compiled in.

use crate::failure::{Doing, Failure, Result};
use std::env;
use std::path::{Path, PathBuf};

/// The folder of the workspace's Cargo.toml.
pub(crate) fn root() -> Result<PathBuf> {
    // Cargo tells what it runs where its package is; a binary started by hand looks upwards instead.
    let start = match env::var_os("CARGO_MANIFEST_DIR") {
        Some(package) => PathBuf::from(package),
        None => env::current_dir().doing(|| "find the current folder".to_owned())?,
    };
    start
        .ancestors()
        .find(|folder| folder.join("Cargo.lock").is_file() && folder.join("crates").is_dir())
        .map(Path::to_path_buf)
        .ok_or_else(|| Failure::new(format!("no workspace at or above {}", start.display())))
}
