//! The client's side: lines in, answers out. Answers to pipelined commands go out together (RFC 2449 §6.6), and a client
//! that takes nothing is given up.

use passerelle_net::{ClientStream, Connection, Drain};
use passerelle_wire_lines::{Line, Lines};
use passerelle_wire_pop3::LONGEST_LINE;
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// Answers that are kept back until there is nothing more to read, in octets.
const MOST_KEPT_BACK: usize = 16 * 1024;
/// Octets of one read.
const PIECE: usize = 512;
/// How long a client may be silent once the service is going down: who is in the middle of fetching goes on to QUIT.
const LAST_SILENCE: Duration = Duration::from_secs(2);
/// How long the last octets and the close may take.
const GOODBYE: Duration = Duration::from_secs(5);

/// What came.
#[derive(Debug)]
pub(crate) enum Came {
    /// A line.
    Line(Vec<u8>),
    /// A line that is too long: nothing sensible can follow.
    TooLong,
    /// The client is gone.
    Gone,
    /// It said nothing for too long.
    Silent,
    /// It said nothing, and the service is going down.
    Drained,
}

/// A client.
pub(crate) struct Client {
    connection: Connection,
    lines: Lines<LONGEST_LINE>,
    out: Vec<u8>,
    /// How long it may be silent, and how long it may take nothing.
    patience: Duration,
}

impl Client {
    pub(crate) fn new(connection: Connection, patience: Duration) -> Self {
        Self { connection, lines: Lines::default(), out: Vec::new(), patience }
    }

    pub(crate) fn peer(&self) -> SocketAddr {
        self.connection.peer
    }

    pub(crate) fn host(&self) -> Option<&str> {
        self.connection.host.as_deref()
    }

    pub(crate) fn may_log_in(&self) -> bool {
        self.connection.may_log_in
    }

    pub(crate) fn offers_tls(&self) -> bool {
        self.connection.starttls.is_some() && matches!(self.connection.stream, ClientStream::Plain(_))
    }

    pub(crate) fn drain(&self) -> Drain {
        self.connection.drain.clone()
    }

    pub(crate) fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// The next line.
    pub(crate) async fn line(&mut self) -> io::Result<Came> {
        let mut drain = self.drain();
        loop {
            match self.lines.next_line() {
                Line::Whole(line) => return Ok(Came::Line(line)),
                Line::TooLong => return Ok(Came::TooLong),
                Line::Incomplete => {}
            }
            self.flush().await?;
            let draining = drain.has_begun();
            let patience = if draining { self.patience.min(LAST_SILENCE) } else { self.patience };
            let mut piece = [0; PIECE];
            tokio::select! {
                read = timeout(patience, self.connection.stream.read(&mut piece)) => match read {
                    Ok(Ok(0)) => return Ok(Came::Gone),
                    Ok(length) => self.lines.push(piece.get(..length?).unwrap_or_default()),
                    Err(_) if draining => return Ok(Came::Drained),
                    Err(_) => return Ok(Came::Silent),
                },
                () = drain.begun(), if !draining => {}
            }
        }
    }

    /// Answers.
    pub(crate) async fn say(&mut self, text: &str) -> io::Result<()> {
        self.put(text.as_bytes()).await
    }

    /// A part of an answer.
    pub(crate) async fn put(&mut self, octets: &[u8]) -> io::Result<()> {
        if self.out.is_empty() && octets.len() >= MOST_KEPT_BACK {
            return patiently(self.patience, self.connection.stream.write_all(octets)).await;
        }
        self.out.extend_from_slice(octets);
        if self.out.len() >= MOST_KEPT_BACK { self.write_out().await } else { Ok(()) }
    }

    /// Sends what was kept back.
    pub(crate) async fn flush(&mut self) -> io::Result<()> {
        self.write_out().await?;
        patiently(self.patience, self.connection.stream.flush()).await
    }

    async fn write_out(&mut self) -> io::Result<()> {
        // The buffer goes with its octets: an idle client holds none.
        let out = std::mem::take(&mut self.out);
        if out.is_empty() {
            return Ok(());
        }
        patiently(self.patience, self.connection.stream.write_all(&out)).await
    }

    /// Begins TLS. What came in clear behind the command is thrown away (RFC 2595 §4).
    pub(crate) async fn begin_tls(&mut self) -> io::Result<()> {
        self.flush().await?;
        self.lines.clear();
        self.connection.begin_tls().await
    }

    /// Ends the connection after what was said.
    pub(crate) async fn end(mut self) {
        let said = async {
            self.flush().await?;
            self.connection.stream.shutdown().await
        };
        // Whether the last words arrive is the client's affair.
        let _ = timeout(GOODBYE, said).await;
    }

    /// Ends the connection in the middle of an answer, and nothing that was kept back is sent: what is cut must look cut.
    pub(crate) async fn cut(mut self) {
        let _ = timeout(GOODBYE, self.connection.stream.shutdown()).await;
    }
}

async fn patiently<T>(patience: Duration, doing: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(patience, doing).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
}
