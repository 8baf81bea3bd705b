//! One message at a worker: a POST whose body comes in chunks (RFC 9112 §7.1), since nobody knows its length before its end.

use crate::{answer, settings::Worker};
use passerelle_core::{
    Error, Result,
    ports::{Fut, Looked, Scan, ScanFacts, ScanOf},
};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// What is tried first, for messages.
pub(crate) const CONNECTING: &str = "connecting";
/// Longest answer, in octets.
const LONGEST_ANSWER: u64 = 1024 * 1024;
/// Most recipients that it is told of.
const MOST_RECIPIENTS: usize = 100;

/// A message under way.
pub(crate) struct Check {
    name: String,
    deadline: Duration,
    stream: TcpStream,
}

/// Begins a check. What it is told of the envelope is what its rules ask for.
pub(crate) async fn begin(worker: &Worker, of: ScanOf<'_>, facts: &ScanFacts) -> Result<Check> {
    let mut head = format!("POST /checkv2 HTTP/1.1\r\nHost: {}\r\n", worker.address);
    let mut add = |name: &str, value: &str| {
        // A value that could end its line is not told.
        if !value.contains(char::is_control) {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
    };
    let (from, user) = match of {
        ScanOf::Sent(permit) => (Some(permit.target().address.as_deref().unwrap_or_default()), &permit.target().owner),
        ScanOf::Stored(permit) => (None, &permit.target().owner),
        // It reads no files, and the settings give it none.
        ScanOf::Added(permit) => (None, &permit.target().owner),
        ScanOf::Replaced(permit) => (None, &permit.target().owner),
    };
    if let Some(from) = from {
        add("From", from);
    }
    facts.recipients.iter().take(MOST_RECIPIENTS).for_each(|address| add("Rcpt", address));
    add("User", &user.to_string());
    if let Some(client) = facts.client {
        add("IP", &client.to_canonical().to_string());
    }
    if let Some(password) = worker.password.as_ref().and_then(|password| password.expose_str()) {
        add("Password", password);
    }
    add("Transfer-Encoding", "chunked");
    add("Connection", "close");
    head.push_str("\r\n");
    let mut check = connect(worker).await?;
    check.send("beginning a check", &[head.as_bytes()]).await?;
    Ok(check)
}

/// Asks whether it is there.
pub(crate) async fn ping(worker: &Worker) -> Result<()> {
    let doing = "asking whether it is there";
    let mut check = connect(worker).await?;
    let head = format!("GET /ping HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", worker.address);
    check.send(doing, &[head.as_bytes()]).await?;
    let octets = check.answer(doing).await?;
    match answer::body(&octets) {
        Ok(body) if body.starts_with(b"pong") => Ok(()),
        Ok(_) => Err(Error::unavailable(&worker.name, doing, "it answers, and is no rspamd")),
        Err(said) => Err(Error::unavailable(&worker.name, doing, format!("it says {said}"))),
    }
}

async fn connect(worker: &Worker) -> Result<Check> {
    let connected = async {
        let stream = TcpStream::connect(&worker.address).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    };
    let stream = within(worker.deadline, connected).await;
    let stream = stream.map_err(|error| Error::unavailable(&worker.name, CONNECTING, error))?;
    Ok(Check { name: worker.name.clone(), deadline: worker.deadline, stream })
}

impl Check {
    async fn send(&mut self, doing: &'static str, parts: &[&[u8]]) -> Result<()> {
        let sent = async {
            for part in parts {
                self.stream.write_all(part).await?;
            }
            self.stream.flush().await
        };
        let sent = within(self.deadline, sent).await;
        sent.map_err(|error| Error::unavailable(&self.name, doing, error))
    }

    async fn answer(&mut self, doing: &'static str) -> Result<Vec<u8>> {
        let mut answer = Vec::new();
        let read = async { (&mut self.stream).take(LONGEST_ANSWER).read_to_end(&mut answer).await };
        let read = within(self.deadline, read).await;
        read.map_err(|error| Error::unavailable(&self.name, doing, error))?;
        Ok(answer)
    }

    async fn write(&mut self, piece: &[u8]) -> Result<()> {
        // An empty chunk would be the end.
        if piece.is_empty() {
            return Ok(());
        }
        let size = format!("{:x}\r\n", piece.len());
        self.send("handing a message over", &[size.as_bytes(), piece, b"\r\n"]).await
    }

    async fn verdict(mut self) -> Result<Looked> {
        self.send("handing a message over", &[b"0\r\n\r\n"]).await?;
        let doing = "waiting for the verdict";
        let octets = self.answer(doing).await?;
        answer::read(&octets).map_err(|said| Error::unavailable(&self.name, doing, format!("it says {said}")))
    }
}

impl Scan for Check {
    fn write<'a>(&'a mut self, piece: &'a [u8]) -> Fut<'a, ()> {
        Box::pin(Self::write(self, piece))
    }

    fn verdict<'a>(self: Box<Self>) -> Fut<'a, Looked>
    where
        Self: 'a,
    {
        Box::pin(Self::verdict(*self))
    }
}

async fn within<T>(deadline: Duration, what: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match timeout(deadline, what).await {
        Ok(outcome) => outcome,
        Err(_slow) => Err(io::ErrorKind::TimedOut.into()),
    }
}
