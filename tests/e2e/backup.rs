//! A backup of everything is read by programs of others: each message and file is what the stores have, octet for octet, Maildir at
//! garonne and mdbox at autan. What is away is told, what breaks off is no archive, and memory stays flat.

use crate::{
    cut::{When, between, by},
    harness::{Gateway, Imap, State, campus, curl, run, try_run},
    web::Browser,
};
use std::{
    fs,
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
};

/// What the mailboxes of an archive have, by Python's zipfile and mailbox: mailbox, length, digest, flags and moment of each message.
const READER: &str = r#"
import calendar, hashlib, json, mailbox, re, sys, time, zipfile
archive, out = sys.argv[1:3]
z = zipfile.ZipFile(archive)
assert z.testzip() is None
z.extractall(out)
assert len(set(z.namelist())) == len(z.namelist())
FLAGS = {'R': '\\Seen', 'A': '\\Answered', 'F': '\\Flagged', 'T': '\\Draft', 'D': '\\Deleted'}
for row in json.load(open(out + '/settings/mailboxes.json'))['mailboxes']:
    box = mailbox.mbox(out + '/' + row['member'])
    assert len(box) == row['messages'], row
    for key in box.keys():
        said, octets = box.get_bytes(key, from_=True).split(b'\n', 1)
        at = calendar.timegm(time.strptime(said.decode().split(' ', 2)[2].strip(), '%a %b %d %H:%M:%S %Y'))
        head, gap, body = octets.partition(b'\n\n')
        flags, kept, ends = set(), [], True
        for line in head.split(b'\n'):
            name, _, value = line.decode('latin1').partition(':')
            if name in ('Status', 'X-Status'): flags |= {FLAGS[it] for it in value if it in FLAGS}
            elif name == 'X-Keywords': flags |= set(value.split())
            elif name == 'X-No-Final-Newline': ends = False
            else: kept.append(line)
        whole = re.sub(rb'(?m)^>(>*From )', rb'\1', b'\n'.join(kept) + gap + body)
        if not ends: whole = whole.rstrip(b'\n')
        whole = whole.replace(b'\n', b'\r\n')
        print(row['name'], len(whole), hashlib.sha256(whole).hexdigest(), ' '.join(sorted(flags)), at)
"#;

/// The same of a store, by Python's imaplib.
const STORE: &str = r#"
import hashlib, imaplib, re, sys, time
imaplib._MAXLINE = 100000000
port, login, password = sys.argv[1:4]
store = imaplib.IMAP4('127.0.0.1', int(port))
store.login(login, password)
for box in sys.argv[4:]:
    store.select('"%s"' % box, readonly=True)
    _, found = store.uid('search', None, 'ALL')
    for uid in found[0].split():
        _, told = store.uid('fetch', uid, '(FLAGS INTERNALDATE BODY.PEEK[])')
        head = b' '.join(p if isinstance(p, bytes) else p[0] for p in told)
        flags = sorted(set(re.search(rb'FLAGS \(([^)]*)\)', head).group(1).decode().split()) - {'\\Recent'})
        octets = [p[1] for p in told if isinstance(p, tuple)][0]
        at = int(time.mktime(imaplib.Internaldate2tuple(head)))
        print(box, len(octets), hashlib.sha256(octets).hexdigest(), ' '.join(flags), at)
"#;

/// The last has a name that only mdbox takes.
const INTO: [&str; 3] = ["Sauvegarde", "Sauvegarde/Bas", "Sauvegarde.mbox"];

/// Puts odd messages into mailboxes of its own.
pub(crate) fn filled(imap: &mut Imap, mailboxes: &[&str]) {
    let messages = [
        (
            "\\Seen \\Flagged",
            "Subject: one\r\n\r\nFrom here\r\n>From there\r\n\r\nFrom a@x Thu Nov 26 21:05:00 2026\r\n".to_owned(),
        ),
        ("\\Answered $Forwarded work", "Subject: two\r\n\r\nno final newline".to_owned()),
        ("", format!("Subject: large\r\n\r\n{}", "0123456789abcdef From \r\nFrom x\r\n".repeat(80_000))),
        ("\\Draft", "Subject: empty\r\n\r\n".to_owned()),
    ];
    for name in mailboxes.iter().rev() {
        imap.command(&format!("d DELETE \"{name}\""));
    }
    for name in mailboxes {
        imap.command(&format!("c CREATE \"{name}\""));
        for (number, (flags, message)) in messages.iter().enumerate() {
            let date = format!("{:2}-Feb-2019 10:1{number}:07 +0000", number + 8);
            let head = format!("p APPEND \"{name}\" ({flags}) \"{date}\" {{{}+}}\r\n{message}\r\n", message.len());
            imap.send(head.as_bytes());
            let told = imap.answer("p");
            assert!(told.last().unwrap().starts_with("p OK"), "{name}: {told:?}");
        }
    }
}

/// Takes the archive away; whether it came whole.
pub(crate) fn taken(gateway: &Gateway, browser: &Browser<'_>, host: &str, to: &Path) -> bool {
    let url = format!("https://{host}:{}/api/backup", gateway.https);
    let arguments = ["-sf", "--cacert", campus("CAMPUS_CA"), "-b", &browser.cookie, "-o", to.to_str().unwrap(), &url];
    try_run("curl", &arguments).status.success()
}

fn fresh(gateway: &Gateway) -> (PathBuf, PathBuf) {
    (gateway.dir.join("all.zip"), gateway.dir.join("unpacked"))
}

fn everything(institution: &str, store: &str, login: &str, mailboxes: &[&str]) {
    let domain = if institution == "garonne" { "a.test" } else { "b.test" };
    let gateway = Gateway::start(&format!("backup-{institution}"));
    let (whole, password) = (format!("{login}@{domain}"), format!("pw-{login}"));
    let mut imap = Imap::log_in(gateway.imap, &whole, &password);
    filled(&mut imap, mailboxes);
    let home = gateway.home(institution, login);
    fs::create_dir_all(home.join("Été/vide")).unwrap();
    fs::write(home.join("Été/محاضرة.txt"), "text").unwrap();
    fs::write(home.join("..\\evil"), "it stays here").unwrap();
    let large: Vec<u8> = (0..1_000_000_u32).flat_map(u32::to_le_bytes).collect();
    fs::write(home.join("large.bin"), &large).unwrap();

    let host = format!("{institution}.localhost");
    let browser = Browser::sign_in(&gateway, &host, login, &password);
    let (path, out) = fresh(&gateway);
    assert!(taken(&gateway, &browser, &host, &path), "{}", gateway.log());
    let told = run("python3", &["-c", READER, path.to_str().unwrap(), out.to_str().unwrap()]);
    let ours = |line: &&str| line.starts_with("Sauvegarde");
    let mut told: Vec<&str> = told.lines().filter(ours).collect();
    let expected = in_store(store, login, mailboxes);
    let mut expected: Vec<&str> = expected.lines().collect();
    told.sort_unstable();
    expected.sort_unstable();
    assert_eq!((told.len(), &told), (4 * mailboxes.len(), &expected));

    assert!(fs::read(out.join("files/large.bin")).unwrap() == large);
    assert_eq!(fs::read_to_string(out.join("files/Été/محاضرة.txt")).unwrap(), "text");
    assert!(out.join("files/Été/vide").is_dir() && !out.join("evil").exists());
    assert!(fs::read_to_string(out.join("README.txt")).unwrap().contains("mboxrd"));
    assert!(!out.join("NOT-IN-HERE.txt").exists());
    let settings = fs::read_to_string(out.join("settings/preferences.json")).unwrap();
    assert!(settings.contains(&whole), "{settings}");
    for name in mailboxes.iter().rev() {
        imap.command(&format!("d DELETE \"{name}\""));
    }
}

/// What the mailboxes of a store have, told as of an archive.
pub(crate) fn in_store(store: &str, login: &str, mailboxes: &[&str]) -> String {
    let password = format!("pw-{login}");
    run("python3", &[&["-c", STORE, campus(store), login, &password][..], mailboxes].concat())
}

#[test]
fn everything_is_read_by_others_from_maildir() {
    everything("garonne", "CAMPUS_IMAP_A", "u00872", &INTO[..2]);
}

#[test]
fn everything_is_read_by_others_from_mdbox() {
    everything("autan", "CAMPUS_IMAP_B", "u00872", &INTO);
}

#[test]
fn a_store_that_is_away_is_told_and_one_that_dies_breaks_the_archive() {
    let free = || TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
    let gateway = Gateway::start_with("backup-away", &State::Sqlite, |config| by(config, free()));
    let home = gateway.home("garonne", "u00873");
    fs::create_dir_all(&home).unwrap();
    fs::write(home.join("a.txt"), "it is there").unwrap();
    let host = "garonne.localhost";
    let browser = Browser::sign_in(&gateway, host, "u00873", "pw-u00873");
    let (path, out) = fresh(&gateway);
    assert!(taken(&gateway, &browser, host, &path), "{}", gateway.log());
    let unpack = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extractall(sys.argv[2])";
    run("python3", &["-c", unpack, path.to_str().unwrap(), out.to_str().unwrap()]);
    let missing = fs::read_to_string(out.join("NOT-IN-HERE.txt")).unwrap();
    assert!(missing.contains("\nmail: ") && !missing.contains("\nfiles: "), "{missing}");
    assert!(!missing.contains("127.0.0.1"), "{missing}");
    assert_eq!(fs::read_to_string(out.join("files/a.txt")).unwrap(), "it is there");
    assert!(!out.join("mail").exists());

    // A store that dies while it tells: what came is no archive.
    let mut imap = Imap::log_in(campus("CAMPUS_IMAP_A").parse().unwrap(), "u00873", "pw-u00873");
    filled(&mut imap, &INTO[..1]);
    let cut = between(When::Told(1_500_000));
    let gateway = Gateway::start_with("backup-cut", &State::Sqlite, |config| by(config, cut));
    let browser = Browser::sign_in(&gateway, host, "u00873", "pw-u00873");
    let (path, _) = fresh(&gateway);
    assert!(!taken(&gateway, &browser, host, &path));
    let octets = fs::read(&path).unwrap();
    assert!(octets.starts_with(b"PK") && !octets.windows(4).any(|four| four == b"PK\x05\x06"));
    imap.command("d DELETE Sauvegarde");
}

#[test]
fn a_large_file_costs_no_memory_and_the_places_are_the_archives() {
    let gateway = Gateway::start("backup-large");
    let home = gateway.home("garonne", "u00874");
    fs::create_dir_all(&home).unwrap();
    let file = fs::File::create(home.join("large.bin")).unwrap();
    file.set_len(200 * 1024 * 1024).unwrap();
    let host = "garonne.localhost";
    let browser = Browser::sign_in(&gateway, host, "u00874", "pw-u00874");
    let (path, _) = fresh(&gateway);
    let before = gateway.peak();
    assert!(taken(&gateway, &browser, host, &path));
    let grown = gateway.peak() - before;
    assert!(grown < 16 * 1024, "{grown} KiB more");
    assert!(fs::metadata(&path).unwrap().len() > 200 * 1024 * 1024);
    let nobody = curl(&gateway, host, None, "GET", "/api/backup", &[]);
    let by_password = curl(&gateway, host, Some("u00874@a.test:pw-u00874"), "GET", "/api/backup", &[]);
    assert_eq!((nobody.status, by_password.status), (401, 401));
}
