//! `cargo xtask test`: everything that has to hold, one part after the other, against the real campus.
//!
//! Stops at the first part that fails, names it, and takes its campus down in any case.

use crate::args::Args;
use crate::campus::{self, ports::Ports};
use crate::failure::{Doing, Failure, Result};
use crate::interrupt::Interrupt;
use crate::{fuzz, process, tidy, workspace};
use std::io::{BufRead as _, BufReader, IsTerminal as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Away from a demo's ports, so that both run at once.
const PORT_BASE: u16 = 30000;
/// Tests find the campus by this variable, the folder with its `env` file.
const CAMPUS: &str = "PASSERELLE_TEST_CAMPUS";
/// Tests that need the campus: this whole package, and elsewhere those with this in their names.
const CAMPUS_PACKAGE: &str = "passerelle-tests";
const CAMPUS_PREFIX: &str = "campus_";
/// For how many seconds each fuzz target runs.
const FUZZED: u32 = 3;

/// Runs all parts, or with `--quick` those that need no campus.
pub(crate) fn task(mut args: Args) -> Result<()> {
    let quick = args.flag("--quick");
    args.end()?;
    let root = workspace::root()?;
    let mut run = Run { root, interrupt: Interrupt::watch()?, times: Vec::new(), summary: None };
    let outcome = run.all(quick);
    run.table();
    outcome
}

/// One run: what took how long, and what the test runner said last.
struct Run {
    root: PathBuf,
    interrupt: Interrupt,
    times: Vec<(&'static str, Duration, bool)>,
    summary: Option<String>,
}

impl Run {
    fn all(&mut self, quick: bool) -> Result<()> {
        self.part("format", |run| run.cargo(&["fmt", "--all", "--check"]))?;
        // The office is built with the crate that embeds it, by the lints already.
        self.part("node and npm", |_| campus::install_node())?;
        self.part("lints", |run| run.cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]))?;
        self.part("tidy", |_| tidy::task(Args::new([])))?;
        // Also the program itself, which tests start; with the tests, so that both share their dependencies.
        self.part("build", |run| run.cargo(&["build", "--workspace", "--bins", "--tests"]))?;
        self.part("documentation tests", |run| run.cargo(&["test", "--doc", "--package", "passerelle-core"]))?;
        self.part("test runner", |run| {
            run.find_runner();
            Ok(())
        })?;
        if quick {
            return self.part("tests without the campus", |run| run.tests(None));
        }
        let dir = self.root.join("target/test/campus");
        let tested = self.with_campus(&dir);
        let ended = self.part("campus down", |_| campus::down(&dir));
        tested.and(ended)
    }

    fn with_campus(&mut self, dir: &Path) -> Result<()> {
        self.part("install", |_| {
            // npm, which the browser's test needs too, comes with the campus.
            campus::install(campus::TEST_PACKAGES)
        })?;
        self.part("campus up", |_| {
            // What a run that was killed left behind may have other settings.
            campus::down(dir)?;
            let ports = Ports::new(PORT_BASE)?;
            campus::up(&campus::Options { dir: dir.to_path_buf(), ports, size: campus::Size::default() })
        })?;
        self.part("tests", |run| run.tests(Some(dir)))?;
        // Long enough to find what a change has just broken; `cargo xtask fuzz` looks longer.
        self.part("fuzz targets", |_| fuzz::run(FUZZED, None))
    }

    /// Runs one part, notes its time, and says its name when it fails.
    fn part(&mut self, name: &'static str, work: impl FnOnce(&mut Self) -> Result<()>) -> Result<()> {
        println!("\n== {name}");
        let start = Instant::now();
        let outcome = work(self);
        self.times.push((name, start.elapsed(), outcome.is_ok()));
        if self.interrupt.came() && outcome.is_ok() && name != "campus down" {
            return Err(Failure::new(format!("interrupted after the part `{name}`")));
        }
        outcome.doing(|| format!("the part `{name}` failed"))
    }

    fn cargo(&self, arguments: &[&str]) -> Result<()> {
        process::run(Command::new("cargo").args(arguments).current_dir(&self.root))
    }

    fn has_nextest(&self) -> bool {
        process::succeeds(Command::new("cargo").args(["nextest", "--version"]).current_dir(&self.root))
    }

    /// cargo-nextest runs each test in a process of its own; without it `cargo test` serves.
    fn find_runner(&self) {
        if self.has_nextest() {
            return;
        }
        println!("installing cargo-nextest");
        if self.cargo(&["install", "--locked", "cargo-nextest"]).is_err() {
            println!("cargo-nextest could not be installed: the tests run under cargo test");
        }
    }

    fn tests(&mut self, campus: Option<&Path>) -> Result<()> {
        let mut command = Command::new("cargo");
        command.current_dir(&self.root).env_remove(CAMPUS);
        let nextest = self.has_nextest();
        command.args(if nextest { &["nextest", "run"][..] } else { &["test"] }).args(["--no-fail-fast", "--workspace"]);
        if std::io::stderr().is_terminal() {
            command.arg("--color=always");
        }
        match campus {
            Some(dir) => {
                command.env(CAMPUS, dir);
            }
            None if nextest => {
                let filter = format!("not package({CAMPUS_PACKAGE}) and not test(/{CAMPUS_PREFIX}/)");
                command.args(["--filterset", &filter]);
            }
            None => {
                command.args([
                    "--exclude",
                    CAMPUS_PACKAGE,
                    "--lib",
                    "--bins",
                    "--tests",
                    "--",
                    "--skip",
                    CAMPUS_PREFIX,
                ]);
            }
        }
        let (success, lines) = watched(&mut command, nextest)?;
        self.summary = summary(&lines);
        if success {
            Ok(())
        } else {
            Err(Failure::new(self.summary.clone().unwrap_or_else(|| "no summary".to_owned())))
        }
    }

    fn table(&self) {
        println!("\n== times");
        for (name, time, good) in &self.times {
            println!("{:>8.1} s  {name}{}", time.as_secs_f64(), if *good { "" } else { "  FAILED" });
        }
        let total: Duration = self.times.iter().map(|(_, time, _)| *time).sum();
        println!("{:>8.1} s  in all", total.as_secs_f64());
        if let Some(summary) = &self.summary {
            println!("{summary}");
        }
    }
}

/// Runs to the end, shows the output as it comes and keeps the lines of the stream that has the summary:
/// nextest writes to standard error, cargo test to standard output.
fn watched(command: &mut Command, on_stderr: bool) -> Result<(bool, Vec<String>)> {
    let failed = || "run the tests".to_owned();
    if on_stderr {
        command.stderr(Stdio::piped());
    } else {
        command.stdout(Stdio::piped());
    }
    let mut child = command.stdin(Stdio::null()).spawn().doing(failed)?;
    let mut kept = Vec::new();
    if let Some(stream) = child.stderr.take() {
        for line in BufReader::new(stream).lines() {
            let line = line.doing(failed)?;
            eprintln!("{line}");
            kept.push(line);
        }
    } else if let Some(stream) = child.stdout.take() {
        for line in BufReader::new(stream).lines() {
            let line = line.doing(failed)?;
            println!("{line}");
            kept.push(line);
        }
    }
    Ok((child.wait().doing(failed)?.success(), kept))
}

/// nextest's last summary line, or the sum of what each binary under cargo test said.
fn summary(lines: &[String]) -> Option<String> {
    if let Some(line) = lines.iter().rev().find(|line| line.contains("Summary")) {
        return Some(line.trim().to_owned());
    }
    let results: Vec<&String> = lines.iter().filter(|line| line.starts_with("test result:")).collect();
    let sum = |what: &str| -> u64 {
        let count = |line: &&String| {
            let before = line.split(what).next()?;
            before.split_whitespace().next_back()?.parse::<u64>().ok()
        };
        results.iter().filter_map(count).sum()
    };
    (!results.is_empty()).then(|| {
        format!("test result: {} passed; {} failed; {} ignored", sum(" passed"), sum(" failed"), sum(" ignored"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(lines: &[&str], expected: Option<&str>) {
        let lines: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
        assert_eq!(summary(&lines).as_deref(), expected);
    }

    #[test]
    fn the_summary_is_found_or_added_up() {
        check(
            &["x", "     Summary [   1.0s] 3 tests run: 3 passed, 0 skipped", ""],
            Some("Summary [   1.0s] 3 tests run: 3 passed, 0 skipped"),
        );
        let one = "test result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out";
        let two = "test result: FAILED. 5 passed; 1 failed; 0 ignored; 0 measured; 0 filtered out";
        check(&[one, two], Some("test result: 7 passed; 1 failed; 1 ignored"));
        check(&["error: could not compile"], None);
    }
}
