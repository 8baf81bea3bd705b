//! Bodies. What fails midway aborts the transport: no last chunk, RST_STREAM (invariant 13).

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http_body::{Body, Frame, SizeHint};
use http_body_util::{BodyExt, Empty, Full, StreamBody, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use passerelle_core::ports::ByteStream;
use std::{
    fmt,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use tokio::{sync::oneshot, time::timeout};

/// A request's body, in bounded pieces. What a surface does not read comes back to the server, which reads some of it
/// before it answers: a client that is still sending would lose the answer with the stream.
#[derive(Debug)]
pub struct RequestBody {
    incoming: Option<Incoming>,
    rest: Option<oneshot::Sender<Incoming>>,
    /// Asked for at all: a client that expects "100 Continue" sends nothing before.
    asked: bool,
}

impl RequestBody {
    /// The body, of which nothing stays here.
    #[must_use]
    pub fn take(&mut self) -> Self {
        Self { incoming: self.incoming.take(), rest: self.rest.take(), asked: self.asked }
    }

    /// The body, and where its rest comes to.
    pub(crate) fn new(incoming: Incoming, expects_continue: bool) -> (Self, oneshot::Receiver<Incoming>) {
        let (rest, receiver) = oneshot::channel();
        (Self { incoming: Some(incoming), rest: Some(rest), asked: !expects_continue }, receiver)
    }
}

impl Body for RequestBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.asked = true;
        match &mut self.incoming {
            Some(incoming) => Pin::new(incoming).poll_frame(cx),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.as_ref().map(Body::size_hint).unwrap_or_default()
    }
}

impl Drop for RequestBody {
    fn drop(&mut self) {
        if let (Some(incoming), Some(rest), true) = (self.incoming.take(), self.rest.take(), self.asked)
            && !incoming.is_end_stream()
        {
            // A server that is gone does not want it.
            let _ = rest.send(incoming);
        }
    }
}

/// Reads what a surface left, within bounds of size and time.
pub(crate) async fn throw_away(mut rest: Incoming) {
    let mut seen = 0_usize;
    let reading = async {
        while let Some(Ok(frame)) = rest.frame().await {
            seen = seen.saturating_add(frame.data_ref().map_or(0, Bytes::len));
            if seen > THROWN_AWAY {
                return;
            }
        }
    };
    // A client that takes longer gets its answer, if it can hear it.
    let _ = timeout(THROWING, reading).await;
}
/// An answer's body.
pub type ResponseBody = UnsyncBoxBody<Bytes, BodyError>;

/// Why a body could not be sent to its end. The cause is in the log already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BodyError(pub String);

impl fmt::Display for BodyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer was cut short: {}", self.0)
    }
}
impl std::error::Error for BodyError {}

/// Why a small body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unread {
    /// It is larger than may be: 413 (RFC 9110 §15.5.14).
    TooLarge,
    /// The client left in the middle; nobody reads an answer.
    Gone,
}

/// How much of a body that is too large is read and thrown away, in octets. An answer to a client that is still sending
/// would be lost with the connection.
const THROWN_AWAY: usize = 32 * 1024 * 1024;
/// And how long that may take.
const THROWING: Duration = Duration::from_secs(5);

/// How long a client may be silent in the middle of a body.
const SILENCE: Duration = Duration::from_secs(60);

/// Reads a small body whole.
///
/// # Errors
/// What is wrong with it.
pub async fn read_whole(mut body: RequestBody, most: usize) -> Result<Bytes, Unread> {
    let mut whole = BytesMut::new();
    while let Some(frame) = timeout(SILENCE, body.frame()).await.map_err(|_slow| Unread::Gone)? {
        let Ok(frame) = frame else { return Err(Unread::Gone) };
        let Some(piece) = frame.data_ref() else { continue };
        if whole.len().saturating_add(piece.len()) > most {
            return Err(Unread::TooLarge);
        }
        whole.extend_from_slice(piece);
    }
    Ok(whole.freeze())
}

/// No body.
pub fn empty() -> ResponseBody {
    Empty::new().map_err(|never| match never {}).boxed_unsync()
}

/// A body that is there as a whole.
pub fn body_of(octets: impl Into<Bytes>) -> ResponseBody {
    Full::new(octets.into()).map_err(|never| match never {}).boxed_unsync()
}

/// A body that a back-end sends.
pub fn stream_of(stream: ByteStream) -> ResponseBody {
    StreamBody::new(stream.then(async |piece| match piece {
        Ok(piece) => Ok(Frame::data(piece)),
        Err(error) => {
            tracing::warn!(fault = ?error.fault(), "an answer was cut short: {}", error.chain());
            // hyper drops what it has not sent yet with the connection, the head too: let it send that first.
            tokio::task::yield_now().await;
            Err(BodyError(error.to_string()))
        }
    }))
    .boxed_unsync()
}
