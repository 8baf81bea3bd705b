//! Files: Passerelle beside Apache with mod_dav, nginx and rclone, over the same folder.

use super::measure::cpu_seconds;
use super::peers::{Load, PERSON, ROUNDS, number};
use super::report::{Figures, Table};
use super::sides::{APACHE, BRISK_HTTP, GATEWAY_HTTP, Kind, NGINX_FILES, RCLONE, Sides};
use crate::failure::Result;
use crate::{files, process};
use std::path::Path;

/// The folders that are listed, and how many entries they have.
pub(super) const LISTED: [(&str, usize); 2] = [("some", 1_000), ("many", 10_000)];
const MIB: usize = 1024 * 1024;

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

const WORKLOADS: [Workload; 9] = [
    Workload {
        name: "dav-list",
        title: "PROPFIND depth 1 of 1,000 entries",
        method: "PROPFIND",
        path: "/some/",
        body: 0,
        requests: 200,
        at_once: 1,
    },
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
        title: "GET of 1 kB",
        method: "GET",
        path: "/1k.bin",
        body: 0,
        requests: 20_000,
        at_once: 16,
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
        name: "dav-get",
        title: "GET of 100 MiB",
        method: "GET",
        path: "/100m.bin",
        body: 0,
        requests: 20,
        at_once: 2,
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
        body: MIB,
        requests: 400,
        at_once: 16,
    },
    Workload {
        name: "dav-put",
        title: "PUT of 100 MiB, each client its own file",
        method: "PUT",
        path: "/huge{n}.bin",
        body: 100 * MIB,
        requests: 8,
        at_once: 2,
    },
];

/// A server that is measured.
pub(super) struct Side {
    pub(super) name: &'static str,
    pub(super) port: u16,
    pub(super) base: &'static str,
    pub(super) pid: u32,
}

impl Side {
    /// A gateway.
    pub(super) fn ours(name: &'static str, port: u16, pid: u32) -> Self {
        Self { name, port, base: "/dav/files/u00001", pid }
    }

    /// Another server.
    pub(super) fn peer(name: &'static str, port: u16, pid: u32) -> Self {
        Self { name, port, base: "/dav", pid }
    }
}

/// Runs the workloads that are wanted.
pub(super) fn run(load: &Load, root: &Path, sides: &mut Sides, wanted: &[&str]) -> Result<Vec<Table>> {
    arrange(sides)?;
    let mut servers = vec![
        Side::ours("Passerelle", GATEWAY_HTTP, sides.proxy(root, Kind::Gateway)?.pid),
        Side::peer("Apache mod_dav", APACHE, sides.apache()?),
        Side::peer("nginx", NGINX_FILES, sides.nginx_files()?),
        Side::peer("rclone serve webdav", RCLONE, sides.rclone(PERSON)?),
    ];
    if wanted.contains(&"dav-put") {
        servers.push(Side::ours("Passerelle, fsync = false", BRISK_HTTP, sides.brisk(root)?));
    }
    let tables = WORKLOADS
        .iter()
        .filter(|workload| wanted.contains(&workload.name))
        .map(|workload| measure(load, workload, &servers))
        .collect();
    servers.iter().try_for_each(|server| sides.end(server.pid))?;
    tables
}

/// What is listed and read.
fn arrange(sides: &Sides) -> Result<()> {
    let folder = sides.dir.join("files/u00001");
    fill(&folder)?;
    // What all write is there already: of several that make a file at once, all but one are told of the conflict.
    files::write(&folder.join("one.bin"), b"a small file\n", files::PUBLIC)?;
    for (name, length) in [("1k.bin", 1_000), ("1m.bin", MIB), ("100m.bin", 100 * MIB)] {
        files::write(&folder.join(name), vec![b'x'; length], files::PUBLIC)?;
    }
    let user = process::output(process::quiet("stat").args(["-c", "%U"]).arg(sides.dir.join("files")))?;
    process::output(process::quiet("chown").args(["-R", user.trim()]).arg(sides.dir.join("files")))?;
    Ok(())
}

/// The folders that are listed.
pub(super) fn fill(folder: &Path) -> Result<()> {
    for (name, entries) in LISTED {
        let listed = folder.join(name);
        files::make_folder(&listed)?;
        for index in 0..entries {
            let file = listed.join(format!("document {index:05}.txt"));
            if !file.exists() {
                files::write(&file, b"a small file\n", files::PUBLIC)?;
            }
        }
    }
    Ok(())
}

/// What is said in `Authorization`.
pub(super) fn authorization() -> Result<String> {
    let script = format!("printf '{}:{}' | base64 -w0", PERSON.0, PERSON.1);
    process::output(process::quiet("bash").args(["-c", &script]))
}

fn measure(load: &Load, workload: &Workload, servers: &[Side]) -> Result<Table> {
    let Workload { title, method, path, body, requests, at_once, .. } = workload;
    let authorization = authorization()?;
    // What waits for the disk is between the two only when somebody writes.
    let waits = |side: &&Side| *body > 0 || side.port != BRISK_HTTP;
    // rclone refuses whoever writes a file that somebody else is writing (423).
    let takes = |side: &&Side| *body == 0 || path.contains("{n}") || side.port != RCLONE;
    let sides: Vec<&Side> = servers.iter().filter(|side| waits(side) && takes(side)).collect();
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
        " The others do not wait for the disk, and rclone writes in place; Passerelle waits, unless it is told not to, and takes a lease in State around the step that makes the new content visible."
    } else {
        ""
    };
    Ok(Table {
        title: (*title).to_owned(),
        text: format!(
            "{requests} a round, {at_once} at a time, in clear, with a password: Passerelle and Apache check it against the same directory (and remember), nginx and rclone compare it with their settings, and know no rights.{writing}"
        ),
        columns: vec!["median ms", "MiB/s", "requests/s", "CPU ms a request"],
        rows,
    })
}
