//! A PUT under way: its body comes piece by piece, and ends only when it is said to. Dropped before, the connection breaks,
//! so that no server takes a part for the whole (invariant 14).

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use passerelle_core::{Error, Result};
use passerelle_fetch::dav::{Link, lost};
use reqwest::{Method, Response, StatusCode};
use std::{
    pin::Pin,
    task::{Context, Poll, ready},
};
use tokio::{
    sync::mpsc::{Receiver, Sender, channel},
    task::JoinHandle,
    time::timeout,
};

/// How many pieces wait for the server; each is as large as the client's were.
const WAITING: usize = 4;
const DOING: &str = "writing a file";

enum Piece {
    Octets(Bytes),
    End,
}

/// The body as the HTTP client takes it.
struct Pieces {
    pieces: Receiver<Piece>,
    length: Option<u64>,
    ended: bool,
}

/// Why a body breaks.
#[derive(Debug, thiserror::Error)]
#[error("whoever wrote it has gone")]
struct Gone;

impl Body for Pieces {
    type Data = Bytes;
    type Error = Gone;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Gone>>> {
        if self.ended {
            return Poll::Ready(None);
        }
        Poll::Ready(match ready!(self.pieces.poll_recv(cx)) {
            Some(Piece::Octets(octets)) => Some(Ok(Frame::data(octets))),
            Some(Piece::End) => {
                self.ended = true;
                None
            }
            None => Some(Err(Gone)),
        })
    }

    fn size_hint(&self) -> SizeHint {
        self.length.map_or_else(SizeHint::new, SizeHint::with_exact)
    }

    fn is_end_stream(&self) -> bool {
        // Never before the end was said, not even where the length has been reached.
        self.ended
    }
}

/// The request, with its body still open.
pub(crate) struct Sending {
    link: Link,
    pieces: Option<Sender<Piece>>,
    answer: JoinHandle<Result<Response, reqwest::Error>>,
}

impl Sending {
    /// Begins to write at a path. With a length no more and no less than that may follow.
    pub(crate) fn begin(link: &Link, path: &str, length: Option<u64>) -> Result<Self> {
        let (pieces, taken) = channel(WAITING);
        let body = reqwest::Body::wrap(Pieces { pieces: taken, length, ended: false });
        let request = link.request(Method::PUT, path)?.header("Content-Type", "application/octet-stream").body(body);
        let answer = tokio::spawn(request.send());
        Ok(Self { link: link.clone(), pieces: Some(pieces), answer })
    }

    /// Hands on a piece.
    ///
    /// # Errors
    /// What the server said before the end, or `Unavailable` when it takes nothing in time.
    pub(crate) async fn write(&mut self, octets: Bytes) -> Result<()> {
        let Some(pieces) = self.pieces.clone() else { return Err(Error::internal(DOING, "after the end")) };
        match timeout(self.link.server.timeout, pieces.send(Piece::Octets(octets))).await {
            Ok(Ok(())) => Ok(()),
            // The request is over: its answer says why.
            Ok(Err(_)) => match self.settle().await {
                Ok(()) => Err(Error::unavailable(self.link.name(), DOING, "the server answered before the end")),
                Err(error) => Err(error),
            },
            Err(slow) => Err(Error::unavailable(self.link.name(), DOING, slow)),
        }
    }

    /// Says that this was all, and waits for the answer.
    pub(crate) async fn finish(mut self) -> Result<()> {
        // With a length that has been reached the request may be over already.
        if let Some(pieces) = self.pieces.clone() {
            let _ = timeout(self.link.server.timeout, pieces.send(Piece::End)).await;
        }
        self.settle().await
    }

    async fn settle(&mut self) -> Result<()> {
        self.pieces = None;
        let name = self.link.name();
        let response = match timeout(self.link.server.timeout, &mut self.answer).await {
            Ok(Ok(Ok(response))) => response,
            Ok(Ok(Err(error))) => return Err(lost(name, DOING, error)),
            Ok(Err(error)) => return Err(Error::internal(DOING, error)),
            Err(slow) => return Err(Error::unavailable(name, DOING, slow)),
        };
        match response.status() {
            StatusCode::CREATED | StatusCode::NO_CONTENT | StatusCode::OK => Ok(()),
            status => Err(self.link.refused(DOING, status)),
        }
    }
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.answer.abort();
    }
}
