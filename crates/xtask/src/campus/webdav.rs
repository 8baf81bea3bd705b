//! Apache with mod_dav: files behind WebDAV for institution C, by name and password.

use super::{Site, samba};
use crate::failure::Result;
use crate::files;

/// Starts it, for the same people as Samba's.
pub(super) fn start(site: &mut Site) -> Result<()> {
    let dir = site.folder("webdav")?;
    for folder in ["run", "log", "empty"] {
        files::make_folder(&dir.join(folder))?;
    }
    for name in samba::PEOPLE {
        files::make_folder(&dir.join("homes").join(name))?;
    }
    // Apache takes passwords in SHA-1 as well; nothing here is meant to be safe.
    let mut passwords = String::new();
    let mut places = String::new();
    for name in samba::PEOPLE {
        passwords.push_str(&format!("{name}:{}\n", sha1(&format!("pw-{name}"))?));
        places.push_str(&format!("<Location /own/{name}>\n Require user {name}\n</Location>\n"));
    }
    files::write(&dir.join("htpasswd"), passwords, files::SECRET)?;
    files::write(&dir.join("people.conf"), places, files::PUBLIC)?;
    let text = site.values(&dir).fill("webdav.conf", include_str!("../../campus/webdav.conf"))?;
    files::write(&dir.join("apache.conf"), text, files::PUBLIC)?;
    site.account.own(&dir)?;
    let mut apache = site.account.daemon("/usr/sbin/apache2");
    apache.arg("-f").arg(dir.join("apache.conf")).arg("-DFOREGROUND").current_dir(&dir);
    site.daemons.start("webdav", &mut apache, &dir.join("log/out"), site.ports.webdav())
}

/// As `AuthUserFile` has it: `{SHA}` and the digest in Base64.
fn sha1(password: &str) -> Result<String> {
    let mut digest = crate::process::quiet("sh");
    digest.args(["-c", "printf %s \"$1\" | openssl dgst -sha1 -binary | openssl base64", "sh", password]);
    Ok(format!("{{SHA}}{}", crate::process::output(&mut digest)?.trim()))
}
