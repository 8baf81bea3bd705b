//! Each server is asked by a real client, with a real log-in, before `up` says that it is up.

use super::ports::{Institution, Service};
use super::{Site, ceph, postgres};
use crate::failure::{Failure, Result};
use crate::process::{self, quiet};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How long a message may take from the MTA of A to a mailbox of B.
const DELIVERY: Duration = Duration::from_secs(20);

/// What was tried and how it went; a failure says what the other side answered.
type Check = (String, std::result::Result<String, String>);

/// Runs all checks, those of different servers side by side, prints them and answers how many failed.
pub(super) fn all(site: &Site) -> Result<usize> {
    let results: Vec<Check> = thread::scope(|scope| {
        let mut running = Vec::new();
        for institution in Institution::ALL {
            running.push(scope.spawn(move || directory(site, institution)));
            running.push(scope.spawn(move || mail(site, institution)));
            running.push(scope.spawn(move || sign_on(site, institution)));
        }
        running.push(scope.spawn(move || other_mail(site)));
        running.push(scope.spawn(move || transport(site)));
        running.push(scope.spawn(move || shares(site)));
        running.push(scope.spawn(move || far_files(site)));
        running.push(scope.spawn(move || calendars(site)));
        running.push(scope.spawn(move || database(site)));
        running.into_iter().map(|thread| thread.join().unwrap_or_else(|_| vec![panicked()])).collect::<Vec<_>>()
    })
    .concat();
    for (what, result) in &results {
        match result {
            Ok(note) if note.is_empty() => println!("            ok    {what}"),
            Ok(note) => println!("            ok    {what}: {note}"),
            Err(answer) => println!("            FAIL  {what}: {}", process::tail(answer)),
        }
    }
    if results.is_empty() {
        return Err(Failure::new("no check ran"));
    }
    Ok(results.iter().filter(|(_, result)| result.is_err()).count())
}

fn panicked() -> Check {
    ("a check".to_owned(), Err("it panicked".to_owned()))
}

/// One check: `good` looks at whether the client was content and at what it printed.
fn check(what: impl Into<String>, command: &mut Command, good: impl Fn(bool, &str) -> bool) -> Check {
    let (success, words) = process::words(command.stdin(Stdio::null()));
    let result = if good(success, &words) { Ok(String::new()) } else { Err(words) };
    (what.into(), result)
}

fn directory(site: &Site, institution: Institution) -> Vec<Check> {
    let letter = institution.letter();
    let ldap = format!("ldap://127.0.0.1:{}", site.ports.of(Service::Ldap, institution));
    let ldaps = format!("ldaps://127.0.0.1:{}", site.ports.of(Service::Ldaps, institution));
    let client = |program: &str| {
        let mut command = quiet(program);
        command.env("LDAPTLS_CACERT", site.ca().join("ca.pem")).arg("-x");
        command
    };
    let whoami = |uid: &str, options: &[&str]| {
        let mut command = client("ldapwhoami");
        let dn = format!("uid={uid},ou=people,dc={letter},dc=test");
        command.args(options).args(["-D", &dn, "-w", &format!("pw-{uid}")]);
        command
    };
    let mut search = client("ldapsearch");
    search.args(["-LLL", "-H", &ldap, "-D", &format!("cn=gateway,ou=services,dc={letter},dc=test")]);
    search.args(["-w", "svc-gateway", "-b", &format!("dc={letter},dc=test"), "(uid=u00001)", "memberOf"]);
    vec![
        check(format!("{letter} LDAP bind over StartTLS"), &mut whoami("u00001", &["-ZZ", "-H", &ldap]), |ok, _| ok),
        check(format!("{letter} LDAP bind over TLS"), &mut whoami("u00001", &["-H", &ldaps]), |ok, _| ok),
        check(format!("{letter} LDAP memberOf by the gateway's account"), &mut search, |ok, words| {
            ok && words.lines().any(|line| line.starts_with("memberOf: cn=g0001,"))
        }),
    ]
}

/// curl, which knows IMAP, POP3 and SMTP as well.
fn curl(site: &Site, login: &str, url: &str) -> Command {
    let mut command = quiet("curl");
    command.args(["-sS", "--noproxy", "*", "--cacert"]).arg(site.ca().join("ca.pem"));
    command.args(["--user", login, url]);
    command
}

fn mail(site: &Site, institution: Institution) -> Vec<Check> {
    let letter = institution.letter();
    let at = |scheme: &str, service| format!("{scheme}://localhost:{}/", site.ports.of(service, institution));
    let imap = at("imap", Service::Imap);
    let (people, messages) = site.size.mail(institution);
    let expected = if people == 0 { 0 } else { messages };
    let full = |ok: bool, words: &str| ok && number(words).is_some_and(|count| count >= expected);
    let mut own = curl(site, "u00001:pw-u00001", &at("imaps", Service::Imaps));
    own.args(["-X", "STATUS INBOX (MESSAGES)"]);
    let mut master = curl(site, "u00001*gateway:gw-secret", &imap);
    master.args(["-X", "STATUS INBOX (MESSAGES)"]);
    let mut authzid = curl(site, "gateway:gw-secret", &imap);
    authzid.args(["--login-options", "AUTH=PLAIN", "--sasl-authzid", "u00003", "-X", "GETQUOTAROOT INBOX"]);
    vec![
        check(format!("{letter} IMAP over TLS, INBOX has {expected} messages"), &mut own, full),
        check(format!("{letter} IMAP as a user by the master account"), &mut master, full),
        check(format!("{letter} IMAP PLAIN with authorization identity, quota"), &mut authzid, |ok, words| {
            ok && words.contains("User quota")
        }),
        check(format!("{letter} IMAP refuses a wrong password"), &mut curl(site, "u00001:bad", &imap), |ok, words| {
            !ok && words.contains("denied")
        }),
        check(format!("{letter} POP3"), &mut curl(site, "u00001:pw-u00001", &at("pop3", Service::Pop3)), |ok, _| ok),
    ]
}

/// The store of another kind, which the gateway reaches as the others.
fn other_mail(site: &Site) -> Vec<Check> {
    let mut imap = curl(site, "gateway:gw-secret", &format!("imap://localhost:{}/", site.ports.cyrus_imap()));
    imap.args(["--login-options", "AUTH=PLAIN", "--sasl-authzid", "u00003", "-X", "STATUS INBOX (MESSAGES)"]);
    let mut pop3 = curl(site, "u00003:pw-u00003", &format!("pop3://localhost:{}/", site.ports.cyrus_pop3()));
    vec![
        check("Cyrus IMAP PLAIN with authorization identity", &mut imap, |ok, words| ok && words.contains("MESSAGES")),
        check("Cyrus POP3", &mut pop3, |ok, _| ok),
    ]
}

/// The only number in an answer such as `* STATUS INBOX (MESSAGES 200)`.
fn number(words: &str) -> Option<u32> {
    let digits: String = words.chars().filter(char::is_ascii_digit).collect();
    digits.parse().ok()
}

/// From A's submission port by LMTP into a mailbox of B, seen by IMAP.
fn transport(site: &Site) -> Vec<Check> {
    if !site.account.from_root {
        return Vec::new();
    }
    let stamp = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos());
    let subject = format!("up-{stamp}");
    let file = site.dir.join("check.eml");
    let text = format!("From: u00001@a.test\r\nTo: u00002@b.test\r\nSubject: {subject}\r\n\r\nhello\r\n");
    if let Err(failure) = crate::files::write(&file, text, crate::files::PUBLIC) {
        return vec![("mail from A to B".to_owned(), Err(failure.to_string()))];
    }
    let smtp = format!("smtp://localhost:{}", site.ports.of(Service::Submission, Institution::A));
    let mut send = curl(site, "u00001:pw-u00001", &smtp);
    send.args(["--ssl-reqd", "--mail-from", "u00001@a.test", "--mail-rcpt", "u00002@b.test", "-T"]).arg(&file);
    let mut checks = vec![check("a submission with STARTTLS and SASL", &mut send, |ok, _| ok)];
    let imap = format!("imap://localhost:{}/INBOX", site.ports.of(Service::Imap, Institution::B));
    let mut words = String::new();
    let arrived = process::wait_until(DELIVERY, || {
        let mut search = curl(site, "u00002:pw-u00002", &imap);
        search.args(["-X", &format!("UID SEARCH SUBJECT {subject}")]);
        words = process::words(&mut search).1;
        number(&words).is_some()
    });
    checks.push((
        "delivered by LMTP, seen by IMAP at b".to_owned(),
        if arrived { Ok(String::new()) } else { Err(words) },
    ));
    checks
}

/// Files on other servers, by WebDAV, SFTP, FTP and S3.
fn far_files(site: &Site) -> Vec<Check> {
    let webdav = |login: &str, scheme: &str, port: u16, path: &str| {
        let mut command = curl(site, login, &format!("{scheme}://localhost:{port}/{path}"));
        command.args(["-o", "/dev/null", "-w", "%{http_code}", "-X", "PROPFIND", "-H", "Depth: 0"]);
        command
    };
    let (clear, tls) = (site.ports.webdav(), site.ports.webdavs());
    let mut own = webdav("u00001:pw-u00001", "http", clear, "own/u00001/");
    let mut others = webdav("u00002:pw-u00002", "http", clear, "own/u00001/");
    let mut service = webdav("gateway:pw-gateway", "https", tls, "homes/");
    // Not curl, whose data connections wait for each other with this server's.
    let ftp = |user: &str, password: &str| {
        let mut command = quiet("/usr/bin/python3");
        command.args([
            "-c",
            "import ftplib, ssl, sys\nca, port, user, password = sys.argv[1:]\n\
             ftp = ftplib.FTP_TLS(context=ssl.create_default_context(cafile=ca))\n\
             ftp.connect('localhost', int(port)); ftp.login(user, password); ftp.prot_p(); print(ftp.nlst())",
        ]);
        command.arg(site.ca().join("ca.pem")).args([&site.ports.ftp().to_string(), user, password]);
        command
    };
    let sftp = |login: &str| {
        let mut command = curl(site, login, &format!("sftp://localhost:{}/~/", site.ports.sftp()));
        command.args(["--insecure", "--list-only"]);
        command
    };
    let mut objects = ceph::s3(site, ceph::KEY, ceph::BUCKET);
    objects.args(["-f", "-o", "/dev/null", "-w", "%{http_code}"]);
    let mut wrong = ceph::s3(site, (ceph::KEY.0, "bad"), ceph::BUCKET);
    wrong.args(["-o", "/dev/null", "-w", "%{http_code}"]);
    vec![
        check("S3 bucket by the service account", &mut objects, |_, code| code == "200"),
        check("S3 refuses a wrong secret", &mut wrong, |_, code| code == "403"),
        check("WebDAV home as its owner", &mut own, |_, code| code == "207"),
        check("WebDAV home refused to another", &mut others, |_, code| code == "401"),
        check("WebDAV homes by the service account, over TLS", &mut service, |_, code| code == "207"),
        check("SFTP by password", &mut sftp("u00001:pw-u00001"), |ok, words| ok && words.contains("u00001")),
        check("FTP under TLS", &mut ftp("u00001", "pw-u00001"), |ok, words| ok && words.contains("u00001")),
        check("FTP refuses a wrong password", &mut ftp("u00001", "bad"), |ok, _| !ok),
        check("SFTP refuses a wrong password", &mut sftp("u00001:bad"), |ok, _| !ok),
    ]
}

fn shares(site: &Site) -> Vec<Check> {
    let smb = |share: &str, user: &str, command: &str| {
        let mut client = quiet("smbclient");
        client.args(["-s", "/dev/null", "-p", &site.ports.smb().to_string(), &format!("//127.0.0.1/{share}")]);
        client.args(["-U", &format!("{user}%pw-{user}"), "-c", command]);
        client
    };
    vec![
        check("SMB home read as its owner", &mut smb("u00001", "u00001", "get Notes.txt -"), |ok, words| {
            ok && words.contains("bonjour")
        }),
        check("SMB share refused to another", &mut smb("labo", "u00002", "ls"), |ok, words| {
            !ok && words.contains("ACCESS_DENIED")
        }),
        check("SMB homes by the service account", &mut smb("users", "gateway", "cd u00001; ls"), |ok, words| {
            ok && words.contains("Notes.txt")
        }),
    ]
}

fn calendars(site: &Site) -> Vec<Check> {
    let url = format!("http://127.0.0.1:{}/u00001/", site.ports.radicale());
    let status = |login: &str, method: &str, path: &str| {
        let mut command = curl(site, login, &format!("{url}{path}"));
        command.args(["-o", "/dev/null", "-w", "%{http_code}", "-X", method]);
        command
    };
    let own = "u00001:pw-u00001";
    vec![
        // 409: it is there since the last time.
        check("Radicale MKCALENDAR", &mut status(own, "MKCALENDAR", "cal/"), |_, code| matches!(code, "201" | "409")),
        check("Radicale PROPFIND as the owner", &mut status(own, "PROPFIND", "cal/"), |_, code| code == "207"),
        check("Radicale by the gateway's account", &mut status("gateway:pw-gateway", "PROPFIND", "cal/"), |_, code| {
            code == "207"
        }),
        check("Radicale refuses a wrong password", &mut status("u00001:bad", "PROPFIND", ""), |_, code| code == "401"),
    ]
}

fn sign_on(site: &Site, institution: Institution) -> Vec<Check> {
    let what = format!("{} CAS log-in, tickets, proxy tickets, single log-out", institution.letter());
    let script = match site.script("cas_check.py", include_str!("../../campus/cas_check.py")) {
        Ok(script) => script,
        Err(failure) => return vec![(what, Err(failure.to_string()))],
    };
    let base = format!("http://127.0.0.1:{}/cas", site.ports.of(Service::Cas, institution));
    let mut client = quiet("/usr/bin/python3");
    client.arg(script).arg(base).arg(site.ca().join("srv.pem")).arg(site.ca().join("srv.key"));
    vec![check(what, client.args(["u00001", "pw-u00001"]), |ok, _| ok)]
}

fn database(site: &Site) -> Vec<Check> {
    let (role, password) = (postgres::ROLE, postgres::PASSWORD);
    let psql = |password: &str| {
        let mut command = quiet("psql");
        let port = site.ports.postgres();
        let connection = format!("host=127.0.0.1 port={port} user={role} dbname={role} sslmode=require");
        command.env("PGPASSWORD", password).args(["-X", "-w", "-At", "-d", &connection, "-c", "select 6*7"]);
        command
    };
    vec![
        check("PostgreSQL over TLS", &mut psql(password), |ok, words| ok && words.trim() == "42"),
        check("PostgreSQL refuses a wrong password", &mut psql("bad"), |ok, words| {
            !ok && words.contains("authentication failed")
        }),
    ]
}
