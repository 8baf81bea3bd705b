//! `cargo xtask fuzz`: octets made to break the codecs, led by what they reach of the code (libFuzzer). The stable compiler's
//! own instrumentation serves; no other toolchain is needed.

use crate::args::Args;
use crate::failure::{Doing, Failure, Result};
use crate::{campus, workspace};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Coverage counters and comparisons, as libFuzzer reads them (LLVM's SanitizerCoverage), with all that is asserted in
/// debug builds.
const INSTRUMENTED: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares -Ccodegen-units=1 -Cdebug-assertions -Coverflow-checks";
/// Named, so that build scripts are built without instrumentation.
const TRIPLE: &str = "x86_64-unknown-linux-gnu";
/// How long each target runs without `--seconds`.
const SECONDS: u32 = 60;

/// Builds the targets and runs each, or the one of `--only`, for so many `--seconds`.
pub(crate) fn task(mut args: Args) -> Result<()> {
    let seconds = args.value("--seconds")?.unwrap_or(SECONDS);
    let only: Option<String> = args.value("--only")?;
    args.end()?;
    run(seconds, only.as_deref())
}

/// The same for others.
pub(crate) fn run(seconds: u32, only: Option<&str>) -> Result<()> {
    campus::install(&["g++"])?;
    let root = workspace::root()?;
    let program = build(&root)?;
    let list = root.join("fuzz/src/main.rs");
    let text = fs::read_to_string(&list).doing(|| format!("read {}", list.display()))?;
    let names = targets(&text);
    let wanted: Vec<&str> = names.into_iter().filter(|name| only.is_none_or(|only| only == *name)).collect();
    if wanted.is_empty() {
        return Err(Failure::new(format!("no target {}", only.unwrap_or_default())));
    }
    for name in wanted {
        one(&root, &program, name, seconds)?;
    }
    Ok(())
}

fn build(root: &Path) -> Result<PathBuf> {
    let target = root.join("target/fuzz");
    let built = Command::new("cargo")
        .args(["build", "--locked", "--target", TRIPLE, "--target-dir"])
        .arg(&target)
        .current_dir(root.join("fuzz"))
        .env("RUSTFLAGS", INSTRUMENTED)
        .status()
        .doing(|| "build the fuzz targets".to_owned())?;
    if !built.success() {
        return Err(Failure::new("the fuzz targets do not build"));
    }
    Ok(target.join(TRIPLE).join("debug/passerelle-fuzz"))
}

/// The names in the list of targets: `("name", function),`.
fn targets(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.trim().strip_prefix("(\"")?.split_once("\", ").map(|(name, _)| name)).collect()
}

/// What was interesting stays under `target/fuzz/corpus` and is where the next run begins.
fn one(root: &Path, program: &Path, name: &str, seconds: u32) -> Result<()> {
    let corpus = root.join("target/fuzz/corpus").join(name);
    fs::create_dir_all(&corpus).doing(|| format!("make {}", corpus.display()))?;
    let found = root.join("target/fuzz").join(format!("{name}-"));
    let output = Command::new(program)
        .arg(&corpus)
        .args([&format!("-max_total_time={seconds}"), "-max_len=4096", "-timeout=10", "-rss_limit_mb=1024"])
        .arg(format!("-artifact_prefix={}", found.display()))
        .env("PASSERELLE_FUZZ", name)
        .stdin(Stdio::null())
        .output()
        .doing(|| format!("run the target {name}"))?;
    let told = String::from_utf8_lossy(&output.stderr);
    let last = told.lines().rev().find(|line| line.starts_with("Done")).unwrap_or_default();
    println!("{name:>16}  {last}");
    if output.status.success() {
        return Ok(());
    }
    let lines: Vec<&str> = told.lines().collect();
    let end = lines.get(lines.len().saturating_sub(40)..).unwrap_or_default().join("\n");
    Err(Failure::new(format!("{name} found something; the octets are in {}*\n{end}", found.display())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_is_found() {
        let text = "const TARGETS: &[Target] = &[\n    (\"a-b\", imap::commands),\n    (\"c\", sasl),\n];\n";
        assert_eq!(targets(text), ["a-b", "c"]);
    }
}
