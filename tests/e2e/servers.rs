//! Servers of a test's own, run as the campus runs its servers.

use crate::harness::{campus, eventually, run, try_run};
use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

/// A server of a test's own, ended with it.
pub struct Server(Child);

impl Drop for Server {
    fn drop(&mut self) {
        // The whole group: some servers have children.
        let _ = try_run("kill", &["--", &format!("-{}", self.0.id())]);
        let _ = self.0.wait();
    }
}

/// Runs a server as the campus's servers run, until it listens.
pub fn serve(folder: &Path, port: u16, program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Server {
    let user = campus("CAMPUS_USER");
    let from_root = run("id", &["-u"]).trim() == "0";
    let mut command = if from_root {
        run("chown", &["-R", user, folder.to_str().unwrap()]);
        let mut command = Command::new("setpriv");
        command.args(["--reuid", user, "--regid", user, "--clear-groups", program]);
        command
    } else {
        Command::new(program)
    };
    let log = fs::File::create(folder.join("said")).unwrap();
    command.args(arguments).envs(environment.iter().copied()).current_dir(folder).process_group(0);
    let child = command.stdin(Stdio::null()).stdout(log.try_clone().unwrap()).stderr(log).spawn().expect(program);
    let server = Server(child);
    eventually(program, || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
    server
}

/// A port that nobody listens on just now.
pub fn free_port() -> u16 {
    TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port()
}

/// A server's folder in the campus.
pub fn campus_folder(name: &str) -> PathBuf {
    Path::new(campus("CAMPUS_DIR")).join(name)
}
