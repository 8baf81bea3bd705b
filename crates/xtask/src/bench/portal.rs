//! A portal that asks for counts, as many do at nine in the morning. There is nobody to compare with: the figures are held
//! against the aim, and the store says how often it was asked.

use super::measure::{cpu_seconds, pss_kib};
use super::peers::number;
use super::report::{Figures, Table};
use super::sides::{CANNED, PORTAL_HTTP, Sides};
use crate::failure::{Doing, Failure, Result};
use crate::process;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::Stdio;

/// People in the directory.
const ACCOUNTS: usize = 80_000;
/// How many people's portal is open: each has a bearer of five minutes, and all of the run fits in them.
const PEOPLE: usize = 20_000;
/// Requests in a second.
const RATE: usize = 500;
/// How long each window of the warm part is, in seconds.
const WINDOW: usize = 15;

pub(super) fn run(root: &Path, sides: &mut Sides) -> Result<Table> {
    let (pid, key) = sides.portal(root, ACCOUNTS)?;
    let mut load = process::quiet(root.join("target/release/portal-load"));
    load.arg(format!("127.0.0.1:{PORTAL_HTTP}")).arg(key);
    load.args([PEOPLE, RATE].map(|number| number.to_string())).arg(CANNED.to_string()).arg(WINDOW.to_string());
    let mut child = load.stdout(Stdio::piped()).spawn().doing(|| "start the portal's load".to_owned())?;
    let mut rows: Vec<(String, Vec<Figures>)> =
        ["tokens changed for bearers", "counts, asked for the first time", "counts, seen before"]
            .map(|name| (name.to_owned(), (0..6).map(|_| Figures::default()).collect()))
            .into();
    let mut before = cpu_seconds(pid);
    let said = child.stdout.take().ok_or_else(|| Failure::new("the portal's load says nothing"))?;
    for line in BufReader::new(said).lines() {
        let line = line.doing(|| "read the portal's report".to_owned())?;
        let report: Value = serde_json::from_str(&line).doing(|| format!("read the portal's report {line}"))?;
        let after = cpu_seconds(pid);
        let at = match report.get("part").and_then(Value::as_str) {
            Some("exchange") => 0,
            Some("first") => 1,
            _ => 2,
        };
        if let Some((_, figures)) = rows.get_mut(at) {
            let values = [
                number(&report, "done") / number(&report, "seconds"),
                number(&report, "median_ms"),
                number(&report, "p99_ms"),
                number(&report, "worst_ms"),
                (after - before) * 1000.0 / number(&report, "done"),
                number(&report, "statuses"),
            ];
            figures.iter_mut().zip(values).for_each(|(figure, value)| figure.add(value));
        }
        before = cpu_seconds(pid);
    }
    let memory = pss_kib(pid) / 1024;
    let ended = child.wait().doing(|| "wait for the portal's load".to_owned())?;
    if !ended.success() {
        return Err(Failure::new("the portal's load failed; its error is above"));
    }
    sides.end(pid)?;
    Ok(Table {
        title: "Portal: counts at 500 requests a second".to_owned(),
        text: format!(
            "{PEOPLE} people of a directory (an LDIF file) of {ACCOUNTS} accounts; the mail store is canned and counts. Each person's signed token is changed for a bearer, 16 at a time; then each is asked for once at {RATE} a second, and then all again and again, in five windows of {WINDOW} s. Latency counts from when a request was due. In clear. The gateway holds {memory} MiB (PSS) at the end. The aim is a p99 under 50 ms for what was seen before, and one STATUS for each person and period."
        ),
        columns: vec!["a second", "median ms", "p99 ms", "worst ms", "CPU ms each", "STATUS at the store"],
        rows,
    })
}
