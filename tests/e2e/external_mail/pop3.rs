//! Accounts elsewhere that are reached by POP3: autan's Dovecot, and servers that lie, cut and talk without end.

use super::{HOST, campus, directly, log_in, no, offer};
use crate::{
    harness::{Answer, Gateway, Imap, State},
    mail_clients::mutt,
    nodes::Database,
    shared_mail::ok,
    web::Browser,
};
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    thread,
};

const FOLDER: &str = "External/Pop/INBOX";

fn pops() -> u16 {
    campus("CAMPUS_POP3S_B").parse().unwrap()
}

fn pop() -> u16 {
    campus("CAMPUS_POP3_B").parse().unwrap()
}

fn gateway(name: &str, state: &State, ports: &[u16]) -> Gateway {
    let ports: Vec<u16> = ports.iter().copied().chain([pops(), pop()]).collect();
    Gateway::start_with(name, state, |config| offer(config, &ports, "clear = true"))
}

fn try_to_add(browser: &mut Browser<'_>, (port, tls): (u16, &str), who: (&str, &str)) -> Answer {
    let port = port.to_string();
    let fields = [
        ("label", "Pop"),
        ("protocol", "pop3"),
        ("host", "127.0.0.1"),
        ("port", &port),
        ("tls", tls),
        ("login", who.0),
        ("password", who.1),
    ];
    browser.post("/external-mail", &fields)
}

#[track_caller]
fn add(gateway: &Gateway, login: &str, place: (u16, &str), who: (&str, &str)) {
    let mut browser = Browser::sign_in(gateway, HOST, login, &format!("pw-{login}"));
    let added = try_to_add(&mut browser, place, who);
    assert_eq!(added.status, 201, "{}", added.body);
    assert!(added.body.contains("(POP3)"));
}

/// The INBOX there, with these subjects and no others.
fn fill(login: &str, subjects: &[&str]) -> Imap {
    let mut there = directly(login);
    empty(&mut there);
    for subject in subjects {
        put(&mut there, subject);
    }
    there
}

fn empty(imap: &mut Imap) {
    ok(imap, "s SELECT INBOX");
    imap.command("f STORE 1:* +FLAGS.SILENT (\\Deleted)");
    ok(imap, "e EXPUNGE");
}

fn put(there: &mut Imap, subject: &str) {
    let message = format!(
        "From: Zoe <zoe@b.test>\r\nTo: x@a.test\r\nDate: Tue, 24 Nov 2026 10:00:00 +0100\r\nSubject: {subject}\r\n\r\n.one dot\r\n..two\r\n.\r\nend\r\n"
    );
    there.send(format!("p APPEND INBOX {{{}+}}\r\n{message}\r\n", message.len()).as_bytes());
    assert!(there.answer("p").join("").contains("p OK"));
}

/// UIDVALIDITY, and the UIDs with their subjects.
fn numbers(gateway: &Gateway, login: &str) -> (String, Vec<(String, String)>) {
    let mut imap = log_in(gateway, login);
    let told = ok(&mut imap, &format!("s SELECT {FOLDER}"));
    let validity = told.split_once("UIDVALIDITY ").unwrap().1.split(']').next().unwrap().to_owned();
    let told = ok(&mut imap, "f UID FETCH 1:* (UID ENVELOPE)");
    let row = |line: &str| {
        let uid = line.split_once("(UID ")?.1.split(' ').next()?.to_owned();
        Some((uid, line.split_once("+0100\" \"")?.1.split('"').next()?.to_owned()))
    };
    (validity, told.lines().filter_map(row).collect())
}

#[test]
fn a_maildrop_is_a_folder_that_is_read_searched_copied_and_deleted_from() {
    let gateway = gateway("external-pop3", &State::Sqlite, &[]);
    let mut there = fill("u00301", &["first", "second", "third"]);
    let mut browser = Browser::sign_in(&gateway, HOST, "u00301", "pw-u00301");
    let wrong = try_to_add(&mut browser, (pops(), "implicit"), ("u00301", "wrong"));
    assert!(wrong.status == 422 && wrong.body.contains("does not take this login"), "{}", wrong.body);
    let odd = try_to_add(&mut browser, (campus("CAMPUS_IMAPS_B").parse().unwrap(), "implicit"), ("u00301", "x"));
    assert!(odd.status == 422 && odd.body.contains("This port may not be used"), "{}", odd.body);
    add(&gateway, "u00301", (pops(), "implicit"), ("u00301", "pw-u00301"));

    let mut imap = log_in(&gateway, "u00301");
    let listed = ok(&mut imap, "l LIST \"\" External/*");
    assert!(listed.contains("\"External/Pop/INBOX\""), "{listed}");
    assert!(
        ok(&mut imap, &format!("t STATUS {FOLDER} (MESSAGES UNSEEN UIDNEXT)"))
            .contains("(MESSAGES 3 UNSEEN 3 UIDNEXT 4)")
    );
    let told = ok(&mut imap, &format!("s SELECT {FOLDER}"));
    for line in ["* 3 EXISTS", "[PERMANENTFLAGS ()]", "[UIDNEXT 4]", "[READ-WRITE]"] {
        assert!(told.contains(line), "{line} in {told}");
    }
    let told = ok(&mut imap, "f FETCH 1 (UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE)");
    for part in [
        "UID 1 FLAGS () INTERNALDATE \"24-Nov-2026 10:00:00 +0100\"",
        "\"first\" ((\"Zoe\" NIL \"zoe\" \"b.test\"))",
        "BODYSTRUCTURE (\"text\" \"plain\"",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }
    let told = ok(&mut imap, "f FETCH 2:3 (BODY.PEEK[HEADER.FIELDS (SUBJECT)])");
    assert!(told.contains("Subject: second") && told.contains("Subject: third") && !told.contains("From:"), "{told}");
    // The stuffing of the line is none of the message's, and fetching marks it for as long as the connection lasts.
    let told = ok(&mut imap, "f UID FETCH 2 BODY[]");
    assert!(told.contains("\n.one dot\n..two\n.\nend\n") && told.contains("\\Seen"), "{told}");
    assert!(ok(&mut imap, "f FETCH 2 BODY.PEEK[TEXT]<1.3>").contains("{3}\none"));
    assert!(ok(&mut imap, "f SEARCH UNSEEN").contains("* SEARCH 1 3"));
    assert!(ok(&mut imap, "f UID SEARCH SUBJECT \"thir\" SINCE 1-Nov-2026").contains("* SEARCH 3"));
    assert!(no(&mut imap, "f SEARCH TEXT dot").contains("CANNOT"));
    assert!(ok(&mut imap, "f COPY 1:2 INBOX").contains("COPYUID"));
    // Nothing can be put there.
    no(&mut imap, "c CREATE External/Pop/Neuf");
    imap.send(format!("p APPEND {FOLDER} {{12+}}\r\nSubject: y\r\n\r\n").as_bytes());
    assert!(imap.answer("p").join("").contains("p NO"));
    // Deleted there, and the numbers of the others stay.
    ok(&mut imap, "f STORE 2 +FLAGS (\\Deleted)");
    assert!(ok(&mut imap, "e EXPUNGE").contains("* 2 EXPUNGE"));
    ok(&mut there, "n NOOP");
    assert!(ok(&mut there, "f SEARCH SUBJECT third").contains("* SEARCH 2\n"));
    assert!(ok(&mut imap, "f UID FETCH 3 BODY.PEEK[HEADER.FIELDS (SUBJECT)]").contains("Subject: third"));
    ok(&mut imap, "f MOVE 1 INBOX");
    ok(&mut there, "n NOOP");
    assert!(ok(&mut there, "f SEARCH ALL").contains("* SEARCH 1\n"));
    ok(&mut imap, "u UNSELECT");
    assert!(ok(&mut imap, "s SELECT INBOX").contains("[READ-WRITE]"));
    assert!(!ok(&mut imap, "f SEARCH SUBJECT second").contains("* SEARCH\n"));
}

#[test]
fn its_uids_are_the_same_after_a_restart_and_on_another_node() {
    let database = Database::make("external_pop3");
    let state = State::Postgres(database.0.clone());
    let mut first = gateway("external-pop3-a", &state, &[]);
    let second = first.twin_with("external-pop3-b", &state, |config| offer(config, &[pops(), pop()], "clear = true"));
    let mut there = fill("u00302", &["one", "two"]);
    add(&first, "u00302", (pop(), "starttls"), ("u00302", "pw-u00302"));
    let (validity, before) = numbers(&first, "u00302");
    let pair = |uid: &str, subject: &str| (uid.to_owned(), subject.to_owned());
    assert_eq!(before, [pair("1", "one"), pair("2", "two")]);
    assert_eq!(numbers(&second, "u00302"), (validity.clone(), before));
    ok(&mut there, "f STORE 2 +FLAGS.SILENT (\\Deleted)");
    ok(&mut there, "e EXPUNGE");
    put(&mut there, "three");
    // What is new has a new number, though the last one is free.
    let after = (validity, vec![pair("1", "one"), pair("3", "three")]);
    assert_eq!(numbers(&second, "u00302"), after);
    first.kill();
    first.run();
    assert_eq!(numbers(&first, "u00302"), after);
}

#[test]
fn mutt_reads_copies_and_deletes() {
    let gateway = gateway("external-pop3-mutt", &State::Sqlite, &[]);
    let mut there = fill("u00303", &["un", "deux", "trois"]);
    add(&gateway, "u00303", (pops(), "implicit"), ("u00303", "pw-u00303"));
    let mut own = log_in(&gateway, "u00303");
    empty(&mut own);
    let home = gateway.dir.join("mutt");
    let file = home.join("read.txt");
    let keys = format!(
        "<first-entry><pipe-message>cat > {}<enter><next-entry><copy-message>=INBOX<enter><delete-message><sync-mailbox><quit>",
        file.display()
    );
    mutt(&gateway, &home, ("u00303", FOLDER), &keys);
    assert!(fs::read_to_string(&file).unwrap().contains("Subject: un"));
    ok(&mut there, "n NOOP");
    assert!(ok(&mut there, "f SEARCH SUBJECT deux").contains("* SEARCH\n"));
    ok(&mut own, "n NOOP");
    assert!(ok(&mut own, "f SEARCH SUBJECT deux").contains("* SEARCH 1\n"));
}

/// A server that speaks POP3 in clear, with one message; the play answers first.
fn server(play: impl Fn(&str) -> Option<Vec<u8>> + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let greeting = play("").unwrap_or_else(|| b"+OK ready\r\n".to_vec());
            let mut said = stream.write_all(&greeting);
            let mut line = String::new();
            while said.is_ok() && reader.read_line(&mut line).unwrap_or(0) > 0 {
                let command = line.trim_end().to_owned();
                line.clear();
                let answer = play(&command).unwrap_or_else(|| match command.as_str() {
                    "CAPA" => b"-ERR what\r\n".to_vec(),
                    "UIDL" => b"+OK\r\n1 a\r\n.\r\n".to_vec(),
                    "LIST" => b"+OK\r\n1 26\r\n.\r\n".to_vec(),
                    "TOP 1 0" => b"+OK\r\nSubject: lies\r\n\r\n.\r\n".to_vec(),
                    "RETR 1" => b"+OK\r\nSubject: lies\r\n\r\nbody\r\n.\r\n".to_vec(),
                    _ => b"+OK\r\n".to_vec(),
                });
                said = stream.write_all(&answer);
                // Without an end there is none to come: it hangs up.
                let is_cut = command == "RETR 1" && !answer.ends_with(b".\r\n");
                if answer.is_empty() || is_cut || command == "QUIT" {
                    break;
                }
            }
        }
    });
    port
}

#[track_caller]
fn own_is_well(imap: &mut Imap) {
    assert!(ok(imap, "o SELECT INBOX").contains("[READ-WRITE]"));
    ok(imap, "o SEARCH ALL");
}

#[test]
fn what_is_no_maildrop_is_not_added() {
    let answers = |to: &'static str, answer: Vec<u8>| server(move |command| (command == to).then(|| answer.clone()));
    let cases = [
        (answers("", b"* OK IMAP ready\r\n".to_vec()), "speaks nothing"),
        (answers("", vec![b'+'; 1 << 20]), "speaks nothing"),
        (answers("UIDL", b"-ERR no\r\n".to_vec()), "no lasting names"),
        (answers("UIDL", [&b"+OK\r\n"[..], &b"1 a\r\n".repeat(20_000)].concat()), "no lasting names"),
        (answers("UIDL", b"+OK\r\nx\r\n.\r\n".to_vec()), "speaks nothing"),
        (answers("LIST", b"+OK\r\n1 -1\r\n.\r\n".to_vec()), "speaks nothing"),
        (answers("LIST", b"+OK\r\n2 1\r\n.\r\n".to_vec()), "speaks nothing"),
        (answers("PASS y", b"-ERR [LOGIN-DELAY] later\r\n".to_vec()), "does not answer"),
        (answers("PASS y", b"-ERR no\r\n".to_vec()), "does not take this login"),
        (answers("USER x", b"+OK\r\n+OK\r\n+OK\r\n+OK\r\n".to_vec()), "speaks nothing"),
        (answers("UIDL", Vec::new()), "does not answer"),
    ];
    let ports: Vec<u16> = cases.iter().map(|(port, _)| *port).collect();
    let gateway = gateway("external-pop3-odd", &State::Sqlite, &ports);
    for (number, (port, expected)) in cases.into_iter().enumerate() {
        // Wrong passwords are counted for each owner.
        let login = if number % 2 == 0 { "u00304" } else { "u00305" };
        let mut browser = Browser::sign_in(&gateway, HOST, login, &format!("pw-{login}"));
        let told = try_to_add(&mut browser, (port, "clear"), ("x", "y"));
        assert!(told.status == 422 && told.body.contains(expected), "{number} {expected}: {}", told.body);
    }
}

#[test]
fn a_cut_in_a_message_is_a_cut_and_lies_harm_nothing_else() {
    const LARGE: usize = 600 * 1024;
    let large = || [&b"+OK\r\nSubject: lies\r\n\r\n"[..], &vec![b'a'; LARGE]].concat();
    let sized = |size: usize| format!("+OK\r\n1 {size}\r\n.\r\n").into_bytes();
    // Its size is a lie, in a message that is waited for whole: the true one is told.
    let small = server(move |command| (command == "LIST").then(|| sized(1)));
    // The server hangs up in the middle: nothing more comes, and no word that it was all.
    let cut = server(move |command| match command {
        "LIST" => Some(sized(LARGE)),
        "RETR 1" => Some(large()),
        _ => None,
    });
    // More comes than was said.
    let long = server(move |command| match command {
        "LIST" => Some(sized(LARGE / 2)),
        "RETR 1" => Some([&large()[..], b"\r\n.\r\n"].concat()),
        _ => None,
    });
    // A message that has the words of the protocol in it.
    let sly = server(|command| {
        (command == "RETR 1").then(|| b"+OK\r\nSubject: x\r\n\r\na\n.\n* BYE\r\n..\r\n)\r\nf OK done\r\n.\r\n".to_vec())
    });
    let ports = [small, cut, long, sly];
    let gateway = gateway("external-pop3-lies", &State::Sqlite, &ports);
    for (login, port) in ["u00306", "u00307", "u00308", "u00309"].iter().zip(ports) {
        add(&gateway, login, (port, "clear"), ("x", "y"));
    }
    let mut imap = log_in(&gateway, "u00306");
    ok(&mut imap, &format!("s SELECT {FOLDER}"));
    let told = ok(&mut imap, "f FETCH 1 BODY.PEEK[]");
    assert!(told.contains("BODY[] {23}") && told.contains("body"), "{told}");
    own_is_well(&mut imap);

    for login in ["u00307", "u00308"] {
        let mut imap = log_in(&gateway, login);
        ok(&mut imap, &format!("s SELECT {FOLDER}"));
        imap.send(b"f FETCH 1 BODY.PEEK[]\r\n");
        let rest = String::from_utf8_lossy(&imap.rest()).into_owned();
        assert!(!rest.contains("f OK"), "{login}: {}", rest.len());
        own_is_well(&mut log_in(&gateway, login));
    }

    let mut imap = log_in(&gateway, "u00309");
    ok(&mut imap, &format!("s SELECT {FOLDER}"));
    imap.send(b"f FETCH 1 BODY.PEEK[]\r\nn NOOP\r\n");
    let told = imap.answer("n").join("\n");
    assert!(told.contains("* BYE") && told.ends_with("done") | told.contains("n OK"), "{told}");
    own_is_well(&mut imap);
}
