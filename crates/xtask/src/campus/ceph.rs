//! A Ceph of one monitor, one OSD and one radosgw, for institution C's files behind S3, in clear and under TLS.
//!
//! It is made anew at each start, which takes a second: what the OSD holds is in memory, and gone with it.

use super::Site;
use crate::failure::{Failure, Result};
use crate::{files, process};
use std::path::Path;
use std::process::Command;

/// The bucket that is there, and what opens it: key, secret.
pub(super) const BUCKET: &str = "homes";
pub(super) const KEY: (&str, &str) = ("campus-gateway", "pw-gateway");
/// Another account, which may do nothing there.
const STRANGER: (&str, &str) = ("campus-stranger", "pw-stranger");
/// The OSD's only name.
const OSD: &str = "5a9e2c1e-0000-4000-8000-000000000001";

/// Starts it.
pub(super) fn start(site: &mut Site) -> Result<()> {
    files::remove(&site.dir.join("ceph"))?;
    let dir = site.folder("ceph")?;
    for folder in ["mon", "osd", "run", "log"] {
        files::make_folder(&dir.join(folder))?;
    }
    for file in ["srv.pem", "srv.key"] {
        files::write(&dir.join(file), files::read(&site.ca().join(file))?, files::SECRET)?;
    }
    let text = site.values(&dir).fill("ceph.conf", include_str!("../../campus/ceph.conf"))?;
    files::write(&dir.join("ceph.conf"), text, files::PUBLIC)?;
    files::write(&dir.join("keyring"), include_str!("../../campus/ceph.keyring"), files::SECRET)?;
    site.account.own(&dir)?;

    let ports = site.ports;
    let account = site.account.clone();
    let run = |program: &str, arguments: &[&str]| {
        let mut command = account.command(program);
        process::output(of(&mut command, &dir).args(arguments)).map(drop)
    };
    let monitor = format!("[v2:127.0.0.1:{}]", ports.ceph_mon());
    run("monmaptool", &["--create", "--clobber", "--addv", "a", &monitor, "monmap"])?;
    run("ceph-mon", &["-i", "a", "--mkfs", "--monmap", "monmap"])?;
    let mut mon = site.account.daemon("/usr/bin/ceph-mon");
    of(&mut mon, &dir).args(["-f", "-i", "a"]);
    site.daemons.start("ceph-mon", &mut mon, &dir.join("log/mon"), ports.ceph_mon())?;

    run("ceph", &["osd", "new", OSD])?;
    run("ceph-osd", &["-i", "0", "--mkfs", "--osd-uuid", OSD])?;
    let mut osd = site.account.daemon("/usr/bin/ceph-osd");
    of(&mut osd, &dir).args(["-f", "-i", "0"]);
    site.daemons.start("ceph-osd", &mut osd, &dir.join("log/osd"), ports.ceph_osd())?;
    let mut rgw = site.account.daemon("/usr/bin/radosgw");
    of(&mut rgw, &dir).args(["-f", "-n", "client.rgw"]);
    site.daemons.start("radosgw", &mut rgw, &dir.join("log/rgw"), ports.s3())?;

    for (name, (key, secret)) in [("gateway", KEY), ("stranger", STRANGER)] {
        let mut user = site.account.command("radosgw-admin");
        of(&mut user, &dir).args(["user", "create", "--uid", name, "--display-name", name]);
        process::output(user.args(["--access-key", key, "--secret-key", secret]))?;
    }
    let (made, words) = process::words(s3(site, KEY, BUCKET).args(["-f", "-X", "PUT"]));
    if made { Ok(()) } else { Err(Failure::new(format!("make the bucket {BUCKET}: {words}"))) }
}

/// A program of Ceph, with the settings of this one.
fn of<'a>(command: &'a mut Command, dir: &Path) -> &'a mut Command {
    command.arg("-c").arg(dir.join("ceph.conf")).current_dir(dir).env("HOME", dir)
}

/// curl, which signs requests as S3 wants them.
pub(super) fn s3(site: &Site, (key, secret): (&str, &str), path: &str) -> Command {
    let mut command = process::quiet("curl");
    command.args(["-sS", "--noproxy", "*", "--aws-sigv4", "aws:amz:default:s3", "--user", &format!("{key}:{secret}")]);
    // radosgw takes no signature that says nothing of the body.
    command.args(["-H", "x-amz-content-sha256: UNSIGNED-PAYLOAD"]);
    command.arg(format!("http://127.0.0.1:{}/{path}", site.ports.s3()));
    command
}
