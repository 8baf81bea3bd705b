//! What the gateway and its helper say to each other. One packet is one message (`SOCK_SEQPACKET`, unix(7)); a request
//! and its answer take turns. Descriptors travel beside the octets (`SCM_RIGHTS`), as many as the message says.
//!
//! ```text
//! message    = version op body            version = %x01
//! number     = 1, 2, 4 or 8 octets, the lowest first
//! name       = length-1 1*255OCTET        one part of a path: no "/", no NUL, neither "." nor ".."
//! path       = length-2 *4096OCTET        no NUL
//! ```
//!
//! A connection begins with [`Request::Begin`], which says as whom everything on it is done, or with
//! [`Request::Examine`]. What cannot be read is [`Garbled`] and never acted upon. No clock, no I/O.

mod answer;
mod octets;
mod request;

pub(crate) use answer::{Answer, Declined, Examined};
pub(crate) use request::{Name, Opening, Request};

use passerelle_core::ports::FileTime;

/// The version of this language; a helper and a gateway of different ones do not understand each other.
const VERSION: u8 = 1;
/// Most names in one question.
pub(crate) const MOST_NAMES: usize = 256;
/// Longest path, in octets (PATH_MAX).
pub(crate) const LONGEST_PATH: usize = 4096;
/// Longest request, in octets: [`MOST_NAMES`] names of 255 octets with their lengths, and the head.
pub(crate) const LONGEST_REQUEST: usize = MOST_NAMES * 256 + 64;
/// Longest answer, in octets: what is known of [`MOST_NAMES`] names, and the head.
pub(crate) const LONGEST_ANSWER: usize = MOST_NAMES * 80 + 64;
/// Most descriptors beside one message.
pub(crate) const MOST_DESCRIPTORS: usize = 2;

/// A message that cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Garbled;

fn put_time(out: &mut octets::Writer, at: FileTime) {
    out.u64(at.seconds.cast_unsigned());
    out.u32(at.nanos);
}

fn take_time(from: &mut octets::Reader<'_>) -> Result<FileTime, Garbled> {
    Ok(FileTime { seconds: from.u64()?.cast_signed(), nanos: from.u32()? })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test may panic")]
mod tests;
