//! `cargo xtask bench`: `micro` runs the criterion benchmarks, `peers` measures beside other servers.

mod accounts;
mod calendar;
mod dav;
mod large;
mod mail;
mod measure;
mod micro;
mod page;
mod peers;
mod portal;
mod report;
mod shared;
mod sides;
mod smb;

use crate::args::Args;
use crate::failure::{Failure, Result};

/// Runs what is asked for, or of it what `--only` names, parted by commas.
pub(crate) fn task(mut args: Args) -> Result<()> {
    let kind = args.word().unwrap_or_else(|| "micro".to_owned());
    let only: Option<String> = args.value("--only")?;
    let port_base = args.value("--port-base")?.unwrap_or(peers::PORT_BASE);
    args.end()?;
    match kind.as_str() {
        "micro" => micro::run(only.as_deref()),
        "peers" => peers::run(only.as_deref(), port_base),
        _ => Err(Failure::new(format!("bench {kind}: say micro or peers"))),
    }
}
