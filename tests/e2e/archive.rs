//! `passerelle mail export` and `mail import` on the real Dovecots: Maildir at garonne, mdbox at autan.

use crate::{
    harness::{Gateway, Imap, State, binary, campus, eventually, run, try_run},
    screened::cutting,
    shared_mail::ok,
    submission::scanners::both,
    xmlrpc::python,
};
use std::{
    fs,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// Messages that an archive could take for something else, each with flags and a date.
fn odd() -> Vec<(String, Vec<u8>, String)> {
    let mut all = Vec::new();
    for number in 0..1000_usize {
        let head = format!("From: a@a.test\r\nMessage-ID: <{number}@odd.test>\r\nSubject: {number}\r\n");
        let body: Vec<u8> = match number % 10 {
            0 => b"From here on\r\n\r\nFrom there\r\n>From quoted\r\n>>From twice\r\n".to_vec(),
            1 => b"\r\nFrom a@x Thu Nov 26 21:05:00 2026\r\nSubject: no message\r\n\r\nFrom a@x Thu Nov 26 21:05:00 2026\r\n".to_vec(),
            2 => (1..=255_u8).filter(|octet| !matches!(octet, b'\r' | b'\n')).collect(),
            3 => b"no final newline".to_vec(),
            4 => b"\r\n\r\n\r\n".to_vec(),
            5 => Vec::new(),
            6 => "a long line ".repeat(2000).into_bytes(),
            7 => b">".to_vec(),
            _ => format!("an ordinary body of message {number}\r\n").into_bytes(),
        };
        let more = match number % 10 {
            4 => "Status: RO\r\nX-Status: D\r\nX-Keywords: mine\r\nContent-Length: 3\r\n",
            6 => "Status: RO\r\n",
            _ => "",
        };
        // Some begin with what an mbox would begin a message with, and one is known by no name.
        let head = if number % 10 == 6 { format!("{more}{head}") } else { format!("{head}{more}") };
        let head = if number == 9 { "Subject: nameless\r\n".to_owned() } else { head };
        let body = if number == 500 {
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcd\r\n".repeat(820_000).into_bytes()
        } else {
            body
        };
        let flags = match number % 7 {
            0 => "",
            1 => "\\Seen",
            2 => "\\Seen \\Answered",
            3 => "\\Flagged $Forwarded",
            4 => "\\Draft",
            5 => "\\Deleted \\Seen",
            _ => "work $Label1 NonJunk",
        };
        let date = format!("{:2}-Feb-20{:02} 10:{:02}:07 +0000", number % 28 + 1, number % 20 + 1, number % 60);
        all.push((flags.to_owned(), [head.as_bytes(), b"\r\n", &body].concat(), date));
    }
    all
}

fn fill(imap: &mut Imap, mailbox: &str, messages: &[(String, Vec<u8>, String)]) {
    imap.command(&format!("d DELETE {mailbox}"));
    ok(imap, &format!("c CREATE {mailbox}"));
    let mut command = format!("p APPEND {mailbox}").into_bytes();
    for (flags, octets, date) in messages {
        command.extend(format!(" ({flags}) \"{date}\" {{{}+}}\r\n", octets.len()).into_bytes());
        command.extend(octets);
    }
    command.extend(b"\r\n");
    imap.send(&command);
    assert!(imap.answer("p").last().unwrap().starts_with("p OK"));
}

/// Reads mailboxes with the distribution's own client: what each message is, in order, as digests, flags and times.
const READER: &str = r#"
import imaplib, sys, re, hashlib
imaplib._MAXLINE = 100000000
port, login, password, box = sys.argv[1:5]
store = imaplib.IMAP4('127.0.0.1', int(port))
store.login(login, password)
store.select('"%s"' % box, readonly=True)
_, found = store.uid('search', None, 'ALL')
for uid in found[0].split():
    _, told = store.uid('fetch', uid, '(FLAGS INTERNALDATE BODY.PEEK[])')
    head = b' '.join(p if isinstance(p, bytes) else p[0] for p in told)
    flags = sorted(set(re.search(rb'FLAGS \(([^)]*)\)', head).group(1).split()) - {b'\\Recent'})
    octets = [p[1] for p in told if isinstance(p, tuple)][0]
    print(len(octets), hashlib.sha256(octets).hexdigest(), b' '.join(flags).decode(), re.search(rb'INTERNALDATE "([^"]*)"', head).group(1).decode())
"#;

fn read(institution: &str, login: &str, mailbox: &str) -> Vec<String> {
    let port = if institution == "garonne" { campus("CAMPUS_IMAP_A") } else { campus("CAMPUS_IMAP_B") };
    let password = format!("pw-{login}");
    let told = run("python3", &["-c", READER, port, login, &password, mailbox]);
    told.lines().map(str::to_owned).collect()
}

fn mail(gateway: &Gateway, arguments: &[&str]) -> Output {
    let config = gateway.config();
    let (verb, rest) = arguments.split_first().unwrap();
    let all = [&["mail", verb, "--config", config.to_str().unwrap()], rest].concat();
    try_run(binary().to_str().unwrap(), &all)
}

/// Runs a command that must be done.
#[track_caller]
pub fn does(gateway: &Gateway, arguments: &[&str]) -> String {
    let output = mail(gateway, arguments);
    let told = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned();
    assert!(output.status.success(), "{arguments:?}: {told}");
    told
}

/// A path below a folder that is empty.
fn fresh(name: &str) -> PathBuf {
    let folder = std::env::temp_dir().join(format!("passerelle-archive-{}-{name}", std::process::id()));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

#[test]
fn a_mailbox_of_odd_messages_goes_elsewhere_octet_for_octet() {
    let gateway = Gateway::start("archive");
    let folder = fresh("odd");
    let messages = odd();
    let mut imap = Imap::log_in(gateway.imap, "u00071@a.test", "pw-u00071");
    fill(&mut imap, "Odd", &messages);
    let expected = read("garonne", "u00071", "Odd");
    assert_eq!(expected.len(), 1000);

    // As mbox.
    let file = folder.join("odd.mbox");
    let told = does(&gateway, &["export", "--user", "u00071@a.test", "--mailbox", "Odd", text(&file)]);
    assert!(told.contains("1000 messages of 1 mailboxes exported"), "{told}");
    let mode = std::os::unix::fs::PermissionsExt::mode(&fs::metadata(&file).unwrap().permissions());
    assert_eq!(mode & 0o777, 0o600);
    // Another program finds the same messages in it.
    let script = r#"
import mailbox, sys
box = mailbox.mbox(sys.argv[1], create=False)
for message in box:
    assert message.get_from().startswith('MAILER-DAEMON '), message.get_from()
    print(message['Message-ID'], ''.join(sorted(set(message.get_flags()) - {'O'})), message.get_from()[14:])
"#;
    let told = run("python3", &["-c", script, text(&file)]);
    let told: Vec<&str> = told.lines().collect();
    assert_eq!(told.len(), 1000);
    assert_eq!(told[1], "<1@odd.test> R Sat Feb  2 10:01:07 2002");
    assert_eq!(told[5], "<5@odd.test> DR Wed Feb  6 10:05:07 2006".replace("Wed", "Mon"));

    let mut other = Imap::log_in(gateway.imap, "u00071@b.test", "pw-u00071");
    other.command("d DELETE Odd");
    other.command("d DELETE Again");
    let import = ["import", "--user", "u00071@b.test", "--mailbox", "Odd", text(&file)];
    // Killed on its way, and run again.
    let config = gateway.config();
    let mut child = Command::new(binary())
        .args(["mail", "import", "--config", text(&config)])
        .args(&import[1..])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    eventually("some are there", || {
        let told = other.command("t STATUS Odd (MESSAGES)").join(" ");
        told.split("(MESSAGES ")
            .nth(1)
            .is_some_and(|rest| rest.split(')').next().unwrap().parse::<u32>().unwrap() >= 40)
    });
    child.kill().unwrap();
    child.wait().unwrap();
    let told = does(&gateway, &import);
    assert!(!told.contains(" 0 were there") && told.contains(", 0 refused"), "{told}");
    let there = read("autan", "u00071", "Odd");
    assert_eq!(there.len(), expected.len());
    for (number, (there, expected)) in there.iter().zip(&expected).enumerate() {
        assert_eq!(there, expected, "message {number}");
    }
    let told = does(&gateway, &import);
    assert!(told.contains("0 put in, 1000 were there, 0 refused"), "{told}");

    // As files, and all mailboxes.
    let all = folder.join("all");
    does(&gateway, &["export", "--user", "u00071@b.test", "--format", "eml", text(&all)]);
    assert!(all.join("INBOX").is_dir() && fs::read_dir(all.join("Odd")).unwrap().count() == 1001);
    does(&gateway, &["import", "--user", "u00071@b.test", "--mailbox", "Again", text(&all)]);
    assert_eq!(read("autan", "u00071", "Again/Odd"), expected);
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn what_fails_has_no_name_and_what_is_wrong_is_told() {
    let folder = fresh("faults");
    let real = format!("127.0.0.1:{}", campus("CAMPUS_IMAP_A"));
    let (port, _) = cutting(&real, "UID FETCH 30 ");
    let gateway = Gateway::start_with("archive-cut", &State::Sqlite, |config| {
        let file = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&file).unwrap();
        let changed =
            text.replace(&format!("\"{real}\"\ntls = \"starttls\""), &format!("\"127.0.0.1:{port}\"\ntls = \"none\""));
        assert_ne!(changed, text);
        fs::write(&file, changed).unwrap();
    });
    let mut imap = Imap::log_in(gateway.imap, "u00072@a.test", "pw-u00072");
    fill(&mut imap, "Cut", &odd()[..60]);
    for (format, out) in [("mbox", "cut.mbox"), ("eml", "cut")] {
        let out = folder.join(out);
        let output =
            mail(&gateway, &["export", "--user", "u00072@a.test", "--mailbox", "Cut", "--format", format, text(&out)]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains("the export is not whole"), "{told}");
        assert!(!out.exists() && PathBuf::from(format!("{}.part", text(&out))).exists());
        let output =
            mail(&gateway, &["export", "--user", "u00072@a.test", "--mailbox", "Cut", "--format", format, text(&out)]);
        assert!(String::from_utf8_lossy(&output.stderr).contains("is there already"));
    }
    let output = mail(&gateway, &["export", "--user", "u00072@a.test", "--mailbox", "Cut", "-"]);
    assert!(!output.status.success());

    let gateway = Gateway::start("archive-faults");
    for (arguments, word) in [
        (vec!["export", "--user", "nobody@a.test", "-"], "not found"),
        (vec!["export", "--user", "u00072@a.test", "--mailbox", "Nowhere", "-"], "not found"),
        (vec!["export", "--user", "u00072@a.test", "-"], "name a folder"),
        (vec!["import", "--user", "u00072@a.test", "/etc/hostname"], "does not begin with a line"),
    ] {
        let output = mail(&gateway, &arguments);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && told.contains(word), "{arguments:?}: {told}");
    }
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn files_of_other_programs_come_in() {
    let gateway = Gateway::start("archive-foreign");
    let folder = fresh("foreign");
    let mut imap = Imap::log_in(gateway.imap, "u00073@a.test", "pw-u00073");
    imap.command("d DELETE Foreign");
    // By Python, which quotes as mboxo and keeps flags behind the header.
    let file = folder.join("foreign.mbox");
    let script = r#"
import mailbox, sys
box = mailbox.mbox(sys.argv[1])
for number, flags in enumerate(['RO', 'ROAF', '']):
    message = mailbox.mboxMessage('Message-ID: <f%d@x>\nSubject: %d\n\nFrom here\nbody\n' % (number, number))
    message.set_flags(flags)
    message.set_from('a@x.test', (2020, 5, 6, 7, 8, 9, 2, 127, 0))
    box.add(message)
box.close()
"#;
    run("python3", &["-c", script, text(&file)]);
    // One that is no message for a store, and one whose length keeps its lines apart.
    let mut more = fs::OpenOptions::new().append(true).open(&file).unwrap();
    let body = "one\n\nFrom a@x Thu Nov 26 21:05:00 2026\ntwo\n";
    more.write_all(b"From a@x Thu Nov 26 21:05:00 2026\nSubject: nul\n\na\0b\n\n").unwrap();
    more.write_all(
        format!("From a@x Thu Nov 26 21:05:00 2026\nSubject: cl\nContent-Length: {}\n\n{body}\n", body.len())
            .as_bytes(),
    )
    .unwrap();
    drop(more);
    let import = ["import", "--user", "u00073@a.test", "--mailbox", "Foreign", "--quoting", "o", text(&file)];
    let output = mail(&gateway, &import);
    let told = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("4 put in, 0 were there, 1 refused") && told.contains("message 4 at octet"), "{told}");
    assert!(told.contains("it has a NUL in it"), "{told}");
    ok(&mut imap, "s SELECT Foreign");
    let flags = ok(&mut imap, "f FETCH 1:4 (FLAGS INTERNALDATE)");
    for line in
        ["* 1 FETCH (FLAGS (\\Seen", "* 2 FETCH (FLAGS (\\Answered \\Flagged \\Seen", "\"06-May-2020 07:08:09 +0000\""]
    {
        assert!(flags.contains(line), "{line} in {flags}");
    }
    let bodies = ok(&mut imap, "f FETCH 1:4 BODY.PEEK[]");
    assert!(bodies.contains("Subject: 0\n\nFrom here\nbody\n)") && bodies.contains("one\n\nFrom a@x"), "{bodies}");
    // One message by itself.
    let single = folder.join("one.eml");
    fs::write(&single, "Subject: single\nMessage-ID: <s@x>\n\nbody\n").unwrap();
    let import = ["import", "--user", "u00073@a.test", "--mailbox", "Foreign", text(&single)];
    assert!(does(&gateway, &import).contains("1 put in"));
    assert!(does(&gateway, &import).contains("0 put in, 1 were there"));
    // To standard output.
    let mut child = Command::new(binary())
        .args([
            "mail",
            "export",
            "--config",
            text(&gateway.config()),
            "--user",
            "u00073@a.test",
            "--mailbox",
            "Foreign",
            "-",
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut archive = String::new();
    child.stdout.take().unwrap().read_to_string(&mut archive).unwrap();
    assert!(child.wait().unwrap().success() && archive.matches("\nFrom MAILER-DAEMON ").count() == 4, "{archive}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn names_of_the_exports_own_files_are_no_hindrance_and_what_is_skipped_is_told() {
    let gateway = Gateway::start("archive-names");
    let folder = fresh("names");
    let mut imap = Imap::log_in(gateway.imap, "u00076@b.test", "pw-u00076");
    let long = ":".repeat(100);
    let names = ["n", "n.mbox/b", "n/0000000001.eml", "n/index.tsv", &long];
    for (number, name) in names.iter().enumerate() {
        let message = format!("Message-ID: <{number}@names>\r\n\r\nof {name}\r\n");
        fill(&mut imap, name, &[(String::new(), message.into_bytes(), " 1-Feb-2020 10:00:00 +0000".to_owned())]);
    }
    for format in ["mbox", "eml"] {
        let out = folder.join(format);
        does(&gateway, &["export", "--user", "u00076@b.test", "--format", format, text(&out)]);
        for name in names {
            imap.command(&format!("d DELETE {format}/{name}"));
        }
        does(&gateway, &["import", "--user", "u00076@b.test", "--mailbox", format, text(&out)]);
        for name in names {
            let there = read("autan", "u00076", &format!("{format}/{name}"));
            assert!(there.len() == 1 && there == read("autan", "u00076", name), "{format}/{name}: {there:?}");
        }
        imap.command(&format!("d DELETE {format}"));
    }
    // What is no message is named, and a link is not followed.
    let out = folder.join("eml/n");
    fs::write(out.join("note.txt"), "Subject: no message\n\n").unwrap();
    std::os::unix::fs::symlink("/etc/hostname", out.join("link.eml")).unwrap();
    let output = mail(&gateway, &["import", "--user", "u00076@b.test", "--mailbox", "Skips", text(&out)]);
    let told = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned();
    assert_eq!(output.status.code(), Some(1), "{told}");
    assert!(told.contains("n/note.txt: skipped") && told.contains("n/link.eml: skipped: it is a link"), "{told}");
    assert!(told.contains("0 refused; 2 files skipped"), "{told}");
    fs::remove_dir_all(folder).unwrap();
}

#[test]
fn by_xmlrpc_everybody_their_own_and_what_is_shared() {
    let gateway = Gateway::start_with("archive-xmlrpc", &State::Sqlite, |config| {
        let file = config.join("institutions/garonne/institution.toml");
        let changed = both(&fs::read_to_string(&file).unwrap()) + "\n[scanning]\nappend = [\"virus\"]\n";
        fs::write(&file, changed).unwrap();
    });
    let mut imap = Imap::log_in(gateway.imap, "u00074@a.test", "pw-u00074");
    let mut messages = odd();
    messages.truncate(40);
    // One that no answer holds.
    messages[8].1 = [&messages[8].1[..], &b"and more of it\r\n".repeat(100_000)].concat();
    fill(&mut imap, "Source", &messages);
    imap.command("d DELETE Goal");
    ok(&mut imap, "c CREATE Goal");
    let script = "
import itertools
def messages(box, **more):
    at, held = {}, {}
    while True:
        told = s.mail.export({'mailbox': box, **at, **more})
        assert sum(len(m['octets'].data) for m in told['messages']) <= 512 * 1024
        for m in told['messages']:
            one = held.setdefault(m['uid'], [m, b''])
            assert len(one[1]) == m['offset']
            one[1] += m['octets'].data
        if told['nextUid'] is None: return [tuple(one) for one in held.values()]
        at = {'uid': told['nextUid'], 'offset': told['nextOffset']}
";
    let own = format!(
        "{script}
found = messages('Source')
assert len(found) == 40 and all(len(octets) == m['size'] for m, octets in found)
for m, octets in found:
    if m['size'] < 600000: s.__getattr__('mail.import')('Goal', x.Binary(octets), {{'flags': m['flags'], 'received': m['received']}})
large = [octets for m, octets in found if m['size'] >= 600000]
assert len(large) == 1
call = s.__getattr__('mail.import')
print(code(call, 'Goal', x.Binary(large[0])), code(call, 'Nowhere', x.Binary(b'a: b')), code(call, 'Goal', x.Binary(b'a: b\\n\\na\\0b')), code(call, 'Goal', x.Binary(b'')), code(call, 'Goal', x.Binary(b'a: b'), {{'flags': ['a b']}}))
eicar = b'Subject: x\\n\\n' + rb'X5O!P%@AP[4\\PZX54(P^)7CC)7}}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'
try: call('Goal', x.Binary(eicar)); print('put')
except x.Fault as e: print(e.faultCode, e.faultString)
"
    )
    .replace("\\\\", "\\");
    let told = python(&gateway, "u00074@a.test:pw-u00074", &own);
    let lines: Vec<&str> = told.lines().collect();
    assert!(lines[0].ends_with(" 404 400 -32602 -32602"), "{told}");
    assert!(lines[1].starts_with("400 ") && lines[1].contains("the message is refused: Eicar-"), "{told}");
    let mut expected = read("garonne", "u00074", "Source");
    expected.remove(8);
    assert_eq!(read("garonne", "u00074", "Goal"), expected);
    // An administrator is nobody to it, until its owner shares.
    let other =
        format!("{script}\nprint(code(s.mail.export, 'Goal', 'u00074'), code(s.mail.export, 'Goal', 'u09999'))");
    assert_eq!(python(&gateway, "u00001@a.test:pw-u00001", &other), "404 404\n");
    ok(&mut imap, "s SETACL Goal u00001 lr");
    let other = format!(
        "{script}\nprint(len(messages('Goal', owner='u00074')), code(s.__getattr__('mail.import'), 'Goal', x.Binary(b'a: b'), 'u00074'))"
    );
    assert_eq!(python(&gateway, "u00001@a.test:pw-u00001", &other), "39 403\n");
}

#[test]
fn a_quota_that_is_used_up_stops_the_import_and_it_goes_on_later() {
    let gateway = Gateway::start("archive-quota");
    let folder = fresh("quota");
    // Before anybody logs in: the store remembers for minutes what the directory says.
    let change = folder.join("change.ldif");
    let text_of = "dn: uid=u00079,ou=people,dc=a,dc=test\nchangetype: modify\nreplace: mailQuota\nmailQuota: 1\n";
    fs::write(&change, text_of).unwrap();
    let server = format!("ldap://127.0.0.1:{}", campus("CAMPUS_LDAP_A"));
    run("ldapmodify", &["-x", "-H", &server, "-D", "cn=admin,dc=a,dc=test", "-w", "admin-a", "-f", text(&change)]);
    let mut imap = Imap::log_in(gateway.imap, "u00079@a.test", "pw-u00079");
    imap.command("d DELETE Full");
    let body = "a line of a message that takes room\r\n";
    fill(
        &mut imap,
        "Bulk",
        &[(String::new(), body.repeat(15_000).into_bytes(), " 1-Feb-2020 10:00:00 +0000".to_owned())],
    );
    let file = folder.join("full.mbox");
    let mut archive = String::new();
    for number in 0..8 {
        let from = "From a@x Thu Nov 26 21:05:00 2026";
        archive += &format!("{from}\nMessage-ID: <{number}@full>\n\n{}\n", body.repeat(2_500).replace('\r', ""));
    }
    fs::write(&file, archive).unwrap();
    let import = ["import", "--user", "u00079@a.test", "--mailbox", "Full", text(&file)];
    let output = mail(&gateway, &import);
    let told = String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned();
    assert!(!output.status.success() && told.contains("quota is used up: make room"), "{told}");
    let put: usize = told.split(" put in").next().unwrap().parse().unwrap();
    assert!((1..8).contains(&put), "{told}");
    assert_eq!(read("garonne", "u00079", "Full").len(), put);
    ok(&mut imap, "d DELETE Bulk");
    let told = does(&gateway, &import);
    assert!(told.contains(&format!("{} put in, {put} were there, 0 refused", 8 - put)), "{told}");
    fs::remove_dir_all(folder).unwrap();
}
