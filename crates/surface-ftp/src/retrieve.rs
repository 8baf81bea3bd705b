//! RETR (RFC 959 §4.1.3), from an offset that REST said (RFC 3659 §5).

use crate::{data::DataStream, transfer::Cut, tree};
use futures::StreamExt;
use passerelle_core::{
    Error, Read, Result, Session,
    ports::{ByteRange, FileContent},
};
use passerelle_wire_ftp::{Reply, TreePath};

/// Opens a file to be sent; `Err` within is a refusal of the protocol's own.
pub(crate) async fn open(session: &Session, path: &TreePath, from: u64) -> Result<Result<Box<dyn FileContent>, Reply>> {
    let Some(node) = tree::node_at(session, path)? else { return Ok(Err(Reply::new(550, "That is a folder"))) };
    let handle = session.open_seen::<Read>(&node).await?;
    let content = match handle.open().await {
        Err(Error::Invalid { .. }) => return Ok(Err(Reply::new(550, "That is a folder"))),
        opened => opened?,
    };
    if from > content.node().size {
        // RFC 3659 §5.3: the offset is not within the file.
        return Ok(Err(Reply::new(554, "The file ends before that")));
    }
    Ok(Ok(content))
}

/// Sends it; the octets that went out.
pub(crate) async fn send(mut data: DataStream, content: Box<dyn FileContent>, from: u64) -> Result<u64, Cut> {
    let size = content.node().size;
    let range = if from == 0 { ByteRange::Full } else { ByteRange::Part(from..size) };
    if from < size {
        let mut octets = content.stream(range);
        while let Some(piece) = octets.next().await {
            data.write(&piece.map_err(Cut::Store)?).await.map_err(Cut::Client)?;
        }
    }
    data.finish().await.map_err(Cut::Client)
}
