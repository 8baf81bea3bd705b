//! Stores that refuse, close or stall while a message comes in, which no real one does on command: what was asked of them is
//! counted, octet by octet.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic")]

use passerelle_core::{Add, Result, config::Block, ports::Appended};
use passerelle_testkit::mail_contract::{
    append::{arriving, message},
    owner,
};
use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    path::Path,
    sync::mpsc,
    thread,
};

/// What a store does with APPEND.
#[derive(Clone, Copy)]
enum Does {
    /// Says this instead of waiting for the octets.
    Refuses(&'static str),
    /// Takes so many octets and closes.
    ClosesAfter(usize),
    /// Takes all octets and the end of the command, and says this.
    Says(&'static str),
}

/// What became of an APPEND of `size` octets in these pieces, and how many octets the store saw behind the command.
async fn append(
    capabilities: &'static str,
    does: Does,
    size: usize,
    pieces: Vec<Result<Vec<u8>>>,
) -> (Result<Appended>, usize) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let (sender, seen) = mpsc::channel();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        reader.get_mut().write_all(b"* OK [CAPABILITY IMAP4rev1 SASL-IR] odd\r\n").unwrap();
        let mut line = String::new();
        while reader.read_line(&mut line).is_ok_and(|length| length > 0) {
            let (tag, command) = line.trim_end().split_once(' ').unwrap();
            let tag = tag.to_owned();
            if command.starts_with("AUTHENTICATE") {
                reader
                    .get_mut()
                    .write_all(format!("{tag} OK [CAPABILITY IMAP4rev1 {capabilities}] in\r\n").as_bytes())
                    .unwrap();
            } else if command.starts_with("LIST") {
                reader.get_mut().write_all(format!("* LIST () \"/\" \"\"\r\n{tag} OK\r\n").as_bytes()).unwrap();
            } else {
                assert!(command.starts_with("APPEND \"INBOX\" "), "{command}");
                let waits = !command.ends_with("+}");
                if let Does::Refuses(words) = does {
                    reader.get_mut().write_all(format!("{tag} {words}\r\n").as_bytes()).unwrap();
                } else if waits {
                    reader.get_mut().write_all(b"+ go on\r\n").unwrap();
                }
                let most = match does {
                    Does::ClosesAfter(octets) => octets,
                    Does::Says(_) => size + 2,
                    Does::Refuses(_) => usize::MAX,
                };
                let mut taken = 0;
                let mut piece = [0; 4096];
                while taken < most {
                    let length = reader.read(&mut piece).unwrap_or(0);
                    if length == 0 {
                        break;
                    }
                    taken += length;
                }
                sender.send(taken).unwrap();
                if let Does::Says(words) = does {
                    // Whoever hung up in the middle hears nothing more.
                    let _ = reader.get_mut().write_all(format!("{tag} {words}\r\n").as_bytes());
                }
                return;
            }
            line.clear();
        }
    });
    let text = format!("address = '{address}'\ntls = 'none'\ntimeout_ms = 5000\n");
    let block = Block::from_text("x.mail", Path::new("x.toml"), &text);
    let store = (passerelle_mail_imap::FACTORY.build)(&block).unwrap();
    let (session, inbox) = owner(store, "u00001", "INBOX").await;
    let adding = session.open::<_, Add>(inbox).await.unwrap();
    let outcome = adding.append(arriving(size, pieces, &[])).await;
    (outcome, seen.recv().unwrap())
}

fn pieces(size: usize) -> Vec<Result<Vec<u8>>> {
    message("x", size).get(..size).unwrap().chunks(5_000).map(|piece| Ok(piece.to_vec())).collect()
}

const SIZE: usize = 200_000;

#[tokio::test]
async fn a_refusal_is_heard_before_the_octets_go() {
    for (said, word) in [
        ("NO [OVERQUOTA] full", "full"),
        ("NO [TRYCREATE] none", "not found"),
        ("NO [NOPERM] not yours", "forbidden"),
        ("NO [TOOBIG] large", "too large"),
        ("BAD what", "unavailable"),
        ("NO no", "unavailable"),
    ] {
        let (outcome, seen) = append("LITERAL+ UIDPLUS", Does::Refuses(said), SIZE, pieces(SIZE)).await;
        assert_eq!((outcome.map_err(|error| error.word()), seen), (Err(word), 0), "{said}");
    }
}

#[tokio::test]
async fn an_ok_says_where_or_honestly_not() {
    let (outcome, seen) = append("", Does::Says("OK [APPENDUID 5 7] done"), SIZE, pieces(SIZE)).await;
    assert_eq!((outcome.unwrap().place, seen), (Some((5, 7)), SIZE + 2));
    let (outcome, _) = append("", Does::Says("OK done"), SIZE, pieces(SIZE)).await;
    assert_eq!(outcome.unwrap().place, None);
    let (outcome, seen) = append("LITERAL-", Does::Says("OK [APPENDUID 5 7] done"), 900, pieces(900)).await;
    assert_eq!((outcome.unwrap().place, seen), (Some((5, 7)), 902), "a small one that did not wait");
}

#[tokio::test]
async fn a_refusal_after_the_octets_is_one() {
    let (outcome, _) = append("", Does::Says("NO [OVERQUOTA] full"), SIZE, pieces(SIZE)).await;
    assert_eq!(outcome.map_err(|error| error.word()), Err("full"));
}

#[tokio::test]
async fn a_store_that_is_gone_after_the_octets_leaves_the_outcome_open() {
    let (outcome, _) = append("", Does::ClosesAfter(SIZE + 2), SIZE, pieces(SIZE)).await;
    assert_eq!(outcome.map_err(|error| error.word()), Err("unsettled"));
    let (outcome, _) = append("LITERAL+", Does::ClosesAfter(902), 900, pieces(900)).await;
    assert_eq!(outcome.map_err(|error| error.word()), Err("unsettled"));
}

#[tokio::test]
async fn a_store_that_is_gone_before_has_kept_nothing() {
    let size = 40_000_000;
    let (outcome, _) = append("", Does::ClosesAfter(50_000), size, pieces(size)).await;
    assert_eq!(outcome.map_err(|error| error.word()), Err("unavailable"));
}

#[tokio::test]
async fn what_is_cut_never_becomes_a_whole_command() {
    for (what, mut pieces) in [
        ("cut in the middle", pieces(SIZE / 2)),
        ("cut before its last octet", pieces(SIZE - 1)),
        ("cut where it should end", pieces(SIZE)),
    ] {
        pieces.push(Err(passerelle_core::Error::invalid("the client is gone")));
        let (outcome, seen) = append("LITERAL+", Does::Says("OK"), SIZE, pieces).await;
        assert_eq!(outcome.map_err(|error| error.word()), Err("invalid"), "{what}");
        assert!(seen < SIZE, "{what}: the store saw {seen}");
    }
}

#[tokio::test]
async fn what_the_store_would_not_take_is_not_begun() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let mut reader = BufReader::new(stream);
        reader.get_mut().write_all(b"* OK [CAPABILITY IMAP4rev1 SASL-IR] odd\r\n").unwrap();
        let mut line = String::new();
        reader.read_line(&mut line).unwrap();
        reader.get_mut().write_all(b"l OK [CAPABILITY IMAP4rev1 APPENDLIMIT=1000] in\r\n").unwrap();
        line.clear();
        assert_eq!(reader.read_line(&mut line).unwrap(), 0, "{line}");
    });
    let text = format!("address = '{address}'\ntls = 'none'\n");
    let store = (passerelle_mail_imap::FACTORY.build)(&Block::from_text("x.mail", Path::new("x.toml"), &text)).unwrap();
    let (session, inbox) = owner(store, "u00001", "INBOX").await;
    let outcome = session.open::<_, Add>(inbox).await.unwrap().append(arriving(2_000, pieces(2_000), &[])).await;
    assert_eq!(outcome.map_err(|error| error.word()), Err("too large"));
}
