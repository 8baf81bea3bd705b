//! A small slapd of a test's own, in a folder that goes with it.

use passerelle_core::{
    config::Block,
    ports::{Directory, Verdict},
};
use passerelle_dir_ldap::FACTORY;
use std::{
    io::{BufRead, BufReader},
    net::{TcpListener, TcpStream},
    path::PathBuf,
    process::{Child, Command, Stdio},
    sync::{Arc, mpsc},
    time::{Duration, Instant},
};
use tempfile::TempDir;

/// How long a server may take to start.
const STARTED: Duration = Duration::from_secs(20);

/// A server under `dc=x`.
pub(crate) struct Slapd {
    folder: TempDir,
    port: u16,
    process: Option<Child>,
}

impl Slapd {
    /// Starts a server with these entries, and these lines in its settings.
    pub(crate) fn start(ldif: &str, settings: &str) -> Self {
        Self::start_with_modules(ldif, "", settings)
    }

    /// The same, with modules that are loaded before the database is declared.
    pub(crate) fn start_with_modules(ldif: &str, modules: &str, settings: &str) -> Self {
        let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
        let at = folder.path();
        std::fs::create_dir(at.join("db")).unwrap();
        let schema = |name: &str| format!("include /etc/ldap/schema/{name}.schema\n");
        let head: String = ["core", "cosine", "inetorgperson", "nis", "dyngroup"].map(schema).concat();
        let conf = format!(
            "{head}modulepath /usr/lib/ldap\nmoduleload back_mdb\n{modules}\nthreads 2\nsizelimit 500\ndatabase mdb\nsuffix dc=x\n\
             rootdn cn=admin,dc=x\nrootpw admin\ndirectory {}\nmaxsize 67108864\ndbnosync\n{settings}\n",
            at.join("db").display()
        );
        std::fs::write(at.join("slapd.conf"), conf).unwrap();
        let root = "dn: dc=x\nobjectClass: organization\nobjectClass: dcObject\no: x\ndc: x\n\n";
        std::fs::write(at.join("x.ldif"), format!("{root}{ldif}")).unwrap();
        let added = Command::new("/usr/sbin/slapadd")
            .args(["-q", "-f"])
            .arg(at.join("slapd.conf"))
            .arg("-l")
            .arg(at.join("x.ldif"))
            .output()
            .expect("slapadd is needed");
        assert!(added.status.success(), "{}", String::from_utf8_lossy(&added.stderr));
        let mut slapd = Self { folder, port: free_port(), process: None };
        slapd.run();
        slapd
    }

    /// Starts the server again, at the same port.
    pub(crate) fn run(&mut self) {
        let mut process = Command::new("/usr/sbin/slapd")
            .args(["-d", "256", "-h", &self.url(), "-f"])
            .arg(self.folder.path().join("slapd.conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("slapd is needed");
        let log = process.stderr.take().unwrap();
        let (started, when) = mpsc::channel();
        std::thread::spawn(move || {
            let mut started = Some(started);
            for line in BufReader::new(log).lines().map_while(Result::ok) {
                if line.contains("slapd starting")
                    && let Some(started) = started.take()
                {
                    let _ = started.send(());
                }
            }
        });
        self.process = Some(process);
        when.recv_timeout(STARTED).expect("slapd did not start");
        // It says so a moment before it listens.
        let late = Instant::now() + STARTED;
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(Instant::now() < late, "slapd does not listen");
            std::thread::yield_now();
        }
    }

    /// Ends the server at once, with whatever is under way.
    pub(crate) fn kill(&mut self) {
        if let Some(mut process) = self.process.take() {
            process.kill().unwrap();
            process.wait().unwrap();
        }
    }

    /// Stops the server where it stands (`STOP`) or lets it go on (`CONT`). Its connections stay open.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.process.as_ref().unwrap().id().to_string();
        assert!(Command::new("kill").args([&format!("-{name}"), &id]).status().unwrap().success());
        // The signal reaches each thread in its own time (proc(5): `T` is stopped).
        let late = Instant::now() + STARTED;
        while name == "STOP" && !all_stopped(&id) {
            assert!(Instant::now() < late, "slapd does not stop");
            std::thread::yield_now();
        }
    }

    pub(crate) fn url(&self) -> String {
        format!("ldap://127.0.0.1:{}", self.port)
    }

    pub(crate) const fn port(&self) -> u16 {
        self.port
    }

    /// A directory on this server, with these lines more.
    pub(crate) fn directory(&self, more: &str) -> Arc<dyn Directory> {
        at(&format!("'{}'", self.url()), more)
    }
}

impl Drop for Slapd {
    fn drop(&mut self) {
        self.kill();
    }
}

fn all_stopped(process: &str) -> bool {
    std::fs::read_dir(format!("/proc/{process}/task")).unwrap().all(|thread| {
        let stat = std::fs::read_to_string(thread.unwrap().path().join("stat")).unwrap_or_default();
        stat.rsplit_once(')').is_some_and(|(_, rest)| rest.trim_start().starts_with('T'))
    })
}

/// A directory under `dc=x` at these servers, as nobody in particular.
pub(crate) fn at(urls: &str, more: &str) -> Arc<dyn Directory> {
    let filter = "login_filter = '(|(uid={login})(mail={address}))'\nlisted_filter = '(objectClass=*)'";
    directory(&format!("urls = [{urls}]\nbase = 'dc=x'\n{filter}\n{more}\n"), "").1
}

/// A directory with these settings, in a folder with a file `secret`.
pub(crate) fn directory(text: &str, secret: &str) -> (TempDir, Arc<dyn Directory>) {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    std::fs::write(folder.path().join("secret"), secret).unwrap();
    let block = Block::from_text("garonne.directory", &folder.path().join("x.toml"), &format!("kind = 'ldap'\n{text}"));
    let directory = (FACTORY.build)(&block).unwrap_or_else(|fault| panic!("{fault}"));
    (folder, directory)
}

/// All legs in one text.
pub(crate) async fn verdicts(directory: &dyn Directory) -> String {
    let legs = directory.examine().await;
    let told = legs.iter().map(|leg| match &leg.verdict {
        Verdict::Works(remark) => format!("{} works: {remark}\n", leg.name),
        Verdict::Fails { what, remedy } => format!("{} fails: {what}; {remedy}\n", leg.name),
    });
    told.collect()
}

/// An entry of a person with password `pw-<uid>`.
pub(crate) fn person(uid: &str, more: &str) -> String {
    // slapadd wants the values of an attribute side by side.
    let (classes, more): (Vec<&str>, Vec<&str>) = more.lines().partition(|line| line.starts_with("objectClass:"));
    let lines = [classes, more].map(|lines| lines.iter().map(|line| format!("{line}\n")).collect::<String>());
    format!(
        "dn: uid={uid},dc=x\nobjectClass: inetOrgPerson\n{}uid: {uid}\ncn: {uid}\nsn: {uid}\nmail: {uid}@x.test\n\
         userPassword: pw-{uid}\n{}\n",
        lines[0], lines[1]
    )
}

/// A port that nobody listened on a moment ago.
pub(crate) fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// The certificate of an authority that signed nothing here, in a folder that goes with it.
pub(crate) fn other_authority() -> (TempDir, PathBuf) {
    let folder = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let file = folder.path().join("other.pem");
    let made = Command::new("openssl")
        .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"])
        .args(["-subj", "/CN=Another Authority", "-keyout", "/dev/null", "-out"])
        .arg(&file)
        .output()
        .expect("openssl is needed");
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    (folder, file)
}
