//! One message is never read as two: only CRLF, a dot, CRLF ends it, and a CR or LF by itself is refused everywhere.

use super::{Smtp, count, plain, settle, subject, text};
use crate::harness::Gateway;

const FROM: &str = "u00001@a.test";
const TO: &str = "u00002@b.test";

#[test]
fn what_ends_a_message_for_others_ends_none_here() {
    let gateway = Gateway::start("smuggling-data");
    let subject = subject("smuggled");
    for end in [
        "\n.\n",
        "\n.\r\n",
        "\r\n.\n",
        "\r.\r",
        "\r.\r\n",
        "\r\n.\r",
        "\r\r\n.\r\r\n",
        "\r\n.\r\r\n",
        "\0\n.\r\n",
        "\n\n.\r\n",
    ] {
        let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
        smtp.begin(FROM, TO);
        let inner = format!(
            "MAIL FROM:<u00005@a.test>\r\nRCPT TO:<{TO}>\r\nDATA\r\n{}.\r\nQUIT\r\n",
            text("u00005@a.test", TO, &format!("{subject}-inner"))
        );
        smtp.send(format!("{}first{end}{inner}", text(FROM, TO, &subject)).as_bytes());
        let reply = smtp.reply();
        assert!(reply.starts_with("550 5.6.0 "), "{end:?}: {reply}");
        // Nothing behind it is taken for a command.
        assert_eq!(smtp.rest(), "", "{end:?}");
    }
    settle(&gateway, "autan", "u00002");
    assert_eq!(count("autan", "u00002", &subject), 0);
}

#[test]
fn nor_does_it_end_a_command() {
    let gateway = Gateway::start("smuggling-commands");
    for wrong in [&b"NOOP\nRSET\r\n"[..], b"NOOP\rRSET\r\n", b"NOOP\n", b"MAIL FROM:<u00001@a.test>\n", b"NOOP\r\r\n"] {
        let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
        smtp.send(wrong);
        assert!(smtp.reply().starts_with("521 5.5.2 "), "{wrong:?}");
        assert_eq!(smtp.rest(), "", "{wrong:?}");
    }
}

#[test]
fn nor_is_it_let_through_in_a_chunk() {
    let gateway = Gateway::start("smuggling-chunks");
    let subject = subject("smuggled-chunk");
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    for end in ["\n.\n", "\r\n.\n", "\r.\r\n", "\nx", "\r"] {
        let message = format!("{}first{end}", text(FROM, TO, &subject));
        smtp.says(&format!("MAIL FROM:<{FROM}>"), "250 ");
        smtp.says(&format!("RCPT TO:<{TO}>"), "250 ");
        smtp.send(format!("BDAT {} LAST\r\n{message}", message.len()).as_bytes());
        let reply = smtp.reply();
        assert!(reply.starts_with("550 5.6.0 "), "{end:?}: {reply}");
        smtp.says("NOOP", "250 ");
    }
    // The dot that ends a message elsewhere is text in a chunk, and arrives as text.
    let message = format!("{}one\r\n.\r\nMAIL FROM:<{FROM}>\r\n..two\r\n", text(FROM, TO, &format!("{subject}-dot")));
    smtp.says(&format!("MAIL FROM:<{FROM}>"), "250 ");
    smtp.says(&format!("RCPT TO:<{TO}>"), "250 ");
    smtp.send(format!("BDAT {} LAST\r\n{message}", message.len()).as_bytes());
    assert!(smtp.reply().starts_with("250 "));
    let found = super::arrived("autan", "u00002", &format!("{subject}-dot"));
    assert!(found.contains(&format!("one\r\n.\r\nMAIL FROM:<{FROM}>\r\n..two\r\n")), "{found}");
    assert_eq!(count("autan", "u00002", &subject), 1);
}

#[test]
fn nonsense_before_log_in_and_after() {
    let gateway = Gateway::start("smuggling-nonsense");
    let garbage: Vec<u8> = (0..=255_u8).filter(|it| !matches!(it, b'\r' | b'\n')).collect();
    for logged_in in [false, true] {
        for (octets, expected) in [
            ([garbage.as_slice(), b"\r\n"].concat(), "501 5.5.4"),
            (vec![b'x'; 200_000], "500 5.5.6"),
            (b"\x16\x03\x01\x02\x00\x01\r\n".to_vec(), "501 5.5.4"),
            (b"GET / HTTP/1.1\r\n".to_vec(), "500 5.5.2"),
            (b"MAIL FROM:<a\0b@a.test>\r\n".to_vec(), "501 5.5.4"),
            (b"AUTH PLAIN ====\r\n".to_vec(), "50"),
            (b"BDAT 99999999999999999\r\n".to_vec(), "552 5.3.4"),
            (b"RCPT TO:<u00002@b.test>\r\n".to_vec(), "503 5.5.1"),
        ] {
            let mut smtp = if logged_in {
                Smtp::log_in(gateway.submission, FROM, "pw-u00001")
            } else {
                let mut smtp = Smtp::connect(gateway.submission);
                smtp.says("EHLO client.test", "250");
                smtp
            };
            smtp.send(&octets);
            let reply = smtp.reply();
            assert!(
                reply.starts_with(expected),
                "{}: {reply}",
                String::from_utf8_lossy(&octets[..octets.len().min(40)])
            );
        }
    }
    let mut smtp = Smtp::connect(gateway.submission);
    for _ in 0..4 {
        smtp.says("nonsense", "500 5.5.2");
    }
    smtp.says("nonsense", "500 5.5.2");
    assert!(smtp.rest().starts_with("421 4.7.0"));
    // The next one is unharmed.
    let mut smtp = Smtp::connect(gateway.submission);
    smtp.says("EHLO client.test", "250");
    smtp.says(&format!("AUTH PLAIN {}", plain(FROM, "pw-u00001")), "235");
}
