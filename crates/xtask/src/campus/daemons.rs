//! The servers of a campus that were started: name, pid and start time, in the file `pids`.
//!
//! The start time tells a server from a later process with the same pid, the boot from an earlier one, so
//! that nothing but what this campus started is ever signalled.

use crate::failure::{Doing, Failure, Result};
use crate::{files, process};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// How long a server may take to listen. A cold CAS server on a busy machine needs a few seconds.
const START: Duration = Duration::from_secs(60);
/// How long a server may take to end before it is killed.
const STOP: Duration = Duration::from_secs(10);

/// What runs, as the file says.
#[derive(Debug)]
pub(crate) struct Daemons {
    file: PathBuf,
    boot: String,
    list: Vec<Daemon>,
}

/// One server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Daemon {
    pub(crate) name: String,
    pub(crate) pid: u32,
    started: u64,
}

impl Daemon {
    /// Whether this very process still runs.
    pub(crate) fn runs(&self) -> bool {
        process::start_time(self.pid) == Some(self.started)
    }
}

impl Daemons {
    /// Reads the file `pids` of the folder; what an earlier boot left is dropped.
    pub(crate) fn load(folder: &Path) -> Result<Self> {
        let file = folder.join("pids");
        let boot = files::read(Path::new("/proc/sys/kernel/random/boot_id"))?.trim().to_owned();
        let text = files::read_if_there(&file)?.unwrap_or_default();
        let list = parse(&text, &boot);
        Ok(Self { file, boot, list })
    }

    pub(crate) fn list(&self) -> &[Daemon] {
        &self.list
    }

    /// Whether there are servers and all of them run.
    pub(crate) fn all_run(&self) -> bool {
        !self.list.is_empty() && self.list.iter().all(Daemon::runs)
    }

    /// Whether any of them runs.
    pub(crate) fn any_runs(&self) -> bool {
        self.list.iter().any(Daemon::runs)
    }

    /// Starts a server that stays in the foreground, its output in `log`, and waits until it listens.
    pub(crate) fn start(&mut self, name: &str, command: &mut Command, log: &Path, port: u16) -> Result<()> {
        if process::listening(port) {
            return Err(Failure::new(format!("{name}: something listens on port {port} already")));
        }
        let pid = self.spawn(name, command, log)?;
        let listens = process::wait_until(START, || process::listening(port) || process::start_time(pid).is_none());
        if listens && process::listening(port) {
            return Ok(());
        }
        let words = files::read_if_there(log)?.unwrap_or_default();
        Err(Failure::new(format!(
            "{name} does not listen on port {port}; see {}: {}",
            log.display(),
            process::tail(&words)
        )))
    }

    /// Starts a server without waiting for it.
    pub(crate) fn spawn(&mut self, name: &str, command: &mut Command, log: &Path) -> Result<u32> {
        // A daemon that kept our standard output would keep a reader of ours waiting for ever.
        let out = files::create(log)?;
        let errors = out.try_clone().doing(|| format!("share {}", log.display()))?;
        let child =
            command.stdin(Stdio::null()).stdout(out).stderr(errors).spawn().doing(|| format!("start {name}"))?;
        self.add(name, child.id())?;
        Ok(child.id())
    }

    /// Notes a server that went to the background by itself; its pid file may come after its port.
    pub(crate) fn adopt(&mut self, name: &str, pid_file: &Path) -> Result<()> {
        let mut pid = None;
        process::wait_until(START, || {
            let text = std::fs::read_to_string(pid_file).unwrap_or_default();
            pid = text.trim().parse().ok().filter(|pid| process::start_time(*pid).is_some());
            pid.is_some()
        });
        match pid {
            Some(pid) => self.add(name, pid),
            None => Err(Failure::new(format!("{name} left no pid in {}", pid_file.display()))),
        }
    }

    fn add(&mut self, name: &str, pid: u32) -> Result<()> {
        let started = process::start_time(pid).ok_or_else(|| Failure::new(format!("{name} ended at once")))?;
        self.list.push(Daemon { name: name.to_owned(), pid, started });
        self.save()
    }

    /// Ends all of them, by pid; what does not go is killed and named.
    pub(crate) fn stop(&mut self) -> Result<()> {
        for daemon in self.list.iter().filter(|daemon| daemon.runs()) {
            // PostgreSQL takes TERM as "when the last client has gone", INT as "now, and cleanly".
            process::signal(daemon.pid, if daemon.name == "postgres" { "INT" } else { "TERM" });
        }
        process::wait_until(STOP, || !self.any_runs());
        for daemon in self.list.iter().filter(|daemon| daemon.runs()) {
            println!("{} (pid {}) did not end in {} s: killed", daemon.name, daemon.pid, STOP.as_secs());
            process::signal(daemon.pid, "KILL");
        }
        if !process::wait_until(STOP, || !self.any_runs()) {
            return Err(Failure::new(format!("still there after KILL: see {}", self.file.display())));
        }
        self.list.clear();
        files::remove(&self.file)
    }

    fn save(&self) -> Result<()> {
        let mut text = format!("boot {}\n", self.boot);
        for daemon in &self.list {
            text.push_str(&format!("{} {} {}\n", daemon.name, daemon.pid, daemon.started));
        }
        files::write(&self.file, text, files::PUBLIC)
    }
}

/// `boot <id>`, then `name pid start` on each line.
fn parse(text: &str, boot: &str) -> Vec<Daemon> {
    let mut lines = text.lines();
    if lines.next().and_then(|line| line.strip_prefix("boot ")) != Some(boot) {
        return Vec::new();
    }
    lines
        .filter_map(|line| {
            let mut words = line.split(' ');
            Some(Daemon {
                name: words.next()?.to_owned(),
                pid: words.next()?.parse().ok()?,
                started: words.next()?.parse().ok()?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pids_of_an_earlier_boot_are_nobodys() {
        let text = "boot one\nslapd-a 12 345\n";
        let slapd = Daemon { name: "slapd-a".to_owned(), pid: 12, started: 345 };
        assert_eq!(parse(text, "one"), [slapd]);
        assert_eq!(parse(text, "two"), []);
        assert_eq!(parse("", "one"), []);
    }

    #[test]
    fn a_process_with_another_start_time_is_not_ours() {
        let pid = std::process::id();
        let started = process::start_time(pid).unwrap_or_default();
        assert!(Daemon { name: "x".to_owned(), pid, started }.runs());
        assert!(!Daemon { name: "x".to_owned(), pid, started: started + 1 }.runs());
    }
}
