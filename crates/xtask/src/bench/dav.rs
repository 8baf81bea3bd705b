//! Files: Passerelle beside Apache with mod_dav, over the same folder and the same directory.

use super::measure::cpu_seconds;
use super::peers::{Load, PERSON, ROUNDS, number};
use super::report::{Figures, Table};
use super::sides::{APACHE, BRISK_HTTP, GATEWAY_HTTP, Kind, Sides};
use crate::failure::Result;
use crate::{files, process};
use std::path::Path;

/// Entries of the folder that is listed.
const ENTRIES: usize = 10_000;

/// One kind of request, sent over and over.
struct Workload {
    /// What `--only` calls it.
    name: &'static str,
    title: &'static str,
    method: &'static str,
    /// `{n}` is another number for each client.
    path: &'static str,
    /// Octets of each request's body.
    body: usize,
    requests: u32,
    at_once: u32,
}

const WORKLOADS: [Workload; 5] = [
    Workload {
        name: "dav-list",
        title: "PROPFIND depth 1 of 10,000 entries",
        method: "PROPFIND",
        path: "/many/",
        body: 0,
        requests: 20,
        at_once: 1,
    },
    Workload {
        name: "dav-get",
        title: "GET of 1 MiB",
        method: "GET",
        path: "/1m.bin",
        body: 0,
        requests: 2_000,
        at_once: 16,
    },
    Workload {
        name: "dav-put",
        title: "PUT of 1 kB, each client its own file",
        method: "PUT",
        path: "/small{n}.bin",
        body: 1_000,
        requests: 4_000,
        at_once: 16,
    },
    Workload {
        name: "dav-put",
        title: "PUT of 1 kB, all clients one file",
        method: "PUT",
        path: "/one.bin",
        body: 1_000,
        requests: 2_000,
        at_once: 16,
    },
    Workload {
        name: "dav-put",
        title: "PUT of 1 MiB, each client its own file",
        method: "PUT",
        path: "/large{n}.bin",
        body: 1024 * 1024,
        requests: 400,
        at_once: 16,
    },
];

/// A server that is measured.
struct Side {
    name: &'static str,
    port: u16,
    base: &'static str,
    pid: u32,
}

/// Runs the workloads that are wanted.
pub(super) fn run(load: &Load, root: &Path, sides: &mut Sides, wanted: &[&str]) -> Result<Vec<Table>> {
    arrange(sides)?;
    let apache = sides.apache()?;
    let gateway = sides.proxy(root, Kind::Gateway)?.pid;
    let passerelle = Side { name: "Passerelle", port: GATEWAY_HTTP, base: "/dav/files/u00001", pid: gateway };
    let mut servers = vec![passerelle, Side { name: "Apache mod_dav", port: APACHE, base: "/dav", pid: apache }];
    if wanted.contains(&"dav-put") {
        let pid = sides.brisk(root)?;
        servers.push(Side { name: "Passerelle, fsync = false", port: BRISK_HTTP, base: "/dav/files/u00001", pid });
    }
    WORKLOADS
        .iter()
        .filter(|workload| wanted.contains(&workload.name))
        .map(|workload| measure(load, workload, &servers))
        .collect()
}

/// What is listed and read.
fn arrange(sides: &Sides) -> Result<()> {
    let folder = sides.dir.join("files/u00001");
    let listed = folder.join("many");
    files::make_folder(&listed)?;
    for index in 0..ENTRIES {
        let file = listed.join(format!("document {index:05}.txt"));
        if !file.exists() {
            files::write(&file, b"a small file\n", files::PUBLIC)?;
        }
    }
    files::write(&folder.join("1m.bin"), vec![b'x'; 1024 * 1024], files::PUBLIC)?;
    // What all write is there already: of several that make a file at once, all but one are told of the conflict.
    files::write(&folder.join("one.bin"), b"a small file\n", files::PUBLIC)?;
    let user = process::output(process::quiet("stat").args(["-c", "%U"]).arg(sides.dir.join("files")))?;
    process::output(process::quiet("chown").args(["-R", user.trim()]).arg(sides.dir.join("files")))?;
    Ok(())
}

fn measure(load: &Load, workload: &Workload, servers: &[Side]) -> Result<Table> {
    let Workload { title, method, path, body, requests, at_once, .. } = workload;
    let authorization = process::output(
        process::quiet("bash").args(["-c", &format!("printf '{}:{}' | base64 -w0", PERSON.0, PERSON.1)]),
    )?;
    // What waits for the disk is between the two only when somebody writes.
    let sides: Vec<&Side> = servers.iter().filter(|side| *body > 0 || side.port != BRISK_HTTP).collect();
    let mut rows: Vec<(String, Vec<Figures>)> =
        sides.iter().map(|side| (side.name.to_owned(), (0..4).map(|_| Figures::default()).collect())).collect();
    for round in 0..=ROUNDS {
        for (side, (_, figures)) in sides.iter().zip(&mut rows) {
            let before = cpu_seconds(side.pid);
            let (address, whole) = (format!("127.0.0.1:{}", side.port), format!("{}{path}", side.base));
            let (requests, at_once, body) = (requests.to_string(), at_once.to_string(), body.to_string());
            let report =
                load.run(&["http", &address, method, &whole, &authorization, &requests, &at_once, "1", &body])?;
            let cpu = cpu_seconds(side.pid) - before;
            if let (true, [time, rate, each_second, each]) = (round > 0, figures.as_mut_slice()) {
                time.add(number(&report, "median_ms"));
                rate.add(number(&report, "octets") / 1_048_576.0 / number(&report, "seconds"));
                each_second.add(number(&report, "done") / number(&report, "seconds"));
                each.add(cpu * 1000.0 / number(&report, "done"));
            }
        }
    }
    let writing = if *body > 0 {
        " Apache does not wait for the disk; Passerelle does, unless it is told not to, and takes a lease in State around each commit."
    } else {
        ""
    };
    Ok(Table {
        title: (*title).to_owned(),
        text: format!(
            "{requests} a round, {at_once} at a time, in clear, with a password that both check against the same directory (and remember).{writing}"
        ),
        columns: vec!["median ms", "MiB/s", "requests/s", "CPU ms a request"],
        rows,
    })
}
