//! OpenSSH's sshd, for files alone: unpacked beside the system's packages, without root and without Unix users
//! (nss_wrapper stands in), for the same people as Samba's.

use super::{Site, install, samba};
use crate::failure::Result;
use crate::{files, process};

/// The package; what it links to is part of every system that has a client.
const PACKAGES: [&str; 1] = ["openssh-server"];

/// Unpacks it the first time, makes keys, and starts it.
pub(super) fn start(site: &mut Site) -> Result<()> {
    let root = site.dir.join("sshd-root");
    if !root.join("made").exists() {
        install::unpack(&PACKAGES, &root)?;
        files::write(&root.join("made"), "", files::PUBLIC)?;
    }
    let dir = site.folder("sftp")?;
    for folder in ["run", "log", "keys", "empty"] {
        files::make_folder(&dir.join(folder))?;
    }
    for name in samba::PEOPLE {
        files::make_folder(&dir.join("homes").join(name))?;
    }
    site.once(&dir, |_| {
        for key in ["host", "gateway"] {
            let mut make = process::quiet("ssh-keygen");
            make.args(["-q", "-t", "ed25519", "-N", "", "-C", key, "-f"]).arg(dir.join(key));
            process::output(&mut make)?;
        }
        let public = files::read(&dir.join("gateway.pub"))?;
        files::write(&dir.join("keys/gateway"), public, files::PUBLIC)
    })?;
    let account = &site.account;
    let (uid, gid) = (account.uid, account.gid);
    let (mut passwd, mut shadow) = (String::new(), String::new());
    for name in samba::PEOPLE {
        passwd.push_str(&format!("{name}:x:{uid}:{gid}::{}/homes:/bin/sh\n", dir.display()));
        let mut hash = process::quiet("openssl");
        hash.args(["passwd", "-6", "-salt", "campus", &format!("pw-{name}")]);
        shadow.push_str(&format!("{name}:{}:19000:0:99999:7:::\n", process::output(&mut hash)?.trim()));
    }
    files::write(&dir.join("passwd"), passwd, files::PUBLIC)?;
    files::write(&dir.join("group"), format!("{}:x:{gid}:\n", account.group), files::PUBLIC)?;
    files::write(&dir.join("shadow"), shadow, files::SECRET)?;
    let text = site.values(&dir).fill("sshd.conf", include_str!("../../campus/sshd.conf"))?;
    files::write(&dir.join("sshd.conf"), text, files::PUBLIC)?;
    site.account.own(&dir)?;
    let mut sshd = site.account.daemon("env");
    sshd.arg("LD_PRELOAD=libnss_wrapper.so");
    for (name, file) in [("PASSWD", "passwd"), ("GROUP", "group"), ("SHADOW", "shadow")] {
        sshd.arg(format!("NSS_WRAPPER_{name}={}", dir.join(file).display()));
    }
    sshd.arg(root.join("usr/sbin/sshd")).args(["-D", "-e", "-f"]).arg(dir.join("sshd.conf")).current_dir(&dir);
    site.daemons.start("sftp", &mut sshd, &dir.join("log/out"), site.ports.sftp())
}
