//! What a mail client asks for again and again, by one of the ways there are to a mailbox of many messages: the first screen
//! (the newest fifty with their beginnings), the list of folders, and what has changed after ten arrivals.
//!
//! `mail-screen imap IMAP USER PASSWORD TIMES` · `mail-screen jmap IMAP USER PASSWORD TIMES HTTP` · `mail-screen sogo IMAP USER
//! PASSWORD TIMES HTTP`, where IMAP and HTTP are addresses; by IMAP the arrivals are put in and taken out again, on whatever side. One line
//! of JSON says the median of each in milliseconds, and how many requests the arrivals took.
//!
//! Connections are kept, and somebody has signed on. Sockets have TCP_NODELAY and acknowledge at once. What comes is looked at
//! after the clock has stopped: a side that answers something else than it was asked for is an error.

mod imap;
mod jmap;
mod sogo;

use imap::{ByImap, Store};
use jmap::ByJmap;
use passerelle_benches::{Result, median_ms, wrong};
use serde_json::json;
use sogo::BySogo;
use std::{env, io, time::Instant};

const ROWS: usize = 50;
const ARRIVALS: usize = 10;

#[tokio::main(worker_threads = 1)]
async fn main() -> Result<()> {
    let words: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let [kind, address, user, password, times, rest @ ..] = words.as_slice() else { return Err(usage()) };
    let times: usize = times.parse().map_err(|_| usage())?;
    let mut store = Store::open(address, user, password).await?;
    match (*kind, rest) {
        ("imap", []) => measure(times, &mut store, ByImap::open(address, user, password).await?).await,
        ("jmap", [http]) => measure(times, &mut store, ByJmap::open(http, user, password).await?).await,
        ("sogo", [http]) => measure(times, &mut store, BySogo::open(http, user, password).await?).await,
        _ => Err(usage()),
    }
}

fn usage() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidInput, "see the first lines of mail-screen")
}

/// A way to the mailbox.
trait Way {
    type Answer;
    /// The first screen.
    async fn screen(&mut self) -> Result<Self::Answer>;
    /// The folders with their counts.
    async fn folders(&mut self) -> Result<Self::Answer>;
    /// What has changed since [`Self::seen`], with what a row shows of it, and how many requests that took.
    async fn changes(&mut self) -> Result<(Self::Answer, usize)>;
    /// Looks at the mailbox as it is now.
    async fn seen(&mut self) -> Result<()>;
    /// How many messages an answer shows.
    fn rows(answer: &Self::Answer) -> usize;
    /// Whether an answer lists folders.
    fn lists(answer: &Self::Answer) -> bool;
    /// Least number of messages in an answer on ten arrivals: a way without changes shows its first screen again.
    const CHANGED: usize = ARRIVALS;
}

async fn measure<W: Way>(times: usize, store: &mut Store, mut way: W) -> Result<()> {
    let (mut screens, mut folders, mut changes, mut requests) = (Vec::new(), Vec::new(), Vec::new(), 0);
    for _ in 0..times {
        let began = Instant::now();
        let answer = way.screen().await?;
        screens.push(began.elapsed());
        if W::rows(&answer) < ROWS {
            return Err(wrong("the first screen", W::rows(&answer)));
        }
    }
    for _ in 0..times {
        let began = Instant::now();
        let answer = way.folders().await?;
        folders.push(began.elapsed());
        if !W::lists(&answer) {
            return Err(io::Error::other("no list of folders"));
        }
    }
    for _ in 0..times {
        way.seen().await?;
        let arrived = store.arrive().await?;
        let began = Instant::now();
        let (answer, asked) = way.changes().await?;
        changes.push(began.elapsed());
        requests = asked;
        if W::rows(&answer) < W::CHANGED {
            return Err(wrong("after the arrivals", W::rows(&answer)));
        }
        store.remove(&arrived).await?;
    }
    let line = json!({
        "screen_ms": median_ms(screens), "folders_ms": median_ms(folders), "changes_ms": median_ms(changes), "requests": requests,
    });
    io::Write::write_all(&mut io::stdout(), format!("{line}\n").as_bytes())
}
