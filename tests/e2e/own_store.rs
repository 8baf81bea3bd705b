//! A Dovecot of a test's own, which may be killed, started again, and be full. Anybody's password opens it, so does the gateway's.

use crate::harness::eventually;
use std::{
    fs,
    net::{Ipv4Addr, TcpStream},
    os::unix::process::CommandExt,
    path::PathBuf,
    process::{Child, Command, Stdio},
};

/// The server, which ends with this.
pub struct Dovecot {
    dir: PathBuf,
    pub port: u16,
    child: Option<Child>,
}

impl Dovecot {
    /// Starts one in a folder; `more` goes behind its settings.
    pub fn start(dir: PathBuf, port: u16, more: &str) -> Self {
        fs::create_dir_all(&dir).unwrap();
        let at = dir.display();
        let settings = format!(
            r"base_dir = {at}/run
state_dir = {at}/state
instance_name = own
log_path = {at}/log
protocols = imap
listen = 127.0.0.1
default_internal_user = campus
default_internal_group = campus
default_login_user = campus
first_valid_uid = 1
first_valid_gid = 1
mail_uid = campus
mail_gid = campus
mail_home = {at}/mail/%n
mail_location = maildir:~/Maildir
auth_username_format = %Ln
ssl = no
disable_plaintext_auth = no
login_trusted_networks = 127.0.0.0/8
mail_max_userip_connections = 1000
imap_idle_notify_interval = 29 mins
passdb {{
  driver = static
  args = password=gw-secret
  master = yes
  result_success = continue
}}
passdb {{
  driver = static
  args = nopassword=y
}}
userdb {{
  driver = static
}}
service anvil {{
  chroot =
}}
service auth {{
  chroot =
  user = campus
}}
service stats {{
  chroot =
}}
service imap-login {{
  chroot =
  service_count = 0
  client_limit = 4000
  process_limit = 1
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service imap {{
  process_limit = 2048
}}
{more}
"
        );
        fs::write(dir.join("dovecot.conf"), settings).unwrap();
        fs::create_dir_all(dir.join("mail")).unwrap();
        let _ = Command::new("chown").args(["-R", "campus"]).arg(&dir).status();
        let mut dovecot = Self { dir, port, child: None };
        dovecot.run();
        dovecot
    }

    pub fn run(&mut self) {
        let child = Command::new("dovecot")
            .args(["-F", "-c"])
            .arg(self.dir.join("dovecot.conf"))
            .process_group(0)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.child = Some(child);
        eventually("dovecot listens", || TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_ok());
    }

    /// `kill -9`, with all that it started.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = Command::new("pkill").args(["-KILL", "-g", &child.id().to_string()]).status();
            child.wait().unwrap();
        }
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        self.kill();
    }
}
