//! Radicale, the CalDAV and CardDAV server of institution C.

use super::{Site, samba};
use crate::failure::Result;
use crate::files;

/// Starts it, for the same people as Samba's.
pub(super) fn start(site: &mut Site) -> Result<()> {
    let dir = site.folder("radicale")?;
    files::make_folder(&dir.join("coll"))?;
    let passwords: String = samba::PEOPLE.iter().map(|name| format!("{name}:pw-{name}\n")).collect();
    files::write(&dir.join("htpasswd"), passwords, files::SECRET)?;
    files::write(&dir.join("rights"), include_str!("../../campus/radicale-rights"), files::PUBLIC)?;
    let text = site.values(&dir).fill("radicale.conf", include_str!("../../campus/radicale.conf"))?;
    files::write(&dir.join("config"), text, files::PUBLIC)?;
    site.account.own(&dir)?;
    let mut radicale = site.account.daemon("/usr/bin/python3");
    radicale.args(["-m", "radicale", "--config"]).arg(dir.join("config")).env("HOME", &dir).current_dir(&dir);
    site.daemons.start("radicale", &mut radicale, &dir.join("log"), site.ports.radicale())
}
