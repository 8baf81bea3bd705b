//! The conversation as clients know it, and clients: swaks, msmtp, curl.

use super::{Smtp, app_password, arrived, base64, plain, subject, text};
use crate::{
    harness::{Gateway, campus, run, try_run},
    servers::campus_folder,
};
use std::{fs, io::Write, process::Stdio};

const FROM: &str = "u00001@a.test";
const TO: &str = "u00002@b.test";

#[test]
fn a_message_arrives_with_a_trace_that_tells_no_address() {
    let gateway = Gateway::start("submission-arrives");
    let subject = subject("trace");
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    let body = format!(
        "Received: from elsewhere by nowhere; Thu, 26 Nov 2026 10:00:00 +0000\r\nReturn-Path: <x@b.test>\r\nFrom: \"Ada\" <{FROM}>\r\nTo: {TO}\r\nBcc: secret@a.test,\r\n\tother@a.test\r\nSubject: {subject}\r\n\r\n..two dots\r\n.\u{e9}\r\n"
    );
    smtp.begin(FROM, TO);
    // A line that begins with a dot has another one before it on the wire.
    smtp.send(body.replace("\r\n.", "\r\n..").as_bytes());
    let reply = smtp.ask(".");
    assert!(reply.starts_with("250 2.0.0 Ok: queued as "), "the MTA's own answer: {reply}");
    let message = arrived("autan", "u00002", &subject);
    for absent in ["secret@a.test", "other@a.test", "Return-Path: <x@b.test>", "client.test"] {
        assert!(!message.contains(absent), "{absent}: {message}");
    }
    let trace: Vec<&str> = message.lines().filter(|line| line.contains("(Passerelle)")).collect();
    assert!(
        matches!(trace[..], [one] if one.starts_with("Received: by garonne.localhost ") && one.contains("with ESMTPA id ")),
        "{trace:?}"
    );
    assert!(message.contains("Message-ID: <") && message.contains("\nDate: ") && message.contains("From: \"Ada\""));
    assert!(message.contains("\r\n..two dots\r\n.\u{e9}\r\n"), "{message}");
    // The MTA's log has the client's address, and the message has not.
    let queued = reply.rsplit(' ').next().unwrap();
    let log = fs::read_to_string(campus_folder("postfix").join("maillog")).unwrap();
    let line = log.lines().find(|line| line.contains(&format!("{queued}: client="))).unwrap();
    assert!(line.contains("orig_client=unknown[127.0.0.1]"), "{line}");
    // Another one on the same connection, as a report that nobody answers.
    smtp.says("MAIL FROM:<>", "250 ");
    smtp.says("RSET", "250 ");
    smtp.says("DATA", "503 5.5.1");
    smtp.says("VRFY u00001", "252 ");
    smtp.says("EXPN all", "502 ");
    smtp.says("HELP", "214 ");
    smtp.says("NOOP", "250 ");
    smtp.says("QUIT", "221 2.0.0");
    assert_eq!(smtp.rest(), "");
}

#[test]
fn the_client_is_shown_where_the_settings_say_so() {
    let gateway = super::gateway_with("submission-shown", |text| text.to_owned() + "\n[sending]\nshow_client = true\n");
    let subject = subject("shown");
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    assert!(smtp.message(FROM, TO, &text(FROM, TO, &subject)).starts_with("250 "));
    assert!(arrived("autan", "u00002", &subject).contains("Received: from client.test ([127.0.0.1]) by "));
}

#[test]
fn what_is_offered_is_what_the_mta_can() {
    let gateway = Gateway::start("submission-offer");
    let mut smtp = Smtp::connect(gateway.submission);
    let told = smtp.says("EHLO client.test", "250-");
    for word in [
        "PIPELINING",
        "SIZE 50000000",
        "8BITMIME",
        "SMTPUTF8",
        "DSN",
        "ENHANCEDSTATUSCODES",
        "CHUNKING",
        "LIMITS RCPTMAX=1000",
        "STARTTLS",
        "AUTH PLAIN LOGIN",
    ] {
        assert!(told.lines().any(|line| line.get(4..) == Some(word)), "{word} in {told}");
    }
    for absent in ["VRFY", "ETRN", "XCLIENT", "XFORWARD", "BINARYMIME"] {
        assert!(!told.contains(absent), "{absent} in {told}");
    }
    // An MTA that can less: less is offered, and what is asked for all the same is refused.
    let mta = super::FakeMta::start(Box::new(|verb, stream| {
        use std::io::Write as _;
        verb == "EHLO" && stream.write_all(b"250 fake.test\r\n").is_ok()
    }));
    let gateway = super::gateway_with("submission-offer-less", |text| super::with_mta(text, mta.port));
    let mut smtp = Smtp::connect(gateway.submission);
    // At no host of an institution all MTAs count.
    let told = smtp.says("EHLO client.test", "250-");
    assert!(!told.contains("SMTPUTF8") && !told.contains("DSN") && !told.contains("8BITMIME"), "{told}");
    smtp.says(&format!("AUTH PLAIN {}", plain(FROM, "pw-u00001")), "235 ");
    smtp.says(&format!("MAIL FROM:<{FROM}> SMTPUTF8"), "555 5.5.4");
    smtp.says(&format!("MAIL FROM:<{FROM}> RET=FULL"), "555 5.5.4");
    smtp.says(&format!("MAIL FROM:<{FROM}>"), "250 ");
    assert!(!smtp.ask(&format!("RCPT TO:<{TO}> NOTIFY=NEVER")).starts_with("250 "));
}

#[test]
fn logs_in_by_every_way_that_is_announced_and_by_no_other() {
    let gateway = Gateway::start("submission-login");
    let password = "pw-u00001";
    for begin in [format!("AUTH PLAIN {}", plain(FROM, password)), format!("auth plain {}", plain("u00001", password))]
    {
        let mut smtp = Smtp::connect(gateway.submission);
        smtp.says("EHLO client.test", "250");
        smtp.says(&begin, "235 2.7.0");
        smtp.says(&begin, "503 5.5.1");
    }
    let mut smtp = Smtp::connect(gateway.submission);
    smtp.says("EHLO client.test", "250");
    smtp.says("AUTH PLAIN", "334");
    smtp.says(&plain(FROM, password), "235 2.7.0");
    let mut smtp = Smtp::connect(gateway.submission);
    smtp.says("EHLO client.test", "250");
    smtp.says("AUTH LOGIN", "334 VXNlcm5hbWU6");
    smtp.says(&base64(FROM), "334 UGFzc3dvcmQ6");
    smtp.says(&base64(password), "235 2.7.0");
    let mut smtp = Smtp::connect(gateway.submission);
    smtp.says(&format!("AUTH PLAIN {}", plain(FROM, password)), "503 5.5.1");
    smtp.says("EHLO client.test", "250");
    smtp.says("AUTH PLAIN", "334");
    smtp.says("*", "501 5.7.0");
    smtp.says("AUTH GSSAPI", "504 5.5.4");
    smtp.says(&format!("MAIL FROM:<{FROM}>"), "530 5.7.0");
    smtp.says(&format!("AUTH PLAIN {}", base64(&format!("u00002@a.test\0{FROM}\0{password}"))), "535 5.7.8");
    smtp.says(&format!("AUTH PLAIN {}", plain(FROM, "wrong")), "535 5.7.8");
    smtp.says(&format!("AUTH PLAIN {}", plain("nobody@a.test", "wrong")), "535 5.7.8");
    assert!(smtp.rest().starts_with("421 4.7.0"));
    // An institution without an MTA sends nothing.
    let mut smtp = Smtp::connect(gateway.submission);
    smtp.says("EHLO client.test", "250");
    smtp.says(&format!("AUTH PLAIN {}", plain("u00001@c.test", password)), "535 5.7.8 No mail is sent");
}

#[test]
fn no_password_in_clear_from_elsewhere() {
    let gateway = Gateway::start_with("submission-clear", &crate::harness::State::Sqlite, |config| {
        let file = config.join("passerelle.toml");
        let text = fs::read_to_string(&file).unwrap();
        fs::write(&file, text.replace("plain_login_from = [\"127.0.0.0/8\"]", "plain_login_from = []")).unwrap();
    });
    let mut smtp = Smtp::connect(gateway.submission);
    let told = smtp.says("EHLO client.test", "250-");
    assert!(told.contains("STARTTLS") && !told.contains("AUTH"), "{told}");
    smtp.says(&format!("AUTH PLAIN {}", plain(FROM, "pw-u00001")), "538 5.7.11");
    // What comes in clear behind STARTTLS is thrown away.
    smtp.send(b"STARTTLS\r\nRSET\r\n");
    assert!(smtp.reply().starts_with("220 2.0.0"));
    smtp.send(b"NOOP\r\n");
    assert!(!smtp.rest().contains("250"));
}

#[test]
fn app_passwords_send_unless_they_only_read() {
    let gateway = Gateway::start("submission-app");
    for (scope, expected) in [("mail", "235 "), ("all", "235 "), ("mail-reading", "535 5.7.8"), ("files", "535 5.7.8")]
    {
        let mut smtp = Smtp::connect(gateway.submission);
        smtp.says("EHLO client.test", "250");
        let (_, password) = app_password(&gateway, "u00001", scope);
        smtp.says(&format!("AUTH PLAIN {}", plain(FROM, &password)), expected);
    }
}

#[test]
fn pipelined_by_a_client_that_waits_for_nothing() {
    let gateway = Gateway::start("submission-pipelined");
    let subject = subject("pipelined");
    let mut smtp = Smtp::connect(gateway.submission);
    let envelope = format!(
        "MAIL FROM:<{FROM}>\r\nRCPT TO:<{TO}>\r\nRCPT TO:<nobody-at-all@b.test>\r\nRCPT TO:<u00003@b.test> NOTIFY=NEVER\r\nDATA\r\n"
    );
    let login = format!("EHLO client.test\r\nAUTH PLAIN {}\r\n{envelope}", plain(FROM, "pw-u00001"));
    smtp.send(login.as_bytes());
    let codes: Vec<String> = (0..7).map(|_| smtp.reply()[..3].to_owned()).collect();
    assert_eq!(codes, ["250", "235", "250", "250", "550", "250", "354"]);
    let messages = format!("{}.\r\n{envelope}", text(FROM, TO, &subject));
    smtp.send(messages.as_bytes());
    let codes: Vec<String> = (0..6).map(|_| smtp.reply()[..3].to_owned()).collect();
    assert_eq!(codes, ["250", "250", "250", "550", "250", "354"]);
    smtp.send(format!("{}.\r\nQUIT\r\n", text(FROM, TO, &format!("{subject}-b"))).as_bytes());
    assert!(smtp.reply().starts_with("250 ") && smtp.reply().starts_with("221 "));
    for login in ["u00002", "u00003"] {
        arrived("autan", login, &subject);
        arrived("autan", login, &format!("{subject}-b"));
    }
}

#[test]
fn addresses_beyond_ascii_need_smtputf8() {
    let gateway = Gateway::start("submission-utf8");
    let mut smtp = Smtp::log_in(gateway.submission, FROM, "pw-u00001");
    smtp.says("MAIL FROM:<zoë@a.test>", "553 5.6.7");
    smtp.says(&format!("MAIL FROM:<{FROM}>"), "250 ");
    smtp.says("RCPT TO:<zoë@b.test>", "553 5.6.7");
    smtp.says("RSET", "250 ");
    smtp.says(&format!("MAIL FROM:<{FROM}> SMTPUTF8 BODY=8BITMIME"), "250 ");
    // The MTA knows no such person, and says so itself.
    smtp.says("RCPT TO:<zoë@b.test>", "550 5.1.1");
    smtp.says(&format!("RCPT TO:<{TO}>"), "250 ");
    smtp.says("DATA", "354 ");
    let subject = subject("utf8");
    // Its header is in ASCII all the same: this store takes no other by LMTP.
    smtp.send(format!("From: {FROM}\r\nTo: {TO}\r\nSubject: {subject}\r\n\r\nh\u{e9}\r\n").as_bytes());
    smtp.says(".", "250 ");
    let message = arrived("autan", "u00002", &subject);
    assert!(message.contains("with UTF8SMTPA id") && message.contains("h\u{e9}"), "{message}");
}

#[test]
fn swaks_msmtp_and_curl_send() {
    let gateway = Gateway::start("submission-clients");
    let ca = campus("CAMPUS_CA");
    for (port, tls) in [(gateway.submission, "--tls"), (gateway.submissions, "--tls-on-connect")] {
        for auth in ["PLAIN", "LOGIN"] {
            let subject = subject("swaks");
            let server = format!("localhost:{port}");
            run(
                "swaks",
                &[
                    "--server",
                    &server,
                    tls,
                    "--tls-verify",
                    "--tls-ca-path",
                    ca,
                    "--auth",
                    auth,
                    "--auth-user",
                    FROM,
                    "--auth-password",
                    "pw-u00001",
                    "--from",
                    FROM,
                    "--to",
                    TO,
                    "--header",
                    &format!("Subject: {subject}"),
                ],
            );
            let message = arrived("autan", "u00002", &subject);
            assert!(message.contains(" (Passerelle) with ESMTPSA id "), "{message}");
        }
    }
    let home = gateway.dir.join("msmtp");
    fs::create_dir_all(&home).unwrap();
    for (port, starttls) in [(gateway.submission, "on"), (gateway.submissions, "off")] {
        let subject = subject("msmtp");
        let settings = format!(
            "account default\nhost localhost\nport {port}\ntls on\ntls_starttls {starttls}\ntls_trust_file {ca}\nauth plain\nuser {FROM}\npassword pw-u00001\nfrom {FROM}\n"
        );
        let file = home.join(format!("msmtprc-{port}"));
        fs::write(&file, settings).unwrap();
        run("chmod", &["600", file.to_str().unwrap()]);
        let mut msmtp = std::process::Command::new("msmtp")
            .args(["-C", file.to_str().unwrap(), TO, "u00003@b.test"])
            .stdin(Stdio::piped())
            .spawn()
            .unwrap();
        let message = text(FROM, TO, &subject).replace("\r\n", "\n");
        msmtp.stdin.take().unwrap().write_all(message.as_bytes()).unwrap();
        assert!(msmtp.wait().unwrap().success());
        arrived("autan", "u00002", &subject);
        arrived("autan", "u00003", &subject);
    }
    let subject = subject("curl");
    let file = home.join("message");
    fs::write(&file, text(FROM, TO, &subject)).unwrap();
    let url = format!("smtps://localhost:{}", gateway.submissions);
    let send = |password: &str| {
        let who = format!("{FROM}:{password}");
        let arguments = ["-sS", "--cacert", ca, "--user", &who, "--mail-from", FROM, "--mail-rcpt", TO, &url, "-T"];
        try_run("curl", &[&arguments[..], &[file.to_str().unwrap()]].concat()).status.success()
    };
    assert!(!send("wrong") && send("pw-u00001"));
    arrived("autan", "u00002", &subject);
}
