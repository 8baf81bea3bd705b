//! The servers that are measured, each with its configuration from `bench/`, all on 127.0.0.1 below `target/bench`.

use crate::campus::{self, Daemons};
use crate::failure::{Doing, Failure, Result};
use crate::template::Values;
use crate::{files, process};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Ports of the sides; the campus has its own.
pub(crate) const CANNED: u16 = 28_143;
pub(crate) const GATEWAY_HTTP: u16 = 28_080;
/// A second gateway that does not wait for the disk.
pub(crate) const BRISK_HTTP: u16 = 28_580;
/// A third one, for portals.
pub(crate) const PORTAL_HTTP: u16 = 28_680;
pub(crate) const APACHE: u16 = 28_081;
pub(crate) const NGINX_FILES: u16 = 28_084;
pub(crate) const RCLONE: u16 = 28_085;
/// A gateway in front of the campus's own Dovecot.
pub(crate) const MAIL_HTTP: u16 = 28_780;
pub(crate) const MAIL_HTTPS: u16 = 28_785;
pub(crate) const SOGO: u16 = 28_086;
/// The web server before it.
pub(crate) const SOGO_WEB: u16 = 28_088;
const MEMCACHED: u16 = 28_087;
/// A gateway in front of the campus's Radicale.
pub(crate) const CALENDARS_DAV: u16 = 31_080;
/// A gateway whose calendars are files.
pub(crate) const CALENDARS_FILES: u16 = 32_080;
/// A gateway in front of the campus's Samba.
pub(crate) const SAMBA_HTTP: u16 = 29_080;
const NGINX_AUTH: u16 = 28_082;
const METRICS: u16 = 28_083;

/// The first port of several gateways.
const MANY: u16 = 29_600;

/// The proxies.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Kind {
    Gateway,
    Dovecot,
    Nginx,
    Perdition,
}

impl Kind {
    pub(crate) const ALL: [Self; 4] = [Self::Gateway, Self::Dovecot, Self::Nginx, Self::Perdition];
    /// Those that serve many connections with one process.
    pub(crate) const WITH_FEW_PROCESSES: [Self; 3] = [Self::Gateway, Self::Dovecot, Self::Nginx];
}

/// A proxy: where it takes clear and TLS connections, and its first process.
pub(crate) struct Proxy {
    pub(crate) name: &'static str,
    pub(crate) plain: u16,
    /// `None` when it takes none.
    pub(crate) tls: Option<u16>,
    pub(crate) pid: u32,
}

/// Everything that was started, ended by pid when dropped or told to.
pub(crate) struct Sides {
    daemons: Daemons,
    pub(crate) dir: PathBuf,
    values: Values,
    /// Canned stores that serve one gateway of several each.
    stores: u16,
}

impl Sides {
    /// Prepares the folder; the campus must be up.
    pub(crate) fn prepare(root: &Path, dir: &Path, campus_dir: &Path) -> Result<Self> {
        let mut values = campus::environment(campus_dir)?;
        values.set("DIR", dir.display()).set("CONFIG_DIR", dir.join("config").display());
        values.set("CA_DIR", campus_dir.join("ca").display());
        for (name, port) in [
            ("CANNED", CANNED),
            ("GATEWAY_HTTP", GATEWAY_HTTP),
            ("GATEWAY_IMAP", 28_243),
            ("GATEWAY_IMAPS", 28_293),
            ("DOVECOT_IMAP", 28_343),
            ("DOVECOT_IMAPS", 28_393),
            ("NGINX_IMAP", 28_443),
            ("NGINX_IMAPS", 28_493),
            ("NGINX_AUTH", NGINX_AUTH),
            ("PERDITION_IMAP", 28_543),
            ("PERDITION_IMAPS", 28_593),
            ("APACHE", APACHE),
            ("NGINX_FILES", NGINX_FILES),
            ("SOGO", SOGO),
            ("SOGO_WEB", SOGO_WEB),
            ("METRICS", METRICS),
        ] {
            values.set(name, port);
        }
        values
            .set("GROUP", process::output(process::quiet("id").args(["-gn", value(&values, "CAMPUS_USER")?]))?.trim());
        let mut daemons = Daemons::load(dir)?;
        daemons.stop()?;
        crate::tree::fill(&root.join("crates/xtask/bench"), &dir.join("config"), &values)?;
        // Settings are private; those of the peers hold no secret, and the campus's user reads them.
        files::set_mode(&dir.join("config"), 0o755)?;
        for name in [
            "dovecot.conf",
            "nginx.conf",
            "nginx-files.conf",
            "nginx-files.users",
            "nginx-sogo.conf",
            "apache.conf",
            "perdition.sh",
        ] {
            files::set_mode(&dir.join("config").join(name), 0o644)?;
        }
        for folder in ["state", "files/u00001", "dovecot", "nginx", "apache/run", "apache/log", "apache/htdocs", "sogo"]
        {
            files::make_folder(&dir.join(folder))?;
        }
        let owner = value(&values, "CAMPUS_USER")?;
        for folder in ["dovecot", "nginx", "apache", "files", "sogo"] {
            // As root, the peers run as the campus's user, like all servers of the campus.
            process::succeeds(Command::new("chown").args(["-R", owner]).arg(dir.join(folder)));
        }
        Ok(Self { daemons, dir: dir.to_path_buf(), values, stores: 0 })
    }

    fn start(&mut self, name: &str, command: &mut Command, port: u16) -> Result<u32> {
        let log = self.dir.join(format!("{name}.log"));
        self.daemons.start(name, command, &log, port)?;
        self.daemons.list().last().map(|daemon| daemon.pid).ok_or_else(|| Failure::new("nothing was started"))
    }

    fn as_campus(&self, program: &str) -> Result<Command> {
        self.as_campus_in(value(&self.values, "CAMPUS_USER")?, program)
    }

    /// The same with another group.
    fn as_campus_in(&self, group: &str, program: &str) -> Result<Command> {
        let user = value(&self.values, "CAMPUS_USER")?;
        let mut command = process::quiet("setsid");
        if process::output(process::quiet("id").arg("-u"))?.trim() == "0" {
            command.args(["setpriv", "--reuid", user, "--regid", group, "--clear-groups"]);
        }
        command.arg(program);
        Ok(command)
    }

    /// The store that answers from memory, which takes no TLS.
    pub(crate) fn canned(&mut self, root: &Path) -> Result<Proxy> {
        let mut command = process::quiet("setsid");
        command.arg(root.join("target/release/canned-imap")).arg(CANNED.to_string());
        let pid = self.start("canned-imap", &mut command, CANNED)?;
        Ok(Proxy { name: "the store itself", plain: CANNED, tls: None, pid })
    }

    /// Starts a proxy.
    pub(crate) fn proxy(&mut self, root: &Path, kind: Kind) -> Result<Proxy> {
        match kind {
            Kind::Gateway => self.gateway(root),
            Kind::Dovecot => self.dovecot(),
            Kind::Nginx => self.nginx(),
            Kind::Perdition => self.perdition(),
        }
    }

    /// Ends one server.
    pub(crate) fn end(&self, pid: u32) -> Result<()> {
        process::signal(pid, "TERM");
        if process::wait_until(std::time::Duration::from_secs(40), || process::start_time(pid).is_none()) {
            return Ok(());
        }
        Err(Failure::new(format!("the server with pid {pid} does not end")))
    }

    /// The gateway.
    fn gateway(&mut self, root: &Path) -> Result<Proxy> {
        let mut command = process::quiet("setsid");
        command.arg(root.join("target/release/passerelle")).args(["serve", "--config"]);
        command.arg(self.dir.join("config/gateway")).env("PASSERELLE_LOG", "warn");
        let pid = self.start("passerelle", &mut command, GATEWAY_HTTP)?;
        Ok(Proxy { name: "Passerelle", plain: 28_243, tls: Some(28_293), pid })
    }

    /// The gateway again, with settings that differ in `fsync` alone; its first process.
    pub(crate) fn brisk(&mut self, root: &Path) -> Result<u32> {
        let (from, to) = (self.dir.join("config/gateway"), self.dir.join("config/brisk"));
        process::run(Command::new("rm").arg("-rf").arg(&to))?;
        process::run(Command::new("cp").arg("-a").arg(&from).arg(&to))?;
        let change = |file: &str, pairs: &[(&str, &str)]| {
            let file = to.join(file);
            let text = std::fs::read_to_string(&file).doing(|| format!("read {}", file.display()))?;
            let text = pairs.iter().fold(text, |text, (from, to)| text.replace(from, to));
            files::write(&file, text, files::SECRET)
        };
        // Its ports are those of the first in the next five hundred, and its State is another file.
        let ports =
            [("127.0.0.1:280", "127.0.0.1:285"), ("127.0.0.1:282", "127.0.0.1:287"), ("state.sqlite", "brisk.sqlite")];
        change("passerelle.toml", &ports)?;
        change("institutions/garonne/institution.toml", &[("kind = \"local\"", "kind = \"local\"\nfsync = false")])?;
        let mut command = process::quiet("setsid");
        command.arg(root.join("target/release/passerelle")).args(["serve", "--config"]).arg(&to);
        self.start("passerelle-brisk", command.env("PASSERELLE_LOG", "warn"), BRISK_HTTP)
    }

    /// One of several gateways with a canned store each, so that no process needs more files than it may open.
    pub(crate) fn one_of_many(&mut self, root: &Path, number: u16) -> Result<Proxy> {
        let shift = number * 10;
        let (http, metrics, plain, tls, store) =
            (MANY + shift, MANY + shift + 1, MANY + shift + 2, MANY + shift + 3, MANY + shift + 4);
        if self.stores <= number {
            let mut canned = process::quiet("setsid");
            canned.arg(root.join("target/release/canned-imap")).arg(store.to_string());
            self.start(&format!("canned-imap-{number}"), &mut canned, store)?;
            self.stores = number + 1;
        }
        let name = format!("many-{number}");
        let (from, to) = (self.dir.join("config/gateway"), self.dir.join("config").join(&name));
        process::run(Command::new("rm").arg("-rf").arg(&to))?;
        process::run(Command::new("cp").arg("-a").arg(&from).arg(&to))?;
        for (file, ports) in [
            ("passerelle.toml", &[(GATEWAY_HTTP, http), (METRICS, metrics), (28_243, plain), (28_293, tls)][..]),
            ("institutions/garonne/institution.toml", &[(CANNED, store)]),
        ] {
            let file = to.join(file);
            let text = std::fs::read_to_string(&file).doing(|| format!("read {}", file.display()))?;
            let text = text.replace("state.sqlite", &format!("{name}.sqlite"));
            let moved = |text: String, (from, to): &(u16, u16)| {
                text.replace(&format!("127.0.0.1:{from}"), &format!("127.0.0.1:{to}"))
            };
            files::write(&file, ports.iter().fold(text, moved), files::SECRET)?;
        }
        let mut command = process::quiet("setsid");
        command.arg(root.join("target/release/passerelle")).args(["serve", "--config"]).arg(&to);
        let pid = self.start(&name, command.env("PASSERELLE_LOG", "warn"), plain)?;
        Ok(Proxy { name: "Passerelle", plain, tls: Some(tls), pid })
    }

    /// The gateway again, for portals: it knows their key and remembers for as long as may be. Its directory is a file of so many
    /// people, because the campus's slapd takes 0.4 s to say in which of 8,000 groups somebody is.
    pub(crate) fn portal(&mut self, root: &Path, people: usize) -> Result<(u32, PathBuf)> {
        let (from, to) = (self.dir.join("config/gateway"), self.dir.join("config/portal"));
        process::run(Command::new("rm").arg("-rf").arg(&to))?;
        process::run(Command::new("cp").arg("-a").arg(&from).arg(&to))?;
        let (secret, public) = (to.join("portal.key"), to.join("portal.pem"));
        let mut make = process::quiet("openssl");
        process::output(make.args(["genpkey", "-algorithm", "ed25519", "-out"]).arg(&secret))?;
        let mut show = process::quiet("openssl");
        process::output(show.args(["pkey", "-pubout", "-in"]).arg(&secret).arg("-out").arg(&public))?;
        let mut generate = process::quiet("/usr/bin/python3");
        generate.arg(root.join("crates/xtask/campus/gen_ldif.py")).args(["dc=a,dc=test", "a.test"]);
        generate.args([people, people / 10].map(|number| number.to_string())).args(["a", "1"]);
        files::write(&to.join("people.ldif"), process::output(&mut generate)?, files::SECRET)?;
        let change = |file: &str, pairs: &[(&str, &str)], more: &str| {
            let file = to.join(file);
            let text = std::fs::read_to_string(&file).doing(|| format!("read {}", file.display()))?;
            // The directory is the last table of the main file.
            let text = text.split("[realm.garonne.directory]").next().unwrap_or_default();
            let text = pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
            files::write(&file, format!("{text}\n{more}"), files::SECRET)
        };
        // Its ports are those of the first in the hundreds above, and its State is another file.
        let ports =
            [("127.0.0.1:280", "127.0.0.1:286"), ("127.0.0.1:282", "127.0.0.1:288"), ("state.sqlite", "portal.sqlite")];
        let jwt = "[realm.garonne.directory]\nkind = \"ldif\"\nfile = \"people.ldif\"\n[realm.garonne.sso.jwt]\nissuer = \"https://ent.test\"\naudience = \"https://office.test\"\nkeys = [\"portal.pem\"]\n";
        change("passerelle.toml", &ports, jwt)?;
        let made = [("kind = \"local\"", "kind = \"local\"\ncreate = true")];
        change("institutions/garonne/institution.toml", &made, "[portal]\ncache_seconds = 300\n")?;
        let mut command = process::quiet("setsid");
        command.arg(root.join("target/release/passerelle")).args(["serve", "--config"]).arg(&to);
        let pid = self.start("passerelle-portal", command.env("PASSERELLE_LOG", "error"), PORTAL_HTTP)?;
        Ok((pid, secret))
    }

    /// Dovecot as a proxy, in its high-performance mode (one login process serves many).
    fn dovecot(&mut self) -> Result<Proxy> {
        let mut command = self.as_campus("dovecot")?;
        command.arg("-F").arg("-c").arg(self.dir.join("config/dovecot.conf"));
        let pid = self.start("dovecot", &mut command, 28_343)?;
        Ok(Proxy { name: "Dovecot proxy", plain: 28_343, tls: Some(28_393), pid })
    }

    /// nginx as a mail proxy.
    fn nginx(&mut self) -> Result<Proxy> {
        let mut command = self.as_campus("nginx")?;
        command.arg("-p").arg(self.dir.join("nginx")).arg("-c").arg(self.dir.join("config/nginx.conf"));
        let pid = self.start("nginx", &mut command, 28_443)?;
        Ok(Proxy { name: "nginx mail", plain: 28_443, tls: Some(28_493), pid })
    }

    /// Perdition, which has a process for each connection and is two servers for clear and TLS.
    fn perdition(&mut self) -> Result<Proxy> {
        let mut command = self.as_campus("sh")?;
        command.arg(self.dir.join("config/perdition.sh"));
        let pid = self.start("perdition", &mut command, 28_593)?;
        Ok(Proxy { name: "perdition", plain: 28_543, tls: Some(28_593), pid })
    }

    /// Apache with mod_dav and LDAP.
    pub(crate) fn apache(&mut self) -> Result<u32> {
        let mut command = self.as_campus("apache2")?;
        command.arg("-DFOREGROUND").arg("-f").arg(self.dir.join("config/apache.conf"));
        self.start("apache2", &mut command, APACHE)
    }

    /// nginx with its DAV modules.
    pub(crate) fn nginx_files(&mut self) -> Result<u32> {
        let mut command = self.as_campus("nginx")?;
        command.arg("-p").arg(self.dir.join("nginx")).arg("-c").arg(self.dir.join("config/nginx-files.conf"));
        self.start("nginx-files", &mut command, NGINX_FILES)
    }

    /// rclone as a WebDAV server, as it is when nothing is set.
    pub(crate) fn rclone(&mut self, (user, password): (&str, &str)) -> Result<u32> {
        let mut command = self.as_campus("rclone")?;
        command.args(["serve", "webdav"]).arg(self.dir.join("files/u00001"));
        command.args(["--addr", &format!("127.0.0.1:{RCLONE}"), "--baseurl", "/dav", "--config", "/dev/null"]);
        command.args(["--user", user, "--pass", password]);
        self.start("rclone", &mut command, RCLONE)
    }

    /// The gateway again, with its people's files on the campus's Samba.
    pub(crate) fn samba(&mut self, root: &Path) -> Result<u32> {
        let (from, to) = (self.dir.join("config/gateway"), self.dir.join("config/samba"));
        process::run(Command::new("rm").arg("-rf").arg(&to))?;
        process::run(Command::new("cp").arg("-a").arg(&from).arg(&to))?;
        files::write(&to.join("secrets/smb"), "pw-gateway\n", files::SECRET)?;
        let change = |file: &str, change: &dyn Fn(&str) -> String| {
            let file = to.join(file);
            let text = std::fs::read_to_string(&file).doing(|| format!("read {}", file.display()))?;
            files::write(&file, change(&text), files::SECRET)
        };
        // Its ports are those of the first in the next thousand, and its State is another file.
        change("passerelle.toml", &|text| {
            text.replace("127.0.0.1:28", "127.0.0.1:29").replace("state.sqlite", "samba.sqlite")
        })?;
        let server = self.port_of("SMB")?;
        change("institutions/garonne/institution.toml", &|text| {
            let text = text.split("[files.home]").next().unwrap_or_default();
            format!(
                "{text}[files.home]\nkind = \"smb\"\nserver = \"127.0.0.1:{server}\"\nshare = \"users\"\npath = \"{{login}}\"\nuser = \"gateway\"\npassword = {{ file = \"../../secrets/smb\" }}\n"
            )
        })?;
        let mut command = process::quiet("setsid");
        command.arg(root.join("target/release/passerelle")).args(["serve", "--config"]).arg(&to);
        self.start("passerelle-samba", command.env("PASSERELLE_LOG", "warn"), SAMBA_HTTP)
    }

    /// The gateway again, before the campus's Radicale.
    pub(crate) fn calendars_dav(&mut self, root: &Path) -> Result<u32> {
        let server = self.port_of("RADICALE")?;
        let store = format!(
            "kind = \"dav\"\nurl = \"http://127.0.0.1:{server}/{{login}}/\"\ncreate = true\ntimeout_ms = 60000\nuser = \"gateway\"\npassword = {{ file = \"../../secrets/calendars\" }}"
        );
        self.calendars(root, "calendars-dav", CALENDARS_DAV, &store)
    }

    /// The gateway again, with calendars as files.
    pub(crate) fn calendars_files(&mut self, root: &Path) -> Result<u32> {
        self.calendars(root, "calendars-files", CALENDARS_FILES, "kind = \"files\"")
    }

    fn calendars(&mut self, root: &Path, name: &str, http: u16, store: &str) -> Result<u32> {
        let (from, to) = (self.dir.join("config/gateway"), self.dir.join("config").join(name));
        process::run(Command::new("rm").arg("-rf").arg(&to))?;
        process::run(Command::new("cp").arg("-a").arg(&from).arg(&to))?;
        files::write(&to.join("secrets/calendars"), "pw-gateway\n", files::SECRET)?;
        let change = |file: &str, change: &dyn Fn(&str) -> String| {
            let file = to.join(file);
            let text = std::fs::read_to_string(&file).doing(|| format!("read {}", file.display()))?;
            files::write(&file, change(&text), files::SECRET)
        };
        // Its ports are those of the first in other thousands, and its State is another file.
        let (thousand, state) = (format!("127.0.0.1:{}", http / 1_000), format!("{name}.sqlite"));
        change("passerelle.toml", &|text| text.replace("127.0.0.1:28", &thousand).replace("state.sqlite", &state))?;
        change("institutions/garonne/institution.toml", &|text| format!("{text}\n[calendars]\n{store}\n"))?;
        let mut command = process::quiet("setsid");
        command.arg(root.join("target/release/passerelle")).args(["serve", "--config"]).arg(&to);
        self.start(&format!("passerelle-{name}"), command.env("PASSERELLE_LOG", "warn"), http)
    }

    /// The gateway again, with the campus's Dovecot behind it.
    pub(crate) fn mail(&mut self, root: &Path) -> Result<u32> {
        let (from, to) = (self.dir.join("config/gateway"), self.dir.join("config/mail"));
        process::run(Command::new("rm").arg("-rf").arg(&to))?;
        process::run(Command::new("cp").arg("-a").arg(&from).arg(&to))?;
        let store = format!("127.0.0.1:{}", self.port_of("IMAP_A")?);
        // Its ports are those of the first in the hundreds above, and its State is another file.
        let https = format!("[listen]\nhttps = \"127.0.0.1:{MAIL_HTTPS}\"");
        let ports =
            [("127.0.0.1:280", "127.0.0.1:287"), ("127.0.0.1:282", "127.0.0.1:289"), ("state.sqlite", "mail.sqlite")];
        for (file, pairs) in [
            ("passerelle.toml", &[&ports[..], &[("[listen]", https.as_str())]].concat()[..]),
            ("institutions/garonne/institution.toml", &[(&format!("127.0.0.1:{CANNED}"), store.as_str())]),
        ] {
            let file = to.join(file);
            let text = std::fs::read_to_string(&file).doing(|| format!("read {}", file.display()))?;
            files::write(&file, pairs.iter().fold(text, |text, (from, to)| text.replace(from, to)), files::SECRET)?;
        }
        let mut command = process::quiet("setsid");
        command.arg(root.join("target/release/passerelle")).args(["serve", "--config"]).arg(&to);
        self.start("passerelle-mail", command.env("PASSERELLE_LOG", "warn"), MAIL_HTTP)
    }

    /// SOGo on the same Dovecot and directory, with what it keeps in the campus's PostgreSQL and in a memcached of its own. All of its
    /// settings are words of its command.
    pub(crate) fn sogo(&mut self) -> Result<u32> {
        let mut memory = self.as_campus("memcached")?;
        memory.args(["-l", "127.0.0.1", "-p", &MEMCACHED.to_string(), "-U", "0"]);
        self.start("memcached", &mut memory, MEMCACHED)?;
        let database = format!("127.0.0.1:{}", self.port_of("POSTGRES")?);
        let mut make = process::quiet("psql");
        make.args(["-q", "-X", &format!("postgresql://passerelle:pw-passerelle@{database}/passerelle")]);
        make.args(["-c", "drop database if exists sogo", "-c", "create database sogo"]);
        process::output(&mut make)?;
        let home = self.dir.join("sogo");
        // It reads the distribution's settings first, whatever it is told, and may with its group.
        let mut command = self.as_campus_in("sogo", "sogod")?;
        for (name, value) in [
            ("WOPort", format!("127.0.0.1:{SOGO}")),
            ("WOWorkersCount", "3".to_owned()),
            ("WOUseWatchDog", "NO".to_owned()),
            ("WONoDetach", "YES".to_owned()),
            ("WOLogFile", "-".to_owned()),
            ("WOPidFile", home.join("pid").display().to_string()),
            ("SOGoMemcachedHost", format!("127.0.0.1:{MEMCACHED}")),
            ("SOGoIMAPServer", format!("imap://127.0.0.1:{}", self.port_of("IMAP_A")?)),
            ("SOGoMailingMechanism", "smtp".to_owned()),
            ("SOGoTimeZone", "UTC".to_owned()),
            (
                "SOGoUserSources",
                format!(
                    "({{type = ldap; id = a; canAuthenticate = YES; CNFieldName = cn; IDFieldName = uid; UIDFieldName = uid; baseDN = \"ou=people,dc=a,dc=test\"; bindDN = \"cn=gateway,ou=services,dc=a,dc=test\"; bindPassword = \"svc-gateway\"; hostname = \"ldap://127.0.0.1:{}\";}})",
                    self.port_of("LDAP_A")?
                ),
            ),
        ] {
            command.arg(format!("-{name}")).arg(value);
        }
        for (name, table) in [
            ("SOGoProfileURL", "user_profile"),
            ("OCSFolderInfoURL", "folder_info"),
            ("OCSSessionsFolderURL", "sessions_folder"),
            ("OCSStoreURL", "store"),
            ("OCSAclURL", "acl"),
            ("OCSCacheFolderURL", "cache_folder"),
            ("OCSAdminURL", "admin"),
        ] {
            let url = format!("postgresql://passerelle:pw-passerelle@{database}/sogo/sogo_{table}");
            command.arg(format!("-{name}")).arg(url);
        }
        self.start("sogo", command.env("HOME", &home).current_dir(&home), SOGO)
    }

    /// The web server before SOGo, for browsers.
    pub(crate) fn nginx_sogo(&mut self) -> Result<u32> {
        let mut command = self.as_campus("nginx")?;
        command.arg("-p").arg(self.dir.join("nginx")).arg("-c").arg(self.dir.join("config/nginx-sogo.conf"));
        self.start("nginx-sogo", &mut command, SOGO_WEB)
    }

    /// Where a server of the campus listens.
    pub(crate) fn port_of(&self, name: &str) -> Result<&str> {
        value(&self.values, &format!("CAMPUS_{name}"))
    }

    /// Ends everything.
    pub(crate) fn stop(&mut self) -> Result<()> {
        self.daemons.stop()
    }
}

fn value<'a>(values: &'a Values, name: &str) -> Result<&'a str> {
    values
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value)
        .ok_or_else(|| Failure::new(format!("the campus says nothing of {name}")))
}

/// The versions of all sides, from their own mouths.
pub(crate) fn versions(root: &Path) -> Vec<String> {
    let first = |mut command: Command| process::words(&mut command).1.lines().next().unwrap_or_default().to_owned();
    let with = |program: &str, argument: &str| {
        let mut command = process::quiet(program);
        command.arg(argument);
        first(command)
    };
    // What is not asked for its version says the distribution.
    let packaged = |package: &str| {
        let mut command = process::quiet("dpkg-query");
        command.args(["-W", "-f", "${Version}", package]);
        first(command)
    };
    let unpacked = |package: &str| {
        let mut command = process::quiet("apt-cache");
        let said = process::words(command.args(["show", "--no-all-versions", package])).1;
        said.lines().find_map(|line| line.strip_prefix("Version: ")).unwrap_or_default().to_owned()
    };
    let mut ours = process::quiet(root.join("target/release/passerelle"));
    ours.arg("version");
    vec![
        first(ours),
        format!("Dovecot {}", with("dovecot", "--version")),
        with("nginx", "-v"),
        with("perdition", "--help"),
        with("apache2", "-v"),
        with("rclone", "version"),
        with("smbclient", "--version"),
        format!("SOGo {}", packaged("sogo")),
        format!("Radicale {}", packaged("radicale")),
        format!("Cyrus {}", unpacked("cyrus-imapd")),
        with("uname", "-srm"),
    ]
}
