//! Scripts: every command, and what a script does to the next mail.

use super::{Sieve, plain};
use crate::{
    harness::{Gateway, Imap, State, campus, eventually, try_run},
    pop3::port,
    web::Browser,
};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    process::{Command, Output, Stdio},
};

const SCRIPT: &str = "require [\"fileinto\", \"mailbox\"];\r\nif header :contains \"subject\" \"sorted\" {\r\n  fileinto :create \"Filtered\";\r\n}\r\n";

/// Delivers a mail as the campus's MTA does, by LMTP.
pub(crate) fn deliver(from: &str, to: &str, subject: &str) {
    let mut reader = BufReader::new(TcpStream::connect(("127.0.0.1", port("CAMPUS_LMTP_A"))).unwrap());
    let mut answered = |said: &str| {
        reader.get_mut().write_all(said.as_bytes()).unwrap();
        loop {
            let mut line = String::new();
            assert!(reader.read_line(&mut line).unwrap() > 0);
            if line.as_bytes()[3] == b' ' {
                return line;
            }
        }
    };
    assert!(answered("").starts_with("220"));
    for said in ["LHLO test\r\n", &format!("MAIL FROM:<{from}>\r\n"), &format!("RCPT TO:<{to}>\r\n")] {
        assert!(answered(said).starts_with("250"), "{said}");
    }
    assert!(answered("DATA\r\n").starts_with("354"));
    let stored = answered(&format!("From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\n\r\nhello\r\n.\r\n"));
    assert!(stored.starts_with("250"), "{stored}");
}

#[test]
fn every_command_of_a_session() {
    let gateway = Gateway::start("sieve-session");
    let (mut sieve, greeting) = Sieve::connect(gateway.sieve);
    for line in ["\"IMPLEMENTATION\" \"Passerelle\"", "\"SASL\" \"PLAIN\"", "\"STARTTLS\"", "\"VERSION\" \"1.0\""] {
        assert!(greeting.iter().any(|it| it == line), "{line} in {greeting:?}");
    }
    assert_eq!(sieve.say("NOOP \"mark\""), ["OK (TAG \"mark\")"]);
    assert_eq!(sieve.say("LISTSCRIPTS"), ["NO \"Log in first\""]);
    assert!(
        sieve.last(&format!("AUTHENTICATE \"PLAIN\" \"{}\"", plain("", "u00073@a.test", "wrong"))).starts_with("NO")
    );
    assert!(
        sieve
            .last(&format!("AUTHENTICATE \"PLAIN\" \"{}\"", plain("u00001", "u00073@a.test", "pw-u00073")))
            .starts_with("NO")
    );
    // Without a first response: an empty challenge, and the answer as a literal.
    sieve.send(b"authenticate \"plain\"\r\n");
    assert_eq!(sieve.line(), "\"\"");
    let response = plain("", "u00073@a.test", "pw-u00073");
    sieve.send(format!("{{{}+}}\r\n{response}\r\n", response.len()).as_bytes());
    assert_eq!(sieve.response(), ["OK \"Logged in\""]);
    let told = sieve.say("CAPABILITY");
    assert!(told.iter().any(|it| it.starts_with("\"SIEVE\" \"") && it.contains("vacation")), "{told:?}");
    assert!(
        !told.iter().any(|it| it.contains("STARTTLS") || it.contains("SASL") || it.contains("XCLIENT")),
        "{told:?}"
    );
    sieve.clear();
    for refused in ["STARTTLS", "UNAUTHENTICATE", &format!("AUTHENTICATE \"PLAIN\" \"{response}\""), "XTND"] {
        assert!(sieve.last(refused).starts_with("NO"), "{refused}");
    }
    assert!(sieve.last("HAVESPACE \"sorted\" 1000").starts_with("OK"));
    assert!(sieve.last("CHECKSCRIPT {6+}\r\nnono;\n").starts_with("NO"), "the store's compiler speaks");
    assert!(sieve.last(&format!("CHECKSCRIPT {{{}+}}\r\n{SCRIPT}", SCRIPT.len())).starts_with("OK"));
    assert!(sieve.last(&format!("PUTSCRIPT \"sorted\" {{{}+}}\r\n{SCRIPT}", SCRIPT.len())).starts_with("OK"));
    assert!(sieve.last("PUTSCRIPT {5+}\r\nquick \"keep;\"").starts_with("OK"));
    assert!(sieve.last("SETACTIVE \"sorted\"").starts_with("OK"));
    let listed = sieve.say("LISTSCRIPTS");
    assert!(listed.contains(&"\"sorted\" ACTIVE".to_owned()) && listed.contains(&"\"quick\"".to_owned()), "{listed:?}");
    assert_eq!(sieve.say("GETSCRIPT \"sorted\"")[0], SCRIPT);
    assert!(sieve.last("RENAMESCRIPT \"quick\" \"slow \\\"é\\\"\"").starts_with("OK"));
    assert!(sieve.last("DELETESCRIPT \"slow \\\"é\\\"\"").starts_with("OK"));
    assert!(sieve.last("DELETESCRIPT \"sorted\"").starts_with("NO (ACTIVE)"));
    // Commands that come together are answered in their order.
    sieve.send(b"NOOP\r\nGETSCRIPT \"none\"\r\nLISTSCRIPTS\r\nLOGOUT\r\n");
    assert!(sieve.response()[0].starts_with("OK") && sieve.response()[0].starts_with("NO"));
    assert!(sieve.response().contains(&"\"sorted\" ACTIVE".to_owned()));
    assert_eq!(sieve.response(), ["OK \"Goodbye\""]);
    assert_eq!(sieve.rest(), "");
    // The same login of another institution is somebody else.
    let mut other = Sieve::log_in(&gateway, "u00073@b.test", "pw-u00073");
    assert!(!other.say("LISTSCRIPTS").concat().contains("sorted"));
}

#[test]
fn a_script_put_by_sieve_connect_sorts_the_next_mail() {
    let gateway = Gateway::start("sieve-connect");
    Sieve::log_in(&gateway, "u00074@a.test", "pw-u00074").clear();
    let mut imap = Imap::log_in(gateway.imap, "u00074@a.test", "pw-u00074");
    imap.command("d DELETE Filtered");
    let script = gateway.dir.join("sorted.sieve");
    fs::write(&script, SCRIPT).unwrap();
    let connect = |arguments: &[&str]| -> Output {
        let port = gateway.sieve.to_string();
        let mut command = Command::new("sieve-connect");
        command.args(["--server", "localhost", "--port", &port, "--4", "--user", "u00074@a.test", "--passwordfd", "0"]);
        command.args(["--tlscafile", campus("CAMPUS_CA")]).args(arguments);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(b"pw-u00074\n").unwrap();
        let output = child.wait_with_output().unwrap();
        let said = [output.stdout.as_slice(), &output.stderr].concat();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&said));
        output
    };
    let name = ["--remotesieve", "sorted"];
    connect(&[&["--localsieve", script.to_str().unwrap()], &name[..], &["--upload"]].concat());
    connect(&[&name[..], &["--activate"]].concat());
    let listed = String::from_utf8(connect(&["--list"]).stdout).unwrap();
    assert!(listed.contains("sorted") && listed.contains("ACTIVE"), "{listed}");
    let mark = format!("mark-{}", std::process::id());
    for subject in [format!("sorted {mark}"), format!("other {mark}")] {
        deliver("sender@a.test", "u00074@a.test", &subject);
    }
    for (mailbox, subject, count) in [("Filtered", "sorted", 1), ("INBOX", "sorted", 0), ("INBOX", "other", 1)] {
        assert!(imap.command(&format!("e EXAMINE {mailbox}")).last().unwrap().starts_with("e OK"), "{mailbox}");
        let found = imap.command(&format!("f SEARCH SUBJECT \"{subject} {mark}\""));
        let hits = found.iter().find_map(|line| line.strip_prefix("* SEARCH")).unwrap_or_default();
        assert_eq!(hits.split_whitespace().count(), count, "{subject} in {mailbox}: {found:?}");
    }
    let back =
        connect(&[&["--localsieve", gateway.dir.join("back").to_str().unwrap()], &name[..], &["--download"]].concat());
    drop(back);
    let back = fs::read_to_string(gateway.dir.join("back")).unwrap();
    assert_eq!(back.replace("\r\n", "\n"), SCRIPT.replace("\r\n", "\n"));
    Sieve::log_in(&gateway, "u00074@a.test", "pw-u00074").clear();
}

#[test]
fn who_may_not_change_filters() {
    let gateway = Gateway::start_with("sieve-refuse", &State::Sqlite, |config| {
        let file = config.join("passerelle.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("[limits]", "[limits]\nconnections_per_account = 1")).unwrap();
    });
    let log_in = |login: &str, password: &str| {
        let (mut sieve, _) = Sieve::connect(gateway.sieve);
        sieve.last(&format!("AUTHENTICATE \"PLAIN\" \"{}\"", plain("", login, password)))
    };
    assert!(log_in("u00001@c.test", "pw-u00001").starts_with("NO \"There are no filters"));
    assert_eq!(log_in("u00001*gateway", "gw-secret"), "NO \"Login or password is wrong\"");
    // An app password that only reads may not forward and discard mail.
    let mut browser = Browser::sign_in(&gateway, "garonne.localhost", "u00075", "pw-u00075");
    let mut make = |scope| {
        let made = browser.post("/app-passwords", &[("name", "Phone"), ("scope", scope)]);
        made.body.split_once("class=\"secret\">").unwrap().1.split('<').next().unwrap().to_owned()
    };
    let (reading, changing) = (make("all-reading"), make("all"));
    assert!(log_in("u00075@a.test", &reading).starts_with("NO \"This password only reads"));
    let mut sieve = Sieve::log_in(&gateway, "u00075@a.test", &changing);
    assert!(sieve.last("LISTSCRIPTS").starts_with("OK"));
    assert!(log_in("u00075@a.test", &changing).starts_with("NO (TRYLATER) \"Too many connections\""));
    // What is withdrawn ends with a goodbye.
    assert_eq!(browser.post("/app-passwords/remove-all", &[]).status, 303);
    assert_eq!(sieve.line(), "BYE \"Your access was withdrawn\"");
    assert_eq!(sieve.rest(), "");
}

#[test]
fn no_password_in_clear_from_elsewhere_and_nothing_injected_before_tls() {
    let gateway = Gateway::start_with("sieve-tls", &State::Sqlite, |config| {
        let file = config.join("passerelle.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("plain_login_from = [\"127.0.0.0/8\"]", "plain_login_from = []")).unwrap();
    });
    let (mut sieve, greeting) = Sieve::connect(gateway.sieve);
    assert!(
        greeting.contains(&"\"SASL\" \"\"".to_owned()) && greeting.contains(&"\"STARTTLS\"".to_owned()),
        "{greeting:?}"
    );
    let answer = sieve.last(&format!("AUTHENTICATE \"PLAIN\" \"{}\"", plain("", "u00001@a.test", "pw-u00001")));
    assert!(answer.starts_with("NO (ENCRYPT-NEEDED)"), "{answer}");
    sieve.send(b"STARTTLS\r\nNOOP \"injected\"\r\n");
    assert_eq!(sieve.response(), ["OK \"Begin TLS\""]);
    sieve.send(b"NOOP\r\n");
    assert!(!sieve.rest().contains("injected"));
    let shown = try_run(
        "bash",
        &[
            "-c",
            &format!(
                "printf 'CAPABILITY\\r\\nLOGOUT\\r\\n' | timeout 10 openssl s_client -quiet -connect 127.0.0.1:{} -servername garonne.localhost -CAfile {} -verify_return_error -starttls sieve 2>/dev/null",
                gateway.sieve,
                campus("CAMPUS_CA")
            ),
        ],
    );
    let shown = String::from_utf8_lossy(&shown.stdout).into_owned();
    // Behind TLS it says by itself what it can (RFC 5804 §2.2), and a password is taken.
    assert!(shown.contains("\"SASL\" \"PLAIN\"") && !shown.contains("STARTTLS"), "{shown}");
}

#[test]
fn a_drain_says_goodbye() {
    let mut gateway = Gateway::start("sieve-drain");
    let mut sieve = Sieve::log_in(&gateway, "u00001@a.test", "pw-u00001");
    let (mut waiting, _) = Sieve::connect(gateway.sieve);
    gateway.signal("TERM");
    assert!(sieve.line().starts_with("BYE (TRYLATER)") && waiting.line().starts_with("BYE (TRYLATER)"));
    assert!(gateway.wait());
    eventually("the gateway is gone", || std::net::TcpStream::connect(("127.0.0.1", gateway.sieve)).is_err());
}
