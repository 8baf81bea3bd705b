//! What programs put into mailboxes by APPEND, before the eyes of the real clamd and rspamd, into the real Dovecots.

use crate::{
    harness::{Gateway, Imap, State, campus, eventually},
    shared_mail::{mailbox, ok},
    submission::scanners::{EICAR, GTUBE, both},
};
use std::{
    fs,
    io::{Read, Write},
    net::{Ipv4Addr, Shutdown, TcpListener, TcpStream},
    sync::{Arc, Mutex},
};

const CLEAN: &str = "From: a@a.test\r\nSubject: clean\r\n\r\nnothing in it\r\n";

fn infected(filler: usize) -> String {
    format!("From: a@a.test\r\nSubject: infected\r\n\r\n{}{EICAR}\r\n", "a line before it\r\n".repeat(filler))
}

fn screening(settings: &str) -> String {
    both(settings) + "\n[scanning]\nappend = [\"virus\", \"spam\"]\n"
}

/// A gateway whose institutions have other settings.
fn gateway(name: &str, change: impl Fn(&str) -> String, autan: impl Fn(&str) -> String) -> Gateway {
    Gateway::start_with(name, &State::Sqlite, |config| {
        for (id, change) in [("garonne", &change as &dyn Fn(&str) -> String), ("autan", &autan)] {
            let file = config.join(format!("institutions/{id}/institution.toml"));
            let changed = change(&fs::read_to_string(&file).unwrap());
            fs::write(&file, changed).unwrap();
        }
    })
}

fn same(settings: &str) -> String {
    settings.to_owned()
}

/// One APPEND whose literals do not wait; the lines of its answer.
fn append(imap: &mut Imap, mailbox: &str, messages: &[&str]) -> Vec<String> {
    let mut command = format!("p APPEND \"{mailbox}\"");
    for message in messages {
        command.push_str(&format!(" (\\Flagged) \"01-Jan-2020 10:00:00 +0100\" {{{}+}}\r\n{message}", message.len()));
    }
    imap.send(format!("{command}\r\n").as_bytes());
    imap.answer("p")
}

fn messages(imap: &mut Imap, mailbox: &str) -> String {
    let told = ok(imap, &format!("t STATUS \"{mailbox}\" (MESSAGES)"));
    told.split("(MESSAGES ").nth(1).unwrap().split(')').next().unwrap().to_owned()
}

#[test]
fn what_a_scanner_finds_is_not_put_there_and_the_rest_is() {
    let gateway = gateway("screened", screening, same);
    let mut imap = Imap::log_in(gateway.imap, "u00061@a.test", "pw-u00061");
    let box_name = "Screened";
    imap.command("d DELETE Screened");
    ok(&mut imap, "c CREATE Screened");
    ok(&mut imap, "s SELECT Screened");
    for (message, found) in [(infected(0), "Eicar-"), (infected(20_000), "Eicar-"), (CLEAN.to_owned() + GTUBE, "spam")]
    {
        let told = append(&mut imap, box_name, &[&message]);
        assert!(
            told.last().unwrap().starts_with(&format!("p NO [CANNOT] The message is refused: {found}")),
            "{told:?}"
        );
    }
    // A literal that waits is asked for, then refused.
    let message = infected(0);
    imap.send(format!("w APPEND Screened {{{}}}\r\n", message.len()).as_bytes());
    assert!(imap.line().starts_with('+'));
    imap.send(format!("{message}\r\n").as_bytes());
    assert!(imap.answer("w").last().unwrap().starts_with("w NO [CANNOT] The message is refused"));
    // Of several messages all or none are put there, and what follows the command is read as one.
    let told = append(&mut imap, box_name, &[CLEAN, &message, CLEAN]);
    assert!(told.last().unwrap().starts_with("p NO [CANNOT]"), "{told:?}");
    assert_eq!(messages(&mut imap, box_name), "0");

    let told = append(&mut imap, box_name, &[CLEAN]);
    // Whoever has it open hears of it before the answer.
    assert!(told.iter().any(|line| line == "* 1 EXISTS"), "{told:?}");
    assert!(told.last().unwrap().starts_with("p OK [APPENDUID "), "{told:?}");
    assert!(append(&mut imap, box_name, &[CLEAN, CLEAN]).last().unwrap().starts_with("p OK [APPENDUID "));
    let told = ok(&mut imap, "f FETCH 1:3 (FLAGS INTERNALDATE BODY.PEEK[])");
    assert!(
        told.matches("\\Flagged").count() == 3 && told.matches("\"01-Jan-2020 09:00:00 +0000\"").count() == 3,
        "{told}"
    );
    assert!(told.matches(CLEAN.trim_end()).count() == 0 && told.matches("nothing in it").count() == 3, "{told}");
    // Mailboxes that are not there, and whatever is no message.
    for (command, expected) in [
        (format!("a APPEND Nowhere {{{}+}}\r\n{CLEAN}", CLEAN.len()), "a NO [TRYCREATE]"),
        ("a APPEND Screened CATENATE (URL \"/INBOX/;UID=1\")".to_owned(), "a NO [CANNOT]"),
        (format!("a APPEND Screened CATENATE (TEXT {{{}+}}\r\n{CLEAN})", CLEAN.len()), "a BAD"),
        (format!("a APPEND Screened {{{}+}}\r\n{CLEAN} CATENATE (TEXT {{2+}}\r\nxx)", CLEAN.len()), "a NO [CANNOT]"),
        (format!("a APPEND Screened {{{}+}}\r\n{CLEAN} and more", CLEAN.len()), "a NO [CANNOT]"),
        (format!("a APPEND Screened ~{{{}+}}\r\n{CLEAN}", CLEAN.len()), "a OK"),
        (format!("a APPEND {{8+}}\r\nScreened {{{}+}}\r\n{CLEAN}", CLEAN.len()), "a OK"),
    ] {
        let told = imap.command(&command);
        assert!(told.last().unwrap().starts_with(expected), "{command}: {told:?}");
    }
    assert_eq!(messages(&mut imap, box_name), "5");
    let told = ok(&mut imap, "c CAPABILITY");
    assert!(told.contains(" MULTIAPPEND ") && !told.contains("CATENATE"), "{told}");
    // autan has no scanner.
    let mut other = Imap::log_in(gateway.imap, "u00061@b.test", "pw-u00061");
    mailbox(&mut other, "Free", 1);
    assert!(append(&mut other, "Free", &[&message]).last().unwrap().starts_with("p OK"));
}

#[test]
fn into_a_shared_mailbox_the_owners_institution_looks() {
    let gateway = gateway(
        "screened-shared",
        |text| text.replace("shares_with = []", "shares_with = [\"autan\"]"),
        |text| screening(&text.replace("shares_with = []", "shares_with = [\"garonne\"]")),
    );
    let mut owner = Imap::log_in(gateway.imap, "u00062@b.test", "pw-u00062");
    owner.command("d DELETE Projet");
    ok(&mut owner, "c CREATE Projet");
    ok(&mut owner, "s SETACL Projet u00062@a.test lrswipte");
    let mut guest = Imap::log_in(gateway.imap, "u00062@a.test", "pw-u00062");
    let name = "Other users/u00062@b.test/Projet";
    let message = infected(0);
    let told = append(&mut guest, name, &[&message]);
    assert!(told.last().unwrap().starts_with("p NO [CANNOT] The message is refused: Eicar-"), "{told:?}");
    ok(&mut guest, &format!("s SELECT \"{name}\""));
    assert!(append(&mut guest, name, &[&message]).last().unwrap().starts_with("p NO [CANNOT]"));
    let told = append(&mut guest, name, &[CLEAN]);
    assert!(told.last().unwrap().starts_with("p OK") && told.iter().any(|line| line == "* 1 EXISTS"), "{told:?}");
    // Into the own mailbox nobody looks, and a copy from there does not slip by.
    mailbox(&mut guest, "Mine", 0);
    assert!(append(&mut guest, "Mine", &[&message]).last().unwrap().starts_with("p OK"));
    assert!(append(&mut guest, "Mine", &[CLEAN]).last().unwrap().starts_with("p OK"));
    ok(&mut guest, "s SELECT Mine");
    for verb in ["UID COPY 1:*", "UID MOVE 1:*"] {
        let told = guest.command(&format!("c {verb} \"{name}\""));
        assert!(told.last().unwrap().starts_with("c NO [CANNOT] The message is refused: Eicar-"), "{told:?}");
    }
    assert_eq!(messages(&mut guest, "Mine"), "2");
    ok(&mut guest, &format!("c COPY 2 \"{name}\""));
    assert_eq!(messages(&mut owner, "Projet"), "2");
}

#[test]
fn without_a_scanner_it_is_as_the_institution_wants() {
    // One that hangs up at once.
    let rude = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let port = rude.local_addr().unwrap().port();
    std::thread::spawn(move || rude.incoming().for_each(drop));
    for (name, address) in [("away", "127.0.0.1:9".to_owned()), ("rude", format!("127.0.0.1:{port}"))] {
        let with = |choice: &str| {
            format!(
                "\n[scanners.virus]\nkind = \"clamd\"\naddress = \"{address}\"\ntimeout_ms = 500\n[scanning]\nappend = [\"virus\"]\nappend_without_scanner = \"{choice}\"\n"
            )
        };
        for (choice, expected) in
            [("refuse", "p NO [UNAVAILABLE] The message could not be looked at"), ("accept", "p OK")]
        {
            let gateway = gateway(&format!("screened-{name}-{choice}"), |text| text.to_owned() + &with(choice), same);
            let mut imap = Imap::log_in(gateway.imap, "u00063@a.test", "pw-u00063");
            imap.command("d DELETE Unseen");
            ok(&mut imap, "c CREATE Unseen");
            let told = append(&mut imap, "Unseen", &[CLEAN]);
            assert!(told.last().unwrap().starts_with(expected), "{name} {choice}: {told:?}");
            assert_eq!(messages(&mut imap, "Unseen"), if choice == "accept" { "1" } else { "0" });
            gateway.wait_for_log("garonne.scanners.virus");
        }
    }
}

#[test]
fn a_large_message_takes_no_more_memory_than_a_small_one() {
    let gateway = gateway("screened-large", |text| both(text) + "\n[scanning]\nappend = [\"virus\"]\n", same);
    let mut imap = Imap::log_in(gateway.imap, "u00064@a.test", "pw-u00064");
    imap.command("d DELETE Large");
    ok(&mut imap, "c CREATE Large");
    assert!(append(&mut imap, "Large", &[CLEAN]).last().unwrap().starts_with("p OK"));
    let peak = || {
        let status = fs::read_to_string(format!("/proc/{}/status", gateway.pid())).unwrap();
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<u64>().unwrap()
    };
    let before = peak();
    let large =
        format!("{CLEAN}{}", "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde\r\n".repeat(420_000));
    assert!(large.len() > 25 << 20);
    let told = append(&mut imap, "Large", &[&large]);
    assert!(told.last().unwrap().starts_with("p OK"), "{told:?}");
    let more = peak() - before;
    assert!(more < 4 * 1024, "{more} KiB more for {} KiB", large.len() / 1024);
    assert!(ok(&mut imap, "t STATUS Large (MESSAGES SIZE)").contains(&format!("SIZE {}", large.len() + CLEAN.len())));
}

/// What the administrator turns on holds for whoever is there already, from their next message on.
#[test]
fn scanning_that_a_reload_turns_on_reaches_connections_that_are_there() {
    let gateway = gateway("screened-reload", same, same);
    let mut imap = Imap::log_in(gateway.imap, "u00067@a.test", "pw-u00067");
    imap.command("d DELETE Reloaded");
    ok(&mut imap, "c CREATE Reloaded");
    let message = infected(0);
    assert!(append(&mut imap, "Reloaded", &[&message]).last().unwrap().starts_with("p OK"));
    assert!(ok(&mut imap, "c CAPABILITY").contains(" CATENATE"));
    let file = gateway.config().join("institutions/garonne/institution.toml");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, screening(&text)).unwrap();
    gateway.signal("HUP");
    eventually("who comes is not offered CATENATE", || {
        let mut other = Imap::log_in(gateway.imap, "u00067@a.test", "pw-u00067");
        !ok(&mut other, "c CAPABILITY").contains(" CATENATE")
    });
    let told = append(&mut imap, "Reloaded", &[&message]);
    assert!(told.last().unwrap().starts_with("p NO [CANNOT] The message is refused: Eicar-"), "{told:?}");
    for (command, expected) in [
        ("a APPEND Reloaded CATENATE (URL \"/Reloaded/;UID=1\")".to_owned(), "a NO [CANNOT]"),
        (format!("a APPEND Reloaded CATENATE (TEXT {{{}+}}\r\n{message})", message.len()), "a BAD"),
        (format!("a UID REPLACE 1 Reloaded {{{}+}}\r\n{message}", message.len()), "a NO [CANNOT]"),
    ] {
        let told = imap.command(&command);
        assert!(told.last().unwrap().starts_with(expected), "{command}: {told:?}");
    }
    assert_eq!(messages(&mut imap, "Reloaded"), "1");
    fs::write(&file, text).unwrap();
    gateway.signal("HUP");
    eventually("it passes again", || append(&mut imap, "Reloaded", &[&message]).last().unwrap().starts_with("p OK"));
}

/// Each message of a command is held to the limit, not only the first, which is all that has been looked at when it stops.
#[test]
fn a_second_message_over_the_limit_is_refused_before_it_is_read() {
    let gateway = Gateway::start_with("screened-limit", &State::Sqlite, |config| {
        let file = config.join("institutions/garonne/institution.toml");
        fs::write(&file, screening(&fs::read_to_string(&file).unwrap())).unwrap();
        let file = config.join("passerelle.toml");
        fs::write(&file, fs::read_to_string(&file).unwrap().replace("[limits]", "[limits]\nappended_mib = 1")).unwrap();
    });
    let log_in = || Imap::log_in(gateway.imap, "u00066@a.test", "pw-u00066");
    let mut imap = log_in();
    imap.command("d DELETE Limited");
    ok(&mut imap, "c CREATE Limited");
    let first = format!("p APPEND Limited {{{}+}}\r\n{CLEAN}", CLEAN.len());
    let told = imap.command(&format!("{first} {{1048577}}"));
    assert_eq!(told, ["p NO [TOOBIG] This is larger than a message may be"]);
    // The connection goes on, and nothing is there.
    assert_eq!(messages(&mut imap, "Limited"), "0");
    for rest in ["{9999999999+}", "with more {9999999999+}", "x {1+}\r\ny {9999999999+}"] {
        let mut other = log_in();
        other.send(format!("{first} {rest}\r\n").as_bytes());
        assert!(String::from_utf8(other.rest()).unwrap().starts_with("* BYE [TOOBIG]"), "{rest}");
    }
    assert_eq!(messages(&mut imap, "Limited"), "0");
}

/// A way to a store that ends when it has seen a text.
pub(crate) fn cutting(to: &str, at: &'static str) -> (u16, Arc<Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let (port, to) = (listener.local_addr().unwrap().port(), to.to_owned());
    let seen = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&seen);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut store = TcpStream::connect(&to).unwrap();
            let (mut back, mut answers) = (client.try_clone().unwrap(), store.try_clone().unwrap());
            std::thread::spawn(move || std::io::copy(&mut answers, &mut back));
            let kept = Arc::clone(&kept);
            std::thread::spawn(move || {
                let (mut own, mut piece) = (Vec::new(), [0; 4096]);
                while let Ok(length @ 1..) = client.read(&mut piece) {
                    own.extend_from_slice(&piece[..length]);
                    kept.lock().unwrap().extend_from_slice(&piece[..length]);
                    if own.windows(at.len()).any(|part| part == at.as_bytes()) {
                        let _ = client.shutdown(Shutdown::Both);
                        break;
                    }
                    if store.write_all(&piece[..length]).is_err() {
                        break;
                    }
                }
                let _ = store.shutdown(Shutdown::Both);
            });
        }
    });
    (port, seen)
}

#[test]
fn a_store_that_is_cut_off_is_never_an_ok() {
    let real = format!("127.0.0.1:{}", campus("CAMPUS_IMAP_A"));
    let other = |port: u16| {
        let real = real.clone();
        move |text: &str| {
            // In clear, so that what passes can be seen.
            let (there, here) =
                (format!("\"{real}\"\ntls = \"starttls\""), format!("\"127.0.0.1:{port}\"\ntls = \"none\""));
            let changed = text.replace(&there, &here);
            assert_ne!(changed, text);
            both(&changed) + "\n[scanning]\nappend = [\"virus\"]\n"
        }
    };
    // Behind the end: the store may have it or not.
    let (port, _) = cutting(&real, "the last words\r\n\r\n");
    let cut = gateway("screened-cut", other(port), same);
    let mut imap = Imap::log_in(cut.imap, "u00065@a.test", "pw-u00065");
    imap.command("d DELETE Cut");
    ok(&mut imap, "c CREATE Cut");
    let told = append(&mut imap, "Cut", &[&format!("{CLEAN}the last words\r\n")]);
    assert!(
        told.iter().any(|line| line.starts_with("* BYE ")) && !told.iter().any(|line| line.starts_with("p ")),
        "{told:?}"
    );
    // Before the end it has nothing, and the client's own connection lives on.
    let (port, _) = cutting(&real, "in the middle");
    let cut = gateway("screened-cut-early", other(port), same);
    let mut imap = Imap::log_in(cut.imap, "u00065@a.test", "pw-u00065");
    let large = format!("{CLEAN}in the middle\r\n{}", "and much more of it\r\n".repeat(200_000));
    let told = append(&mut imap, "Cut", &[&large]);
    assert!(told.last().unwrap().starts_with("p NO [UNAVAILABLE]"), "{told:?}");
    assert_eq!(messages(&mut imap, "Cut"), "0");
    // What is found never comes to its end at the store; nor does what its client leaves.
    let (port, seen) = cutting(&real, "never said");
    let whole = gateway("screened-whole", other(port), same);
    let mut imap = Imap::log_in(whole.imap, "u00065@a.test", "pw-u00065");
    assert!(append(&mut imap, "Cut", &[&infected(20_000)]).last().unwrap().starts_with("p NO [CANNOT]"));
    imap.send(format!("l APPEND Cut {{1000000+}}\r\n{}half of it\r\n", "more\r\n".repeat(20_000)).as_bytes());
    drop(imap);
    let mut imap = Imap::log_in(whole.imap, "u00065@a.test", "pw-u00065");
    eventually("the half arrives", || seen.lock().unwrap().windows(18).any(|part| part == b"more\r\nmore\r\nmore\r\n"));
    assert_eq!(messages(&mut imap, "Cut"), "0");
    let seen = seen.lock().unwrap();
    assert!(!seen.windows(EICAR.len()).any(|part| part == EICAR.as_bytes()));
}
