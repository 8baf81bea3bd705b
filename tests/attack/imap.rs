//! IMAP before log-in: what anybody may say who has a connection. After it the store is the asker's own, and decides.

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

/// Every command of RFC 3501, RFC 9051 and the extensions that stores have, as whoever is not logged in might send it.
const COMMANDS: &[&str] = &[
    "APPEND INBOX {3+}\r\nabc",
    "AUTHENTICATE PLAIN AHgAeA==",
    "CANCELUPDATE \"x\"",
    "CAPABILITY",
    "CHECK",
    "CLOSE",
    "COMPRESS DEFLATE",
    "COPY 1 x",
    "CREATE x",
    "DELETE x",
    "DELETEACL INBOX x",
    "ENABLE CONDSTORE",
    "EXAMINE INBOX",
    "EXPUNGE",
    "FETCH 1 FLAGS",
    "GENURLAUTH imap://x INTERNAL",
    "GETACL INBOX",
    "GETMETADATA INBOX /shared",
    "GETQUOTA x",
    "GETQUOTAROOT INBOX",
    "ID NIL",
    "IDLE",
    "LIST \"\" *",
    "LISTRIGHTS INBOX x",
    "LOGIN x x",
    "LOGOUT",
    "LSUB \"\" *",
    "MOVE 1 x",
    "MYRIGHTS INBOX",
    "NAMESPACE",
    "NOOP",
    "NOTIFY NONE",
    "PROXYAUTH x",
    "RENAME x y",
    "RESETKEY",
    "SEARCH ALL",
    "SELECT INBOX",
    "SETACL INBOX x l",
    "SETMETADATA INBOX (/shared NIL)",
    "SETQUOTA x (STORAGE 1)",
    "SORT (DATE) UTF-8 ALL",
    "STARTTLS",
    "STATUS INBOX (MESSAGES)",
    "STORE 1 FLAGS ()",
    "SUBSCRIBE x",
    "THREAD REFERENCES UTF-8 ALL",
    "UID FETCH 1 FLAGS",
    "UNAUTHENTICATE",
    "UNSELECT",
    "UNSUBSCRIBE x",
    "XSTATUS",
];

/// Logging in in somebody's name, with one's own password. `{me}` is the asker, `{t}` the owner.
struct Row {
    command: &'static str,
    /// How the tagged answer begins.
    expected: [&'static str; 6],
}

/// The house of these tests has no mail store: whoever is let in hears that there is none.
const IN: &str = "NO [CANNOT]";
const OUT: &str = "NO [AUTHENTICATIONFAILED]";

const TABLE: &[Row] = &[
    Row { command: "LOGIN {me} {password}", expected: [OUT, IN, IN, IN, IN, IN] },
    Row { command: "LOGIN {t} {password}", expected: [OUT, OUT, OUT, OUT, OUT, IN] },
    Row { command: "LOGIN \"{me}*{t}\" {password}", expected: [OUT; 6] },
    Row { command: "AUTHENTICATE PLAIN {plain-me}", expected: [OUT, IN, IN, IN, IN, IN] },
    // RFC 4616 §2: the name to act as beside the name that the password is of.
    Row { command: "AUTHENTICATE PLAIN {plain-as-t}", expected: [OUT, OUT, OUT, OUT, OUT, IN] },
    // RFC 7628 §3.2.3: a refusal waits for the client's last response.
    Row { command: "AUTHENTICATE OAUTHBEARER {bearer-me}\r\n*", expected: [OUT, IN, IN, IN, IN, IN] },
    Row { command: "AUTHENTICATE OAUTHBEARER {bearer-t}\r\n*", expected: [OUT, OUT, OUT, OUT, OUT, IN] },
];

/// What the table attacks, by name.
pub(crate) fn attacked() -> BTreeSet<String> {
    TABLE.iter().map(|row| verb(row.command)).collect()
}

/// What there is to attack: whatever is not answered with BAD.
pub(crate) async fn operations(site: &Site) -> BTreeSet<String> {
    let address = serve(site).await;
    let mut found = BTreeSet::new();
    for command in COMMANDS {
        let answer = ask(address, command).await;
        if !answer.starts_with("BAD ") {
            found.insert(verb(command));
        }
    }
    found
}

fn verb(command: &str) -> String {
    command.split(' ').next().unwrap_or_default().to_owned()
}

async fn serve(site: &Site) -> SocketAddr {
    let network = site.server.network.clone();
    let surface = passerelle_surface_imap::surface(site.server.house.door.clone(), network.clone());
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
    let listener = Listener { surface: "imap", address, protocol: Protocol::Imap, implicit_tls: false };
    let serve = Arc::new(move |connection| surface.serve(connection));
    listen(listener, network, &site.server.drainer, serve).await.expect("a listener");
    address
}

/// The tagged answer to one command on a fresh connection, without its tag.
async fn ask(address: SocketAddr, command: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(format!("t {command}\r\n").as_bytes()).await.unwrap();
    let mut said = Vec::new();
    let reading = async {
        loop {
            let text = String::from_utf8_lossy(&said).into_owned();
            let tagged = |line: &str| line.strip_prefix("t ").map(str::to_owned);
            if let Some(answer) = text.split_inclusive("\r\n").filter(|it| it.ends_with('\n')).find_map(tagged) {
                return answer;
            }
            assert!(stream.read_buf(&mut said).await.unwrap() > 0, "{command}: no answer in {text}");
        }
    };
    timeout(PATIENCE, reading).await.unwrap_or_else(|_| panic!("{command}: no answer"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_way_to_log_in_as_everybody() {
    let site = Site::start().await;
    let address = serve(&site).await;
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
            let command = row
                .command
                .replace("{bearer-me}", &bearer(me))
                .replace("{bearer-t}", &bearer(OWNER))
                .replace("{plain-me}", &plain(""))
                .replace("{plain-as-t}", &plain(OWNER))
                .replace("{password}", &password)
                .replace("{me}", me)
                .replace("{t}", OWNER);
            let answer = ask(address, &command).await;
            assert!(answer.starts_with(expected), "{} as {who:?}: {answer}", row.command);
        }
    }
}

fn base64(text: &str) -> String {
    crate::client::base64(text.as_bytes())
}
