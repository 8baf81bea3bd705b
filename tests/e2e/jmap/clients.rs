//! A published JMAP client that is not ours: jmapc, a library in Python, by which people write programs.

use super::filled;
use crate::{
    harness::{Gateway, Imap, campus, root, run},
    submission::{arrived, subject},
};

#[test]
fn jmapc_reads_a_message_and_answers_it() {
    let gateway = Gateway::start("jmap-jmapc");
    let subject = subject("jmapc");
    let message = |number: u32, subject: &str| {
        format!(
            "From: Luc <u00078@b.test>\r\nTo: u00020@a.test\r\nSubject: {subject}\r\nMessage-ID: <{number}.{subject}@b.test>\r\n\
             Date: Fri, 27 Nov 2026 10:0{number}:00 +0000\r\n\r\nLe n° {number} est-il arrivé ?\r\n"
        )
    };
    let messages = [message(1, "older"), message(2, &subject)];
    filled(&gateway, "u00020", "Jmapc", &[&messages[0], &messages[1]]);
    let script = root().join("tests/e2e/jmap/with_jmapc.py");
    let port = gateway.https.to_string();
    let said = run(campus("CAMPUS_PYTHON"), &[script.to_str().unwrap(), &port, campus("CAMPUS_CA"), "u00020", "Jmapc"]);
    assert!(said.contains(&format!("read: {subject}: Le n° 2 est-il arrivé ?")), "{said}");
    assert!(said.contains("sent: final"), "{said}");
    let answer = arrived("autan", "u00078", &format!("Re: {subject}"));
    assert!(answer.contains(&format!("In-Reply-To: <2.{subject}@b.test>")), "{answer}");
    assert!(answer.contains("From: ") && answer.contains("<u00020@a.test>"), "{answer}");
    // Once it was sent the draft is gone, as the program asked.
    let mut imap = Imap::log_in(gateway.imap, "u00020", "pw-u00020");
    let left = imap.command("s STATUS Jmapc (MESSAGES)").join("\n");
    assert!(left.contains("(MESSAGES 2)"), "{left}");
}
