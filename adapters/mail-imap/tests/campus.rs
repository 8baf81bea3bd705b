//! Against the campus's stores: Dovecot with Maildir over STARTTLS and an authorization identity, Dovecot with mdbox over TLS
//! and `login*master`, and Cyrus.
//! All names begin with `campus_`, so that a run without a campus can leave them out.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "a test may panic")]

mod stores;

use passerelle_core::{
    config::Block,
    ports::{Flag, FlagChange, LastingNames},
};
use passerelle_testkit::mail_contract::{
    a_content_that_is_left_ends_the_connection, changes_what_was_named, looks_without_touching, mailbox,
    reads_messages_without_touching, what_is_not_there,
};
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
};
use stores::{a, b, campus, cyrus};

/// A new mailbox of a person with so many messages, made at the store without the gateway.
fn fill(port: &str, login: &str, name: &str, messages: usize) {
    let stream = TcpStream::connect(("127.0.0.1", campus(port).parse::<u16>().unwrap())).unwrap();
    let mut reader = BufReader::new(stream);
    let mut command = |tag: &str, command: &str| {
        reader.get_mut().write_all(format!("{tag} {command}\r\n").as_bytes()).unwrap();
        let mut line = String::new();
        while !line.starts_with(&format!("{tag} ")) {
            line.clear();
            assert!(reader.read_line(&mut line).unwrap() > 0, "{command}");
        }
        line
    };
    assert!(command("l", &format!("LOGIN {login} pw-{login}")).starts_with("l OK"));
    if name == "INBOX" {
        // What an earlier run has put in would have the same lasting names: Cyrus makes them of the content.
        for (tag, emptying) in [("s", "SELECT INBOX"), ("m", "STORE 1:* +FLAGS.SILENT (\\Deleted)"), ("e", "EXPUNGE")] {
            command(tag, emptying);
        }
    } else {
        command("d", &format!("DELETE {name}"));
        assert!(command("c", &format!("CREATE {name}")).starts_with("c OK"));
    }
    for number in 0..messages {
        let message = format!("Subject: {number}\r\n\r\nbody\r\n");
        let appended = command("a", &format!("APPEND {name} {{{}+}}\r\n{message}", message.len()));
        assert!(appended.starts_with("a OK"), "{appended}");
    }
}

#[tokio::test]
async fn campus_messages_of_a_maildir() {
    reads_messages_without_touching(a()).await;
    a_content_that_is_left_ends_the_connection(a()).await;
    fill("CAMPUS_IMAP_A", "u00008", "contract", 5);
    changes_what_was_named(a(), "u00008", "contract").await;
}

#[tokio::test]
async fn campus_messages_of_an_mdbox() {
    reads_messages_without_touching(b()).await;
    a_content_that_is_left_ends_the_connection(b()).await;
    fill("CAMPUS_IMAP_B", "u00008", "contract", 5);
    changes_what_was_named(b(), "u00008", "contract").await;
}

#[tokio::test]
async fn campus_maildir_over_starttls() {
    looks_without_touching(a()).await;
    what_is_not_there(a()).await;
    let room = mailbox(a(), "INBOX").await.latest(0).await.unwrap().room.unwrap();
    assert!(room.used > 0 && room.limit > room.used, "{room:?}");
}

#[tokio::test]
async fn campus_mdbox_over_tls() {
    looks_without_touching(b()).await;
    what_is_not_there(b()).await;
}

#[tokio::test]
async fn campus_a_store_that_is_not_there_is_unavailable() {
    let block = Block::from_text("x.mail", std::path::Path::new("x.toml"), "address = '127.0.0.1:9'\ntls = 'none'\n");
    let store = (passerelle_mail_imap::FACTORY.build)(&block).unwrap();
    let inbox = mailbox(store, "INBOX").await;
    assert_eq!(inbox.latest(5).await.map_err(|error| error.word()), Err("unavailable"));
    assert_eq!(inbox.keep_open(None).await.map(drop).map_err(|error| error.word()), Err("unavailable"));
}

#[tokio::test]
async fn campus_messages_of_a_cyrus() {
    fill("CAMPUS_CYRUS_IMAP", "u00001", "INBOX", 30);
    // What a listing says is unread has to be told from what is not.
    let inbox = mailbox(cyrus(), "INBOX").await;
    let (session, inbox_of) = passerelle_testkit::mail_contract::owner(cyrus(), "u00001", "INBOX").await;
    let editing = session.open::<_, passerelle_core::Edit>(inbox_of).await.unwrap();
    let mut open = inbox.keep_open(None).await.unwrap();
    let first = open.list(LastingNames::Untold).await.unwrap()[0].uid;
    let seen = FlagChange::Set(vec![Flag::parse("\\Seen").unwrap()]);
    open.flag(&editing, &[first], &seen).await.unwrap();
    reads_messages_without_touching(cyrus()).await;
    a_content_that_is_left_ends_the_connection(cyrus()).await;
    what_is_not_there(cyrus()).await;
    fill("CAMPUS_CYRUS_IMAP", "u00008", "contract", 5);
    changes_what_was_named(cyrus(), "u00008", "contract").await;

    // Its own POP3 names messages as our format of its name does.
    let mut open = inbox.keep_open(None).await.unwrap();
    let (validity, listed) = (open.facts().uid_validity, open.list(LastingNames::Untold).await.unwrap());
    let format = passerelle_core::UidlFormat::parse("cyrus").unwrap();
    let ours: Vec<String> = (1..)
        .zip(&listed)
        .map(|(number, it)| format!("{number} {}", format.unique_id(it.uid, validity, None)))
        .collect();
    let pop3 = campus("CAMPUS_CYRUS_POP3").parse::<u16>().unwrap();
    let mut reader = BufReader::new(TcpStream::connect(("127.0.0.1", pop3)).unwrap());
    reader.get_mut().write_all(b"USER u00001\r\nPASS pw-u00001\r\nUIDL\r\nQUIT\r\n").unwrap();
    let said: Vec<String> = reader.lines().map_while(Result::ok).collect();
    let theirs: Vec<&String> =
        said.iter().skip_while(|line| !line.starts_with("1 ")).take_while(|line| *line != ".").collect();
    assert_eq!(ours.iter().collect::<Vec<_>>(), theirs, "{said:?}");
}
