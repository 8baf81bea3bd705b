//! A data connection. Dropped before its end it is reset, so that the client cannot take what came for the whole.

use bytes::{Bytes, BytesMut};
use passerelle_net::ClientStream;
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    time::timeout,
};

/// How long a client may send or take nothing in the middle of a transfer.
const SILENCE: Duration = Duration::from_secs(300);
/// How long it may take for the goodbye.
const GOODBYE: Duration = Duration::from_secs(15);
/// Octets that are read at once.
const PIECE: usize = 64 * 1024;

/// A data connection.
pub(crate) struct DataStream {
    stream: ClientStream,
    octets: u64,
    room: BytesMut,
}

impl DataStream {
    pub(crate) fn new(stream: ClientStream) -> Self {
        Self { stream, octets: 0, room: BytesMut::new() }
    }

    /// Whether the client says the end of what it sends, so that a cut is not taken for it: TLS does (RFC 8446 §6.1).
    pub(crate) const fn tells_its_end(&self) -> bool {
        self.stream.is_tls()
    }

    /// Octets so far.
    pub(crate) const fn octets(&self) -> u64 {
        self.octets
    }

    /// The next octets; `None` at the end that the client has said. A connection within TLS that just ends is an error.
    pub(crate) async fn read(&mut self) -> io::Result<Option<Bytes>> {
        self.room.reserve(PIECE);
        let length =
            timeout(SILENCE, self.stream.read_buf(&mut self.room)).await.map_err(|_| io::ErrorKind::TimedOut)??;
        self.count(length);
        Ok((length > 0).then(|| self.room.split().freeze()))
    }

    /// Sends octets.
    pub(crate) async fn write(&mut self, octets: &[u8]) -> io::Result<()> {
        timeout(SILENCE, self.stream.write_all(octets)).await.map_err(|_| io::ErrorKind::TimedOut)??;
        self.count(octets.len());
        Ok(())
    }

    /// Ends it properly; how many octets passed.
    pub(crate) async fn finish(mut self) -> io::Result<u64> {
        let octets = self.octets;
        let mut stream = std::mem::replace(&mut self.stream, ClientStream::Closed);
        let goodbye = async {
            stream.flush().await?;
            stream.shutdown().await
        };
        timeout(GOODBYE, goodbye).await.map_err(|_| io::ErrorKind::TimedOut)??;
        Ok(octets)
    }

    fn count(&mut self, octets: usize) {
        self.octets = self.octets.saturating_add(u64::try_from(octets).unwrap_or(u64::MAX));
    }
}

impl Drop for DataStream {
    fn drop(&mut self) {
        std::mem::replace(&mut self.stream, ClientStream::Closed).cut();
    }
}
