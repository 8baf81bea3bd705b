//! People of the campus with a home and a shell of their own, and the helper that acts as them.

use crate::harness::{Answer, Gateway, State, binary, campus, curl, eventually, run, try_run};
use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt},
    path::{Path, PathBuf},
    process::{Child, Command, Output},
};

/// The account of the gateway: the campus's own, which owns no home.
pub const ACCOUNT: &str = "campus";

/// The helper's process.
pub struct Helper {
    pub child: Child,
    log: PathBuf,
}

impl Helper {
    pub fn start(dir: &Path, below: &Path, more: &[&str]) -> Self {
        let log = dir.join("hands.log");
        let file = fs::OpenOptions::new().create(true).append(true).open(&log).unwrap();
        let before = fs::read_to_string(&log).unwrap().matches("hands are ready").count();
        // With no more powers than the unit in docs/OWNER.md gives it.
        let child = Command::new("setpriv")
            .args(["--bounding-set=-all,+chown,+setgid,+setuid", "--no-new-privs"])
            .arg(binary())
            .arg("hands")
            .arg("--socket")
            .arg(dir.join("hands"))
            .args(["--serve", ACCOUNT, "--below"])
            .arg(below)
            .args(more)
            .stderr(file)
            .spawn()
            .unwrap();
        let helper = Self { child, log };
        eventually("the helper listens", || helper.log().matches("hands are ready").count() > before);
        helper
    }

    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Somebody with a home and a shell.
pub struct Person {
    pub uid: String,
    pub gid: String,
    pub home: PathBuf,
}

impl Person {
    /// By the numbers that the directory has; the home is made, for its owner only.
    pub fn find(gateway: &Gateway, login: &str) -> Self {
        let entry = run(
            "ldapsearch",
            &[
                "-LLL",
                "-x",
                "-H",
                &format!("ldap://127.0.0.1:{}", campus("CAMPUS_LDAP_A")),
                "-D",
                "cn=gateway,ou=services,dc=a,dc=test",
                "-w",
                "svc-gateway",
                "-b",
                "ou=people,dc=a,dc=test",
                &format!("(uid={login})"),
                "uidNumber",
                "gidNumber",
            ],
        );
        let number = |name: &str| entry.lines().find_map(|line| line.strip_prefix(name)).unwrap().to_owned();
        let (uid, gid) = (number("uidNumber: "), number("gidNumber: "));
        let home = gateway.home("garonne", login);
        fs::create_dir_all(&home).unwrap();
        fs::set_permissions(&home, fs::Permissions::from_mode(0o700)).unwrap();
        run("chown", &[&format!("{uid}:{gid}"), home.to_str().unwrap()]);
        Self { uid, gid, home }
    }

    /// What their own shell says, in their home.
    #[track_caller]
    pub fn shell(&self, script: &str) -> String {
        let output = as_numbers(&self.uid, &self.gid, &format!("cd {:?} && {script}", self.home));
        assert!(output.status.success(), "{script}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    pub fn facts(&self, path: &str) -> Facts {
        Facts::of(&self.home.join(path))
    }
}

/// A shell of somebody who logged in.
pub fn as_numbers(uid: &str, gid: &str, script: &str) -> Output {
    try_run("setpriv", &["--reuid", uid, "--regid", gid, "--clear-groups", "sh", "-c", script])
}

/// What belongs to a file and not to its content.
#[derive(Debug, PartialEq, Eq)]
pub struct Facts {
    pub owner: String,
    pub mode: u32,
    pub acl: String,
    pub attributes: String,
}

impl Facts {
    fn of(path: &Path) -> Self {
        let seen = fs::symlink_metadata(path).unwrap();
        let text = path.to_str().unwrap();
        Self {
            owner: format!("{}:{}", seen.uid(), seen.gid()),
            mode: seen.mode() & 0o7777,
            acl: run("getfacl", &["-cpn", text]),
            attributes: run("getfattr", &["--absolute-names", "--only-values", "-m", "^user\\.", text]),
        }
    }
}

/// A gateway that acts as the owners in garonne, and its helper; `None`, with the reason said, where nobody can become
/// somebody else.
pub fn start(name: &str, more: &[&str]) -> Option<(Gateway, Helper)> {
    start_with(name, more, str::to_owned)
}

/// The same with a change to garonne's settings.
pub fn start_with(name: &str, more: &[&str], change: impl FnOnce(&str) -> String) -> Option<(Gateway, Helper)> {
    if run("id", &["-u"]).trim() != "0" {
        eprintln!("not tried: the helper changes its ids, and only root can");
        return None;
    }
    let gateway = Gateway::start_as(name, Some(ACCOUNT), &State::Sqlite, |config| {
        let settings = config.join("institutions/garonne/institution.toml");
        let socket = config.parent().unwrap().join("hands");
        let text = change(&fs::read_to_string(&settings).unwrap());
        fs::write(&settings, format!("{text}act_as = \"owner\"\nhands = {socket:?}\n")).unwrap();
    });
    // Autan's files are the gateway's own, as everywhere else.
    run("chown", &[ACCOUNT, gateway.dir.join("files/autan").to_str().unwrap()]);
    let helper = Helper::start(&gateway.dir, &gateway.dir.join("files/garonne"), more);
    Some((gateway, helper))
}

#[track_caller]
pub fn dav(gateway: &Gateway, who: &str, method: &str, path: &str, more: &[&str]) -> Answer {
    curl(gateway, "localhost", Some(who), method, &format!("/dav/files/{path}"), more)
}

/// Where a COPY or MOVE goes.
pub fn to(gateway: &Gateway, path: &str) -> String {
    format!("Destination: https://localhost:{}/dav/files/{path}", gateway.https)
}
