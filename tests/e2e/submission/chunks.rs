//! BDAT: chunks in, DATA out.

use super::{Smtp, arrived, count, settle, subject, text};
use crate::harness::Gateway;

const FROM: &str = "u00001@a.test";
const TO: &str = "u00002@b.test";

#[track_caller]
fn name(smtp: &mut Smtp) {
    smtp.says(&format!("MAIL FROM:<{FROM}>"), "250 ");
    smtp.says(&format!("RCPT TO:<{TO}>"), "250 ");
}

#[test]
fn a_message_in_chunks_cut_anywhere_arrives_whole() {
    let gateway = Gateway::start("chunks");
    let subject = subject("chunked");
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    name(&mut smtp);
    let message = text(FROM, TO, &subject) + ".a dot\r\n.\r\nno end of line";
    let mut rest = message.as_bytes();
    for size in [1, 5, 30, 2, 7].into_iter().cycle() {
        let size = size.min(rest.len());
        let (piece, behind) = rest.split_at(size);
        rest = behind;
        let last = if rest.is_empty() { " LAST" } else { "" };
        smtp.send(format!("BDAT {size}{last}\r\n").as_bytes());
        smtp.send(piece);
        let reply = smtp.reply();
        assert!(reply.starts_with(if rest.is_empty() { "250 2.0.0 Ok: queued" } else { "250 2.0.0 " }), "{reply}");
        if rest.is_empty() {
            break;
        }
        if size == 30 {
            smtp.says(&format!("RCPT TO:<{TO}>"), "503 5.5.1");
        }
    }
    let found = arrived("autan", "u00002", &subject);
    assert!(found.contains("hello\r\n.a dot\r\n.\r\nno end of line\r\n"), "{found}");
    // All at once, with an empty last chunk.
    let subject = super::subject("chunked-at-once");
    let message = text(FROM, TO, &subject);
    smtp.send(
        format!("MAIL FROM:<{FROM}>\r\nRCPT TO:<{TO}>\r\nBDAT {}\r\n{message}BDAT 0 LAST\r\nNOOP\r\n", message.len())
            .as_bytes(),
    );
    for _ in 0..5 {
        let reply = smtp.reply();
        assert!(reply.starts_with("250 "), "{reply}");
    }
    arrived("autan", "u00002", &subject);
}

#[test]
fn what_does_not_come_to_its_last_chunk_is_not_sent() {
    let gateway = Gateway::start("chunks-cut");
    let subject = subject("chunk-cut");
    let message = text(FROM, TO, &subject);
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    name(&mut smtp);
    smtp.send(format!("BDAT {}\r\n{message}", message.len()).as_bytes());
    assert!(smtp.reply().starts_with("250 "));
    smtp.says("RSET", "250 ");
    name(&mut smtp);
    smtp.send(format!("BDAT {}\r\n{message}", message.len()).as_bytes());
    assert!(smtp.reply().starts_with("250 "));
    smtp.says("DATA", "503 5.5.1");
    // Octets of a chunk that is refused are no commands.
    smtp.send(b"BDAT 6 LAST\r\nNOOP\r\n");
    assert!(smtp.reply().starts_with("503 5.5.1"));
    smtp.says("NOOP", "250 ");
    name(&mut smtp);
    smtp.send(format!("BDAT {} LAST\r\n{message}", message.len() + 1).as_bytes());
    drop(smtp);
    settle(&gateway, "autan", "u00002");
    assert_eq!(count("autan", "u00002", &subject), 0);
}
