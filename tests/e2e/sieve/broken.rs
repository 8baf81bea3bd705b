//! A store that is away or dies, clients that vanish or talk nonsense, and what `doctor` says.

use super::{Sieve, plain};
use crate::harness::{Gateway, State, binary, campus, eventually, try_run};
use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    path::Path,
    sync::mpsc,
    thread,
};

/// Leads garonne's filters elsewhere, in clear.
fn by(config: &Path, port: u16) {
    let file = config.join("institutions/garonne/institution.toml");
    let text = fs::read_to_string(&file).unwrap();
    let old = format!("127.0.0.1:{}\"\ntls = \"starttls\"", campus("CAMPUS_SIEVE_A"));
    assert!(text.contains(&old));
    fs::write(&file, text.replace(&old, &format!("127.0.0.1:{port}\"\ntls = \"none\"\ntimeout_ms = 1000"))).unwrap();
}

/// A way to the store that can be cut.
fn between() -> (u16, mpsc::Sender<()>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let here = listener.local_addr().unwrap().port();
    let (cut, cutting) = mpsc::channel();
    thread::spawn(move || {
        let (client, _) = listener.accept().unwrap();
        let store = TcpStream::connect(("127.0.0.1", crate::pop3::port("CAMPUS_SIEVE_A"))).unwrap();
        for (mut from, mut to) in [
            (client.try_clone().unwrap(), store.try_clone().unwrap()),
            (store.try_clone().unwrap(), client.try_clone().unwrap()),
        ] {
            thread::spawn(move || {
                let mut piece = [0; 4096];
                while let Ok(length @ 1..) = from.read(&mut piece) {
                    if to.write_all(&piece[..length]).is_err() {
                        break;
                    }
                }
            });
        }
        let _ = cutting.recv();
        let _ = client.shutdown(Shutdown::Both);
        let _ = store.shutdown(Shutdown::Both);
    });
    (here, cut)
}

#[test]
fn a_store_that_is_down_or_silent_is_unavailable() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    for (name, port) in [("down", 9), ("silent", silent.local_addr().unwrap().port())] {
        let gateway = Gateway::start_with(&format!("sieve-{name}"), &State::Sqlite, |config| by(config, port));
        let (mut sieve, _) = Sieve::connect(gateway.sieve);
        let answer = sieve.last(&format!("AUTHENTICATE \"PLAIN\" \"{}\"", plain("", "u00001@a.test", "pw-u00001")));
        assert!(answer.starts_with("NO (TRYLATER)"), "{name}: {answer}");
        // The other institution does not notice.
        Sieve::log_in(&gateway, "u00001@b.test", "pw-u00001");
    }
}

#[test]
fn a_store_that_dies_is_a_goodbye() {
    let (port, cut) = between();
    let gateway = Gateway::start_with("sieve-cut", &State::Sqlite, |config| by(config, port));
    let mut sieve = Sieve::log_in(&gateway, "u00076@a.test", "pw-u00076");
    assert!(sieve.last("LISTSCRIPTS").starts_with("OK"));
    cut.send(()).unwrap();
    assert!(sieve.line().starts_with("BYE (TRYLATER)"));
    assert_eq!(sieve.rest(), "");
}

#[test]
fn a_client_that_vanishes_in_a_script_changes_nothing() {
    let gateway = Gateway::start("sieve-vanish");
    let mut sieve = Sieve::log_in(&gateway, "u00077@a.test", "pw-u00077");
    sieve.clear();
    assert!(sieve.last("PUTSCRIPT \"one\" \"keep;\"").starts_with("OK"));
    for half in [
        "PUTSCRIPT \"one\" {100+}\r\ndiscard;",
        "PUTSCRIPT \"two\" {8+}\r\ndiscard;",
        "PUTSCRIPT \"two\" {5+}\r\nstop;",
    ] {
        let mut vanishing = Sieve::log_in(&gateway, "u00077@a.test", "pw-u00077");
        vanishing.send(half.as_bytes());
    }
    // A script that is longer than it was said to be ends the connection before the store hears its end.
    let mut longer = Sieve::log_in(&gateway, "u00077@a.test", "pw-u00077");
    longer.send(b"PUTSCRIPT \"two\" {5+}\r\nkeep;discard;\r\n");
    assert!(!longer.rest().contains("OK"));
    eventually("all have ended", || gateway.log().matches("relay ended").count() >= 4);
    assert_eq!(sieve.say("GETSCRIPT \"one\"")[0], "keep;");
    assert!(!sieve.say("LISTSCRIPTS").concat().contains("two"));
    sieve.clear();
}

#[test]
fn bad_input_is_answered_and_the_next_connection_unharmed() {
    let gateway = Gateway::start("sieve-hostile");
    let garbage: Vec<u8> = (0..=255_u8).cycle().take(20_000).collect();
    let log_in = format!("AUTHENTICATE \"PLAIN\" \"{}\"\r\n", plain("", "u00078@a.test", "pw-u00078"));
    let behind = |text: &str| format!("{log_in}{text}").into_bytes();
    for (what, octets, expected) in [
        ("garbage", garbage, "NO"),
        ("an endless line", vec![b'a'; 200_000], "BYE"),
        ("TLS to a plain port", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n".to_vec(), "NO"),
        ("a literal of 4 GiB", b"AUTHENTICATE {4294967295+}\r\n".to_vec(), "BYE"),
        ("one that waits", b"AUTHENTICATE {5}\r\n".to_vec(), "BYE"),
        ("a script before log-in", b"PUTSCRIPT \"x\" {7+}\r\nLOGOUT\r\n".to_vec(), "BYE \"Log in first\""),
        ("no base64", b"AUTHENTICATE \"PLAIN\" \"!!!\"\r\nLOGOUT\r\n".to_vec(), "NO \"Login or password"),
        ("a name with NUL", behind("GETSCRIPT {3+}\r\na\0b\r\nLOGOUT\r\n"), "NO"),
        ("a way out", behind("GETSCRIPT \"../../../../etc/passwd\"\r\nLOGOUT\r\n"), "NO"),
        ("a script of 4 GiB", behind("HAVESPACE \"x\" 4294967295\r\nLOGOUT\r\n"), "NO"),
        ("a literal behind an unknown verb", behind("XTND {15+}\r\nUNAUTHENTICATE\r\n\r\n"), "BYE"),
    ] {
        let (mut sieve, _) = Sieve::connect(gateway.sieve);
        // A server that has closed already may make the write fail; what it said counts.
        let _ = sieve.reader.get_mut().write_all(&octets);
        let _ = sieve.reader.get_mut().shutdown(Shutdown::Write);
        let said = sieve.rest();
        assert!(said.contains(expected) && !said.contains("root:"), "{what}: {said}");
        Sieve::log_in(&gateway, "u00078@a.test", "pw-u00078");
    }
}

#[test]
fn doctor_names_the_leg() {
    let examine = |gateway: &Gateway| {
        let config = gateway.config();
        let arguments = ["doctor", "--config", config.to_str().unwrap(), "--user", "u00001@a.test", "--json"];
        let said = try_run(binary().to_str().unwrap(), &arguments);
        let lines: Vec<serde_json::Value> =
            String::from_utf8_lossy(&said.stdout).lines().map(|line| serde_json::from_str(line).expect(line)).collect();
        let of_filters = |line: &&serde_json::Value| line["back_end"].as_str().unwrap().contains("garonne.filters");
        let legs = |ok: bool| {
            let found = lines.iter().filter(of_filters).filter(|line| line["ok"] == ok);
            found.map(|line| line["leg"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let others = lines.iter().filter(|line| line["ok"] == false && !of_filters(line)).count();
        assert_eq!(others, 0, "{lines:#?}");
        (legs(true), legs(false))
    };
    let gateway = Gateway::start("sieve-doctor");
    assert_eq!(examine(&gateway), (vec!["managesieve".to_owned(), "login".to_owned()], vec![]));
    let wrong = Gateway::start_with("sieve-doctor-master", &State::Sqlite, |config| {
        fs::write(config.join("sieve-master"), "wrong").unwrap();
    });
    assert_eq!(examine(&wrong), (vec!["managesieve".to_owned()], vec!["login".to_owned()]));
    let away = Gateway::start_with("sieve-doctor-away", &State::Sqlite, |config| by(config, 9));
    assert_eq!(examine(&away), (vec![], vec!["tcp".to_owned(), "login".to_owned()]));
}
