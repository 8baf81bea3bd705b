//! The client's side: commands in, responses out.

use passerelle_net::{ClientStream, Connection};
use passerelle_wire_sieve::{Answer, Command, Parsed};
use std::{io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// Octets of one read.
const PIECE: usize = 1024;
/// How long a command that has begun may take to come once the service is going down.
const LAST_SILENCE: Duration = Duration::from_secs(2);
/// How long the last octets and the close may take.
const GOODBYE: Duration = Duration::from_secs(5);

/// What came.
#[derive(Debug)]
pub(crate) enum Came {
    /// A command.
    Command(Command),
    /// A line that is no command.
    Wrong,
    /// Something that nothing sensible can follow.
    Lost,
    /// The client is gone.
    Gone,
    /// It said nothing for too long.
    Silent,
    /// It has nothing under way, and the service is going down.
    Drained,
}

/// A client.
pub(crate) struct Client {
    connection: Connection,
    /// What came and was not taken yet.
    waiting: Vec<u8>,
    /// How long it may be silent, and how long it may take nothing.
    patience: Duration,
}

impl Client {
    pub(crate) fn new(connection: Connection, patience: Duration) -> Self {
        Self { connection, waiting: Vec::new(), patience }
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

    pub(crate) fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// The next command.
    pub(crate) async fn command(&mut self) -> io::Result<Came> {
        let mut drain = self.connection.drain.clone();
        loop {
            match Command::parse(&self.waiting) {
                Parsed::Command(command, length) => {
                    self.taken(length);
                    return Ok(Came::Command(command));
                }
                Parsed::Wrong(length) => {
                    self.taken(length);
                    return Ok(Came::Wrong);
                }
                Parsed::Lost => return Ok(Came::Lost),
                Parsed::Incomplete => {}
            }
            let draining = drain.has_begun();
            if draining && self.waiting.is_empty() {
                return Ok(Came::Drained);
            }
            let patience = if draining { self.patience.min(LAST_SILENCE) } else { self.patience };
            let mut piece = [0; PIECE];
            tokio::select! {
                read = timeout(patience, self.connection.stream.read(&mut piece)) => match read {
                    Ok(Ok(0)) => return Ok(Came::Gone),
                    Ok(length) => self.waiting.extend_from_slice(piece.get(..length?).unwrap_or_default()),
                    Err(_) if draining => return Ok(Came::Drained),
                    Err(_) => return Ok(Came::Silent),
                },
                () = drain.begun(), if !draining => {}
            }
        }
    }

    /// The answer to a challenge of SASL; `None` when it is none.
    pub(crate) async fn answer(&mut self) -> io::Result<Option<Vec<u8>>> {
        loop {
            match Answer::parse(&self.waiting) {
                Answer::String(text, length) => {
                    self.taken(length);
                    return Ok(Some(text));
                }
                Answer::Lost => return Ok(None),
                Answer::Incomplete => self.more().await?,
            }
        }
    }

    /// The next octets of a script, at most so many.
    pub(crate) async fn octets(&mut self, most: u64) -> io::Result<Vec<u8>> {
        if self.waiting.is_empty() {
            self.more().await?;
        }
        let length = self.waiting.len().min(usize::try_from(most).unwrap_or(usize::MAX));
        let rest = self.waiting.split_off(length);
        Ok(std::mem::replace(&mut self.waiting, rest))
    }

    /// The end of a line, which must be what comes next.
    pub(crate) async fn line_end(&mut self) -> io::Result<()> {
        loop {
            match self.waiting.as_slice() {
                [b'\r', b'\n', ..] => {
                    self.taken(2);
                    return Ok(());
                }
                [b'\n', ..] => {
                    self.taken(1);
                    return Ok(());
                }
                [] | [b'\r'] => self.more().await?,
                _ => {
                    return Err(io::Error::new(
                        io::ErrorKind::InvalidData,
                        "a script is longer than it was said to be",
                    ));
                }
            }
        }
    }

    pub(crate) async fn say(&mut self, text: &str) -> io::Result<()> {
        self.put(text.as_bytes()).await
    }

    pub(crate) async fn put(&mut self, octets: &[u8]) -> io::Result<()> {
        let stream = &mut self.connection.stream;
        let sent = async {
            stream.write_all(octets).await?;
            stream.flush().await
        };
        timeout(self.patience, sent).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Begins TLS. What came in clear behind the command is thrown away (RFC 5804 §2.2).
    pub(crate) async fn begin_tls(&mut self) -> io::Result<()> {
        self.waiting = Vec::new();
        self.connection.begin_tls().await
    }

    /// Says goodbye, where a response may stand, and ends the connection.
    pub(crate) async fn goodbye(mut self, words: Option<&str>) {
        let said = async {
            if let Some(words) = words {
                let words = format!("{words}\r\n");
                self.connection.stream.write_all(words.as_bytes()).await?;
                self.connection.stream.flush().await?;
            }
            self.connection.stream.shutdown().await
        };
        // Whether the last words arrive is the client's affair.
        let _ = timeout(GOODBYE, said).await;
    }

    async fn more(&mut self) -> io::Result<()> {
        let mut piece = [0; PIECE];
        let read = timeout(self.patience, self.connection.stream.read(&mut piece)).await;
        let length = read.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.waiting.extend_from_slice(piece.get(..length).unwrap_or_default());
        Ok(())
    }

    fn taken(&mut self, length: usize) {
        self.waiting.drain(..length.min(self.waiting.len()));
        if self.waiting.is_empty() {
            // An idle client holds no buffer.
            self.waiting = Vec::new();
        }
    }
}
