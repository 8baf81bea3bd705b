//! Reading a file: what was opened is read to its end, whatever is put in its place.
//!
//! The whole is asked for at once, and the server holds the file from then on. For a part far from the beginning another
//! connection asks, which counts only if the file had the same tag before and after; else the beginning is read past.

use crate::{lease::Lease, place::Place};
use bytes::{Bytes, BytesMut};
use futures::stream;
use passerelle_core::{
    Error, Result,
    ports::{ByteRange, ByteStream, FileContent, Node},
};
use suppaftp::tokio::{AsyncRustlsStream, TransferStream};
use tokio::{io::AsyncReadExt, time::timeout};

/// So many octets are rather read past than asked for anew.
const READ_PAST: u64 = 256 * 1024;
/// How much is read at once, in octets.
const PIECE: usize = 64 * 1024;
/// How often a file is looked at again that somebody replaces just now.
const MOST_LOOKS: usize = 5;
/// The whole, a part, and a look after it.
pub(crate) const MOST_AT_ONCE: u32 = 3;
const DOING: &str = "reading a file";

/// A transfer under way.
pub(crate) struct Reading {
    lease: Lease,
    octets: TransferStream<AsyncRustlsStream>,
}

/// An opened file.
pub(crate) struct Content {
    whole: Reading,
    place: Place,
    node: Node,
}

/// Opens a file. The facts are asked before it is opened and after, on another connection, and hold if they are the same.
pub(crate) async fn open(mut lease: Lease, place: &Place) -> Result<Content> {
    let mut second = lease.another().await?;
    for _ in 0..MOST_LOOKS {
        let found = place.look(&mut lease).await?;
        if found.is_folder() {
            return Err(Error::invalid("this is a folder"));
        }
        let whole = Reading::begin(lease, &place.path, 0).await?;
        if place.there(&mut second).await?.as_ref() == Some(&found) {
            return Ok(Content { whole, place: place.clone(), node: found.node(&place.name) });
        }
        drop(whole);
        lease = second.another().await?;
    }
    Err(Error::unavailable(&lease.share.settings.name, DOING, "it changes all the time"))
}

impl Reading {
    /// Begins to read at an offset.
    pub(crate) async fn begin(mut lease: Lease, path: &str, at: u64) -> Result<Self> {
        let at = usize::try_from(at).map_err(|error| Error::internal(DOING, error))?;
        let begun = lease.run(async |it| {
            it.ftp.resume_transfer(at).await?;
            it.ftp.retr_as_stream(path).await
        });
        let octets = begun.await.map_err(|refusal| refusal.look_fault(&lease.share.settings, DOING))?;
        lease.spoil();
        Ok(Self { lease, octets })
    }

    /// The next octets; none at the end.
    pub(crate) async fn next(&mut self) -> Result<Bytes> {
        let mut piece = BytesMut::with_capacity(PIECE);
        let away = |what: String| Error::unavailable(&self.lease.share.settings.name, DOING, what);
        match timeout(self.lease.share.settings.timeout, self.octets.read_buf(&mut piece)).await {
            Ok(Ok(_)) => Ok(piece.freeze()),
            Ok(Err(error)) => Err(away(error.to_string())),
            Err(slow) => Err(away(slow.to_string())),
        }
    }

    /// Hears from the server that this was all, and gives the connection back.
    pub(crate) async fn end(self) -> Result<Lease> {
        let Self { mut lease, octets } = self;
        let ended = lease.run(async |_| octets.finish().await.map(drop)).await;
        ended.map_err(|refusal| refusal.fault(&lease.share.settings, DOING))?;
        Ok(lease)
    }
}

impl FileContent for Content {
    fn node(&self) -> &Node {
        &self.node
    }

    fn stream(self: Box<Self>, range: ByteRange) -> ByteStream {
        let size = self.node.size;
        let (start, end) = match range {
            ByteRange::Full => (0, size),
            ByteRange::Part(part) => (part.start.min(size), part.end.min(size)),
        };
        if start >= end {
            return Box::pin(stream::empty());
        }
        let to_its_end = end == size;
        let begin = async move {
            let (reading, past) = self.part(start).await?;
            reading.lease.alone();
            Ok::<_, Error>(pieces(reading, past, end.saturating_sub(start), to_its_end))
        };
        Box::pin(futures::TryStreamExt::try_flatten(stream::once(begin)))
    }
}

impl Content {
    /// A transfer that holds the part, and how much of it comes before.
    async fn part(self, start: u64) -> Result<(Reading, u64)> {
        if start <= READ_PAST {
            return Ok((self.whole, start));
        }
        let is_same = |node: Option<Node>| node.as_ref() == Some(&self.node);
        let node = |facts: Option<crate::facts::Facts>| facts.map(|facts| facts.node(&self.place.name));
        let mut lease = self.whole.lease.another().await?;
        if !is_same(node(self.place.there(&mut lease).await?)) {
            return Ok((self.whole, start));
        }
        let part = Reading::begin(lease, &self.place.path, start).await?;
        let mut third = self.whole.lease.another().await?;
        let same = is_same(node(self.place.there(&mut third).await?));
        Ok(if same { (part, 0) } else { (self.whole, start) })
    }
}

/// What a transfer holds after so many octets, so many of them.
fn pieces(
    reading: Reading,
    past: u64,
    length: u64,
    to_its_end: bool,
) -> impl futures::Stream<Item = Result<Bytes>> + Send {
    stream::try_unfold((Some(reading), past, length), move |(reading, mut past, left)| async move {
        let Some(mut reading) = reading else { return Ok(None) };
        if left == 0 {
            if to_its_end {
                // What the server does not call whole is not.
                reading.end().await?;
            }
            return Ok(None);
        }
        loop {
            let mut piece = reading.next().await?;
            if piece.is_empty() {
                let name = &reading.lease.share.settings.name;
                return Err(Error::unavailable(name, DOING, "the file has become shorter"));
            }
            let skipped = usize::try_from(past).unwrap_or(usize::MAX).min(piece.len());
            past = past.saturating_sub(u64::try_from(skipped).unwrap_or(u64::MAX));
            let _ = piece.split_to(skipped);
            piece.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            if !piece.is_empty() {
                let left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
                return Ok(Some((piece, (Some(reading), past, left))));
            }
        }
    })
}
