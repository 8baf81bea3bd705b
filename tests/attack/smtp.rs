//! Submission: who may log in, and as whom they may send. The MTA is one in memory, so that what was let through is seen.

use crate::{EDITOR, OWNER, READER, Site, WHO, server::free_port};
use passerelle_model::{Grant, ResourceKind, Rights, Target};
use passerelle_net::{Listener, Protocol, listen};
use passerelle_testkit::house::{account, to_account};
use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Every command of RFC 5321 and the extensions that servers have.
pub(crate) const COMMANDS: &[&str] = &[
    "ATRN a.test",
    "AUTH PLAIN AHgAeA==",
    "BDAT 0 LAST",
    "BURL imap://x LAST",
    "DATA",
    "EHLO x",
    "ETRN a.test",
    "EXPN x",
    "HELO x",
    "HELP",
    "LHLO x",
    "MAIL FROM:<>",
    "NOOP",
    "QUIT",
    "RCPT TO:<u00002@b.test>",
    "RSET",
    "SAML FROM:<>",
    "SEND FROM:<>",
    "SOML FROM:<>",
    "STARTTLS",
    "TURN",
    "VRFY x",
    "XCLIENT ADDR=127.0.0.1",
    "XFORWARD ADDR=127.0.0.1",
];

/// Commands in their order; what is tried is the last one. `{me}` is the asker, `{t}` the owner.
struct Row {
    commands: &'static [&'static str],
    /// How the last answer begins.
    expected: [&'static str; 6],
}

const LOG_IN: &str = "AUTH PLAIN {plain-me}";
const TO: &str = "RCPT TO:<u00002@b.test>";
const AS_OWNER: &str = "MAIL FROM:<{t}>";
const AS_ME: &str = "MAIL FROM:<{me}>";
/// Logged in and refused are told apart from not logged in, and hidden is not told from missing.
const ALL: fn(&'static str) -> [&'static str; 6] = |answer| [answer; 6];

fn table() -> Vec<Row> {
    let row = |commands, expected| Row { commands, expected };
    vec![
        row(&["AUTH PLAIN {plain-me}"], ["535", "235", "235", "235", "235", "235"]),
        // RFC 4616 §2: the name to act as beside the name that the password is of.
        row(&["AUTH PLAIN {plain-as-t}"], ["535", "535", "535", "535", "535", "235"]),
        // A refusal says why first (RFC 7628 §3.2.3).
        row(&["AUTH OAUTHBEARER {bearer-me}"], ["334", "235", "235", "235", "235", "235"]),
        row(&["AUTH OAUTHBEARER {bearer-t}", "AQ=="], ["535", "535", "535", "535", "535", "500"]),
        row(&[LOG_IN, AS_OWNER], ["530", "553 5.7.1", "553 5.7.1", "553 5.7.1", "250", "250"]),
        row(
            &[LOG_IN, "MAIL FROM:<u00009@a.test>"],
            ["530", "553 5.7.1", "553 5.7.1", "553 5.7.1", "553 5.7.1", "553 5.7.1"],
        ),
        row(
            &[LOG_IN, "MAIL FROM:<nobody@a.test>"],
            ["530", "553 5.7.1", "553 5.7.1", "553 5.7.1", "553 5.7.1", "553 5.7.1"],
        ),
        row(&[LOG_IN, AS_OWNER, TO], ["503", "503", "503", "503", "250", "250"]),
        row(&[LOG_IN, AS_OWNER, TO, "DATA"], ["503", "503", "503", "503", "354", "354"]),
        row(
            &[LOG_IN, AS_OWNER, TO, "BDAT 25 LAST\r\nFrom: {t}\r\n\r\n\r\n"],
            ["503", "503", "503", "503", "250", "250"],
        ),
        // The envelope is one's own, and the header names another author.
        row(
            &[LOG_IN, AS_ME, TO, "DATA", "From: {t}\r\n\r\nhello\r\n."],
            ["500", "550 5.7.1", "550 5.7.1", "550 5.7.1", "250", "250"],
        ),
        row(&["EHLO x"], ALL("250")),
        row(&["HELO x"], ALL("250")),
        row(&["HELP"], ALL("214")),
        row(&["NOOP"], ALL("250")),
        row(&["QUIT"], ALL("221")),
        row(&[LOG_IN, "RSET"], ALL("250")),
        // There is no certificate here.
        row(&["STARTTLS"], ALL("503")),
        // Whether somebody is there is told to nobody.
        row(&[LOG_IN, "VRFY {t}"], ALL("252")),
        row(&[LOG_IN, "VRFY nobody"], ALL("252")),
    ]
}

/// What the table attacks, by name.
pub(crate) fn attacked() -> BTreeSet<String> {
    let last = |row: Row| row.commands.last().map(|command| verb(command));
    table().into_iter().filter_map(last).filter(|verb| verb != "From:" && verb != "AQ==").collect()
}

/// What there is to attack: whatever is not answered as unknown or not offered.
pub(crate) async fn operations(site: &Site) -> BTreeSet<String> {
    let address = serve(site).await;
    let mut found = BTreeSet::new();
    for command in COMMANDS {
        let answer = ask(address, &[(*command).to_owned()]).await;
        if !answer.starts_with("500") && !answer.starts_with("502") {
            found.insert(verb(command));
        }
    }
    found
}

pub(crate) fn verb(command: &str) -> String {
    command.split(' ').next().unwrap_or_default().to_owned()
}

async fn serve(site: &Site) -> SocketAddr {
    let network = site.server.network.clone();
    let surface = passerelle_surface_smtp::surface(site.server.house.door.clone(), network.clone());
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    let listener = Listener { surface: "submission", address, protocol: Protocol::Smtp, implicit_tls: false };
    let serve = Arc::new(move |connection| surface.serve(connection));
    listen(listener, network, &site.server.drainer, serve).await.expect("a listener");
    address
}

/// The answer to the last of some commands on a fresh connection.
async fn ask(address: SocketAddr, commands: &[String]) -> String {
    let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
    let mut answer = reply(&mut stream).await;
    let greets = ["EHLO ", "HELO "].iter().any(|verb| commands[0].starts_with(verb));
    let hello = (!greets).then(|| "EHLO attack.test".to_owned());
    for command in hello.iter().chain(commands) {
        stream.write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
        answer = reply(&mut stream).await;
    }
    answer
}

pub(crate) async fn reply(stream: &mut BufReader<TcpStream>) -> String {
    let mut whole = String::new();
    loop {
        let mut line = String::new();
        let read = timeout(PATIENCE, stream.read_line(&mut line)).await.expect("an answer");
        assert!(read.unwrap() > 0, "the connection ended behind {whole}");
        whole.push_str(&line);
        if line.as_bytes().get(3) != Some(&b'-') {
            return whole;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_send_as_everybody() {
    let site = Site::start().await;
    let owner = account(OWNER);
    let of_owner = Target {
        institution: owner.institution,
        owner: Some(owner.id),
        kind: ResourceKind::Account,
        tree: String::new(),
        path: String::new(),
    };
    for (who, rights) in [
        // Whoever manages an account does not speak for its owner.
        (READER, Rights::MANAGE),
        (EDITOR, Rights::SEND_AS),
        // garonne does not share with autan: this gives nothing.
        (WHO[1].unwrap(), Rights::SEND_AS),
    ] {
        let grant = Grant { to: to_account(who), rights, until: None };
        site.server.house.state.set_grant(&of_owner, &grant).await.unwrap();
    }
    let address = serve(&site).await;
    for row in table() {
        for (who, expected) in WHO.into_iter().zip(row.expected) {
            // Nobody has neither name nor password, and tries both.
            let me = who.unwrap_or("u00000@a.test");
            let password = format!("pw-{}", me.split('@').next().unwrap());
            let plain = |as_whom: &str| crate::client::base64(format!("{as_whom}\0{me}\0{password}").as_bytes());
            let (issued, login) = (passerelle_testkit::house::now().0, me.split('@').next().unwrap());
            let token = who.map_or("x".to_owned(), |_| format!("at~{login}~~{issued}~{}", issued + 600));
            let bearer =
                |login: &str| crate::client::base64(format!("n,a={login},\x01auth=Bearer {token}\x01\x01").as_bytes());
            let commands: Vec<String> = row
                .commands
                .iter()
                .map(|command| {
                    command
                        .replace("{bearer-me}", &bearer(me))
                        .replace("{bearer-t}", &bearer(OWNER))
                        .replace("{plain-me}", &plain(""))
                        .replace("{plain-as-t}", &plain(OWNER))
                        .replace("{me}", me)
                        .replace("{t}", OWNER)
                })
                .collect();
            let answer = ask(address, &commands).await;
            assert!(answer.starts_with(expected), "{:?} as {who:?}: {answer}", row.commands);
        }
    }
    let sent = site.server.mta.taken();
    assert!(
        !sent.is_empty() && sent.iter().all(|message| message.from.owner.institution == account(OWNER).institution)
    );
}
