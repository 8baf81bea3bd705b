//! A command of ours and its whole answer, for what the gateway has to read itself. Bounded: what may be long is poured
//! from one store into the other, and never held.

use passerelle_core::ports::StoreStream;
use passerelle_wire_imap::{Boundary, Framer};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// Longest answer, in octets: a list of some ten thousand mailboxes.
const LONGEST: usize = 4 * 1024 * 1024;
/// What a response costs beside its octets: some servers could say very many empty ones.
const EACH: usize = 64;
/// How long a store may take to say or to take something.
const DEADLINE: Duration = Duration::from_secs(30);
/// What is poured at a time, in octets.
const PIECE: usize = 16 * 1024;

/// What a store said to a command.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Responses before the tagged one, with their ends.
    pub(crate) untagged: Vec<Vec<u8>>,
    /// The tagged one without its tag: `OK done` and its end.
    pub(crate) tagged: Vec<u8>,
}

impl Answer {
    pub(crate) fn is_ok(&self) -> bool {
        self.tagged.get(..3).is_some_and(|word| word.eq_ignore_ascii_case(b"OK "))
    }
}

/// How much of an answer was read.
#[derive(Default)]
struct Measured(usize);

impl Measured {
    /// Counts a response.
    fn add(&mut self, response: &[u8]) -> io::Result<()> {
        self.0 = self.0.saturating_add(response.len()).saturating_add(EACH);
        if self.0 > LONGEST {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "an answer without end"));
        }
        Ok(())
    }
}

/// A connection to a store, with what was read of it and not yet understood.
pub(crate) struct Wire<'a> {
    pub(crate) stream: &'a mut StoreStream,
    pub(crate) early: &'a mut Vec<u8>,
}

impl Wire<'_> {
    /// Sends `tag command` and reads up to its answer.
    pub(crate) async fn ask(&mut self, tag: &[u8], command: &[u8]) -> io::Result<Answer> {
        self.send(&[tag, b" ", command, b"\r\n"].concat()).await?;
        self.answer(tag).await
    }

    /// Sends a command whose literals each wait for the store; the parts are its lines, each with the literal behind it.
    pub(crate) async fn ask_in_parts(&mut self, tag: &[u8], parts: &[(Vec<u8>, &[u8])]) -> io::Result<Answer> {
        let (mut answer, mut measured) = (Answer::default(), Measured::default());
        for (line, literal) in parts {
            self.send(&[line, &b"\r\n"[..]].concat()).await?;
            if literal.is_empty() {
                break;
            }
            loop {
                let response = self.response().await?;
                if response.starts_with(b"+") {
                    break;
                }
                if let Some(rest) = response.strip_prefix(tag).and_then(|rest| rest.strip_prefix(b" ")) {
                    answer.tagged = rest.to_vec();
                    return Ok(answer);
                }
                measured.add(&response)?;
                answer.untagged.push(response);
            }
            self.send(literal).await?;
        }
        let rest = self.answer(tag).await?;
        answer.untagged.extend(rest.untagged);
        answer.tagged = rest.tagged;
        Ok(answer)
    }

    /// Reads up to the answer with this tag.
    pub(crate) async fn answer(&mut self, tag: &[u8]) -> io::Result<Answer> {
        let (mut answer, mut measured) = (Answer::default(), Measured::default());
        loop {
            let response = self.response().await?;
            let rest = response.strip_prefix(tag).and_then(|rest| rest.strip_prefix(b" "));
            if let Some(rest) = rest {
                answer.tagged = rest.to_vec();
                return Ok(answer);
            }
            measured.add(&response)?;
            answer.untagged.push(response);
        }
    }

    pub(crate) async fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        let stream = self.stream.duplex();
        timely(async {
            stream.write_all(octets).await?;
            stream.flush().await
        })
        .await
    }

    /// The next response whole, with its literals.
    pub(crate) async fn response(&mut self) -> io::Result<Vec<u8>> {
        self.up_to(|boundary| boundary == Boundary::Message).await.map(|(response, _)| response)
    }

    /// The next response, or as much of it as stands before a literal; what stands there.
    pub(crate) async fn line(&mut self) -> io::Result<(Vec<u8>, Boundary)> {
        self.up_to(|boundary| !matches!(boundary, Boundary::Inside)).await
    }

    async fn up_to(&mut self, is_end: impl Fn(Boundary) -> bool) -> io::Result<(Vec<u8>, Boundary)> {
        let (mut framer, mut at) = (Framer::default(), 0_usize);
        loop {
            while let Some(rest) = self.early.get(at..).filter(|rest| !rest.is_empty()) {
                let (taken, boundary) = framer.step(rest);
                at = at.saturating_add(taken.max(1)).min(self.early.len());
                if is_end(boundary) {
                    let response: Vec<u8> = self.early.drain(..at).collect();
                    if response.starts_with(b"* BYE") {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    return Ok((response, boundary));
                }
            }
            if self.early.len() > LONGEST {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a response without end"));
            }
            self.more(PIECE).await?;
        }
    }

    async fn more(&mut self, most: usize) -> io::Result<()> {
        let mut piece = vec![0; most.min(PIECE)];
        let length = timely(self.stream.duplex().read(&mut piece)).await?;
        if length == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.early.extend_from_slice(piece.get(..length).unwrap_or_default());
        Ok(())
    }

    /// Reads so many octets away.
    pub(crate) async fn skip(&mut self, length: u64) -> io::Result<()> {
        let mut left = length;
        while left > 0 {
            let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
            if self.early.is_empty() {
                self.more(most).await?;
            }
            let here = self.early.len().min(most);
            self.early.drain(..here);
            left = left.saturating_sub(u64::try_from(here).unwrap_or(left));
        }
        Ok(())
    }

    /// Some octets of a literal of which so many are left.
    pub(crate) async fn some(&mut self, left: u64) -> io::Result<Vec<u8>> {
        let most = usize::try_from(left).unwrap_or(PIECE).min(PIECE);
        if self.early.is_empty() {
            self.more(most).await?;
        }
        Ok(self.early.drain(..self.early.len().min(most)).collect())
    }

    /// Pours so many octets into another store.
    pub(crate) async fn pour(&mut self, into: &mut Wire<'_>, length: u64) -> io::Result<()> {
        let mut left = length;
        while left > 0 {
            let here = self.some(left).await?;
            left = left.saturating_sub(u64::try_from(here.len()).unwrap_or(left));
            into.send(&here).await?;
        }
        Ok(())
    }
}

async fn timely<T>(work: impl Future<Output = io::Result<T>>) -> io::Result<T> {
    timeout(DEADLINE, work).await.map_err(|_| io::Error::from(io::ErrorKind::TimedOut))?
}

/// Says goodbye to a store that is not needed any more; whether it arrives changes nothing.
pub(crate) async fn log_out(mut stream: StoreStream) {
    let stream = stream.duplex();
    let said = async {
        stream.write_all(b"q LOGOUT\r\n").await?;
        stream.shutdown().await
    };
    let _ = timeout(Duration::from_secs(2), said).await;
}
