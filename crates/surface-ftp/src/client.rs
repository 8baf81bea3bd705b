//! The client's side of the control connection: lines in, replies out. It can be listened to while a transfer runs, because
//! that is where ABOR comes, and where it shows that the client has gone.

use passerelle_net::{ClientStream, Connection, DataPort, DataTls, Drain, Network};
use passerelle_wire_ftp::{LONGEST_LINE, Reply};
use passerelle_wire_lines::{Line, Lines};
use std::{collections::VecDeque, io, net::SocketAddr, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// Octets of one read.
const PIECE: usize = 512;
/// How long a client may be silent once the service is going down.
const LAST_SILENCE: Duration = Duration::from_secs(2);
/// How long the last octets and the close may take.
const GOODBYE: Duration = Duration::from_secs(5);
/// Most lines that wait for the end of a transfer.
const MOST_WAITING: usize = 32;

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
    /// Lines that came during a transfer and are for afterwards.
    waiting: VecDeque<Vec<u8>>,
    /// How long it may be silent, and how long it may take nothing.
    patience: Duration,
}

impl Client {
    pub(crate) fn new(connection: Connection, patience: Duration) -> Self {
        Self { connection, lines: Lines::default(), waiting: VecDeque::new(), patience }
    }

    pub(crate) fn peer(&self) -> SocketAddr {
        self.connection.peer
    }

    /// The address of ours that it came to.
    pub(crate) fn local(&self) -> SocketAddr {
        self.connection.local
    }

    pub(crate) fn host(&self) -> Option<&str> {
        self.connection.host.as_deref()
    }

    pub(crate) fn may_log_in(&self) -> bool {
        self.connection.may_log_in
    }

    pub(crate) fn is_tls(&self) -> bool {
        self.connection.stream.is_tls()
    }

    pub(crate) fn offers_tls(&self) -> bool {
        self.connection.starttls.is_some() && matches!(self.connection.stream, ClientStream::Plain(_))
    }

    /// What its data connections begin TLS with.
    pub(crate) fn data_tls(&self) -> Option<DataTls> {
        self.connection.data_tls.clone()
    }

    /// Opens a port for a data connection of it.
    pub(crate) async fn data_port(&self, network: &Network) -> io::Result<DataPort> {
        network.data_port(&self.connection).await
    }

    pub(crate) fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    /// The next line.
    pub(crate) async fn line(&mut self) -> io::Result<Came> {
        if let Some(line) = self.waiting.pop_front() {
            return Ok(Came::Line(line));
        }
        let mut drain: Drain = self.connection.drain.clone();
        loop {
            let draining = drain.has_begun();
            let patience = if draining { self.patience.min(LAST_SILENCE) } else { self.patience };
            tokio::select! {
                came = timeout(patience, self.listen()) => match came {
                    Ok(came) => return came,
                    Err(_) if draining => return Ok(Came::Drained),
                    Err(_) => return Ok(Came::Silent),
                },
                () = drain.begun(), if !draining => {}
            }
        }
    }

    /// The next line, however long it takes. Nothing is lost when it is dropped before.
    pub(crate) async fn listen(&mut self) -> io::Result<Came> {
        loop {
            match self.lines.next_line() {
                Line::Whole(line) => return Ok(Came::Line(line)),
                Line::TooLong => return Ok(Came::TooLong),
                Line::Incomplete => {}
            }
            let mut piece = [0; PIECE];
            match self.connection.stream.read(&mut piece).await {
                Ok(0) => return Ok(Came::Gone),
                Ok(length) => self.lines.push(piece.get(..length).unwrap_or_default()),
                Err(error) => return Err(error),
            }
        }
    }

    /// Keeps a line that came during a transfer for afterwards; `false` when there are too many.
    pub(crate) fn keep(&mut self, line: Vec<u8>) -> bool {
        let has_room = self.waiting.len() < MOST_WAITING;
        if has_room {
            self.waiting.push_back(line);
        }
        has_room
    }

    /// Replies.
    pub(crate) async fn say(&mut self, reply: &Reply) -> io::Result<()> {
        let saying = async {
            self.connection.stream.write_all(reply.octets()).await?;
            self.connection.stream.flush().await
        };
        timeout(self.patience, saying).await.unwrap_or_else(|_| Err(io::ErrorKind::TimedOut.into()))
    }

    /// Begins TLS. What came in clear behind the command is thrown away: it is nobody's word.
    pub(crate) async fn begin_tls(&mut self) -> io::Result<()> {
        self.lines.clear();
        self.connection.begin_tls().await
    }

    /// Ends the connection after what was said.
    pub(crate) async fn end(mut self) {
        // Whether the last words arrive is the client's affair.
        let _ = timeout(GOODBYE, self.connection.stream.shutdown()).await;
    }
}
