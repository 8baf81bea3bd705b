//! Stores that are odd, limited or wrong, as no real one of the campus is: what they say is written here, command by command.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use futures::StreamExt;
use passerelle_core::{
    Error, Read, Remove, Result,
    config::Block,
    ports::{Direction, Flag, Found, Item, Items, LastingNames, MailStore, Query, Search, Section, SortBy, SortKey},
};
use passerelle_testkit::mail_contract::{owner, read};
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    path::Path,
    sync::{Arc, LazyLock, Mutex},
    thread,
};

/// A store that follows a script; what it was told is kept.
struct Odd {
    store: Arc<dyn MailStore>,
    told: Arc<Mutex<Vec<String>>>,
}

impl Odd {
    /// `script` is what it says to a command before its tagged OK; or, with `{tag}` in it, instead of that.
    fn new(capabilities: &'static str, script: impl Fn(&str) -> &'static str + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let text = format!("address = '{}'\ntls = 'none'\ntimeout_ms = 5000\n", listener.local_addr().unwrap());
        let told: Arc<Mutex<Vec<String>>> = Arc::default();
        let kept = Arc::clone(&told);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let mut reader = BufReader::new(stream);
                reader.get_mut().write_all(b"* OK [CAPABILITY IMAP4rev1 SASL-IR] odd\r\n").unwrap();
                let mut line = String::new();
                while reader.read_line(&mut line).is_ok_and(|length| length > 0) {
                    let (tag, command) = line.trim_end().split_once(' ').unwrap();
                    let said = if command.starts_with("AUTHENTICATE") {
                        format!("{tag} OK [CAPABILITY IMAP4rev1 {capabilities}] in\r\n")
                    } else if command == "LIST \"\" \"\"" {
                        format!("* LIST (\\Noselect) \"/\" \"\"\r\n{tag} OK done\r\n")
                    } else {
                        kept.lock().unwrap().push(command.to_owned());
                        let said = script(command);
                        let ok = format!("{tag} OK done\r\n");
                        if said.contains("{tag}") { said.replace("{tag}", tag) } else { format!("{said}{ok}") }
                    };
                    if reader.get_mut().write_all(said.as_bytes()).is_err() {
                        break;
                    }
                    line.clear();
                }
            }
        });
        let block = Block::from_text("x.mail", Path::new("x.toml"), &text);
        Self { store: (passerelle_mail_imap::FACTORY.build)(&block).unwrap(), told }
    }

    async fn list(&self) -> Result<usize> {
        let (session, mailbox) = owner(Arc::clone(&self.store), "u00001", "INBOX").await;
        let mut open = session.open::<_, Read>(mailbox).await?.keep_open(None).await?;
        Ok(open.list(LastingNames::Untold).await?.len())
    }

    async fn read(&self) -> Result<Vec<u8>> {
        let (session, mailbox) = owner(Arc::clone(&self.store), "u00001", "INBOX").await;
        let mut open = session.open::<_, Read>(mailbox).await?.keep_open(None).await?;
        read(&mut open, 7, Section::Message).await
    }

    async fn find(&self, sort: Vec<SortKey>) -> Result<Found> {
        let (session, mailbox) = owner(Arc::clone(&self.store), "u00001", "INBOX").await;
        let mut open = session.open::<_, Read>(mailbox).await?.keep_open(None).await?;
        open.find(&Query { search: Search::Everything, sort, window: None }).await
    }

    async fn remove(&self) -> Result<()> {
        let (session, mailbox) = owner(Arc::clone(&self.store), "u00001", "INBOX").await;
        let mut open = session.open::<_, Read>(mailbox.clone()).await?.keep_open(None).await?;
        let with = session.open::<_, Remove>(mailbox).await?;
        open.remove(&with, &[7]).await
    }

    /// Whether it was told a command that begins so.
    fn was_told(&self, verb: &str) -> bool {
        self.told.lock().unwrap().iter().any(|command| command.starts_with(verb))
    }
}

const OPENED: &str = "* 1 EXISTS\r\n* OK [UIDVALIDITY 5] ok\r\n";
const REPLACED: &str = "* 1 EXISTS\r\n* OK [UIDVALIDITY 6] ok\r\n";

fn word<T>(outcome: Result<T>) -> Option<&'static str> {
    outcome.err().map(|error: Error| error.word())
}

#[tokio::test]
async fn a_mailbox_that_was_replaced_loses_nothing() {
    let odd = Odd::new("UIDPLUS", |command| if command.starts_with("SELECT") { REPLACED } else { OPENED });
    assert_eq!(word(odd.remove().await), Some("conflict"));
    assert!(odd.was_told("SELECT") && !odd.was_told("UID STORE") && !odd.was_told("UID EXPUNGE"));
}

#[tokio::test]
async fn without_uidplus_nothing_is_marked() {
    let odd = Odd::new("", |_| OPENED);
    assert_eq!(word(odd.remove().await), Some("unsupported"));
    assert!(!odd.was_told("SELECT") && !odd.was_told("UID STORE") && !odd.was_told("EXPUNGE"));
}

#[tokio::test]
async fn an_ok_is_not_believed_while_the_message_is_there() {
    let odd = Odd::new("UIDPLUS", |command| match command {
        select if select.starts_with("SELECT") || select.starts_with("EXAMINE") => OPENED,
        search if search.starts_with("UID SEARCH") => "* SEARCH 7\r\n",
        _ => "",
    });
    assert_eq!(word(odd.remove().await), Some("unavailable"));
    assert!(odd.was_told("UID EXPUNGE 7"));
}

#[tokio::test]
async fn a_refusal_to_mark_is_forbidden_and_nothing_goes() {
    let odd =
        Odd::new(
            "UIDPLUS",
            |command| {
                if command.starts_with("UID STORE") { "{tag} NO [NOPERM] not yours\r\n" } else { OPENED }
            },
        );
    assert_eq!(word(odd.remove().await), Some("forbidden"));
    assert!(!odd.was_told("UID EXPUNGE"));
    let odd = Odd::new("UIDPLUS", |command| {
        if command.starts_with("SELECT") {
            "* 1 EXISTS\r\n* OK [UIDVALIDITY 5] ok\r\n{tag} OK [READ-ONLY] only to look\r\n"
        } else {
            OPENED
        }
    });
    assert_eq!(word(odd.remove().await), Some("forbidden"));
    assert!(!odd.was_told("UID STORE"));
}

#[tokio::test]
async fn a_listing_is_whole_or_none() {
    let odd = Odd::new("", |command| {
        if command.starts_with("EXAMINE") {
            "* 2 EXISTS\r\n* OK [UIDVALIDITY 5] ok\r\n"
        } else {
            "* 1 FETCH (UID 7 RFC822.SIZE 3 FLAGS ())\r\n"
        }
    });
    assert_eq!(word(odd.list().await), Some("unavailable"), "one of two, and an OK");
    let odd = Odd::new("", |command| {
        if command.starts_with("EXAMINE") { "* 4000000000 EXISTS\r\n* OK [UIDVALIDITY 5] ok\r\n" } else { "" }
    });
    assert_eq!(word(odd.list().await), Some("too large"));
    assert!(!odd.was_told("FETCH"));
}

#[tokio::test]
async fn contents_in_every_form_and_none() {
    for (said, expected) in [
        ("* 3 EXISTS\r\n* 1 FETCH (UID 7 BODY[] {5}\r\na)\r\nb)\r\n", Ok(b"a)\r\nb".to_vec())),
        ("* 1 FETCH (BODY[] {2}\r\nab UID 7 X {3}\r\nxyz)\r\n* 2 EXPUNGE\r\n", Ok(b"ab".to_vec())),
        ("* 1 FETCH (X {3}\r\nxyz)\r\n* 1 FETCH (UID 7 BODY[] \"a \\\"b\\\"\")\r\n", Ok(b"a \"b\"".to_vec())),
        ("* 1 FETCH (UID 7 BODY[] {0}\r\n)\r\n", Ok(Vec::new())),
        ("* 1 FETCH (UID 7 BODY[] NIL)\r\n", Err("not found")),
        ("", Err("not found")),
        ("{tag} NO gone\r\n", Err("not found")),
        ("{tag} BAD what\r\n", Err("unavailable")),
        ("* BYE over\r\n{tag}", Err("unavailable")),
        // The store said no after the octets: what came is not the whole.
        ("* 1 FETCH (UID 7 BODY[] {2}\r\nab)\r\n{tag} NO broken\r\n", Err("unavailable")),
    ] {
        let odd = Odd::new("", move |command| if command.starts_with("EXAMINE") { OPENED } else { said });
        let read = odd.read().await.map_err(|error| error.word());
        assert_eq!(read, expected, "{said:?}");
    }
}

#[tokio::test]
async fn what_nobody_asked_for_is_no_answer() {
    let changed_elsewhere = "* 9 FETCH (UID 99 FLAGS (\\Seen))\r\n* 2 FETCH (UID 8 FLAGS (\\Seen))\r\n\
        * 1 FETCH (UID 7 FLAGS ())\r\n* 2 FETCH (UID 8 FLAGS (\\Seen))\r\n";
    let odd = Odd::new("", move |command| match command {
        search if search.starts_with("UID SEARCH") => "* SEARCH 7 8\r\n",
        fetch if fetch.starts_with("UID FETCH") => changed_elsewhere,
        _ => OPENED,
    });
    let sort = vec![SortKey { by: SortBy::Has(Flag::parse("\\Seen").unwrap()), direction: Direction::Descending }];
    let found = odd.find(sort).await.unwrap();
    assert_eq!((found.uids, found.total), (vec![8, 7], 2));
    let (session, mailbox) = owner(Arc::clone(&odd.store), "u00001", "INBOX").await;
    let handle = session.open::<_, Read>(mailbox).await.unwrap();
    let mut open = handle.keep_open(None).await.unwrap();
    let items = Items { items: vec![Item::Flags], headers: Vec::new() };
    let mut shown = open.show(&[7, 8], &items).await.unwrap();
    let mut uids = Vec::new();
    while let Some(summary) = shown.next().await {
        uids.push(summary.unwrap().uid);
    }
    assert_eq!(uids, [8, 7]);
}

#[tokio::test]
async fn a_search_is_whole_or_none() {
    static MANY: LazyLock<[String; 2]> = LazyLock::new(|| {
        let line = |from: u32, last: u32| {
            let numbers: Vec<String> = (from..=last).map(|it| it.to_string()).collect();
            format!("* SEARCH {}\r\n", numbers.join(" "))
        };
        [line(1, 100_000) + &line(100_001, 250_000), line(1, 100_000) + &line(100_001, 250_000) + "* SEARCH 250001\r\n"]
    });
    let [whole, too_many] = &*MANY;
    for (capabilities, said, expected) in [
        ("", "* SEARCH\r\n", Ok(0)),
        ("", "* SEARCH 7\r\n* SEARCH 8\r\n", Ok(2)),
        ("", whole.as_str(), Ok(250_000)),
        ("", too_many.as_str(), Err("unavailable")),
        ("", "* 3 EXISTS\r\n", Err("unavailable")),
        ("", "* SEARCH x\r\n", Err("unavailable")),
        ("ESEARCH", "* ESEARCH (TAG \"a\") UID\r\n", Ok(0)),
        ("ESEARCH", "* ESEARCH UID ALL 7:9\r\n", Ok(3)),
        ("ESEARCH", "* ESEARCH UID COUNT 3\r\n", Err("unavailable")),
        ("ESEARCH", "", Err("unavailable")),
    ] {
        let odd = Odd::new(capabilities, move |command| if command.starts_with("UID SEARCH") { said } else { OPENED });
        let found = odd.find(Vec::new()).await.map(|it| it.uids.len()).map_err(|error| error.word());
        assert_eq!(found, expected, "{:?}", said.get(..40).unwrap_or(said));
    }
}
