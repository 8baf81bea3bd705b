//! Dovecot, one rootless server for each institution: Maildir for A and the realm of seven, mdbox for B.

use super::Site;
use super::ports::{Institution, Service};
use crate::failure::Result;
use crate::template::Values;
use crate::{files, process};
use std::path::Path;
use std::process::Command;

/// The key of the tokens that OAUTHBEARER takes (HS256), in base64 as Dovecot wants it:
/// `jwt-secret-32-bytes-long-000000!`.
const JWT_KEY: &str = "and0LXNlY3JldC0zMi1ieXRlcy1sb25nLTAwMDAwMCE=";

/// Starts the stores and fills the mailboxes the first time.
pub(super) fn start(site: &mut Site) -> Result<()> {
    for institution in Institution::ALL {
        let letter = institution.letter();
        let dir = site.folder(&format!("dovecot-{letter}"))?;
        let conf = dir.join("dovecot.conf");
        write_settings(&site.values_of(institution, &dir), institution, &dir)?;
        for folder in ["state", "mail", "jwt-keys/default/HS256"] {
            files::make_folder(&dir.join(folder))?;
        }
        files::write(&dir.join("jwt-keys/default/HS256/default"), JWT_KEY, files::SECRET)?;
        files::write(&dir.join("master-users"), "gateway:{PLAIN}gw-secret\n", files::SECRET)?;
        site.account.own(&dir)?;
        if institution != Institution::B {
            // On disk, before the server looks.
            site.once(&dir, |site| fill_maildirs(site, institution, &dir))?;
        }
        let mut dovecot = site.account.daemon("dovecot");
        dovecot.arg("-F").arg("-c").arg(&conf).current_dir(&dir);
        let port = site.ports.of(Service::Imap, institution);
        site.daemons.start(&format!("dovecot-{letter}"), &mut dovecot, &dir.join("start.log"), port)?;
        if institution == Institution::B {
            site.once(&dir, |site| load_mail(site, institution, "append", &port.to_string()))?;
        }
    }
    Ok(())
}

fn write_settings(values: &Values, institution: Institution, dir: &Path) -> Result<()> {
    let (format, shared) = match institution {
        Institution::A | Institution::Midi => ("maildir:~/Maildir", "maildir:%%h/Maildir:INDEXPVT=~/shared/%%n"),
        Institution::B => ("mdbox:~/mdbox", "mdbox:%%h/mdbox:INDEXPVT=~/shared/%%n"),
    };
    let values = values.with("FORMAT", format).with("SHARED", shared);
    for (file, template) in [
        ("dovecot.conf", include_str!("../../campus/dovecot.conf")),
        ("ldap.conf", include_str!("../../campus/dovecot-ldap.conf")),
        ("oauth2.conf", include_str!("../../campus/dovecot-oauth2.conf")),
    ] {
        files::write(&dir.join(file), values.fill(file, template)?, files::SECRET)?;
    }
    let ticket = values.fill("ticket.py", include_str!("../../campus/dovecot-ticket.py"))?;
    files::write(&dir.join("ticket.py"), ticket, files::PROGRAM)?;
    Ok(())
}

fn fill_maildirs(site: &Site, institution: Institution, dir: &Path) -> Result<()> {
    let mail = dir.join("mail");
    files::remove(&mail)?;
    files::make_folder(&mail)?;
    site.account.own(&mail)?;
    load_mail(site, institution, "link", &mail.to_string_lossy())
}

fn load_mail(site: &Site, institution: Institution, mode: &str, place: &str) -> Result<()> {
    let (people, messages) = site.size.mail(institution);
    if people == 0 || messages == 0 {
        return Ok(());
    }
    let domain = format!("{}.test", institution.letter());
    let script = site.script("load_mail.py", include_str!("../../campus/load_mail.py"))?;
    let mut load: Command = site.account.command("/usr/bin/python3");
    load.arg(script).args([mode, place, &people.to_string(), &messages.to_string(), &domain]);
    process::output(load.current_dir("/")).map(drop)
}
