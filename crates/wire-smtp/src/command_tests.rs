//! Lines and what they are.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use super::*;
use crate::{Body, Notify, Return};
use proptest::prelude::*;

#[track_caller]
fn check(line: &str, expected: &Result<Command, Wrong>) {
    assert_eq!(&Command::parse(line.as_bytes()), expected, "{line}");
}

fn address(text: &str) -> Address {
    Address::parse(text).unwrap()
}

#[test]
fn plain_commands() {
    check("EHLO client.test", &Ok(Command::Ehlo("client.test".into())));
    check("ehlo [192.0.2.1]", &Ok(Command::Ehlo("[192.0.2.1]".into())));
    check("EHLO", &Err(Wrong::Syntax));
    check("EHLO a (b) <c>", &Err(Wrong::Syntax));
    check("HELO x", &Ok(Command::Helo("x".into())));
    check("QUIT", &Ok(Command::Quit));
    check("quit  ", &Ok(Command::Quit));
    check("QUIT now", &Err(Wrong::Syntax));
    check("NOOP whatever", &Ok(Command::Noop));
    check("VRFY ada", &Ok(Command::Verify));
    check("VRFY", &Err(Wrong::Syntax));
    check("DATA", &Ok(Command::Data));
    check("DATA x", &Err(Wrong::Syntax));
    check("MAKE coffee", &Err(Wrong::Unknown));
    check("", &Err(Wrong::Unknown));
    check("NOOP \0", &Err(Wrong::Syntax));
    assert_eq!(Command::parse(b"NOOP \xff"), Err(Wrong::Syntax));
}

#[test]
fn mail_with_all_its_parameters() {
    let all = MailParameters {
        size: Some(1000),
        body: Some(Body::EightBitMime),
        utf8: true,
        returned: Some(Return::Headers),
        envelope_id: Some("QQ314159".into()),
    };
    check(
        "MAIL FROM:<ada@a.test> SIZE=1000 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ314159 AUTH=<>",
        &Ok(Command::Mail(Some(address("ada@a.test")), all.clone())),
    );
    assert_eq!(all.to_string(), " SIZE=1000 BODY=8BITMIME SMTPUTF8 RET=HDRS ENVID=QQ314159");
    check("mail from: <>", &Ok(Command::Mail(None, MailParameters::default())));
    check("MAIL FROM:<ada@a.test>SIZE=1", &Err(Wrong::Syntax));
    check("MAIL FROM:ada@a.test", &Err(Wrong::Sender));
    check("MAIL FROM:<postmaster>", &Err(Wrong::Sender));
    check("MAIL TO:<ada@a.test>", &Err(Wrong::Syntax));
    for wrong in ["SIZE=x", "SIZE=", "SIZE=1 SIZE=1", "BODY=BINARYMIME", "RET=SOME", "ENVID=", "SMTPUTF8=1", "SIZE"] {
        check(&format!("MAIL FROM:<a@a.test> {wrong}"), &Err(Wrong::Parameter));
    }
    check("MAIL FROM:<a@a.test> BY=1;R", &Err(Wrong::UnknownParameter));
}

#[test]
fn recipients_with_all_their_parameters() {
    let all = RecipientParameters {
        notify: Some(Notify::When { success: true, failure: false, delay: true }),
        original: Some("rfc822;ada+2B@a.test".into()),
    };
    check(
        "RCPT TO:<ada@a.test> NOTIFY=delay,SUCCESS ORCPT=rfc822;ada+2B@a.test",
        &Ok(Command::Recipient(address("ada@a.test"), all.clone())),
    );
    assert_eq!(all.to_string(), " NOTIFY=SUCCESS,DELAY ORCPT=rfc822;ada+2B@a.test");
    check("RCPT TO:<>", &Err(Wrong::Recipient));
    check("RCPT TO:<ada>", &Err(Wrong::Recipient));
    for wrong in ["NOTIFY=NEVER,SUCCESS", "NOTIFY=", "ORCPT=x", "NOTIFY"] {
        check(&format!("RCPT TO:<a@a.test> {wrong}"), &Err(Wrong::Parameter));
    }
    check("RCPT TO:<a@a.test> SIZE=1", &Err(Wrong::UnknownParameter));
}

#[test]
fn chunks() {
    check("BDAT 1000", &Ok(Command::Chunk { size: 1000, last: false }));
    check("BDAT 0 last", &Ok(Command::Chunk { size: 0, last: true }));
    for wrong in ["BDAT", "BDAT x", "BDAT -1", "BDAT 1 2", "BDAT 1 LAST x", "BDAT 99999999999999999999"] {
        check(wrong, &Err(Wrong::Syntax));
    }
}

#[test]
fn a_response_is_never_printed() {
    let Ok(command) = Command::parse(b"AUTH plain aHVudGVyMg==") else { panic!("it is a command") };
    assert!(matches!(&command, Command::Auth { mechanism, initial: Some(_) } if mechanism == "PLAIN"));
    assert!(!format!("{command:?}").contains("aHVud"));
}

proptest! {
    #[test]
    fn whatever_comes_is_a_value(octets in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = Command::parse(&octets);
        let _ = crate::line(&octets);
    }

    /// Whatever is taken for an address or a parameter can be written into a command of our own without becoming another.
    #[test]
    fn nothing_that_is_taken_breaks_a_line(text in "(MAIL FROM:|RCPT TO:)<[ -~é\r\n\t\0]{0,40}>( [ -~é\r\n]{0,20})?") {
        let (address, parameters) = match Command::parse(text.as_bytes()) {
            Ok(Command::Mail(Some(address), parameters)) => (address, parameters.to_string()),
            Ok(Command::Recipient(address, parameters)) => (address, parameters.to_string()),
            _ => return Ok(()),
        };
        let line = format!("RCPT TO:<{address}>{parameters}");
        prop_assert!(!line.contains(char::is_control));
        if address.domain().is_some() {
            prop_assert_eq!(Address::parse(address.as_str()), Ok(address));
        }
    }
}
