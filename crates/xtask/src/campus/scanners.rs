//! clamd with signatures of our own, which know EICAR and nothing else, and one worker of rspamd without the network.

use super::Site;
use crate::failure::Result;
use crate::files;

/// EICAR as a whole file, and its text anywhere in another.
const SIGNATURES: [(&str, &str); 2] = [
    ("eicar.hdb", "44d88612fea8a8f36de82e1278abb02f:68:Eicar-Whole\n"),
    ("eicar.ndb", "Eicar-Text:0:*:45494341522d5354414e444152442d414e544956495255532d544553542d46494c4521\n"),
];

/// Starts both.
pub(super) fn start(site: &mut Site) -> Result<()> {
    let dir = site.folder("clamd")?;
    for folder in ["db", "tmp"] {
        files::make_folder(&dir.join(folder))?;
    }
    for (file, text) in SIGNATURES {
        files::write(&dir.join("db").join(file), text, files::PUBLIC)?;
    }
    let settings = site.values(&dir).fill("clamd.conf", include_str!("../../campus/clamd.conf"))?;
    files::write(&dir.join("clamd.conf"), settings, files::PUBLIC)?;
    site.account.own(&dir)?;
    let mut clamd = site.account.daemon("clamd");
    clamd.arg("--config-file").arg(dir.join("clamd.conf")).current_dir(&dir);
    let port = site.ports.clamd();
    site.daemons.start("clamd", &mut clamd, &dir.join("start.log"), port)?;

    let dir = site.folder("rspamd")?;
    for folder in ["db", "run", "log"] {
        files::make_folder(&dir.join(folder))?;
    }
    let settings = site.values(&dir).fill("rspamd.conf", include_str!("../../campus/rspamd.conf"))?;
    files::write(&dir.join("rspamd.conf"), settings, files::PUBLIC)?;
    site.account.own(&dir)?;
    let mut rspamd = site.account.daemon("rspamd");
    rspamd.arg("-f").arg("-c").arg(dir.join("rspamd.conf"));
    for (name, folder) in [("DBDIR", "db"), ("RUNDIR", "run"), ("LOGDIR", "log")] {
        rspamd.arg(format!("--var={name}={}", dir.join(folder).display()));
    }
    site.daemons.spawn("rspamd", rspamd.current_dir(&dir), &dir.join("start.log"))?;
    Ok(())
}
