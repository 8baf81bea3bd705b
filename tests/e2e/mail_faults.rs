//! IMAP when the store dies, and when the client sends what no client should: what is told is true, nobody else notices, and
//! memory stays flat.

use crate::{
    cut::{When, between, by},
    harness::{Gateway, Imap, State, campus},
    shared_mail::{mailbox, ok},
};
use std::{
    io::{Read, Write},
    time::{Duration, Instant},
};

const MIB: usize = 1024 * 1024;

/// A gateway whose way to garonne's store breaks.
fn cut(name: &str, when: When) -> Gateway {
    Gateway::start_with(name, &State::Sqlite, |config| by(config, between(when)))
}

/// The store itself, as its owner.
fn bare(login: &str) -> Imap {
    Imap::log_in(campus("CAMPUS_IMAP_A").parse().unwrap(), login, &format!("pw-{login}"))
}

#[test]
fn a_store_that_dies_in_idle_is_a_goodbye() {
    let gateway = cut("imap-cut-idle", When::Asked("IDLE\r\n"));
    let mut imap = Imap::log_in(gateway.imap, "u00081@a.test", "pw-u00081");
    imap.send(b"i IDLE\r\n");
    let told = imap.line();
    assert!(told.starts_with("* BYE The mail store hung up"), "{told}");
    assert!(imap.is_closed());
}

#[test]
fn a_store_that_dies_in_fetch_is_a_cut_and_never_an_answer() {
    let mut store = bare("u00082");
    mailbox(&mut store, "Gros", 0);
    let message = format!("Subject: x\r\n\r\n{}", "a line of a message\r\n".repeat(100_000));
    store.send(format!("p APPEND Gros {{{}+}}\r\n{message}\r\n", message.len()).as_bytes());
    assert!(store.answer("p").last().unwrap().starts_with("p OK"));
    let gateway = cut("imap-cut-fetch", When::Told(1_000_000));
    let mut imap = Imap::log_in(gateway.imap, "u00082@a.test", "pw-u00082");
    ok(&mut imap, "s SELECT Gros");
    imap.send(b"f FETCH 1 BODY.PEEK[]\r\n");
    assert!(imap.line().ends_with(&format!("{{{}}}", message.len())));
    let rest = imap.rest();
    assert!(rest.len() > 500_000 && message.as_bytes().starts_with(&rest), "{} octets", rest.len());
}

/// Whatever the store did with what it had, its answer did not come: that is never an OK, and never a NO.
#[test]
fn a_store_that_dies_behind_a_command_leaves_its_outcome_open() {
    for (command, words) in [
        ("p APPEND INBOX {17+}\r\nSubject: end\r\n\r\nx\r\n", "Subject: end"),
        ("p APPEND INBOX {17}\r\nSubject: end\r\n\r\nx\r\n", "Subject: end"),
        ("p CREATE Nouveau\r\n", "CREATE"),
        ("p NOOP\r\n", "NOOP"),
    ] {
        let gateway = cut("imap-cut-command", When::Asked(words));
        let mut imap = Imap::log_in(gateway.imap, "u00083@a.test", "pw-u00083");
        imap.send(command.as_bytes());
        let told = imap.answer("p");
        let told: Vec<_> = told.iter().filter(|line| !line.is_empty() && !line.starts_with('+')).collect();
        assert!(
            told.len() == 1 && told[0].starts_with("* BYE The mail store hung up") && told[0].contains("not known"),
            "{command:?}: {told:?}"
        );
        assert!(imap.is_closed());
    }
}

#[test]
fn a_goodbye_of_the_store_is_not_said_twice() {
    let gateway = Gateway::start("imap-goodbye");
    let mut imap = Imap::log_in(gateway.imap, "u00084@a.test", "pw-u00084");
    imap.send(b"o LOGOUT\r\n");
    let told = String::from_utf8(imap.rest()).unwrap();
    assert!(told.matches("* BYE").count() == 1 && told.contains("\r\no OK"), "{told}");
}

#[test]
fn large_messages_cost_no_memory_however_slowly_they_are_read() {
    let gateway = Gateway::start("imap-slow");
    let message = format!("Subject: large\r\n\r\n{}", format!("{}\r\n", "x".repeat(62)).repeat(25 * MIB / 64));
    let mut imap = Imap::log_in(gateway.imap, "u00085@a.test", "pw-u00085");
    mailbox(&mut imap, "Gros", 1);
    ok(&mut imap, "s SELECT Gros");
    ok(&mut imap, "f FETCH 1 BODY.PEEK[]");
    let before = gateway.peak();
    imap.send(format!("p APPEND Gros {{{}+}}\r\n{message}\r\n", message.len()).as_bytes());
    assert!(imap.answer("p").last().unwrap().starts_with("p OK"));
    let mut slow: Vec<Imap> = (0..4)
        .map(|_| {
            let mut imap = Imap::log_in(gateway.imap, "u00085@a.test", "pw-u00085");
            ok(&mut imap, "s EXAMINE Gros");
            imap.send(b"f FETCH 2 BODY.PEEK[]\r\n");
            imap
        })
        .collect();
    // One that is served meanwhile.
    ok(&mut imap, "s SELECT Gros");
    imap.send(b"f FETCH 2 BODY.PEEK[]\r\n");
    let told = imap.answer("f");
    assert!(told.iter().map(String::len).sum::<usize>() > 24 * MIB && told.last().unwrap().starts_with("f OK"));
    for imap in &mut slow {
        assert!(imap.answer("f").last().unwrap().starts_with("f OK"));
    }
    let grown = gateway.peak() - before;
    assert!(grown < 8 * 1024, "{grown} KiB more");
}

/// What no client should say, in every state that a connection can be in.
#[test]
fn nonsense_in_every_state_harms_nobody() {
    let gateway = Gateway::start("imap-nonsense");
    let mut owner = Imap::log_in(gateway.imap, "u00086@a.test", "pw-u00086");
    mailbox(&mut owner, "Bureau", 1);
    ok(&mut owner, "s SETACL Bureau u00087@a.test lrswite");
    let line = [b"x NOOP ".to_vec(), vec![b'a'; 200_000], b"\r\n".to_vec()].concat();
    let nonsense: Vec<Vec<u8>> = [
        &b"\0\0\0\0\r\n"[..],
        b"x SELECT \"\0\"\r\n",
        b"x SELECT &&&&-\r\n",
        b"x SELECT \"&AGEAYQ-&-&\"\r\n",
        b"x SELECT \"Other users/u00086/&BADUTF7\"\r\n",
        b"x STATUS \"Other users/u00086/Bureau\xff\xfe\" (MESSAGES)\r\n",
        b"* 5 EXISTS\r\n",
        b"+ go on\r\n",
        b"x\r\n",
        b" \r\n",
        b"\r\n\r\n\r\n",
        b"x FETCH 1 BODY[\r\n",
        b"x FETCH 0:* ((((((((((((((((((((((((((((((\r\n",
        b"x SEARCH {5}\r\n",
        b"x APPEND INBOX {99999999999999999999}\r\n",
        b"x APPEND \"Other users/u00086/Bureau\" {18446744073709551615+}\r\n",
        b"x LIST {4+}\r\nabcd {4+}\r\nabcd\r\n",
        b"x UID\r\n",
        b"DONE\r\n",
        b"x IDLE more\r\n",
        b"\x80\x81\x82\xff {3+}\r\nabc\r\n",
        &line,
    ]
    .map(<[u8]>::to_vec)
    .to_vec();
    let states: [(&str, &[&str]); 6] = [
        ("before log-in", &[]),
        ("logged in", &["l LOGIN u00087@a.test pw-u00087"]),
        ("selected", &["l LOGIN u00087@a.test pw-u00087", "s SELECT INBOX"]),
        ("a shared one", &["l LOGIN u00087@a.test pw-u00087", "s SELECT \"Other users/u00086/Bureau\""]),
        ("idle", &["l LOGIN u00087@a.test pw-u00087", "s SELECT INBOX", "idle"]),
        (
            "idle in a shared one",
            &["l LOGIN u00087@a.test pw-u00087", "s SELECT \"Other users/u00086/Bureau\"", "idle"],
        ),
    ];
    for (state, commands) in states {
        for input in &nonsense {
            let (mut imap, _) = Imap::connect(gateway.imap);
            for command in commands {
                match *command {
                    "idle" => {
                        imap.send(b"i IDLE\r\n");
                        assert!(imap.line().starts_with('+'), "{state}");
                    }
                    command => {
                        let tag = command.split(' ').next().unwrap();
                        let told = imap.command(command);
                        assert!(told.last().unwrap().starts_with(&format!("{tag} OK")), "{state}: {told:?}");
                    }
                }
            }
            imap.send(input);
            imap.send(b"z LOGOUT\r\n");
            imap.hang_up();
            // It ends, by itself and soon, whatever it says.
            let began = Instant::now();
            imap.rest();
            let shown = String::from_utf8_lossy(&input[..input.len().min(60)]).into_owned();
            assert!(began.elapsed() < Duration::from_secs(10), "{state}: {shown:?}");
        }
    }
    assert!(ok(&mut owner, "t STATUS Bureau (MESSAGES)").contains("MESSAGES 1"));
    assert!(!gateway.log().contains("panicked"));
}

/// Neither the gateway nor anybody's memory is for lines that do not end.
#[test]
fn a_line_of_a_hundred_mebibytes_costs_nothing() {
    let gateway = Gateway::start("imap-line");
    let mut owner = Imap::log_in(gateway.imap, "u00088@a.test", "pw-u00088");
    mailbox(&mut owner, "Bureau", 1);
    ok(&mut owner, "s SETACL Bureau u00089@a.test lr");
    let before = gateway.peak();
    let piece = vec![b'a'; MIB];
    for commands in [
        &[][..],
        &["l LOGIN u00089@a.test pw-u00089"],
        &["l LOGIN u00089@a.test pw-u00089", "s SELECT \"Other users/u00088/Bureau\""],
    ] {
        let (mut imap, _) = Imap::connect(gateway.imap);
        for command in commands {
            ok(&mut imap, command);
        }
        let mut stream = imap.into_stream();
        // It is hung up on somewhere on the way.
        let sent = (0..100).take_while(|_| stream.write_all(&piece).is_ok()).count();
        assert!(sent < 100, "{commands:?}");
        let mut told = Vec::new();
        let _ = stream.read_to_end(&mut told);
    }
    let grown = gateway.peak() - before;
    assert!(grown < 8 * 1024, "{grown} KiB more");
    ok(&mut owner, "n NOOP");
}

/// A message over the limit is refused before it is read: by NO where it waits to be let come, else by hanging up.
#[test]
fn a_message_of_200_mib_is_refused_before_it_is_read() {
    let gateway = Gateway::start_with("imap-limit", &State::Sqlite, |config| {
        let file = config.join("passerelle.toml");
        let text = std::fs::read_to_string(&file).unwrap();
        std::fs::write(&file, text.replace("[limits]", "[limits]\nappended_mib = 100")).unwrap();
    });
    let mut owner = Imap::log_in(gateway.imap, "u00090@a.test", "pw-u00090");
    mailbox(&mut owner, "Bureau", 0);
    ok(&mut owner, "s SETACL Bureau u00091@a.test lrswi");
    let mut imap = Imap::log_in(gateway.imap, "u00091@a.test", "pw-u00091");
    assert!(ok(&mut imap, "c CAPABILITY").contains(&format!(" APPENDLIMIT={}", 100 * MIB)));
    for place in ["INBOX", "\"Other users/u00090/Bureau\"", "{5+}\r\nINBOX"] {
        let length = 200 * MIB;
        let told = imap.command(&format!("p APPEND {place} {{{length}}}"));
        assert_eq!(told, ["p NO [TOOBIG] This is larger than a message may be"], "{place}");
        ok(&mut imap, "n NOOP");
        let mut other = Imap::log_in(gateway.imap, "u00091@a.test", "pw-u00091");
        other.send(format!("p APPEND {place} {{{length}+}}\r\n").as_bytes());
        assert!(String::from_utf8(other.rest()).unwrap().starts_with("* BYE [TOOBIG]"), "{place}");
    }
}
