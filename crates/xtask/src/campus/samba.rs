//! Samba for institution C, without root and without Unix users: nss_wrapper and uid_wrapper stand in.

use super::Site;
use crate::failure::{Doing, Failure, Result};
use crate::files;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

/// The people, and the service account that sees all homes.
pub(super) const PEOPLE: [&str; 4] = ["u00001", "u00002", "u00003", "gateway"];
const FIRST_UID: u32 = 10001;

/// Starts it; makes homes and passwords the first time.
pub(super) fn start(site: &mut Site) -> Result<()> {
    let dir = site.folder("samba")?;
    for folder in ["private", "state", "cache", "lock", "pid", "ncalrpc", "log", "homes", "share/commun", "share/labo"]
    {
        files::make_folder(&dir.join(folder))?;
    }
    let text = site.values(&dir).fill("smb.conf", include_str!("../../campus/smb.conf"))?;
    files::write(&dir.join("smb.conf"), text, files::PUBLIC)?;
    write_accounts(site, &dir)?;
    site.once(&dir, |site| {
        for name in PEOPLE {
            files::make_folder(&dir.join("homes").join(name))?;
        }
        files::write(&dir.join("homes/u00001/Notes.txt"), "bonjour\n", files::PUBLIC)?;
        files::write(&dir.join("share/commun/Réunion été.txt"), "x\n", files::PUBLIC)?;
        site.account.own(&dir)?;
        PEOPLE.iter().try_for_each(|name| set_password(site, &dir, name))
    })?;
    site.account.own(&dir)?;
    // Without -l it writes to the system's log folder.
    let mut smbd = wrapped(site.account.daemon("env"), &dir);
    smbd.args(["smbd", "--foreground", "--no-process-group", "-s"]).arg(dir.join("smb.conf"));
    smbd.arg("-l").arg(dir.join("log")).current_dir(&dir);
    site.daemons.start("samba", &mut smbd, &dir.join("log/out"), site.ports.smb())
}

/// What getpwnam and getgrnam answer inside the wrapper.
fn write_accounts(site: &Site, dir: &Path) -> Result<()> {
    let account = &site.account;
    let (user, uid, gid) = (&account.user, account.uid, account.gid);
    let mut passwd = "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534::/nonexistent:/bin/false\n".to_owned();
    passwd.push_str(&format!("{user}:x:{uid}:{gid}::/nonexistent:/bin/false\n"));
    for (name, uid) in PEOPLE.iter().zip(FIRST_UID..) {
        passwd.push_str(&format!("{name}:x:{uid}:{gid}::{}/homes/{name}:/bin/false\n", dir.display()));
    }
    files::write(&dir.join("passwd"), passwd, files::PUBLIC)?;
    let group = format!("root:x:0:\nnogroup:x:65534:\n{}:x:{gid}:\n", account.group);
    files::write(&dir.join("group"), group, files::PUBLIC)
}

fn set_password(site: &Site, dir: &Path, name: &str) -> Result<()> {
    let failed = || format!("set the SMB password of {name}");
    let mut smbpasswd = wrapped(site.account.command("env"), dir);
    smbpasswd.arg("smbpasswd").arg("-c").arg(dir.join("smb.conf")).args(["-a", "-s", name]);
    smbpasswd.current_dir(dir).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = smbpasswd.spawn().doing(failed)?;
    if let Some(mut input) = child.stdin.take() {
        write!(input, "pw-{name}\npw-{name}\n").doing(failed)?;
    }
    let output = child.wait_with_output().doing(failed)?;
    if output.status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("{}: {}", failed(), String::from_utf8_lossy(&output.stderr))))
}

/// `env` with the wrappers: set there and not on us, for setpriv must change the user for real.
fn wrapped(mut env: Command, dir: &Path) -> Command {
    env.arg("LD_PRELOAD=libnss_wrapper.so:libuid_wrapper.so").args(["UID_WRAPPER=1", "UID_WRAPPER_ROOT=1"]);
    env.arg(format!("NSS_WRAPPER_PASSWD={}", dir.join("passwd").display()));
    env.arg(format!("NSS_WRAPPER_GROUP={}", dir.join("group").display()));
    env
}
