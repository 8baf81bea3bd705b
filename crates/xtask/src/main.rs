//! The project's tasks, `cargo xtask TASK`: everything that a developer or a machine runs, in one program
//! with next to no dependencies, so that it builds in seconds.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a task talks to the person at the terminal")]

mod args;
mod bench;
mod campus;
mod demo;
mod docs;
mod failure;
mod files;
mod fuzz;
mod interrupt;
mod process;
mod steps;
mod template;
mod test;
mod tidy;
mod tree;
mod workspace;

use args::Args;
use failure::{Failure, Result};
use std::env;
use std::process::ExitCode;

const HELP: &str = "\
cargo xtask TASK

  demo [--detach | --stop]   the gateway in front of a campus, to try it
  test [--quick]             everything that has to hold; --quick leaves out what needs the campus
  fuzz [--seconds N] [--only NAME]  octets made to break the codecs
  tidy                       the rules of the architecture
  docs                       writes docs/xmlrpc.md from the code's own descriptions
  bench [micro or peers] [--only N,..] [--port-base P]  benchmarks, written to docs/BENCHMARKS.md
  campus up [--dir D] [--port-base P] [--users N] [--mail-users N] [--messages N]
  campus down [--dir D]      campus status [--dir D]
                             real servers to try and test against, in one folder
";

fn main() -> ExitCode {
    match task(Args::new(env::args().skip(1))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn task(mut args: Args) -> Result<()> {
    match args.word().as_deref() {
        Some("bench") => bench::task(args),
        Some("campus") => campus::task(args),
        Some("demo") => demo::task(args),
        Some("docs") => docs::task(args),
        Some("fuzz") => fuzz::task(args),
        Some("test") => test::task(args),
        Some("tidy") => tidy::task(args),
        Some(other) => Err(Failure::new(format!("no task {other}\n\n{HELP}"))),
        None => {
            print!("{HELP}");
            Ok(())
        }
    }
}
