//! Files on Samba: Passerelle's WebDAV beside smbclient, which speaks to the same server directly.

use super::dav::{Side, authorization, fill};
use super::measure::cpu_seconds;
use super::peers::{Load, PERSON, ROUNDS, number};
use super::report::{Figures, Table};
use super::sides::{SAMBA_HTTP, Sides};
use crate::failure::Result;
use crate::{files, process};
use std::path::Path;
use std::time::Instant;

/// What is done over and over: by one request of ours, by one command of smbclient.
struct Workload {
    title: &'static str,
    method: &'static str,
    path: &'static str,
    body: usize,
    /// `{local}` is a file of 100 MiB.
    command: &'static str,
    /// How often in a round.
    times: u32,
}

const LARGE: usize = 100 * 1024 * 1024;
const WORKLOADS: [Workload; 3] = [
    Workload {
        title: "SMB: a listing of 10,000 entries",
        method: "PROPFIND",
        path: "/many/",
        body: 0,
        command: "ls many\\*",
        times: 10,
    },
    Workload {
        title: "SMB: 100 MiB read",
        method: "GET",
        path: "/100m.bin",
        body: 0,
        command: "get 100m.bin /dev/null",
        times: 5,
    },
    Workload {
        title: "SMB: 100 MiB written",
        method: "PUT",
        path: "/put.bin",
        body: LARGE,
        command: "put {local} put-by-smbclient.bin",
        times: 5,
    },
];

/// Runs them all.
pub(super) fn run(load: &Load, root: &Path, sides: &mut Sides, campus_dir: &Path) -> Result<Vec<Table>> {
    let home = campus_dir.join("samba/homes").join(PERSON.0);
    fill(&home)?;
    let local = home.join("100m.bin");
    files::write(&local, vec![b'x'; LARGE], files::PUBLIC)?;
    let user = process::output(process::quiet("stat").args(["-c", "%U"]).arg(campus_dir.join("samba/homes")))?;
    process::output(process::quiet("chown").args(["-R", user.trim()]).arg(&home))?;
    let side = Side::ours("Passerelle", SAMBA_HTTP, sides.samba(root)?);
    let share = Share { port: sides.port_of("SMB")?.to_owned(), local: local.display().to_string() };
    let tables = WORKLOADS.iter().map(|workload| measure(load, workload, &side, &share)).collect();
    sides.end(side.pid)?;
    tables
}

/// The share as smbclient reaches it.
struct Share {
    port: String,
    local: String,
}

impl Share {
    /// Milliseconds for each of the command's times, with a log-in for all of them. The server demands no signatures, so that
    /// smbclient leaves them out unless it is told to sign.
    fn each(&self, workload: &Workload, protection: &str) -> Result<f64> {
        let command = workload.command.replace("{local}", &self.local);
        let commands = vec![command; usize::try_from(workload.times).unwrap_or(1)].join("; ");
        let mut client = process::quiet("smbclient");
        client.args(["-s", "/dev/null", "-p", &self.port, "//127.0.0.1/users", "-U", "gateway%pw-gateway"]);
        client.args([&format!("--client-protection={protection}"), "-D", PERSON.0, "-c", &commands]);
        let began = Instant::now();
        process::output(&mut client)?;
        Ok(began.elapsed().as_secs_f64() * 1000.0 / f64::from(workload.times))
    }
}

fn measure(load: &Load, workload: &Workload, side: &Side, share: &Share) -> Result<Table> {
    let authorization = authorization()?;
    let [mut ours, mut plain, mut signed] = [(); 3].map(|()| (0..4).map(|_| Figures::default()).collect::<Vec<_>>());
    for round in 0..=ROUNDS {
        let before = cpu_seconds(side.pid);
        let (address, whole) = (format!("127.0.0.1:{}", side.port), format!("{}{}", side.base, workload.path));
        let (times, body) = (workload.times.to_string(), workload.body.to_string());
        let asked = ["http", &address, workload.method, &whole, &authorization, &times, "1", "1", &body];
        let report = load.run(&asked)?;
        let cpu = (cpu_seconds(side.pid) - before) * 1000.0 / f64::from(workload.times);
        let gateway = number(&report, "seconds") * 1000.0 / f64::from(workload.times);
        let (without, with) = (share.each(workload, "off")?, share.each(workload, "sign")?);
        if round > 0 {
            let add = |figures: &mut Vec<Figures>, values: &[f64]| {
                figures.iter_mut().zip(values).for_each(|(figure, value)| figure.add(*value));
            };
            add(&mut ours, &[gateway, gateway / without, gateway / with, cpu]);
            add(&mut plain, &[without, 1.0, without / with]);
            add(&mut signed, &[with, with / without, 1.0]);
        }
    }
    Ok(Table {
        title: workload.title.to_owned(),
        text: format!(
            "{} a round, one after the other: by WebDAV on one connection, and by one smbclient with one log-in, which is in its time. The same files of one Samba, with the same account. Passerelle signs every message and checks every signature; smbclient does where it is told to.",
            workload.times
        ),
        columns: vec!["ms", "times smbclient's time", "times its time with signatures", "CPU ms of the gateway"],
        rows: vec![
            ("Passerelle".to_owned(), ours),
            ("smbclient".to_owned(), plain),
            ("smbclient, signing".to_owned(), signed),
        ],
    })
}
