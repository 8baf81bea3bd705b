//! Finds and installs what is missing from the distribution (Debian and its relatives).
//!
//! Never starts a service of the system, never removes a package.

use crate::failure::{Doing, Failure, Result};
use crate::{files, process};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// What the campus needs.
pub(crate) const CAMPUS: &[&str] = &[
    "dovecot-imapd",
    "dovecot-pop3d",
    "dovecot-lmtpd",
    "dovecot-managesieved",
    "dovecot-sieve",
    "dovecot-ldap",
    "dovecot-submissiond",
    "slapd",
    "ldap-utils",
    "postfix",
    "postfix-ldap",
    // What Cyrus links to; itself it cannot be installed beside Dovecot.
    "libical3",
    "libjansson4",
    "libpcre3",
    "libpq5",
    "libnghttp2-14",
    "libsasl2-modules-db",
    "libwrap0",
    "libxapian30",
    "clamav-daemon",
    "rspamd",
    "samba",
    "smbclient",
    "libnss-wrapper",
    "libuid-wrapper",
    "apache2-bin",
    "ceph-mon",
    "ceph-osd",
    "radosgw",
    "python3-pyftpdlib",
    "python3-openssl",
    "radicale",
    "postgresql",
    "simplesamlphp",
    "php-cli",
    "php-ldap",
    "php-xml",
    "php-curl",
    "php-mbstring",
    "python3-venv",
    "curl",
    "openssl",
    "util-linux",
];

/// What the tests need beside the campus: conformance suites and real clients.
pub(crate) const TESTS: &[&str] = &[
    "litmus",
    "cadaver",
    "rclone",
    "lftp",
    "davfs2",
    "gvfs",
    "gvfs-backends",
    "dbus-daemon",
    "libglib2.0-bin",
    "fuse3",
    "isync",
    "mutt",
    "offlineimap3",
    "swaks",
    "vdirsyncer",
    "khal",
    "khard",
    "todoman",
    "python3-caldav",
    "syncevolution",
    "fetchmail",
    "getmail6",
    "sieve-connect",
    "msmtp",
    "thunderbird",
    "libnet-ssleay-perl",
    "libauthen-sasl-perl",
    "acl",
    "attr",
    "chromium",
    "faketime",
    "xmlsec1",
    "php-cli",
    "php-curl",
    "php-xml",
    "php-xmlrpc",
    // LemonLDAP::NG with those of its recommendations that it does not start without.
    "liblemonldap-ng-portal-perl",
    "libgd-securityimage-perl",
    "libimage-magick-perl",
    "libio-string-perl",
    "libio-socket-timeout-perl",
    "libnet-ldap-perl",
    "libunicode-string-perl",
    "libxml-simple-perl",
    "starman",
    "librpc-xml-perl",
    "liblwp-protocol-https-perl",
];

/// What the OpenID provider and the browser's test run on, where no other node is there already.
pub(crate) const NODE: &[&str] = &["nodejs", "npm"];
/// The oldest node that builds the office, as its `package.json` has it. Debian 12's own is older.
pub(crate) const OLDEST_NODE: (u32, u32) = (20, 19);

/// Whether what `node --version` tells is that or later.
pub(crate) fn is_new_enough(told: &str) -> bool {
    let mut numbers = told.trim().trim_start_matches('v').split('.').map_while(|number| number.parse().ok());
    (numbers.next().unwrap_or(0), numbers.next().unwrap_or(0)) >= OLDEST_NODE
}

/// What `bench peers` measures against.
pub(crate) const PEERS: &[&str] =
    &["nginx", "libnginx-mod-mail", "libnginx-mod-http-dav-ext", "apache2-bin", "perdition", "sogo", "memcached"];

/// apt waits for another apt instead of failing.
const APT: [&str; 6] = ["-y", "-q", "-o", "DPkg::Lock::Timeout=300", "--no-install-recommends", "--no-remove"];
/// Asked by invoke-rc.d before a package starts its service; 101 means no.
const POLICY: &str = "/usr/sbin/policy-rc.d";

/// Installs those of `packages` that are missing; without the right to, says which and fails.
pub(crate) fn ensure(packages: &[&str]) -> Result<()> {
    let missing = missing(packages)?;
    if missing.is_empty() {
        return Ok(());
    }
    let list = missing.join(" ");
    let Some(administrator) = Administrator::find() else {
        return Err(Failure::new(format!(
            "missing packages, and neither root nor sudo to install them. As root: apt-get install --no-install-recommends {list}"
        )));
    };
    println!("installing {list}");
    let _no_services = NoServices::begin(&administrator);
    administrator.preseed("postfix postfix/main_mailer_type select No configuration\n")?;
    if !lists_are_there() {
        process::output(administrator.command("apt-get").args(["-q", "update"]))?;
    }
    let install = || process::output(administrator.command("apt-get").arg("install").args(APT).args(&missing));
    install().or_else(|_| {
        // The lists may be older than what the mirror still holds.
        process::output(administrator.command("apt-get").args(["-q", "update"]))?;
        install()
    })?;
    Ok(())
}

/// Unpacks packages below a folder, without installing them: no script of theirs runs and the system does not change.
pub(crate) fn unpack(packages: &[&str], root: &Path) -> Result<()> {
    files::remove(root)?;
    let parcels = root.join("parcels");
    files::make_folder(&parcels)?;
    // With the proxy settings, through which packages may have to come.
    let fetch = || {
        let mut fetch = Command::new("apt-get");
        fetch.args(["-q", "download"]).args(packages).env("LC_ALL", "C.UTF-8").stdin(Stdio::null());
        process::output(fetch.current_dir(&parcels))
    };
    if let Err(failure) = fetch() {
        // The lists may be older than what the mirror still holds.
        let administrator = Administrator::find().ok_or(failure)?;
        process::output(administrator.command("apt-get").args(["-q", "update"]))?;
        fetch()?;
    }
    let parcels_there = fs::read_dir(&parcels).doing(|| format!("look into {}", parcels.display()))?;
    for parcel in parcels_there.flatten() {
        process::output(process::quiet("dpkg").arg("-x").arg(parcel.path()).arg(root))?;
    }
    files::remove(&parcels)
}

/// Those of `packages` that dpkg does not know as installed.
fn missing<'a>(packages: &[&'a str]) -> Result<Vec<&'a str>> {
    let mut query = process::quiet("dpkg-query");
    query.args(["-W", "-f", "${Package} ${db:Status-Status}\n"]).args(packages);
    // It ends with 1 when one of them is unknown, and still lists the others.
    let answer = query.output().map_err(|_| {
        Failure::new(format!("no dpkg on this system; install by hand what gives: {}", packages.join(" ")))
    })?;
    let answer = String::from_utf8_lossy(&answer.stdout).into_owned();
    let installed = |name: &str| answer.lines().any(|line| line == format!("{name} installed"));
    // Any version of PostgreSQL will do, also one installed without the package that names the default.
    let enough = |name: &str| installed(name) || (name == "postgresql" && super::postgres::programs().is_some());
    Ok(packages.iter().copied().filter(|name| !enough(name)).collect())
}

fn lists_are_there() -> bool {
    let Ok(folder) = fs::read_dir("/var/lib/apt/lists") else { return false };
    folder.flatten().any(|file| {
        file.file_name().to_string_lossy().ends_with("_Packages")
            || file.file_name().to_string_lossy().contains("_Packages.")
    })
}

/// How we get the rights to install.
struct Administrator {
    sudo: bool,
}

impl Administrator {
    fn find() -> Option<Self> {
        let root = process::output(process::quiet("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
        let sudo = !root && process::succeeds(Command::new("sudo").args(["-n", "true"]));
        (root || sudo).then_some(Self { sudo })
    }

    /// A command with all rights. The proxy settings stay: packages may only come through one.
    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(if self.sudo { "sudo" } else { "env" });
        if self.sudo {
            command.arg("-n").arg("--preserve-env=http_proxy,https_proxy").arg("env");
        }
        command.args(["DEBIAN_FRONTEND=noninteractive", "LC_ALL=C.UTF-8", program]).stdin(Stdio::null());
        command
    }

    /// Answers a package's question before it is asked.
    fn preseed(&self, answer: &str) -> Result<()> {
        let failed = |cause: std::io::Error| Failure::new(format!("answer debconf's questions: {cause}"));
        let mut child = self.command("debconf-set-selections").stdin(Stdio::piped()).spawn().map_err(failed)?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(answer.as_bytes()).map_err(failed)?;
        }
        child.wait().map_err(failed)?;
        Ok(())
    }
}

/// While it lives, packages that are installed start no service, so that no SMTP or SMB server appears on
/// the machine's own ports.
struct NoServices<'a> {
    ours: Option<(&'a Administrator, PathBuf)>,
}

impl<'a> NoServices<'a> {
    fn begin(administrator: &'a Administrator) -> Self {
        let policy = Path::new(POLICY);
        if policy.exists() {
            return Self { ours: None };
        }
        let script = format!("printf '#!/bin/sh\\nexit 101\\n' > {POLICY} && chmod 755 {POLICY}");
        let made = process::succeeds(administrator.command("sh").args(["-c", &script]));
        Self { ours: made.then(|| (administrator, policy.to_path_buf())) }
    }
}

impl Drop for NoServices<'_> {
    fn drop(&mut self) {
        if let Some((administrator, policy)) = &self.ours {
            process::succeeds(administrator.command("rm").arg("-f").arg(policy));
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;

    #[test]
    fn only_what_is_not_installed_is_missing() {
        if !Path::new("/usr/bin/dpkg-query").exists() {
            return;
        }
        assert_eq!(missing(&["dpkg", "no-such-package-by-this-name"]).unwrap(), ["no-such-package-by-this-name"]);
    }

    #[test]
    fn which_node_builds_the_office() {
        for (told, expected) in [
            ("v20.19.0\n", true),
            ("v22.1.0", true),
            ("v20.18.3", false),
            ("v18.20.4\n", false),
            ("", false),
            ("node", false),
        ] {
            assert_eq!(is_new_enough(told), expected, "{told}");
        }
    }
}
