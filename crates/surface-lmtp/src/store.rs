//! The store's side: one connection for a message, whose replies are the store's own.

use passerelle_wire_smtp::{ParsedReply, Reply};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    time::timeout,
};

/// How long each answer but the last may take, and the way there (RFC 5321 §4.5.3.2).
const PATIENCE: Duration = Duration::from_secs(60);
/// How long the answer to the message may take: one that is not waited for is a message delivered twice.
const FINAL_PATIENCE: Duration = Duration::from_secs(600);
/// Octets read at once.
const PIECE: usize = 4096;

trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

/// A store that has said hello.
pub(crate) struct Store {
    stream: Box<dyn Duplex>,
    early: Vec<u8>,
    /// Whether it takes octets beyond ASCII (RFC 6152).
    pub(crate) eight_bit: bool,
}

impl Store {
    /// Connects to a host and port, or to a socket of this machine.
    pub(crate) async fn connect(address: &str, name: &str) -> io::Result<Self> {
        within(PATIENCE, async {
            let stream: Box<dyn Duplex> = if address.starts_with('/') {
                Box::new(UnixStream::connect(address).await?)
            } else {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            };
            let mut store = Self { stream, early: Vec::new(), eight_bit: false };
            expect(&store.next().await?, 220)?;
            let said = store.ask_now(&format!("LHLO {name}\r\n")).await?;
            expect(&said, 250)?;
            let is = |line: &String| line.trim().eq_ignore_ascii_case("8BITMIME");
            store.eight_bit = said.lines.iter().skip(1).any(is);
            Ok(store)
        })
        .await
    }

    /// A command and its reply.
    pub(crate) async fn ask(&mut self, command: &str) -> io::Result<Reply> {
        within(PATIENCE, self.ask_now(command)).await
    }

    /// Octets of a message.
    pub(crate) async fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        within(PATIENCE, self.stream.write_all(octets)).await
    }

    /// What it says of one recipient behind the end of the message (RFC 2033 §4.2).
    pub(crate) async fn outcome(&mut self) -> io::Result<Reply> {
        within(FINAL_PATIENCE, async {
            self.stream.flush().await?;
            self.next().await
        })
        .await
    }

    async fn ask_now(&mut self, command: &str) -> io::Result<Reply> {
        self.stream.write_all(command.as_bytes()).await?;
        self.stream.flush().await?;
        self.next().await
    }

    async fn next(&mut self) -> io::Result<Reply> {
        loop {
            match Reply::parse(&self.early) {
                ParsedReply::Whole(reply, taken) => {
                    self.early.drain(..taken);
                    return Ok(reply);
                }
                ParsedReply::Wrong => {
                    return Err(io::Error::new(io::ErrorKind::InvalidData, "what came is no reply of LMTP"));
                }
                ParsedReply::Incomplete => {}
            }
            let mut piece = [0; PIECE];
            let length = self.stream.read(&mut piece).await?;
            if length == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            self.early.extend_from_slice(piece.get(..length).unwrap_or_default());
        }
    }
}

fn expect(reply: &Reply, code: u16) -> io::Result<()> {
    if reply.code == code {
        return Ok(());
    }
    Err(io::Error::other(format!("the store says {} {}", reply.code, reply.text())))
}

async fn within<T>(deadline: Duration, what: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    match timeout(deadline, what).await {
        Ok(outcome) => outcome,
        Err(_slow) => Err(io::ErrorKind::TimedOut.into()),
    }
}
