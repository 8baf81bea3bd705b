//! A connection to a server, read by what stands in its answers.

use crate::Result;
use std::io;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// A connection that acknowledges at once, with what was read and not yet used.
#[derive(Debug)]
pub struct Line {
    stream: TcpStream,
    /// What has come and was not used.
    pub had: Vec<u8>,
}

impl Line {
    /// Connects.
    ///
    /// # Errors
    /// Of the connection, as all of its methods.
    pub async fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, had: Vec::new() })
    }

    /// Sends.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn send(&mut self, octets: &[u8]) -> Result<()> {
        self.stream.write_all(octets).await?;
        self.acknowledge();
        Ok(())
    }

    fn acknowledge(&self) {
        // The kernel forgets it after a while.
        let _ = rustix::net::sockopt::set_tcp_quickack(&self.stream, true);
    }

    /// Reads what comes next.
    ///
    /// # Errors
    /// Of the connection; its end is one.
    pub async fn more(&mut self) -> Result<()> {
        let read = self.stream.read_buf(&mut self.had).await?;
        self.acknowledge();
        if read == 0 { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(()) }
    }

    /// Reads until this stands somewhere behind `from`; where it begins.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn until(&mut self, wanted: &[u8], from: usize) -> Result<usize> {
        let mut seen = from;
        loop {
            let begin = seen.saturating_sub(wanted.len()).max(from);
            let behind = self.had.get(begin..).unwrap_or_default();
            if let Some(at) = behind.windows(wanted.len()).position(|it| it == wanted) {
                return Ok(begin + at);
            }
            seen = self.had.len();
            self.more().await?;
        }
    }

    /// So many of the octets that have come.
    pub fn take(&mut self, length: usize) -> Vec<u8> {
        let rest = self.had.split_off(length.min(self.had.len()));
        std::mem::replace(&mut self.had, rest)
    }

    /// One line of an answer.
    ///
    /// # Errors
    /// Of the connection.
    pub async fn line(&mut self) -> Result<String> {
        let end = self.until(b"\r\n", 0).await?;
        let line = self.take(end + 2);
        Ok(String::from_utf8_lossy(&line).trim_end().to_owned())
    }
}
