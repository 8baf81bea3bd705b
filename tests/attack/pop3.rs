//! POP3: every command before log-in and after it. A maildrop is always the asker's own: nobody reads, counts or removes
//! what is the owner's, whatever name they log in with.

use crate::{OWNER, READER, WHO, server::free_port};
use passerelle_net::{Certificates, Drainer, Listener, Network, Protocol, listen};
use passerelle_testkit::{
    house::{HouseBuilder, account},
    memory_mail::MemoryMail,
    memory_sso::MemorySso,
    memory_state::MemoryState,
};
use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A command, sent after these; `{me}` is the asker, `{t}` the owner.
struct Row {
    /// What is said before. Nobody's password is always wrong.
    before: &'static [&'static str],
    command: &'static str,
    /// How the answer begins, for each asker.
    expected: [&'static str; 6],
}

const OK: &str = "+OK";
const NO: &str = "-ERR [AUTH]";
const FIRST: &str = "-ERR Log in first";
const LOGGED_IN: [&str; 6] = [FIRST, OK, OK, OK, OK, OK];
const ME: &[&str] = &["USER {me}", "PASS {password}"];

const TABLE: &[Row] = &[
    Row { before: &[], command: "CAPA", expected: [OK; 6] },
    Row { before: &[], command: "QUIT", expected: [OK; 6] },
    Row { before: &[], command: "STLS", expected: ["-ERR"; 6] },
    Row { before: &[], command: "APOP {me} c4c9334bac560ecc979e58001b3e22fb", expected: ["-ERR APOP"; 6] },
    // Whether there is such a person is not told.
    Row { before: &[], command: "USER {t}", expected: [OK; 6] },
    Row { before: &["USER {me}"], command: "PASS {password}", expected: [NO, OK, OK, OK, OK, OK] },
    Row { before: &["USER {t}"], command: "PASS {password}", expected: [NO, NO, NO, NO, NO, OK] },
    Row { before: &["USER {me}*{t}"], command: "PASS {password}", expected: [NO; 6] },
    Row { before: &[], command: "AUTH PLAIN {plain-me}", expected: [NO, OK, OK, OK, OK, OK] },
    // RFC 4616 §2: the name to act as beside the name that the password is of.
    Row { before: &[], command: "AUTH PLAIN {plain-as-t}", expected: [NO, NO, NO, NO, NO, OK] },
    // A refusal says why first (RFC 7628 §3.2.3).
    Row { before: &[], command: "AUTH OAUTHBEARER {bearer-me}", expected: ["+ ", OK, OK, OK, OK, OK] },
    Row { before: &["AUTH OAUTHBEARER {bearer-t}"], command: "AUTH", expected: [NO, NO, NO, NO, NO, "-ERR"] },
    Row { before: ME, command: "NOOP", expected: LOGGED_IN },
    Row { before: ME, command: "STAT", expected: [FIRST, "+OK 1 ", "+OK 1 ", "+OK 1 ", "+OK 1 ", "+OK 2 "] },
    Row { before: ME, command: "LIST", expected: LOGGED_IN },
    Row { before: ME, command: "UIDL", expected: LOGGED_IN },
    Row { before: ME, command: "RETR 1", expected: LOGGED_IN },
    Row { before: ME, command: "TOP 1 9", expected: LOGGED_IN },
    // The owner has two messages, and nobody else has a second one.
    Row { before: ME, command: "RETR 2", expected: [FIRST, "-ERR", "-ERR", "-ERR", "-ERR", OK] },
    Row { before: ME, command: "DELE 1", expected: LOGGED_IN },
    Row { before: ME, command: "RSET", expected: LOGGED_IN },
];

/// What the table attacks, by name.
pub(crate) fn attacked() -> BTreeSet<String> {
    TABLE.iter().map(|row| row.command.split(' ').next().unwrap().to_owned()).collect()
}

/// What there is to attack, as the surface says it.
pub(crate) fn operations() -> BTreeSet<String> {
    passerelle_surface_pop3::commands().iter().map(|it| (*it).to_owned()).collect()
}

struct Post {
    mail: MemoryMail,
    address: SocketAddr,
    _drainer: Drainer,
}

impl Post {
    async fn open() -> Self {
        let mail = MemoryMail::default();
        for who in WHO.into_iter().flatten() {
            mail.deliver(&account(who), &format!("Subject: of {who}\r\n\r\nfor {who} only\r\n"));
        }
        mail.deliver(&account(OWNER), &format!("Subject: second\r\n\r\nfor {OWNER} only\r\n"));
        let house = HouseBuilder::new(Arc::new(MemoryState::new()))
            .mail("garonne", Arc::new(mail.clone()))
            .mail("autan", Arc::new(mail.clone()))
            .provider(Arc::new(MemorySso::default()));
        let house = house.open().await.unwrap();
        let settings = crate::server::settings();
        let network = Network::new(&settings, Certificates::load(&settings).expect("no certificate"));
        let surface = passerelle_surface_pop3::surface(house.door, network.clone());
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let listener = Listener { surface: "pop3", address, protocol: Protocol::Pop3, implicit_tls: false };
        let drainer = Drainer::default();
        let serve = Arc::new(move |connection| surface.serve(connection));
        listen(listener, network, &drainer, serve).await.expect("a listener");
        Self { mail, address, _drainer: drainer }
    }

    /// Everything that is said to these lines on a connection of their own; the greeting is left out.
    async fn say(&self, lines: &[String]) -> Vec<String> {
        let mut stream = TcpStream::connect(self.address).await.unwrap();
        let mut said = String::new();
        let mut answers = Vec::new();
        for line in [None].into_iter().chain(lines.iter().map(Some)) {
            if let Some(line) = line {
                stream.write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
            }
            let multi = line
                .is_some_and(|it| ["CAPA", "LIST", "UIDL", "RETR ", "TOP "].iter().any(|verb| it.starts_with(verb)));
            let reading = async {
                loop {
                    let whole = |it: &str| {
                        it.ends_with("\r\n") && (!multi || it.starts_with("-ERR") || it.ends_with("\r\n.\r\n"))
                    };
                    if whole(&said) {
                        return std::mem::take(&mut said);
                    }
                    let mut piece = [0; 4096];
                    let length = stream.read(&mut piece).await.unwrap();
                    assert!(length > 0, "{line:?}: no answer in {said}");
                    said.push_str(&String::from_utf8_lossy(&piece[..length]));
                }
            };
            answers.push(timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("{line:?}: no answer")));
        }
        answers.split_off(1)
    }
}

fn base64(text: &str) -> String {
    crate::client::base64(text.as_bytes())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_as_everybody() {
    let post = Post::open().await;
    let before = post.mail.inbox(&account(OWNER));
    for row in TABLE {
        for (who, expected) in WHO.into_iter().zip(row.expected) {
            // Nobody has neither name nor password, and tries both.
            let me = who.unwrap_or("u00000@a.test");
            let password = format!("pw-{}", me.split('@').next().unwrap());
            let plain = |as_whom: &str| base64(&format!("{as_whom}\0{me}\0{password}"));
            let (issued, login) = (passerelle_testkit::house::now().0, me.split('@').next().unwrap());
            let token = who.map_or("x".to_owned(), |_| format!("at~{login}~~{issued}~{}", issued + 600));
            let bearer =
                |login: &str| crate::client::base64(format!("n,a={login},\x01auth=Bearer {token}\x01\x01").as_bytes());
            let fill = |text: &&str| {
                text.replace("{bearer-me}", &bearer(me))
                    .replace("{bearer-t}", &bearer(OWNER))
                    .replace("{plain-me}", &plain(""))
                    .replace("{plain-as-t}", &plain(OWNER))
                    .replace("{password}", &password)
                    .replace("{me}", me)
                    .replace("{t}", OWNER)
            };
            let lines: Vec<String> = row.before.iter().chain([&row.command]).map(fill).collect();
            let answers = post.say(&lines).await;
            let answer = answers.last().unwrap();
            assert!(answer.starts_with(expected), "{} as {who:?}: {answer}", row.command);
            for other in WHO.into_iter().flatten().filter(|other| Some(*other) != who) {
                assert!(!answer.contains(&format!("for {other} only")), "{} as {who:?}: {answer}", row.command);
            }
        }
    }
    assert_eq!(post.mail.inbox(&account(OWNER)), before, "nothing was removed by connections that just end");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn only_ones_own_messages_go() {
    let post = Post::open().await;
    let lines = ["USER", READER, "PASS", "pw-u00006", "DELE", "1"];
    let mut lines: Vec<String> = lines.chunks(2).map(|it| it.join(" ")).collect();
    lines.push("QUIT".to_owned());
    let answers = post.say(&lines).await;
    assert!(answers.iter().all(|answer| answer.starts_with("+OK")), "{answers:?}");
    assert!(post.mail.inbox(&account(READER)).is_empty());
    for other in WHO.into_iter().flatten().filter(|other| *other != READER) {
        assert!(!post.mail.inbox(&account(other)).is_empty(), "{other}");
    }
}
