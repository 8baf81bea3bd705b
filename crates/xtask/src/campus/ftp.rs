//! An FTP server for institution C, for the same people as Samba's, in clear and under TLS.

use super::{Site, samba};
use crate::failure::Result;
use crate::files;

/// Starts it.
pub(super) fn start(site: &mut Site) -> Result<()> {
    let dir = site.folder("ftp")?;
    let homes = dir.join("homes");
    for name in samba::PEOPLE {
        files::make_folder(&homes.join(name))?;
    }
    let script = site.script("ftp_server.py", include_str!("../../campus/ftp_server.py"))?;
    site.account.own(&dir)?;
    let mut server = site.account.daemon("/usr/bin/python3");
    server.arg(script).arg(site.ports.ftp().to_string()).arg(&homes);
    server.arg(site.ca().join("srv.pem")).arg(site.ca().join("srv.key")).args(samba::PEOPLE).current_dir(&dir);
    site.daemons.start("ftp", &mut server, &dir.join("log"), site.ports.ftp())
}
