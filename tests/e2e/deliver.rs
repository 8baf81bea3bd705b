//! Mail on its way from a real Postfix through the gateway into the campus's Dovecot, with what of it is for calendars.

use crate::{
    collections::{ask, files::as_files},
    harness::{Gateway, Imap, State, campus, eventually, free_ports, run},
    submission::doctor,
};
use std::{
    fmt::Write as _,
    fs,
    io::{BufRead, BufReader, Write as _},
    net::{Ipv4Addr, TcpStream},
    path::Path,
};

const GUEST: &str = "guest@elsewhere.example";

/// A gateway that delivers garonne's mail, and the port that it does it at.
fn start(name: &str, store: &str) -> (Gateway, u16) {
    let [port] = free_ports();
    let gateway = Gateway::start_with(name, &State::Sqlite, |config| {
        let main = config.join("passerelle.toml");
        let text = fs::read_to_string(&main).unwrap();
        fs::write(&main, text.replace("[listen]\n", &format!("[listen]\nlmtp = \"127.0.0.1:{port}\"\n"))).unwrap();
        let settings = config.join("institutions/garonne/institution.toml");
        let text = fs::read_to_string(&settings).unwrap();
        let deliver = format!("[deliver]\nstore = \"{store}\"\nresults_of = \"mx.a.test\"\n");
        // Calendars as files are this gateway's own, so that other tests are in nobody's way.
        fs::write(&settings, format!("{}\n{deliver}", as_files(&text))).unwrap();
    });
    (gateway, port)
}

fn dovecot() -> String {
    format!("127.0.0.1:{}", campus("CAMPUS_LMTP_A"))
}

/// A Postfix of its own, with the campus's settings, that delivers garonne's mail by LMTP at a port. It knows of one sender that they
/// are who they say, and says so, as one does that looks for signatures.
struct Postfix {
    etc: String,
    port: u16,
}

impl Postfix {
    fn start(dir: &Path, lmtp: u16) -> Self {
        let [port] = free_ports();
        let there = format!("{}/postfix", campus("CAMPUS_DIR"));
        let own = dir.join("postfix");
        for folder in ["etc", "queue", "data"] {
            fs::create_dir_all(own.join(folder)).unwrap();
        }
        let etc = own.join("etc").to_str().unwrap().to_owned();
        run("cp", &["-rT", &format!("{there}/etc"), &etc]);
        run("chown", &["postfix", own.join("data").to_str().unwrap()]);
        let main = fs::read_to_string(own.join("etc/main.cf")).unwrap().replace(&there, own.to_str().unwrap());
        let kept: Vec<&str> = main
            .lines()
            .filter(|line| !line.starts_with("transport_maps") && !line.starts_with("smtpd_recipient_restrictions"))
            .collect();
        let proof = format!("PREPEND Authentication-Results: mx.a.test; spf=pass smtp.mailfrom={GUEST}");
        let main = kept.join("\n")
            + &format!(
                "\ntransport_maps = inline:{{ a.test=lmtp:[127.0.0.1]:{lmtp} }}\n\
                 smtpd_recipient_restrictions = check_sender_access inline:{{ {{ {GUEST} = {proof} }} }}\n"
            );
        fs::write(own.join("etc/main.cf"), main).unwrap();
        let master = fs::read_to_string(own.join("etc/master.cf")).unwrap();
        let mut services = format!("127.0.0.1:{port} inet n - n - - smtpd\n");
        for line in master.lines().filter(|line| !line.starts_with(' ') && !line.starts_with("127.0.0.1")) {
            writeln!(services, "{line}").unwrap();
        }
        fs::write(own.join("etc/master.cf"), services).unwrap();
        run("postfix", &["-c", &etc, "start"]);
        eventually("Postfix listens", || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
        Self { etc, port }
    }

    /// Sends a message with a sender in its envelope.
    #[track_caller]
    fn send(&self, sender: &str, to: &str, message: &str) {
        let file = format!("{}/message", self.etc);
        fs::write(&file, message).unwrap();
        let url = format!("smtp://127.0.0.1:{}/test", self.port);
        run("curl", &["-sS", "--url", &url, "--mail-from", sender, "--mail-rcpt", to, "-T", &file]);
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        run("postfix", &["-c", &self.etc, "stop"]);
    }
}

/// A conversation in which all is said at once.
struct Wire(std::cell::RefCell<BufReader<TcpStream>>);

impl Wire {
    fn open(port: u16, said: &str) -> Self {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap();
        stream.write_all(said.as_bytes()).unwrap();
        Self(std::cell::RefCell::new(BufReader::new(stream)))
    }

    /// The next replies.
    #[track_caller]
    fn replies(&self, count: usize) -> Vec<String> {
        let mut replies = Vec::new();
        while replies.len() < count {
            let mut line = String::new();
            self.0.borrow_mut().read_line(&mut line).unwrap();
            assert!(line.len() > 3, "the conversation ended behind {replies:?}");
            if line.as_bytes()[3] == b' ' {
                replies.push(line.trim_end().to_owned());
            }
        }
        replies
    }

    fn codes(&self, count: usize) -> Vec<u16> {
        self.replies(count).iter().map(|reply| reply[..3].parse().unwrap()).collect()
    }
}

fn message(id: &str, from: &str, method: &str, (organizer, attendees): (&str, &[&str]), more: &str) -> String {
    let stamp = if more.contains("DTSTAMP") { "" } else { "DTSTAMP:20261101T080000Z\r\n" };
    let lines: String = attendees.iter().map(|line| format!("ATTENDEE{line}\r\n")).collect();
    format!(
        "From: Someone <{from}>\r\nTo: you\r\nSubject: {id}\r\nMessage-ID: <{id}@x>\r\nMIME-Version: 1.0\r\n\
         Content-Type: text/calendar; charset=utf-8; method={method}\r\n\r\nBEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n\
         METHOD:{method}\r\nBEGIN:VEVENT\r\nUID:delivered-1\r\n{stamp}DTSTART:20261201T090000Z\r\nDURATION:PT1H\r\nSUMMARY:Jury\r\n{more}\
         ORGANIZER:mailto:{organizer}\r\n{lines}END:VEVENT\r\nEND:VCALENDAR\r\n"
    )
}

/// Waits until a message of this subject is in the INBOX.
fn arrives(gateway: &Gateway, login: &str, subject: &str) {
    let mut imap = Imap::log_in(gateway.imap, login, &format!("pw-{}", login.split('@').next().unwrap()));
    eventually(subject, || {
        assert!(imap.command("s SELECT INBOX").last().unwrap().starts_with("s OK"));
        let found = imap.command(&format!("f SEARCH SUBJECT {subject}"));
        found.iter().any(|line| line.starts_with("* SEARCH ") && line.trim() != "* SEARCH")
    });
}

/// Nothing of an earlier run is in the INBOX.
fn cleared(gateway: &Gateway, login: &str) {
    let mut imap = Imap::log_in(gateway.imap, login, &format!("pw-{}", login.split('@').next().unwrap()));
    imap.command("s SELECT INBOX");
    imap.command("t STORE 1:* +FLAGS.SILENT (\\Deleted)");
    imap.command("e EXPUNGE");
}

/// Somebody's own calendar, empty.
fn calendar(gateway: &Gateway, login: &str) -> String {
    let who = format!("{login}@a.test:pw-{login}");
    let made = ask(gateway, &who, "MKCALENDAR", &format!("/dav/calendars/{login}/agenda/"), &[], "");
    assert_eq!(made.status, 201, "{}", made.body);
    who
}

#[test]
fn an_answer_by_mail_is_in_the_organisers_calendar_when_the_mail_is_in_the_mailbox() {
    let (gateway, port) = start("deliver", &dovecot());
    let postfix = Postfix::start(&gateway.dir, port);
    let own = "u00254@a.test";
    let who = calendar(&gateway, "u00254");
    cleared(&gateway, own);
    let at = "/dav/calendars/u00254/agenda/e.ics";
    let event = format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\nBEGIN:VEVENT\r\nUID:delivered-1\r\nDTSTAMP:20261101T080000Z\r\nSEQUENCE:2\r\n\
         DTSTART:20261201T090000Z\r\nDURATION:PT1H\r\nSUMMARY:Jury\r\nORGANIZER:mailto:{own}\r\n\
         ATTENDEE;SCHEDULE-AGENT=CLIENT;RSVP=TRUE:mailto:{GUEST}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    );
    assert_eq!(ask(&gateway, &who, "PUT", at, &[], &event).status, 201);
    let seen = || ask(&gateway, &who, "GET", at, &[], "").body.replace("\r\n ", "");
    let before = seen();
    let line = |answer: &str| format!(";PARTSTAT={answer}:mailto:{GUEST}");
    let reply = |id: &str, answer: &str, more: &str| message(id, GUEST, "REPLY", (own, &[&line(answer)]), more);

    // The MTA says nothing of a sender who is forged: the mail comes, and the calendar stays.
    postfix.send("mallory@evil.example", own, &reply("forged", "DECLINED", "SEQUENCE:2\r\n"));
    arrives(&gateway, own, "forged");
    // Neither does it help to bring the MTA's word along under another name.
    let brought = format!("Authentication-Results: mx.evil.test; spf=pass smtp.mailfrom={GUEST}\r\n");
    postfix.send("mallory@evil.example", own, &(brought + &reply("brought", "DECLINED", "SEQUENCE:2\r\n")));
    arrives(&gateway, own, "brought");
    assert_eq!(seen(), before);

    postfix.send(GUEST, "u00254+jury@a.test", &reply("accepted", "ACCEPTED", "SEQUENCE:2\r\n"));
    arrives(&gateway, own, "accepted");
    // The store has it before the calendar: both before the MTA hears of it.
    eventually("the answer is there", || seen().contains("PARTSTAT=ACCEPTED"));
    let answered = seen();
    postfix.send(GUEST, own, &reply("again", "ACCEPTED", "SEQUENCE:2\r\n"));
    postfix.send(GUEST, own, &reply("older", "DECLINED", "SEQUENCE:1\r\n"));
    // What comes behind them is put in behind them.
    for id in ["again", "older"] {
        arrives(&gateway, own, id);
    }
    let crasher =
        message("crasher", GUEST, "REPLY", (own, &[";PARTSTAT=ACCEPTED:mailto:crasher@elsewhere.example"]), "");
    postfix.send(GUEST, own, &crasher);
    arrives(&gateway, own, "crasher");
    let log = || fs::read_to_string(gateway.dir.join("log")).unwrap();
    eventually("each was looked at", || {
        ["\"same\"", "\"outdated\"", "\"otherSender\""].iter().all(|word| log().contains(word))
    });
    assert_eq!(seen(), answered);

    // What came is what was sent.
    let mut imap = Imap::log_in(gateway.imap, own, "pw-u00254");
    imap.command("s SELECT INBOX");
    let text = imap.command("f FETCH 1:* (BODY.PEEK[TEXT])").join("\n");
    assert!(text.contains("METHOD:REPLY") && text.contains("PARTSTAT=ACCEPTED"), "{text}");
}

/// An invitation to five of 200 who get it: each of the 200 has an answer of their own, and five have it in their calendars.
#[test]
fn an_invitation_to_many_is_in_the_calendars_of_those_whom_it_invites() {
    let (gateway, port) = start("deliver-many", &dovecot());
    let invited = ["u00601", "u00602", "u00603", "u00604", "u00605"];
    let people: Vec<String> = invited.iter().map(|login| calendar(&gateway, login)).collect();
    let lines: Vec<String> = invited.iter().map(|login| format!(";PARTSTAT=ACCEPTED:mailto:{login}@a.test")).collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let proof = "Authentication-Results: mx.a.test; dkim=pass header.d=elsewhere.example\r\n";
    let text = proof.to_owned() + &message("many", GUEST, "REQUEST", (GUEST, &lines), "");
    let mut said = format!("LHLO test\r\nMAIL FROM:<{GUEST}> BODY=8BITMIME\r\n");
    for number in 601..801 {
        write!(said, "RCPT TO:<u{number:05}@a.test>\r\n").unwrap();
    }
    said += "RCPT TO:<nobody-at-all@a.test>\r\nDATA\r\n";
    let wire = Wire::open(port, &format!("{said}{text}\r\n.\r\nQUIT\r\n"));
    let replies = wire.replies(205);
    assert!(replies[3..203].iter().all(|reply| reply.starts_with("250 ")), "{replies:?}");
    assert!(replies[203].starts_with("550 5.1.1"), "the store's own word: {}", replies[203]);
    assert!(replies[204].starts_with("354 "));
    let outcomes = wire.replies(201);
    assert!(outcomes[..200].iter().all(|reply| reply.starts_with("250 ")), "{outcomes:?}");
    for (login, who) in invited.iter().zip(&people) {
        let at = format!("/dav/calendars/{login}/agenda/delivered-1.ics");
        let copy = ask(&gateway, who, "GET", &at, &[], "");
        assert_eq!(copy.status, 200, "{login}: {}", copy.body);
        let copy = copy.body.replace("\r\n ", "");
        let own = copy.lines().find(|line| line.starts_with("ATTENDEE") && line.contains(login)).unwrap();
        assert!(!own.contains("ACCEPTED"), "nobody has answered: {copy}");
    }
    let metrics = run("curl", &["-sS", &format!("http://127.0.0.1:{}/metrics", gateway.metrics)]);
    for counted in [
        "passerelle_mails_handed_on_total{result=\"delivered\"} 200",
        "passerelle_mails_for_calendars_total{method=\"REQUEST\",outcome=\"fits\"} 5",
    ] {
        assert!(metrics.contains(counted), "{counted} is not in {metrics}");
    }
}

/// What the store says is what the MTA hears: no room, nobody of that name, and a store that is away is no reason to send a mail back.
#[test]
fn the_stores_answer_is_the_answer() {
    let (gateway, port) = start("deliver-refused", &dovecot());
    let change = gateway.dir.join("quota.ldif");
    let quota = "dn: uid=u00251,ou=people,dc=a,dc=test\nchangetype: modify\nreplace: mailQuota\nmailQuota: 1\n";
    fs::write(&change, quota).unwrap();
    let server = format!("ldap://127.0.0.1:{}", campus("CAMPUS_LDAP_A"));
    let file = change.to_str().unwrap();
    run("ldapmodify", &["-x", "-H", &server, "-D", "cn=admin,dc=a,dc=test", "-w", "admin-a", "-f", file]);
    let body = "a line of a message that takes room\r\n".repeat(60_000);
    let said = "LHLO test\r\nMAIL FROM:<a@b.example>\r\nRCPT TO:<u00251@a.test>\r\nRCPT TO:<u00411@a.test>\r\nDATA\r\n";
    let wire = Wire::open(port, &format!("{said}Subject: large\r\n\r\n{body}.\r\nQUIT\r\n"));
    assert_eq!(wire.codes(6), [220, 250, 250, 250, 250, 354]);
    let outcomes = wire.replies(2);
    assert!(outcomes[0].starts_with("552 5.2.2") || outcomes[0].starts_with("452 4.2.2"), "{outcomes:?}");
    assert!(outcomes[1].starts_with("250 "), "{outcomes:?}");
    // A domain that is nobody's here, and a client that says EHLO, are told so and lose nothing.
    let wire =
        Wire::open(port, "EHLO x\r\nLHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<a@elsewhere.example>\r\nDATA\r\nQUIT\r\n");
    assert_eq!(wire.codes(7), [220, 503, 250, 250, 451, 503, 221]);
    let told = doctor(&gateway);
    assert!(told.contains(&format!("ok     deliver: lmtp: {}, takes 8BITMIME", dovecot())), "{told}");
    let (gateway, port) = start("deliver-away", "127.0.0.1:9");
    let wire = Wire::open(port, "LHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<u00252@a.test>\r\nQUIT\r\n");
    assert_eq!(wire.codes(5), [220, 250, 250, 451, 221]);
    let told = doctor(&gateway);
    assert!(told.contains("FAILS  deliver: lmtp: 127.0.0.1:9: ") && told.contains("deliver.store"), "{told}");
}
