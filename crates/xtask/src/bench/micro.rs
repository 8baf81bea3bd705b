//! The criterion benchmarks of `benches/`, run and written down.

use super::page::{self, Section};
use super::report::round;
use crate::failure::{Doing, Failure, Result};
use crate::{process, workspace};
use serde_json::Value;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

/// What some figures are to be, by the name of the benchmark.
const GOALS: [(&str, &str); 3] = [
    ("resume a session from its cookie", "100,000/s"),
    ("open one's own file", "1 µs"),
    ("open what was shared with a person, State in memory", "1 µs"),
];

/// One figure: nanoseconds for one round, and what a round works off.
struct Measured {
    group: String,
    name: String,
    median: f64,
    low: f64,
    high: f64,
    octets: Option<f64>,
    things: Option<f64>,
}

/// Runs all benchmarks, or those whose name contains `only`, and writes what is known of all into the page.
pub(crate) fn run(only: Option<&str>) -> Result<()> {
    let root = workspace::root()?;
    let mut bench = Command::new("cargo");
    bench.args(["bench", "-p", "passerelle-benches", "--benches"]).current_dir(&root);
    let kept = root.join("target/criterion");
    match only {
        Some(only) => {
            bench.args(["--", only]);
        }
        // What is not there any more is not to be read.
        None if kept.exists() => fs::remove_dir_all(&kept).doing(|| format!("remove {}", kept.display()))?,
        None => {}
    }
    process::run(&mut bench)?;
    let mut measured = Vec::new();
    collect(&kept, &mut measured)?;
    if measured.is_empty() {
        return Err(Failure::new("no benchmark ran"));
    }
    measured.sort_by(|a, b| (&a.group, &a.name).cmp(&(&b.group, &b.name)));
    let text = shown(&measured);
    println!("\n{text}");
    page::write(&root, vec![Section { title: "Micro".to_owned(), text }])
}

/// Criterion keeps each benchmark in a folder of its own, the newest figures in `new`.
fn collect(folder: &Path, measured: &mut Vec<Measured>) -> Result<()> {
    let entries = fs::read_dir(folder).doing(|| format!("read {}", folder.display()))?;
    for path in entries.flatten().map(|entry| entry.path()).filter(|path| path.is_dir()) {
        if path.ends_with("new") {
            measured.extend(read(&path));
        } else {
            collect(&path, measured)?;
        }
    }
    Ok(())
}

fn read(folder: &Path) -> Option<Measured> {
    let json = |name: &str| serde_json::from_slice::<Value>(&fs::read(folder.join(name)).ok()?).ok();
    let (about, estimates) = (json("benchmark.json")?, json("estimates.json")?);
    let number = |path: &str| estimates.pointer(path)?.as_f64();
    let throughput = |kind: &str| about.pointer(&format!("/throughput/{kind}"))?.as_f64();
    Some(Measured {
        group: about.get("group_id")?.as_str()?.to_owned(),
        name: about.get("function_id")?.as_str()?.to_owned(),
        median: number("/median/point_estimate")?,
        low: number("/median/confidence_interval/lower_bound")?,
        high: number("/median/confidence_interval/upper_bound")?,
        octets: throughput("Bytes"),
        things: throughput("Elements"),
    })
}

fn shown(measured: &[Measured]) -> String {
    let mut text = String::from(
        "Written by `cargo xtask bench micro`: the parts by themselves, on one core (requests: client and server on two). Time is\nthe median of one round, with its 95 % confidence interval.\n",
    );
    let mut group = "";
    for one in measured {
        if one.group != group {
            group = &one.group;
            let _ = writeln!(text, "\n### {group}\n\n| what | time | rate | goal |\n|---|---|---|---|");
        }
        let time = format!("{} ({}–{})", span(one.median), span(one.low), span(one.high));
        let a_second = |count: f64| count * 1e9 / one.median;
        let rate = match (one.octets, one.things) {
            (Some(octets), _) => format!("{} MiB/s", round(a_second(octets) / 1_048_576.0)),
            (None, Some(things)) => format!("{}/s", thousands(a_second(things))),
            (None, None) => format!("{}/s", thousands(a_second(1.0))),
        };
        let goal = GOALS.iter().find(|(name, _)| *name == one.name).map_or("", |(_, goal)| goal);
        let _ = writeln!(text, "| {} | {time} | {rate} | {goal} |", one.name);
    }
    text
}

/// Nanoseconds in the unit that suits them.
fn span(nanoseconds: f64) -> String {
    let (value, unit) = match nanoseconds {
        short if short < 1e3 => (short, "ns"),
        short if short < 1e6 => (short / 1e3, "µs"),
        long => (long / 1e6, "ms"),
    };
    format!("{} {unit}", round(value))
}

/// A whole number with its thousands apart.
fn thousands(value: f64) -> String {
    let digits = format!("{value:.0}");
    let mut shown = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_as_people_read_them() {
        assert_eq!(span(12.345), "12.3 ns");
        assert_eq!(span(1_234_567.0), "1.23 ms");
        assert_eq!((thousands(7.4), thousands(123_456.7)), ("7".to_owned(), "123,457".to_owned()));
    }
}
