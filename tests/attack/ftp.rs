//! FTP: every command as everybody, over a real folder. What is hidden answers as what is missing.

use crate::{EDITOR, OWNER, READER, WHO, breaking::Breaking, server::free_port};
use passerelle_core::ports::FileStore;
use passerelle_model::Rights;
use passerelle_net::{Certificates, Drainer, Listener, Network, Protocol, listen};
use passerelle_testkit::{
    house::{HouseBuilder, TestHouse, node, to_account},
    memory_state::MemoryState,
};
use std::{
    collections::BTreeSet,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};
use tempfile::TempDir;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    time::timeout,
};

/// Longer than any answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// Behind what came by a data connection that was reset.
const CUT: &str = "<cut>";

/// A command, sent after these; `{me}` is the asker, `{t}` the owner.
struct Row {
    before: &'static [&'static str],
    command: &'static str,
    /// How the last reply begins, for each asker.
    expected: [&'static str; 6],
}

const ME: &[&str] = &["USER {me}", "PASS {password}"];

/// Who is not logged in is told so, and everybody else this.
const fn all(code: &'static str) -> [&'static str; 6] {
    ["530", code, code, code, code, code]
}

/// Whoever may read is told this.
const fn readers(code: &'static str) -> [&'static str; 6] {
    ["530", "550", "550", code, code, code]
}

/// Whoever may write.
const fn editors(code: &'static str) -> [&'static str; 6] {
    ["530", "550", "550", "550", code, code]
}

/// The owner only.
const fn owner(code: &'static str) -> [&'static str; 6] {
    ["530", "550", "550", "550", "550", code]
}

const fn row(command: &'static str, expected: [&'static str; 6]) -> Row {
    Row { before: ME, command, expected }
}

const TABLE: &[Row] = &[
    Row { before: &[], command: "FEAT", expected: ["211"; 6] },
    Row { before: &[], command: "HELP", expected: ["214"; 6] },
    Row { before: &[], command: "SYST", expected: ["215"; 6] },
    Row { before: &[], command: "NOOP", expected: ["200"; 6] },
    Row { before: &[], command: "OPTS UTF8 ON", expected: ["200"; 6] },
    Row { before: &[], command: "ACCT x", expected: ["202"; 6] },
    // There is no certificate here.
    Row { before: &[], command: "AUTH TLS", expected: ["534"; 6] },
    Row { before: &[], command: "PBSZ 0", expected: ["503"; 6] },
    Row { before: &[], command: "PROT P", expected: ["503"; 6] },
    Row { before: &[], command: "CCC", expected: ["533"; 6] },
    Row { before: &[], command: "QUIT", expected: ["221"; 6] },
    // Whether there is such a person is not told.
    Row { before: &[], command: "USER {t}", expected: ["331"; 6] },
    Row { before: &["USER {me}"], command: "PASS {password}", expected: all("230") },
    Row { before: &["USER {t}"], command: "PASS {password}", expected: ["530", "530", "530", "530", "530", "230"] },
    row("TYPE I", all("200")),
    row("MODE S", all("200")),
    row("STRU F", all("200")),
    row("ALLO 1", all("200")),
    row("PWD", all("257")),
    row("CDUP", all("250")),
    row("REST 1", all("350")),
    row("ABOR", all("226")),
    row("STAT", all("211")),
    row("PASV", all("227")),
    row("EPSV", all("229")),
    // The gateway connects to nobody.
    row("PORT 127,0,0,1,4,1", all("502")),
    row("EPRT |1|127.0.0.1|1025|", all("502")),
    row("MFMT 19700101000000 /{t}/shared/f", all("502")),
    row("SITE CHMOD 777 /{t}/shared/f", all("502")),
    row("REIN", all("502")),
    row("CWD /{t}/shared", readers("250")),
    row("CWD /{t}", readers("250")),
    row("CWD /{t}/private", owner("250")),
    row("LIST /{t}/shared", readers("226")),
    row("NLST /{t}/shared", readers("226")),
    row("MLSD /{t}/shared", readers("226")),
    row("MLST /{t}/shared/f", readers("250")),
    row("SIZE /{t}/shared/f", readers("213")),
    row("MDTM /{t}/shared/f", readers("213")),
    row("RETR /{t}/shared/f", readers("226")),
    row("STOR /{t}/shared/f", editors("226")),
    row("STOR /{t}/shared/new", editors("226")),
    row("APPE /{t}/shared/f", editors("226")),
    row("DELE /{t}/shared/f", editors("250")),
    row("RMD /{t}/shared/empty", editors("250")),
    row("MKD /{t}/shared/made", editors("257")),
    row("RNFR /{t}/shared/f", editors("350")),
    Row { before: &["USER {me}", "PASS {password}", "CWD /{t}/shared"], command: "STOU", expected: editors("226") },
    Row {
        before: &["USER {me}", "PASS {password}", "RNFR /{t}/shared/f"],
        command: "RNTO /{t}/shared/new",
        expected: ["530", "503", "503", "503", "250", "250"],
    },
    Row {
        before: &["USER {me}", "PASS {password}", "RNFR /{me}/mine"],
        command: "RNTO /{t}/shared/f",
        expected: editors("250"),
    },
    // What lies beside what is shared.
    row("LIST /{t}/private", owner("226")),
    row("NLST /{t}/private", owner("226")),
    row("MLSD /{t}/private", owner("226")),
    row("MLST /{t}/private/f", owner("250")),
    row("SIZE /{t}/private/f", owner("213")),
    row("MDTM /{t}/private/f", owner("213")),
    row("RETR /{t}/private/f", owner("226")),
    row("STOR /{t}/private/f", owner("226")),
    row("STOR /{t}/private/new", owner("226")),
    row("APPE /{t}/private/f", owner("226")),
    row("DELE /{t}/private/f", owner("250")),
    row("RMD /{t}/private/empty", owner("250")),
    row("MKD /{t}/private/made", owner("257")),
    row("RNFR /{t}/private/f", owner("350")),
    // There is no way around by names.
    row("RETR /{t}/shared/../private/f", owner("226")),
    row("RETR /{me}/../{t}/private/f", owner("226")),
];

/// What the table attacks, by name.
pub(crate) fn attacked() -> BTreeSet<String> {
    TABLE.iter().map(|row| row.command.split(' ').next().unwrap().to_owned()).collect()
}

/// What there is to attack, as the surface says it.
pub(crate) fn operations() -> BTreeSet<String> {
    passerelle_surface_ftp::commands().iter().map(|it| (*it).to_owned()).collect()
}

struct Place {
    house: TestHouse,
    folder: TempDir,
    address: SocketAddr,
    _drainer: Drainer,
}

impl Place {
    async fn open() -> Self {
        Self::open_over(|store| store).await
    }

    async fn open_over(made: impl Fn(Arc<dyn FileStore>) -> Arc<dyn FileStore>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = || made(crate::server::local(folder.path(), false));
        let house = HouseBuilder::new(Arc::new(MemoryState::new())).files("garonne", store()).files("autan", store());
        let house = house.open().await.unwrap();
        let settings = crate::server::settings();
        let network = Network::new(&settings, Certificates::load(&settings).expect("no certificate"));
        let surface = passerelle_surface_ftp::surface(house.door.clone(), network.clone());
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, free_port()));
        let listener = Listener { surface: "ftp", address, protocol: Protocol::Ftp, implicit_tls: false };
        let drainer = Drainer::default();
        listen(listener, network, &drainer, Arc::new(move |it| surface.serve(it))).await.expect("a listener");
        Self { house, folder, address, _drainer: drainer }
    }

    fn on_disk(&self, address: &str, path: &str) -> PathBuf {
        let (login, domain) = address.split_once('@').unwrap();
        let institution = if domain == "a.test" { "garonne" } else { "autan" };
        self.folder.path().join(institution).join(login).join(path)
    }

    fn read(&self, path: &str) -> Option<String> {
        std::fs::read_to_string(self.on_disk(OWNER, path)).ok()
    }

    async fn arrange(&self) {
        let _ = std::fs::remove_dir_all(self.folder.path().join("garonne"));
        for who in WHO.into_iter().flatten() {
            let mine = self.on_disk(who, "mine");
            std::fs::create_dir_all(mine.parent().unwrap()).unwrap();
            std::fs::write(mine, "mine").unwrap();
        }
        for folder in ["shared", "private"] {
            std::fs::create_dir_all(self.on_disk(OWNER, folder).join("empty")).unwrap();
            std::fs::write(self.on_disk(OWNER, folder).join("f"), "content").unwrap();
        }
        self.house.state.gone(&node(OWNER, "").target()).await.unwrap();
        let write = Rights::EDIT.union(Rights::ADD).union(Rights::REMOVE);
        for (who, rights) in [(READER, Rights::READ), (EDITOR, write)] {
            self.house.grant(OWNER, "shared", to_account(who), rights).await.unwrap();
        }
    }

    /// Says these lines; the last reply to the last of them, and what came by data.
    async fn say(&self, lines: &[String]) -> (String, String) {
        let mut control = BufReader::new(TcpStream::connect(self.address).await.unwrap());
        reply(&mut control).await;
        let mut answer = (String::new(), String::new());
        for line in lines {
            let verb = line.split(' ').next().unwrap();
            let moves = ["LIST", "NLST", "MLSD", "RETR", "STOR", "STOU", "APPE"].contains(&verb);
            let port = if moves { say(&mut control, "EPSV").await } else { String::new() };
            let port: Option<u16> = port.split('|').nth(3).and_then(|port| port.parse().ok());
            answer = (say(&mut control, line).await, String::new());
            if answer.0.starts_with("150") {
                let content = ["STOR", "STOU", "APPE"].contains(&verb).then_some("sent");
                if carry(port.unwrap(), content, &mut answer.1).await.is_err() {
                    answer.1.push_str(CUT);
                }
                answer.0 = reply(&mut control).await;
            }
        }
        answer
    }
}

/// Sends or receives by a data connection; a reset may come as early as in connecting.
async fn carry(port: u16, content: Option<&str>, received: &mut String) -> std::io::Result<()> {
    let mut data = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await?;
    if let Some(content) = content {
        data.write_all(content.as_bytes()).await?;
        return data.shutdown().await;
    }
    data.read_to_string(received).await.map(drop)
}

async fn say(control: &mut BufReader<TcpStream>, line: &str) -> String {
    control.get_mut().write_all(format!("{line}\r\n").as_bytes()).await.unwrap();
    reply(control).await
}

async fn reply(control: &mut BufReader<TcpStream>) -> String {
    let reading = async {
        let mut whole = String::new();
        loop {
            let mut line = String::new();
            assert!(control.read_line(&mut line).await.unwrap() > 0, "no answer behind {whole}");
            whole.push_str(&line);
            if line.as_bytes()[..3].iter().all(u8::is_ascii_digit) && line.as_bytes()[3] == b' ' {
                return whole;
            }
        }
    };
    timeout(PATIENCE, reading).await.expect("no answer")
}

fn fill(text: &str, who: Option<&str>, target: &str) -> String {
    // Nobody has neither name nor password, and tries both.
    let me = who.unwrap_or("u00000@a.test");
    let password = format!("pw-{}", me.split('@').next().unwrap());
    text.replace("{password}", &password).replace("{me}", me).replace("{t}", target)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_command_as_everybody() {
    let place = Place::open().await;
    let mut wrong = Vec::new();
    for row in TABLE {
        for (who, expected) in WHO.into_iter().zip(row.expected) {
            place.arrange().await;
            let lines: Vec<String> = row.before.iter().chain([&row.command]).map(|it| fill(it, who, OWNER)).collect();
            let (answer, data) = place.say(&lines).await;
            if !answer.starts_with(expected) {
                wrong.push(format!("{} as {who:?}: {answer} and not {expected}", row.command));
            }
            if expected.starts_with('5') {
                let untouched = place.read("shared/f").as_deref() == Some("content")
                    && place.read("private/f").as_deref() == Some("content")
                    && std::fs::read_dir(place.on_disk(OWNER, "shared")).unwrap().count() == 2
                    && std::fs::read_dir(place.on_disk(OWNER, "private")).unwrap().count() == 2;
                assert!(untouched, "{} as {who:?} left a trace", row.command);
                assert!(data.is_empty() && !answer.contains("content"), "{} as {who:?}: {data}", row.command);
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hidden_answers_as_missing() {
    let place = Place::open().await;
    place.arrange().await;
    for who in WHO.into_iter().flatten().filter(|who| *who != OWNER) {
        for row in TABLE.iter().filter(|row| row.command.contains("/private")) {
            let mut answers = Vec::new();
            // One is there and hidden, one is not there, one is of nobody.
            for (target, name) in [(OWNER, "private"), (OWNER, "missing"), ("u00404@a.test", "private")] {
                let command = row.command.replace("private", name);
                let lines = row
                    .before
                    .iter()
                    .chain([&command.as_str()])
                    .map(|it| fill(it, Some(who), target))
                    .collect::<Vec<_>>();
                answers.push(place.say(&lines).await);
            }
            assert!(answers[0].0.starts_with("550"), "{} as {who}: {answers:?}", row.command);
            assert!(answers.iter().all(|it| *it == answers[0]), "{} as {who}: {answers:?}", row.command);
        }
    }
}

/// Reading shows what is shared and the way there, and not a name beside it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn listings_show_what_is_shared_only() {
    let place = Place::open().await;
    place.arrange().await;
    let list = async |who: &str, path: &str| {
        let lines = [ME[0], ME[1], &format!("NLST {path}")].map(|it| fill(it, Some(who), OWNER));
        place.say(&lines).await.1
    };
    assert_eq!(list(READER, "/").await, "u00006\r\nu00001\r\n");
    assert_eq!(list("u00005@a.test", "/").await, "u00005\r\n");
    assert_eq!(list(READER, "/{t}").await, "shared\r\n");
    let mut shared: Vec<String> = list(READER, "/{t}/shared").await.lines().map(str::to_owned).collect();
    shared.sort();
    assert_eq!(shared, ["empty", "f"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_store_breaks_off_looks_cut() {
    let place = Place::open_over(|store| Arc::new(Breaking(store))).await;
    place.arrange().await;
    std::fs::write(place.on_disk(OWNER, "shared/large"), "x".repeat(1_000_000)).unwrap();
    for command in ["LIST /{t}/shared", "NLST /{t}/shared", "MLSD /{t}/shared", "RETR /{t}/shared/large"] {
        let lines = [ME[0], ME[1], command].map(|it| fill(it, Some(OWNER), OWNER));
        let (answer, data) = place.say(&lines).await;
        assert!(answer.starts_with("451 "), "{command}: {answer}");
        assert!(data.ends_with(CUT), "{command}: what came of it looks whole");
    }
    // A folder is not removed when it cannot be seen that it is empty.
    let lines = [ME[0], ME[1], "RMD /{t}/shared/empty"].map(|it| fill(it, Some(OWNER), OWNER));
    assert!(place.say(&lines).await.0.starts_with("451 "));
    assert!(place.on_disk(OWNER, "shared/empty").exists());
}
