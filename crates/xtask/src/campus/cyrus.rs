//! Cyrus, a second kind of mail store for those who read mail through the typed port: some people, who have what tests and
//! benchmarks give them.
//!
//! Its packages and Dovecot's cannot be installed together, so that they are unpacked into a folder of the campus's own and
//! run from there.

use super::{Site, install};
use crate::failure::Result;
use crate::{files, process};
use std::process::Command;

/// The packages; what they link to is among those that the campus installs.
const PACKAGES: [&str; 6] = ["cyrus-imapd", "cyrus-common", "cyrus-pop3d", "cyrus-caldav", "libshp2", "sasl2-bin"];
/// How many people have passwords there.
const PEOPLE: usize = 21;
/// The folders that its own installation would make.
const FOLDERS: [&str; 11] = [
    "run",
    "spool",
    "conf/db",
    "conf/socket",
    "conf/proc",
    "conf/log",
    "conf/msg",
    "conf/lock",
    "conf/user",
    "conf/quota",
    "conf/ptclient",
];

/// Unpacks it the first time, and starts it.
pub(super) fn start(site: &mut Site) -> Result<()> {
    let root = site.dir.join("cyrus-root");
    if !root.join("made").exists() {
        install::unpack(&PACKAGES, &root)?;
        files::write(&root.join("made"), "", files::PUBLIC)?;
    }
    let dir = site.folder("cyrus")?;
    for folder in FOLDERS {
        files::make_folder(&dir.join(folder))?;
    }
    let values = site.values(&dir).with("BIN", root.join("usr/lib/cyrus/bin").display());
    for (file, template) in [
        ("cyrus.conf", include_str!("../../campus/cyrus.conf")),
        ("imapd.conf", include_str!("../../campus/cyrus-imapd.conf")),
    ] {
        files::write(&dir.join(file), values.fill(file, template)?, files::PUBLIC)?;
    }
    let libraries = root.join("usr/lib/x86_64-linux-gnu");
    let surround = |command: &mut Command| {
        command.env("LD_LIBRARY_PATH", &libraries).env("CYRUS_USER", &site.account.user).current_dir(&dir);
    };
    site.account.own(&dir)?;
    site.once(&dir, |site| {
        let people = (1..=PEOPLE).map(|number| format!("u{number:05}")).map(|uid| (format!("pw-{uid}"), uid));
        for (password, uid) in people.chain([("gw-secret".to_owned(), "gateway".to_owned())]) {
            let mut make = site.account.command(root.join("usr/sbin/saslpasswd2"));
            make.args(["-p", "-c", "-u", "localhost", "-f"]).arg(dir.join("sasldb2")).arg(uid);
            surround(&mut make);
            process::output_with(&mut make, &password)?;
        }
        Ok(())
    })?;
    let mut master = site.account.daemon(root.join("usr/sbin/cyrmaster"));
    master.arg("-C").arg(dir.join("imapd.conf")).arg("-M").arg(dir.join("cyrus.conf"));
    master.arg("-p").arg(dir.join("run/pid"));
    surround(&mut master);
    site.daemons.start("cyrus", &mut master, &dir.join("start.log"), site.ports.cyrus_imap())
}
