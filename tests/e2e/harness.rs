//! Starting a gateway of one's own for each test, and speaking to it.

use std::{
    collections::HashMap,
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::{
        LazyLock,
        atomic::{AtomicU16, Ordering},
    },
    time::{Duration, Instant},
};

/// How long anything may take before a test fails.
pub const PATIENCE: Duration = Duration::from_secs(20);

/// The campus's facts, from its `env` file.
pub static CAMPUS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    let dir = std::env::var("PASSERELLE_TEST_CAMPUS")
        .expect("PASSERELLE_TEST_CAMPUS names the campus's folder: run `cargo xtask test`");
    let text = fs::read_to_string(Path::new(&dir).join("env")).expect("the campus is up");
    text.lines()
        .filter_map(|line| line.split_once('='))
        .map(|(name, value)| (name.to_owned(), value.trim_matches(['\'', '"']).to_owned()))
        .collect()
});

/// A fact of the campus.
pub fn campus(name: &str) -> &'static str {
    CAMPUS.get(name).unwrap_or_else(|| panic!("the campus says nothing of {name}"))
}

/// The workspace's root.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// Where State is.
#[derive(Clone)]
pub enum State {
    Sqlite,
    /// A database of this name on the campus's PostgreSQL, made by the test.
    Postgres(String),
}

/// A gateway of a test's own.
pub struct Gateway {
    pub dir: PathBuf,
    pub https: u16,
    pub http: u16,
    pub imap: u16,
    pub imaps: u16,
    pub pop3: u16,
    pub pop3s: u16,
    pub sieve: u16,
    pub submission: u16,
    pub submissions: u16,
    pub ftp: u16,
    pub ftps: u16,
    pub metrics: u16,
    /// The system's account that it runs as; root, or whoever runs the tests, without.
    account: Option<&'static str>,
    child: Option<Child>,
}

impl Gateway {
    /// Writes settings and starts the gateway.
    pub fn start(name: &str) -> Self {
        Self::start_with(name, &State::Sqlite, |_| {})
    }

    /// Starts it with a change to its folder before.
    pub fn start_with(name: &str, state: &State, change: impl FnOnce(&Path)) -> Self {
        Self::start_as(name, None, state, change)
    }

    /// The same as an account of the system.
    pub fn start_as(name: &str, account: Option<&'static str>, state: &State, change: impl FnOnce(&Path)) -> Self {
        let dir = root().join("target/test/gateways").join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        let [https, http, imap, imaps, pop3, pop3s, sieve, submission, submissions, ftp, ftps, metrics] = free_ports();
        let mut gateway = Self {
            dir,
            https,
            http,
            imap,
            imaps,
            pop3,
            pop3s,
            sieve,
            submission,
            submissions,
            ftp,
            ftps,
            metrics,
            account,
            child: None,
        };
        gateway.write_settings(state);
        if let Some(account) = account {
            run("chown", &["-R", account, gateway.dir.join("state").to_str().unwrap()]);
        }
        change(&gateway.dir.join("config"));
        gateway.run();
        gateway
    }

    /// A second node with the settings and State of this one, on ports of its own.
    pub fn twin(&self, name: &str, state: &State) -> Self {
        self.twin_with(name, state, |_| {})
    }

    /// A second node, with the change to its folder that this one had.
    pub fn twin_with(&self, name: &str, state: &State, change: impl FnOnce(&Path)) -> Self {
        let [https, http, imap, imaps, pop3, pop3s, sieve, submission, submissions, ftp, ftps, metrics] = free_ports();
        let dir = self.dir.with_file_name(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&dir);
        let mut twin = Self {
            dir,
            https,
            http,
            imap,
            imaps,
            pop3,
            pop3s,
            sieve,
            submission,
            submissions,
            ftp,
            ftps,
            metrics,
            account: None,
            child: None,
        };
        twin.write_settings(state);
        // The same session key and the same files: what makes two processes one gateway.
        fs::copy(self.dir.join("config/session.key"), twin.dir.join("config/session.key")).unwrap();
        let files = self.dir.join("files");
        for institution in ["garonne", "autan"] {
            let settings = twin.dir.join(format!("config/institutions/{institution}/institution.toml"));
            let text = fs::read_to_string(&settings).unwrap();
            let text = text.replace(twin.dir.join("files").to_str().unwrap(), files.to_str().unwrap());
            fs::write(settings, text).unwrap();
        }
        change(&twin.dir.join("config"));
        twin.run();
        twin
    }

    pub fn config(&self) -> PathBuf {
        self.dir.join("config")
    }

    /// A person's own folder on the share.
    pub fn home(&self, institution: &str, login: &str) -> PathBuf {
        self.dir.join("files").join(institution).join(login)
    }

    /// Starts the process and waits until it is ready.
    pub fn run(&mut self) {
        let log = fs::OpenOptions::new().create(true).append(true).open(self.dir.join("log")).unwrap();
        let mut command = match self.account {
            None => Command::new(binary()),
            Some(account) => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", account, "--regid", account, "--clear-groups"]).arg(binary());
                command
            }
        };
        let child = command
            .args(["serve", "--config"])
            .arg(self.config())
            .env("PASSERELLE_LOG", "debug,hyper=info,sqlx=info,h2=info,rustls=info,ldap3=info")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .expect("target/debug/passerelle is built");
        self.child = Some(child);
        let deadline = Instant::now() + PATIENCE;
        let of_mail = [self.imap, self.imaps, self.pop3, self.pop3s, self.sieve, self.submission, self.submissions];
        for port in [self.https, self.http, self.ftp, self.ftps, self.metrics].into_iter().chain(of_mail) {
            while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
                let ended = self.child.as_mut().unwrap().try_wait().unwrap();
                assert!(ended.is_none() && Instant::now() < deadline, "the gateway did not start: {}", self.log());
                std::thread::sleep(Duration::from_millis(10));
            }
        }
    }

    /// `kill -9`.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }

    pub fn pid(&self) -> u32 {
        self.child.as_ref().unwrap().id()
    }

    /// Sends a signal by its name.
    pub fn signal(&self, name: &str) {
        run("kill", &[&format!("-{name}"), &self.pid().to_string()]);
    }

    /// Waits for the process to end by itself.
    pub fn wait(&mut self) -> bool {
        self.child.take().unwrap().wait().unwrap().success()
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.dir.join("log")).unwrap_or_default()
    }

    /// Waits until the log says something.
    pub fn wait_for_log(&self, text: &str) {
        eventually(text, || self.log().contains(text));
    }

    /// The most memory that it has held, in KiB.
    pub fn peak(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches("kB").trim().parse().unwrap()
    }

    fn write_settings(&self, state: &State) {
        let config = self.dir.join("config");
        for folder in ["files/garonne", "files/autan", "config/institutions", "state"] {
            fs::create_dir_all(self.dir.join(folder)).unwrap();
        }
        fs::write(config.join("session.key"), b"a session key of thirty-two octets").unwrap();
        fs::write(config.join("ldap"), "svc-gateway\n").unwrap();
        fs::write(config.join("ldap-provision"), "svc-provision\n").unwrap();
        fs::write(config.join("imap-master"), "gw-secret\n").unwrap();
        fs::write(config.join("sieve-master"), "gw-secret\n").unwrap();
        fs::write(config.join("radicale"), "pw-gateway\n").unwrap();
        fs::write(config.join("postgres"), "pw-passerelle\n").unwrap();
        let state = match state {
            State::Sqlite => format!("kind = \"sqlite\"\npath = {:?}", self.dir.join("state/state.sqlite")),
            State::Postgres(database) => format!(
                "kind = \"postgres\"\nurl = \"postgres://passerelle@127.0.0.1:{}/{database}\"\npassword = {{ file = \"postgres\" }}",
                campus("CAMPUS_POSTGRES")
            ),
        };
        let ca = campus("CAMPUS_CA");
        let main = format!(
            r#"default_institution = "garonne"
[listen]
https = "127.0.0.1:{}"
http = "127.0.0.1:{}"
imaps = "127.0.0.1:{}"
imap = "127.0.0.1:{}"
pop3s = "127.0.0.1:{}"
pop3 = "127.0.0.1:{}"
sieve = "127.0.0.1:{}"
submission = "127.0.0.1:{}"
submissions = "127.0.0.1:{}"
ftp = "127.0.0.1:{}"
ftps = "127.0.0.1:{}"
metrics = "127.0.0.1:{}"
[network]
plain_login_from = ["127.0.0.0/8"]
[limits]
refusal_millis = 200
drain_seconds = 5
[session]
keys = [{{ file = "session.key" }}]
[state]
{state}
[realm.garonne.directory]
kind = "ldap"
urls = ["ldap://127.0.0.1:{}"]
starttls = true
ca = "{ca}"
base = "dc=a,dc=test"
people_base = "ou=people,dc=a,dc=test"
groups_base = "ou=groups,dc=a,dc=test"
bind_dn = "cn=gateway,ou=services,dc=a,dc=test"
bind_password = {{ file = "ldap" }}
cache_seconds = 1
[realm.garonne.directory.provision]
bind_dn = "cn=provision,ou=services,dc=a,dc=test"
bind_password = {{ file = "ldap-provision" }}
disabled = "ou=disabled,dc=a,dc=test"
person_classes = ["inetOrgPerson", "eduPerson", "supannPerson"]
writable = ["employeeNumber", "roomNumber"]
[realm.garonne.directory.provision.lock]
attribute = "pwdAccountLockedTime"
value = "000001010000Z"
[realm.autan.directory]
kind = "ldap"
urls = ["ldaps://127.0.0.1:{}"]
ca = "{ca}"
base = "dc=b,dc=test"
people_base = "ou=people,dc=b,dc=test"
groups_base = "ou=groups,dc=b,dc=test"
bind_dn = "cn=gateway,ou=services,dc=b,dc=test"
bind_password = {{ file = "ldap" }}
[realm.autan.directory.provision]
bind_dn = "cn=provision,ou=services,dc=b,dc=test"
bind_password = {{ file = "ldap-provision" }}
disabled = "ou=disabled,dc=b,dc=test"
person_classes = ["inetOrgPerson", "eduPerson", "supannPerson"]
writable = ["employeeNumber", "roomNumber"]
[realm.autan.directory.provision.lock]
attribute = "pwdAccountLockedTime"
value = "000001010000Z"
[realm.centre.directory]
kind = "ldif"
file = "{}"
"#,
            self.https,
            self.http,
            self.imaps,
            self.imap,
            self.pop3s,
            self.pop3,
            self.sieve,
            self.submission,
            self.submissions,
            self.ftp,
            self.ftps,
            self.metrics,
            campus("CAMPUS_LDAP_A"),
            campus("CAMPUS_LDAPS_B"),
            campus("CAMPUS_LDIF_C"),
        );
        fs::write(config.join("passerelle.toml"), main).unwrap();
        for (id, domain, name, mail) in [
            ("garonne", "a.test", "Garonne", Some((campus("CAMPUS_IMAP_A"), campus("CAMPUS_SIEVE_A"), "starttls", ""))),
            (
                "autan",
                "b.test",
                "Autan",
                Some((campus("CAMPUS_IMAPS_B"), campus("CAMPUS_SIEVE_B"), "implicit", "separator = \"*\"")),
            ),
            ("centre", "c.test", "Centre", None),
        ] {
            let folder = config.join("institutions").join(id);
            fs::create_dir_all(&folder).unwrap();
            let certificates = Path::new(ca).parent().unwrap();
            let mut text = format!(
                "hosts = [\"{id}.localhost\"]\nmail_domains = [\"{domain}\"]\nrealm = \"{id}\"\nadministrators = [\"u00001\"]\nshares_with = []\n[name]\nen = \"{name} University\"\nfr = \"Université {name}\"\n[branding]\ncolour = \"#8a1538\"\n[tls]\ncertificate = {:?}\nkey = {:?}\n",
                certificates.join(format!("{id}.pem")),
                certificates.join(format!("{id}.key")),
            );
            if let Some((port, sieve, tls, separator)) = mail {
                // Two institutions on one server: each has homes of its own there.
                let letter = domain.split('.').next().unwrap();
                for family in ["calendars", "contacts"] {
                    text += &format!(
                        "[{family}]\nkind = \"dav\"\nurl = \"http://127.0.0.1:{}/{letter}-{{login}}/\"\ncreate = true\nuser = \"gateway\"\npassword = {{ file = \"../../radicale\" }}\n",
                        campus("CAMPUS_RADICALE"),
                    );
                }
                text += &format!(
                    "[filters]\nkind = \"managesieve\"\naddress = \"127.0.0.1:{sieve}\"\ntls = \"starttls\"\nca = \"{ca}\"\n[filters.master]\nuser = \"gateway\"\npassword = {{ file = \"../../sieve-master\" }}\n{separator}\n",
                );
                text += &format!(
                    "[mail]\nkind = \"imap\"\naddress = \"127.0.0.1:{port}\"\ntls = \"{tls}\"\nca = \"{ca}\"\n[mail.master]\nuser = \"gateway\"\npassword = {{ file = \"../../imap-master\" }}\n{separator}\n[submission]\nkind = \"smtp\"\naddress = \"127.0.0.1:{relay}\"\ntls = \"starttls\"\nca = \"{ca}\"\nforward_client = true\n[files.home]\nkind = \"local\"\npath = {:?}\ncreate = true\n",
                    self.dir.join("files").join(id).join("{login}"),
                    relay = campus("CAMPUS_RELAY"),
                );
            }
            fs::write(folder.join("institution.toml"), text).unwrap();
        }
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The gateway's binary, as `cargo build` left it.
pub fn binary() -> PathBuf {
    root().join("target/debug/passerelle")
}

/// Ports that nobody listens on, below those that the kernel gives to outgoing connections: a gateway that is killed and
/// started again must find its own still free.
pub fn free_ports<const N: usize>() -> [u16; N] {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let mine = u16::try_from(std::process::id() % 475).unwrap() * 20;
    [(); N].map(|()| {
        loop {
            let port = 10_000 + (mine + NEXT.fetch_add(1, Ordering::Relaxed)) % 9_500;
            if TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok() {
                return port;
            }
        }
    })
}

/// Waits for something to become true.
#[track_caller]
pub fn eventually(what: &str, mut true_yet: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !true_yet() {
        assert!(Instant::now() < deadline, "it never came to pass: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Runs a program that must succeed; its standard output.
#[track_caller]
pub fn run(program: &str, arguments: &[&str]) -> String {
    let output = try_run(program, arguments);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{program} {arguments:?}: {:?}\n{out}\n{err}", output.status);
    out.into_owned()
}

/// Runs a program.
pub fn try_run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program}: {error}"))
}

/// An HTTP answer.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        let wanted = name.to_ascii_lowercase();
        self.head.lines().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            (name.to_ascii_lowercase() == wanted).then_some(value.trim())
        })
    }
}

/// One request with curl. `who` is `login:password`, or nobody.
#[track_caller]
pub fn curl(gateway: &Gateway, host: &str, who: Option<&str>, method: &str, path: &str, more: &[&str]) -> Answer {
    let url = format!("https://{host}:{}{path}", gateway.https);
    let mut arguments = vec!["-s", "-i", "--path-as-is", "--cacert", campus("CAMPUS_CA"), "-X", method, &url];
    if method == "HEAD" {
        arguments.push("--head");
    }
    if let Some(who) = who {
        arguments.extend(["-u", who]);
    }
    arguments.extend(more);
    let output = try_run("curl", &arguments);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    // "100 Continue" has a head of its own.
    let mut rest = text.as_str();
    while rest.starts_with("HTTP/1.1 100") || rest.starts_with("HTTP/2 100") {
        rest = rest.split_once("\r\n\r\n").map_or("", |(_, rest)| rest);
    }
    let (head, body) = rest.split_once("\r\n\r\n").unwrap_or((rest, ""));
    let status = head.split_whitespace().nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

/// A raw IMAP conversation in clear.
pub struct Imap {
    reader: BufReader<TcpStream>,
}

impl Imap {
    /// Connects and reads the greeting.
    pub fn connect(port: u16) -> (Self, String) {
        let stream = TcpStream::connect(SocketAddr::from((Ipv4Addr::LOCALHOST, port))).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut imap = Self { reader: BufReader::new(stream) };
        let greeting = imap.line();
        (imap, greeting)
    }

    /// Connects and logs in.
    #[track_caller]
    pub fn log_in(port: u16, login: &str, password: &str) -> Self {
        let (mut imap, _) = Self::connect(port);
        let answer = imap.command(&format!("l LOGIN {login} {password}"));
        assert!(answer.last().unwrap().starts_with("l OK"), "{answer:?}");
        imap
    }

    pub fn send(&mut self, octets: &[u8]) {
        self.reader.get_mut().write_all(octets).unwrap();
    }

    /// The next line; empty at the end of the connection.
    pub fn line(&mut self) -> String {
        self.next_line().unwrap_or_default()
    }

    fn next_line(&mut self) -> Option<String> {
        let mut line = Vec::new();
        let length = self.reader.read_until(b'\n', &mut line).unwrap_or(0);
        (length > 0).then(|| String::from_utf8_lossy(&line).trim_end().to_owned())
    }

    /// Sends a command and reads up to its tagged answer.
    pub fn command(&mut self, command: &str) -> Vec<String> {
        self.send(format!("{command}\r\n").as_bytes());
        self.answer(command.split(' ').next().unwrap())
    }

    /// Reads up to a tagged answer, or the end.
    pub fn answer(&mut self, tag: &str) -> Vec<String> {
        let mut lines = Vec::new();
        loop {
            let Some(line) = self.next_line() else {
                lines.push(String::new());
                return lines;
            };
            let ended = line.starts_with(&format!("{tag} "));
            lines.push(line);
            if ended {
                return lines;
            }
        }
    }

    /// Everything to the end of the connection.
    pub fn rest(&mut self) -> Vec<u8> {
        let mut rest = Vec::new();
        let _ = self.reader.read_to_end(&mut rest);
        rest
    }

    /// Closes the client's half.
    pub fn hang_up(&self) {
        let _ = self.reader.get_ref().shutdown(std::net::Shutdown::Write);
    }

    /// The stream, past what was read.
    pub fn into_stream(self) -> TcpStream {
        self.reader.into_inner()
    }

    /// Whether something has come that was not read yet, or the end.
    pub fn is_spoken_to(&mut self) -> bool {
        if !self.reader.buffer().is_empty() {
            return true;
        }
        let stream = self.reader.get_ref();
        stream.set_nonblocking(true).unwrap();
        let come = stream.peek(&mut [0]).is_ok();
        stream.set_nonblocking(false).unwrap();
        come
    }

    /// Whether the other side has closed, after what it may still have said.
    pub fn is_closed(&mut self) -> bool {
        let mut rest = Vec::new();
        self.reader.read_to_end(&mut rest).is_ok()
    }
}
