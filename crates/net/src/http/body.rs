//! Bodies. What fails midway aborts the transport: no last chunk, RST_STREAM (invariant 13).

use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use http_body::Frame;
use http_body_util::{BodyExt, Empty, Full, StreamBody, combinators::UnsyncBoxBody};
use passerelle_core::ports::ByteStream;
use std::fmt;

/// A request's body, in bounded pieces.
pub type RequestBody = hyper::body::Incoming;
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

/// Reads a small body whole.
///
/// # Errors
/// What is wrong with it.
pub async fn read_whole(mut body: RequestBody, most: usize) -> Result<Bytes, Unread> {
    let (mut whole, mut seen) = (BytesMut::new(), 0_usize);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(Unread::Gone) };
        let Some(piece) = frame.data_ref() else { continue };
        seen = seen.saturating_add(piece.len());
        if seen > THROWN_AWAY {
            return Err(Unread::TooLarge);
        }
        if seen <= most {
            whole.extend_from_slice(piece);
        } else {
            whole = BytesMut::new();
        }
    }
    if seen > most { Err(Unread::TooLarge) } else { Ok(whole.freeze()) }
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
    StreamBody::new(stream.map(|piece| match piece {
        Ok(piece) => Ok(Frame::data(piece)),
        Err(error) => {
            tracing::warn!(fault = ?error.fault(), "an answer was cut short: {}", error.chain());
            Err(BodyError(error.to_string()))
        }
    }))
    .boxed_unsync()
}
