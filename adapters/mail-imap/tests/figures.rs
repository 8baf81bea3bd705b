//! Figures for whoever asks; nothing is proved here: `cargo nextest run -p passerelle-mail-imap --run-ignored only --no-capture`.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::indexing_slicing,
    reason = "a test may panic, and figures are printed"
)]

mod stores;

use futures::TryStreamExt;
use passerelle_core::ports::{ClientFacts, Direction, Item, Items, Query, Search, SortBy, SortKey, Summary, Window};
use passerelle_testkit::mail_contract::mailbox;
use std::{
    io::{BufRead, BufReader, Write},
    net::TcpStream,
    num::NonZeroU32,
    time::{Duration, Instant},
};
use stores::{a, b, campus, cyrus, without};

/// Messages of the large mailbox.
const MANY: usize = 10_000;
const ROUNDS: usize = 20;

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// A conversation with the store itself.
struct Raw {
    reader: BufReader<TcpStream>,
}

impl Raw {
    fn log_in(port: &str) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", campus(port).parse::<u16>().unwrap())).unwrap();
        stream.set_nodelay(true).unwrap();
        let mut raw = Self { reader: BufReader::new(stream) };
        raw.say("l LOGIN u00001 pw-u00001");
        raw
    }

    /// Says a command, reads its answer to the end, and answers the first line.
    fn say(&mut self, command: &str) -> String {
        let tag = format!("{} ", command.split(' ').next().unwrap());
        self.reader.get_mut().write_all(format!("{command}\r\n").as_bytes()).unwrap();
        let (mut first, mut line) = (String::new(), Vec::new());
        while !line.starts_with(tag.as_bytes()) {
            line.clear();
            assert!(self.reader.read_until(b'\n', &mut line).unwrap() > 0, "{command}");
            if first.is_empty() {
                first = String::from_utf8_lossy(&line).into_owned();
            }
        }
        first
    }

    /// A mailbox of ten thousand messages, unless it is there.
    fn fill(&mut self, name: &str) {
        if self.say(&format!("s STATUS {name} (MESSAGES)")).contains(&format!("MESSAGES {MANY})")) {
            return;
        }
        self.say(&format!("d DELETE {name}"));
        self.say(&format!("c CREATE {name}"));
        for lot in 0..MANY / 200 {
            let mut command = format!("a APPEND {name}");
            for number in lot * 200..(lot + 1) * 200 {
                let answers = if number % 5 > 0 {
                    format!("References: <{}@big>\r\n", number - number % 5)
                } else {
                    String::new()
                };
                let text = format!(
                    "From: A{n} <a{n}@a.test>\r\nTo: b@a.test\r\nSubject: topic {}\r\nMessage-ID: <{number}@big>\r\n{answers}\r\n{}",
                    number / 5,
                    "some words of a body\r\n".repeat(20),
                    n = number % 97
                );
                let (day, hour, minute) = (number % 28 + 1, number % 24, number % 60);
                command.push_str(&format!(
                    " \"{day:02}-Jan-2024 {hour:02}:{minute:02}:00 +0000\" {{{}+}}\r\n{text}",
                    text.len()
                ));
            }
            self.say(&command);
        }
    }
}

/// The first screen of ten thousand messages, newest first, fifty with their envelopes: by the typed store on a kept connection
/// and by hand on a connection that stays; in a build for tests, so that what is computed here weighs more than it does.
#[tokio::test]
#[ignore = "prints figures"]
async fn campus_first_screen_of_ten_thousand() {
    for (name, port) in [("Maildir", "CAMPUS_IMAP_A"), ("Cyrus", "CAMPUS_CYRUS_IMAP")] {
        let mut raw = Raw::log_in(port);
        raw.fill("big");
        let inbox = mailbox(without(port, &[]), "big").await;
        let query = Query {
            search: Search::Everything,
            sort: vec![SortKey { by: SortBy::Received, direction: Direction::Descending }],
            window: Some(Window { skip: 0, most: NonZeroU32::new(50).unwrap() }),
        };
        let items = Items { items: vec![Item::Flags, Item::Received, Item::Size, Item::Envelope], headers: Vec::new() };
        let (mut typed, mut by_hand) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            let mut open = inbox.keep_open(None).await.unwrap();
            let found = open.find(&query).await.unwrap();
            let shown: Vec<Summary> = open.show(&found.uids, &items).await.unwrap().try_collect().await.unwrap();
            assert_eq!((shown.len(), found.total as usize), (50, MANY));
            open.close().await;
            typed.push(begun.elapsed());

            let begun = Instant::now();
            raw.say("e EXAMINE big");
            let window = if name == "Cyrus" { "" } else { "RETURN (PARTIAL 1:50 COUNT) " };
            raw.say(&format!("o UID SORT {window}(REVERSE ARRIVAL) UTF-8 ALL"));
            let set = found.uids.iter().map(ToString::to_string).collect::<Vec<_>>().join(",");
            raw.say(&format!("f UID FETCH {set} (FLAGS INTERNALDATE RFC822.SIZE ENVELOPE)"));
            by_hand.push(begun.elapsed());
        }
        eprintln!("first screen, {name}: typed {:?}, by hand {:?}", median(typed), median(by_hand));
    }
}

/// Opens INBOX and closes it, on a connection that is kept and on one of its own, in turn; median times.
#[tokio::test]
#[ignore = "prints figures"]
async fn campus_what_keeping_connections_saves() {
    let client = ClientFacts { address: [127, 0, 0, 1].into(), port: 1 };
    for (name, store) in [("Maildir, STARTTLS", a()), ("mdbox, TLS", b()), ("Cyrus, in clear", cyrus())] {
        let inbox = mailbox(store, "INBOX").await;
        let mut times = [const { Vec::new() }; 2];
        for round in 0..60 {
            for (kind, client) in [(0, None), (1, Some(&client))] {
                let begun = Instant::now();
                inbox.keep_open(client).await.unwrap().close().await;
                if round >= 10 {
                    times[kind].push(begun.elapsed());
                }
            }
        }
        let [kept, own] = times.map(median);
        eprintln!("{name}: kept {kept:?}, a new one {own:?}");
    }
}
