//! An OpenID provider for institution B, on Node, with the directory's passwords behind it.

use super::Site;
use super::ports::{Institution, Service};
use crate::failure::{Failure, Result};
use crate::{files, process};
use std::process::Command;

const PACKAGES: &str = include_str!("../../campus/oidc/package.json");
const LOCK: &str = include_str!("../../campus/oidc/package-lock.json");

/// Starts it, after fetching what the lock names where that has changed.
pub(super) fn start(site: &mut Site) -> Result<()> {
    let dir = site.folder("oidc-b")?;
    let stamp = dir.join("installed-lock.json");
    files::write(&dir.join("server.mjs"), include_str!("../../campus/oidc/server.mjs"), files::PUBLIC)?;
    if files::read_if_there(&stamp)?.as_deref() != Some(LOCK) {
        files::write(&dir.join("package.json"), PACKAGES, files::PUBLIC)?;
        files::write(&dir.join("package-lock.json"), LOCK, files::PUBLIC)?;
        let mut npm = Command::new("npm");
        process::output(npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&dir))?;
        files::write(&stamp, LOCK, files::PUBLIC)?;
    }
    let keys = site.dir.join("dovecot-b/jwt-keys");
    site.account.own(&dir)?;
    let port = site.ports.oidc();
    let ldap = site.ports.of(Service::Ldap, Institution::B);
    let mut node = site.account.daemon("node");
    node.arg("server.mjs").arg(&dir).args([port.to_string(), ldap.to_string()]).arg(&keys).current_dir(&dir);
    node.env("NODE_EXTRA_CA_CERTS", site.ca().join("ca.pem")).env("HOME", &dir);
    site.daemons.start("oidc-b", &mut node, &dir.join("server.log"), port)?;
    let metadata = format!("http://127.0.0.1:{port}/.well-known/openid-configuration");
    if process::succeeds(process::quiet("curl").args(["-sf", "--noproxy", "*", &metadata])) {
        return Ok(());
    }
    Err(Failure::new(format!("no metadata at {metadata}; see {}", dir.join("server.log").display())))
}
