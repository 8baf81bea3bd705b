//! A mailbox of many messages as a client of the web opens it: JMAP of the gateway beside IMAP on the very same store, SOGo on that
//! store, and Cyrus' own JMAP on a mailbox of the same messages.

use super::measure::cpu_seconds;
use super::peers::{PERSON, ROUNDS, number};
use super::report::{Figures, Table};
use super::sides::{MAIL_HTTP, MAIL_HTTPS, SOGO, SOGO_WEB, Sides};
use crate::campus::Daemons;
use crate::failure::{Doing, Failure, Result};
use crate::process;
use serde_json::Value;
use std::path::Path;

/// Messages in the mailbox.
pub(super) const MESSAGES: u32 = 10_000;
/// How often each thing is asked for in a round.
const TIMES: usize = 10;
/// What is asked for: its title and its member in the report.
const ASKED: [(&str, &str); 3] = [
    ("Mail: the first screen of 10,000 messages", "screen_ms"),
    ("Mail: the list of folders", "folders_ms"),
    ("Mail: what ten arrivals changed in 10,000 messages", "changes_ms"),
];

struct Side {
    name: &'static str,
    kind: &'static str,
    /// Where the mailbox is filled and, by the first side, read.
    store: String,
    http: Option<String>,
    /// The first processes of all servers that work for it.
    pids: Vec<u32>,
}

pub(super) fn run(root: &Path, sides: &mut Sides, campus_dir: &Path) -> Result<Vec<Table>> {
    let store = format!("127.0.0.1:{}", sides.port_of("IMAP_A")?);
    let cyrus = sides.port_of("CYRUS_IMAP")?.to_owned();
    let cyrus_http = format!("127.0.0.1:{}", sides.port_of("CYRUS_HTTP")?);
    fill(root, &cyrus)?;
    let campus = Daemons::load(campus_dir)?;
    let of_campus = |name: &str| {
        let found = campus.list().iter().find(|it| it.name == name);
        found.map(|it| it.pid).ok_or_else(|| Failure::new(format!("the campus has no {name}")))
    };
    let dovecot = of_campus("dovecot-a")?;
    let gateway = sides.mail(root)?;
    let sogo = sides.sogo()?;
    let all = [
        Side { name: "IMAP, on the store itself", kind: "imap", store: store.clone(), http: None, pids: vec![dovecot] },
        Side {
            name: "Passerelle, JMAP",
            kind: "jmap",
            store: store.clone(),
            http: Some(format!("127.0.0.1:{MAIL_HTTP}")),
            pids: vec![dovecot, gateway],
        },
        Side { name: "SOGo", kind: "sogo", store, http: Some(format!("127.0.0.1:{SOGO}")), pids: vec![dovecot, sogo] },
        Side {
            name: "Cyrus, JMAP",
            kind: "jmap",
            store: format!("127.0.0.1:{cyrus}"),
            http: Some(cyrus_http),
            pids: vec![of_campus("cyrus")?],
        },
    ];
    let mut tables = measure(root, &all);
    if let Ok(tables) = &mut tables {
        let web = sides.nginx_sogo()?;
        tables.push(first_view(root, campus_dir)?);
        sides.end(web)?;
    }
    sides.end(gateway)?;
    sides.end(sogo)?;
    tables
}

/// The first rows in a browser that has nothing in its cache.
fn first_view(root: &Path, campus_dir: &Path) -> Result<Table> {
    let browser = root.join("tests/e2e/browser");
    process::output(process::quiet("npm").args(["ci", "--ignore-scripts"]).current_dir(&browser))?;
    let mut visit = process::quiet("node");
    visit.arg(root.join("crates/xtask/bench/first_view.mjs")).arg(&browser).arg(campus_dir.join("ca/garonne.pem"));
    visit.args([format!("https://localhost:{MAIL_HTTPS}"), format!("http://localhost:{SOGO_WEB}")]);
    let said = process::output(visit.args([PERSON.0, PERSON.1, &ROUNDS.to_string()]))?;
    let mut rows: Vec<(String, Vec<Figures>)> =
        ["Passerelle", "SOGo"].map(|side| (side.to_owned(), (0..3).map(|_| Figures::default()).collect())).into();
    for line in said.lines() {
        let seen: Value = serde_json::from_str(line).doing(|| format!("read what the browser saw: {line}"))?;
        let row = rows.iter_mut().find(|(side, _)| seen.get("side").and_then(Value::as_str) == Some(side));
        let Some((_, [as_it_is, slowed, kib])) = row.map(|(side, all)| (side, all.as_mut_slice())) else { continue };
        if seen.get("condition").and_then(Value::as_str) == Some("slowed") {
            slowed.add(number(&seen, "ms"));
        } else {
            as_it_is.add(number(&seen, "ms"));
            kib.add(number(&seen, "kib"));
        }
    }
    Ok(Table {
        title: "Mail: the first rows in a browser".to_owned(),
        text: format!(
            "Chromium with an empty cache, somebody who has signed on, the same mailbox of {MESSAGES} messages: from the address to the first painted row. Slowed: the processor six times, 5 Mbit/s, 40 ms. The gateway with TLS and HTTP/2, SOGo in clear behind nginx, which gives the files of its page compressed. The aims are 1,000 and 2,500 ms."
        ),
        columns: vec!["ms", "ms, slowed", "KiB until then"],
        rows,
    })
}

/// Gives Cyrus the messages that Dovecot has.
fn fill(root: &Path, port: &str) -> Result<()> {
    let mut load = process::quiet("/usr/bin/python3");
    load.arg(root.join("crates/xtask/campus/load_mail.py")).args(["append", port, "1"]);
    process::output(load.args([&MESSAGES.to_string(), "a.test"])).map(drop)
}

fn measure(root: &Path, all: &[Side]) -> Result<Vec<Table>> {
    let columns = || (0..4).map(|_| Figures::default()).collect::<Vec<_>>();
    let mut tables: Vec<Vec<(String, Vec<Figures>)>> =
        ASKED.iter().map(|_| all.iter().map(|side| (side.name.to_owned(), columns())).collect()).collect();
    for round in 0..=ROUNDS {
        let mut base: Option<Value> = None;
        for (row, side) in all.iter().enumerate() {
            let cpu = || side.pids.iter().map(|pid| cpu_seconds(*pid)).sum::<f64>();
            let before = cpu();
            let report = ask(root, side)?;
            let used = (cpu() - before) * 1000.0;
            let base = base.get_or_insert_with(|| report.clone());
            // The first round warms every side.
            if round == 0 {
                continue;
            }
            for ((_, member), table) in ASKED.iter().zip(&mut tables) {
                let ms = number(&report, member);
                let requests = if *member == "changes_ms" { number(&report, "requests") } else { f64::NAN };
                let values = [ms, ms / number(base, member), requests, used];
                if let Some((_, figures)) = table.get_mut(row) {
                    figures.iter_mut().zip(values).for_each(|(figure, value)| figure.add(value));
                }
            }
        }
    }
    let text = format!(
        "{TIMES} a round, one after the other, over kept connections of somebody who has signed on; the median of a round is its figure. The first screen is the newest fifty (SOGo tells a hundred) with sender, subject, flags, size, whether something is attached and (but for SOGo, whose list has none) their beginnings, of {MESSAGES} messages; by IMAP with SELECT, SORT and FETCH, by SOGo as its page asks. Changes: ten messages come by IMAP; how long until their rows are there. SOGo lists anew. CPU is that of all servers of a side for the whole round, what makes the messages come included. IMAP, Passerelle and SOGo have the same mailbox of one Dovecot (Maildir), Cyrus the same messages. In clear."
    );
    Ok(ASKED
        .iter()
        .zip(tables)
        .map(|((title, _), rows)| Table {
            title: (*title).to_owned(),
            text: text.clone(),
            columns: vec!["ms", "times IMAP's time", "requests", "CPU ms of the round"],
            rows,
        })
        .collect())
}

fn ask(root: &Path, side: &Side) -> Result<Value> {
    let mut client = process::quiet(root.join("target/release/mail-screen"));
    client.args([side.kind, &side.store, PERSON.0, PERSON.1, &TIMES.to_string()]).args(&side.http);
    let said = process::output(&mut client)?;
    serde_json::from_str(said.trim()).doing(|| format!("read the report of {}: {said}", side.name))
}
