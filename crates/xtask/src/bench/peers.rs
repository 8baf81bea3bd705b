//! The workloads. All sides in turn, round after round: A B C, A B C.

use super::measure::{cpu_seconds, pss_kib};
use super::report::{self, Figures, Table};
use super::sides::{self, Kind, Proxy, Sides};
use super::{accounts, calendar, dav, large, mail, page, portal, shared, smb};
use crate::campus::{self, ports::Ports};
use crate::failure::{Doing, Failure, Result};
use crate::{files, process, workspace};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

/// Rounds of each workload.
pub(super) const ROUNDS: usize = 5;
/// The campus of the benchmarks runs beside the demo's and the tests', and below the ports of outgoing connections.
pub(super) const PORT_BASE: u16 = 25_000;
pub(super) const PERSON: (&str, &str) = ("u00001", "pw-u00001");
const WORKLOADS: [&str; 13] = [
    "imap-login",
    "imap-idle",
    "imap-transfer",
    "mail",
    "calendar",
    "dav-list",
    "dav-get",
    "dav-put",
    "smb",
    "large",
    "portal",
    "accounts",
    "accounts-80000",
];
/// What runs only when it is named: one takes the machine for itself, the other makes the directory large.
const RARE: [&str; 2] = ["imap-idle-many", "calendar-shared"];

/// Runs the workloads that `only` names, or all, on a campus with ports from `port_base` on.
pub(crate) fn run(only: Option<&str>, port_base: u16) -> Result<()> {
    let wanted: Vec<&str> = only.map_or_else(|| WORKLOADS.to_vec(), |only| only.split(',').collect());
    let known: Vec<&str> = WORKLOADS.into_iter().chain(RARE).collect();
    if let Some(unknown) = wanted.iter().find(|name| !known.contains(name)) {
        return Err(Failure::new(format!("no workload {unknown}: there are {}", known.join(", "))));
    }
    let root = workspace::root()?;
    let dir = root.join("target/bench");
    files::make_folder(&dir)?;
    campus::install(campus::PEER_PACKAGES)?;
    let options = campus::Options {
        dir: dir.join("campus"),
        ports: Ports::new(port_base)?,
        size: campus::Size { people: 1000, mail_people: 1, messages: mail::MESSAGES },
    };
    campus::up(&options)?;
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "-p", "passerelle-gateway", "-p", "passerelle-benches"]);
    process::run(build.current_dir(&root))?;
    let mut sides = Sides::prepare(&root, &dir, &options.dir)?;
    let mut tables = Vec::new();
    let measured = measure(&root, &mut sides, &wanted, &options.dir, &mut tables);
    sides.stop()?;
    campus::down(&options.dir)?;
    // What was measured before something failed was measured all the same.
    let sections = report::sections(&sides::versions(&root), &tables);
    for section in &sections {
        println!("\n{}\n\n{}", section.title, section.text);
    }
    page::write(&root, sections)?;
    measured
}

fn measure(root: &Path, sides: &mut Sides, wanted: &[&str], campus_dir: &Path, tables: &mut Vec<Table>) -> Result<()> {
    let ca = campus_dir.join("ca/ca.pem");
    let ca = ca.as_path();
    let load = Load { program: root.join("target/release/load") };
    let imap = wanted.iter().any(|name| name.starts_with("imap"));
    if imap {
        let store = sides.canned(root)?;
        if wanted.iter().any(|name| ["imap-login", "imap-transfer"].contains(name)) {
            let proxies = Kind::ALL.into_iter().map(|kind| sides.proxy(root, kind)).collect::<Result<Vec<_>>>()?;
            let all: Vec<&Proxy> = proxies.iter().chain([&store]).collect();
            for tls in [None, Some(ca)] {
                if wanted.contains(&"imap-login") {
                    tables.push(logins(&load, &all, tls)?);
                }
                if wanted.contains(&"imap-transfer") {
                    tables.push(transfers(&load, &all, "imap-fetch", tls)?);
                    tables.push(transfers(&load, &all, "imap-append", tls)?);
                }
            }
            for proxy in &proxies {
                sides.end(proxy.pid)?;
            }
        }
    }
    if wanted.contains(&"imap-idle") {
        for tls in [None, Some(ca)] {
            for count in [1_000, 9_000] {
                tables.push(idle(&load, root, sides, tls, count)?);
            }
        }
    }
    if wanted.contains(&"imap-idle-many") {
        for tls in [None, Some(ca)] {
            tables.push(idle_many(&load, root, sides, tls)?);
        }
    }
    if wanted.contains(&"mail") {
        tables.extend(mail::run(root, sides, campus_dir)?);
    }
    if wanted.contains(&"calendar") {
        tables.extend(calendar::run(root, sides, campus_dir)?);
    }
    if wanted.contains(&"calendar-shared") {
        tables.push(shared::run(&load, root, sides, campus_dir)?);
    }
    if wanted.iter().any(|name| name.starts_with("dav")) {
        tables.extend(dav::run(&load, root, sides, wanted)?);
    }
    if wanted.contains(&"smb") {
        tables.extend(smb::run(&load, root, sides, campus_dir)?);
    }
    if wanted.contains(&"large") {
        tables.push(large::run(&load, root, sides, campus_dir)?);
    }
    if wanted.contains(&"portal") {
        if !imap {
            sides.canned(root)?;
        }
        tables.push(portal::run(root, sides)?);
    }
    if wanted.iter().any(|name| name.starts_with("accounts")) {
        tables.extend(accounts::run(root, sides, campus_dir, wanted)?);
    }
    Ok(())
}

/// The load client.
pub(super) struct Load {
    program: PathBuf,
}

impl Load {
    /// Runs to the end; its report.
    pub(super) fn run(&self, arguments: &[&str]) -> Result<serde_json::Value> {
        let output = process::output(process::quiet(&self.program).args(arguments))?;
        serde_json::from_str(output.trim()).doing(|| format!("read the load client's report {output}"))
    }

    /// Starts and waits for its report; it holds what it has until it is dropped.
    fn hold(&self, arguments: &[&str]) -> Result<Held> {
        let mut command = process::quiet(&self.program);
        command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().doing(|| "start the load client".to_owned())?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            BufReader::new(out).read_line(&mut line).doing(|| "read the load client's report".to_owned())?;
        }
        if line.is_empty() {
            return Err(Failure::new(format!("the load client failed: {}", arguments.join(" "))));
        }
        Ok(Held(child))
    }
}

/// A load client that holds connections.
struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        // Its standard input ends with the handle, and so does it.
        drop(self.0.stdin.take());
        let _ = self.0.wait();
    }
}

pub(super) fn number(report: &serde_json::Value, name: &str) -> f64 {
    report.get(name).and_then(serde_json::Value::as_f64).unwrap_or(f64::NAN)
}

fn name_of(tls: Option<&Path>) -> &'static str {
    if tls.is_some() { "TLS" } else { "plain" }
}

/// Where a side is reached, where it can be that way.
fn port(proxy: &Proxy, tls: Option<&Path>) -> Option<u16> {
    if tls.is_some() { proxy.tls } else { Some(proxy.plain) }
}

fn logins(load: &Load, proxies: &[&Proxy], tls: Option<&Path>) -> Result<Table> {
    let count = if tls.is_some() { 2_000 } else { 5_000 };
    let rows = rounds(proxies, tls, |proxy, address, ca| {
        let before = cpu_seconds(proxy.pid);
        let report = load.run(&["imap-login", address, ca, PERSON.0, PERSON.1, &count.to_string(), "100"])?;
        let cpu = cpu_seconds(proxy.pid) - before;
        Ok([number(&report, "done") / number(&report, "seconds"), cpu * 1000.0 / number(&report, "done")])
    })?;
    Ok(Table {
        title: format!("IMAP log-in, {}", name_of(tls)),
        text: format!(
            "Log-in, SELECT, 50 envelopes, LOGOUT through each proxy to a canned store; {count} a round, 100 at a time. The directory's answer is remembered (Passerelle) or given by configuration (the others)."
        ),
        columns: vec!["log-ins/s", "CPU ms a log-in"],
        rows,
    })
}

/// A message of 25 MiB, again and again, by one client.
fn transfers(load: &Load, proxies: &[&Proxy], what: &str, tls: Option<&Path>) -> Result<Table> {
    const MIB: f64 = 1024.0 * 1024.0;
    let rows = rounds(proxies, tls, |proxy, address, ca| {
        let before = cpu_seconds(proxy.pid);
        let report = load.run(&[what, address, ca, PERSON.0, PERSON.1, "20"])?;
        let cpu = cpu_seconds(proxy.pid) - before;
        let mib = number(&report, "octets") / MIB;
        Ok([mib / number(&report, "seconds"), cpu * 1024.0 / mib])
    })?;
    let verb = if what == "imap-fetch" { "FETCH" } else { "APPEND" };
    Ok(Table {
        title: format!("IMAP {verb} of 25 MiB, {}", name_of(tls)),
        text: format!("{verb} of a message of 25 MiB, 20 times by one client on one connection, to a canned store."),
        columns: vec!["MiB/s", "CPU s a GiB"],
        rows,
    })
}

/// All rounds of all sides; the first warms caches and processes on every side, and does not count.
fn rounds(
    proxies: &[&Proxy],
    tls: Option<&Path>,
    measure: impl Fn(&Proxy, &str, &str) -> Result<[f64; 2]>,
) -> Result<Vec<(String, Vec<Figures>)>> {
    let reached: Vec<(&Proxy, u16)> = proxies.iter().filter_map(|proxy| Some((*proxy, port(proxy, tls)?))).collect();
    let mut rows: Vec<(String, Vec<Figures>)> = reached
        .iter()
        .map(|(proxy, _)| (proxy.name.to_owned(), vec![Figures::default(), Figures::default()]))
        .collect();
    let ca = tls.map_or("-".to_owned(), |ca| ca.display().to_string());
    for round in 0..=ROUNDS {
        for ((proxy, port), (_, figures)) in reached.iter().zip(&mut rows) {
            let measured = measure(proxy, &format!("127.0.0.1:{port}"), &ca)?;
            if round > 0 {
                figures.iter_mut().zip(measured).for_each(|(figure, value)| figure.add(value));
            }
        }
    }
    Ok(rows)
}

/// As many connections as one machine holds where a process may open 20,000 files: several gateways at once.
fn idle_many(load: &Load, root: &Path, sides: &mut Sides, tls: Option<&Path>) -> Result<Table> {
    const PROCESSES: u16 = 5;
    const EACH: u32 = 9_000;
    let ca = tls.map_or("-".to_owned(), |ca| ca.display().to_string());
    let mut kib = Figures::default();
    for _ in 0..ROUNDS {
        let gateways = (0..PROCESSES).map(|number| sides.one_of_many(root, number)).collect::<Result<Vec<_>>>()?;
        let size = || gateways.iter().map(|gateway| pss_kib(gateway.pid)).sum::<u64>();
        let before = size();
        let mut held = Vec::new();
        for gateway in &gateways {
            let Some(port) = port(gateway, tls) else { continue };
            let (address, connections) = (format!("127.0.0.1:{port}"), EACH.to_string());
            held.push(load.hold(&["imap-idle", &address, &ca, PERSON.0, PERSON.1, &connections])?);
        }
        let grown = u32::try_from(size().saturating_sub(before)).unwrap_or(u32::MAX);
        kib.add(f64::from(grown) / f64::from(EACH * u32::from(PROCESSES)));
        drop(held);
        for gateway in &gateways {
            sides.end(gateway.pid)?;
        }
    }
    Ok(Table {
        title: format!("Idle IMAP connections, {}, {} in {PROCESSES} processes", name_of(tls), EACH * u32::from(PROCESSES)),
        text: "All held at the same time by gateways beside each other, with a canned store for each; all of them counted.".to_owned(),
        columns: vec!["KiB a connection"],
        rows: vec![("Passerelle".to_owned(), vec![kib])],
    })
}

fn idle(load: &Load, root: &Path, sides: &mut Sides, tls: Option<&Path>, count: u32) -> Result<Table> {
    let mut rows: Vec<(String, Vec<Figures>)> = Vec::new();
    let ca = tls.map_or("-".to_owned(), |ca| ca.display().to_string());
    // 9,000 processes of one server are more than this machine starts in reasonable time.
    let kinds = if count > 1_000 { &Kind::WITH_FEW_PROCESSES[..] } else { &Kind::ALL };
    for _ in 0..ROUNDS {
        for (index, kind) in kinds.iter().copied().enumerate() {
            // A fresh process each time: memory that an earlier round left behind would hide what a connection costs.
            let proxy = sides.proxy(root, kind)?;
            if rows.len() == index {
                rows.push((proxy.name.to_owned(), vec![Figures::default()]));
            }
            let Some(port) = port(&proxy, tls) else { continue };
            let before = pss_kib(proxy.pid);
            let (address, connections) = (format!("127.0.0.1:{port}"), count.to_string());
            let held = load.hold(&["imap-idle", &address, &ca, PERSON.0, PERSON.1, &connections])?;
            let after = pss_kib(proxy.pid);
            drop(held);
            sides.end(proxy.pid)?;
            if let Some((_, [kib])) = rows.get_mut(index).map(|(name, figures)| (name, figures.as_mut_slice())) {
                let grown = u32::try_from(after.saturating_sub(before)).unwrap_or(u32::MAX);
                kib.add(f64::from(grown) / f64::from(count));
            }
        }
    }
    Ok(Table {
        title: format!("Idle IMAP connections, {}, {count}", name_of(tls)),
        text: "Growth of the proportional set size of all processes of a freshly started server, for each connection that waits in IDLE.".to_owned(),
        columns: vec!["KiB a connection"],
        rows,
    })
}
