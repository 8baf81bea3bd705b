//! Reaching the store: TCP, TLS, the greeting.

use crate::settings::{Security, Store};
use bytes::{BufMut, Bytes, BytesMut};
use passerelle_core::{Error, Result, ports::StoreStream};
use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// Longest answer before and at log-in, in octets.
const LONGEST_ANSWER: usize = 16 * 1024;

/// How much is read at once, in octets.
const PIECE: usize = 8 * 1024;

/// A store that has said hello.
pub(crate) struct Greeted {
    pub(crate) wire: Wire,
    /// The greeting's words, for messages.
    pub(crate) greeting: String,
}

/// A stream with what was read and not yet understood.
pub(crate) struct Wire {
    pub(crate) stream: StoreStream,
    pub(crate) early: Vec<u8>,
}

/// Connects within the deadline.
pub(crate) async fn connect(store: &Store) -> Result<Greeted> {
    let doing = "connecting";
    match timeout(store.deadline, steps(store)).await {
        Ok(done) => done,
        Err(slow) => Err(Error::unavailable(&store.name, doing, slow)),
    }
}

async fn steps(store: &Store) -> Result<Greeted> {
    let failed = |doing: &'static str| move |error: io::Error| Error::unavailable(&store.name, doing, error);
    let stream = TcpStream::connect(&store.address).await.map_err(failed("connecting"))?;
    stream.set_nodelay(true).map_err(failed("connecting"))?;
    let mut wire = match &store.security {
        Security::Implicit(tls) => {
            let stream = tls.connect(store.server_name.clone(), stream).await.map_err(failed("TLS"))?;
            Wire { stream: StoreStream::Tls(Box::new(stream)), early: Vec::new() }
        }
        Security::Clear | Security::Starttls(_) => Wire { stream: StoreStream::Plain(stream), early: Vec::new() },
    };
    let mut greeting = wire.line().await.map_err(failed("reading the greeting"))?;
    if let Security::Starttls(tls) = &store.security {
        wire.send(b"s STARTTLS\r\n").await.map_err(failed("STARTTLS"))?;
        let answer = wire.tagged("s").await.map_err(failed("STARTTLS"))?;
        // Whatever came in clear behind the answer must not be taken for the store's (RFC 9051 §11.1).
        let injected = !wire.early.is_empty();
        wire = match wire.stream {
            StoreStream::Plain(stream) if is_ok(&answer, "s") && !injected => {
                let stream = tls.connect(store.server_name.clone(), stream).await.map_err(failed("TLS"))?;
                Wire { stream: StoreStream::Tls(Box::new(stream)), early: Vec::new() }
            }
            StoreStream::Plain(_) | StoreStream::Tls(_) | StoreStream::Memory(_) => {
                return Err(Error::unavailable(&store.name, "STARTTLS", format!("the store answered {answer}")));
            }
        };
        // What was announced in clear may have been altered on its way: ask again.
        wire.send(b"c CAPABILITY\r\n").await.map_err(failed("CAPABILITY"))?;
        greeting = wire.untagged_and_tagged("c").await.map_err(failed("CAPABILITY"))?;
    }
    if !greeting.starts_with("* ") || greeting.starts_with("* BYE") {
        return Err(Error::unavailable(&store.name, "reading the greeting", format!("it says {greeting}")));
    }
    Ok(Greeted { wire, greeting })
}

/// Whether this is `tag OK`.
pub(crate) fn is_ok(line: &str, tag: &str) -> bool {
    line.strip_prefix(tag).is_some_and(|rest| rest.get(..3).is_some_and(|word| word.eq_ignore_ascii_case(" OK")))
}

fn endless() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "an answer without end")
}

/// How many octets follow a line that ends with `{42}`.
pub(crate) fn literal(line: &[u8]) -> Option<usize> {
    // By octets: a subject before it may be anything.
    let line = line.strip_suffix(b"\r\n").or_else(|| line.strip_suffix(b"\n"))?;
    let open = line.iter().rposition(|octet| *octet == b'{')?;
    let number = line.get(open..)?.strip_prefix(b"{")?.strip_suffix(b"}")?;
    std::str::from_utf8(number).ok()?.parse().ok()
}

impl Wire {
    pub(crate) async fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        let stream = self.stream.duplex();
        stream.write_all(octets).await?;
        stream.flush().await
    }

    /// The next line, without its end.
    pub(crate) async fn line(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = self.early.iter().position(|octet| *octet == b'\n') {
                let line: Vec<u8> = self.early.drain(..=end).collect();
                return Ok(String::from_utf8_lossy(&line).trim_end().to_owned());
            }
            if self.early.len() > LONGEST_ANSWER {
                return Err(endless());
            }
            self.more().await?;
        }
    }

    /// The next response whole, with its literals (RFC 9051 §4.3) and its end; at most so many octets.
    pub(crate) async fn response(&mut self, most: usize) -> io::Result<Vec<u8>> {
        // Where the line begins that may announce a literal, and up to where its end was looked for.
        let (mut from, mut seen) = (0, 0);
        loop {
            let rest = self.early.get(seen..).unwrap_or_default();
            let Some(end) = memchr::memchr(b'\n', rest) else {
                if self.early.len() > most {
                    return Err(endless());
                }
                seen = self.early.len();
                self.more().await?;
                continue;
            };
            let end = seen.saturating_add(end).saturating_add(1);
            match literal(self.early.get(from..end).unwrap_or_default()) {
                Some(length) if end.saturating_add(length) > most => return Err(endless()),
                Some(length) => {
                    from = end.saturating_add(length);
                    seen = from;
                }
                None if end > most => return Err(endless()),
                None => return Ok(self.early.drain(..end).collect()),
            }
            while self.early.len() < from {
                self.more().await?;
            }
        }
    }

    /// The next line as it is, with its end.
    pub(crate) async fn raw_line(&mut self, most: usize) -> io::Result<Vec<u8>> {
        loop {
            if let Some(end) = self.early.iter().position(|octet| *octet == b'\n') {
                return Ok(self.early.drain(..=end).collect());
            }
            if self.early.len() > most {
                return Err(endless());
            }
            self.more().await?;
        }
    }

    /// The next octets that are there, at most so many; empty at the end.
    pub(crate) async fn some(&mut self, most: usize) -> io::Result<Bytes> {
        if !self.early.is_empty() {
            let length = most.min(self.early.len());
            return Ok(self.early.drain(..length).collect::<Vec<u8>>().into());
        }
        let mut piece = BytesMut::with_capacity(most);
        self.stream.duplex().read_buf(&mut (&mut piece).limit(most)).await?;
        Ok(piece.freeze())
    }

    async fn more(&mut self) -> io::Result<()> {
        let Self { stream, early } = self;
        let stream = stream.duplex();
        early.reserve(PIECE);
        if stream.read_buf(early).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// The tagged answer; untagged ones before it are passed over.
    pub(crate) async fn tagged(&mut self, tag: &str) -> io::Result<String> {
        loop {
            let line = self.line().await?;
            if line.strip_prefix(tag).is_some_and(|rest| rest.starts_with(' ')) {
                return Ok(line);
            }
        }
    }

    /// The first untagged answer that comes before the tagged one.
    pub(crate) async fn untagged_and_tagged(&mut self, tag: &str) -> io::Result<String> {
        let first = self.line().await?;
        if !first.starts_with("* ") {
            return Ok(first);
        }
        self.tagged(tag).await?;
        Ok(first)
    }
}
