//! PostgreSQL: an empty database `passerelle` whose owner may create more, one for each test.

use super::Site;
use crate::failure::{Failure, Result};
use crate::{files, process};
use std::fs;
use std::path::{Path, PathBuf};

/// Role and database.
pub(super) const ROLE: &str = "passerelle";
pub(super) const PASSWORD: &str = "pw-passerelle";

/// The folder of initdb and postgres, of the newest version that the distribution installed.
pub(super) fn programs() -> Option<PathBuf> {
    let versions = fs::read_dir("/usr/lib/postgresql").ok()?;
    versions
        .flatten()
        .map(|version| version.path().join("bin"))
        .filter(|bin| bin.join("postgres").exists() && bin.join("initdb").exists())
        .max_by_key(|bin| {
            bin.parent().and_then(Path::file_name).and_then(|name| name.to_string_lossy().parse::<u32>().ok())
        })
}

/// Starts it; makes the cluster, the role and the database the first time.
pub(super) fn start(site: &mut Site) -> Result<()> {
    let bin = programs().ok_or_else(|| Failure::new("PostgreSQL is not installed in /usr/lib/postgresql"))?;
    let dir = site.folder("postgres")?;
    let data = dir.join("data");
    for file in ["srv.pem", "srv.key"] {
        // The server refuses a key that belongs to another, so it gets its own copy.
        files::write(&dir.join(file), files::read(&site.ca().join(file))?, files::SECRET)?;
    }
    site.account.own(&dir)?;
    let made = dir.join("made");
    if !made.exists() {
        files::remove(&data)?;
        let mut initdb = site.account.command(bin.join("initdb"));
        initdb.args(["--no-sync", "--username=admin", "--auth-local=trust", "--auth-host=scram-sha-256"]);
        initdb.args(["--encoding=UTF8", "--locale=C", "--pgdata"]).arg(&data).current_dir(&dir);
        process::output(&mut initdb)?;
    }
    let text = site.values(&dir).fill("postgresql.conf", include_str!("../../campus/postgresql.conf"))?;
    files::write(&data.join("postgresql.conf"), text, files::PUBLIC)?;
    let mut postgres = site.account.daemon(bin.join("postgres"));
    postgres.arg("-D").arg(&data).current_dir(&dir);
    site.daemons.start("postgres", &mut postgres, &dir.join("postgres.log"), site.ports.postgres())?;
    if !made.exists() {
        // The port opens before recovery is over; psql then says "the database system is starting up".
        let mut ready = || process::succeeds(process::quiet("psql").args(admin(site, &dir)).args(["-c", "select 1"]));
        process::wait_until(super::READY, &mut ready);
        let statements = [
            format!("create role {ROLE} login createdb password '{PASSWORD}'"),
            format!("create database {ROLE} owner {ROLE}"),
        ];
        for statement in statements {
            process::output(process::quiet("psql").args(admin(site, &dir)).args(["-c", &statement]))?;
        }
        files::write(&made, "", files::PUBLIC)?;
    }
    Ok(())
}

fn admin(site: &Site, dir: &Path) -> Vec<String> {
    let connection = format!("host={} port={} user=admin dbname=postgres", dir.display(), site.ports.postgres());
    vec!["-q".to_owned(), "-X".to_owned(), "-v".to_owned(), "ON_ERROR_STOP=1".to_owned(), "-d".to_owned(), connection]
}
