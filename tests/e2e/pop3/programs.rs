//! Programs that people have: fetchmail and getmail, leaving mail on the server and taking it away.

use super::{count, fill};
use crate::harness::{Gateway, campus, run};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Command, Output},
};

const MESSAGES: [&str; 3] = [
    "From: a@a.test\r\nTo: b@a.test\r\nSubject: mark-1\r\nMessage-ID: <1@a.test>\r\n\r\n.dot\r\n",
    "From: a@a.test\r\nTo: b@a.test\r\nSubject: mark-2\r\nMessage-ID: <2@a.test>\r\n\r\nsecond\r\n",
    "From: a@a.test\r\nTo: b@a.test\r\nSubject: mark-3\r\nMessage-ID: <3@a.test>\r\n\r\nthird\r\n",
];

fn program(name: &str, arguments: &[&str], home: &Path) -> Output {
    let output = Command::new(name).args(arguments).env("HOME", home).env("LC_ALL", "C").output();
    output.unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn written(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

#[test]
fn fetchmail_keeps_and_then_takes() {
    let mut gateway = Gateway::start("fetchmail");
    fill("u00062", &MESSAGES);
    let home = gateway.dir.join("fetchmail");
    fs::create_dir_all(&home).unwrap();
    let (rc, mailbox) = (home.join("rc"), home.join("mailbox"));
    let fetch = |gateway: &Gateway, keep: &str| {
        let settings = format!(
            "poll localhost protocol POP3 port {} uidl\n user \"u00062@a.test\" password \"pw-u00062\" ssl sslcertck sslcertfile \"{}\" {keep} mda \"cat >> '{}'\"\n",
            gateway.pop3s,
            campus("CAMPUS_CA"),
            mailbox.display(),
        );
        fs::write(&rc, settings).unwrap();
        fs::set_permissions(&rc, fs::Permissions::from_mode(0o600)).unwrap();
        let (rc, ids, pid) = (rc.to_str().unwrap(), home.join("ids"), home.join("pid"));
        let arguments = ["-f", rc, "-i", ids.to_str().unwrap(), "--pidfile", pid.to_str().unwrap(), "--nosyslog", "-v"];
        program("fetchmail", &arguments, &home)
    };
    let first = fetch(&gateway, "keep");
    assert_eq!(first.status.code(), Some(0), "{}", written(&first));
    let fetched = fs::read_to_string(&mailbox).unwrap();
    assert_eq!((fetched.matches("Subject: mark-").count(), count("u00062")), (3, 3), "{fetched}");
    assert!(fetched.contains("\n.dot\n"), "{fetched}");
    // It knows what it has, also after a restart of the gateway: exit 1 says that there is no new mail.
    gateway.kill();
    gateway.run();
    let second = fetch(&gateway, "keep");
    assert_eq!(second.status.code(), Some(1), "{}", written(&second));
    assert_eq!(fs::read_to_string(&mailbox).unwrap(), fetched);
    let last = fetch(&gateway, "fetchall nokeep");
    assert_eq!(last.status.code(), Some(0), "{}", written(&last));
    assert_eq!(count("u00062"), 0);
}

#[test]
fn getmail_keeps_and_then_takes() {
    let gateway = Gateway::start("getmail");
    fill("u00063", &MESSAGES);
    let home = gateway.dir.join("getmail");
    for folder in ["new", "cur", "tmp"] {
        fs::create_dir_all(home.join("mail").join(folder)).unwrap();
    }
    let rc = home.join("rc");
    // It delivers nothing as root.
    let user = if run("id", &["-u"]).trim() == "0" {
        run("chown", &["-R", campus("CAMPUS_USER"), home.join("mail").to_str().unwrap()]);
        format!("user = {}\n", campus("CAMPUS_USER"))
    } else {
        String::new()
    };
    let fetch = |delete: bool| {
        let settings = format!(
            "[retriever]\ntype = SimplePOP3SSLRetriever\nserver = localhost\nport = {}\nca_certs = {}\nusername = u00063@a.test\npassword = pw-u00063\n[destination]\ntype = Maildir\npath = {}/\n{user}[options]\ndelete = {delete}\nread_all = {delete}\n",
            gateway.pop3s,
            campus("CAMPUS_CA"),
            home.join("mail").display(),
        );
        fs::write(&rc, settings).unwrap();
        let place = format!("--getmaildir={}", home.display());
        let output = program("getmail", &[&place, &format!("--rcfile={}", rc.display())], &home);
        assert!(output.status.success(), "{}", written(&output));
        fs::read_dir(home.join("mail/new")).unwrap().count()
    };
    assert_eq!((fetch(false), count("u00063")), (3, 3));
    assert_eq!((fetch(false), count("u00063")), (3, 3), "it knows what it has");
    assert_eq!((fetch(true), count("u00063")), (6, 0));
    let texts = run("bash", &["-c", &format!("cat {}/mail/new/*", home.display())]);
    assert!(texts.contains("\n.dot\n"), "{texts}");
}
