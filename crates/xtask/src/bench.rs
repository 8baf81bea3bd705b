//! `cargo xtask bench micro`: the criterion benchmarks of the workspace.

use crate::args::Args;
use crate::failure::{Failure, Result};
use crate::{process, workspace};
use std::process::Command;

/// Runs the benchmarks, or those whose name contains `--only`.
pub(crate) fn task(mut args: Args) -> Result<()> {
    let kind = args.word().unwrap_or_else(|| "micro".to_owned());
    let only: Option<String> = args.value("--only")?;
    args.end()?;
    if kind != "micro" {
        return Err(Failure::new(format!("bench {kind}: this version measures `micro` only")));
    }
    let mut bench = Command::new("cargo");
    bench.args(["bench", "--workspace", "--bench", "*"]).current_dir(workspace::root()?);
    if let Some(only) = only {
        bench.arg("--").arg(only);
    }
    process::run(&mut bench)
}
