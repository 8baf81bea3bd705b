//! Reading a file: what was opened is read to its end, whatever is put in its place.

use crate::{fault::fault, link::Link, meta, place::Place, settings::Settings};
use bytes::Bytes;
use futures::{StreamExt, stream};
use passerelle_core::{
    Error, Result,
    ports::{ByteRange, ByteStream, FileContent, Node},
};
use smb2::{FileReader, client::stream::open_file_reader};
use std::sync::Arc;

/// What is asked of the server at once, in octets.
const PIECE: u64 = 512 * 1024;
/// How many pieces are on their way for one reader: 2 MiB.
const AHEAD: usize = 4;
/// How often a file is looked at again that somebody replaces just now.
const MOST_LOOKS: usize = 5;

/// An opened file.
pub(crate) struct Content {
    settings: Arc<Settings>,
    reader: Arc<FileReader>,
    node: Node,
}

/// Opens a file. The facts are asked before it is opened, and hold if the open one has the same.
pub(crate) async fn open(settings: &Arc<Settings>, link: &Arc<Link>, place: &Place) -> Result<Content> {
    let told = |error| fault(&settings.name, "opening a file", error);
    for _ in 0..MOST_LOOKS {
        let (info, identity) = place.look(settings, link).await?;
        if info.is_directory {
            return Err(Error::invalid("this is a folder"));
        }
        let reader = open_file_reader(Arc::clone(&link.tree), link.connection(), &place.path).await.map_err(told)?;
        let now = reader.info();
        if (now.size, now.modified, now.changed, now.created) == (info.size, info.modified, info.changed, info.created)
        {
            let node = meta::node(&place.name, &info, identity)?;
            return Ok(Content { settings: Arc::clone(settings), reader: Arc::new(reader), node });
        }
        // Whether its handle is closed changes nothing for us.
        let _ = reader.close().await;
    }
    Err(Error::unavailable(&settings.name, "opening a file", "it changes all the time"))
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
        let pieces = (0..).map(move |number: u64| start.saturating_add(number.saturating_mul(PIECE)));
        let pieces = pieces.take_while(move |at| *at < end);
        let read = stream::iter(pieces).map(move |at| {
            let (reader, settings) = (Arc::clone(&self.reader), Arc::clone(&self.settings));
            let length = PIECE.min(end.saturating_sub(at));
            async move {
                let octets =
                    reader.read_at(at, length).await.map_err(|error| fault(&settings.name, "reading", error))?;
                if u64::try_from(octets.len()).is_ok_and(|got| got == length) {
                    Ok(Bytes::from(octets))
                } else {
                    Err(Error::unavailable(&settings.name, "reading", "the file has become shorter"))
                }
            }
        });
        Box::pin(read.buffered(AHEAD))
    }
}
