//! Bodies. What fails midway aborts the transport: no last chunk, RST_STREAM (invariant 13).

use bytes::Bytes;
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
