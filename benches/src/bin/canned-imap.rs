//! A store that answers from memory, so that a proxy in front of it is all that costs. `canned-imap PORT`
//!
//! It takes any log-in, shows a mailbox of 10,000 messages, and knows just the commands that the load client sends.

use std::{
    env, io,
    net::Ipv4Addr,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

const GREETING: &[u8] = b"* OK [CAPABILITY IMAP4rev1 SASL-IR LITERAL+ ID IDLE AUTH=PLAIN] ready\r\n";
/// How often STATUS was asked for: what XSTATUSES tells.
static STATUSES: AtomicUsize = AtomicUsize::new(0);
/// Most octets of one command.
const LONGEST: usize = 4096;
/// Octets of the message that FETCH of a body gives.
const MESSAGE: usize = 25 * 1024 * 1024;

/// What the store has.
struct Mailbox {
    envelopes: Vec<u8>,
    message: Vec<u8>,
}

#[tokio::main(worker_threads = 1)]
async fn main() -> io::Result<()> {
    let port = env::args().nth(1).and_then(|port| port.parse().ok()).ok_or(io::ErrorKind::InvalidInput)?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
    let line = format!("{}\r\n", "x".repeat(62));
    let message = line.repeat(MESSAGE.div_ceil(line.len())).into_bytes();
    let mailbox = Arc::new(Mailbox { envelopes: envelopes(), message });
    loop {
        let (stream, _) = listener.accept().await?;
        let mailbox = Arc::clone(&mailbox);
        tokio::spawn(async move {
            // A client that leaves is the end of its connection and of nothing else.
            let _ = converse(stream, &mailbox).await;
        });
    }
}

async fn converse(mut stream: TcpStream, mailbox: &Mailbox) -> io::Result<()> {
    stream.set_nodelay(true)?;
    stream.write_all(GREETING).await?;
    let mut waiting = Vec::new();
    // The tag of a LOGIN whose strings come as literals, as nginx sends them.
    let mut by_literals: Option<String> = None;
    loop {
        while let Some(end) = waiting.iter().position(|octet| *octet == b'\n') {
            let line: Vec<u8> = waiting.drain(..=end).collect();
            let text = String::from_utf8_lossy(&line).trim_end().to_owned();
            if text.contains(" APPEND ") {
                append(&mut stream, &text, &mut waiting).await?;
                continue;
            }
            if text.ends_with('}') && !text.ends_with("+}") {
                by_literals.get_or_insert_with(|| text.split(' ').next().unwrap_or("*").to_owned());
                stream.write_all(b"+ go on\r\n").await?;
                continue;
            }
            if let Some(tag) = by_literals.take() {
                stream.write_all(format!("{tag} OK in\r\n").as_bytes()).await?;
                continue;
            }
            if !answer(&mut stream, &String::from_utf8_lossy(&line), mailbox).await? {
                return Ok(());
            }
        }
        let mut piece = [0; 1024];
        let length = stream.read(&mut piece).await?;
        if length == 0 || waiting.len() > LONGEST {
            return Ok(());
        }
        waiting.extend_from_slice(piece.get(..length).unwrap_or_default());
    }
}

/// Takes a message and forgets it.
async fn append(stream: &mut TcpStream, line: &str, waiting: &mut Vec<u8>) -> io::Result<()> {
    let announced = line.rsplit_once('{').map_or("", |(_, number)| number.trim_end_matches('}'));
    if !announced.ends_with('+') {
        stream.write_all(b"+ go on\r\n").await?;
    }
    let length: usize = announced.trim_end_matches('+').parse().map_err(io::Error::other)?;
    // With the end of the line behind it.
    let mut left = length.saturating_add(2);
    let here = left.min(waiting.len());
    waiting.drain(..here);
    left -= here;
    let mut piece = vec![0; 256 * 1024];
    while left > 0 {
        let most = left.min(piece.len());
        let got = stream.read(piece.get_mut(..most).unwrap_or_default()).await?;
        if got == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        left -= got;
    }
    let tag = line.split(' ').next().unwrap_or("*");
    stream.write_all(format!("{tag} OK done\r\n").as_bytes()).await
}

/// Answers one line; `false` ends the connection.
async fn answer(stream: &mut TcpStream, line: &str, mailbox: &Mailbox) -> io::Result<bool> {
    let mut words = line.split_ascii_whitespace();
    let (tag, verb) = (words.next().unwrap_or("*"), words.next().unwrap_or_default().to_ascii_uppercase());
    let text = match verb.as_str() {
        "CAPABILITY" => format!("* CAPABILITY IMAP4rev1 SASL-IR LITERAL+ ID IDLE\r\n{tag} OK done\r\n"),
        "ID" => format!("* ID NIL\r\n{tag} OK done\r\n"),
        // The proxies log in with an initial response, or with the line that follows a continuation.
        "AUTHENTICATE" if words.nth(1).is_none() => {
            stream.write_all(b"+ \r\n").await?;
            let mut message = [0; 1024];
            let _ = stream.read(&mut message).await?;
            format!("{tag} OK [CAPABILITY IMAP4rev1 LITERAL+ ID IDLE] in\r\n")
        }
        "LOGIN" | "AUTHENTICATE" => format!("{tag} OK [CAPABILITY IMAP4rev1 LITERAL+ ID IDLE] in\r\n"),
        "STATUS" => {
            STATUSES.fetch_add(1, Ordering::Relaxed);
            format!("* STATUS INBOX (MESSAGES 10000 UNSEEN 12)\r\n{tag} OK done\r\n")
        }
        "XSTATUSES" => format!("* XSTATUSES {}\r\n{tag} OK done\r\n", STATUSES.load(Ordering::Relaxed)),
        "SELECT" | "EXAMINE" => format!(
            "* FLAGS (\\Seen \\Answered)\r\n* 10000 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 1] ok\r\n* OK [UIDNEXT 10001] ok\r\n{tag} OK [READ-WRITE] done\r\n"
        ),
        // As a portal asks: the last few, with the time when they came.
        "FETCH" if line.contains("INTERNALDATE") => {
            let first = words.next().and_then(|range| range.split(':').next()?.parse::<u32>().ok()).unwrap_or(1);
            let last: String = (first..=10_000).take(50).map(with_date).collect();
            format!("{last}{tag} OK done\r\n")
        }
        "FETCH" if line.contains("BODY") => {
            stream.write_all(format!("* 1 FETCH (BODY[] {{{}}}\r\n", mailbox.message.len()).as_bytes()).await?;
            stream.write_all(&mailbox.message).await?;
            format!(")\r\n{tag} OK done\r\n")
        }
        "FETCH" => {
            stream.write_all(&[&mailbox.envelopes, format!("{tag} OK done\r\n").as_bytes()].concat()).await?;
            return Ok(true);
        }
        "IDLE" => "+ idling\r\n".to_owned(),
        "LOGOUT" => {
            stream.write_all(format!("* BYE bye\r\n{tag} OK done\r\n").as_bytes()).await?;
            return Ok(false);
        }
        _ if tag.eq_ignore_ascii_case("DONE") => "i OK done\r\n".to_owned(),
        _ => format!("{tag} OK done\r\n"),
    };
    stream.write_all(text.as_bytes()).await?;
    Ok(true)
}

/// One of the last messages.
fn with_date(number: u32) -> String {
    format!(
        "* {number} FETCH (UID {number} FLAGS () INTERNALDATE \"23-Nov-2026 10:00:00 +0100\" ENVELOPE (\"Mon, 23 Nov 2026 10:00:00 +0100\" \"=?UTF-8?Q?R=C3=A9union?= {number}\" ((\"Marie Durand\" NIL \"marie\" \"a.test\")) NIL NIL ((\"A list\" NIL \"list\" \"a.test\")) NIL NIL NIL \"<{number}@a.test>\"))\r\n"
    )
}

/// Fifty envelopes of ordinary length.
fn envelopes() -> Vec<u8> {
    (1..=50)
        .flat_map(|number| {
            format!("* {number} FETCH (UID {number} FLAGS (\\Seen) ENVELOPE (\"Mon, 23 Nov 2026 10:00:00 +0100\" \"Re: the budget of project {number}\" ((\"Marie Durand\" NIL \"u00{number:03}\" \"a.test\")) NIL NIL ((\"A list\" NIL \"list\" \"a.test\")) NIL NIL \"<{number}.1@a.test>\" \"<{number}.2@a.test>\"))\r\n")
                .into_bytes()
        })
        .collect()
}
