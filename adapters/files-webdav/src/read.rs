//! Reading a file: what was opened is read to its end, whatever is put in its place.
//!
//! The request for the whole is sent at once, and the server holds the file from then on. For a part far from the beginning
//! another request is made, which counts only if its answer has the same tag; else the beginning is read past.

use crate::{
    facts::opaque,
    place::{Found, Place},
};
use bytes::Bytes;
use futures::stream;
use passerelle_core::{
    Error, Result,
    ports::{ByteRange, ByteStream, FileContent, Node},
};
use passerelle_fetch::dav::{Link, lost};
use reqwest::{
    Method, Response, StatusCode,
    header::{CONTENT_RANGE, ETAG, IF_MATCH, RANGE},
};
use tokio::time::timeout;

/// So many octets are rather read past than asked for anew.
const READ_PAST: u64 = 64 * 1024;
/// How often a file is looked at again that somebody replaces just now.
const MOST_LOOKS: usize = 5;
const DOING: &str = "reading a file";

/// An opened file.
pub(crate) struct Content {
    link: Link,
    path: String,
    found: Found,
    node: Node,
    /// The whole, not read yet.
    whole: Response,
}

/// Opens a file. The facts are asked before it is opened, and hold if the open one has the same.
pub(crate) async fn open(link: Link, place: &Place) -> Result<Content> {
    for _ in 0..MOST_LOOKS {
        let found = place.look(&link).await?;
        if found.facts.folder {
            return Err(Error::invalid("this is a folder"));
        }
        let whole = link.send(DOING, link.request(Method::GET, &place.path)?).await?;
        if whole.status() != StatusCode::OK {
            return Err(link.refused(DOING, whole.status()));
        }
        // Without a length in the listing it is the answer that tells it.
        let length = found.facts.length.or_else(|| whole.content_length());
        if is_same(&whole, &found) && length.is_some() && whole.content_length().is_none_or(|told| Some(told) == length)
        {
            let mut node = found.node(&place.name)?;
            node.size = length.unwrap_or_default();
            return Ok(Content { link, path: place.path.clone(), found, node, whole });
        }
    }
    Err(Error::unavailable(link.name(), DOING, "it changes all the time"))
}

/// Whether an answer has the content that was looked at, as far as tags tell.
fn is_same(response: &Response, found: &Found) -> bool {
    let told = response.headers().get(ETAG).and_then(|tag| tag.to_str().ok()).map(opaque);
    told == found.facts.opaque() || told.is_none() || found.facts.opaque().is_none()
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
        let begin = async move {
            let link = self.link.clone();
            let (response, past) = self.part(start, end).await?;
            Ok::<_, Error>(pieces(link, response, past, end.saturating_sub(start)))
        };
        Box::pin(futures::TryStreamExt::try_flatten(stream::once(begin)))
    }
}

impl Content {
    /// The answer that holds the part, and how much of it comes before.
    async fn part(self, start: u64, end: u64) -> Result<(Response, u64)> {
        // Without a tag there is no telling whether another answer is of this content.
        if start <= READ_PAST || self.found.facts.opaque().is_none() {
            return Ok((self.whole, start));
        }
        let last = end.saturating_sub(1);
        let mut request = self.link.request(Method::GET, &self.path)?.header(RANGE, format!("bytes={start}-{last}"));
        if let Some(tag) = self.found.facts.strong() {
            request = request.header(IF_MATCH, tag);
        }
        let part = self.link.send(DOING, request).await?;
        let told = part.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
        // RFC 9110 §14.4: `bytes first-last/length`
        let fits = told == Some(format!("bytes {start}-{last}/{}", self.node.size).as_str());
        let tagged = part.headers().contains_key(ETAG) && is_same(&part, &self.found);
        if part.status() == StatusCode::PARTIAL_CONTENT && fits && tagged {
            Ok((part, 0))
        } else {
            Ok((self.whole, start))
        }
    }
}

/// What an answer holds after so many octets, so many of them.
fn pieces(link: Link, response: Response, past: u64, length: u64) -> impl futures::Stream<Item = Result<Bytes>> + Send {
    stream::try_unfold((link, response, past, length), |(link, mut response, mut past, left)| async move {
        if left == 0 {
            return Ok(None);
        }
        loop {
            let mut piece = match timeout(link.server.timeout, response.chunk()).await {
                Ok(Ok(Some(piece))) => piece,
                Ok(Ok(None)) => return Err(Error::unavailable(link.name(), DOING, "the file has become shorter")),
                Ok(Err(error)) => return Err(lost(link.name(), DOING, error)),
                Err(slow) => return Err(Error::unavailable(link.name(), DOING, slow)),
            };
            let skipped = usize::try_from(past).unwrap_or(usize::MAX).min(piece.len());
            past = past.saturating_sub(u64::try_from(skipped).unwrap_or(u64::MAX));
            let _ = piece.split_to(skipped);
            piece.truncate(usize::try_from(left).unwrap_or(usize::MAX));
            if !piece.is_empty() {
                let left = left.saturating_sub(u64::try_from(piece.len()).unwrap_or(u64::MAX));
                return Ok(Some((piece, (link, response, past, left))));
            }
        }
    })
}
