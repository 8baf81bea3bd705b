//! What a file of 4 GiB costs in memory on its way through.

use super::dav::{Side, authorization};
use super::measure::pss_kib;
use super::peers::{Load, number};
use super::report::{Figures, Table};
use super::sides::{APACHE, GATEWAY_HTTP, Kind, SAMBA_HTTP, Sides};
use crate::failure::{Doing, Failure, Result};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::Duration;

const LENGTH: u64 = 4 * 1024 * 1024 * 1024;
/// Between two looks at the memory.
const LOOK: Duration = Duration::from_millis(20);

/// Sends and fetches the file once at each side.
pub(super) fn run(load: &Load, root: &Path, sides: &mut Sides, campus_dir: &Path) -> Result<Table> {
    let local = sides.dir.join("files/u00001/4g.bin");
    let samba = campus_dir.join("samba/homes/u00001/4g.bin");
    let mut rows = Vec::new();
    let starts: [fn(&mut Sides, &Path) -> Result<Side>; 3] = [
        |sides, root| Ok(Side::ours("Passerelle", GATEWAY_HTTP, sides.proxy(root, Kind::Gateway)?.pid)),
        |sides, root| Ok(Side::ours("Passerelle, on Samba", SAMBA_HTTP, sides.samba(root)?)),
        |sides, _| Ok(Side::peer("Apache mod_dav", APACHE, sides.apache()?)),
    ];
    for start in starts {
        let (mut figures, mut name) = (Vec::new(), "");
        for (method, body) in [("PUT", LENGTH), ("GET", 0)] {
            // Fresh, so that what earlier requests left behind hides nothing.
            let side = start(sides, root)?;
            let (grown, seconds) = transfer(load, &side, method, body)?;
            sides.end(side.pid)?;
            name = side.name;
            for value in [grown, 4096.0 / seconds] {
                let mut figure = Figures::default();
                figure.add(value);
                figures.push(figure);
            }
        }
        remove(&local)?;
        remove(&samba)?;
        rows.push((name.to_owned(), figures));
    }
    Ok(Table {
        title: "A file of 4 GiB".to_owned(),
        text: "Sent and fetched once at a freshly started server; by how much the proportional set size of all its processes rose over what it was after a first small request, looked at every 20 ms. One round. Passerelle waits for the disk on its local folder, Apache does not. The aim is 32 MiB.".to_owned(),
        columns: vec!["PUT: MiB grown", "PUT: MiB/s", "GET: MiB grown", "GET: MiB/s"],
        rows,
    })
}

/// MiB that the server grew by, and the seconds that it took.
fn transfer(load: &Load, side: &Side, method: &str, body: u64) -> Result<(f64, f64)> {
    let authorization = authorization()?;
    let address = format!("127.0.0.1:{}", side.port);
    let path = |name: &str| format!("{}/{name}", side.base);
    load.run(&["http", &address, "PUT", &path("first.bin"), &authorization, "1", "1", "0", "1000"])?;
    let (before, done) = (pss_kib(side.pid), AtomicBool::new(false));
    if before == 0 {
        return Err(Failure::new(format!("{} is not the server that answers", side.name)));
    }
    thread::scope(|scope| {
        let watching = scope.spawn(|| {
            let mut most = before;
            while !done.load(Ordering::Relaxed) {
                most = most.max(pss_kib(side.pid));
                thread::sleep(LOOK);
            }
            most
        });
        let sent =
            load.run(&["http", &address, method, &path("4g.bin"), &authorization, "1", "1", "0", &body.to_string()]);
        done.store(true, Ordering::Relaxed);
        let most = watching.join().unwrap_or(before);
        let grown = u32::try_from(most.saturating_sub(before)).unwrap_or(u32::MAX);
        Ok((f64::from(grown) / 1024.0, number(&sent?, "seconds")))
    })
}

fn remove(file: &Path) -> Result<()> {
    if file.exists() {
        std::fs::remove_file(file).doing(|| format!("remove {}", file.display()))?;
    }
    Ok(())
}
