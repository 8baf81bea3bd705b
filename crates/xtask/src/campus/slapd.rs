//! OpenLDAP, one server for each institution and one for the realm of seven, unprivileged, filled by slapadd.

use super::Site;
use super::ports::{Institution, Service};
use crate::failure::Result;
use crate::{files, process};
use std::path::Path;

/// Starts the directories and fills them the first time.
pub(super) fn start(site: &mut Site) -> Result<()> {
    for institution in Institution::ALL {
        let letter = institution.letter();
        let name = format!("slapd-{letter}");
        let dir = site.folder(&format!("ldap-{letter}"))?;
        let conf = dir.join("slapd.conf");
        let values = site.values_of(institution, &dir);
        files::write(&conf, values.fill("slapd.conf", include_str!("../../campus/slapd.conf"))?, files::PUBLIC)?;
        for (file, schema) in [
            ("eduperson.schema", include_str!("../../campus/eduperson.schema")),
            ("supann.schema", include_str!("../../campus/supann.schema")),
        ] {
            files::write(&dir.join(file), schema, files::PUBLIC)?;
        }
        site.account.own(&dir)?;
        site.once(&dir, |site| load(site, institution, &dir, &conf))?;
        let ports = site.ports;
        let listen = format!(
            "ldap://127.0.0.1:{}/ ldaps://127.0.0.1:{}/ ldapi://{}",
            ports.of(Service::Ldap, institution),
            ports.of(Service::Ldaps, institution),
            dir.join("ldapi").to_string_lossy().replace('/', "%2F"),
        );
        // -d, even with 0, keeps it in the foreground.
        let mut slapd = site.account.daemon("slapd");
        slapd.args(["-d", "0", "-h", &listen, "-f"]).arg(&conf).current_dir(&dir);
        site.daemons.start(&name, &mut slapd, &dir.join("slapd.log"), ports.of(Service::Ldap, institution))?;
    }
    Ok(())
}

fn load(site: &Site, institution: Institution, dir: &Path, conf: &Path) -> Result<()> {
    let letter = institution.letter();
    let db = dir.join("db");
    files::remove(&db)?;
    files::make_folder(&db)?;
    let ldif = dir.join("load.ldif");
    site.write_ldif(&ldif, letter, site.size.people, institution.members())?;
    site.account.own(dir)?;
    let mut slapadd = site.account.command("slapadd");
    slapadd.args(["-q", "-f"]).arg(conf).arg("-l").arg(&ldif).current_dir(dir);
    process::output(&mut slapadd).map(drop)
}
