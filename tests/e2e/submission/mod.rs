//! Sending mail through the real Postfix into the real Dovecots.

mod chunks;
mod clients;
mod faults;
mod identities;
mod limits;
mod marks;
pub(crate) mod scanners;
mod smuggling;

use crate::harness::{Gateway, PATIENCE, State, binary, campus, curl, eventually, run, try_run};
use std::{
    fs,
    io::{BufRead, BufReader, Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
};

/// A raw conversation in clear.
pub(crate) struct Smtp {
    reader: BufReader<TcpStream>,
}

impl Smtp {
    pub(crate) fn connect(port: u16) -> Self {
        let stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let mut smtp = Self { reader: BufReader::new(stream) };
        let greeting = smtp.reply();
        assert!(greeting.starts_with("220 "), "{greeting}");
        smtp
    }

    /// Greets and logs in.
    #[track_caller]
    pub(crate) fn log_in(port: u16, login: &str, password: &str) -> Self {
        let mut smtp = Self::connect(port);
        smtp.says("EHLO client.test", "250");
        smtp.says(&format!("AUTH PLAIN {}", plain(login, password)), "235 2.7.0");
        smtp
    }

    fn send(&mut self, octets: &[u8]) {
        self.reader.get_mut().write_all(octets).unwrap();
    }

    /// The next reply whole, its lines joined; empty at the end of the connection.
    fn reply(&mut self) -> String {
        let mut whole = String::new();
        loop {
            let mut line = Vec::new();
            let _ = self.reader.read_until(b'\n', &mut line);
            let line = String::from_utf8_lossy(&line).into_owned();
            whole.push_str(&line);
            if line.as_bytes().get(3) != Some(&b'-') {
                return whole.trim_end().to_owned();
            }
        }
    }

    pub(crate) fn ask(&mut self, command: &str) -> String {
        self.send(format!("{command}\r\n").as_bytes());
        self.reply()
    }

    /// A command, and how the reply begins.
    #[track_caller]
    pub(crate) fn says(&mut self, command: &str, expected: &str) -> String {
        let reply = self.ask(command);
        assert!(reply.starts_with(expected), "{command}: {reply}");
        reply
    }

    /// Names sender and recipient and asks to send.
    #[track_caller]
    fn begin(&mut self, from: &str, to: &str) {
        self.says(&format!("MAIL FROM:<{from}>"), "250 ");
        self.says(&format!("RCPT TO:<{to}>"), "250 ");
        self.says("DATA", "354 ");
    }

    /// A message whole.
    #[track_caller]
    pub(crate) fn message(&mut self, from: &str, to: &str, text: &str) -> String {
        self.begin(from, to);
        self.send(text.as_bytes());
        self.ask("\r\n.")
    }

    /// Whether the other side has closed; what it still said.
    fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        let _ = self.reader.read_to_end(&mut rest);
        String::from_utf8_lossy(&rest).into_owned()
    }
}

/// base64 of `NUL login NUL password`.
pub(crate) fn plain(login: &str, password: &str) -> String {
    base64(&format!("\0{login}\0{password}"))
}

pub(crate) fn base64(text: &str) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in text.as_bytes().chunks(3) {
        let number = three.iter().fold(0_u32, |all, octet| all << 8 | u32::from(*octet)) << (8 * (3 - three.len()));
        for place in 0..=three.len() {
            out.push(char::from(LETTERS[(number >> (18 - 6 * place)) as usize & 63]));
        }
        out.push_str(&"=".repeat(3 - three.len()));
    }
    out
}

/// A subject that no other message has.
pub(crate) fn subject(what: &str) -> String {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    format!("{what}-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed))
}

/// A message as somebody writes it.
fn text(from: &str, to: &str, subject: &str) -> String {
    format!("From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nhello\r\n")
}

/// Speaks IMAP with a store of the campus itself, past the gateway.
fn store(institution: &str, login: &str, command: &str) -> String {
    let port = if institution == "garonne" { campus("CAMPUS_IMAP_A") } else { campus("CAMPUS_IMAP_B") };
    let url = format!("imap://localhost:{port}/INBOX{}", if command.starts_with(';') { command } else { "" });
    let mut arguments = vec!["-sS", "--noproxy", "*", "--user"];
    let who = format!("{login}:pw-{login}");
    arguments.extend([who.as_str(), url.as_str()]);
    if !command.starts_with(';') {
        arguments.extend(["-X", command]);
    }
    run("curl", &arguments)
}

/// One call of XML-RPC as an administrator of garonne.
pub(crate) fn call(gateway: &Gateway, method: &str, members: &str) -> String {
    let call = format!(
        "<?xml version=\"1.0\"?><methodCall><methodName>{method}</methodName><params><param><value><struct>{members}</struct></value></param></params></methodCall>"
    );
    let who = Some("u00001@a.test:pw-u00001");
    let more = ["-H", "Content-Type: text/xml", "--data", &call];
    curl(gateway, "garonne.localhost", who, "POST", "/xmlrpc", &more).body
}

pub(crate) fn member(name: &str, value: &str) -> String {
    format!("<member><name>{name}</name><value>{value}</value></member>")
}

/// Makes an app password for somebody of garonne: its id, and what it opens with.
fn app_password(gateway: &Gateway, login: &str, scope: &str) -> (String, String) {
    let body = call(
        gateway,
        "appPassword.make",
        &[member("login", login), member("name", scope), member("scope", scope)].concat(),
    );
    let value = |name: &str| {
        let rest = body.split(&format!("<name>{name}</name>")).nth(1).unwrap_or_else(|| panic!("{body}"));
        rest.split("<string>").nth(1).unwrap().split('<').next().unwrap().to_owned()
    };
    (value("id"), value("password"))
}

/// How many messages of this subject are in somebody's INBOX.
pub(crate) fn count(institution: &str, login: &str, subject: &str) -> usize {
    let found = store(institution, login, &format!("UID SEARCH SUBJECT \"{subject}\""));
    uids(&found).count()
}

/// What a search has found; a store may tell other things beside it.
fn uids(told: &str) -> impl Iterator<Item = &str> {
    told.lines().filter_map(|line| line.strip_prefix("* SEARCH")).flat_map(str::split_whitespace)
}

/// The message of this subject, as it lies in somebody's INBOX, once it has arrived.
#[track_caller]
pub(crate) fn arrived(institution: &str, login: &str, subject: &str) -> String {
    eventually(&format!("{subject} arrives"), || count(institution, login, subject) > 0);
    let found = store(institution, login, &format!("UID SEARCH SUBJECT \"{subject}\""));
    let uid = uids(&found).last().unwrap().to_owned();
    store(institution, login, &format!(";UID={uid}"))
}

/// Lets a message of one's own pass and arrive: what was sent before it would have arrived too.
#[track_caller]
pub(crate) fn settle(gateway: &Gateway, to_institution: &str, to: &str) {
    let (domain, subject) = (if to_institution == "garonne" { "a.test" } else { "b.test" }, subject("settle"));
    let to_address = format!("{to}@{domain}");
    let mut smtp = Smtp::log_in(gateway.submission, "u00009@a.test", "pw-u00009");
    let reply = smtp.message("u00009@a.test", &to_address, &text("u00009@a.test", &to_address, &subject));
    assert!(reply.starts_with("250 "), "{reply}");
    arrived(to_institution, to, &subject);
}

/// What `doctor` says of garonne.
pub(crate) fn doctor(gateway: &Gateway) -> String {
    let config = gateway.config();
    let arguments = ["doctor", "--config", config.to_str().unwrap(), "--institution", "garonne"];
    String::from_utf8_lossy(&try_run(binary().to_str().unwrap(), &arguments).stdout).into_owned()
}

/// A gateway whose garonne has another MTA, or other rules.
pub(crate) fn gateway_with(name: &str, change: impl Fn(&str) -> String) -> Gateway {
    Gateway::start_with(name, &State::Sqlite, |config| {
        let file = config.join("institutions/garonne/institution.toml");
        let changed = change(&fs::read_to_string(&file).unwrap());
        fs::write(&file, changed).unwrap();
    })
}

/// The settings with another MTA, in clear.
fn with_mta(settings: &str, port: u16) -> String {
    let relay = format!("\"127.0.0.1:{}\"\ntls = \"starttls\"", campus("CAMPUS_RELAY"));
    let changed = settings.replace(&relay, &format!("\"127.0.0.1:{port}\"\ntls = \"none\"\ntimeout_ms = 2000"));
    assert_ne!(changed, settings, "the MTA's address is in the settings");
    changed
}

/// What a fake MTA does when a command has come, or the end of a message.
type Act = Box<dyn Fn(&str, &mut TcpStream) -> bool + Send + Sync>;

/// An MTA for faults that a real one cannot be brought to: it answers as one does, unless `act` does something else. It keeps
/// what it heard, and whether the messages came to their ends.
struct FakeMta {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl FakeMta {
    /// `act` is asked first at each command (`.` is the end of a message); `true` says that it has answered.
    fn start(act: Act) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let (kept, act) = (Arc::clone(&heard), Arc::new(act));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (kept, act) = (Arc::clone(&kept), Arc::clone(&act));
                std::thread::spawn(move || serve(stream.unwrap(), &kept, &act));
            }
        });
        Self { port, heard }
    }

    fn heard(&self) -> Vec<String> {
        self.heard.lock().unwrap().clone()
    }

    /// Waits until it has heard a line.
    #[track_caller]
    fn wait_for(&self, line: &str) {
        eventually(line, || self.heard().iter().any(|heard| heard == line));
    }
}

fn serve(stream: TcpStream, kept: &Mutex<Vec<String>>, act: &Act) {
    let mut writer = stream.try_clone().unwrap();
    let mut reader = BufReader::new(stream);
    let mut in_message = false;
    let say = |writer: &mut TcpStream, text: &str| drop(writer.write_all(format!("{text}\r\n").as_bytes()));
    say(&mut writer, "220 fake.test ESMTP");
    loop {
        let mut line = Vec::new();
        if reader.read_until(b'\n', &mut line).unwrap_or(0) == 0 {
            kept.lock().unwrap().push(if in_message { "(cut)" } else { "(end)" }.to_owned());
            return;
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        kept.lock().unwrap().push(line.clone());
        if in_message && line != "." {
            if line == "X-Act: now" && act("(inside)", &mut writer) {
                return;
            }
            continue;
        }
        let verb = line.split([' ', ':']).next().unwrap_or_default().to_owned();
        if act(&verb, &mut writer) {
            if verb == "." {
                in_message = false;
            }
            continue;
        }
        match verb.as_str() {
            "EHLO" => {
                say(&mut writer, "250-fake.test\r\n250-PIPELINING\r\n250-SIZE 1000000\r\n250-8BITMIME\r\n250 DSN");
            }
            "DATA" => {
                in_message = true;
                say(&mut writer, "354 go on");
            }
            "." => {
                in_message = false;
                say(&mut writer, "250 2.0.0 fake has it");
            }
            "QUIT" => return say(&mut writer, "221 bye"),
            _ => say(&mut writer, "250 2.1.0 fine"),
        }
    }
}

/// Ends a connection at once.
fn hang_up(stream: &TcpStream) {
    let _ = stream.shutdown(Shutdown::Both);
}
