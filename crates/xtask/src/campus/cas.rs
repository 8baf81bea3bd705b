//! django-cas-server, one for each institution and one for the realm of seven, in a Python environment that test clients share.

use super::Site;
use super::ports::{Institution, Service};
use crate::failure::{Failure, Result};
use crate::template::Values;
use crate::{files, process};
use std::path::Path;
use std::process::Command;

const REQUIREMENTS: &str = include_str!("../../campus/requirements.txt");
/// Threads of one server: a few browsers and their call-backs at once.
const THREADS: &str = "8";

/// Makes `folder` a Python environment with what REQUIREMENTS names. With the distribution's own Python:
/// one in root's home is out of reach for the account of the servers.
pub(super) fn make_environment(folder: &Path) -> Result<()> {
    let stamp = folder.join("requirements.txt");
    if files::read_if_there(&stamp)?.as_deref() == Some(REQUIREMENTS) {
        return Ok(());
    }
    files::remove(folder)?;
    process::output(Command::new("/usr/bin/python3").args(["-m", "venv"]).arg(folder))?;
    let list = folder.join("wanted.txt");
    files::write(&list, REQUIREMENTS, files::PUBLIC)?;
    let mut pip = Command::new(folder.join("bin/pip"));
    process::output(pip.args(["install", "-q", "--disable-pip-version-check", "-r"]).arg(&list))?;
    std::fs::rename(&list, &stamp).map_err(|cause| Failure::new(format!("keep {}: {cause}", stamp.display())))
}

/// Starts the servers; makes their tables the first time.
pub(super) fn start(site: &mut Site) -> Result<()> {
    for institution in Institution::ALL {
        let letter = institution.letter();
        let dir = site.folder(&format!("cas-{letter}"))?;
        for (file, text) in [
            ("cas_settings.py", include_str!("../../campus/cas_settings.py")),
            ("cas_urls.py", include_str!("../../campus/cas_urls.py")),
            ("cas_wsgi.py", include_str!("../../campus/cas_wsgi.py")),
            ("cas_init.py", include_str!("../../campus/cas_init.py")),
        ] {
            files::write(&dir.join(file), text, files::PUBLIC)?;
        }
        site.account.own(&dir)?;
        let environment = environment(site, institution, &dir);
        site.once(&dir, |site| {
            files::remove(&dir.join("cas.sqlite3"))?;
            let mut init = site.account.command(site.venv().join("bin/python"));
            process::output(init.arg("cas_init.py").envs(environment.iter()).current_dir(&dir)).map(drop)
        })?;
        let port = site.ports.of(Service::Cas, institution);
        let mut gunicorn = site.account.daemon(site.venv().join("bin/gunicorn"));
        gunicorn.args(["-b", &format!("127.0.0.1:{port}"), "--threads", THREADS, "--graceful-timeout", "1"]);
        gunicorn.args(["--no-control-socket", "cas_wsgi:application"]);
        gunicorn.envs(environment.iter()).current_dir(&dir);
        site.daemons.start(&format!("cas-{letter}"), &mut gunicorn, &dir.join("gunicorn.log"), port)?;
    }
    for institution in Institution::ALL {
        // The master listens before its worker has loaded the application.
        let page = format!("http://127.0.0.1:{}/cas/login", site.ports.of(Service::Cas, institution));
        let mut answers = || process::succeeds(process::quiet("curl").args(["-sf", "--noproxy", "*", &page]));
        if !process::wait_until(super::READY, &mut answers) {
            return Err(Failure::new(format!("no log-in form at {page}")));
        }
    }
    Ok(())
}

fn environment(site: &Site, institution: Institution, dir: &Path) -> Values {
    let mut values = Values::default();
    values
        .set("CAS_DIR", dir.display())
        .set("CAS_INST", institution.letter())
        .set("CAS_LDAP", format!("ldap://127.0.0.1:{}", site.ports.of(Service::Ldap, institution)))
        .set("CAS_CA", site.ca().join("ca.pem").display())
        .set("REQUESTS_CA_BUNDLE", site.ca().join("bundle.pem").display())
        .set("DJANGO_SETTINGS_MODULE", "cas_settings")
        .set("PYTHONPATH", dir.display())
        .set("HOME", dir.display());
    values
}
