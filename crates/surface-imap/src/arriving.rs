//! What a client still says of a command that the gateway itself reads, octet by octet: literals, and the lines between them.

use passerelle_net::ClientStream;
use passerelle_wire_imap::{Boundary, Framer, literal_length};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// Octets read at once.
const PIECE: usize = 16 * 1024;
/// Longest line between two literals, in octets.
const LONGEST_LINE: usize = 64 * 1024;

/// The client.
pub(crate) struct Arriving<'c> {
    client: &'c mut ClientStream,
    /// What has come and was not taken.
    waiting: Vec<u8>,
    patience: Duration,
    /// Longest literal, in octets.
    largest: Option<u64>,
    octets: u64,
}

/// Why no more comes.
#[derive(Debug)]
pub(crate) struct Gone {
    /// For the metric.
    pub(crate) reason: &'static str,
    /// For the client.
    pub(crate) words: &'static str,
}

/// What would have to be read to be refused, and is more than anybody reads (RFC 7889 §4).
const TOO_LARGE: Gone = Gone { reason: "too large", words: "[TOOBIG] This is larger than a message may be" };
const BROKEN: Gone = Gone { reason: "broken", words: "This conversation cannot be followed" };

impl<'c> Arriving<'c> {
    /// Goes on with what has come already. A client may be silent for so long, and its literals may be so long.
    pub(crate) fn new(
        client: &'c mut ClientStream,
        waiting: Vec<u8>,
        patience: Duration,
        largest: Option<u64>,
    ) -> Self {
        Self { client, waiting, patience, largest, octets: 0 }
    }

    /// What came behind the command, and how many octets the command had.
    pub(crate) fn end(self) -> (Vec<u8>, u64) {
        (self.waiting, self.octets)
    }

    /// Whether a literal that is announced may come. One that is too large and waits is not let come, and the command can be
    /// refused.
    ///
    /// # Errors
    /// It is too large and does not wait, so that it can only be escaped.
    pub(crate) fn may_come(&self, boundary: Boundary, length: u64) -> Result<bool, Gone> {
        match (self.largest.is_some_and(|largest| length > largest), boundary) {
            (false, _) => Ok(true),
            (true, Boundary::Follows) => Err(TOO_LARGE),
            (true, _) => Ok(false),
        }
    }

    /// Says something to the client.
    pub(crate) async fn say(&mut self, octets: &[u8]) -> Result<(), Gone> {
        let said = async {
            self.client.write_all(octets).await?;
            self.client.flush().await
        };
        timely(self.patience, said).await
    }

    /// At most `most` octets of a literal of which so many are left.
    pub(crate) async fn some(&mut self, left: u64, most: usize) -> Result<Vec<u8>, Gone> {
        let most = usize::try_from(left).unwrap_or(most).min(most);
        if self.waiting.is_empty() {
            self.more().await?;
        }
        let rest = self.waiting.split_off(self.waiting.len().min(most));
        Ok(self.took(rest))
    }

    /// The line behind a literal, with its end, and what stands there.
    pub(crate) async fn line(&mut self) -> Result<(Vec<u8>, Boundary), Gone> {
        let (mut framer, mut at) = (Framer::default(), 0_usize);
        loop {
            let new = self.waiting.get(at..).unwrap_or_default();
            if !new.is_empty() {
                let (taken, boundary) = framer.step(new);
                at = at.saturating_add(taken);
                if boundary != Boundary::Inside {
                    let rest = self.waiting.split_off(at);
                    return Ok((self.took(rest), boundary));
                }
            }
            if self.waiting.len() > LONGEST_LINE {
                return Err(BROKEN);
            }
            self.more().await?;
        }
    }

    /// Reads away what is still to come of a command that is refused. A literal that waits will not come.
    pub(crate) async fn pass_over(&mut self, boundary: Boundary, length: u64) -> Result<(), Gone> {
        let (mut boundary, mut left) = (boundary, length);
        while boundary == Boundary::Follows {
            self.may_come(boundary, left)?;
            while left > 0 {
                let piece = self.some(left, PIECE).await?;
                left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(left));
            }
            let line;
            (line, boundary) = self.line().await?;
            left = literal_length(&line).unwrap_or_default();
        }
        Ok(())
    }

    fn took(&mut self, rest: Vec<u8>) -> Vec<u8> {
        let taken = std::mem::replace(&mut self.waiting, rest);
        self.octets = self.octets.saturating_add(u64::try_from(taken.len()).unwrap_or(u64::MAX));
        taken
    }

    async fn more(&mut self) -> Result<(), Gone> {
        let mut piece = Vec::with_capacity(PIECE);
        let length = timely(self.patience, self.client.read_buf(&mut piece)).await?;
        if length == 0 {
            return Err(Gone { reason: "client", words: "You left in the middle of a message" });
        }
        self.waiting.extend_from_slice(&piece);
        Ok(())
    }
}

async fn timely<T>(patience: Duration, work: impl Future<Output = io::Result<T>>) -> Result<T, Gone> {
    match timeout(patience, work).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) => Err(Gone { reason: "client", words: "You cannot be heard" }),
        Err(_) => Err(Gone { reason: "idle", words: "You were silent for too long" }),
    }
}
