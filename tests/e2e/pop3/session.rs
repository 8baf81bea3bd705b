//! Sessions: every way to log in, every command, and what comes back is what the store has.

use super::{Pop, count, fill, port};
use crate::harness::{Gateway, State, campus, eventually, run, try_run};
use std::fs;

/// base64 of `NUL login NUL password`, by coreutils.
fn plain(login: &str, password: &str) -> String {
    run("bash", &["-c", &format!("printf '\\0%s\\0%s' '{login}' '{password}' | base64 -w0")])
}

#[test]
fn every_command_of_a_session() {
    let gateway = Gateway::start("pop3-session");
    let odd = "Subject: dots\r\n\r\n.\r\n..\r\n.x\r\nlast line without end";
    let long = format!("Subject: long\r\n\r\n{}", "a line of a message\r\n".repeat(3_000));
    fill("u00066", &["Subject: one\r\n\r\none\r\n", odd, &long]);
    let (mut pop, greeting) = Pop::connect(gateway.pop3);
    assert_eq!(greeting, "+OK Passerelle ready");
    let told = pop.lines("CAPA");
    for word in [
        "TOP",
        "UIDL",
        "RESP-CODES",
        "AUTH-RESP-CODE",
        "PIPELINING",
        "STLS",
        "USER",
        "SASL PLAIN",
        "IMPLEMENTATION Passerelle",
    ] {
        assert!(told.iter().any(|it| it == word), "{word} in {told:?}");
    }
    assert!(pop.say("STAT").starts_with("-ERR"));
    assert!(pop.say("APOP u00066 c4c9334bac560ecc979e58001b3e22fb").starts_with("-ERR APOP"));
    assert!(pop.say("PASS pw-u00066").starts_with("-ERR USER comes first"));
    assert!(pop.say("USER u00066@a.test").starts_with("+OK"));
    assert!(pop.say("PASS pw-u00066").starts_with("+OK 3 messages"));
    let told = pop.lines("CAPA");
    assert!(!told.iter().any(|it| it == "STLS" || it == "USER" || it.starts_with("SASL")), "{told:?}");

    let sizes: Vec<u64> =
        pop.lines("LIST").iter().map(|line| line.split(' ').nth(1).unwrap().parse().unwrap()).collect();
    assert_eq!(sizes.len(), 3);
    assert_eq!(pop.say("STAT"), format!("+OK 3 {}", sizes.iter().sum::<u64>()));
    assert_eq!(pop.say("LIST 2"), format!("+OK 2 {}", sizes[1]));
    let first = pop.many("RETR 1");
    assert_eq!(first, b"Subject: one\r\n\r\none\r\n");
    // The store counts the octets as they are; the last line's end is POP3's own (RFC 1939 §3).
    assert_eq!(pop.many("RETR 2"), format!("{odd}\r\n").as_bytes());
    assert_eq!(sizes[1], u64::try_from(odd.len()).unwrap());
    assert_eq!(pop.many("RETR 3"), long.as_bytes());
    assert_eq!(sizes[2], u64::try_from(long.len()).unwrap());
    assert_eq!(pop.many("TOP 3 2"), b"Subject: long\r\n\r\na line of a message\r\na line of a message\r\n");
    assert_eq!(pop.many("TOP 2 1"), b"Subject: dots\r\n\r\n.\r\n");
    assert_eq!(pop.many("TOP 3 4000"), long.as_bytes(), "more than there are, in several windows");
    for bad in ["RETR 4", "RETR 0", "RETR", "RETR x", "LIST 9", "UIDL 9", "DELE 9", "TOP 1", "USER x", "STLS", "XTND"] {
        assert!(pop.say(bad).starts_with("-ERR"), "{bad}");
    }
    assert!(pop.say("DELE 2").starts_with("+OK"));
    for gone in ["RETR 2", "DELE 2", "LIST 2", "UIDL 2", "TOP 2 0"] {
        assert!(pop.say(gone).starts_with("-ERR"), "{gone}");
    }
    assert_eq!(pop.lines("UIDL").iter().map(|it| it.split(' ').next().unwrap()).collect::<Vec<_>>(), ["1", "3"]);
    assert!(pop.say("RSET").starts_with("+OK"));
    assert_eq!(pop.lines("LIST").len(), 3);
    assert!(pop.say("noop").starts_with("+OK"));
    assert!(pop.say("QUIT").starts_with("+OK"));
    assert!(pop.rest().is_empty());
    assert_eq!(count("u00066"), 3);
    // Fetching leaves no mark for those who read by other ways.
    let flags = super::store("u00066").command("s STATUS INBOX (UNSEEN)").join(" ");
    assert!(flags.contains("UNSEEN 3"), "{flags}");
}

#[test]
fn every_way_to_log_in() {
    let gateway = Gateway::start("pop3-login");
    for lines in [
        vec!["USER u00001@a.test".to_owned(), "PASS pw-u00001".to_owned()],
        // A bare login belongs to the default institution.
        vec!["USER u00001".to_owned(), "PASS pw-u00001".to_owned()],
        vec!["USER u00001@b.test".to_owned(), "PASS pw-u00001".to_owned()],
        vec![format!("AUTH PLAIN {}", plain("u00001@a.test", "pw-u00001"))],
        vec!["AUTH PLAIN".to_owned(), plain("u00001@a.test", "pw-u00001")],
        vec!["auth plain".to_owned(), "*".to_owned(), "USER u00001".to_owned(), "PASS pw-u00001".to_owned()],
    ] {
        let (mut pop, _) = Pop::connect(gateway.pop3);
        let answers: Vec<String> = lines.iter().map(|line| pop.say(line)).collect();
        assert!(answers.last().unwrap().starts_with("+OK"), "{lines:?}: {answers:?}");
        assert!(pop.say("STAT").starts_with("+OK "));
    }
    assert_eq!(Pop::connect(gateway.pop3).0.lines("AUTH"), ["PLAIN"]);
    let mut answers = Vec::new();
    for (login, password) in [
        ("u00001@a.test", "wrong"),
        ("nobody@a.test", "x"),
        ("u00001@nowhere.test", "pw-u00001"),
        ("u00001*gateway", "gw-secret"),
    ] {
        let (mut pop, _) = Pop::connect(gateway.pop3);
        assert!(pop.say(&format!("USER {login}")).starts_with("+OK"));
        answers.push(pop.say(&format!("PASS {password}")));
    }
    assert!(answers.iter().all(|answer| answer == "-ERR [AUTH] Login or password is wrong"), "{answers:?}");
    let (mut pop, _) = Pop::connect(gateway.pop3);
    pop.say("USER u00001@c.test");
    assert!(pop.say("PASS pw-u00001").starts_with("-ERR [SYS/PERM]"), "an institution without mail says so");
    let (mut pop, _) = Pop::connect(gateway.pop3);
    assert!(pop.say("AUTH OAUTHBEARER bixhPXU=").starts_with("-ERR"));
}

#[test]
fn pipelined_commands_are_answered_in_their_order() {
    let gateway = Gateway::start("pop3-pipeline");
    let (mut pop, _) = Pop::connect(gateway.pop3);
    pop.send(b"USER u00001\r\nPASS pw-u00001\r\nSTAT\r\nRETR 1\r\nLIST 1\r\nNOPE\r\nQUIT\r\n");
    let said = String::from_utf8_lossy(&pop.rest()).into_owned();
    let starts: Vec<&str> = said.lines().filter(|line| line.starts_with("+OK") || line.starts_with("-ERR")).collect();
    assert_eq!(starts.len(), 7, "{starts:?}");
    assert!(
        starts[1].contains("messages") && starts[3].contains("octets") && starts[5].starts_with("-ERR"),
        "{starts:?}"
    );
}

#[test]
fn the_same_as_dovecots_own_pop3() {
    let gateway = Gateway::start("pop3-same");
    fill(
        "u00067",
        &["Subject: a\r\n\r\n.dot\r\n", "Subject: b\r\n\r\nno end", "A: b\r\n\r\n", "X: y\r\n\r\n\r\n\r\n.\r\n"],
    );
    let mut ours = Pop::log_in(gateway.pop3, "u00067@a.test", "pw-u00067");
    let mut theirs = Pop::log_in(port("CAMPUS_POP3_A"), "u00067", "pw-u00067");
    assert_eq!(ours.say("STAT"), theirs.say("STAT"));
    for command in
        ["LIST", "UIDL", "RETR 1", "RETR 2", "RETR 3", "RETR 4", "TOP 1 0", "TOP 2 5", "TOP 4 1", "TOP 4 2", "TOP 4 3"]
    {
        let (ours, theirs) = (ours.many(command), theirs.many(command));
        assert_eq!(String::from_utf8_lossy(&ours), String::from_utf8_lossy(&theirs), "{command}");
    }
}

#[test]
fn tls_both_ways_and_no_password_in_clear_from_elsewhere() {
    let gateway = Gateway::start_with("pop3-tls", &State::Sqlite, |config| {
        let file = config.join("passerelle.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("plain_login_from = [\"127.0.0.0/8\"]", "plain_login_from = []")).unwrap();
    });
    let (mut pop, _) = Pop::connect(gateway.pop3);
    let told = pop.lines("CAPA");
    assert!(
        told.iter().any(|it| it == "STLS") && !told.iter().any(|it| it == "USER" || it.starts_with("SASL")),
        "{told:?}"
    );
    for command in ["USER u00001", "PASS pw-u00001", "AUTH PLAIN AHgAeA=="] {
        assert_eq!(pop.say(command), "-ERR [AUTH] Begin TLS first (STLS)", "{command}");
    }
    // What comes in clear behind STLS is thrown away (RFC 2595 §4).
    pop.send(b"STLS\r\nUSER injected\r\n");
    assert_eq!(pop.line(), "+OK Begin TLS");
    pop.send(b"NOOP\r\n");
    assert!(!pop.line().starts_with("+OK"));
    for (scheme, port, more) in [("pop3s", gateway.pop3s, ""), ("pop3", gateway.pop3, "--ssl-reqd")] {
        let url = format!("{scheme}://localhost:{port}/");
        let mut arguments = vec!["-sS", "--cacert", campus("CAMPUS_CA"), "-u", "u00001@a.test:pw-u00001", &url];
        arguments.extend([more].iter().filter(|it| !it.is_empty()));
        let listed = run("curl", &arguments);
        assert!(listed.lines().count() >= 200, "{scheme}: {listed}");
    }
    let told = try_run("curl", &["-sS", "-u", "u00001:pw-u00001", &format!("pop3://localhost:{}/", gateway.pop3)]);
    assert!(!told.status.success(), "curl does not log in in clear either");
}

#[test]
fn what_is_withdrawn_ends_and_limits_hold() {
    let gateway = Gateway::start_with("pop3-withdraw", &State::Sqlite, |config| {
        let file = config.join("passerelle.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("[limits]", "[limits]\nconnections_per_account = 2")).unwrap();
    });
    fill("u00068", &["Subject: x\r\n\r\nx\r\n"]);
    let mut pop = Pop::log_in(gateway.pop3, "u00068@a.test", "pw-u00068");
    let second = Pop::log_in(gateway.pop3, "u00068@a.test", "pw-u00068");
    let (mut third, _) = Pop::connect(gateway.pop3);
    third.say("USER u00068");
    assert!(third.say("PASS pw-u00068").starts_with("-ERR [IN-USE]"));
    drop(second);
    eventually("the place is given back", || {
        let (mut pop, _) = Pop::connect(gateway.pop3);
        pop.say("USER u00068");
        pop.say("PASS pw-u00068").starts_with("+OK")
    });
    assert!(pop.say("DELE 1").starts_with("+OK"));
    let mut web = crate::web::Browser::sign_in(&gateway, "garonne.localhost", "u00068", "pw-u00068");
    web.post("/logout", &[("everywhere", "1")]);
    assert!(pop.rest().is_empty(), "it ends without a word");
    assert_eq!(count("u00068"), 1, "and without an update");
    gateway.wait_for_log("withdrawn");
}

#[test]
fn a_drain_lets_a_client_finish() {
    let mut gateway = Gateway::start("pop3-drain");
    fill("u00069", &["Subject: x\r\n\r\nx\r\n"]);
    let mut pop = Pop::log_in(gateway.pop3, "u00069@a.test", "pw-u00069");
    let mut silent = Pop::log_in(gateway.pop3, "u00069@a.test", "pw-u00069");
    gateway.signal("TERM");
    gateway.wait_for_log("draining");
    assert!(pop.say("DELE 1").starts_with("+OK"));
    assert_eq!(pop.say("QUIT"), "+OK Goodbye");
    assert!(silent.rest().is_empty());
    assert!(gateway.wait());
    assert_eq!(count("u00069"), 0);
}

#[test]
fn bad_input_is_answered_and_the_next_connection_unharmed() {
    let gateway = Gateway::start("pop3-hostile");
    let garbage: Vec<u8> = (0..=255_u8).cycle().take(20_000).collect();
    for (what, octets, expected) in [
        ("garbage", garbage.as_slice(), "-ERR"),
        ("an endless line", &[b'a'; 200_000][..], "-ERR A line is shorter"),
        ("TLS to a plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n", "-ERR"),
        ("NUL in a login", b"USER a\0b\r\nPASS x\r\nQUIT\r\n", "-ERR [AUTH]"),
        ("overlong UTF-8", b"USER \xc0\x80\r\nPASS x\r\nQUIT\r\n", "-ERR [AUTH]"),
        ("filter characters", b"USER *)(uid=*\r\nPASS pw-u00001\r\nQUIT\r\n", "-ERR [AUTH]"),
        ("no base64", b"AUTH PLAIN !!!\r\nQUIT\r\n", "-ERR [AUTH]"),
        ("only garbage", b"a\r\nb\r\nc\r\nd\r\ne\r\n", "-ERR This is not POP3"),
    ] {
        let (mut pop, _) = Pop::connect(gateway.pop3);
        // A server that has closed already may make the write fail; what it said counts.
        let _ = std::io::Write::write_all(pop.reader.get_mut(), octets);
        let _ = pop.reader.get_mut().shutdown(std::net::Shutdown::Write);
        let said = String::from_utf8_lossy(&pop.rest()).into_owned();
        assert!(said.contains(expected), "{what}: {said}");
        Pop::log_in(gateway.pop3, "u00001@a.test", "pw-u00001");
    }
}
