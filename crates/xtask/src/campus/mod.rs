//! A real campus in one folder, on 127.0.0.1: directories, mail stores, an MTA, a file server, a calendar
//! server, two sign-on servers and a database, each the distribution's own.
//!
//! `up` on a campus that runs with the same settings does nothing, so that several test processes share
//! one. Nothing here is meant to be safe: the passwords are `pw-<uid>`.

mod account;
mod ca;
mod cas;
mod ceph;
mod checks;
mod cyrus;
mod daemons;
mod dovecot;
mod ftp;
mod install;
mod oidc;
mod place;
pub(crate) mod ports;
mod postfix;
mod postgres;
mod radicale;
mod samba;
mod saml;
mod scanners;
mod sftp;
mod slapd;
mod webdav;

use crate::args::Args;
use crate::failure::{Doing, Failure, Result};
use crate::steps::Steps;
use crate::template::Values;
use crate::{files, process, workspace};
use account::Account;
use ports::{Institution, Ports};
use std::env;
use std::fs::File;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

pub(crate) use ca::GATEWAYS;
pub(crate) use daemons::Daemons;
pub(crate) use install::{PEERS as PEER_PACKAGES, TESTS as TEST_PACKAGES, ensure as install};

/// How long a server that listens may take to answer sensibly.
const READY: Duration = Duration::from_secs(60);
/// How many people institution C's LDIF file has.
const PEOPLE_OF_C: u32 = 50;
/// Raise it when data that exist must be made again though no generator changed.
const DATA_VERSION: u32 = 1;

/// How much is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    /// Entries in each of the directories.
    pub(crate) people: u32,
    /// How many of them have mail.
    pub(crate) mail_people: u32,
    /// Messages in each INBOX.
    pub(crate) messages: u32,
}

impl Size {
    /// People who have mail in a store, and messages in the INBOX of each. The realm's store is there to be told apart from
    /// the others, so it is small.
    fn mail(self, store: Institution) -> (u32, u32) {
        match store {
            Institution::A | Institution::B => (self.mail_people, self.messages),
            Institution::Midi => (self.mail_people.min(3 * store.members()), self.messages.min(20)),
        }
    }
}

impl Default for Size {
    fn default() -> Self {
        Self { people: 1000, mail_people: 50, messages: 200 }
    }
}

/// Which campus is meant.
#[derive(Clone, Debug)]
pub(crate) struct Options {
    pub(crate) dir: PathBuf,
    pub(crate) ports: Ports,
    pub(crate) size: Size,
}

impl Options {
    /// The settings as a file keeps them, with a fingerprint of what makes the data.
    fn record(&self) -> String {
        let Size { people, mail_people, messages } = self.size;
        let mut hasher = DefaultHasher::new();
        DATA_VERSION.hash(&mut hasher);
        include_str!("../../campus/gen_ldif.py").hash(&mut hasher);
        include_str!("../../campus/load_mail.py").hash(&mut hasher);
        include_str!("../../campus/eduperson.schema").hash(&mut hasher);
        include_str!("../../campus/supann.schema").hash(&mut hasher);
        format!(
            "port-base {}\nusers {people}\nmail-users {mail_people}\nmessages {messages}\ndata {:016x}\n",
            self.ports.base(),
            hasher.finish()
        )
    }
}

/// A campus while it is being started: where it lies, who owns it, what runs.
#[derive(Debug)]
struct Site {
    dir: PathBuf,
    account: Account,
    ports: Ports,
    size: Size,
    daemons: Daemons,
}

/// `cargo xtask campus up|down|status`.
pub(crate) fn task(mut args: Args) -> Result<()> {
    let verb = args.word();
    let dir = match args.value::<PathBuf>("--dir")? {
        // Relative to where the person is, and not to the workspace.
        Some(dir) => env::current_dir().doing(|| "find the current folder".to_owned())?.join(dir),
        None => workspace::root()?.join("target/campus"),
    };
    match verb.as_deref() {
        Some("up") => {
            let default = Size::default();
            let ports = Ports::new(args.value("--port-base")?.unwrap_or(ports::DEFAULT_BASE))?;
            let size = Size {
                people: args.value("--users")?.unwrap_or(default.people),
                mail_people: args.value("--mail-users")?.unwrap_or(default.mail_people),
                messages: args.value("--messages")?.unwrap_or(default.messages),
            };
            args.end()?;
            up(&Options { dir, ports, size })
        }
        Some("down") => {
            args.end()?;
            down(&dir)
        }
        Some("status") => {
            args.end()?;
            status(&dir)
        }
        _ => Err(Failure::new("campus: say up, down or status")),
    }
}

/// node and npm, of the distribution where there are none: the office and the tests in browsers are built by them.
pub(crate) fn install_node() -> Result<()> {
    if !process::succeeds(Command::new("npm").arg("--version")) {
        install(install::NODE)?;
    }
    let told = process::output(Command::new("node").arg("--version"))?;
    if install::is_new_enough(&told) || std::env::var_os("PASSERELLE_SKIP_UI").is_some() {
        return Ok(());
    }
    let (major, minor) = install::OLDEST_NODE;
    Err(Failure::new(format!(
        "the office is built by node {major}.{minor} or later, and this is {}: install a newer one, or leave the office out with PASSERELLE_SKIP_UI=1",
        told.trim()
    )))
}

/// Starts everything, unless it runs already, and checks each server by a real log-in.
pub(crate) fn up(options: &Options) -> Result<()> {
    if options.size.people == 0 || options.size.mail_people > options.size.people {
        return Err(Failure::new("--users must be at least 1, and --mail-users no more than --users"));
    }
    let mut steps = Steps::begin();
    let _lock = lock(&options.dir)?;
    install(install::CAMPUS)?;
    install_node()?;
    let account = Account::find()?;
    let dir = place::settle(&options.dir, options.ports.base(), &account)?;
    let mut daemons = Daemons::load(&dir)?;
    let record = options.record();
    let same = files::read_if_there(&dir.join("settings"))?.as_deref() == Some(&record);
    if daemons.all_run() && same && dir.join("env").exists() {
        steps.done(&format!("the campus in {} is up already", dir.display()));
        return Ok(());
    }
    if daemons.any_runs() && !same {
        let dir = options.dir.display();
        return Err(Failure::new(format!("the campus in {dir} runs with other settings: take it down first")));
    }
    daemons.stop()?;
    if !same {
        forget(&dir)?;
    }
    let mut site = Site { dir, account, ports: options.ports, size: options.size, daemons };
    site.ports_are_free()?;
    files::write(&site.dir.join("settings"), record, files::PUBLIC)?;
    site.start(&mut steps)?;
    let failed = checks::all(&site)?;
    steps.done("checks by real log-in");
    site.write_env()?;
    let total = steps.total().as_millis();
    println!("{total:>7} ms  in all; source {}", site.dir.join("env").display());
    if failed == 0 {
        return Ok(());
    }
    Err(Failure::new(format!(
        "{failed} checks failed; the servers were left running, their logs are in {}",
        site.dir.display()
    )))
}

/// Ends what `up` started in this folder.
pub(crate) fn down(dir: &Path) -> Result<()> {
    if !dir.exists() {
        println!("there is no campus in {}", dir.display());
        return Ok(());
    }
    let _lock = lock(dir)?;
    let mut daemons = Daemons::load(dir)?;
    let count = daemons.list().iter().filter(|daemon| daemon.runs()).count();
    files::remove(&dir.join("env"))?;
    daemons.stop()?;
    println!("{count} servers ended in {}", dir.display());
    Ok(())
}

/// Prints each server with its pid; fails when the campus is not up as a whole.
fn status(dir: &Path) -> Result<()> {
    let daemons = if dir.exists() { Some(Daemons::load(dir)?) } else { None };
    let Some(daemons) = daemons.filter(|daemons| !daemons.list().is_empty()) else {
        return Err(Failure::new(format!("no campus is up in {}", dir.display())));
    };
    print!("{}", files::read_if_there(&dir.join("settings"))?.unwrap_or_default());
    for daemon in daemons.list() {
        println!("{:<10} {:>8}  {}", daemon.name, daemon.pid, if daemon.runs() { "runs" } else { "has ended" });
    }
    if daemons.all_run() {
        return Ok(());
    }
    Err(Failure::new(format!("the campus in {} is not whole: `campus up` starts it again", dir.display())))
}

/// The values of a campus's `env` file.
pub(crate) fn environment(dir: &Path) -> Result<Values> {
    let file = dir.join("env");
    let mut values = Values::default();
    for line in files::read(&file)?.lines() {
        let (name, value) =
            line.split_once('=').ok_or_else(|| Failure::new(format!("{}: not NAME=value: {line}", file.display())))?;
        values.set(name, value.trim_matches('\''));
    }
    Ok(values)
}

/// One `up` or `down` at a time; the lock goes with the process.
fn lock(dir: &Path) -> Result<File> {
    let mut name = dir.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    if let Some(parent) = path.parent() {
        files::make_folder(parent)?;
    }
    let file = files::create(&path)?;
    file.lock().doing(|| format!("lock {}", path.display()))?;
    Ok(file)
}

/// Removes data that were made with other settings; the Python environment may stay.
fn forget(dir: &Path) -> Result<()> {
    let names = [
        "ca",
        "scripts",
        "ldap-a",
        "ldap-b",
        "dovecot-a",
        "dovecot-b",
        "postfix",
        "samba",
        "radicale",
        "clamd",
        "cyrus",
        "webdav",
        "sftp",
        "ftp",
        "ceph",
    ];
    let more = ["ldap-midi", "dovecot-midi", "cas-midi", "postgres", "cas-a", "cas-b", "c.ldif", "env", "settings"];
    names.iter().chain(&more).try_for_each(|name| files::remove(&dir.join(name)))
}

impl Site {
    fn start(&mut self, steps: &mut Steps) -> Result<()> {
        // The only part that waits for the network: it runs beside everything else.
        let venv = self.venv();
        let environment = thread::spawn(move || cas::make_environment(&venv));
        ca::make(&self.ca())?;
        self.account.own(&self.ca())?;
        steps.done("certificate authority");
        slapd::start(self)?;
        self.write_ldif(&self.dir.join("c.ldif"), "c", PEOPLE_OF_C, 1)?;
        steps.done(&format!("3 x slapd ({} people each)", self.size.people));
        dovecot::start(self)?;
        steps.done(&format!(
            "3 x Dovecot ({} x {} messages, fewer in the third)",
            self.size.mail_people, self.size.messages
        ));
        cyrus::start(self)?;
        steps.done("Cyrus");
        // rspamd takes a while to compile its expressions the first time: nobody waits for it.
        scanners::start(self)?;
        steps.done("clamd, and rspamd on its way");
        let postfix = postfix::start(self)?;
        steps.done(if postfix { "Postfix" } else { "Postfix left out: its master needs root" });
        samba::start(self)?;
        steps.done("Samba");
        webdav::start(self)?;
        steps.done("Apache");
        sftp::start(self)?;
        steps.done("sshd");
        ftp::start(self)?;
        steps.done("FTP server");
        ceph::start(self)?;
        steps.done("Ceph");
        radicale::start(self)?;
        steps.done("Radicale");
        postgres::start(self)?;
        steps.done("PostgreSQL");
        environment.join().map_err(|_| Failure::new("the thread that makes the Python environment panicked"))??;
        steps.done("Python environment");
        cas::start(self)?;
        steps.done("3 x CAS");
        oidc::start(self)?;
        steps.done("OpenID provider");
        saml::start(self)?;
        steps.done("SAML identity provider");
        Ok(())
    }

    /// What other programs need to know, as a file to source.
    fn write_env(&self) -> Result<()> {
        let mut values = Values::default();
        for (name, port) in self.ports.named() {
            values.set(format!("CAMPUS_{name}"), port);
        }
        values
            .set("CAMPUS_DIR", self.dir.display())
            .set("CAMPUS_CA", self.ca().join("ca.pem").display())
            .set("CAMPUS_USER", &self.account.user)
            .set("CAMPUS_PYTHON", self.venv().join("bin/python").display())
            .set("CAMPUS_LDIF_C", self.dir.join("c.ldif").display())
            .set("CAMPUS_USERS", self.size.people)
            .set("CAMPUS_MAIL_USERS", self.size.mail_people)
            .set("CAMPUS_MESSAGES", self.size.messages);
        files::write(&self.dir.join("env"), values.to_shell(), files::PUBLIC)
    }

    /// A port may linger for a moment after `down`.
    fn ports_are_free(&self) -> Result<()> {
        let busy = || -> Vec<String> {
            let taken = |(name, port): (String, u16)| process::listening(port).then(|| format!("{port} ({name})"));
            self.ports.named().into_iter().filter_map(taken).collect()
        };
        if process::wait_until(Duration::from_secs(5), || busy().is_empty()) {
            return Ok(());
        }
        let busy = busy().join(", ");
        Err(Failure::new(format!(
            "ports in use by something else (another campus, or one whose folder was removed while it ran; \
             `ss -ltnp` names the processes): {busy}. End them or choose another --port-base"
        )))
    }

    fn ca(&self) -> PathBuf {
        self.dir.join("ca")
    }

    fn venv(&self) -> PathBuf {
        self.dir.join("venv")
    }

    /// A server's folder.
    fn folder(&self, name: &str) -> Result<PathBuf> {
        let dir = self.dir.join(name);
        files::make_folder(&dir)?;
        Ok(dir)
    }

    /// Makes data unless it was done before to the end.
    fn once(&self, dir: &Path, make: impl FnOnce(&Self) -> Result<()>) -> Result<()> {
        let made = dir.join("made");
        if made.exists() {
            return Ok(());
        }
        make(self)?;
        files::write(&made, "", files::PUBLIC)
    }

    /// One of our Python programs, where the account can read it.
    fn script(&self, name: &str, text: &str) -> Result<PathBuf> {
        let path = self.folder("scripts")?.join(name);
        files::write(&path, text, files::PUBLIC)?;
        Ok(path)
    }

    /// The directory of one institution, or of a realm of several, as LDIF.
    fn write_ldif(&self, path: &Path, letter: &str, people: u32, members: u32) -> Result<()> {
        let script = self.script("gen_ldif.py", include_str!("../../campus/gen_ldif.py"))?;
        let mut generate = process::quiet("/usr/bin/python3");
        generate.arg(script).args([format!("dc={letter},dc=test"), format!("{letter}.test")]);
        generate.args([people.to_string(), (people / 10).to_string(), letter.to_owned(), members.to_string()]);
        let ldif = process::output(&mut generate)?;
        // With passwords in clear, but public all the same: they follow from the names.
        files::write(path, ldif, files::PUBLIC)
    }

    /// What templates of a server of one institution may name.
    fn values_of(&self, institution: Institution, dir: &Path) -> Values {
        self.and_places(self.ports.values_of(institution), dir)
    }

    /// What templates of a shared server may name.
    fn values(&self, dir: &Path) -> Values {
        self.and_places(self.ports.values(), dir)
    }

    fn and_places(&self, mut values: Values, dir: &Path) -> Values {
        values
            .set("DIR", dir.display())
            .set("ROOT", self.dir.display())
            .set("CA", self.ca().display())
            .set("USER", &self.account.user)
            .set("GROUP", &self.account.group);
        values
    }

    /// Waits for a port of a server that went to the background by itself.
    fn wait_for(&self, name: &str, port: u16) -> Result<()> {
        if process::wait_until(READY, || process::listening(port)) {
            return Ok(());
        }
        Err(Failure::new(format!("{name} does not listen on port {port}; its logs are in {}", self.dir.display())))
    }
}
