//! Connections that are kept: for the same person and for nobody else, after the store has said that they are clean, and gone
//! with what they were opened for. The store here counts who logs in.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use passerelle_core::{Errand, Manage, Read, Session, config::Block, ports::MailStore};
use passerelle_model::{Account, AccountRef, Grant, Grantee, MailboxRef, Rights};
use passerelle_testkit::{
    house::{HouseBuilder, TestHouse},
    memory_state::MemoryState,
};
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    sync::{Arc, Mutex, mpsc},
    thread,
    time::Duration,
};

/// How long what has to come may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What the store says of every mailbox.
const COUNTS: &str = "MESSAGES 0 UNSEEN 0 UIDVALIDITY 1 UIDNEXT 1 HIGHESTMODSEQ 1";

struct Counting {
    store: Arc<dyn MailStore>,
    /// What was said, with the number of the connection that it was said on.
    told: Arc<Mutex<Vec<(usize, String)>>>,
    /// The connections that have ended.
    ended: mpsc::Receiver<usize>,
}

impl Counting {
    /// A store that answers everything; with `dirty` it hangs up once it has told the counts of a mailbox.
    fn new(capabilities: &'static str, dirty: bool, master: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let told: Arc<Mutex<Vec<(usize, String)>>> = Arc::default();
        let kept = Arc::clone(&told);
        let (sender, ended) = mpsc::channel();
        thread::spawn(move || {
            for (number, stream) in listener.incoming().flatten().enumerate() {
                let (kept, sender) = (Arc::clone(&kept), sender.clone());
                thread::spawn(move || {
                    let mut reader = BufReader::new(stream);
                    reader.get_mut().write_all(b"* OK [CAPABILITY IMAP4rev1 SASL-IR] hello\r\n").unwrap();
                    let mut line = String::new();
                    while reader.read_line(&mut line).is_ok_and(|length| length > 0) {
                        let (tag, command) = line.trim_end().split_once(' ').unwrap();
                        kept.lock().unwrap().push((number, command.to_owned()));
                        let said = match command.split(' ').next().unwrap() {
                            "AUTHENTICATE" => format!("{tag} OK [CAPABILITY IMAP4rev1 {capabilities}] in\r\n"),
                            "LIST" => format!("* LIST () \"/\" \"\"\r\n{tag} OK\r\n"),
                            "STATUS" => format!("* STATUS INBOX ({COUNTS})\r\n{tag} OK\r\n"),
                            "EXAMINE" => format!("* 0 EXISTS\r\n* OK [UIDVALIDITY 1] x\r\n{tag} OK\r\n"),
                            _ => format!("{tag} OK\r\n"),
                        };
                        if reader.get_mut().write_all(said.as_bytes()).is_err()
                            || dirty && command.starts_with("STATUS")
                        {
                            break;
                        }
                        line.clear();
                    }
                    let _ = sender.send(number);
                });
            }
        });
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("master"), "secret").unwrap();
        let master = if master { "[master]\nuser = 'gateway'\npassword = { file = 'master' }\n" } else { "" };
        let text = format!("address = '{address}'\ntls = 'none'\n{master}");
        let block = Block::from_text("x.mail", &folder.path().join("institution.toml"), &text);
        Self { store: (passerelle_mail_imap::FACTORY.build)(&block).unwrap(), told, ended }
    }

    async fn house(&self) -> TestHouse {
        HouseBuilder::new(Arc::new(MemoryState::new())).mail("garonne", Arc::clone(&self.store)).open().await.unwrap()
    }

    fn log_ins(&self) -> usize {
        self.times("AUTHENTICATE")
    }

    fn has_told(&self, verb: &str) -> bool {
        self.times(verb) > 0
    }

    fn times(&self, verb: &str) -> usize {
        self.told.lock().unwrap().iter().filter(|(_, it)| it.starts_with(verb)).count()
    }
}

async fn log_in(house: &TestHouse, login: &str) -> Session {
    house.login(&format!("{login}@a.test"), Errand::Mail).await.unwrap()
}

fn inbox(of: &str) -> MailboxRef {
    let institution = passerelle_model::InstitutionId::parse("garonne").unwrap();
    let id = passerelle_model::AccountId::parse(of).unwrap();
    MailboxRef { owner: Account { institution, id }, name: "INBOX".to_owned() }
}

async fn look(session: &Session, of: &str) {
    session.open::<_, Read>(inbox(of)).await.unwrap().status().await.unwrap();
}

async fn open_and_close(session: &Session, of: &str) {
    let reading = session.open::<_, Read>(inbox(of)).await.unwrap();
    reading.keep_open(None).await.unwrap().close().await;
}

#[tokio::test]
async fn the_same_person_is_served_by_one_connection() {
    let store = Counting::new("UNSELECT", false, true);
    let house = store.house().await;
    let session = log_in(&house, "u00001").await;
    look(&session, "u00001").await;
    look(&session, "u00001").await;
    open_and_close(&session, "u00001").await;
    open_and_close(&session, "u00001").await;
    // Another session of the same person, and the same way into the store.
    look(&log_in(&house, "u00001").await, "u00001").await;
    assert_eq!(store.log_ins(), 1);
    assert!(store.has_told("UNSELECT") && !store.has_told("CLOSE"));
}

#[tokio::test]
async fn another_person_is_never_served_by_it() {
    let store = Counting::new("UNSELECT", false, true);
    let house = store.house().await;
    let (one, other) = (log_in(&house, "u00001").await, log_in(&house, "u00002").await);
    look(&one, "u00001").await;
    look(&other, "u00002").await;
    assert_eq!(store.log_ins(), 2);
    // Not even on the same mailbox: what is shared is opened by each for themselves.
    let grantee = Grantee::Account(inbox("u00002").owner);
    let grant = Grant { to: grantee, rights: Rights::READ, until: None };
    one.open::<_, Manage>(inbox("u00001")).await.unwrap().share(&grant).await.unwrap();
    look(&other, "u00001").await;
    assert_eq!(store.log_ins(), 3);
    look(&one, "u00001").await;
    look(&other, "u00001").await;
    look(&other, "u00002").await;
    assert_eq!(store.log_ins(), 3);
}

#[tokio::test]
async fn what_is_not_clean_serves_nobody() {
    let store = Counting::new("UNSELECT", true, true);
    let house = store.house().await;
    let session = log_in(&house, "u00001").await;
    look(&session, "u00001").await;
    let ended = store.ended.recv_timeout(PATIENCE);
    assert_eq!(ended, Ok(0));
    look(&session, "u00001").await;
    assert_eq!(store.log_ins(), 2, "the store hung up on the first");
    // Without UNSELECT an open mailbox can be left by CLOSE only, which removes what is marked.
    let store = Counting::new("", false, true);
    let house = store.house().await;
    let session = log_in(&house, "u00001").await;
    open_and_close(&session, "u00001").await;
    open_and_close(&session, "u00001").await;
    assert_eq!(store.log_ins(), 2);
    assert!(!store.has_told("CLOSE"));
}

#[tokio::test]
async fn a_mailbox_that_was_looked_into_is_caught_up_with() {
    let store = Counting::new("ENABLE QRESYNC UNSELECT", false, true);
    let house = store.house().await;
    let session = log_in(&house, "u00001").await;
    for _ in 0..3 {
        open_and_close(&session, "u00001").await;
    }
    assert_eq!((store.log_ins(), store.times("EXAMINE"), store.times("UNSELECT")), (1, 1, 0));
    // What is open may be behind what is: whoever only counts is told by another connection, which serves the next one too.
    look(&session, "u00001").await;
    look(&session, "u00001").await;
    open_and_close(&session, "u00001").await;
    assert_eq!((store.log_ins(), store.times("EXAMINE"), store.times("UNSELECT")), (2, 1, 0));
}

#[tokio::test]
async fn a_content_that_was_left_is_not_kept() {
    let store = Counting::new("UNSELECT", false, true);
    let house = store.house().await;
    let session = log_in(&house, "u00001").await;
    let reading = session.open::<_, Read>(inbox("u00001")).await.unwrap();
    // Dropped, and not closed.
    drop(reading.keep_open(None).await.unwrap());
    look(&session, "u00001").await;
    assert_eq!(store.log_ins(), 2);
}

#[tokio::test]
async fn the_persons_own_password_opens_what_it_opened() {
    let store = Counting::new("UNSELECT", false, false);
    let house = store.house().await;
    look(&log_in(&house, "u00001").await, "u00001").await;
    look(&log_in(&house, "u00001").await, "u00001").await;
    assert_eq!(store.log_ins(), 1);
    assert!(!format!("{:?}", store.told.lock().unwrap().last()).contains("pw-u00001"));
}

#[tokio::test]
async fn a_withdrawal_ends_it_at_once() {
    let store = Counting::new("UNSELECT", false, true);
    let house = store.house().await;
    let session = log_in(&house, "u00001").await;
    look(&session, "u00001").await;
    session.open::<_, Manage>(AccountRef(inbox("u00001").owner)).await.unwrap().end_everything().await.unwrap();
    let ended = tokio::task::spawn_blocking(move || store.ended.recv_timeout(PATIENCE)).await.unwrap();
    assert_eq!(ended, Ok(0), "long before its time is over");
}

#[tokio::test]
async fn only_so_many_are_kept() {
    let store = Counting::new("UNSELECT", false, true);
    let house = store.house().await;
    let session = log_in(&house, "u00001").await;
    let mut open = Vec::new();
    for _ in 0..6 {
        open.push(session.open::<_, Read>(inbox("u00001")).await.unwrap().keep_open(None).await.unwrap());
    }
    for one in open {
        one.close().await;
    }
    // The two end side by side, and either may be seen first.
    let ended = tokio::task::spawn_blocking(move || {
        let mut both = [store.ended.recv_timeout(PATIENCE), store.ended.recv_timeout(PATIENCE)];
        both.sort_by_key(|one| one.ok());
        both
    });
    assert_eq!(ended.await.unwrap(), [Ok(0), Ok(1)], "the ones that have waited longest");
}
