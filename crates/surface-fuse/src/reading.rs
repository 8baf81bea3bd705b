//! Reading a file: one stream as long as a program reads on, a new one where it jumps. All of it is of the version that was there
//! when the file was opened; where that is gone, the program hears that it is (ESTALE), and no mixture.

use bytes::{Buf, Bytes, BytesMut};
use futures::StreamExt;
use passerelle_core::{
    Error, Read, Result, Session,
    ports::{ByteRange, ByteStream, FileContent},
};
use passerelle_model::NodeRef;

/// A file that is read.
pub(crate) struct Reader {
    session: Session,
    node: NodeRef,
    etag: String,
    size: u64,
    position: u64,
    stream: Option<ByteStream>,
    /// Octets of the stream that were not asked for yet.
    rest: Bytes,
}

impl Reader {
    pub(crate) async fn open(session: Session, node: NodeRef) -> Result<Self> {
        let content = content(&session, &node).await?;
        let (etag, size) = (content.node().etag.as_str().to_owned(), content.node().size);
        Ok(Self { session, node, etag, size, position: 0, stream: None, rest: Bytes::new() })
    }

    /// The octets from an offset on, fewer only at the end of the file.
    pub(crate) async fn read(&mut self, offset: u64, length: usize) -> Result<BytesMut> {
        // What was withdrawn ends between two reads.
        self.session.check_in_force()?;
        let mut octets = BytesMut::new();
        if offset >= self.size {
            return Ok(octets);
        }
        if self.stream.is_none() || offset != self.position {
            let content = content(&self.session, &self.node).await?;
            if content.node().etag.as_str() != self.etag {
                return Err(Error::Conflict);
            }
            self.stream = Some(content.stream(ByteRange::Part(offset..self.size)));
            (self.rest, self.position) = (Bytes::new(), offset);
        }
        while octets.len() < length {
            if self.rest.is_empty() {
                match self.next_piece().await? {
                    Some(piece) => self.rest = piece,
                    None => break,
                }
            }
            let taken = self.rest.len().min(length.saturating_sub(octets.len()));
            octets.extend_from_slice(self.rest.get(..taken).unwrap_or_default());
            self.rest.advance(taken);
            self.position = self.position.saturating_add(u64::try_from(taken).unwrap_or(u64::MAX));
        }
        Ok(octets)
    }

    async fn next_piece(&mut self) -> Result<Option<Bytes>> {
        let Some(stream) = &mut self.stream else { return Ok(None) };
        match stream.next().await.transpose() {
            Ok(piece) => Ok(piece),
            Err(error) => {
                self.stream = None;
                Err(error)
            }
        }
    }
}

async fn content(session: &Session, node: &NodeRef) -> Result<Box<dyn FileContent>> {
    session.open_seen::<Read>(node).await?.open().await
}
