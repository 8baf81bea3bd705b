//! One message at clamd: pieces with their length before them, and an empty one at the end.

use crate::{
    answer,
    settings::{Address, Clamd},
};
use passerelle_core::{
    Error, Result,
    ports::{Fut, Looked, Scan},
};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    net::{TcpStream, UnixStream},
    time::timeout,
};

/// What is tried first, for messages.
pub(crate) const CONNECTING: &str = "connecting";
/// Longest answer, in octets.
const LONGEST_ANSWER: u64 = 4096;
/// Largest piece, in octets.
const LARGEST_PIECE: usize = 64 * 1024;

trait Duplex: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Duplex for T {}

/// A message under way.
pub(crate) struct Instream {
    name: String,
    deadline: Duration,
    stream: Box<dyn Duplex>,
}

/// Begins a stream.
pub(crate) async fn begin(clamd: &Clamd) -> Result<Instream> {
    let mut scan = connect(clamd).await?;
    scan.send("beginning a stream", &[b"zINSTREAM\0"]).await?;
    Ok(scan)
}

/// Asks whether it is there; its version.
pub(crate) async fn ping(clamd: &Clamd) -> Result<String> {
    let mut scan = connect(clamd).await?;
    scan.send("asking for its version", &[b"zVERSION\0"]).await?;
    let answer = scan.answer("asking for its version").await?;
    let text: String = String::from_utf8_lossy(&answer).chars().filter(|it| !it.is_control()).collect();
    if text.is_empty() { Err(Error::unavailable(&clamd.name, "asking for its version", "no answer")) } else { Ok(text) }
}

async fn connect(clamd: &Clamd) -> Result<Instream> {
    let connected = async {
        Ok::<Box<dyn Duplex>, io::Error>(match &clamd.address {
            Address::Tcp(address) => {
                let stream = TcpStream::connect(address).await?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
            Address::Unix(path) => Box::new(UnixStream::connect(path).await?),
        })
    };
    let stream = within(clamd.deadline, connected).await;
    let stream = stream.map_err(|error| Error::unavailable(&clamd.name, CONNECTING, error))?;
    Ok(Instream { name: clamd.name.clone(), deadline: clamd.deadline, stream })
}

impl Instream {
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
        let read = async {
            let mut limited = (&mut self.stream).take(LONGEST_ANSWER);
            let mut piece = [0; 512];
            while !answer.contains(&0) {
                let length = limited.read(&mut piece).await?;
                if length == 0 {
                    break;
                }
                answer.extend_from_slice(piece.get(..length).unwrap_or_default());
            }
            Ok(())
        };
        let read = within(self.deadline, read).await;
        read.map_err(|error| Error::unavailable(&self.name, doing, error))?;
        Ok(answer)
    }

    async fn write(&mut self, piece: &[u8]) -> Result<()> {
        for some in piece.chunks(LARGEST_PIECE) {
            let length = u32::try_from(some.len()).unwrap_or(u32::MAX).to_be_bytes();
            self.send("handing a message over", &[&length, some]).await?;
        }
        Ok(())
    }

    async fn verdict(mut self) -> Result<Looked> {
        self.send("handing a message over", &[&0_u32.to_be_bytes()]).await?;
        let doing = "waiting for the verdict";
        let answer = self.answer(doing).await?;
        answer::read(&answer).map_err(|said| Error::unavailable(&self.name, doing, format!("it says {said}")))
    }
}

impl Scan for Instream {
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
