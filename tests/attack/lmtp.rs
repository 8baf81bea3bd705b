//! Delivery: nobody logs in, so that everybody who reaches it is nobody. What is asked here goes nowhere but to the stores that the
//! settings name, and says of nobody whether they are there.

use crate::{
    Site,
    server::free_port,
    smtp::{COMMANDS, reply, verb},
};
use passerelle_net::{Listener, Protocol, listen};
use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    sync::Arc,
};
use tokio::{
    io::{AsyncWriteExt, BufReader},
    net::TcpStream,
};

/// Commands in their order, the last of which is tried, and how its answer begins. No institution has `[deliver]` here.
const TABLE: &[(&[&str], &str)] = &[
    (&["LHLO x"], "250"),
    (&["LHLO x", "MAIL FROM:<>"], "250"),
    (&["MAIL FROM:<>"], "503"),
    (&["LHLO x", "RCPT TO:<u00001@a.test>"], "503"),
    // Nothing is relayed, and who is there is not told from who is not.
    (&["LHLO x", "MAIL FROM:<>", "RCPT TO:<u00001@a.test>"], "451"),
    (&["LHLO x", "MAIL FROM:<>", "RCPT TO:<nobody@a.test>"], "451"),
    (&["LHLO x", "MAIL FROM:<>", "RCPT TO:<x@elsewhere.example>"], "451"),
    (&["LHLO x", "MAIL FROM:<>", "DATA"], "503"),
    (&["NOOP"], "250"),
    (&["QUIT"], "221"),
    (&["LHLO x", "RSET"], "250"),
    (&["VRFY u00001@a.test"], "252"),
    (&["VRFY nobody"], "252"),
];

/// What the table attacks, by name.
pub(crate) fn attacked() -> BTreeSet<String> {
    TABLE.iter().filter_map(|(commands, _)| commands.last()).map(|command| verb(command)).collect()
}

/// What there is to attack: whatever is not answered as unknown.
pub(crate) async fn operations(site: &Site) -> BTreeSet<String> {
    let address = serve(site).await;
    let mut found = BTreeSet::new();
    for command in COMMANDS {
        let answer = ask(address, &["LHLO x", command]).await;
        if !answer.contains("There is no such command") && !answer.contains("This is LMTP") {
            found.insert(verb(command));
        }
    }
    found
}

async fn serve(site: &Site) -> SocketAddr {
    let network = site.server.network.clone();
    let surface = passerelle_surface_lmtp::surface(site.server.house.door.clone(), network.clone());
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    let listener = Listener { surface: "lmtp", address, protocol: Protocol::Smtp, implicit_tls: false };
    let serve = Arc::new(move |connection| surface.serve(connection));
    listen(listener, network, &site.server.drainer, serve).await.expect("a listener");
    address
}

/// The answer to the last of some commands on a fresh connection.
async fn ask(address: SocketAddr, commands: &[&str]) -> String {
    let mut stream = BufReader::new(TcpStream::connect(address).await.unwrap());
    let mut answer = reply(&mut stream).await;
    for command in commands {
        stream.write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
        answer = reply(&mut stream).await;
    }
    answer
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_deliver_by_whoever_reaches_it() {
    let site = Site::start().await;
    let address = serve(&site).await;
    for (commands, expected) in TABLE {
        let answer = ask(address, commands).await;
        assert!(answer.starts_with(expected), "{commands:?}: {answer}");
    }
}
