//! Reading files.

use crate::{
    buffers::CHUNK,
    fault::fault,
    meta,
    place::READ,
    share::{Share, Span},
};
use bytes::Bytes;
use futures::stream;
use passerelle_core::{
    Error, Result,
    ports::{ByteRange, ByteStream, FileContent, Node, NodeKind},
};
use passerelle_model::NodeRef;
use rustix::{
    fd::OwnedFd,
    io::{Errno, ReadWriteFlags},
};
use std::{io::IoSliceMut, sync::Arc};
use tokio::task::JoinHandle;

const DOING: &str = "reading a file";

/// An opened file.
pub(crate) struct Content {
    share: Arc<Share>,
    node: Node,
    file: Arc<OwnedFd>,
    /// The first octets, where opening meant a change of threads anyway.
    first: Option<Bytes>,
    /// Whether the kernel can be asked for what it has in memory.
    at_hand: bool,
}

/// Opens a file, with its first octets where that costs nothing more.
pub(crate) async fn open(share: &Arc<Share>, node: &NodeRef) -> Result<Content> {
    if let Some(file) = share.open_at_hand(node, READ) {
        let file = file?;
        let shown = file_node(share, node, &file)?;
        return Ok(Content { share: Arc::clone(share), node: shown, file: Arc::new(file), first: None, at_hand: true });
    }
    let node = node.clone();
    share
        .run(DOING, Span::Call, move |share| {
            let file = share.open(&node, READ, DOING)?;
            let shown = file_node(share, &node, &file)?;
            let first = read(share, &file, 0, shown.size)?;
            let share = Arc::clone(share);
            Ok(Content { share, node: shown, file: Arc::new(file), first: Some(first), at_hand: false })
        })
        .await
}

fn file_node(share: &Share, node: &NodeRef, file: &OwnedFd) -> Result<Node> {
    let stat = meta::opened(file).map_err(|errno| fault(&share.name, DOING, errno))?;
    let shown = meta::node(node.path.name().unwrap_or_default(), &stat).ok_or(Error::NotFound)?;
    match shown.kind {
        NodeKind::File => Ok(shown),
        NodeKind::Folder => Err(Error::invalid("a folder")),
    }
}

impl FileContent for Content {
    fn node(&self) -> &Node {
        &self.node
    }

    fn stream(self: Box<Self>, range: ByteRange) -> ByteStream {
        let (at, end) = match range {
            ByteRange::Full => (0, self.node.size),
            ByteRange::Part(range) => (range.start, range.end.min(self.node.size)),
        };
        let first = self.first.filter(|_| at == 0);
        let reading =
            Reading { share: self.share, file: self.file, at, end, at_hand: self.at_hand, first, ahead: None };
        Box::pin(stream::unfold(Some(reading), |reading| async move {
            let mut reading = reading?;
            match reading.next().await? {
                Ok(piece) => Some((Ok(piece), Some(reading))),
                Err(error) => Some((Err(error), None)),
            }
        }))
    }
}

/// A file on its way out.
struct Reading {
    share: Arc<Share>,
    file: Arc<OwnedFd>,
    at: u64,
    end: u64,
    at_hand: bool,
    first: Option<Bytes>,
    /// The chunk after the last one that was sent.
    ahead: Option<JoinHandle<Result<Bytes>>>,
}

impl Reading {
    async fn next(&mut self) -> Option<Result<Bytes>> {
        if self.at >= self.end {
            return None;
        }
        let piece = match self.piece().await {
            Ok(piece) if piece.is_empty() => {
                let cause = "the file became shorter while it was read";
                return Some(Err(Error::unavailable(&self.share.name, DOING, cause)));
            }
            Ok(piece) => piece,
            Err(error) => return Some(Err(error)),
        };
        self.at += u64::try_from(piece.len()).unwrap_or(u64::MAX);
        Some(Ok(piece))
    }

    async fn piece(&mut self) -> Result<Bytes> {
        if let Some(first) = self.first.take() {
            let wanted = usize::try_from(self.end).unwrap_or(usize::MAX);
            let first = first.slice(..first.len().min(wanted));
            self.read_ahead(first.len());
            return Ok(first);
        }
        if let Some(ahead) = self.ahead.take() {
            let piece = ahead.await.map_err(|error| Error::internal(DOING, error))??;
            self.read_ahead(piece.len());
            return Ok(piece);
        }
        if self.at_hand
            && let Some(piece) = self.read_at_hand()
        {
            return piece;
        }
        let (file, at, end) = (Arc::clone(&self.file), self.at, self.end);
        let piece = self.share.run(DOING, Span::Call, move |share| read(share, &file, at, end)).await?;
        self.read_ahead(piece.len());
        Ok(piece)
    }

    /// Begins with what comes after the piece of this length, on another thread.
    fn read_ahead(&mut self, length: usize) {
        let (at, end) = (self.at.saturating_add(u64::try_from(length).unwrap_or(u64::MAX)), self.end);
        if at >= end || length == 0 {
            return;
        }
        let (share, file) = (Arc::clone(&self.share), Arc::clone(&self.file));
        self.ahead =
            Some(tokio::spawn(
                async move { share.run(DOING, Span::Call, move |share| read(share, &file, at, end)).await },
            ));
    }

    /// What the kernel has in memory; `None` when it would have to ask the disk.
    fn read_at_hand(&self) -> Option<Result<Bytes>> {
        let mut loan = self.share.buffers.lend(wanted(self.at, self.end));
        let mut room = [IoSliceMut::new(loan.room())];
        match rustix::io::preadv2(&self.file, &mut room, self.at, ReadWriteFlags::NOWAIT) {
            Ok(length) => Some(Ok(loan.filled(length))),
            Err(Errno::AGAIN | Errno::OPNOTSUPP | Errno::INTR | Errno::NOSYS) => None,
            Err(errno) => Some(Err(fault(&self.share.name, DOING, errno))),
        }
    }
}

fn read(share: &Share, file: &OwnedFd, at: u64, end: u64) -> Result<Bytes> {
    let mut loan = share.buffers.lend(wanted(at, end));
    let length = rustix::io::retry_on_intr(|| rustix::io::pread(file, &mut *loan.room(), at));
    length.map(|length| loan.filled(length)).map_err(|errno| fault(&share.name, DOING, errno))
}

fn wanted(at: u64, end: u64) -> usize {
    usize::try_from(end.saturating_sub(at)).unwrap_or(CHUNK).min(CHUNK)
}
