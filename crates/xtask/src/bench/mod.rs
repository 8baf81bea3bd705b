//! `cargo xtask bench`: `micro` runs the criterion benchmarks, `peers` measures beside other servers.

mod measure;
mod peers;
mod report;
mod sides;

use crate::args::Args;
use crate::failure::{Failure, Result};
use crate::{process, workspace};
use std::process::Command;

/// Runs what is asked for, or of it what `--only` names, parted by commas.
pub(crate) fn task(mut args: Args) -> Result<()> {
    let kind = args.word().unwrap_or_else(|| "micro".to_owned());
    let only: Option<String> = args.value("--only")?;
    args.end()?;
    match kind.as_str() {
        "micro" => micro(only),
        "peers" => peers::run(only.as_deref()),
        _ => Err(Failure::new(format!("bench {kind}: say micro or peers"))),
    }
}

fn micro(only: Option<String>) -> Result<()> {
    let mut bench = Command::new("cargo");
    bench.args(["bench", "--workspace", "--bench", "*"]).current_dir(workspace::root()?);
    if let Some(only) = only {
        bench.arg("--").arg(only);
    }
    process::run(&mut bench)
}
