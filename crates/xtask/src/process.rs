//! Running other programs, and watching the ones that stay: by pid and start time, never by name.

use crate::failure::{Doing, Failure, Result};
use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// How often something that has to come true is looked at.
const POLL: Duration = Duration::from_millis(20);
/// How long one attempt to connect may take; everything is on this machine.
const CONNECT: Duration = Duration::from_millis(250);
/// How much of a failed program's last words is repeated.
const LAST_WORDS: usize = 2000;

/// Settings of the surroundings that would send local requests through a proxy.
const PROXY_VARIABLES: [&str; 6] = ["http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"];

/// A command that reads nothing, speaks English and uses no proxy.
pub(crate) fn quiet(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).env("LC_ALL", "C.UTF-8").env("PYTHONDONTWRITEBYTECODE", "1");
    for name in PROXY_VARIABLES {
        command.env_remove(name);
    }
    command
}

/// Runs to the end with the terminal's own output; anything but success is a failure.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.status().doing(|| format!("start {}", shown(command)))?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::new(format!("{} ended with {status}", shown(command))))
}

/// Runs to the end and answers standard output; on failure its last words are in the message.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command.output().doing(|| format!("start {}", shown(command)))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let mut words = String::from_utf8_lossy(&output.stdout).into_owned();
    words.push_str(&String::from_utf8_lossy(&output.stderr));
    Err(Failure::new(format!("{} ended with {}: {}", shown(command), output.status, tail(&words))))
}

/// Runs to the end with this as standard input, as [`output`] does.
pub(crate) fn output_with(command: &mut Command, input: &str) -> Result<()> {
    let doing = format!("run {}", shown(command));
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().doing(|| doing.clone())?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(input.as_bytes()).doing(|| doing.clone())?;
    }
    let output = child.wait_with_output().doing(|| doing.clone())?;
    if output.status.success() {
        return Ok(());
    }
    let words = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(Failure::new(format!("{doing} ended with {}: {}", output.status, tail(&words))))
}

/// Both outputs of a program that may fail, without a judgement.
pub(crate) fn words(command: &mut Command) -> (bool, String) {
    match command.output() {
        Ok(output) => {
            let mut words = String::from_utf8_lossy(&output.stdout).into_owned();
            words.push_str(&String::from_utf8_lossy(&output.stderr));
            (output.status.success(), words)
        }
        Err(cause) => (false, format!("start {}: {cause}", shown(command))),
    }
}

/// Whether the program ran and ended well; its output is dropped.
pub(crate) fn succeeds(command: &mut Command) -> bool {
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

/// The last lines of a long text, for a message.
pub(crate) fn tail(text: &str) -> &str {
    let text = text.trim();
    let mut start = text.len().saturating_sub(LAST_WORDS);
    while !text.is_char_boundary(start) {
        start += 1;
    }
    text.get(start..).unwrap_or(text)
}

/// When the process started, in ticks since boot; `None` when it is gone or only waits to be reaped.
pub(crate) fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // proc(5): the name is in parentheses and may contain anything, so count from the last one.
    let fields = stat.rsplit_once(')')?.1;
    let mut fields = fields.split_whitespace();
    if fields.next()? == "Z" {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

/// Sends a signal by its name (`TERM`, `INT`, `HUP`); a process that is gone already is no failure.
pub(crate) fn signal(pid: u32, name: &str) {
    succeeds(Command::new("kill").arg(format!("-{name}")).arg(pid.to_string()));
}

/// Whether something accepts connections on this port of 127.0.0.1.
pub(crate) fn listening(port: u16) -> bool {
    TcpStream::connect_timeout(&SocketAddr::from((Ipv4Addr::LOCALHOST, port)), CONNECT).is_ok()
}

/// Looks again and again until `ready` answers yes; `false` when the limit has passed first.
pub(crate) fn wait_until(limit: Duration, mut ready: impl FnMut() -> bool) -> bool {
    let start = Instant::now();
    loop {
        if ready() {
            return true;
        }
        if start.elapsed() > limit {
            return false;
        }
        thread::sleep(POLL);
    }
}

/// The command line as one would type it.
fn shown(command: &Command) -> String {
    let mut text = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn own_process_has_a_start_time_and_a_reaped_one_has_none() {
        assert!(start_time(std::process::id()).is_some());
        let mut child = Command::new("true").spawn().unwrap();
        child.wait().unwrap();
        assert_eq!(start_time(child.id()), None);
    }

    #[test]
    fn tail_keeps_whole_characters() {
        let text = "é".repeat(LAST_WORDS);
        assert!(tail(&text).len() <= LAST_WORDS);
        assert!(tail(&text).chars().all(|c| c == 'é'));
    }

    #[test]
    fn failure_repeats_the_last_words() {
        let failure = output(Command::new("sh").args(["-c", "echo why >&2; exit 3"])).unwrap_err();
        assert!(failure.to_string().contains("why"), "{failure}");
    }
}
