//! ManageSieve before log-in: what anybody may say who has a connection, and whose account a password opens. After it the
//! store is the asker's own, and decides.

use crate::{OWNER, Site, WHO, server::free_port};
use passerelle_net::{Listener, Protocol, listen};
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

/// A command; `{me}` is the asker, `{t}` the owner.
struct Row {
    command: &'static str,
    /// How the last line of the answer begins.
    expected: [&'static str; 6],
}

/// The house of these tests has no filters: whoever is let in hears that there are none.
const IN: &str = "NO \"There are no filters";
const OUT: &str = "NO \"Login or password is wrong\"";
const FIRST: &str = "NO \"Log in first\"";

const TABLE: &[Row] = &[
    Row { command: "CAPABILITY", expected: ["OK"; 6] },
    Row { command: "NOOP \"x\"", expected: ["OK (TAG \"x\")"; 6] },
    Row { command: "LOGOUT", expected: ["OK"; 6] },
    Row { command: "STARTTLS", expected: ["NO \"TLS"; 6] },
    Row { command: "AUTHENTICATE \"PLAIN\" \"{plain-me}\"", expected: [OUT, IN, IN, IN, IN, IN] },
    // RFC 4616 §2: the name to act as beside the name that the password is of.
    Row { command: "AUTHENTICATE \"PLAIN\" \"{plain-as-t}\"", expected: [OUT, OUT, OUT, OUT, OUT, IN] },
    // RFC 7628 §3.2.3: a refusal waits for the client's last response.
    Row { command: "AUTHENTICATE \"OAUTHBEARER\" \"{bearer-me}\"\r\n\"*\"", expected: [OUT, IN, IN, IN, IN, IN] },
    Row { command: "AUTHENTICATE \"OAUTHBEARER\" \"{bearer-t}\"\r\n\"*\"", expected: [OUT, OUT, OUT, OUT, OUT, IN] },
    Row { command: "UNAUTHENTICATE", expected: [FIRST; 6] },
    Row { command: "HAVESPACE \"x\" 1", expected: [FIRST; 6] },
    Row { command: "PUTSCRIPT \"x\" \"keep;\"", expected: [FIRST; 6] },
    Row { command: "CHECKSCRIPT \"keep;\"", expected: [FIRST; 6] },
    Row { command: "LISTSCRIPTS", expected: [FIRST; 6] },
    Row { command: "SETACTIVE \"\"", expected: [FIRST; 6] },
    Row { command: "GETSCRIPT \"x\"", expected: [FIRST; 6] },
    Row { command: "DELETESCRIPT \"x\"", expected: [FIRST; 6] },
    Row { command: "RENAMESCRIPT \"x\" \"y\"", expected: [FIRST; 6] },
];

/// What the table attacks, by name.
pub(crate) fn attacked() -> BTreeSet<String> {
    TABLE.iter().map(|row| row.command.split(' ').next().unwrap().to_owned()).collect()
}

/// What there is to attack: every command that the surface knows, and none that it only pretends to.
pub(crate) async fn operations(site: &Site) -> BTreeSet<String> {
    let address = serve(site).await;
    assert!(ask(address, "XTND").await.starts_with("NO \"That is no command\""));
    passerelle_surface_sieve::commands().iter().map(|it| (*it).to_owned()).collect()
}

async fn serve(site: &Site) -> SocketAddr {
    let network = site.server.network.clone();
    let surface = passerelle_surface_sieve::surface(site.server.house.door.clone(), network.clone());
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    let listener = Listener { surface: "sieve", address, protocol: Protocol::Sieve, implicit_tls: false };
    let serve = Arc::new(move |connection| surface.serve(connection));
    listen(listener, network, &site.server.drainer, serve).await.expect("a listener");
    address
}

/// The line that ends the answer to one command on a fresh connection.
async fn ask(address: SocketAddr, command: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("{command}\r\n").as_bytes()).await.unwrap();
    let mut said = Vec::new();
    let reading = async {
        loop {
            let text = String::from_utf8_lossy(&said).into_owned();
            let last = |line: &&str| ["OK", "NO", "BYE"].iter().any(|word| line.starts_with(word));
            // The first one ends the greeting.
            if let Some(answer) = text.split_inclusive("\r\n").filter(|it| it.ends_with('\n')).filter(last).nth(1) {
                return answer.to_owned();
            }
            assert!(stream.read_buf(&mut said).await.unwrap() > 0, "{command}: no answer in {text}");
        }
    };
    timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("{command}: no answer"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_as_everybody() {
    let site = Site::start().await;
    let address = serve(&site).await;
    for row in TABLE {
        for (who, expected) in WHO.into_iter().zip(row.expected) {
            // Nobody has neither name nor password, and tries both.
            let me = who.unwrap_or("u00000@a.test");
            let password = format!("pw-{}", me.split('@').next().unwrap());
            let plain = |as_whom: &str| crate::client::base64(format!("{as_whom}\0{me}\0{password}").as_bytes());
            let (issued, login) = (passerelle_testkit::house::now().0, me.split('@').next().unwrap());
            let token = who.map_or("x".to_owned(), |_| format!("at~{login}~~{issued}~{}", issued + 600));
            let bearer =
                |login: &str| crate::client::base64(format!("n,a={login},\x01auth=Bearer {token}\x01\x01").as_bytes());
            let command = row.command.replace("{plain-me}", &plain("")).replace("{plain-as-t}", &plain(OWNER));
            let command = command.replace("{bearer-me}", &bearer(me)).replace("{bearer-t}", &bearer(OWNER));
            let answer = ask(address, &command).await;
            assert!(answer.starts_with(expected), "{} as {who:?}: {answer}", row.command);
        }
    }
}
