//! The gateway's end of the stream that the surface holds: commands in, responses out.

use std::io;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};

/// Longest command, with its literals, in octets.
const LONGEST: usize = 64 * 1024;

/// What is read at a time, in octets.
const PIECE: usize = 4096;

/// The stream, with what was read and not yet taken.
pub(crate) struct Pipe {
    pub(crate) stream: DuplexStream,
    pub(crate) early: Vec<u8>,
}

impl Pipe {
    /// Reads what comes; whether something did. May be dropped while it waits.
    pub(crate) async fn fill(&mut self) -> io::Result<()> {
        self.early.reserve(PIECE);
        if self.stream.read_buf(&mut self.early).await? == 0 || self.early.len() > LONGEST {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// A line that has come whole, with its end.
    pub(crate) fn line(&mut self) -> Option<Vec<u8>> {
        let end = memchr::memchr(b'\n', &self.early)?;
        Some(self.early.drain(..=end).collect())
    }

    /// The rest of a command whose first line ends with a literal that waits: it is let come, where there is room.
    pub(crate) async fn literals(&mut self, command: &mut Vec<u8>) -> io::Result<()> {
        while let Some(length) = announced(command) {
            if command.len().saturating_add(length) > LONGEST {
                return Err(io::ErrorKind::InvalidData.into());
            }
            self.say(b"+ go on\r\n").await?;
            while self.early.len() < length {
                self.fill().await?;
            }
            command.extend(self.early.drain(..length));
            let line = loop {
                match self.line() {
                    Some(line) => break line,
                    None => self.fill().await?,
                }
            };
            command.extend_from_slice(&line);
        }
        Ok(())
    }

    pub(crate) async fn say(&mut self, octets: &[u8]) -> io::Result<()> {
        self.stream.write_all(octets).await
    }
}

/// The length of a literal that a line ends with.
pub(crate) fn announced(line: &[u8]) -> Option<usize> {
    let text = line.strip_suffix(b"}\r\n")?;
    let digits = text.get(text.iter().rposition(|octet| *octet == b'{')?.saturating_add(1)..)?;
    let is_number = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    is_number.then(|| std::str::from_utf8(digits).ok()?.parse().ok())?
}
