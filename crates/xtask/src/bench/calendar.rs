//! A calendar of many events as a client synchronises it, and the busy times of many people: CalDAV of the gateway before Radicale and over
//! files, beside Radicale itself, Cyrus and SOGo.

use super::measure::cpu_seconds;
use super::peers::{PERSON, ROUNDS, number};
use super::report::{Figures, Table};
use super::sides::{CALENDARS_DAV, CALENDARS_FILES, SOGO, Sides};
use crate::campus::Daemons;
use crate::failure::{Doing, Failure, Result};
use crate::process;
use serde_json::Value;
use std::path::Path;

/// How often each thing is asked for in a round.
const TIMES: usize = 3;
/// The same of busy times.
const BUSY_TIMES: u32 = 20;
/// The columns, and what each is called in the report; the last is the servers' own time.
const COLUMNS: [(&str, &str); 5] = [
    ("first sync, ms", "first_ms"),
    ("after ten changes, ms", "changes_ms"),
    ("a month, ms", "month_ms"),
    ("fifty by name, ms", "named_ms"),
    ("PUT/s", "puts"),
];

struct Side {
    name: &'static str,
    http: String,
    path: String,
    /// How it is filled.
    fill: &'static str,
    /// As which it is asked for busy times, where it can be.
    schedules: Option<&'static str>,
    /// The first processes of all servers that work for it.
    pids: Vec<u32>,
}

pub(super) fn run(root: &Path, sides: &mut Sides, campus_dir: &Path) -> Result<Vec<Table>> {
    let campus = Daemons::load(campus_dir)?;
    let of_campus = |name: &str| {
        let found = campus.list().iter().find(|it| it.name == name);
        found.map(|it| it.pid).ok_or_else(|| Failure::new(format!("the campus has no {name}")))
    };
    let radicale = of_campus("radicale")?;
    let before_radicale = sides.calendars_dav(root)?;
    let over_files = sides.calendars_files(root)?;
    let sogo = sides.sogo()?;
    let local = |port: &str| format!("127.0.0.1:{port}");
    // Cyrus makes what somebody's calendars need when they first look at their mail.
    let mailbox = format!("imap://{}/", local(sides.port_of("CYRUS_IMAP")?));
    process::run(process::quiet("curl").args(["-s", "-u", &format!("{}:{}", PERSON.0, PERSON.1), &mailbox]))?;
    let ours = format!("/dav/calendars/{}/bench/", PERSON.0);
    // Radicale first: what it has the gateway before it need not fill.
    let all = [
        Side {
            name: "Radicale",
            http: local(sides.port_of("RADICALE")?),
            path: format!("/{}/bench/", PERSON.0),
            fill: "whole",
            schedules: None,
            pids: vec![radicale],
        },
        Side {
            name: "Passerelle, before Radicale",
            http: format!("127.0.0.1:{CALENDARS_DAV}"),
            path: ours.clone(),
            fill: "each",
            schedules: Some("passerelle"),
            pids: vec![before_radicale, radicale],
        },
        Side {
            name: "Passerelle, over files",
            http: format!("127.0.0.1:{CALENDARS_FILES}"),
            path: ours,
            fill: "each",
            schedules: Some("passerelle"),
            pids: vec![over_files],
        },
        Side {
            name: "Cyrus",
            http: local(sides.port_of("CYRUS_HTTP")?),
            path: format!("/dav/calendars/user/{}/bench/", PERSON.0),
            fill: "each",
            schedules: Some("cyrus"),
            pids: vec![of_campus("cyrus")?],
        },
        Side {
            name: "SOGo",
            http: format!("127.0.0.1:{SOGO}"),
            path: format!("/SOGo/dav/{}/Calendar/bench/", PERSON.0),
            fill: "each",
            schedules: Some("sogo"),
            pids: vec![sogo, of_campus("postgres")?],
        },
    ];
    let tables = measure(root, &all).and_then(|table| Ok(vec![table, busy(root, &all)?]));
    for pid in [before_radicale, over_files, sogo] {
        sides.end(pid)?;
    }
    tables
}

fn measure(root: &Path, all: &[Side]) -> Result<Table> {
    let columns = || (0..=COLUMNS.len()).map(|_| Figures::default()).collect::<Vec<_>>();
    let mut rows: Vec<(String, Vec<Figures>)> = all.iter().map(|side| (side.name.to_owned(), columns())).collect();
    let mut wrong = Vec::new();
    // The first round fills and warms every side.
    for round in 0..=ROUNDS {
        for (side, (_, figures)) in all.iter().zip(&mut rows) {
            let cpu = || side.pids.iter().map(|pid| cpu_seconds(*pid)).sum::<f64>();
            let before = cpu();
            let report = ask(root, side)?;
            if round == 0 {
                let (told, right) = (number(&report, "month"), number(&report, "month_right"));
                if (told - right).abs() > 0.5 {
                    wrong.push(format!("{} tells {told} objects of the month, of {right}", side.name));
                }
                continue;
            }
            let used = (cpu() - before) * 1000.0;
            let values = COLUMNS.iter().map(|(_, member)| number(&report, member)).chain([used]);
            figures.iter_mut().zip(values).for_each(|(figure, value)| figure.add(value));
        }
    }
    let wrong = if wrong.is_empty() {
        "All tell the same objects of the month.".to_owned()
    } else {
        format!("{}.", wrong.join("; "))
    };
    Ok(Table {
        title: "Calendars: 10,000 events".to_owned(),
        text: format!(
            "{TIMES} a round, one after the other, over a kept connection in clear, with a password that the gateway checks at the directory (and remembers); the median of a round is its figure. The first sync tells the names and tags of all (RFC 6578), the next what ten writes have changed. A month is a calendar-query with the objects, of whose events one in ten is weekly. Twenty events are put in, one after the other. Cyrus and SOGo keep them in databases of their own, Radicale in files beside which it keeps an index, and the gateway keeps nothing but, for files, names and hashes of tags. CPU is that of all servers of a side for the whole round. {wrong}"
        ),
        columns: COLUMNS.iter().map(|(title, _)| *title).chain(["CPU ms of the round"]).collect(),
        rows,
    })
}

/// The busy times of twenty people, of the sides that know them.
fn busy(root: &Path, all: &[Side]) -> Result<Table> {
    let sides: Vec<(&Side, &str)> = all.iter().filter_map(|side| Some((side, side.schedules?))).collect();
    let columns = || (0..2).map(|_| Figures::default()).collect::<Vec<_>>();
    let mut rows: Vec<(String, Vec<Figures>)> =
        sides.iter().map(|(side, _)| (side.name.to_owned(), columns())).collect();
    let mut wrong = Vec::new();
    // The first round fills and warms every side.
    for round in 0..=ROUNDS {
        for ((side, kind), (_, figures)) in sides.iter().zip(&mut rows) {
            let cpu = || side.pids.iter().map(|pid| cpu_seconds(*pid)).sum::<f64>();
            let before = cpu();
            let mut client = process::quiet(root.join("target/release/busy-load"));
            let said = process::output(client.args([&side.http, *kind, &BUSY_TIMES.to_string()]))?;
            let report: Value =
                serde_json::from_str(said.trim()).doing(|| format!("read the report of {}: {said}", side.name))?;
            if round == 0 {
                let (told, right) = (number(&report, "minutes"), number(&report, "minutes_right"));
                if (told - right).abs() > 0.5 {
                    wrong.push(format!(
                        "{} tells {told} minutes, of {right}, of {} people",
                        side.name,
                        number(&report, "people")
                    ));
                }
                continue;
            }
            let used = (cpu() - before) * 1000.0 / f64::from(BUSY_TIMES);
            figures.iter_mut().zip([number(&report, "busy_ms"), used]).for_each(|(figure, value)| figure.add(value));
        }
    }
    let wrong = if wrong.is_empty() { "All tell the same times.".to_owned() } else { format!("{}.", wrong.join("; ")) };
    Ok(Table {
        title: "Busy times of twenty people".to_owned(),
        text: format!(
            "A week of twenty people with 200 events each, asked for by one of them at the outbox (RFC 6638), {BUSY_TIMES} times a round over a kept connection; the median of a round is its figure. Radicale has no scheduling; the gateway before it has. {wrong}"
        ),
        columns: vec!["ms", "CPU ms of one"],
        rows,
    })
}

fn ask(root: &Path, side: &Side) -> Result<Value> {
    let mut client = process::quiet(root.join("target/release/calendar-load"));
    client.args([&side.http, &side.path]).args([PERSON.0, PERSON.1, &TIMES.to_string(), side.fill]);
    let said = process::output(&mut client)?;
    serde_json::from_str(said.trim()).doing(|| format!("read the report of {}: {said}", side.name))
}
