//! Scanners beside the MTA: what they find is not sent, and without them it is as the institution wants it.

use super::{FakeMta, Smtp, arrived, count, doctor, gateway_with, settle, subject, text, with_mta};
use crate::harness::{Gateway, campus};
use std::{
    net::{Ipv4Addr, TcpListener, TcpStream},
    time::{Duration, Instant},
};

const FROM: &str = "u00001@a.test";
const TO: &str = "u00002@b.test";
/// The file that scanners know for a test, and the line that filters know for one.
pub(crate) const EICAR: &str = "X5O!P%@AP[4\\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*";
pub(crate) const GTUBE: &str = "XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X";

pub(crate) fn both(settings: &str) -> String {
    // Its first start takes longer than the campus waits for it.
    let deadline = Instant::now() + Duration::from_secs(60);
    let port: u16 = campus("CAMPUS_RSPAMD").parse().unwrap();
    while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
        assert!(Instant::now() < deadline, "rspamd does not listen");
        std::thread::sleep(Duration::from_millis(100));
    }
    format!(
        "{settings}\n[scanners.virus]\nkind = \"clamd\"\naddress = \"127.0.0.1:{}\"\n[scanners.spam]\nkind = \"rspamd\"\naddress = \"127.0.0.1:{port}\"\n",
        campus("CAMPUS_CLAMD")
    )
}

/// A message with a file attached, in base64.
fn attached(subject: &str, content: &str) -> String {
    format!(
        "From: {FROM}\r\nTo: {TO}\r\nSubject: {subject}\r\nMIME-Version: 1.0\r\nContent-Type: application/octet-stream; name=\"x.com\"\r\nContent-Transfer-Encoding: base64\r\n\r\n{}\r\n",
        super::base64(content)
    )
}

fn with_line(subject: &str, line: &str) -> String {
    format!("From: {FROM}\r\nTo: {TO}\r\nSubject: {subject}\r\n\r\n{line}\r\n")
}

#[test]
fn eicar_and_gtube_are_refused_and_the_rest_passes() {
    let gateway = gateway_with("scanners", both);
    let subject = subject("scanned");
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    for (message, expected) in [
        (with_line(&subject, EICAR), "554 5.7.1 The message is refused: Eicar-"),
        (attached(&subject, EICAR), "554 5.7.1 The message is refused: Eicar-"),
        (with_line(&subject, GTUBE), "554 5.7.1 The message is refused: spam"),
    ] {
        let reply = smtp.message(FROM, TO, &message);
        assert!(reply.starts_with(expected), "{reply}");
        // In chunks it is the same.
        smtp.says(&format!("MAIL FROM:<{FROM}>"), "250 ");
        smtp.says(&format!("RCPT TO:<{TO}>"), "250 ");
        smtp.send(format!("BDAT {} LAST\r\n{message}", message.len()).as_bytes());
        let reply = smtp.reply();
        assert!(reply.starts_with(expected), "{reply}");
    }
    // autan has no scanner.
    settle(&gateway, "autan", "u00002");
    assert_eq!(count("autan", "u00002", &subject), 0);
    // One large enough to come in many pieces.
    let large = with_line(&subject, "nothing in it") + &"another line of it\r\n".repeat(100_000);
    let reply = smtp.message(FROM, TO, &large);
    assert!(reply.starts_with("250 2.0.0 Ok: queued"), "{reply}");
    arrived("autan", "u00002", &subject);
}

#[test]
fn what_is_refused_never_comes_to_its_end_at_the_mta() {
    let mta = FakeMta::start(Box::new(|_, _| false));
    let gateway = gateway_with("scanners-cut", |text| both(&with_mta(text, mta.port)));
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    let reply = smtp.message(FROM, TO, &with_line("x", EICAR));
    assert!(reply.starts_with("554 5.7.1 "), "{reply}");
    mta.wait_for("(cut)");
    assert!(mta.heard().iter().any(|line| line == EICAR) && !mta.heard().iter().any(|line| line == "."));
}

#[test]
fn without_a_scanner_it_is_as_the_institution_wants() {
    let virus =
        |address: &str| format!("\n[scanners.virus]\nkind = \"clamd\"\naddress = \"{address}\"\ntimeout_ms = 500\n");
    let spam =
        |address: &str| format!("\n[scanners.spam]\nkind = \"rspamd\"\naddress = \"{address}\"\ntimeout_ms = 500\n");
    // One that takes all and says nothing, and one that hangs up at once.
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let silent = format!("127.0.0.1:{}", {
        let port = silent.local_addr().unwrap().port();
        // Kept open, as long as the test runs.
        std::thread::spawn(move || drop(silent.incoming().collect::<Vec<_>>()));
        port
    });
    let rude = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let rude = format!("127.0.0.1:{}", {
        let port = rude.local_addr().unwrap().port();
        std::thread::spawn(move || rude.incoming().for_each(drop));
        port
    });
    for (name, scanner) in [
        ("away", virus("127.0.0.1:9")),
        ("silent", virus(&silent)),
        ("rude", virus(&rude)),
        ("spam-away", spam("127.0.0.1:9")),
        ("spam-silent", spam(&silent)),
        ("spam-rude", spam(&rude)),
        // It talks, and is no rspamd.
        ("spam-other", spam(&format!("127.0.0.1:{}", campus("CAMPUS_IMAP_A")))),
    ] {
        let subject = subject(name);
        let refuse = gateway_with(&format!("scanners-refuse-{name}"), |text| text.to_owned() + &scanner);
        let mut smtp = Smtp::log_in(refuse.submission, FROM, "pw-u00001");
        let reply = smtp.message(FROM, TO, &text(FROM, TO, &subject));
        assert!(reply.starts_with("451 4.7.1 The message could not be looked at"), "{name}: {reply}");
        settle(&refuse_free(), "autan", "u00002");
        assert_eq!(count("autan", "u00002", &subject), 0, "{name}");
        let accept = gateway_with(&format!("scanners-accept-{name}"), |text| {
            text.to_owned() + &scanner + "[sending]\nwithout_scanner = \"accept\"\n"
        });
        let mut smtp = Smtp::log_in(accept.submission, FROM, "pw-u00001");
        let reply = smtp.message(FROM, TO, &text(FROM, TO, &subject));
        assert!(reply.starts_with("250 "), "{name}: {reply}");
        accept.wait_for_log("garonne.scanners.");
        arrived("autan", "u00002", &subject);
    }
}

/// A gateway without scanners, to settle with.
fn refuse_free() -> Gateway {
    Gateway::start("scanners-none")
}

#[test]
fn doctor_tells_of_scanners() {
    let gateway = gateway_with("scanners-doctor", both);
    let told = doctor(&gateway);
    assert!(told.contains("clamd: ClamAV ") && told.contains("rspamd: it answers"), "{told}");
    let broken = gateway_with("scanners-doctor-broken", |text| {
        both(text).replace(&format!("127.0.0.1:{}", campus("CAMPUS_RSPAMD")), "127.0.0.1:9")
    });
    let told = doctor(&broken);
    assert!(told.contains("FAILS  garonne.scanners.spam (rspamd 127.0.0.1:9): rspamd: "), "{told}");
    assert!(told.contains("start rspamd, or correct its address"), "{told}");
}
