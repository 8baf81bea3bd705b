//! Reading a file: what was opened is read to its end, whatever is put in its place.

use crate::{fault::fault, link::Link, meta, place::Place, store::Share, write::Open};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use passerelle_core::{
    Error, Result,
    ports::{ByteRange, ByteStream, FileContent, Node, NodeKind},
};
use russh_sftp::{
    client::error::Error as Sftp,
    protocol::{OpenFlags, StatusCode},
};
use std::sync::Arc;

/// How many pieces are on their way for one reader: 1 MiB with OpenSSH.
const AHEAD: usize = 8;
/// How often a file is looked at again that somebody replaces just now.
const MOST_LOOKS: usize = 5;
const DOING: &str = "reading a file";

/// An opened file.
pub(crate) struct Content {
    share: Arc<Share>,
    open: Arc<Open>,
    node: Node,
}

/// Opens a file. The facts are asked before it is opened, so that no link is, and hold if the open one has the same.
pub(crate) async fn open(share: &Arc<Share>, link: &Arc<Link>, place: &Place) -> Result<Content> {
    let told = |error| fault(&share.settings, "opening a file", error);
    for _ in 0..MOST_LOOKS {
        let found = place.look(&share.settings, link).await?;
        if meta::kind(&found) != Some(NodeKind::File) {
            return Err(Error::invalid("this is a folder"));
        }
        let open = Open::file(link, &place.path, OpenFlags::READ, meta::none()).await.map_err(told)?;
        let now = link.sftp.fstat(open.handle()).await.map_err(told)?.attrs;
        let node = meta::node(&place.name, &now);
        if let Some(node) = node.filter(|node| Some(node) == meta::node(&place.name, &found).as_ref()) {
            return Ok(Content { share: Arc::clone(share), open: Arc::new(open), node });
        }
    }
    Err(Error::unavailable(&share.settings.name, "opening a file", "it changes all the time"))
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
        let piece = u64::from(self.open.link.powers.read);
        let pieces = (0..).map(move |number: u64| start.saturating_add(number.saturating_mul(piece)));
        let pieces = pieces.take_while(move |at| *at < end);
        let read = stream::iter(pieces).map(move |at| {
            let length = piece.min(end.saturating_sub(at));
            exactly(Arc::clone(&self.share), Arc::clone(&self.open), at, u32::try_from(length).unwrap_or(u32::MAX))
        });
        Box::pin(read.buffered(AHEAD))
    }
}

/// Reads so many octets; a server may give fewer at once than it was asked for.
pub(crate) async fn exactly(share: Arc<Share>, open: Arc<Open>, mut at: u64, mut length: u32) -> Result<Bytes> {
    let mut all = BytesMut::new();
    while length > 0 {
        let octets = match open.link.sftp.read(open.handle(), at, length).await {
            Ok(piece) => piece.data,
            Err(Sftp::Status(status)) if status.status_code == StatusCode::Eof => Vec::new(),
            Err(error) => return Err(fault(&share.settings, DOING, error)),
        };
        let got = u32::try_from(octets.len()).unwrap_or(u32::MAX);
        if got == 0 || got > length {
            return Err(Error::unavailable(&share.settings.name, DOING, "the file has become shorter"));
        }
        if got == length && all.is_empty() {
            return Ok(Bytes::from(octets));
        }
        all.extend_from_slice(&octets);
        length = length.saturating_sub(got);
        at = at.saturating_add(got.into());
    }
    Ok(all.freeze())
}
