//! IMAP in front of the real Dovecots.

use crate::harness::{Gateway, Imap, campus, run, try_run};
use std::{
    io::{Read, Write},
    net::TcpStream,
    time::{Duration, Instant},
};

/// base64 of `NUL login NUL password`, by coreutils.
fn plain(login: &str, password: &str) -> String {
    run("bash", &["-c", &format!("printf '\\0%s\\0%s' '{login}' '{password}' | base64 -w0")])
}

#[test]
fn logs_in_by_every_way_that_is_announced() {
    let gateway = Gateway::start("imap-login");
    let (mut imap, greeting) = Imap::connect(gateway.imap);
    assert!(greeting.starts_with("* OK [CAPABILITY IMAP4rev1"), "{greeting}");
    for word in ["STARTTLS", "SASL-IR", "AUTH=PLAIN", "LITERAL+", "ID"] {
        assert!(greeting.contains(word), "{word} in {greeting}");
    }
    assert!(!greeting.contains("COMPRESS"));
    assert_eq!(imap.command("i ID NIL"), ["* ID (\"name\" \"Passerelle\")", "i OK done"]);
    let told = imap.command("l LOGIN u00001@a.test pw-u00001");
    let told = told.last().unwrap();
    // What the store can is announced, what a relay cannot honour is not.
    assert!(told.starts_with("l OK [CAPABILITY ") && told.contains("QRESYNC") && told.contains("NOTIFY"), "{told}");
    assert!(!told.contains("COMPRESS") && !told.contains("AUTH="), "{told}");
    let selected = imap.command("s SELECT INBOX");
    assert!(selected.iter().any(|line| line.ends_with("EXISTS")) && selected.last().unwrap().starts_with("s OK"));

    for command in [
        "l LOGIN \"u00001@a.test\" \"pw-u00001\"".to_owned(),
        "l LOGIN {13+}\r\nu00001@a.test {9+}\r\npw-u00001".to_owned(),
        format!("l AUTHENTICATE PLAIN {}", plain("u00001@a.test", "pw-u00001")),
        // A bare login belongs to the default institution.
        "l LOGIN u00001 pw-u00001".to_owned(),
        "l LOGIN user.1@a.test pw-u00001".to_owned(),
    ] {
        let (mut imap, _) = Imap::connect(gateway.imap);
        let told = imap.command(&command);
        assert!(told.last().unwrap().starts_with("l OK"), "{command}: {told:?}");
    }

    let (mut imap, _) = Imap::connect(gateway.imap);
    imap.send(b"l AUTHENTICATE PLAIN\r\n");
    assert!(imap.line().starts_with('+'));
    imap.send(format!("{}\r\n", plain("u00001@a.test", "pw-u00001")).as_bytes());
    assert!(imap.line().starts_with("l OK"));

    let (mut imap, _) = Imap::connect(gateway.imap);
    imap.send(b"l LOGIN {13}\r\n");
    assert!(imap.line().starts_with('+'));
    imap.send(b"u00001@b.test {9}\r\n");
    assert!(imap.line().starts_with('+'));
    imap.send(b"pw-u00001\r\n");
    assert!(imap.line().starts_with("l OK"));
}

#[test]
fn the_same_login_of_two_institutions_is_two_people() {
    let gateway = Gateway::start("imap-two");
    for (domain, mark) in [("a.test", "garonne-mark"), ("b.test", "autan-mark")] {
        let mut imap = Imap::log_in(gateway.imap, &format!("u00041@{domain}"), "pw-u00041");
        imap.command(&format!("d DELETE {mark}"));
        assert!(imap.command(&format!("c CREATE {mark}")).last().unwrap().starts_with("c OK"));
    }
    let mut imap = Imap::log_in(gateway.imap, "u00041@a.test", "pw-u00041");
    let listed = imap.command("l LIST \"\" *").join("\n");
    assert!(listed.contains("garonne-mark") && !listed.contains("autan-mark"), "{listed}");
}

#[test]
fn refusals_are_alike_and_name_what_is_broken() {
    let gateway = Gateway::start("imap-refuse");
    let mut answers = Vec::new();
    for credentials in
        ["u00001@a.test wrong", "nobody@a.test wrong", "u00001@nowhere.test pw-u00001", "u00001@a.test \"\""]
    {
        let (mut imap, _) = Imap::connect(gateway.imap);
        answers.push(imap.command(&format!("l LOGIN {credentials}")));
    }
    assert!(
        answers.iter().all(|answer| *answer == ["l NO [AUTHENTICATIONFAILED] Login or password is wrong"]),
        "{answers:?}"
    );
    // An institution without mail says so.
    let (mut imap, _) = Imap::connect(gateway.imap);
    let told = imap.command("l LOGIN u00001@c.test pw-u00001");
    assert!(told.last().unwrap().starts_with("l NO [CANNOT]"), "{told:?}");
    // Acting as somebody else by an authorization identity is not offered.
    let message = run("bash", &["-c", "printf 'u00002\\0u00001@a.test\\0pw-u00001' | base64 -w0"]);
    let (mut imap, _) = Imap::connect(gateway.imap);
    assert!(imap.command(&format!("l AUTHENTICATE PLAIN {message}")).last().unwrap().starts_with("l NO [AUTH"));
}

#[test]
fn a_store_that_is_down_is_unavailable_and_nothing_else() {
    let gateway = Gateway::start_with("imap-down", &crate::harness::State::Sqlite, |config| {
        let file = config.join("institutions/garonne/institution.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        // Port 9 of loopback: nobody listens there.
        std::fs::write(&file, text.replace(&format!("127.0.0.1:{}", campus("CAMPUS_IMAP_A")), "127.0.0.1:9")).unwrap();
    });
    let (mut imap, _) = Imap::connect(gateway.imap);
    let told = imap.command("l LOGIN u00001@a.test pw-u00001");
    assert!(told.last().unwrap().starts_with("l NO [UNAVAILABLE]"), "{told:?}");
    // The other institution does not notice.
    Imap::log_in(gateway.imap, "u00001@b.test", "pw-u00001");
    assert!(gateway.log().contains("back-end"));
}

#[test]
fn a_store_that_accepts_and_never_answers_is_given_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = silent.local_addr().unwrap().port();
    let gateway = Gateway::start_with("imap-silent", &crate::harness::State::Sqlite, |config| {
        let file = config.join("institutions/garonne/institution.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        let here = format!("127.0.0.1:{port}\"\ntimeout_ms = 500\n#\"");
        std::fs::write(&file, text.replace(&format!("127.0.0.1:{}\"", campus("CAMPUS_IMAP_A")), &here)).unwrap();
    });
    let (mut imap, _) = Imap::connect(gateway.imap);
    let told = imap.command("l LOGIN u00001@a.test pw-u00001");
    assert!(told.last().unwrap().starts_with("l NO [UNAVAILABLE]"), "{told:?}");
}

#[test]
fn tls_both_ways_and_the_certificate_of_the_institution() {
    let gateway = Gateway::start("imap-tls");
    for (host, institution) in [("garonne.localhost", "garonne"), ("autan.localhost", "autan")] {
        for (port, starttls) in [(gateway.imaps, ""), (gateway.imap, "-starttls imap")] {
            let shown = run(
                "bash",
                &[
                    "-c",
                    &format!(
                        "echo 'q LOGOUT' | timeout 10 openssl s_client -connect 127.0.0.1:{port} -servername {host} -CAfile {} -verify_return_error {starttls} 2>/dev/null | openssl x509 -noout -ext subjectAltName",
                        campus("CAMPUS_CA")
                    ),
                ],
            );
            assert!(shown.contains(&format!("{institution}.localhost")), "{shown}");
        }
    }
    // A bare login at an institution's own name is that institution's person.
    let url = format!("imaps://autan.localhost:{}/", gateway.imaps);
    let resolve = format!("autan.localhost:{}:127.0.0.1", gateway.imaps);
    let counted = run(
        "curl",
        &[
            "-s",
            "--cacert",
            campus("CAMPUS_CA"),
            "--resolve",
            &resolve,
            "-u",
            "u00002:pw-u00002",
            &url,
            "-X",
            "STATUS INBOX (MESSAGES)",
        ],
    );
    assert!(counted.contains("MESSAGES"), "{counted}");
}

#[test]
fn the_extensions_of_the_store_work() {
    let gateway = Gateway::start("imap-extensions");
    let mut imap = Imap::log_in(gateway.imap, "u00042@a.test", "pw-u00042");
    assert!(imap.command("e ENABLE QRESYNC").join(" ").contains("ENABLED QRESYNC"));
    assert!(imap.command("s SELECT INBOX").join(" ").contains("HIGHESTMODSEQ"));
    // IDLE: what another connection does arrives by itself.
    imap.send(b"i IDLE\r\n");
    assert!(imap.line().starts_with('+'));
    let mut other = Imap::log_in(gateway.imap, "u00042@a.test", "pw-u00042");
    let message = "Subject: hello\r\n\r\nbody\r\n";
    other.send(format!("a APPEND INBOX {{{}+}}\r\n{message}\r\n", message.len()).as_bytes());
    assert!(other.answer("a").last().unwrap().starts_with("a OK"));
    assert!(imap.line().ends_with("EXISTS"));
    imap.send(b"DONE\r\n");
    assert!(imap.answer("i").last().unwrap().starts_with("i OK"));
    assert!(imap.command("o NOTIFY SET (selected (MessageNew MessageExpunge))").last().unwrap().starts_with("o OK"));
    let told = imap.command("c CAPABILITY").join("\n");
    assert!(told.contains("IDLE") && !told.contains("AUTH=") && !told.contains("SASL-IR"), "{told}");
    // What would make the connection somebody else's is refused by the store, in turn.
    for refused in ["u UNAUTHENTICATE", "u COMPRESS DEFLATE", "u LOGIN u00001 pw-u00001"] {
        assert!(imap.command(refused).last().unwrap().starts_with("u BAD"), "{refused}");
    }
    assert!(imap.command("n NOOP").last().unwrap().starts_with("n OK"));
}

#[test]
fn a_large_message_passes_whole_both_ways() {
    let gateway = Gateway::start("imap-large");
    let mut imap = Imap::log_in(gateway.imap, "u00043@a.test", "pw-u00043");
    let body: String = (0..300_000).map(|line| format!("line {line:08} of a large message\r\n")).collect();
    let message = format!("Subject: large\r\n\r\n{body}");
    imap.command("d DELETE large");
    imap.command("c CREATE large");
    imap.send(format!("a APPEND large {{{}+}}\r\n", message.len()).as_bytes());
    imap.send(message.as_bytes());
    imap.send(b"\r\n");
    assert!(imap.answer("a").last().unwrap().starts_with("a OK"));
    imap.command("s SELECT large");
    imap.send(b"f FETCH 1 BODY.PEEK[TEXT]\r\n");
    let fetched = imap.answer("f").join("\r\n");
    assert!(fetched.contains(&body[..body.len() - 2]), "the text came back as it went ({} octets)", fetched.len());
}

#[test]
fn commands_pipelined_behind_the_log_in_are_not_lost() {
    let gateway = Gateway::start("imap-pipeline");
    let (mut imap, _) = Imap::connect(gateway.imap);
    imap.send(b"l LOGIN u00001@a.test pw-u00001\r\ns SELECT INBOX\r\nf FETCH 1 UID\r\nq LOGOUT\r\n");
    let all = imap.answer("q").join("\n");
    for expected in ["l OK", "s OK", "f OK", "q OK"] {
        assert!(all.contains(expected), "{expected} in {all}");
    }
}

/// Sends all this and closes this half; everything that is said until the other half closes, and how long that took.
fn half_closed(port: u16, octets: &[u8]) -> (String, Duration) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(crate::harness::PATIENCE)).unwrap();
    stream.write_all(octets).unwrap();
    stream.shutdown(std::net::Shutdown::Write).unwrap();
    let begun = Instant::now();
    let mut said = Vec::new();
    stream.read_to_end(&mut said).unwrap();
    (String::from_utf8_lossy(&said).into_owned(), begun.elapsed())
}

#[test]
fn a_client_that_closes_its_half_gets_every_answer() {
    let gateway = Gateway::start("imap-half-close");
    let mut imap = Imap::log_in(gateway.imap, "u00047@a.test", "pw-u00047");
    let message = format!("Subject: long\r\n\r\n{}", "a line of a long message\r\n".repeat(200_000));
    imap.command("d DELETE half");
    imap.command("c CREATE half");
    imap.send(format!("a APPEND half {{{}+}}\r\n{message}\r\n", message.len()).as_bytes());
    assert!(imap.answer("a").last().unwrap().starts_with("a OK"));
    let log_in = "l LOGIN u00047@a.test pw-u00047\r\n";
    let append = "p APPEND half {22}\r\nSubject: x\r\n\r\nq NOOP\r\n\r\n";
    for (what, commands, expected) in [
        ("one command", "s STATUS half (MESSAGES)\r\n", &["s OK"][..]),
        (
            "many, with a long answer among them",
            "s SELECT half\r\nf FETCH 1 (BODY.PEEK[])\r\nx NOSUCH\r\ng FETCH 1 (FLAGS)\r\nn NOOP\r\n",
            &["s OK", "f OK", "x BAD", "g OK", "n OK"],
        ),
        ("a literal that the store has to let come", append, &["p OK"]),
        ("an IDLE with its end", "s SELECT half\r\ni IDLE\r\nDONE\r\nn NOOP\r\n", &["s OK", "i OK", "n OK"]),
        ("a line that is no command", "\r\ns STATUS half (MESSAGES)\r\n", &["* BAD", "s OK"]),
        ("one that changes nothing", "u UNAUTHENTICATE\r\nn NOOP\r\n", &["u BAD", "n OK"]),
        // What did not end cannot be answered; what went before is, and nobody waits for more.
        ("half a command", "n NOOP\r\ns STATUS ha", &["n OK"]),
        ("half a literal", "n NOOP\r\na APPEND half {100+}\r\nSubject", &["n OK"]),
        ("a literal that does not come", "n NOOP\r\na APPEND half {100}\r\n", &["n OK", "+"]),
        ("a literal that is refused", "n NOOP\r\na APPEND no/such/one {100}\r\n", &["n OK", "a NO"]),
        ("an IDLE without end", "n NOOP\r\ni IDLE\r\n", &["n OK", "+"]),
        ("a LOGOUT", "n NOOP\r\nq LOGOUT\r\n", &["n OK", "* BYE", "q OK"]),
    ] {
        let (said, took) = half_closed(gateway.imap, format!("{log_in}{commands}").as_bytes());
        let short: String = said.chars().take(2_000).collect();
        for line in expected {
            assert!(said.contains(&format!("\n{line} ")), "{what}: no {line} in {short}");
        }
        assert!(said.ends_with("\r\n"), "{what}: an answer was cut");
        assert!(took < Duration::from_secs(15), "{what}: {took:?}");
        if commands.contains("BODY.PEEK") {
            assert!(said.contains(&message), "{what}: the message is not whole");
        }
    }
}

#[test]
fn mail_sent_by_postfix_is_read_through_the_gateway() {
    let gateway = Gateway::start("imap-postfix");
    let mark = format!("mark-{}", std::process::id());
    for (domain, port) in [("a.test", campus("CAMPUS_SUBMISSION_A")), ("b.test", campus("CAMPUS_SUBMISSION_B"))] {
        let person = format!("u00044@{domain}");
        run(
            "swaks",
            &[
                "--silent",
                "2",
                "--server",
                &format!("127.0.0.1:{port}"),
                "--tls",
                "--auth-user",
                "u00044",
                "--auth-password",
                "pw-u00044",
                "--from",
                &person,
                "--to",
                &person,
                "--header",
                &format!("Subject: {mark}"),
            ],
        );
        let mut imap = Imap::log_in(gateway.imap, &person, "pw-u00044");
        crate::harness::eventually("the message arrives", || {
            imap.command("s SELECT INBOX");
            imap.command(&format!("f SEARCH SUBJECT {mark}")).iter().any(|line| line.starts_with("* SEARCH "))
        });
    }
}

#[test]
fn a_withdrawal_ends_the_relay_with_goodbye() {
    let gateway = Gateway::start("imap-withdraw");
    let mut imap = Imap::log_in(gateway.imap, "u00045@a.test", "pw-u00045");
    imap.command("s SELECT INBOX");
    imap.send(b"i IDLE\r\n");
    assert!(imap.line().starts_with('+'));
    let mut web = crate::web::Browser::sign_in(&gateway, "garonne.localhost", "u00045", "pw-u00045");
    web.post("/logout", &[("everywhere", "1")]);
    assert_eq!(imap.line(), "* BYE Your access was withdrawn");
    assert!(imap.is_closed());
}

#[test]
fn limits_of_an_account_hold() {
    let gateway = Gateway::start_with("imap-limit", &crate::harness::State::Sqlite, |config| {
        let file = config.join("passerelle.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace("[limits]", "[limits]\nconnections_per_account = 2")).unwrap();
    });
    let first = Imap::log_in(gateway.imap, "u00001@a.test", "pw-u00001");
    let _second = Imap::log_in(gateway.imap, "u00001@a.test", "pw-u00001");
    let (mut third, _) = Imap::connect(gateway.imap);
    assert!(third.command("l LOGIN u00001@a.test pw-u00001").last().unwrap().starts_with("l NO [LIMIT]"));
    drop(first);
    crate::harness::eventually("the place is given back", || {
        let (mut imap, _) = Imap::connect(gateway.imap);
        imap.command("l LOGIN u00001@a.test pw-u00001").last().unwrap().starts_with("l OK")
    });
}

#[test]
fn the_store_hears_the_clients_address() {
    let gateway = Gateway::start("imap-id");
    Imap::log_in(gateway.imap, "u00046@a.test", "pw-u00046");
    let log = format!("{}/dovecot-a/dovecot.log", campus("CAMPUS_DIR"));
    crate::harness::eventually("dovecot logs the log-in with an address of loopback", || {
        let found = try_run("grep", &["-a", "user=<u00046>", &log]);
        String::from_utf8_lossy(&found.stdout).contains("rip=127.0.0.1")
    });
}

#[test]
fn a_literal_that_the_store_refuses_hides_no_command() {
    let gateway = Gateway::start("imap-refused-literal");
    let mut imap = Imap::log_in(gateway.imap, "u00001@a.test", "pw-u00001");
    let told = imap.command("a APPEND no/such/mailbox/anywhere {999999}");
    assert!(told.last().unwrap().starts_with("a NO") || told.last().unwrap().starts_with("a BAD"), "{told:?}");
    assert!(imap.command("b COMPRESS DEFLATE").last().unwrap().starts_with("b BAD"));
    assert!(imap.command("c NOOP").last().unwrap().starts_with("c OK"));
    // Pipelined, the next command waits for the store's word and is not taken for the literal.
    imap.send(b"d APPEND no/such/mailbox/anywhere {30}\r\ne COMPRESS DEFLATE\r\nf NOOP\r\n");
    let told = imap.answer("f").join("\n");
    assert!(told.contains("e BAD") && told.contains("f OK NOOP completed"), "{told}");
    // A literal that waits for nothing, behind a verb that takes none, cannot be followed: the relay ends.
    imap.send(b"g FOO {18+}\r\nh COMPRESS DEFLATE\r\n\r\n");
    assert_eq!(imap.line(), "* BYE This conversation cannot be followed");
    assert!(imap.is_closed());
}
