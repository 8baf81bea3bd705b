//! Reading a file: what was opened is read to its end, whatever is put in its place.
//!
//! The request for the whole is sent at once, and the store holds the object from then on. For a part far from the beginning
//! another request is made, which counts only for the same tag; else the beginning is read past.

use crate::{
    client::{Ask, Link},
    fault::lost,
    place::{Found, Place},
};
use bytes::Bytes;
use futures::stream;
use passerelle_core::{
    Error, Result,
    ports::{ByteRange, ByteStream, FileContent, Node},
};
use reqwest::{
    Method, Response, StatusCode,
    header::{CONTENT_RANGE, IF_MATCH, RANGE},
};
use tokio::time::timeout;

/// So many octets are rather read past than asked for anew.
const READ_PAST: u64 = 64 * 1024;
const DOING: &str = "reading a file";

/// An opened file.
pub(crate) struct Content {
    link: Link,
    key: String,
    tag: String,
    node: Node,
    /// The whole, not read yet.
    whole: Response,
}

/// Opens a file. Its facts come with its octets.
pub(crate) async fn open(link: Link, place: &Place) -> Result<Content> {
    if place.name.is_empty() || place.key.len() > 1_024 {
        place.look(&link).await?;
        return Err(Error::invalid("this is a folder"));
    }
    let whole = link.send(DOING, link.request(&Ask::of(Method::GET, &place.key))?, false).await?;
    if whole.status() == StatusCode::NOT_FOUND {
        return match link.refused(DOING, whole).await {
            Error::NotFound => {
                place.look_for_folder(&link).await?;
                Err(Error::invalid("this is a folder"))
            }
            error => Err(error),
        };
    }
    if whole.status() != StatusCode::OK {
        return Err(link.refused(DOING, whole).await);
    }
    let found = Found::of_headers(&link, &whole, whole.content_length())?;
    let node = found.node(&place.name);
    Ok(Content { link, key: place.key.clone(), tag: found.tag, node, whole })
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
        if start <= READ_PAST {
            return Ok((self.whole, start));
        }
        let last = end.saturating_sub(1);
        let request =
            self.link.request(&Ask::of(Method::GET, &self.key))?.header(RANGE, format!("bytes={start}-{last}"));
        let part = self.link.send(DOING, request.header(IF_MATCH, format!("\"{}\"", self.tag)), false).await?;
        let told = part.headers().get(CONTENT_RANGE).and_then(|range| range.to_str().ok());
        // RFC 9110 §14.4: `bytes first-last/length`
        let fits = told == Some(format!("bytes {start}-{last}/{}", self.node.size).as_str());
        let same = Found::of_headers(&self.link, &part, Some(self.node.size)).is_ok_and(|found| found.tag == self.tag);
        if part.status() == StatusCode::PARTIAL_CONTENT && fits && same {
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
            let mut piece = match timeout(link.settings.timeout, response.chunk()).await {
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
