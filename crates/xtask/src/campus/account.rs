//! The system user that the campus runs as, and commands in its name.
//!
//! Started by root, the servers run as the system user `campus`, which is made when it is missing; only
//! Postfix keeps root for its master. Started by anyone else, they run as that person.

use crate::failure::{Doing, Failure, Result};
use crate::process;
use std::ffi::OsStr;
use std::path::Path;
use std::process::Command;

const SYSTEM_USER: &str = "campus";

/// Who owns the servers and their folder.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) user: String,
    pub(crate) group: String,
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// We are root: commands in this name go through setpriv.
    pub(crate) from_root: bool,
}

impl Account {
    /// The account to use; makes the system user when we are root and it is missing.
    pub(crate) fn find() -> Result<Self> {
        let from_root = id(&["-u"])? == "0";
        let user = if from_root { SYSTEM_USER.to_owned() } else { id(&["-un"])? };
        if from_root && !process::succeeds(Command::new("id").arg(&user)) {
            let mut useradd = process::quiet("useradd");
            useradd.args(["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent"]);
            process::output(useradd.args(["--shell", "/usr/sbin/nologin", &user]))?;
        }
        let number = |option: &str| -> Result<u32> {
            id(&[option, &user])?.parse().doing(|| format!("read the number of the user {user}"))
        };
        Ok(Self { uid: number("-u")?, gid: number("-g")?, group: id(&["-gn", &user])?, user, from_root })
    }

    /// A command in this account's name.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        if !self.from_root {
            return process::quiet(program);
        }
        let mut command = process::quiet("setpriv");
        self.drop_rights(&mut command);
        command.arg(program);
        command
    }

    /// The same, in a session of its own: a daemon that Ctrl-C at the terminal does not reach.
    pub(crate) fn daemon(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = process::quiet("setsid");
        if self.from_root {
            command.arg("setpriv");
            self.drop_rights(&mut command);
        }
        command.arg(program);
        command
    }

    fn drop_rights(&self, setpriv: &mut Command) {
        setpriv.arg(format!("--reuid={}", self.uid)).arg(format!("--regid={}", self.gid)).arg("--clear-groups");
    }

    /// Gives a file or a whole folder to this account.
    pub(crate) fn own(&self, path: &Path) -> Result<()> {
        if !self.from_root {
            return Ok(());
        }
        let owner = format!("{}:{}", self.user, self.group);
        process::output(process::quiet("chown").args(["-R", &owner]).arg(path)).map(drop)
    }

    /// Whether this account can get into the folder.
    pub(crate) fn can_enter(&self, folder: &Path) -> bool {
        process::succeeds(self.command("test").arg("-x").arg(folder).current_dir("/"))
    }
}

fn id(arguments: &[&str]) -> Result<String> {
    let answer = process::output(process::quiet("id").args(arguments))?.trim().to_owned();
    if answer.is_empty() {
        return Err(Failure::new(format!("id {} answered nothing", arguments.join(" "))));
    }
    Ok(answer)
}
