//! A message that is put into a mailbox (RFC 9051 §6.3.12).

use super::{ByteStream, Flag};
use passerelle_model::Timestamp;
use std::{fmt, num::NonZeroU64};

/// A message on its way in. Its size is known before its first octet is, as IMAP wants it; where a client does not say it, the
/// surface has to have it whole.
pub struct NewMessage {
    /// How many octets come, exactly.
    pub size: NonZeroU64,
    /// The flags that it is to have.
    pub flags: Vec<Flag>,
    /// When it was received; now, where nothing is said.
    pub received: Option<Timestamp>,
    /// The octets: lines that end with CRLF, without NUL. A stream that ends before `size`, goes on after it or fails, puts
    /// nothing in.
    pub octets: ByteStream,
}

impl fmt::Debug for NewMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "NewMessage({} octets)", self.size)
    }
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Appended {
    /// Where it is: UIDVALIDITY and UID; `None` where the store does not say (RFC 4315 §3).
    pub place: Option<(u32, u32)>,
}
