//! Postfix: one server for both institutions, with a port that trusts the gateway. Its master needs root.

use super::Site;
use super::ports::{Institution, Service};
use crate::failure::{Doing, Result};
use crate::{files, process};
use std::fs;
use std::path::Path;

/// Starts it; answers `false`, and starts nothing, when we are not root.
pub(super) fn start(site: &mut Site) -> Result<bool> {
    if !site.account.from_root {
        return Ok(false);
    }
    let dir = site.folder("postfix")?;
    let etc = dir.join("etc");
    for folder in [&etc, &dir.join("queue"), &dir.join("data")] {
        files::make_folder(folder)?;
    }
    process::output(process::quiet("chown").arg("postfix").arg(dir.join("data")))?;
    write_settings(site, &dir, &etc)?;
    let mut postfix = process::quiet("postfix");
    postfix.arg("-c").arg(&etc).arg("start");
    let log = files::create(&dir.join("start.log"))?;
    let errors = log.try_clone().doing(|| "share Postfix's log".to_owned())?;
    process::run(postfix.stdout(log).stderr(errors))?;
    site.daemons.adopt("postfix", &dir.join("queue/pid/master.pid"))?;
    site.wait_for("postfix", site.ports.of(Service::Submission, Institution::B))?;
    Ok(true)
}

fn write_settings(site: &Site, dir: &Path, etc: &Path) -> Result<()> {
    let values = site.values(dir);
    for (file, template) in [
        ("main.cf", include_str!("../../campus/postfix-main.cf")),
        ("master.cf", include_str!("../../campus/postfix-master.cf")),
    ] {
        files::write(&etc.join(file), values.fill(file, template)?, files::PUBLIC)?;
    }
    for institution in Institution::MAILED {
        let values = site.values_of(institution, dir);
        let text = values.fill("postfix-ldap.cf", include_str!("../../campus/postfix-ldap.cf"))?;
        // One question, asked for two reasons: who receives, and who may send as.
        for map in ["recipient", "sender"] {
            files::write(&etc.join(format!("{map}-{}.cf", institution.letter())), &text, files::PUBLIC)?;
        }
    }
    // Postfix looks for the list of its own files, and of its map types, beside its settings.
    for file in ["dynamicmaps.cf", "postfix-files"] {
        let from = Path::new("/etc/postfix").join(file);
        fs::copy(&from, etc.join(file)).doing(|| format!("copy {}", from.display()))?;
        let folder = Path::new("/etc/postfix").join(format!("{file}.d"));
        if folder.is_dir() {
            process::output(process::quiet("cp").arg("-rT").arg(&folder).arg(etc.join(format!("{file}.d"))))?;
        }
    }
    Ok(())
}
